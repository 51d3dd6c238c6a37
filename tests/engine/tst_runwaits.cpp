// How scripts wait: delays, templates and triggers.

#include "automation/template/templatedict.h"
#include "tests/support/runarena.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;
using namespace std::chrono_literals;

class TestRunWaits : public QObject
{
    Q_OBJECT

private slots:
    // --- Delays.

    void aDelayWaitsAsLongAsItSays_data()
    {
        QTest::addColumn<QByteArray>("delay");
        QTest::addColumn<int>("seconds");
        QTest::newRow("seconds") << QByteArray("90") << 90;
        QTest::newRow("clock") << QByteArray("'00:01:30'") << 90;
        QTest::newRow("hours and minutes") << QByteArray("'01:30'") << 5400;
        QTest::newRow("parts") << QByteArray("{minutes: 1, seconds: 30}") << 90;
        QTest::newRow("template") << QByteArray("'{{ n }}'") << 90;
        QTest::newRow("a template in a part") << QByteArray("{seconds: '{{ n }}'}") << 90;
        QTest::newRow("a template that says the time") << QByteArray("'00:0{{ 1 }}:30'") << 90;
    }
    void aDelayWaitsAsLongAsItSays()
    {
        QFETCH(QByteArray, delay);
        QFETCH(int, seconds);
        RunArena arena;
        arena.start("- delay: " + delay + "\n- action: test.note\n", R"({"n": 90})");
        QCOMPARE(arena.result("action/0"),
            QStringLiteral(R"({"delay":%1.0,"done":false})").arg(seconds));
        arena.advance(std::chrono::seconds(seconds) - 1ms);
        QCOMPARE(arena.end(), QString());
        arena.advance(1ms);
        QCOMPARE(arena.end(), QStringLiteral("finished"));
        QCOMPARE(arena.notes.size(), 1);
        QCOMPARE(
            arena.result("action/0"), QStringLiteral(R"({"delay":%1.0,"done":true})").arg(seconds));
    }

    void aDelayThatIsNoneSaysSo()
    {
        RunArena arena;
        arena.start("- delay: '{{ n }}'", R"({"n": "soon"})");
        QVERIFY2(arena.end().startsWith(QStringLiteral(
                     "error: action/0, automations.yaml:1: delay: 'soon' is no period")),
            qPrintable(arena.end()));
        arena.start("- delay: 0\n- action: test.note");
        QCOMPARE(arena.end(), QStringLiteral("finished"));
    }

    void stoppingARunDropsItsDelay()
    {
        RunArena arena;
        arena.start("- delay: 5\n- action: test.note");
        arena.run.reset();
        arena.advance(10s);
        QCOMPARE(arena.noted(), QString());
        QCOMPARE(arena.outcomes, 0);
    }

    // --- Waiting for a template.

    void aTemplateThatHoldsAlreadyIsNotWaitedFor()
    {
        RunArena arena;
        arena.set("switch.x", "on");
        arena.start("- wait_template: \"{{ is_state('switch.x', 'on') }}\"\n  timeout: 10\n");
        QCOMPARE(arena.end(), QStringLiteral("finished"));
        QCOMPARE(arena.result("action/0"),
            QStringLiteral(R"({"wait":{"remaining":10.0,"completed":true}})"));
        QCOMPARE(arena.changed("action/0"), arena.result("action/0"));
    }

    void aTemplateIsLookedAtAgainWhenWhatItReadChanges()
    {
        RunArena arena;
        arena.set("switch.x", "off");
        arena.start("- wait_template: \"{{ is_state('switch.x', 'on') }}\"\n  timeout: 10\n"
                    "- action: test.note\n  data: {message: 'left {{ wait.remaining }}'}");
        arena.advance(3s);
        arena.set("switch.y", "on");
        arena.set("switch.x", "unknown");
        QCOMPARE(arena.end(), QString());
        arena.set("switch.x", "on");
        QCOMPARE(arena.end(), QStringLiteral("finished"));
        QCOMPARE(arena.noted(), QStringLiteral("left 7.0"));
        arena.set("switch.x", "off");
        arena.set("switch.x", "on");
        arena.advance(20s);
        QCOMPARE(arena.outcomes, 1);
        QCOMPARE(arena.notes.size(), 1);
    }

    void aTemplateThatLooksAtTheTimeIsLookedAtEachMinute()
    {
        RunArena arena; // at 14:00
        arena.start("- wait_template: '{{ now().minute == 3 }}'\n- action: test.note");
        arena.advance(179s);
        QCOMPARE(arena.end(), QString());
        arena.advance(1s);
        QCOMPARE(arena.end(), QStringLiteral("finished"));
    }

    void aWaitThatIsTooLongGoesOnOrEndsTheRun()
    {
        RunArena arena;
        const QByteArray wait = "- wait_template: \"{{ is_state('switch.x', 'on') }}\"\n"
                                "  timeout: {seconds: '{{ n }}'}\n";
        const QByteArray after = "- action: test.note\n"
                                 "  data: {message: '{{ wait.completed }} {{ wait.remaining }}'}\n";
        arena.start(wait + after, R"({"n": 5})");
        arena.advance(4999ms);
        QCOMPARE(arena.end(), QString());
        arena.advance(1ms);
        QCOMPARE(arena.end(), QStringLiteral("finished"));
        QCOMPARE(arena.noted(), QStringLiteral("False 0.0"));
        arena.set("switch.x", "on");
        QCOMPARE(arena.outcomes, 1);

        arena.set("switch.x", "off");
        arena.start(wait + "  continue_on_timeout: false\n  continue_on_error: true\n" + after,
            R"({"n": 5})");
        arena.advance(5s);
        QCOMPARE(arena.end(),
            QStringLiteral(
                "aborted: action/0, automations.yaml:1: what it waited for did not come within "
                "its time"));
        QCOMPARE(arena.result("action/0"),
            QStringLiteral(R"({"wait":{"remaining":0.0,"completed":false},"timeout":true})"));
        QCOMPARE(arena.notes.size(), 1);

        arena.start(wait + after, R"({"n": 0})");
        QCOMPARE(arena.end(), QStringLiteral("finished"));
    }

    void aWaitsTemplateThatFailsAtOnceEndsTheRun()
    {
        RunArena arena;
        arena.start("- wait_template: '{{ nobody.knows }}'");
        QVERIFY2(arena.end().startsWith(QStringLiteral("error: ")), qPrintable(arena.end()));
    }

    // --- Waiting for a trigger.

    void aTriggerEndsTheWaitAndIsAVariable()
    {
        RunArena arena;
        arena.start("- wait_for_trigger:\n    - {platform: event, event_type: one}\n"
                    "    - {platform: event, event_type: two}\n  timeout: 60\n"
                    "- action: test.note\n  data: {message: '{{ wait.trigger.event.data.n }}'}");
        arena.advance(20s);
        arena.fire("three", {});
        QCOMPARE(arena.end(), QString());
        QCOMPARE(jsonOf(*arena.step("action/0").changedVariables.dict().find(u"wait")),
            QStringLiteral(R"({"remaining":60.0,"completed":false,"trigger":null})"));
        arena.fire("two", { { QStringLiteral("n"), 4 } });
        QCOMPARE(arena.end(), QStringLiteral("finished"));
        QCOMPARE(arena.noted(), QStringLiteral("4"));
        const TemplateDict wait
            = arena.step("action/0").changedVariables.dict().find(u"wait")->dict();
        QCOMPARE(wait.find(u"remaining")->toDouble(), 40.0);
        QCOMPARE(wait.find(u"completed")->toBool(), true);
        arena.fire("one", {});
        QCOMPARE(arena.outcomes, 1);
    }

    void aTriggersTimeMayRunOut()
    {
        RunArena arena;
        const QByteArray wait = "- wait_for_trigger: {platform: event, event_type: one}\n"
                                "  timeout: '00:01:00'\n";
        arena.start(wait + "- action: test.note\n  data: {message: 'by {{ wait.trigger }}'}");
        arena.advance(60s);
        QCOMPARE(arena.end(), QStringLiteral("finished"));
        QCOMPARE(arena.noted(), QStringLiteral("by None"));
        arena.start(wait + "  continue_on_timeout: false");
        arena.advance(60s);
        QVERIFY2(arena.end().startsWith(QStringLiteral("aborted: ")), qPrintable(arena.end()));
    }

    void eachTurnOfALoopWaitsWithTriggersOfItsOwn()
    {
        RunArena arena;
        arena.start("- repeat:\n    count: 3\n    sequence:\n"
                    "      - wait_for_trigger: {platform: event, event_type: one}\n"
                    "      - action: test.note\n        data: {message: '{{ repeat.index }}'}");
        for (int i = 0; i < 3; ++i)
            arena.fire("one", {});
        QCOMPARE(arena.noted(), QStringLiteral("1 2 3"));
        QCOMPARE(arena.end(), QStringLiteral("finished"));
    }

    void anEventOfTheRunMayEndTheWaitOfItsOtherBranch()
    {
        RunArena arena;
        arena.start("- parallel:\n"
                    "    - sequence:\n"
                    "        - wait_for_trigger: {platform: event, event_type: go}\n"
                    "        - action: test.note\n          data: {message: went}\n"
                    "    - sequence:\n        - event: go\n"
                    "        - action: test.note\n          data: {message: told}\n");
        QCOMPARE(arena.noted(), QStringLiteral("told went"));
        QCOMPARE(arena.end(), QStringLiteral("finished"));
    }

    void stoppingARunDropsItsWaits()
    {
        RunArena arena;
        arena.start("- parallel:\n"
                    "    - [{wait_for_trigger: {platform: event, event_type: one}, timeout: 5},\n"
                    "       {action: test.note}]\n"
                    "    - [{wait_template: \"{{ is_state('switch.x', 'on') }}\"},\n"
                    "       {action: test.note}]\n");
        arena.run.reset();
        arena.fire("one", {});
        arena.set("switch.x", "on");
        arena.advance(10s);
        QCOMPARE(arena.noted(), QString());
    }
};

QTEST_GUILESS_MAIN(TestRunWaits)
#include "tst_runwaits.moc"
