// Triggers, conditions and scripts that a client brings.

#include "tests/support/automationhub.h"

#include <QJsonArray>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

class TestWebSocketScripts : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_hub = std::make_unique<AutomationHub>();
        m_client = std::make_unique<WebSocketClient>(m_hub->test.webSocketUrl(), m_hub->test.admin);
    }
    void cleanup()
    {
        m_client.reset();
        m_hub.reset();
    }

    void aClientFollowsATrigger()
    {
        m_hub->set("sensor.door", "closed");
        const QJsonObject answer = m_client->ask(QStringLiteral("subscribe_trigger"),
            json(R"({"trigger":{"platform":"state","entity_id":"sensor.door","to":"open"},)"
                 R"("variables":{"floor":2}})"));
        QCOMPARE(errorMessage(answer), QString());
        const int id = m_client->lastId();
        m_hub->set("sensor.door", "ajar");
        m_hub->set("sensor.door", "open");
        const QJsonObject event = m_client->waitForEvent(id);
        const QJsonObject variables = event.value(QStringLiteral("variables")).toObject();
        QCOMPARE(variables.value(QStringLiteral("floor")), QJsonValue(2));
        const QJsonObject trigger = variables.value(QStringLiteral("trigger")).toObject();
        QCOMPARE(text(trigger, "platform"), QStringLiteral("state"));
        QCOMPARE(text(trigger, "entity_id"), QStringLiteral("sensor.door"));
        QVERIFY(event.value(QStringLiteral("context")).toObject().contains(QStringLiteral("id")));
        QVERIFY(m_client->messages.isEmpty());
        m_client->ask(
            QStringLiteral("unsubscribe_events"), { { QStringLiteral("subscription"), id } });
        m_hub->set("sensor.door", "closed");
        m_hub->set("sensor.door", "open");
        m_client->ask(QStringLiteral("ping"));
        QVERIFY(m_client->messages.isEmpty());
        QCOMPARE(errorCode(m_client->ask(QStringLiteral("subscribe_trigger"),
                     json(R"({"trigger":{"platform":"stat"}})"))),
            QStringLiteral("invalid_format"));
    }

    void whatAClientBringsIsValidated()
    {
        const QJsonObject result = resultOf(m_client->ask(QStringLiteral("validate_config"),
            json(R"({"triggers":[{"trigger":"event","event_type":"x"}],)"
                 R"("conditions":{"condition":"nothing"},"actions":[{"delay":"00:01"}]})")));
        const auto valid
            = [&result](const char *name) { return result.value(QLatin1String(name)).toObject(); };
        QCOMPARE(valid("triggers"), json(R"({"valid":true,"error":null})"));
        QCOMPARE(valid("actions"), json(R"({"valid":true,"error":null})"));
        QCOMPARE(valid("conditions").value(QStringLiteral("valid")), QJsonValue(false));
        QVERIFY(!text(valid("conditions"), "error").isEmpty());
        QCOMPARE(resultOf(m_client->ask(QStringLiteral("validate_config"))), QJsonObject());
        QCOMPARE(resultOf(m_client->ask(QStringLiteral("validate_config"),
                              json(R"({"trigger":{"platform":"event","event_type":"x"}})")))
                     .keys(),
            QStringList { QStringLiteral("trigger") });
    }

    void aConditionIsTried()
    {
        m_hub->set("sensor.door", "open");
        const auto ask = [this](const char *fields) {
            return m_client->ask(QStringLiteral("test_condition"), json(fields));
        };
        QCOMPARE(resultOf(ask(R"({"condition":{"condition":"state","entity_id":"sensor.door",)"
                              R"("state":"open"}})")),
            json(R"({"result":true})"));
        QCOMPARE(resultOf(ask(R"({"condition":"{{ n > 5 }}","variables":{"n":3}})")),
            json(R"({"result":false})"));
        QCOMPARE(errorCode(ask(R"({"condition":{"condition":"stat"}})")),
            QStringLiteral("invalid_format"));
    }

    void aScriptRunsAndAnswersAtItsEnd()
    {
        const QJsonObject done = m_client->ask(QStringLiteral("execute_script"),
            json(R"({"sequence":[{"action":"test.echo","data":{"text":"{{ word }}",)"
                 R"("entity_id":"sensor.said"}},{"delay":{"milliseconds":20}},)"
                 R"({"stop":"done","response_variable":"answer"}],)"
                 R"("variables":{"word":"hello","answer":{"a":1}}})"));
        QCOMPARE(errorMessage(done), QString());
        QCOMPARE(m_hub->hub().states().get(QStringLiteral("sensor.said"))->value,
            QStringLiteral("hello"));
        const QJsonObject context = resultOf(done).value(QStringLiteral("context")).toObject();
        QCOMPARE(text(context, "user_id"), m_hub->test.anna.id);
        QCOMPARE(resultOf(done).value(QStringLiteral("response")), QJsonValue(json(R"({"a":1})")));
        const QJsonObject failed = m_client->ask(
            QStringLiteral("execute_script"), json(R"({"sequence":[{"action":"test.busy"}]})"));
        QCOMPARE(errorCode(failed), QStringLiteral("home_assistant_error"));
        QVERIFY(errorMessage(failed).contains(QStringLiteral("It did not work")));
        QCOMPARE(errorCode(m_client->ask(
                     QStringLiteral("execute_script"), json(R"({"sequence":[{"delya":1}]})"))),
            QStringLiteral("invalid_format"));
    }

    void variablesKeepTheOrderInWhichTheyWereWritten_data()
    {
        QTest::addColumn<bool>("inAList");
        QTest::newRow("alone") << false;
        QTest::newRow("in a list") << true;
    }
    void variablesKeepTheOrderInWhichTheyWereWritten()
    {
        QFETCH(bool, inAList);
        QByteArray message
            = R"({"id":50,"type":"execute_script","variables":{"d":{"z":1,"a":{"y":2,"b":3}}},)"
              R"("sequence":[{"variables":{"z":"{{ d | string }}","a":"{{ z }}!"}},)"
              R"({"action":"test.echo","data":{"text":"{{ a }}","entity_id":"sensor.said"}}]})";
        if (inAList) {
            m_client->ask(QStringLiteral("supported_features"),
                json(R"({"features":{"coalesce_messages":1}})"));
            message = R"([{"id":49,"type":"ping"},)" + message + ']';
        }
        m_client->send(message);
        const QJsonObject done = m_client->wait([](const QJsonObject &answer) {
            return answer.value(QStringLiteral("id")) == QJsonValue(50);
        });
        QCOMPARE(errorMessage(done), QString());
        QCOMPARE(m_hub->hub().states().get(QStringLiteral("sensor.said"))->value,
            QStringLiteral("{'z': 1, 'a': {'y': 2, 'b': 3}}!"));
    }

    void aScriptEndsWithItsClient()
    {
        m_client->send(R"({"id":50,"type":"execute_script","sequence":[{"delay":{"hours":1}}]})");
        QTRY_VERIFY(m_hub->timers.untilNext());
        m_client.reset();
        QTRY_COMPARE(m_hub->test.webSockets->sessionCount(), 0);
        QVERIFY(!m_hub->timers.untilNext()); // nobody goes on after the delay
    }

private:
    std::unique_ptr<AutomationHub> m_hub;
    std::unique_ptr<WebSocketClient> m_client;
};

QTEST_GUILESS_MAIN(TestWebSocketScripts)
#include "tst_websocketscripts.moc"
