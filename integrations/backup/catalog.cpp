#include "integrations/backup/catalog.h"

#include "integrations/backup/pruning.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>

#include <algorithm>

namespace hubkeep::backup {
namespace {

QLatin1String key(const char *name)
{
    return QLatin1String(name);
}

// As it is kept, all of it.
QByteArray toDocument(const CatalogEntry &entry)
{
    QJsonObject agents;
    for (auto copy = entry.agents.begin(); copy != entry.agents.end(); ++copy)
        agents.insert(copy.key(),
            QJsonObject { { key("filename"), copy->filename }, { key("size"), copy->size },
                { key("sha256"), copy->sha256 }, { key("protected"), copy->isProtected } });
    return QJsonDocument(
        QJsonObject { { key("backup"), toJson(entry.backup) }, { key("agents"), agents },
            { key("failed_agents"), QJsonArray::fromStringList(entry.failedAgents) },
            { key("damaged_agents"), QJsonArray::fromStringList(entry.damagedAgents) },
            { key("sealed_agents"), QJsonArray::fromStringList(entry.sealedAgents) },
            { key("leaving_agents"), QJsonArray::fromStringList(entry.leavingAgents) } })
        .toJson(QJsonDocument::Compact);
}

Result<CatalogEntry> fromDocument(const QByteArray &document)
{
    const QJsonObject o = QJsonDocument::fromJson(document).object();
    const Result<AgentBackup> backup
        = agentBackupFromJson(QJsonDocument(o.value(key("backup")).toObject()).toJson());
    if (!backup)
        return backup.error();
    CatalogEntry entry { *backup, {}, {} };
    const QJsonObject agents = o.value(key("agents")).toObject();
    for (auto agent = agents.begin(); agent != agents.end(); ++agent) {
        const QJsonObject copy = agent->toObject();
        entry.agents.insert(agent.key(),
            { copy.value(key("filename")).toString(), copy.value(key("size")).toInteger(),
                copy.value(key("sha256")).toString(), copy.value(key("protected")).toBool() });
    }
    for (const QJsonValue &agent : o.value(key("failed_agents")).toArray())
        entry.failedAgents.append(agent.toString());
    for (const QJsonValue &agent : o.value(key("damaged_agents")).toArray())
        entry.damagedAgents.append(agent.toString());
    for (const QJsonValue &agent : o.value(key("sealed_agents")).toArray())
        entry.sealedAgents.append(agent.toString());
    for (const QJsonValue &agent : o.value(key("leaving_agents")).toArray())
        entry.leavingAgents.append(agent.toString());
    return entry;
}

// What agentId lists, taken into the entry, which may be new.
CatalogEntry withListed(
    std::optional<CatalogEntry> known, const QString &agentId, const AgentBackup &listed)
{
    CatalogEntry entry = known.value_or(CatalogEntry { listed, {}, {} });
    const bool isOnlyCopy
        = entry.agents.isEmpty() || (entry.agents.size() == 1 && entry.agents.contains(agentId));
    const QDateTime verified = std::max(entry.backup.verified, listed.verified);
    const AgentBackup before = entry.backup;
    if (isOnlyCopy)
        entry.backup = listed;
    // Without its document, what is encrypted says nothing of this.
    if (entry.backup.sourceCounts.isEmpty()) {
        entry.backup.plan = before.plan;
        entry.backup.sourceCounts = before.sourceCounts;
    }
    // What an agent says of the day it got it is no answer to damage that was found since.
    entry.backup.verified = entry.damagedAgents.isEmpty() ? verified : QDateTime();
    StoredCopy copy = copyOf(listed);
    // An archive without a document does not say it; it is the same file all the same.
    const StoredCopy stored = entry.agents.value(agentId);
    if (copy.sha256.isEmpty() && stored.size == copy.size)
        copy.sha256 = stored.sha256;
    entry.agents.insert(agentId, copy);
    entry.failedAgents.removeAll(agentId);
    return entry;
}

} // namespace

QStringList CatalogEntry::soundAgents() const
{
    QStringList sound = agents.keys();
    sound.removeIf([this](const QString &agent) { return damagedAgents.contains(agent); });
    return sound;
}

// Of one copy alone the entry tells; several may differ, encrypted and plain.
QString CatalogEntry::sha256On(const QString &agentId) const
{
    const StoredCopy copy = agents.value(agentId);
    const bool isThatFile = copy.filename == backup.filename && copy.size == backup.size;
    return copy.sha256.isEmpty() && isThatFile ? backup.sha256 : copy.sha256;
}

StoredCopy copyOf(const AgentBackup &backup)
{
    return { backup.filename, backup.size, backup.sha256, backup.isProtected };
}

QJsonObject toJson(const CatalogEntry &entry)
{
    const AgentBackup &b = entry.backup;
    QJsonObject agents;
    for (auto copy = entry.agents.begin(); copy != entry.agents.end(); ++copy)
        agents.insert(copy.key(),
            QJsonObject { { key("size"), copy->size }, { key("protected"), copy->isProtected } });
    return { { key("backup_id"), b.id }, { key("kind"), toJson(b).value(key("kind")) },
        { key("filename"), b.filename }, { key("size"), b.size },
        { key("created_at"), toRfc3339(b.created) }, { key("name"), b.name },
        { key("automatic"), b.automatic }, { key("protected"), b.isProtected },
        { key("agents"), agents },
        { key("failed_agents"), QJsonArray::fromStringList(entry.failedAgents) },
        { key("verified_at"),
            b.verified.isValid() ? QJsonValue(toRfc3339(b.verified)) : QJsonValue() } };
}

Result<std::unique_ptr<Catalog>> Catalog::open(StateDatabase &state)
{
    std::unique_ptr<Catalog> catalog(new Catalog(state));
    const Result<void> migrated = state.migrate(QStringLiteral("catalog"),
        { QStringLiteral("CREATE TABLE backups (backup_id TEXT PRIMARY KEY, "
                         "document TEXT NOT NULL) WITHOUT ROWID"),
            QStringLiteral("CREATE TABLE backup_uploads (backup_id TEXT PRIMARY KEY, "
                           "document TEXT NOT NULL) WITHOUT ROWID") });
    if (!migrated)
        return migrated.error();
    Result<void> loaded = catalog->load();
    if (loaded)
        loaded = catalog->takeCutOffUploads();
    if (!loaded)
        return loaded.error().in(QStringLiteral("Reading the catalog of backups"));
    return catalog;
}

// A row that cannot be read comes back from the agents.
Result<void> Catalog::load()
{
    Result<QSqlQuery> rows = m_state.run(QStringLiteral("SELECT document FROM backups"));
    if (!rows)
        return rows.error();
    while (rows->next()) {
        const Result<CatalogEntry> entry = fromDocument(rows->value(0).toByteArray());
        if (entry)
            m_entries.insert(entry->backup.id, *entry);
    }
    return {};
}

QList<CatalogEntry> Catalog::all() const
{
    QList<CatalogEntry> entries = m_entries.values();
    std::reverse(entries.begin(), entries.end());
    std::stable_sort(entries.begin(), entries.end(),
        [](const auto &a, const auto &b) { return a.backup.created > b.backup.created; });
    return entries;
}

std::optional<CatalogEntry> Catalog::find(const QString &idOrFilename) const
{
    const auto found = m_entries.find(idOrFilename);
    if (found != m_entries.end())
        return *found;
    for (const CatalogEntry &entry : m_entries) {
        const auto hasName = [&](const StoredCopy &copy) { return copy.filename == idOrFilename; };
        if (entry.backup.filename == idOrFilename
            || std::any_of(entry.agents.begin(), entry.agents.end(), hasName))
            return entry;
    }
    return {};
}

Result<void> Catalog::save(const CatalogEntry &entry)
{
    const auto known = m_entries.find(entry.backup.id);
    if (known != m_entries.end() && *known == entry)
        return {};
    const Result<QSqlQuery> done = m_state.run(
        QStringLiteral("INSERT INTO backups (backup_id, document) VALUES (?, ?) "
                       "ON CONFLICT (backup_id) DO UPDATE SET document = excluded.document"),
        { entry.backup.id, QString::fromUtf8(toDocument(entry)) });
    if (!done)
        return done.error().in(QStringLiteral("Writing %1 into the catalog").arg(entry.backup.id));
    m_entries.insert(entry.backup.id, entry);
    return {};
}

Result<void> Catalog::remove(const BackupId &id)
{
    const Result<QSqlQuery> done
        = m_state.run(QStringLiteral("DELETE FROM backups WHERE backup_id = ?"), { id });
    if (!done)
        return done.error().in(QStringLiteral("Removing %1 from the catalog").arg(id));
    m_entries.remove(id);
    return {};
}

Result<void> Catalog::noteUpload(const CatalogEntry &entry)
{
    const Result<QSqlQuery> done = m_state.run(
        QStringLiteral("INSERT INTO backup_uploads (backup_id, document) VALUES (?, ?) "
                       "ON CONFLICT (backup_id) DO UPDATE SET document = excluded.document"),
        { entry.backup.id, QString::fromUtf8(toDocument(entry)) });
    if (!done)
        return done.error().in(
            QStringLiteral("Noting in the catalog who gets %1").arg(entry.backup.id));
    m_uploads.insert(entry.backup.id);
    return {};
}

Result<void> Catalog::endUpload(const BackupId &id)
{
    if (!m_uploads.remove(id))
        return {};
    const Result<QSqlQuery> done
        = m_state.run(QStringLiteral("DELETE FROM backup_uploads WHERE backup_id = ?"), { id });
    return done ? Result<void>()
                : done.error().in(QStringLiteral("Noting in the catalog who got %1").arg(id));
}

// What was known of the backup before is more than the note says.
Result<void> Catalog::takeCutOffUploads()
{
    QList<CatalogEntry> notes;
    Result<QSqlQuery> rows = m_state.run(QStringLiteral("SELECT document FROM backup_uploads"));
    if (!rows)
        return rows.error();
    while (rows->next()) {
        const Result<CatalogEntry> note = fromDocument(rows->value(0).toByteArray());
        if (note)
            notes.append(*note);
    }
    rows->finish();
    return m_state.inTransaction([&]() -> Result<void> {
        for (const CatalogEntry &note : std::as_const(notes)) {
            const auto known = m_entries.constFind(note.backup.id);
            CatalogEntry entry = known == m_entries.cend() ? note : *known;
            for (auto copy = note.agents.begin(); copy != note.agents.end(); ++copy) {
                if (!entry.agents.contains(copy.key()))
                    entry.agents.insert(copy.key(), *copy);
            }
            for (const QString &agent : note.failedAgents) {
                if (!entry.agents.contains(agent) && !entry.failedAgents.contains(agent))
                    entry.failedAgents.append(agent);
            }
            const Result<void> saved = save(entry);
            if (!saved)
                return saved;
        }
        const Result<QSqlQuery> done = m_state.run(QStringLiteral("DELETE FROM backup_uploads"));
        return done ? Result<void>() : Result<void>(done.error());
    });
}

Result<void> Catalog::noteLeaving(const QString &agentId, const QList<BackupId> &ids)
{
    return m_state.inTransaction([&]() -> Result<void> {
        for (const BackupId &id : ids) {
            const auto known = m_entries.constFind(id);
            if (known == m_entries.cend() || known->leavingAgents.contains(agentId))
                continue;
            CatalogEntry entry = *known;
            entry.leavingAgents.append(agentId);
            const Result<void> saved = save(entry);
            if (!saved)
                return saved;
        }
        return {};
    });
}

// The agent's copies of what was not seen there.
Result<QList<Catalog::Vanished>> Catalog::takeGone(
    const QString &agentId, const QSet<BackupId> &seen, const QString &instanceId)
{
    QList<Vanished> vanished;
    const std::optional<CatalogEntry> newest = newestAutomatic(all(), instanceId);
    const QList<CatalogEntry> entries = m_entries.values();
    for (CatalogEntry entry : entries) {
        if (seen.contains(entry.backup.id) || !entry.agents.contains(agentId))
            continue;
        const StoredCopy copy = entry.agents.take(agentId);
        const bool wasDeleted = entry.leavingAgents.removeAll(agentId) > 0;
        entry.damagedAgents.removeAll(agentId);
        if (!wasDeleted && !instanceId.isEmpty() && entry.backup.instanceId == instanceId) {
            const bool isMissed
                = newest && newest->backup.id == entry.backup.id && !entry.soundAgents().isEmpty();
            vanished.append({ entry.backup.id, isMissed, entry.agents.keys() });
            if (isMissed && !entry.failedAgents.contains(agentId))
                entry.failedAgents.append(agentId);
            if (isMissed && copy.isProtected && !entry.sealedAgents.contains(agentId))
                entry.sealedAgents.append(agentId);
        }
        const Result<void> changed = entry.agents.isEmpty() ? remove(entry.backup.id) : save(entry);
        if (!changed)
            return changed.error();
    }
    return vanished;
}

Result<QList<Catalog::Vanished>> Catalog::refresh(
    const QString &agentId, const QList<AgentBackup> &listed, const QString &instanceId)
{
    const QMap<BackupId, CatalogEntry> before = m_entries;
    QList<Vanished> vanished;
    const Result<void> done = m_state.inTransaction([&]() -> Result<void> {
        QSet<BackupId> seen;
        for (const AgentBackup &backup : listed) {
            const auto known = m_entries.find(backup.id);
            const Result<void> saved = save(withListed(
                known == m_entries.end() ? std::nullopt : std::optional<CatalogEntry>(*known),
                agentId, backup));
            if (!saved)
                return saved;
            seen.insert(backup.id);
        }
        Result<QList<Vanished>> gone = takeGone(agentId, seen, instanceId);
        if (!gone)
            return gone.error();
        vanished = std::move(*gone);
        return {};
    });
    if (done)
        return vanished;
    m_entries = before;
    return done.error();
}

} // namespace hubkeep::backup
