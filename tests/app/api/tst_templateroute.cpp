// Templates through REST and WebSocket.

#include "tests/support/automationhub.h"

#include <QJsonArray>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

class TestTemplateRoute : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_hub = std::make_unique<AutomationHub>(); }
    void cleanup() { m_hub.reset(); }

    void aTemplateIsAnsweredWithItsText()
    {
        const HttpAnswer answer = post("{\"template\":\"{{ 1 + 1 }} ä\"}");
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.body, QByteArray("2 ä"));
        QVERIFY(answer.headers.value("content-type").startsWith("text/plain"));
    }

    void variablesKeepTheirOrderAndTypes()
    {
        QCOMPARE(
            post(R"({"template":"{{ d }} {{ n + 1 }}","variables":{"d":{"z":1,"a":[true]},"n":2}})")
                .body,
            QByteArray("{'z': 1, 'a': [True]} 3"));
    }

    void whatIsWrongIsSaid_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("expected");
        const auto add = [](const char *body, const char *expected) {
            QTest::newRow(body) << QByteArray(body) << QString::fromLatin1(expected);
        };
        add(R"({"template":"{{ 1 + }}"})", "Error rendering template: line 1");
        add(R"({"template":"\n {{ none_such() }}"})", "line 2");
        add(R"({"template":5})", "'template' takes a text");
        add("{}", "'template' takes a text");
        add(R"({"template":"","variables":[1]})", "The variables have to be an object");
        add(R"({"template":"","varables":{}})", "varables");
        add("[]", "has to be a JSON object");
    }
    void whatIsWrongIsSaid()
    {
        QFETCH(QByteArray, body);
        QFETCH(QString, expected);
        const HttpAnswer answer = post(body);
        QCOMPARE(answer.status, 400);
        QVERIFY2(text(answer.object(), "message").contains(expected), answer.body.constData());
    }

    void onlyAdministratorsRenderThroughRest()
    {
        QCOMPARE(post(R"({"template":"1"})", false).status, 403);
    }

    void aHubWithoutTheEngineSaysSo()
    {
        m_hub->hub().withdraw<automation::EngineParts>();
        QCOMPARE(post(R"({"template":"1"})").status, 503);
    }

    void aClientFollowsATemplate()
    {
        m_hub->set("sensor.door", "open");
        m_hub->set("sensor.other", "x");
        WebSocketClient client(m_hub->test.webSocketUrl(), m_hub->test.user);
        const QJsonObject fields { { QStringLiteral("template"),
                                       QStringLiteral(
                                           "{% set s = states('sensor.door') %}{{ [s, n] }}") },
            { QStringLiteral("variables"), QJsonObject { { QStringLiteral("n"), 5 } } } };
        const QJsonObject answer = client.ask(QStringLiteral("render_template"), fields);
        QCOMPARE(answer.value(QStringLiteral("success")), QJsonValue(true));
        QCOMPARE(answer.value(QStringLiteral("result")), QJsonValue(QJsonValue::Null));
        const int id = client.lastId();
        QCOMPARE(client.waitForEvent(id),
            json(R"({"result":["open",5],"listeners":{"all":false,"domains":[],)"
                 R"("entities":["sensor.door"],"time":false}})"));
        m_hub->set("sensor.other", "y"); // nothing to it
        m_hub->set("sensor.door", "open", R"({"floor":1})"); // the same result
        m_hub->set("sensor.door", "closed");
        QCOMPARE(client.waitForEvent(id).value(QStringLiteral("result")),
            QJsonValue(QJsonArray { QStringLiteral("closed"), 5 }));
        QVERIFY(client.messages.isEmpty());
        client.ask(
            QStringLiteral("unsubscribe_events"), { { QStringLiteral("subscription"), id } });
        m_hub->set("sensor.door", "open");
        client.ask(QStringLiteral("ping"));
        QVERIFY(client.messages.isEmpty());
    }

    void errorsOfATemplateAreToldToThoseWhoWantThem()
    {
        m_hub->set("sensor.n", "0");
        WebSocketClient client(m_hub->test.webSocketUrl(), m_hub->test.user);
        QJsonObject fields { { QStringLiteral("template"),
                                 QStringLiteral("{{ 6 // (states('sensor.n') | int) }}") },
            { QStringLiteral("timeout"), 3 }, { QStringLiteral("report_errors"), true } };
        client.ask(QStringLiteral("render_template"), fields);
        const int id = client.lastId();
        const QJsonObject event = client.waitForEvent(id);
        QCOMPARE(text(event, "level"), QStringLiteral("ERROR"));
        QVERIFY(!text(event, "error").isEmpty());
        m_hub->set("sensor.n", "2");
        QCOMPARE(client.waitForEvent(id).value(QStringLiteral("result")), QJsonValue(3));

        fields.remove(QStringLiteral("report_errors"));
        m_hub->set("sensor.n", "0");
        client.waitForEvent(id);
        client.ask(QStringLiteral("render_template"), fields);
        const int quiet = client.lastId();
        m_hub->set("sensor.n", "3");
        QCOMPARE(client.waitForEvent(quiet).value(QStringLiteral("result")), QJsonValue(2));

        fields.insert(QStringLiteral("template"), QStringLiteral("{{ 1 +"));
        QCOMPARE(errorCode(client.ask(QStringLiteral("render_template"), fields)),
            QStringLiteral("template_error"));
    }

    void aStrictTemplateTakesNoUndefinedNames()
    {
        WebSocketClient client(m_hub->test.webSocketUrl(), m_hub->test.user);
        QJsonObject fields { { QStringLiteral("template"), QStringLiteral("a{{ nobody }}") },
            { QStringLiteral("report_errors"), true } };
        client.ask(QStringLiteral("render_template"), fields);
        QCOMPARE(text(client.waitForEvent(client.lastId()), "result"), QStringLiteral("a"));
        fields.insert(QStringLiteral("strict"), true);
        client.ask(QStringLiteral("render_template"), fields);
        QVERIFY(text(client.waitForEvent(client.lastId()), "error")
                    .contains(QStringLiteral("'nobody' is undefined")));
    }

    void manyDearTemplatesTogetherTakeTheTimeOfOne()
    {
        api::WebSocketApi::Limits limits;
        limits.templates.saved = std::chrono::milliseconds(1); // less than one takes
        limits.templates.perSecond = std::chrono::milliseconds(0);
        m_hub = std::make_unique<AutomationHub>(limits);
        QTest::ignoreMessage(QtWarningMsg,
            QRegularExpression(QStringLiteral("The templates that ulf follows take more than")));
        WebSocketClient client(m_hub->test.webSocketUrl(), m_hub->test.user);
        constexpr int count = 40;
        for (int i = 1; i <= count; ++i)
            client.send(QByteArrayLiteral("{\"id\":") + QByteArray::number(i)
                + R"(,"type":"render_template","report_errors":true,"template":)"
                  R"("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}"})");
        QJsonObject warned;
        for (int i = 1; i < count; ++i) {
            warned = client.wait(
                [](const QJsonObject &message) {
                    return text(message.value(QStringLiteral("event")).toObject(), "level")
                        == QLatin1String("WARNING");
                },
                30000);
            QVERIFY(!warned.isEmpty());
        }
        QVERIFY(text(warned.value(QStringLiteral("event")).toObject(), "error")
                    .contains(QStringLiteral("more than 0 ms of the processor's time a second")));
        WebSocketClient other(m_hub->test.webSocketUrl(), m_hub->test.admin);
        other.ask(QStringLiteral("render_template"),
            { { QStringLiteral("template"), QStringLiteral("{{ 1 }}") } });
        QCOMPARE(other.waitForEvent(other.lastId()).value(QStringLiteral("result")), QJsonValue(1));
        // Of the forty, one was rendered, and it failed.
        QCOMPARE(text(client.waitForEvent(1), "level"), QStringLiteral("ERROR"));
        QCOMPARE(client.messages.size(), 1);
        QCOMPARE(client.messages.first().value(QStringLiteral("id")), QJsonValue(1));
    }

    void aUserFollowsSoManyTemplates()
    {
        api::WebSocketApi::Limits limits;
        limits.templates.seats = 2;
        m_hub = std::make_unique<AutomationHub>(limits);
        WebSocketClient client(m_hub->test.webSocketUrl(), m_hub->test.user);
        WebSocketClient second(m_hub->test.webSocketUrl(), m_hub->test.user);
        const QJsonObject fields { { QStringLiteral("template"), QStringLiteral("{{ 1 }}") } };
        QCOMPARE(errorCode(client.ask(QStringLiteral("render_template"), fields)), QString());
        const int first = client.lastId();
        QCOMPARE(errorCode(second.ask(QStringLiteral("render_template"), fields)), QString());
        const QJsonObject refused = second.ask(QStringLiteral("render_template"), fields);
        QCOMPARE(errorCode(refused), QStringLiteral("not_allowed"));
        QCOMPARE(errorMessage(refused),
            QStringLiteral("You follow 2 templates already; unsubscribe from some"));
        client.ask(
            QStringLiteral("unsubscribe_events"), { { QStringLiteral("subscription"), first } });
        QCOMPARE(errorCode(second.ask(QStringLiteral("render_template"), fields)), QString());
        QCOMPARE(errorCode(client.ask(QStringLiteral("render_template"),
                     { { QStringLiteral("template"), QString(65537, u'x') } })),
            QStringLiteral("not_allowed"));
    }

private:
    HttpAnswer post(const QByteArray &body, bool asAdmin = true)
    {
        return m_hub->test.http("POST", QStringLiteral("/api/template"),
            asAdmin ? m_hub->test.admin : m_hub->test.user, body);
    }

    std::unique_ptr<AutomationHub> m_hub;
};

QTEST_GUILESS_MAIN(TestTemplateRoute)
#include "tst_templateroute.moc"
