#include "automation/engine/condition.h"
#include "automation/template/templatedict.h"
#include "tests/support/enginearena.h"

#include <QtTest>

#include <chrono>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

const QVariantMap timestamp { { QStringLiteral("device_class"), QStringLiteral("timestamp") } };

Condition conditionOf(const QByteArray &yaml)
{
    Problems problems;
    std::optional<Condition> condition = parseCondition(EngineArena::yaml(yaml), problems);
    if (!condition)
        qFatal("%s", qPrintable(EngineArena::texts(problems).join(u'\n')));
    return *condition;
}

// "true", "false" or "error: sentence".
QString said(const Result<bool> &holds)
{
    if (!holds)
        return QStringLiteral("error: ") + holds.error().message;
    return *holds ? QStringLiteral("true") : QStringLiteral("false");
}

QString check(EngineArena &arena, const QByteArray &yaml, const TemplateVariables &names = {})
{
    return said(conditionOf(yaml).evaluate(arena.parts, names));
}

} // namespace

class TestCondition : public QObject
{
    Q_OBJECT

private slots:
    void statesAndNumbersHoldOrDoNot_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const QByteArray &yaml, const char *expected) {
            QTest::newRow(name) << yaml << QString::fromUtf8(expected);
        };
        // What the arena has: light.a on (for 10 minutes), light.b off, sensor.n 21.5 (size 4),
        // sensor.word "word", sensor.gone unavailable, input_select.mode "on".
        const char *state = "condition: state\n";
        const auto of = [state](const char *more) { return QByteArray(state) + more; };
        row("state", of("entity_id: light.a\nstate: 'on'\n"), "true");
        row("another state", of("entity_id: light.a\nstate: 'off'\n"), "false");
        row("one of some", of("entity_id: light.a\nstate: ['off', 'on']\n"), "true");
        row("all entities", of("entity_id: [light.a, light.b]\nstate: 'on'\n"), "false");
        row("any entity", of("entity_id: [light.a, light.b]\nstate: 'on'\nmatch: any\n"), "true");
        row("any of none", of("entity_id: [light.a, light.b]\nstate: x\nmatch: any\n"), "false");
        row("no such entity", of("entity_id: light.x\nstate: 'on'\n"),
            "error: there is no entity light.x");
        row("no such entity, but another says no",
            of("entity_id: [light.x, light.b]\nstate: 'on'\n"), "false");
        row("attribute", of("entity_id: sensor.n\nattribute: size\nstate: 4\n"), "true");
        row("attribute is no text", of("entity_id: sensor.n\nattribute: size\nstate: '4'\n"),
            "false");
        row("no such attribute", of("entity_id: sensor.n\nattribute: sise\nstate: 4\n"), "false");
        row("an entity's state", of("entity_id: light.a\nstate: input_select.mode\n"), "true");
        row("no such other", of("entity_id: light.a\nstate: input_select.x\n"),
            "error: there is no entity input_select.x, which 'state' names");
        row("long enough", of("entity_id: light.a\nstate: 'on'\nfor: '00:10:00'\n"), "true");
        row("not long enough", of("entity_id: light.a\nstate: 'on'\nfor: {minutes: 11}\n"),
            "false");

        const auto number
            = [](const char *more) { return QByteArray("condition: numeric_state\n") + more; };
        row("above", number("entity_id: sensor.n\nabove: 21\n"), "true");
        row("not above", number("entity_id: sensor.n\nabove: 21.5\n"), "false");
        row("below", number("entity_id: sensor.n\nbelow: 21.5\n"), "false");
        row("between", number("entity_id: sensor.n\nabove: 21\nbelow: 22\n"), "true");
        row("number of an attribute", number("entity_id: sensor.n\nattribute: size\nbelow: 5\n"),
            "true");
        row("no number", number("entity_id: sensor.word\nabove: 1\n"),
            "error: what sensor.word says is no number but 'word'");
        row("unavailable", number("entity_id: sensor.gone\nabove: 1\n"), "false");
        row("no entity", number("entity_id: sensor.x\nabove: 1\n"),
            "error: there is no entity sensor.x");
        row("above another", number("entity_id: sensor.n\nabove: sensor.gone\n"), "false");
        row("all numbers", number("entity_id: [sensor.n, sensor.gone]\nabove: 1\n"), "false");

        row("and",
            "condition: and\nconditions:\n"
            "  - {condition: state, entity_id: light.a, state: 'on'}\n"
            "  - {condition: state, entity_id: light.b, state: 'off'}\n",
            "true");
        row("and, one not",
            "and:\n"
            "  - {condition: state, entity_id: light.a, state: 'on'}\n"
            "  - {condition: state, entity_id: light.b, state: 'on'}\n",
            "false");
        row("or",
            "or:\n"
            "  - {condition: state, entity_id: light.a, state: 'off'}\n"
            "  - {condition: state, entity_id: light.b, state: 'off'}\n",
            "true");
        row("or, none",
            "condition: or\nconditions:\n"
            "  - {condition: state, entity_id: light.a, state: 'off'}\n"
            "  - {condition: state, entity_id: light.b, state: 'on'}\n",
            "false");
        row("not", "not:\n  - {condition: state, entity_id: light.a, state: 'off'}\n", "true");
        row("not both",
            "condition: not\nconditions:\n"
            "  - {condition: state, entity_id: light.a, state: 'off'}\n"
            "  - {condition: state, entity_id: light.b, state: 'off'}\n",
            "false");
        row("a list is an and",
            "- {condition: state, entity_id: light.a, state: 'on'}\n"
            "- {condition: state, entity_id: light.b, state: 'on'}\n",
            "false");
        row("condition with a list",
            "condition:\n"
            "  - {condition: state, entity_id: light.a, state: 'on'}\n",
            "true");
        row("one without a list", "or: {condition: state, entity_id: light.a, state: 'on'}\n",
            "true");
        row("nothing to check", "[]\n", "true");
        row("nothing of which one would hold", "or: []\n", "false");

        // An error is the result only where nothing else decides.
        row("and: no decides",
            "and:\n"
            "  - {condition: state, entity_id: light.x, state: 'on'}\n"
            "  - {condition: state, entity_id: light.a, state: 'off'}\n",
            "false");
        row("and: error",
            "and:\n"
            "  - {condition: state, entity_id: light.x, state: 'on'}\n"
            "  - {condition: state, entity_id: light.a, state: 'on'}\n",
            "error: there is no entity light.x");
        row("or: yes decides",
            "or:\n"
            "  - {condition: state, entity_id: light.x, state: 'on'}\n"
            "  - {condition: state, entity_id: light.a, state: 'on'}\n",
            "true");
        row("or: error",
            "or:\n"
            "  - {condition: state, entity_id: light.x, state: 'on'}\n"
            "  - {condition: state, entity_id: light.a, state: 'off'}\n",
            "error: there is no entity light.x");
        row("not: error", "not: [{condition: state, entity_id: light.x, state: 'on'}]\n",
            "error: there is no entity light.x");

        // One that is not enabled is as if it were not there.
        row("not enabled", of("entity_id: light.a\nstate: 'off'\nenabled: false\n"), "true");
        row("not enabled in or",
            "or:\n"
            "  - {condition: state, entity_id: light.a, state: 'on', enabled: false}\n"
            "  - {condition: state, entity_id: light.b, state: 'on'}\n",
            "false");
        row("not enabled in not",
            "not: [{condition: state, entity_id: light.a, state: 'on', enabled: false}]\n", "true");
        row("with an alias", of("alias: Light\nentity_id: light.a\nstate: 'on'\nenabled: true\n"),
            "true");
    }

    void statesAndNumbersHoldOrDoNot()
    {
        QFETCH(QByteArray, yaml);
        QFETCH(QString, expected);
        EngineArena arena;
        arena.set("light.a", "on");
        arena.advance(10min);
        arena.set("light.a", "on", { { QStringLiteral("level"), 3 } }); // still on
        arena.set("light.b", "off");
        arena.set("sensor.n", "21.5", { { QStringLiteral("size"), 4 } });
        arena.set("sensor.word", "word");
        arena.set("sensor.gone", "unavailable");
        arena.set("input_select.mode", "on");
        QCOMPARE(check(arena, yaml), expected);
    }

    void timesHoldOrDoNot_data()
    {
        QTest::addColumn<QByteArray>("now");
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *now, const char *yaml, const char *expected) {
            QTest::addRow("%s at %s", yaml, now) << QByteArray("2026-04-13 ")
                    + now << QByteArray(yaml) << QString::fromLatin1(expected);
        };
        row("09:59:59", "after: '10:00'", "false");
        row("10:00:00", "after: '10:00'", "true");
        row("23:59:59", "after: '10:00'", "true");
        row("09:59:59", "before: '10:00'", "true");
        row("10:00:00", "before: 10:00", "false"); // the number 600 to YAML 1.1
        row("10:00:00", "after: '10:00'\nbefore: '11:00'", "true");
        row("11:00:00", "after: '10:00'\nbefore: '11:00:00'", "false");
        row("23:00:00", "after: '22:00'\nbefore: '06:00'", "true");
        row("05:59:59", "after: '22:00'\nbefore: '06:00'", "true");
        row("06:00:00", "after: '22:00'\nbefore: '06:00'", "false");
        row("12:00:00", "after: '22:00'\nbefore: '06:00'", "false");
        row("12:00:00", "weekday: mon", "true");
        row("12:00:00", "weekday: [tue, Wed]", "false");
        row("12:00:00", "after: '11:00'\nweekday: [sun, mon]", "true");
        row("12:00:00", "after: input_datetime.t", "true");
        row("10:00:00", "after: input_datetime.t", "false");
        row("10:00:00", "after: input_datetime.d", "false");
        row("16:00:00", "after: input_datetime.d", "true");
        row("12:00:00", "after: time.t", "true");
        row("12:00:00", "before: sensor.next", "false"); // 11:00 here
        row("10:00:00", "before: sensor.next", "true");
        row("10:00:00", "before: sensor.unknown", "false");
        row("10:00:00", "before: sensor.x",
            "error: there is no entity sensor.x, which 'before' names");
    }

    void timesHoldOrDoNot()
    {
        QFETCH(QByteArray, now);
        QFETCH(QByteArray, yaml);
        QFETCH(QString, expected);
        EngineArena arena;
        arena.set("input_datetime.t", "11:30:00");
        arena.set("input_datetime.d", "2026-01-01 15:30:00");
        arena.set("time.t", "11:30:00");
        arena.set("sensor.next", "2026-04-20T09:00:00+00:00", timestamp);
        arena.set("sensor.unknown", "unknown", timestamp);
        arena.setClock(now);
        QCOMPARE(check(arena, "condition: time\n" + yaml), expected);
    }

    void theTriggerThatFiredCounts()
    {
        EngineArena arena;
        TemplateVariables names;
        QCOMPARE(check(arena, "{condition: trigger, id: mine}\n", names), QStringLiteral("false"));
        TemplateDict trigger;
        trigger.insert(TemplateValue(QStringLiteral("id")), TemplateValue(QStringLiteral("0")));
        names.set(QStringLiteral("trigger"), TemplateValue(trigger));
        QCOMPARE(check(arena, "{condition: trigger, id: 0}\n", names), QStringLiteral("true"));
        QCOMPARE(
            check(arena, "{condition: trigger, id: [a, '0']}\n", names), QStringLiteral("true"));
        QCOMPARE(check(arena, "{condition: trigger, id: a}\n", names), QStringLiteral("false"));
    }

    void templatesHoldWhereTheirTextIsTrue_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *yaml, const char *expected) {
            QTest::newRow(yaml) << QByteArray(yaml) << QString::fromLatin1(expected);
        };
        row("\"{{ is_state('light.a', 'on') }}\"", "true");
        row("\"{{ is_state('light.a', 'off') }}\"", "false");
        row("\"{{ 'TRUE' }}\"", "true");
        row("\"  {{ true }} \"", "true");
        row("\"{{ 1 }}\"", "false"); // as in Home Assistant: only the text true is
        row("\"{{ 'on' }}\"", "false");
        row("\"{{ wanted == 5 }}\"", "true");
        row("{condition: template, value_template: \"{{ wanted > 5 }}\"}", "false");
        row("{condition: \"{{ wanted > 4 }}\"}", "true");
        row("{condition: template, value_template: true}", "true");
        row("{condition: template, value_template: \"{{ true }}\", enabled: \"{{ wanted > 9 }}\"}",
            "true");
        row("[\"{{ true }}\", \"{{ false }}\"]", "false");
        row("not: \"{{ false }}\"", "true");
        row("{condition: numeric_state, entity_id: light.a, above: 10, "
            "value_template: \"{{ state.attributes.level * wanted }}\"}",
            "true");
        row("{condition: state, entity_id: light.a, state: 'on', for: {minutes: \"{{ wanted }}\"}}",
            "true");
        row("{condition: state, entity_id: light.a, state: 'on', for: \"{{ wanted * 1000 }}\"}",
            "false");
    }

    void templatesHoldWhereTheirTextIsTrue()
    {
        QFETCH(QByteArray, yaml);
        QFETCH(QString, expected);
        EngineArena arena;
        arena.set("light.a", "on", { { QStringLiteral("level"), 3 } });
        arena.advance(10min);
        TemplateVariables names;
        names.set(QStringLiteral("wanted"), TemplateValue(5));
        QCOMPARE(check(arena, yaml, names), expected);
    }

    void aTemplateThatFailsIsAnError()
    {
        EngineArena arena;
        const QString text = check(arena, "\"{{ states('sensor.x') | float > 4 }}\"");
        QVERIFY2(text.startsWith(QLatin1String("error: line 1")), qPrintable(text));
    }

    void aTemplatesEntitiesAreInTheTrace()
    {
        EngineArena arena;
        arena.set("light.a", "on");
        Trace trace;
        const TemplateVariables names;
        QVERIFY(*conditionOf("\"{{ is_state('light.a', 'on') }}\"")
                     .evaluate(arena.parts, names, &trace, QStringLiteral("condition/0")));
        QCOMPARE(trace.steps().back().result.toText(),
            QStringLiteral("{'result': True, 'entities': ['light.a']}"));
    }

    void whatIsWrongIsSaidWithItsPlace_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *yaml, const char *expected) {
            QTest::newRow(name) << QByteArray(yaml) << QString::fromUtf8(expected);
        };
        row("a text", "light.a is on\n",
            "1:1: a condition must be a mapping or a template, not the text 'light.a is on'");
        row("a number", "5\n", "1:1: the condition must be a mapping, not the number 5");
        row("no kind", "entity_id: light.a\n", "1:1: a condition needs 'condition', its kind");
        row("unknown kind", "condition: stat\n",
            "1:12: there is no condition 'stat'; did you mean 'state'?");
        row("sun", "condition: sun\nafter: sunset\n",
            "1:12: the condition 'sun' is not supported here; there are and,");
        row("zone", "condition: zone\n", "'zone' is not supported here");
        row("device", "condition: device\ndevice_id: x\n", "'device' is not supported here");
        row("unknown key", "condition: state\nentity_id: light.a\nstates: 'on'\n",
            "3:1: the condition 'state' has no key 'states'; did you mean 'state'?");
        row("a boolean as state", "condition: state\nentity_id: light.a\nstate: on\n",
            "3:8: state: must be a text, not the boolean on (a text on needs quotes)");
        row("a template as state", "condition: state\nentity_id: light.a\nstate: '{{ x }}'\n",
            "3:8: state: takes no template");
        row("no time", "condition: time\nafter: noon\n", "2:8: after: the text 'noon' is no time");
        row("nothing of a time", "condition: time\n",
            "1:1: a time condition needs 'after', 'before' or 'weekday'");
        row("no day", "condition: time\nweekday: monday\n", "2:10: weekday: 'monday' is none of");
        row("no thresholds", "condition: numeric_state\nentity_id: sensor.x\n",
            "1:1: numeric_state needs 'above', 'below' or both");
        row("no id", "condition: trigger\n", "1:1: the condition 'trigger' needs 'id'");
        row("no conditions", "condition: or\n", "1:1: the condition 'or' needs 'conditions'");
        row("deep in it", "or:\n  - and:\n      - condition: tim\n",
            "3:20: there is no condition 'tim'; did you mean 'time'?");
        row("match", "condition: state\nentity_id: a.b\nstate: x\nmatch: some\n",
            "4:8: match: must be one of all, any");
        row("no template", "or:\n  - \"{{ 1 + }}\"\n", "2:");
        row("template without template", "condition: template\n", "needs 'value_template'");
    }

    void whatIsWrongIsSaidWithItsPlace()
    {
        QFETCH(QByteArray, yaml);
        QFETCH(QString, expected);
        Problems problems;
        QVERIFY(!parseCondition(EngineArena::yaml(yaml), problems));
        const QString all = EngineArena::texts(problems).join(u'\n');
        QVERIFY2(all.contains(expected), qPrintable(all));
    }

    void conditionsAreNotNestedForEver()
    {
        QByteArray yaml;
        for (int i = 0; i < 60; ++i)
            yaml += "{or: ";
        yaml += "[]";
        for (int i = 0; i < 60; ++i)
            yaml += "}";
        Problems problems;
        QVERIFY(!parseCondition(EngineArena::yaml(yaml), problems));
        QCOMPARE(problems.size(), 1);
        QVERIFY(problems.first().message.contains(QLatin1String("nested too deeply")));
    }

    void eachStepIsInTheTrace()
    {
        EngineArena arena;
        arena.set("light.a", "on");
        arena.set("light.b", "off");
        const Condition condition
            = conditionOf("or:\n"
                          "  - and:\n"
                          "    - {condition: state, entity_id: light.a, state: 'on'}\n"
                          "    - {condition: state, entity_id: [light.a, light.b], state: 'off'}\n"
                          "  - {condition: numeric_state, entity_id: light.a, above: 1}\n"
                          "  - not: [{condition: state, entity_id: light.a, state: 'off'}]\n");
        Trace trace;
        const TemplateVariables names;
        QCOMPARE(
            said(condition.evaluate(arena.parts, names, &trace, QStringLiteral("condition/0"))),
            QStringLiteral("true"));
        QStringList steps;
        for (const TraceStep &step : trace.steps())
            steps << step.path + u' ' + (step.error.isEmpty() ? step.result.toText() : step.error);
        const QStringList expected {
            QStringLiteral("condition/0/conditions/0/conditions/0/entity_id/0 "
                           "{'result': True, 'state': 'on', 'wanted_state': 'on'}"),
            QStringLiteral("condition/0/conditions/0/conditions/0 "
                           "{'result': True, 'state': 'on', 'wanted_state': 'on'}"),
            QStringLiteral("condition/0/conditions/0/conditions/1/entity_id/0 "
                           "{'result': False, 'state': 'on', 'wanted_state': 'off'}"),
            QStringLiteral("condition/0/conditions/0/conditions/1 {'result': False}"),
            QStringLiteral("condition/0/conditions/0 {'result': False}"),
            QStringLiteral("condition/0/conditions/1/entity_id/0 what light.a says is no number "
                           "but 'on'"),
            QStringLiteral("condition/0/conditions/1 what light.a says is no number but 'on'"),
            QStringLiteral("condition/0/conditions/2/conditions/0/entity_id/0 "
                           "{'result': False, 'state': 'on', 'wanted_state': 'off'}"),
            QStringLiteral("condition/0/conditions/2/conditions/0 "
                           "{'result': False, 'state': 'on', 'wanted_state': 'off'}"),
            QStringLiteral("condition/0/conditions/2 {'result': True}"),
            QStringLiteral("condition/0 {'result': True}"),
        };
        QCOMPARE(steps, expected);
    }

    void aListIsNoStepOfItsOwn()
    {
        EngineArena arena;
        arena.set("light.a", "on");
        const Condition condition
            = conditionOf("- {condition: state, entity_id: light.a, state: 'on'}\n");
        Trace trace;
        const TemplateVariables names;
        QVERIFY(*condition.evaluate(arena.parts, names, &trace, QStringLiteral("condition")));
        QCOMPARE(trace.steps().back().path, QStringLiteral("condition/0"));
    }
};

QTEST_GUILESS_MAIN(TestCondition)
#include "tst_condition.moc"
