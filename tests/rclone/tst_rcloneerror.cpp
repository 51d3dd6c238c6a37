#include "integrations/rclone/rcloneerror.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::rclone;

class TestRcloneError : public QObject
{
    Q_OBJECT

private slots:
    void theLastComplaintIsKept()
    {
        RcloneLog log;
        QVERIFY(!log.add("{\"level\":\"warning\",\"msg\":\"Config file not found\"}\n"));
        QCOMPARE(log.lastError(), QString());
        QVERIFY(!log.add("{\"level\":\"error\",\"msg\":\"first\"}\n{\"level\":\"error\",\"msg\":"));
        QCOMPARE(log.lastError(), QStringLiteral("first"));
        QVERIFY(!log.add("\"Failed to lsjson with 2 errors: last error was: error in ListJSON: "
                         "directory not found\"}\n"));
        QCOMPARE(log.lastError(), QStringLiteral("directory not found"));
    }

    void bytesAreFound()
    {
        RcloneLog log;
        QCOMPARE(log.add("{\"level\":\"warning\",\"msg\":\"\",\"stats\":{\"bytes\":1}}\n"
                         "{\"level\":\"warning\",\"msg\":\"\",\"stats\":{\"bytes\":5000000000}}\n"),
            std::optional<qint64>(5'000'000'000));
        QVERIFY(!log.add("{\"stats\":{\"bytes\":7}"));
    }

    void whatIsNotJsonIsKeptWhereThereIsNothingElse()
    {
        RcloneLog log;
        QVERIFY(!log.add("Error: unknown flag: --nope\n"));
        QCOMPARE(log.lastError(), QStringLiteral("Error: unknown flag: --nope"));
        RcloneLog another;
        QVERIFY(!another.add("2026/11/21 17:18:25 NOTICE: Config file not found\n"
                             "2026/11/21 17:18:25 Failed to create file system for \"dav:x\": read "
                             "metadata failed: EOF\n"));
        QCOMPARE(another.lastError(), QStringLiteral("read metadata failed: EOF"));
        QVERIFY(!log.add(QByteArray(5 << 20, 'x')));
        QVERIFY(log.lastError().size() < 500);
    }

    void itsMeaningIsFound_data()
    {
        QTest::addColumn<int>("exitStatus");
        QTest::addColumn<QString>("said");
        QTest::addColumn<ErrorCode>("code");
        const auto row = [](int exitStatus, const char *said, ErrorCode code) {
            QTest::newRow(said) << exitStatus << QString::fromUtf8(said) << code;
        };
        row(1, "dial tcp 127.0.0.1:9: connect: connection refused", ErrorCode::Unavailable);
        row(1, "dial tcp: lookup nas.local: no such host", ErrorCode::Unavailable);
        row(1, "net/http: TLS handshake timeout", ErrorCode::Unavailable);
        row(1, "couldn't connect SSH: ssh: handshake failed: ssh: unable to authenticate",
            ErrorCode::Forbidden);
        row(1, "AccessDenied: Access Denied status code: 403", ErrorCode::Forbidden);
        row(1, "write: no space left on device", ErrorCode::NoSpace);
        row(1, "Insufficient Storage: 507", ErrorCode::NoSpace);
        row(1, "storageQuotaExceeded: the user's quota", ErrorCode::NoSpace);
        row(1, "didn't find section in config file", ErrorCode::InvalidArgument);
        row(3, "directory not found", ErrorCode::NotFound);
        row(4, "object not found", ErrorCode::NotFound);
        row(1, "failed to read private key: open /x: no such file or directory", ErrorCode::Io);
        row(5, "something that passes", ErrorCode::Unavailable);
        row(1, "something else with backup-20260403-140350-50340340", ErrorCode::Io);
        row(2, "", ErrorCode::Io);
    }

    void itsMeaningIsFound()
    {
        QFETCH(int, exitStatus);
        QFETCH(QString, said);
        QFETCH(ErrorCode, code);
        const Error error = rcloneError(exitStatus, said);
        QVERIFY2(error.code == code, qPrintable(error.message));
        QVERIFY(!error.message.isEmpty() && !error.message.endsWith(u'.'));
    }
};

QTEST_GUILESS_MAIN(TestRcloneError)
#include "tst_rcloneerror.moc"
