// What of an agent's backups may be deleted now: what retention says, where it is safe.
//
// An agent keeps all it has as long as it cannot be listed, and until it has the newest of this
// hub's automatic backups, verified: old backups do not go while new ones do not come. A backup
// that lacks sources counts as unverified, so the last one that has everything stays. And all of
// them stay while the newest is much smaller than those before it: see shrinkage.h.
//
// Pure functions; any thread.

#pragma once

#include "integrations/backup/catalog.h"
#include "integrations/backup/retentionpolicy.h"

namespace hubkeep::backup {

QList<RetentionBackup> retentionBackupsOf(
    const QList<CatalogEntry> &entries, const QString &instanceId);

// This hub's newest automatic backup.
std::optional<CatalogEntry> newestAutomatic(
    const QList<CatalogEntry> &entries, const QString &instanceId);

struct PruningQuestion
{
    QList<CatalogEntry> backups; // newest first
    QString instanceId; // this hub's
    RetentionRules rules;
    QMap<QString, QString> agentErrors; // what listing them failed with
    QDateTime now;
    QTimeZone zone;
};

// Oldest first, by agent; agents that lose nothing are absent.
QMap<QString, QList<BackupId>> surplusOf(const PruningQuestion &question);

} // namespace hubkeep::backup
