// One database as a plain file: complete, proved, and put back under the programs that use it.

#include "integrations/backup/databasesnapshot.h"

#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

Result<void> snapshot(const QByteArray &path, const QByteArray &target,
    const QList<QByteArray> &statements = {}, std::chrono::milliseconds patience = 2s)
{
    JobControl control;
    return snapshotDatabase(path, target, statements, patience, control);
}

Result<Written> putBack(const QByteArray &file, const QByteArray &path)
{
    JobControl control;
    return restoreDatabaseFile(file, path, 2s, control);
}

} // namespace

class TestDatabaseSnapshot : public QObject
{
    Q_OBJECT

private slots:
    void aLiveDatabaseBecomesOnePlainFile()
    {
        const Folder folder;
        makeAccounts(folder / "app/shop.db", 500, "WAL");
        const Holder program(folder / "app/shop.db", "UPDATE first SET amount = amount");
        makeFolder(folder / "out");
        QCOMPARE(sentence(snapshot(folder / "app/shop.db", folder / "out/shop_1.db")), QString());
        QCOMPARE(namesIn(folder / "out"), QList<QByteArray> { "shop_1.db" });
        QCOMPARE(problemWithAccounts(folder / "out/shop_1.db"), QByteArray());
        QCOMPARE(Database(folder / "out/shop_1.db").ask("PRAGMA journal_mode"), "delete");
        QCOMPARE(namesIn(folder / "out"), QList<QByteArray> { "shop_1.db" });
    }

    void aDatabaseInAFolderThatCannotBeWrittenIsCopiedWithItsLog()
    {
        if (!AsNobody::isPossible())
            QSKIP("Only root can become somebody without rights");
        const Folder folder;
        setMode(folder.path(), 0777);
        makeFolder(folder / "out");
        setMode(folder / "out", 0777);
        makeAccounts(folder / "app/shop.db", 100, "WAL");
        Holder program(folder / "app/shop.db", "UPDATE first SET amount = amount");
        // As a backup that lies on a medium that cannot be written: no shared memory.
        writeFile(folder / "medium/shop.db", readFile(folder / "app/shop.db"));
        writeFile(folder / "medium/shop.db-wal", readFile(folder / "app/shop.db-wal"));
        setMode(folder / "medium", 0555);
        setMode(folder / "medium/shop.db", 0444);
        setMode(folder / "medium/shop.db-wal", 0444);
        {
            const AsNobody nobody;
            QCOMPARE(sentence(snapshot(folder / "medium/shop.db", folder / "out/x.db")), QString());
        }
        QCOMPARE(problemWithAccounts(folder / "out/x.db"), QByteArray());
        QCOMPARE(namesIn(folder / "out"), QList<QByteArray> { "x.db" });
    }

    void whatAStatementRemovesIsInNoPage()
    {
        const Folder folder;
        const QByteArray secret = "correct horse battery staple";
        {
            Database db(folder / "state.db");
            QCOMPARE(db.run("PRAGMA journal_mode=WAL"), 0);
            QCOMPARE(db.run("CREATE TABLE tokens (id TEXT, hash TEXT)"), 0);
            QCOMPARE(db.run("CREATE TABLE old (note TEXT)"), 0);
            QCOMPARE(db.run(("INSERT INTO tokens VALUES ('a', '" + secret + "')").constData()), 0);
            // In a page that is free by now.
            QCOMPARE(db.run(("INSERT INTO old VALUES ('" + secret + "')").constData()), 0);
            QCOMPARE(db.run("DROP TABLE old"), 0);
        }
        QCOMPARE(sentence(snapshot(folder / "state.db", folder / "with.db")), QString());
        QVERIFY(readFile(folder / "with.db").contains(secret));
        QCOMPARE(sentence(snapshot(folder / "state.db", folder / "without.db",
                     { "UPDATE tokens SET hash = ''", "DELETE FROM not_there" })),
            QString());
        QVERIFY(!readFile(folder / "without.db").contains(secret));
        QCOMPARE(Database(folder / "without.db").ask("SELECT count(*) FROM tokens"), "1");
        QCOMPARE(Database(folder / "state.db").ask("SELECT hash FROM tokens"), secret);
    }

    void aStatementThatFailsFailsTheSnapshot()
    {
        const Folder folder;
        makeAccounts(folder / "state.db", 10, "WAL");
        const auto made
            = snapshot(folder / "state.db", folder / "x.db", { "UPDATE first SET nope = 1" });
        QVERIFY(!made);
        QVERIFY2(made.error().message.contains(QLatin1String("no such column")),
            qPrintable(made.error().message));
        QVERIFY(!exists(folder / "x.db"));
        QVERIFY(!exists(folder / "x.db.partial"));
    }

    void aDamagedDatabaseLeavesTheOlderSnapshot()
    {
        const Folder folder;
        makeAccounts(folder / "shop.db", 2000, "DELETE");
        overwriteAt(folder / "shop.db", 5 * 4096, QByteArray(8192, 'x'));
        writeFile(folder / "out/x.db", "older");
        const auto made = snapshot(folder / "shop.db", folder / "out/x.db");
        QVERIFY(!made);
        QCOMPARE(made.error().code, ErrorCode::Corrupt);
        QCOMPARE(readFile(folder / "out/x.db"), "older");
        QCOMPARE(namesIn(folder / "out"), QList<QByteArray> { "x.db" });
    }

    void cancellingLeavesNothing()
    {
        const Folder folder;
        makeAccounts(folder / "shop.db", 2000, "WAL");
        makeFolder(folder / "out");
        JobControl control;
        control.cancel();
        const auto made = snapshotDatabase(folder / "shop.db", folder / "out/x.db", 1s, control);
        QVERIFY(!made);
        QCOMPARE(made.error().code, ErrorCode::Cancelled);
        QVERIFY(namesIn(folder / "out").isEmpty());
    }

    void aSnapshotComesBackUnderTheProgramThatUsesTheDatabase()
    {
        const Folder folder;
        const QByteArray live = folder / "app/shop.db";
        makeAccounts(live, 500, "WAL");
        QCOMPARE(sentence(snapshot(live, folder / "x.db")), QString());
        Holder program(live, "DELETE FROM first");
        const auto restored = putBack(folder / "x.db", live);
        QCOMPARE(sentence(restored), QString());
        QCOMPARE(*restored, Written::Replaced);
        QVERIFY(program.ask("SELECT count(*) FROM first").toInt() > 0);
        QCOMPARE(problemWithAccounts(live), QByteArray());
        QCOMPARE(Database(live + ".before-restore").ask("SELECT count(*) FROM first"), "0");
        QVERIFY(*putBack(folder / "x.db", live) == Written::Unchanged);
    }

    void aDatabaseThatIsGoneComesBackUnderItsName()
    {
        const Folder folder;
        makeAccounts(folder / "shop.db", 50, "DELETE");
        const auto restored = putBack(folder / "shop.db", folder / "new/folder/shop.db");
        QCOMPARE(sentence(restored), QString());
        QCOMPARE(*restored, Written::New);
        QCOMPARE(problemWithAccounts(folder / "new/folder/shop.db"), QByteArray());
    }

    void aFileThatIsNoSoundDatabaseIsNotPutBack()
    {
        const Folder folder;
        makeAccounts(folder / "shop.db", 2000, "DELETE");
        const QByteArray before = readFile(folder / "shop.db");
        writeFile(folder / "text", "this is no database, however long it is");
        writeFile(folder / "damaged.db", before);
        overwriteAt(folder / "damaged.db", 5 * 4096, QByteArray(8192, 'x'));
        for (const char *file : { "text", "damaged.db" }) {
            const auto restored = putBack(folder / file, folder / "shop.db");
            QVERIFY(!restored);
            QCOMPARE(restored.error().code, ErrorCode::Corrupt);
        }
        QCOMPARE(readFile(folder / "shop.db"), before);
        QVERIFY(!exists(folder / "shop.db.before-restore"));
    }
};

QTEST_APPLESS_MAIN(TestDatabaseSnapshot)
#include "tst_databasesnapshot.moc"
