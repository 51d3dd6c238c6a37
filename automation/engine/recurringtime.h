// Calls back at each of many moments, and never twice at one.
//
//     RecurringTime daily(timers, [=](const QDateTime &after) { … }, [](const QDateTime &due) { …
//     });
//
// What was slept through comes once, on waking; of several that were missed the first. Setting
// the clock forward by up to an hour is the same; by more, nobody meant the times between, and
// they are left out. Setting it back by up to a day does not repeat what has been called.
//
// Main thread. May be destroyed by its own call.

#pragma once

#include "automation/core/timerqueue.h"

#include <QDateTime>
#include <QObject>

#include <chrono>
#include <functional>

namespace hubkeep::automation {

class RecurringTime
{
public:
    // The first moment later than `after`; an invalid one: there is none.
    using Next = std::function<QDateTime(const QDateTime &after)>;
    using Call = std::function<void(const QDateTime &due)>;

    // timers outlives it.
    RecurringTime(TimerQueue &timers, Next next, Call call);
    ~RecurringTime();
    RecurringTime(const RecurringTime &) = delete;
    RecurringTime &operator=(const RecurringTime &) = delete;

private:
    void schedule(const QDateTime &after);
    void due(const QDateTime &moment);
    void clockChanged(std::chrono::milliseconds by);

    TimerQueue &m_timers;
    const Next m_next;
    const Call m_call;
    Timer m_timer;
    QDateTime m_last; // that was called
    QMetaObject::Connection m_watching;
};

} // namespace hubkeep::automation
