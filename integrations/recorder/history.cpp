#include "integrations/recorder/history.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonDocument>

#include <cstring>
#include <sys/stat.h>

namespace hubkeep::recorder {
namespace {

constexpr qsizetype rememberedKeys = 1000;

const QStringList tables {
    QStringLiteral(
        "CREATE TABLE entities (id INTEGER PRIMARY KEY, entity_id TEXT NOT NULL UNIQUE);\n"
        "CREATE TABLE attributes (id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, json TEXT NOT "
        "NULL);\n"
        "CREATE INDEX attributes_by_hash ON attributes (hash);\n"
        "CREATE TABLE states (id INTEGER PRIMARY KEY AUTOINCREMENT, "
        "entity INTEGER NOT NULL REFERENCES entities (id), state TEXT, "
        "attributes INTEGER REFERENCES attributes (id), changed INTEGER NOT NULL, "
        "updated INTEGER NOT NULL, context TEXT, context_parent TEXT, context_user TEXT);\n"
        "CREATE INDEX states_by_entity ON states (entity, updated);\n"
        "CREATE INDEX states_by_time ON states (updated);\n"
        "CREATE INDEX states_by_attributes ON states (attributes)"),
    QStringLiteral("ALTER TABLE states ADD COLUMN value_changed INTEGER NOT NULL DEFAULT 1;\n"
                   "CREATE TABLE event_types (id INTEGER PRIMARY KEY, type TEXT NOT NULL UNIQUE);\n"
                   "CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, "
                   "type INTEGER NOT NULL REFERENCES event_types (id), data TEXT NOT NULL, "
                   "fired INTEGER NOT NULL, after_state INTEGER NOT NULL, "
                   "context TEXT, context_parent TEXT, context_user TEXT);\n"
                   "CREATE INDEX events_by_time ON events (fired)"),
};

QVariant textOrNull(const QString &text)
{
    return text.isEmpty() ? QVariant() : QVariant(text);
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

} // namespace

History::FileId History::fileAt(const QString &path)
{
    struct stat status
    {
    };
    if (::stat(QFile::encodeName(path).constData(), &status) != 0)
        return {};
    return { status.st_dev, status.st_ino };
}

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
    Result<QSqlQuery> last
        = (*database)->run(QStringLiteral("SELECT coalesce(max(id), 0) FROM states"));
    if (!last)
        return last.error();
    std::unique_ptr<History> history(new History(std::move(*database), fileAt(path)));
    history->m_lastState = last->next() ? last->value(0).toLongLong() : 0;
    return history;
}

bool History::isInPlace() const
{
    return fileAt(m_database->path()) == m_file;
}

Result<void> History::write(std::span<const Event> events)
{
    const Result<void> done = m_database->inTransaction([&]() -> Result<void> {
        Result<QSqlQuery> state = m_database->prepare(QStringLiteral(
            "INSERT INTO states (entity, state, attributes, changed, updated, value_changed, "
            "context, context_parent, context_user) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
        if (!state)
            return state.error();
        Result<QSqlQuery> other = m_database->prepare(
            QStringLiteral("INSERT INTO events (type, data, fired, after_state, context, "
                           "context_parent, context_user) VALUES (?, ?, ?, ?, ?, ?, ?)"));
        if (!other)
            return other.error();
        for (const Event &event : events) {
            const Result<void> written
                = event.change ? writeState(*state, event) : writeEvent(*other, event);
            if (!written)
                return written;
        }
        return {};
    });
    if (!done)
        forgetKeys(); // they may have been rolled back
    return done;
}

Result<bool> History::has(const State &state)
{
    Result<QSqlQuery> row
        = m_database->run(QStringLiteral("SELECT 1 FROM states WHERE updated >= ? AND entity = "
                                         "(SELECT id FROM entities WHERE entity_id = ?) LIMIT 1"),
            { state.lastUpdated.toMSecsSinceEpoch(), state.entityId });
    if (!row)
        return row.error();
    return row->next();
}

void History::forgetKeys()
{
    m_entities.clear();
    m_eventTypes.clear();
    m_attributes.clear();
}

Result<void> History::writeState(QSqlQuery &insert, const Event &event)
{
    const StateChange &change = *event.change;
    const Result<qint64> entity = key(m_entities, "entities", "entity_id", change.entityId);
    if (!entity)
        return entity.error();
    const std::optional<State> &state = change.newState;
    if (!state) {
        const qint64 time = event.timeFired.toMSecsSinceEpoch();
        return m_database->execute(insert,
            { *entity, QVariant(), QVariant(), time, time, 0, QVariant(), QVariant(), QVariant() });
    }
    const Result<qint64> attributes = attributesKey(*state);
    if (!attributes)
        return attributes.error();
    const bool valueChanged = change.oldState && change.oldState->value != state->value;
    const Result<void> done = m_database->execute(insert,
        { *entity, state->value.isNull() ? QStringLiteral("") : state->value, *attributes,
            state->lastChanged.toMSecsSinceEpoch(), state->lastUpdated.toMSecsSinceEpoch(),
            int(valueChanged), textOrNull(state->context.id), textOrNull(state->context.parentId),
            textOrNull(state->context.userId) });
    if (done)
        m_lastState = insert.lastInsertId().toLongLong();
    return done;
}

Result<void> History::writeEvent(QSqlQuery &insert, const Event &event)
{
    const Result<qint64> type = key(m_eventTypes, "event_types", "type", event.type);
    if (!type)
        return type.error();
    QByteArray data
        = QJsonDocument(QJsonObject::fromVariantMap(event.data)).toJson(QJsonDocument::Compact);
    if (data.size() > largestEventData) {
        m_tooLarge.append(event.type);
        data = "{}";
    }
    return m_database->execute(insert,
        { *type, QString::fromUtf8(data), event.timeFired.toMSecsSinceEpoch(), m_lastState,
            textOrNull(event.context.id), textOrNull(event.context.parentId),
            textOrNull(event.context.userId) });
}

// Of a text that each table has once.
Result<qint64> History::key(
    QHash<QString, qint64> &known, const char *table, const char *column, const QString &text)
{
    const auto found = known.constFind(text);
    if (found != known.constEnd())
        return *found;
    const QLatin1String names[] { QLatin1String(table), QLatin1String(column) };
    Result<QSqlQuery> row = m_database->run(
        QStringLiteral("SELECT id FROM %1 WHERE %2 = ?").arg(names[0], names[1]), { text });
    if (!row)
        return row.error();
    qint64 id = 0;
    if (row->next()) {
        id = row->value(0).toLongLong();
    } else {
        const Result<QSqlQuery> added = m_database->run(
            QStringLiteral("INSERT INTO %1 (%2) VALUES (?)").arg(names[0], names[1]), { text });
        if (!added)
            return added.error();
        id = added->lastInsertId().toLongLong();
    }
    if (known.size() >= 10 * rememberedKeys)
        known.clear();
    known.insert(text, id);
    return id;
}

Result<qint64> History::attributesKey(const State &state)
{
    QByteArray json = recordedAttributes(state);
    if (json.size() > largestAttributes) {
        m_tooLarge.append(state.entityId);
        json = "{}";
    }
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
    if (m_attributes.size() >= rememberedKeys)
        m_attributes.clear();
    m_attributes.insert(json, key);
    return key;
}

Result<int> History::purge(const QDateTime &time, int limit)
{
    const qint64 before = time.toMSecsSinceEpoch();
    int deleted = 0;
    const Result<void> done = m_database->inTransaction([&]() -> Result<void> {
        const Result<QSqlQuery> events = m_database->run(
            QStringLiteral("DELETE FROM events WHERE id IN "
                           "(SELECT id FROM events WHERE fired < ? ORDER BY fired, id LIMIT ?)"),
            { before, limit });
        if (!events)
            return events.error();
        deleted = events->numRowsAffected(); // of the connection's last statement, so at once
        const Result<int> states = purgeStates(before, limit - deleted);
        if (!states)
            return states.error();
        deleted += *states;
        return {};
    });
    if (!done)
        return done.error().in(QStringLiteral("Deleting what is too old in the history"));
    return deleted;
}

Result<int> History::purgeStates(qint64 before, int limit)
{
    // Oldest first: an entity's removal goes after what it ended.
    const Result<QSqlQuery> states
        = m_database->run(QStringLiteral("DELETE FROM states WHERE id IN (SELECT id FROM states "
                                         "AS old WHERE updated < ? AND (state IS NULL OR EXISTS "
                                         "(SELECT 1 FROM states AS next WHERE next.entity = "
                                         "old.entity AND next.updated < ? AND next.id > old.id)) "
                                         "ORDER BY updated, id LIMIT ?)"),
            { before, before, limit });
    if (!states)
        return states.error();
    const int deleted = states->numRowsAffected();
    if (deleted == 0 || deleted == limit)
        return deleted;
    m_attributes.clear();
    const Result<QSqlQuery> attributes = m_database->run(
        QStringLiteral("DELETE FROM attributes WHERE NOT EXISTS (SELECT 1 FROM states WHERE "
                       "states.attributes = attributes.id)"));
    if (!attributes)
        return attributes.error();
    return deleted;
}

} // namespace hubkeep::recorder
