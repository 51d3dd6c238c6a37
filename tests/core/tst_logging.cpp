// ctest: threaded

#include "automation/core/logging.h"

#include <QtTest>

#include <QLoggingCategory>

#include <thread>
#include <vector>

using namespace hubkeep;

namespace {

Q_LOGGING_CATEGORY(testLog, "hubkeep.test")

QByteArray lastLine()
{
    return recentLog().chopped(1).split('\n').last();
}

} // namespace

class TestLogging : public QObject
{
    Q_OBJECT

private:
    QtMessageHandler m_handler = nullptr; // the test framework's

private slots:
    void init()
    {
        m_handler = qInstallMessageHandler(nullptr);
        startLogging(LogLevel::Info);
    }
    void cleanup() { qInstallMessageHandler(m_handler); }

    void aLineHasItsTimeLevelAndCategory()
    {
        qCWarning(testLog) << "Uploading to nas:" << 5;
        const QByteArray line = lastLine();
        QVERIFY2(QRegularExpression(
                     QStringLiteral("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z "
                                    "WARNING hubkeep\\.test Uploading to nas: 5$"))
                     .match(QString::fromUtf8(line))
                     .hasMatch(),
            line.constData());
    }

    void whatIsBelowTheLevelIsLeftOut()
    {
        qCInfo(testLog) << "marker one";
        startLogging(LogLevel::Critical);
        qCWarning(testLog) << "marker two";
        qCCritical(testLog) << "marker three";
        QVERIFY(recentLog().contains("INFO hubkeep.test marker one"));
        QVERIFY(!recentLog().contains("marker two"));
        QVERIFY(lastLine().contains("CRITICAL hubkeep.test marker three"));
    }

    void nothingLoggedCanForgeALine_data()
    {
        QTest::addColumn<QString>("message");
        QTest::addColumn<QByteArray>("shown");
        QTest::newRow("line break") << QStringLiteral("a\nb") << QByteArray("a\\nb");
        QTest::newRow("return") << QStringLiteral("a\rb") << QByteArray("a\\x0db");
        QTest::newRow("escape") << QStringLiteral("\x1b[2J") << QByteArray("\\x1b[2J");
        QTest::newRow("NUL") << QString::fromLatin1("a\0b", 3) << QByteArray("a\\x00b");
        QTest::newRow("delete") << QStringLiteral("\x7f") << QByteArray("\\x7f");
        QTest::newRow("eight-bit escape") << QString(QChar(0x9b)) << QByteArray("\\x9b");
        QTest::newRow("line separator") << QString(QChar(0x2028)) << QByteArray("\\u2028");
        QTest::newRow("right to left") << QString(QChar(0x202e)) << QByteArray("\\u202e");
        QTest::newRow("text") << QString::fromUtf8("Zoë ☃ 🦊") << QByteArray("Zoë ☃ 🦊");
    }
    void nothingLoggedCanForgeALine()
    {
        QFETCH(QString, message);
        QFETCH(QByteArray, shown);
        qCInfo(testLog).noquote() << message;
        const QByteArray line = lastLine();
        QVERIFY2(line.endsWith(" INFO hubkeep.test " + shown), line.constData());
    }

    void aLongMessageIsCutBetweenCharacters()
    {
        qCInfo(testLog).noquote() << QString::fromUtf8("☃").repeated(20'000);
        const QByteArray line = lastLine();
        QVERIFY(line.size() > 7'000 && line.size() < 9'000);
        QVERIFY(line.isValidUtf8());
    }

    void theMemoryIsBounded()
    {
        for (int i = 0; i < 3000; ++i)
            qCInfo(testLog).noquote() << QString(1000, u'x') << i;
        const QByteArray log = recentLog();
        QVERIFY(log.size() <= 1024 * 1024);
        QVERIFY(log.size() > 1000 * 1024);
        QVERIFY(lastLine().endsWith(" 2999"));
        QVERIFY(log.startsWith("20")); // whole lines
    }

    void threadsNeverShareALine()
    {
        {
            std::vector<std::jthread> threads;
            for (int t = 0; t < 4; ++t) {
                threads.emplace_back([] {
                    for (int i = 0; i < 200; ++i)
                        qCInfo(testLog) << "from a thread" << i;
                });
            }
        }
        int whole = 0;
        for (const QByteArray &line : recentLog().split('\n'))
            whole += line.contains(" INFO hubkeep.test from a thread ") ? 1 : 0;
        QCOMPARE(whole, 800);
    }
};

QTEST_GUILESS_MAIN(TestLogging)
#include "tst_logging.moc"
