#include "automation/core/timerqueue.h"

#include <QScopeGuard>
#include <QSocketNotifier>

#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include <sys/timerfd.h>
#include <unistd.h>

namespace hubkeep {
namespace {

// Less is what happens between asking one clock and asking the other.
constexpr qint64 leastClockChange = 1000;

// The kernel tells when the clock is set or the machine wakes up; where it does not (some
// containers), this is how late that is noticed.
constexpr qint64 longestSleep = 60'000;

constexpr qint64 never = std::numeric_limits<qint64>::max();

qint64 uptimeOf(const Clock &clock)
{
    return clock.uptime().count();
}

qint64 wallOf(const Clock &clock)
{
    return clock.now().toMSecsSinceEpoch();
}

} // namespace

struct TimerQueue::Schedule
{
    using Calls = std::multimap<qint64, std::weak_ptr<Timer::Call>>; // by when they are due
    Calls byClock; // milliseconds of the epoch
    Calls byUptime; // milliseconds of uptime
};

struct Timer::Call
{
    Call(std::weak_ptr<TimerQueue::Schedule> where, bool isByClock, std::function<void()> what)
        : schedule(std::move(where))
        , byClock(isByClock)
        , function(std::move(what))
    {
    }
    ~Call() { unschedule(); }

    void unschedule()
    {
        if (const auto there = isDue ? schedule.lock() : nullptr)
            (byClock ? there->byClock : there->byUptime).erase(position);
        isDue = false;
    }

    const std::weak_ptr<TimerQueue::Schedule> schedule;
    const bool byClock;
    bool isDue = false; // position is in the schedule
    TimerQueue::Schedule::Calls::iterator position {};
    std::function<void()> function;
};

Timer::Timer(std::shared_ptr<Call> call)
    : m_call(std::move(call))
{
}

bool Timer::isActive() const
{
    return m_call && m_call->isDue && !m_call->schedule.expired();
}

TimerQueue::TimerQueue(const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_schedule(std::make_shared<Schedule>())
    , m_clockAhead(wallOf(clock) - uptimeOf(clock))
    , m_armed(never)
    , m_kernelTimer(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC))
{
    Q_ASSERT(m_kernelTimer.isOpen());
    m_notifier = std::make_unique<QSocketNotifier>(m_kernelTimer.get(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &TimerQueue::wake);
}

TimerQueue::~TimerQueue() = default;

Timer TimerQueue::at(const QDateTime &time, std::function<void()> call)
{
    Q_ASSERT(time.isValid());
    return add(true, time.toMSecsSinceEpoch(), std::move(call));
}

Timer TimerQueue::after(std::chrono::milliseconds time, std::function<void()> call)
{
    const qint64 now = uptimeOf(m_clock);
    const qint64 wait = std::max<qint64>(time.count(), 0);
    return add(false, wait < never - now ? now + wait : never, std::move(call));
}

Timer TimerQueue::add(bool byClock, qint64 due, std::function<void()> call)
{
    auto shared = std::make_shared<Timer::Call>(m_schedule, byClock, std::move(call));
    Schedule::Calls &calls = byClock ? m_schedule->byClock : m_schedule->byUptime;
    shared->position = calls.emplace(due, shared);
    shared->isDue = true;
    if (!m_waking && shared->position == calls.begin())
        arm();
    return Timer(std::move(shared));
}

std::optional<std::chrono::milliseconds> TimerQueue::untilNext() const
{
    qint64 wait = never;
    if (const auto &calls = m_schedule->byClock; !calls.empty())
        wait = calls.begin()->first - wallOf(m_clock);
    if (const auto &calls = m_schedule->byUptime; !calls.empty())
        wait = std::min(wait, calls.begin()->first - uptimeOf(m_clock));
    if (m_schedule->byClock.empty() && m_schedule->byUptime.empty())
        return {};
    return std::chrono::milliseconds(std::max<qint64>(wait, 0));
}

void TimerQueue::noticeClockChange()
{
    const qint64 ahead = wallOf(m_clock) - uptimeOf(m_clock);
    const qint64 by = ahead - m_clockAhead;
    if (std::abs(by) < leastClockChange)
        return;
    m_clockAhead = ahead;
    emit clockChanged(std::chrono::milliseconds(by));
}

void TimerQueue::wake()
{
    // Read, or it stays readable. That it fails with ECANCELED is how a set clock shows itself.
    quint64 expirations = 0;
    while (read(m_kernelTimer.get(), &expirations, sizeof expirations) > 0) { }
    m_armed = never;

    {
        m_waking = true;
        const auto done = qScopeGuard([this] { m_waking = false; });
        noticeClockChange();

        // What callbacks add waits for the next time, so that none keeps the event loop busy.
        const qint64 wall = wallOf(m_clock);
        const qint64 up = uptimeOf(m_clock);
        std::vector<std::pair<qint64, std::weak_ptr<Timer::Call>>> due; // by how late it is
        for (auto it = m_schedule->byClock.begin();
             it != m_schedule->byClock.end() && it->first <= wall; ++it)
            due.emplace_back(wall - it->first, it->second);
        for (auto it = m_schedule->byUptime.begin();
             it != m_schedule->byUptime.end() && it->first <= up; ++it)
            due.emplace_back(up - it->first, it->second);
        std::stable_sort(
            due.begin(), due.end(), [](const auto &a, const auto &b) { return a.first > b.first; });

        for (const auto &[late, weak] : due) {
            const std::shared_ptr<Timer::Call> call = weak.lock();
            if (!call || !call->isDue)
                continue;
            call->unschedule();
            const std::function<void()> function = std::move(call->function);
            function();
        }
    }
    arm();
}

void TimerQueue::arm()
{
    const auto wait = untilNext();
    if (!wait)
        return;
    const qint64 milliseconds = std::min<qint64>(wait->count(), longestSleep);
    const qint64 until = uptimeOf(m_clock) + milliseconds;
    if (until >= m_armed)
        return;
    m_armed = until;
    timespec now {};
    clock_gettime(CLOCK_REALTIME, &now);
    itimerspec when {};
    const qint64 nanoseconds = now.tv_nsec + milliseconds % 1000 * 1'000'000;
    when.it_value.tv_sec = now.tv_sec + milliseconds / 1000 + nanoseconds / 1'000'000'000;
    when.it_value.tv_nsec = nanoseconds % 1'000'000'000;
    timerfd_settime(
        m_kernelTimer.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, nullptr);
}

} // namespace hubkeep
