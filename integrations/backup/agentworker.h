// An agent and the one thread that calls it: agents are promised one call at a time.
//
// Made on the main thread; start() and ask() from any thread but its own. Destroying it waits
// for the call that runs.

#pragma once

#include "automation/core/workthread.h"
#include "integrations/backup/backupagent.h"

#include <functional>
#include <future>
#include <memory>

namespace hubkeep::backup {

class AgentWorker
{
public:
    explicit AgentWorker(std::shared_ptr<BackupAgent> agent);

    const QString &id() const { return m_id; }
    const QString &folder() const { return m_folder; } // empty: not of this machine

    // Calls work on the agent's thread, after what was started before.
    void start(std::function<void(BackupAgent &)> work);

    // The same, and waits for its answer.
    template <typename T>
    T ask(std::function<T(BackupAgent &)> work)
    {
        auto answer = std::make_shared<std::promise<T>>();
        std::future<T> result = answer->get_future();
        start([answer, work = std::move(work)](
                  BackupAgent &agent) { answer->set_value(work(agent)); });
        return result.get();
    }

    void hurry() { m_agent->hurry(); }
    bool isIdle() const { return m_thread.isIdle(); }
    void wait() { m_thread.wait(); } // until it is idle

private:
    const std::shared_ptr<BackupAgent> m_agent;
    const QString m_id;
    const QString m_folder;
    WorkThread m_thread; // last: it uses what is above
};

} // namespace hubkeep::backup
