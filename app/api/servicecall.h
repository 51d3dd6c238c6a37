// Calling an action the way Home Assistant's clients do, over REST or a WebSocket.
//
// Plain values, and a function for the main thread.

#pragma once

#include "automation/core/hub.h"

#include <QJsonObject>

#include <functional>
#include <variant>

namespace hubkeep::api {

struct ServiceCall
{
    QString domain {};
    QString service {};
    QJsonObject data {};
    QJsonObject target {}; // {"entity_id": …}: further data; what is empty in it does not count
    bool wantsResponse = false;
    bool isAdmin = false;
    Context context {};

    QString name() const { return domain + u'.' + service; }
};

struct ServiceFailure
{
    enum class Kind {
        Unknown, // there is no such action
        Forbidden,
        BadData, // a field is unknown, missing or of another type
        Refused, // the action cannot do that
        Failed, // it tried
    };
    Kind kind = Kind::Failed;
    QString message {};
    Error error {};
    QJsonObject more {}; // Home Assistant's translation_key and so on
};

using ServiceOutcome = std::variant<QVariantMap, ServiceFailure>;

// Calls done once, at once or when the action has ended, unless context is gone by then; the
// action goes on all the same.
void runService(Hub &hub, QObject *context, const ServiceCall &call,
    std::function<void(const ServiceOutcome &)> done);

// Whether a client may publish events of this type: 1 to 64 characters, and none that the hub's
// own parts take at their word.
Result<void> checkEventType(const QString &type);

} // namespace hubkeep::api
