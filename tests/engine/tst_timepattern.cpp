#include "automation/engine/timepattern.h"

#include <QtTest>

using namespace hubkeep::automation;

namespace {

QDateTime utc(const QString &text)
{
    QDateTime read = QDateTime::fromString(text, Qt::ISODateWithMs);
    read.setTimeSpec(Qt::UTC);
    return read;
}

TimePattern patternOf(const char *hours, const char *minutes, const char *seconds)
{
    std::optional<TimePattern::Matches> atHours;
    if (*hours)
        atHours = TimePattern::parse(QString::fromLatin1(hours), 23);
    return TimePattern(atHours, *TimePattern::parse(QString::fromLatin1(minutes), 59),
        *TimePattern::parse(QString::fromLatin1(seconds), 59));
}

// The next n moments in UTC, times only.
QString moments(const TimePattern &pattern, const char *zone, const char *after, int n)
{
    QStringList found;
    QDateTime here = utc(QString::fromLatin1(after));
    for (int i = 0; i < n; ++i) {
        here = pattern.next(QTimeZone(zone), here);
        found << here.toString(QStringLiteral("d.HH:mm:ss"));
    }
    return found.join(u' ');
}

} // namespace

class TestTimePattern : public QObject
{
    Q_OBJECT

private slots:
    void textsArePatterns_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("most");
        QTest::addColumn<int>("count"); // 0: none
        const auto row = [](const char *text, int most, int count) {
            QTest::addRow("%s of %d", text, most) << QString::fromLatin1(text) << most << count;
        };
        row("0", 59, 1);
        row("59", 59, 1);
        row("60", 59, 0);
        row("23", 23, 1);
        row("24", 23, 0);
        row("*", 23, 60);
        row("/15", 59, 4);
        row("/7", 59, 9);
        row("/1", 59, 60);
        row("/0", 59, 0);
        row("/60", 59, 1); // as there: 0
        row("/20000", 59, 0);
        row("-5", 59, 0);
        row("5,10", 59, 0);
        row("", 59, 0);
        row("a", 59, 0);
    }

    void textsArePatterns()
    {
        QFETCH(QString, text);
        QFETCH(int, most);
        QFETCH(int, count);
        const auto matches = TimePattern::parse(text, most);
        QCOMPARE(matches ? int(matches->count()) : 0, count);
    }

    void momentsComeInTurn_data()
    {
        QTest::addColumn<QString>("hours");
        QTest::addColumn<QString>("minutes");
        QTest::addColumn<QString>("seconds");
        QTest::addColumn<QString>("zone");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *hours, const char *minutes,
                             const char *seconds, const char *zone, const char *after,
                             const char *expected) {
            QTest::newRow(name) << QString::fromLatin1(hours) << QString::fromLatin1(minutes)
                                << QString::fromLatin1(seconds) << QString::fromLatin1(zone)
                                << QString::fromLatin1(after) << QString::fromLatin1(expected);
        };
        row("every 20 minutes", "", "/20", "0", "UTC", "2026-01-01T00:00:00",
            "1.00:20:00 1.00:40:00 1.01:00:00");
        row("between two seconds", "", "*", "/30", "UTC", "2026-01-01T00:00:29.999",
            "1.00:00:30 1.00:01:00 1.00:01:30");
        row("local hours", "/12", "0", "0", "Asia/Kolkata", "2026-01-01T00:00:00",
            "1.06:30:00 1.18:30:00 2.06:30:00");
        row("a day off", "3", "0", "0", "Europe/Amsterdam", "2026-01-01T02:00:00",
            "2.02:00:00 3.02:00:00");
        row("hour left out", "2", "30", "0", "Europe/Amsterdam", "2026-03-28T02:00:00",
            "29.01:00:00 30.00:30:00");
        row("several times left out come once", "2", "/10", "0", "Europe/Amsterdam",
            "2026-03-29T00:30:00", "29.01:00:00 30.00:00:00 30.00:10:00");
        row("minutes go on over the hour left out", "", "30", "0", "Europe/Amsterdam",
            "2026-03-29T00:00:00", "29.00:30:00 29.01:30:00");
        row("hour twice", "2", "30", "0", "Europe/Amsterdam", "2026-10-24T23:00:00",
            "25.00:30:00 26.01:30:00");
        row("minutes go on in the hour that comes twice", "", "30", "0", "Europe/Amsterdam",
            "2026-10-25T00:00:00", "25.00:30:00 25.01:30:00 25.02:30:00");
        row("half an hour left out", "", "15", "0", "Australia/Lord_Howe", "2026-10-03T14:30:00",
            "3.14:45:00 3.16:15:00");
        row("half an hour twice", "1", "45", "0", "Australia/Lord_Howe", "2026-04-04T14:00:00",
            "4.14:45:00 5.15:15:00");
        row("New York", "1", "30", "0", "America/New_York", "2026-11-01T05:00:00",
            "1.05:30:00 2.06:30:00");
    }

    void momentsComeInTurn()
    {
        QFETCH(QString, hours);
        QFETCH(QString, minutes);
        QFETCH(QString, seconds);
        QFETCH(QString, zone);
        QFETCH(QString, after);
        QFETCH(QString, expected);
        const TimePattern pattern
            = patternOf(qPrintable(hours), qPrintable(minutes), qPrintable(seconds));
        QCOMPARE(
            moments(pattern, qPrintable(zone), qPrintable(after), int(expected.count(u' ')) + 1),
            expected);
    }

    void aClockThatWasNeverSetIsNoHarm()
    {
        const TimePattern pattern = patternOf("", "/5", "0");
        QVERIFY(
            pattern.next(QTimeZone("America/New_York"), utc(QStringLiteral("1970-01-01T00:00:00")))
                .isValid());
    }
};

QTEST_GUILESS_MAIN(TestTimePattern)
#include "tst_timepattern.moc"
