// The hub as a whole: makes every part, connects them, and takes them down in order.
//
//     Result<std::unique_ptr<Application>> hub = Application::open({ dataFolder }, clock);
//     Result<void> listening = (*hub)->listen();
//     … QCoreApplication::exec() …
//
// The only place that constructs parts. `hubkeep backup --data` makes one of its own where no hub
// runs, on a loopback port that is not announced. Main thread; needs a QCoreApplication.

#pragma once

#include "app/configuration.h"
#include "app/datafolder.h"
#include "automation/core/clock.h"
#include "automation/core/hub.h"

#include <QObject>

#include <memory>
#include <optional>

namespace hubkeep {

class Accounts;
class TimerQueue;

namespace api {
class Router;
}
namespace automation {
class AutomationEngine;
}
namespace backup {
class BackupIntegration;
class BackupManager;
}

class Application : public QObject
{
    Q_OBJECT

public:
    struct Options
    {
        QString dataFolder; // absolute; created where it is missing
        QString host {}; // instead of the configuration's
        std::optional<quint16> port {};
        // In data/running.json, for the commands of this machine. False: it lives as long as a
        // command, and begins nothing by the clock.
        bool announce = true;
    };

    // Busy: another hub, or a command, works in the folder. InvalidArgument: the
    // configuration has problems, each on a line of the message.
    static Result<std::unique_ptr<Application>> open(Options options, const Clock &clock);

    // Ends what runs, so that nothing half-made stays, and closes everything.
    ~Application() override;

    // Serves the network interface; the backup manager becomes idle.
    Result<void> listen();
    QString url() const; // "http://127.0.0.1:8420"; requires listen()
    const RunningHub &access() const; // for commands of this user; requires listen()

    // Of the administrator "admin" that a first start makes; else empty.
    const QString &firstPassword() const;

    // The table of what the server answers.
    const api::Router &router() const;
    Accounts &accounts();
    Hub &hub();
    backup::BackupIntegration &backupIntegration();
    backup::BackupManager &manager();
    automation::AutomationEngine &automations();
    TimerQueue &timers();

    // Reads the configuration again. With problems the one in force stays, and they are
    // logged and returned.
    QList<ConfigurationProblem> reload();

signals:
    void restartRequested(); // by the action homeassistant.restart

private:
    struct Parts;

    explicit Application(std::unique_ptr<Parts> parts);
    Result<void> prepareFolder();
    Result<void> openStores();
    Result<void> ensureAdministrator();
    Result<void> setUpIntegrations();
    Result<QString> instanceId();
    Result<void> addBackupIntegration();
    void addActions();
    void addRoutes();
    Result<void> addRecorder();
    Result<void> addPersistentNotifications();
    void followOperations();
    Result<void> addNotifiers();
    Result<void> addAutomations();
    QList<ConfigurationProblem> checkFiles() const; // with the actions that there are
    Result<void> giveAccess();

    std::unique_ptr<Parts> m_parts;
};

} // namespace hubkeep
