#include "integrations/backup/backupmanager.h"

#include "automation/core/errorcode.h"
#include "integrations/backup/backupfolder.h"
#include "integrations/backup/backupoperation.h"
#include "integrations/backup/stagedrestore.h"

#include <QDir>
#include <QFile>
#include <QLoggingCategory>

#include <algorithm>
#include <cstring>
#include <unistd.h>
#include <utility>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(managerLog, "hubkeep.backup")

constexpr std::chrono::milliseconds sampleInterval { 250 };

std::chrono::milliseconds steadyTime()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
}

// What is another while something happens.
std::array<qint64, 5> traceOf(const Progress &progress, const OperationStatus &status)
{
    return { progress.doneBytes, progress.doneItems,
        qint64(reinterpret_cast<intptr_t>(progress.stage)), status.processedBytes,
        status.totalBytes };
}

QString spoken(std::chrono::milliseconds time)
{
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(time).count();
    return minutes > 1 ? QStringLiteral("%1 minutes").arg(minutes)
        : minutes == 1 ? QStringLiteral("1 minute")
                       : QStringLiteral("%1 seconds").arg(double(time.count()) / 1000);
}

} // namespace

QByteArray toPath(const QString &path)
{
    return QFile::encodeName(path);
}

FetchedBackup::~FetchedBackup()
{
    if (m_isTemporary)
        QFile::remove(m_path);
}

AgeKeys BackupManager::keys(const QString &password) const
{
    AgeKeys keys = m_parts.keys ? m_parts.keys() : AgeKeys {};
    if (!password.isEmpty())
        keys.passphrase = password.toUtf8();
    return keys;
}

bool BackupManager::meansToOpen(const AgentBackup &backup) const
{
    const AgeKeys own = keys();
    CreateRequest automatic;
    automatic.automatic = true;
    automatic.password = QString::fromUtf8(own.passphrase);
    const EncryptionPlan plan
        = m_parts.encryption ? m_parts.encryption(automatic) : EncryptionPlan {};
    const std::vector<AgeRecipient> &recipients = plan.recipients.recipients;
    if (recipients.empty())
        return backup.automatic && backup.instanceId == m_parts.instanceId
            && !own.passphrase.isEmpty();
    return std::any_of(own.identities.begin(), own.identities.end(), [&](const AgeIdentity &key) {
        return std::find(recipients.begin(), recipients.end(), key.recipient()) != recipients.end();
    });
}

std::shared_ptr<AgentWorker> BackupManager::Data::worker(const QString &id) const
{
    for (const auto &worker : agents) {
        if (worker->id() == id)
            return worker;
    }
    return {};
}

QString BackupManager::Data::temporaryPath(const char *kind)
{
    return QStringLiteral("%1/%2-%3.partial").arg(staging, QLatin1String(kind)).arg(++files);
}

BackupManager::BackupManager(Parts parts, QObject *parent)
    : QObject(parent)
    , m_parts(std::move(parts))
    , m_data(std::make_unique<Data>())
{
    qRegisterMetaType<ManagerEvent>();
    qRegisterMetaType<OperationStatus>();
    m_data->staging = m_parts.dataFolder + QLatin1String("/staging");
    m_data->uptime = m_parts.uptime ? m_parts.uptime : steadyTime;
    if (!m_parts.pause)
        m_parts.pause = pauseJob;
    (void)makeFolders(toPath(m_data->staging)); // who writes there will say it
    clearStaging();
    m_data->sampler.setInterval(sampleInterval);
    connect(&m_data->sampler, &QTimer::timeout, this, &BackupManager::sample);
}

BackupManager::~BackupManager()
{
    shutDown();
    clearStaging();
}

void BackupManager::hurryAgents()
{
    for (const auto *list : { &m_data->agents, &m_data->retired }) {
        for (const auto &worker : *list)
            worker->hurry();
    }
}

void BackupManager::shutDown()
{
    m_data->isShutDown = true;
    hurryAgents();
    m_data->background->cancel();
    stop({ ErrorCode::Cancelled, QStringLiteral("Cancelled, for the hub is stopping") });
    m_data->thread.wait();
    m_data->looking.wait();
    for (const auto &worker : m_data->agents)
        worker->wait();
    for (const auto &worker : m_data->retired)
        worker->wait();
}

void BackupManager::onMainThread(std::function<void()> work)
{
    m_data->calls.post(std::move(work));
}

void BackupManager::onBackupThread(std::function<void()> work)
{
    m_data->thread.start(std::move(work));
}

// --- The state machine.

void BackupManager::enter(const ManagerEvent &event)
{
    const ManagerState from = m_lastEvent.state;
    const ManagerState to = event.state;
    Q_ASSERT(from == to || from == ManagerState::Idle || to == ManagerState::Idle
        || (from == ManagerState::Blocked && to == ManagerState::RestoreBackup));
    m_lastEvent = event;
    if (to != ManagerState::Idle && to != ManagerState::Blocked && !event.upload)
        m_lastActionEvent = event;
    emit eventFired(event);
}

void BackupManager::unblock()
{
    if (m_lastEvent.state != ManagerState::Blocked || m_data->operation)
        return;
    const std::optional<StagedRestoreReport> restored
        = takeStagedRestoreReport(toPath(m_parts.dataFolder));
    if (restored)
        tellOfRestore(*restored);
    enter({ ManagerState::Idle });
}

// How a restore of the hub itself ended, which the last hub began.
void BackupManager::tellOfRestore(const StagedRestoreReport &report)
{
    OperationStatus &status = m_data->status;
    status.operation = QStringLiteral("restore");
    status.backupId = report.id;
    status.status = report.completed ? QStringLiteral("completed") : QStringLiteral("failed");
    if (!report.completed) {
        status.error = report.reason;
        status.errorCode = QLatin1String(nameOf(ErrorCode::Io));
    }
    if (!report.reason.isEmpty())
        qCWarning(managerLog).noquote()
            << QStringLiteral("Restoring the hub: %1").arg(report.reason);
    enter({ ManagerState::RestoreBackup, status.status, {}, status.error });
}

Result<void> BackupManager::checkIdle() const
{
    if (state() != ManagerState::Idle || m_data->isShutDown)
        return Error { ErrorCode::Busy,
            QStringLiteral("Backup manager busy: %1")
                .arg(toString(
                    m_data->isShutDown && !m_data->operation ? ManagerState::Blocked : state())) };
    return {};
}

BackupManager::Operation &BackupManager::begin(
    ManagerState state, const QString &kind, const BackupId &id)
{
    Q_ASSERT(m_lastEvent.state == ManagerState::Idle);
    m_data->operation = std::make_unique<Operation>();
    Operation &operation = *m_data->operation;
    operation.startedAt = operation.progressAt = operation.rateAt = m_data->uptime();
    m_data->status = {};
    m_data->status.operation = kind;
    m_data->status.backupId = id;
    m_data->status.status = QStringLiteral("running");
    operation.progress = traceOf(operation.control->progress(), m_data->status);
    m_lastEvent.state = state; // busy, whoever asks; the caller says the first event
    m_data->sampler.start();
    return operation;
}

Result<StartedOperation> BackupManager::started()
{
    const Answer<Outcome> answer;
    Operation &operation = *m_data->operation;
    operation.answer = [answer](const Outcome &outcome) { answer.give(outcome); };
    operation.watcher = std::make_unique<QFutureWatcher<Outcome>>();
    connect(operation.watcher.get(), &QFutureWatcherBase::canceled, this, &BackupManager::cancel);
    operation.watcher->setFuture(answer.future());
    return StartedOperation { m_data->status.backupId, answer.future() };
}

void BackupManager::enterStage(const QString &stage)
{
    m_data->status.stage
        = stage == QLatin1String("upload_to_agents") ? QStringLiteral("uploading") : stage;
    enter({ state(), QStringLiteral("in_progress"), stage, {}, {}, m_data->operation->automatic });
}

void BackupManager::finish(Outcome outcome, const QString &reason)
{
    updateStatus();
    // Whoever hears of the end may begin something new.
    const std::unique_ptr<Operation> operation = std::move(m_data->operation);
    m_data->sampler.stop();
    if (!outcome && operation->stopped)
        outcome = *operation->stopped;
    const std::optional<Error> failure = !outcome ? outcome.error() : outcome->problem;
    if (!operation->receivedPath.isEmpty())
        QFile::remove(operation->receivedPath);
    if (operation->note)
        (void)m_parts.catalog.endUpload(operation->note->backup.id);
    OperationStatus &status = m_data->status;
    status.status = failure ? QStringLiteral("failed") : QStringLiteral("completed");
    status.stage.clear();
    status.bytesPerSecond = 0;
    status.secondsLeft.reset();
    status.error = failure ? failure->message : QString();
    status.errorCode = failure ? QLatin1String(nameOf(failure->code)) : QString();
    if (outcome)
        status.result = resultOf(
            status.operation, *outcome, operation->made ? &operation->made->backup : nullptr);
    if (outcome && operation->made) {
        status.processedBytes = status.totalBytes = operation->made->backup.counts.bytes;
        status.processedFiles = status.totalFiles = operation->made->backup.counts.files;
    }
    const OperationStatus finished = status;
    if (state() != ManagerState::Blocked) {
        const QString said = !failure  ? QString()
            : operation->isCancelled() ? QStringLiteral("cancelled")
                                       : reason;
        enter({ state(), finished.status, {}, said, {}, operation->automatic });
    }
    enter({ ManagerState::Idle });
    emit progressChanged(finished);
    emit operationFinished(finished);
    if (operation->watcher)
        operation->watcher->disconnect();
    if (operation->answer)
        operation->answer(outcome);
    (void)refresh(); // what is free on the agents, and what else came
}

Error BackupManager::refuse(const Error &error)
{
    finish(error, m_data->operation->reason);
    return error;
}

void BackupManager::cancel()
{
    if (state() == ManagerState::Idle && isHubRestoreStaged(toPath(m_parts.dataFolder))) {
        const Result<void> dropped = dropStagedRestore(toPath(m_parts.dataFolder));
        qCInfo(managerLog).noquote()
            << (dropped ? QStringLiteral(
                    "The restore of the hub that waited for its next start was dropped")
                        : dropped.error().message);
        return;
    }
    const bool isMaking
        = state() == ManagerState::CreateBackup || state() == ManagerState::ReceiveBackup;
    stop({ ErrorCode::Cancelled,
        isMaking ? QStringLiteral("Cancelled; nothing was kept of it")
                 : QStringLiteral("Cancelled") });
}

void BackupManager::stop(const Error &why)
{
    Operation *operation = m_data->operation.get();
    if (!operation || operation->stopped)
        return;
    operation->stopped = why;
    operation->control->cancel();
    if (operation->uploader)
        operation->uploader->cancel();
    if (operation->awaitsCaller)
        finish(why, operation->reason);
    else if (operation->endCleaning)
        std::exchange(operation->endCleaning, {})();
}

// --- Progress, looked at four times a second.

OperationStatus BackupManager::status() const
{
    const_cast<BackupManager *>(this)->updateStatus(); // what is asked for is of now
    return m_data->status;
}

void BackupManager::updateStatus()
{
    const Operation *operation = m_data->operation.get();
    if (!operation)
        return;
    OperationStatus &status = m_data->status;
    if (operation->uploader) {
        status.totalBytes = operation->uploader->totalBytes();
        status.processedBytes = operation->uploader->uploadedBytes();
    } else if (operation->awaitsCaller) {
        status.processedBytes = QFile(operation->receivedPath).size();
    } else {
        const Progress progress = operation->control->progress();
        if (std::strcmp(progress.stage, "Verifying") == 0)
            status.stage = QStringLiteral("verifying");
        else if (std::strcmp(progress.stage, "Restoring") == 0)
            status.stage = QStringLiteral("restoring");
        else if (std::strcmp(progress.stage, "Comparing") == 0)
            status.stage = QStringLiteral("comparing");
        status.processedBytes = progress.doneBytes;
        status.processedFiles = progress.doneItems;
        status.totalBytes = std::max(progress.totalBytes, progress.doneBytes);
        status.totalFiles = std::max(progress.totalItems, progress.doneItems);
    }
    status.bytesPerSecond = qint64(operation->rate);
    const qint64 left = status.totalBytes - status.processedBytes;
    status.secondsLeft.reset();
    if (status.totalBytes > 0 && operation->rate >= 1)
        status.secondsLeft = qint64(double(left) / operation->rate);
}

void BackupManager::sample()
{
    Operation *operation = m_data->operation.get();
    if (!operation)
        return;
    if (operation->uploader)
        operation->uploader->sample();
    updateStatus();
    const OperationStatus &status = m_data->status;
    const std::chrono::milliseconds now = m_data->uptime();
    const std::array<qint64, 5> current = traceOf(operation->control->progress(), status);
    const bool isProved = operation->marks->provedAt >= 0 && !operation->uploader;
    if (current != operation->progress || operation->marks->isHookRunning || isProved) {
        operation->progress = current;
        operation->progressAt = now;
    }
    const double seconds = double((now - operation->rateAt).count()) / 1000;
    if (seconds > 0) {
        const qint64 came = status.processedBytes - operation->rateBytes;
        const double rate = came > 0 ? double(came) / seconds : 0;
        operation->rate = operation->rate > 0 ? operation->rate * 0.8 + rate * 0.2 : rate;
        operation->rateAt = now;
        operation->rateBytes = status.processedBytes;
    }
    emit progressChanged(status);
    if (isProved) // what is good is not lost for what comes after it
        return;
    if (now - operation->startedAt > m_parts.timeout)
        stop({ ErrorCode::Unavailable,
            QStringLiteral("It ran longer than %1 and was stopped; see `timeout` in the "
                           "configuration")
                .arg(spoken(m_parts.timeout)) });
    else if (now - operation->progressAt > m_parts.stallTimeout)
        stop({ ErrorCode::Unavailable,
            QStringLiteral("It made no progress for %1 and was stopped")
                .arg(spoken(m_parts.stallTimeout)) });
}

} // namespace hubkeep::backup
