#include "app/applicationparts.h"

#include "app/api/backupupload.h"
#include "app/api/drillroutes.h"
#include "app/api/healthroutes.h"
#include "app/api/logcontroller.h"
#include "app/api/simulateroutes.h"
#include "app/api/templateroute.h"
#include "app/api/webhookroutes.h"
#include "integrations/backup/stagedrestore.h"

#include <QFile>
#include <QHostAddress>
#include <QLoggingCategory>

#include <openapidocument.h>
#include <unistd.h>

namespace hubkeep {
namespace {

using namespace hubkeep::api;

Q_LOGGING_CATEGORY(networkLog, "hubkeep.network")

// ISO's loopback names; anything else may be reached from elsewhere.
bool isLoopback(const QString &host)
{
    return host == u"localhost" || QHostAddress(host).isLoopback();
}

QString hostInUrl(const QString &host)
{
    const QHostAddress address(host);
    if (address == QHostAddress(QHostAddress::AnyIPv4)
        || address == QHostAddress(QHostAddress::Any))
        return QStringLiteral("127.0.0.1");
    if (address == QHostAddress(QHostAddress::AnyIPv6))
        return QStringLiteral("[::1]");
    return address.protocol() == QAbstractSocket::IPv6Protocol ? u'[' + host + u']' : host;
}

} // namespace

void Application::addRoutes()
{
    Parts &parts = *m_parts;
    Router &router = parts.router;
    parts.server = std::make_unique<ApiServer>(router, *parts.accounts, *parts.audit, parts.clock);
    parts.authController = std::make_unique<AuthController>(
        router, *parts.server, *parts.accounts, *parts.audit, parts.clock);
    parts.backupController
        = std::make_unique<BackupController>(router, *parts.backup, *parts.audit);
    parts.contentController = std::make_unique<BackupContentController>(
        router, manager(), *parts.audit, parts.folder.staging());
    parts.partsController = std::make_unique<PartsController>(
        router, *parts.backup, *parts.audit, parts.folder.path());
    parts.notifiersController
        = std::make_unique<NotifiersController>(router, *parts.notify, *parts.audit);
    parts.keysController = std::make_unique<KeysController>(router, parts.options.dataFolder,
        *parts.audit, parts.clock, [this] { return m_parts->configuration.name; });
    parts.homeAssistant = std::make_unique<HomeAssistantController>(HomeAssistantController::Parts {
        *parts.hub, *parts.audit, [this] { return checkFiles(); } });
    parts.homeAssistant->addRoutes(router, *parts.server);
    parts.historyController
        = std::make_unique<HistoryController>(router, *parts.hub, parts.folder.staging());
    parts.automationController
        = std::make_unique<AutomationController>(AutomationController::Parts {
            router, *parts.hub, *parts.audit, parts.folder.config(), *parts.automations });
    parts.webSockets = std::make_unique<WebSocketApi>(
        WebSocketApi::Parts { *parts.hub, *parts.accounts, *parts.audit,
            [this](const AuditEntry &entry) { m_parts->server->recordRefusal(entry); } });
    connect(parts.server.get(), &ApiServer::webSocketConnected, parts.webSockets.get(),
        &WebSocketApi::take);
    addLogRoutes(router, *parts.audit, *parts.activity);
    addDrillRoutes(router, manager(), *parts.drills, *parts.audit);
    parts.server->addUploadRoute(
        { Method::Post, QStringLiteral("/api/v1/backup/upload"), Access::Admin },
        [this](const Request &request, std::optional<qint64> size) {
            return BackupUpload::open(manager(), {}, size, auditedUpload(request, *m_parts->audit));
        });
    // The command line's token may have been that user's.
    connect(parts.authController.get(), &AuthController::userRemoved, this, [this] {
        const Result<void> given = giveAccess();
        if (!given)
            qCWarning(networkLog).noquote() << given.error().message;
    });
    addTemplateRoute(router, *parts.hub);
    addSimulateRoutes(router, *parts.backup);
    addWebhookRoutes(router, *parts.hub);
    addHealthRoutes(router, [this] { return m_parts->hub->state() == HubState::Running; });
    router.add({ Method::Get, QStringLiteral("/api/v1/openapi.yaml"), Access::Open },
        [](const Request &, Responder responder) {
            responder.text(200, openApiDocument, "application/yaml");
        });
}

Result<void> Application::listen()
{
    Parts &parts = *m_parts;
    const HttpConfiguration &http = parts.configuration.http;
    const QString host = parts.options.host.isEmpty() ? http.host : parts.options.host;
    const quint16 port = parts.options.port.value_or(http.port);
    const bool tls = !http.tls.certificate.isEmpty();
    if (!isLoopback(host) && !tls && !http.insecure)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("Listening on %1 without TLS would show tokens and backups to everybody "
                           "on the way; set http.tls, or http.insecure: true behind a proxy that "
                           "has it")
                .arg(host) };
    addRoutes();
    const Result<quint16> listening
        = parts.server->listen(host, port, { http.tls.certificate, http.tls.key });
    if (!listening)
        return listening.error();
    const QString scheme = tls ? QStringLiteral("https") : QStringLiteral("http");
    parts.access.url = QStringLiteral("%1://%2:%3").arg(scheme, hostInUrl(host)).arg(*listening);
    const Result<void> given = giveAccess();
    if (!given)
        return given;
    parts.hub->enter(HubState::Running);
    const Result<void> confirmed
        = backup::confirmStagedRestore(QFile::encodeName(parts.folder.path()));
    if (!confirmed)
        return confirmed;
    manager().unblock();
    return {};
}

// The command line's way in: a token that ends with this process.
Result<void> Application::giveAccess()
{
    Parts &parts = *m_parts;
    const Result<void> revoked = parts.accounts->revokeLocalTokens();
    if (!revoked)
        return revoked;
    const Result<QList<User>> users = parts.accounts->users();
    if (!users)
        return users.error();
    for (const User &user : *users) {
        if (user.role != Role::Admin)
            continue;
        const Result<NewToken> token = parts.accounts->addToken(
            user.id, QStringLiteral("this machine's command line"), TokenKind::Local);
        if (!token)
            return token.error();
        parts.access.token = token->secret;
        parts.access.processId = ::getpid();
        parts.access.certificate = parts.configuration.http.tls.certificate;
        return parts.options.announce ? writeRunningFile(parts.folder, parts.access)
                                      : Result<void>();
    }
    return Error { ErrorCode::Internal,
        QStringLiteral("There is no administrator; make one with `hubkeep user add`") };
}

const Router &Application::router() const
{
    return m_parts->router;
}

Accounts &Application::accounts()
{
    return *m_parts->accounts;
}

} // namespace hubkeep
