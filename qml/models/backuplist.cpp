#include "qml/models/backuplist.h"

#include <QLocale>

#include <algorithm>
#include <map>

namespace hubkeep::desktop {

void BackupList::set(const QJsonArray &backups)
{
    QList<Row> rows;
    rows.reserve(backups.size());
    for (const QJsonValue &value : backups) {
        const QJsonObject json = value.toObject();
        Row row;
        row.id = json[u"backup_id"].toString();
        row.created = QDateTime::fromString(json[u"created_at"].toString(), Qt::ISODateWithMs)
                          .toLocalTime();
        row.haystack = row.id + u'\n' + json[u"name"].toString() + u'\n'
            + json[u"agents"].toObject().keys().join(u'\n');
        row.haystack = row.haystack.toCaseFolded();
        row.json = json;
        rows.append(std::move(row));
    }
    std::stable_sort(
        rows.begin(), rows.end(), [](const Row &a, const Row &b) { return a.created > b.created; });
    if (rows == m_all)
        return;

    // One that came on top and one that went are by far the commonest changes; they keep the view
    // still.
    if (rows.size() == m_all.size() + 1 && std::equal(m_all.begin(), m_all.end(), rows.begin() + 1)
        && matches(rows.first())) {
        beginInsertRows({}, 0, 0);
        m_all = std::move(rows);
        for (int &row : m_rows)
            ++row;
        m_rows.prepend(0);
        endInsertRows();
    } else {
        beginResetModel();
        m_all = std::move(rows);
        show();
        endResetModel();
    }
    emit countChanged();
}

bool BackupList::matches(const Row &row) const
{
    if (!m_search.isEmpty() && !row.haystack.contains(m_search.toCaseFolded()))
        return false;
    switch (m_filter) {
    case All:
        return true;
    case Automatic:
        return row.json[u"automatic"].toBool();
    case Manual:
        return !row.json[u"automatic"].toBool();
    case Encrypted:
        return row.json[u"protected"].toBool();
    case NotVerified:
        return row.json[u"verified_at"].isNull();
    case Incomplete:
        return !row.json[u"failed_agents"].toArray().isEmpty();
    }
    return true;
}

void BackupList::show()
{
    m_rows.clear();
    for (qsizetype i = 0; i < m_all.size(); ++i) {
        if (matches(m_all[i]))
            m_rows.append(int(i));
    }
}

void BackupList::setSearch(const QString &text)
{
    if (text == m_search)
        return;
    beginResetModel();
    m_search = text;
    show();
    endResetModel();
    emit searchChanged();
    emit countChanged();
}

void BackupList::setFilter(Filter filter)
{
    if (filter == m_filter)
        return;
    beginResetModel();
    m_filter = filter;
    show();
    endResetModel();
    emit filterChanged();
    emit countChanged();
}

QDateTime BackupList::newest() const
{
    return m_all.isEmpty() ? QDateTime() : m_all.first().created;
}

QJsonObject BackupList::backup(const QString &id) const
{
    const auto it
        = std::find_if(m_all.begin(), m_all.end(), [&](const Row &row) { return row.id == id; });
    return it == m_all.end() ? QJsonObject() : it->json;
}

QVariantList BackupList::agents() const
{
    struct Copies
    {
        int count = 0;
        double bytes = 0;
        QString newest;
        QString newestVerified;
    };
    std::map<QString, Copies> byAgent;
    for (const Row &row : m_all) { // newest first
        const QJsonObject agents = row.json[u"agents"].toObject();
        for (auto it = agents.begin(); it != agents.end(); ++it) {
            Copies &copies = byAgent[it.key()];
            ++copies.count;
            copies.bytes += it.value()[u"size"].toDouble();
            if (copies.newest.isEmpty())
                copies.newest = row.json[u"created_at"].toString();
            if (copies.newestVerified.isEmpty() && !row.json[u"verified_at"].isNull())
                copies.newestVerified = row.json[u"created_at"].toString();
        }
    }
    QVariantList list;
    for (const auto &[agent, copies] : byAgent) {
        list.append(QVariantMap { { QStringLiteral("agent"), agent },
            { QStringLiteral("count"), copies.count }, { QStringLiteral("bytes"), copies.bytes },
            { QStringLiteral("newest"), copies.newest },
            { QStringLiteral("newestVerified"), copies.newestVerified } });
    }
    return list;
}

QVariantList BackupList::sizes(int most) const
{
    QVariantList list;
    for (const Row &row : m_all) {
        if (list.size() == most)
            break;
        if (row.json[u"kind"].toString() != u"database") {
            list.prepend(QVariantMap { { QStringLiteral("backupId"), row.id },
                { QStringLiteral("created"), row.json[u"created_at"].toString() },
                { QStringLiteral("size"), row.json[u"size"].toDouble() } });
        }
    }
    return list;
}

QStringList BackupList::olderThan(const QString &id) const
{
    QStringList older;
    bool found = false;
    for (const Row &row : m_all) {
        if (found)
            older.append(row.id);
        found = found || row.id == id;
    }
    return older;
}

int BackupList::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : shown();
}

QVariant BackupList::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row &row = m_all[m_rows[index.row()]];
    switch (role) {
    case IdRole:
        return row.id;
    case Qt::DisplayRole:
    case NameRole:
        return row.json[u"name"].toString();
    case DayRole:
        return QLocale().toString(row.created.date(), QLocale::LongFormat);
    case CreatedRole:
        return row.json[u"created_at"].toString();
    case SizeRole:
        return row.json[u"size"].toDouble();
    case AutomaticRole:
        return row.json[u"automatic"].toBool();
    case ProtectedRole:
        return row.json[u"protected"].toBool();
    case VerifiedRole:
        return row.json[u"verified_at"].toString();
    case AgentsRole:
        return row.json[u"agents"].toObject().keys();
    case FailedAgentsRole:
        return row.json[u"failed_agents"].toArray().toVariantList();
    case KindRole:
        return row.json[u"kind"].toString();
    }
    return {};
}

QHash<int, QByteArray> BackupList::roleNames() const
{
    return { { IdRole, "backupId" }, { NameRole, "name" }, { DayRole, "day" },
        { CreatedRole, "created" }, { SizeRole, "size" }, { AutomaticRole, "automatic" },
        { ProtectedRole, "isProtected" }, { VerifiedRole, "verified" }, { AgentsRole, "agents" },
        { FailedAgentsRole, "failedAgents" }, { KindRole, "kind" } };
}

} // namespace hubkeep::desktop
