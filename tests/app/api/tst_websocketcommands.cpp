// What WebSocket clients ask for, with real clients: states, services, events, entities.

#include "tests/support/testhub.h"
#include "tests/support/websocketclient.h"

#include <QTest>

using namespace hubkeep;
using namespace hubkeep::test;

class TestWebSocketCommands : public QObject
{
    Q_OBJECT

private slots:
    void commandsAnswerAsHomeAssistantDoes();
    void everyCommandAsksForItsRole();
    void actionsAreCalledWithWhatTheyNeed();
    void actionsThatFailSayHow_data();
    void actionsThatFailSayHow();
    void usersCallOnlyTheActionsThatAreForThem();

    void eventsReachTheirSubscribers();
    void usersFollowOnlyOpenEvents();
    void entitiesComeWholeAndThenAsDifferences();
    void onlyTheEntitiesThatWereAskedForCome();
};

void TestWebSocketCommands::commandsAnswerAsHomeAssistantDoes()
{
    TestHub hub;
    QVERIFY(hub.hub->states().set(QStringLiteral("sensor.a"), QStringLiteral("1"),
        { { QStringLiteral("unit"), QStringLiteral("B") } }));
    WebSocketClient client(hub.webSocketUrl(), hub.user);

    const QJsonArray states
        = client.ask(QStringLiteral("get_states")).value(QStringLiteral("result")).toArray();
    QCOMPARE(states.size(), 1);
    QCOMPARE(states.first().toObject(), toJson(*hub.hub->states().get(QStringLiteral("sensor.a"))));

    const QJsonObject config = resultOf(client.ask(QStringLiteral("get_config")));
    QCOMPARE(text(config, "state"), QStringLiteral("RUNNING"));
    QCOMPARE(text(config, "version"), QStringLiteral("2026.7.0"));
    QCOMPARE(text(config, "time_zone"), QStringLiteral("Europe/Amsterdam"));
    QVERIFY(config.value(QStringLiteral("components")).isArray());
    QCOMPARE(config, hub.http("GET", QStringLiteral("/api/config"), hub.user).object());

    const QJsonObject test = resultOf(client.ask(QStringLiteral("get_services")))
                                 .value(QStringLiteral("test"))
                                 .toObject();
    QCOMPARE(test.keys(),
        (QStringList { QStringLiteral("busy"), QStringLiteral("echo"), QStringLiteral("refuse") }));
    const QJsonObject echo = test.value(QStringLiteral("echo")).toObject();
    QCOMPARE(text(echo, "name"), QStringLiteral("Echo"));
    QCOMPARE(echo.value(QStringLiteral("response")).toObject(), json(R"({"optional":true})"));
    QCOMPARE(
        echo.value(QStringLiteral("fields")).toObject().value(QStringLiteral("text")).toObject(),
        json(R"({"description":"What to say","required":true,"example":"hello",
                 "selector":{"text":null}})"));
    QVERIFY(!test.value(QStringLiteral("busy")).toObject().contains(QStringLiteral("response")));

    const QJsonObject user = resultOf(client.ask(QStringLiteral("auth/current_user")));
    QCOMPARE(text(user, "name"), QStringLiteral("ulf"));
    QCOMPARE(user.value(QStringLiteral("is_admin")), QJsonValue(false));

    const QJsonObject panels = client.ask(QStringLiteral("get_panels"));
    QCOMPARE(panels.value(QStringLiteral("result")), QJsonValue(QJsonObject()));
    for (const char *registry : { "area", "device", "entity", "floor", "label" }) {
        const QJsonObject answer
            = client.ask(QStringLiteral("config/%1_registry/list").arg(QLatin1String(registry)));
        QCOMPARE(answer.value(QStringLiteral("result")), QJsonValue(QJsonArray()));
    }
    QCOMPARE(client.ask(QStringLiteral("manifest/list")).value(QStringLiteral("success")),
        QJsonValue(true));
}

// A command that is added later has to appear here.
void TestWebSocketCommands::everyCommandAsksForItsRole()
{
    TestHub hub;
    QStringList forAll, forAdmins;
    const auto &commands = hub.webSockets->commands().all();
    for (auto it = commands.cbegin(); it != commands.cend(); ++it)
        (it->access == api::Access::User ? forAll : forAdmins).append(it.key());
    QCOMPARE(forAll.join(u' '),
        QStringLiteral(
            "auth/current_user backup/info call_service config/area_registry/list "
            "config/device_registry/list config/entity_registry/list "
            "config/floor_registry/list config/label_registry/list get_config "
            "get_panels get_services get_states history/history_during_period history/stream "
            "logbook/event_stream logbook/get_events "
            "manifest/list persistent_notification/get "
            "persistent_notification/subscribe ping recorder/info render_template "
            "subscribe_entities subscribe_events supported_features "
            "unsubscribe_events validate_config"));
    QCOMPARE(forAdmins.join(u' '),
        QStringLiteral("automation/config backup/agents/info backup/can_decrypt_on_download "
                       "backup/config/info "
                       "backup/config/update backup/delete backup/details backup/generate "
                       "backup/generate_with_automatic_settings backup/restore "
                       "backup/subscribe_events execute_script fire_event subscribe_trigger "
                       "test_condition trace/contexts "
                       "trace/get trace/list"));
    WebSocketClient ulf(hub.webSocketUrl(), hub.user);
    WebSocketClient anna(hub.webSocketUrl(), hub.admin);
    for (const QString &command : forAdmins) {
        QCOMPARE(errorCode(ulf.ask(command)), QStringLiteral("unauthorized"));
        QCOMPARE(hub.audited().constFirst().action, command);
        QCOMPARE(hub.audited().constFirst().user, QStringLiteral("ulf"));
        QVERIFY(errorCode(anna.ask(command)) != QLatin1String("unauthorized"));
    }
    for (const QString &command : forAll) {
        QJsonObject fields;
        if (command == QLatin1String("subscribe_events")) // not to all of them
            fields = json(R"({"event_type":"state_changed"})");
        QVERIFY(errorCode(ulf.ask(command, fields)) != QLatin1String("unauthorized"));
    }
}

void TestWebSocketCommands::actionsAreCalledWithWhatTheyNeed()
{
    TestHub hub;
    WebSocketClient client(hub.webSocketUrl(), hub.user);
    const QJsonObject answer = client.ask(QStringLiteral("call_service"),
        json(R"({"domain":"test","service":"echo","service_data":{"text":"hi"},
                 "target":{"entity_id":["sensor.x"],"area_id":[]},"return_response":true})"));
    const QJsonObject result = resultOf(answer);
    QCOMPARE(
        text(result.value(QStringLiteral("response")).toObject(), "said"), QStringLiteral("hi"));
    QCOMPARE(text(result.value(QStringLiteral("response")).toObject(), "by"), hub.ulf.id);
    const QJsonObject context = result.value(QStringLiteral("context")).toObject();
    QCOMPARE(text(context, "user_id"), hub.ulf.id);
    const State state = *hub.hub->states().get(QStringLiteral("sensor.x"));
    QCOMPARE(state.value, QStringLiteral("hi"));
    QCOMPARE(state.context.id, text(context, "id"));

    const QJsonObject quiet = client.ask(QStringLiteral("call_service"),
        json(R"({"domain":"test","service":"echo","service_data":{"text":"hi"}})"));
    QVERIFY(resultOf(quiet).value(QStringLiteral("response")).isNull());
}

void TestWebSocketCommands::actionsThatFailSayHow_data()
{
    QTest::addColumn<QByteArray>("call");
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("names");
    const auto row = [](const char *name, const char *call, const char *code, const char *names) {
        QTest::newRow(name) << QByteArray(call) << QString::fromLatin1(code)
                            << QString::fromLatin1(names);
    };
    row("unknown", R"({"domain":"test","service":"nothing"})", "not_found", "test.nothing");
    row("no domain", R"({"service":"nothing"})", "invalid_format", "'domain'");
    row("missing data", R"({"domain":"test","service":"echo"})", "invalid_format", "'text'");
    row("unknown data", R"({"domain":"test","service":"echo","service_data":{"text":"a","b":1}})",
        "invalid_format", "'b'");
    row("unknown target", R"({"domain":"test","service":"busy","target":{"entity_id":["a.b"]}})",
        "invalid_format", "'entity_id'");
    row("no response there", R"({"domain":"test","service":"busy","return_response":true})",
        "service_validation_error", "no response");
    row("refused", R"({"domain":"test","service":"refuse"})", "service_validation_error",
        "did not work");
    row("failed", R"({"domain":"test","service":"busy"})", "home_assistant_error", "did not work");
}

void TestWebSocketCommands::actionsThatFailSayHow()
{
    QFETCH(QByteArray, call);
    QFETCH(QString, code);
    QFETCH(QString, names);
    TestHub hub;
    WebSocketClient client(hub.webSocketUrl(), hub.admin);
    const QJsonObject answer = client.ask(QStringLiteral("call_service"), json(call.constData()));
    QCOMPARE(errorCode(answer), code);
    QVERIFY2(errorMessage(answer).contains(names), qPrintable(errorMessage(answer)));
    if (code == QLatin1String("not_found"))
        QCOMPARE(text(answer.value(QStringLiteral("error")).toObject(), "translation_key"),
            QStringLiteral("service_not_found"));
}

void TestWebSocketCommands::usersCallOnlyTheActionsThatAreForThem()
{
    TestHub hub;
    WebSocketClient client(hub.webSocketUrl(), hub.user);
    const QJsonObject answer
        = client.ask(QStringLiteral("call_service"), json(R"({"domain":"test","service":"busy"})"));
    QCOMPARE(errorCode(answer), QStringLiteral("unauthorized"));
    QCOMPARE(hub.audited().constFirst().action, QStringLiteral("test.busy"));
}

void TestWebSocketCommands::eventsReachTheirSubscribers()
{
    TestHub hub;
    WebSocketClient client(hub.webSocketUrl(), hub.admin);
    client.ask(QStringLiteral("subscribe_events"), json(R"({"event_type":"ring"})"));
    const int rings = client.lastId();
    client.ask(QStringLiteral("subscribe_events"));
    const int all = client.lastId();

    const QJsonObject fired = client.ask(
        QStringLiteral("fire_event"), json(R"({"event_type":"ring","event_data":{"bell":2}})"));
    const QJsonObject event = client.waitForEvent(rings);
    QCOMPARE(text(event, "event_type"), QStringLiteral("ring"));
    QCOMPARE(text(event, "origin"), QStringLiteral("LOCAL"));
    QCOMPARE(event.value(QStringLiteral("data")).toObject(), json(R"({"bell":2})"));
    QCOMPARE(
        event.value(QStringLiteral("context")), resultOf(fired).value(QStringLiteral("context")));
    QVERIFY(text(event, "time_fired").endsWith(QLatin1String("+00:00")));
    QCOMPARE(client.waitForEvent(all), event);

    client.ask(QStringLiteral("unsubscribe_events"), { { QStringLiteral("subscription"), rings } });
    QVERIFY(hub.hub->states().set(QStringLiteral("sensor.a"), QStringLiteral("1")));
    const QJsonObject changed = client.waitForEvent(all);
    QCOMPARE(text(changed, "event_type"), QStringLiteral("state_changed"));
    const QJsonObject data = changed.value(QStringLiteral("data")).toObject();
    QVERIFY(data.value(QStringLiteral("old_state")).isNull());
    QCOMPARE(data.value(QStringLiteral("new_state")).toObject(),
        toJson(*hub.hub->states().get(QStringLiteral("sensor.a"))));

    client.ask(QStringLiteral("fire_event"), json(R"({"event_type":"ring"})"));
    client.waitForEvent(all);
    QVERIFY(client.waitForEvent(rings, 100).isEmpty());
}

void TestWebSocketCommands::usersFollowOnlyOpenEvents()
{
    TestHub hub;
    WebSocketClient client(hub.webSocketUrl(), hub.user);
    const auto follow = [&](const char *type) {
        return errorCode(client.ask(QStringLiteral("subscribe_events"),
            { { QStringLiteral("event_type"), QString::fromLatin1(type) } }));
    };
    QCOMPARE(follow("state_changed"), QString());
    QCOMPARE(follow("service_registered"), QString());
    QCOMPARE(follow("nodered"), QStringLiteral("unauthorized"));
    QCOMPARE(follow("*"), QStringLiteral("unauthorized"));
    QCOMPARE(
        errorCode(client.ask(QStringLiteral("subscribe_events"))), QStringLiteral("unauthorized"));
}

void TestWebSocketCommands::entitiesComeWholeAndThenAsDifferences()
{
    TestHub hub;
    StateStore &states = hub.hub->states();
    const Context first = Context::make();
    QVERIFY(states.set(QStringLiteral("sensor.a"), QStringLiteral("1"),
        { { QStringLiteral("unit"), QStringLiteral("B") }, { QStringLiteral("old"), 1 } }, first));
    WebSocketClient client(hub.webSocketUrl(), hub.user);
    client.ask(QStringLiteral("subscribe_entities"));
    const int id = client.lastId();

    const State before = *states.get(QStringLiteral("sensor.a"));
    const double changed = double(before.lastChanged.toMSecsSinceEpoch()) / 1000;
    const QJsonObject whole { { QStringLiteral("s"), QStringLiteral("1") },
        { QStringLiteral("a"), json(R"({"unit":"B","old":1})") }, { QStringLiteral("c"), first.id },
        { QStringLiteral("lc"), changed } };
    QCOMPARE(client.waitForEvent(id),
        (QJsonObject {
            { QStringLiteral("a"), QJsonObject { { QStringLiteral("sensor.a"), whole } } } }));

    // Attributes alone: lu and not lc; what is gone is named.
    const Context second = Context::make(hub.anna.id);
    QTest::qWait(2); // another millisecond
    QVERIFY(states.set(QStringLiteral("sensor.a"), QStringLiteral("1"),
        { { QStringLiteral("unit"), QStringLiteral("B") }, { QStringLiteral("new"), true } },
        second));
    QJsonObject change = client.waitForEvent(id)
                             .value(QStringLiteral("c"))
                             .toObject()
                             .value(QStringLiteral("sensor.a"))
                             .toObject();
    QJsonObject added = change.value(QStringLiteral("+")).toObject();
    QCOMPARE(added.keys(),
        (QStringList { QStringLiteral("a"), QStringLiteral("c"), QStringLiteral("lu") }));
    QCOMPARE(added.value(QStringLiteral("a")).toObject(), json(R"({"new":true})"));
    QCOMPARE(added.value(QStringLiteral("c")).toObject(),
        (QJsonObject {
            { QStringLiteral("id"), second.id }, { QStringLiteral("user_id"), hub.anna.id } }));
    QCOMPARE(change.value(QStringLiteral("-")).toObject(), json(R"({"a":["old"]})"));

    // The state alone: lc, and nothing about attributes.
    QTest::qWait(2);
    const Context third = Context::make(hub.anna.id);
    QVERIFY(states.set(QStringLiteral("sensor.a"), QStringLiteral("2"),
        states.get(QStringLiteral("sensor.a"))->attributes, third));
    change = client.waitForEvent(id)
                 .value(QStringLiteral("c"))
                 .toObject()
                 .value(QStringLiteral("sensor.a"))
                 .toObject();
    const State after = *states.get(QStringLiteral("sensor.a"));
    QCOMPARE(change,
        (QJsonObject { { QStringLiteral("+"),
            QJsonObject { { QStringLiteral("s"), QStringLiteral("2") },
                { QStringLiteral("c"), third.id },
                { QStringLiteral("lc"),
                    double(after.lastChanged.toMSecsSinceEpoch()) / 1000 } } } }));

    QVERIFY(states.remove(QStringLiteral("sensor.a")));
    QCOMPARE(client.waitForEvent(id), json(R"({"r":["sensor.a"]})"));
    QVERIFY(states.set(QStringLiteral("sensor.b"), QStringLiteral("1")));
    QCOMPARE(client.waitForEvent(id).value(QStringLiteral("a")).toObject().keys(),
        QStringList { QStringLiteral("sensor.b") });
}

void TestWebSocketCommands::onlyTheEntitiesThatWereAskedForCome()
{
    TestHub hub;
    StateStore &states = hub.hub->states();
    QVERIFY(states.set(QStringLiteral("sensor.a"), QStringLiteral("1")));
    QVERIFY(states.set(QStringLiteral("sensor.b"), QStringLiteral("1")));
    WebSocketClient client(hub.webSocketUrl(), hub.user);
    client.ask(QStringLiteral("subscribe_entities"),
        json(R"({"entity_ids":["sensor.b","sensor.later"]})"));
    const int id = client.lastId();
    const auto keys = [&](const char *kind) {
        return client.waitForEvent(id).value(QLatin1String(kind)).toObject().keys().join(u' ');
    };
    QCOMPARE(keys("a"), QStringLiteral("sensor.b"));
    QVERIFY(states.set(QStringLiteral("sensor.a"), QStringLiteral("2")));
    QVERIFY(states.set(QStringLiteral("sensor.b"), QStringLiteral("2")));
    QCOMPARE(keys("c"), QStringLiteral("sensor.b"));
    QVERIFY(states.set(QStringLiteral("sensor.later"), QStringLiteral("2")));
    QCOMPARE(keys("a"), QStringLiteral("sensor.later"));
}

QTEST_GUILESS_MAIN(TestWebSocketCommands)
#include "tst_websocketcommands.moc"
