// /api/v1/keys: the hub's age keys, and their recovery kits. Secrets leave in kits only, and the
// audit log says so. Main thread.

#pragma once

#include "app/api/router.h"
#include "app/auditlog.h"
#include "automation/core/clock.h"
#include "integrations/backup/keystore.h"

#include <QObject>

#include <functional>

namespace hubkeep::api {

class KeysController : public QObject
{
    Q_OBJECT

public:
    // Adds its routes. All must outlive it. hubName is asked for each kit.
    KeysController(Router &router, const QString &dataFolder, AuditLog &audit, const Clock &clock,
        std::function<QString()> hubName, QObject *parent = nullptr);

private:
    void list(const Request &request, Responder responder);
    void create(const Request &request, Responder responder);
    void kit(const Request &request, Responder responder);
    void confirm(const Request &request, Responder responder);

    const backup::KeyStore m_keys;
    AuditLog &m_audit;
    const Clock &m_clock;
    const std::function<QString()> m_hubName;
};

} // namespace hubkeep::api
