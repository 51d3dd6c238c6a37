#include "automation/template/templatedict.h"
#include "tests/support/triggerprobe.h"

#include <QJsonDocument>
#include <QRegularExpression>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;

namespace {

QVariantMap jsonOf(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).toVariant().toMap();
}

} // namespace

class TestEventTrigger : public QObject
{
    Q_OBJECT

private slots:
    void onlyWhatMatchesFires_data()
    {
        QTest::addColumn<QByteArray>("keys");
        QTest::addColumn<QByteArray>("data");
        QTest::addColumn<bool>("fires");
        const auto row = [](const char *name, const char *keys, const char *data, bool fires) {
            QTest::newRow(name) << QByteArray(keys) << QByteArray(data) << fires;
        };
        row("any data", "event_type: mine\n", R"({"a": 1})", true);
        row("another type", "event_type: yours\n", "{}", false);
        row("one of some types", "event_type: [yours, mine]\n", "{}", true);
        row("every type", "event_type: '*'\n", "{}", true);
        row("a part of the data", "event_type: mine\nevent_data: {a: 1}\n", R"({"a": 1, "b": 2})",
            true);
        row("not the same", "event_type: mine\nevent_data: {a: 1}\n", R"({"a": 2})", false);
        row("a number is no text", "event_type: mine\nevent_data: {a: 1}\n", R"({"a": "1"})",
            false);
        row("both", "event_type: mine\nevent_data: {a: 1, b: x}\n", R"({"a": 1})", false);
        row("maps in it", "event_type: mine\nevent_data: {a: {b: 1}}\n",
            R"({"a": {"b": 1, "c": 2}})", true);
        row("maps in it differ", "event_type: mine\nevent_data: {a: {b: 1}}\n",
            R"({"a": {"b": 2}})", false);
        row("a map is no text", "event_type: mine\nevent_data: {a: {b: 1}}\n", R"({"a": "b"})",
            false);
        row("lists are compared", "event_type: mine\nevent_data: {a: [1, 2]}\n", R"({"a": [1, 2]})",
            true);
        row("lists differ", "event_type: mine\nevent_data: {a: [1, 2]}\n", R"({"a": [1]})", false);
        row("true", "event_type: mine\nevent_data: {a: yes}\n", R"({"a": true})", true);
        row("nothing", "event_type: mine\nevent_data: {a: }\n", R"({"a": null})", true);
        row("nothing is not missing", "event_type: mine\nevent_data: {a: }\n", "{}", false);
    }

    void onlyWhatMatchesFires()
    {
        QFETCH(QByteArray, keys);
        QFETCH(QByteArray, data);
        QFETCH(bool, fires);
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: event\n" + keys);
        arena.fire("mine", jsonOf(data));
        QCOMPARE(probe.count(), fires ? 1 : 0);
    }

    void whatItSaysIsWhatHappened()
    {
        EngineArena arena;
        TriggerProbe probe(arena, "platform: event\nevent_type: mine\n");
        const Context cause = Context::make(QStringLiteral("anna"));
        arena.fire("mine", jsonOf(R"({"a": 1})"), cause);
        QCOMPARE(probe.count(), 1);
        QCOMPARE(probe.fired.back().context, cause);
        QCOMPARE(probe.text("description"), QStringLiteral("event 'mine'"));
        const TemplateValue *event = probe.variable("event");
        QVERIFY(event);
        QCOMPARE(event->dict().find(u"event_type")->toText(), QStringLiteral("mine"));
        QCOMPARE(event->dict().find(u"data")->toText(), QStringLiteral("{'a': 1}"));
        const TemplateValue *context = event->dict().find(u"context");
        QCOMPARE(context->dict().find(u"user_id")->toText(), QStringLiteral("anna"));
        QVERIFY(context->dict().find(u"parent_id")->isNone());
    }

    void onlySomeContextsCount()
    {
        EngineArena arena;
        TriggerProbe probe(
            arena, "trigger: event\nevent_type: mine\ncontext: {user_id: [anna, ulf]}\n");
        TriggerProbe one(arena, "trigger: event\nevent_type: mine\ncontext: {user_id: ulf}\n");
        arena.fire("mine", {}, Context::make(QStringLiteral("anna")));
        arena.fire("mine", {}, Context::make(QStringLiteral("ulf")));
        arena.fire("mine", {}, Context::make(QStringLiteral("eve")));
        arena.fire("mine");
        QCOMPARE(probe.count(), 2);
        QCOMPARE(one.count(), 1);
    }

    void changesOfStatesAreEventsToo()
    {
        EngineArena arena;
        TriggerProbe probe(arena,
            "trigger: event\nevent_type: state_changed\nevent_data: {entity_id: sensor.x}\n");
        arena.set("sensor.y", "1");
        QCOMPARE(probe.count(), 0);
        arena.set("sensor.x", "1");
        QCOMPARE(probe.count(), 1);
        const TemplateDict &data = probe.variable("event")->dict().find(u"data")->dict();
        QVERIFY(data.find(u"old_state")->isNone());
        QVERIFY(data.find(u"new_state")->kind() == TemplateValue::Kind::Object);
    }

    void theHubStartsOnce()
    {
        EngineArena arena;
        TriggerProbe start(arena, "trigger: homeassistant\nevent: start\n");
        TriggerProbe end(arena, "platform: homeassistant\nevent: shutdown\n");
        arena.hub.enter(HubState::Running);
        QCOMPARE(start.count(), 1);
        QCOMPARE(end.count(), 0);
        QCOMPARE(start.text("event"), QStringLiteral("start"));
        QCOMPARE(start.text("description"), QStringLiteral("Home Assistant starting"));
        TriggerProbe late(arena, "trigger: homeassistant\nevent: start\n");
        arena.hub.enter(HubState::Stopping);
        QCOMPARE(end.count(), 1);
        QCOMPARE(late.count(), 0);
        QCOMPARE(end.text("description"), QStringLiteral("Home Assistant stopping"));
    }

    void aWebhookSaysWhatWasSent_data()
    {
        QTest::addColumn<QByteArray>("contentType");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("data");
        const auto row = [](const char *name, const char *type, const char *body, const char *json,
                             const char *data) {
            QTest::newRow(name) << QByteArray(type) << QByteArray(body) << QString::fromUtf8(json)
                                << QString::fromUtf8(data);
        };
        row("JSON", "application/json", R"({"b": 1, "a": [true]})", "{'b': 1, 'a': [True]}", "-");
        row("no JSON", "application/json", "", "{}", "-");
        row("a form", "application/x-www-form-urlencoded", "b=1&a=x+y%26&b=2", "-",
            "{'b': '1', 'a': 'x y&'}");
        row("something else", "text/plain", "hello", "-", "{}");
    }

    void aWebhookSaysWhatWasSent()
    {
        QFETCH(QByteArray, contentType);
        QFETCH(QByteArray, body);
        QFETCH(QString, json);
        QFETCH(QString, data);
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: webhook\nwebhook_id: my-hook\n");
        const WebhookCall call { QStringLiteral("my-hook"), QStringLiteral("POST"), true,
            contentType, body, { { QStringLiteral("q"), QStringLiteral("1") } },
            { { QStringLiteral("x-kind"), QStringLiteral("door") },
                { QStringLiteral("host"), QStringLiteral("hub") } } };
        QCOMPARE(arena.webhooks.call(call), Webhooks::Answer::Taken);
        QCOMPARE(probe.count(), 1);
        QCOMPARE(probe.text("webhook_id"), QStringLiteral("my-hook"));
        QCOMPARE(probe.text("query"), QStringLiteral("{'q': '1'}"));
        QCOMPARE(probe.text("headers"), QStringLiteral("{'host': 'hub', 'x-kind': 'door'}"));
        QCOMPARE(probe.text("method"), QStringLiteral("POST"));
        QCOMPARE(probe.text("json"), json);
        QCOMPARE(probe.text("data"), data);
        QCOMPARE(probe.text("description"), QStringLiteral("webhook"));
        probe.stop();
        QCOMPARE(arena.webhooks.call(call), Webhooks::Answer::Unknown);
    }

    void whatIsNoJsonDoesNotFire()
    {
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: webhook\nwebhook_id: 42\n");
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(QStringLiteral("what was sent is no JSON")));
        arena.webhooks.call({ QStringLiteral("42"), QStringLiteral("PUT"), true,
            QByteArray("application/json"), QByteArray("{"), {} });
        QCOMPARE(probe.count(), 0);
    }

    void webhooksTakeWhatTheyAreTold()
    {
        EngineArena arena;
        TriggerProbe probe(
            arena, "trigger: webhook\nwebhook_id: a\nallowed_methods: get\nlocal_only: false\n");
        const auto call = [&](const char *method, bool isLocal) {
            return arena.webhooks.call({ QStringLiteral("a"), QString::fromLatin1(method), isLocal,
                QByteArray(), QByteArray(), {} });
        };
        QCOMPARE(call("GET", false), Webhooks::Answer::Taken);
        QCOMPARE(call("POST", true), Webhooks::Answer::MethodNotAllowed);
        QCOMPARE(probe.count(), 1);
    }

    void noticesComeAndGo()
    {
        EngineArena arena;
        TriggerProbe all(arena, "trigger: persistent_notification\n");
        TriggerProbe some(arena,
            "trigger: persistent_notification\nupdate_type: [added, removed]\n"
            "notification_id: mine\n");
        const auto tell = [&](const char *type, const char *id) {
            arena.fire("persistent_notifications_updated",
                { { QStringLiteral("update_type"), QString::fromLatin1(type) },
                    { QStringLiteral("notifications"),
                        QVariantMap { { QString::fromLatin1(id),
                            QVariantMap {
                                { QStringLiteral("notification_id"), QString::fromLatin1(id) },
                                { QStringLiteral("message"), QStringLiteral("text") } } } } } });
        };
        tell("added", "mine");
        tell("updated", "mine");
        tell("added", "yours");
        tell("removed", "mine");
        QCOMPARE(all.count(), 4);
        QCOMPARE(some.count(), 2);
        QCOMPARE(some.text("update_type"), QStringLiteral("removed"));
        QCOMPARE(some.variable("notification")->dict().find(u"message")->toText(),
            QStringLiteral("text"));
    }
};

QTEST_GUILESS_MAIN(TestEventTrigger)
#include "tst_eventtrigger.moc"
