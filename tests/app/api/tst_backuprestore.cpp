// ctest: slow
#include "tests/support/samplehub.h"

#include <QDir>
#include <QJsonArray>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::test;

class TestBackupRestore : public QObject
{
    Q_OBJECT

private slots:
    void nothingIsRestoredWithoutConfirm()
    {
        SampleHub hub;
        const QString id = hub.backUp();
        hub.write(text("site/one.txt"), "changed");
        for (const char *confirm : { "", R"(,"confirm":false)", R"(,"confirm":null)",
                 R"(,"confirm":"true")", R"(,"confirm":1)" }) {
            const QString body = text(R"({"backup_id":"%1"%2})").arg(id, text(confirm));
            QCOMPARE(ask(hub, body).status, 400);
        }
        QCOMPARE(hub.status().value(text("operation")).toString(), text("backup"));
        QCOMPARE(hub.read(text("site/one.txt")), QByteArray("changed"));
    }

    void whatCanNeverWorkIsRefusedAtOnce()
    {
        SampleHub hub;
        const QString id = hub.backUp();
        const QString known = text(R"({"backup_id":"%1","confirm":true,)").arg(id);
        QCOMPARE(ask(hub, text(R"({"confirm":true})")).status, 400);
        QCOMPARE(ask(hub, text(R"({"backup_id":"../x","confirm":true})")).status, 404);
        for (const char *rest :
            { R"("sources":["nope"]})", R"("sources":"site"})", R"("target":"relative"})",
                R"("restore_data":false,"restore_metadata":false})", R"("restore_data":"no"})" })
            QCOMPARE(ask(hub, known + text(rest)).status, 400);
        const Answer unknown = ask(hub, known + text(R"("inlcude":["*"]})"));
        QCOMPARE(unknown.status, 400);
        QVERIFY(unknown.message().contains(text("inlcude")));
    }

    void everySourceGoesBackAndWhatWasThereIsKept()
    {
        SampleHub hub;
        const QString id = hub.backUp();
        hub.write(text("site/one.txt"), "changed");
        QVERIFY(QFile::remove(hub.path(text("site/two.txt"))));
        hub.sql("DELETE FROM orders");
        const QJsonObject ended
            = hub.restore({ { text("backup_id"), id }, { text("restore_metadata"), false } });
        QCOMPARE(ended.value(text("operation")).toString(), text("restore"));
        QCOMPARE(ended.value(text("status")).toString(), text("completed"));
        QCOMPARE(hub.read(text("site/one.txt")), QByteArray("one"));
        QCOMPARE(hub.read(text("site/one.txt.before-restore")), QByteArray("changed"));
        QCOMPARE(hub.read(text("site/two.txt")), QByteArray("two"));
        QCOMPARE(hub.sql("SELECT count(*) FROM orders"), text("3"));
        // The ledger's own command took it.
        QCOMPARE(hub.read(text("loaded.txt")), QByteArray("the ledger\n"));
        QVERIFY(!QDir(hub.dataFolder() + text("/restore.staged")).exists());
    }

    void aPreviewTouchesNothing()
    {
        SampleHub hub;
        const QString id = hub.backUp();
        hub.write(text("site/one.txt"), "changed");
        const Answer preview = hub.post(text("/api/v1/backup/restore"),
            { { text("backup_id"), id }, { text("preview"), true },
                { text("sources"), QJsonArray { text("site") } },
                { text("restore_metadata"), false } });
        QCOMPARE(preview.status, 200);
        const QJsonObject found = preview.json();
        QCOMPARE(found.value(text("overwrites")).toInt(), 1);
        QCOMPARE(found.value(text("unchanged")).toInt(), 3);
        QCOMPARE(found.value(text("bytes")).toInt(), 3);
        QVERIFY(found.value(text("free_bytes")).toDouble() > 0);
        QCOMPARE(found.value(text("entries")).toArray().size(), 4);
        QCOMPARE(hub.read(text("site/one.txt")), QByteArray("changed"));
    }

    void aFolderGetsWhatWasAskedForAndNoMore_data()
    {
        QTest::addColumn<QByteArray>("wanted");
        QTest::addColumn<QString>("got");
        QTest::newRow("as it comes") << QByteArray("{}") << text("hub/data ledger shop site");
        QTest::newRow("all") << QByteArray(R"({"restore_config":true})")
                             << text("hub/config hub/data ledger shop site");
        QTest::newRow("sources") << QByteArray(R"({"restore_metadata":false})")
                                 << text("ledger shop site");
        QTest::newRow("configuration")
            << QByteArray(R"({"restore_metadata":false,"restore_config":true})")
            << text("hub/config ledger shop site");
        QTest::newRow("the hub alone")
            << QByteArray(R"({"restore_data":false,"restore_config":true})")
            << text("hub/config hub/data");
        QTest::newRow("its databases alone")
            << QByteArray(R"({"restore_data":false})") << text("hub/data");
        QTest::newRow("one source")
            << QByteArray(R"({"sources":["shop"],"restore_metadata":false})") << text("shop");
        QTest::newRow("some files")
            << QByteArray(R"({"include":["o*.txt"],"restore_metadata":false})") << text("site");
    }

    void aFolderGetsWhatWasAskedForAndNoMore()
    {
        QFETCH(const QByteArray, wanted);
        QFETCH(const QString, got);
        if (!m_hub) {
            m_hub = std::make_unique<SampleHub>();
            m_id = m_hub->backUp();
        }
        QTemporaryDir folder;
        const QString target = folder.filePath(text("to"));
        QJsonObject body = json(wanted);
        body.insert(text("backup_id"), m_id);
        body.insert(text("target"), target);
        QCOMPARE(m_hub->restore(body).value(text("status")).toString(), text("completed"));
        QStringList found;
        for (const QString &name : QDir(target).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            const QDir hubs(target + text("/hub"));
            if (name != text("hub"))
                found.append(name);
            else
                for (const QString &part : hubs.entryList(QDir::Dirs | QDir::NoDotAndDotDot))
                    found.append(text("hub/") + part);
        }
        found.sort();
        QCOMPARE(found.join(u' '), got);
        if (wanted.contains("include"))
            QCOMPARE(QDir(target + text("/site")).entryList(QDir::Files),
                QStringList { text("one.txt") });
    }

    void theHubItselfWaitsForItsNextStart()
    {
        SampleHub hub;
        const QByteArray token = hub.admin();
        const QString configuration = hub.dataFolder() + text("/config/hubkeep.yaml");
        const QString id = hub.backUp();
        QCOMPARE(hub.post(text("/api/v1/auth/users"),
                        json(R"({"username":"late","password":"long enough","role":"user"})"))
                     .status,
            201);
        QVERIFY(QFile::remove(configuration));
        QFile changed(configuration);
        QVERIFY(changed.open(QIODevice::WriteOnly));
        changed.write("hub: {name: Changed}\n");
        changed.close();
        const QJsonObject ended = hub.restore({ { text("backup_id"), id },
            { text("restore_data"), false }, { text("restore_config"), true } });
        QCOMPARE(ended[text("result")][text("restart_needed")], QJsonValue(true));
        QVERIFY(hub.get(text("/api/v1/auth/users")).body.contains("late"));

        hub.restart();
        const Answer users = hub.get(text("/api/v1/auth/users")); // the same token still opens
        QCOMPARE(users.status, 200);
        QVERIFY(!users.body.contains("late"));
        QVERIFY(changed.open(QIODevice::ReadOnly));
        QVERIFY(changed.readAll().contains("Sample"));
        const QJsonObject status = hub.status();
        QCOMPARE(status.value(text("operation")).toString(), text("restore"));
        QCOMPARE(status.value(text("status")).toString(), text("completed"));
        QCOMPARE(status.value(text("backup_id")).toString(), id);
        QVERIFY(QFile::exists(hub.dataFolder() + text("/data/state.db.before-restore")));
    }

    void aCancelledRestoreLeavesNothingForTheNextStart()
    {
        SampleHub hub;
        const QString id = hub.backUp();
        hub.hold();
        QCOMPARE(hub.post(text("/api/v1/backup/restore"),
                        { { text("backup_id"), id }, { text("confirm"), true } })
                     .status,
            202);
        QTRY_VERIFY(!hub.read(text("loaded.txt")).isEmpty()); // it is at the ledger
        QCOMPARE(hub.post(text("/api/v1/backup/cancel")).status, 202);
        QCOMPARE(hub.finish().value(text("status")).toString(), text("failed"));
        QVERIFY(!QDir(hub.dataFolder() + text("/restore.staged")).exists());
        hub.release();
        hub.restart();
        QVERIFY(!QFile::exists(hub.dataFolder() + text("/data/state.db.before-restore")));
    }

    void cleanupTestCase() { m_hub.reset(); }

private:
    static Answer ask(SampleHub &hub, const QString &body)
    {
        return hub.ask("POST", text("/api/v1/backup/restore"), hub.admin(), body.toUtf8());
    }

    std::unique_ptr<SampleHub> m_hub; // of the table's rows
    QString m_id;
};

QTEST_GUILESS_MAIN(TestBackupRestore)
#include "tst_backuprestore.moc"
