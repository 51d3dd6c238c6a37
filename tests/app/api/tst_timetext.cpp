#include "app/api/timetext.h"

#include <QtTest>

using namespace hubkeep::api;

class TestTimeText : public QObject
{
    Q_OBJECT

private slots:
    void whatClientsWriteIsUnderstood_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("utc"); // empty: it is no time
        const auto add = [](const char *text, const char *utc) {
            QTest::newRow(text) << QString::fromLatin1(text) << QString::fromLatin1(utc);
        };
        add("2026-04-13T14:25:30+00:00", "2026-04-13T14:25:30.000Z");
        add("2026-04-13T14:25:30.123456+00:00", "2026-04-13T14:25:30.123Z");
        add("2026-04-13T14:25:30.5Z", "2026-04-13T14:25:30.500Z");
        add("2026-04-13T14:25:30+02:00", "2026-04-13T12:25:30.000Z");
        add("2026-04-13T14:25:30-0330", "2026-04-13T17:55:30.000Z");
        add("2026-04-13T14:25:30+02", "2026-04-13T12:25:30.000Z");
        add("2026-04-13T14:25:30 02:00", "2026-04-13T12:25:30.000Z"); // a "+" of an address
        add("2026-04-13 14:25", "2026-04-13T12:25:00.000Z"); // in Amsterdam
        add("2026-01-13 14:25", "2026-01-13T13:25:00.000Z");
        add("2026-04-13", "2026-04-12T22:00:00.000Z");
        add("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z");
        for (const char *wrong : { "", "yesterday", "2026", "2026-02-30", "2026-04-13T25:00:00",
                 "2026-04-13T14:25:30+99:00", "2026-04-13T14:25:30+02:75", "2026-04-13T14",
                 "2026-04-13T14:25:30+02:00 x", "2026-04-13T14:61", "13.4.2026" })
            add(wrong, "");
    }
    void whatClientsWriteIsUnderstood()
    {
        QFETCH(QString, text);
        const auto found = parseTime(text, QTimeZone("Europe/Amsterdam"));
        QTEST(found ? found->toString(Qt::ISODateWithMs) : QString(), "utc");
        QVERIFY(!found || found->timeSpec() == Qt::UTC);
    }

    void aHubWithoutAZoneHasTheSystems()
    {
        QCOMPARE(zoneNamed(QStringLiteral("Asia/Tokyo")), QTimeZone("Asia/Tokyo"));
        QCOMPARE(zoneNamed({}), QTimeZone::systemTimeZone());
        QCOMPARE(zoneNamed(QStringLiteral("Nowhere")), QTimeZone::systemTimeZone());
    }
};

QTEST_GUILESS_MAIN(TestTimeText)
#include "tst_timetext.moc"
