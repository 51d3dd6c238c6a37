#include "automation/core/workthread.h"

#include <utility>

namespace hubkeep {

WorkThread::WorkThread()
    : m_thread([this] { run(); })
{
}

WorkThread::~WorkThread()
{
    {
        const std::lock_guard locked(m_mutex);
        m_isEnding = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

void WorkThread::start(std::function<void()> work)
{
    {
        const std::lock_guard locked(m_mutex);
        m_waiting.push_back(std::move(work));
    }
    m_changed.notify_all();
}

bool WorkThread::isIdle() const
{
    const std::lock_guard locked(m_mutex);
    return !m_isBusy && m_waiting.empty();
}

void WorkThread::wait()
{
    std::unique_lock locked(m_mutex);
    m_changed.wait(locked, [this] { return !m_isBusy && m_waiting.empty(); });
}

// Ends when it is to and nothing waits any more.
void WorkThread::run()
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
            work();
        } // what it held goes before it counts as done
        locked.lock();
        m_isBusy = false;
        m_changed.notify_all();
    }
}

} // namespace hubkeep
