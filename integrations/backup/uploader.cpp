#include "integrations/backup/uploader.h"

#include "integrations/backup/filedigest.h"

#include <QFile>
#include <QLocale>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <sys/stat.h>

namespace hubkeep::backup {
namespace {

// What another try may cure.
bool isPassing(ErrorCode code)
{
    return code == ErrorCode::Unavailable || code == ErrorCode::Io || code == ErrorCode::Busy;
}

// Both are there and on the same disk; as files: the same one.
struct Kinship
{
    bool sameDisk = false;
    bool sameFile = false;
};

Kinship kinshipOf(const QString &a, const QString &b)
{
    struct stat first;
    struct stat second;
    if (::stat(QFile::encodeName(a).constData(), &first) != 0
        || ::stat(QFile::encodeName(b).constData(), &second) != 0)
        return {};
    const bool sameDisk = first.st_dev == second.st_dev;
    return { sameDisk, sameDisk && first.st_ino == second.st_ino };
}

// Before a byte is sent: a place that fills up takes others' data down with it. Where the file
// lies on the agent's disk already it is linked, and needs no room.
Result<void> checkRoom(BackupAgent &agent, const AgentBackup &backup, const QString &path)
{
    if (!agent.localFolder().isEmpty() && kinshipOf(agent.localFolder(), path).sameDisk)
        return {};
    const Result<qint64> room = agent.freeSpace();
    if (!room || *room >= backup.size)
        return {}; // one that cannot tell says so when it is full
    const QLocale c(QLocale::C);
    return Error { ErrorCode::NoSpace,
        QStringLiteral("The backup takes %1 and there are %2 left; make room, or keep fewer "
                       "backups there")
            .arg(c.formattedDataSize(backup.size), c.formattedDataSize(*room)) };
}

Result<void> uploadWithTries(BackupAgent &agent, const AgentBackup &backup, const QString &path,
    const std::function<void(std::chrono::milliseconds, JobControl &)> &pause, JobControl &control)
{
    for (int attempt = 1;; ++attempt) {
        if (control.cancelled())
            return JobControl::cancelledError();
        control.enterStage("Uploading", backup.size);
        Result<void> done = checkRoom(agent, backup, path);
        if (done)
            done = agent.upload(backup, path, control);
        if (done)
            done = proveArrival(agent, backup, path, control);
        if (done || !isPassing(done.error().code) || attempt == uploadTries)
            return done;
        pause(std::chrono::seconds(attempt * attempt * 5), control);
    }
}

} // namespace

Result<void> proveArrival(
    BackupAgent &agent, const AgentBackup &backup, const QString &path, JobControl &control)
{
    const QString stored = agent.localPath(backup.id);
    if (stored.isEmpty() || backup.sha256.isEmpty() || kinshipOf(stored, path).sameFile)
        return {};
    const Result<QString> digest = fileSha256(QFile::encodeName(stored), control);
    if (!digest)
        return digest.error();
    if (*digest == backup.sha256)
        return {};
    (void)agent.remove(backup.id);
    return Error { ErrorCode::Io,
        QStringLiteral("What arrived is not what was sent: its SHA-256 is %1 and should be %2; "
                       "look at the disk and its memory")
            .arg(*digest, backup.sha256) };
}

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
        m_transfers.insert(agent->id(),
            { std::make_shared<JobControl>(), m_job.uploads.value(agent->id()).backup.size });
}

void Uploader::start()
{
    for (const auto &agent : m_job.agents)
        startOne(agent);
}

void Uploader::startOne(const std::shared_ptr<AgentWorker> &agent)
{
    const std::shared_ptr<JobControl> control = m_transfers[agent->id()].control;
    agent->start([this, control, id = agent->id(), upload = m_job.uploads.value(agent->id()),
                     pause = m_job.pause, onMainThread = m_job.onMainThread](BackupAgent &called) {
        const Result<void> result
            = uploadWithTries(called, upload.backup, upload.path, pause, *control);
        onMainThread([this, id, result] { finishOne(id, result); });
    });
}

void Uploader::finishOne(const QString &agentId, const Result<void> &result)
{
    Transfer &transfer = m_transfers[agentId];
    transfer.isDone = true;
    if (result && m_job.stored)
        m_job.stored(agentId);
    if (result)
        m_job.progressed({ agentId, transfer.size, transfer.size });
    else
        m_errors.insert(agentId, result.error().in(QStringLiteral("Uploading to %1").arg(agentId)));
    const bool isLast = std::all_of(
        m_transfers.begin(), m_transfers.end(), [](const Transfer &each) { return each.isDone; });
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
    return std::min(transfer.control->progress().doneBytes, transfer.size);
}

void Uploader::sample()
{
    const std::chrono::milliseconds now = m_job.uptime();
    for (auto transfer = m_transfers.begin(); transfer != m_transfers.end(); ++transfer) {
        const qint64 bytes = bytesOf(*transfer);
        const bool isDue = !transfer->saidAt || now - *transfer->saidAt >= uploadEventInterval;
        if (transfer->isDone || bytes == transfer->said || bytes == transfer->size || !isDue)
            continue;
        transfer->said = bytes;
        transfer->saidAt = now;
        m_job.progressed({ transfer.key(), bytes, transfer->size });
    }
}

qint64 Uploader::uploadedBytes() const
{
    qint64 bytes = 0;
    for (const Transfer &transfer : m_transfers)
        bytes += transfer.isDone ? transfer.size : bytesOf(transfer);
    return bytes;
}

qint64 Uploader::totalBytes() const
{
    qint64 bytes = 0;
    for (const Transfer &transfer : m_transfers)
        bytes += transfer.size;
    return bytes;
}

} // namespace hubkeep::backup
