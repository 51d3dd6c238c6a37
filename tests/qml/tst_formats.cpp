#include "qml/text/formats.h"

#include <QLocale>
#include <QTest>

using namespace hubkeep::desktop;

namespace {

QString text(const char *utf8)
{
    return QString::fromUtf8(utf8);
}

} // namespace

class TestFormats : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

    void timesAreSaidInWords_data()
    {
        QTest::addColumn<QDateTime>("time");
        QTest::addColumn<QString>("words");
        const QDate day(2026, 11, 21);
        const auto at = [&](int days, int hour, int minute) {
            return QDateTime(day.addDays(days), QTime(hour, minute));
        };
        // The present is 12:00.
        QTest::newRow("now") << at(0, 12, 0) << text("just now");
        QTest::newRow("minutes") << at(0, 11, 43) << text("17 minute(s) ago");
        QTest::newRow("hours") << at(0, 4, 45) << text("today at 04:45");
        QTest::newRow("across midnight, within the hour of clocks")
            << at(-1, 23, 30) << text("yesterday at 23:30");
        QTest::newRow("days") << at(-3, 12, 0) << text("3 day(s) ago");
        QTest::newRow("long ago") << at(-60, 12, 0) << text("on Tuesday, 22 September 2026");
        QTest::newRow("soon") << at(0, 12, 5) << text("in 5 minute(s)");
        QTest::newRow("later today") << at(0, 23, 0) << text("today at 23:00");
        QTest::newRow("tomorrow") << at(1, 4, 45) << text("tomorrow at 04:45");
        QTest::newRow("one day") << at(9, 4, 45) << text("on Monday, 30 November 2026 at 04:45");
        QTest::newRow("no time") << QDateTime() << QString();
    }
    void timesAreSaidInWords()
    {
        QFETCH(const QDateTime, time);
        QTEST(inWords(time, QDateTime(QDate(2026, 11, 21), QTime(12, 0))), "words");
    }

    void sizesHaveTheUnitsOfDisks()
    {
        QCOMPARE(bytesText(0), text("0 bytes"));
        QCOMPARE(bytesText(999), text("999 bytes"));
        QCOMPARE(bytesText(4'600'000), text("4.6 MB"));
        QCOMPARE(bytesText(2e12), text("2.0 TB"));
        QCOMPARE(bytesText(-1), text("0 bytes"));
    }

    void durationsAreRounded()
    {
        QCOMPARE(durationText(0.4), text("less than a second"));
        QCOMPARE(durationText(59), text("59 second(s)"));
        QCOMPARE(durationText(61), text("1 minute(s)"));
        QCOMPARE(durationText(7200), text("2 hour(s)"));
        QCOMPARE(durationText(7380), text("2 hour(s) 3 minute(s)"));
    }

    void whatIsNoTimeIsSaidAsNothing()
    {
        QCOMPARE(Formats::ago(text("unknown")), QString());
        QCOMPARE(Formats::dateTime(QString()), QString());
        QVERIFY(!Formats::dateTime(text("2026-11-21T19:30:24.657Z")).isEmpty());
        QVERIFY(!Formats::ago(text("2026-11-21T19:30:24+00:00")).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestFormats)
#include "tst_formats.moc"
