#include "integrations/backup/pruning.h"

#include "integrations/backup/shrinkage.h"

#include <QLoggingCategory>

#include <algorithm>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(pruningLog, "hubkeep.backup.retention")

bool isOwnAutomatic(const AgentBackup &backup, const QString &instanceId)
{
    return backup.kind == BackupKind::Archive && backup.automatic
        && backup.instanceId == instanceId;
}

bool isSoundOn(const CatalogEntry &entry, const QString &agent)
{
    return entry.agents.contains(agent) && entry.backup.verified.isValid()
        && !entry.damagedAgents.contains(agent);
}

} // namespace

QList<RetentionBackup> retentionBackupsOf(
    const QList<CatalogEntry> &entries, const QString &instanceId)
{
    QList<RetentionBackup> backups;
    for (const CatalogEntry &entry : entries) {
        RetentionBackup backup { entry.backup.id, entry.backup.created,
            isOwnAutomatic(entry.backup, instanceId), {} };
        for (const QString &agent : entry.agents.keys())
            backup.agents.insert(
                agent, isSoundOn(entry, agent) && entry.backup.failedSources.isEmpty());
        backups.append(backup);
    }
    return backups;
}

std::optional<CatalogEntry> newestAutomatic(
    const QList<CatalogEntry> &entries, const QString &instanceId)
{
    std::optional<CatalogEntry> newest;
    for (const CatalogEntry &entry : entries) {
        if (isOwnAutomatic(entry.backup, instanceId)
            && (!newest || entry.backup.created > newest->backup.created))
            newest = entry;
    }
    return newest;
}

QMap<QString, QList<BackupId>> surplusOf(const PruningQuestion &question)
{
    QMap<QString, QList<BackupId>> surplus;
    const std::optional<CatalogEntry> newest
        = newestAutomatic(question.backups, question.instanceId);
    if (!newest || question.rules.deletesNothing())
        return surplus;
    if (const auto shrinkage = shrinkageOf(question.backups, question.instanceId)) {
        qCWarning(pruningLog).noquote()
            << QStringLiteral("Nothing is deleted: %1, the newest automatic backup, is much "
                              "smaller than those before it")
                   .arg(shrinkage->id);
        return surplus;
    }
    const RetentionPlan plan = applyRetention(question.rules,
        retentionBackupsOf(question.backups, question.instanceId), question.now, question.zone);
    for (auto agent = plan.begin(); agent != plan.end(); ++agent) {
        const QList<BackupId> ids = toDelete(*agent);
        if (ids.isEmpty())
            continue;
        if (question.agentErrors.contains(agent.key()))
            qCWarning(pruningLog).noquote()
                << QStringLiteral("Nothing is deleted on %1, which could not be listed: %2")
                       .arg(agent.key(), question.agentErrors.value(agent.key()));
        else if (!isSoundOn(*newest, agent.key()))
            qCWarning(pruningLog).noquote()
                << QStringLiteral("Nothing is deleted on %1, which does not have %2, the newest "
                                  "automatic backup, or not sound")
                       .arg(agent.key(), newest->backup.id);
        else
            surplus.insert(agent.key(), ids);
    }
    return surplus;
}

} // namespace hubkeep::backup
