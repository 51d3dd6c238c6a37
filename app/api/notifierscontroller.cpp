#include "app/api/notifierscontroller.h"

#include "app/configuration.h"
#include "integrations/notify/secrets.h"

#include <QJsonArray>
#include <QJsonObject>

#include <memory>
#include <optional>
#include <utility>

namespace hubkeep::api {
namespace {

using namespace hubkeep::notify;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QJsonObject notifierJson(const NotifierConfig &notifier)
{
    QJsonObject object = QJsonObject::fromVariantMap(masked(notifier));
    object.insert(key("name"), notifier.name);
    object.insert(key("type"), notifier.type);
    object.insert(key("managed_by"), notifier.fromFile ? key("file") : key("api"));
    return object;
}

} // namespace

NotifiersController::NotifiersController(
    Router &router, NotifyIntegration &integration, AuditLog &audit)
    : m_integration(integration)
    , m_audit(audit)
{
    const QString base = key("/api/v1/notifiers");
    const QString one = base + key("/{name}");
    router.add({ Method::Get, base, Access::Admin }, [this](const Request &, Responder responder) {
        QJsonArray list;
        for (const NotifierConfig &notifier : m_integration.notifiers())
            list.append(notifierJson(notifier));
        responder.json(200, QJsonObject { { key("notifiers"), list } });
    });
    const auto handled = [this](auto handler) {
        return [this, handler](const Request &request, Responder responder) {
            (this->*handler)(request, std::move(responder));
        };
    };
    router.add({ Method::Post, base, Access::Admin }, handled(&NotifiersController::add));
    router.add({ Method::Put, one, Access::Admin }, handled(&NotifiersController::change));
    router.add({ Method::Delete, one, Access::Admin }, handled(&NotifiersController::remove));
    router.add(
        { Method::Post, one + key("/test"), Access::Admin }, handled(&NotifiersController::test));
}

void NotifiersController::add(const Request &request, Responder responder)
{
    const Result<NotifierConfig> notifier = configOf(request, {});
    if (!notifier)
        return responder.fail(notifier.error());
    finish(request, "add", notifier->name, m_integration.addNotifier(*notifier), 201,
        std::move(responder));
}

void NotifiersController::change(const Request &request, Responder responder)
{
    const QString name = request.captured("name");
    const Result<NotifierConfig> notifier = configOf(request, name);
    if (!notifier)
        return responder.fail(notifier.error());
    finish(request, "change", name, m_integration.replaceNotifier(name, *notifier), 200,
        std::move(responder));
}

void NotifiersController::remove(const Request &request, Responder responder)
{
    const QString name = request.captured("name");
    finish(request, "delete", name, m_integration.removeNotifier(name), 204, std::move(responder));
}

// With a body, that is tried; without, the one of that name as it is.
void NotifiersController::test(const Request &request, Responder responder)
{
    const Result<NotifierConfig> notifier = configOf(request, request.captured("name"));
    if (!notifier)
        return responder.fail(notifier.error());
    m_integration.testNotifier(*notifier).then(this,
        [later = std::make_shared<Responder>(std::move(responder))](
            const NotifyIntegration::Test &tried) {
            later->json(200,
                QJsonObject { { key("ok"), tried.ok }, { key("message"), tried.message },
                    { key("duration_s"), tried.seconds } });
        });
}

Result<NotifierConfig> NotifiersController::configOf(
    const Request &request, const QString &name) const
{
    const Result<QJsonObject> body = request.anyJson();
    if (!body)
        return body.error();
    const std::optional<NotifierConfig> known
        = name.isEmpty() ? std::nullopt : m_integration.find(name);
    if (body->isEmpty() && !name.isEmpty()) {
        if (known)
            return *known;
        return Error { ErrorCode::NotFound, QStringLiteral("There is no notifier %1").arg(name) };
    }
    QVariantMap fields = body->toVariantMap();
    fields.remove(key("managed_by")); // as GET says it
    if (!name.isEmpty() && !fields.contains(key("name")))
        fields.insert(key("name"), name);
    // What another type's secrets were does not matter to this one.
    const bool sameType = known && known->type == fields.value(key("type")).toString();
    const Result<QVariantMap> whole = unmasked(fields, sameType ? known : std::nullopt);
    if (!whole)
        return whole.error();
    const Result<PartConfiguration> checked = notifierFromVariant(*whole);
    if (!checked)
        return checked.error();
    if (!name.isEmpty() && checked->name != name)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The field 'name' is %1 and the path says %2; add it under its new "
                           "name and delete the old one")
                .arg(checked->name, name) };
    return NotifierConfig { checked->name, checked->type, checked->options, false };
}

void NotifiersController::finish(const Request &request, const char *action, const QString &name,
    const Result<void> &done, int status, Responder responder)
{
    m_audit.record({ 0, {}, request.caller.userName(), request.caller.address.toString(),
        key("notifiers.") + key(action), name, done ? key("ok") : key("failed"),
        done ? QString() : done.error().message });
    if (!done)
        return responder.fail(done.error());
    if (status == 204)
        return responder.empty(204);
    const std::optional<NotifierConfig> notifier = m_integration.find(name);
    if (notifier)
        responder.json(status, notifierJson(*notifier));
    else
        responder.empty(status);
}

} // namespace hubkeep::api
