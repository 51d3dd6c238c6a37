// Which way scripts go: conditions, branches and loops.

#include "tests/support/runarena.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;
using namespace std::chrono_literals;

class TestRunFlow : public QObject
{
    Q_OBJECT

private slots:
    // --- Conditions.

    void aConditionThatDoesNotHoldEndsItsSequenceOnly()
    {
        RunArena arena;
        arena.start("- action: test.note\n  data: {message: a}\n- '{{ false }}'\n"
                    "- action: test.note\n  data: {message: b}");
        QCOMPARE(arena.end(), QStringLiteral("aborted"));
        QCOMPARE(arena.noted(), QStringLiteral("a"));
        QVERIFY(arena.result("action/1").startsWith(QStringLiteral(R"({"result":false)")));

        arena.start("- sequence: ['{{ false }}', {action: test.note}]\n"
                    "- action: test.note\n  data: {message: c}");
        QCOMPARE(arena.end(), QStringLiteral("finished"));
        QCOMPARE(arena.noted(), QStringLiteral("a c"));

        arena.start("- repeat:\n    count: 3\n    sequence:\n"
                    "      - '{{ repeat.index == 2 }}'\n"
                    "      - action: test.note\n        data: {message: '{{ repeat.index }}'}");
        QCOMPARE(arena.end(), QStringLiteral("finished"));
        QCOMPARE(arena.noted(), QStringLiteral("a c 2"));
    }

    void aConditionThatFailsCountsAsNo()
    {
        RunArena arena;
        arena.start("- '{{ nobody.knows }}'\n- action: test.note");
        QCOMPARE(arena.end(), QStringLiteral("aborted"));
        arena.start("- if: '{{ nobody.knows }}'\n  then: []\n"
                    "  else: {action: test.note, data: {message: else}}");
        QCOMPARE(arena.noted(), QStringLiteral("else"));
    }

    // --- Branches.

    void theFirstOptionThatFitsIsChosen_data()
    {
        QTest::addColumn<int>("n");
        QTest::addColumn<QString>("noted");
        QTest::addColumn<QString>("result");
        QTest::newRow("first") << 1 << QStringLiteral("one") << QStringLiteral(R"({"choice":0})");
        QTest::newRow("second") << 2 << QStringLiteral("two") << QStringLiteral(R"({"choice":1})");
        QTest::newRow("default") << 3 << QStringLiteral("other")
                                 << QStringLiteral(R"({"choice":"default"})");
    }
    void theFirstOptionThatFitsIsChosen()
    {
        QFETCH(int, n);
        RunArena arena;
        arena.start("- choose:\n"
                    "    - conditions: '{{ n == 1 }}'\n"
                    "      sequence: {action: test.note, data: {message: one}}\n"
                    "    - conditions: ['{{ true }}', '{{ n == 2 }}']\n"
                    "      sequence: [{action: test.note, data: {message: two}}]\n"
                    "  default: {action: test.note, data: {message: other}}\n",
            QByteArray("{\"n\": " + QByteArray::number(n) + "}").constData());
        QTEST(arena.noted(), "noted");
        QTEST(arena.result("action/0"), "result");
        QCOMPARE(arena.end(), QStringLiteral("finished"));
    }

    void theTraceOfAChoiceHasHomeAssistantsPaths()
    {
        RunArena arena;
        arena.start("- choose:\n"
                    "    - conditions: '{{ false }}'\n      sequence: []\n"
                    "    - conditions: ['{{ true }}', '{{ true }}']\n"
                    "      sequence: [{action: test.note}, {action: test.note}]\n"
                    "- if: '{{ true }}'\n  then: [{action: test.note}]\n"
                    "- if: '{{ false }}'\n  then: []\n  else: [{action: test.note}]\n"
                    "- choose: []\n  default: {action: test.note}\n"
                    "- parallel: [{action: test.note}, {sequence: [{action: test.note}]}]\n"
                    "- sequence: [{action: test.note}]\n"
                    "- repeat: {count: 1, sequence: [{action: test.note}]}\n"
                    "- repeat: {while: '{{ false }}', sequence: []}\n"
                    "- repeat: {until: ['{{ true }}'], sequence: []}\n");
        QCOMPARE(arena.end(), QStringLiteral("finished"));
        QCOMPARE(arena.paths().join(u' '),
            QStringLiteral("action/0 action/0/choose/0 action/0/choose/0/conditions/0 "
                           "action/0/choose/1 action/0/choose/1/conditions/0 "
                           "action/0/choose/1/conditions/1 action/0/choose/1/sequence/0 "
                           "action/0/choose/1/sequence/1 "
                           "action/1 action/1/if action/1/if/condition/0 action/1/then/0 "
                           "action/2 action/2/if action/2/if/condition/0 action/2/else/0 "
                           "action/3 action/3/default/0 "
                           "action/4 action/4/parallel/0/sequence/0 action/4/parallel/1/sequence/0 "
                           "action/5 action/5/sequence/0 "
                           "action/6 action/6/repeat/sequence/0 "
                           "action/7 action/7/repeat action/7/repeat/while/0 "
                           "action/8 action/8/repeat action/8/repeat/until/0"));
        QCOMPARE(arena.result("action/0/choose/0"), QStringLiteral(R"({"result":false})"));
        QCOMPARE(arena.result("action/0/choose/1"), QStringLiteral(R"({"result":true})"));
        QCOMPARE(arena.result("action/1"), QStringLiteral(R"({"choice":"then"})"));
        QCOMPARE(arena.result("action/2"), QStringLiteral(R"({"choice":"else"})"));
        QCOMPARE(arena.trace.lastStep, QStringLiteral("action/8/repeat/until/0"));
    }

    // --- Loops.

    void aLoopTurnsAsOftenAsItSays_data()
    {
        QTest::addColumn<QByteArray>("repeat");
        QTest::addColumn<QString>("noted");
        const auto row = [](const char *repeat, const char *noted) {
            QTest::newRow(repeat) << QByteArray(repeat) << QString::fromUtf8(noted);
        };
        row("count: 3", "1TrueFalse 2FalseFalse 3FalseTrue");
        row("count: '{{ n }}'", "1TrueFalse 2FalseTrue");
        row("count: 0", "");
        row("count: '{{ minus }}'", "");
        row("for_each: []", "");
        row("for_each: [a, b]", "1TrueFalse 2FalseTrue");
        row("for_each: '{{ list }}'", "1TrueFalse 2FalseTrue");
    }
    void aLoopTurnsAsOftenAsItSays()
    {
        QFETCH(QByteArray, repeat);
        RunArena arena;
        arena.start("- repeat:\n    " + repeat
                + "\n    sequence:\n      - action: test.note\n        data: {message: '{{ "
                  "repeat.index }}{{ repeat.first }}{{ repeat.last }}'}\n"
                  "- '{{ repeat == 1 }}'\n", // gone again: an error, so no
            R"({"n": 2, "minus": -2, "list": ["x", {"y": 1}], "repeat": 2})");
        QTEST(arena.noted(), "noted");
    }

    void aLoopSeesItsItemAndTheOneAroundIt()
    {
        RunArena arena;
        arena.start("- repeat:\n    for_each: [a, b]\n    sequence:\n"
                    "      - variables: {outer: '{{ repeat.item }}'}\n"
                    "      - repeat:\n          for_each: [1, 2]\n          sequence:\n"
                    "            - action: test.note\n"
                    "              data: {message: '{{ outer }}{{ repeat.item }}'}\n"
                    "      - action: test.note\n        data: {message: '{{ repeat.item }}'}\n");
        QCOMPARE(arena.noted(), QStringLiteral("a1 a2 a b1 b2 b"));
        QCOMPARE(arena.changed("action/0/repeat/sequence/0"),
            QStringLiteral(
                R"({"repeat":{"first":false,"index":2,"last":true,"item":"b"},"outer":"b"})"));
    }

    void whileAndUntilLookBeforeAndAfter()
    {
        RunArena arena;
        const QByteArray body = "    sequence:\n      - action: test.note\n"
                                "        data: {message: '{{ repeat.index }}'}\n";
        arena.start("- repeat:\n    while: '{{ repeat.index < 3 }}'\n" + body);
        QCOMPARE(arena.noted(), QStringLiteral("1 2"));
        arena.notes.clear();
        arena.start("- repeat:\n    until: '{{ repeat.index >= 3 }}'\n" + body);
        QCOMPARE(arena.noted(), QStringLiteral("1 2 3"));
        arena.notes.clear();
        arena.start("- repeat:\n    until: '{{ nobody.knows }}'\n" + body);
        QCOMPARE(arena.noted(), QStringLiteral("1"));
        arena.notes.clear();
        arena.start("- repeat:\n    while: '{{ nobody.knows }}'\n" + body);
        QCOMPARE(arena.noted(), QString());
    }

    void aLoopWithoutAnEndIsEnded()
    {
        RunArena arena;
        QTest::ignoreMessage(
            QtWarningMsg, "action/0, automations.yaml:1: the loop has turned 5000 times");
        arena.start("- repeat:\n    while: '{{ true }}'\n    sequence:\n"
                    "      - variables: {n: '{{ repeat.index }}'}\n"
                    "- action: test.note\n",
            R"({"n": 0})");
        QTRY_COMPARE(arena.end(),
            QStringLiteral(
                "aborted: action/0, automations.yaml:1: the loop was ended after 10000 turns"));
        QCOMPARE(arena.noted(), QString());
        QVERIFY(qsizetype(arena.trace.steps().size()) <= Trace::mostSteps);
    }

    void whatIsNoCountOrListEndsTheRun()
    {
        RunArena arena;
        arena.start("- repeat: {count: '{{ x }}', sequence: []}", R"({"x": "many"})");
        QCOMPARE(arena.end(),
            QStringLiteral("aborted: action/0, automations.yaml:1: the count of a repeat must be a "
                           "number, not 'many'"));
        arena.start("- repeat: {for_each: '{{ x }}', sequence: []}", R"({"x": "many"})");
        QCOMPARE(arena.end(),
            QStringLiteral(
                "aborted: action/0, automations.yaml:1: the for_each of a repeat must be a "
                "list, not 'many'"));
    }

    // --- Branches beside each other.

    void branchesGoOnWhileOthersWait()
    {
        RunArena arena;
        arena.start("- parallel:\n"
                    "    - [{delay: 2}, {action: test.note, data: {message: a}}]\n"
                    "    - [{delay: 1}, {action: test.note, data: {message: b}}]\n"
                    "    - {action: test.note, data: {message: c}}\n"
                    "- action: test.note\n  data: {message: d}\n");
        QCOMPARE(arena.noted(), QStringLiteral("c"));
        arena.advance(1s);
        QCOMPARE(arena.noted(), QStringLiteral("c b"));
        arena.advance(1s);
        QCOMPARE(arena.noted(), QStringLiteral("c b a d"));
        QCOMPARE(arena.end(), QStringLiteral("finished"));
    }

    void theOthersGoToTheirEndsBeforeAFailureCounts()
    {
        RunArena arena;
        arena.start("- parallel:\n"
                    "    - [{delay: 2}, {action: test.note, data: {message: a}}]\n"
                    "    - {action: test.fail}\n"
                    "    - {stop: Enough}\n"
                    "- action: test.note\n  data: {message: d}\n");
        QCOMPARE(arena.end(), QString());
        arena.advance(2s);
        QCOMPARE(arena.noted(), QStringLiteral("a"));
        QCOMPARE(arena.end(),
            QStringLiteral(
                "error: action/0/parallel/1/sequence/0, automations.yaml:3: the other side is "
                "gone"));
    }

    void aBranchsWaitIsItsOwnButItsVariablesAreEverybodys()
    {
        RunArena arena;
        arena.start("- parallel:\n"
                    "    - - wait_template: '{{ true }}'\n"
                    "      - variables: {x: 1}\n"
                    "      - delay: 1\n"
                    "      - action: test.note\n"
                    "        data: {message: 'it is {{ wait.completed }}'}\n"
                    "    - - wait_template: '{{ false }}'\n"
                    "        timeout: 0\n"
                    "      - delay: 2\n"
                    "      - action: test.note\n"
                    "        data: {message: '{{ wait.completed }}{{ x }}'}\n"
                    "- if: '{{ wait.completed }}'\n  then: {action: test.note}\n"
                    "  else: {action: test.note, data: {message: unknown}}\n");
        arena.advance(2s);
        QCOMPARE(arena.noted(), QStringLiteral("it is True False1 unknown"));
    }

    void noBranchesAtAllAreNothing()
    {
        RunArena arena;
        arena.start("- parallel: []\n- action: test.note");
        QCOMPARE(arena.notes.size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestRunFlow)
#include "tst_runflow.moc"
