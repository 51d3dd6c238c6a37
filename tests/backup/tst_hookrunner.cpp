#include "integrations/backup/hookrunner.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

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

    // Arguments and output may hold passwords, and everybody who may look reads the error.
    void anExitStatusFailsWithoutItsArgumentsAndWhatItSaid()
    {
        QTest::ignoreMessage(QtWarningMsg,
            QRegularExpression(
                QStringLiteral("^The hook '/bin/sh -c .*S3CRET.*no such container")));
        const Result<void> done
            = run("seq 1 10000; echo 'no such container --password=S3CRET' >&2; exit 4");
        QVERIFY(!done);
        QCOMPARE(sentence(done),
            QStringLiteral("The hook 'sh' ended with exit status 4; the log has what it said"));
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
