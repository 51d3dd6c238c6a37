#include "tests/support/gatearena.h"
#include "tests/support/rawclient.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::api;
using namespace hubkeep::test;

namespace {

const QByteArray Boundary = QByteArrayLiteral("----x7yz");
const QByteArray Content
    = QByteArrayLiteral("PK\x03\x04\r\n--\r\n------x7y\r\n-----x7yz\r\n\r\nend\r\n");

QByteArray head(const QByteArray &type, const QByteArray &framing)
{
    return "POST /upload HTTP/1.1\r\nHost: hub\r\nContent-Type: " + type + "\r\n" + framing
        + "\r\n\r\n";
}

QByteArray withLength(const QByteArray &type, const QByteArray &body)
{
    return head(type, "Content-Length: " + QByteArray::number(body.size())) + body;
}

QByteArray inChunks(const QByteArray &type, const QByteArray &body, qsizetype size)
{
    QByteArray request = head(type, "Transfer-Encoding: chunked");
    for (qsizetype i = 0; i < body.size(); i += size) {
        const QByteArray piece = body.mid(i, size);
        request += QByteArray::number(piece.size(), 16) + "\r\n" + piece + "\r\n";
    }
    return request + "0\r\n\r\n";
}

QByteArray multipart(const QByteArray &content)
{
    return "a preamble\r\n--" + Boundary
        + "\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nno file; filename=\r\n--"
        + Boundary
        + "  \r\ncontent-disposition: form-data; name=\"a;filename=\"; filename=\"b.zip\"\r\n"
          "Content-Type: application/zip\r\n\r\n"
        + content + "\r\n--" + Boundary
        + "\r\nContent-Disposition: form-data; name=\"second\"; filename=\"c.zip\"\r\n\r\nother"
        + "\r\n--" + Boundary + "--\r\nan epilogue";
}

const QByteArray MultipartType = "multipart/form-data; boundary=" + Boundary;
const QByteArray RawType = QByteArrayLiteral("application/zip");

} // namespace

class TestUploads : public QObject
{
    Q_OBJECT

private slots:
    void theContentArrivesAsItWasSent_data();
    void theContentArrivesAsItWasSent();
    void bodiesMayBeSplitAtEveryByte();
    void refusesBrokenBodiesAndDropsWhatCame_data();
    void refusesBrokenBodiesAndDropsWhatCame();
    void anOpenerThatRefusesIsHeardBeforeTheBody();
    void continuesOnceTheUploadIsWelcome();
    void aTargetThatFailsEndsTheUpload();
    void aClientThatLeavesOrStallsIsDropped();
    void aLaterAnswerReachesItsClient();
    void theConnectionServesOnAfterAnUpload();
    void curlUploadsInEveryWay_data();
    void curlUploadsInEveryWay();
    void memoryStaysSmall();
};

void TestUploads::theContentArrivesAsItWasSent_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<QByteArray>("content");
    const QByteArray large = Content.repeated(30'000);
    const auto row = [](const char *name, const QByteArray &request, const QByteArray &content) {
        QTest::newRow(name) << request << content;
    };
    row("raw", withLength(RawType, Content), Content);
    row("raw, empty", withLength(RawType, ""), "");
    row("raw, large", withLength(RawType, large), large);
    row("raw, chunks", inChunks(RawType, Content, 7), Content);
    row("raw, large chunks", inChunks(RawType, large, 200'000), large);
    row("multipart", withLength(MultipartType, multipart(Content)), Content);
    row("multipart, empty file", withLength(MultipartType, multipart("")), "");
    row("multipart, large", withLength(MultipartType, multipart(large)), large);
    row("multipart, chunks", inChunks(MultipartType, multipart(Content), 5), Content);
    row("multipart, large chunks", inChunks(MultipartType, multipart(large), 65'537), large);
    row("a quoted boundary",
        withLength("Multipart/Form-Data; Boundary=\"" + Boundary + "\"; charset=utf-8",
            multipart(Content)),
        Content);
    row("a file name in UTF-8 only",
        withLength(MultipartType,
            "--" + Boundary
                + "\r\nContent-Disposition: form-data; name=\"f\"; "
                  "filename*=UTF-8''%e2%82%ac.zip\r\n\r\nx\r\n--"
                + Boundary + "--"),
        "x");
}

void TestUploads::theContentArrivesAsItWasSent()
{
    QFETCH(QByteArray, request);
    QFETCH(QByteArray, content);
    GateArena arena;
    RawClient client(arena.port());
    const QList<RawAnswer> answers = client.exchange(request);
    QCOMPARE(answers.value(0).status, 201);
    QCOMPARE(arena.uploads.size(), 1);
    QVERIFY(arena.uploads[0]->content == content);
    QVERIFY(arena.uploads[0]->finished);
    QCOMPARE(arena.uploads[0]->dropped, QString());
    QCOMPARE(arena.uploads[0]->announced.has_value(), request.contains("Content-Length"));
    QVERIFY(arena.uploads[0]->largestPiece <= 128 * 1024);
}

void TestUploads::bodiesMayBeSplitAtEveryByte()
{
    GateArena arena;
    const QByteArray body = multipart(Content);
    for (int cut = 1; cut < body.size(); ++cut) {
        RawClient client(arena.port());
        const QByteArray request = inChunks(MultipartType, body.left(cut), cut).chopped(5)
            + QByteArray::number(body.size() - cut, 16) + "\r\n" + body.mid(cut) + "\r\n0\r\n\r\n";
        QCOMPARE(client.exchange(request).value(0).status, 201);
        QCOMPARE(arena.uploads.last()->content, Content);
    }
    RawClient patient(arena.port());
    patient.sendBytewise(inChunks(MultipartType, body, 3));
    QTRY_COMPARE(patient.status(), 201);
    QCOMPARE(arena.uploads.last()->content, Content);
}

void TestUploads::refusesBrokenBodiesAndDropsWhatCame_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    const QByteArray whole = multipart(Content);
    const auto row = [](const char *name, const QByteArray &request, int status) {
        QTest::newRow(name) << request << status;
    };
    row("no length", head(RawType, "X: 1"), 411);
    row("no boundary", withLength("multipart/form-data", whole), 400);
    row("an empty boundary", withLength("multipart/form-data; boundary=", whole), 400);
    row("an endless boundary",
        withLength("multipart/form-data; boundary=" + QByteArray(71, 'a'), whole), 400);
    row("cut off in the file", withLength(MultipartType, whole.left(300)), 400);
    row("cut off before the last boundary",
        withLength(MultipartType, whole.left(whole.lastIndexOf("--" + Boundary))), 400);
    row("cut off within the last boundary",
        withLength(MultipartType, whole.left(whole.lastIndexOf("--"))), 400);
    row("no file",
        withLength(MultipartType,
            "--" + Boundary + "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--"
                + Boundary + "--\r\n"),
        400);
    row("nothing", withLength(MultipartType, ""), 400);
    row("endless headers",
        withLength(MultipartType, "--" + Boundary + "\r\nX: " + QByteArray(20'000, 'a')), 400);
    row("broken chunks", head(RawType, "Transfer-Encoding: chunked") + "5\r\nhello\r\nX\r\n", 400);
    row("a chunk of a wrong size",
        head(RawType, "Transfer-Encoding: chunked") + "3\r\nhello\r\n0\r\n\r\n", 400);
}

void TestUploads::refusesBrokenBodiesAndDropsWhatCame()
{
    QFETCH(QByteArray, request);
    QFETCH(int, status);
    GateArena arena;
    RawClient client(arena.port());
    QCOMPARE(client.exchange(request).value(0).status, status);
    QTRY_VERIFY(!client.isOpen());
    for (const auto &upload : arena.uploads) {
        QVERIFY(!upload->finished);
        QVERIFY(!upload->dropped.isEmpty());
    }
}

void TestUploads::anOpenerThatRefusesIsHeardBeforeTheBody()
{
    GateArena arena;
    arena.refuseUploads
        = Error { ErrorCode::Busy, QStringLiteral("Backup manager busy: create_backup") };
    RawClient client(arena.port());
    const QList<RawAnswer> answers
        = client.exchange(head(RawType, "Content-Length: 1000000000\r\nExpect: 100-continue"));
    QCOMPARE(answers.value(0).status, 409);
    QVERIFY(answers.value(0).body.contains("create_backup"));
    QTRY_VERIFY(!client.isOpen());
}

void TestUploads::continuesOnceTheUploadIsWelcome()
{
    GateArena arena;
    RawClient client(arena.port());
    QCOMPARE(
        client.exchange(head(RawType, "Content-Length: 5\r\nExpect: 100-continue")).value(0).status,
        100);
    QCOMPARE(arena.uploads.size(), 1);
    QCOMPARE(client.exchange("hello", 2).value(1).status, 201);
    QCOMPARE(arena.uploads[0]->content, "hello");
}

void TestUploads::aTargetThatFailsEndsTheUpload()
{
    GateArena arena;
    arena.refuseAfter = 100'000;
    RawClient client(arena.port());
    client.send(withLength(RawType, QByteArray(5'000'000, 'x')));
    QTRY_COMPARE(client.status(), 507);
    QVERIFY(arena.uploads[0]->size < 300'000);
    QCOMPARE(arena.uploads[0]->dropped, QStringLiteral("The disk is full"));
    QTRY_VERIFY(!client.isOpen());
}

void TestUploads::aClientThatLeavesOrStallsIsDropped()
{
    GateArena arena(GateArena::shortLimits());
    {
        RawClient client(arena.port());
        client.send(withLength(RawType, QByteArray(1000, 'x')).chopped(1));
        QTRY_VERIFY(!arena.uploads.isEmpty() && arena.uploads[0]->size == 999);
        client.close();
        QTRY_VERIFY(!arena.uploads[0]->dropped.isEmpty());
        QVERIFY(!arena.uploads[0]->finished);
    }
    RawClient client(arena.port());
    client.send(withLength(RawType, QByteArray(1000, 'x')).chopped(1));
    QTRY_COMPARE(client.status(), 408);
    QVERIFY(!arena.uploads[1]->dropped.isEmpty());
    QVERIFY(!arena.uploads[1]->finished);
}

void TestUploads::aLaterAnswerReachesItsClient()
{
    GateArena arena;
    arena.answerUploads = false;
    RawClient client(arena.port());
    client.send(withLength(RawType, Content));
    QTRY_VERIFY(!arena.uploads.isEmpty() && arena.uploads[0]->finished);
    QCOMPARE(client.answerCount(), 0);
    arena.uploads[0]->responder.front().fail(
        { ErrorCode::Corrupt, QStringLiteral("The archive is damaged") });
    QTRY_COMPARE(client.status(), 422);
}

void TestUploads::theConnectionServesOnAfterAnUpload()
{
    GateArena arena;
    RawClient client(arena.port());
    QByteArray requests;
    for (int i = 0; i < 10; ++i)
        requests += withLength(RawType, Content.repeated(i)) + inChunks(RawType, Content, i + 1)
            + "GET /count HTTP/1.1\r\nHost: hub\r\n\r\n";
    const QList<RawAnswer> answers = client.exchange(requests, 30);
    QCOMPARE(answers.size(), 30);
    for (int i = 0; i < 30; ++i)
        QCOMPARE(answers[i].status, i % 3 == 2 ? 200 : 201);
    QCOMPARE(answers.last().body, "10");
    QCOMPARE(arena.uploads.size(), 20);
}

void TestUploads::curlUploadsInEveryWay_data()
{
    QTest::addColumn<QStringList>("arguments");
    const auto list
        = [](const char *text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); };
    QTest::newRow("multipart") << list("-F file=@FILE;type=application/zip");
    QTest::newRow("multipart among fields") << list("-F name=x -F file=@FILE -F more=y");
    QTest::newRow("raw") << list("--data-binary @FILE -H Content-Type:application/zip");
    QTest::newRow("chunked") << list(
        "-T FILE -X POST -H Transfer-Encoding:chunked -H Content-Type:application/zip");
    QTest::newRow("expecting") << list("-T FILE -X POST -H Expect:100-continue");
}

void TestUploads::curlUploadsInEveryWay()
{
    QFETCH(QStringList, arguments);
    const QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("b.zip")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const QByteArray content = Content.repeated(100'000);
    file.write(content);
    file.close();
    arguments.replaceInStrings(QStringLiteral("FILE"), file.fileName());
    GateArena arena;
    arguments += { QStringLiteral("-sS"),
        QStringLiteral("http://127.0.0.1:%1/upload").arg(arena.port()) };
    QProcess curl;
    curl.start(QStringLiteral("curl"), arguments);
    QTRY_COMPARE_WITH_TIMEOUT(curl.state(), QProcess::NotRunning, 30000);
    QCOMPARE(curl.readAllStandardOutput(), "{\"size\":" + QByteArray::number(content.size()) + '}');
    QVERIFY(arena.uploads.last()->content == content);
}

void TestUploads::memoryStaysSmall()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    QSKIP("A sanitizer keeps what was freed");
#endif
    GateArena arena;
    arena.keepContent = false;
    QProcess curl;
    const qint64 before = residentMemory();
    curl.start(QStringLiteral("sh"),
        { QStringLiteral("-c"),
            QStringLiteral("head -c 1000000000 /dev/zero | curl -sS -T - -X POST "
                           "http://127.0.0.1:%1/upload")
                .arg(arena.port()) });
    qint64 most = 0;
    while (curl.state() != QProcess::NotRunning) {
        QTest::qWait(10);
        most = std::max(most, residentMemory());
    }
    QCOMPARE(curl.readAllStandardOutput(), "{\"size\":1000000000}");
    QVERIFY2(most - before < 16 * 1024, qPrintable(QString::number(most - before)));
}

QTEST_GUILESS_MAIN(TestUploads)
#include "tst_uploads.moc"
