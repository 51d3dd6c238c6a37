#include "integrations/backup/schedule.h"

#include "automation/core/localtime.h"

#include <algorithm>

namespace hubkeep::backup {
namespace {

using namespace std::chrono_literals;

// What is said to have been later than this from now was said by a clock that was wrong.
constexpr qint64 believedAhead = 24 * 3600;

constexpr int daysInWeek = 7;

bool hasSlots(const Schedule &schedule)
{
    return schedule.recurrence == Schedule::Recurrence::Daily
        || (schedule.recurrence == Schedule::Recurrence::CustomDays && !schedule.days.isEmpty());
}

QTime timeOf(const Schedule &schedule)
{
    return schedule.time.value_or(defaultBackupTime);
}

bool isDayOf(const Schedule &schedule, const QDate &date)
{
    return schedule.recurrence == Schedule::Recurrence::Daily
        || schedule.days.contains(date.dayOfWeek());
}

QDateTime believed(const QDateTime &moment, const QDateTime &now)
{
    return moment.isValid() && moment <= now.addSecs(believedAhead) ? moment : QDateTime();
}

QString shown(const QDateTime &moment, const QTimeZone &zone)
{
    return moment.toTimeZone(zone).toString(QStringLiteral("ddd yyyy-MM-dd HH:mm:ss"));
}

ScheduledRun noRun(const Schedule &schedule)
{
    ScheduledRun run;
    run.reason = schedule.recurrence == Schedule::Recurrence::Never
        ? QStringLiteral("The schedule's recurrence is never")
        : QStringLiteral("The schedule names no days");
    return run;
}

struct Slots
{
    QDateTime first; // after what was last done, or began
    QDateTime latest; // that has come and was neither; invalid: none
    QDateTime upcoming; // after now
    std::chrono::seconds jitter;
};

Slots slotsOf(const Schedule &schedule, const ScheduleState &state)
{
    const QDateTime completed = believed(state.lastCompleted, state.now);
    const QDateTime since = state.since <= state.now ? state.since : QDateTime();
    QDateTime seed = state.now;
    if (completed.isValid() || since.isValid())
        seed = !since.isValid() || (completed.isValid() && completed > since) ? completed : since;
    Slots times { nextSlot(schedule, state.zone, seed), lastSlot(schedule, state.zone, state.now),
        nextSlot(schedule, state.zone, state.now), schedule.time ? 0s : state.jitter };
    if (times.latest.isValid() && times.latest <= seed)
        times.latest = {};
    return times;
}

ScheduledRun regular(const QDateTime &slot, const Slots &times, const ScheduleState &state)
{
    ScheduledRun run { RunKind::Scheduled, slot.addSecs(times.jitter.count()), false, {} };
    run.reason = QStringLiteral("The schedule's next time is %1").arg(shown(slot, state.zone));
    if (times.jitter > 0s)
        run.reason += QStringLiteral(", and %1 seconds later by chance").arg(times.jitter.count());
    return run;
}

// A slot has gone by, and nothing ran in it.
ScheduledRun missed(const Schedule &schedule, const Slots &times, const ScheduleState &state)
{
    const QString what
        = QStringLiteral("The run of %1 was missed").arg(shown(times.latest, state.zone));
    if (schedule.catchUp == Schedule::CatchUp::Immediately) {
        const ScheduledRun next = regular(times.upcoming, times, state);
        const QDateTime due = state.now.addSecs(makeUpDelay.count());
        if (next.due <= due)
            return next;
        return { RunKind::MadeUp, due, true, what + QStringLiteral(", and is made up now") };
    }
    const QDateTime daily = nextTimeOfDay(state.zone, timeOf(schedule), state.now);
    if (daily == times.upcoming)
        return { RunKind::Scheduled, daily.addSecs(times.jitter.count()), false,
            what + QStringLiteral("; the schedule's next time makes up for it") };
    return { RunKind::MadeUp, daily.addSecs(times.jitter.count()), true,
        what + QStringLiteral(", and is made up at the next time of day, once") };
}

ScheduledRun withoutRetry(const Schedule &schedule, const Slots &times, const ScheduleState &state)
{
    if (!times.latest.isValid())
        return regular(times.first, times, state);
    const QDateTime attempted = believed(state.lastAttempted, state.now);
    if (attempted.isValid() && attempted >= times.latest)
        return regular(times.upcoming, times, state);
    if (times.latest.addSecs(times.jitter.count()) >= state.now)
        return regular(times.latest, times, state);
    return missed(schedule, times, state);
}

} // namespace

Schedule scheduleOf(const BackupSettings &settings)
{
    Schedule schedule;
    if (settings.recurrence == u"daily")
        schedule.recurrence = Schedule::Recurrence::Daily;
    else if (settings.recurrence == u"custom_days")
        schedule.recurrence = Schedule::Recurrence::CustomDays;
    const QStringList names = weekdayNames();
    for (const QString &day : settings.days) {
        if (const qsizetype index = names.indexOf(day); index >= 0)
            schedule.days.insert(int(index) + 1);
    }
    if (const QTime time = QTime::fromString(settings.time, QStringLiteral("HH:mm:ss"));
        time.isValid())
        schedule.time = time;
    if (settings.catchUp == u"next_slot")
        schedule.catchUp = Schedule::CatchUp::NextSlot;
    return schedule;
}

QDateTime nextSlot(const Schedule &schedule, const QTimeZone &zone, const QDateTime &after)
{
    if (!hasSlots(schedule))
        return {};
    const QDate today = after.toTimeZone(zone).date();
    // Two more than a week: a day may be left out, and the first may be over.
    for (int days = -1; days <= daysInWeek + 1; ++days) {
        const QDate date = today.addDays(days);
        const QDateTime slot = momentOf(zone, date, timeOf(schedule));
        if (isDayOf(schedule, date) && slot > after)
            return slot;
    }
    return {};
}

QDateTime lastSlot(const Schedule &schedule, const QTimeZone &zone, const QDateTime &until)
{
    if (!hasSlots(schedule))
        return {};
    const QDate today = until.toTimeZone(zone).date();
    for (int days = 1; days >= -daysInWeek - 1; --days) {
        const QDate date = today.addDays(days);
        const QDateTime slot = momentOf(zone, date, timeOf(schedule));
        if (isDayOf(schedule, date) && slot <= until)
            return slot;
    }
    return {};
}

ScheduledRun nextRun(const Schedule &schedule, const ScheduleState &state)
{
    if (!hasSlots(schedule))
        return noRun(schedule);
    const Slots times = slotsOf(schedule, state);
    ScheduledRun run = withoutRetry(schedule, times, state);
    const QDateTime retryAt = believed(state.retryAt, state.now);
    if (retryAt.isValid() && retryAt < run.due) {
        run = { RunKind::Retry, std::max(retryAt, state.now),
            std::max(retryAt, state.now) < times.upcoming,
            QStringLiteral("The last run failed, and is tried again before the schedule's next "
                           "time, %1")
                .arg(shown(times.upcoming, state.zone)) };
    }
    return run;
}

// 5 and 15 minutes, 45 minutes, 2 hours and a quarter, then every 6 hours.
std::chrono::seconds retryDelay(int failures)
{
    std::chrono::seconds delay = 5min;
    for (int i = 1; i < failures && delay < 6h; ++i)
        delay *= 3;
    return std::min<std::chrono::seconds>(delay, 6h);
}

std::chrono::seconds overdueAfter(const Schedule &schedule)
{
    constexpr std::chrono::seconds margin = 4h;
    constexpr std::chrono::seconds day = 24h;
    if (schedule.recurrence != Schedule::Recurrence::CustomDays || schedule.days.isEmpty())
        return day + margin;
    int longest = 0;
    for (const int from : schedule.days) {
        int days = 1;
        while (!schedule.days.contains((from - 1 + days) % daysInWeek + 1))
            ++days;
        longest = std::max(longest, days);
    }
    return longest * day + margin;
}

} // namespace hubkeep::backup
