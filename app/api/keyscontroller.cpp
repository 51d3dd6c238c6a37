#include "app/api/keyscontroller.h"

#include "app/api/jsonfields.h"
#include "app/api/requestaudit.h"
#include "app/recoverykit.h"

#include <QJsonArray>

namespace hubkeep::api {

using namespace hubkeep::backup;

KeysController::KeysController(Router &router, const QString &dataFolder, AuditLog &audit,
    const Clock &clock, std::function<QString()> hubName, QObject *parent)
    : QObject(parent)
    , m_keys(dataFolder)
    , m_audit(audit)
    , m_clock(clock)
    , m_hubName(std::move(hubName))
{
    using Member = void (KeysController::*)(const Request &, Responder);
    const auto add = [this, &router](Method method, const char *path, Member member) {
        router.add(
            { method, QStringLiteral("/api/v1/keys") + QString::fromLatin1(path), Access::Admin },
            [this, member](const Request &request, Responder responder) {
                (this->*member)(request, std::move(responder));
            });
    };
    add(Method::Get, "", &KeysController::list);
    add(Method::Post, "", &KeysController::create);
    add(Method::Get, "/{id}/kit", &KeysController::kit);
    add(Method::Post, "/{id}/confirm", &KeysController::confirm);
}

void KeysController::list(const Request &, Responder responder)
{
    const Result<QList<StoredKey>> keys = m_keys.list();
    if (!keys)
        return responder.fail(keys.error());
    QJsonArray list;
    for (const StoredKey &key : *keys)
        list.append(toJson(key));
    responder.json(200, QJsonObject { { QStringLiteral("keys"), list } });
}

void KeysController::create(const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.json({});
    if (!body)
        return responder.fail(body.error());
    const Result<StoredKey> key = m_keys.create(m_clock.now());
    if (!key)
        return responder.fail(key.error());
    m_audit.record(auditEntry(request, QStringLiteral("key.create"), key->id));
    responder.json(201, toJson(*key));
}

void KeysController::kit(const Request &request, Responder responder)
{
    const Result<StoredKey> key = m_keys.find(request.captured("id"));
    if (!key)
        return responder.fail(key.error());
    const Result<AgeIdentity> identity = m_keys.identity(key->id);
    if (!identity)
        return responder.fail(identity.error());
    m_audit.record(auditEntry(request, QStringLiteral("key.kit"), key->id));
    const RecoveryKit kit { m_hubName(), key->id, key->created, *identity };
    if (!request.header("accept").contains("application/pdf"))
        return responder.text(200, kitText(kit), "text/plain; charset=utf-8");
    const Result<QByteArray> pdf = kitPdf(kit);
    if (!pdf)
        return responder.fail(pdf.error());
    responder.text(200, *pdf, "application/pdf");
}

void KeysController::confirm(const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.json({ QStringLiteral("characters") });
    if (!body)
        return responder.fail(body.error());
    JsonFields fields(*body);
    const QString characters = fields.requiredText("characters");
    if (!fields.ok())
        return responder.fail(fields.error());
    const QString id = request.captured("id");
    const Result<StoredKey> key = m_keys.confirm(id, characters, m_clock.now());
    m_audit.record(auditEntry(request, QStringLiteral("key.confirm"), id,
        key ? Result<void>() : Result<void>(key.error())));
    if (!key)
        return responder.fail(key.error());
    responder.json(200, toJson(*key));
}

} // namespace hubkeep::api
