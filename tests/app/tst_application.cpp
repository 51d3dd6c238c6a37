#include "integrations/backup/backupintegration.h"
#include "tests/support/wholehub.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QRegularExpression>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QFileDevice::Permissions othersOf(const QString &path)
{
    return QFileInfo(path).permissions()
        & (QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ExeGroup
            | QFileDevice::ReadOther | QFileDevice::WriteOther | QFileDevice::ExeOther);
}

QStringList auditedActions(WholeHub &hub)
{
    QStringList actions;
    const QJsonArray entries = hub.get(QStringLiteral("/api/v1/audit"))
                                   .json()
                                   .value(QStringLiteral("entries"))
                                   .toArray();
    for (const QJsonValue &entry : entries)
        actions.append(entry[QStringLiteral("action")].toString());
    return actions;
}

} // namespace

class TestApplication : public QObject
{
    Q_OBJECT

private slots:
    void aReloadSaysWhatWaitsForTheNextStart()
    {
        WholeHub hub;
        const auto write = [&](const char *configuration) {
            QFile file(hub.dataFolder() + QStringLiteral("/config/hubkeep.yaml"));
            return file.open(QIODevice::WriteOnly) && file.write(configuration) > 0;
        };
        const auto expect = [](const char *section) {
            QTest::ignoreMessage(QtWarningMsg,
                QByteArray("What " + QByteArray(section) + ": says is taken over at the next start")
                    .constData());
        };
        expect("hub");
        QVERIFY(write("hub: {name: Elsewhere}\n"));
        QVERIFY(hub.application().reload().isEmpty());
        expect("recorder");
        QVERIFY(write("hub: {name: Elsewhere}\nrecorder: {keep_days: 3}\n"));
        QVERIFY(hub.application().reload().isEmpty());
        expect("http");
        QVERIFY(write("hub: {name: Elsewhere}\nhttp: {port: 1}\n"
                      "recorder: {keep_days: 3}\n"));
        QVERIFY(hub.application().reload().isEmpty());
        // Each is said once, and not what is taken over at once.
        QTest::failOnWarning(QRegularExpression(QStringLiteral("next start")));
        QVERIFY(write("hub: {name: Elsewhere}\nhttp: {port: 1}\n"
                      "recorder: {keep_days: 3}\nbackup: {timeout: 300}\n"));
        QVERIFY(hub.application().reload().isEmpty());
    }

    void foldersWithSecretsAreClosedToOthers()
    {
        WholeHub hub;
        hub.stop();
        for (const char *name : { "staging", "data", "keys" })
            QVERIFY(QFile::setPermissions(
                hub.dataFolder() + u'/' + QLatin1String(name), QFileDevice::Permissions(0x7755)));
        hub.restart();
        for (const char *name : { "staging", "data", "keys", "data/state.db", "data/running.json" })
            QCOMPARE(othersOf(hub.dataFolder() + u'/' + QLatin1String(name)),
                QFileDevice::Permissions());
    }

    // `hubkeep backup` without a running hub: it is there for one command.
    void aHubOfOneCommandBeginsNothingByTheClock()
    {
        const auto nextOf = [](Application &hub) {
            return hub.hub()
                .states()
                .get(QStringLiteral("sensor.backup_next_scheduled_automatic_backup"))
                ->value;
        };
        WholeHub hub;
        QCOMPARE(hub.ask("PUT", QStringLiteral("/api/v1/backup/settings"), hub.admin(),
                        R"({"schedule":{"recurrence":"daily","time":"04:45"}})")
                     .status,
            200);
        const QString next = nextOf(hub.application());
        QVERIFY2(QDateTime::fromString(next, Qt::ISODateWithMs).isValid(), qPrintable(next));
        hub.stop();
        SystemClock clock;
        for (const bool isServed : { false, true }) {
            const Result<std::unique_ptr<Application>> made = Application::open(
                { hub.dataFolder(), QStringLiteral("127.0.0.1"), quint16(0), isServed }, clock);
            QVERIFY2(made, made ? "" : qPrintable(made.error().message));
            QCOMPARE(nextOf(**made), isServed ? next : QStringLiteral("unknown"));
            QCOMPARE((*made)->backupIntegration().nextAutomatic().due.isValid(), isServed);
        }
    }

    void theInstanceIdOutlivesTheDatabase()
    {
        WholeHub hub;
        const QString path = hub.dataFolder() + QStringLiteral("/data/instance_id");
        const QString id = hub.application().hub().identity().instanceId;
        QCOMPARE(id.size(), 32);
        QCOMPARE(othersOf(path), QFileDevice::Permissions());
        hub.stop();
        for (const char *name : { "state.db", "state.db-wal", "state.db-shm" })
            QFile::remove(hub.dataFolder() + QStringLiteral("/data/") + QLatin1String(name));
        hub.restart();
        QCOMPARE(hub.application().hub().identity().instanceId, id);
        // The database has the last word, and what it says is kept.
        hub.stop();
        QVERIFY(QFile::remove(path));
        hub.restart();
        QCOMPARE(hub.application().hub().identity().instanceId, id);
        QVERIFY(QFileInfo::exists(path));
    }

    void theCommandLinesTokenOutlivesTheUserItWasMadeFor()
    {
        WholeHub hub;
        const DataFolder folder(hub.dataFolder());
        const Result<RunningHub> before = readRunningFile(folder);
        QVERIFY(before);
        QCOMPARE(
            hub.ask("DELETE", QStringLiteral("/api/v1/auth/users/admin"), hub.admin()).status, 204);
        const Result<RunningHub> after = readRunningFile(folder);
        QVERIFY(after);
        QCOMPARE(
            hub.ask("GET", QStringLiteral("/api/v1/backup"), before->token.toLatin1()).status, 401);
        QCOMPARE(
            hub.ask("GET", QStringLiteral("/api/v1/backup"), after->token.toLatin1()).status, 200);
    }

    void whatLeavesAndEntersIsInTheAuditLog()
    {
        WholeHub hub;
        const QString id = hub.post(QStringLiteral("/api/v1/backup"))
                               .json()
                               .value(QStringLiteral("backup_id"))
                               .toString();
        QCOMPARE(
            hub.finish().value(QStringLiteral("status")).toString(), QStringLiteral("completed"));
        const QString backup = QStringLiteral("/api/v1/backup/") + id;
        QCOMPARE(
            hub.get(backup + QStringLiteral("/file?path=hub/config/hubkeep.yaml")).status, 200);
        const Answer archive = hub.get(backup + QStringLiteral("/download"));
        QCOMPARE(archive.status, 200);
        QCOMPARE(hub.ask("DELETE", backup, hub.admin()).status, 200);
        const Answer uploaded = hub.ask("POST", QStringLiteral("/api/v1/backup/upload"),
            hub.admin(), archive.body, "application/zip");
        QVERIFY2(uploaded.status == 201, uploaded.body.constData());
        QCOMPARE(hub.post(QStringLiteral("/api/v1/backup?database=state")).status, 200);
        QCOMPARE(auditedActions(hub),
            (QStringList { QStringLiteral("backup.create"), QStringLiteral("backup.upload"),
                QStringLiteral("backup.delete"), QStringLiteral("backup.download"),
                QStringLiteral("backup.file"), QStringLiteral("backup.create") }));
        // What was unpacked for somebody is gone again.
        QTRY_VERIFY(QDir(hub.dataFolder() + QStringLiteral("/staging")).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestApplication)
#include "tst_application.moc"
