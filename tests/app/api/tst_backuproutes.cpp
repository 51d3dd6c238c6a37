// ctest: slow
#include "tests/support/samplehub.h"

#include <QDir>
#include <QJsonArray>
#include <QRegularExpression>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

const QString base = text("/api/v1/backup");

QStringList visibleFiles(const QString &folder)
{
    return QDir(folder).entryList(QDir::Files);
}

} // namespace

class TestBackupRoutes : public QObject
{
    Q_OBJECT

private slots:
    void whileABackupRunsItSaysSoAndNothingElseBegins()
    {
        SampleHub hub;
        const QString before = hub.backUp();
        hub.hold();
        const Answer started = hub.post(base, json(R"({"name":"First"})"));
        QCOMPARE(started.status, 202);
        const QString id = started.json().value(text("backup_id")).toString();
        QCOMPARE(started.json(),
            (QJsonObject { { text("message"), text("Backup started") },
                { text("status"), text("running") }, { text("backup_id"), id } }));
        const QJsonObject running = hub.status();
        QCOMPARE(running.value(text("operation")).toString(), text("backup"));
        QCOMPARE(running.value(text("status")).toString(), text("running"));
        QCOMPARE(running.value(text("backup_id")).toString(), id);
        for (const char *field : { "stage", "total_files", "processed_files", "total_bytes",
                 "processed_bytes", "bytes_per_second", "seconds_left", "error" })
            QVERIFY2(running.contains(text(field)), field);

        const QString restore = text(R"({"backup_id":"%1","confirm":true})").arg(before);
        for (const Answer &refused : {
                 hub.post(base),
                 hub.post(base + text("?database=shop")),
                 hub.post(text("/api/v1/system/backup")),
                 hub.post(base + u'/' + before + text("/verify")),
                 hub.post(base + text("/restore"), json(restore.toUtf8())),
                 hub.ask("POST", base + text("/upload"), hub.admin(), "PK", "application/zip"),
             }) {
            QCOMPARE(refused.status, 409);
            QCOMPARE(refused.message(), text("Backup manager busy: create_backup"));
        }
        QCOMPARE(hub.status().value(text("backup_id")).toString(), id);
        hub.release();
        QCOMPARE(hub.finish().value(text("status")).toString(), text("completed"));
        QCOMPARE(hub.backups().size(), 2);
    }

    void theListHasWhatTheContractSays()
    {
        SampleHub hub;
        QCOMPARE(hub.status().value(text("status")).toString(), text("idle"));
        const QString older = hub.backUp(json(R"({"agents":["local.local","local.second"]})"));
        const QString newer = hub.backUp(json(R"({"name":"Only the site","sources":["site"],
            "include_hub":false,"agents":["backup.local"]})"));
        const QJsonArray backups = hub.backups();
        QCOMPARE(backups.size(), 2);
        const QJsonObject first = backups.first().toObject();
        QCOMPARE(first.value(text("backup_id")).toString(), newer);
        QCOMPARE(first.value(text("kind")).toString(), text("archive"));
        QCOMPARE(first.value(text("filename")).toString(), newer + text(".zip"));
        QCOMPARE(first.value(text("name")).toString(), text("Only the site"));
        QCOMPARE(first.value(text("automatic")), QJsonValue(false));
        QCOMPARE(first.value(text("protected")), QJsonValue(false));
        QCOMPARE(first.value(text("failed_agents")), QJsonValue(QJsonArray()));
        QVERIFY(first.value(text("created_at")).toString().endsWith(u'Z'));
        QVERIFY(first.value(text("verified_at")).isString());
        QCOMPARE(
            first.value(text("agents")).toObject().keys(), QStringList { text("local.local") });
        const QJsonObject last = backups.last().toObject();
        QCOMPARE(last.value(text("backup_id")).toString(), older);
        const QJsonObject agents = last.value(text("agents")).toObject();
        QCOMPARE(agents.keys(), (QStringList { text("local.local"), text("local.second") }));
        QCOMPARE(agents.value(text("local.second")).toObject(),
            (QJsonObject {
                { text("size"), last.value(text("size")) }, { text("protected"), false } }));
    }

    void cancellingLeavesNothing()
    {
        SampleHub hub;
        hub.hold();
        QCOMPARE(hub.post(base).status, 202);
        QCOMPARE(hub.post(base + text("/cancel")).status, 202);
        const QJsonObject ended = hub.finish();
        QCOMPARE(ended.value(text("status")).toString(), text("failed"));
        QVERIFY(ended.value(text("error")).toString().startsWith(text("Cancelled")));
        QVERIFY(hub.backups().isEmpty());
        QCOMPARE(visibleFiles(hub.dataFolder() + text("/backups")), QStringList());
        QTRY_COMPARE(visibleFiles(hub.dataFolder() + text("/staging")), QStringList());
    }

    void oneDatabaseComesByNameAndGoesBackIntoTheLiveOne()
    {
        SampleHub hub;
        const Answer made = hub.post(base + text("?database=shop"));
        QCOMPARE(made.status, 200);
        const QJsonObject snapshot = made.json();
        const QString file = snapshot.value(text("filename")).toString();
        QVERIFY2(QRegularExpression(text("\\Ashop_\\d{8}_\\d{6}\\.db\\z")).match(file).hasMatch(),
            qPrintable(file));
        QCOMPARE(snapshot.value(text("database")).toString(), text("shop"));
        const Answer bytes = hub.get(base + u'/' + file + text("/download"));
        QCOMPARE(bytes.contentType, QByteArray("application/x-sqlite3"));
        QVERIFY(bytes.body.startsWith(QByteArray("SQLite format 3\0", 16)));
        QCOMPARE(double(bytes.body.size()), snapshot.value(text("size")).toDouble());

        hub.sql("DELETE FROM orders WHERE id > 1");
        const Answer restored = hub.post(base + u'/' + file + text("/restore"));
        QCOMPARE(restored.status, 200);
        QCOMPARE(restored.json(),
            (QJsonObject { { text("database"), text("shop") }, { text("restored_from"), file } }));
        QCOMPARE(hub.sql("SELECT count(*) FROM orders"), text("3"));
        QVERIFY(QFile::exists(hub.path(text("shop.db.before-restore"))));

        QCOMPARE(hub.ask("DELETE", base + u'/' + file, hub.admin()).json(),
            json(R"({"status":"deleted"})"));
        QCOMPARE(hub.get(base + u'/' + file).status, 404);
    }

    void theHubsDatabasesComeByNameAndOthersDoNot()
    {
        SampleHub hub;
        for (const char *name : { "state", "history" })
            QCOMPARE(hub.post(base + text("?database=") + text(name)).status, 200);
        for (const char *name : { "ledger", "site", "nothing", "", "..%2fstate" })
            QCOMPARE(hub.post(base + text("?database=") + text(name)).status, 404);
    }

    void aSystemBackupIsStreamedAndStaysListed()
    {
        SampleHub hub;
        const Answer answer = hub.post(text("/api/v1/system/backup"));
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.contentType, QByteArray("application/zip"));
        QVERIFY(answer.body.startsWith("PK"));
        const QJsonObject listed = hub.backups().first().toObject();
        const QByteArray file = listed.value(text("filename")).toString().toLatin1();
        QCOMPARE(answer.headers.value("content-disposition"),
            QByteArray("attachment; filename=\"" + file + '"'));
        QCOMPARE(double(answer.body.size()), listed.value(text("size")).toDouble());
    }

    void aProofShowsInTheStatusAndTheList()
    {
        SampleHub hub;
        const QString id = hub.backUp();
        const auto provedAt = [&] { return hub.backups().first()[text("verified_at")].toString(); };
        const QString before = provedAt();
        QCOMPARE(hub.post(base + u'/' + id + text("/verify")).status, 202);
        QJsonObject ended = hub.finish();
        QCOMPARE(ended.value(text("operation")).toString(), text("verify"));
        QCOMPARE(ended.value(text("status")).toString(), text("completed"));
        QVERIFY(provedAt() > before);

        QFile file(hub.dataFolder() + text("/backups/") + id + text(".zip"));
        QVERIFY(file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.seek(file.size() / 3));
        QCOMPARE(file.write("damage"), 6);
        file.close();
        QCOMPARE(hub.post(base + u'/' + id + text("/verify")).status, 202);
        ended = hub.finish();
        QCOMPARE(ended.value(text("status")).toString(), text("failed"));
        QVERIFY(!ended.value(text("error")).toString().isEmpty());
    }

    void aBackupIsDeletedFromEveryAgent()
    {
        SampleHub hub;
        const QString id = hub.backUp(json(R"({"agents":["local.local","local.second"]})"));
        QCOMPARE(visibleFiles(hub.path(text("second"))).size(), 2);
        const Answer deleted = hub.ask("DELETE", base + u'/' + id + text(".zip"), hub.admin());
        QCOMPARE(deleted.status, 200);
        QCOMPARE(deleted.json(), json(R"({"status":"deleted"})"));
        QCOMPARE(visibleFiles(hub.path(text("second"))), QStringList());
        QCOMPARE(visibleFiles(hub.dataFolder() + text("/backups")), QStringList());
        QCOMPARE(hub.ask("DELETE", base + u'/' + id, hub.admin()).status, 404);
    }

    void settingsThatNameWhatThereIsNotAreRefused_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *body, const char *says) {
            QTest::newRow(body) << QByteArray(body) << text(says);
        };
        row(R"({"create_backup":{"agent_ids":["local.local","local.secnod"]}})",
            "create_backup.agent_ids: There is no agent 'local.secnod'; did you mean "
            "'local.second'?");
        row(R"({"create_backup":{"include_sources":["shop","sit"]}})",
            "create_backup.include_sources: There is no source 'sit'; did you mean 'site'?");
        row(R"({"agents":{"moon.base":{"protected":false}}})",
            "agents: There is no agent 'moon.base'");
    }

    void settingsThatNameWhatThereIsNotAreRefused()
    {
        QFETCH(QByteArray, body);
        QFETCH(QString, says);
        SampleHub hub;
        const QString settings = base + text("/settings");
        const QJsonObject before = hub.get(settings).json();
        const Answer refused = hub.ask("PUT", settings, hub.admin(), body);
        QCOMPARE(refused.status, 400);
        QCOMPARE(refused.json().value(text("code")).toString(), text("invalid_argument"));
        QCOMPARE(refused.json().value(text("message")).toString(), says);
        QCOMPARE(hub.get(settings).json(), before);
    }

    void settingsAreMergedAndThePasswordIsNeverSentBack()
    {
        SampleHub hub;
        const QString settings = base + text("/settings");
        const auto put
            = [&](const char *body) { return hub.ask("PUT", settings, hub.admin(), body); };
        QCOMPARE(put(R"({"create_backup":{"agent_ids":["backup.local"],"name":"Nightly",
            "password":"never-to-be-seen"},"retention":{"copies":3,"days":9}})")
                     .status,
            200);
        QCOMPARE(put(R"({"create_backup":{"include_sources":["site"],"include_addons":[]},
            "agents":{"backup.local":{"protected":false}},"retention":{"days":7},
            "automatic_backups_configured":true})")
                     .status,
            200);
        const Answer now = hub.get(settings);
        const QJsonObject create = now.json().value(text("create_backup")).toObject();
        QCOMPARE(create.value(text("agent_ids")), QJsonValue(QJsonArray { text("local.local") }));
        QCOMPARE(create.value(text("name")).toString(), text("Nightly"));
        QCOMPARE(create.value(text("include_sources")), QJsonValue(QJsonArray { text("site") }));
        QVERIFY(create.value(text("password")).isNull());
        QCOMPARE(create.value(text("password_set")), QJsonValue(true));
        QCOMPARE(put(now.body.constData()).status, 200); // as somebody edits it
        QCOMPARE(hub.get(settings).json(), now.json());
        QCOMPARE(now.json().value(text("agents")).toObject().keys(),
            QStringList { text("local.local") });
        const QJsonObject retention = now.json().value(text("retention")).toObject();
        QVERIFY(retention.value(text("copies")).isNull());
        QCOMPARE(retention.value(text("days")).toInt(), 7);

        const QString id = hub.backUp();
        const QString snapshot
            = hub.post(base + text("?database=state")).json().value(text("filename")).toString();
        QFile live(hub.dataFolder() + text("/data/state.db-wal"));
        QVERIFY(live.open(QIODevice::ReadOnly));
        QVERIFY(live.readAll().contains("never-to-be-seen")); // so the others prove something
        for (const Answer &answer : { now, hub.get(text("/api/v1/audit")),
                 hub.get(text("/api/error_log")), hub.get(base + u'/' + id),
                 hub.get(base + u'/' + id + text("/file?path=hub/data/state.db")),
                 hub.get(base + u'/' + snapshot + text("/download")) }) {
            QCOMPARE(answer.status, 200);
            QVERIFY(!answer.body.contains("never-to-be-seen"));
        }
    }
};

QTEST_GUILESS_MAIN(TestBackupRoutes)
#include "tst_backuproutes.moc"
