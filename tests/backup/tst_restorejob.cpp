// ctest: threaded
// ctest: slow
// Files put back: where they go, what they replace, what is left alone.

#include "integrations/backup/folderlock.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <csignal>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

// source/{a,folder/b,folder/deep/c,large} and other/x
struct Backed
{
    Folder folder;
    QByteArray archive;

    Backed()
    {
        writeFile(folder / "source/a", "content of a");
        writeFile(folder / "source/folder/b", "content of b");
        writeFile(folder / "source/folder/deep/c.log", "content of c");
        writeFile(folder / "source/large", randomBytes(3'000'000, 1));
        writeFile(folder / "other/x", "content of x");
        archive
            = mustRun(request(folder / "out", files(folder / "source"), files(folder / "other")))
                  .path;
    }
};

RestoreRequest over()
{
    RestoreRequest request;
    request.overwrite = true;
    return request;
}

void flipContentOf(const QByteArray &path, const QByteArray &name)
{
    qint64 offset = 0;
    {
        const ArchiveReader archive = mustOpen(path);
        EntryStream entries(archive);
        for (;;) {
            const auto entry = entries.next();
            if (!entry || !*entry)
                qFatal("There is no %s", name.constData());
            if ((*entry)->manifest.name == name) {
                offset = (*entry)->contentOffset() + 3;
                break;
            }
        }
    }
    setMode(path, 0600);
    overwriteAt(path, offset, QByteArray(1, char(readFile(path)[qsizetype(offset)] ^ 0x40)));
}

bool nothingPartialBelow(const QByteArray &root)
{
    const QMap<QByteArray, QByteArray> lines = describeTree(root);
    return std::none_of(lines.keyBegin(), lines.keyEnd(),
        [](const QByteArray &name) { return name.contains(".partial"); });
}

} // namespace

class TestRestoreJob : public QObject
{
    Q_OBJECT

private slots:
    void goesIntoANewOrEmptyFolder()
    {
        const Backed backed;
        makeFolder(backed.folder / "empty");
        for (const char *target : { "empty", "new/and/deep" }) {
            const auto restored = restoreTo(backed.archive, backed.folder / target);
            QVERIFY2(restored, qPrintable(sentence(restored)));
            QCOMPARE(restored->written, 5);
            QCOMPARE(restored->replaced, 0);
            QCOMPARE(treeDifferences(backed.folder / "source", backed.folder / target + "/source"),
                QStringList());
            QCOMPARE(treeDifferences(backed.folder / "other", backed.folder / target + "/other"),
                QStringList());
            QCOMPARE(namesIn(backed.folder / target), (QList<QByteArray> { "other", "source" }));
        }
    }

    // 16 MiB of it are kept in memory, and names of 3,300 bytes are soon that much.
    void aListOfEntriesTooLongToKeepIsReadAgain()
    {
        const Folder folder;
        QByteArray deep = folder / "source";
        for (int i = 0; i < 13; ++i)
            deep += '/' + QByteArray(250, char('a' + i));
        for (int i = 0; i < 2500; ++i)
            writeFile(deep + "/f" + QByteArray::number(i), QByteArray::number(i));
        makeLink("f1", deep + "/link");
        makeHardLink(deep + "/f2", deep + "/zzz");
        setModified(deep, 1'600'000'000, 5);
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        const auto restored = restoreTo(archive, folder / "back");
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(restored->written, 2502);
        QCOMPARE(treeDifferences(folder / "source", folder / "back/source"), QStringList());
    }

    void damageInOneOfManyIdenticalChunksIsFound()
    {
        const Folder folder;
        writeFile(folder / "source/zeros", QByteArray(8 << 20, '\0'));
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        setMode(archive, 0600);
        const QByteArray sound = readFile(archive);
        const auto restored = restoreTo(archive, folder / "sound");
        QVERIFY(restored && restored->damaged.isEmpty());
        QCOMPARE(readFile(folder / "sound/source/zeros"), QByteArray(8 << 20, '\0'));
        const qsizetype start = sound.indexOf("zeros");
        const qsizetype end = sound.indexOf("manifest/entries.jsonl") - 40;
        for (qsizetype at = start + 300; at < end; at += 500) {
            overwriteAt(archive, at, QByteArray(1, char(sound[at] ^ 0x10)));
            QVERIFY(!problemsOf(archive).isEmpty());
            const auto damaged = restoreTo(archive, folder / "to" + QByteArray::number(at));
            QVERIFY(damaged);
            QCOMPARE(damaged->damaged.size(), 1);
            overwriteAt(archive, at, sound.mid(at, 1));
        }
    }

    void aFolderWithSomethingInItIsRefused_data()
    {
        QTest::addColumn<QByteArray>("what");
        QTest::newRow("file") << QByteArray("file");
        QTest::newRow("hidden file") << QByteArray(".hidden");
        QTest::newRow("dangling link") << QByteArray("link");
    }

    void targetsWhoseNamesAreNotTextAreMade()
    {
        const Folder folder;
        writeFile(folder / "caf\xe9/\xff\xfe/source/caf\xe9/file\xe9", "content");
        const QByteArray source = folder / "caf\xe9/\xff\xfe/source";
        const QByteArray archive = mustRun(request(folder / "out", files(source))).path;
        const QByteArray target = folder / "back\xe9/\xed\xa0\x80/deep";
        const auto restored = restoreTo(archive, target);
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(treeDifferences(source, target + "/source"), QStringList());
        QVERIFY(namesIn(folder.path()).contains("back\xe9"));
        removeTree(folder / "caf\xe9");
        const auto inPlace = restoreInPlace(archive);
        QVERIFY2(inPlace, qPrintable(sentence(inPlace)));
        QCOMPARE(treeDifferences(target + "/source", source), QStringList());
    }

    void aFolderWithSomethingInItIsRefused()
    {
        QFETCH(QByteArray, what);
        const Backed backed;
        const QByteArray target = backed.folder / "target";
        makeFolder(target);
        if (what == "link")
            makeLink("nowhere", target + "/link");
        else
            writeFile(target + '/' + what, "x");
        const auto restored = restoreTo(backed.archive, target);
        QVERIFY(!restored);
        QCOMPARE(restored.error().code, ErrorCode::InvalidArgument);
        QVERIFY(sentence(restored).contains(QLatin1String("--overwrite")));
        QCOMPARE(namesIn(target), QList<QByteArray> { what });
        QVERIFY(restoreTo(backed.archive, target, over()).ok());
        QVERIFY(exists(target + '/' + what));
    }

    void whatIsReplacedIsKeptBesideIt()
    {
        const Backed backed;
        const QByteArray target = backed.folder / "target";
        writeFile(target + "/source/a", "older");
        setMode(target + "/source/a", 0640);
        setModified(target + "/source/a", 1'500'000'000, 9);
        const auto restored = restoreTo(backed.archive, target, over());
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(restored->replaced, 1);
        QCOMPARE(readFile(target + "/source/a"), "content of a");
        const QByteArray kept = target + "/source/a.before-restore";
        QCOMPARE(readFile(kept), "older");
        QCOMPARE(statusOf(kept).st_mode & 07777, 0640U);
        QCOMPARE(statusOf(kept).st_mtim.tv_sec, 1'500'000'000);
        writeFile(target + "/source/a", "older still");
        QVERIFY(restoreTo(backed.archive, target, over()).ok());
        writeFile(target + "/source/a", "oldest");
        QVERIFY(restoreTo(backed.archive, target, over()).ok());
        QCOMPARE(readFile(kept), "older");
        QCOMPARE(readFile(kept + ".1"), "older still");
        QCOMPARE(readFile(kept + ".2"), "oldest");
        QVERIFY(nothingPartialBelow(target));
    }

    void whatIsInTheWayOfAnythingIsKeptBesideIt()
    {
        const Backed backed;
        const QByteArray target = backed.folder / "target";
        writeFile(target + "/source/a/in a folder", "was here"); // a folder where a file goes
        writeFile(target + "/source/folder", "a file where a folder goes");
        makeFifo(target + "/source/large");
        const auto restored = restoreTo(backed.archive, target, over());
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(readFile(target + "/source/a.before-restore/in a folder"), "was here");
        QCOMPARE(readFile(target + "/source/folder.before-restore"), "a file where a folder goes");
        QVERIFY(S_ISFIFO(statusOf(target + "/source/large.before-restore").st_mode));
        QCOMPARE(treeDifferences(backed.folder / "source", target + "/source",
                     { true, true,
                         { "a.before-restore", "folder.before-restore", "large.before-restore" } }),
            QStringList());
    }

    void whatIsUnchangedIsLeftAlone()
    {
        const Backed backed;
        QMap<QByteArray, struct stat> before;
        for (const char *name : { "a", "folder/b", "large" })
            before[name] = statusOf(backed.folder / "source/" + name);
        const auto restored = restoreInPlace(backed.archive);
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(restored->unchanged, 5);
        QCOMPARE(restored->written, 0);
        for (auto it = before.begin(); it != before.end(); ++it) {
            const struct stat after = statusOf(backed.folder / "source/" + it.key());
            QCOMPARE(after.st_ino, it->st_ino);
            QCOMPARE(after.st_mtim.tv_sec, it->st_mtim.tv_sec);
            QCOMPARE(after.st_mtim.tv_nsec, it->st_mtim.tv_nsec);
        }
        QVERIFY(!describeTree(backed.folder / "source").contains("a.before-restore"));
    }

    void metadataOfWhatIsUnchangedComesBack()
    {
        const Backed backed;
        const auto before = describeTree(backed.folder / "source");
        setMode(backed.folder / "source/a", 0600);
        setModified(backed.folder / "source/large", 5, 5);
        setMode(backed.folder / "source/folder", 0700);
        QVERIFY(restoreInPlace(backed.archive).ok());
        QCOMPARE(describeTree(backed.folder / "source"), before);
    }

    void whatTheBackupDoesNotHaveStays()
    {
        const Backed backed;
        writeFile(backed.folder / "source/new", "made since");
        writeFile(backed.folder / "source/folder/new", "made since");
        removeTree(backed.folder / "source/a");
        QVERIFY(restoreInPlace(backed.archive).ok());
        QCOMPARE(readFile(backed.folder / "source/new"), "made since");
        QCOMPARE(readFile(backed.folder / "source/folder/new"), "made since");
        QCOMPARE(readFile(backed.folder / "source/a"), "content of a");
    }

    void inPlaceGoesWhereItCameFrom()
    {
        const Backed backed;
        const auto before = describeTree(backed.folder / "source");
        removeTree(backed.folder / "source");
        removeTree(backed.folder / "other");
        const auto restored = restoreInPlace(backed.archive);
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(describeTree(backed.folder / "source"), before);
        QCOMPARE(readFile(backed.folder / "other/x"), "content of x");
    }

    void aSingleFileGoesBackIntoItsFolder()
    {
        const Folder folder;
        writeFile(folder / "place/letter", "Dear");
        setMode(folder / "place", 0750);
        setModified(folder / "place", 1'600'000'000, 0);
        const QByteArray archive
            = mustRun(request(folder / "out", files(folder / "place/letter"))).path;
        writeFile(folder / "place/letter", "changed");
        QVERIFY(restoreInPlace(archive).ok());
        QCOMPARE(readFile(folder / "place/letter"), "Dear");
        QCOMPARE(readFile(folder / "place/letter.before-restore"), "changed");
        QCOMPARE(statusOf(folder / "place").st_mode & 07777, 0750U);
    }

    void selectsSourcesAndGlobs_data()
    {
        QTest::addColumn<QStringList>("sources");
        QTest::addColumn<QList<QByteArray>>("globs");
        QTest::addColumn<QList<QByteArray>>("expected"); // of files
        const QByteArray a = "source/a", b = "source/folder/b", c = "source/folder/deep/c.log",
                         large = "source/large", x = "other/x";
        QTest::newRow("a source") << QStringList { QStringLiteral("other") } << QList<QByteArray>()
                                  << QList<QByteArray> { x };
        QTest::newRow("a name at any depth")
            << QStringList() << QList<QByteArray> { "*.log" } << QList<QByteArray> { c };
        QTest::newRow("a path") << QStringList() << QList<QByteArray> { "folder/b" }
                                << QList<QByteArray> { b };
        QTest::newRow("a folder") << QStringList() << QList<QByteArray> { "folder" }
                                  << QList<QByteArray> { b, c };
        QTest::newRow("across folders")
            << QStringList() << QList<QByteArray> { "**/c.log" } << QList<QByteArray> { c };
        QTest::newRow("two") << QStringList() << QList<QByteArray> { "a", "x" }
                             << QList<QByteArray> { x, a };
        QTest::newRow("both") << QStringList { QStringLiteral("source") }
                              << QList<QByteArray> { "a", "x" } << QList<QByteArray> { a };
    }

    void selectsSourcesAndGlobs()
    {
        QFETCH(QStringList, sources);
        QFETCH(QList<QByteArray>, globs);
        QFETCH(QList<QByteArray>, expected);
        const Backed backed;
        RestoreRequest some;
        some.sources = sources;
        some.include = GlobList(globs);
        const auto restored = restoreTo(backed.archive, backed.folder / "back", some);
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(restored->written, expected.size());
        QList<QByteArray> found;
        const auto lines = describeTree(backed.folder / "back");
        for (auto it = lines.begin(); it != lines.end(); ++it) {
            if (it.value().contains("content"))
                found.append(it.key());
        }
        QCOMPARE(found, expected);
    }

    void aGlobThatMatchesNothingIsAnError()
    {
        const Backed backed;
        RestoreRequest some;
        some.include = GlobList({ "none" });
        const auto restored = restoreTo(backed.archive, backed.folder / "back", some);
        QVERIFY(!restored);
        QCOMPARE(restored.error().code, ErrorCode::NotFound);
        QVERIFY(!exists(backed.folder / "back"));
    }

    void aSourceThatTheBackupDoesNotHaveIsAnError()
    {
        const Backed backed;
        RestoreRequest some;
        some.sources = { QStringLiteral("nobody") };
        const auto restored = restoreTo(backed.archive, backed.folder / "back", some);
        QVERIFY(!restored);
        QVERIFY(sentence(restored).contains(QLatin1String("no source nobody")));
        QVERIFY(!exists(backed.folder / "back"));
    }

    void damageEndsWithItsFile_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("small") << QByteArray("a");
        QTest::newRow("large") << QByteArray("large");
    }

    void damageEndsWithItsFile()
    {
        QFETCH(QByteArray, name);
        const Backed backed;
        flipContentOf(backed.archive, "sources/source/" + name);
        const QByteArray target = backed.folder / "target";
        writeFile(target + "/source/" + name, "stays");
        const auto restored = restoreTo(backed.archive, target, over());
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(restored->damaged.size(), 1);
        QCOMPARE(restored->damaged.first().path, "sources/source/" + name);
        QCOMPARE(restored->written, 4);
        QCOMPARE(readFile(target + "/source/" + name), "stays");
        QVERIFY(!exists(target + "/source/" + name + ".before-restore"));
        QCOMPARE(readFile(target + "/source/folder/b"), "content of b");
        QVERIFY(nothingPartialBelow(target));
    }

    void aDamagedManifestWritesNothing()
    {
        const Backed backed;
        setMode(backed.archive, 0600);
        const qsizetype table = readFile(backed.archive).indexOf("manifest/entries.jsonl");
        overwriteAt(backed.archive, table + 60, "noise");
        const auto restored = restoreTo(backed.archive, backed.folder / "back");
        QVERIFY(!restored);
        QCOMPARE(restored.error().code, ErrorCode::Corrupt);
        QVERIFY(!exists(backed.folder / "back"));
    }

    void noRoomIsSaidBeforeAnythingIsWritten()
    {
        const TinyDisk disk(1 << 20);
        if (!disk.isMounted())
            QSKIP("mounting is not allowed here");
        const Backed backed;
        const auto restored = restoreTo(backed.archive, disk.path() + "/back");
        QVERIFY(!restored);
        QCOMPARE(restored.error().code, ErrorCode::NoSpace);
        QVERIFY2(sentence(restored).contains(QLatin1String("free some space")),
            qPrintable(sentence(restored)));
        QCOMPARE(describeTree(disk.path()).size(), 2); // the disk and an empty folder
    }

    // The room is gone although there was some: many small files take more than their bytes.
    void aDiskThatFillsUpIsOneSentenceAndNoHalfFile()
    {
        const TinyDisk disk(1 << 20);
        if (!disk.isMounted())
            QSKIP("mounting is not allowed here");
        const Folder folder;
        for (int i = 0; i < 600; ++i)
            writeFile(folder / "source/" + QByteArray::number(i), "some bytes");
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        const auto restored = restoreTo(archive, disk.path() + "/back");
        QVERIFY(!restored);
        QCOMPARE(restored.error().code, ErrorCode::NoSpace);
        QVERIFY(nothingPartialBelow(disk.path()));
        for (const QByteArray &name : namesIn(disk.path() + "/back/source"))
            QCOMPARE(readFile(disk.path() + "/back/source/" + name), "some bytes");
    }

    void aFolderThatCannotBeWrittenIsOneSentence()
    {
        if (!AsNobody::isPossible())
            QSKIP("only root can become somebody else");
        const Backed backed;
        setMode(backed.folder.path(), 0755);
        setMode(backed.archive, 0444);
        const AsNobody nobody;
        const auto restored = restoreTo(backed.archive, backed.folder / "back");
        QVERIFY(!restored);
        QVERIFY2(sentence(restored).contains(QLatin1String("Permission denied")),
            qPrintable(sentence(restored)));
    }

    void isBusyWhileAnotherJobWorksInTheFolder()
    {
        const Backed backed;
        makeFolder(backed.folder / "back");
        const Result<FolderLock> lock = FolderLock::take(backed.folder / "back");
        QVERIFY(lock.ok());
        const auto restored = restoreTo(backed.archive, backed.folder / "back");
        QVERIFY(!restored && restored.error().code == ErrorCode::Busy);
    }

    void cancellingLeavesNoHalfFile()
    {
        const Folder folder;
        for (int i = 0; i < 2000; ++i)
            writeFile(folder / "source/" + QByteArray::number(i), someText(3000));
        writeFile(folder / "source/zz-large", someText(60 << 20));
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        const ArchiveReader reader = mustOpen(archive);
        RestoreRequest request;
        request.target = folder / "back";
        JobControl control;
        Result<RestoreOutcome> restored = RestoreOutcome {};
        std::thread job([&] { restored = runRestore(reader, request, control); });
        while (control.progress().doneItems < 100)
            std::this_thread::yield();
        control.cancel();
        job.join();
        QVERIFY(!restored && restored.error().code == ErrorCode::Cancelled);
        QVERIFY(nothingPartialBelow(folder / "back"));
        for (const QByteArray &name : namesIn(folder / "back/source")) {
            if (name != "zz-large")
                QCOMPARE(readFile(folder / "back/source/" + name).size(), 3000);
        }
        // And again, over what is there.
        QVERIFY(restoreTo(archive, folder / "back", over()).ok());
        QCOMPARE(treeDifferences(folder / "source", folder / "back/source"), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestRestoreJob)
#include "tst_restorejob.moc"
