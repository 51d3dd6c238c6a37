#include "app/api/homeassistantbackups.h"

#include "app/api/apiserver.h"
#include "app/api/backupupload.h"
#include "app/api/requestaudit.h"
#include "app/api/whendone.h"
#include "integrations/backup/backupmanager.h"
#include "integrations/backup/encryptionplan.h"

namespace hubkeep::api {
namespace {

using backup::BackupManager;

Error noBackups()
{
    return { ErrorCode::NotFound, QStringLiteral("This hub keeps no backups") };
}

} // namespace

HomeAssistantBackups::HomeAssistantBackups(Hub &hub, AuditLog &audit, QObject *parent)
    : QObject(parent)
    , m_hub(hub)
    , m_audit(audit)
{
}

void HomeAssistantBackups::addRoutes(Router &router, ApiServer &server)
{
    router.add({ Method::Get, QStringLiteral("/api/backup/download/{backup_id}"), Access::Admin },
        [this](const Request &request, Responder responder) {
            download(request, std::move(responder));
        });
    server.addUploadRoute({ Method::Post, QStringLiteral("/api/backup/upload"), Access::Admin },
        [this](const Request &request, std::optional<qint64> size) {
            return openUpload(request, size);
        });
}

void HomeAssistantBackups::download(const Request &request, Responder responder)
{
    auto *manager = m_hub.find<BackupManager>();
    if (!manager)
        return responder.fail(noBackups());
    const QString asked = request.parameter("agent_id");
    const QString agent = asked.isEmpty() ? QString() : manager->resolveAgent(asked);
    if (agent.isEmpty())
        return responder.fail(400, "bad_request",
            asked.isEmpty() ? QStringLiteral("The parameter 'agent_id' is missing")
                            : QStringLiteral("There is no agent %1").arg(asked));
    const QString id = request.captured("backup_id");
    const std::optional<backup::CatalogEntry> entry = manager->backup(id);
    if (!entry || entry->backup.id != id || !entry->agents.contains(agent))
        return responder.fail(
            404, "not_found", QStringLiteral("There is no backup %1 on %2").arg(id, agent));

    backup::StoredCopy copy = entry->agents.value(agent);
    const QString password = request.parameter("password");
    const bool isOpened = copy.isProtected && !password.isEmpty();
    if (isOpened) { // what is sent is another file then
        copy.isProtected = false;
        copy.sha256.clear();
        if (copy.filename.endsWith(u".age"))
            copy.filename.chop(4);
    }
    const bool archive = entry->backup.kind == backup::BackupKind::Archive;
    const QByteArray type = copy.isProtected ? "application/octet-stream"
        : archive                            ? "application/zip"
                                             : "application/x-sqlite3";
    m_audit.record(auditEntry(request, QStringLiteral("backup.download"), id));
    const auto answering = shared(std::move(responder));
    whenDone(this, isOpened ? manager->decrypt(id, agent, password) : manager->fetch(id, agent),
        [=](const Result<std::shared_ptr<backup::FetchedBackup>> &fetched) {
            if (!fetched)
                return answering->fail(backup::asWrongKey(fetched.error()));
            answering->file(request,
                { (*fetched)->path(), copy.filename, type, copy.sha256.toLatin1(), *fetched });
        });
}

Result<std::unique_ptr<UploadTarget>> HomeAssistantBackups::openUpload(
    const Request &request, std::optional<qint64> size)
{
    auto *manager = m_hub.find<BackupManager>();
    if (!manager)
        return noBackups();
    QStringList agents;
    for (const QString &asked :
        request.query.allQueryItemValues(QStringLiteral("agent_id"), QUrl::FullyDecoded)) {
        const QString agent = manager->resolveAgent(asked);
        if (agent.isEmpty())
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("There is no agent %1").arg(asked) };
        agents.append(agent);
    }
    if (agents.isEmpty())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The parameter 'agent_id' is missing") };
    agents.removeDuplicates();

    Result<std::unique_ptr<UploadTarget>> opened
        = BackupUpload::open(*manager, agents, size, auditedUpload(request, m_audit));
    // Home Assistant's clients know 500 for it.
    if (!opened && opened.error().code == ErrorCode::Busy)
        return Error { ErrorCode::Internal, opened.error().message }.in(
            QStringLiteral("Can't upload backup file"));
    return opened;
}

} // namespace hubkeep::api
