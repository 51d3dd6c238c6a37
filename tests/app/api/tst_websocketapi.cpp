// The WebSocket protocol with real clients: the handshake, the core commands, bad input, limits.

#include "tests/support/testhub.h"
#include "tests/support/websocketclient.h"

#include <QTest>

using namespace hubkeep;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

// A client that speaks the protocol as far as it must, and then leaves everything unread.
class SilentClient
{
public:
    SilentClient(quint16 port, const QString &token)
    {
        socket.connectToHost(QStringLiteral("127.0.0.1"), port);
        socket.write("GET /api/websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        waitFor("auth_required");
        send("{\"type\":\"auth\",\"access_token\":\"" + token.toLatin1() + "\"}");
        waitFor("auth_ok");
    }

    // Requires less than 126 bytes.
    void send(const QByteArray &message)
    {
        const char head[] { char(0x81), char(0x80 | message.size()), 0, 0, 0, 0 }; // masked with 0
        socket.write(QByteArray(head, 6) + message);
    }
    bool waitFor(const char *bytes)
    {
        return QTest::qWaitFor([&] { return socket.peek(4096).contains(bytes); });
    }

    QTcpSocket socket;
};

} // namespace

class TestWebSocketApi : public QObject
{
    Q_OBJECT

private slots:
    void aStrangerIsAskedWhoItIs();
    void whoCannotSayWhoItIsIsSentAway_data();
    void whoCannotSayWhoItIsIsSentAway();
    void whoSaysNothingIsSentAway();
    void aRevokedTokenEndsItsConnection();
    void aRevokedTokenRunsNoCommand();

    void badMessagesGetTheirError_data();
    void badMessagesGetTheirError();
    void messagesThatAreNoneCloseTheConnection_data();
    void messagesThatAreNoneCloseTheConnection();
    void identifiersHaveToIncrease();
    void aMessageOfOneMebibyteIsAnswered();
    void listsAreUnderstoodOnceAskedFor();
    void answersOfOneTurnComeAsOneList();

    void subscriptionsAreLimited();

    void whoDoesNotReadIsDropped();
    void whoDoesNotAnswerPingsIsDropped();
    void closingSaysGoodbyeToAll();
};

void TestWebSocketApi::aStrangerIsAskedWhoItIs()
{
    TestHub hub;
    WebSocketClient client(hub.webSocketUrl());
    QCOMPARE(client.waitForType("auth_required"),
        json(R"({"type":"auth_required","ha_version":"2026.7.0"})"));
    client.send("{\"type\":\"auth\",\"access_token\":\"" + hub.user.toUtf8() + "\"}");
    QCOMPARE(client.waitForType("auth_ok"), json(R"({"type":"auth_ok","ha_version":"2026.7.0"})"));
    QCOMPARE(client.ask(QStringLiteral("ping")), json(R"({"id":1,"type":"pong"})"));
}

void TestWebSocketApi::whoCannotSayWhoItIsIsSentAway_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<bool>("saysWhy"); // else the connection just closes
    QTest::newRow("wrong token") << QByteArray(R"({"type":"auth","access_token":"nope"})") << true;
    QTest::newRow("no token") << QByteArray(R"({"type":"auth"})") << true;
    QTest::newRow("a token that is no text")
        << QByteArray(R"({"type":"auth","access_token":{"a":1}})") << true;
    QTest::newRow("a command") << QByteArray(R"({"id":1,"type":"get_states"})") << true;
    QTest::newRow("a list") << QByteArray(R"([{"type":"auth","access_token":"nope"}])") << true;
    QTest::newRow("no JSON") << QByteArray("hello") << true;
    QTest::newRow("nothing") << QByteArray("") << true;
    QTest::newRow("deep") << QByteArray(2000, '[') << true;
    QTest::newRow("5 KiB") << "{\"type\":\"auth\",\"access_token\":\"" + QByteArray(5000, 'a')
            + "\"}" << false;
    QTest::newRow("1 MiB") << QByteArray(1024 * 1024, 'a') << false;
}

void TestWebSocketApi::whoCannotSayWhoItIsIsSentAway()
{
    QFETCH(QByteArray, message);
    QFETCH(bool, saysWhy);
    TestHub hub;
    WebSocketClient client(hub.webSocketUrl());
    QVERIFY(!client.waitForType("auth_required").isEmpty());
    client.send(message);
    if (saysWhy) {
        const QJsonObject answer = client.waitForType("auth_invalid");
        QVERIFY(!text(answer, "message").isEmpty());
        QCOMPARE(hub.audited().constFirst().action, QStringLiteral("websocket.auth"));
        QCOMPARE(hub.audited().constFirst().result, QStringLiteral("refused"));
        QCOMPARE(hub.audited().constFirst().address, QStringLiteral("127.0.0.1"));
    }
    QVERIFY(client.waitForClose());
    QTRY_COMPARE(hub.webSockets->sessionCount(), 0);
    QVERIFY(client.messages.isEmpty());
}

void TestWebSocketApi::whoSaysNothingIsSentAway()
{
    TestHub hub({ .authentication = 100ms });
    WebSocketClient client(hub.webSocketUrl());
    QVERIFY(client.waitForClose());
    QCOMPARE(client.socket().closeCode(), QWebSocketProtocol::CloseCodePolicyViolated);
    QTRY_COMPARE(hub.webSockets->sessionCount(), 0);
}

void TestWebSocketApi::aRevokedTokenEndsItsConnection()
{
    TestHub hub({ .tokens = 50ms });
    WebSocketClient anna(hub.webSocketUrl(), hub.admin);
    WebSocketClient ulf(hub.webSocketUrl(), hub.user);
    anna.ask(QStringLiteral("subscribe_events"));
    QVERIFY(hub.accounts->revokeToken(hub.anna.id, hub.annasToken.token.id));
    QVERIFY(anna.waitForClose());
    QCOMPARE(anna.socket().closeCode(), QWebSocketProtocol::CloseCodePolicyViolated);
    QTRY_COMPARE(hub.webSockets->sessionCount(), 1);
    QVERIFY(ulf.isOpen());
}

void TestWebSocketApi::aRevokedTokenRunsNoCommand()
{
    TestHub hub({ .tokens = 1h }); // so that the message itself has to find out
    WebSocketClient anna(hub.webSocketUrl(), hub.admin);
    QVERIFY(hub.accounts->revokeToken(hub.anna.id, hub.annasToken.token.id));
    int fired = 0;
    const Subscription watching
        = hub.hub->bus().subscribe(QStringLiteral("boo"), [&](const Event &) { ++fired; });
    anna.send(R"({"id":1,"type":"fire_event","event_type":"boo"})");
    QVERIFY(anna.waitForClose());
    QVERIFY(anna.messages.isEmpty());
    QCOMPARE(fired, 0);
}

void TestWebSocketApi::badMessagesGetTheirError_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("names"); // what the sentence has in it
    const auto row = [](const char *name, const QByteArray &message, const char *code,
                         const char *names) {
        QTest::newRow(name) << message << QString::fromLatin1(code) << QString::fromLatin1(names);
    };
    row("unknown", R"({"id":5,"type":"get_everything"})", "unknown_command", "Unknown");
    row("a stream from nowhere", R"({"id":5,"type":"logbook/event_stream"})", "invalid_format",
        "'start_time'");
    row("a trigger, without automations", R"({"id":5,"type":"subscribe_trigger","trigger":{}})",
        "home_assistant_error", "not ready");
    row("a template that is none", R"({"id":5,"type":"render_template"})", "invalid_format",
        "'template'");
    row("trace/list", R"({"id":5,"type":"trace/list"})", "invalid_format", "'domain'");
    row("no id", R"({"type":"ping"})", "invalid_format", "'id'");
    row("id 0", R"({"id":0,"type":"ping"})", "id_reuse", "increase");
    row("id -1", R"({"id":-1,"type":"ping"})", "invalid_format", "'id'");
    row("id 1.5", R"({"id":1.5,"type":"ping"})", "invalid_format", "'id'");
    row("id 1e300", R"({"id":1e300,"type":"ping"})", "invalid_format", "'id'");
    row("id as text", R"({"id":"5","type":"ping"})", "invalid_format", "'id'");
    row("no type", R"({"id":5})", "invalid_format", "'type'");
    row("type as number", R"({"id":5,"type":5})", "invalid_format", "'type'");
    row("empty object", "{}", "invalid_format", "'id'");
    row("list too early", R"([{"id":5,"type":"ping"}])", "invalid_format", "coalesce_messages");
    row("unknown field", R"({"id":5,"type":"get_states","foo":1})", "invalid_format", "'foo'");
    row("mistyped field", R"({"id":5,"type":"subscribe_events","event_typ":"a"})", "invalid_format",
        "'event_type'");
    row("field of another type", R"({"id":5,"type":"subscribe_events","event_type":5})",
        "invalid_format", "'event_type'");
    row("missing field", R"({"id":5,"type":"unsubscribe_events"})", "invalid_format",
        "'subscription'");
    row("nothing to unsubscribe", R"({"id":5,"type":"unsubscribe_events","subscription":3})",
        "not_found", "Subscription");
    row("entities as text", R"({"id":5,"type":"subscribe_entities","entity_ids":"a.b"})",
        "invalid_format", "'entity_ids'");
    row("entities as numbers", R"({"id":5,"type":"subscribe_entities","entity_ids":[1]})",
        "invalid_format", "'entity_ids'");
    row("the hub's own event", R"({"id":5,"type":"fire_event","event_type":"state_changed"})",
        "invalid_format", "state_changed");
    row("an event without a name", R"({"id":5,"type":"fire_event","event_type":""})",
        "invalid_format", "1 to 64");
    row("no backups here", R"({"id":5,"type":"backup/info"})", "unknown_command", "Unknown");
}

void TestWebSocketApi::badMessagesGetTheirError()
{
    QFETCH(QByteArray, message);
    QFETCH(QString, code);
    QFETCH(QString, names);
    TestHub hub;
    WebSocketClient client(hub.webSocketUrl(), hub.admin);
    client.send(message);
    const QJsonObject answer = client.waitForType("result");
    QCOMPARE(errorCode(answer), code);
    QVERIFY2(errorMessage(answer).contains(names), qPrintable(errorMessage(answer)));
    QCOMPARE(answer.value(QStringLiteral("success")), QJsonValue(false));
    QVERIFY(client.isOpen());
}

void TestWebSocketApi::messagesThatAreNoneCloseTheConnection_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<bool>("binary");
    QTest::addColumn<int>("closeCode");
    QTest::newRow("no JSON") << QByteArray("{") << false << 1007;
    QTest::newRow("65 levels") << QByteArray(R"({"id":5,"type":"fire_event","event_data":)")
            + QByteArray(64, '[') + QByteArray(64, ']')
            + "}" << false << 1007;
    QTest::newRow("100,000 levels") << QByteArray(100'000, '[') << false << 1007;
    QTest::newRow("binary") << QByteArray(R"({"id":5,"type":"ping"})") << true << 1003;
    QTest::newRow("more than 1 MiB")
        << "{\"id\":5,\"type\":\"" + QByteArray(1024 * 1024, 'a') + "\"}" << false << 1009;
}

void TestWebSocketApi::messagesThatAreNoneCloseTheConnection()
{
    QFETCH(QByteArray, message);
    QFETCH(bool, binary);
    QFETCH(int, closeCode);
    TestHub hub;
    WebSocketClient client(hub.webSocketUrl(), hub.admin);
    if (binary)
        client.sendBinary(message);
    else
        client.send(message);
    QVERIFY(client.waitForClose());
    QCOMPARE(int(client.socket().closeCode()), closeCode);
    QTRY_COMPARE(hub.webSockets->sessionCount(), 0);
    WebSocketClient next(hub.webSocketUrl(), hub.admin);
    QCOMPARE(text(next.ask(QStringLiteral("ping")), "type"), QStringLiteral("pong"));
}

void TestWebSocketApi::identifiersHaveToIncrease()
{
    TestHub hub;
    WebSocketClient client(hub.webSocketUrl(), hub.admin);
    client.send(R"({"id":7,"type":"ping"})");
    QCOMPARE(client.waitForType("pong").value(QStringLiteral("id")).toInt(), 7);
    for (const char *again : { R"({"id":7,"type":"ping"})", R"({"id":6,"type":"ping"})" }) {
        client.send(again);
        const QJsonObject answer = client.waitForType("result");
        QCOMPARE(errorCode(answer), QStringLiteral("id_reuse"));
        QCOMPARE(errorMessage(answer), QStringLiteral("Identifier values have to increase."));
    }
    client.send(R"({"id":8,"type":"ping"})");
    QCOMPARE(client.waitForType("pong").value(QStringLiteral("id")).toInt(), 8);
}

void TestWebSocketApi::aMessageOfOneMebibyteIsAnswered()
{
    TestHub hub;
    WebSocketClient client(hub.webSocketUrl(), hub.admin);
    QByteArray message = R"({"id":1,"type":"fire_event","event_type":"big","event_data":{"a":")";
    message += QByteArray(1024 * 1024 - message.size() - 3, 'a') + "\"}}";
    QCOMPARE(message.size(), 1024 * 1024);
    qsizetype received = 0;
    const Subscription watching
        = hub.hub->bus().subscribe(QStringLiteral("big"), [&](const Event &event) {
              received = event.data.value(QStringLiteral("a")).toString().size();
          });
    client.send(message);
    QCOMPARE(client.waitForType("result").value(QStringLiteral("success")), QJsonValue(true));
    QVERIFY(received > 1'000'000);
}

void TestWebSocketApi::listsAreUnderstoodOnceAskedFor()
{
    TestHub hub;
    WebSocketClient client(hub.webSocketUrl(), hub.admin);
    client.ask(
        QStringLiteral("supported_features"), json(R"({"features":{"coalesce_messages":1}})"));
    client.send(R"([{"id":2,"type":"ping"},{"id":3,"type":"ping"},5,{"id":3,"type":"ping"}])");
    QCOMPARE(client.waitForType("pong").value(QStringLiteral("id")).toInt(), 2);
    QCOMPARE(client.waitForType("pong").value(QStringLiteral("id")).toInt(), 3);
    QCOMPARE(errorCode(client.waitForType("result")), QStringLiteral("invalid_format"));
    QCOMPARE(errorCode(client.waitForType("result")), QStringLiteral("id_reuse"));
}

void TestWebSocketApi::answersOfOneTurnComeAsOneList()
{
    TestHub hub;
    WebSocketClient plain(hub.webSocketUrl(), hub.admin);
    WebSocketClient listing(hub.webSocketUrl(), hub.admin);
    listing.ask(
        QStringLiteral("supported_features"), json(R"({"features":{"coalesce_messages":1}})"));
    for (WebSocketClient *client : { &plain, &listing }) {
        client->ask(QStringLiteral("subscribe_entities"));
        const int id = client->lastId();
        client->waitForEvent(id);
        client->frames = 0;
        client->lists = 0;
        for (int i = 0; i < 3; ++i)
            QVERIFY(hub.hub->states().set(
                QStringLiteral("sensor.a"), QString::number(i), {}, Context::make()));
        QTRY_COMPARE(client->messages.size(), 3);
        QCOMPARE(client->frames, client == &plain ? 3 : 1);
        QCOMPARE(client->lists, client == &plain ? 0 : 1);
        client->ask(
            QStringLiteral("unsubscribe_events"), { { QStringLiteral("subscription"), id } });
        QVERIFY(hub.hub->states().remove(QStringLiteral("sensor.a")));
    }
}

void TestWebSocketApi::subscriptionsAreLimited()
{
    TestHub hub({ .subscriptions = 3 });
    WebSocketClient client(hub.webSocketUrl(), hub.admin);
    for (int i = 0; i < 3; ++i)
        QCOMPARE(errorCode(client.ask(QStringLiteral("subscribe_events"))), QString());
    QCOMPARE(
        errorCode(client.ask(QStringLiteral("subscribe_entities"))), QStringLiteral("not_allowed"));
    client.ask(QStringLiteral("unsubscribe_events"), json(R"({"subscription":1})"));
    QCOMPARE(errorCode(client.ask(QStringLiteral("subscribe_entities"))), QString());
}

void TestWebSocketApi::whoDoesNotReadIsDropped()
{
    TestHub hub({ .unreadBytes = 256 * 1024 });
    WebSocketClient reading(hub.webSocketUrl(), hub.admin);
    reading.ask(QStringLiteral("subscribe_events"), json(R"({"event_type":"big"})"));

    SilentClient silent(hub.port, hub.admin);
    silent.send(R"({"id":1,"type":"subscribe_events","event_type":"big"})");
    QVERIFY(silent.waitFor("\"success\":true"));
    silent.socket.setReadBufferSize(1024);

    QCOMPARE(hub.webSockets->sessionCount(), 2);
    const QString much(64 * 1024, u'x');
    for (int i = 0; i < 20; ++i) {
        hub.hub->bus().publish({ QStringLiteral("big"), { { QStringLiteral("a"), much } }, {} });
        QVERIFY(!reading.waitForEvent(1).isEmpty());
    }
    QTRY_COMPARE(hub.webSockets->sessionCount(), 1);
    QVERIFY(reading.isOpen());
}

void TestWebSocketApi::whoDoesNotAnswerPingsIsDropped()
{
    TestHub hub({ .silence = 100ms });
    WebSocketClient answering(hub.webSocketUrl(), hub.admin);
    SilentClient silent(hub.port, hub.admin);
    QTRY_COMPARE(silent.socket.state(), QAbstractSocket::UnconnectedState);
    QTRY_COMPARE(hub.webSockets->sessionCount(), 1);
    QVERIFY(answering.isOpen());
}

void TestWebSocketApi::closingSaysGoodbyeToAll()
{
    TestHub hub;
    WebSocketClient anna(hub.webSocketUrl(), hub.admin);
    WebSocketClient ulf(hub.webSocketUrl(), hub.user);
    WebSocketClient stranger(hub.webSocketUrl());
    stranger.waitForType("auth_required");
    hub.webSockets->close();
    for (WebSocketClient *client : { &anna, &ulf, &stranger }) {
        QVERIFY(client->waitForClose());
        QCOMPARE(client->socket().closeCode(), QWebSocketProtocol::CloseCodeGoingAway);
    }
    QTRY_COMPARE(hub.webSockets->sessionCount(), 0);
    WebSocketClient late(hub.webSocketUrl());
    QVERIFY(late.waitForClose());
}

QTEST_GUILESS_MAIN(TestWebSocketApi)
#include "tst_websocketapi.moc"
