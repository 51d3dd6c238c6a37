#include "integrations/backup/agentworker.h"

namespace hubkeep::backup {

AgentWorker::AgentWorker(std::shared_ptr<BackupAgent> agent)
    : m_agent(std::move(agent))
    , m_id(m_agent->id())
    , m_folder(m_agent->localFolder())
    , m_thread([this] { run(); })
{
}

AgentWorker::~AgentWorker()
{
    {
        const std::lock_guard locked(m_mutex);
        m_isEnding = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

void AgentWorker::start(std::function<void(BackupAgent &)> work)
{
    {
        const std::lock_guard locked(m_mutex);
        m_waiting.push_back(std::move(work));
    }
    m_changed.notify_all();
}

bool AgentWorker::isIdle() const
{
    const std::lock_guard locked(m_mutex);
    return !m_isBusy && m_waiting.empty();
}

void AgentWorker::wait()
{
    std::unique_lock locked(m_mutex);
    m_changed.wait(locked, [this] { return !m_isBusy && m_waiting.empty(); });
}

// Ends when it is to and nothing waits any more.
void AgentWorker::run()
{
    std::unique_lock locked(m_mutex);
    for (;;) {
        m_changed.wait(locked, [this] { return m_isEnding || !m_waiting.empty(); });
        if (m_waiting.empty())
            return;
        {
            const auto work = std::move(m_waiting.front());
            m_waiting.pop_front();
            m_isBusy = true;
            locked.unlock();
            work(*m_agent);
        } // what it held goes before it counts as done
        locked.lock();
        m_isBusy = false;
        m_changed.notify_all();
    }
}

} // namespace hubkeep::backup
