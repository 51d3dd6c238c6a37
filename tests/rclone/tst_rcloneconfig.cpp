#include "integrations/rclone/rcloneconfig.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::rclone;

class TestRcloneConfig : public QObject
{
    Q_OBJECT

private slots:
    void secretsAreNotInWhatIsSaid_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("redactedText");
        const auto row = [](const char *text, const char *redactedText) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(redactedText);
        };
        row("connection refused", "connection refused");
        row("wrong key 's3cr3t/key'", "wrong key '***'");
        row("Get \"https://x/?q=s3cr3t%2Fkey\": EOF", "Get \"https://x/?***\": EOF");
        row("Put \"https://a.example/c/b?sv=1&sig=abc\": dial tcp",
            "Put \"https://a.example/c/b?***\": dial tcp");
        row("Propfind \"http://me:word@nas/dav\": 401", "Propfind \"http://***@nas/dav\": 401");
        row("the user admin at nas", "the user admin at nas");
        row("an abc of it", "an abc of it"); // too short to be one
    }

    void secretsAreNotInWhatIsSaid()
    {
        QFETCH(QString, text);
        QFETCH(QString, redactedText);
        const RcloneOptions options { { QStringLiteral("type"), QStringLiteral("webdav") },
            { QStringLiteral("user"), QStringLiteral("admin") },
            { QStringLiteral("secret_access_key"), QStringLiteral("s3cr3t/key") },
            { QStringLiteral("pass"), QStringLiteral("abc") } };
        QCOMPARE(redacted(text, options), redactedText);
    }

    void whatMayBeSecretIsNotShown()
    {
        const auto isShown = [](const char *option, const char *value) {
            return isPublicOption(QString::fromUtf8(option), QString::fromUtf8(value));
        };
        QVERIFY(isShown("type", "webdav"));
        QVERIFY(isShown("url", "https://nas.example/dav"));
        QVERIFY(!isShown("url", "https://me:word@nas.example/dav"));
        QVERIFY(!isShown("url", "https://nas.example/dav?token=x"));
        QVERIFY(!isShown("sas_url", "https://a.example/"));
        QVERIFY(!isShown("secret_access_key", "x"));
        QVERIFY(!isShown("something_new", "x"));
    }

    void pathsAreWhatRcloneTakes()
    {
        QCOMPARE(remotePath(QStringLiteral("b2:"), QStringLiteral("x")), QStringLiteral("b2:x"));
        QCOMPARE(remotePath(QStringLiteral("b2:a"), QStringLiteral("x")), QStringLiteral("b2:a/x"));
        QCOMPARE(
            remotePath(QStringLiteral("b2:a/"), QStringLiteral("x")), QStringLiteral("b2:a/x"));
    }

    void optionsReachRcloneByItsEnvironment()
    {
        RcloneConfig config { QStringLiteral("offsite"), QStringLiteral("my-b2:bucket") };
        config.options = optionsFrom({ { QStringLiteral("type"), QStringLiteral("b2") },
            { QStringLiteral("hard_delete"), true }, { QStringLiteral("chunk_size"), 5 } });
        config.configFile = QStringLiteral("/home/you/rclone.conf");
        const QProcessEnvironment environment = environmentFor(config);
        const auto value
            = [&](const char *name) { return environment.value(QString::fromLatin1(name)); };
        QCOMPARE(value("RCLONE_CONFIG_MY-B2_TYPE"), QStringLiteral("b2"));
        QCOMPARE(value("RCLONE_CONFIG_MY-B2_HARD_DELETE"), QStringLiteral("true"));
        QCOMPARE(value("RCLONE_CONFIG_MY-B2_CHUNK_SIZE"), QStringLiteral("5"));
        QCOMPARE(value("RCLONE_CONFIG"), QStringLiteral("/home/you/rclone.conf"));
    }

    void timesOfDayAreThoseOfTheHubsZone()
    {
        RcloneConfig config { QStringLiteral("offsite"), QStringLiteral("b2:bucket") };
        QCOMPARE(environmentFor(config).value(QStringLiteral("TZ")), qEnvironmentVariable("TZ"));
        config.timeZone = QStringLiteral("Pacific/Auckland");
        QCOMPARE(environmentFor(config).value(QStringLiteral("TZ")), config.timeZone);
    }

    void remotesAreThoseThatRcloneTakes_data()
    {
        QTest::addColumn<QString>("remote");
        QTest::addColumn<bool>("isRight");
        QTest::addColumn<bool>("isRightWithOptions");
        const auto row = [](const char *remote, bool isRight, bool isRightWithOptions) {
            QTest::newRow(remote) << QString::fromUtf8(remote) << isRight << isRightWithOptions;
        };
        row("b2:bucket/hubkeep", true, true);
        row("my remote.2-x_y:", true, true);
        row(":webdav:hub", true, false);
        row(":s3,secret_access_key=x:b", false, false);
        row("folder", false, false);
        row("/folder:x", false, false);
        row("./folder:x", false, false);
        row("my/remote:x", false, false);
        row("-flag:x", false, false);
        row(":", false, false);
        row("::x", false, false);
        row("a\n:x", false, false);
        row("a:x\ny", false, false);
    }

    void remotesAreThoseThatRcloneTakes()
    {
        QFETCH(QString, remote);
        RcloneConfig config { QStringLiteral("a"), remote };
        QTEST(checkRemote(config).ok(), "isRight");
        config.options.insert(QStringLiteral("type"), QStringLiteral("webdav"));
        QTEST(checkRemote(config).ok(), "isRightWithOptions");
        config.options.insert(QStringLiteral("a b"), QStringLiteral("x"));
        QVERIFY(!checkRemote(config));
    }
};

QTEST_GUILESS_MAIN(TestRcloneConfig)
#include "tst_rcloneconfig.moc"
