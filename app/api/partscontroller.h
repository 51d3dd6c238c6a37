// /api/v1/sources, /agents: what there is to back up and where backups go, of the
// configuration file and of the API.
//
// Main thread.

#pragma once

#include "app/api/router.h"
#include "app/auditlog.h"
#include "integrations/backup/backupintegration.h"

#include <QObject>

namespace hubkeep::api {

class PartsController : public QObject
{
    Q_OBJECT

public:
    // All must outlive it.
    PartsController(Router &router, backup::BackupIntegration &integration, AuditLog &audit,
        QString dataFolder);

private:
    void addRoutes(Router &router, const QString &base, backup::PartKind kind);
    // The body, checked; NotFound or InvalidArgument.
    Result<backup::Part> partOf(
        const Request &request, backup::PartKind kind, const QString &name = {}) const;
    Result<void> checkOwnFolder(const backup::Part &part) const;
    void finish(const Request &request, const char *action, const QString &name,
        const Result<void> &done, int status, Responder responder);

    backup::BackupIntegration &m_integration;
    AuditLog &m_audit;
    const QString m_dataFolder;
};

} // namespace hubkeep::api
