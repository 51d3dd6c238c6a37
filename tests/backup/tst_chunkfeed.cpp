// Snapshots of large WAL databases, which go into the archive while SQLite makes them.

#include "integrations/backup/chunkfeed.h"
#include "integrations/backup/contentreader.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

constexpr int rowsFor40MiB = 105'000;

// The database's entry, and its chunks' records.
struct Stored
{
    ManifestEntry entry;
    std::vector<ChunkRecord> chunks;
};

Stored storedDatabase(const QByteArray &archivePath)
{
    const ArchiveReader archive = mustOpen(archivePath);
    EntryStream entries(archive);
    for (;;) {
        const Result<std::optional<ArchiveEntry>> entry = entries.next();
        if (!entry || !*entry)
            return {};
        if ((*entry)->manifest.database)
            return { (*entry)->manifest,
                *archive.chunkRecords(**entry, 0, chunkCount((*entry)->manifest.size)) };
    }
}

bool isStoredPlainly(const ChunkRecord &chunk, Method method)
{
    return chunk.storedSize == plainStoredSize(chunkSize, method);
}

} // namespace

class TestChunkFeed : public QObject
{
    Q_OBJECT
private slots:
    void snapshotsUnderAWriterAreWholeWhateverThePageSize_data()
    {
        QTest::addColumn<int>("pageSize");
        for (const int size : { 512, 4096, 65536 })
            QTest::addRow("%d", size) << size;
    }
    void snapshotsUnderAWriterAreWholeWhateverThePageSize()
    {
        QFETCH(const int, pageSize);
        const Folder folder;
        const QByteArray path = folder / "app/live.db";
        makeFolder(folder / "app");
        makeAccounts(path, rowsFor40MiB, "WAL", pageSize);
        AccountMover mover(path);
        const BackupOutcome outcome = mustRun(request(folder / "out", files(folder / "app")));
        mover.stop();
        QCOMPARE(problemsOf(outcome.path), QStringList());
        const Stored stored = storedDatabase(outcome.path);
        QVERIFY(stored.entry.size >= 32 << 20);
        QCOMPARE(stored.entry.database->pageSize, quint32(pageSize));
        QVERIFY2(isStoredPlainly(stored.chunks.front(), stored.entry.method),
            "It went through the spool, so this test tests nothing");
        const Result<RestoreOutcome> restored = restoreTo(outcome.path, folder / "back");
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(problemWithAccounts(folder / "back/app/live.db"), QByteArray());
    }

    void whatIsOnlyInTheLogIsThere()
    {
        const Folder folder;
        const QByteArray path = folder / "live.db";
        makeAccounts(path, rowsFor40MiB, "WAL");
        const Holder holder(path,
            "PRAGMA wal_autocheckpoint=0; CREATE TABLE late(x); INSERT INTO late VALUES(42);");
        const BackupOutcome outcome = mustRun(request(folder / "out", database(path)));
        QVERIFY(isStoredPlainly(storedDatabase(outcome.path).chunks.front(),
            storedDatabase(outcome.path).entry.method));
        QVERIFY(restoreTo(outcome.path, folder / "back"));
        QCOMPARE(
            Database(folder / "back/live.db/live.db").ask("SELECT x FROM late"), QByteArray("42"));
    }

    void unchangedChunksAreTakenOverAndTheFirstIsNot()
    {
        const Folder folder;
        const QByteArray path = folder / "live.db";
        makeAccounts(path, rowsFor40MiB, "WAL");
        SetClock clock;
        BackupRequest made = request(folder / "out", database(path));
        made.clock = &clock;
        const BackupOutcome first = mustRun(made);
        Database(path).run("CREATE TABLE more(x); INSERT INTO more VALUES(1);");
        clock.passDay();
        const BackupOutcome second = mustRun(made);
        const Stored before = storedDatabase(first.path);
        const Stored after = storedDatabase(second.path);
        QVERIFY(before.entry.digest != after.entry.digest);
        int same = 0;
        for (size_t i = 0; i < before.chunks.size(); ++i)
            same += before.chunks[i] == after.chunks[i];
        QVERIFY(same >= int(before.chunks.size()) - 3);
        QVERIFY(before.chunks.front().digest != after.chunks.front().digest);
        removeTree(first.path);
        QCOMPARE(problemsOf(second.path), QStringList());
    }

    void aDamagedOneIsMarkedAndCopiedAsItIs()
    {
        const Folder folder;
        const QByteArray path = folder / "app/live.db";
        makeFolder(folder / "app");
        makeAccounts(path, rowsFor40MiB, "WAL");
        const QByteArray whole = readFile(path);
        overwriteAt(path, 20'000 * 1024, QByteArray(8192, '\x55'));
        const QByteArray damaged = readFile(path);
        const BackupOutcome outcome = mustRun(request(folder / "out", files(folder / "app")));
        const Stored stored = storedDatabase(outcome.path);
        QVERIFY(!stored.entry.database->damage.isEmpty());
        QVERIFY(warnsAbout(outcome.warnings, path, "damaged"));
        QCOMPARE(problemsOf(outcome.path), QStringList());
        QVERIFY(restoreTo(outcome.path, folder / "back"));
        QVERIFY(readFile(folder / "back/app/live.db") == damaged);
        QVERIFY(damaged != whole);
    }

    void aCancelledSnapshotLeavesNothing()
    {
        const Folder folder;
        const QByteArray path = folder / "live.db";
        makeAccounts(path, rowsFor40MiB, "WAL");
        JobControl control;
        // Cancelled from within: after the first megabytes of the snapshot.
        std::jthread watcher([&control](const std::stop_token &stop) {
            while (!stop.stop_requested() && control.progress().doneBytes < 4 << 20)
                std::this_thread::yield();
            control.cancel();
        });
        const Result<BackupOutcome> outcome
            = runBackup(request(folder / "out", database(path)), control);
        QVERIFY(!outcome);
        QCOMPARE(outcome.error().code, ErrorCode::Cancelled);
        QCOMPARE(namesIn(folder / "out"), QList<QByteArray>());
    }
};

QTEST_GUILESS_MAIN(TestChunkFeed)
#include "tst_chunkfeed.moc"
