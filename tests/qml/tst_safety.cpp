#include "qml/client/safety.h"

#include <QTest>

using namespace hubkeep::desktop;

namespace {

QString text(const char *utf8)
{
    return QString::fromUtf8(utf8);
}

// A hub whose owner may sleep well.
SafetyFacts good()
{
    SafetyFacts facts;
    facts.known = true;
    facts.managerState = text("idle");
    facts.backups = 3;
    facts.newestBackup = QDateTime::currentDateTime().addSecs(-300);
    facts.scheduled = true;
    facts.lastSuccessful = facts.newestBackup;
    return facts;
}

} // namespace

class TestSafety : public QObject
{
    Q_OBJECT

private slots:
    void aHubWithBackupsAScheduleAndNoComplaintsIsSafe()
    {
        const Verdict verdict = assess(good());
        QCOMPARE(verdict.level, Verdict::Safe);
        QCOMPARE(verdict.sentence, text("Your data is safe."));
        QVERIFY(verdict.todo.isEmpty());
    }

    void nothingIsSaidOfAHubThatIsNotThere()
    {
        SafetyFacts facts = good();
        facts.known = false;
        QCOMPARE(assess(facts), Verdict());
    }

    void whatIsWrongDecides_data()
    {
        QTest::addColumn<SafetyFacts>("facts");
        QTest::addColumn<int>("level");
        QTest::addColumn<QString>("action");
        SafetyFacts none = good();
        none.backups = 0;
        QTest::newRow("no backup at all") << none << int(Verdict::Danger) << text("backup");
        SafetyFacts first = none;
        first.managerState = text("create_backup");
        QTest::newRow("the first one is being made") << first << int(Verdict::Working) << QString();
        SafetyFacts overdue = good();
        overdue.overdue = true;
        QTest::newRow("overdue") << overdue << int(Verdict::Danger) << text("backup");
        overdue.problems = { text("Agent nas is away") };
        QTest::newRow("overdue, and a problem")
            << overdue << int(Verdict::Danger) << text("backup");
        SafetyFacts problem = good();
        problem.problems = { text("Agent nas is away") };
        QTest::newRow("a problem") << problem << int(Verdict::Attention) << text("activity");
        SafetyFacts manual = good();
        manual.scheduled = false;
        QTest::newRow("no schedule") << manual << int(Verdict::Attention) << text("schedule");
        SafetyFacts restore = good();
        restore.managerState = text("restore_backup");
        restore.operation = text("restore");
        QTest::newRow("a restore runs") << restore << int(Verdict::Working) << QString();
    }
    void whatIsWrongDecides()
    {
        QFETCH(const SafetyFacts, facts);
        const Verdict verdict = assess(facts);
        QTEST(int(verdict.level), "level");
        QTEST(verdict.action, "action");
        QVERIFY(!verdict.sentence.isEmpty() && !verdict.reason.isEmpty());
        QCOMPARE(verdict.todo.isEmpty(), verdict.action.isEmpty());
    }

    void aProblemIsSaidInTheHubsOwnWords()
    {
        SafetyFacts facts = good();
        facts.problems = { text("Agent nas is away"), text("another") };
        QCOMPARE(assess(facts).reason, text("Agent nas is away"));
    }
};

QTEST_GUILESS_MAIN(TestSafety)
#include "tst_safety.moc"
