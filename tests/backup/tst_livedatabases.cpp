// Databases that other programs are writing into while they are backed up.

#include "integrations/backup/database.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QElapsedTimer>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

class TestLiveDatabases : public QObject
{
    Q_OBJECT

private slots:
    void aSnapshotIsAStateThatWas_data()
    {
        QTest::addColumn<QByteArray>("mode");
        QTest::addColumn<int>("rows");
        QTest::newRow("write-ahead log") << QByteArray("WAL") << 40'000;
        QTest::newRow("rollback journal") << QByteArray("DELETE") << 40'000;
        QTest::newRow("persistent journal") << QByteArray("PERSIST") << 10'000;
        QTest::newRow("one chunk") << QByteArray("WAL") << 500;
    }

    // Beside hard links to it and files like its own, which are looked into while it is copied:
    // a closed descriptor would drop the lock that keeps the writer out (architecture.md).
    void aSnapshotIsAStateThatWas()
    {
        QFETCH(QByteArray, mode);
        QFETCH(int, rows);
        const Folder folder;
        makeAccounts(folder / "source/m.db", rows, mode.constData());
        makeHardLink(folder / "source/m.db", folder / "source/n-link.db");
        makeHardLink(folder / "source/m.db", folder / "source/z-link.db");
        for (int i = 0; i < 300; ++i)
            writeFile(folder / "source/n" + QByteArray::number(i), randomBytes(20'000, quint32(i)));
        makeAccounts(folder / "source/z-other.db", 2000, "WAL");
        AccountMover mover(folder / "source/m.db");
        QTRY_VERIFY(mover.commits() > 50);
        QElapsedTimer timer;
        timer.start();
        const qint64 begin = mover.commits();
        for (int i = 0; i < 4; ++i) {
            const qint64 before = mover.commits();
            const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
            const qint64 after = mover.commits() + 1; // one may be on its way
            QCOMPARE(made.warnings.size(), 0);
            QCOMPARE(problemsOf(made.path), QStringList());
            const QByteArray back = folder / "back" + QByteArray::number(i);
            QVERIFY(restoreTo(made.path, back).ok());
            for (const char *name : { "m.db", "n-link.db", "z-link.db" }) {
                const QByteArray copy = back + "/source/" + name;
                QCOMPARE(problemWithAccounts(copy), QByteArray());
                const qint64 moves = AccountMover::movesIn(copy);
                QVERIFY2(moves >= before && moves <= after,
                    qPrintable(QStringLiteral("%1 <= %2 <= %3").arg(before).arg(moves).arg(after)));
            }
            removeTree(back);
        }
        const double rate = double(mover.commits() - begin) * 1000 / double(timer.elapsed());
        qInfo("%.0f commits a second", rate);
        if (mode == "WAL")
            QVERIFY2(rate >= 200, "the writer was held up");
    }

    void rowsThatAreOnlyInTheLogAreBackedUp()
    {
        const Folder folder;
        makeAccounts(folder / "source/app.db", 10, "WAL");
        Holder holder(
            folder / "source/app.db", "PRAGMA wal_autocheckpoint=0; UPDATE moves SET number=77");
        QVERIFY(statusOf(folder / "source/app.db-wal").st_size > 0);
        const QByteArray database = readFile(folder / "source/app.db");
        const QByteArray log = readFile(folder / "source/app.db-wal");
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
        QCOMPARE(entriesOf(made.path).keys(),
            (QList<QByteArray> { "sources/source", "sources/source/app.db" }));
        // A backup is no checkpoint: what other programs have is left as it is.
        QCOMPARE(readFile(folder / "source/app.db"), database);
        QCOMPARE(readFile(folder / "source/app.db-wal"), log);
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(namesIn(folder / "back/source"), (QList<QByteArray> { "app.db" }));
        QCOMPARE(AccountMover::movesIn(folder / "back/source/app.db"), 77);
    }

    // The program is gone, its log is still there.
    void rowsInALogThatWasLeftBehindAreBackedUp()
    {
        const Folder folder;
        makeLeftBehind(folder, "source");
        const QByteArray log = readFile(folder / "source/app.db-wal");
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
        QCOMPARE(readFile(folder / "source/app.db-wal"), log);
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(AccountMover::movesIn(folder / "back/source/app.db"), 77);
    }

    void rowsInTheLogSurviveAFolderThatCannotBeWritten()
    {
        if (!AsNobody::isPossible())
            QSKIP("only root can become somebody else");
        const Folder folder;
        makeLeftBehind(folder, "source");
        setMode(folder.path(), 0755);
        makeFolder(folder / "out");
        setMode(folder / "out", 0777);
        BackupOutcome made;
        {
            const AsNobody nobody;
            made = mustRun(request(folder / "out", files(folder / "source")));
        }
        QCOMPARE(made.warnings.size(), 0);
        QVERIFY(!exists(folder / "source/app.db-shm"));
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(problemWithAccounts(folder / "back/source/app.db"), QByteArray());
        QCOMPARE(AccountMover::movesIn(folder / "back/source/app.db"), 77);
    }

    void rowsInTheLogSurviveAFolderThatOnlyItsProgramCanWrite()
    {
        if (!AsNobody::isPossible())
            QSKIP("only root can become somebody else");
        const Folder folder;
        makeAccounts(folder / "source/app.db", 10, "WAL");
        Holder holder(
            folder / "source/app.db", "PRAGMA wal_autocheckpoint=0; UPDATE moves SET number=77");
        setMode(folder.path(), 0755);
        makeFolder(folder / "out");
        setMode(folder / "out", 0777);
        BackupOutcome made;
        {
            const AsNobody nobody;
            made = mustRun(request(folder / "out", files(folder / "source")));
        }
        QCOMPARE(made.warnings.size(), 0);
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(AccountMover::movesIn(folder / "back/source/app.db"), 77);
    }

    // As snapshotDatabase() promises to callers that keep their descriptor open.
    void aSnapshotDropsNoLockOfThisProcess()
    {
        const Folder folder;
        makeAccounts(folder / "app.db", 100, "DELETE");
        Database ours(folder / "app.db");
        QCOMPARE(ours.run("BEGIN IMMEDIATE; UPDATE moves SET number=5"), SQLITE_OK);
        const FileDescriptor sniffed(::open((folder / "app.db").constData(), O_RDONLY | O_CLOEXEC));
        JobControl control;
        const Result<Snapshot> snapshot
            = snapshotDatabase(folder / "app.db", folder / "copy.db", {}, control);
        QVERIFY2(snapshot, qPrintable(sentence(snapshot)));
        QVERIFY(runElsewhere(folder / "app.db", "UPDATE moves SET number=6").contains("locked"));
        QCOMPARE(ours.run("COMMIT"), SQLITE_OK);
        QCOMPARE(AccountMover::movesIn(folder / "copy.db"), 0);
        QCOMPARE(AccountMover::movesIn(folder / "app.db"), 5);
    }

    // A job does close descriptors of the databases that it backs up. Those of this process's
    // own connections are never a source (architecture.md); this pins what would happen.
    void aBackupDropsNoLockOfThisProcess()
    {
        const Folder folder;
        makeAccounts(folder / "source/app.db", 100, "DELETE");
        Database ours(folder / "source/app.db");
        QCOMPARE(ours.run("BEGIN IMMEDIATE; UPDATE moves SET number=5"), SQLITE_OK);
        mustRun(request(folder / "out", files(folder / "source")));
        const QByteArray elsewhere
            = runElsewhere(folder / "source/app.db", "UPDATE moves SET number=6");
        QEXPECT_FAIL(
            "", "files sources must not contain databases that this process has open", Continue);
        QVERIFY2(elsewhere.contains("locked"), elsewhere.constData());
        ours.run("ROLLBACK");
    }

    // Its log has the name that its program uses, which may not be the first one.
    void theNameWithTheLogHasWhatIsInTheLog()
    {
        const Folder folder;
        makeAccounts(folder / "source/m.db", 10, "WAL");
        makeHardLink(folder / "source/m.db", folder / "source/a-link.db");
        const Holder holder(
            folder / "source/m.db", "PRAGMA wal_autocheckpoint=0; UPDATE moves SET number=77");
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(AccountMover::movesIn(folder / "back/source/m.db"), 77);
    }

    void sourcesThatOverlapBothHaveTheDatabase()
    {
        const Folder folder;
        makeAccounts(folder / "source/in/app.db", 5000, "DELETE");
        AccountMover mover(folder / "source/in/app.db");
        QTRY_VERIFY(mover.commits() > 10);
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source"),
            files(folder / "source/in"), database(folder / "source/in/app.db")));
        QCOMPARE(made.info.counts().databases, 3);
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        for (const char *copy : { "source/in/app.db", "in/app.db", "app.db/app.db" })
            QCOMPARE(problemWithAccounts(folder / "back/" + copy), QByteArray());
    }

    void anUnfinishedTransactionIsNotInTheBackup()
    {
        const Folder folder;
        makeAccounts(folder / "source/app.db", 10, "WAL");
        Holder holder(folder / "source/app.db", "BEGIN; UPDATE moves SET number=77");
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(AccountMover::movesIn(folder / "back/source/app.db"), 0);
    }

    // A crash left a hot journal: what it undoes is not in the backup.
    void aHotJournalIsPlayedBack()
    {
        const Folder folder;
        makeAccounts(folder / "app.db", 3000, "DELETE");
        {
            Holder holder(folder / "app.db",
                "PRAGMA cache_size=5; PRAGMA cache_spill=5; BEGIN;"
                "UPDATE padding SET bytes=randomblob(360); UPDATE first SET amount=0");
            QVERIFY(statusOf(folder / "app.db-journal").st_size > 0);
            writeFile(folder / "source/app.db", readFile(folder / "app.db"));
            writeFile(folder / "source/app.db-journal", readFile(folder / "app.db-journal"));
        }
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(problemWithAccounts(folder / "back/source/app.db"), QByteArray());
    }

private:
    // source/app.db with a log that holds the row 77, and no program.
    static void makeLeftBehind(const Folder &folder, const QByteArray &source)
    {
        makeAccounts(folder / "app.db", 10, "WAL");
        const Holder holder(
            folder / "app.db", "PRAGMA wal_autocheckpoint=0; UPDATE moves SET number=77");
        writeFile(folder / source + "/app.db", readFile(folder / "app.db"));
        writeFile(folder / source + "/app.db-wal", readFile(folder / "app.db-wal"));
    }
};

QTEST_GUILESS_MAIN(TestLiveDatabases)
#include "tst_livedatabases.moc"
