// How long this thread has had a processor: for bounds that do not depend on how busy the machine
// is with others.

#pragma once

#include <chrono>
#include <ctime>

namespace hubkeep {

inline std::chrono::nanoseconds processorTime()
{
    timespec now {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

} // namespace hubkeep
