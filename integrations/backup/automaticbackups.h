// Makes the automatic backups when the schedule says so.
//
// What a restart must not lose is kept in state.db: when the last was attempted and completed,
// the chance of this slot, since when there is this schedule, and that one failed and is to be
// tried again. A run that is due while the manager is busy waits until it is idle; one that was
// slept through, or that a set clock went over, is missed and made up as the schedule wants.
// What failed without any backup that was kept is tried again, slower and slower; one that lacks
// sources a few times; one that only some agent did not take not at all, for the backup is there,
// also where the hub was killed while agents were given it.
//
// Main thread; what it is given outlives it. Until started it does nothing.

#pragma once

#include "automation/core/statedatabase.h"
#include "automation/core/timerqueue.h"
#include "integrations/backup/backupmanager.h"
#include "integrations/backup/schedule.h"

#include <QObject>

#include <functional>

namespace hubkeep::backup {

class AutomaticBackups : public QObject
{
    Q_OBJECT

public:
    struct Parts
    {
        StateDatabase &state;
        TimerQueue &timers;
        BackupManager &manager;
        QTimeZone zone;
        std::function<CreateRequest()> request;
        // From 0 to most; null: by chance.
        std::function<int(int most)> chance {};
    };

    explicit AutomaticBackups(Parts parts, QObject *parent = nullptr);

    // Also when it changed. A schedule of never stops it.
    void setSchedule(const Schedule &schedule);

    const ScheduledRun &next() const { return m_next; }
    const Schedule &schedule() const { return m_schedule; }
    const QTimeZone &zone() const { return m_parts.zone; }
    const QDateTime &lastAttempted() const { return m_lastAttempted; }
    const QDateTime &lastCompleted() const { return m_lastCompleted; }
    const QDateTime &since() const { return m_memory.since; } // of this schedule
    // What the last attempt that ended failed with; empty: it did not.
    const QString &lastError() const { return m_memory.error; }
    const BackupId &keptOfFailure() const { return m_memory.kept; } // empty: nothing
    bool hookFailed() const { return m_memory.hookFailed; } // and nothing else
    bool awaitsAgents() const { return !m_memory.lacking.isEmpty(); } // and nothing else

    bool isStarted() const { return m_isStarted; }
    bool isUnderWay() const { return m_isWaiting || m_memory.isRunning; }

signals:
    void changed(); // any of them
    void attemptStarted();
    // Not for what a person cancelled. Of one that only agents lacked once more, completed, when
    // the last of them has caught up; of one that the hub's end cut off after the next start.
    void attemptEnded(bool completed);

private:
    // What has to outlive a restart besides the two times.
    struct Memory
    {
        QDateTime since {};
        QDateTime retryAt {};
        int failures = 0; // in a row
        int jitter = 0; // seconds, of the next run
        bool isRunning = false; // a hub that starts with this was killed in it
        QString error {};
        QString schedule {}; // that it is about
        BackupId making {}; // the last one that was begun
        BackupId lacking {}; // the backup that only agents did not take
        BackupId kept {}; // what there is of the one that failed with `error`
        bool hookFailed = false; // nothing else did
    };

    void load();
    void takeCutOff();
    void save();
    void saveTime(const QString &setting, const QDateTime &time);
    void take(const ManagerEvent &event);
    void begun();
    void completed();
    void failed(const ManagerEvent &event);
    void catchUp();
    void plan();
    void due(const QDateTime &when);
    void runWhenIdle();
    QDateTime now() const { return m_parts.timers.clock().now(); }

    Parts m_parts;
    Schedule m_schedule;
    bool m_isStarted = false;
    bool m_wasCutOff = false; // and nobody was told yet
    QDateTime m_lastAttempted;
    QDateTime m_lastCompleted;
    Memory m_memory;
    ScheduledRun m_next;
    bool m_isWaiting = false; // due, and the manager was busy
    Timer m_timer;
};

} // namespace hubkeep::backup
