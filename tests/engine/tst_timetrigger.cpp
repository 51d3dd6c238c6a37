#include "tests/support/triggerprobe.h"

#include <QtTest>

#include <chrono>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

const QVariantMap timestamp { { QStringLiteral("device_class"), QStringLiteral("timestamp") } };

} // namespace

class TestTimeTrigger : public QObject
{
    Q_OBJECT

private slots:
    void summerTimeComesAndGoes_data()
    {
        QTest::addColumn<QByteArray>("zone");
        QTest::addColumn<QByteArray>("at");
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QString>("expected"); // UTC
        const auto row = [](const char *zone, const char *at, const char *from, const char *to,
                             const char *expected) {
            QTest::addRow("%s %s from %s", zone, at, from)
                << QByteArray(zone) << QByteArray(at) << QByteArray(from) << QByteArray(to)
                << QString::fromLatin1(expected);
        };
        const char *amsterdam = "Europe/Amsterdam";
        row(amsterdam, "'02:30'", "2026-03-28 00:00", "2026-03-31 00:00",
            "28T01:30:00 29T01:00:00 30T00:30:00");
        row(amsterdam, "'02:00'", "2026-03-28 12:00", "2026-03-31 00:00",
            "29T01:00:00 30T00:00:00");
        row(amsterdam, "'03:00'", "2026-03-28 12:00", "2026-03-31 00:00",
            "29T01:00:00 30T01:00:00");
        row(amsterdam, "'02:30'", "2026-10-24 00:00", "2026-10-27 00:00",
            "24T00:30:00 25T00:30:00 26T01:30:00");
        row(amsterdam, "'03:00:00'", "2026-10-24 12:00", "2026-10-27 00:00",
            "25T02:00:00 26T02:00:00");
        const char *newYork = "America/New_York";
        row(newYork, "'02:30'", "2026-03-07 00:00", "2026-03-10 00:00",
            "07T07:30:00 08T07:00:00 09T06:30:00");
        row(newYork, "'01:30'", "2026-10-31 00:00", "2026-11-03 00:00",
            "31T05:30:00 01T05:30:00 02T06:30:00");
        const char *lordHowe = "Australia/Lord_Howe";
        row(lordHowe, "'02:15'", "2026-10-03 00:00", "2026-10-06 00:00",
            "02T15:45:00 03T15:30:00 04T15:15:00");
        row(lordHowe, "'01:45'", "2026-04-04 00:00", "2026-04-07 00:00",
            "03T14:45:00 04T14:45:00 05T15:15:00");
        row("UTC", "'02:30'", "2026-03-28 00:00", "2026-03-31 00:00",
            "28T02:30:00 29T02:30:00 30T02:30:00");
    }

    void summerTimeComesAndGoes()
    {
        QFETCH(QByteArray, zone);
        QFETCH(QByteArray, at);
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QString, expected);
        EngineArena arena(zone);
        arena.setClock(from);
        QStringList seen;
        Problems problems;
        const auto trigger
            = parseTrigger(EngineArena::yaml("trigger: time\nat: " + at), 0, problems);
        const TemplateVariables names;
        QVERIFY(trigger->start(arena.parts, names, [&](const TriggerFired &) {
            seen << arena.clock.now().toString(QStringLiteral("ddTHH:mm:ss"));
        }));
        arena.advanceTo(to);
        QCOMPARE(seen.join(u' '), expected);
    }

    void timesAreWrittenInManyWays_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *yaml, const char *expected) {
            QTest::newRow(yaml) << QByteArray(yaml) << QString::fromLatin1(expected);
        };
        row("at: '15:00'", "15:00:00");
        row("at: '15:00:30'", "15:00:30");
        row("at: 15:30", "15:30:00"); // the number 930 to YAML 1.1
        row("at: 15:30:10", "15:30:10"); // 55810
        row("at: 7:05", "07:05:00");
        row("at: ['15:00', 16:00]", "15:00:00 16:00:00");
        row("at:\n  - '15:00'\n  - '15:00:01'", "15:00:00 15:00:01");
    }

    void timesAreWrittenInManyWays()
    {
        QFETCH(QByteArray, yaml);
        QFETCH(QString, expected);
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: time\n" + yaml);
        arena.advance(24h);
        QStringList times = probe.times();
        for (QString &time : times)
            time = time.mid(11);
        QCOMPARE(times.join(u' '), expected);
    }

    void whatItSaysIsWhatHappened()
    {
        EngineArena arena;
        TriggerProbe probe(arena, "platform: time\nat: '15:00'\n");
        arena.advance(24h);
        QCOMPARE(probe.text("platform"), QStringLiteral("time"));
        QCOMPARE(probe.text("now"), QStringLiteral("2026-04-13 15:00:00+02:00"));
        QCOMPARE(probe.text("entity_id"), QStringLiteral("None"));
        QCOMPARE(probe.text("description"), QStringLiteral("time"));
        QVERIFY(!probe.fired.back().context.id.isEmpty());
        QVERIFY(probe.fired.back().context.parentId.isEmpty());
    }

    void onlySomeDaysCount()
    {
        EngineArena arena; // a Monday
        TriggerProbe probe(arena, "trigger: time\nat: '15:00'\nweekday: [wed, Fri]\n");
        arena.advance(8 * 24h);
        QCOMPARE(
            probe.times().join(u' '), QStringLiteral("2026-04-15 15:00:00 2026-04-17 15:00:00"));
    }

    void theDayIsThatOfTheTimeNotOfWaking()
    {
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: time\nat: '23:00'\nweekday: mon\n");
        arena.sleep(20h); // it is Tuesday
        QCOMPARE(probe.times(), QStringList(QStringLiteral("2026-04-14 10:00:00")));
    }

    void aTimestampComesOnce()
    {
        EngineArena arena;
        arena.set("sensor.next", "2026-04-13T13:00:00+00:00", timestamp);
        TriggerProbe probe(arena, "trigger: time\nat: sensor.next\n");
        arena.advance(24h);
        QCOMPARE(probe.times(), QStringList(QStringLiteral("2026-04-13 15:00:00")));
        QCOMPARE(probe.text("entity_id"), QStringLiteral("sensor.next"));
        QCOMPARE(probe.text("description"), QStringLiteral("time set in sensor.next"));
        arena.set("sensor.next", "2026-04-14T12:30:00+00:00", timestamp);
        arena.set("sensor.next", "2026-04-14T12:40:00+00:00", timestamp);
        arena.advance(24h);
        QCOMPARE(probe.times(), QStringList(QStringLiteral("2026-04-14 14:40:00")));
        arena.set("sensor.next", "2026-04-16T12:00:00+00:00", timestamp);
        arena.set("sensor.next", "unknown", timestamp);
        arena.advance(72h);
        arena.set("sensor.next", "2026-04-01T12:00:00+00:00", timestamp); // it is past
        arena.advance(72h);
        QCOMPARE(probe.count(), 0);
    }

    void onlyTimestampsAreTimes()
    {
        EngineArena arena;
        arena.set("sensor.next", "2026-04-13T13:00:00+00:00");
        TriggerProbe probe(arena, "trigger: time\nat: sensor.next\n");
        arena.advance(24h);
        QCOMPARE(probe.count(), 0);
    }

    void offsetsComeBeforeOrAfter_data()
    {
        QTest::addColumn<QByteArray>("offset");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *offset, const char *expected) {
            QTest::newRow(offset) << QByteArray(offset) << QString::fromLatin1(expected);
        };
        row("'-00:10:00'", "15:50:00");
        row("\"00:10:00\"", "16:10:00");
        row("-600", "15:50:00");
        row("600", "16:10:00");
        row("-1:30:00", "14:30:00"); // a number to YAML 1.1
        row("{minutes: -10}", "15:50:00");
        row("{hours: -1, minutes: 10}", "15:10:00");
        row("{hours: 1, seconds: 1}", "17:00:01");
    }

    void offsetsComeBeforeOrAfter()
    {
        QFETCH(QByteArray, offset);
        QFETCH(QString, expected);
        EngineArena arena;
        arena.set("sensor.next", "2026-04-13T16:00:00+02:00", timestamp);
        TriggerProbe probe(
            arena, "trigger: time\nat:\n  entity_id: sensor.next\n  offset: " + offset);
        arena.advance(24h);
        QCOMPARE(probe.times().join(u' ').mid(11), expected);
    }

    void inputDatetimesAreDaysTimesOrBoth()
    {
        EngineArena arena;
        arena.set("input_datetime.both", "2026-04-14 10:00:00");
        arena.set("input_datetime.time", "06:30:00");
        arena.set("input_datetime.date", "2026-04-15");
        TriggerProbe probe(arena,
            "trigger: time\n"
            "at: [input_datetime.both, input_datetime.time, input_datetime.date]\n");
        arena.advance(48h);
        QCOMPARE(probe.times().join(u' '),
            QStringLiteral("2026-04-14 06:30:00 2026-04-14 10:00:00 2026-04-15 00:00:00 "
                           "2026-04-15 06:30:00"));
        arena.set("input_datetime.time", "07:00:00");
        arena.advance(24h);
        QCOMPARE(probe.times(), QStringList(QStringLiteral("2026-04-16 07:00:00")));
    }

    void nothingFiresInsideOfStart()
    {
        EngineArena arena;
        arena.setClock("2026-04-13 15:00:00");
        arena.set("sensor.next", "2026-04-13T15:00:00+02:00", timestamp);
        TriggerProbe probe(arena, "trigger: time\nat: [sensor.next, '15:00']\n");
        QVERIFY(!probe.hasFired());
    }

    void aPatternOfTimesFires()
    {
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: time_pattern\nminutes: /20\n");
        arena.advance(1h);
        QCOMPARE(probe.times().join(u' '),
            QStringLiteral("2026-04-13 14:20:00 2026-04-13 14:40:00 2026-04-13 15:00:00"));
        QCOMPARE(probe.text("now"), QStringLiteral("2026-04-13 15:00:00+02:00"));
        QCOMPARE(probe.text("description"), QStringLiteral("time pattern"));
    }

    void whatAPatternLeavesOutIsZeroOrAll_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("first");
        QTest::addColumn<int>("inADay");
        const auto row = [](const char *yaml, const char *first, int inADay) {
            QTest::newRow(yaml) << QByteArray(yaml) << QString::fromLatin1(first) << inADay;
        };
        row("hours: 16", "2026-04-13 16:00:00", 1);
        row("hours: '/8'", "2026-04-13 16:00:00", 3);
        row("minutes: [5, 35]", "2026-04-13 14:05:00", 48);
        row("minutes: 5", "2026-04-13 14:05:00", 24);
        row("hours: '*'", "2026-04-13 15:00:00", 24);
        row("hours: 16\nminutes: '*'", "2026-04-13 16:00:00", 60);
        row("hours: 16\nseconds: 30", "2026-04-13 16:00:30", 1);
        row("minutes: 5\nseconds: '/30'", "2026-04-13 14:05:00", 48);
        row("seconds: 15", "2026-04-13 14:00:15", 1440);
    }

    void whatAPatternLeavesOutIsZeroOrAll()
    {
        QFETCH(QByteArray, yaml);
        QFETCH(QString, first);
        QFETCH(int, inADay);
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: time_pattern\n" + yaml);
        arena.advance(24h);
        const QStringList times = probe.times();
        QCOMPARE(times.size(), inADay);
        QCOMPARE(times.first(), first);
    }
};

QTEST_GUILESS_MAIN(TestTimeTrigger)
#include "tst_timetrigger.moc"
