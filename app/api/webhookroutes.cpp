#include "app/api/webhookroutes.h"

#include "automation/engine/engineparts.h"
#include "automation/engine/webhooks.h"

#include <QLoggingCategory>

#include <algorithm>

namespace hubkeep::api {
namespace {

Q_LOGGING_CATEGORY(webhookLog, "hubkeep.webhook")

using automation::WebhookCall;
using automation::Webhooks;

// What an automation must not see, and no trace of it show.
bool letsIn(const QByteArray &header)
{
    return header == "authorization" || header == "proxy-authorization" || header == "cookie";
}

WebhookCall callOf(const Request &request)
{
    WebhookCall call;
    call.id = request.captured("id");
    call.method = request.isHead ? QStringLiteral("HEAD") : toString(request.method);
    call.isLocal = isLocalAddress(request.caller.address);
    call.contentType = request.header("content-type");
    call.body = request.body;
    for (const auto &[name, value] : request.query.queryItems(QUrl::FullyDecoded))
        call.query.insert(name, value);
    for (auto it = request.headers.cbegin(); it != request.headers.cend(); ++it) {
        if (!letsIn(it.key()))
            call.headers.insert(QString::fromLatin1(it.key()), QString::fromUtf8(*it));
    }
    return call;
}

void answer(const Hub &hub, const Request &request, Responder &responder)
{
    const auto *parts = hub.find<automation::EngineParts>();
    const WebhookCall call = callOf(request);
    const Webhooks::Answer answered
        = parts ? parts->webhooks.call(call) : Webhooks::Answer::Unknown;
    const QString from = request.caller.address.toString();
    switch (answered) {
    case Webhooks::Answer::Taken:
        return responder.empty(200);
    case Webhooks::Answer::MethodNotAllowed:
        return responder.fail(405, "method_not_allowed",
            QStringLiteral("This webhook does not take %1").arg(call.method));
    case Webhooks::Answer::NotLocal:
        qCWarning(webhookLog).noquote()
            << "A webhook that takes local calls only was called from" << from;
        break;
    case Webhooks::Answer::Unknown:
        // The id is what keeps others out, so it is not written down.
        qCInfo(webhookLog).noquote() << "A webhook that nobody listens to was called from" << from;
        break;
    }
    responder.empty(200);
}

} // namespace

void addWebhookRoutes(Router &router, const Hub &hub)
{
    for (const Method method : { Method::Get, Method::Post, Method::Put })
        router.add({ method, QStringLiteral("/api/webhook/{id}"), Access::Open, Route::Body::Any },
            [&hub](
                const Request &request, Responder responder) { answer(hub, request, responder); });
}

bool isLocalAddress(const QHostAddress &address)
{
    static const QList<std::pair<QHostAddress, int>> networks = [] {
        QList<std::pair<QHostAddress, int>> list;
        for (const char *network : { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                 "169.254.0.0/16", "fc00::/7", "fe80::/10" })
            list.append(QHostAddress::parseSubnet(QString::fromLatin1(network)));
        return list;
    }();
    bool isV4 = false;
    const QHostAddress plain(address.toIPv4Address(&isV4)); // also of ::ffff:127.0.0.1
    const QHostAddress &looked = isV4 ? plain : address;
    return looked.isLoopback()
        || std::any_of(networks.begin(), networks.end(),
            [&looked](const auto &network) { return looked.isInSubnet(network); });
}

} // namespace hubkeep::api
