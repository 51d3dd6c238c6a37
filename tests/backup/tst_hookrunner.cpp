#include "integrations/backup/hookrunner.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"
#include "tests/support/loglistener.h"

#include <QtTest>

#include <csignal>
#include <thread>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

HookCommand shell(const QByteArray &script, std::chrono::milliseconds timeout)
{
    return { { QStringLiteral("/bin/sh"), QStringLiteral("-c"), QString::fromUtf8(script) },
        timeout };
}

Result<void> run(
    const QByteArray &script, std::chrono::milliseconds timeout = std::chrono::minutes(1))
{
    JobControl control;
    return runHook(shell(script, timeout), control);
}

bool isAlive(const QByteArray &pidFile)
{
    const pid_t pid = readFile(pidFile).trimmed().toInt();
    if (pid <= 0 || ::kill(pid, 0) != 0)
        return false;
    QFile file(QStringLiteral("/proc/%1/stat").arg(pid));
    return file.open(QIODevice::ReadOnly) && !file.readAll().contains(") Z ");
}

} // namespace

class TestHookRunner : public QObject
{
    Q_OBJECT

private slots:
    void aHookThatSucceedsSaysNothing()
    {
        const Folder folder;
        QVERIFY(run("echo said; echo done > " + folder / "file"));
        QCOMPARE(readFile(folder / "file"), QByteArray("done\n"));
    }

    // Arguments may be passwords; what it said is for the log alone.
    void anExitStatusFailsWithoutItsArgumentsAndWhatItSaid()
    {
        LogListener log;
        HookCommand hook = shell("echo output; seq 1 10000 >&2; echo 'no such container' >&2; "
                                 "exit 4 # --password=S3CRET",
            std::chrono::minutes(1));
        hook.place = QStringLiteral("backup.hooks.before[2]");
        JobControl control;
        const Result<void> done = runHook(hook, control);
        QVERIFY(!done);
        const QString what
            = QStringLiteral("The hook 'sh' (backup.hooks.before[2]) ended with exit status 4");
        QCOMPARE(sentence(done), what + QStringLiteral("; the log has what it said"));
        QCOMPARE(log.said.size(), 1);
        QVERIFY2(
            log.said[0].startsWith(what + QStringLiteral("; it said: ")), qPrintable(log.said[0]));
        QVERIFY(log.said[0].contains(u"no such container"));
        QVERIFY(!log.said[0].contains(u"9991") && log.said[0].contains(u"9992"));
        QVERIFY(!log.said[0].contains(u"S3CRET") && !log.said[0].contains(u"output"));
    }

    void aHookThatIsStoppedIsNamedWithoutItsArguments()
    {
        const Result<void> done = run("sleep 1000 # S3CRET", std::chrono::milliseconds(200));
        QVERIFY(sentence(done).startsWith(QLatin1String("The hook 'sh' did not end within")));
        QVERIFY(!sentence(done).contains(QLatin1String("S3CRET")));
    }

    void aSignalFails()
    {
        QVERIFY(sentence(run("kill -9 $$")).contains(QLatin1String("ended by a signal")));
    }

    void aProgramThatIsNotThereIsNamed()
    {
        JobControl control;
        const Result<void> done
            = runHook({ { QStringLiteral("no-such-program") }, std::chrono::seconds(5) }, control);
        QVERIFY(!done && done.error().code == ErrorCode::NotFound);
        QVERIFY(sentence(done).contains(QLatin1String("no-such-program")));
    }

    void atTheTimeoutItsWholeGroupEnds()
    {
        const Folder folder;
        const QByteArray child = folder / "child.pid";
        const Result<void> done
            = run("sleep 1000 & echo $! > " + child + "; wait", std::chrono::milliseconds(500));
        QVERIFY(!done && done.error().code == ErrorCode::Unavailable);
        QVERIFY(sentence(done).contains(QLatin1String("0.5 s")));
        QTRY_VERIFY(!isAlive(child));
    }

    void cancellingEndsIt()
    {
        const Folder folder;
        const QByteArray child = folder / "child.pid";
        JobControl control;
        Result<void> done;
        std::thread job([&] {
            done = runHook(
                shell("sleep 1000 & echo $! > " + child + "; wait", std::chrono::minutes(5)),
                control);
        });
        QTRY_VERIFY_WITH_TIMEOUT(isAlive(child), 20'000);
        control.cancel();
        job.join();
        QVERIFY(!done && done.error().code == ErrorCode::Cancelled);
        QTRY_VERIFY(!isAlive(child));
    }
};

QTEST_GUILESS_MAIN(TestHookRunner)
#include "tst_hookrunner.moc"
