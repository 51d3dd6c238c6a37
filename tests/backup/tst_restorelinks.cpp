// ctest: threaded
// Links in a backup and links in the way of one: nothing is ever written through them.

#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

RestoreRequest over()
{
    RestoreRequest request;
    request.overwrite = true;
    return request;
}

// Backs folder/source up and restores it over folder/target; "" or what went wrong.
QString restoreOver(const Folder &folder, Result<RestoreOutcome> &restored)
{
    const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
    restored = restoreTo(archive, folder / "target", over());
    return sentence(restored);
}

} // namespace

class TestRestoreLinks : public QObject
{
    Q_OBJECT

private slots:
    void aLinkInTheWayOfAFileIsSetAside_data()
    {
        QTest::addColumn<int>("size");
        QTest::newRow("small") << 10;
        QTest::newRow("large") << 2'000'000;
    }

    void aLinkInTheWayOfAFileIsSetAside()
    {
        QFETCH(int, size);
        const Folder folder;
        writeFile(folder / "outside", "precious");
        writeFile(folder / "source/file", randomBytes(size, 1));
        makeFolder(folder / "target/source");
        makeLink(folder / "outside", folder / "target/source/file");
        Result<RestoreOutcome> restored = Error {};
        QCOMPARE(restoreOver(folder, restored), QString());
        QCOMPARE(readFile(folder / "outside"), "precious");
        QCOMPARE(readFile(folder / "target/source/file"), randomBytes(size, 1));
        QCOMPARE(linkTarget(folder / "target/source/file.before-restore"), folder / "outside");
    }

    // Even one to a file of the very same content.
    void aLinkToTheSameContentIsNotTheFile()
    {
        const Folder folder;
        writeFile(folder / "outside", "the same");
        writeFile(folder / "source/file", "the same");
        makeFolder(folder / "target/source");
        makeLink(folder / "outside", folder / "target/source/file");
        Result<RestoreOutcome> restored = Error {};
        QCOMPARE(restoreOver(folder, restored), QString());
        QVERIFY(S_ISREG(statusOf(folder / "target/source/file").st_mode));
    }

    void aLinkInTheWayOfAFolderIsSetAside()
    {
        const Folder folder;
        makeFolder(folder / "outside");
        writeFile(folder / "source/folder/deep/file", "x");
        makeFolder(folder / "target/source");
        makeLink(folder / "outside", folder / "target/source/folder");
        setModified(folder / "outside", 1'000'000'000, 0);
        Result<RestoreOutcome> restored = Error {};
        QCOMPARE(restoreOver(folder, restored), QString());
        QVERIFY(namesIn(folder / "outside").isEmpty());
        QCOMPARE(statusOf(folder / "outside").st_mtim.tv_sec, 1'000'000'000);
        QCOMPARE(readFile(folder / "target/source/folder/deep/file"), "x");
        QCOMPARE(linkTarget(folder / "target/source/folder.before-restore"), folder / "outside");
    }

    void aLinkInTheWayOfASourceIsSetAside()
    {
        const Folder folder;
        makeFolder(folder / "outside");
        writeFile(folder / "source/file", "x");
        makeFolder(folder / "target");
        makeLink("../outside", folder / "target/source");
        Result<RestoreOutcome> restored = Error {};
        QCOMPARE(restoreOver(folder, restored), QString());
        QVERIFY(namesIn(folder / "outside").isEmpty());
        QCOMPARE(readFile(folder / "target/source/file"), "x");
    }

    void aLinkInTheBackupIsNotFollowedByWhatIsRestoredOver()
    {
        const Folder folder;
        makeFolder(folder / "outside");
        makeFolder(folder / "source");
        makeLink(folder / "outside", folder / "source/it");
        writeFile(folder / "target/source/it/file", "was a folder here");
        Result<RestoreOutcome> restored = Error {};
        QCOMPARE(restoreOver(folder, restored), QString());
        QCOMPARE(linkTarget(folder / "target/source/it"), folder / "outside");
        QCOMPARE(readFile(folder / "target/source/it.before-restore/file"), "was a folder here");
        QVERIFY(namesIn(folder / "outside").isEmpty());
    }

    void linksAreReplacedKeptAndLeftAloneLikeFiles()
    {
        const Folder folder;
        makeFolder(folder / "source");
        makeLink("same", folder / "source/same");
        makeLink("new", folder / "source/changed");
        makeFolder(folder / "target/source");
        makeLink("same", folder / "target/source/same");
        makeLink("old", folder / "target/source/changed");
        const quint64 inode = statusOf(folder / "target/source/same").st_ino;
        Result<RestoreOutcome> restored = Error {};
        QCOMPARE(restoreOver(folder, restored), QString());
        QCOMPARE(restored->written, 1);
        QCOMPARE(restored->replaced, 1);
        QCOMPARE(restored->unchanged, 1);
        QCOMPARE(quint64(statusOf(folder / "target/source/same").st_ino), inode);
        QCOMPARE(linkTarget(folder / "target/source/changed"), "new");
        QCOMPARE(linkTarget(folder / "target/source/changed.before-restore"), "old");
    }

    void hardLinksAreMadeOverOtherFiles()
    {
        const Folder folder;
        writeFile(folder / "source/first", "shared");
        makeHardLink(folder / "source/first", folder / "source/second");
        writeFile(folder / "outside", "precious");
        makeFolder(folder / "target/source");
        makeHardLink(folder / "outside", folder / "target/source/second");
        Result<RestoreOutcome> restored = Error {};
        QCOMPARE(restoreOver(folder, restored), QString());
        QCOMPARE(readFile(folder / "outside"), "precious");
        QCOMPARE(readFile(folder / "target/source/second.before-restore"), "precious");
        QCOMPARE(readFile(folder / "target/source/second"), "shared");
        QCOMPARE(statusOf(folder / "target/source/first").st_ino,
            statusOf(folder / "target/source/second").st_ino);
        // Once more: nothing is left to do.
        QCOMPARE(restoreOver(folder, restored), QString());
        QCOMPARE(restored->unchanged, 2);
        QCOMPARE(restored->written, 0);
    }

    // A file in the target has a second name elsewhere: writing into it would write there, too.
    void aFileWithAnotherNameElsewhereIsReplacedNotWrittenInto()
    {
        const Folder folder;
        writeFile(folder / "source/file", "from the backup");
        writeFile(folder / "outside", "precious");
        makeFolder(folder / "target/source");
        makeHardLink(folder / "outside", folder / "target/source/file");
        Result<RestoreOutcome> restored = Error {};
        QCOMPARE(restoreOver(folder, restored), QString());
        QCOMPARE(readFile(folder / "outside"), "precious");
        QCOMPARE(readFile(folder / "target/source/file"), "from the backup");
    }

    void aHardLinkWhoseFirstNameIsNotSelectedIsAFile()
    {
        const Folder folder;
        for (const int size : { 10, 2'000'000 }) {
            const QByteArray source = folder / "source" + QByteArray::number(size);
            writeFile(source + "/first", randomBytes(size, 1));
            makeHardLink(source + "/first", source + "/second");
            const QByteArray archive = mustRun(request(folder / "out", files(source))).path;
            RestoreRequest some;
            some.include = GlobList({ "second" });
            const QByteArray back = folder / "back" + QByteArray::number(size);
            const auto restored = restoreTo(archive, back, some);
            QVERIFY2(restored, qPrintable(sentence(restored)));
            const QByteArray in = back + source.mid(source.lastIndexOf('/'));
            QCOMPARE(namesIn(in), QList<QByteArray> { "second" });
            QCOMPARE(readFile(in + "/second"), randomBytes(size, 1));
        }
    }

    // The first name is damaged in the backup: the second has content of its own.
    void aHardLinkOutlivesDamageOfItsFirstName()
    {
        const Folder folder;
        writeFile(folder / "source/first", "shared");
        makeHardLink(folder / "source/first", folder / "source/second");
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        setMode(archive, 0600);
        overwriteAt(archive, readFile(archive).indexOf("shared"), "SHARED");
        const auto restored = restoreTo(archive, folder / "back");
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(restored->damaged.size(), 1);
        QVERIFY(!exists(folder / "back/source/first"));
        QCOMPARE(readFile(folder / "back/source/second"), "shared");
    }

    // What lies there under the first name is something else of the same size.
    void aHardLinkIsNotMadeToAStranger()
    {
        const Folder folder;
        writeFile(folder / "source/first", "shared");
        makeHardLink(folder / "source/first", folder / "source/second");
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        setMode(archive, 0600);
        overwriteAt(archive, readFile(archive).indexOf("shared"), "SHARED");
        writeFile(folder / "target/source/first", "others");
        const auto restored = restoreTo(archive, folder / "target", over());
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(readFile(folder / "target/source/first"), "others");
        QCOMPARE(readFile(folder / "target/source/second"), "shared");
    }

    void theTargetItselfMayBeALink()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        makeFolder(folder / "real");
        makeLink("real", folder / "target");
        Result<RestoreOutcome> restored = Error {};
        QCOMPARE(restoreOver(folder, restored), QString());
        QCOMPARE(readFile(folder / "real/source/file"), "x");
    }
};

QTEST_GUILESS_MAIN(TestRestoreLinks)
#include "tst_restorelinks.moc"
