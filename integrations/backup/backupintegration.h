// The backup integration: what the configuration and the API say there is to back up, the
// manager that does it, its entities and its actions.
//
//     auto backup = std::make_unique<BackupIntegration>(std::move(parts));
//     hub.add(std::move(backup), …);
//     hub.find<BackupIntegration>()->manager().create({});
//
// Main thread. setUp() provides BackupIntegration and BackupManager to the hub.

#pragma once

#include "automation/core/hub.h"
#include "automation/core/integration.h"
#include "automation/core/statedatabase.h"
#include "automation/core/timerqueue.h"
#include "integrations/backup/archive/agekeys.h"
#include "integrations/backup/backuphealth.h"
#include "integrations/backup/backupmanager.h"
#include "integrations/backup/backupsettings.h"
#include "integrations/backup/hookrunner.h"
#include "integrations/backup/partstore.h"
#include "integrations/backup/parttypes.h"
#include "integrations/backup/retentionpolicy.h"
#include "integrations/backup/schedule.h"

#include <chrono>
#include <memory>

namespace hubkeep::backup {

// What hubkeep.yaml says, checked.
struct IntegrationConfig
{
    bool enabled = true;
    std::chrono::milliseconds timeout = std::chrono::hours(2);
    QList<Part> sources;
    QList<Part> agents;
    QList<HookCommand> before;
    QList<HookCommand> after;
    HealthConfig health {};
    // Those of the hub and of recovery: whom backups are encrypted to, before any passphrase.
    std::vector<AgeRecipient> recipients {};
};

class BackupIntegration final : public Integration
{
public:
    struct Parts
    {
        StateDatabase &state;
        SourceTypes sourceTypes; // "files" -> how to make one
        AgentTypes agentTypes;
        IntegrationConfig config;
        // The hub's own data, as sources; fresh objects each time.
        std::function<std::vector<std::unique_ptr<BackupSource>>()> hubSources {};
        // See BackupManager::Parts.
        QMap<QString, QList<QByteArray>> hubDatabases {};
        TimerQueue *timers = nullptr; // outlives the integration; null: one of its own
        Ping ping {}; // tells a dead-man's switch; null: nobody
        // False: it does what it is told and nothing by the clock, for a single command.
        bool runsByItself = true;
        PartSeal partSeal {}; // of what was added through the API
        // How often agents are listed while nothing else asks for it; 0: never.
        std::chrono::milliseconds listInterval = std::chrono::hours(1);
    };

    explicit BackupIntegration(Parts parts);
    ~BackupIntegration() override;

    QString name() const override { return QStringLiteral("backup"); }
    Result<void> setUp(Hub &hub, const QVariantMap &config) override;

    BackupManager &manager(); // requires setUp()

    // --- The automatic backup settings, kept in state.db.
    const BackupSettings &settings() const;
    Result<void> updateSettings(const QJsonObject &changes); // merged in; InvalidArgument
    CreateRequest automaticRequest() const; // what they make of a backup
    QDateTime lastAttempted() const; // of automatic backups; invalid: never
    QDateTime lastCompleted() const;
    ScheduledRun nextAutomatic() const;

    // --- For simulations.
    QDateTime now() const;
    QTimeZone zone() const; // the hub's
    QList<RetentionBackup> retentionBackups() const;

    // --- Sources and agents: those of the file, then those of the API.
    QList<Part> parts(PartKind kind) const;
    // Busy for a name that is taken or that the file has; InvalidArgument names the field.
    Result<void> addPart(PartKind kind, const Part &part);
    Result<void> replacePart(PartKind kind, const QString &name, const Part &part);
    Result<void> removePart(PartKind kind, const QString &name);
    struct PartTest
    {
        bool ok = false;
        QString message; // "12 files, 3.4 MiB", or what is wrong
        double seconds = 0;
    };
    // Tries a part out without saving anything, on a worker.
    QFuture<PartTest> testPart(PartKind kind, const Part &part);

    // What restore drills found, for the sensor of problems.
    void setDrillProblems(const QStringList &problems);

    // The file was read again.
    void reconfigure(IntegrationConfig config);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace hubkeep::backup
