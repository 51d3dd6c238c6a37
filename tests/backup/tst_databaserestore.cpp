// Databases restored over ones that programs may have open.

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

// A backup of source/app.db with the row 1; the database then goes on to the row 2.
QByteArray backUpThenGoOn(const Folder &folder, const char *mode = "WAL", int rows = 200)
{
    makeAccounts(folder / "source/app.db", rows, mode);
    Database db(folder / "source/app.db");
    db.run("UPDATE moves SET number=1");
    const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
    db.run("UPDATE moves SET number=2");
    return archive;
}

RestoreRequest hurried()
{
    RestoreRequest request;
    request.busyTimeout = 100ms;
    return request;
}

QByteArray partialIn(const QByteArray &folder)
{
    const QByteArray names = namesIn(folder).join(' ');
    return names.contains(".partial") ? names : QByteArray();
}

} // namespace

class TestDatabaseRestore : public QObject
{
    Q_OBJECT

private slots:
    void programsThatHaveItOpenSeeTheRestoredRows_data()
    {
        QTest::addColumn<QByteArray>("mode");
        QTest::newRow("write-ahead log") << QByteArray("WAL");
        QTest::newRow("rollback journal") << QByteArray("DELETE");
    }

    void programsThatHaveItOpenSeeTheRestoredRows()
    {
        QFETCH(QByteArray, mode);
        const Folder folder;
        const QByteArray archive = backUpThenGoOn(folder, mode.constData());
        Holder program(folder / "source/app.db", "SELECT * FROM moves");
        QCOMPARE(program.ask("SELECT number FROM moves"), "2");
        const quint64 inode = statusOf(folder / "source/app.db").st_ino;
        const auto restored = restoreInPlace(archive);
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(restored->replaced, 1);
        QCOMPARE(program.ask("SELECT number FROM moves"), "1");
        QCOMPARE(program.ask("UPDATE moves SET number=3 RETURNING number"), "3");
        QCOMPARE(quint64(statusOf(folder / "source/app.db").st_ino), inode);
        QCOMPARE(problemWithAccounts(folder / "source/app.db"), QByteArray());
        QCOMPARE(program.ask("PRAGMA journal_mode"), mode.toLower());
        // What was there is a database of its own, with what was only in the log.
        QCOMPARE(problemWithAccounts(folder / "source/app.db.before-restore"), QByteArray());
        QCOMPARE(AccountMover::movesIn(folder / "source/app.db.before-restore"), 2);
        QCOMPARE(partialIn(folder / "source"), QByteArray());
    }

    void aReaderInTheMiddleKeepsWhatItSees()
    {
        const Folder folder;
        const QByteArray archive = backUpThenGoOn(folder);
        Holder reader(folder / "source/app.db", "BEGIN; SELECT * FROM moves");
        const auto restored = restoreInPlace(archive, hurried());
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(reader.ask("SELECT number FROM moves"), "2");
        reader.ask("COMMIT");
        QCOMPARE(reader.ask("SELECT number FROM moves"), "1");
    }

    void aWriterThatNeverPausesFindsASoundDatabase()
    {
        const Folder folder;
        const QByteArray archive = backUpThenGoOn(folder, "WAL", 2000);
        AccountMover mover(folder / "source/app.db");
        QTRY_VERIFY(mover.commits() > 10);
        const auto restored = restoreInPlace(archive);
        QVERIFY2(restored, qPrintable(sentence(restored)));
        const qint64 then = mover.commits();
        QTRY_VERIFY(mover.commits() > then + 10);
        mover.stop();
        QCOMPARE(problemWithAccounts(folder / "source/app.db"), QByteArray());
        QCOMPARE(problemWithAccounts(folder / "source/app.db.before-restore"), QByteArray());
        QVERIFY(AccountMover::movesIn(folder / "source/app.db")
            < AccountMover::movesIn(folder / "source/app.db.before-restore") + mover.commits());
    }

    void aDatabaseThatStaysLockedIsNamedAndAsItWas_data()
    {
        QTest::addColumn<QByteArray>("mode");
        QTest::addColumn<QByteArray>("lock");
        QTest::newRow("writer") << QByteArray("WAL")
                                << QByteArray("BEGIN IMMEDIATE; UPDATE moves SET number=number");
        QTest::newRow("writer, journal") << QByteArray(
            "DELETE") << QByteArray("BEGIN IMMEDIATE; UPDATE moves SET number=number");
        QTest::newRow("reader, journal")
            << QByteArray("DELETE") << QByteArray("BEGIN; SELECT * FROM moves");
        QTest::newRow("exclusive") << QByteArray("DELETE") << QByteArray("BEGIN EXCLUSIVE");
    }

    void aDatabaseThatStaysLockedIsNamedAndAsItWas()
    {
        QFETCH(QByteArray, mode);
        QFETCH(QByteArray, lock);
        const Folder folder;
        const QByteArray archive = backUpThenGoOn(folder, mode.constData());
        {
            const Holder holder(folder / "source/app.db", lock.constData());
            const auto restored = restoreInPlace(archive, hurried());
            QVERIFY2(restored, qPrintable(sentence(restored)));
            QCOMPARE(restored->written, 0);
            QCOMPARE(restored->failed.size(), 1);
            QCOMPARE(restored->failed.first().path, "sources/source/app.db");
            const QString said = restored->failed.first().message;
            QVERIFY2(said.contains(QLatin1String("locked")) && said.contains(QLatin1String("stop")),
                qPrintable(said));
        }
        QCOMPARE(AccountMover::movesIn(folder / "source/app.db"), 2);
        QCOMPARE(namesIn(folder / "source").join(' '), "app.db");
    }

    void pageSizesMayDiffer_data()
    {
        QTest::addColumn<int>("ofBackup");
        QTest::addColumn<int>("ofTarget");
        QTest::addColumn<QByteArray>("mode");
        for (const int size : { 512, 1024, 4096, 16384, 65536 }) {
            for (const char *mode : { "WAL", "DELETE" }) {
                for (const int other : { 512, 4096, 65536 })
                    QTest::addRow("%d to %d, %s", size, other, mode)
                        << size << other << QByteArray(mode);
            }
        }
    }

    void pageSizesMayDiffer()
    {
        QFETCH(int, ofBackup);
        QFETCH(int, ofTarget);
        QFETCH(QByteArray, mode);
        const Folder folder;
        makeAccounts(folder / "source/app.db", 300, "WAL", ofBackup);
        QCOMPARE(Database(folder / "source/app.db").run("UPDATE moves SET number=1"), 0);
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        removeTree(folder / "source/app.db");
        makeAccounts(folder / "source/app.db", 100, mode.constData(), ofTarget);
        QCOMPARE(Database(folder / "source/app.db").run("UPDATE moves SET number=2"), 0);
        // Another program may have it open, as long as it is not in the middle of reading.
        auto program = std::make_unique<Holder>(folder / "source/app.db", "SELECT * FROM moves");
        if (mode == "WAL" && ofBackup != ofTarget)
            program.reset();
        const auto restored = restoreInPlace(archive, hurried());
        QVERIFY2(restored, qPrintable(sentence(restored)));
        if (program)
            QCOMPARE(program->ask("SELECT number FROM moves"), "1");
        program.reset();
        QCOMPARE(problemWithAccounts(folder / "source/app.db"), QByteArray());
        QCOMPARE(AccountMover::movesIn(folder / "source/app.db"), 1);
        QCOMPARE(Database(folder / "source/app.db").ask("SELECT count(*) FROM padding"), "300");
        // The mode is part of a database: it is the one that was backed up.
        QCOMPARE(Database(folder / "source/app.db").ask("PRAGMA journal_mode"), "wal");
        QCOMPARE(problemWithAccounts(folder / "source/app.db.before-restore"), QByteArray());
        QCOMPARE(AccountMover::movesIn(folder / "source/app.db.before-restore"), 2);
        QCOMPARE(partialIn(folder / "source"), QByteArray());
    }

    void anotherPageSizeUnderAReaderIsNamedAndSaysWhatToDo_data()
    {
        QTest::addColumn<QByteArray>("holding");
        QTest::newRow("reading") << QByteArray("BEGIN; SELECT * FROM moves");
        QTest::newRow("open") << QByteArray("SELECT * FROM moves");
    }

    void anotherPageSizeUnderAReaderIsNamedAndSaysWhatToDo()
    {
        QFETCH(QByteArray, holding);
        const Folder folder;
        makeAccounts(folder / "source/app.db", 300, "WAL", 4096);
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        removeTree(folder / "source/app.db");
        makeAccounts(folder / "source/app.db", 100, "WAL", 8192);
        {
            Database(folder / "source/app.db").run("UPDATE moves SET number=2");
            Holder reader(folder / "source/app.db", holding.constData());
            const auto restored = restoreInPlace(archive, hurried());
            QVERIFY2(restored, qPrintable(sentence(restored)));
            QCOMPARE(restored->written, 0);
            QCOMPARE(restored->failed.size(), 1);
            const QString said = restored->failed.first().message;
            QVERIFY2(said.contains(QLatin1String("pages of 4096 bytes"))
                    && said.contains(QLatin1String("stop the programs")),
                qPrintable(said));
            QCOMPARE(reader.ask("SELECT number FROM moves"), "2");
            QCOMPARE(reader.ask("PRAGMA journal_mode"), "wal");
        }
        QCOMPARE(problemWithAccounts(folder / "source/app.db"), QByteArray());
        QCOMPARE(namesIn(folder / "source").join(' '), "app.db");
    }

    void anUnchangedDatabaseIsLeftAlone_data() { programsThatHaveItOpenSeeTheRestoredRows_data(); }

    void anUnchangedDatabaseIsLeftAlone()
    {
        QFETCH(QByteArray, mode);
        const Folder folder;
        makeAccounts(folder / "source/app.db", 500, mode.constData());
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        const struct stat before = statusOf(folder / "source/app.db");
        const auto restored = restoreInPlace(archive);
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(restored->unchanged, 1);
        QCOMPARE(restored->written, 0);
        const struct stat after = statusOf(folder / "source/app.db");
        QCOMPARE(after.st_ino, before.st_ino);
        QCOMPARE(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
        QCOMPARE(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
        QCOMPARE(namesIn(folder / "source").join(' '), "app.db");
    }

    // Restoring twice does nothing the second time.
    void restoringTwiceChangesNothingMore()
    {
        const Folder folder;
        const QByteArray archive = backUpThenGoOn(folder);
        QCOMPARE(restoreInPlace(archive)->replaced, 1);
        const auto again = restoreInPlace(archive);
        QVERIFY2(again, qPrintable(sentence(again)));
        QCOMPARE(again->unchanged, 1);
        QVERIFY(!exists(folder / "source/app.db.before-restore.1"));
    }

    void copiesBeforeARestoreAreNumbered()
    {
        const Folder folder;
        const QByteArray archive = backUpThenGoOn(folder);
        for (int i = 2; i < 5; ++i) {
            Database(folder / "source/app.db")
                .run(("UPDATE moves SET number=" + QByteArray::number(i)).constData());
            QVERIFY(restoreInPlace(archive).ok());
        }
        QCOMPARE(AccountMover::movesIn(folder / "source/app.db.before-restore"), 2);
        QCOMPARE(AccountMover::movesIn(folder / "source/app.db.before-restore.1"), 3);
        QCOMPARE(AccountMover::movesIn(folder / "source/app.db.before-restore.2"), 4);
    }

    void whatIsKeptIsNoMoreReadableThanItWas()
    {
        const Folder folder;
        const QByteArray archive = backUpThenGoOn(folder);
        setMode(folder / "source/app.db", 0600);
        QVERIFY(restoreInPlace(archive).ok());
        QCOMPARE(statusOf(folder / "source/app.db.before-restore").st_mode & 07777, 0600U);
        if (::geteuid() != 0)
            return;
        QCOMPARE(::chown((folder / "source/app.db").constData(), 1234, 1234), 0);
        Database(folder / "source/app.db").run("UPDATE moves SET number=9");
        QVERIFY(restoreInPlace(archive).ok());
        QCOMPARE(statusOf(folder / "source/app.db.before-restore.1").st_uid, 1234U);
    }

    // Its log must not be played into the database that takes its place.
    void aDatabaseBeyondSqliteIsSetAsideWithItsLog()
    {
        const Folder folder;
        const QByteArray archive = backUpThenGoOn(folder);
        const QByteArray noise = randomBytes(20'000, 1);
        writeFile(folder / "source/app.db", "SQLite format 3" + QByteArray(1, '\0') + noise);
        writeFile(folder / "source/app.db-wal", noise);
        const auto restored = restoreInPlace(archive);
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(AccountMover::movesIn(folder / "source/app.db"), 1);
        QCOMPARE(readFile(folder / "source/app.db.before-restore").mid(16), noise);
        QCOMPARE(readFile(folder / "source/app.db-wal.before-restore"), noise);
    }

    // A log that fits the restored database to the byte would turn it back.
    void anOldLogIsNeverPlayedIntoWhatIsRestored_data()
    {
        QTest::addColumn<QByteArray>("mode");
        QTest::addColumn<QByteArray>("inItsPlace");
        for (const char *mode : { "WAL", "DELETE" }) {
            for (const char *there :
                { "noise", "a header and noise", "empty", "nothing", "a link" })
                QTest::addRow("%s, %s", mode, there) << QByteArray(mode) << QByteArray(there);
        }
    }

    void anOldLogIsNeverPlayedIntoWhatIsRestored()
    {
        QFETCH(QByteArray, mode);
        QFETCH(QByteArray, inItsPlace);
        const Folder folder;
        const QByteArray path = folder / "source/app.db";
        const QByteArray sidecar = mode == "WAL" ? "app.db-wal" : "app.db-journal";
        makeAccounts(path, 200, mode.constData());
        Database(path).run("UPDATE moves SET number=1");
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        QByteArray log;
        {
            // A transaction that has reached the database's file, as a crash leaves it.
            const Holder program(path,
                mode == "WAL" ? "PRAGMA wal_autocheckpoint=0; UPDATE moves SET number=2"
                              : "PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN; UPDATE padding "
                                "SET bytes=randomblob(360); UPDATE moves SET number=2");
            log = readFile(folder / "source/" + sidecar);
            QVERIFY(log.size() > 512);
        }
        const QByteArray noise = randomBytes(20'000, 1);
        removeTree(folder / "source");
        makeFolder(folder / "source");
        if (inItsPlace == "noise")
            writeFile(path, noise);
        else if (inItsPlace == "a header and noise")
            writeFile(path, "SQLite format 3" + QByteArray(1, '\0') + noise);
        else if (inItsPlace == "empty")
            writeFile(path, "");
        else if (inItsPlace == "a link")
            makeLink("nowhere", path);
        writeFile(folder / "source/" + sidecar, log);
        const auto restored = restoreInPlace(archive);
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(restored->written, 1);
        // A journal with something to open beside it is that one's, and SQLite plays it back there.
        if (mode == "WAL" || inItsPlace != "a header and noise")
            QVERIFY(readFile(folder / "source/" + sidecar + ".before-restore") == log);
        QVERIFY(!exists(folder / "source/" + sidecar));
        QCOMPARE(AccountMover::movesIn(path), 1);
        QCOMPARE(problemWithAccounts(path), QByteArray());
    }

    void aFileInItsPlaceIsSetAside()
    {
        const Folder folder;
        const QByteArray archive = backUpThenGoOn(folder);
        removeTree(folder / "source");
        writeFile(folder / "source/app.db", "some text");
        QVERIFY(restoreInPlace(archive).ok());
        QCOMPARE(AccountMover::movesIn(folder / "source/app.db"), 1);
        QCOMPARE(readFile(folder / "source/app.db.before-restore"), "some text");
    }

    void aLinkInItsPlaceIsNotWrittenThrough()
    {
        const Folder folder;
        const QByteArray archive = backUpThenGoOn(folder);
        ::rename((folder / "source/app.db").constData(), (folder / "other.db").constData());
        makeLink(folder / "other.db", folder / "source/app.db");
        QVERIFY(restoreInPlace(archive).ok());
        QCOMPARE(AccountMover::movesIn(folder / "other.db"), 2);
        QCOMPARE(AccountMover::movesIn(folder / "source/app.db"), 1);
        QCOMPARE(linkTarget(folder / "source/app.db.before-restore"), folder / "other.db");
    }

    void aDatabaseThatIsGoneComesBackAlone()
    {
        const Folder folder;
        const QByteArray archive = backUpThenGoOn(folder);
        setModified(folder / "source/app.db", 1'000'000'000, 0);
        removeTree(folder / "source");
        QVERIFY(restoreInPlace(archive).ok());
        QCOMPARE(namesIn(folder / "source").join(' '), "app.db");
        QCOMPARE(AccountMover::movesIn(folder / "source/app.db"), 1);
    }

    // As whoever deleted a database by hand leaves it.
    void aLogWithoutItsDatabaseIsSetAside()
    {
        const Folder folder;
        makeAccounts(folder / "source/app.db", 200, "WAL");
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        {
            const Holder holder(
                folder / "source/app.db", "PRAGMA wal_autocheckpoint=0; UPDATE moves SET number=7");
            writeFile(folder / "log", readFile(folder / "source/app.db-wal"));
        }
        removeTree(folder / "source/app.db");
        writeFile(folder / "source/app.db-wal", readFile(folder / "log"));
        QVERIFY(restoreInPlace(archive).ok());
        QCOMPARE(AccountMover::movesIn(folder / "source/app.db"), 0);
        QVERIFY(exists(folder / "source/app.db-wal.before-restore"));
    }
};

QTEST_GUILESS_MAIN(TestDatabaseRestore)
#include "tst_databaserestore.moc"
