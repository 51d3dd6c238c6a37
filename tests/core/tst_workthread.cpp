// ctest: threaded
#include "automation/core/workthread.h"

#include <QtTest>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

using namespace hubkeep;

class TestWorkThread : public QObject
{
    Q_OBJECT

private slots:
    void piecesRunOneAfterTheOtherOnOneOtherThread()
    {
        std::vector<int> done; // unguarded on purpose
        std::vector<std::thread::id> threads;
        WorkThread thread;
        for (int i = 0; i < 100; ++i) {
            thread.start([&, i] {
                done.push_back(i);
                threads.push_back(std::this_thread::get_id());
            });
        }
        thread.wait();
        QCOMPARE(done.size(), 100U);
        for (int i = 0; i < 100; ++i) {
            QCOMPARE(done[size_t(i)], i);
            QVERIFY(threads[size_t(i)] == threads[0]);
        }
        QVERIFY(threads[0] != std::this_thread::get_id());
    }

    void whoWaitsSeesWhatTheWorkWroteAndTheWorkWhatWasThereBefore()
    {
        WorkThread thread;
        for (int i = 1; i <= 500; ++i) {
            auto given = std::make_unique<int>(i);
            auto made = std::make_unique<std::optional<int>>();
            thread.start([from = given.get(), to = made.get()] { *to = *from * 2; });
            thread.wait();
            QCOMPARE(made->value_or(0), i * 2);
        }
    }

    void workIsBusyUntilWhatItHeldIsGone()
    {
        std::promise<void> isLetGo;
        std::promise<void> mayEnd;
        auto held = std::make_shared<int>(1);
        const std::weak_ptr<int> watched = held;
        WorkThread thread;
        QVERIFY(thread.isIdle());
        thread.start([&, held = std::move(held)] {
            isLetGo.set_value();
            mayEnd.get_future().wait();
        });
        isLetGo.get_future().wait();
        QVERIFY(!thread.isIdle());
        QVERIFY(!watched.expired());
        mayEnd.set_value();
        thread.wait();
        QVERIFY(thread.isIdle());
        QVERIFY(watched.expired());
    }

    void workMayStartMore()
    {
        std::atomic<int> done = 0;
        WorkThread thread;
        thread.start([&] {
            thread.start([&] { ++done; });
            ++done;
        });
        thread.wait();
        QCOMPARE(done.load(), 2);
    }

    void destroyingItFirstDoesWhatWasStarted()
    {
        std::promise<void> mayBegin;
        int done = 0;
        {
            WorkThread thread;
            thread.start([&] { mayBegin.get_future().wait(); });
            for (int i = 0; i < 10; ++i)
                thread.start([&] { ++done; });
            QVERIFY(!thread.isIdle());
            mayBegin.set_value();
        }
        QCOMPARE(done, 10);
    }
};

QTEST_GUILESS_MAIN(TestWorkThread)
#include "tst_workthread.moc"
