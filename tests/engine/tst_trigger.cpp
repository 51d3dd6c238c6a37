#include "automation/engine/trigger.h"
#include "tests/support/triggerprobe.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;

class TestTrigger : public QObject
{
    Q_OBJECT

private slots:
    void whatIsWrongIsSaidWithItsPlace_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("expected"); // a part of "line:column: sentence"
        const auto row = [](const char *name, const char *yaml, const char *expected) {
            QTest::newRow(name) << QByteArray(yaml) << QString::fromUtf8(expected);
        };
        row("no map", "just a text\n", "1:1: the trigger must be a mapping, not the text");
        row("no kind", "entity_id: sensor.x\n", "1:1: a trigger needs 'trigger', its kind");
        row("both kinds", "trigger: state\nplatform: state\nentity_id: sensor.x\n",
            "2:11: 'platform' is the old name of 'trigger'");
        row("unknown kind", "trigger: stat\nentity_id: sensor.x\n",
            "1:10: there is no trigger 'stat'; did you mean 'state'?");
        row("nothing near", "trigger: bananas\n", "1:10: there is no trigger 'bananas'; there are");
        row("a list as kind", "trigger: [state]\n", "1:10: there is no trigger a list");
        row("mqtt", "trigger: mqtt\ntopic: a\n", "1:10: the trigger 'mqtt' is not supported here");
        row("sun", "platform: sun\nevent: sunset\n", "the trigger 'sun' is not supported here");
        row("device", "trigger: device\ndevice_id: a\n", "the trigger 'device' is not supported");
        row("purpose", "trigger: light.turned_on\n", "'light.turned_on' is not supported here");
        row("unknown key", "trigger: state\nentity_id: sensor.x\nto_state: 'on'\nfor: 1\n",
            "3:1: the trigger 'state' has no key 'to_state'");
        row("near key", "trigger: state\nentity_ids: sensor.x\n", "did you mean 'entity_id'?");
        row("missing key", "trigger: state\nto: 'on'\n",
            "1:1: the trigger 'state' needs 'entity_id'");
        row("no entity id", "trigger: state\nentity_id: Off site\n",
            "2:12: entity_id: 'Off site' is no entity id");
        row("a template as entity", "trigger: state\nentity_id: \"{{ x }}\"\n",
            "2:12: entity_id: takes no template");
        row("a template in to", "trigger: state\nentity_id: sensor.x\nto: \"{{ x }}\"\n",
            "3:5: to: takes no template");
        row("a boolean as state", "trigger: state\nentity_id: sensor.x\nto: on\n",
            "3:5: to: must be a text, not the boolean on (a text on needs quotes)");
        row("a number as state", "trigger: state\nentity_id: sensor.x\nto: [a, 5]\n",
            "3:9: to: must be a text, not the number 5");
        row("a map as state", "trigger: state\nentity_id: sensor.x\nfrom: {a: 1}\n",
            "3:7: from: must be a text, not a mapping");
        row("from and not from", "trigger: state\nentity_id: sensor.x\nfrom: a\nnot_from: b\n",
            "4:11: 'from' and 'not_from' cannot both be there");
        row("no period", "trigger: state\nentity_id: sensor.x\nfor: soon\n",
            "3:6: for: 'soon' is no period");
        row("negative period", "trigger: state\nentity_id: sensor.x\nfor: -5\n", "3:6: for:");
        row("unknown unit", "trigger: state\nentity_id: sensor.x\nfor: {minute: 5}\n",
            "3:7: for: has no unit 'minute'; did you mean 'minutes'?");
        row("enabled", "trigger: state\nentity_id: sensor.x\nenabled: maybe\n",
            "3:10: enabled: must be true or false");
        row("a list of variables", "trigger: state\nentity_id: sensor.x\nvariables: [a]\n",
            "3:12: variables: must be a mapping, not a list");
        row("no threshold", "trigger: numeric_state\nentity_id: sensor.x\n",
            "1:1: numeric_state needs 'above', 'below' or both");
        row("thresholds the wrong way",
            "trigger: numeric_state\nentity_id: sensor.x\nabove: 10\nbelow: 5\n",
            "no number is above 10 and below 5");
        row("no number", "trigger: numeric_state\nentity_id: sensor.x\nabove: much\n",
            "3:8: above: must be a number, not the text 'much'");
        row("a light as threshold", "trigger: numeric_state\nentity_id: sensor.x\nabove: light.x\n",
            "3:8: above: must be a number");
        row("no time", "trigger: time\nat: '25:00'\n", "2:5: at: the text '25:00' is no time");
        row("a number as time", "trigger: time\nat: 750\n", "2:5: at: the number 750 is no time");
        row("a light as time", "trigger: time\nat: light.x\n",
            "2:5: at: the text 'light.x' is no time");
        row("no at", "trigger: time\n", "1:1: the trigger 'time' needs 'at'");
        row("a place in a list", "trigger: time\nat:\n  - '12:00'\n  - noon\n", "4:5: at:");
        row("no such day", "trigger: time\nat: '12:00'\nweekday: [mon, tues]\n",
            "weekday: 'tues' is none of");
        row("at without entity", "trigger: time\nat: {offset: 5}\n", "2:5: at needs 'entity_id'");
        row("at with another key", "trigger: time\nat: {entity_id: sensor.x, of: 5}\n",
            "2:27: at has no key 'of'");
        row("no offset", "trigger: time\nat: {entity_id: sensor.x, offset: later}\n",
            "2:35: offset: 'later' is no period");
        row("no pattern", "trigger: time_pattern\nminutes: 99\n",
            "2:10: minutes: must be a number from 0 to 59");
        row("nothing of a pattern", "trigger: time_pattern\n",
            "1:1: time_pattern needs 'hours', 'minutes' or 'seconds'");
        row("hours", "trigger: time_pattern\nhours: 24\n", "from 0 to 23");
        row("event without type", "trigger: event\n",
            "1:1: the trigger 'event' needs 'event_type'");
        row("event with a list of data", "trigger: event\nevent_type: a\nevent_data: [b]\n",
            "3:13: event_data: must be a mapping, not a list");
        row("no such event", "trigger: homeassistant\nevent: begin\n",
            "2:8: event: must be one of start, shutdown");
        row("no such method", "trigger: webhook\nwebhook_id: a\nallowed_methods: [POST, DELETE]\n",
            "allowed_methods: 'DELETE' is none of");
        row("no such change", "trigger: persistent_notification\nupdate_type: addd\n",
            "update_type: 'addd' is none of added, current, removed, updated; did you mean "
            "'added'?");
        row("template without template", "trigger: template\n", "needs 'value_template'");
        row("template that is a list", "trigger: template\nvalue_template: [a]\n",
            "2:17: value_template: must be a template, not a list");
    }

    void whatIsWrongIsSaidWithItsPlace()
    {
        QFETCH(QByteArray, yaml);
        QFETCH(QString, expected);
        Problems problems;
        QVERIFY(!parseTrigger(EngineArena::yaml(yaml), 0, problems));
        const QString all = EngineArena::texts(problems).join(u'\n');
        QVERIFY2(all.contains(expected), qPrintable(all));
    }

    void everyProblemIsSaidAtOnce()
    {
        Problems problems;
        const auto triggers = parseTriggers(EngineArena::yaml("- trigger: state\n"
                                                              "  entity_id: 5\n"
                                                              "  for: never\n"
                                                              "  tofu: 1\n"
                                                              "- trigger: time\n"
                                                              "  at: '12:00'\n"
                                                              "- trigger: sun\n"),
            problems);
        QCOMPARE(triggers.size(), size_t(1));
        QCOMPARE(problems.size(), 4);
    }

    void listsInListsCountAsTheirMembers()
    {
        EngineArena arena;
        Problems problems;
        const auto triggers = parseTriggers(EngineArena::yaml("- trigger: event\n"
                                                              "  event_type: a\n"
                                                              "- triggers:\n"
                                                              "    - trigger: event\n"
                                                              "      event_type: b\n"
                                                              "    - triggers:\n"
                                                              "        - trigger: event\n"
                                                              "          event_type: c\n"
                                                              "- - trigger: event\n"
                                                              "    event_type: d\n"),
            problems);
        QCOMPARE(EngineArena::texts(problems), QStringList());
        QStringList seen;
        const TemplateVariables names;
        for (const auto &trigger : triggers)
            QVERIFY(trigger->start(arena.parts, names,
                [&](const TriggerFired &fired) { seen << fired.id + u' ' + fired.description; }));
        for (const char *type : { "d", "c", "b", "a" })
            arena.fire(type);
        QCOMPARE(
            seen.join(u", "), QStringLiteral("3 event 'd', 2 event 'c', 1 event 'b', 0 event 'a'"));
    }

    void oneNeedsNoList()
    {
        Problems problems;
        QCOMPARE(
            parseTriggers(EngineArena::yaml("platform: event\nevent_type: a\n"), problems).size(),
            size_t(1));
        QVERIFY(parseTriggers(EngineArena::yaml("[]\n"), problems).empty());
        QVERIFY(parseTriggers(Value(), problems).empty());
        QCOMPARE(problems.size(), 0);
    }

    void listsAreNotNestedForEver()
    {
        QByteArray yaml;
        for (int i = 0; i < 60; ++i)
            yaml += "[";
        for (int i = 0; i < 60; ++i)
            yaml += "]";
        Problems problems;
        QVERIFY(parseTriggers(EngineArena::yaml(yaml), problems).empty());
        QCOMPARE(problems.size(), 1);
        QVERIFY(problems.first().message.contains(QLatin1String("nested too deeply")));
    }

    void oneThatIsNotEnabledIsSilentAndCounts()
    {
        EngineArena arena;
        Problems problems;
        const auto triggers
            = parseTriggers(EngineArena::yaml("- {trigger: event, event_type: a, enabled: false}\n"
                                              "- {trigger: event, event_type: a, enabled: true}\n"),
                problems);
        QCOMPARE(triggers.size(), size_t(2));
        QStringList seen;
        const TemplateVariables names;
        for (const auto &trigger : triggers)
            QVERIFY(trigger->start(
                arena.parts, names, [&](const TriggerFired &fired) { seen << fired.id; }));
        arena.fire("a");
        QCOMPARE(seen, QStringList(QStringLiteral("1")));
    }
};

QTEST_GUILESS_MAIN(TestTrigger)
#include "tst_trigger.moc"
