// Home Assistant's REST API, as far as it fits a backup hub: /api/states, /api/services, …
// and the backups of /api/backup (homeassistantbackups.h).
//
//     HomeAssistantController controller({ hub, audit, [] { return checkConfiguration(…); } });
//     controller.addRoutes(router, server);
//
// Main thread. What Parts refers to, and the controller itself, outlive the router's use.

#pragma once

#include "app/api/homeassistantbackups.h"
#include "app/auditlog.h"
#include "app/configuration.h"
#include "automation/core/hub.h"

#include <QObject>

#include <chrono>
#include <functional>

namespace hubkeep::api {

class ApiServer;

class HomeAssistantController : public QObject
{
    Q_OBJECT

public:
    struct Parts
    {
        Hub &hub;
        AuditLog &audit;
        std::function<QList<ConfigurationProblem>()> checkConfiguration;
        std::chrono::milliseconds streamPing = std::chrono::seconds(50);
    };

    explicit HomeAssistantController(Parts parts, QObject *parent = nullptr);

    void addRoutes(Router &router, ApiServer &server);

private:
    void getState(const Request &request, Responder responder);
    void setState(const Request &request, Responder responder);
    void removeState(const Request &request, Responder responder);
    void callService(const Request &request, Responder responder);
    void listEvents(Responder responder);
    void fireEvent(const Request &request, Responder responder);
    void checkConfig(Responder responder);
    void stream(const Request &request, Responder responder);

    const Parts m_parts;
    HomeAssistantBackups m_backups;
};

} // namespace hubkeep::api
