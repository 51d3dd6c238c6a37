#include "app/api/healthroutes.h"
#include "tests/support/apiarena.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::api;
using namespace hubkeep::test;

namespace {

QJsonObject json(const RawAnswer &answer)
{
    return QJsonDocument::fromJson(answer.body).object();
}

QString text(const RawAnswer &answer, const char *key)
{
    return json(answer).value(QString::fromLatin1(key)).toString();
}

QByteArray credentials(const QByteArray &name, const QByteArray &password)
{
    return R"({"username":")" + name + R"(","password":")" + password + "\"}";
}

const QByteArray Login = QByteArrayLiteral("/api/v1/auth/login");
const QByteArray Users = QByteArrayLiteral("/api/v1/auth/users");
const QByteArray Tokens = QByteArrayLiteral("/api/v1/auth/tokens");

} // namespace

class TestAuthController : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void aLoginGivesATokenForThirtyDays();
    void wrongLoginsAreAllTheSame();
    void fiveWrongLoginsAMinuteAreEnough();
    void attemptsAtOnceAreNoWayAround();
    void loggingOutEndsTheToken();
    void bodiesAreChecked_data();
    void bodiesAreChecked();
    void everyRouteAsksForItsRole();
    void usersComeAndGo();
    void theLastAdministratorStays();
    void tokensAreOnesOwn();
    void refusalsAreWrittenDownWithinBounds();
    void healthNeedsNoToken();

private:
    RawAnswer logIn(const QByteArray &name, const QByteArray &password)
    {
        return m_arena->ask("POST", Login, {}, credentials(name, password));
    }
    QList<AuditEntry> audit(const char *action)
    {
        QList<AuditEntry> entries;
        const Result<QList<AuditEntry>> page = m_arena->audit().page(1000);
        for (const AuditEntry &entry : *page) {
            if (entry.action == QLatin1String(action))
                entries.append(entry);
        }
        return entries;
    }
    std::unique_ptr<ApiArena> m_arena;
    bool m_ready = false;
};

void TestAuthController::init()
{
    m_arena = std::make_unique<ApiArena>();
    m_ready = false;
    addHealthRoutes(m_arena->router(), [this] { return m_ready; });
    m_arena->listen();
}

void TestAuthController::aLoginGivesATokenForThirtyDays()
{
    const RawAnswer answer = logIn("user", "user's");
    QCOMPARE(answer.status, 200);
    QCOMPARE(text(answer, "role"), QStringLiteral("user"));
    QCOMPARE(text(answer, "expires_at"), QStringLiteral("2026-05-13T14:25:30.123Z"));
    const QByteArray token = text(answer, "token").toLatin1();
    QCOMPARE(m_arena->ask("GET", Tokens, token).status, 200);
    QCOMPARE(audit("auth.login").value(0).result, QStringLiteral("ok"));

    m_arena->clock().advance(std::chrono::days(30) - std::chrono::milliseconds(1));
    QCOMPARE(m_arena->ask("GET", Tokens, token).status, 200);
    m_arena->clock().advance(std::chrono::milliseconds(1));
    QCOMPARE(m_arena->ask("GET", Tokens, token).status, 401);
}

void TestAuthController::wrongLoginsAreAllTheSame()
{
    const RawAnswer wrong = logIn("user", "admin's");
    const RawAnswer unknown = logIn("nobody", "nobody");
    QCOMPARE(wrong.status, 401);
    QCOMPARE(unknown.status, 401);
    QCOMPARE(wrong.body, unknown.body);
    QVERIFY(wrong.headers.contains("www-authenticate"));
    QCOMPARE(audit("auth.login").size(), 2);
    QCOMPARE(audit("auth.login")[0].user, QStringLiteral("nobody"));
    QCOMPARE(audit("auth.login")[0].address, QStringLiteral("127.0.0.1"));
}

void TestAuthController::fiveWrongLoginsAMinuteAreEnough()
{
    for (int i = 0; i < 5; ++i) {
        QCOMPARE(logIn("user", "user's").status, 200); // these do not count
        QCOMPARE(logIn("admin", "wrong").status, 401);
        m_arena->clock().advance(std::chrono::seconds(5));
    }
    const RawAnswer refused = logIn("admin", "admin's");
    QCOMPARE(refused.status, 429);
    QCOMPARE(refused.headers.value("retry-after"), "35");
    QCOMPARE(audit("auth.login").value(0).result, QStringLiteral("refused"));
    m_arena->clock().advance(std::chrono::seconds(34));
    QCOMPARE(logIn("admin", "admin's").status, 429);
    m_arena->clock().advance(std::chrono::seconds(1));
    QCOMPARE(logIn("admin", "admin's").status, 200);
}

void TestAuthController::attemptsAtOnceAreNoWayAround()
{
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 12; ++i) {
        clients.push_back(std::make_unique<RawClient>(m_arena->port()));
        clients.back()->send(
            ApiArena::request("POST", Login, {}, credentials("admin", QByteArray::number(i))));
    }
    QHash<int, int> statuses;
    for (const auto &client : clients) {
        QTRY_COMPARE(client->answerCount(), 1);
        ++statuses[client->status()];
    }
    QCOMPARE(statuses, (QHash<int, int> { { 401, 5 }, { 429, 7 } }));
}

void TestAuthController::loggingOutEndsTheToken()
{
    const QByteArray token = text(logIn("user", "user's"), "token").toLatin1();
    QSignalSpy revoked(&m_arena->auth(), &AuthController::tokenRevoked);
    QCOMPARE(m_arena->ask("POST", "/api/v1/auth/logout", token).status, 204);
    QCOMPARE(revoked.size(), 1);
    QCOMPARE(m_arena->ask("GET", Tokens, token).status, 401);
    QCOMPARE(m_arena->ask("GET", Tokens, m_arena->userToken()).status, 200);
}

void TestAuthController::bodiesAreChecked_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("says");
    const auto row = [](const QByteArray &path, const char *body, const char *says) {
        QTest::addRow("%s %s", path.constData(), body)
            << path << QByteArray(body) << QString::fromLatin1(says);
    };
    row(Login, "", "username");
    row(Login, "[]", "JSON object");
    row(Login, "{", "not JSON");
    row(Login, R"({"username":"a","password":1})", "password");
    row(Login, R"({"username":"a","password":"b","admin":true})", "admin");
    row(Users, R"({"username":"a","password":"b","role":"root"})", "role");
    row(Users, R"({"username":"a","password":"b"})", "role");
    row(Users, R"({"username":" a","password":"b","role":"user"})", "spaces");
    row(Users, R"({"username":"a\u0000","password":"b","role":"user"})", "printable");
    row(Users, R"({"username":"a","password":"","role":"user"})", "password");
    row(Users, R"({"username":"a","password":"b","role":"user","id":1})", "id");
    row(Tokens, R"({"name":["a"]})", "name");
    row(Tokens, R"({"name":"a","expires":0})", "expires");
}

void TestAuthController::bodiesAreChecked()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, body);
    QFETCH(QString, says);
    const RawAnswer answer = m_arena->ask("POST", path, m_arena->adminToken(), body);
    QCOMPARE(answer.status, 400);
    QVERIFY2(text(answer, "message").contains(says), answer.body);
    QCOMPARE(text(answer, "code"), QStringLiteral("invalid_argument"));
    QCOMPARE(m_arena->accounts().users()->size(), 2);
}

void TestAuthController::everyRouteAsksForItsRole()
{
    for (const Route &route : m_arena->router().routes()) {
        QByteArray path = route.pattern.toLatin1();
        path.replace("{name}", "x").replace("{id}", "x");
        const QByteArray method = toString(route.method).toLatin1();
        const int stranger = m_arena->ask(method, path).status;
        const int forged = m_arena->ask(method, path, QByteArray(43, 'A')).status;
        const int user = path.endsWith("logout")
            ? 204
            : m_arena->ask(method, path, m_arena->userToken()).status;
        const bool open = route.access == Access::Open;
        QVERIFY2((stranger == 401) == !open, path);
        QVERIFY2((forged == 401) == !open, path);
        QVERIFY2((user == 403) == (route.access == Access::Admin), path);
    }
    const QByteArray basic = "GET " + Tokens + " HTTP/1.1\r\nHost: hub\r\nAuthorization: Basic "
        + m_arena->userToken() + "\r\n\r\n";
    RawClient client(m_arena->port());
    QCOMPARE(client.exchange(basic).value(0).status, 401);
}

void TestAuthController::usersComeAndGo()
{
    const QByteArray &admin = m_arena->adminToken();
    const RawAnswer added = m_arena->ask(
        "POST", Users, admin, R"({"username":"J\u00f6rg","password":"p","role":"Admin"})");
    QCOMPARE(added.status, 201);
    QCOMPARE(text(added, "role"), QStringLiteral("admin"));
    QCOMPARE(text(added, "username"), QString::fromUtf8("J\xc3\xb6rg"));
    QCOMPARE(json(added).size(), 2);
    QCOMPARE(
        m_arena->ask("POST", Users, admin, R"({"username":"user","password":"p","role":"user"})")
            .status,
        409);
    const RawAnswer list = m_arena->ask("GET", Users, admin);
    QCOMPARE(json(list).value(QStringLiteral("users")).toArray().size(), 3);
    QVERIFY(!list.body.contains("argon2"));

    const QByteArray token = text(logIn("J\xc3\xb6rg", "p"), "token").toLatin1();
    QCOMPARE(m_arena->ask("GET", Users, token).status, 200);
    QSignalSpy removed(&m_arena->auth(), &AuthController::userRemoved);
    QCOMPARE(m_arena->ask("DELETE", Users + "/J%C3%B6rg", admin).status, 204);
    QCOMPARE(removed.size(), 1);
    QCOMPARE(m_arena->ask("GET", Users, token).status, 401);
    QCOMPARE(m_arena->ask("DELETE", Users + "/J%C3%B6rg", admin).status, 404);
    QCOMPARE(m_arena->ask("DELETE", Users + "/..%2Fadmin", admin).status, 404);
    QCOMPARE(audit("user.add").size(), 1);
    QCOMPARE(audit("user.delete").size(), 1);
    QCOMPARE(audit("user.delete")[0].user, QStringLiteral("admin"));
}

void TestAuthController::theLastAdministratorStays()
{
    QCOMPARE(m_arena->ask("DELETE", Users + "/admin", m_arena->adminToken()).status, 409);
    QCOMPARE(m_arena->ask("GET", Users, m_arena->adminToken()).status, 200);
}

void TestAuthController::tokensAreOnesOwn()
{
    const QByteArray &user = m_arena->userToken();
    const RawAnswer added = m_arena->ask("POST", Tokens, user, R"({"name":"phone"})");
    QCOMPARE(added.status, 201);
    QCOMPARE(json(added).keys(),
        (QStringList { QStringLiteral("id"), QStringLiteral("name"), QStringLiteral("token") }));
    const QByteArray secret = text(added, "token").toLatin1();
    const QByteArray id = text(added, "id").toLatin1();
    const RawAnswer list = m_arena->ask("GET", Tokens, secret);
    QCOMPARE(json(list).value(QStringLiteral("tokens")).toArray().size(), 2);
    QVERIFY(!list.body.contains(secret));

    QCOMPARE(m_arena->ask("DELETE", Tokens + '/' + id, m_arena->adminToken()).status, 404);
    QCOMPARE(m_arena->ask("GET", Tokens, secret).status, 200);
    QCOMPARE(m_arena->ask("DELETE", Tokens + '/' + id, user).status, 204);
    QCOMPARE(m_arena->ask("GET", Tokens, secret).status, 401);
}

void TestAuthController::refusalsAreWrittenDownWithinBounds()
{
    RawClient client(m_arena->port());
    QByteArray requests;
    for (int i = 0; i < 300; ++i)
        requests += ApiArena::request("GET", Users, m_arena->userToken());
    QCOMPARE(client.exchange(requests, 300).size(), 300);
    QCOMPARE(client.status(299), 403);
    QCOMPARE(audit("request").size(), 60);
    QCOMPARE(audit("request")[0].user, QStringLiteral("user"));
    QCOMPARE(audit("request")[0].target, QStringLiteral("GET /api/v1/auth/users"));

    m_arena->clock().advance(std::chrono::minutes(1));
    m_arena->ask("GET", Users);
    QCOMPARE(audit("request").size(), 62);
    QCOMPARE(
        audit("request")[1].detail, QStringLiteral("240 more calls were refused within a minute"));
}

void TestAuthController::healthNeedsNoToken()
{
    QCOMPARE(m_arena->ask("GET", "/").status, 200);
    QCOMPARE(m_arena->ask("GET", "/healthz").status, 200);
    QCOMPARE(m_arena->ask("GET", "/readyz").status, 503);
    m_ready = true;
    QCOMPARE(m_arena->ask("GET", "/readyz").status, 200);
    QCOMPARE(m_arena->ask("POST", "/healthz").status, 405);
}

QTEST_GUILESS_MAIN(TestAuthController)
#include "tst_authcontroller.moc"
