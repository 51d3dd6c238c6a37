#include "integrations/backup/uploader.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace hubkeep::backup {
namespace {

// What another try may cure.
bool isPassing(ErrorCode code)
{
    return code == ErrorCode::Unavailable || code == ErrorCode::Io || code == ErrorCode::Busy;
}

Result<void> uploadWithTries(BackupAgent &agent, const AgentBackup &backup, const QString &path,
    const std::function<void(std::chrono::milliseconds, JobControl &)> &pause, JobControl &control)
{
    for (int attempt = 1;; ++attempt) {
        if (control.cancelled())
            return JobControl::cancelledError();
        control.enterStage("Uploading", backup.size);
        Result<void> done = agent.upload(backup, path, control);
        if (done || !isPassing(done.error().code) || attempt == uploadTries)
            return done;
        pause(std::chrono::seconds(attempt * attempt * 5), control);
    }
}

} // namespace

void pauseJob(std::chrono::milliseconds time, JobControl &control)
{
    std::mutex mutex;
    std::condition_variable_any cancelled;
    std::unique_lock lock(mutex);
    cancelled.wait_for(lock, control.stopToken(), time, [] { return false; });
}

Uploader::Uploader(Job job)
    : m_job(std::move(job))
{
    for (const auto &agent : m_job.agents)
        m_transfers.insert(agent->id(), {});
}

void Uploader::start()
{
    for (const auto &agent : m_job.agents)
        startOne(agent);
}

void Uploader::startOne(const std::shared_ptr<AgentWorker> &agent)
{
    const std::shared_ptr<JobControl> control = m_transfers[agent->id()].control;
    agent->start([this, control, id = agent->id(), backup = m_job.backup, path = m_job.path,
                     pause = m_job.pause, onMainThread = m_job.onMainThread](BackupAgent &called) {
        const Result<void> result = uploadWithTries(called, backup, path, pause, *control);
        onMainThread([this, id, result] { finishOne(id, result); });
    });
}

void Uploader::finishOne(const QString &agentId, const Result<void> &result)
{
    m_transfers[agentId].isDone = true;
    if (result)
        m_job.progressed({ agentId, m_job.backup.size, m_job.backup.size });
    else
        m_errors.insert(agentId, result.error().in(QStringLiteral("Uploading to %1").arg(agentId)));
    const bool isLast = std::all_of(m_transfers.begin(), m_transfers.end(),
        [](const Transfer &transfer) { return transfer.isDone; });
    if (!isLast)
        return;
    const auto finished = m_job.finished;
    finished(QMap<QString, Error>(m_errors)); // may destroy this
}

void Uploader::cancel()
{
    for (const Transfer &transfer : std::as_const(m_transfers))
        transfer.control->cancel();
}

qint64 Uploader::bytesOf(const Transfer &transfer) const
{
    return std::min(transfer.control->progress().doneBytes, m_job.backup.size);
}

void Uploader::sample()
{
    const std::chrono::milliseconds now = m_job.uptime();
    for (auto transfer = m_transfers.begin(); transfer != m_transfers.end(); ++transfer) {
        const qint64 bytes = bytesOf(*transfer);
        const bool isDue = !transfer->saidAt || now - *transfer->saidAt >= uploadEventInterval;
        if (transfer->isDone || bytes == transfer->said || bytes == m_job.backup.size || !isDue)
            continue;
        transfer->said = bytes;
        transfer->saidAt = now;
        m_job.progressed({ transfer.key(), bytes, m_job.backup.size });
    }
}

qint64 Uploader::uploadedBytes() const
{
    qint64 bytes = 0;
    for (const Transfer &transfer : m_transfers)
        bytes += transfer.isDone ? m_job.backup.size : bytesOf(transfer);
    return bytes;
}

} // namespace hubkeep::backup
