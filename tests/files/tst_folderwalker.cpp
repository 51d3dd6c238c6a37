#include "integrations/backup/archive/manifest.h"
#include "integrations/files/filessource.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

struct Walk
{
    QList<QByteArray> paths;
    QList<SourceRemark> remarks;
    QString error;

    bool says(const QByteArray &path, const char *words, bool unreadable = false) const
    {
        return std::any_of(remarks.begin(), remarks.end(), [&](const SourceRemark &remark) {
            return remark.path == path && remark.message.contains(QString::fromUtf8(words))
                && remark.unreadable == unreadable;
        });
    }
};

// atItem is called for each item before the next is asked for.
Walk walk(const QByteArray &root, const QList<QByteArray> &include = {},
    const QList<QByteArray> &exclude = {}, const QList<std::pair<quint64, quint64>> &skipped = {},
    const std::function<void(const SourceItem &)> &atItem = {})
{
    JobControl control;
    Walk walk;
    const SourceContext context { control,
        [&walk](const SourceRemark &remark) { walk.remarks.append(remark); }, skipped };
    const files::FilesSource source(
        { QStringLiteral("it"), root, GlobList(include), GlobList(exclude) });
    const Result<std::unique_ptr<SourceReader>> reader = source.open(context);
    if (!reader) {
        walk.error = reader.error().message;
        return walk;
    }
    for (;;) {
        const Result<std::optional<SourceItem>> item = (*reader)->next();
        if (!item)
            walk.error = item.error().message;
        if (!item || !*item)
            return walk;
        walk.paths.append((*item)->path);
        if (atItem)
            atItem(**item);
    }
}

using Paths = QList<QByteArray>;

} // namespace

class TestFolderWalker : public QObject
{
    Q_OBJECT

private slots:
    void comesInTheManifestsOrder()
    {
        const Folder folder;
        for (const char *name : { "a", "a-b", "a.txt", "b/c", "b/d/e", "b-c", "B", "b.d/x" })
            writeFile(folder / name + (qstrlen(name) == 1 && *name == 'a' ? "/in" : ""), "x");
        const Walk all = walk(folder.path());
        QCOMPARE(all.error, QString());
        Paths sorted = all.paths;
        std::sort(sorted.begin(), sorted.end(),
            [](const auto &a, const auto &b) { return comparePaths(a, b) < 0; });
        QCOMPARE(all.paths, sorted);
        QCOMPARE(all.paths.size(), 13);
        QVERIFY(all.paths.indexOf("a/in") < all.paths.indexOf("a-b"));
    }

    void globsSelectAndLeaveOut_data()
    {
        QTest::addColumn<Paths>("include");
        QTest::addColumn<Paths>("exclude");
        QTest::addColumn<Paths>("expected"); // of files
        const Paths all { "a.log", "cache/x", "deep/er/a.log", "deep/er/b.txt", "top.txt" };
        QTest::newRow("nothing") << Paths() << Paths() << all;
        QTest::newRow("any depth")
            << Paths() << Paths { "*.log" } << Paths { "cache/x", "deep/er/b.txt", "top.txt" };
        QTest::newRow("anchored") << Paths() << Paths { "/*.log" }
                                  << Paths { "cache/x", "deep/er/a.log", "deep/er/b.txt",
                                         "top.txt" };
        QTest::newRow("across folders") << Paths() << Paths { "deep/**/*.log" }
                                        << Paths { "a.log", "cache/x", "deep/er/b.txt", "top.txt" };
        QTest::newRow("a star stays in its folder") << Paths() << Paths { "deep/*.log" } << all;
        QTest::newRow("a folder and all in it")
            << Paths() << Paths { "deep" } << Paths { "a.log", "cache/x", "top.txt" };
        QTest::newRow("folders only")
            << Paths() << Paths { "cache/", "top.txt/" }
            << Paths { "a.log", "deep/er/a.log", "deep/er/b.txt", "top.txt" };
        QTest::newRow("include") << Paths { "*.txt" } << Paths()
                                 << Paths { "deep/er/b.txt", "top.txt" };
        QTest::newRow("include a folder")
            << Paths { "deep/er" } << Paths() << Paths { "deep/er/a.log", "deep/er/b.txt" };
        QTest::newRow("both") << Paths { "deep/**" } << Paths { "*.log" }
                              << Paths { "deep/er/b.txt" };
    }

    void globsSelectAndLeaveOut()
    {
        QFETCH(Paths, include);
        QFETCH(Paths, exclude);
        QFETCH(Paths, expected);
        const Folder folder;
        for (const char *name : { "a.log", "cache/x", "deep/er/a.log", "deep/er/b.txt", "top.txt" })
            writeFile(folder / name, "x");
        Paths filesOnly;
        for (const QByteArray &path : walk(folder.path(), include, exclude).paths) {
            if (S_ISREG(statusOf(folder / path).st_mode))
                filesOnly.append(path);
        }
        QCOMPARE(filesOnly, expected);
    }

    void linksAreItemsAndNeverFollowed()
    {
        const Folder outside;
        writeFile(outside / "secret", "x");
        const Folder folder;
        makeLink(outside.path(), folder / "folder");
        makeLink(outside / "secret", folder / "file");
        makeLink("nowhere", folder / "dangling");
        makeLink(".", folder / "self");
        QCOMPARE(walk(folder.path()).paths, (Paths { "", "dangling", "file", "folder", "self" }));
    }

    void theSourceItselfMayBeALink()
    {
        const Folder folder;
        writeFile(folder / "real/file", "x");
        makeLink("real", folder / "link");
        QCOMPARE(walk(folder / "link").paths, (Paths { "", "file" }));
    }

    // Somebody swaps a folder for a link between its listing and its opening.
    void aFolderReplacedByALinkIsNotEntered()
    {
        const Folder outside;
        writeFile(outside / "secret", "x");
        const Folder folder;
        writeFile(folder / "a/in", "x");
        writeFile(folder / "b/in", "x");
        const Walk swapped = walk(folder.path(), {}, {}, {}, [&](const SourceItem &item) {
            if (item.path != "a")
                return;
            removeTree(folder / "b");
            makeLink(outside.path(), folder / "b");
        });
        QVERIFY(!swapped.paths.contains("b/secret"));
        QVERIFY(swapped.paths.contains("a/in"));
    }

    // ... or after it was entered: its files are those of the folder that was opened.
    void aFolderStaysTheOneThatWasOpened()
    {
        const Folder outside;
        writeFile(outside / "in", "not this one");
        const Folder folder;
        writeFile(folder / "b/in", "x");
        QByteArray content;
        walk(folder.path(), {}, {}, {}, [&](const SourceItem &item) {
            if (item.path == "b") {
                makeFolder(folder / "elsewhere");
                QCOMPARE(
                    ::rename((folder / "b").constData(), (folder / "elsewhere/b").constData()), 0);
                makeLink(outside.path(), folder / "b");
            } else if (item.path == "b/in") {
                const FileDescriptor fd(
                    ::openat(item.folder->descriptor.get(), item.leaf.constData(), O_RDONLY));
                char bytes[20];
                const Result<qsizetype> read = readAt(fd.get(), bytes, 0);
                content = QByteArray(bytes, *read);
            }
        });
        QCOMPARE(content, "x");
    }

    void whatIsNoFileIsNamed()
    {
        const Folder folder;
        writeFile(folder / "file", "x");
        makeFifo(folder / "fifo");
        makeSocket(folder / "socket");
        if (::geteuid() == 0)
            QCOMPARE(::mknod((folder / "device").constData(), S_IFCHR | 0600, makedev(1, 3)), 0);
        const Walk all = walk(folder.path());
        QCOMPARE(all.paths, (Paths { "", "file" }));
        QVERIFY(all.says(folder / "fifo", "FIFO"));
        QVERIFY(all.says(folder / "socket", "socket"));
        QCOMPARE(all.says(folder / "device", "device"), ::geteuid() == 0);
    }

    void namesAreBytes()
    {
        const Folder folder;
        const Paths names { "\n", " ", "\"quoted\"", "\\", "\xc3\x28", "\xff\xfe", "caf\xe9",
            QByteArray(255, 'x') };
        for (const QByteArray &name : names)
            writeFile(folder.path() + '/' + name, "x");
        Paths found = walk(folder.path()).paths.mid(1);
        Paths expected = names;
        std::sort(expected.begin(), expected.end());
        std::sort(found.begin(), found.end());
        QCOMPARE(found, expected);
    }

    void copiesBeforeARestoreAreLeftOut()
    {
        const Folder folder;
        for (const char *name : { "x.before-restore", "x.before-restore.1", "x.before-restore.27",
                 "folder.before-restore/in", "x.before-restore.txt", "x.before-restore.",
                 ".before-restore", "before-restore", "y.before-restored" })
            writeFile(folder / name, "x");
        makeLink("x", folder / "link.before-restore.2");
        QCOMPARE(walk(folder.path()).paths,
            (Paths { "", ".before-restore", "before-restore", "x.before-restore.",
                "x.before-restore.txt", "y.before-restored" }));
    }

    // The walk opens no files; whether what stands before the ending is a database is for
    // the job to see (tst_livedatabases has what comes of it).
    void sidecarsNameWhatTheyWouldBelongTo()
    {
        const Folder folder;
        for (const char *name : { "app.db", "app.db-wal", "app.db-shm", "app.db-journal",
                 "notes-wal", "notes", "alone-journal", "-wal" })
            writeFile(folder / name, "x");
        QMap<QByteArray, QByteArray> owners;
        const Walk all = walk(folder.path(), {}, {}, {},
            [&owners](const SourceItem &item) { owners.insert(item.path, item.sidecarOf); });
        QVERIFY(all.remarks.isEmpty());
        QCOMPARE(owners.take("app.db-wal"), QByteArray("app.db"));
        QCOMPARE(owners.take("app.db-shm"), QByteArray("app.db"));
        QCOMPARE(owners.take("app.db-journal"), QByteArray("app.db"));
        QCOMPARE(owners.take("notes-wal"), QByteArray("notes"));
        QCOMPARE(owners.size(), 5);
        for (const QByteArray &owner : owners)
            QCOMPARE(owner, QByteArray());
    }

    void whereBackupsGoIsLeftOut()
    {
        const Folder folder;
        writeFile(folder / "backups/old.zip", "x");
        writeFile(folder / "file", "x");
        const struct stat status = statusOf(folder / "backups");
        const Walk all
            = walk(folder.path(), {}, {}, { { quint64(status.st_dev), quint64(status.st_ino) } });
        QCOMPARE(all.paths, (Paths { "", "file" }));
        QVERIFY(all.says(folder / "backups", "backups are written there"));
    }

    void whereBackupsGoIsNoSource()
    {
        const Folder folder;
        const struct stat status = statusOf(folder.path());
        const Walk all
            = walk(folder.path(), {}, {}, { { quint64(status.st_dev), quint64(status.st_ino) } });
        QVERIFY(all.paths.isEmpty());
        QVERIFY2(all.error.contains(QLatin1String("is the folder that backups are written to")),
            qPrintable(all.error));
    }

    void whatVanishesDuringTheWalkIsNotMissed()
    {
        const Folder folder;
        writeFile(folder / "a", "x");
        writeFile(folder / "b", "x");
        writeFile(folder / "c/in", "x");
        const Walk all = walk(folder.path(), {}, {}, {}, [&](const SourceItem &item) {
            if (item.path == "a") {
                removeTree(folder / "b");
                removeTree(folder / "c");
            }
        });
        QCOMPARE(all.paths, (Paths { "", "a" }));
        QVERIFY(all.remarks.isEmpty());
        QCOMPARE(all.error, QString());
    }

    void aFolderThatCannotBeReadIsNamed()
    {
        if (!AsNobody::isPossible())
            QSKIP("only root can become somebody else");
        const Folder folder;
        setMode(folder.path(), 0755);
        writeFile(folder / "closed/in", "x");
        setMode(folder / "closed", 0700);
        const AsNobody nobody;
        const Walk all = walk(folder.path());
        QCOMPARE(all.paths, (Paths { "" }));
        QVERIFY(all.says(folder / "closed", "could not be read", true));
    }

    void aSourceThatIsNotThereIsAnError()
    {
        const Folder folder;
        QVERIFY(walk(folder / "missing").error.contains(QLatin1String("missing")));
    }

    void kernelFileSystemsAreLeftOut()
    {
        if (!AsNobody::isPossible())
            QSKIP("only root can mount");
        const Folder folder;
        makeFolder(folder / "proc");
        if (::mount("none", (folder / "proc").constData(), "proc", 0, nullptr) != 0)
            QSKIP("mounting is not allowed here");
        const Walk all = walk(folder.path());
        ::umount2((folder / "proc").constData(), MNT_DETACH);
        QCOMPARE(all.paths, (Paths { "" }));
        QVERIFY(all.says(folder / "proc", "file system of the kernel"));
    }

    void cancellingEndsIt()
    {
        const Folder folder;
        for (int i = 0; i < 10; ++i)
            writeFile(folder / QByteArray::number(i), "x");
        JobControl control;
        const files::FilesSource source({ QStringLiteral("it"), folder.path(), {}, {} });
        const auto reader = source.open({ control, [](const SourceRemark &) {}, {} });
        QVERIFY((*reader)->next().ok());
        control.cancel();
        const auto next = (*reader)->next();
        QVERIFY(!next && next.error().code == ErrorCode::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestFolderWalker)
#include "tst_folderwalker.moc"
