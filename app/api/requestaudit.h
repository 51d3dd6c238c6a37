// What the audit log says of a request.
//
//     m_audit.record(auditEntry(request, QStringLiteral("backup.delete"), id, removed));
//
// Any thread.

#pragma once

#include "app/api/router.h"
#include "app/auditlog.h"

namespace hubkeep::api {

// Who asked, from where, for what: the result is "ok".
AuditEntry auditEntry(const Request &request, const QString &action, const QString &target = {});

// The same; "failed", with its sentence, where done is an error.
AuditEntry auditEntry(
    const Request &request, const QString &action, const QString &target, const Result<void> &done);

} // namespace hubkeep::api
