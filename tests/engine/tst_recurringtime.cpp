#include "automation/core/localtime.h"
#include "automation/engine/recurringtime.h"
#include "tests/support/enginearena.h"

#include <QtTest>

#include <chrono>
#include <memory>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;
using namespace std::chrono_literals;

class TestRecurringTime : public QObject
{
    Q_OBJECT

private:
    // Every day at noon; writes down when it is called.
    std::unique_ptr<RecurringTime> atNoon(EngineArena &arena)
    {
        m_called.clear();
        return std::make_unique<RecurringTime>(
            arena.timers,
            [&arena](const QDateTime &after) {
                return nextTimeOfDay(arena.parts.zone, QTime(12, 0), after);
            },
            [this, &arena](const QDateTime &) { m_called << arena.localNow().mid(5, 11); },
            [this, &arena](const QDateTime &first) {
                m_called
                    << QLatin1String("not")
                    << first.toTimeZone(arena.parts.zone).toString(QStringLiteral("MM-dd HH:mm"));
            });
    }
    QString called() { return std::exchange(m_called, {}).join(u' ').replace(u'-', u'.'); }

    QStringList m_called;

private slots:
    void eachDayItComesOnce()
    {
        EngineArena arena;
        arena.setClock("2026-04-13 11:00:00");
        const auto noon = atNoon(arena);
        arena.advance(72h);
        QCOMPARE(called(), QStringLiteral("04.13 12:00 04.14 12:00 04.15 12:00"));
    }

    void whatWasSleptThroughComesOnceOnWaking()
    {
        EngineArena arena;
        arena.setClock("2026-04-13 11:00:00");
        const auto noon = atNoon(arena);
        arena.sleep(75h);
        QCOMPARE(called(), QStringLiteral("not 04.14 12:00 04.16 14:00"));
        arena.advance(24h);
        QCOMPARE(called(), QStringLiteral("04.17 12:00"));
    }

    void aLittleForwardItComesAtOnce()
    {
        EngineArena arena;
        arena.setClock("2026-04-13 11:30:00");
        const auto noon = atNoon(arena);
        arena.setClock("2026-04-13 12:20:00");
        QCOMPARE(called(), QStringLiteral("04.13 12:20"));
        arena.advance(24h);
        QCOMPARE(called(), QStringLiteral("04.14 12:00"));
    }

    void farForwardNobodyMeantTheTimesBetween()
    {
        EngineArena arena;
        arena.setClock("2020-01-01 00:00:00"); // the battery is empty
        const auto noon = atNoon(arena);
        arena.setClock("2026-04-13 11:59:00");
        QCOMPARE(called(), QStringLiteral("not 01.01 12:00"));
        arena.advance(10min);
        QCOMPARE(called(), QStringLiteral("04.13 12:00"));
    }

    void whatIsNotMuchIsNotSaid()
    {
        EngineArena arena;
        QStringList seen;
        const RecurringTime often(
            arena.timers, [](const QDateTime &after) { return after.addSecs(60); },
            [&seen](const QDateTime &) { seen << QStringLiteral("called"); },
            [&seen](const QDateTime &) { seen << QStringLiteral("left out"); });
        arena.sleep(30min); // nobody misses what came in these
        QCOMPARE(seen.join(u' '), QStringLiteral("called"));
        arena.sleep(2h);
        QCOMPARE(seen.join(u' '), QStringLiteral("called left out called"));
    }

    void theMomentThatTheClockIsSetToCounts()
    {
        EngineArena arena;
        arena.setClock("2026-04-13 00:00:00");
        const auto noon = atNoon(arena);
        arena.setClock("2026-04-13 12:00:00");
        QCOMPARE(called(), QStringLiteral("04.13 12:00"));
    }

    void backItDoesNotComeAgain()
    {
        EngineArena arena;
        arena.setClock("2026-04-13 11:59:00");
        const auto noon = atNoon(arena);
        arena.advance(2min);
        QCOMPARE(called(), QStringLiteral("04.13 12:00"));
        arena.setClock("2026-04-13 08:00:00");
        arena.advance(5h);
        QCOMPARE(called(), QString());
        arena.advance(24h);
        QCOMPARE(called(), QStringLiteral("04.14 12:00"));
    }

    void backWhatHasNotComeComes()
    {
        EngineArena arena;
        arena.setClock("2026-04-13 13:00:00"); // two hours fast
        const auto noon = atNoon(arena);
        arena.setClock("2026-04-13 11:00:00");
        arena.advance(2h);
        QCOMPARE(called(), QStringLiteral("04.13 12:00"));
    }

    void farBackItBeginsAnew()
    {
        EngineArena arena;
        arena.setClock("2030-04-13 11:59:00");
        const auto noon = atNoon(arena);
        arena.advance(2min);
        QCOMPARE(called(), QStringLiteral("04.13 12:00"));
        arena.setClock("2026-04-13 11:00:00");
        arena.advance(2h);
        QCOMPARE(called(), QStringLiteral("04.13 12:00"));
    }

    void itMayBeDestroyedByItsOwnCall()
    {
        EngineArena arena;
        int calls = 0;
        std::unique_ptr<RecurringTime> times;
        times = std::make_unique<RecurringTime>(
            arena.timers, [](const QDateTime &after) { return after.addSecs(60); },
            [&](const QDateTime &) {
                ++calls;
                times.reset();
            });
        arena.advance(10min);
        QCOMPARE(calls, 1);
        arena.setClock("2027-01-01 00:00:00");
    }

    void onceIsPossible()
    {
        EngineArena arena;
        int calls = 0;
        const QDateTime moment = arena.clock.now().addSecs(60);
        RecurringTime times(
            arena.timers,
            [moment](const QDateTime &after) { return moment > after ? moment : QDateTime(); },
            [&](const QDateTime &due) {
                QCOMPARE(due, moment);
                ++calls;
            });
        arena.advance(24h);
        QCOMPARE(calls, 1);
        QVERIFY(!arena.timers.untilNext());
    }
};

QTEST_GUILESS_MAIN(TestRecurringTime)
#include "tst_recurringtime.moc"
