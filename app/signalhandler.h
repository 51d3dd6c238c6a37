// Ctrl-C, SIGTERM and SIGHUP cancel the running job instead of killing it.
//
// Construct it first in main(), before any other thread: it blocks the signals for
// all threads and waits for them on one of its own. The job then ends by itself and
// removes what is unfinished. A second signal changes nothing; SIGKILL leaves a
// `.partial` that the next backup removes.

#pragma once

#include "automation/core/jobcontrol.h"

#include <thread>

namespace hubkeep {

class SignalHandler
{
public:
    explicit SignalHandler(JobControl &control);
    ~SignalHandler();
    SignalHandler(const SignalHandler &) = delete;
    SignalHandler &operator=(const SignalHandler &) = delete;

private:
    std::thread m_thread;
};

} // namespace hubkeep
