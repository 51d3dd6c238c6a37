// What the steps of scripts do, with errors, and when the run is stopped.

#include "automation/core/yaml.h"
#include "tests/support/runarena.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTimer>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;
using namespace std::chrono_literals;

class TestScriptRun : public QObject
{
    Q_OBJECT

private slots:
    // --- Actions.

    void anActionGetsWhatIsWrittenAndWhatItsTemplatesSay_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("noted");
        const auto row = [](const char *yaml, const char *noted) {
            QTest::newRow(yaml) << QByteArray(yaml) << QString::fromUtf8(noted);
        };
        row("- action: test.note\n  data: {message: hello}", "hello");
        row("- action: test.note\n  data: {message: 'I am {{ who }}'}", "I am Ann");
        row("- action: test.note\n  data: '{{ data }}'", "from data");
        row("- action: 'test.{{ verb }}'\n  data: {message: x}", "x");
        row("- service: test.note\n  data_template: {message: '{{ who }}'}", "Ann");
        row("- service_template: '{{ name }}'\n  data: {message: y}", "y");
        row("- service: test.note\n  data: {message: a}\n  data_template: {message: '{{ who }}'}",
            "Ann");
        row("- action: test.note\n  data: {'{{ key }}': by key}", "by key");
        row("- action: test.note\n  target: {entity_id: light.x}", "@light.x");
        row("- action: test.note\n  target: {entity_id: 'light.x, light.y'}", "@light.x+light.y");
        row("- action: test.note\n  target: {entity_id: [light.x, '{{ entity }}']}",
            "@light.x+light.z");
        row("- action: test.note\n  target: '{{ target }}'", "@light.t");
        row("- action: test.note\n  entity_id: '{{ entity }}'", "@light.z");
        row("- action: test.note\n  data: {entity_id: light.d}", "@light.d");
        row("- action: test.note", "");
    }
    void anActionGetsWhatIsWrittenAndWhatItsTemplatesSay()
    {
        QFETCH(QByteArray, yaml);
        RunArena arena;
        arena.start(yaml,
            R"({"who": "Ann", "verb": "note", "name": " Test.note ", "key": "message",
                "entity": "light.z", "data": {"message": "from data"},
                "target": {"entity_id": "light.t"}})");
        QCOMPARE(arena.end(), QStringLiteral("finished"));
        QTEST(arena.noted(), "noted");
        QCOMPARE(arena.notes.size(), 1);
        QCOMPARE(arena.lastContext, arena.context);
    }

    void anAnswerIsAVariableOfItsType()
    {
        RunArena arena;
        arena.start("- action: test.ask\n  response_variable: got\n"
                    "- if: '{{ got.answer == 42 }}'\n"
                    "  then: {action: test.note, data: {message: '{{ got.answer }}'}}\n");
        QCOMPARE(arena.noted(), QStringLiteral("42"));
        QCOMPARE(arena.changed("action/0"), QStringLiteral(R"({"got":{"answer":42}})"));
    }

    void whatGoesWrongEndsTheRunWithASentence_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("end");
        QTest::addColumn<QString>("ignored");
        const auto row = [](const char *yaml, const char *end, bool isIgnorable) {
            QTest::newRow(yaml) << QByteArray(yaml) << QString::fromUtf8(end)
                                << (isIgnorable ? QStringLiteral("finished")
                                                : QString::fromUtf8(end));
        };
        row("- action: test.fail", "error: action/0, automations.yaml:1: the other side is gone",
            true);
        row("- alias: Do it\n  action: test.fail",
            "error: 'Do it', automations.yaml:1: the other side is gone", true);
        row("- action: test.note\n  data: {mesage: x}",
            "error: action/0, automations.yaml:1: Calling test.note: it has no field 'mesage'; did "
            "you "
            "mean 'message'?",
            true);
        row("- action: test.nte",
            "error: action/0, automations.yaml:1: There is no action test.nte; did you mean "
            "'test.note'?",
            false);
        row("- action: test.note\n  response_variable: x",
            "error: action/0, automations.yaml:1: test.note answers nothing; remove its "
            "response_variable",
            false);
        row("- action: test.note\n  data: '{{ 5 }}'",
            "error: action/0, automations.yaml:1: the data must be a mapping, not 5", false);
        row("- if: '{{ true }}'\n  then: [{action: test.fail}]",
            "error: action/0/then/0, automations.yaml:2: the other side is gone", true);
        row("- parallel: [{action: test.note}, {action: test.fail}]",
            "error: action/0/parallel/1/sequence/0, automations.yaml:1: the other side is gone",
            true);
        row("- repeat: {count: 2, sequence: [{action: test.fail}]}",
            "error: action/0/repeat/sequence/0, automations.yaml:1: the other side is gone", true);
    }
    void whatGoesWrongEndsTheRunWithASentence()
    {
        QFETCH(QByteArray, yaml);
        RunArena arena;
        arena.start(yaml + "\n- action: test.note\n  data: {message: after}");
        QTEST(arena.end(), "end");
        QVERIFY(!arena.notes.contains(QStringLiteral("after")));
        QVERIFY(!arena.step("action/0").error.isEmpty());

        arena.start(
            yaml + "\n  continue_on_error: true\n- action: test.note\n  data: {message: after}");
        QTEST(arena.end(), "ignored");
        QCOMPARE(arena.notes.contains(QStringLiteral("after")),
            arena.end() == QStringLiteral("finished"));
        QVERIFY(!arena.step("action/0").error.isEmpty());
    }

    void aTemplateThatFailsEndsTheRun()
    {
        RunArena arena;
        arena.start("- action: test.note\n  data: {message: '{{ who.name }}'}\n"
                    "  continue_on_error: true");
        QVERIFY2(arena.end().startsWith(QStringLiteral("error: action/0, automations.yaml:1: data: "
                                                       "message: line 1, column ")),
            qPrintable(arena.end()));
        QCOMPARE(arena.noted(), QString());
    }

    void aSlowActionIsWaitedFor()
    {
        RunArena arena;
        arena.start("- action: test.slow\n  response_variable: got\n"
                    "- action: test.note\n  data: {message: '{{ got.n }}'}");
        QCOMPARE(arena.end(), QString());
        QCOMPARE(arena.noted(), QString());
        arena.pending[0]->addResult(QVariantMap { { QStringLiteral("n"), 7 } });
        arena.pending[0]->finish();
        QTRY_COMPARE(arena.end(), QStringLiteral("finished"));
        QCOMPARE(arena.noted(), QStringLiteral("7"));
    }

    void aSlowActionMayFail()
    {
        RunArena arena;
        arena.start("- action: test.slow\n");
        arena.pending[0]->addResult(Error { ErrorCode::Io, QStringLiteral("broken") });
        arena.pending[0]->finish();
        QTRY_COMPARE(arena.end(), QStringLiteral("error: action/0, automations.yaml:1: broken"));
        arena.start("- action: test.slow\n  continue_on_error: true\n");
        arena.pending[1]->addResult(Error { ErrorCode::Io, QStringLiteral("broken") });
        arena.pending[1]->finish();
        QTRY_COMPARE(arena.end(), QStringLiteral("finished"));
        arena.start("- action: test.slow\n");
        arena.pending[2]->finish(); // without a word
        QTRY_COMPARE(arena.end(),
            QStringLiteral("error: action/0, automations.yaml:1: the action was cancelled"));
    }

    void stoppingARunCancelsItsAction()
    {
        RunArena arena;
        arena.start("- parallel: [{action: test.slow}, {action: test.slow}]");
        QCOMPARE(arena.pending.size(), size_t(2));
        QVERIFY(!arena.pending[0]->isCanceled());
        arena.run.reset();
        QVERIFY(arena.pending[0]->isCanceled());
        QVERIFY(arena.pending[1]->isCanceled());
        for (const RunArena::Pending &pending : arena.pending)
            pending->finish();
        QTest::qWait(0);
        QCOMPARE(arena.outcomes, 0);
    }

    void anActionMayEndTheRunThatCalledIt()
    {
        RunArena arena;
        arena.start("- parallel: [{delay: 5}, {action: test.stop}, {action: test.note}]\n"
                    "- action: test.note");
        QCOMPARE(arena.noted(), QString());
        arena.advance(10s);
        QCOMPARE(arena.noted(), QString());
        QCOMPARE(arena.outcomes, 0);
    }

    void whoIsToldOfTheEndMayDestroyTheRun()
    {
        RunArena arena;
        Problems problems;
        const auto script = parseScript(EngineArena::yaml("- delay: 1"), problems);
        arena.run = std::make_unique<ScriptRun>(
            arena.parts, *script, QHash<QString, TemplateValue>(), arena.context, nullptr);
        arena.run->start([&](const ScriptOutcome &) { arena.run.reset(); });
        arena.advance(1s);
        QVERIFY(!arena.run);
        const auto empty = parseScript(EngineArena::yaml("[]"), problems);
        arena.run = std::make_unique<ScriptRun>(
            arena.parts, *empty, QHash<QString, TemplateValue>(), arena.context, nullptr);
        arena.run->start([&](const ScriptOutcome &) { arena.run.reset(); });
        QVERIFY(!arena.run);
    }

    // --- Events.

    void anEventIsPublishedInTheRunsContext()
    {
        RunArena arena;
        QList<Event> seen;
        const Subscription watching = arena.hub.bus().subscribe(
            QStringLiteral("told"), [&](const Event &event) { seen.append(event); });
        arena.start("- event: told\n  event_data: {a: '{{ n }}', b: text}", R"({"n": 5})");
        QCOMPARE(seen.size(), 1);
        QCOMPARE(seen[0].data,
            QVariantMap(
                { { QStringLiteral("a"), 5 }, { QStringLiteral("b"), QStringLiteral("text") } }));
        QCOMPARE(seen[0].context, arena.context);
        QCOMPARE(arena.result("action/0"),
            QStringLiteral(R"({"event":"told","event_data":{"a":5,"b":"text"}})"));
    }

    // --- Variables.

    void variablesSeeThoseBeforeThemAndKeepTheirTypes()
    {
        RunArena arena;
        arena.start("- variables: {a: 1, b: '{{ a + 1 }}', c: [x, '{{ b }}'], d: {e: '{{ c }}'}}\n"
                    "- action: test.note\n  data: {message: '{{ d.e }}'}");
        QCOMPARE(arena.changed("action/0"),
            QStringLiteral(R"({"a":1,"b":2,"c":["x",2],"d":{"e":["x",2]}})"));
        QCOMPARE(arena.end(), QStringLiteral("finished"));
    }

    void innerAssignmentsChangeOuterNames()
    {
        RunArena arena;
        arena.start(
            "- variables: {a: 1}\n"
            "- if: '{{ true }}'\n  then:\n    - variables: {a: 2, b: 3}\n"
            "- repeat:\n    count: 2\n    sequence:\n      - variables: {a: '{{ a + 1 }}'}\n"
            "- action: test.note\n  data: {message: '{{ a }}{{ b }}'}");
        QCOMPARE(arena.noted(), QStringLiteral("43"));
    }

    void theRunsContextIsAVariable()
    {
        RunArena arena;
        arena.start("- action: test.note\n"
                    "  data: {message: '{{ context.id }} {{ context.parent_id }} {{ "
                    "context.user_id }}'}");
        QCOMPARE(arena.noted(), QStringLiteral("RUN CAUSE None"));
    }

    void whatARunRemembersIsBounded()
    {
        RunArena arena;
        QByteArray yaml;
        for (int i = 0; i < 100; ++i)
            yaml += "- variables: {v" + QByteArray::number(i) + ": \"{{ 'x' * 200000 }}\"}\n";
        arena.start(yaml);
        QVERIFY(arena.waitForEnd());
        QVERIFY2(arena.end().contains(QStringLiteral("its variables take more than 16 MB")),
            qPrintable(arena.end()));
        yaml.clear();
        for (int i = 0; i < 100; ++i)
            yaml += "- variables: {v: \"{{ 'x' * 200000 }}\"}\n";
        arena.start(yaml);
        QVERIFY(arena.waitForEnd());
        QCOMPARE(arena.end(), QStringLiteral("finished"));
    }

    // --- Stops.

    void aStopEndsTheRunFromWhereverItIs()
    {
        RunArena arena;
        arena.start(
            "- repeat:\n    count: 5\n    sequence:\n      - if: '{{ repeat.index == 2 }}'\n"
            "        then: [{stop: Enough}]\n"
            "      - action: test.note\n        data: {message: '{{ repeat.index }}'}\n"
            "- action: test.note");
        QCOMPARE(arena.end(), QStringLiteral("finished"));
        QCOMPARE(arena.noted(), QStringLiteral("1"));
        QCOMPARE(arena.result("action/0/repeat/sequence/0/then/0"),
            QStringLiteral(R"({"stop":"Enough","error":false})"));
    }

    void aStopMayBeAnErrorThatNothingPassesOver()
    {
        RunArena arena;
        arena.start("- sequence: [{stop: Too bad, error: true}]\n  continue_on_error: true\n"
                    "- action: test.note");
        QCOMPARE(arena.end(),
            QStringLiteral("aborted: action/0/sequence/0, automations.yaml:1: Too bad"));
        QCOMPARE(arena.noted(), QString());
    }

    void aStopMayAnswer()
    {
        RunArena arena;
        arena.start("- variables: {x: {a: 1}}\n- stop: Done\n  response_variable: x");
        QCOMPARE(arena.end(), QStringLiteral("finished"));
        QCOMPARE(jsonOf(arena.outcome->response), QStringLiteral(R"({"a":1})"));
        arena.start("- stop: Done\n  response_variable: x");
        QCOMPARE(arena.end(),
            QStringLiteral(
                "aborted: action/0, automations.yaml:1: the response variable 'x' has no value"));
    }

    // --- What all steps have.

    void whatIsSwitchedOffIsSkipped()
    {
        RunArena arena;
        arena.start("- action: test.note\n  enabled: false\n"
                    "- action: test.note\n  enabled: '{{ false }}'\n"
                    "- '{{ true }}'\n"
                    "- condition: template\n  value_template: '{{ false }}'\n  enabled: false\n"
                    "- stop: x\n  enabled: false\n"
                    "- action: test.note\n  enabled: '{{ true }}'\n  data: {message: a}");
        QCOMPARE(arena.noted(), QStringLiteral("a"));
        QCOMPARE(arena.result("action/0"), QStringLiteral(R"({"enabled":false})"));
        QCOMPARE(arena.result("action/3"), QStringLiteral(R"({"enabled":false})"));
        QCOMPARE(arena.end(), QStringLiteral("finished"));
    }

    // --- Traces.

    void secretsAreNotInTheTrace()
    {
        RunArena arena;
        arena.start("- action: test.note\n  data: {message: 'a', password: hunter22}");
        QCOMPARE(arena.result("action/0"),
            QStringLiteral(R"({"params":{"domain":"test","service":"note","service_data":)"
                           R"({"message":"a","password":"**REDACTED**"},"target":{}},)"
                           R"("running_script":false})"));
    }

    void whatIsCalledASecretIsNowhere()
    {
        RunArena arena;
        const QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("secrets.yaml")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("key: hunter22\n");
        file.close();
        YamlLoader loader(folder.path());
        const Value value = loader.parse("- variables: {x: !secret key}\n"
                                         "- action: test.note\n"
                                         "  data: {message: 'by {{ x }}'}\n"
                                         "- action: '{{ x }}'\n",
            QStringLiteral("automations.yaml"));
        arena.start(value, "{}");
        QCOMPARE(arena.noted(), QStringLiteral("by hunter22"));
        QCOMPARE(arena.changed("action/0"), QStringLiteral(R"({"x":"**REDACTED**"})"));
        QVERIFY(arena.result("action/1").contains(QStringLiteral("by **REDACTED**")));
        QCOMPARE(arena.end(),
            QStringLiteral("error: action/2, automations.yaml:4: There is no action **REDACTED**"));
        QVERIFY(!QJsonDocument(arena.trace.toJson()).toJson().contains("hunter22"));
    }

    // --- Fairness.

    void aRunThatNeverWaitsLetsOthersHaveTheirTurn()
    {
        RunArena arena;
        int events = 0;
        const Subscription watching
            = arena.hub.bus().subscribe(QStringLiteral("done"), [&](const Event &) { ++events; });
        arena.begin("- repeat: {count: 20000, sequence: [{event: done}]}");
        QVERIFY(!arena.outcome);
        QVERIFY(events <= 1000);
        bool wasHeard = false;
        QTimer::singleShot(0, [&] { wasHeard = true; });
        QTRY_VERIFY(wasHeard);
        QVERIFY(!arena.outcome);
        QVERIFY(arena.waitForEnd());
        QCOMPARE(events, 20'000);
    }

    void anEmptyLoopIsBoundedToo()
    {
        RunArena arena;
        QElapsedTimer timer;
        timer.start();
        arena.begin("- repeat: {count: 1000000000, sequence: []}");
        QVERIFY(timer.elapsed() < 1000);
        QVERIFY(arena.waitForEnd());
        QCOMPARE(arena.end(),
            QStringLiteral(
                "aborted: action/0, automations.yaml:1: it took 1000000 steps without waiting "
                "in between"));
    }

    void stoppingARunThatHasItsNextTurnStillToComeIsTheEndOfIt()
    {
        RunArena arena;
        int events = 0;
        const Subscription watching
            = arena.hub.bus().subscribe(QStringLiteral("done"), [&](const Event &) { ++events; });
        arena.begin("- repeat: {count: 20000, sequence: [{event: done}]}");
        const int seen = events;
        arena.run.reset();
        QTest::qWait(20);
        QCOMPARE(events, seen);
        QCOMPARE(arena.outcomes, 0);
    }
};

QTEST_GUILESS_MAIN(TestScriptRun)
#include "tst_scriptrun.moc"
