#include "app/api/router.h"

#include <QTest>

using namespace hubkeep;
using namespace hubkeep::api;

class TestRouter : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void findsTheRoute_data();
    void findsTheRoute();
    void capturesAreDecodedOnce();
    void namesTheMethodsOfAPath();
    void listsRoutesInOrder();
    void aBodyIsAnObjectOfKnownFields_data();
    void aBodyIsAnObjectOfKnownFields();
    void numbersKeepTheirRange_data();
    void numbersKeepTheirRange();

private:
    void add(Method method, const char *pattern)
    {
        m_router->add({ method, QString::fromLatin1(pattern) }, [](const Request &, Responder) {});
    }
    std::unique_ptr<Router> m_router;
};

void TestRouter::init()
{
    m_router = std::make_unique<Router>();
    add(Method::Get, "/");
    add(Method::Get, "/api/");
    add(Method::Get, "/api/backup/{id}");
    add(Method::Get, "/api/backup/status");
    add(Method::Post, "/api/backup/upload");
    add(Method::Delete, "/api/backup/{id}");
    add(Method::Post, "/api/backup/{file}/restore");
    add(Method::Get, "/api/{kind}/status");
    add(Method::Get, "/api/states/{entity}");
}

void TestRouter::findsTheRoute_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QString>("pattern");
    const auto row = [](const char *path, const char *pattern) {
        QTest::newRow(path) << QByteArray(path) << QString::fromLatin1(pattern);
    };
    row("/", "/");
    row("/api/", "/api/");
    row("/api", "");
    row("/api//", "");
    row("//", "");
    row("", "");
    row("/api/backup/b1", "/api/backup/{id}");
    row("/api/backup/status", "/api/backup/status");
    row("/api/backup/st%61tus", "/api/backup/status");
    row("/api/backup/upload", "/api/backup/{id}");
    row("/api/other/status", "/api/{kind}/status");
    row("/api/backup/", "");
    row("/api/backup/b1/", "");
    row("/api/backup/.", "");
    row("/api/backup/..", "");
    row("/api/backup/%2e%2E", "");
    row("/api/backup/a%2Fb", "");
    row("/api/backup/..%2f..%2fetc", "");
    row("/api/backup/a%00b", "");
    row("/api/backup/%", "");
    row("/api/backup/%4", "");
    row("/api/backup/%zz", "");
    row("/api/backup/%ff%fe", ""); // no UTF-8
    row("/api/backup/%c0%ae", ""); // an overlong dot
    row("/api/backup/../status", "");
    row("/API/backup/b1", "");
}

void TestRouter::findsTheRoute()
{
    QFETCH(QByteArray, path);
    QFETCH(QString, pattern);
    const Router::Match match = m_router->match(Method::Get, path);
    QCOMPARE(match.route ? match.route->pattern : QString(), pattern);
    QCOMPARE(match.handler != nullptr, !pattern.isEmpty());
}

void TestRouter::capturesAreDecodedOnce()
{
    const auto captured = [this](const char *path) {
        return m_router->match(Method::Get, path).captures.value(QStringLiteral("id"));
    };
    QCOMPARE(captured("/api/backup/a%20b+c"), QStringLiteral("a b+c"));
    QCOMPARE(captured("/api/backup/%252e%252e%252f"), QStringLiteral("%2e%2e%2f"));
    QCOMPARE(captured("/api/backup/%E2%82%AC"), QString::fromUtf8("\xe2\x82\xac"));
    QCOMPARE(captured("/api/backup/..."), QStringLiteral("..."));
}

void TestRouter::namesTheMethodsOfAPath()
{
    const Router::Match none = m_router->match(Method::Get, "/nowhere");
    QVERIFY(none.allowed.isEmpty());
    const Router::Match wrong = m_router->match(Method::Put, "/api/backup/b1");
    QVERIFY(!wrong.route);
    QVERIFY(wrong.allowed == QList<Method>({ Method::Get, Method::Delete }));
    const Router::Match unknown = m_router->match(std::nullopt, "/api/backup/b1/restore");
    QVERIFY(!unknown.route);
    QVERIFY(unknown.allowed == QList<Method>({ Method::Post }));
}

void TestRouter::listsRoutesInOrder()
{
    QCOMPARE(m_router->routes().size(), 9);
    QCOMPARE(m_router->routes()[2].pattern, QStringLiteral("/api/backup/{id}"));
}

void TestRouter::aBodyIsAnObjectOfKnownFields_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("error");
    const auto row = [](const char *name, const QByteArray &body, const char *error) {
        QTest::newRow(name) << body << QString::fromLatin1(error);
    };
    row("empty", "", "");
    row("white space", " \r\n", "");
    row("object", R"({"a":1})", "");
    row("deep enough", R"({"a":)" + QByteArray(63, '[') + QByteArray(63, ']') + "}", "");
    row("brackets in text", R"({"a":"\"[[[[)" + QByteArray(200, '[') + "\"}", "");
    row("too deep", R"({"a":)" + QByteArray(64, '[') + QByteArray(64, ']') + "}", "nested deeper");
    row("very deep", QByteArray(1'000'000, '['), "nested deeper");
    row("array", "[]", "has to be a JSON object");
    row("number", "1", "not JSON");
    row("cut short", R"({"a":)", "not JSON");
    row("trailing", R"({"a":1}x)", "not JSON");
    row("no UTF-8", "{\"a\":\"\xff\"}", "not JSON");
    row("unknown", R"({"a":1,"zeta":2})", "The field zeta is not known here; there is a, b");
    row("several unknown", R"({"y":1,"x":2})", "The fields x, y are not known here");
}

void TestRouter::aBodyIsAnObjectOfKnownFields()
{
    QFETCH(QByteArray, body);
    QFETCH(QString, error);
    Request request;
    request.body = body;
    const Result<QJsonObject> object = request.json({ QStringLiteral("a"), QStringLiteral("b") });
    QCOMPARE(object.ok(), error.isEmpty());
    if (!object) {
        QCOMPARE(object.error().code, ErrorCode::InvalidArgument);
        QVERIFY2(object.error().message.contains(error), qPrintable(object.error().message));
    }
}

void TestRouter::numbersKeepTheirRange_data()
{
    QTest::addColumn<QString>("query");
    QTest::addColumn<int>("expected"); // -1: refused
    QTest::newRow("missing") << QString() << 50;
    QTest::newRow("good") << QStringLiteral("limit=7") << 7;
    QTest::newRow("encoded") << QStringLiteral("limit=%37") << 7;
    QTest::newRow("least") << QStringLiteral("limit=1") << 1;
    QTest::newRow("zero") << QStringLiteral("limit=0") << -1;
    QTest::newRow("large") << QStringLiteral("limit=1001") << -1;
    QTest::newRow("empty") << QStringLiteral("limit=") << -1;
    QTest::newRow("text") << QStringLiteral("limit=many") << -1;
    QTest::newRow("overflow") << QStringLiteral("limit=99999999999999999999") << -1;
}

void TestRouter::numbersKeepTheirRange()
{
    QFETCH(QString, query);
    QFETCH(int, expected);
    Request request;
    request.query = QUrlQuery(query);
    const Result<qint64> number = request.number("limit", 50, 1, 1000);
    QCOMPARE(number.ok() ? static_cast<int>(*number) : -1, expected);
}

QTEST_GUILESS_MAIN(TestRouter)
#include "tst_router.moc"
