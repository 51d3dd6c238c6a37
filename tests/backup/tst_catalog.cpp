#include "integrations/backup/catalog.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QJsonDocument>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

const QString nas = QStringLiteral("local.nas");
const QString offsite = QStringLiteral("rclone.offsite");

AgentBackup numbered(int n)
{
    AgentBackup b;
    b.created = QDateTime({ 2026, 2, 11 }, { 14, 30, n }, Qt::UTC);
    b.id = QStringLiteral("backup-20260211-1430%1-a1b2c3d4").arg(n, 2, 10, QLatin1Char('0'));
    b.filename = b.id + QLatin1String(".zip");
    b.size = 1000 + n;
    b.sha256 = QString(64, u'a');
    b.name = QStringLiteral("number %1").arg(n);
    return b;
}

struct Fixture
{
    Fixture() { reopen(); }
    void reopen()
    {
        catalog.reset();
        state.reset();
        auto opened = StateDatabase::open(QString::fromUtf8(folder / "state.db"));
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        state = std::move(*opened);
        auto read = Catalog::open(*state);
        if (!read)
            qFatal("%s", qPrintable(read.error().message));
        catalog = std::move(*read);
    }
    QStringList names() const
    {
        QStringList names;
        for (const CatalogEntry &entry : catalog->all())
            names.append(entry.backup.name);
        return names;
    }

    Folder folder;
    std::unique_ptr<StateDatabase> state;
    std::unique_ptr<Catalog> catalog;
};

} // namespace

class TestCatalog : public QObject
{
    Q_OBJECT

private slots:
    void aNewOneIsEmpty()
    {
        const Fixture f;
        QCOMPARE(f.catalog->all().size(), 0);
        QVERIFY(!f.catalog->find(numbered(1).id));
    }

    void whatIsSavedSurvivesARestart()
    {
        Fixture f;
        CatalogEntry entry { numbered(1), {}, { offsite } };
        entry.agents.insert(nas, { entry.backup.filename, 1001, QString(64, u'b'), true });
        QVERIFY(f.catalog->save(entry));
        f.reopen();
        QVERIFY(f.catalog->find(entry.backup.id) == entry);
        entry.failedAgents.clear();
        QVERIFY(f.catalog->save(entry));
        f.reopen();
        QVERIFY(f.catalog->all() == QList<CatalogEntry> { entry });
        QVERIFY(f.catalog->remove(entry.backup.id));
        f.reopen();
        QCOMPARE(f.catalog->all().size(), 0);
    }

    void theNewestComeFirst()
    {
        Fixture f;
        QVERIFY(f.catalog->refresh(nas, { numbered(2), numbered(9), numbered(5) }));
        QCOMPARE(f.names(),
            (QStringList { QStringLiteral("number 9"), QStringLiteral("number 5"),
                QStringLiteral("number 2") }));
        f.reopen();
        QCOMPARE(f.names().first(), QStringLiteral("number 9"));
    }

    void aBackupIsFoundByIdAndByFilename()
    {
        Fixture f;
        AgentBackup database = numbered(3);
        database.kind = BackupKind::Database;
        database.filename = QStringLiteral("shop_20260211_143003.db");
        QVERIFY(f.catalog->refresh(nas, { numbered(1), database }));
        QCOMPARE(f.catalog->find(database.filename)->backup.id, database.id);
        QCOMPARE(f.catalog->find(numbered(1).filename)->backup.id, numbered(1).id);
        QVERIFY(!f.catalog->find(QStringLiteral("shop")));
        QVERIFY(!f.catalog->find({}));
    }

    void whatAnAgentListsComesAndGoes()
    {
        Fixture f;
        QVERIFY(f.catalog->refresh(nas, { numbered(1), numbered(2) }));
        QVERIFY(f.catalog->refresh(offsite, { numbered(2) }));
        QCOMPARE(f.catalog->find(numbered(2).id)->agents.keys(), (QStringList { nas, offsite }));
        QVERIFY(f.catalog->refresh(nas, QList<AgentBackup>()));
        QVERIFY(!f.catalog->find(numbered(1).id)); // its last copy is gone
        QCOMPARE(f.catalog->find(numbered(2).id)->agents.keys(), QStringList { offsite });
        f.reopen();
        QCOMPARE(f.names(), QStringList { QStringLiteral("number 2") });
    }

    void anAgentThatMissedABackupAndHasItNowMissedNothing()
    {
        Fixture f;
        CatalogEntry entry { numbered(1), {}, { offsite } };
        entry.agents.insert(nas, { entry.backup.filename, 1001, entry.backup.sha256, false });
        QVERIFY(f.catalog->save(entry));
        QVERIFY(f.catalog->refresh(nas, { numbered(1) }));
        QCOMPARE(f.catalog->find(numbered(1).id)->failedAgents, QStringList { offsite });
        QVERIFY(f.catalog->refresh(offsite, { numbered(1) }));
        QCOMPARE(f.catalog->find(numbered(1).id)->failedAgents, QStringList());
    }

    void whatIsGoneAndWasNotDeletedHereIsToldAndTheNewestIsMissed()
    {
        Fixture f;
        const QString own(32, u'1');
        QList<AgentBackup> all;
        for (int n = 1; n <= 4; ++n) {
            AgentBackup backup = numbered(n);
            backup.instanceId = n == 4 ? QString(32, u'2') : own; // the last is another hub's
            backup.automatic = true;
            all.append(backup);
        }
        QVERIFY(f.catalog->refresh(nas, all, own)->isEmpty());
        QVERIFY(f.catalog->refresh(offsite, all.mid(1), own)->isEmpty());
        QVERIFY(f.catalog->noteLeaving(nas, { all[1].id }));
        f.reopen();
        const auto gone = f.catalog->refresh(nas, {}, own);
        QVERIFY(gone);
        QCOMPARE(gone->size(), 2);
        QCOMPARE(gone->at(0).id, all[0].id);
        QVERIFY(!gone->at(0).isMissed && gone->at(0).others.isEmpty());
        QCOMPARE(gone->at(1).id, all[2].id);
        QVERIFY(gone->at(1).isMissed);
        QCOMPARE(gone->at(1).others, QStringList { offsite });
        QCOMPARE(f.catalog->find(all[2].id)->failedAgents, QStringList { nas });
        QCOMPARE(f.catalog->find(all[1].id)->failedAgents, QStringList());
        QCOMPARE(f.catalog->find(all[1].id)->leavingAgents, QStringList());
        QCOMPARE(f.catalog->find(all[3].id)->failedAgents, QStringList());
        QVERIFY(!f.catalog->find(all[0].id));
        QVERIFY(f.catalog->refresh(nas, {}, own)->isEmpty()); // once
    }

    void aLaterProofIsNotForgotten()
    {
        Fixture f;
        QVERIFY(f.catalog->refresh(nas, { numbered(1) }));
        CatalogEntry entry = *f.catalog->find(numbered(1).id);
        entry.backup.verified = QDateTime({ 2026, 3, 1 }, { 0, 0 }, Qt::UTC);
        QVERIFY(f.catalog->save(entry));
        QVERIFY(f.catalog->refresh(nas, { numbered(1) }));
        QCOMPARE(f.catalog->find(numbered(1).id)->backup.verified, entry.backup.verified);
    }

    // An archive whose document is gone is listed by its manifest, which has no digest.
    void aDigestIsNotForgotten()
    {
        Fixture f;
        QVERIFY(f.catalog->refresh(nas, { numbered(1) }));
        AgentBackup undescribed = numbered(1);
        undescribed.sha256.clear();
        QVERIFY(f.catalog->refresh(nas, { undescribed }));
        QCOMPARE(f.catalog->find(numbered(1).id)->agents.value(nas).sha256, QString(64, u'a'));
    }

    void aRowThatCannotBeReadIsLeftOut()
    {
        Fixture f;
        QVERIFY(f.catalog->refresh(nas, { numbered(1), numbered(2) }));
        QVERIFY(
            f.state->run(QStringLiteral("UPDATE backups SET document = 'x' WHERE backup_id = ?"),
                { numbered(1).id }));
        f.reopen();
        QCOMPARE(f.names(), QStringList { QStringLiteral("number 2") });
        QVERIFY(f.catalog->refresh(nas, { numbered(1), numbered(2) }));
        QCOMPARE(f.names().size(), 2);
    }

    void aLostCatalogIsBuiltAgainFromTheAgents()
    {
        Fixture f;
        QVERIFY(f.catalog->refresh(nas, { numbered(1), numbered(2) }));
        QVERIFY(f.catalog->refresh(offsite, { numbered(2) }));
        const QList<CatalogEntry> before = f.catalog->all();
        f.catalog.reset();
        f.state.reset();
        for (const QByteArray &name : namesIn(f.folder.path()))
            removeTree(f.folder / name);
        f.reopen();
        QCOMPARE(f.catalog->all().size(), 0);
        QVERIFY(f.catalog->refresh(offsite, { numbered(2) }));
        QVERIFY(f.catalog->refresh(nas, { numbered(1), numbered(2) }));
        QVERIFY(f.catalog->all() == before);
    }

    void itsJsonIsTheContracts()
    {
        CatalogEntry entry { numbered(1), {}, { offsite } };
        entry.agents.insert(nas, { entry.backup.filename, 1001, QString(64, u'b'), true });
        const QByteArray expected
            = R"({"agents":{"local.nas":{"protected":true,"size":1001}},"automatic":false,)"
              R"("backup_id":"backup-20260211-143001-a1b2c3d4",)"
              R"("created_at":"2026-02-11T14:30:01.000Z","failed_agents":["rclone.offsite"],)"
              R"("filename":"backup-20260211-143001-a1b2c3d4.zip","kind":"archive",)"
              R"("name":"number 1","protected":false,"size":1001,"verified_at":null})";
        QCOMPARE(QJsonDocument(toJson(entry)).toJson(QJsonDocument::Compact), expected);
    }
};

QTEST_GUILESS_MAIN(TestCatalog)
#include "tst_catalog.moc"
