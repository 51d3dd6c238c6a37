// Holding a restore drill.

#include "integrations/backup/backupoperation.h"

#include "integrations/backup/archive/archivereader.h"

namespace hubkeep::backup {
namespace {

Result<DrillReport> drillFile(const BackupId &id, const QString &path, const AgeKeys &keys,
    const QByteArray &scratch, JobControl &control)
{
    const Result<ArchiveReader> archive = openStored(toPath(path), keys);
    if (!archive)
        return archive.error();
    if (archive->info().id != id)
        return Error { ErrorCode::Corrupt,
            QStringLiteral("The file is another backup, %1").arg(archive->info().id) };
    return runDrill(*archive, scratch, control);
}

} // namespace

// From one copy: that of the agent which was asked for, else the nearest that can be read.
Result<StartedOperation> BackupManager::drill(const QString &id, const QString &agentId)
{
    const Result<void> idle = checkIdle();
    if (!idle)
        return idle.error();
    const std::optional<CatalogEntry> entry = backup(id);
    if (!entry)
        return Error { ErrorCode::NotFound, QStringLiteral("There is no backup %1").arg(id) };
    if (entry->backup.kind == BackupKind::Database)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("%1 is a single database, which a drill has nothing to restore from; "
                           "verify it instead")
                .arg(id) };
    const Workers workers = workersWith(*entry, resolveAgent(agentId));
    if (workers.isEmpty() || (!agentId.isEmpty() && resolveAgent(agentId).isEmpty()))
        return Error { ErrorCode::NotFound,
            QStringLiteral("The backup %1 is not on any agent that was asked for").arg(id) };
    Operation &operation = begin(ManagerState::Blocked, QStringLiteral("drill"), entry->backup.id);
    m_data->status.stage = QStringLiteral("restoring");
    enter({ ManagerState::Blocked });
    Result<StartedOperation> answer = started();
    onBackupThread(
        [this, id = entry->backup.id, workers, opening = keys(), control = operation.control] {
            QString from;
            const auto tryAll = [&]() -> Result<DrillReport> {
                Error lastError; // there is one agent at least
                for (const auto &worker : workers) {
                    from = worker->id();
                    const Result<std::shared_ptr<FetchedBackup>> file = fetchFrom(
                        { worker }, id, [this] { return m_data->temporaryPath("fetch"); }, control);
                    if (file)
                        return drillFile(id, (*file)->path(), opening,
                            toPath(m_data->temporaryPath("drill")), *control);
                    lastError = file.error();
                    if (control->cancelled())
                        break;
                }
                return lastError;
            };
            const Result<DrillReport> report = tryAll();
            onMainThread([this, report, from] { takeDrill(report, from); });
        });
    return answer;
}

void BackupManager::takeDrill(const Result<DrillReport> &report, const QString &agentId)
{
    OperationOutcome outcome;
    outcome.id = m_data->status.backupId;
    outcome.drilledAgent = agentId;
    outcome.drillTime = m_data->uptime() - m_data->operation->startedAt;
    const QString about
        = QStringLiteral("The restore drill of %1 from %2").arg(outcome.id, agentId);
    // A copy that cannot even be opened has one problem, as in a proof.
    // One that was deleted meanwhile is no loss.
    const std::optional<CatalogEntry> entry = backup(outcome.id);
    const bool isThere = entry && entry->agents.contains(agentId);
    const bool isDamaged = isThere && !report
        && (report.error().code == ErrorCode::Corrupt
            || report.error().code == ErrorCode::NotFound);
    outcome.wasDrillHeld = report || isDamaged;
    if (report)
        outcome.drilled = *report;
    else if (isDamaged)
        outcome.drilled.problems.append({ {}, report.error().message });
    if (!outcome.wasDrillHeld) {
        m_data->status.result = resultOf(m_data->status.operation, outcome, 0);
        finish(report.error().in(about), {});
        return;
    }
    if (!outcome.drilled.problems.isEmpty())
        outcome.problem
            = Error { ErrorCode::Corrupt, summaryOf(outcome.drilled.problems) }.in(about);
    finish(outcome, {});
}

} // namespace hubkeep::backup
