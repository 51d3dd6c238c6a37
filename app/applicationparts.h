// What an Application is made of; for application.cpp and applicationnetwork.cpp alone.

#pragma once

#include "app/activitylog.h"
#include "app/api/apiserver.h"
#include "app/api/authcontroller.h"
#include "app/api/automationcontroller.h"
#include "app/api/backupcontentcontroller.h"
#include "app/api/backupcontroller.h"
#include "app/api/historycontroller.h"
#include "app/api/homeassistantcontroller.h"
#include "app/api/keyscontroller.h"
#include "app/api/notifierscontroller.h"
#include "app/api/partscontroller.h"
#include "app/api/websocketapi.h"
#include "app/application.h"
#include "app/auditlog.h"
#include "app/pinger.h"
#include "automation/core/timerqueue.h"
#include "automation/engine/automationengine.h"
#include "integrations/backup/backupintegration.h"
#include "integrations/backup/folderlock.h"
#include "integrations/backup/keyreminder.h"
#include "integrations/backup/restoredrills.h"
#include "integrations/notify/notifyintegration.h"

namespace hubkeep {

// In the order in which they are made; destroyed from the last to the first.
struct Application::Parts
{
    Parts(Options wanted, const Clock &time)
        : options(std::move(wanted))
        , folder(options.dataFolder)
        , clock(time)
    {
    }

    const Options options;
    const DataFolder folder;
    const Clock &clock;
    std::optional<backup::FolderLock> lock;
    Configuration configuration;
    QString firstPassword;
    std::unique_ptr<StateDatabase> state;
    std::unique_ptr<Accounts> accounts;
    std::unique_ptr<AuditLog> audit;
    std::unique_ptr<ActivityLog> activity;
    std::unique_ptr<TimerQueue> timers;
    std::unique_ptr<Pinger> pinger;
    std::unique_ptr<Hub> hub;
    backup::BackupIntegration *backup = nullptr; // the hub's
    std::unique_ptr<backup::KeyReminder> keyReminder;
    std::unique_ptr<backup::DrillLog> drillLog;
    std::unique_ptr<backup::RestoreDrills> drills;
    notify::NotifyIntegration *notify = nullptr; // the hub's
    std::unique_ptr<automation::AutomationEngine> automations;
    api::Router router;
    std::unique_ptr<api::AuthController> authController;
    std::unique_ptr<api::BackupController> backupController;
    std::unique_ptr<api::BackupContentController> contentController;
    std::unique_ptr<api::PartsController> partsController;
    std::unique_ptr<api::NotifiersController> notifiersController;
    std::unique_ptr<api::KeysController> keysController;
    std::unique_ptr<api::HomeAssistantController> homeAssistant;
    std::unique_ptr<api::HistoryController> historyController;
    std::unique_ptr<api::AutomationController> automationController;
    std::unique_ptr<api::WebSocketApi> webSockets;
    std::unique_ptr<api::ApiServer> server;
    RunningHub access; // empty before listen()
};

} // namespace hubkeep
