// Home Assistant's REST API with real requests.

#include "automation/core/logging.h"
#include "tests/support/testhub.h"
#include "tests/support/websocketclient.h"

#include <QNetworkReply>
#include <QRegularExpression>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::test;

class TestHomeAssistantController : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_hub = std::make_unique<TestHub>(); }
    void cleanup() { m_hub.reset(); }

    void everyRouteAsksForItsRole();
    void theHubDescribesItself();
    void statesAreReadAndWritten();
    void wrongStatesAreRefused_data();
    void wrongStatesAreRefused();
    void servicesAreListed();
    void servicesAnswerWithWhatTheyChanged();
    void servicesThatFailSayHow_data();
    void servicesThatFailSayHow();
    void eventsAreFiredAndCounted();
    void theConfigurationIsChecked();
    void whatWasLoggedIsShown();
    void theStreamTellsEventsAsTheyHappen();
    void theStreamPings();

private:
    HttpAnswer get(const char *path, bool asAdmin = true)
    {
        return m_hub->http("GET", QString::fromLatin1(path), asAdmin ? m_hub->admin : m_hub->user);
    }
    HttpAnswer post(const char *path, const QByteArray &body, bool asAdmin = true)
    {
        return m_hub->http(
            "POST", QString::fromLatin1(path), asAdmin ? m_hub->admin : m_hub->user, body);
    }

    std::unique_ptr<TestHub> m_hub;
};

void TestHomeAssistantController::everyRouteAsksForItsRole()
{
    // What a user may do is listed here, so that a new route has to be thought about.
    const QSet<QString> forUsers { QStringLiteral("GET /api/"), QStringLiteral("GET /api/config"),
        QStringLiteral("GET /api/components"), QStringLiteral("GET /api/core/state"),
        QStringLiteral("GET /api/states"), QStringLiteral("GET /api/states/{entity_id}"),
        QStringLiteral("GET /api/services"), QStringLiteral("GET /api/calendars"),
        QStringLiteral("POST /api/services/{domain}/{service}"), // the action says who
        QStringLiteral("GET /api/events") };
    QSet<QString> seen;
    for (const api::Route &route : m_hub->router.routes()) {
        const QString name = toString(route.method) + u' ' + route.pattern;
        const bool user = forUsers.contains(name);
        QVERIFY2(route.access == (user ? api::Access::User : api::Access::Admin), qPrintable(name));
        if (user)
            seen.insert(name);
        QString path = route.pattern;
        path.replace(QRegularExpression(QStringLiteral("\\{[^}]*\\}")), QStringLiteral("none"));
        const QByteArray method = toString(route.method).toLatin1();
        QCOMPARE(m_hub->http(method, path, {}).status, 401);
        QCOMPARE(m_hub->http(method, path, QStringLiteral("wrong")).status, 401);
        const int asUser = m_hub->http(method, path, m_hub->user).status;
        QVERIFY2(user ? asUser != 403 : asUser == 403, qPrintable(name));
    }
    QCOMPARE(seen, forUsers);
}

void TestHomeAssistantController::theHubDescribesItself()
{
    QCOMPARE(get("/api/").object(), json(R"({"message":"API running."})"));
    const QJsonObject config = get("/api/config", false).object();
    QCOMPARE(text(config, "version"), QStringLiteral("2026.7.0"));
    QCOMPARE(text(config, "location_name"), QStringLiteral("Test"));
    for (const char *name : { "components", "config_dir", "elevation", "latitude", "longitude",
             "location_name", "time_zone", "unit_system", "version", "state", "currency", "country",
             "language", "internal_url", "external_url", "safe_mode", "recovery_mode" })
        QVERIFY2(config.contains(QLatin1String(name)), name);
    QCOMPARE(get("/api/components").array(), QJsonArray());
    QCOMPARE(get("/api/calendars").array(), QJsonArray());
    QCOMPARE(get("/api/core/state").object(), json(R"({"state":"RUNNING"})"));
    m_hub->hub->enter(HubState::Stopping);
    QCOMPARE(get("/api/core/state").object(), json(R"({"state":"STOPPING"})"));
}

void TestHomeAssistantController::statesAreReadAndWritten()
{
    QCOMPARE(get("/api/states").array(), QJsonArray());
    QCOMPARE(get("/api/states/sensor.door").status, 404);

    const HttpAnswer made
        = post("/api/states/sensor.door", R"({"state":"open","attributes":{"floor":1}})");
    QCOMPARE(made.status, 201);
    QCOMPARE(made.headers.value("location"), QByteArray("/api/states/sensor.door"));
    const State state = *m_hub->hub->states().get(QStringLiteral("sensor.door"));
    QCOMPARE(made.object(), toJson(state));
    QCOMPARE(state.value, QStringLiteral("open"));
    QCOMPARE(state.context.userId, m_hub->anna.id);

    const HttpAnswer changed = post("/api/states/sensor.door", R"({"state":5})");
    QCOMPARE(changed.status, 200);
    QVERIFY(!changed.headers.contains("location"));
    QCOMPARE(text(changed.object(), "state"), QStringLiteral("5"));
    QCOMPARE(get("/api/states/sensor.door", false).object(), changed.object());
    QCOMPARE(get("/api/states").array(), QJsonArray { changed.object() });

    const QString path = QStringLiteral("/api/states/sensor.door");
    QCOMPARE(m_hub->http("DELETE", path, m_hub->admin).object(),
        json(R"({"message":"Entity removed."})"));
    QCOMPARE(m_hub->http("DELETE", path, m_hub->admin).status, 404);
    QCOMPARE(m_hub->hub->states().count(), 0);
}

void TestHomeAssistantController::wrongStatesAreRefused_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("names");
    const QString path = QStringLiteral("/api/states/sensor.a");
    QTest::newRow("nothing") << path << QByteArray() << QByteArray("No state");
    QTest::newRow("no state") << path << QByteArray(R"({"attributes":{}})")
                              << QByteArray("No state");
    QTest::newRow("an object") << path << QByteArray(R"({"state":{}})") << QByteArray("No state");
    QTest::newRow("no JSON") << path << QByteArray("{") << QByteArray("JSON");
    QTest::newRow("a list") << path << QByteArray("[]") << QByteArray("object");
    QTest::newRow("unknown field")
        << path << QByteArray(R"({"state":"a","foo":1})") << QByteArray("foo");
    QTest::newRow("attributes as text")
        << path << QByteArray(R"({"state":"a","attributes":"b"})") << QByteArray("attributes");
    QTest::newRow("too long") << path << R"({"state":")" + QByteArray(256, 'a') + "\"}"
                              << QByteArray("255");
    QTest::newRow("no entity") << QStringLiteral("/api/states/sensor")
                               << QByteArray(R"({"state":"a"})") << QByteArray("'sensor'");
    QTest::newRow("upper case") << QStringLiteral("/api/states/sensor.A")
                                << QByteArray(R"({"state":"a"})") << QByteArray("sensor.A");
    QTest::newRow("leaving its folder") << QStringLiteral("/api/states/..%252f")
                                        << QByteArray(R"({"state":"a"})") << QByteArray("entity");
}

void TestHomeAssistantController::wrongStatesAreRefused()
{
    QFETCH(QString, path);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, names);
    const HttpAnswer answer = m_hub->http("POST", path, m_hub->admin, body);
    QCOMPARE(answer.status, 400);
    QVERIFY2(answer.body.contains(names), answer.body);
    QVERIFY(!text(answer.object(), "code").isEmpty());
    QCOMPARE(m_hub->hub->states().count(), 0);
}

void TestHomeAssistantController::servicesAreListed()
{
    const QJsonArray domains = get("/api/services", false).array();
    QCOMPARE(domains.size(), 1);
    QCOMPARE(text(domains.first().toObject(), "domain"), QStringLiteral("test"));
    const QJsonObject services
        = domains.first().toObject().value(QStringLiteral("services")).toObject();
    QVERIFY(services.contains(QStringLiteral("echo")));
}

void TestHomeAssistantController::servicesAnswerWithWhatTheyChanged()
{
    QVERIFY(m_hub->hub->states().set(QStringLiteral("sensor.other"), QStringLiteral("1")));
    const HttpAnswer plain = post(
        "/api/services/test/echo", R"({"text":"hi","entity_id":["sensor.a","sensor.b"]})", false);
    QCOMPARE(plain.status, 200);
    const QJsonArray changed = plain.array();
    QCOMPARE(changed.size(), 2);
    QCOMPARE(text(changed.first().toObject(), "entity_id"), QStringLiteral("sensor.a"));
    QCOMPARE(text(changed.first().toObject(), "state"), QStringLiteral("hi"));

    const QJsonObject answered
        = post("/api/services/test/echo?return_response", R"({"text":"ho","entity_id":"sensor.a"})")
              .object();
    QCOMPARE(answered.value(QStringLiteral("changed_states")).toArray().size(), 1);
    QCOMPARE(text(answered.value(QStringLiteral("service_response")).toObject(), "said"),
        QStringLiteral("ho"));
}

void TestHomeAssistantController::servicesThatFailSayHow_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("asAdmin");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("names");
    const auto row = [](const char *name, const char *path, const char *body, bool asAdmin,
                         int status, const char *names) {
        QTest::newRow(name) << QString::fromLatin1(path) << QByteArray(body) << asAdmin << status
                            << QByteArray(names);
    };
    row("unknown", "/api/services/test/nothing", "", true, 400, "test.nothing");
    row("missing data", "/api/services/test/echo", "", true, 400, "'text'");
    row("unknown data", "/api/services/test/echo", R"({"text":"a","b":1})", true, 400, "'b'");
    row("no JSON", "/api/services/test/echo", "text=a", true, 400, "JSON");
    row("no response there", "/api/services/test/busy?return_response", "", true, 400,
        "no response");
    row("refused", "/api/services/test/refuse", "", true, 400, "did not work");
    row("busy", "/api/services/test/busy", "", true, 409, "did not work");
    row("wrong role", "/api/services/test/busy", "", false, 403, "");
}

void TestHomeAssistantController::servicesThatFailSayHow()
{
    QFETCH(QString, path);
    QFETCH(QByteArray, body);
    QFETCH(bool, asAdmin);
    QFETCH(int, status);
    QFETCH(QByteArray, names);
    const HttpAnswer answer = m_hub->http("POST", path, asAdmin ? m_hub->admin : m_hub->user, body);
    QCOMPARE(answer.status, status);
    QVERIFY2(answer.body.contains(names), answer.body);
}

void TestHomeAssistantController::eventsAreFiredAndCounted()
{
    QVariantMap heard;
    QString by;
    const Subscription watching
        = m_hub->hub->bus().subscribe(QStringLiteral("ring"), [&](const Event &event) {
              heard = event.data;
              by = event.context.userId;
          });
    QCOMPARE(post("/api/events/ring", R"({"bell":2})").object(),
        json(R"({"message":"Event ring fired."})"));
    QCOMPARE(heard.value(QStringLiteral("bell")).toInt(), 2);
    QCOMPARE(by, m_hub->anna.id);
    QVERIFY(
        get("/api/events", false).array().contains(json(R"({"event":"ring","listener_count":1})")));
    QCOMPARE(post("/api/events/state_changed", "{}").status, 400);
    QCOMPARE(post("/api/events/ring", "[1]").status, 400);
}

void TestHomeAssistantController::theConfigurationIsChecked()
{
    QJsonObject answer = post("/api/config/core/check_config", {}).object();
    QCOMPARE(text(answer, "result"), QStringLiteral("valid"));
    QVERIFY(answer.value(QStringLiteral("errors")).isNull());
    m_hub->problems = { { QStringLiteral("hubkeep.yaml"), 3, 5, QStringLiteral("no such key") } };
    answer = post("/api/config/core/check_config", {}).object();
    QCOMPARE(text(answer, "result"), QStringLiteral("invalid"));
    QCOMPARE(text(answer, "errors"), QStringLiteral("hubkeep.yaml:3:5: no such key"));
}

void TestHomeAssistantController::whatWasLoggedIsShown()
{
    startLogging(LogLevel::Info);
    qWarning("A line for the log of %s", qPrintable(m_hub->anna.id));
    const HttpAnswer answer = get("/api/error_log");
    QCOMPARE(answer.status, 200);
    QVERIFY(answer.headers.value("content-type").startsWith("text/plain"));
    QVERIFY(answer.body.contains("A line for the log of " + m_hub->anna.id.toLatin1()));
}

void TestHomeAssistantController::theStreamTellsEventsAsTheyHappen()
{
    QNetworkAccessManager network;
    QNetworkRequest request(m_hub->url(QStringLiteral("/api/stream?restrict=ring,state_changed")));
    request.setRawHeader("Authorization", "Bearer " + m_hub->admin.toLatin1());
    QByteArray received;
    QNetworkReply *reply = network.get(request);
    connect(reply, &QIODevice::readyRead, this, [&] { received += reply->readAll(); });
    QTRY_COMPARE(received, QByteArray("data: ping\n\n"));
    QVERIFY(reply->rawHeader("Content-Type").startsWith("text/event-stream"));

    EventBus &bus = m_hub->hub->bus();
    bus.publish({ QStringLiteral("other"), {}, {} });
    bus.publish({ QStringLiteral("ring"), { { QStringLiteral("bell"), 2 } }, {} });
    QTRY_VERIFY(received.count("\n\n") == 2);
    const QByteArray line = received.split('\n').at(2);
    QVERIFY(line.startsWith("data: {"));
    QCOMPARE(
        text(QJsonDocument::fromJson(line.mid(6)).object(), "event_type"), QStringLiteral("ring"));

    reply->abort();
    delete reply;
    // Nobody is told any more once the connection is seen to be gone.
    QTRY_VERIFY([&] {
        bus.publish({ QStringLiteral("ring"), {}, {} });
        return !bus.listenerCounts().contains(QStringLiteral("*"));
    }());
}

void TestHomeAssistantController::theStreamPings()
{
    TestHub quick({}, std::chrono::milliseconds(50));
    QNetworkAccessManager network;
    QNetworkRequest request(quick.url(QStringLiteral("/api/stream")));
    request.setRawHeader("Authorization", "Bearer " + quick.admin.toLatin1());
    const std::unique_ptr<QNetworkReply> reply(network.get(request));
    QTRY_VERIFY(reply->peek(1000).count("data: ping\n\n") >= 3);
}

QTEST_GUILESS_MAIN(TestHomeAssistantController)
#include "tst_homeassistantcontroller.moc"
