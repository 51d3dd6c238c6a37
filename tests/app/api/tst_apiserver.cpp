#include "tests/support/apiarena.h"

#include <QProcess>
#include <QSslKey>
#include <QSslSocket>
#include <QTest>
#include <QWebSocket>

using namespace hubkeep;
using namespace hubkeep::api;
using namespace hubkeep::test;

namespace {

class NullTarget final : public UploadTarget
{
public:
    explicit NullTarget(QString &log)
        : m_log(log)
    {
    }
    Result<void> write(const QByteArray &bytes) override
    {
        m_log += QString::fromUtf8(bytes);
        return {};
    }
    void finish(Responder responder) override { responder.empty(201); }
    void drop(const QString &) override { m_log = QStringLiteral("dropped"); }

private:
    QString &m_log;
};

} // namespace

class TestApiServer : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void answersInJsonWhatIsNotThere();
    void wrongMethodsLearnTheRightOnes();
    void strangersHaveSmallBodies();
    void anUploadIsAdmittedByItsHead();
    void handlersKnowTheirCaller();
    void webSocketsAreHandedOut();
    void otherRequestsForTheWebSocketAreRefused();
    void aTakenPortIsSaid();
    void servesTls();
    void brokenTlsFilesAreSaid();
    void stopsWhenTheLastAnswerIsOut();

private:
    std::unique_ptr<ApiArena> m_arena;
    QString m_log;
};

void TestApiServer::init()
{
    m_log.clear();
    m_arena = std::make_unique<ApiArena>();
    m_arena->router().add({ Method::Post, QStringLiteral("/open"), Access::Open },
        [](const Request &request, Responder responder) {
            responder.text(200, QByteArray::number(request.body.size()));
        });
    m_arena->router().add({ Method::Get, QStringLiteral("/who/{name}"), Access::User },
        [](const Request &request, Responder responder) {
            responder.json(200,
                QJsonObject { { QStringLiteral("user"), request.caller.userName() },
                    { QStringLiteral("admin"), request.caller.isAdmin() },
                    { QStringLiteral("address"), request.caller.address.toString() },
                    { QStringLiteral("name"), request.captured("name") },
                    { QStringLiteral("q"), request.parameter("q") },
                    { QStringLiteral("path"), request.path } });
        });
    m_arena->server().addUploadRoute({ Method::Post, QStringLiteral("/upload") },
        [this](const Request &request,
            std::optional<qint64>) -> Result<std::unique_ptr<UploadTarget>> {
            m_log = request.caller.userName() + QLatin1Char(':');
            return std::unique_ptr<UploadTarget>(std::make_unique<NullTarget>(m_log));
        });
    m_arena->listen();
}

void TestApiServer::answersInJsonWhatIsNotThere()
{
    for (const char *path :
        { "/nowhere", "/who/", "/who/a%2fb", "/who/%00", "/who/..", "/%", "//", "/nowhere?a=b" }) {
        const RawAnswer answer = m_arena->ask("GET", path, m_arena->adminToken());
        QCOMPARE(answer.status, 404);
        QCOMPARE(answer.headers.value("content-type"), "application/json");
        QVERIFY(answer.body.contains("\"code\":\"not_found\""));
    }
}

void TestApiServer::wrongMethodsLearnTheRightOnes()
{
    for (const char *method : { "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW" }) {
        const RawAnswer answer = m_arena->ask(method, "/who/me", m_arena->userToken());
        QCOMPARE(answer.status, 405);
        QCOMPARE(answer.headers.value("allow"), "GET, HEAD");
    }
    RawClient client(m_arena->port());
    client.send(ApiArena::request("HEAD", "/who/me", m_arena->userToken()));
    QTRY_VERIFY(client.received().endsWith("\r\n\r\n"));
    QVERIFY(client.received().startsWith("HTTP/1.1 200 "));
}

void TestApiServer::strangersHaveSmallBodies()
{
    const QByteArray large(64 * 1024 + 1, 'x');
    QCOMPARE(m_arena->ask("POST", "/open", {}, large.chopped(1)).body, "65536");
    QCOMPARE(m_arena->ask("POST", "/open", {}, large).status, 413);
    QCOMPARE(m_arena->ask("POST", "/open", m_arena->userToken(), large).body, "65537");
}

void TestApiServer::anUploadIsAdmittedByItsHead()
{
    const auto ask = [this](const QByteArray &token) {
        RawClient client(m_arena->port());
        const QByteArray head = ApiArena::request("POST", "/upload", token).chopped(2)
            + "Content-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n";
        return client.exchange(head).value(0).status;
    };
    QCOMPARE(ask({}), 401);
    QCOMPARE(ask(m_arena->userToken()), 403);
    QCOMPARE(m_log, QString());
    QCOMPARE(ask(m_arena->adminToken()), 100);
    QTRY_COMPARE(m_log, QStringLiteral("dropped"));
    QCOMPARE(m_arena->ask("POST", "/upload", m_arena->adminToken(), "hello").status, 201);
    QCOMPARE(m_log, QStringLiteral("admin:hello"));
}

void TestApiServer::handlersKnowTheirCaller()
{
    QCOMPARE(m_arena->ask("GET", "/who/J%C3%B6rg?q=a%20b%26", m_arena->userToken()).body,
        QByteArray("{\"address\":\"127.0.0.1\",\"admin\":false,\"name\":\"J\xc3\xb6rg\","
                   "\"path\":\"/who/J\xc3\xb6rg\",\"q\":\"a b&\",\"user\":\"user\"}"));
}

void TestApiServer::webSocketsAreHandedOut()
{
    std::vector<std::unique_ptr<QWebSocket>> accepted;
    QHostAddress from;
    QObject::connect(&m_arena->server(), &ApiServer::webSocketConnected,
        [&](QWebSocket *socket, const QHostAddress &peer) {
            accepted.emplace_back(socket);
            from = peer;
        });
    QWebSocket client;
    QString heard;
    QObject::connect(&client, &QWebSocket::textMessageReceived,
        [&heard](const QString &message) { heard = message; });
    client.open(QUrl(QStringLiteral("ws://127.0.0.1:%1/api/websocket").arg(m_arena->port())));
    QTRY_COMPARE(accepted.size(), 1U);
    QCOMPARE(from, QHostAddress(QHostAddress::LocalHost));
    accepted[0]->sendTextMessage(QStringLiteral("auth_required"));
    QTRY_COMPARE(heard, QStringLiteral("auth_required"));
    QString answered;
    QObject::connect(accepted[0].get(), &QWebSocket::textMessageReceived,
        [&answered](const QString &message) { answered = message; });
    client.sendTextMessage(QStringLiteral("auth"));
    QTRY_COMPARE(answered, QStringLiteral("auth"));
}

void TestApiServer::otherRequestsForTheWebSocketAreRefused()
{
    QCOMPARE(m_arena->ask("GET", "/api/websocket").status, 426);
    QCOMPARE(m_arena->ask("POST", "/api/websocket").status, 405);
    QWebSocket client;
    client.open(QUrl(QStringLiteral("ws://127.0.0.1:%1/api/other").arg(m_arena->port())));
    QTRY_VERIFY(client.error() == QAbstractSocket::ConnectionRefusedError
        || !client.errorString().isEmpty());
    QVERIFY(client.state() != QAbstractSocket::ConnectedState);
}

void TestApiServer::aTakenPortIsSaid()
{
    ApiServer other(m_arena->router(), m_arena->accounts(), m_arena->audit(), m_arena->clock());
    const Result<quint16> taken = other.listen(QStringLiteral("127.0.0.1"), m_arena->port());
    QVERIFY(!taken);
    QCOMPARE(taken.error().code, ErrorCode::Busy);
    const Result<quint16> noAddress = other.listen(QStringLiteral("nowhere.invalid"), 0);
    QVERIFY(!noAddress);
    QCOMPARE(noAddress.error().code, ErrorCode::InvalidArgument);
}

void TestApiServer::servesTls()
{
    const QTemporaryDir folder;
    const TlsFiles tls { folder.filePath(QStringLiteral("c.pem")),
        folder.filePath(QStringLiteral("k.pem")) };
    QCOMPARE(QProcess::execute(QStringLiteral("sh"),
                 { QStringLiteral("-c"),
                     QStringLiteral("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "
                                    "/CN=localhost -addext subjectAltName=DNS:localhost -keyout "
                                    "%1 -out %2 2>/dev/null")
                         .arg(tls.key, tls.certificate) }),
        0);
    ApiServer server(m_arena->router(), m_arena->accounts(), m_arena->audit(), m_arena->clock());
    const Result<quint16> port = server.listen(QStringLiteral("127.0.0.1"), 0, tls);
    QVERIFY2(port, port ? "" : qPrintable(port.error().message));

    const auto curl = [&](const QStringList &arguments) {
        QProcess process;
        process.start(QStringLiteral("curl"),
            QStringList { QStringLiteral("-sS"), QStringLiteral("--cacert"), tls.certificate }
                + arguments
                + QStringList { QStringLiteral("https://localhost:%1/open").arg(*port) });
        [[maybe_unused]] const bool ended = QTest::qWaitFor(
            [&process] { return process.state() == QProcess::NotRunning; }, 20000);
        return process.readAllStandardOutput();
    };
    QCOMPARE(curl({ QStringLiteral("-d"), QStringLiteral("hello") }), "5");
    QCOMPARE(
        curl({ QStringLiteral("-d"), QStringLiteral("hello"), QStringLiteral("--tlsv1.3") }), "5");
    QCOMPARE(curl({ QStringLiteral("-d"), QStringLiteral("x"), QStringLiteral("--tls-max"),
                 QStringLiteral("1.1"), QStringLiteral("--ciphers"),
                 QStringLiteral("DEFAULT@SECLEVEL=0") }),
        "");

    QWebSocket client;
    QObject::connect(&client, &QWebSocket::sslErrors, [&client] { client.ignoreSslErrors(); });
    bool connected = false;
    QObject::connect(&server, &ApiServer::webSocketConnected,
        [&connected](QWebSocket *socket, const QHostAddress &) {
            connected = true;
            socket->deleteLater();
        });
    client.open(QUrl(QStringLiteral("wss://127.0.0.1:%1/api/websocket").arg(*port)));
    QTRY_VERIFY2(connected, qPrintable(client.errorString()));
}

void TestApiServer::brokenTlsFilesAreSaid()
{
    const QTemporaryDir folder;
    QCOMPARE(
        QProcess::execute(QStringLiteral("sh"),
            { QStringLiteral("-c"),
                QStringLiteral("cd %1 && for i in 1 2; do openssl req -x509 -newkey ec -pkeyopt "
                               "ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x -keyout k$i "
                               "-out c$i 2>/dev/null || exit 1; done; echo x > junk")
                    .arg(folder.path()) }),
        0);
    const auto error = [&](const char *certificate, const char *key) {
        ApiServer server(
            m_arena->router(), m_arena->accounts(), m_arena->audit(), m_arena->clock());
        const Result<quint16> port = server.listen(QStringLiteral("127.0.0.1"), 0,
            { folder.filePath(QString::fromLatin1(certificate)),
                folder.filePath(QString::fromLatin1(key)) });
        return port ? QString() : port.error().message;
    };
    QCOMPARE(error("c1", "k1"), QString());
    QVERIFY(error("none", "k1").contains(QStringLiteral("none")));
    QVERIFY(error("c1", "none").contains(QStringLiteral("none")));
    QVERIFY(error("junk", "k1").contains(QStringLiteral("not in PEM form")));
    QVERIFY(error("c1", "junk").contains(QStringLiteral("PEM")));
    QVERIFY(error("c1", "k2").contains(QStringLiteral("does not belong")));
}

void TestApiServer::stopsWhenTheLastAnswerIsOut()
{
    RawClient client(m_arena->port());
    QCOMPARE(client.exchange(ApiArena::request("GET", "/who/x", m_arena->userToken())).size(), 1);
    bool drained = false;
    QObject::connect(&m_arena->server(), &ApiServer::drained, [&drained] { drained = true; });
    m_arena->server().stop();
    QTRY_VERIFY(drained);
    QTRY_VERIFY(!client.isOpen());
    QTcpSocket late;
    late.connectToHost(QHostAddress(QHostAddress::LocalHost), m_arena->port());
    QVERIFY(!late.waitForConnected(2000));
}

QTEST_GUILESS_MAIN(TestApiServer)
#include "tst_apiserver.moc"
