// ctest: threaded
// What a backup takes over from the one before, and what it must not.

#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

// One plan, backed up day by day.
struct Days
{
    Folder folder;
    SetClock clock;
    BackupRequest plan = request(folder / "out", files(folder / "source"));

    Days() { plan.clock = &clock; }
    BackupOutcome backUp()
    {
        clock.passDay();
        return mustRun(plan);
    }
    // The differences between the source and what comes back of it.
    QStringList differencesOf(const BackupOutcome &made)
    {
        const QStringList problems = problemsOf(made.path);
        if (!problems.isEmpty())
            return problems;
        const QByteArray back = folder / "back-" + made.info.id.toLatin1();
        const auto restored = restoreTo(made.path, back);
        return restored ? treeDifferences(folder / "source", back + "/source")
                        : QStringList { sentence(restored) };
    }
};

void flipByte(const QByteArray &archive, qint64 offset)
{
    setMode(archive, 0600);
    const char byte = char(readFile(archive)[qsizetype(offset)] ^ 0x10);
    overwriteAt(archive, offset, QByteArray(1, byte));
    setMode(archive, 0400);
}

// Where the content of an entry lies in the archive.
qint64 offsetOf(const QByteArray &path, const QByteArray &name)
{
    const ArchiveReader archive = mustOpen(path);
    EntryStream entries(archive);
    for (;;) {
        const auto entry = entries.next();
        if (!entry || !*entry)
            qFatal("There is no %s", name.constData());
        if ((*entry)->manifest.name == name)
            return (*entry)->contentOffset();
    }
}

} // namespace

class TestReuse : public QObject
{
    Q_OBJECT

private slots:
    void everythingUnchangedIsTakenOver()
    {
        Days days;
        for (int i = 0; i < 200; ++i)
            writeFile(days.folder / "source/small/" + QByteArray::number(i),
                randomBytes(5000, quint32(i)));
        writeFile(days.folder / "source/large", randomBytes(5'000'000, 1));
        writeFile(days.folder / "source/text", someText(3'000'000));
        makeLink("large", days.folder / "source/link");
        makeHardLink(days.folder / "source/large", days.folder / "source/large-too");
        const BackupOutcome first = days.backUp();
        QCOMPARE(first.reusedBytes, 0);
        const BackupOutcome second = days.backUp();
        QVERIFY2(second.reusedBytes >= 200 * 5000 + 5'000'000 + 3'000'000,
            qPrintable(QString::number(second.reusedBytes)));
        QVERIFY(qAbs(second.size - first.size) < 200);
        QCOMPARE(days.differencesOf(second), QStringList());
        // Each is complete without the others.
        removeTree(first.path);
        const BackupOutcome third = days.backUp();
        removeTree(second.path);
        QCOMPARE(days.differencesOf(third), QStringList());
    }

    void fullTakesNothingOver()
    {
        Days days;
        writeFile(days.folder / "source/file", randomBytes(2'000'000, 1));
        days.backUp();
        days.plan.full = true;
        const BackupOutcome full = days.backUp();
        QCOMPARE(full.reusedBytes, 0);
        QCOMPARE(days.differencesOf(full), QStringList());
        days.plan.full = false;
        QCOMPARE(days.backUp().reusedBytes, 2'000'000);
    }

    void onlyTheSamePlanIsTakenOverFrom()
    {
        Days days;
        writeFile(days.folder / "source/file", randomBytes(10'000, 1));
        writeFile(days.folder / "other/file", randomBytes(10'000, 2));
        days.backUp();
        BackupRequest both = request(
            days.folder / "out", files(days.folder / "source"), files(days.folder / "other"));
        days.clock.passDay();
        both.clock = &days.clock;
        QCOMPARE(mustRun(both).reusedBytes, 0);
        QCOMPARE(days.backUp().reusedBytes, 10'000);
    }

    void whatChangedIsReadAgain_data()
    {
        QTest::addColumn<int>("size");
        QTest::newRow("small") << 10'000;
        QTest::newRow("large") << 3'000'000;
    }

    void whatChangedIsReadAgain()
    {
        QFETCH(int, size);
        Days days;
        const QByteArray file = days.folder / "source/file";
        writeFile(file, randomBytes(size, 1));
        days.backUp();
        const auto backsUpRight = [&] { return days.differencesOf(days.backUp()); };
        overwriteAt(file, 100, "changed"); // the same length
        QCOMPARE(backsUpRight(), QStringList());
        appendToFile(file, "longer");
        QCOMPARE(backsUpRight(), QStringList());
        QCOMPARE(::truncate(file.constData(), size / 2), 0);
        QCOMPARE(backsUpRight(), QStringList());
        setMode(file, 0640); // metadata alone
        QCOMPARE(backsUpRight(), QStringList());
        setModified(file, 1'000'000'000, 1);
        QCOMPARE(backsUpRight(), QStringList());
        setAttribute(file, "user.tag", "new");
        QCOMPARE(backsUpRight(), QStringList());
        removeTree(file); // something else of the same name
        makeLink("nowhere", file);
        QCOMPARE(backsUpRight(), QStringList());
        removeTree(file);
        writeFile(file + "/now/a folder", "x");
        QCOMPARE(backsUpRight(), QStringList());
        removeTree(file);
        writeFile(file, randomBytes(size, 2));
        QCOMPARE(backsUpRight(), QStringList());
    }

    // cp -p, rsync -t, tar x: the same size and time, another file.
    void aFileWhoseTimeWasSetBackIsReadAgain()
    {
        Days days;
        const QByteArray file = days.folder / "source/file";
        writeFile(file, randomBytes(10'000, 1));
        setModified(file, 1'700'000'000, 42);
        days.backUp();
        overwriteAt(file, 0, "changed");
        setModified(file, 1'700'000'000, 42);
        QCOMPARE(days.differencesOf(days.backUp()), QStringList());
        // And a rename over it.
        writeFile(days.folder / "new", randomBytes(10'000, 3));
        setModified(days.folder / "new", 1'700'000'000, 42);
        QCOMPARE(::rename((days.folder / "new").constData(), file.constData()), 0);
        QCOMPARE(days.differencesOf(days.backUp()), QStringList());
    }

    void aFileThatWasTouchedIsReadAgainAndTheSame()
    {
        Days days;
        writeFile(days.folder / "source/large", randomBytes(4'000'000, 1));
        days.backUp();
        setModified(days.folder / "source/large", 1'234'567'890, 0);
        const BackupOutcome touched = days.backUp();
        // Read, compared chunk by chunk, and not compressed again.
        QCOMPARE(touched.reusedBytes, 4'000'000);
        QCOMPARE(days.differencesOf(touched), QStringList());
    }

    // Changed within the clock's tick of the backup before: the times may be the same.
    void aFileAsYoungAsTheBackupBeforeIsReadAgain()
    {
        Days days;
        const QByteArray file = days.folder / "source/file";
        writeFile(file, randomBytes(10'000, 1));
        days.clock.set(QDateTime::currentDateTimeUtc().addDays(-1)); // backUp() adds the day
        days.backUp();
        const BackupOutcome second = days.backUp();
        QCOMPARE(second.reusedBytes, 0);
        QCOMPARE(days.backUp().reusedBytes, 10'000);
    }

    void aChangedChunkLeavesTheOthersTakenOver()
    {
        Days days;
        const QByteArray file = days.folder / "source/file";
        writeFile(file, someText(20 << 20));
        const BackupOutcome first = days.backUp();
        overwriteAt(file, (7 << 20) + 5, "changed");
        const BackupOutcome second = days.backUp();
        QCOMPARE(days.differencesOf(second), QStringList());
        const auto chunks = [](const QByteArray &path) {
            const ArchiveReader archive = mustOpen(path);
            EntryStream entries(archive);
            for (;;) {
                const auto entry = entries.next();
                if ((*entry)->manifest.hasChunkTable())
                    return *archive.chunkRecords(**entry, 0, 20);
            }
        };
        const std::vector<ChunkRecord> before = chunks(first.path);
        const std::vector<ChunkRecord> after = chunks(second.path);
        for (size_t i = 0; i < before.size(); ++i)
            QCOMPARE(after[i].digest == before[i].digest, i != 7);
    }

    void databasesAreTakenOverUntilTheyChange()
    {
        Days days;
        makeAccounts(days.folder / "source/app.db", 5000, "WAL");
        days.backUp();
        QVERIFY(days.backUp().reusedBytes > 1'000'000);
        Database(days.folder / "source/app.db").run("UPDATE moves SET number=5");
        const BackupOutcome changed = days.backUp();
        QVERIFY(restoreTo(changed.path, days.folder / "back").ok());
        QCOMPARE(AccountMover::movesIn(days.folder / "back/source/app.db"), 5);
        // What changes is in the log alone, and the database's file does not.
        Database open(days.folder / "source/app.db");
        open.run("PRAGMA wal_autocheckpoint=0; UPDATE moves SET number=6");
        for (int number = 7; number < 9; ++number) {
            open.run(("UPDATE moves SET number=" + QByteArray::number(number)).constData());
            const BackupOutcome made = days.backUp();
            const QByteArray back = days.folder / "back" + QByteArray::number(number);
            QVERIFY(restoreTo(made.path, back).ok());
            QCOMPARE(AccountMover::movesIn(back + "/source/app.db"), number);
        }
    }

    void aDamagedFileOfTheBackupBeforeIsReadAgainAndNamed_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("small") << QByteArray("small");
        QTest::newRow("large") << QByteArray("large");
        QTest::newRow("database") << QByteArray("app.db");
    }

    void aDamagedFileOfTheBackupBeforeIsReadAgainAndNamed()
    {
        QFETCH(QByteArray, name);
        Days days;
        writeFile(days.folder / "source/other", randomBytes(5000, 7));
        if (name == "app.db")
            makeAccounts(days.folder / "source/app.db", 5000, "DELETE");
        else
            writeFile(
                days.folder / "source/" + name, randomBytes(name == "small" ? 5000 : 5'000'000, 1));
        const BackupOutcome first = days.backUp();
        flipByte(first.path, offsetOf(first.path, "sources/source/" + name) + 3000);
        QVERIFY(!problemsOf(first.path).isEmpty());
        const BackupOutcome second = days.backUp();
        QVERIFY(warnsAbout(second.warnings, first.path, "run hubkeep verify on it"));
        QCOMPARE(second.info.unreadable, 0);
        QCOMPARE(problemsOf(second.path), QStringList());
        if (name != "app.db")
            QCOMPARE(days.differencesOf(second), QStringList());
        const BackupOutcome third = days.backUp();
        QVERIFY(third.warnings.isEmpty());
    }

    void aBackupBeforeThatCannotBeOpenedIsPassedOver()
    {
        Days days;
        writeFile(days.folder / "source/file", randomBytes(5000, 1));
        days.backUp();
        const BackupOutcome second = days.backUp();
        setMode(second.path, 0600);
        QCOMPARE(::truncate(second.path.constData(), second.size - 10), 0);
        const BackupOutcome third = days.backUp();
        QCOMPARE(third.reusedBytes, 5000); // from the first
        QCOMPARE(days.differencesOf(third), QStringList());
    }

    void afterADamagedManifestTheBackupIsMadeInFull_data()
    {
        QTest::addColumn<QByteArray>("table");
        QTest::addColumn<int>("part"); // where in it, in percent
        for (const char *table : { entriesTableName, chunksTableName }) {
            for (const int part : { 0, 5, 50, 95 })
                QTest::addRow("%s at %d%%", table, part) << QByteArray(table) << part;
        }
    }

    void afterADamagedManifestTheBackupIsMadeInFull()
    {
        QFETCH(QByteArray, table);
        QFETCH(int, part);
        Days days;
        for (int i = 0; i < 50; ++i)
            writeFile(
                days.folder / "source/" + QByteArray::number(i), randomBytes(500, quint32(i)));
        writeFile(days.folder / "source/large", randomBytes(5'000'000, 1));
        makeAccounts(days.folder / "source/app.db", 5000, "DELETE");
        const BackupOutcome first = days.backUp();
        const QByteArray content = readFile(first.path);
        const qsizetype start = content.indexOf(table) + table.size() + 40; // its header's fields
        const qsizetype end = content.indexOf("PK", start);
        flipByte(first.path, start + (end - start) * part / 100);
        QVERIFY(!problemsOf(first.path).isEmpty());
        const BackupOutcome second = days.backUp();
        QCOMPARE(second.reusedBytes, 0);
        QVERIFY(warnsAbout(second.warnings, first.path, "Run hubkeep verify on it"));
        QCOMPARE(second.info.unreadable, 0);
        QCOMPARE(problemsOf(second.path), QStringList());
        const auto restored = restoreTo(second.path, days.folder / "back");
        QVERIFY2(restored, qPrintable(sentence(restored)));
        for (const char *name : { "0", "49", "large" })
            QVERIFY(readFile(days.folder / "back/source/" + name)
                == readFile(days.folder / "source/" + name));
        QCOMPARE(problemWithAccounts(days.folder / "back/source/app.db"), QByteArray());
        const BackupOutcome third = days.backUp();
        QVERIFY(third.warnings.isEmpty());
        QVERIFY(third.reusedBytes > 5'000'000);
    }

    // Sizes, holes and all, when a sparse file is taken over.
    void sparseFilesStaySparse()
    {
        Days days;
        writeFile(days.folder / "source/image", "begins");
        QCOMPARE(::truncate((days.folder / "source/image").constData(), 50 << 20), 0);
        days.backUp();
        const BackupOutcome second = days.backUp();
        QCOMPARE(second.reusedBytes, 50 << 20);
        QCOMPARE(days.differencesOf(second), QStringList());
        QVERIFY(
            statusOf(days.folder / "back-" + second.info.id.toLatin1() + "/source/image").st_blocks
            < 1000);
    }

    // As the hub has it: made in a staging folder, kept on agents.
    void theBackupBeforeMayLieInOtherFolders()
    {
        Days days;
        writeFile(days.folder / "source/large", randomBytes(5'000'000, 1));
        const BackupOutcome first = days.backUp();
        makeFolder(days.folder / "agent");
        makeFolder(days.folder / "older");
        const QByteArray name = first.path.mid(first.path.lastIndexOf('/'));
        QCOMPARE(::rename(first.path.constData(), (days.folder / "agent" + name).constData()), 0);
        QCOMPARE(days.backUp().reusedBytes, 0); // nobody said where to look
        removeTree(days.folder / "out");
        days.plan.previousFolders
            = { days.folder / "older", days.folder / "not-there", days.folder / "agent" };
        const BackupOutcome second = days.backUp();
        QCOMPARE(second.reusedBytes, 5'000'000);
        QCOMPARE(days.differencesOf(second), QStringList());
    }

    void theNewestOfAllFoldersIsTheOneBefore()
    {
        Days days;
        writeFile(days.folder / "source/large", randomBytes(2'000'000, 1));
        makeFolder(days.folder / "agent");
        const BackupOutcome older = days.backUp();
        const QByteArray name = older.path.mid(older.path.lastIndexOf('/'));
        QCOMPARE(::rename(older.path.constData(), (days.folder / "agent" + name).constData()), 0);
        days.plan.previousFolders = { days.folder / "agent" };
        writeFile(days.folder / "source/second", randomBytes(3'000'000, 2));
        days.backUp();
        QCOMPARE(days.backUp().reusedBytes, 5'000'000);
    }

    void whereBackupsAreKeptIsNotBackedUp()
    {
        Days days;
        writeFile(days.folder / "source/file", "x");
        writeFile(days.folder / "source/backups/old.zip", "x");
        days.plan.previousFolders = { days.folder / "source/backups" };
        const BackupOutcome made = days.backUp();
        QVERIFY(!entriesOf(made.path).contains("sources/source/backups"));
        QVERIFY(warnsAbout(made.warnings, days.folder / "source/backups", "backups are written"));
    }

    void aPlanThatIsNamedOutlivesItsSources()
    {
        Days days;
        days.plan.plan = QStringLiteral("everything");
        days.plan.id = QStringLiteral("backup-20260211-143022-a1b2c3d4");
        writeFile(days.folder / "source/large", randomBytes(5'000'000, 1));
        const BackupOutcome first = days.backUp();
        QCOMPARE(first.info.id, QStringLiteral("backup-20260211-143022-a1b2c3d4"));
        QCOMPARE(first.path, days.folder / "out/backup-20260211-143022-a1b2c3d4.zip");
        QCOMPARE(first.info.plan, QStringLiteral("everything"));
        days.plan.id.clear();
        writeFile(days.folder / "other/file", "x");
        days.plan.sources.push_back(files(days.folder / "other"));
        const BackupOutcome second = days.backUp();
        QVERIFY(second.info.id != first.info.id);
        QCOMPARE(second.reusedBytes, 5'000'000);
    }
};

QTEST_GUILESS_MAIN(TestReuse)
#include "tst_reuse.moc"
