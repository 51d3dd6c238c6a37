// Holding a restore drill.

#include "integrations/backup/backupoperation.h"

#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/filedigest.h"

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

// Nobody need look for keys or ask why content is wrong where the file is another than was stored.
Result<DrillReport> blameFile(const Result<DrillReport> &report, const QString &path,
    const QString &sha256, JobControl &control)
{
    if (control.cancelled() || (report && report->problems.isEmpty())
        || (!report && !isLocked(report.error()) && report.error().code != ErrorCode::Corrupt))
        return report;
    const Result<void> asStored = checkSha256(toPath(path), sha256, control);
    if (asStored || asStored.error().code != ErrorCode::Corrupt)
        return report;
    if (!report)
        return asStored.error();
    DrillReport damaged = *report;
    damaged.problems.prepend({ {}, asStored.error().message });
    damaged.isOtherFile = true;
    return damaged;
}

} // namespace

struct BackupManager::Drilled
{
    QString agentId {};
    Result<DrillReport> report = Error {};
};

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
    onBackupThread([this, entry = *entry, workers, opening = keys(), control = operation.control] {
        Drilled drilled; // there is one agent at least
        for (const auto &worker : workers) {
            drilled.agentId = worker->id();
            const Result<std::shared_ptr<FetchedBackup>> file = fetchFrom(
                { worker }, entry.backup.id, [this] { return m_data->temporaryPath("fetch"); },
                control);
            if (file) {
                const QString path = (*file)->path();
                drilled.report = blameFile(drillFile(entry.backup.id, path, opening,
                                               toPath(m_data->temporaryPath("drill")), *control),
                    path, entry.sha256On(worker->id()), *control);
                break;
            }
            drilled.report = file.error();
            if (control->cancelled())
                break;
        }
        onMainThread([this, drilled] { takeDrill(drilled); });
    });
    return answer;
}

void BackupManager::takeDrill(const Drilled &drilled)
{
    const Result<DrillReport> &report = drilled.report;
    OperationOutcome outcome;
    outcome.id = m_data->status.backupId;
    outcome.drilledAgent = drilled.agentId;
    outcome.drillTime = m_data->uptime() - m_data->operation->startedAt;
    const QString about
        = QStringLiteral("The restore drill of %1 from %2").arg(outcome.id, drilled.agentId);
    // A copy that cannot even be opened has one problem, as in a proof.
    // One that was deleted meanwhile is no loss.
    std::optional<CatalogEntry> entry = backup(outcome.id);
    const bool isThere = entry && entry->agents.contains(drilled.agentId);
    const bool isCorrupt = isThere && !report && report.error().code == ErrorCode::Corrupt;
    const bool isDamaged
        = isCorrupt || (isThere && !report && report.error().code == ErrorCode::NotFound);
    if (isCorrupt || (isThere && report && report->isOtherFile)) {
        entry->backup.verified = {};
        if (!entry->damagedAgents.contains(drilled.agentId))
            entry->damagedAgents.append(drilled.agentId);
        saveEntry(*entry);
    } else if (isThere && report && report->problems.isEmpty()
        && entry->damagedAgents.removeAll(drilled.agentId) > 0) {
        saveEntry(*entry);
    }
    outcome.wasDrillHeld = report || isDamaged;
    outcome.wasDrillLocked = !report && isLocked(report.error());
    if (report)
        outcome.drilled = *report;
    else if (isDamaged)
        outcome.drilled.problems.append({ {}, report.error().message });
    if (!outcome.wasDrillHeld) {
        m_data->status.result = resultOf(m_data->status.operation, outcome);
        finish(report.error().in(about), {});
        return;
    }
    if (!outcome.drilled.problems.isEmpty())
        outcome.problem
            = Error { ErrorCode::Corrupt, summaryOf(outcome.drilled.problems) }.in(about);
    finish(outcome, {});
}

} // namespace hubkeep::backup
