// Deleting what retention lets go of: after each backup, and now and then.

#include "integrations/backup/backupoperation.h"

#include <QLoggingCategory>

#include <utility>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(pruneLog, "hubkeep.backup.retention")

struct Removal
{
    QList<BackupId> removed;
    std::optional<Error> failed {};
};

// The oldest first; what comes after one that stays is left for the next time.
Removal removeAll(BackupAgent &agent, const QList<BackupId> &ids)
{
    Removal removal;
    for (const BackupId &id : ids) {
        const Result<void> done = agent.remove(id);
        if (!done && done.error().code != ErrorCode::NotFound) {
            removal.failed = done.error().in(QStringLiteral("Deleting %1").arg(id));
            break;
        }
        removal.removed.append(id);
    }
    return removal;
}

} // namespace

QFuture<void> BackupManager::prune(Pruning pruning, const QString &agentId)
{
    auto promise = std::make_shared<QPromise<void>>();
    promise->start();
    if (!m_parts.surplus || m_data->isShutDown) {
        promise->finish();
        return promise->future();
    }
    // What was listed before may not be true any more.
    refresh().then(
        this, [this, pruning, agentId, promise] { removeSurplus(pruning, agentId, promise); });
    return promise->future();
}

void BackupManager::removeSurplus(
    Pruning pruning, const QString &only, const std::shared_ptr<QPromise<void>> &promise)
{
    auto left = std::make_shared<int>(1);
    const auto doneOne = [this, promise, left] {
        if (--*left > 0)
            return;
        emit backupsChanged();
        promise->finish();
    };
    const QMap<QString, QList<BackupId>> surplus
        = m_data->isShutDown ? QMap<QString, QList<BackupId>>() : m_parts.surplus(pruning);
    for (auto agent = surplus.begin(); agent != surplus.end(); ++agent) {
        const std::shared_ptr<AgentWorker> worker = m_data->worker(agent.key());
        if (!worker || (!only.isEmpty() && agent.key() != only))
            continue;
        ++*left;
        noteLeaving(agent.key(), *agent);
        worker->start([this, doneOne, agentId = agent.key(), ids = *agent](BackupAgent &on) {
            const Removal removal = removeAll(on, ids);
            onMainThread([=, this] {
                for (const BackupId &id : removal.removed) {
                    dropCopies(id, { agentId });
                    qCInfo(pruneLog).noquote()
                        << QStringLiteral("Deleted %1 on %2").arg(id, agentId);
                }
                for (const BackupId &id : ids)
                    keepCopy(id, agentId); // what stayed
                if (removal.failed)
                    qCWarning(pruneLog).noquote()
                        << removal.failed->in(QStringLiteral("Retention on %1").arg(agentId))
                               .message;
                doneOne();
            });
        });
    }
    doneOne();
}

// The catalog's side of it.
void BackupManager::dropCopies(const BackupId &id, const QStringList &agentIds)
{
    std::optional<CatalogEntry> entry = backup(id);
    if (!entry)
        return;
    for (const QString &agentId : agentIds) {
        entry->agents.remove(agentId);
        entry->damagedAgents.removeAll(agentId);
        entry->leavingAgents.removeAll(agentId);
    }
    if (!entry->agents.isEmpty())
        saveEntry(*entry);
    else
        dropStaged(*entry);
}

// Before the first is deleted: neither a list that comes meanwhile nor the hub's end makes of it
// that somebody else did it.
void BackupManager::noteLeaving(const QString &agentId, const QList<BackupId> &ids)
{
    const Result<void> noted = m_parts.catalog.noteLeaving(agentId, ids);
    if (!noted)
        qCWarning(pruneLog).noquote()
            << QStringLiteral("Writing the catalog: %1").arg(noted.error().message);
}

// Where deleting failed.
void BackupManager::keepCopy(const BackupId &id, const QString &agentId)
{
    std::optional<CatalogEntry> entry = backup(id);
    if (entry && entry->leavingAgents.removeAll(agentId) > 0)
        saveEntry(*entry);
}

// The last stage of a backup, which ends well whatever agents do with old ones.
void BackupManager::cleanUp(const OperationOutcome &outcome)
{
    Operation &operation = *m_data->operation;
    operation.endCleaning = [this, outcome] { finish(outcome, m_data->operation->reason); };
    prune(Pruning::AfterBackup).then(this, [this, control = operation.control] {
        if (m_data->operation && m_data->operation->control == control)
            std::exchange(m_data->operation->endCleaning, {})();
    });
}

} // namespace hubkeep::backup
