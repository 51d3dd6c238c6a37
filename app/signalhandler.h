// Ctrl-C, SIGTERM and SIGHUP cancel the running job instead of killing it.
//
// A hub does more than that: it sets a callback.
//
// Construct it first in main(), before any other thread: it blocks the signals for
// all threads and waits for them on one of its own. The job then ends by itself and
// removes what is unfinished. A second signal changes nothing; SIGKILL leaves a
// `.partial` that the next backup removes.

#pragma once

#include "automation/core/jobcontrol.h"

#include <functional>
#include <mutex>
#include <thread>

namespace hubkeep {

class SignalHandler
{
public:
    explicit SignalHandler(JobControl &control);
    ~SignalHandler();
    SignalHandler(const SignalHandler &) = delete;
    SignalHandler &operator=(const SignalHandler &) = delete;

    // Called with the signal instead of cancelling, from a thread of the handler's. Null:
    // cancelling again. Returns once the one before is not running any more.
    void setCallback(std::function<void(int signal)> callback);

private:
    std::mutex m_mutex;
    std::function<void(int)> m_callback;
    std::thread m_thread;
};

} // namespace hubkeep
