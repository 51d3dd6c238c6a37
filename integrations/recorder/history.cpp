#include "integrations/recorder/history.h"

#include <QCryptographicHash>
#include <QJsonDocument>

#include <limits>

namespace hubkeep::recorder {
namespace {

constexpr qsizetype rememberedAttributes = 1000;

const QStringList tables { QStringLiteral(
    "CREATE TABLE entities (id INTEGER PRIMARY KEY, entity_id TEXT NOT NULL UNIQUE);\n"
    "CREATE TABLE attributes (id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, json TEXT NOT NULL);\n"
    "CREATE INDEX attributes_by_hash ON attributes (hash);\n"
    "CREATE TABLE states (id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "entity INTEGER NOT NULL REFERENCES entities (id), state TEXT, "
    "attributes INTEGER REFERENCES attributes (id), changed INTEGER NOT NULL, "
    "updated INTEGER NOT NULL, context TEXT, context_parent TEXT, context_user TEXT);\n"
    "CREATE INDEX states_by_entity ON states (entity, updated);\n"
    "CREATE INDEX states_by_time ON states (updated);\n"
    "CREATE INDEX states_by_attributes ON states (attributes)") };

QVariant textOrNull(const QString &text)
{
    return text.isEmpty() ? QVariant() : QVariant(text);
}

QDateTime fromMilliseconds(const QVariant &value)
{
    return QDateTime::fromMSecsSinceEpoch(value.toLongLong(), Qt::UTC);
}

// As Home Assistant: what is only of that moment is not kept.
QByteArray recordedAttributes(const State &state)
{
    QVariantMap attributes = state.attributes;
    if (domainOf(state.entityId) == QLatin1String("event")) {
        attributes.remove(QStringLiteral("backup_stage"));
        attributes.remove(QStringLiteral("failed_reason"));
    }
    return QJsonDocument(QJsonObject::fromVariantMap(attributes)).toJson(QJsonDocument::Compact);
}

qint64 hashOf(const QByteArray &json)
{
    const QByteArray digest = QCryptographicHash::hash(json, QCryptographicHash::Sha256);
    qint64 hash = 0;
    std::memcpy(&hash, digest.constData(), sizeof hash);
    return hash;
}

State stateOf(const QString &entityId, const QSqlQuery &row)
{
    return { entityId, row.value(0).toString(),
        QJsonDocument::fromJson(row.value(1).toString().toUtf8()).object().toVariantMap(),
        fromMilliseconds(row.value(2)), fromMilliseconds(row.value(3)),
        { row.value(4).toString(), row.value(5).toString(), row.value(6).toString() } };
}

} // namespace

Result<std::unique_ptr<History>> History::open(const QString &path)
{
    Result<std::unique_ptr<StateDatabase>> database = StateDatabase::open(path);
    if (!database)
        return database.error();
    for (const char *pragma : { "PRAGMA synchronous = NORMAL", "PRAGMA secure_delete = OFF" }) {
        const Result<QSqlQuery> done = (*database)->run(QString::fromLatin1(pragma));
        if (!done)
            return done.error();
    }
    const Result<void> done = (*database)->migrate(QStringLiteral("recorder"), tables);
    if (!done)
        return done.error();
    return std::unique_ptr<History>(new History(std::move(*database)));
}

Result<void> History::write(std::span<const RecordedChange> changes)
{
    const Result<void> done = m_database->inTransaction([&]() -> Result<void> {
        Result<QSqlQuery> insert = m_database->prepare(QStringLiteral(
            "INSERT INTO states (entity, state, attributes, changed, updated, "
            "context, context_parent, context_user) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
        if (!insert)
            return insert.error();
        for (const RecordedChange &recorded : changes) {
            const Result<void> written = writeOne(*insert, recorded);
            if (!written)
                return written;
        }
        return {};
    });
    if (!done) { // the keys may have been rolled back
        m_entities.clear();
        m_attributes.clear();
    }
    return done;
}

Result<void> History::writeOne(QSqlQuery &insert, const RecordedChange &recorded)
{
    const Result<qint64> entity = entityKey(recorded.change->entityId);
    if (!entity)
        return entity.error();
    const std::optional<State> &state = recorded.change->newState;
    if (!state) {
        const qint64 time = recorded.time.toMSecsSinceEpoch();
        return m_database->execute(insert,
            { *entity, QVariant(), QVariant(), time, time, QVariant(), QVariant(), QVariant() });
    }
    const Result<qint64> attributes = attributesKey(*state);
    if (!attributes)
        return attributes.error();
    return m_database->execute(insert,
        { *entity, state->value.isNull() ? QStringLiteral("") : state->value, *attributes,
            state->lastChanged.toMSecsSinceEpoch(), state->lastUpdated.toMSecsSinceEpoch(),
            textOrNull(state->context.id), textOrNull(state->context.parentId),
            textOrNull(state->context.userId) });
}

Result<qint64> History::entityKey(const QString &entityId)
{
    const auto known = m_entities.constFind(entityId);
    if (known != m_entities.constEnd())
        return *known;
    Result<QSqlQuery> row = m_database->run(
        QStringLiteral("SELECT id FROM entities WHERE entity_id = ?"), { entityId });
    if (!row)
        return row.error();
    qint64 key = 0;
    if (row->next()) {
        key = row->value(0).toLongLong();
    } else {
        const Result<QSqlQuery> added = m_database->run(
            QStringLiteral("INSERT INTO entities (entity_id) VALUES (?)"), { entityId });
        if (!added)
            return added.error();
        key = added->lastInsertId().toLongLong();
    }
    m_entities.insert(entityId, key);
    return key;
}

Result<qint64> History::attributesKey(const State &state)
{
    const QByteArray json = recordedAttributes(state);
    const auto known = m_attributes.constFind(json);
    if (known != m_attributes.constEnd())
        return *known;
    const QString text = QString::fromUtf8(json);
    Result<QSqlQuery> row
        = m_database->run(QStringLiteral("SELECT id FROM attributes WHERE hash = ? AND json = ?"),
            { hashOf(json), text });
    if (!row)
        return row.error();
    qint64 key = 0;
    if (row->next()) {
        key = row->value(0).toLongLong();
    } else {
        const Result<QSqlQuery> added
            = m_database->run(QStringLiteral("INSERT INTO attributes (hash, json) VALUES (?, ?)"),
                { hashOf(json), text });
        if (!added)
            return added.error();
        key = added->lastInsertId().toLongLong();
    }
    if (m_attributes.size() >= rememberedAttributes)
        m_attributes.clear();
    m_attributes.insert(json, key);
    return key;
}

Result<QList<QList<State>>> History::states(
    QStringList entityIds, const QDateTime &from, const QDateTime &to)
{
    if (entityIds.isEmpty()) {
        Result<QSqlQuery> row
            = m_database->run(QStringLiteral("SELECT entity_id FROM entities ORDER BY entity_id"));
        if (!row)
            return row.error();
        while (row->next())
            entityIds.append(row->value(0).toString());
    }
    QList<QList<State>> all;
    for (const QString &entityId : entityIds) {
        const Result<QList<State>> found = statesOf(entityId, from, to);
        if (!found)
            return found.error().in(QStringLiteral("Reading the history of %1").arg(entityId));
        all.append(*found);
    }
    return all;
}

Result<QList<State>> History::statesOf(
    const QString &entityId, const QDateTime &from, const QDateTime &to)
{
    const QString columns
        = QStringLiteral("SELECT state, json, changed, updated, context, context_parent, "
                         "context_user FROM states LEFT JOIN attributes "
                         "ON attributes.id = states.attributes "
                         "WHERE entity = (SELECT id FROM entities WHERE entity_id = ?) ");
    const qint64 begin = from.isValid() ? from.toMSecsSinceEpoch() : 0;
    const qint64 end = to.isValid() ? to.toMSecsSinceEpoch() : std::numeric_limits<qint64>::max();
    QList<State> states;
    Result<QSqlQuery> first = m_database->run(
        columns + QStringLiteral("AND updated <= ? ORDER BY updated DESC, states.id DESC LIMIT 1"),
        { entityId, begin });
    if (!first)
        return first.error();
    if (first->next() && !first->value(0).isNull() && begin < end)
        states.append(stateOf(entityId, *first));
    Result<QSqlQuery> row = m_database->run(columns
            + QStringLiteral("AND updated > ? AND updated < ? AND state IS NOT NULL "
                             "ORDER BY updated, states.id"),
        { entityId, begin, end });
    if (!row)
        return row.error();
    while (row->next())
        states.append(stateOf(entityId, *row));
    return states;
}

Result<int> History::purge(const QDateTime &time, int limit)
{
    const qint64 before = time.toMSecsSinceEpoch();
    int deleted = 0;
    const Result<void> done = m_database->inTransaction([&]() -> Result<void> {
        // Oldest first: an entity's removal goes after what it ended.
        const Result<QSqlQuery> states = m_database->run(
            QStringLiteral("DELETE FROM states WHERE id IN (SELECT id FROM states "
                           "AS old WHERE updated < ? AND (state IS NULL OR EXISTS "
                           "(SELECT 1 FROM states AS next WHERE next.entity = "
                           "old.entity AND next.updated < ? AND next.id > old.id)) "
                           "ORDER BY updated, id LIMIT ?)"),
            { before, before, limit });
        if (!states)
            return states.error();
        deleted = states->numRowsAffected();
        if (deleted == 0 || deleted == limit)
            return {};
        const Result<QSqlQuery> attributes = m_database->run(
            QStringLiteral("DELETE FROM attributes WHERE NOT EXISTS (SELECT 1 FROM states WHERE "
                           "states.attributes = attributes.id)"));
        m_attributes.clear();
        return attributes ? Result<void>() : attributes.error();
    });
    if (!done)
        return done.error().in(QStringLiteral("Deleting what is too old in the history"));
    return deleted;
}

} // namespace hubkeep::recorder
