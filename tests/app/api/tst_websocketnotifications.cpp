#include "tests/support/websocketclient.h"
#include "tests/support/wholehub.h"

#include "automation/core/persistentnotifications.h"

#include <QTest>
#include <QUrl>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

} // namespace

class TestWebSocketNotifications : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_hub = std::make_unique<WholeHub>();
        notices().create(text("old"), QString(), text("It was there"));
    }
    void cleanup() { m_hub.reset(); }

    void everyUserGetsThoseThatAreThere()
    {
        WebSocketClient client(url(), QString::fromLatin1(m_hub->user()));
        const QJsonObject answer = client.ask(text("persistent_notification/get"));
        const QJsonArray all = answer.value(text("result")).toArray();
        QCOMPARE(all.size(), 1);
        QCOMPARE(all.first().toObject(), toJson(notices().all().first()));
        QCOMPARE(all.first().toObject().keys(),
            QStringList(
                { text("created_at"), text("message"), text("notification_id"), text("title") }));
    }

    void aSubscriberSeesWhatIsThereAndWhatChanges()
    {
        WebSocketClient client(url(), QString::fromLatin1(m_hub->user()));
        const QJsonObject answer = client.ask(text("persistent_notification/subscribe"));
        QVERIFY(answer.value(text("success")).toBool());
        QVERIFY(answer.value(text("result")).isNull());
        const int id = client.lastId();
        const QJsonObject current = client.waitForEvent(id);
        QCOMPARE(current.value(text("type")).toString(), text("current"));
        QCOMPARE(current[text("notifications")].toObject().keys(), QStringList { text("old") });
        notices().create(text("new"), text("Title"), text("Message"));
        const QJsonObject added = client.waitForEvent(id);
        QCOMPARE(added.value(text("type")).toString(), text("added"));
        QCOMPARE(
            added[text("notifications")][text("new")].toObject(), toJson(notices().all().last()));
        notices().create(text("new"), text("Title"), text("Another"));
        QCOMPARE(client.waitForEvent(id).value(text("type")).toString(), text("updated"));
        notices().dismiss(text("old"));
        const QJsonObject removed = client.waitForEvent(id);
        QCOMPARE(removed.value(text("type")).toString(), text("removed"));
        QCOMPARE(removed[text("notifications")].toObject().keys(), QStringList { text("old") });
        QVERIFY(client.ask(text("unsubscribe_events"), { { text("subscription"), id } })
                    .value(text("success"))
                    .toBool());
        notices().dismiss(text("new"));
        QVERIFY(client.ask(text("ping")).value(text("type")).toString() == text("pong"));
        QVERIFY(client.waitForEvent(id, 0).isEmpty());
    }

    void theActionsWorkOverTheWebSocket()
    {
        WebSocketClient client(url(), QString::fromLatin1(m_hub->admin()));
        const auto call = [&client](const char *service, const QJsonObject &data) {
            return client.ask(text("call_service"),
                { { text("domain"), text("persistent_notification") },
                    { text("service"), text(service) }, { text("service_data"), data } });
        };
        QVERIFY(call(
            "create", { { text("message"), text("m") }, { text("notification_id"), text("mine") } })
                    .value(text("success"))
                    .toBool());
        QCOMPARE(notices().all().last().id, text("mine"));
        QVERIFY(call("dismiss_all", {}).value(text("success")).toBool());
        QVERIFY(notices().all().isEmpty());
        QCOMPARE(errorCode(call("dismiss", {})), text("invalid_format"));
    }

    void anUnknownFieldIsSaid()
    {
        WebSocketClient client(url(), QString::fromLatin1(m_hub->user()));
        QCOMPARE(errorCode(client.ask(text("persistent_notification/get"), { { text("x"), 1 } })),
            text("invalid_format"));
    }

private:
    PersistentNotifications &notices()
    {
        return *m_hub->application().hub().find<PersistentNotifications>();
    }
    QUrl url() const
    {
        QUrl url(m_hub->application().url() + text("/api/websocket"));
        url.setScheme(text("ws"));
        return url;
    }

    std::unique_ptr<WholeHub> m_hub;
};

QTEST_GUILESS_MAIN(TestWebSocketNotifications)
#include "tst_websocketnotifications.moc"
