// Waiting for something while the event loop runs: for what drives the window from a command line.

#pragma once

#include <QCoreApplication>
#include <QDeadlineTimer>

#include <chrono>

namespace hubkeep::desktop {

// Until done() holds; false where it did not within limit.
template <typename Done>
bool runUntil(Done done, std::chrono::milliseconds limit)
{
    const QDeadlineTimer deadline(limit);
    while (!done()) {
        if (deadline.hasExpired())
            return false;
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
    }
    return true;
}

} // namespace hubkeep::desktop
