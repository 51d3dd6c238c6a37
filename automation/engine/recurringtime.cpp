#include "automation/engine/recurringtime.h"

#include <algorithm>
#include <utility>

namespace hubkeep::automation {

using namespace std::chrono_literals;

RecurringTime::RecurringTime(TimerQueue &timers, Next next, Call call)
    : m_timers(timers)
    , m_next(std::move(next))
    , m_call(std::move(call))
    , m_watching(QObject::connect(&timers, &TimerQueue::clockChanged, &timers,
          [this](std::chrono::milliseconds by) { clockChanged(by); }))
{
    schedule(timers.clock().now());
}

RecurringTime::~RecurringTime()
{
    QObject::disconnect(m_watching);
}

void RecurringTime::schedule(const QDateTime &after)
{
    const QDateTime moment = m_next(after);
    m_timer = moment.isValid() ? m_timers.at(moment, [this, moment] { due(moment); }) : Timer();
}

void RecurringTime::due(const QDateTime &moment)
{
    m_last = moment;
    schedule(std::max(m_timers.clock().now(), moment));
    const Call call = m_call; // which may destroy this
    call(moment);
}

void RecurringTime::clockChanged(std::chrono::milliseconds by)
{
    if (by > 0ms && by <= 1h)
        return; // what it went over is due now, and comes
    if (by < -24h)
        m_last = {};
    const QDateTime before = m_timers.clock().now().addMSecs(-1);
    schedule(m_last.isValid() ? std::max(before, m_last) : before);
}

} // namespace hubkeep::automation
