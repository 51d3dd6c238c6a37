#include "tests/support/triggerprobe.h"

#include <QtTest>

#include <chrono>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;
using namespace std::chrono_literals;

class TestNumericStateTrigger : public QObject
{
    Q_OBJECT

private slots:
    void onlyCrossingFires_data()
    {
        QTest::addColumn<QByteArray>("keys");
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("steps");
        QTest::addColumn<QString>("fired");
        const auto row = [](const char *name, const char *keys, const char *before,
                             const char *steps, const char *fired) {
            QTest::newRow(name) << QByteArray(keys) << QString::fromLatin1(before)
                                << QString::fromLatin1(steps) << QString::fromLatin1(fired);
        };
        row("above", "above: 10", "5", "9 10 10.1 11 9 12", "..x..x");
        row("below", "below: 10", "15", "11 10 9.9 9 11 5", "..x..x");
        row("between", "above: 10\nbelow: 20", "5", "15 25 15 5 15", "x.x.x");
        row("already there", "above: 10", "15", "16 5 15", "..x");
        row("a number in quotes", "above: '10'", "5", "11", "x");
        // What says no number leaves things as they are; unavailable counts as outside.
        row("a word in between", "above: 10", "15", "word 16", "..");
        row("unavailable in between", "above: 10", "15", "unavailable 16", ".x");
        row("unknown first", "above: 10", "unknown", "16", "x");
        row("from below zero", "below: -5", "0", "-4 -6", ".x");
        row("exponents", "above: 1000", "5", "1.1e3", "x");
    }

    void onlyCrossingFires()
    {
        QFETCH(QByteArray, keys);
        QFETCH(QString, before);
        QFETCH(QString, steps);
        QFETCH(QString, fired);
        EngineArena arena;
        arena.set("sensor.x", qPrintable(before));
        TriggerProbe probe(arena, "trigger: numeric_state\nentity_id: sensor.x\n" + keys);
        QString marks;
        for (const QString &step : steps.split(u' ')) {
            arena.set("sensor.x", qPrintable(step));
            marks += probe.count() == 1 ? u'x' : u'.';
        }
        QCOMPARE(marks, fired);
    }

    void oneThatComesLaterMustHaveBeenOutside()
    {
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: numeric_state\nentity_id: sensor.x\nabove: 10\n");
        arena.set("sensor.x", "15");
        QCOMPARE(probe.count(), 0);
        arena.set("sensor.x", "5");
        arena.set("sensor.x", "15");
        QCOMPARE(probe.count(), 1);
    }

    void anAttributeCounts()
    {
        EngineArena arena;
        const auto size = [](double value) {
            return QVariantMap { { QStringLiteral("size"), value } };
        };
        arena.set("sensor.x", "a", size(5));
        TriggerProbe probe(
            arena, "trigger: numeric_state\nentity_id: sensor.x\nattribute: size\nabove: 10.5\n");
        arena.set("sensor.x", "a", size(10.5));
        QCOMPARE(probe.count(), 0);
        arena.set("sensor.x", "a", size(10.6));
        QCOMPARE(probe.count(), 1);
        QCOMPARE(probe.text("attribute"), QStringLiteral("size"));
        arena.set("sensor.x", "b");
        arena.set("sensor.x", "a", size(10.6)); // was never below
        QCOMPARE(probe.count(), 0);
    }

    void thresholdsMayBeEntities()
    {
        EngineArena arena;
        arena.set("sensor.x", "5");
        TriggerProbe probe(
            arena, "trigger: numeric_state\nentity_id: sensor.x\nabove: input_number.limit\n");
        arena.set("sensor.x", "15"); // there is no limit yet
        arena.set("input_number.limit", "unknown");
        arena.set("sensor.x", "16"); // outside: nobody knows
        arena.set("input_number.limit", "10");
        QCOMPARE(probe.count(), 0);
        arena.set("sensor.x", "17");
        QCOMPARE(probe.count(), 1);
        QCOMPARE(probe.text("above"), QStringLiteral("input_number.limit"));
        QCOMPARE(probe.text("below"), QStringLiteral("None"));
        arena.set("sensor.x", "9");
        arena.set("input_number.limit", "word");
        arena.set("sensor.x", "20");
        QCOMPARE(probe.count(), 0);
        arena.set("input_number.limit", "10.0");
        arena.set("sensor.x", "21");
        QCOMPARE(probe.count(), 1);
    }

    void itHasToHold()
    {
        EngineArena arena;
        arena.set("sensor.x", "5");
        TriggerProbe probe(
            arena, "trigger: numeric_state\nentity_id: sensor.x\nabove: 10\nfor: '00:05:00'\n");
        arena.set("sensor.x", "15");
        arena.advance(4min);
        arena.set("sensor.x", "16"); // still in the range
        arena.advance(1min);
        QCOMPARE(probe.count(), 1);
        QCOMPARE(probe.text("for"), QStringLiteral("0:05:00"));
        QCOMPARE(probe.text("description"), QStringLiteral("numeric state of sensor.x"));
        arena.set("sensor.x", "5");
        arena.set("sensor.x", "15");
        arena.advance(4min);
        arena.set("sensor.x", "word");
        arena.advance(1h);
        QCOMPARE(probe.count(), 0);
    }

    void eachEntityCrossesOnItsOwn()
    {
        EngineArena arena;
        arena.set("sensor.x", "5");
        arena.set("sensor.y", "5");
        TriggerProbe probe(
            arena, "trigger: numeric_state\nentity_id: [sensor.x, sensor.y]\nabove: 10\n");
        arena.set("sensor.x", "15");
        arena.set("sensor.y", "15");
        QCOMPARE(probe.count(), 2);
        QCOMPARE(probe.text("entity_id"), QStringLiteral("sensor.y"));
    }
};

QTEST_GUILESS_MAIN(TestNumericStateTrigger)
#include "tst_numericstatetrigger.moc"
