#include "automation/core/timerqueue.h"

#include <QSignalSpy>
#include <QtTest>

#include <chrono>
#include <deque>
#include <vector>

using namespace hubkeep;
using namespace std::chrono_literals;

namespace {

// Wall time and time passed, apart.
class TwoHands final : public Clock
{
public:
    QDateTime now() const override { return QDateTime::fromMSecsSinceEpoch(wall, Qt::UTC); }
    std::chrono::milliseconds uptime() const override { return std::chrono::milliseconds(up); }
    void pass(std::chrono::milliseconds time)
    {
        wall += time.count();
        up += time.count();
    }
    void setForward(std::chrono::milliseconds time) { wall += time.count(); }

    qint64 wall = 1'776'081'600'000;
    qint64 up = 5'000;
};

} // namespace

class TestTimerQueue : public QObject
{
    Q_OBJECT

private:
    std::function<void()> note(const char *name)
    {
        return [this, name] { m_seen << QString::fromLatin1(name); };
    }
    QStringList seen() { return std::exchange(m_seen, {}); }
    static QStringList words(const char *text)
    {
        return QString::fromLatin1(text).split(u' ', Qt::SkipEmptyParts);
    }

    QStringList m_seen;

private slots:
    void init() { m_seen.clear(); }

    void nothingComesEarlyAndEachComesOnce()
    {
        TwoHands clock;
        TimerQueue timers(clock);
        const Timer a = timers.after(10s, note("after"));
        const Timer b = timers.at(clock.now().addSecs(20), note("at"));
        QCOMPARE(*timers.untilNext(), 10'000ms);
        clock.pass(9'999ms);
        timers.wake();
        QCOMPARE(seen(), words(""));
        QVERIFY(a.isActive());
        clock.pass(1ms);
        timers.wake();
        timers.wake();
        QCOMPARE(seen(), words("after"));
        QVERIFY(!a.isActive());
        QVERIFY(b.isActive());
        clock.pass(10s);
        timers.wake();
        QCOMPARE(seen(), words("at"));
        QVERIFY(!timers.untilNext());
    }

    void whatIsLateComesInTheOrderOfItsTime()
    {
        TwoHands clock;
        TimerQueue timers(clock);
        const Timer c = timers.at(clock.now().addSecs(3), note("c"));
        const Timer b = timers.after(2s, note("b"));
        const Timer d = timers.after(3s + 1ms, note("d"));
        const Timer a = timers.at(clock.now().addSecs(1), note("a"));
        const Timer also = timers.at(clock.now().addSecs(1), note("a2"));
        clock.pass(1h); // it slept
        timers.wake();
        QCOMPARE(seen(), words("a a2 b c d"));
    }

    void whoseOwnerIsGoneIsNotCalled()
    {
        TwoHands clock;
        TimerQueue timers(clock);
        Timer kept = timers.after(1s, note("kept"));
        {
            const Timer dropped = timers.after(1s, note("dropped"));
        }
        Timer replaced = timers.after(1s, note("replaced"));
        replaced = timers.after(2s, note("other"));
        clock.pass(1s);
        timers.wake();
        QCOMPARE(seen(), words("kept"));
        clock.pass(1s);
        timers.wake();
        QCOMPARE(seen(), words("other"));
    }

    void aCallMayDropOthersThatAreDueToo()
    {
        TwoHands clock;
        TimerQueue timers(clock);
        Timer other;
        const Timer first = timers.after(1s, [&] {
            m_seen << QStringLiteral("first");
            other = {};
        });
        other = timers.after(1s, note("other"));
        clock.pass(1s);
        timers.wake();
        QCOMPARE(seen(), words("first"));
    }

    void aCallMayDropItsOwnTimerAndStartItAnew()
    {
        TwoHands clock;
        TimerQueue timers(clock);
        int calls = 0;
        Timer timer;
        std::function<void()> again = [&] {
            ++calls;
            timer = timers.after(1s, again);
        };
        timer = timers.after(1s, again);
        for (int i = 0; i < 5; ++i) {
            clock.pass(1s);
            timers.wake();
        }
        QCOMPARE(calls, 5);
    }

    void whatACallAddsWaitsForTheNextTime()
    {
        TwoHands clock;
        TimerQueue timers(clock);
        std::deque<Timer> added;
        std::function<void()> more = [&] { added.push_back(timers.after(0s, more)); };
        more();
        timers.wake();
        QCOMPARE(added.size(), size_t(2));
        QCOMPARE(*timers.untilNext(), 0ms);
    }

    void aSetClockMovesWhatFollowsItAndLeavesTheRest()
    {
        TwoHands clock;
        TimerQueue timers(clock);
        QSignalSpy changes(&timers, &TimerQueue::clockChanged);
        const Timer a = timers.after(1h, note("after"));
        const Timer b = timers.at(clock.now().addSecs(3600), note("at"));
        clock.setForward(1h);
        timers.wake();
        QCOMPARE(seen(), words("at"));
        QCOMPARE(changes.size(), 1);
        QCOMPARE(changes[0][0].value<std::chrono::milliseconds>(), 3'600'000ms);

        clock.setForward(-5h);
        timers.wake();
        QCOMPARE(changes.size(), 2);
        QCOMPARE(changes[1][0].value<std::chrono::milliseconds>(), -18'000'000ms);
        clock.pass(1h);
        timers.wake();
        QCOMPARE(seen(), words("after"));
        QCOMPARE(changes.size(), 2);
    }

    void sleepingIsNotTakenForASetClock()
    {
        TwoHands clock;
        TimerQueue timers(clock);
        QSignalSpy changes(&timers, &TimerQueue::clockChanged);
        clock.pass(8h);
        timers.wake();
        QCOMPARE(changes.size(), 0);
    }

    void smallStepsOfTheClockAddUp()
    {
        TwoHands clock;
        TimerQueue timers(clock);
        QSignalSpy changes(&timers, &TimerQueue::clockChanged);
        for (int i = 0; i < 3; ++i) {
            clock.setForward(400ms);
            timers.wake();
        }
        QCOMPARE(changes.size(), 1);
        QCOMPARE(changes[0][0].value<std::chrono::milliseconds>(), 1200ms);
    }

    void whoListensMayTakeBackWhatBecameDue()
    {
        TwoHands clock;
        TimerQueue timers(clock);
        Timer due = timers.at(clock.now().addSecs(60), note("due"));
        connect(&timers, &TimerQueue::clockChanged, this, [&] { due = {}; });
        clock.setForward(1h);
        timers.wake();
        QCOMPARE(seen(), words(""));
    }

    void aTimerMayOutliveItsQueue()
    {
        TwoHands clock;
        auto timers = std::make_unique<TimerQueue>(clock);
        Timer timer = timers->after(1s, note("never"));
        timers.reset();
        QVERIFY(!timer.isActive());
        timer = {};
        QVERIFY(!Timer().isActive());
    }

    void waitingForEverIsPossible()
    {
        TwoHands clock;
        TimerQueue timers(clock);
        const Timer timer = timers.after(std::chrono::milliseconds::max(), note("never"));
        const Timer past = timers.after(-5s, note("past"));
        timers.wake();
        QCOMPARE(seen(), words("past"));
        QVERIFY(timer.isActive());
    }

    void thousandsAreCheap()
    {
        TwoHands clock;
        TimerQueue timers(clock);
        constexpr int many = 100'000;
        int calls = 0;
        std::vector<Timer> kept;
        QElapsedTimer watch;
        watch.start();
        for (int i = 0; i < many; ++i) {
            kept.push_back(
                timers.after(std::chrono::milliseconds(i * 7919 % many), [&] { ++calls; }));
            Timer soon = timers.at(clock.now().addMSecs(i), note("never")); // and dropped
        }
        clock.pass(std::chrono::milliseconds(many));
        timers.wake();
        QCOMPARE(calls, many);
        QVERIFY2(watch.elapsed() < 5000, qPrintable(QString::number(watch.elapsed())));
    }

    void theSystemClockWakesItByItself()
    {
        const SystemClock clock;
        TimerQueue timers(clock);
        const auto before = clock.uptime();
        std::chrono::milliseconds first {}, second {}, third {};
        const Timer b = timers.at(clock.now().addMSecs(60), [&] { second = clock.uptime(); });
        const Timer a = timers.after(30ms, [&] { first = clock.uptime(); });
        const Timer c = timers.after(90ms, [&] { third = clock.uptime(); });
        QTRY_VERIFY(third.count() > 0);
        QVERIFY(first - before >= 30ms);
        QVERIFY(second - before >= 59ms);
        QVERIFY(third - before >= 90ms);
        QVERIFY(first <= second && second <= third);
    }

    void timeOfTheSystemGoesOn()
    {
        const SystemClock clock;
        const auto first = clock.uptime();
        QTRY_VERIFY(clock.uptime() > first);
        QVERIFY(clock.uptime() - first < 1h);
    }
};

QTEST_GUILESS_MAIN(TestTimerQueue)
#include "tst_timerqueue.moc"
