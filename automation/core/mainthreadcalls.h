// Brings calls from other threads to the main one, in the order in which they were posted.
//
//     calls.post([this, result] { take(result); }); // on a worker
//
// Each call is handed over under a std::mutex, and Qt's event loop is only woken for it: so
// thread sanitizers, which do not see into Qt, see that what the worker wrote before is there for
// the call. A call runs from the event loop, also when it is posted on the main thread.
//
// Made and destroyed on the thread that is to be called; post() from any. Whoever posts ends
// before it is destroyed; calls that have not run by then are dropped.

#pragma once

#include <functional>
#include <memory>

namespace hubkeep {

class MainThreadCalls
{
public:
    MainThreadCalls();
    ~MainThreadCalls();
    MainThreadCalls(const MainThreadCalls &) = delete;
    MainThreadCalls &operator=(const MainThreadCalls &) = delete;

    void post(std::function<void()> call);

private:
    class Queue;
    const std::unique_ptr<Queue> m_queue;
};

} // namespace hubkeep
