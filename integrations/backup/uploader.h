// Brings one finished file to several agents, side by side, each on its own thread.
//
// Before, an agent's free space is looked at; after, what lies in a folder of this machine is read
// again. An agent that fails is tried again twice where that may help; what it failed with in the
// end is an answer, and the others go on. Main thread; cancel and wait for the agents' threads
// before destroying it while it runs.

#pragma once

#include "integrations/backup/agentworker.h"
#include "integrations/backup/backupevents.h"

#include <QMap>
#include <QPointer>

#include <chrono>
#include <functional>
#include <memory>

namespace hubkeep::backup {

inline constexpr int uploadTries = 3;
inline constexpr std::chrono::milliseconds uploadEventInterval { 1000 };

// What an agent gets.
struct Upload
{
    AgentBackup backup;
    QString path;
};

class Uploader
{
public:
    struct Job
    {
        QMap<QString, Upload> uploads; // by agent
        QList<std::shared_ptr<AgentWorker>> agents;
        std::function<std::chrono::milliseconds()> uptime;
        std::function<void(std::chrono::milliseconds, JobControl &)> pause;
        std::function<void(std::function<void()>)> onMainThread;
        std::function<void(const UploadProgress &)> progressed;
        std::function<void(const QString &agentId)> stored {}; // it has it; null: nobody is told
        std::function<void(const QMap<QString, Error> &)> finished {}; // once, after all others
    };

    explicit Uploader(Job job);

    void start();
    void cancel();
    void sample(); // looks what came since, and says it

    qint64 uploadedBytes() const;
    qint64 totalBytes() const;

private:
    struct Transfer
    {
        std::shared_ptr<JobControl> control = std::make_shared<JobControl>();
        qint64 size = 0;
        bool isDone = false;
        qint64 said = 0;
        std::optional<std::chrono::milliseconds> saidAt {};
    };
    void startOne(const std::shared_ptr<AgentWorker> &agent);
    void finishOne(const QString &agentId, const Result<void> &result);
    qint64 bytesOf(const Transfer &transfer) const;

    const Job m_job;
    QMap<QString, Transfer> m_transfers; // by agent
    QMap<QString, Error> m_errors;
};

// Agents elsewhere prove what arrived themselves; what lies in a folder of this machine, and is no
// link to path, which was proved, is read again. What is not right is removed. On the agent's
// thread.
Result<void> proveArrival(
    BackupAgent &agent, const AgentBackup &backup, const QString &path, JobControl &control);

// Waits so long, or until control is cancelled.
void pauseJob(std::chrono::milliseconds time, JobControl &control);

} // namespace hubkeep::backup
