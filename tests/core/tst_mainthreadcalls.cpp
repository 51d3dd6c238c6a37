// ctest: threaded
#include "automation/core/mainthreadcalls.h"

#include <QtTest>

#include <algorithm>
#include <array>
#include <memory>
#include <thread>
#include <vector>

using namespace hubkeep;

class TestMainThreadCalls : public QObject
{
    Q_OBJECT

private slots:
    void callsRunFromTheEventLoopInTheirOrder()
    {
        MainThreadCalls calls;
        QList<int> seen;
        for (int i = 0; i < 3; ++i)
            calls.post([&seen, i] { seen.append(i); });
        QCOMPARE(seen, QList<int>());
        QCoreApplication::processEvents();
        QCOMPARE(seen, (QList<int> { 0, 1, 2 }));
    }

    void aCallKeepsItsPlaceAmongOtherEvents()
    {
        MainThreadCalls calls;
        QList<int> seen;
        calls.post([&] { seen.append(1); });
        QMetaObject::invokeMethod(
            this, [&] { seen.append(2); }, Qt::QueuedConnection);
        calls.post([&] { seen.append(3); });
        QCoreApplication::processEvents();
        QCOMPARE(seen, (QList<int> { 1, 2, 3 }));
    }

    void everyThreadsCallsComeToTheMainThreadInItsOrder()
    {
        constexpr int each = 2000;
        MainThreadCalls calls;
        std::array<std::vector<int>, 4> seen; // unguarded on purpose, as what the calls bring is
        int wrongThread = 0;
        {
            std::vector<std::jthread> threads;
            for (size_t thread = 0; thread < seen.size(); ++thread) {
                threads.emplace_back([&, thread] {
                    for (int i = 0; i < each; ++i) {
                        auto brought = std::make_shared<std::vector<int>>(3, i);
                        calls.post([&, thread, brought = std::move(brought)] {
                            seen[thread].push_back(brought->back());
                            if (QThread::currentThread() != qApp->thread())
                                ++wrongThread;
                        });
                    }
                });
            }
            QTRY_VERIFY_WITH_TIMEOUT(
                std::all_of(seen.begin(), seen.end(),
                    [](const std::vector<int> &one) { return one.size() == size_t(each); }),
                60'000);
        }
        QCOMPARE(wrongThread, 0);
        for (const std::vector<int> &one : seen)
            QVERIFY(std::is_sorted(one.begin(), one.end()));
    }

    void aCallMayPostAndRunTheEventLoop()
    {
        MainThreadCalls calls;
        QList<int> seen;
        calls.post([&] {
            calls.post([&] { seen.append(2); });
            QCoreApplication::processEvents();
            seen.append(3);
        });
        calls.post([&] { seen.append(1); });
        QCoreApplication::processEvents();
        QCOMPARE(seen, (QList<int> { 1, 2, 3 }));
    }

    void whatHasNotRunIsDropped()
    {
        auto held = std::make_shared<int>(1);
        const std::weak_ptr<int> watched = held;
        bool hasRun = false;
        {
            MainThreadCalls calls;
            std::jthread([&, held = std::move(held)]() mutable {
                calls.post([&, held = std::move(held)] { hasRun = true; });
            }).join();
            QVERIFY(!watched.expired());
        }
        QVERIFY(watched.expired());
        QCoreApplication::processEvents();
        QVERIFY(!hasRun);
    }
};

QTEST_GUILESS_MAIN(TestMainThreadCalls)
#include "tst_mainthreadcalls.moc"
