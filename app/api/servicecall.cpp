#include "app/api/servicecall.h"

#include "app/api/whendone.h"

#include <QJsonArray>

namespace hubkeep::api {
namespace {

ServiceFailure unknownService(const ServiceCall &call)
{
    const QJsonObject placeholders { { QStringLiteral("domain"), call.domain },
        { QStringLiteral("service"), call.service } };
    const QString sentence = QStringLiteral("Service %1 not found.").arg(call.name());
    return { ServiceFailure::Kind::Unknown, sentence, { ErrorCode::NotFound, sentence },
        { { QStringLiteral("translation_key"), QStringLiteral("service_not_found") },
            { QStringLiteral("translation_domain"), QStringLiteral("homeassistant") },
            { QStringLiteral("translation_placeholders"), placeholders } } };
}

ServiceFailure failed(ServiceFailure::Kind kind, const Error &error)
{
    return { kind, error.message, error, {} };
}

bool isEmptyValue(const QJsonValue &value)
{
    return value.isNull() || value.isUndefined() || (value.isArray() && value.toArray().isEmpty());
}

ServiceFailure::Kind kindOf(const Error &error)
{
    return error.code == ErrorCode::InvalidArgument ? ServiceFailure::Kind::Refused
                                                    : ServiceFailure::Kind::Failed;
}

} // namespace

void runService(Hub &hub, QObject *context, const ServiceCall &call,
    std::function<void(const ServiceOutcome &)> done)
{
    using Kind = ServiceFailure::Kind;
    const ActionDescription *action = hub.actions().find(call.name());
    if (!action)
        return done(unknownService(call));
    if (action->admin && !call.isAdmin)
        return done(
            failed(Kind::Forbidden, { ErrorCode::Forbidden, QStringLiteral("Unauthorized") }));
    if (call.wantsResponse && !action->responds)
        return done(failed(Kind::Refused,
            { ErrorCode::InvalidArgument,
                QStringLiteral("Validation error: %1 returns no response, so none can be asked for")
                    .arg(call.name()) }));

    QVariantMap arguments = call.data.toVariantMap();
    for (auto it = call.target.constBegin(); it != call.target.constEnd(); ++it) {
        if (!isEmptyValue(*it))
            arguments.insert(it.key(), it->toVariant());
    }
    const Result<QVariantMap> checked = checkArguments(*action, arguments);
    if (!checked)
        return done(failed(Kind::BadData, checked.error()));

    whenDone(context, hub.actions().call(call.name(), { arguments, call.context }),
        [done = std::move(done)](const Result<QVariantMap> &result) {
            if (result)
                done(*result);
            else
                done(failed(kindOf(result.error()), result.error()));
        });
}

Result<void> checkEventType(const QString &type)
{
    if (type.isEmpty() || type.size() > 64)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("An event's type has 1 to 64 characters") };
    if (type == QLatin1String(stateChangedEvent))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("state_changed is the hub's own; set a state instead") };
    return {};
}

} // namespace hubkeep::api
