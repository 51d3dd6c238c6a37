// /api/v1/backup: starting, watching and ending operations, and the settings.
//
// What is in a backup is answered by BackupContentController, what comes in from elsewhere by
// BackupUpload. Main thread.

#pragma once

#include "app/api/router.h"
#include "app/auditlog.h"
#include "integrations/backup/backupmanager.h"

#include <QObject>

namespace hubkeep::backup {
class BackupIntegration;
}

namespace hubkeep::api {

class BackupController : public QObject
{
    Q_OBJECT

public:
    // All must outlive it.
    BackupController(Router &router, backup::BackupIntegration &integration, AuditLog &audit);

private:
    void addRoutes(Router &router);
    void create(const Request &request, Responder responder);
    void createDatabase(const Request &request, Responder responder);
    void systemBackup(const Request &request, Responder responder);
    void restore(const Request &request, Responder responder);
    void preview(const backup::RestoreOrder &order, Responder responder);
    void restoreDatabase(const Request &request, Responder responder);
    void verify(const Request &request, Responder responder);
    void remove(const Request &request, Responder responder);
    void changeSettings(const Request &request, Responder responder);

    // Writes down what a caller did, or failed to.
    void note(const Request &request, const char *action, const QString &target,
        const Result<void> &result = {});
    void noteStart(const Request &request, const char *action, const QString &target,
        const Result<backup::StartedOperation> &operation);

    backup::BackupIntegration &m_integration;
    backup::BackupManager &m_manager;
    AuditLog &m_audit;
};

} // namespace hubkeep::api
