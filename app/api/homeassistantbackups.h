// /api/backup: how Home Assistant's clients fetch a backup, and bring one.
//
// Main thread. The hub and the audit log outlive it; it outlives the router's use.

#pragma once

#include "app/api/uploads.h"
#include "app/auditlog.h"
#include "automation/core/hub.h"

#include <QObject>

namespace hubkeep::api {

class ApiServer;

class HomeAssistantBackups : public QObject
{
    Q_OBJECT

public:
    HomeAssistantBackups(Hub &hub, AuditLog &audit, QObject *parent = nullptr);

    void addRoutes(Router &router, ApiServer &server);

private:
    void download(const Request &request, Responder responder);
    Result<std::unique_ptr<UploadTarget>> openUpload(
        const Request &request, std::optional<qint64> size);

    Hub &m_hub;
    AuditLog &m_audit;
};

} // namespace hubkeep::api
