// One thread that does what it is given, one piece after the other, in order.
//
//     WorkThread thread;
//     thread.start([path] { … });
//     thread.wait();
//
// std::thread rather than QThreadPool, because thread sanitizers see all of it: what is done
// before start() is seen by the work, and what the work did by who waits.
//
// start(), isIdle() and wait() from any thread, but wait() not from its own. Destroying it first
// does all that was started.

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace hubkeep {

class WorkThread
{
public:
    WorkThread();
    ~WorkThread();
    WorkThread(const WorkThread &) = delete;
    WorkThread &operator=(const WorkThread &) = delete;

    void start(std::function<void()> work);
    bool isIdle() const; // nothing runs and nothing waits
    void wait(); // until it is idle

private:
    void run();

    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::function<void()>> m_waiting;
    bool m_isBusy = false;
    bool m_isEnding = false;
    std::thread m_thread; // last: it uses what is above
};

} // namespace hubkeep
