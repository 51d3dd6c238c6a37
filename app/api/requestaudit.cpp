#include "app/api/requestaudit.h"

namespace hubkeep::api {

AuditEntry auditEntry(const Request &request, const QString &action, const QString &target)
{
    return { .user = request.caller.userName(),
        .address = request.caller.address.toString(),
        .action = action,
        .target = target,
        .result = QStringLiteral("ok") };
}

AuditEntry auditEntry(
    const Request &request, const QString &action, const QString &target, const Result<void> &done)
{
    AuditEntry entry = auditEntry(request, action, target);
    if (!done) {
        entry.result = QStringLiteral("failed");
        entry.detail = done.error().message;
    }
    return entry;
}

} // namespace hubkeep::api
