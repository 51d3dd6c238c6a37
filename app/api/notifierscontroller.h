// /api/v1/notifiers: who gets told, of the configuration file and of the API.
//
// Secrets are shown as "***", and kept where they come back so or as null; see
// integrations/notify/secrets.h.
//
// Main thread.

#pragma once

#include "app/api/router.h"
#include "app/auditlog.h"
#include "integrations/notify/notifyintegration.h"

#include <QObject>

namespace hubkeep::api {

class NotifiersController : public QObject
{
    Q_OBJECT

public:
    // All must outlive it.
    NotifiersController(Router &router, notify::NotifyIntegration &integration, AuditLog &audit);

private:
    void add(const Request &request, Responder responder);
    void change(const Request &request, Responder responder);
    void remove(const Request &request, Responder responder);
    void test(const Request &request, Responder responder);
    // The body, checked; NotFound or InvalidArgument. name: of the path, empty: there is none.
    Result<notify::NotifierConfig> configOf(const Request &request, const QString &name) const;
    void finish(const Request &request, const char *action, const QString &name,
        const Result<void> &done, int status, Responder responder);

    notify::NotifyIntegration &m_integration;
    AuditLog &m_audit;
};

} // namespace hubkeep::api
