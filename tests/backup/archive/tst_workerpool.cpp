// ctest: threaded

#include "integrations/backup/archive/workerpool.h"

#include <QTest>

#include <atomic>
#include <stdexcept>

using namespace hubkeep::backup;

class TestWorkerPool : public QObject
{
    Q_OBJECT

private slots:
    void hasAtLeastTwoThreadsUnlessTold();
    void runsEveryTask();
    void tasksRunAtTheSameTime();
    void oneThreadKeepsTheOrder();
    void endingFinishesWhatWasGiven();
    void anExceptionReachesWhoWaits();
    void tasksMayBeGivenFromSeveralThreads();
    void tasksMayOnlyBeMovable();
    void resultsComeInTheOrderTheirTasksWereAdded();
    void resultsAreFullAtTheirCapacity();
    void droppingResultsWaitsForTheirTasks();
};

void TestWorkerPool::hasAtLeastTwoThreadsUnlessTold()
{
    QVERIFY(WorkerPool().threads() >= 2);
    QCOMPARE(WorkerPool(1).threads(), 1U);
    QCOMPARE(WorkerPool(5).threads(), 5U);
}

void TestWorkerPool::runsEveryTask()
{
    WorkerPool pool(3);
    std::vector<std::future<int>> futures;
    for (int i = 0; i < 200; ++i)
        futures.push_back(pool.run([i] { return i * i; }));
    for (int i = 0; i < 200; ++i)
        QCOMPARE(futures[size_t(i)].get(), i * i);
}

void TestWorkerPool::tasksRunAtTheSameTime()
{
    WorkerPool pool(2);
    std::promise<void> first;
    std::promise<void> second;
    auto a = pool.run([&] {
        first.set_value();
        second.get_future().wait();
    });
    auto b = pool.run([&] {
        first.get_future().wait();
        second.set_value();
    });
    a.get();
    b.get(); // with one thread, neither would come back
}

void TestWorkerPool::oneThreadKeepsTheOrder()
{
    std::vector<int> order;
    {
        WorkerPool pool(1);
        for (int i = 0; i < 100; ++i)
            pool.run([&order, i] { order.push_back(i); });
    }
    QCOMPARE(order.size(), size_t(100));
    QVERIFY(std::is_sorted(order.begin(), order.end()));
}

void TestWorkerPool::endingFinishesWhatWasGiven()
{
    std::atomic<int> done = 0;
    std::promise<void> gate;
    const std::shared_future<void> open = gate.get_future().share();
    {
        WorkerPool pool(2);
        for (int i = 0; i < 50; ++i) {
            pool.run([&done, open] {
                open.wait();
                ++done;
            });
        }
        QCOMPARE(done.load(), 0);
        gate.set_value();
    }
    QCOMPARE(done.load(), 50);
}

void TestWorkerPool::anExceptionReachesWhoWaits()
{
    WorkerPool pool(1);
    auto failing = pool.run([]() -> int { throw std::runtime_error("no"); });
    QVERIFY_EXCEPTION_THROWN(failing.get(), std::runtime_error);
    QCOMPARE(pool.run([] { return 7; }).get(), 7);
}

void TestWorkerPool::tasksMayBeGivenFromSeveralThreads()
{
    std::atomic<int> sum = 0;
    {
        WorkerPool pool(2);
        std::vector<std::jthread> givers;
        for (int t = 0; t < 4; ++t) {
            givers.emplace_back([&pool, &sum] {
                for (int i = 0; i < 100; ++i)
                    pool.run([&sum] { ++sum; });
            });
        }
    }
    QCOMPARE(sum.load(), 400);
}

void TestWorkerPool::tasksMayOnlyBeMovable()
{
    WorkerPool pool(1);
    auto value = std::make_unique<int>(3);
    auto future
        = pool.run([value = std::move(value)] { return std::make_unique<int>(*value + 1); });
    QCOMPARE(*future.get(), 4);
}

void TestWorkerPool::resultsComeInTheOrderTheirTasksWereAdded()
{
    WorkerPool pool(2);
    OrderedResults<int> results(pool, 4);
    std::promise<void> gate;
    const std::shared_future<void> open = gate.get_future().share();
    results.add([open] {
        open.wait(); // the first is the last to end
        return 1;
    });
    auto second = std::make_shared<std::promise<void>>();
    results.add([second] {
        second->set_value();
        return 2;
    });
    second->get_future().wait();
    gate.set_value();
    QCOMPARE(results.take(), 1);
    QCOMPARE(results.take(), 2);
    QVERIFY(results.isEmpty());
}

void TestWorkerPool::resultsAreFullAtTheirCapacity()
{
    WorkerPool pool(2);
    OrderedResults<int> results(pool, 3);
    int taken = 0;
    for (int i = 0; i < 100; ++i) {
        if (results.isFull())
            QCOMPARE(results.take(), taken++);
        QVERIFY(!results.isFull());
        results.add([i] { return i; });
        QCOMPARE(results.isFull(), i >= 2);
    }
    while (!results.isEmpty())
        QCOMPARE(results.take(), taken++);
    QCOMPARE(taken, 100);
}

void TestWorkerPool::droppingResultsWaitsForTheirTasks()
{
    WorkerPool pool(2);
    std::atomic<int> done = 0;
    for (int round = 0; round < 50; ++round) {
        {
            OrderedResults<int> results(pool, 8);
            for (int i = 0; i < 8; ++i)
                results.add([&done] { return ++done; });
        }
        QCOMPARE(done.load(), 8 * (round + 1));
    }
}

QTEST_GUILESS_MAIN(TestWorkerPool)
#include "tst_workerpool.moc"
