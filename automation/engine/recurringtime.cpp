#include "automation/engine/recurringtime.h"

#include <algorithm>
#include <utility>

namespace hubkeep::automation {

using namespace std::chrono_literals;

namespace {

constexpr auto littleForward = 1h;

} // namespace

RecurringTime::RecurringTime(TimerQueue &timers, Next next, Call call, LeftOut leftOut)
    : m_timers(timers)
    , m_next(std::move(next))
    , m_call(std::move(call))
    , m_leftOut(std::move(leftOut))
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
    m_moment = m_next(after);
    m_timer = m_moment.isValid() ? m_timers.at(m_moment, [this, moment = m_moment] { due(moment); })
                                 : Timer();
}

void RecurringTime::due(const QDateTime &moment)
{
    m_last = moment;
    const QDateTime now = m_timers.clock().now();
    tellLeftOut(m_next(moment), now.addMSecs(1));
    schedule(std::max(now, moment));
    const Call call = m_call; // which may destroy this
    call(moment);
}

void RecurringTime::tellLeftOut(const QDateTime &first, const QDateTime &before) const
{
    const qint64 least = std::chrono::milliseconds(littleForward).count();
    if (m_leftOut && first.isValid() && first < before && first.msecsTo(before) > least)
        m_leftOut(first);
}

void RecurringTime::clockChanged(std::chrono::milliseconds by)
{
    if (by > 0ms && by <= littleForward)
        return; // what it went over is due now, and comes
    if (by < -24h)
        m_last = {};
    const QDateTime now = m_timers.clock().now();
    const QDateTime before = now.addMSecs(-1);
    if (by > 0ms)
        tellLeftOut(m_moment, now);
    schedule(m_last.isValid() ? std::max(before, m_last) : before);
}

} // namespace hubkeep::automation
