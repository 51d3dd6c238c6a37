#include "app/api/healthroutes.h"

namespace hubkeep::api {

namespace {

QJsonObject status(const QString &text)
{
    return { { QStringLiteral("status"), text } };
}

} // namespace

void addHealthRoutes(Router &router, std::function<bool()> isReady)
{
    router.add({ Method::Get, QStringLiteral("/"), Access::Open },
        [](const Request &, Responder responder) {
            responder.json(200,
                QJsonObject { { QStringLiteral("message"), QStringLiteral("HubKeep is running") },
                    { QStringLiteral("api"), QStringLiteral("/api/v1/openapi.yaml") } });
        });
    router.add({ Method::Get, QStringLiteral("/healthz"), Access::Open },
        [](const Request &, Responder responder) {
            responder.json(200, status(QStringLiteral("ok")));
        });
    router.add({ Method::Get, QStringLiteral("/readyz"), Access::Open },
        [isReady = std::move(isReady)](const Request &, Responder responder) {
            if (isReady())
                responder.json(200, status(QStringLiteral("ready")));
            else
                responder.fail(503, "not_ready", QStringLiteral("The hub is still starting"));
        });
}

} // namespace hubkeep::api
