// Times where it matters: zones, the hours that are missing and that come twice, other clocks.

#include "tests/template/templatearena.h"

#include <QtTest>

using namespace hubkeep;

class TestTimeFunctions : public QObject
{
    Q_OBJECT

private slots:
    void knowsTheZone_data()
    {
        QTest::addColumn<QString>("now");
        QTest::addColumn<QString>("zone");
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("text");
        const auto row
            = [](const char *now, const char *zone, const char *source, const char *text) {
                  QTest::addRow("%s %s %s", now, zone, source)
                      << QString::fromUtf8(now) << QString::fromUtf8(zone)
                      << QString::fromUtf8(source) << QString::fromUtf8(text);
              };
        const char *const spring = "2026-03-29T00:59:59.000Z";
        const char *const summer = "2026-03-29T01:00:00.000Z";
        row(spring, "Europe/Berlin", "{{ now() }}", "2026-03-29 01:59:59+01:00");
        row(summer, "Europe/Berlin", "{{ now() }}", "2026-03-29 03:00:00+02:00");
        row(summer, "Europe/Berlin", "{{ now().utcoffset() }} {{ now().strftime('%Z %z') }}",
            "2:00:00 CEST +0200");
        row(spring, "Europe/Berlin", "{{ now().strftime('%Z') }}", "CET");
        row(summer, "America/New_York", "{{ now() }}", "2026-03-28 21:00:00-04:00");
        row(summer, "Asia/Kolkata", "{{ now() }}", "2026-03-29 06:30:00+05:30");
        row(summer, "UTC", "{{ now() }}", "2026-03-29 01:00:00+00:00");
        row(summer, "Asia/Kolkata", "{{ utcnow() }}", "2026-03-29 01:00:00+00:00");
        row(summer, "America/New_York", "{{ today_at('10:00') }}", "2026-03-28 10:00:00-04:00");
        row(summer, "Europe/Berlin", "{{ today_at('01:00') }}", "2026-03-29 01:00:00+01:00");
        row(summer, "Europe/Berlin", "{{ today_at('12:00') }}", "2026-03-29 12:00:00+02:00");
        row(summer, "Europe/Berlin",
            "{{ (today_at('04:00') - today_at('01:00')).total_seconds() }}", "10800.0");
        row(summer, "Europe/Berlin",
            "{{ as_timestamp(today_at('04:00')) - as_timestamp(today_at('01:00')) }}", "7200.0");
        row(summer, "Europe/Berlin", "{{ as_timestamp('2026-03-29 02:30:00') }}", "1774747800.0");
        const char *const first = "2026-10-25T00:30:00.000Z";
        const char *const second = "2026-10-25T01:30:00.000Z";
        row(first, "Europe/Berlin", "{{ now() }}", "2026-10-25 02:30:00+02:00");
        row(second, "Europe/Berlin", "{{ now() }}", "2026-10-25 02:30:00+01:00");
        row(second, "Europe/Berlin", "{{ as_timestamp(now()) }}", "1792891800.0");
        row(first, "Europe/Berlin", "{{ as_timestamp(now()) }}", "1792888200.0");
        row(first, "Europe/Berlin", "{{ as_timestamp('2026-10-25 02:30:00') }}", "1792888200.0");
        row(first, "Europe/Berlin",
            "{{ 1792888200|timestamp_local }} {{ 1792891800|timestamp_local }}",
            "2026-10-25T02:30:00+02:00 2026-10-25T02:30:00+01:00");
        row(second, "Europe/Berlin", "{{ relative_time(as_datetime('2026-10-25T00:30:00Z')) }}",
            "1 hour");
        row(second, "Europe/Berlin",
            "{{ time_since(strptime('2026-10-25 00:00', '%Y-%m-%d %H:%M'), 3) }}",
            "3 hours 30 minutes");
        row(second, "Europe/Berlin", "{{ as_local(strptime('2026-07-01', '%Y-%m-%d')) }}",
            "2026-07-01 00:00:00+02:00");
        row(second, "Europe/Berlin", "{{ strptime('2026-07-01', '%Y-%m-%d') }}",
            "2026-07-01 00:00:00");
        row("2026-12-31T23:30:00.000Z", "Europe/Berlin", "{{ now().year }} {{ utcnow().year }}",
            "2027 2026");
        row("2026-12-31T23:30:00.500Z", "UTC", "{{ now().microsecond }} {{ now().isoformat() }}",
            "500000 2026-12-31T23:30:00.500000+00:00");
        row(summer, "Europe/Berlin", "{{ as_datetime('2026-03-29T01:00:00Z') == now() }}", "True");
        row(summer, "Europe/Berlin", "{{ 1774746000|timestamp_custom('%H:%M:%S %Z') }}",
            "03:00:00 CEST");
    }
    void knowsTheZone()
    {
        QFETCH(QString, now);
        QFETCH(QString, zone);
        QFETCH(QString, source);
        QFETCH(QString, text);
        TemplateArena arena;
        arena.setNow(now);
        arena.zone = QTimeZone(zone.toLatin1());
        QCOMPARE(arena.text(source), text);
    }

    // As Home Assistant's documentation and users have them.
    void doesWhatPeopleWrite_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("text");
        const auto row = [](const char *source, const char *text) {
            QTest::newRow(source) << QString::fromUtf8(source) << QString::fromUtf8(text);
        };
        row("{{ now() - timedelta( hours = 1, weeks = 3 ) }}", "2026-03-23 13:25:30.123000+01:00");
        row("{{ now() + timedelta(days=1) }}", "2026-04-14 14:25:30.123000+02:00");
        row("{{ as_timestamp(now()) - as_timestamp(states.event.last.last_changed) < 48 * 3600 }}",
            "True");
        row("{{ (now() - states.event.last.last_changed) > timedelta(hours=48) }}", "False");
        row("{{ as_timestamp(states('sensor.next')) | timestamp_custom('%d.%m. %H:%M') }}",
            "14.04. 03:00");
        row("{{ states('sensor.next') | as_datetime | as_local }}", "2026-04-14 03:00:00+02:00");
        row("{{ (as_datetime(states('sensor.next')) - now()).total_seconds() // 3600 }}", "12.0");
        row("{{ now().strftime('%A, %-d. %B') }}", "Monday, 13. April");
        row("{{ today_at('23:00') > now() }}", "True");
        row("{{ now().weekday() in (5, 6) }}", "False");
        row("{{ '%02d:%02d' % (now().hour, now().minute) }}", "14:25");
        row("{{ now() - today_at('14:00') }}", "0:25:30.123000");
        row("{{ strptime('21:30', '%H:%M').time() < now().time() }}", "False");
    }
    void doesWhatPeopleWrite()
    {
        QFETCH(QString, source);
        QFETCH(QString, text);
        TemplateArena arena;
        arena.setState(QStringLiteral("sensor.next"), QStringLiteral("2026-04-14T01:00:00+00:00"));
        arena.setState(QStringLiteral("event.last"), QStringLiteral("2026-04-13T01:00:00+00:00"));
        QCOMPARE(arena.text(source), text);
    }
};

QTEST_GUILESS_MAIN(TestTimeFunctions)
#include "tst_timefunctions.moc"
