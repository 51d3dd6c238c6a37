// Sources and files that cannot be backed up: what is said, what is kept, what is not made.

#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <atomic>
#include <thread>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QStringList failedNames(const BackupOutcome &outcome)
{
    QStringList names;
    for (const FailedSource &failed : outcome.info.failedSources)
        names.append(failed.name);
    return names;
}

} // namespace

class TestSourceFailures : public QObject
{
    Q_OBJECT

private slots:
    void aMissingSourceAloneMakesNoBackup()
    {
        const Folder folder;
        const auto outcome = run(request(folder / "out", files(folder / "gone")));
        QVERIFY(!outcome);
        QCOMPARE(outcome.error().code, ErrorCode::NotFound);
        QVERIFY2(sentence(outcome).contains(QLatin1String("gone")), qPrintable(sentence(outcome)));
        QVERIFY(namesIn(folder / "out").isEmpty());
    }

    void severalMissingSourcesAreAllNamed()
    {
        const Folder folder;
        const auto outcome
            = run(request(folder / "out", files(folder / "one"), files(folder / "two")));
        QVERIFY(sentence(outcome).contains(QLatin1String("one"))
            && sentence(outcome).contains(QLatin1String("two")));
        QVERIFY(namesIn(folder / "out").isEmpty());
    }

    void aMissingSourceAmongSeveralFailsAndTheOthersAreBackedUp()
    {
        const Folder folder;
        writeFile(folder / "a/file", "x");
        writeFile(folder / "z/file", "y");
        const BackupOutcome made = mustRun(request(
            folder / "out", files(folder / "a"), files(folder / "missing"), files(folder / "z")));
        QCOMPARE(failedNames(made), QStringList { QStringLiteral("missing") });
        QVERIFY(warnsAbout(made.warnings, folder / "missing", "No such file"));
        QCOMPARE(problemsOf(made.path), QStringList());
        QCOMPARE(entriesOf(made.path).keys(),
            (QList<QByteArray> { "sources/a", "sources/a/file", "sources/z", "sources/z/file" }));
        QCOMPARE(mustOpen(made.path).info().failedSources, made.info.failedSources);
    }

    void aSourceThatBecameEmptyMakesNoBackup()
    {
        const Folder folder;
        SetClock clock;
        writeFile(folder / "source/file", "x");
        BackupRequest again = request(folder / "out", files(folder / "source"));
        again.clock = &clock;
        const BackupOutcome first = mustRun(again);
        const QByteArray before = readFile(first.path);
        removeTree(folder / "source/file");
        // Still a failure on the run after that: it is the last backup that counts.
        for (int i = 0; i < 2; ++i) {
            clock.passDay();
            const auto outcome = run(again);
            QVERIFY(!outcome);
            QVERIFY2(sentence(outcome).contains(QLatin1String("is empty and had 1 file")),
                qPrintable(sentence(outcome)));
            QCOMPARE(namesIn(folder / "out").size(), 1);
            QCOMPARE(readFile(first.path), before);
        }
        writeFile(folder / "source/file", "back");
        clock.passDay();
        QVERIFY(run(again).ok());
    }

    void aSourceThatWasEmptiedOnPurposeIsAcceptedOnceInFull()
    {
        const Folder folder;
        SetClock clock;
        writeFile(folder / "source/file", "x");
        BackupRequest again = request(folder / "out", files(folder / "source"));
        again.clock = &clock;
        mustRun(again);
        removeTree(folder / "source/file");
        clock.passDay();
        const auto refused = run(again);
        QVERIFY2(sentence(refused).contains(QLatin1String("--full or \"full\": true")),
            qPrintable(sentence(refused)));
        again.full = true;
        QVERIFY(run(again).ok());
        again.full = false;
        clock.passDay();
        QVERIFY(run(again).ok());
    }

    // Folders are not what people mean to keep.
    void aSourceWithNothingButFoldersHasBecomeEmpty()
    {
        const Folder folder;
        writeFile(folder / "source/folder/file", "x");
        mustRun(request(folder / "out", files(folder / "source")));
        removeTree(folder / "source/folder/file");
        QVERIFY(!run(request(folder / "out", files(folder / "source"))));
    }

    void aSourceThatBecameEmptyAmongSeveralIsAFailureUntilItIsBack()
    {
        const Folder folder;
        SetClock clock;
        writeFile(folder / "a/file", "x");
        writeFile(folder / "b/file", "y");
        BackupRequest again = request(folder / "out", files(folder / "a"), files(folder / "b"));
        again.clock = &clock;
        QVERIFY(mustRun(again).info.failedSources.isEmpty());
        removeTree(folder / "b/file");
        for (int i = 0; i < 3; ++i) {
            clock.passDay();
            const BackupOutcome made = mustRun(again);
            QCOMPARE(failedNames(made), QStringList { QStringLiteral("b") });
            QVERIFY(entriesOf(made.path).contains("sources/a/file"));
            QVERIFY(!entriesOf(made.path).contains("sources/b"));
            QCOMPARE(made.info.failedSources.first().lastCounts.files, 1);
        }
        writeFile(folder / "b/other", "z");
        clock.passDay();
        QVERIFY(mustRun(again).info.failedSources.isEmpty());
    }

    // The same after it was missing altogether, as a disk that is mounted late would be.
    void aSourceThatWentMissingAndCameBackEmptyIsStillAFailure()
    {
        const Folder folder;
        SetClock clock;
        writeFile(folder / "a/file", "x");
        writeFile(folder / "b/file", "y");
        BackupRequest again = request(folder / "out", files(folder / "a"), files(folder / "b"));
        again.clock = &clock;
        mustRun(again);
        removeTree(folder / "b");
        clock.passDay();
        QCOMPARE(failedNames(mustRun(again)).size(), 1);
        makeFolder(folder / "b");
        clock.passDay();
        QCOMPARE(failedNames(mustRun(again)).size(), 1);
    }

    void aSourceThatWasAlwaysEmptyIsFine()
    {
        const Folder folder;
        makeFolder(folder / "source");
        for (int i = 0; i < 2; ++i) {
            const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
            QVERIFY(made.info.failedSources.isEmpty());
            QVERIFY(restoreTo(made.path, folder / ("back" + QByteArray::number(i))).ok());
        }
        QVERIFY(exists(folder / "back1/source"));
    }

    void filesThatCannotBeReadAreNamedAndTheRestIsBackedUp()
    {
        if (!AsNobody::isPossible())
            QSKIP("only root can become somebody else");
        const Folder folder;
        setMode(folder.path(), 0777);
        writeFile(folder / "source/closed", "x");
        writeFile(folder / "source/open", "y");
        writeFile(folder / "source/closed folder/in", "z");
        writeFile(folder / "source/large", randomBytes(3 << 20, 1));
        for (const char *closed : { "closed", "closed folder", "large" })
            setMode(folder / "source/" + closed, 0);
        BackupOutcome made;
        {
            const AsNobody nobody;
            made = mustRun(request(folder / "out", files(folder / "source")));
        }
        QCOMPARE(made.info.unreadable, 3);
        for (const char *closed : { "closed", "closed folder", "large" })
            QVERIFY(warnsAbout(made.warnings, folder / "source/" + closed, "Permission denied"));
        QCOMPARE(entriesOf(made.path).keys(),
            (QList<QByteArray> { "sources/source", "sources/source/open" }));
        QCOMPARE(problemsOf(made.path), QStringList());
    }

    // It was there when the folder was listed; that is nobody's failure.
    void aFileThatVanishesIsNotMissed()
    {
        const Folder folder;
        for (int i = 0; i < 500; ++i)
            writeFile(folder / "source/" + QByteArray::number(i), "x");
        std::atomic<bool> stop = false;
        std::thread remover([&] {
            for (int i = 499; i >= 0 && !stop; --i)
                ::unlink((folder / "source/" + QByteArray::number(i)).constData());
        });
        const auto outcome = run(request(folder / "out", files(folder / "source")));
        stop = true;
        remover.join();
        QVERIFY2(outcome, qPrintable(sentence(outcome)));
        QCOMPARE(outcome->info.unreadable, 0);
        QCOMPARE(outcome->warnings.size(), 0);
        QCOMPARE(problemsOf(outcome->path), QStringList());
    }

    void theOutputFolderInTheSourceIsLeftOut()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        SetClock clock;
        BackupRequest again = request(folder / "source/backups", files(folder / "source"));
        again.clock = &clock;
        for (int i = 0; i < 3; ++i) {
            const BackupOutcome made = mustRun(again);
            clock.passDay();
            QCOMPARE(entriesOf(made.path).keys(),
                (QList<QByteArray> { "sources/source", "sources/source/file" }));
            QVERIFY(warnsAbout(made.warnings, folder / "source/backups", "written there"));
        }
    }

    void theOutputFolderAsASourceIsRefused()
    {
        const Folder folder;
        makeFolder(folder / "out");
        const auto outcome = run(request(folder / "out", files(folder / "out")));
        QVERIFY(!outcome);
        QVERIFY(sentence(outcome).contains(QLatin1String("folder that backups are written to")));
    }

    void aSingleFileIsASource()
    {
        const Folder folder;
        writeFile(folder / "letter.txt", "Dear");
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "letter.txt")));
        QCOMPARE(entriesOf(made.path).keys(),
            (QList<QByteArray> { "sources/letter.txt", "sources/letter.txt/letter.txt" }));
        QCOMPARE(made.info.counts().files, 1);
        removeTree(folder / "letter.txt");
        QVERIFY(!run(request(folder / "out", files(folder / "letter.txt"))));
    }

    void aDeviceIsNoSource()
    {
        const Folder folder;
        const auto outcome = run(request(folder / "out", files("/dev/null")));
        QVERIFY(!outcome);
        QVERIFY(sentence(outcome).contains(QLatin1String("neither a folder nor a file")));
    }
};

QTEST_GUILESS_MAIN(TestSourceFailures)
#include "tst_sourcefailures.moc"
