// Calls back at each of many moments, and never twice at one.
//
//     RecurringTime daily(timers, [=](const QDateTime &after) { … }, [](const QDateTime &due) { …
//     });
//
// What was slept through comes once, on waking; of several that were missed the first. Setting
// the clock forward by up to an hour is the same; by more, nobody meant the times between, and
// they are left out. Setting it back by up to a day does not repeat what has been called. Whoever
// wants to know is told what was left out, where that lies more than an hour back.
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
    // The first moment that was left out, and maybe others until now. Not to destroy this.
    using LeftOut = std::function<void(const QDateTime &first)>;

    // timers outlives it.
    RecurringTime(TimerQueue &timers, Next next, Call call, LeftOut leftOut = {});
    ~RecurringTime();
    RecurringTime(const RecurringTime &) = delete;
    RecurringTime &operator=(const RecurringTime &) = delete;

private:
    void schedule(const QDateTime &after);
    void due(const QDateTime &moment);
    void tellLeftOut(const QDateTime &first, const QDateTime &before) const;
    void clockChanged(std::chrono::milliseconds by);

    TimerQueue &m_timers;
    const Next m_next;
    const Call m_call;
    const LeftOut m_leftOut; // may be none
    Timer m_timer;
    QDateTime m_moment; // that the timer waits for; invalid: there is none
    QDateTime m_last; // that was called
    QMetaObject::Connection m_watching;
};

} // namespace hubkeep::automation
