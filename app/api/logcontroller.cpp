#include "app/api/logcontroller.h"

#include "app/api/pages.h"

namespace hubkeep::api {
namespace {

template <typename Log>
void answerPage(Log &log, const Request &request, Responder responder)
{
    const Result<QJsonObject> page = pageOf(log, request, QStringLiteral("entries"));
    if (!page)
        return responder.fail(page.error());
    responder.json(200, *page);
}

} // namespace

void addLogRoutes(Router &router, AuditLog &audit, ActivityLog &activity)
{
    router.add({ Method::Get, QStringLiteral("/api/v1/audit"), Access::Admin },
        [&audit](const Request &request, Responder responder) {
            answerPage(audit, request, std::move(responder));
        });
    router.add({ Method::Get, QStringLiteral("/api/v1/activity"), Access::User },
        [&activity](const Request &request, Responder responder) {
            answerPage(activity, request, std::move(responder));
        });
}

} // namespace hubkeep::api
