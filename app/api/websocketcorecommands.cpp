// States, services, events that are fired, registries: what every client asks for.

#include "app/api/homeassistantjson.h"
#include "app/api/servicecall.h"
#include "app/api/websocketapi.h"
#include "app/api/websocketsession.h"

namespace hubkeep::api {
namespace {

void getUser(WebSocketSession &session, const Message &message)
{
    if (!Fields(message).good(session))
        return;
    const User &user = session.user();
    session.result(message.id,
        QJsonObject { { QStringLiteral("id"), user.id }, { QStringLiteral("name"), user.name },
            { QStringLiteral("is_owner"), user.role == Role::Admin },
            { QStringLiteral("is_admin"), user.role == Role::Admin },
            { QStringLiteral("credentials"), QJsonArray() },
            { QStringLiteral("mfa_modules"), QJsonArray() } });
}

void supportFeatures(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const QJsonObject features = fields.object("features");
    if (!fields.good(session))
        return;
    if (features.value(QStringLiteral("coalesce_messages")).toInt() > 0)
        session.coalesce();
    session.result(message.id);
}

void listManifests(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const std::optional<QStringList> wanted = fields.optionalTexts("integrations");
    if (!fields.good(session))
        return;
    QJsonArray manifests;
    for (const QString &name : session.hub().components()) {
        if (!wanted || wanted->contains(name))
            manifests.append(QJsonObject { { QStringLiteral("domain"), name },
                { QStringLiteral("name"), name }, { QStringLiteral("is_built_in"), true },
                { QStringLiteral("integration_type"), QStringLiteral("service") } });
    }
    session.result(message.id, manifests);
}

void fireEvent(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const QString type = fields.text("event_type");
    const QJsonObject data = fields.object("event_data");
    if (!fields.good(session))
        return;
    const Result<void> may = checkEventType(type);
    if (!may)
        return session.fail(message.id, "invalid_format", may.error().message);
    const Context context = session.context();
    session.hub().bus().publish({ type, data.toVariantMap(), context });
    session.result(message.id, QJsonObject { { QStringLiteral("context"), toJson(context) } });
}

const char *codeOf(const ServiceFailure &failure)
{
    switch (failure.kind) {
    case ServiceFailure::Kind::Unknown:
        return "not_found";
    case ServiceFailure::Kind::Forbidden:
        return "unauthorized";
    case ServiceFailure::Kind::BadData:
        return "invalid_format";
    case ServiceFailure::Kind::Refused:
        return "service_validation_error";
    case ServiceFailure::Kind::Failed:
        break;
    }
    return "home_assistant_error";
}

void callService(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    ServiceCall call;
    call.domain = fields.text("domain");
    call.service = fields.text("service");
    call.data = fields.object("service_data");
    call.target = fields.object("target");
    call.wantsResponse = fields.boolean("return_response", false);
    if (!fields.good(session))
        return;
    call.isAdmin = session.isAdmin();
    call.context = session.context();
    const ActionDescription *action = session.hub().actions().find(call.name());
    if (action && action->admin && !call.isAdmin)
        return session.refuseRole(message.id, call.name());
    if (action && action->admin)
        session.audit(QStringLiteral("action.call"), call.name(), "ok");
    runService(session.hub(), &session, call,
        [&session, id = message.id, call](const ServiceOutcome &outcome) {
            if (const auto *failure = std::get_if<ServiceFailure>(&outcome))
                return session.fail(id, codeOf(*failure), failure->message, failure->more);
            const QJsonValue response = call.wantsResponse
                ? QJsonObject::fromVariantMap(std::get<QVariantMap>(outcome))
                : QJsonValue(QJsonValue::Null);
            session.result(id,
                QJsonObject { { QStringLiteral("context"), toJson(call.context) },
                    { QStringLiteral("response"), response } });
        });
}

// A command that takes nothing and answers what function makes of the hub.
template <typename Function>
void addGetter(CommandTable &table, const char *type, Function function)
{
    table.add(type, Access::User, [function](WebSocketSession &session, const Message &message) {
        if (Fields(message).good(session))
            session.result(message.id, function(session.hub()));
    });
}

} // namespace

void addCoreCommands(CommandTable &table)
{
    table.add("ping", Access::User,
        [](WebSocketSession &session, const Message &message) { session.pong(message.id); });
    table.add("supported_features", Access::User, supportFeatures);
    table.add("auth/current_user", Access::User, getUser);
    table.add("manifest/list", Access::User, listManifests);
    table.add("fire_event", Access::Admin, fireEvent);
    table.add("call_service", Access::User, callService); // the action says who may

    addGetter(table, "get_states", [](Hub &hub) { return statesToJson(hub.states()); });
    addGetter(table, "get_config", [](Hub &hub) { return configToJson(hub); });
    addGetter(table, "get_services", [](Hub &hub) { return servicesToJson(hub.actions()); });
    addGetter(table, "get_panels", [](Hub &) { return QJsonObject(); });
    for (const char *registry :
        { "config/area_registry/list", "config/device_registry/list", "config/entity_registry/list",
            "config/floor_registry/list", "config/label_registry/list" })
        addGetter(table, registry, [](Hub &) { return QJsonArray(); });
}

} // namespace hubkeep::api
