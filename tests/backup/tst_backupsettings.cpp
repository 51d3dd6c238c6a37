#include "integrations/backup/backupsettings.h"
#include "tests/support/enginejobs.h"

#include <QJsonDocument>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QJsonObject json(const char *text)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(text, &error);
    if (error.error != QJsonParseError::NoError)
        qFatal("%s", qPrintable(error.errorString()));
    return document.object();
}

BackupSettings merged(const char *text, const BackupSettings &before = {})
{
    const Result<BackupSettings> after = before.merged(json(text));
    if (!after)
        qFatal("%s", qPrintable(after.error().message));
    return *after;
}

} // namespace

class TestBackupSettings : public QObject
{
    Q_OBJECT

private slots:
    void theDefaultsAreTheContracts()
    {
        QCOMPARE(toJson(BackupSettings()), json(R"({"agents":{},
                "create_backup":{"agent_ids":[],"include_sources":null,"include_database":true,
                                 "name":null,"password":null,"password_set":false},
                "retention":{"copies":null,"days":null,"hourly":null,"daily":null,"weekly":null,
                             "monthly":null,"yearly":null},
                "schedule":{"recurrence":"never","days":[],"time":null,
                            "catch_up":"immediately"}})"));
    }

    void whatIsStoredComesBack()
    {
        const BackupSettings settings = merged(R"({
            "agents":{"local.nas":{"protected":false,"retention":{"copies":3}},
                      "rclone.b2":{"retention":null}},
            "create_backup":{"agent_ids":["local.nas","rclone.b2"],"include_sources":["shop"],
                             "include_database":false,"name":"Nightly","password":"secret"},
            "retention":{"daily":7,"weekly":4},
            "schedule":{"recurrence":"custom_days","days":["mon","sun"],"time":"04:45",
                        "catch_up":"next_slot"}})");
        const Result<BackupSettings> back
            = backupSettingsFromJson(toJson(settings, Passwords::Shown));
        QVERIFY2(back, qPrintable(sentence(back)));
        QVERIFY(*back == settings);
        QCOMPARE(settings.time, QStringLiteral("04:45:00"));
        QCOMPARE(settings.agents.value(QStringLiteral("rclone.b2")).isProtected, true);
    }

    void aPasswordIsNeverSentBack()
    {
        const BackupSettings settings = merged(R"({"create_backup":{"password":"secret"}})");
        QCOMPARE(settings.password, QStringLiteral("secret"));
        const QByteArray sent = QJsonDocument(toJson(settings)).toJson();
        QVERIFY(!sent.contains("secret"));
        QCOMPARE(merged(R"({"create_backup":{"name":"x"}})", settings).password,
            QStringLiteral("secret"));
        QCOMPARE(merged(R"({"create_backup":{"password":""}})", settings).password, QString());
    }

    void aPasswordIsKeptReplacedAndTakenAway_data()
    {
        QTest::addColumn<QByteArray>("change");
        QTest::addColumn<QString>("password");
        QTest::newRow("absent") << QByteArray(R"({"create_backup":{"name":"x"}})")
                                << QStringLiteral("secret");
        QTest::newRow("no section") << QByteArray("{}") << QStringLiteral("secret");
        QTest::newRow("null") << QByteArray(R"({"create_backup":{"password":null}})") << QString();
        QTest::newRow("empty") << QByteArray(R"({"create_backup":{"password":""}})") << QString();
        QTest::newRow("written back")
            << QByteArray(R"({"create_backup":{"password":null,"password_set":true}})")
            << QStringLiteral("secret");
        QTest::newRow("null, and none set")
            << QByteArray(R"({"create_backup":{"password":null,"password_set":false}})")
            << QString();
        QTest::newRow("only said to be set")
            << QByteArray(R"({"create_backup":{"password_set":false}})")
            << QStringLiteral("secret");
        QTest::newRow("text beside set")
            << QByteArray(R"({"create_backup":{"password":"other","password_set":true}})")
            << QStringLiteral("other");
        QTest::newRow("text") << QByteArray(R"({"create_backup":{"password":"other"}})")
                              << QStringLiteral("other");
    }

    void aPasswordIsKeptReplacedAndTakenAway()
    {
        QFETCH(QByteArray, change);
        const BackupSettings before = merged(R"({"create_backup":{"password":"secret"}})");
        const BackupSettings after = merged(change.constData(), before);
        QTEST(after.password, "password");
        const Result<BackupSettings> back
            = backupSettingsFromJson(toJson(after, Passwords::Shown)); // as it is stored
        QVERIFY(back);
        QCOMPARE(back->password, after.password);
    }

    void whatIsReadCanBeWrittenBack()
    {
        const BackupSettings with
            = merged(R"({"create_backup":{"password":"secret","name":"N","agent_ids":["local.a"]},
                "schedule":{"recurrence":"custom_days","days":[]}})");
        const BackupSettings without = merged(R"({"create_backup":{"password":null}})");
        for (const BackupSettings &settings : { with, without }) {
            const Result<BackupSettings> after = settings.merged(toJson(settings));
            QVERIFY2(after, after ? "" : qPrintable(after.error().message));
            QVERIFY(*after == settings);
        }
    }

    void createBackupAndAgentsAreMergedKeyByKey()
    {
        const BackupSettings before
            = merged(R"({"create_backup":{"name":"A","agent_ids":["local.a"]},
                "agents":{"local.a":{"protected":false,"retention":{"days":5}}}})");
        const BackupSettings after = merged(
            R"({"create_backup":{"name":null},"agents":{"local.a":{"retention":null}}})", before);
        QCOMPARE(after.name, QString());
        QCOMPARE(after.agentIds, QStringList { QStringLiteral("local.a") });
        QCOMPARE(after.agents.value(QStringLiteral("local.a")).isProtected, false);
        QVERIFY(!after.agents.value(QStringLiteral("local.a")).retention);
    }

    void onlyKnownNamesAndThoseThereWereBeforeAreTaken_data()
    {
        QTest::addColumn<QByteArray>("changes");
        QTest::addColumn<QByteArray>("refusal");
        const auto row = [](const char *changes, const char *refusal) {
            QTest::newRow(changes) << QByteArray(changes) << QByteArray(refusal);
        };
        row(R"({"create_backup":{"agent_ids":["local.nas"],"include_sources":["shop"]},
            "agents":{"local.nas":{}}})",
            "");
        row(R"({"create_backup":{"agent_ids":["old.one","local.nas"],"include_sources":["gone"]},
            "agents":{"old.one":{}}})",
            "");
        row(R"({"create_backup":{"include_sources":null}})", "");
        row(R"({"create_backup":{"agent_ids":["local.nsa"]}})",
            "create_backup.agent_ids: There is no agent 'local.nsa'; did you mean 'local.nas'?");
        row(R"({"create_backup":{"include_sources":["shop","nowhere"]}})",
            "create_backup.include_sources: There is no source 'nowhere'");
        row(R"({"agents":{"moon.base":{}}})", "agents: There is no agent 'moon.base'");
    }

    void onlyKnownNamesAndThoseThereWereBeforeAreTaken()
    {
        QFETCH(QByteArray, changes);
        QFETCH(QByteArray, refusal);
        const BackupSettings before = merged(R"({"agents":{"old.one":{}},"create_backup":{
            "agent_ids":["old.one"],"include_sources":["gone"]}})");
        const Result<void> checked = checkNames(before, merged(changes.constData(), before),
            { { QStringLiteral("local.nas") }, { QStringLiteral("shop") } });
        QCOMPARE(checked.ok(), refusal.isEmpty());
        if (!checked) {
            QCOMPARE(checked.error().code, ErrorCode::InvalidArgument);
            QCOMPARE(checked.error().message.toUtf8(), refusal);
        }
    }

    void retentionAndScheduleAreReplacedWhole()
    {
        const BackupSettings before = merged(
            R"({"retention":{"copies":3,"days":7},"schedule":{"recurrence":"daily","time":"03:00"}})");
        const BackupSettings after
            = merged(R"({"retention":{"days":2},"schedule":{"recurrence":"daily"}})", before);
        QVERIFY(!after.retention.copies);
        QCOMPARE(after.retention.days, std::optional<int>(2));
        QCOMPARE(after.time, QString());
    }

    void whatIsNotNamedStays()
    {
        const BackupSettings before
            = merged(R"({"retention":{"copies":3},"schedule":{"recurrence":"daily"}})");
        QVERIFY(merged("{}", before) == before);
    }

    void homeAssistantsOtherFieldsMeanNothing()
    {
        QVERIFY(merged(R"({"automatic_backups_configured":true,"create_backup":{
            "include_addons":["x"],"include_all_addons":true,"include_folders":["ssl"],
            "include_homeassistant":true}})")
            == BackupSettings());
    }

    void whatIsWrongIsNamed_data()
    {
        QTest::addColumn<QByteArray>("changes");
        QTest::addColumn<QString>("words");
        const auto row = [](const char *changes, const char *words) {
            QTest::newRow(changes) << QByteArray(changes) << QString::fromLatin1(words);
        };
        row(R"({"shedule":{}})", "did you mean 'schedule'");
        row(R"({"schedule":{"recurrance":"daily"}})", "did you mean 'recurrence'");
        row(R"({"schedule":{"x":1,"y":2}})", "'x', 'y'");
        row(R"({"schedule":[]})", "schedule must be an object");
        row(R"({"schedule":{"recurrence":"weekly"}})", "never, daily, custom_days");
        row(R"({"schedule":{"days":["monday"]}})", "'monday'");
        row(R"({"schedule":{"days":["mon","mon"]}})", "'mon' twice");
        row(R"({"schedule":{"days":"mon"}})", "schedule.days");
        row(R"({"schedule":{"time":"25:00"}})", "schedule.time");
        row(R"({"schedule":{"time":445}})", "schedule.time");
        row(R"({"schedule":{"catch_up":true}})", "schedule.catch_up");
        row(R"({"retention":{"copies":0}})", "retention.copies");
        row(R"({"retention":{"copies":1.5}})", "retention.copies");
        row(R"({"retention":{"days":99999999999}})", "retention.days");
        row(R"({"retention":{"days":"7"}})", "retention.days");
        row(R"({"retention":{"dayly":7}})", "did you mean 'daily'");
        row(R"({"retention":null})", "retention must be an object");
        row(R"({"agents":{"nas":{}}})", "'nas' is no agent's id");
        row(R"({"agents":{"local.nas":{"protected":"yes"}}})", "agents.local.nas.protected");
        row(R"({"agents":{"local.nas":{"retention":{"copies":-1}}}})",
            "agents.local.nas.retention.copies");
        row(R"({"agents":{"local.nas":5}})", "agents.local.nas must be an object");
        row(R"({"create_backup":{"agent_ids":["a.b","a.b"]}})", "'a.b' twice");
        row(R"({"create_backup":{"agent_ids":[5]}})", "create_backup.agent_ids");
        row(R"({"create_backup":{"include_sources":"shop"}})", "create_backup.include_sources");
        row(R"({"create_backup":{"include_sources":[]}})", "create_backup.include_sources");
        row(R"({"create_backup":{"include_database":null}})", "create_backup.include_database");
        row(R"({"create_backup":{"name":5}})", "create_backup.name");
        row(R"({"create_backup":{"password_set":"yes"}})", "password_set must be true or false");
        row(R"({"create_backup":{"passwort":"x"}})", "did you mean 'password'");
    }

    void whatIsWrongIsNamed()
    {
        QFETCH(QByteArray, changes);
        QFETCH(QString, words);
        const Result<BackupSettings> after = BackupSettings().merged(json(changes));
        QVERIFY(!after && after.error().code == ErrorCode::InvalidArgument);
        QVERIFY2(sentence(after).contains(words), qPrintable(sentence(after)));
    }
};

QTEST_GUILESS_MAIN(TestBackupSettings)
#include "tst_backupsettings.moc"
