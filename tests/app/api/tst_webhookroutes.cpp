#include "app/api/webhookroutes.h"
#include "tests/support/automationhub.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;

class TestWebhookRoutes : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_hub = std::make_unique<AutomationHub>(); }
    void cleanup() { m_hub.reset(); }

    void whoListensHearsWhatWasSent()
    {
        QList<WebhookCall> calls;
        const auto listening = m_hub->webhooks.add(
            QStringLiteral("door-é"), {}, [&](const WebhookCall &call) { calls.append(call); });
        const HttpAnswer answer
            = m_hub->test.http("POST", QStringLiteral("/api/webhook/door-%C3%A9?a=1&b=x%20y"), {},
                "{\"open\": true}", "text/strange");
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.body, QByteArray());
        QCOMPARE(calls.size(), 1);
        QCOMPARE(calls[0].method, QStringLiteral("POST"));
        QCOMPARE(calls[0].body, QByteArray("{\"open\": true}"));
        QCOMPARE(calls[0].contentType, QByteArray("text/strange"));
        QCOMPARE(calls[0].query,
            (QHash<QString, QString> { { QStringLiteral("a"), QStringLiteral("1") },
                { QStringLiteral("b"), QStringLiteral("x y") } }));
        QVERIFY(calls[0].isLocal);
        QCOMPARE(
            calls[0].headers.value(QStringLiteral("content-type")), QStringLiteral("text/strange"));
        QVERIFY(calls[0].headers.contains(QStringLiteral("host")));
    }

    void whatLetsSomebodyInIsNotPassedOn()
    {
        QList<WebhookCall> calls;
        const auto listening = m_hub->webhooks.add(
            QStringLiteral("x"), {}, [&](const WebhookCall &call) { calls.append(call); });
        // With a token, as somebody may send who has one.
        QCOMPARE(
            m_hub->test.http("POST", QStringLiteral("/api/webhook/x"), m_hub->test.admin).status,
            200);
        QCOMPARE(calls.size(), 1);
        for (const QString &value : std::as_const(calls[0].headers))
            QVERIFY(!value.contains(m_hub->test.admin));
        QVERIFY(!calls[0].headers.contains(QStringLiteral("authorization")));
    }

    void onlyTheMethodsThatATriggerAllowsAreTaken()
    {
        QStringList methods;
        const auto ordinary = m_hub->webhooks.add(QStringLiteral("ordinary"), {},
            [&](const WebhookCall &call) { methods << call.method; });
        const auto asking = m_hub->webhooks.add(QStringLiteral("asking"),
            { { QStringLiteral("GET"), QStringLiteral("HEAD") }, true },
            [&](const WebhookCall &call) { methods << call.method; });
        const auto status = [this](const char *method, const char *id) {
            return m_hub->test.http(method, QStringLiteral("/api/webhook/") + QLatin1String(id), {})
                .status;
        };
        QCOMPARE(status("PUT", "ordinary"), 200);
        QCOMPARE(status("GET", "ordinary"), 405);
        QCOMPARE(status("GET", "asking"), 200);
        QCOMPARE(status("HEAD", "asking"), 200);
        QCOMPARE(status("POST", "asking"), 405);
        QCOMPARE(status("DELETE", "asking"), 405);
        QCOMPARE(methods.join(u' '), QStringLiteral("PUT GET HEAD"));
    }

    void nobodyLearnsWhichThereAre()
    {
        const HttpAnswer unknown
            = m_hub->test.http("POST", QStringLiteral("/api/webhook/nobody"), {}, "{}");
        QCOMPARE(unknown.status, 200);
        QCOMPARE(unknown.body, QByteArray());
    }

    void aLargeBodyIsTakenAndALargerOneRefused()
    {
        qsizetype size = 0;
        const auto listening = m_hub->webhooks.add(
            QStringLiteral("big"), {}, [&](const WebhookCall &call) { size = call.body.size(); });
        const QString path = QStringLiteral("/api/webhook/big");
        QCOMPARE(m_hub->test.http("POST", path, {}, QByteArray(1'000'000, 'x')).status, 200);
        QCOMPARE(size, 1'000'000);
        QCOMPARE(m_hub->test.http("POST", path, {}, QByteArray(1'100'000, 'x')).status, 413);
        QCOMPARE(size, 1'000'000);
    }

    void localIsThisMachineAndPrivateNetworks_data()
    {
        QTest::addColumn<bool>("local");
        for (const char *address :
            { "127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "172.31.255.1", "192.168.1.1",
                "169.254.1.1", "fe80::1", "fd00::1", "::ffff:192.168.1.1", "::ffff:127.0.0.1" })
            QTest::newRow(address) << true;
        for (const char *address :
            { "8.8.8.8", "172.32.0.1", "11.0.0.1", "2001:db8::1", "::ffff:8.8.8.8", "192.169.0.1" })
            QTest::newRow(address) << false;
    }
    void localIsThisMachineAndPrivateNetworks()
    {
        QFETCH(bool, local);
        QCOMPARE(api::isLocalAddress(QHostAddress(QLatin1String(QTest::currentDataTag()))), local);
    }

private:
    std::unique_ptr<AutomationHub> m_hub;
};

QTEST_GUILESS_MAIN(TestWebhookRoutes)
#include "tst_webhookroutes.moc"
