// Making a backup: sources, the job on the backup thread, the agents, the catalog.

#include "integrations/backup/backupoperation.h"

#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/encryptedfile.h"
#include "integrations/backup/filedigest.h"

#include <QFile>
#include <QLoggingCategory>

#include <algorithm>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(createLog, "hubkeep.backup")

struct MakingJob
{
    std::shared_ptr<BackupRequest> request;
    std::function<Result<void>(JobControl &)> before;
    std::function<Result<void>(JobControl &)> after;
    std::shared_ptr<MakingMarks> marks;
    std::function<std::chrono::milliseconds()> uptime;
};

Error severalErrors(const Error &before, const Error &after)
{
    return { before.code,
        QStringLiteral("Multiple errors when creating backup: %1, %2")
            .arg(before.message, after.message) };
}

Result<void> runHooks(
    const std::function<Result<void>(JobControl &)> &hooks, MakingMarks &marks, JobControl &control)
{
    if (!hooks)
        return {};
    marks.isHookRunning = true;
    const Result<void> done = hooks(control);
    marks.isHookRunning = false;
    return done;
}

// The sources, held still by the hooks around them. What the hook after them fails with is in
// hookError where there is a backup.
Result<BackupOutcome> runWithHooks(
    const MakingJob &job, JobControl &control, std::optional<Error> &hookError)
{
    const Result<void> before = runHooks(job.before, *job.marks, control);
    Result<BackupOutcome> outcome = before
        ? runBackup(*job.request, control)
        : Result<BackupOutcome>(before.error().in(QStringLiteral("Error during pre-backup")));
    if (outcome)
        job.marks->provedAt = job.uptime().count();
    const Result<void> after = runHooks(job.after, *job.marks, control);
    if (after)
        return outcome;
    const Error afterError = after.error().in(QStringLiteral("Error during post-backup"));
    if (!outcome)
        return severalErrors(outcome.error(), afterError);
    hookError = afterError;
    return outcome;
}

std::optional<Error> sourceProblem(const BackupInfo &info)
{
    if (info.failedSources.isEmpty())
        return {};
    QStringList messages;
    for (const FailedSource &source : info.failedSources)
        messages.append(QStringLiteral("%1 (%2)").arg(source.name, source.message));
    return Error { ErrorCode::Io,
        QStringLiteral("The backup was kept, but without these sources: %1")
            .arg(messages.join(QStringLiteral("; "))) };
}

AgentBackup describe(const BackupOutcome &outcome, AgentBackup backup)
{
    describe(backup, outcome.info);
    backup.filename = outcome.info.id + QLatin1String(".zip");
    backup.size = outcome.size;
    return backup;
}

// Whoever asked for this backup may have asked for a password that nobody has later.
QStringList sealedOf(const EncryptionPlan &plan, const QStringList &agents)
{
    QStringList sealed;
    for (const QString &id : agents) {
        if (plan.protects(id))
            sealed.append(id);
    }
    return sealed;
}

// An agent that is not there has failed as one that refuses.
QMap<QString, Error> withMissing(QMap<QString, Error> errors, const QStringList &missing)
{
    for (const QString &id : missing)
        errors.insert(id,
            { ErrorCode::NotFound,
                QStringLiteral("Uploading to %1: there is no agent of that name; configure it, or "
                               "take it out of the agents of this backup")
                    .arg(id) });
    return errors;
}

} // namespace

BackupManager::Workers BackupManager::chooseAgents(
    const QStringList &wanted, QStringList &unavailable) const
{
    QStringList ids = wanted;
    if (ids.isEmpty() && m_parts.defaultAgents)
        ids = m_parts.defaultAgents();
    if (ids.isEmpty())
        ids = QStringList { QStringLiteral("backup.local") };
    Workers chosen;
    for (const QString &id : std::as_const(ids)) {
        const std::shared_ptr<AgentWorker> worker = m_data->worker(resolveAgent(id));
        if (!worker)
            unavailable.append(id);
        else if (!chosen.contains(worker))
            chosen.append(worker);
    }
    return chosen;
}

Result<StartedOperation> BackupManager::create(const CreateRequest &request)
{
    const Result<void> idle = checkIdle();
    if (!idle)
        return idle.error();
    const QDateTime now = m_parts.clock.now();
    Operation &operation
        = begin(ManagerState::CreateBackup, QStringLiteral("backup"), makeBackupId(now));
    operation.automatic = request.automatic;
    enter({ ManagerState::CreateBackup, QStringLiteral("in_progress"), {}, {}, {},
        request.automatic });
    operation.reason = QStringLiteral("backup_manager_error");
    operation.agents = chooseAgents(request.agents, operation.unavailableAgents);
    if (operation.agents.isEmpty())
        return refuse({ ErrorCode::InvalidArgument,
            QStringLiteral("At least one available backup agent must be selected, got [%1]")
                .arg(operation.unavailableAgents.join(QStringLiteral(", "))) });
    const Result<void> allowed = m_parts.mayCreate ? m_parts.mayCreate() : Result<void>();
    if (!allowed)
        return refuse(allowed.error());
    const QStringList names = request.sources.isEmpty() ? m_parts.sourceNames() : request.sources;
    Result<std::vector<std::unique_ptr<BackupSource>>> sources
        = m_parts.makeSources(names, request.includeHub);
    if (!sources)
        return refuse(sources.error());
    if (sources->empty())
        return refuse({ ErrorCode::InvalidArgument,
            QStringLiteral("There is nothing to back up; name sources in hubkeep.yaml "
                           "(backup.sources), or include the hub") });
    operation.reason = QStringLiteral("upload_failed");

    auto job = std::make_shared<BackupRequest>();
    job->sources = std::move(*sources);
    job->output = toPath(m_data->staging);
    job->id = m_data->status.backupId;
    job->name = request.name.trimmed();
    if (job->name.isEmpty())
        job->name = request.automatic ? QStringLiteral("Automatic backup " HUBKEEP_VERSION)
                                      : QStringLiteral("Custom backup " HUBKEEP_VERSION);
    job->full = request.full;
    job->estimate = true;
    job->clock = &m_parts.clock;
    // Keys are in no backup, and closing a file of data/ would drop the hub's locks on it.
    for (const char *own : { "/data", "/keys", "/restore.staged" })
        job->skippedFolders.append(toPath(m_parts.dataFolder) + own);
    for (const QString &name : m_parts.hubDatabases.keys()) {
        for (const char *ending : { "", "-wal", "-shm" })
            job->skippedFiles.append(
                toPath(m_parts.dataFolder + QLatin1String("/data/") + name + QLatin1String(".db"))
                + ending);
    }
    for (const auto &worker : m_data->agents) {
        if (!worker->folder().isEmpty())
            job->previousFolders.append(toPath(worker->folder()));
    }
    QStringList agentIds;
    for (const auto &worker : std::as_const(operation.agents))
        agentIds.append(worker->id());
    const EncryptionPlan plan
        = m_parts.encryption ? m_parts.encryption(request) : EncryptionPlan {};
    job->previousKeys.identities = keys().identities;
    for (const CatalogEntry &entry : backups()) {
        if (!entry.backup.sourceCounts.isEmpty())
            job->known.append(entry.backup);
    }
    AgentBackup known;
    known.instanceId = m_parts.instanceId;
    known.automatic = request.automatic;
    make(
        [making = MakingJob { job, m_parts.before, m_parts.after, operation.marks, m_data->uptime },
            known, agentIds, plan](JobControl &control) -> Result<Made> {
            std::optional<Error> hookError;
            const Result<BackupOutcome> outcome = runWithHooks(making, control, hookError);
            if (!outcome)
                return outcome.error();
            Made made { describe(*outcome, known), QFile::decodeName(outcome->path),
                sourceProblem(outcome->info), outcome->reusedBytes };
            made.hookError = hookError;
            made.warnings = outcome->warnings;
            made.backup.verified = making.request->clock->now(); // it was read back
            made.plan = plan;
            const Result<void> done = finishMade(made, agentIds, control);
            if (!done) {
                made.removeFiles();
                return done.error();
            }
            return made;
        });
    return started();
}

void BackupManager::Made::removeFiles() const
{
    QFile::remove(path);
    if (sealed)
        QFile::remove(sealed->path);
}

// Encrypts what some agent is to have encrypted, and says what is in the files.
Result<void> BackupManager::finishMade(Made &made, const QStringList &agentIds, JobControl &control)
{
    const auto isProtected = [&](const QString &id) { return made.plan.protects(id); };
    const bool someSealed = std::any_of(agentIds.begin(), agentIds.end(), isProtected);
    const bool allSealed = someSealed && std::all_of(agentIds.begin(), agentIds.end(), isProtected);
    if (someSealed) {
        Upload sealed { made.backup, made.path + QLatin1String(".age") };
        WorkerPool pool;
        const Result<qint64> size = encryptFile(
            toPath(made.path), toPath(sealed.path), made.plan.recipients, pool, control);
        if (!size)
            return size.error();
        sealed.backup.filename += QLatin1String(".age");
        sealed.backup.isProtected = true;
        sealed.backup.size = *size;
        made.sealed = sealed;
        control.enterStage("Verifying", *size);
        const Result<QString> digest = fileSha256(toPath(sealed.path), control);
        if (!digest)
            return digest.error();
        made.sealed->backup.sha256 = *digest;
    }
    if (allSealed) {
        QFile::remove(made.path);
        made.backup = made.sealed->backup;
        made.path = made.sealed->path;
        made.sealed.reset();
        return {};
    }
    control.enterStage("Verifying", made.backup.size);
    const Result<QString> digest = fileSha256(toPath(made.path), control);
    if (!digest)
        return digest.error();
    made.backup.sha256 = *digest;
    return {};
}

// Runs job on the backup thread, and goes on with what it made.
void BackupManager::make(std::function<Result<Made>(JobControl &)> job)
{
    // What began it is answered before the first stage is told.
    onMainThread([this] { enterStage(QStringLiteral("home_assistant")); });
    onBackupThread([this, job = std::move(job), control = m_data->operation->control] {
        const Result<Made> made = job(*control);
        onMainThread([this, made] { upload(made); });
    });
}

void BackupManager::upload(Result<Made> made)
{
    Operation &operation = *m_data->operation;
    if (made && operation.isCancelled()) {
        made->removeFiles();
        made = *operation.stopped;
    }
    if (made && operation.stopped) { // too late: there is a good file
        made->problem = *std::exchange(operation.stopped, {});
    }
    const std::chrono::milliseconds now = m_data->uptime();
    if (operation.marks->provedAt >= 0)
        operation.startedAt += now - std::chrono::milliseconds(operation.marks->provedAt);
    operation.progressAt = now;
    if (!made) {
        finish(made.error(), operation.reason);
        return;
    }
    operation.made = *made;
    enterStage(QStringLiteral("upload_to_agents"));
    Uploader::Job job;
    for (const auto &worker : std::as_const(operation.agents))
        job.uploads.insert(worker->id(), made->forAgent(worker->id()));
    job.agents = operation.agents;
    job.uptime = m_data->uptime;
    job.pause = m_parts.pause;
    job.onMainThread = [this](std::function<void()> work) { onMainThread(std::move(work)); };
    job.progressed = [this](const UploadProgress &progress) {
        enter({ state(), QStringLiteral("in_progress"), {}, {}, progress,
            m_data->operation->automatic });
    };
    job.stored = [this](const QString &agentId) { noteStored(agentId); };
    job.finished = [this](const QMap<QString, Error> &errors) {
        if (m_data->operation->isCancelled())
            dropCancelled(errors);
        else
            keep(errors);
    };
    noteUpload();
    operation.uploader = std::make_unique<Uploader>(std::move(job));
    operation.uploader->start();
}

// What is received, its sender knows of as long as it is not said to be here.
void BackupManager::noteUpload()
{
    Operation &operation = *m_data->operation;
    const AgentBackup &backup = operation.made->backup;
    if (state() != ManagerState::CreateBackup || backup.kind != BackupKind::Archive)
        return;
    operation.note = CatalogEntry { backup, {}, operation.unavailableAgents };
    for (const auto &worker : std::as_const(operation.agents))
        operation.note->failedAgents.append(worker->id());
    operation.note->sealedAgents = sealedOf(operation.made->plan, operation.note->failedAgents);
    const Result<void> noted = m_parts.catalog.noteUpload(*operation.note);
    if (!noted)
        qCWarning(createLog).noquote() << noted.error().message;
}

void BackupManager::noteStored(const QString &agentId)
{
    Operation &operation = *m_data->operation;
    if (!operation.note)
        return;
    operation.note->agents.insert(agentId, copyOf(operation.made->forAgent(agentId).backup));
    operation.note->failedAgents.removeAll(agentId);
    const Result<void> noted = m_parts.catalog.noteUpload(*operation.note);
    if (!noted)
        qCWarning(createLog).noquote() << noted.error().message;
}

// Takes a backup that was cancelled back from the agents that have it already.
void BackupManager::dropCancelled(const QMap<QString, Error> &agentErrors)
{
    const Operation &operation = *m_data->operation;
    if (operation.note)
        (void)m_parts.catalog.endUpload(operation.note->backup.id);
    operation.made->removeFiles();
    auto left = std::make_shared<int>(1);
    auto kept = std::make_shared<QMap<QString, Error>>();
    const auto removedOne = [this, left, kept] {
        if (--*left == 0)
            finishCancelled(*kept);
    };
    for (const auto &worker : operation.agents) {
        if (agentErrors.contains(worker->id()))
            continue;
        ++*left;
        worker->start([this, removedOne, kept, agentId = worker->id(),
                          id = operation.made->backup.id](BackupAgent &agent) {
            const Result<void> removed = agent.remove(id);
            onMainThread([=, this] {
                if (!removed && removed.error().code != ErrorCode::NotFound)
                    kept->insert(agentId, removed.error());
                else
                    dropCopies(id, { agentId }); // where a list had it already
                removedOne();
            });
        });
    }
    removedOne();
}

// kept: the agents that did not give the backup up.
void BackupManager::finishCancelled(const QMap<QString, Error> &kept)
{
    const Operation &operation = *m_data->operation;
    Error stopped = *operation.stopped;
    if (!kept.isEmpty()) {
        const AgentBackup &backup = operation.made->backup;
        CatalogEntry entry = this->backup(backup.id).value_or(CatalogEntry { backup, {}, {} });
        QStringList messages;
        for (auto agent = kept.begin(); agent != kept.end(); ++agent) {
            entry.agents.insert(agent.key(), copyOf(operation.made->forAgent(agent.key()).backup));
            m_data->agentErrors.insert(agent.key(), agent->message);
            messages.append(QStringLiteral("%1 (%2)").arg(agent.key(), agent->message));
        }
        saveEntry(entry);
        stopped.message = QStringLiteral("Cancelled, but these agents did not give it up: %1")
                              .arg(messages.join(QStringLiteral("; ")));
        qCWarning(createLog).noquote()
            << QStringLiteral("Backup %1: %2").arg(backup.id, stopped.message);
        m_data->operation->stopped = stopped;
    }
    finish(stopped, operation.reason);
}

void BackupManager::keep(const QMap<QString, Error> &agentErrors)
{
    Operation &operation = *m_data->operation;
    if (state() == ManagerState::CreateBackup)
        enterStage(QStringLiteral("cleaning_up"));
    const Made made = *operation.made;
    const QMap<QString, Error> failures = withMissing(agentErrors, operation.unavailableAgents);
    CatalogEntry entry = backup(made.backup.id).value_or(CatalogEntry { made.backup, {}, {} });
    for (const auto &worker : operation.agents) {
        if (!agentErrors.contains(worker->id())) {
            entry.agents.insert(worker->id(), copyOf(made.forAgent(worker->id()).backup));
            entry.damagedAgents.removeAll(worker->id());
        }
        entry.failedAgents.removeAll(worker->id());
    }
    for (const QString &id : failures.keys()) {
        if (!entry.failedAgents.contains(id))
            entry.failedAgents.append(id);
    }
    entry.sealedAgents = sealedOf(made.plan, entry.failedAgents);
    if (entry.agents.isEmpty()) {
        made.removeFiles();
        finish(operation.stopped.value_or(agentErrors.first()), operation.reason);
        return;
    }
    saveEntry(entry);
    made.removeFiles(); // last: without them nobody could be given what is noted
    OperationOutcome outcome;
    outcome.id = made.backup.id;
    outcome.agentErrors = failures;
    outcome.problem = made.problem;
    outcome.reusedBytes = made.reusedBytes;
    outcome.hookError = made.hookError;
    outcome.warnings = made.warnings;
    if (!failures.isEmpty())
        outcome.problem = operation.stopped.value_or(
            agentErrors.isEmpty() ? failures.first() : agentErrors.first());
    if (made.hookError && !outcome.problem)
        operation.reason = QStringLiteral("post_backup_actions_failed");
    if (made.hookError && outcome.problem)
        outcome.problem->message += QStringLiteral("; ") + made.hookError->message;
    else if (made.hookError)
        outcome.problem = made.hookError;
    // Home Assistant takes a received backup for received once it has it anywhere.
    if (state() == ManagerState::ReceiveBackup)
        outcome.problem.reset();
    if (state() == ManagerState::CreateBackup && m_parts.surplus)
        cleanUp(outcome);
    else
        finish(outcome, operation.reason);
}

} // namespace hubkeep::backup
