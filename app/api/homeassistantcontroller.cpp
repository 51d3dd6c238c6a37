#include "app/api/homeassistantcontroller.h"

#include "app/api/homeassistantjson.h"
#include "app/api/requestaudit.h"
#include "app/api/servicecall.h"
#include "automation/core/logging.h"

#include <QJsonDocument>
#include <QTimer>

namespace hubkeep::api {
namespace {

QJsonObject said(const QString &message)
{
    return { { QStringLiteral("message"), message } };
}

// States that changed because of one call.
class Changes
{
public:
    Changes(EventBus &bus, const Context &context)
        : m_watching(bus.subscribe(
            QString::fromLatin1(stateChangedEvent), [this, context](const Event &event) {
                const bool ours
                    = event.context.id == context.id || event.context.parentId == context.id;
                if (ours && event.change && event.change->newState)
                    m_states.append(toJson(*event.change->newState));
            }))
    {
    }

    const QJsonArray &states() const { return m_states; }

private:
    QJsonArray m_states;
    Subscription m_watching;
};

void answer(Responder &responder, const ServiceFailure &failure)
{
    if (failure.kind == ServiceFailure::Kind::Failed
        || failure.kind == ServiceFailure::Kind::Forbidden)
        return responder.fail(failure.error);
    // Home Assistant's answer to an unknown one as well.
    responder.fail(400, "bad_request", failure.message);
}

} // namespace

HomeAssistantController::HomeAssistantController(Parts parts, QObject *parent)
    : QObject(parent)
    , m_parts(std::move(parts))
    , m_backups(m_parts.hub, m_parts.audit)
{
}

void HomeAssistantController::addRoutes(Router &router, ApiServer &server)
{
    m_backups.addRoutes(router, server);
    Hub &hub = m_parts.hub;
    const auto add = [&router](Method method, const char *pattern, Access access, auto handler) {
        router.add({ method, QString::fromLatin1(pattern), access }, std::move(handler));
    };
    const auto addGetter = [&add](const char *pattern, auto make) {
        add(Method::Get, pattern, Access::User,
            [make](const Request &, Responder responder) { responder.json(200, make()); });
    };
    addGetter("/api/", [] { return said(QStringLiteral("API running.")); });
    addGetter("/api/config", [&hub] { return configToJson(hub); });
    addGetter("/api/components", [&hub] { return QJsonArray::fromStringList(hub.components()); });
    addGetter("/api/core/state", [&hub] {
        return QJsonObject { { QStringLiteral("state"),
            configToJson(hub).value(QStringLiteral("state")) } };
    });
    addGetter("/api/states", [&hub] { return statesToJson(hub.states()); });
    addGetter("/api/calendars", [] { return QJsonArray(); });
    addGetter("/api/services", [&hub] {
        const QJsonObject domains = servicesToJson(hub.actions());
        QJsonArray list;
        for (auto domain = domains.begin(); domain != domains.end(); ++domain)
            list.append(QJsonObject { { QStringLiteral("domain"), domain.key() },
                { QStringLiteral("services"), domain.value() } });
        return list;
    });

    const auto addHandler = [&](Method method, const char *pattern, Access access, auto handler) {
        add(method, pattern, access, [this, handler](const Request &request, Responder responder) {
            (this->*handler)(request, std::move(responder));
        });
    };
    using Self = HomeAssistantController;
    addHandler(Method::Get, "/api/states/{entity_id}", Access::User, &Self::getState);
    addHandler(Method::Post, "/api/states/{entity_id}", Access::Admin, &Self::setState);
    addHandler(Method::Delete, "/api/states/{entity_id}", Access::Admin, &Self::removeState);
    // The action says who may call it.
    addHandler(Method::Post, "/api/services/{domain}/{service}", Access::User, &Self::callService);
    addHandler(Method::Post, "/api/events/{type}", Access::Admin, &Self::fireEvent);
    addHandler(Method::Get, "/api/stream", Access::Admin, &Self::stream);
    add(Method::Get, "/api/events", Access::User,
        [this](const Request &, Responder responder) { listEvents(std::move(responder)); });
    add(Method::Post, "/api/config/core/check_config", Access::Admin,
        [this](const Request &, Responder responder) { checkConfig(std::move(responder)); });
    add(Method::Get, "/api/error_log", Access::Admin, [](const Request &, Responder responder) {
        responder.text(200, recentLog(), "text/plain; charset=utf-8");
    });
}

void HomeAssistantController::getState(const Request &request, Responder responder)
{
    const std::optional<State> state = m_parts.hub.states().get(request.captured("entity_id"));
    if (state)
        responder.json(200, toJson(*state));
    else
        responder.fail(404, "not_found", QStringLiteral("Entity not found."));
}

void HomeAssistantController::setState(const Request &request, Responder responder)
{
    const QString id = request.captured("entity_id");
    const Result<QJsonObject> body = request.json(
        { QStringLiteral("state"), QStringLiteral("attributes"), QStringLiteral("force_update") });
    if (!body)
        return responder.fail(body.error());
    const QJsonValue value = body->value(QStringLiteral("state"));
    if (value.isUndefined() || value.isNull() || value.isObject() || value.isArray())
        return responder.fail(400, "bad_request", QStringLiteral("No state specified."));
    const QJsonValue attributes = body->value(QStringLiteral("attributes"));
    if (!attributes.isUndefined() && !attributes.isNull() && !attributes.isObject())
        return responder.fail(
            400, "bad_request", QStringLiteral("The field 'attributes' takes an object"));

    StateStore &states = m_parts.hub.states();
    const bool isNew = !states.get(id);
    const Result<void> done = states.set(
        id, value.toVariant().toString(), attributes.toObject().toVariantMap(), request.context());
    if (!done)
        return responder.fail(done.error());
    Responder::Headers headers;
    if (isNew)
        headers.append({ "Location", "/api/states/" + id.toLatin1() });
    const std::optional<State> state = states.get(id); // gone: a subscriber removed it at once
    responder.json(isNew ? 201 : 200, state ? toJson(*state) : QJsonObject(), headers);
}

void HomeAssistantController::removeState(const Request &request, Responder responder)
{
    const QString id = request.captured("entity_id");
    if (!m_parts.hub.states().remove(id, request.context()))
        return responder.fail(404, "not_found", QStringLiteral("Entity not found."));
    responder.json(200, said(QStringLiteral("Entity removed.")));
}

void HomeAssistantController::callService(const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.anyJson();
    if (!body)
        return responder.fail(body.error());
    ServiceCall call;
    call.domain = request.captured("domain");
    call.service = request.captured("service");
    call.data = *body;
    call.wantsResponse = request.query.hasQueryItem(QStringLiteral("return_response"));
    call.isAdmin = request.caller.isAdmin();
    call.context = request.context();

    const ActionDescription *action = m_parts.hub.actions().find(call.name());
    if (action && action->admin) {
        AuditEntry entry = auditEntry(request, QStringLiteral("action.call"), call.name());
        if (!call.isAdmin)
            entry.result = QStringLiteral("refused");
        m_parts.audit.record(std::move(entry));
    }

    const auto changes = std::make_shared<Changes>(m_parts.hub.bus(), call.context);
    const auto answering = shared(std::move(responder));
    runService(m_parts.hub, this, call, [=](const ServiceOutcome &outcome) {
        if (const auto *failure = std::get_if<ServiceFailure>(&outcome))
            return answer(*answering, *failure);
        if (!call.wantsResponse)
            return answering->json(200, changes->states());
        answering->json(200,
            QJsonObject { { QStringLiteral("changed_states"), changes->states() },
                { QStringLiteral("service_response"),
                    QJsonObject::fromVariantMap(std::get<QVariantMap>(outcome)) } });
    });
}

void HomeAssistantController::listEvents(Responder responder)
{
    QJsonArray events;
    const QMap<QString, int> counts = m_parts.hub.bus().listenerCounts();
    for (auto it = counts.cbegin(); it != counts.cend(); ++it)
        events.append(QJsonObject {
            { QStringLiteral("event"), it.key() }, { QStringLiteral("listener_count"), *it } });
    responder.json(200, events);
}

void HomeAssistantController::fireEvent(const Request &request, Responder responder)
{
    const QString type = request.captured("type");
    const Result<void> may = checkEventType(type);
    if (!may)
        return responder.fail(may.error());
    const Result<QJsonObject> data = request.anyJson();
    if (!data)
        return responder.fail(data.error());
    m_parts.hub.bus().publish({ type, data->toVariantMap(), request.context() });
    responder.json(200, said(QStringLiteral("Event %1 fired.").arg(type)));
}

void HomeAssistantController::checkConfig(Responder responder)
{
    QStringList problems;
    for (const ConfigurationProblem &problem : m_parts.checkConfiguration())
        problems.append(toString(problem));
    const bool valid = problems.isEmpty();
    responder.json(200,
        QJsonObject { { QStringLiteral("result"),
                          valid ? QStringLiteral("valid") : QStringLiteral("invalid") },
            { QStringLiteral("errors"),
                valid ? QJsonValue(QJsonValue::Null) : problems.join(u'\n') },
            { QStringLiteral("warnings"), QJsonValue::Null } });
}

void HomeAssistantController::stream(const Request &request, Responder responder)
{
    struct Stream : QObject
    {
        using QObject::QObject;
        Responder::Sink sink;
        Subscription events;
        QTimer pings;

        void say(const QByteArray &data)
        {
            // Not from within the handler that is being called.
            if (!sink("data: " + data + "\n\n"))
                deleteLater();
        }
    };
    const QStringList only = request.parameter("restrict").split(u',', Qt::SkipEmptyParts);
    auto *stream = new Stream(this);
    stream->sink = responder.stream("text/event-stream");
    stream->events = m_parts.hub.bus().subscribe({}, [stream, only](const Event &event) {
        if (only.isEmpty() || only.contains(event.type))
            stream->say(QJsonDocument(toJson(event)).toJson(QJsonDocument::Compact));
    });
    connect(&stream->pings, &QTimer::timeout, stream, [stream] { stream->say("ping"); });
    stream->pings.start(m_parts.streamPing);
    stream->say("ping");
}

} // namespace hubkeep::api
