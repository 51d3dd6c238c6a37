// What the hub shows of its backups: Home Assistant's sensors and event entity, and a few more.
//
// Main thread; hub and manager outlive it.

#pragma once

#include "automation/core/entity.h"
#include "automation/core/hub.h"
#include "integrations/backup/backupmanager.h"

#include <chrono>
#include <map>

namespace hubkeep::backup {

class BackupEntities : public QObject
{
    Q_OBJECT

public:
    BackupEntities(Hub &hub, BackupManager &manager);

    // Invalid: it never happened, or is not known.
    struct Times
    {
        QDateTime lastAttempted {};
        QDateTime lastCompleted {};
        QDateTime next {};
        bool nextIsAdditional = false;
    };
    void showTimes(const Times &times);

    // since: what the time until overdue is counted from; invalid: nothing.
    void showHealth(bool isOverdue, const QDateTime &since, std::chrono::seconds limit,
        const QStringList &problems);

    // Which agents have an entity for their free space.
    void showAgents(const QStringList &ids);

private:
    void showEvent(const ManagerEvent &event);
    void showProgress(const OperationStatus &status);
    void showBackups();
    QString freeSpaceId(const QString &name) const;

    StateStore &m_states;
    const Clock &m_clock;
    BackupManager &m_manager;
    Entity m_state;
    Entity m_next;
    Entity m_lastAttempted;
    Entity m_lastSuccessful;
    Entity m_event;
    Entity m_progress;
    Entity m_size;
    Entity m_count;
    Entity m_overdue;
    Entity m_problem;
    std::map<QString, Entity> m_freeSpace; // by agent
};

} // namespace hubkeep::backup
