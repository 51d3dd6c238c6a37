#include "automation/core/nearest.h"

#include <QtTest>

using namespace hubkeep;

class TestNearest : public QObject
{
    Q_OBJECT

private slots:
    void findsWhatWasMeant_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("meant");
        const auto row = [](const char *name, const char *meant) {
            QTest::newRow(name) << QString::fromLatin1(name) << QString::fromLatin1(meant);
        };
        row("path", "path");
        row("pth", "path");
        row("paath", "path");
        row("psth", "path");
        row("paht", "path");
        row("PATH", "path");
        row("scedule", "schedule");
        row("shcedlue", "schedule");
        row("recipient", "recipients");
        row("xxxx", "");
        row("schedulexxxxx", "");
        row("", "");
    }
    void findsWhatWasMeant()
    {
        QFETCH(QString, name);
        QFETCH(QString, meant);
        const QStringList candidates { QStringLiteral("path"), QStringLiteral("schedule"),
            QStringLiteral("recipients") };
        QCOMPARE(nearest(name, candidates), meant);
        QCOMPARE(didYouMean(name, candidates),
            meant.isEmpty() ? QString() : QStringLiteral("; did you mean '%1'?").arg(meant));
    }

    void ofEqualsTheFirst()
    {
        QCOMPARE(nearest(QStringLiteral("bat"), { QStringLiteral("cat"), QStringLiteral("rat") }),
            QStringLiteral("cat"));
    }

    void ofSeveralTheOneWithTheFewestErrors()
    {
        QCOMPARE(nearest(QStringLiteral("sources"),
                     { QStringLiteral("source_s"), QStringLiteral("sourcee"),
                         QStringLiteral("sourcez"), QStringLiteral("sources") }),
            QStringLiteral("sources"));
    }

    void whatIsTooLongMeansNothing()
    {
        QCOMPARE(nearest(QString(1'000'000, u'a'), { QString(100, u'a') }), QString());
        QCOMPARE(nearest(QStringLiteral("a"), {}), QString());
    }
};

QTEST_GUILESS_MAIN(TestNearest)
#include "tst_nearest.moc"
