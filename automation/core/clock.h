// Where the time comes from, so that tests can say what time it is.

#pragma once

#include <QDateTime>

#include <chrono>
#include <ctime>

namespace hubkeep {

class Clock
{
public:
    Clock() = default;
    Clock(const Clock &) = delete;
    Clock &operator=(const Clock &) = delete;
    virtual ~Clock() = default;

    virtual QDateTime now() const = 0; // UTC, milliseconds
    // Since some moment; also while the machine sleeps. Setting the clock leaves it alone.
    virtual std::chrono::milliseconds uptime() const
    {
        return std::chrono::milliseconds(now().toMSecsSinceEpoch());
    }
};

class SystemClock final : public Clock
{
public:
    QDateTime now() const override { return QDateTime::currentDateTimeUtc(); }
    std::chrono::milliseconds uptime() const override
    {
        timespec time {};
        clock_gettime(CLOCK_BOOTTIME, &time);
        return std::chrono::milliseconds(time.tv_sec * 1000 + time.tv_nsec / 1'000'000);
    }
};

} // namespace hubkeep
