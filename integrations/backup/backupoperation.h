// What the parts of BackupManager share: the operation that runs, and the threads.
//
// Main thread, but for what says otherwise.

#pragma once

#include "automation/core/mainthreadcalls.h"
#include "automation/core/workthread.h"
#include "integrations/backup/agentworker.h"
#include "integrations/backup/backupmanager.h"
#include "integrations/backup/uploader.h"

#include <QFutureWatcher>
#include <QPromise>
#include <QSet>
#include <QTimer>

#include <array>
#include <atomic>
#include <chrono>
#include <vector>

namespace hubkeep::backup {

// A file in the staging folder that is ready to be stored.
struct BackupManager::Made
{
    AgentBackup backup;
    QString path;
    std::optional<Error> problem {}; // it is good, but not all that was asked for
    qint64 reusedBytes = 0; // of its content, taken over from the backup before
    // The same encrypted, where some agents get it so and others do not; else both are one.
    std::optional<Upload> sealed {};
    EncryptionPlan plan {};
    std::optional<Error> hookError {}; // of the hook after it
    QList<Warning> warnings {};

    Upload forAgent(const QString &agentId) const
    {
        return sealed && plan.protects(agentId) ? *sealed : Upload { backup, path };
    }
    void removeFiles() const; // any thread
};

// Where the making of a backup is, for the watchdog. Any thread.
struct MakingMarks
{
    std::atomic<bool> isHookRunning = false; // hooks have time-outs of their own
    std::atomic<qint64> provedAt = -1; // uptime when the file was whole and read back
};

struct BackupManager::Operation
{
    // Told how it ended, last of all.
    std::function<void(const Outcome &)> answer {};
    std::unique_ptr<QFutureWatcher<Outcome>> watcher {};

    QString reason = QStringLiteral("upload_failed"); // of a failure, in Home Assistant's words
    bool automatic = false;
    Workers agents {};
    QStringList unavailableAgents {};
    std::optional<Made> made {};
    std::optional<CatalogEntry> note {}; // of the upload that goes on
    std::unique_ptr<Uploader> uploader {};
    QString receivedPath {}; // a reception's file
    std::function<void()> endCleaning {}; // while old backups are deleted: it is done already
    bool awaitsCaller = false; // nothing of ours runs: the caller writes that file

    // Any thread.
    std::shared_ptr<JobControl> control = std::make_shared<JobControl>();
    std::optional<Error> stopped {}; // why it was told to stop
    bool isCancelled() const { return stopped && stopped->code == ErrorCode::Cancelled; }

    std::chrono::milliseconds startedAt {};
    std::chrono::milliseconds progressAt {};
    std::shared_ptr<MakingMarks> marks = std::make_shared<MakingMarks>();
    std::array<qint64, 5> progress {}; // what changes while something happens
    std::chrono::milliseconds rateAt {};
    qint64 rateBytes = 0;
    double rate = 0; // bytes a second, smoothed
};

struct BackupManager::Data
{
    MainThreadCalls calls; // first: the threads below post to it
    WorkThread thread; // the backup thread
    WorkThread looking; // previews, also while something runs
    std::vector<std::shared_ptr<AgentWorker>> agents; // in the order in which they were added
    std::vector<std::shared_ptr<AgentWorker>> retired; // removed, but at work
    QMap<QString, QString> agentErrors;
    QSet<QString> emptied; // agents
    QMap<QString, qint64> freeSpace;
    OperationStatus status;
    std::unique_ptr<Operation> operation;
    // What is done beside operations: reading, listing and removing.
    std::shared_ptr<JobControl> background = std::make_shared<JobControl>();
    QTimer sampler;
    QString staging;
    std::function<std::chrono::milliseconds()> uptime;
    std::atomic<int> files = 0; // counts temporary ones
    bool isShutDown = false;

    std::shared_ptr<AgentWorker> worker(const QString &id) const;
    QString temporaryPath(const char *kind); // any thread
};

// A future that is answered on the main thread.
template <typename T>
class Answer
{
public:
    Answer()
        : m_promise(std::make_shared<QPromise<T>>())
    {
        m_promise->start();
    }
    QFuture<T> future() const { return m_promise->future(); }
    void give(T value) const
    {
        m_promise->addResult(std::move(value));
        m_promise->finish();
    }

private:
    std::shared_ptr<QPromise<T>> m_promise;
};

// Any thread: reads entry's file from the first of workers that can give it.
Result<std::shared_ptr<FetchedBackup>> fetchFrom(const QList<std::shared_ptr<AgentWorker>> &workers,
    const BackupId &id, const std::function<QString()> &temporaryPath,
    const std::shared_ptr<JobControl> &control);

// On the agent's thread: its own file, or one that it brings to temporaryPath.
Result<std::shared_ptr<FetchedBackup>> fetchBy(
    BackupAgent &agent, const BackupId &id, const QString &temporaryPath, JobControl &control);

// What an operation of that kind did, for its status: made is what it stored, where it did.
QJsonObject resultOf(
    const QString &kind, const OperationOutcome &outcome, const AgentBackup *made = nullptr);

// The first of problems, which must not be empty, and how many more there are.
QString summaryOf(const QList<Problem> &problems);

QByteArray toPath(const QString &path);

} // namespace hubkeep::backup
