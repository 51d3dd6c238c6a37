#include "automation/engine/script.h"
#include "tests/support/enginearena.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;

namespace {

QStringList problemsOf(const QByteArray &yaml)
{
    Problems problems;
    const std::optional<Script> script = parseScript(EngineArena::yaml(yaml), problems);
    if (script.has_value() != problems.isEmpty())
        return { QStringLiteral("a script and problems, or neither") };
    return EngineArena::texts(problems);
}

} // namespace

class TestScript : public QObject
{
    Q_OBJECT

private slots:
    void whatPeopleWriteIsTaken_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        const auto row
            = [](const char *name, const char *yaml) { QTest::newRow(name) << QByteArray(yaml); };
        row("nothing", "[]");
        row("one step that is no list", "action: backup.create");
        row("an action with all it may have",
            "- alias: Tell\n  enabled: true\n  continue_on_error: true\n  action: notify.phone\n"
            "  data: {message: hello}\n  target: {entity_id: [a.b, c.d]}\n"
            "  response_variable: answer\n  metadata: {}\n");
        row("the old name", "- service: notify.phone\n  data: {message: hello}");
        row("the older name", "- service_template: '{{ x }}'\n  data_template: {a: '{{ b }}'}");
        row("old and older data together",
            "- service: a.b\n  data: {a: 1}\n  data_template: {b: '{{ x }}'}");
        row("data by a template", "- action: a.b\n  data: '{{ x }}'");
        row("an entity beside the data", "- action: a.b\n  entity_id: light.x");
        row("a target by a template", "- action: a.b\n  target: '{{ x }}'");
        row("an action with nothing behind data", "- action: a.b\n  data:\n  target:\n");
        row("a delay by the clock", "- delay: '00:05:00'");
        row("a delay by the clock, without quotes", "- delay: 00:05:00");
        row("a delay in hours and minutes, without quotes", "- delay: 1:30");
        row("a delay in seconds", "- delay: 5.5");
        row("a delay in parts", "- delay: {minutes: 1, seconds: '{{ x }}'}");
        row("a delay by a template", "- delay: '{{ x }}'");
        row("a wait for a template",
            "- wait_template: '{{ x }}'\n  timeout: 5\n  continue_on_timeout: false");
        row("a wait for a trigger",
            "- wait_for_trigger:\n    - platform: event\n      event_type: x\n"
            "  timeout: {minutes: '{{ x }}'}");
        row("a choice",
            "- choose:\n    - alias: One\n      conditions: '{{ x }}'\n      sequence: []\n"
            "    - conditions: ['{{ x }}', '{{ x }}']\n      sequence: {action: a.b}\n"
            "  default: {action: a.b}");
        row("a choice of one",
            "- choose:\n    conditions: '{{ x }}'\n    sequence: [{action: a.b}]");
        row("a choice of nothing", "- choose: []");
        row("an if", "- if: '{{ x }}'\n  then: {action: a.b}\n  else: [{action: a.b}]");
        row("a repeat by number", "- repeat: {count: 3, sequence: [{action: a.b}]}");
        row("a repeat by template", "- repeat: {count: '{{ x }}', sequence: {action: a.b}}");
        row("a repeat over a list", "- repeat: {for_each: [a, {b: 1}], sequence: []}");
        row("a repeat while", "- repeat: {while: ['{{ x }}'], sequence: []}");
        row("a repeat until", "- repeat: {until: '{{ x }}', sequence: []}");
        row("steps beside each other",
            "- parallel: [{action: a.b}, {sequence: [{action: a.b}], alias: Two}, [{delay: 1}]]");
        row("a sequence", "- sequence: [{delay: 1}]\n  alias: Two");
        row("variables", "- variables: {a: 1, b: '{{ a }}', c: [1, {d: '{{ b }}'}]}");
        row("a stop", "- stop: Enough\n  response_variable: x");
        row("a stop that is an error", "- stop: Enough\n  error: true");
        row("a stop that says nothing", "- stop:\n");
        row("an event", "- event: my_event\n  event_data: {a: '{{ b }}'}");
        row("an event of old", "- event: my_event\n  event_data_template: {a: '{{ b }}'}");
        row("a condition", "- condition: template\n  value_template: '{{ x }}'\n  alias: Is it");
        row("a condition that is switched off",
            "- condition: template\n  value_template: '{{ x }}'\n  enabled: '{{ false }}'");
        row("a plain template", "- '{{ x }}'");
        row("what nobody here can hear", "- set_conversation_response: Hello");
        row("any step switched off", "- delay: 1\n  enabled: false");
    }
    void whatPeopleWriteIsTaken()
    {
        QFETCH(QByteArray, yaml);
        QCOMPARE(problemsOf(yaml), QStringList());
    }

    void whatIsWrongIsSaidWithItsPlace_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QStringList>("problems");
        const auto row = [](const char *yaml, const QStringList &problems) {
            QTest::newRow(yaml) << QByteArray(yaml) << problems;
        };
        const auto list
            = [](auto... texts) { return QStringList({ QString::fromUtf8(texts)... }); };
        row("- backup.create",
            list("1:3: a step must be a mapping such as {action: backup.create}, not the text "
                 "'backup.create'"));
        row("- [{delay: 1}]",
            list("1:3: a step must be a mapping such as {action: backup.create}, not a list"));
        row("- actoin: backup.create",
            list("1:3: a step has no key 'actoin'; did you mean 'action'?"));
        row("- data: {a: 1}\n  alias: x",
            list("1:3: nothing here says what the step does; it needs 'action', 'delay', 'choose' "
                 "or another of delay, wait_template, condition, and, or, not, event, device_id, "
                 "scene, repeat, choose, wait_for_trigger, variables, if, action, service, "
                 "service_template, stop, parallel, sequence, set_conversation_response"));
        row("- action: a.b\n  service: a.b",
            list("2:12: 'service' is the old name of 'action'; an action takes one of them"));
        row("- action: a.b\n  service_template: '{{ x }}'",
            list("2:21: 'service_template' is an old name of 'action'; an action takes one of "
                 "them"));
        row("- action: backup\n",
            list("1:11: the text 'backup' is no name of an action, such as backup.create"));
        row("- action:\n", list("1:3: 'action' must name one, such as backup.create"));
        row("- action: a.b\n  dta: {}",
            list("2:3: an action has no key 'dta'; did you mean 'data'?"));
        row("- action: a.b\n  data: [1]",
            list("2:9: data: must be a mapping or a template that gives one, not a list"));
        row("- action: a.b\n  data: {m: '{{ x'}", list("2:13: *"));
        row("- action: a.b\n  target: {area_id: kitchen}",
            list("2:21: target: area_id is not supported, there are only entities here; use "
                 "entity_id"));
        row("- action: a.b\n  target: {entityid: a.b}",
            list("2:12: target has no key 'entityid'; did you mean 'entity_id'?"));
        row("- action: a.b\n  response_variable: a b",
            list("2:22: response_variable: 'a b' is no name of a variable"));
        row("- action: a.b\n  alias: '{{ x }}'", list("2:10: alias: takes no template"));
        row("- action: a.b\n  continue_on_error: perhaps",
            list("2:22: continue_on_error: must be true or false, not the text 'perhaps'"));
        row("- action: a.b\n  continue_on_error: '{{ x }}'",
            list("2:22: continue_on_error: takes no template"));
        row("- delay: soon", list("1:10: *"));
        row("- delay: {minute: 1}", list("1:11: *", "*"));
        row("- delay: -1", list("1:10: *"));
        row("- delay:\n", list("1:3: a delay needs 'delay'"));
        row("- delay: 1\n  action: a.b", list("2:3: a delay has no key 'action'"));
        row("- wait_template: [1]", list("1:18: wait_template: must be a template, not a list"));
        row("- wait_for_trigger:\n", list("1:3: a wait_for_trigger needs 'wait_for_trigger'"));
        row("- wait_template: '{{ x }}'\n  continue_on_timeout: '{{ x }}'",
            list("2:24: continue_on_timeout: takes no template"));
        row("- choose:\n    - sequence: []", list("2:7: an option of 'choose' needs 'conditions'"));
        row("- choose:\n    - conditions: '{{ x }}'\n      squence: []",
            list("2:7: an option of 'choose' needs 'sequence'",
                "3:7: an option of 'choose' has no key 'squence'; did you mean 'sequence'?"));
        row("- choose: [1]",
            list("1:12: an option of 'choose' must be a mapping, not the number 1"));
        row("- choose:\n    - conditions: '{{ x }}'\n      sequence: [{delay: soon}]",
            list("3:26: *"));
        row("- choose: []\n  default: [{dely: 1}]",
            list("2:14: a step has no key 'dely'; did you mean 'delay'?"));
        row("- if: '{{ x }}'", list("1:3: an if needs 'then'"));
        row("- if: '{{ x }}'\n  then: []\n  esle: []",
            list("3:3: an if has no key 'esle'; did you mean 'else'?"));
        row("- repeat: {sequence: []}",
            list("1:11: 'repeat' needs one of count, for_each, while and until"));
        row("- repeat: {count: 1, while: '{{ x }}', sequence: []}",
            list("1:29: 'repeat' takes one of count, for_each, while and until"));
        row("- repeat: {count: many, sequence: []}",
            list("1:19: count: must be a whole number, not the text 'many'"));
        row("- repeat: {count: -1, sequence: []}",
            list("1:19: count: must be a whole number, not the number -1"));
        row("- repeat: {for_each: abc, sequence: []}",
            list("1:22: for_each: must be a list, not the text 'abc'"));
        row("- repeat: {count: 2}", list("1:11: 'repeat' needs 'sequence'"));
        row("- repeat: 5", list("1:11: 'repeat' must be a mapping, not the number 5"));
        row("- parallel: [{sequence: [], alas: x}]",
            list("1:29: a branch of 'parallel' has no key 'alas'; did you mean 'alias'?"));
        row("- parallel: [abc]",
            list("1:14: a step must be a mapping such as {action: backup.create}, not the text "
                 "'abc'"));
        row("- variables: [1]", list("1:14: 'variables' must be a mapping, not a list"));
        row("- variables: {'{{ x }}': 1}", list("1:15: variables: a name takes no template"));
        row("- stop: '{{ x }}'", list("1:9: stop: takes no template"));
        row("- stop: x\n  error: true\n  response_variable: y",
            list("1:3: a stop is an error or has a response_variable, not both"));
        row("- event: '{{ x }}'",
            list("1:10: event: takes no template", "1:3: 'event' must name one"));
        row("- event: x\n  event_data: 5",
            list("2:15: event_data: must be a mapping or a template that gives one, not the number "
                 "5"));
        row("- scene: scene.x", list("1:3: scenes are not supported here; call an action"));
        row("- device_id: abc\n  domain: light\n  type: turn_on",
            list("1:3: device actions are not supported here; call an action"));
        row("- delay: 1\n  enabled: perhaps",
            list("2:12: enabled: must be true or false, not the text 'perhaps'"));
    }
    void whatIsWrongIsSaidWithItsPlace()
    {
        QFETCH(QByteArray, yaml);
        QFETCH(QStringList, problems);
        // "*" stands for a sentence of somebody else's.
        const QStringList found = problemsOf(yaml);
        QCOMPARE(found.size(), problems.size());
        for (qsizetype i = 0; i < found.size(); ++i) {
            if (problems[i].endsWith(u'*'))
                QVERIFY2(found[i].startsWith(problems[i].chopped(1)), qPrintable(found[i]));
            else
                QCOMPARE(found[i], problems[i]);
        }
    }

    void allProblemsAreSaidAtOnce()
    {
        QCOMPARE(problemsOf("- dely: 1\n- if: '{{ x }}'\n  then: [{stop: x, b: 1}]\n- action: x\n")
                     .size(),
            3);
    }

    void stepsInStepsAreBounded()
    {
        QByteArray yaml;
        for (int i = 0; i < 60; ++i)
            yaml += "{sequence: ";
        yaml += "[]" + QByteArray(60, '}');
        const QStringList problems = problemsOf(yaml);
        QCOMPARE(problems.size(), 1);
        QVERIFY(problems[0].endsWith(QStringLiteral("steps are nested more than 50 deep here")));
    }

    void theActionsThatItNamesAreKnownWithTheirPlaces()
    {
        const QList<NamedAction> actions = namedActions(
            EngineArena::yaml("- action: a.one\n- service: '{{ x }}'\n- if: '{{ x }}'\n"
                              "  then: {action: a.two}\n  else: [{service: a.three}]\n"
                              "- repeat: {count: 1, sequence: [{action: a.four}]}\n"
                              "- parallel: [{sequence: {action: a.five}}]\n"
                              "- choose: [{conditions: '{{ x }}', sequence: {action: a.six}}]\n"
                              "  default: {sequence: [{action: a.seven}]}\n"
                              "- {event: x, event_data: {action: not.one}}\n"));
        QStringList found;
        for (const NamedAction &action : actions)
            found.append(QStringLiteral("%1 %2").arg(action.name).arg(action.place.line));
        QCOMPARE(found,
            QStringList({ QStringLiteral("a.one 1"), QStringLiteral("a.two 4"),
                QStringLiteral("a.three 5"), QStringLiteral("a.four 6"), QStringLiteral("a.five 7"),
                QStringLiteral("a.six 8"), QStringLiteral("a.seven 9") }));
    }
};

QTEST_GUILESS_MAIN(TestScript)
#include "tst_script.moc"
