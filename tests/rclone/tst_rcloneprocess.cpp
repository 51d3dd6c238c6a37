#include "integrations/rclone/rcloneprocess.h"
#include "tests/support/enginetree.h"

#include <QFile>
#include <QtTest>

#include <csignal>
#include <thread>

using namespace hubkeep;
using namespace hubkeep::rclone;
using namespace hubkeep::test;

namespace {

// In rclone's place: notes its process id and waits for ever, as for a server that is dead.
RcloneConfig waitingFor(const Folder &folder)
{
    writeFile(folder / "rclone",
        "#!/bin/sh\necho $$ >> '" + folder.path() + "/pids'\nexec sleep 100000\n");
    setMode(folder / "rclone", 0755);
    RcloneConfig config { QStringLiteral("a"), QStringLiteral("a:") };
    config.program = QString::fromUtf8(folder / "rclone");
    return config;
}

QList<QByteArray> started(const Folder &folder)
{
    if (!exists(folder / "pids"))
        return {};
    const QByteArray pids = readFile(folder / "pids");
    return pids.endsWith('\n') ? pids.chopped(1).split('\n') : QList<QByteArray>();
}

} // namespace

class TestRcloneProcess : public QObject
{
    Q_OBJECT

private slots:
    void inAHurryNothingIsWaitedFor()
    {
        const Folder folder;
        RcloneProcess rclone(waitingFor(folder));
        JobControl control;
        Result<QByteArray> done = QByteArray();
        std::thread waiting([&] { done = rclone.run({ { QStringLiteral("lsjson") } }, control); });
        const bool isThere = QTest::qWaitFor([&] { return !started(folder).isEmpty(); }, 60'000);
        rclone.hurry();
        waiting.join();
        QVERIFY(isThere);
        QVERIFY(!done && done.error().code == ErrorCode::Cancelled);
        QTRY_VERIFY(::kill(pid_t(started(folder)[0].toInt()), 0) != 0);
        // And nothing else begins.
        const Result<QByteArray> next = rclone.run({ { QStringLiteral("about") } }, control);
        QVERIFY(!next && next.error().code == ErrorCode::Cancelled);
        QCOMPARE(started(folder).size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestRcloneProcess)
#include "tst_rcloneprocess.moc"
