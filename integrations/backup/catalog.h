// The list of all backups and of who has them, in data/state.db.
//
// The truth lies on the agents; the catalog is what was last seen of it, so that a list
// needs no network. Losing it costs nothing: refreshing builds it again.
//
// Main thread.

#pragma once

#include "automation/core/statedatabase.h"
#include "integrations/backup/agentbackup.h"

#include <QMap>
#include <QSet>

#include <optional>

namespace hubkeep::backup {

// How one agent stores a backup.
struct StoredCopy
{
    QString filename;
    qint64 size = 0;
    QString sha256;
    bool isProtected = false;

    bool operator==(const StoredCopy &) const = default;
};

StoredCopy copyOf(const AgentBackup &backup);

// One that nobody has is owed to failedAgents: the hub was killed before it reached any of them.
struct CatalogEntry
{
    AgentBackup backup; // as the first agent that has it tells it
    QMap<QString, StoredCopy> agents; // by agent id
    QStringList failedAgents; // those that should have it and do not
    QStringList damagedAgents {}; // those whose copy the last proof found damaged
    QStringList sealedAgents {}; // those that may have it encrypted only
    QStringList leavingAgents {}; // those where this hub is deleting it

    // Besides those that were found damaged.
    QStringList soundAgents() const;
    // What the file there should have; empty: it is not known.
    QString sha256On(const QString &agentId) const;

    bool operator==(const CatalogEntry &) const = default;
};

// An element of GET /api/v1/backup.
QJsonObject toJson(const CatalogEntry &entry);

class Catalog
{
public:
    // state must outlive the catalog.
    static Result<std::unique_ptr<Catalog>> open(StateDatabase &state);

    QList<CatalogEntry> all() const; // newest first
    // By id or by file name.
    std::optional<CatalogEntry> find(const QString &idOrFilename) const;

    Result<void> save(const CatalogEntry &entry); // adds or replaces
    Result<void> remove(const BackupId &id);

    // Notes, before the first byte is sent and after each agent that has it, who is still to get
    // a backup. Until then it is in no list; what a hub left that was killed meanwhile is in the
    // next one's.
    Result<void> noteUpload(const CatalogEntry &entry);
    Result<void> endUpload(const BackupId &id);
    bool isUploading(const BackupId &id) const { return m_uploads.contains(id); }

    // Notes, before they are deleted, which copies leave an agent.
    Result<void> noteLeaving(const QString &agentId, const QList<BackupId> &ids);

    struct Vanished
    {
        BackupId id;
        bool isMissed = false; // there from now on, in failedAgents
        QStringList others; // who has it still
    };
    // Takes over what an agent lists: new backups come, its copies of those that it has no
    // more go, and with the last copy the entry. What of this hub's backups (instanceId; empty:
    // of nobody's) is gone although it did not delete it is told, and missed there where it is
    // its newest automatic one and another agent has it.
    Result<QList<Vanished>> refresh(
        const QString &agentId, const QList<AgentBackup> &listed, const QString &instanceId = {});

private:
    explicit Catalog(StateDatabase &state)
        : m_state(state)
    {
    }
    Result<void> load();
    Result<void> takeCutOffUploads();
    Result<QList<Vanished>> takeGone(
        const QString &agentId, const QSet<BackupId> &seen, const QString &instanceId);

    StateDatabase &m_state;
    QMap<BackupId, CatalogEntry> m_entries; // ids rise with time
    QSet<BackupId> m_uploads;
};

} // namespace hubkeep::backup
