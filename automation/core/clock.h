// Where the time comes from, so that tests can say what time it is.

#pragma once

#include <QDateTime>

namespace hubkeep {

class Clock
{
public:
    Clock() = default;
    Clock(const Clock &) = delete;
    Clock &operator=(const Clock &) = delete;
    virtual ~Clock() = default;

    virtual QDateTime now() const = 0; // UTC, milliseconds
};

class SystemClock final : public Clock
{
public:
    QDateTime now() const override { return QDateTime::currentDateTimeUtc(); }
};

} // namespace hubkeep
