#include "app/api/backupcontroller.h"

#include "app/api/jsonfields.h"
#include "app/api/requestaudit.h"
#include "app/api/whendone.h"
#include "integrations/backup/backupintegration.h"

#include <QJsonArray>

#include <algorithm>

namespace hubkeep::api {
namespace {

using namespace hubkeep::backup;

constexpr const char *archiveType = "application/zip";
constexpr qsizetype longestName = 200;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

// It is shown in lists, in file names of downloads and on the command line.
Result<void> checkName(const QString &name)
{
    const bool isText = std::none_of(
        name.begin(), name.end(), [](QChar c) { return c.category() == QChar::Other_Control; });
    if (isText && name.size() <= longestName)
        return {};
    return Error { ErrorCode::InvalidArgument,
        QStringLiteral("The name of a backup has up to %1 characters, none of them a line's end "
                       "or another control character")
            .arg(longestName) };
}

QJsonObject errorsJson(const QMap<QString, Error> &errors)
{
    QJsonObject object;
    for (auto it = errors.cbegin(); it != errors.cend(); ++it)
        object.insert(it.key(), it->message);
    return object;
}

QJsonObject started(const char *message, const BackupId &id)
{
    return { { key("message"), key(message) }, { key("status"), key("running") },
        { key("backup_id"), id } };
}

} // namespace

BackupController::BackupController(Router &router, BackupIntegration &integration, AuditLog &audit)
    : m_integration(integration)
    , m_manager(integration.manager())
    , m_audit(audit)
{
    addRoutes(router);
}

void BackupController::addRoutes(Router &router)
{
    const auto to = [this](void (BackupController::*function)(const Request &, Responder)) {
        return [this, function](const Request &request, Responder responder) {
            (this->*function)(request, std::move(responder));
        };
    };
    const QString base = key("/api/v1/backup");
    router.add({ Method::Get, base, Access::User }, [this](const Request &, Responder responder) {
        QJsonArray backups;
        for (const CatalogEntry &entry : m_manager.backups())
            backups.append(toJson(entry));
        responder.json(200, QJsonObject { { key("backups"), backups } });
    });
    router.add({ Method::Get, base + key("/status"), Access::User },
        [this](const Request &, Responder responder) {
            responder.json(200, toJson(m_manager.status()));
        });
    router.add({ Method::Post, base, Access::Admin }, to(&BackupController::create));
    router.add({ Method::Post, key("/api/v1/system/backup"), Access::Admin },
        to(&BackupController::systemBackup));
    router.add({ Method::Post, base + key("/cancel"), Access::Admin },
        [this](const Request &request, Responder responder) {
            const Result<QJsonObject> body = request.json({});
            if (!body)
                return responder.fail(body.error());
            note(request, "backup.cancel", m_manager.status().backupId);
            m_manager.cancel();
            responder.json(202, QJsonObject { { key("message"), key("Cancelling") } });
        });
    router.add(
        { Method::Post, base + key("/restore"), Access::Admin }, to(&BackupController::restore));
    router.add({ Method::Post, base + key("/{id}/restore"), Access::Admin },
        to(&BackupController::restoreDatabase));
    router.add(
        { Method::Post, base + key("/{id}/verify"), Access::Admin }, to(&BackupController::verify));
    router.add(
        { Method::Delete, base + key("/{id}"), Access::Admin }, to(&BackupController::remove));
    router.add({ Method::Get, base + key("/settings"), Access::Admin },
        [this](const Request &, Responder responder) {
            responder.json(200, toJson(m_integration.settings()));
        });
    router.add({ Method::Put, base + key("/settings"), Access::Admin },
        to(&BackupController::changeSettings));
}

void BackupController::create(const Request &request, Responder responder)
{
    if (request.query.hasQueryItem(key("database")))
        return createDatabase(request, std::move(responder));
    const Result<QJsonObject> body = request.json({ key("name"), key("agents"), key("sources"),
        key("include_hub"), key("automatic"), key("full") });
    if (!body)
        return responder.fail(body.error());
    JsonFields fields(*body);
    const bool automatic = fields.boolean("automatic", false);
    CreateRequest wanted = automatic ? m_integration.automaticRequest() : CreateRequest {};
    wanted.name = fields.text("name", wanted.name);
    if (fields.has("agents"))
        wanted.agents = fields.texts("agents");
    if (fields.has("sources"))
        wanted.sources = fields.texts("sources");
    for (const char *list : { "agents", "sources" }) {
        if (fields.ok() && fields.has(list) && fields.texts(list).isEmpty())
            return responder.fail({ ErrorCode::InvalidArgument,
                QStringLiteral("The field '%1' names none; leave it out for all that are usual")
                    .arg(key(list)) });
    }
    wanted.includeHub = fields.boolean("include_hub", wanted.includeHub);
    wanted.full = fields.boolean("full", false);
    if (!fields.ok())
        return responder.fail(fields.error());
    const Result<void> named = checkName(wanted.name);
    if (!named)
        return responder.fail(named.error());
    const Result<StartedOperation> operation = m_manager.create(wanted);
    noteStart(request, "backup.create", {}, operation);
    if (!operation)
        return responder.fail(operation.error());
    responder.json(202, started("Backup started", operation->id));
}

void BackupController::createDatabase(const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.json({});
    if (!body)
        return responder.fail(body.error());
    whenDone(this, m_manager.createDatabase(request.parameter("database")),
        [this, request, responder = shared(std::move(responder))](const Result<AgentBackup> &made) {
            note(request, "backup.create", request.parameter("database"),
                made ? Result<void>() : Result<void>(made.error()));
            if (!made)
                return responder->fail(made.error());
            responder->json(200,
                QJsonObject { { key("database"), made->database },
                    { key("filename"), made->filename }, { key("size"), made->size },
                    { key("created_at"), toRfc3339(made->created) },
                    { key("backup_id"), made->id } });
        });
}

void BackupController::systemBackup(const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.json({});
    if (!body)
        return responder.fail(body.error());
    const Result<StartedOperation> operation = m_manager.create({});
    noteStart(request, "backup.create", {}, operation);
    if (!operation)
        return responder.fail(operation.error());
    const auto later = shared(std::move(responder));
    whenDone(this, operation->done,
        [this, later, request, id = operation->id](const Result<OperationOutcome> &outcome) {
            // A copy on one agent is enough for the client; what the others said is listed.
            if (!outcome && !m_manager.backup(id))
                return later->fail(outcome.error());
            const std::optional<CatalogEntry> entry = m_manager.backup(id);
            const bool isProtected = entry && entry->backup.isProtected;
            whenDone(this, m_manager.fetch(id),
                [later, request, id, isProtected](
                    const Result<std::shared_ptr<FetchedBackup>> &file) {
                    if (!file)
                        return later->fail(file.error());
                    const QString path = (*file)->path();
                    const bool isEncrypted = isProtected || path.endsWith(key(".age"));
                    later->file(request,
                        { path, id + key(isEncrypted ? ".zip.age" : ".zip"),
                            isEncrypted ? "application/octet-stream" : archiveType, {}, *file });
                });
        });
}

void BackupController::restore(const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.json({ key("backup_id"), key("confirm"),
        key("restore_data"), key("restore_metadata"), key("restore_config"), key("sources"),
        key("include"), key("target"), key("agent_id"), key("password"), key("preview") });
    if (!body)
        return responder.fail(body.error());
    JsonFields fields(*body);
    RestoreOrder order;
    order.id = fields.requiredText("backup_id");
    order.data = fields.boolean("restore_data", true);
    // Who names a few files does not mean the hub's own databases.
    const bool isPart = fields.has("sources") || fields.has("include");
    order.metadata = fields.boolean("restore_metadata", !isPart);
    order.config = fields.boolean("restore_config", false);
    order.sources = fields.texts("sources");
    order.include = fields.texts("include");
    order.target = fields.text("target");
    order.agentId = fields.text("agent_id");
    const bool isPreview = fields.boolean("preview", false);
    const bool confirmed = fields.boolean("confirm", false);
    order.password = fields.text("password");
    if (!fields.ok())
        return responder.fail(fields.error());
    if (isPreview)
        return preview(order, std::move(responder));
    if (!confirmed)
        return responder.fail({ ErrorCode::InvalidArgument,
            key("A restore replaces what is there (keeping it as .before-restore); add "
                "\"confirm\": true if that is meant, or \"preview\": true to see what it would "
                "do") });
    const Result<StartedOperation> operation = m_manager.restore(order);
    noteStart(request, "backup.restore", order.id, operation);
    if (!operation)
        return responder.fail(operation.error());
    responder.json(202, started("Restore started", operation->id));
}

void BackupController::preview(const RestoreOrder &order, Responder responder)
{
    whenDone(this, m_manager.preview(order),
        [responder = shared(std::move(responder))](const Result<QJsonObject> &preview) {
            if (!preview)
                return responder->fail(backup::asWrongKey(preview.error()));
            responder->json(200, *preview);
        });
}

void BackupController::restoreDatabase(const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.json({});
    if (!body)
        return responder.fail(body.error());
    const QString name = request.captured("id");
    whenDone(this, m_manager.restoreDatabase(name),
        [this, request, name, responder = shared(std::move(responder))](
            const Result<BackupManager::RestoredDatabase> &restored) {
            note(request, "backup.restore", name,
                restored ? Result<void>() : Result<void>(restored.error()));
            if (!restored)
                return responder->fail(restored.error());
            QJsonObject answer { { key("database"), restored->database },
                { key("restored_from"), restored->restoredFrom } };
            if (restored->restartNeeded)
                answer.insert(key("restart_needed"), true);
            responder->json(200, answer);
        });
}

void BackupController::verify(const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.json({});
    if (!body)
        return responder.fail(body.error());
    const QString name = request.captured("id");
    const Result<StartedOperation> operation = m_manager.verify(name);
    noteStart(request, "backup.verify", name, operation);
    if (!operation)
        return responder.fail(operation.error());
    responder.json(202, started("Verification started", operation->id));
}

void BackupController::remove(const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.json({});
    if (!body)
        return responder.fail(body.error());
    const QString name = request.captured("id");
    whenDone(this, m_manager.remove(name),
        [this, request, name, responder = shared(std::move(responder))](
            const Result<QMap<QString, Error>> &failed) {
            note(request, "backup.delete", name,
                failed ? Result<void>() : Result<void>(failed.error()));
            if (!failed)
                return responder->fail(failed.error());
            QJsonObject answer { { key("status"), key("deleted") } };
            if (!failed->isEmpty()) {
                answer.insert(key("failed_agents"), QJsonArray::fromStringList(failed->keys()));
                answer.insert(key("agent_errors"), errorsJson(*failed));
            }
            responder->json(200, answer);
        });
}

void BackupController::changeSettings(const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.anyJson();
    if (!body)
        return responder.fail(body.error());
    const Result<void> changed = m_integration.updateSettings(*body);
    note(request, "backup.settings", {}, changed);
    if (!changed)
        return responder.fail(changed.error());
    responder.json(200, toJson(m_integration.settings()));
}

void BackupController::noteStart(const Request &request, const char *action, const QString &target,
    const Result<StartedOperation> &operation)
{
    if (operation)
        note(request, action, operation->id);
    else
        note(request, action, target, operation.error());
}

void BackupController::note(
    const Request &request, const char *action, const QString &target, const Result<void> &result)
{
    m_audit.record(auditEntry(request, key(action), target, result));
}

} // namespace hubkeep::api
