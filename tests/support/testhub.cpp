#include "tests/support/testhub.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QNetworkReply>
#include <QTest>

namespace hubkeep::test {
namespace {

template <typename T>
T need(Result<T> result)
{
    if (!result)
        qFatal("%s", qPrintable(result.error().message));
    return std::move(*result);
}

} // namespace

QJsonObject HttpAnswer::object() const
{
    return QJsonDocument::fromJson(body).object();
}

QJsonArray HttpAnswer::array() const
{
    return QJsonDocument::fromJson(body).array();
}

TestHub::TestHub(const api::WebSocketApi::Limits &limits, std::chrono::milliseconds streamPing)
    : state(need(StateDatabase::open(folder.filePath(QStringLiteral("state.db")))))
    , accounts(need(Accounts::open(*state, clock)))
    , audit(need(AuditLog::open(*state, clock)))
    , hub(std::make_unique<Hub>(clock,
          HubIdentity { QStringLiteral("Test"), QStringLiteral("Europe/Amsterdam"), folder.path(),
              QString(32, u'a'), false }))
    , anna(need(accounts->addUser(QStringLiteral("anna"), Role::Admin, QStringLiteral("x"))))
    , ulf(need(accounts->addUser(QStringLiteral("ulf"), Role::User, QStringLiteral("x"))))
    , annasToken(need(accounts->addToken(anna.id, QStringLiteral("t"), TokenKind::LongLived)))
    , ulfsToken(need(accounts->addToken(ulf.id, QStringLiteral("t"), TokenKind::LongLived)))
    , admin(annasToken.secret)
    , user(ulfsToken.secret)
{
    addActions();
    controller
        = std::make_unique<api::HomeAssistantController>(api::HomeAssistantController::Parts {
            *hub, *audit, [this] { return problems; }, streamPing });
    webSockets = std::make_unique<api::WebSocketApi>(
        api::WebSocketApi::Parts { *hub, *accounts, *audit, {}, limits });
    server = std::make_unique<api::ApiServer>(router, *accounts, *audit, clock);
    controller->addRoutes(router, *server);
    QObject::connect(server.get(), &api::ApiServer::webSocketConnected, webSockets.get(),
        &api::WebSocketApi::take);
    port = need(server->listen(QStringLiteral("127.0.0.1"), 0));
    hub->enter(HubState::Running);
}

// The server sees to what lies under a WebSocket, once that was closed.
TestHub::~TestHub()
{
    webSockets.reset();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

void TestHub::addActions()
{
    ActionRegistry &actions = hub->actions();
    // Answers what it is given, and who called.
    ActionDescription echo { QStringLiteral("test.echo"), QStringLiteral("Echo"),
        QStringLiteral("Answers what it is given.") };
    echo.fields.insert(QStringLiteral("text"),
        { QStringLiteral("What to say"), FieldType::Text, true, QStringLiteral("hello") });
    echo.fields.insert(
        QStringLiteral("entity_id"), { QStringLiteral("What to set"), FieldType::List });
    echo.admin = false;
    echo.responds = true;
    actions.add(echo, [this](const ActionCall &call) {
        const QString text = call.arguments.value(QStringLiteral("text")).toString();
        for (const QVariant &id : call.arguments.value(QStringLiteral("entity_id")).toList())
            (void)hub->states().set(id.toString(), text, {}, call.context);
        return finishedAction(QVariantMap {
            { QStringLiteral("said"), text }, { QStringLiteral("by"), call.context.userId } });
    });
    const auto addFailing = [&actions](const char *name, ErrorCode code) {
        actions.add({ QString::fromLatin1(name), QStringLiteral("Fail"), QStringLiteral("Fails.") },
            [code](const ActionCall &) {
                return finishedAction(Error { code, QStringLiteral("It did not work") });
            });
    };
    addFailing("test.busy", ErrorCode::Busy);
    addFailing("test.refuse", ErrorCode::InvalidArgument);
}

QUrl TestHub::url(const QString &path) const
{
    return QUrl(QStringLiteral("http://127.0.0.1:%1%2").arg(port).arg(path));
}

QUrl TestHub::webSocketUrl() const
{
    return QUrl(QStringLiteral("ws://127.0.0.1:%1/api/websocket").arg(port));
}

HttpAnswer TestHub::http(const char *method, const QString &path, const QString &token,
    const QByteArray &body, const QByteArray &contentType)
{
    QNetworkRequest request(url(path));
    if (!token.isEmpty())
        request.setRawHeader("Authorization", "Bearer " + token.toLatin1());
    if (!body.isEmpty())
        request.setHeader(QNetworkRequest::ContentTypeHeader, contentType);
    const std::unique_ptr<QNetworkReply> reply(m_network.sendCustomRequest(request, method, body));
    if (!QTest::qWaitFor([&] { return reply->isFinished(); }, 30'000))
        return {};
    HttpAnswer answer;
    answer.status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    answer.body = reply->readAll();
    for (const auto &[name, value] : reply->rawHeaderPairs())
        answer.headers.insert(name.toLower(), value);
    return answer;
}

QList<AuditEntry> TestHub::audited()
{
    return need(audit->page(1000));
}

} // namespace hubkeep::test
