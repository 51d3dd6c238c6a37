// ctest: threaded

#include "automation/core/jobcontrol.h"

#include <QTest>

#include <future>
#include <thread>
#include <vector>

using namespace hubkeep;

class TestJobControl : public QObject
{
    Q_OBJECT

private slots:
    void beginsAtNothing();
    void countsWhatWorkersDo();
    void aNewStageCountsFromZero();
    void theTotalMayBecomeKnownLater();
    void cancellingIsSeenByEveryThreadAndStays();
    void cancellingWakesWhoWaits();
    void theErrorOfACancelledJobSaysSo();
};

void TestJobControl::beginsAtNothing()
{
    const JobControl control;
    const Progress progress = control.progress();
    QCOMPARE(QByteArray(progress.stage), QByteArray(""));
    QCOMPARE(progress.doneBytes, 0);
    QCOMPARE(progress.totalBytes, 0);
    QCOMPARE(progress.doneItems, 0);
    QCOMPARE(progress.totalItems, 0);
    QVERIFY(!control.cancelled());
}

void TestJobControl::countsWhatWorkersDo()
{
    JobControl control;
    control.enterStage("Reading", 4000, 400);
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < 4; ++i) {
            workers.emplace_back([&control] {
                for (int n = 0; n < 100; ++n) {
                    control.advance(10);
                    control.finishItem();
                }
            });
        }
        // The watcher samples meanwhile; what it sees never exceeds the whole.
        for (int n = 0; n < 100; ++n) {
            const Progress progress = control.progress();
            QVERIFY(progress.doneBytes <= 4000);
            QVERIFY(progress.doneItems <= 400);
        }
    }
    QCOMPARE(control.progress().doneBytes, 4000);
    QCOMPARE(control.progress().doneItems, 400);
    QCOMPARE(control.progress().totalBytes, 4000);
    QCOMPARE(control.progress().totalItems, 400);
}

void TestJobControl::aNewStageCountsFromZero()
{
    JobControl control;
    control.enterStage("Reading", 10, 2);
    control.advance(7);
    control.finishItem();
    control.enterStage("Verifying");
    const Progress progress = control.progress();
    QCOMPARE(QByteArray(progress.stage), QByteArray("Verifying"));
    QCOMPARE(progress.doneBytes, 0);
    QCOMPARE(progress.doneItems, 0);
    QCOMPARE(progress.totalBytes, 0);
    QCOMPARE(progress.totalItems, 0);
}

void TestJobControl::theTotalMayBecomeKnownLater()
{
    JobControl control;
    control.enterStage("Reading");
    control.advance(3);
    control.expect(10);
    QCOMPARE(control.progress().totalBytes, 10);
    QCOMPARE(control.progress().doneBytes, 3);
}

void TestJobControl::cancellingIsSeenByEveryThreadAndStays()
{
    JobControl control;
    std::future<void> worker = std::async(std::launch::async, [&control] {
        while (!control.cancelled())
            std::this_thread::yield();
    });
    control.cancel();
    worker.get();
    control.cancel();
    control.enterStage("Restoring");
    QVERIFY(control.cancelled());
    QVERIFY(control.stopToken().stop_requested());
}

void TestJobControl::cancellingWakesWhoWaits()
{
    JobControl control;
    int woken = 0;
    {
        const std::stop_callback callback(control.stopToken(), [&woken] { ++woken; });
        QCOMPARE(woken, 0);
        control.cancel();
        QCOMPARE(woken, 1);
    }
    // Who comes too late is told at once.
    const std::stop_callback late(control.stopToken(), [&woken] { ++woken; });
    QCOMPARE(woken, 2);
}

void TestJobControl::theErrorOfACancelledJobSaysSo()
{
    QCOMPARE(JobControl::cancelledError().code, ErrorCode::Cancelled);
    QVERIFY(!JobControl::cancelledError().message.isEmpty());
}

QTEST_GUILESS_MAIN(TestJobControl)
#include "tst_jobcontrol.moc"
