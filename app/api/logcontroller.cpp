#include "app/api/logcontroller.h"

#include <QJsonArray>

#include <limits>

namespace hubkeep::api {
namespace {

// {"entries": […], "next_before": the id to go on with, or null}
template <typename Log>
void answerPage(Log &log, const Request &request, Responder responder)
{
    const Result<qint64> limit = request.number("limit", 100, 1, 1000);
    if (!limit)
        return responder.fail(limit.error());
    const Result<qint64> before
        = request.number("before", 0, 0, std::numeric_limits<qint64>::max());
    if (!before)
        return responder.fail(before.error());
    const auto page = log.page(int(*limit) + 1, *before); // one more tells whether there is more
    if (!page)
        return responder.fail(page.error());
    QJsonArray entries;
    for (const auto &entry : page->mid(0, *limit))
        entries.append(toJson(entry));
    const QJsonValue next
        = page->size() > *limit ? entries.last()[QStringLiteral("id")] : QJsonValue();
    responder.json(200,
        QJsonObject {
            { QStringLiteral("entries"), entries }, { QStringLiteral("next_before"), next } });
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
