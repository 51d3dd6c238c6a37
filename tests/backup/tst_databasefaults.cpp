// Databases that are locked, damaged, encrypted or none.

#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QElapsedTimer>

#include <thread>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

// Opens, but its check fails: a page in its middle is noise.
void makeDamaged(const QByteArray &path, const char *journalMode = "DELETE")
{
    makeAccounts(path, 500, journalMode);
    overwriteAt(path, 20 * 4096, randomBytes(3 * 4096, 9));
}

// The path of a backup of that folder, which has one warning about name.
QByteArray backUpWithWarning(const Folder &folder, const char *name, const char *words)
{
    const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
    if (made.warnings.size() != 1 || !warnsAbout(made.warnings, folder / "source/" + name, words))
        qWarning() << made.warningCount
                   << (made.warnings.isEmpty() ? QString() : made.warnings[0].message);
    else
        return made.path;
    return {};
}

} // namespace

class TestDatabaseFaults : public QObject
{
    Q_OBJECT

private slots:
    void aLockedDatabaseInAFolderIsNamedAndTheRestIsBackedUp()
    {
        const Folder folder;
        makeAccounts(folder / "source/app.db", 10, "DELETE");
        writeFile(folder / "source/file", "x");
        const Holder holder(folder / "source/app.db", "BEGIN EXCLUSIVE");
        BackupRequest hurried = request(folder / "out", files(folder / "source"));
        hurried.busyTimeout = 50ms;
        const BackupOutcome made = mustRun(hurried);
        QCOMPARE(made.info.unreadable, 1);
        QVERIFY(warnsAbout(made.warnings, folder / "source/app.db", "locked"));
        QVERIFY(warnsAbout(made.warnings, folder / "source/app.db", "stop that program"));
        QCOMPARE(entriesOf(made.path).keys(),
            (QList<QByteArray> { "sources/source", "sources/source/file" }));
        QCOMPARE(namesIn(folder / "out").size(), 1);
    }

    void aLockedDatabaseAloneMakesNoBackup()
    {
        const Folder folder;
        makeAccounts(folder / "app.db", 10, "WAL");
        const Holder holder(
            folder / "app.db", "PRAGMA locking_mode=EXCLUSIVE; UPDATE moves SET number=1");
        BackupRequest hurried = request(folder / "out", database(folder / "app.db"));
        hurried.busyTimeout = 50ms;
        const auto outcome = run(hurried);
        QVERIFY(!outcome);
        QVERIFY2(
            sentence(outcome).contains(QLatin1String("locked")), qPrintable(sentence(outcome)));
        QVERIFY(namesIn(folder / "out").isEmpty());
    }

    void aDatabaseThatIsUnlockedInTimeIsBackedUp()
    {
        const Folder folder;
        makeAccounts(folder / "app.db", 10, "DELETE");
        auto holder = std::make_unique<Holder>(folder / "app.db", "BEGIN EXCLUSIVE");
        BackupRequest patient = request(folder / "out", database(folder / "app.db"));
        patient.busyTimeout = 60s;
        JobControl control;
        Result<BackupOutcome> outcome = Error {};
        std::thread job([&] { outcome = runBackup(patient, control); });
        QTRY_VERIFY(
            exists(folder / "out") && namesIn(folder / "out").join().contains(".spool.partial"));
        holder.reset();
        job.join();
        QVERIFY2(outcome, qPrintable(sentence(outcome)));
    }

    void waitingForALockCanBeCancelled()
    {
        const Folder folder;
        makeAccounts(folder / "app.db", 10, "DELETE");
        const Holder holder(folder / "app.db", "BEGIN EXCLUSIVE");
        BackupRequest patient = request(folder / "out", database(folder / "app.db"));
        patient.busyTimeout = 60s;
        JobControl control;
        Result<BackupOutcome> outcome = Error {};
        QElapsedTimer timer;
        timer.start();
        std::thread job([&] { outcome = runBackup(patient, control); });
        QTRY_VERIFY(exists(folder / "out") && !namesIn(folder / "out").isEmpty());
        control.cancel();
        job.join();
        QVERIFY(!outcome && outcome.error().code == ErrorCode::Cancelled);
        QVERIFY2(timer.elapsed() < 20'000, "it waited for the lock all the same");
        QVERIFY(namesIn(folder / "out").isEmpty());
    }

    void aDamagedDatabaseInAFolderIsCopiedAsItIsAndMarked_data()
    {
        QTest::addColumn<QByteArray>("mode");
        QTest::newRow("rollback journal") << QByteArray("DELETE");
        QTest::newRow("write-ahead log") << QByteArray("WAL");
    }

    void aDamagedDatabaseInAFolderIsCopiedAsItIsAndMarked()
    {
        QFETCH(QByteArray, mode);
        const Folder folder;
        makeDamaged(folder / "source/app.db", mode.constData());
        const QByteArray content = readFile(folder / "source/app.db");
        const QByteArray archive = backUpWithWarning(folder, "app.db", "damaged");
        QVERIFY(!archive.isEmpty());
        const ManifestEntry entry = entriesOf(archive).value("sources/source/app.db");
        QVERIFY(entry.database && !entry.database->damage.isEmpty());
        QVERIFY2(!entry.database->damage.contains('\n'), entry.database->damage.constData());
        QCOMPARE(problemsOf(archive), QStringList());
        JobControl control;
        WorkerPool pool(1);
        const Result<VerifyReport> report = runVerify(mustOpen(archive), {}, pool, control);
        QVERIFY(report && report->marks.size() == 1);
        QCOMPARE(report->marks.first().path, "sources/source/app.db");
        QVERIFY(restoreTo(archive, folder / "back").ok());
        QCOMPARE(readFile(folder / "back/source/app.db"), content);
    }

    // It is not taken for sound because nothing has changed since.
    void aDamagedDatabaseStaysMarkedInTheNextBackup()
    {
        const Folder folder;
        SetClock clock;
        makeDamaged(folder / "source/app.db");
        BackupRequest again = request(folder / "out", files(folder / "source"));
        again.clock = &clock;
        for (int i = 0; i < 2; ++i) {
            const BackupOutcome made = mustRun(again);
            clock.passDay();
            QVERIFY(warnsAbout(made.warnings, folder / "source/app.db", "damaged"));
            QVERIFY(
                !entriesOf(made.path).value("sources/source/app.db").database->damage.isEmpty());
        }
    }

    void aDamagedDatabaseAloneMakesNoBackup()
    {
        const Folder folder;
        SetClock clock;
        makeAccounts(folder / "app.db", 500, "DELETE");
        BackupRequest again = request(folder / "out", database(folder / "app.db"));
        again.clock = &clock;
        const BackupOutcome older = mustRun(again);
        overwriteAt(folder / "app.db", 20 * 4096, randomBytes(3 * 4096, 9));
        clock.passDay();
        const auto outcome = run(again);
        QVERIFY(!outcome);
        QVERIFY2(sentence(outcome).contains(QLatin1String("is damaged"))
                && sentence(outcome).contains(QLatin1String(".recover")),
            qPrintable(sentence(outcome)));
        QCOMPARE(namesIn(folder / "out").size(), 1);
        QCOMPARE(problemsOf(older.path), QStringList());
    }

    void whatSqliteCannotOpenIsCopiedAsItIsAndMarked_data()
    {
        QTest::addColumn<QByteArray>("content");
        const QByteArray magic("SQLite format 3\0", 16);
        QTest::newRow("its header only") << magic;
        QTest::newRow("zeros after the header") << magic + QByteArray(5000, '\0');
        QTest::newRow("noise after the header") << magic + randomBytes(500'000, 3);
        const Folder folder;
        makeAccounts(folder / "app.db", 5000, "DELETE");
        const QByteArray whole = readFile(folder / "app.db");
        QTest::newRow("cut off") << whole.left(whole.size() / 2);
        QTest::newRow("cut off in a page") << whole.left(whole.size() / 2 + 100);
        QTest::newRow("no schema") << whole.left(100) + QByteArray(3996, '\x55') + whole.mid(4096);
        // As SQLCipher does with a plain header.
        QTest::newRow("encrypted behind its header")
            << whole.left(100) + randomBytes(whole.size() - 100, 4);
    }

    void whatSqliteCannotOpenIsCopiedAsItIsAndMarked()
    {
        QFETCH(QByteArray, content);
        const Folder folder;
        writeFile(folder / "source/app.db", content);
        const QByteArray archive = backUpWithWarning(folder, "app.db", "damaged");
        QVERIFY(!archive.isEmpty());
        QCOMPARE(problemsOf(archive), QStringList());
        QVERIFY(restoreTo(archive, folder / "back").ok());
        QCOMPARE(readFile(folder / "back/source/app.db"), content);
        const auto alone = run(request(folder / "alone", database(folder / "source/app.db")));
        QVERIFY(!alone);
        QVERIFY(namesIn(folder / "alone").isEmpty());
    }

    void whatDoesNotBeginLikeADatabaseIsAFile_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("short") << QByteArray("SQLite format 3");
        QTest::newRow("text") << QByteArray("SQLite format 3.x is a file format of its own");
        QTest::newRow("encrypted") << randomBytes(100'000, 2);
    }

    void whatDoesNotBeginLikeADatabaseIsAFile()
    {
        QFETCH(QByteArray, content);
        const Folder folder;
        writeFile(folder / "source/app.db", content);
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
        QCOMPARE(made.warnings.size(), 0);
        QCOMPARE(made.info.counts().databases, 0);
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(readFile(folder / "back/source/app.db"), content);
        const auto alone = run(request(folder / "alone", database(folder / "source/app.db")));
        QVERIFY2(
            sentence(alone).contains(QLatin1String("is not an SQLite database, or is encrypted")),
            qPrintable(sentence(alone)));
        QVERIFY(namesIn(folder / "alone").isEmpty());
    }

    void aDatabaseThatIsGoneFailsItsSource()
    {
        const Folder folder;
        writeFile(folder / "a/file", "x");
        const BackupOutcome made
            = mustRun(request(folder / "out", files(folder / "a"), database(folder / "z.db")));
        QCOMPARE(made.info.failedSources.size(), 1);
        QCOMPARE(made.info.failedSources.first().name, QStringLiteral("z.db"));
    }

    // What a worker had read of a source that fails is not counted for the next one.
    void aFailedDatabaseLeavesNoTraceInTheOthers()
    {
        const Folder folder;
        makeDamaged(folder / "b.db");
        writeFile(folder / "a/file", "x");
        writeFile(folder / "c/file", "y");
        const BackupOutcome made = mustRun(request(
            folder / "out", files(folder / "a"), database(folder / "b.db"), files(folder / "c")));
        QCOMPARE(made.info.failedSources.size(), 1);
        QVERIFY(!entriesOf(made.path).contains("sources/b.db"));
        QCOMPARE(made.info.counts().files, 2);
        QCOMPARE(problemsOf(made.path), QStringList());
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(readFile(folder / "back/c/file"), "y");
    }

    void aDatabaseThatCannotBeReadIsNamed()
    {
        if (!AsNobody::isPossible())
            QSKIP("only root can become somebody else");
        const Folder folder;
        setMode(folder.path(), 0777);
        makeAccounts(folder / "source/app.db", 10, "WAL");
        setMode(folder / "source/app.db", 0600);
        const AsNobody nobody;
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
        QCOMPARE(made.info.unreadable, 1);
        QVERIFY(warnsAbout(made.warnings, folder / "source/app.db", "Permission denied"));
    }

    void noRoomForASnapshotIsOneSentence()
    {
        const TinyDisk disk(2 << 20);
        if (!disk.isMounted())
            QSKIP("mounting is not allowed here");
        const Folder folder;
        makeAccounts(folder / "app.db", 20'000, "WAL");
        const auto outcome = run(request(disk.path(), database(folder / "app.db")));
        QVERIFY(!outcome);
        QCOMPARE(outcome.error().code, ErrorCode::NoSpace);
        QVERIFY2(sentence(outcome).contains(QLatin1String("free some space")),
            qPrintable(sentence(outcome)));
        QVERIFY(namesIn(disk.path()).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestDatabaseFaults)
#include "tst_databasefaults.moc"
