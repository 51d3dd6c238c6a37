#include "app/api/fileanswer.h"
#include "tests/support/gatearena.h"
#include "tests/support/rawclient.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::api;
using namespace hubkeep::test;

class TestResponder : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void sendsWhatIsAskedOfAFile_data();
    void sendsWhatIsAskedOfAFile();
    void namesFilesForEveryBrowser_data();
    void namesFilesForEveryBrowser();
    void headSaysTheSameWithoutTheContent();
    void curlContinuesAnInterruptedDownload();
    void aFileThatIsGoneIsNotFound();
    void aFileThatShrinksBreaksTheConnectionOff();
    void slowReadersCostLittleMemoryAndKeepTheFile();
    void memoryStaysSmall();
    void streamsUntilTheSinkIsGone();
    void aStreamThatNobodyReadsEnds();

private:
    void writeFile(const QByteArray &content);
    QByteArray get(const QByteArray &headers = {}, const QByteArray &method = "GET") const
    {
        return method + " /file HTTP/1.1\r\nHost: hub\r\n" + headers + "\r\n";
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    Responder::File m_file;
};

void TestResponder::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_file = { m_folder->filePath(QStringLiteral("file")), QStringLiteral("b.zip"),
        "application/zip", "abc" };
    writeFile("0123456789");
}

void TestResponder::writeFile(const QByteArray &content)
{
    QFile file(m_file.path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(content), content.size());
}

void TestResponder::sendsWhatIsAskedOfAFile_data()
{
    QTest::addColumn<QByteArray>("headers");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("range");

    const auto row = [](const char *headers, int status, const char *body, const char *range) {
        QTest::newRow(headers) << QByteArray(headers) << status << QByteArray(body)
                               << QByteArray(range);
    };
    row("", 200, "0123456789", "");
    row("Range: bytes=0-0\r\n", 206, "0", "bytes 0-0/10");
    row("Range: bytes=2-5\r\n", 206, "2345", "bytes 2-5/10");
    row("Range: bytes=7-\r\n", 206, "789", "bytes 7-9/10");
    row("Range: bytes=7-1000\r\n", 206, "789", "bytes 7-9/10");
    row("Range: bytes=-3\r\n", 206, "789", "bytes 7-9/10");
    row("Range: bytes=-1000\r\n", 206, "0123456789", "bytes 0-9/10");
    row("Range: bytes=10-\r\n", 416, nullptr, "bytes */10");
    row("Range: bytes=-0\r\n", 416, nullptr, "bytes */10");
    row("Range: bytes=9223372036854775807-\r\n", 200, "0123456789", "");
    row("Range: bytes=99999999999-\r\n", 416, nullptr, "bytes */10");
    row("Range: bytes=5-2\r\n", 200, "0123456789", "");
    row("Range: bytes=a-b\r\n", 200, "0123456789", "");
    row("Range: bytes=-\r\n", 200, "0123456789", "");
    row("Range: bytes=1--2\r\n", 200, "0123456789", "");
    row("Range: lines=1-2\r\n", 200, "0123456789", "");
    row("Range: bytes=0-1,3-4\r\n", 200, "0123456789", ""); // one range or all
    row("If-None-Match: \"abc\"\r\n", 304, "", "");
    row("If-None-Match: \"x\", W/\"abc\"\r\n", 304, "", "");
    row("If-None-Match: *\r\n", 304, "", "");
    row("If-None-Match: \"abcd\"\r\n", 200, "0123456789", "");
    row("If-None-Match: \"abc\"\r\nRange: bytes=0-1\r\n", 304, "", "");
    row("If-Range: \"abc\"\r\nRange: bytes=0-1\r\n", 206, "01", "bytes 0-1/10");
    row("If-Range: \"old\"\r\nRange: bytes=0-1\r\n", 200, "0123456789", "");
    row("If-Range: W/\"abc\"\r\nRange: bytes=0-1\r\n", 200, "0123456789", "");
    row("If-Range: Sat, 21 Nov 2026 08:00:00 GMT\r\nRange: bytes=0-1\r\n", 200, "0123456789", "");
}

void TestResponder::sendsWhatIsAskedOfAFile()
{
    QFETCH(QByteArray, headers);
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, range);
    GateArena arena;
    arena.file = m_file;
    RawClient client(arena.port());
    for (int i = 1; i <= 2; ++i) { // the connection stays in step
        const QList<RawAnswer> answers = client.exchange(get(headers), i);
        QCOMPARE(answers.size(), i);
        QCOMPARE(answers.last().status, status);
        if (!body.isNull())
            QCOMPARE(answers.last().body, body);
        QCOMPARE(answers.last().headers.value("content-range"), range);
        QCOMPARE(answers.last().headers.value("etag"), "\"abc\"");
        QCOMPARE(answers.last().headers.contains("content-length"), status != 304);
    }
}

void TestResponder::namesFilesForEveryBrowser_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("header");
    QTest::newRow("plain") << QStringLiteral("my backup.zip")
                           << QByteArray("attachment; filename=\"my backup.zip\"");
    QTest::newRow("umlaut") << QString::fromUtf8("K\xc3\xa4se.zip")
                            << QByteArray("attachment; filename=\"K_se.zip\"; "
                                          "filename*=UTF-8''K%C3%A4se.zip");
    QTest::newRow("quotes and lines")
        << QStringLiteral("a\"b\\\r\nX: 1/%41.zip")
        << QByteArray("attachment; filename=\"a_b___X: 1__41.zip\"; "
                      "filename*=UTF-8''a%22b%5C%0D%0AX%3A%201%2F%2541.zip");
}

void TestResponder::namesFilesForEveryBrowser()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, header);
    QCOMPARE(contentDisposition(name), header);
}

void TestResponder::headSaysTheSameWithoutTheContent()
{
    GateArena arena;
    arena.file = m_file;
    RawClient client(arena.port());
    client.exchange(get({}, "HEAD") + get("Range: bytes=1-3\r\n", "HEAD")
            + "HEAD /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 3\r\n\r\nabc"
            + "HEAD /none HTTP/1.1\r\nHost: hub\r\n\r\n",
        1);
    QTRY_COMPARE(client.received().count("HTTP/1.1 "), 4);
    QCOMPARE(client.received().count("\r\n\r\n"), 4);
    QVERIFY(client.received().endsWith("\r\n\r\n"));
    QVERIFY(client.received().contains("200 OK"));
    QVERIFY(client.received().contains("Content-Length: 10\r\n"));
    QVERIFY(client.received().contains("Content-Range: bytes 1-3/10\r\n"));
    QVERIFY(client.received().contains("404"));
}

void TestResponder::curlContinuesAnInterruptedDownload()
{
    QByteArray content;
    for (int i = 0; i < 1'000'000; ++i)
        content += QByteArray::number(i);
    writeFile(content);
    const QString path = m_folder->filePath(QStringLiteral("got"));
    QFile got(path);
    QVERIFY(got.open(QIODevice::WriteOnly));
    got.write(content.left(1'234'567));
    got.close();
    GateArena arena;
    arena.file = m_file;
    QProcess curl;
    curl.start(QStringLiteral("curl"),
        { QStringLiteral("-sS"), QStringLiteral("-C"), QStringLiteral("-"), QStringLiteral("-o"),
            path, QStringLiteral("http://127.0.0.1:%1/file").arg(arena.port()) });
    QTRY_COMPARE_WITH_TIMEOUT(curl.state(), QProcess::NotRunning, 30000);
    QCOMPARE(curl.exitCode(), 0);
    QVERIFY(got.open(QIODevice::ReadOnly));
    QVERIFY(got.readAll() == content);
}

void TestResponder::aFileThatIsGoneIsNotFound()
{
    GateArena arena;
    arena.file = m_file;
    QFile::remove(m_file.path);
    RawClient client(arena.port());
    const QList<RawAnswer> answers = client.exchange(get());
    QCOMPARE(answers.value(0).status, 404);
    QVERIFY(!answers.value(0).body.contains(m_file.path.toUtf8()));
}

void TestResponder::aFileThatShrinksBreaksTheConnectionOff()
{
    writeFile(QByteArray(30'000'000, 'x'));
    GateArena arena;
    arena.file = m_file;
    RawClient client(arena.port());
    client.stopReading();
    client.send(get());
    QTRY_COMPARE(arena.count, 1);
    QTest::qWait(50); // the sockets' buffers fill
    QVERIFY(QFile::resize(m_file.path, 1000));
    client.readOn();
    QTRY_VERIFY(!client.isOpen());
    QVERIFY(client.received().size() < 30'000'000);
}

void TestResponder::slowReadersCostLittleMemoryAndKeepTheFile()
{
    writeFile(QByteArray(30'000'000, 'x'));
    const auto kept = std::make_shared<int>();
    GateArena arena;
    arena.file = m_file;
    arena.file.keep = kept;
    RawClient client(arena.port());
    client.stopReading();
    client.send(get());
    QTRY_COMPARE(arena.count, 1);
    arena.file.keep.reset();
    QTest::qWait(50);
    QCOMPARE(kept.use_count(), 2);
    client.readOn();
    QTRY_COMPARE(client.answerCount(), 1);
    QCOMPARE(client.answers()[0].body.size(), 30'000'000);
    QTRY_COMPARE(kept.use_count(), 1);
}

void TestResponder::memoryStaysSmall()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    QSKIP("A sanitizer keeps what was freed");
#endif
    QVERIFY(QFile::resize(m_file.path, 1'000'000'000)); // a hole
    GateArena arena;
    arena.file = m_file;
    const qint64 before = residentMemory();
    qint64 most = 0;
    QProcess curl;
    curl.start(QStringLiteral("curl"),
        { QStringLiteral("-sS"), QStringLiteral("-o"), QStringLiteral("/dev/null"),
            QStringLiteral("-w"), QStringLiteral("%{size_download}"),
            QStringLiteral("http://127.0.0.1:%1/file").arg(arena.port()) });
    while (curl.state() != QProcess::NotRunning) {
        QTest::qWait(10);
        most = std::max(most, residentMemory());
    }
    QCOMPARE(curl.readAllStandardOutput(), "1000000000");
    QVERIFY2(most - before < 16 * 1024, qPrintable(QString::number(most - before)));
}

void TestResponder::streamsUntilTheSinkIsGone()
{
    GateArena arena;
    RawClient client(arena.port());
    client.send("GET /stream HTTP/1.1\r\nHost: hub\r\n\r\n");
    QTRY_VERIFY(arena.sink.has_value());
    QVERIFY((*arena.sink)("data: 1\n\n"));
    QTRY_VERIFY(client.received().endsWith("\r\n\r\ndata: 1\n\n"));
    QVERIFY((*arena.sink)("data: 2\n\n"));
    QTRY_VERIFY(client.received().endsWith("data: 2\n\n"));
    QVERIFY(client.isOpen());
    arena.sink.reset();
    QTRY_VERIFY(!client.isOpen());

    RawClient leaving(arena.port());
    leaving.send("GET /stream HTTP/1.1\r\nHost: hub\r\n\r\n");
    QTRY_VERIFY(arena.sink.has_value());
    leaving.abort();
    QTRY_VERIFY(!(*arena.sink)("data: 3\n\n"));
}

void TestResponder::aStreamThatNobodyReadsEnds()
{
    GateArena arena;
    RawClient client(arena.port());
    client.stopReading();
    client.send("GET /stream HTTP/1.1\r\nHost: hub\r\n\r\n");
    QTRY_VERIFY(arena.sink.has_value());
    int sent = 0;
    while ((*arena.sink)(QByteArray(100'000, 'x')) && sent < 1000)
        ++sent;
    QVERIFY2(sent >= 70 && sent < 90, qPrintable(QString::number(sent))); // 8 MiB
    QTRY_COMPARE(arena.gate().connectionCount(), 0U);
}

QTEST_GUILESS_MAIN(TestResponder)
#include "tst_responder.moc"
