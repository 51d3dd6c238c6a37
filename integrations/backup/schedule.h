// When the next automatic backup is due, and why.
//
//     const ScheduledRun run = nextRun(schedule, { now, zone, lastCompleted });
//     timer = timers.at(run.due, …);
//
// The times that Home Assistant computes: 04:45 where none was chosen, and then somewhat later
// by chance; counted from the last backup that completed. A time that a day does not have is
// when the clock jumps over it, of one that it has twice it is the first. Different are four
// things: a run that was missed is made up at once, unless `catch_up: next_slot` wants it at the
// next time of day; whoever starts between a slot and its run by chance does not miss that day;
// what was attempted counts as missed no more, it is tried again; and seconds are seconds.
//
// Pure functions of plain values; any thread.

#pragma once

#include "integrations/backup/backupsettings.h"

#include <QDateTime>
#include <QSet>
#include <QTime>
#include <QTimeZone>

#include <chrono>
#include <optional>

namespace hubkeep::backup {

inline const QTime defaultBackupTime { 4, 45 };
inline constexpr std::chrono::seconds longestJitter { 3600 };
inline constexpr std::chrono::seconds makeUpDelay { 60 }; // networks and agents come up, too

struct Schedule
{
    enum class Recurrence { Never, Daily, CustomDays };
    enum class CatchUp { Immediately, NextSlot };

    Recurrence recurrence = Recurrence::Never;
    QSet<int> days {}; // of CustomDays; 1 is Monday, as in QDate
    std::optional<QTime> time {}; // nothing: the default, and jitter
    CatchUp catchUp = CatchUp::Immediately;

    bool operator==(const Schedule &) const = default;
};

Schedule scheduleOf(const BackupSettings &settings);

// What there is to know at a moment. Moments are UTC; an invalid one never was.
struct ScheduleState
{
    QDateTime now;
    QTimeZone zone;
    QDateTime lastCompleted {};
    QDateTime lastAttempted {}; // whatever became of it
    QDateTime since {}; // when there began to be this schedule: what was before was not missed
    std::chrono::seconds jitter { 0 }; // used where the schedule has no time
    QDateTime retryAt {}; // when what failed is to be tried again
};

enum class RunKind { None, Scheduled, MadeUp, Retry };

struct ScheduledRun
{
    RunKind kind = RunKind::None;
    QDateTime due {}; // invalid: never
    bool additional = false; // before the first slot of the schedule
    QString reason {}; // a sentence
};

ScheduledRun nextRun(const Schedule &schedule, const ScheduleState &state);

// The first slot after a moment, without jitter; invalid: there is none.
QDateTime nextSlot(const Schedule &schedule, const QTimeZone &zone, const QDateTime &after);
// The last one that is not later than a moment.
QDateTime lastSlot(const Schedule &schedule, const QTimeZone &zone, const QDateTime &until);

// How long after its end a run that failed so many times in a row is tried again.
std::chrono::seconds retryDelay(int failures);

// How old the last success may become before somebody has to know, where nobody said: the longest
// wait between two runs, and some hours.
std::chrono::seconds overdueAfter(const Schedule &schedule);

} // namespace hubkeep::backup
