#include "integrations/command/commandsource.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QElapsedTimer>

#include <csignal>
#include <thread>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

std::unique_ptr<BackupSource> shell(const QByteArray &script, const QByteArray &file = "it.dump")
{
    return std::make_unique<command::CommandSource>(command::CommandConfig { QStringLiteral("it"),
        { QStringLiteral("/bin/sh"), QStringLiteral("-c"), QString::fromUtf8(script) }, file });
}

QByteArray outputOf(const Folder &folder, const QByteArray &script)
{
    const BackupOutcome made = mustRun(request(folder / "out", shell(script)));
    if (!problemsOf(made.path).isEmpty() || !restoreTo(made.path, folder / "back"))
        return "not restored";
    return readFile(folder / "back/it/it.dump");
}

QString failureOf(const QByteArray &script)
{
    const Folder folder;
    const auto outcome = run(request(folder / "out", shell(script)));
    if (!namesIn(folder / "out").isEmpty())
        return QStringLiteral("something was left in the output folder");
    return sentence(outcome);
}

bool isAlive(const QByteArray &pidFile)
{
    const pid_t pid = readFile(pidFile).trimmed().toInt();
    if (pid <= 0 || ::kill(pid, 0) != 0)
        return false;
    // A zombie that its new parent has yet to collect is no longer running.
    QFile file(QStringLiteral("/proc/%1/stat").arg(pid));
    return file.open(QIODevice::ReadOnly) && !file.readAll().contains(") Z ");
}

} // namespace

class TestCommandSource : public QObject
{
    Q_OBJECT

private slots:
    void itsOutputIsAFile()
    {
        const Folder folder;
        QCOMPARE(outputOf(folder, "printf 'one\\ntwo\\0three'"), QByteArray("one\ntwo\0three", 13));
        const struct stat status = statusOf(folder / "back/it/it.dump");
        QCOMPARE(status.st_mode & 07777, 0600U);
        QCOMPARE(status.st_uid, ::geteuid());
    }

    void noOutputIsAnEmptyFile()
    {
        const Folder folder;
        QCOMPARE(outputOf(folder, "true"), QByteArray());
        QVERIFY(exists(folder / "back/it/it.dump"));
    }

    void largeOutputIsStreamed()
    {
        const Folder folder;
        const QByteArray content = outputOf(folder, "seq 1 4000000");
        QVERIFY(content.startsWith("1\n2\n3\n"));
        QVERIFY(content.endsWith("3999999\n4000000\n"));
        QCOMPARE(content.count('\n'), 4'000'000);
    }

    void outputThatComesSlowlyIsAwaited()
    {
        const Folder folder;
        QCOMPARE(outputOf(folder, "echo first; sleep 0.3; echo second"), "first\nsecond\n");
    }

    void aLotOnStandardErrorBlocksNothing()
    {
        const Folder folder;
        QCOMPARE(outputOf(folder, "seq 1 200000 >&2; echo done"), "done\n");
    }

    void standardInputIsEmpty()
    {
        const Folder folder;
        QCOMPARE(outputOf(folder, "cat; echo done"), "done\n");
    }

    void anExitStatusFailsTheSource()
    {
        const QString said = failureOf("echo half; echo 'no such table' >&2; exit 3");
        QVERIFY2(said.contains(QLatin1String("exit status 3"))
                && said.contains(QLatin1String("no such table")),
            qPrintable(said));
    }

    // However much was good before it.
    void anExitStatusAfterLargeOutputFailsTheSource()
    {
        QVERIFY(failureOf("seq 1 1000000; exit 1").contains(QLatin1String("exit status 1")));
    }

    void aSignalFailsTheSource()
    {
        QVERIFY(failureOf("echo half; kill -9 $$").contains(QLatin1String("ended by a signal")));
    }

    void onlyTheEndOfStandardErrorIsReported()
    {
        const QString said = failureOf("seq 1 100000 >&2; echo 'the reason' >&2; exit 1");
        QVERIFY(said.contains(QLatin1String("the reason")));
        QVERIFY(said.size() < 12'000);
    }

    void aProgramThatIsNotThereIsNamed()
    {
        const Folder folder;
        const auto outcome = run(request(folder / "out",
            std::make_unique<command::CommandSource>(command::CommandConfig {
                QStringLiteral("it"), { QStringLiteral("no-such-program") }, "it" })));
        QVERIFY2(sentence(outcome).contains(QLatin1String("no-such-program"))
                && sentence(outcome).contains(QLatin1String("installed")),
            qPrintable(sentence(outcome)));
        QVERIFY(namesIn(folder / "out").isEmpty());
        const auto none = run(request(folder / "out",
            std::make_unique<command::CommandSource>(
                command::CommandConfig { QStringLiteral("it"), {}, "it" })));
        QVERIFY(sentence(none).contains(QLatin1String("names no command")));
    }

    void aFailureAmongSeveralIsNamedAndTheRestIsBackedUp()
    {
        const Folder folder;
        writeFile(folder / "a/file", "x");
        writeFile(folder / "z/file", "y");
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "a"),
            shell("seq 1 1000000; exit 1"), files(folder / "z")));
        QCOMPARE(made.info.failedSources.size(), 1);
        QCOMPARE(made.info.failedSources.first().name, QStringLiteral("it"));
        QCOMPARE(problemsOf(made.path), QStringList());
        const auto entries = entriesOf(made.path);
        QVERIFY(!entries.contains("sources/it/it.dump") && !entries.contains("sources/it"));
        QVERIFY(entries.contains("sources/a/file") && entries.contains("sources/z/file"));
        QVERIFY2(made.size < 10'000, "what it had printed is still in the archive");
    }

    void cancellingEndsTheCommandAndWhatItStarted()
    {
        const Folder folder;
        const QByteArray own = folder / "own.pid";
        const QByteArray child = folder / "child.pid";
        BackupRequest endless = request(folder / "out",
            shell("echo $$ > " + own + "; (trap '' TERM; while :; do sleep 1000; done) & echo $! > "
                + child + "; while :; do echo y; done"));
        JobControl control;
        Result<BackupOutcome> outcome = Error {};
        std::thread job([&] { outcome = runBackup(endless, control); });
        const auto started = [&] { return isAlive(own) && isAlive(child); };
        for (QElapsedTimer timer = startedTimer(); !started() && timer.elapsed() < 20'000;)
            std::this_thread::yield();
        control.cancel();
        job.join();
        QVERIFY(!outcome && outcome.error().code == ErrorCode::Cancelled);
        QTRY_VERIFY(!isAlive(own));
        const bool childEnded = QTest::qWaitFor([&] { return !isAlive(child); }, 5000);
        if (!childEnded)
            ::kill(readFile(child).trimmed().toInt(), SIGKILL);
        QVERIFY2(childEnded, "what the command had started goes on");
        QVERIFY(namesIn(folder / "out").isEmpty());
    }

    void cancellingASilentCommandDoesNotWaitForIt()
    {
        const Folder folder;
        BackupRequest silent
            = request(folder / "out", shell("echo $$ > " + folder / "pid" + "; exec sleep 1000"));
        JobControl control;
        Result<BackupOutcome> outcome = Error {};
        QElapsedTimer timer = startedTimer();
        std::thread job([&] { outcome = runBackup(silent, control); });
        while (!isAlive(folder / "pid") && timer.elapsed() < 20'000)
            std::this_thread::yield();
        timer.restart();
        control.cancel();
        job.join();
        QVERIFY2(timer.elapsed() < 10'000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(!outcome && outcome.error().code == ErrorCode::Cancelled);
        QTRY_VERIFY(!isAlive(folder / "pid"));
    }

    // Its output has no place to go back to.
    void inPlaceLeavesItOutAndSaysSo()
    {
        const Folder folder;
        writeFile(folder / "a/file", "x");
        const QByteArray archive
            = mustRun(request(folder / "out", files(folder / "a"), shell("echo y"))).path;
        removeTree(folder / "a/file");
        const auto restored = restoreInPlace(archive);
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(restored->written, 1);
        QVERIFY(warnsAbout(restored->warnings, {}, "a command's output"));
    }

private:
    static QElapsedTimer startedTimer()
    {
        QElapsedTimer timer;
        timer.start();
        return timer;
    }
};

QTEST_GUILESS_MAIN(TestCommandSource)
#include "tst_commandsource.moc"
