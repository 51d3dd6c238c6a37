#include "app/api/gateconnection.h"
#include "tests/support/gatearena.h"
#include "tests/support/rawclient.h"

#include <QTest>

using namespace hubkeep;
using namespace hubkeep::api;
using namespace hubkeep::test;

namespace {

const QByteArray Host = QByteArrayLiteral("Host: hub\r\n");
const QByteArray Hello = QByteArrayLiteral("GET /count HTTP/1.1\r\nHost: hub\r\n\r\n");

QByteArray post(const QByteArray &body, const QByteArray &path = "/echo")
{
    return "POST " + path + " HTTP/1.1\r\nHost: hub\r\nContent-Length: "
        + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

QByteArray chunked(const QByteArray &body, const QByteArray &path = "/echo")
{
    return "POST " + path + " HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}

} // namespace

class TestRequestGate : public QObject
{
    Q_OBJECT

private slots:
    void refusesWhatTwoProgramsCouldReadInTwoWays_data();
    void refusesWhatTwoProgramsCouldReadInTwoWays();
    void aSmuggledRequestIsNeverServed();
    void takesWhatIsPermitted_data();
    void takesWhatIsPermitted();
    void requestsMayBeSplitAtEveryByte_data();
    void requestsMayBeSplitAtEveryByte();
    void pipelinedRequestsAreAnsweredInOrder();
    void aLaterAnswerHoldsTheNextRequestBack();
    void refusedRequestsKeepTheConnectionWhereTheBodyIsSmall();
    void limitsBodiesAndAnswersBeforeTheyAreSent();
    void answersExpectOnceItIsWelcome();
    void oldClientsAreAnsweredAndClosed();
    void slowHeadsAndBodiesAreEnded();
    void idleConnectionsAreClosedWithoutAWord();
    void clientsThatDoNotReadAreCutOff();
    void tooManyConnectionsAreTurnedAwayPolitely();
    void aWebSocketIsHandedOnUnread();
    void answersNobodyOnceTheClientIsGone();
    void anUnansweredRequestIsAnswered();
    void retiringLetsAnswersFinish();
};

void TestRequestGate::refusesWhatTwoProgramsCouldReadInTwoWays_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");

    const QByteArray get = "GET /count HTTP/1.1\r\n" + Host;
    const QByteArray posted = "POST /echo HTTP/1.1\r\n" + Host;
    const auto row = [](const char *name, const QByteArray &request, int status) {
        QTest::newRow(name) << request << status;
    };
    row("length and coding",
        posted + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
    row("coding and length",
        posted + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400);
    row("two lengths", posted + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400);
    row("the same length twice", posted + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        400);
    row("a list of lengths", posted + "Content-Length: 5, 5\r\n\r\nhello", 400);
    row("a signed length", posted + "Content-Length: +5\r\n\r\nhello", 400);
    row("a negative length", posted + "Content-Length: -5\r\n\r\nhello", 400);
    row("a hexadecimal length", posted + "Content-Length: 0x5\r\n\r\nhello", 400);
    row("an empty length", posted + "Content-Length:\r\n\r\nhello", 400);
    row("a length that overflows", posted + "Content-Length: 18446744073709551621\r\n\r\nhello",
        400);
    row("two codings",
        posted + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
    row("identity", posted + "Transfer-Encoding: identity\r\n\r\n", 501);
    row("gzip, chunked", posted + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501);
    row("chunked with a tab in it",
        posted
            + "Transfer-Encoding: \x0b"
              "chunked\r\n\r\n0\r\n\r\n",
        400);
    row("chunked in quotes", posted + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 501);
    row("a space before the colon", posted + "Content-Length : 5\r\n\r\nhello", 400);
    row("a folded header", get + "X-One: 1\r\n two\r\n\r\n", 400);
    row("a header that begins with a tab", get + "\tX-One: 1\r\n\r\n", 400);
    row("a header without a colon", get + "Nonsense\r\n\r\n", 400);
    row("a header without a name", get + ": 1\r\n\r\n", 400);
    row("a header with a bad name", get + "X(1): 1\r\n\r\n", 400);
    row("NUL in a header", get + QByteArray("X-One: a\0b\r\n\r\n", 13), 400);
    row("NUL in the path", QByteArray("GET /co\0unt HTTP/1.1\r\nHost: hub\r\n\r\n", 35), 400);
    row("a bare LF", "GET /count HTTP/1.1\nHost: hub\n\n", 400);
    row("a bare LF between headers", get + "X-One: 1\nX-Two: 2\r\n\r\n", 400);
    row("a bare CR", get + "X-One: 1\rX-Two: 2\r\n\r\n", 400);
    row("no host", "GET /count HTTP/1.1\r\n\r\n", 400);
    row("two hosts", get + Host + "\r\n", 400);
    row("coding in HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400);
    row("HTTP/2.0", "GET /count HTTP/2.0\r\n" + Host + "\r\n", 505);
    row("HTTP/1.2", "GET /count HTTP/1.2\r\n" + Host + "\r\n", 505);
    row("no version", "GET /count\r\n" + Host + "\r\n", 400);
    row("lower-case version", "GET /count http/1.1\r\n" + Host + "\r\n", 400);
    row("a space in the path", "GET /co unt HTTP/1.1\r\n" + Host + "\r\n", 400);
    row("an absolute path", "GET http://hub/count HTTP/1.1\r\n" + Host + "\r\n", 400);
    row("no path", "OPTIONS * HTTP/1.1\r\n" + Host + "\r\n", 400);
    row("a fragment", "GET /count#x HTTP/1.1\r\n" + Host + "\r\n", 400);
    row("bytes that are not ASCII in the path", "GET /\xc3\xa4 HTTP/1.1\r\n" + Host + "\r\n", 400);
    row("a method that is none", "G@T /count HTTP/1.1\r\n" + Host + "\r\n", 400);
    row("TLS", QByteArray("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400);
    row("another expectation", posted + "Content-Length: 5\r\nExpect: 200-ok\r\n\r\n", 417);
    row("a large head", get + "X-One: " + QByteArray(17000, 'a') + "\r\n\r\n", 431);
    row("a head of many megabytes", get + "X-One: " + QByteArray(5'000'000, 'a'), 431);
    row("many headers", get + QByteArray("X: 1\r\n").repeated(101) + "\r\n", 431);
    row("a long path", "GET /" + QByteArray(9000, 'a') + " HTTP/1.1\r\n" + Host + "\r\n", 414);
    row("a path without an end", "GET /" + QByteArray(16000, 'a'), 414);
    row("a chunk without a size", chunked("\r\nhello\r\n0\r\n\r\n"), 400);
    row("a chunk that is longer than it says", chunked("3\r\nhello\r\n0\r\n\r\n"), 400);
    row("a chunk with a negative size", chunked("-3\r\nhello\r\n0\r\n\r\n"), 400);
    row("a chunk with 0x", chunked("0x5\r\nhello\r\n0\r\n\r\n"), 400);
    row("a chunk size that overflows", chunked("FFFFFFFFFFFFFFFF5\r\nhello\r\n0\r\n\r\n"), 400);
    row("a chunk line without CR", chunked("5\nhello\r\n0\r\n\r\n"), 400);
    row("a chunk with a bare LF in its extension", chunked("5;a\nb\r\nhello\r\n0\r\n\r\n"), 400);
    row("endless extensions", chunked("5;" + QByteArray(20000, 'a')), 400);
    row("endless trailers", chunked("0\r\n" + QByteArray("X: 1\r\n").repeated(4000)), 400);
}

void TestRequestGate::refusesWhatTwoProgramsCouldReadInTwoWays()
{
    QFETCH(QByteArray, request);
    QFETCH(int, status);
    GateArena arena;
    RawClient client(arena.port());
    const QList<RawAnswer> answers = client.exchange(request);
    QCOMPARE(answers.size(), 1);
    QCOMPARE(answers[0].status, status);
    QCOMPARE(answers[0].headers.value("connection"), "close");
    QVERIFY(answers[0].body.contains("\"message\""));
    QTRY_VERIFY(!client.isOpen());
    QCOMPARE(arena.count, 0);
    QCOMPARE(arena.refusals, QList<int> { status });

    RawClient another(arena.port());
    QCOMPARE(another.exchange(Hello).value(0).status, 200);
}

void TestRequestGate::aSmuggledRequestIsNeverServed()
{
    GateArena arena;
    RawClient client(arena.port());
    client.exchange("POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 4\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        + Hello + Hello);
    QTRY_VERIFY(!client.isOpen());
    QCOMPARE(client.answerCount(), 1);
    QCOMPARE(arena.count, 0);
}

void TestRequestGate::takesWhatIsPermitted_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<QByteArray>("body");

    const QByteArray large(1024 * 1024, 'x');
    const auto row = [](const char *name, const QByteArray &request, const QByteArray &body) {
        QTest::newRow(name) << request << body;
    };
    row("no body", Hello, "1");
    row("a body", post("hello"), "hello");
    row("an empty body", post(""), "");
    row("a body of 1 MiB", post(large), large);
    row("a body with everything", post(QByteArray("\0\r\n\r\nGET / HTTP/1.1\r\n\r\n", 24)),
        QByteArray("\0\r\n\r\nGET / HTTP/1.1\r\n\r\n", 24));
    row("chunks", chunked("5\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\n\r\n"),
        "hello 0123456789");
    row("chunks with extensions and trailers",
        chunked("5;a=\"b\"\r\nhello\r\n0;last\r\nX-Sum: 1\r\nX-Two: 2\r\n\r\n"), "hello");
    row("Chunked",
        "POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", "");
    row("blank lines first", "\r\n\r\n" + Hello, "1");
    row("an odd path", "GET //../%00/%zz?&=%&&a[]=%00 HTTP/1.1\r\n" + Host + "\r\n", "1");
    row("headers in any case", "POST /echo HTTP/1.1\r\nhOST: hub\r\nCONTENT-length: 2\r\n\r\nhi",
        "hi");
    row("white space around values",
        "POST /echo HTTP/1.1\r\nHost:hub\r\nContent-Length: \t 2 \t\r\n\r\nhi", "hi");
    row("a hundred headers",
        "GET /count HTTP/1.1\r\n" + Host + QByteArray("X: 1\r\n").repeated(99) + "\r\n", "1");
    row("upgrade where there is none",
        "GET /count HTTP/1.1\r\nHost: hub\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "1");
    row("upgrade to HTTP/2",
        "GET /count HTTP/1.1\r\nHost: hub\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
        "1");
}

void TestRequestGate::takesWhatIsPermitted()
{
    QFETCH(QByteArray, request);
    QFETCH(QByteArray, body);
    GateArena arena;
    RawClient client(arena.port());
    // Twice: the connection is as good as before.
    for (int i = 1; i <= 2; ++i) {
        const QList<RawAnswer> answers = client.exchange(request, i);
        QCOMPARE(answers.size(), i);
        QCOMPARE(answers.last().status, 200);
        if (i == 1)
            QCOMPARE(answers.last().body, body);
        QVERIFY(!answers.last().headers.contains("connection"));
    }
    QCOMPARE(arena.count, 2);
    QVERIFY(client.isOpen());
    QCOMPARE(arena.refusals, {});
}

void TestRequestGate::requestsMayBeSplitAtEveryByte_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::newRow("length") << post("hello, world");
    QTest::newRow("chunks") << chunked("5;x=y\r\nhello\r\n7\r\n, world\r\n0\r\nA: b\r\n\r\n");
}

void TestRequestGate::requestsMayBeSplitAtEveryByte()
{
    QFETCH(QByteArray, request);
    GateArena arena;
    RawClient client(arena.port());
    for (int cut = 1; cut < request.size(); ++cut) {
        client.send(request.left(cut));
        QTest::qWait(1); // so that the pieces arrive as two
        QCOMPARE(client.exchange(request.mid(cut), cut).size(), cut);
        QCOMPARE(client.answers().last().body, QByteArray("hello, world"));
    }
    RawClient patient(arena.port());
    patient.sendBytewise(request + request);
    QTRY_COMPARE(patient.answerCount(), 2);
    QCOMPARE(patient.answers().last().body, QByteArray("hello, world"));
}

void TestRequestGate::pipelinedRequestsAreAnsweredInOrder()
{
    GateArena arena;
    RawClient client(arena.port());
    QByteArray requests;
    for (int i = 0; i < 200; ++i)
        requests += post(QByteArray::number(i));
    const QList<RawAnswer> answers = client.exchange(requests, 200);
    QCOMPARE(answers.size(), 200);
    for (int i = 0; i < 200; ++i)
        QCOMPARE(answers[i].body, QByteArray::number(i));
}

void TestRequestGate::aLaterAnswerHoldsTheNextRequestBack()
{
    GateArena arena;
    RawClient client(arena.port());
    client.send("GET /later HTTP/1.1\r\nHost: hub\r\n\r\n" + post("second"));
    QTRY_COMPARE(arena.later.size(), 1U);
    RawClient(arena.port()).exchange(Hello); // others are served meanwhile
    QCOMPARE(arena.count, 2);
    QCOMPARE(client.answerCount(), 0);

    arena.later.front().text(200, "first");
    QTRY_COMPARE(client.answerCount(), 2);
    QCOMPARE(client.answers()[0].body, "first");
    QCOMPARE(client.answers()[1].body, "second");
}

void TestRequestGate::refusedRequestsKeepTheConnectionWhereTheBodyIsSmall()
{
    GateArena arena;
    RawClient client(arena.port());
    QCOMPARE(client.exchange(post("hello", "/none") + Hello, 2).size(), 2);
    QCOMPARE(client.status(0), 404);
    QCOMPARE(client.status(1), 200);

    QCOMPARE(client.exchange(post(QByteArray(100'000, 'x'), "/none"), 3).size(), 3);
    QCOMPARE(client.status(2), 404);
    QTRY_VERIFY(!client.isOpen());
    QCOMPARE(arena.count, 1);
    QCOMPARE(arena.refusals, {}); // the doorkeeper's own are its own to tell
}

void TestRequestGate::limitsBodiesAndAnswersBeforeTheyAreSent()
{
    GateArena arena;
    const QByteArray head = "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 1048577\r\n\r\n";
    RawClient announced(arena.port());
    QCOMPARE(announced.exchange(head).value(0).status, 413);
    QTRY_VERIFY(!announced.isOpen());

    // Also to those who send it all the same.
    RawClient sending(arena.port());
    sending.send(head + QByteArray(1024 * 1024 + 1, 'x'));
    QTRY_COMPARE(sending.answerCount(), 1);
    QCOMPARE(sending.status(), 413);

    RawClient inChunks(arena.port());
    const QByteArray chunk = "10000\r\n" + QByteArray(0x10000, 'x') + "\r\n";
    inChunks.send(chunked(chunk.repeated(17)));
    QTRY_COMPARE(inChunks.answerCount(), 1);
    QCOMPARE(inChunks.status(), 413);
    QCOMPARE(arena.count, 0);
}

void TestRequestGate::answersExpectOnceItIsWelcome()
{
    GateArena arena;
    const QByteArray expecting = " HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n"
                                 "Expect: 100-continue\r\n\r\n";
    RawClient client(arena.port());
    QCOMPARE(client.exchange("POST /echo" + expecting).value(0).status, 100);
    QCOMPARE(client.exchange("hello", 2).value(1).body, "hello");

    RawClient refused(arena.port());
    QCOMPARE(refused.exchange("POST /none" + expecting).value(0).status, 404);
    QTRY_VERIFY(!refused.isOpen());
}

void TestRequestGate::oldClientsAreAnsweredAndClosed()
{
    GateArena arena;
    for (const char *request :
        { "GET /count HTTP/1.0\r\n\r\n", "GET /count HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "GET /count HTTP/1.1\r\nHost: hub\r\nConnection: foo, Close\r\n\r\n" }) {
        RawClient client(arena.port());
        const QList<RawAnswer> answers = client.exchange(request);
        QCOMPARE(answers.value(0).status, 200);
        QCOMPARE(answers.value(0).headers.value("connection"), "close");
        QTRY_VERIFY(!client.isOpen());
    }
}

void TestRequestGate::slowHeadsAndBodiesAreEnded()
{
    GateArena arena(GateArena::shortLimits());
    for (const QByteArray &beginning : { QByteArray("GET /count HT"),
             QByteArray("POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n\r\nhel"),
             chunked("5\r\nhe") }) {
        RawClient client(arena.port());
        QCOMPARE(client.exchange(beginning).value(0).status, 408);
        QTRY_VERIFY(!client.isOpen());
    }
    // A head that trickles is as slow as one that stops.
    RawClient trickle(arena.port());
    QElapsedTimer timer;
    timer.start();
    while (trickle.answerCount() == 0 && timer.elapsed() < 5000) {
        trickle.send("G");
        QTest::qWait(20);
    }
    QCOMPARE(trickle.status(), 408);
    QTRY_COMPARE(arena.gate().connectionCount(), 0U);
}

void TestRequestGate::idleConnectionsAreClosedWithoutAWord()
{
    GateArena arena(GateArena::shortLimits());
    RawClient silent(arena.port());
    RawClient served(arena.port());
    QCOMPARE(served.exchange(Hello).size(), 1);
    QTRY_VERIFY(!silent.isOpen());
    QTRY_VERIFY(!served.isOpen());
    QCOMPARE(silent.received(), "");
    QCOMPARE(served.answerCount(), 1);
}

void TestRequestGate::clientsThatDoNotReadAreCutOff()
{
    GateArena arena(GateArena::shortLimits());
    RawClient client(arena.port());
    client.stopReading();
    const QByteArray large = post(QByteArray(1024 * 1024, 'x'));
    for (int i = 0; i < 20; ++i)
        client.send(large);
    QTRY_COMPARE(arena.gate().connectionCount(), 0U);
    QVERIFY2(arena.count < 20, qPrintable(QString::number(arena.count)));
}

void TestRequestGate::tooManyConnectionsAreTurnedAwayPolitely()
{
    GateLimits limits = GateArena::shortLimits();
    limits.connections = 20;
    limits.headTime = limits.idleTime = std::chrono::seconds(30);
    GateArena arena(limits);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 400; ++i) {
        clients.push_back(std::make_unique<RawClient>(arena.port()));
        clients.back()->send(Hello);
        QCoreApplication::processEvents();
    }
    const auto answered = [&clients](int status) {
        return std::count_if(clients.begin(), clients.end(),
            [status](const auto &client) { return client->status() == status; });
    };
    QTRY_COMPARE(answered(200), 20);
    QTRY_COMPARE(answered(503), 380);
    QCOMPARE(clients.back()->answers()[0].headers.value("retry-after"), "5");
    QCOMPARE(arena.gate().connectionCount(), 20U);

    clients.clear();
    QTRY_COMPARE(arena.gate().connectionCount(), 0U);
    RawClient next(arena.port());
    QCOMPARE(next.exchange(Hello).value(0).status, 200);
}

void TestRequestGate::aWebSocketIsHandedOnUnread()
{
    GateArena arena;
    RawClient client(arena.port());
    const QByteArray request
        = "GET /ws HTTP/1.1\r\nHost: hub\r\nConnection: keep-alive, Upgrade\r\n"
          "Upgrade: WebSocket\r\n\r\n";
    client.exchange(Hello);
    client.send(request);
    QTRY_COMPARE(arena.webSockets.size(), 1);
    QCOMPARE(arena.webSockets[0]->peek(1000), request);
    QTRY_COMPARE(arena.gate().connectionCount(), 0U);
    QVERIFY(client.isOpen());
    arena.webSockets[0]->write("HTTP/1.1 101 Go\r\n\r\n");
    QTRY_COMPARE(client.answerCount(), 2);
    QCOMPARE(client.status(1), 101);
}

void TestRequestGate::answersNobodyOnceTheClientIsGone()
{
    GateArena arena;
    {
        RawClient client(arena.port());
        client.send("GET /later HTTP/1.1\r\nHost: hub\r\n\r\n");
        QTRY_COMPARE(arena.later.size(), 1U);
        client.abort();
    }
    QTRY_COMPARE(arena.gate().connectionCount(), 0U);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    arena.later.front().text(200, "too late");
    arena.later.clear();
    RawClient another(arena.port());
    QCOMPARE(another.exchange(Hello).value(0).status, 200);
}

void TestRequestGate::anUnansweredRequestIsAnswered()
{
    GateArena arena;
    RawClient client(arena.port());
    QCOMPARE(client.exchange("GET /forget HTTP/1.1\r\nHost: hub\r\n\r\n").value(0).status, 500);
    QCOMPARE(client.exchange(Hello, 2).value(1).status, 200);
}

void TestRequestGate::retiringLetsAnswersFinish()
{
    GateArena arena;
    bool drained = false;
    QObject::connect(&arena.gate(), &RequestGate::drained, [&drained] { drained = true; });
    RawClient idle(arena.port());
    RawClient busy(arena.port());
    idle.exchange(Hello);
    busy.send("GET /later HTTP/1.1\r\nHost: hub\r\n\r\n");
    QTRY_COMPARE(arena.later.size(), 1U);
    arena.gate().retire();
    QTRY_VERIFY(!idle.isOpen());
    QVERIFY(busy.isOpen());
    QVERIFY(!drained);
    arena.later.front().text(200, "done");
    QTRY_COMPARE(busy.answerCount(), 1);
    QCOMPARE(busy.answers()[0].headers.value("connection"), "close");
    QTRY_VERIFY(drained);
}

QTEST_GUILESS_MAIN(TestRequestGate)
#include "tst_requestgate.moc"
