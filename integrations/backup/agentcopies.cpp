// What the manager does for agents that were away: asks one, and brings it a backup.

#include "integrations/backup/backupoperation.h"
#include "integrations/backup/filedigest.h"

namespace hubkeep::backup {
namespace {

// The document of the same backup as another agent stores it.
AgentBackup storedAs(const CatalogEntry &entry, const StoredCopy &copy)
{
    AgentBackup backup = entry.backup;
    backup.filename = copy.filename;
    backup.size = copy.size;
    backup.sha256 = copy.sha256;
    backup.isProtected = copy.isProtected;
    return backup;
}

// On the agent's thread. What was damaged where it lay is not passed on.
Result<void> uploadChecked(
    BackupAgent &agent, const AgentBackup &backup, const QString &path, JobControl &control)
{
    if (!backup.sha256.isEmpty()) {
        const Result<QString> digest = fileSha256(toPath(path), control);
        if (!digest)
            return digest.error();
        if (*digest != backup.sha256)
            return Error { ErrorCode::Corrupt,
                QStringLiteral("The copy of %1 that there is is damaged").arg(backup.id) };
    }
    control.enterStage("Uploading", backup.size);
    return agent.upload(backup, path, control);
}

} // namespace

QFuture<Result<void>> BackupManager::refreshAgent(const QString &agentId)
{
    const Answer<Result<void>> answer;
    const std::shared_ptr<AgentWorker> worker = m_data->worker(agentId);
    if (!worker || m_data->isShutDown) {
        answer.give(Error {
            ErrorCode::NotFound, QStringLiteral("The agent %1 is not configured").arg(agentId) });
        return answer.future();
    }
    worker->start([this, answer, agentId](BackupAgent &agent) {
        const Result<QList<AgentBackup>> listed = agent.list();
        onMainThread([this, answer, agentId, listed] {
            if (m_data->worker(agentId)) {
                takeListed(agentId, listed);
                emit backupsChanged();
            }
            answer.give(listed ? Result<void>() : Result<void>(listed.error()));
        });
    });
    return answer.future();
}

QFuture<Result<void>> BackupManager::copyTo(const BackupId &id, const QString &agentId,
    std::optional<bool> isProtected, const std::shared_ptr<JobControl> &control)
{
    const Answer<Result<void>> answer;
    const std::optional<CatalogEntry> entry = backup(id);
    const std::shared_ptr<AgentWorker> target = m_data->worker(agentId);
    std::shared_ptr<AgentWorker> source;
    for (const auto &worker : entry ? workersWith(*entry, {}) : Workers()) {
        const bool isEncrypted = entry->agents.value(worker->id()).isProtected;
        if (worker->id() == agentId || entry->damagedAgents.contains(worker->id())
            || (isProtected && isEncrypted != *isProtected))
            continue;
        // The nearest; of plain and encrypted ones, what nobody else can read.
        if (!source || (isEncrypted && !entry->agents.value(source->id()).isProtected))
            source = worker;
    }
    if (!target || !source) {
        answer.give(Error { ErrorCode::NotFound,
            QStringLiteral("No agent has a sound copy of %1 that is %2")
                .arg(id,
                    isProtected.value_or(false) ? QLatin1String("encrypted")
                                                : QLatin1String("as it should be there")) });
        return answer.future();
    }
    const AgentBackup stored = storedAs(*entry, entry->agents.value(source->id()));
    source->start([=, this](BackupAgent &from) {
        const auto fetched = fetchBy(from, stored.id, m_data->temporaryPath("fetch"), *control);
        onMainThread([=, this] {
            if (!fetched) {
                answer.give(fetched.error());
                return;
            }
            target->start([=, this](BackupAgent &agent) {
                const Result<void> done
                    = uploadChecked(agent, stored, (*fetched)->path(), *control);
                onMainThread([=, this] { answer.give(takeCopied(stored, agentId, done)); });
            });
        });
    });
    return answer.future();
}

// Of a backup that was deleted meanwhile the new copy goes, too.
Result<void> BackupManager::takeCopied(
    const AgentBackup &stored, const QString &agentId, const Result<void> &done)
{
    if (!done)
        return done.error().in(QStringLiteral("Uploading %1 to %2").arg(stored.id, agentId));
    const std::shared_ptr<AgentWorker> worker = m_data->worker(agentId);
    std::optional<CatalogEntry> entry = backup(stored.id);
    if (entry && worker) {
        entry->agents.insert(
            agentId, { stored.filename, stored.size, stored.sha256, stored.isProtected });
        entry->failedAgents.removeAll(agentId);
        entry->damagedAgents.removeAll(agentId);
        saveEntry(*entry);
    } else if (worker) {
        worker->start([id = stored.id](BackupAgent &agent) { (void)agent.remove(id); });
    }
    return {};
}

} // namespace hubkeep::backup
