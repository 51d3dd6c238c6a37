// Holds restore drills when they are due, remembers how they went, and tells somebody when one
// found a backup that does not come back.
//
//     RestoreDrills drills(hub, manager, log, timers, policy);
//
// It looks every ten minutes, and after each backup; where the manager is busy it looks again
// later. Drills that somebody asked for are remembered just the same. The notice
// "backup_drill_failed" goes when a later drill of the same agent succeeds; so does
// "backup_drill_locked", which says that there is no key any more for backups that the hub is, or
// was, able to open. That it cannot open what it is not meant to is said once, in the log.
//
// Main thread. What it is given must outlive it.

#pragma once

#include "automation/core/hub.h"
#include "automation/core/timerqueue.h"
#include "integrations/backup/backupmanager.h"
#include "integrations/backup/drillplan.h"

#include <QSet>

namespace hubkeep::backup {

class RestoreDrills : public QObject
{
    Q_OBJECT

public:
    RestoreDrills(Hub &hub, BackupManager &manager, DrillLog &log, TimerQueue &timers,
        const DrillPolicy &policy);

    const DrillPolicy &policy() const { return m_policy; }
    void setPolicy(const DrillPolicy &policy);

    // Newest first, those below `before` (0: all), at most limit.
    Result<QList<DrillRecord>> page(int limit, qint64 before = 0) const
    {
        return m_log.page(limit, before);
    }
    DrillPlan plan() const; // what would be held now, and what not, and why
    QStringList problems() const { return m_problems.values() + m_locked.values(); } // sentences

signals:
    void problemsChanged();
    void drillEnded(const hubkeep::backup::DrillRecord &record);

private:
    void look();
    void record(const OperationStatus &status);
    void tell(const DrillRecord &record);
    void showNotices();
    DrillLock lockOf(const BackupId &id) const;
    void tellLocked(const QString &agentId, const BackupId &id, DrillLock lock);
    void lookAgainIn(std::chrono::milliseconds time);

    Hub &m_hub;
    BackupManager &m_manager;
    DrillLog &m_log;
    TimerQueue &m_timers;
    DrillPolicy m_policy;
    Timer m_timer;
    QMap<QString, QString> m_problems; // by agent: what its last drill found
    QMap<QString, QString> m_locked; // by agent: what there is no key for any more
    QSet<QString> m_saidMeant; // agents whose copies are not meant to be opened here
};

} // namespace hubkeep::backup
