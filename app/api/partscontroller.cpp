#include "app/api/partscontroller.h"

#include "app/agentchecks.h"
#include "app/api/requestaudit.h"
#include "app/configuration.h"
#include "app/partsecrets.h"

#include <QJsonArray>

namespace hubkeep::api {
namespace {

using namespace hubkeep::backup;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QJsonObject partJson(const Part &part)
{
    QJsonObject object = QJsonObject::fromVariantMap(maskedOptions(part));
    object.insert(key("name"), part.name);
    object.insert(key("type"), part.type);
    object.insert(key("managed_by"), part.fromFile ? key("file") : key("api"));
    return object;
}

} // namespace

PartsController::PartsController(
    Router &router, BackupIntegration &integration, AuditLog &audit, QString dataFolder)
    : m_integration(integration)
    , m_audit(audit)
    , m_dataFolder(std::move(dataFolder))
{
    addRoutes(router, key("/api/v1/sources"), PartKind::Source);
    addRoutes(router, key("/api/v1/agents"), PartKind::Agent);
}

void PartsController::addRoutes(Router &router, const QString &base, PartKind kind)
{
    router.add(
        { Method::Get, base, Access::Admin }, [this, kind](const Request &, Responder responder) {
            QJsonArray list;
            for (const Part &part : m_integration.parts(kind))
                list.append(partJson(part));
            responder.json(200, QJsonObject { { key(nameOf(kind)) + u's', list } });
        });
    router.add({ Method::Post, base, Access::Admin },
        [this, kind](const Request &request, Responder responder) {
            const Result<Part> part = partOf(request, kind);
            if (!part)
                return responder.fail(part.error());
            finish(request, "add", part->name, m_integration.addPart(kind, *part), 201,
                std::move(responder));
        });
    const QString one = base + key("/{name}");
    router.add({ Method::Put, one, Access::Admin },
        [this, kind](const Request &request, Responder responder) {
            const QString name = request.captured("name");
            const Result<Part> part = partOf(request, kind, name);
            if (!part)
                return responder.fail(part.error());
            finish(request, "change", name, m_integration.replacePart(kind, name, *part), 200,
                std::move(responder));
        });
    router.add({ Method::Delete, one, Access::Admin },
        [this, kind](const Request &request, Responder responder) {
            const QString name = request.captured("name");
            finish(request, "delete", name, m_integration.removePart(kind, name), 204,
                std::move(responder));
        });
    router.add({ Method::Post, one + key("/test"), Access::Admin },
        [this, kind](const Request &request, Responder responder) {
            // With a body, that is tried; without, the one of that name as it is.
            Result<Part> part = partOf(request, kind, request.captured("name"));
            if (!part)
                return responder.fail(part.error());
            m_integration.testPart(kind, *part)
                .then(this,
                    [later = shared(std::move(responder))](
                        const BackupIntegration::PartTest &test) {
                        later->json(200,
                            QJsonObject { { key("ok"), test.ok }, { key("message"), test.message },
                                { key("duration_s"), test.seconds } });
                    });
        });
}

Result<Part> PartsController::partOf(
    const Request &request, PartKind kind, const QString &name) const
{
    const Result<QJsonObject> body = request.anyJson();
    if (!body)
        return body.error();
    std::optional<Part> known;
    for (const Part &part : m_integration.parts(kind)) {
        if (part.name == name)
            known = part;
    }
    if (body->isEmpty() && !name.isEmpty()) {
        if (known)
            return *known;
        return Error { ErrorCode::NotFound,
            QStringLiteral("There is no %1 %2").arg(key(nameOf(kind)), name) };
    }
    QVariantMap fields = body->toVariantMap();
    fields.remove(key("managed_by")); // as GET says it
    if (!name.isEmpty() && !fields.contains(key("name")))
        fields.insert(key("name"), name);
    const Result<QVariantMap> whole = unmaskedOptions(fields, known);
    if (!whole)
        return whole.error();
    const Result<PartConfiguration> checked = kind == PartKind::Source
        ? sourceFromVariant(*whole)
        : agentFromVariant(*whole, m_dataFolder);
    if (!checked)
        return checked.error();
    if (!name.isEmpty() && checked->name != name)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The field 'name' is %1 and the path says %2; add it under its new "
                           "name and delete the old one")
                .arg(checked->name, name) };
    const Part part { checked->name, checked->type, checked->options, false };
    const Result<void> own = kind == PartKind::Agent ? checkOwnFolder(part) : Result<void>();
    if (!own)
        return own.error();
    return part;
}

// Two agents on one folder would delete each other's backups.
Result<void> PartsController::checkOwnFolder(const Part &part) const
{
    const QString folder = agentFolder(part.options, m_dataFolder);
    for (const Part &other : m_integration.parts(PartKind::Agent)) {
        if (!folder.isEmpty() && other.name != part.name
            && agentFolder(other.options, m_dataFolder) == folder)
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("path: is the folder of the agent %1 already").arg(other.name) };
    }
    return {};
}

void PartsController::finish(const Request &request, const char *action, const QString &name,
    const Result<void> &done, int status, Responder responder)
{
    const QString what = request.path.section(u'/', 3, 3); // "sources", "agents"
    m_audit.record(auditEntry(request, what + u'.' + key(action), name, done));
    if (!done)
        return responder.fail(done.error());
    if (status == 204)
        return responder.empty(204);
    const PartKind kind = what == u"sources" ? PartKind::Source : PartKind::Agent;
    for (const Part &part : m_integration.parts(kind)) {
        if (part.name == name)
            return responder.json(status, partJson(part));
    }
    responder.empty(status);
}

} // namespace hubkeep::api
