// Looks whether the backups can be trusted, and tells somebody where they cannot.
//
// What it finds comes from what is remembered anyway, so it is the same after a restart, and
// overdue comes by the clock, also when nothing runs. It shows as binary_sensor.backup_overdue and
// binary_sensor.backup_problem, and as persistent notifications that go when what they say does.
// A dead-man's switch is told when an automatic backup starts, completes and fails; that one which
// failed completed after all, once the last agent that lacked it has caught up; and after a
// start that the hub's end cut one off.
//
// Main thread; what it is given outlives it.

#pragma once

#include "automation/core/hub.h"
#include "automation/core/timerqueue.h"
#include "integrations/backup/automaticbackups.h"
#include "integrations/backup/backupentities.h"

#include <QObject>

#include <chrono>
#include <functional>
#include <map>
#include <optional>

namespace hubkeep::backup {

struct HealthConfig
{
    QString pingUrl {}; // in the manner of healthchecks.io: /start, nothing, /fail; empty: none
    std::optional<std::chrono::seconds> overdueAfter {}; // nothing: what the schedule says

    bool operator==(const HealthConfig &) const = default;
};

// Sends a POST there, sooner or later.
using Ping = std::function<void(const QString &url, const QByteArray &body)>;

class BackupHealth : public QObject
{
    Q_OBJECT

public:
    struct Parts
    {
        Hub &hub;
        TimerQueue &timers;
        BackupManager &manager;
        AutomaticBackups &automatic;
        BackupEntities &entities;
        std::function<QStringList()> wantedAgents; // ids of the settings
        Ping ping {}; // null: nobody is told
        // Of a copy that an agent lacks or has damaged, as AgentCatchup knows; null: it can.
        std::function<bool(const CatalogEntry &, const QString &agentId)> needsRecipient {};
        std::function<bool(const CatalogEntry &, const QString &agentId)> isToBeReplaced {};
        std::chrono::milliseconds listInterval { 0 }; // of agents, by itself; 0: never
    };

    BackupHealth(Parts parts, HealthConfig config);

    void configure(HealthConfig config);
    void look(); // by itself where anything changed
    // Shown with the others; who found them tells of them.
    void setDrillProblems(const QStringList &problems);

    bool isOverdue() const { return m_isOverdue; }
    QStringList problems() const; // sentences

private:
    struct Finding
    {
        QString id; // of its notification
        QString title;
        QString message;
        std::optional<QString> logged {}; // instead of the message; empty: nothing is
    };

    void listRegularly();
    void lookAtTime();
    void add(const char *id, const QString &title, const QString &message);
    void findFailure();
    Finding failure() const;
    QString nextAttempt() const;
    bool waitsForRecipient() const;
    void findShrunk();
    void findVanished(const std::optional<CatalogEntry> &newest);
    void tellVanished(
        const QString &agentId, const QList<BackupId> &ids, const QList<BackupId> &lost);
    void findDamaged();
    void findLowSpace(const std::optional<CatalogEntry> &newest);
    void findMissingAgents();
    void tell();
    void dismissSolved();
    void ping(const char *ending, const QByteArray &body);

    Parts m_parts;
    HealthConfig m_config;
    QStringList m_drillProblems;
    bool m_isOverdue = false;
    QDateTime m_reference; // that the time is counted from
    std::chrono::seconds m_limit { 0 };
    QList<Finding> m_findings;
    QStringList m_saidLow; // agents
    std::map<QString, QString> m_told; // messages, by id
    std::optional<Finding> m_failure; // as it was last found
    bool m_knowsAgents = false; // they were listed since the start
    Timer m_timer;
    Timer m_listing;
};

} // namespace hubkeep::backup
