#include "automation/core/localtime.h"

#include <QtTest>

using namespace hubkeep;

namespace {

QDateTime utc(const QString &text)
{
    QDateTime read = QDateTime::fromString(text, Qt::ISODateWithMs);
    read.setTimeSpec(Qt::UTC);
    return read;
}

QTimeZone zoneOf(const QString &name)
{
    return QTimeZone(name.toLatin1());
}

} // namespace

class TestLocalTime : public QObject
{
    Q_OBJECT

private slots:
    void aTimeOfADayIsOneMoment_data()
    {
        QTest::addColumn<QString>("zone");
        QTest::addColumn<QString>("local");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *zone, const char *local, const char *expected) {
            QTest::addRow("%s %s", zone, local)
                << QString::fromLatin1(zone) << QString::fromLatin1(local)
                << QString::fromLatin1(expected);
        };
        row("UTC", "2026-03-29T02:30:00", "2026-03-29T02:30:00");
        // 02:00 becomes 03:00 on 29 March, 03:00 becomes 02:00 on 25 October.
        row("Europe/Amsterdam", "2026-03-28T02:30:00", "2026-03-28T01:30:00");
        row("Europe/Amsterdam", "2026-03-29T01:59:59", "2026-03-29T00:59:59");
        row("Europe/Amsterdam", "2026-03-29T02:00:00", "2026-03-29T01:00:00");
        row("Europe/Amsterdam", "2026-03-29T02:30:00", "2026-03-29T01:00:00");
        row("Europe/Amsterdam", "2026-03-29T02:59:59", "2026-03-29T01:00:00");
        row("Europe/Amsterdam", "2026-03-29T03:00:00", "2026-03-29T01:00:00");
        row("Europe/Amsterdam", "2026-03-29T03:00:01", "2026-03-29T01:00:01");
        row("Europe/Amsterdam", "2026-03-30T02:30:00", "2026-03-30T00:30:00");
        row("Europe/Amsterdam", "2026-10-25T01:59:59", "2026-10-24T23:59:59");
        row("Europe/Amsterdam", "2026-10-25T02:30:00", "2026-10-25T00:30:00");
        row("Europe/Amsterdam", "2026-10-25T03:00:00", "2026-10-25T02:00:00");
        // 02:00 becomes 03:00 on 8 March, 02:00 becomes 01:00 on 1 November.
        row("America/New_York", "2026-03-08T02:30:00", "2026-03-08T07:00:00");
        row("America/New_York", "2026-11-01T01:30:00", "2026-11-01T05:30:00");
        row("America/New_York", "2026-11-01T02:00:00", "2026-11-01T07:00:00");
        // Half an hour: 02:00 becomes 02:30 on 4 October, 02:00 becomes 01:30 on 5 April.
        row("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:30:00");
        row("Australia/Lord_Howe", "2026-10-04T02:30:00", "2026-10-03T15:30:00");
        row("Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T14:45:00");
        row("Australia/Lord_Howe", "2026-04-05T02:00:00", "2026-04-04T15:30:00");
        // A whole day that was left out.
        row("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00");
    }

    void aTimeOfADayIsOneMoment()
    {
        QFETCH(QString, zone);
        QFETCH(QString, local);
        QFETCH(QString, expected);
        const QDateTime read = utc(local);
        QCOMPARE(momentOf(zoneOf(zone), read.date(), read.time()).toString(Qt::ISODate),
            utc(expected).toString(Qt::ISODate));
    }

    // Whatever the day: in order, and each shows what it should or comes after a jump.
    void aWholeYearIsInOrder_data()
    {
        QTest::addColumn<QString>("zone");
        for (const char *zone : { "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe",
                 "UTC", "Africa/Casablanca", "Asia/Tehran" })
            QTest::newRow(zone) << QString::fromLatin1(zone);
    }

    void aWholeYearIsInOrder()
    {
        QFETCH(QString, zone);
        const QTimeZone there = zoneOf(zone);
        QDateTime last;
        int jumps = 0;
        for (QDate day(2026, 1, 1); day.year() == 2026; day = day.addDays(1)) {
            for (int minute = 0; minute < 24 * 60; minute += 15) {
                const QTime time(minute / 60, minute % 60);
                const QDateTime moment = momentOf(there, day, time);
                QVERIFY(!last.isValid() || moment >= last);
                QVERIFY(!isRepeated(there, moment));
                last = moment;
                const QDateTime shown = moment.toTimeZone(there);
                if (shown.date() == day && shown.time() == time)
                    continue;
                ++jumps;
                QVERIFY(shown.time() > time);
                QVERIFY(there.offsetFromUtc(moment.addSecs(-1)) < there.offsetFromUtc(moment));
            }
        }
        QVERIFY2(jumps <= 8, qPrintable(QString::number(jumps)));
    }

    void theSecondTimeIsTheRepeatedOne()
    {
        const QTimeZone zone("Europe/Amsterdam");
        QVERIFY(!isRepeated(zone, utc(QStringLiteral("2026-10-25T00:30:00"))));
        QVERIFY(isRepeated(zone, utc(QStringLiteral("2026-10-25T01:30:00"))));
        QVERIFY(!isRepeated(zone, utc(QStringLiteral("2026-10-25T02:00:00"))));
    }

    void theNextOneIsLater_data()
    {
        QTest::addColumn<QString>("after");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *after, const char *expected) {
            QTest::newRow(after) << QString::fromLatin1(after) << QString::fromLatin1(expected);
        };
        row("2026-03-28T01:29:59.999", "2026-03-28T01:30:00Z");
        row("2026-03-28T01:30:00", "2026-03-29T01:00:00Z");
        row("2026-03-29T01:00:00", "2026-03-30T00:30:00Z");
        row("2026-10-25T00:29:59", "2026-10-25T00:30:00Z");
        row("2026-10-25T00:30:00", "2026-10-26T01:30:00Z");
    }

    void theNextOneIsLater()
    {
        QFETCH(QString, after);
        QFETCH(QString, expected);
        const QTimeZone zone("Europe/Amsterdam");
        QCOMPARE(nextTimeOfDay(zone, QTime(2, 30), utc(after)).toString(Qt::ISODate), expected);
    }

    void textsAreTimes_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QTime>("expected");
        const auto row = [](const char *text, const QTime &expected) {
            QTest::newRow(text) << QString::fromLatin1(text) << expected;
        };
        row("12:30", QTime(12, 30));
        row("7:05", QTime(7, 5));
        row(" 07:05:09 ", QTime(7, 5, 9));
        row("00:00:00", QTime(0, 0));
        row("12:30:15.5", QTime(12, 30, 15));
        row("24:00", QTime());
        row("12:60", QTime());
        row("12", QTime());
        row("750", QTime());
        row("", QTime());
        row("12:30:15:1", QTime());
        row("-1:30", QTime());
        row("noon", QTime());
    }

    void textsAreTimes()
    {
        QFETCH(QString, text);
        QFETCH(QTime, expected);
        QCOMPARE(timeOfDay(text).value_or(QTime()), expected);
    }

    void textsAreMoments_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *text, const char *expected) {
            QTest::newRow(text) << QString::fromLatin1(text) << QString::fromLatin1(expected);
        };
        row("2026-04-13T14:25:30+02:00", "2026-04-13T12:25:30.000Z");
        row("2026-04-13T14:25:30.123456+00:00", "2026-04-13T14:25:30.123Z");
        row("2026-04-13T14:25:30Z", "2026-04-13T14:25:30.000Z");
        row("2026-04-13 14:25:30", "2026-04-13T12:25:30.000Z");
        row("2026-04-13", "2026-04-12T22:00:00.000Z");
        row("unknown", "");
        row("", "");
        row("14:25", "");
    }

    void textsAreMoments()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        const auto moment = momentFromText(text, QTimeZone("Europe/Amsterdam"));
        QCOMPARE(moment ? moment->toString(Qt::ISODateWithMs) : QString(), expected);
    }

    void daysHaveNames()
    {
        const QTimeZone zone("Europe/Amsterdam");
        QCOMPARE(
            weekdayOf(zone, utc(QStringLiteral("2026-04-12T21:59:59"))), QStringLiteral("sun"));
        QCOMPARE(
            weekdayOf(zone, utc(QStringLiteral("2026-04-12T22:00:00"))), QStringLiteral("mon"));
    }
};

QTEST_GUILESS_MAIN(TestLocalTime)
#include "tst_localtime.moc"
