// Backups and restores that are interrupted, killed, or started twice.

#include "tests/support/enginecli.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <csignal>
#include <cstdlib>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

// A folder that is being backed up, for as long as its FIFO says nothing: a command that waits
// is a job that can be met in its middle however fast it is.
struct Middle
{
    Folder folder;
    QByteArray older;
    QByteArray before;

    Middle()
    {
        for (int i = 0; i < 200; ++i)
            writeFile(folder / "source/" + QByteArray::number(i), randomBytes(20'000, quint32(i)));
        older = runHubkeep({ "backup", "--source", folder / "source", "--output", folder / "out" })
                    .out.trimmed();
        before = readFile(folder / "out/" + older + ".zip");
        makeFifo(folder / "fifo");
    }
    QList<QByteArray> arguments() const
    {
        return { "backup", "--source", folder / "source", "--command",
            "z.dump=seq 1 500000; cat " + folder / "fifo", "--output", folder / "out" };
    }
    bool isIn() const
    {
        const QByteArray names = namesIn(folder / "out").join(' ');
        return names.contains(".zip.partial") && names.contains(".spool.partial");
    }
    bool onlyTheOlderIsThere() const
    {
        return namesIn(folder / "out") == QList<QByteArray> { older + ".zip" }
        && readFile(folder / "out/" + older + ".zip") == before;
    }
};

} // namespace

class TestInterruption : public QObject
{
    Q_OBJECT

private slots:
    void signalsLeaveNothingBehind_data()
    {
        QTest::addColumn<int>("number");
        QTest::newRow("Ctrl-C") << SIGINT;
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("a closed terminal") << SIGHUP;
    }

    void signalsLeaveNothingBehind()
    {
        QFETCH(int, number);
        const Middle middle;
        RunningCli job(middle.arguments());
        QTRY_VERIFY(middle.isIn());
        job.signal(number);
        const CliResult ended = job.wait();
        QCOMPARE(ended.exitCode, 130);
        QVERIFY2(isOneSentence(ended.err) && ended.err.contains("nothing was left behind"),
            ended.err.constData());
        QCOMPARE(ended.out, QByteArray());
        QVERIFY(middle.onlyTheOlderIsThere());
    }

    void aKilledJobLeavesOnlyWhatTheNextOneRemoves()
    {
        const Middle middle;
        {
            RunningCli job(middle.arguments());
            QTRY_VERIFY(middle.isIn());
            job.signal(SIGKILL);
            QCOMPARE(job.wait().exitCode, 128 + SIGKILL);
        }
        QVERIFY(middle.isIn());
        // What it left is no backup to anybody.
        const CliResult listed = runHubkeep({ "list", "--output", middle.folder / "out" });
        QCOMPARE(listed.out.count('\n'), 1);
        QCOMPARE(
            runHubkeep({ "verify", middle.folder / "out/" + middle.older + ".zip" }).exitCode, 0);
        const CliResult next = runHubkeep(
            { "backup", "--source", middle.folder / "source", "--output", middle.folder / "out" });
        QCOMPARE(next.exitCode, 0);
        QCOMPARE(namesIn(middle.folder / "out").size(), 2);
        QVERIFY(!namesIn(middle.folder / "out").join().contains(".partial"));
        QCOMPARE(readFile(middle.folder / "out/" + middle.older + ".zip"), middle.before);
    }

    void aSecondJobIsTurnedAwayAndHarmsNothing()
    {
        const Middle middle;
        RunningCli job(middle.arguments());
        QTRY_VERIFY(middle.isIn());
        const CliResult busy = runHubkeep(middle.arguments());
        QCOMPARE(busy.exitCode, 5);
        QVERIFY2(isOneSentence(busy.err), busy.err.constData());
        QVERIFY(middle.isIn());
        QCOMPARE(std::system(("echo the end >" + middle.folder / "fifo").constData()), 0);
        const CliResult ended = job.wait();
        QCOMPARE(ended.exitCode, 0);
        QCOMPARE(runHubkeep({ "verify", middle.folder / "out/" + ended.out.trimmed() + ".zip" })
                     .exitCode,
            0);
    }

    // Readers need no lock.
    void backupsCanBeReadWhileOneIsMade()
    {
        const Middle middle;
        RunningCli job(middle.arguments());
        QTRY_VERIFY(middle.isIn());
        const QByteArray archive = middle.folder / "out/" + middle.older + ".zip";
        QCOMPARE(runHubkeep({ "verify", archive }).exitCode, 0);
        QCOMPARE(runHubkeep({ "list", "--output", middle.folder / "out" }).exitCode, 0);
        QCOMPARE(runHubkeep({ "restore", archive, "--to", middle.folder / "back" }).exitCode, 0);
        job.signal(SIGINT);
        QCOMPARE(job.wait().exitCode, 130);
    }

    void anInterruptedRestoreLeavesNoHalfFile()
    {
        const Folder folder;
        for (int i = 0; i < 20; ++i)
            writeFile(folder / "source/" + QByteArray::number(i), someText(10 << 20));
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        RunningCli job({ "restore", archive, "--to", folder / "back" });
        QTRY_VERIFY(exists(folder / "back/source") && !namesIn(folder / "back/source").isEmpty());
        job.signal(SIGINT);
        const CliResult ended = job.wait();
        if (ended.exitCode == 0)
            QSKIP("it was done before the signal came");
        QCOMPARE(ended.exitCode, 130);
        for (const QByteArray &name : namesIn(folder / "back/source")) {
            QVERIFY2(!name.contains(".partial"), name.constData());
            QCOMPARE(qint64(statusOf(folder / "back/source/" + name).st_size), 10 << 20);
        }
    }
};

QTEST_GUILESS_MAIN(TestInterruption)
#include "tst_interruption.moc"
