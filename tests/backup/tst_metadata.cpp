// ctest: threaded
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QElapsedTimer>

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

// Backs folder/source up and restores it; differences between what was and what came back.
QStringList roundTrip(const Folder &folder, RestoreRequest restore = {})
{
    const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
    if (!made.warnings.isEmpty())
        return { made.warnings.first().message };
    const QStringList problems = problemsOf(made.path);
    if (!problems.isEmpty())
        return problems;
    const Result<RestoreOutcome> restored = restoreTo(made.path, folder / "back", restore);
    if (!restored)
        return { restored.error().message };
    if (!restored->warnings.isEmpty())
        return { restored->warnings.first().message };
    return treeDifferences(folder / "source", folder / "back/source");
}

} // namespace

class TestMetadata : public QObject
{
    Q_OBJECT

private slots:
    void contentOfEverySizeComesBack()
    {
        const Folder folder;
        for (const qint64 size : { 0, 1, 511, 65'536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1,
                 (2 << 20) - 1, 2 << 20, 7'654'321 }) {
            const QByteArray name = folder / "source/" + QByteArray::number(size);
            writeFile(name + ".random", randomBytes(size, quint32(size)));
            writeFile(name + ".text", someText(size));
            writeFile(name + ".zeros", QByteArray(size, '\0'));
        }
        QCOMPARE(roundTrip(folder), QStringList());
    }

    void modesComeBack()
    {
        const Folder folder;
        for (const mode_t mode : { 0000, 0200, 0400, 0444, 0600, 0644, 0666, 0755, 0777, 0711 }) {
            const QByteArray name = QByteArray::number(mode, 8);
            writeFile(folder / "source/files/" + name, name);
            setMode(folder / "source/files/" + name, mode);
            if ((mode & 0700) == 0700 || ::geteuid() == 0) {
                writeFile(folder / "source/folders/" + name + "/in", name);
                setMode(folder / "source/folders/" + name, mode);
            }
        }
        setMode(folder / "source/folders/777", 01777);
        if (::geteuid() != 0) {
            for (const char *unreadable : { "0", "200" })
                removeTree(folder / "source/files/" + unreadable);
        }
        QCOMPARE(roundTrip(folder), QStringList());
    }

    void setgidFoldersComeBack()
    {
        const Folder folder;
        makeFolder(folder / "source/shared");
        setMode(folder / "source/shared", 02775);
        QCOMPARE(roundTrip(folder), QStringList());
    }

    void setuidComesBackOnlyWhenAsked()
    {
        const Folder folder;
        writeFile(folder / "source/tool", "x");
        setMode(folder / "source/tool", 06755);
        RestoreRequest special;
        special.preserveSpecial = true;
        QCOMPARE(roundTrip(folder, special), QStringList());
        const QByteArray archive = folder / "out/" + namesIn(folder / "out").first();
        const Result<RestoreOutcome> plain = restoreTo(archive, folder / "plain");
        QVERIFY2(plain, qPrintable(sentence(plain)));
        QCOMPARE(statusOf(folder / "plain/source/tool").st_mode & 07777, 0755U);
        QVERIFY(warnsAbout(plain->warnings, folder / "plain/source/tool", "--preserve-special"));
    }

    void ownersComeBack()
    {
        if (::geteuid() != 0)
            QSKIP("only root can give files to others");
        const Folder folder;
        writeFile(folder / "source/file", "x");
        makeLink("file", folder / "source/link");
        makeFolder(folder / "source/folder");
        QCOMPARE(::lchown((folder / "source/file").constData(), 1234, 4321), 0);
        QCOMPARE(::lchown((folder / "source/link").constData(), 4'000'000'000U, 7), 0);
        QCOMPARE(::lchown((folder / "source/folder").constData(), 65534, 65534), 0);
        QCOMPARE(roundTrip(folder), QStringList());
    }

    void ownersThatCannotBeRestoredAreNamedAndTheFileIsThere()
    {
        if (!AsNobody::isPossible())
            QSKIP("only root can become somebody else");
        const Folder folder;
        writeFile(folder / "source/file", "x");
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        setMode(folder.path(), 0777);
        setMode(archive, 0444);
        const AsNobody nobody;
        const Result<RestoreOutcome> restored = restoreTo(archive, folder / "back");
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(readFile(folder / "back/source/file"), "x");
        QVERIFY(warnsAbout(restored->warnings, folder / "back/source/file", "owner"));
    }

    void timesComeBackToTheNanosecond_data()
    {
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<int>("nanoseconds");
        QTest::newRow("now") << qint64(1'770'000'000) << 123'456'789;
        QTest::newRow("the last nanosecond") << qint64(1'770'000'000) << 999'999'999;
        QTest::newRow("1970") << qint64(0) << 1;
        QTest::newRow("before 1970") << qint64(-1) << 999'999'999;
        QTest::newRow("long before 1970") << qint64(-2'000'000'000) << 5;
        QTest::newRow("after 2038") << qint64(5'000'000'000) << 7;
    }

    void timesComeBackToTheNanosecond()
    {
        QFETCH(qint64, seconds);
        QFETCH(int, nanoseconds);
        const Folder folder;
        writeFile(folder / "source/folder/file", "x");
        makeLink("file", folder / "source/folder/link");
        for (const char *path : { "source/folder/file", "source/folder/link", "source/folder" })
            setModified(folder / path, seconds, nanoseconds);
        if (statusOf(folder / "source/folder/file").st_mtim.tv_sec != seconds)
            QSKIP("the file system knows no such time");
        QCOMPARE(roundTrip(folder), QStringList());
    }

    void extendedAttributesComeBack()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        makeFolder(folder / "source/folder");
        QByteArray value = randomBytes(900, 5);
        value[7] = '\0';
        if (!setAttribute(folder / "source/file", "user.hubkeep", value))
            QSKIP("the file system has no extended attributes");
        QVERIFY(setAttribute(folder / "source/file", "user.empty", {}));
        QVERIFY(setAttribute(folder / "source/file", "user.\xff", "not text"));
        QVERIFY(setAttribute(folder / "source/folder", "user.of", "a folder"));
        QCOMPARE(roundTrip(folder), QStringList());
    }

    // What setfacl writes: version 2, user::rw-, user:65534:r--, group::r--, mask::r--, other::---
    void accessControlListsComeBack()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        makeFolder(folder / "source/folder");
        const QByteArray list = QByteArray::fromHex("02000000"
                                                    "01000600ffffffff"
                                                    "02000400feff0000"
                                                    "04000400ffffffff"
                                                    "10000400ffffffff"
                                                    "20000000ffffffff");
        if (!setAttribute(folder / "source/file", "system.posix_acl_access", list))
            QSKIP("the file system has no access control lists");
        QVERIFY(setAttribute(folder / "source/folder", "system.posix_acl_default", list));
        QCOMPARE(roundTrip(folder), QStringList());
    }

    void fileCapabilitiesComeBackOnlyWhenAsked()
    {
        const Folder folder;
        writeFile(folder / "source/tool", "x");
        // cap_net_raw+ep, version 2
        const QByteArray capability
            = QByteArray::fromHex("0100000200200000000000000000000000000000");
        if (!setAttribute(folder / "source/tool", "security.capability", capability))
            QSKIP("only root can give capabilities");
        RestoreRequest special;
        special.preserveSpecial = true;
        QCOMPARE(roundTrip(folder, special), QStringList());
        const QByteArray archive = folder / "out/" + namesIn(folder / "out").first();
        const Result<RestoreOutcome> plain = restoreTo(archive, folder / "plain");
        QVERIFY2(plain, qPrintable(sentence(plain)));
        QVERIFY(warnsAbout(plain->warnings, folder / "plain/source/tool", "capabilities"));
        QVERIFY(describeTree(folder / "plain/source").value("tool").contains("attributes ;"));
    }

    void emptyFoldersComeBack()
    {
        const Folder folder;
        makeFolder(folder / "source/a/b/c");
        makeFolder(folder / "source/d");
        writeFile(folder / "source/file", "x");
        QCOMPARE(roundTrip(folder), QStringList());
    }

    void hardLinksComeBackAsOneFile()
    {
        const Folder folder;
        writeFile(folder / "source/a/small", "one file");
        makeFolder(folder / "source/z");
        makeHardLink(folder / "source/a/small", folder / "source/a/other");
        makeHardLink(folder / "source/a/small", folder / "source/z/third");
        writeFile(folder / "source/large", randomBytes(3 << 20, 1));
        makeHardLink(folder / "source/large", folder / "source/z/large");
        writeFile(folder / "source/empty", "");
        makeHardLink(folder / "source/empty", folder / "source/z/empty");
        QCOMPARE(roundTrip(folder), QStringList());
        const QByteArray archive = folder / "out/" + namesIn(folder / "out").first();
        QCOMPARE(entriesOf(archive).value("sources/source/z/third").hardLinkTo,
            "sources/source/a/other");
        QCOMPARE(statusOf(folder / "back/source/z/third").st_nlink, 3U);
    }

    // One of its names lies outside: the ones in the backup are still one file.
    void aHardLinkOutOfTheSourceIsAFile()
    {
        const Folder folder;
        writeFile(folder / "outside", "x");
        makeFolder(folder / "source");
        makeHardLink(folder / "outside", folder / "source/in");
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        QVERIFY(restoreTo(archive, folder / "back").ok());
        QCOMPARE(readFile(folder / "back/source/in"), "x");
        QCOMPARE(statusOf(folder / "back/source/in").st_nlink, 1U);
        QCOMPARE(statusOf(folder / "outside").st_nlink, 2U);
    }

    void symlinksComeBackAsTheyWere()
    {
        const Folder folder;
        makeFolder(folder / "source");
        for (const char *target :
            { "file", "/etc/passwd", "../../..", ".", "no/where", "a\nb", "\xff\xfe", " " })
            makeLink(target, folder / "source/to " + QByteArray(target).toHex());
        makeLink(QByteArray(4000, 'x'), folder / "source/long");
        QCOMPARE(roundTrip(folder), QStringList());
    }

    void namesThatAreNotTextComeBackByteForByte()
    {
        const Folder folder;
        for (const QByteArray &name :
            { QByteArray("\xff\xfe"), QByteArray("caf\xe9/\xc3\x28"), QByteArray("line\nbreak"),
                QByteArray("back\\slash"), QByteArray("\x01\x7f"), QByteArray("\xed\xa0\x80"),
                QByteArray(255, '\xe9'), QByteArray("emoji \xf0\x9f\x98\x80") })
            writeFile(folder / "source/" + name, name);
        makeLink("caf\xe9", folder / "source/link\xe9");
        QCOMPARE(roundTrip(folder), QStringList());
    }

    void deepFoldersComeBack()
    {
        const Folder folder;
        QByteArray path = folder / "source";
        for (int i = 0; i < 150; ++i)
            path += "/part-" + QByteArray::number(i);
        writeFile(path + "/in", "x");
        QCOMPARE(roundTrip(folder), QStringList());
    }

    void sparseFilesDoNotExplode()
    {
        constexpr qint64 size = qint64(1) << 30;
        const Folder folder;
        writeFile(folder / "source/image", "begins");
        overwriteAt(folder / "source/image", size / 2 + 12'345, "in the middle");
        overwriteAt(folder / "source/image", size - 3, "end");
        writeFile(folder / "source/hole", "");
        QCOMPARE(::truncate((folder / "source/hole").constData(), size / 4), 0);
        if (statusOf(folder / "source/image").st_blocks > 1000)
            QSKIP("the file system has no sparse files");
        QElapsedTimer timer;
        timer.start();
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
        QVERIFY2(timer.elapsed() < 30'000, "the holes were read");
        // All zeros at the least that deflate can do would be 1.2 MB.
        QVERIFY2(made.size < 3'000'000, qPrintable(QString::number(made.size)));
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        const struct stat image = statusOf(folder / "back/source/image");
        QCOMPARE(qint64(image.st_size), size);
        QVERIFY2(image.st_blocks < 2000, qPrintable(QString::number(image.st_blocks)));
        QVERIFY(statusOf(folder / "back/source/hole").st_blocks < 100);
        const FileDescriptor fd(::open((folder / "back/source/image").constData(), O_RDONLY));
        char bytes[13];
        QVERIFY(readExactlyAt(fd.get(), bytes, size / 2 + 12'345).ok());
        QCOMPARE(QByteArray(bytes, sizeof bytes), "in the middle");
        QVERIFY(readExactlyAt(fd.get(), std::span(bytes, 3), size - 3).ok());
        QCOMPARE(QByteArray(bytes, 3), "end");
    }

    void whatIsNoFileIsInTheWarningsAndInTheBackup()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        makeFifo(folder / "source/fifo");
        makeSocket(folder / "source/socket");
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
        QCOMPARE(made.warningCount, 2);
        QCOMPARE(made.info.unreadable, 0);
        QVERIFY(warnsAbout(made.warnings, folder / "source/fifo", "FIFO"));
        QVERIFY(warnsAbout(made.warnings, folder / "source/socket", "socket"));
        const Result<QList<Warning>> kept = mustOpen(made.path).warnings();
        QVERIFY(kept && *kept == made.warnings);
        QCOMPARE(entriesOf(made.path).keys(),
            (QList<QByteArray> { "sources/source", "sources/source/file" }));
    }
};

QTEST_GUILESS_MAIN(TestMetadata)
#include "tst_metadata.moc"
