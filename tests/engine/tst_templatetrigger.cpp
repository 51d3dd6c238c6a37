// The trigger `template`, and what templates do in the others.

#include "automation/template/templatedict.h"
#include "tests/support/triggerprobe.h"

#include <QRegularExpression>
#include <QtTest>

#include <chrono>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;
using namespace std::chrono_literals;

class TestTemplateTrigger : public QObject
{
    Q_OBJECT

private:
    static TemplateVariables variables(const char *name, const TemplateValue &value)
    {
        TemplateVariables names;
        names.set(QString::fromLatin1(name), value);
        return names;
    }

private slots:
    void onlyBecomingTrueFires()
    {
        EngineArena arena;
        arena.set("sensor.x", "1");
        TriggerProbe probe(
            arena, "trigger: template\nvalue_template: \"{{ states('sensor.x') | int > 4 }}\"\n");
        QString marks;
        for (const char *state : { "5", "6", "4", "3", "7" }) {
            arena.set("sensor.x", state);
            marks += probe.count() == 1 ? u'x' : u'.';
        }
        QCOMPARE(marks, QStringLiteral("x...x"));
    }

    void whatIsTrueFromTheBeginningDoesNotFire()
    {
        EngineArena arena;
        arena.set("sensor.x", "on");
        TriggerProbe probe(
            arena, "platform: template\nvalue_template: \"{{ is_state('sensor.x', 'on') }}\"\n");
        arena.set("sensor.x", "on", { { QStringLiteral("a"), 1 } });
        QCOMPARE(probe.count(), 0);
        arena.set("sensor.x", "off");
        arena.set("sensor.x", "on");
        QCOMPARE(probe.count(), 1);
    }

    void whatItSaysIsWhatHappened()
    {
        EngineArena arena;
        TriggerProbe probe(
            arena, "trigger: template\nvalue_template: \"{{ is_state('sensor.x', 'on') }}\"\n");
        const Context cause = Context::make();
        arena.set("sensor.x", "on", {}, cause);
        QCOMPARE(probe.text("entity_id"), QStringLiteral("sensor.x"));
        QCOMPARE(probe.text("from_state"), QStringLiteral("None"));
        QVERIFY(probe.variable("to_state")->kind() == TemplateValue::Kind::Object);
        QCOMPARE(probe.text("for"), QStringLiteral("None"));
        QCOMPARE(probe.text("description"), QStringLiteral("sensor.x via template"));
        QCOMPARE(probe.fired.back().context, cause);
    }

    void theTimeMayMakeItTrue()
    {
        EngineArena arena;
        TriggerProbe probe(arena,
            "trigger: template\nvalue_template: \"{{ now().hour == 16 and now().minute == 5 "
            "}}\"\n");
        arena.advance(24h);
        QCOMPARE(probe.times(), QStringList(QStringLiteral("2026-04-13 16:05:00")));
        QCOMPARE(probe.text("entity_id"), QStringLiteral("None"));
        QCOMPARE(
            probe.text("description"), QStringLiteral("time change or manual update via template"));
    }

    void itHasToHold()
    {
        EngineArena arena;
        TriggerProbe probe(arena,
            "trigger: template\nvalue_template: \"{{ is_state('sensor.x', 'on') }}\"\n"
            "for: {minutes: 5}\n");
        arena.set("sensor.x", "on");
        arena.advance(4min);
        arena.set("sensor.x", "on", { { QStringLiteral("a"), 1 } }); // still true
        arena.advance(1min);
        QCOMPARE(probe.count(), 1);
        QCOMPARE(probe.text("for"), QStringLiteral("0:05:00"));
        arena.set("sensor.x", "off");
        arena.set("sensor.x", "on");
        arena.advance(4min);
        arena.set("sensor.x", "off");
        arena.advance(1h);
        QCOMPARE(probe.count(), 0);
    }

    void anErrorIsSaidOnce()
    {
        EngineArena arena;
        arena.set("sensor.x", "1");
        TriggerProbe probe(
            arena, "trigger: template\nvalue_template: \"{{ states('sensor.x') | float > 4 }}\"\n");
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(QStringLiteral("The template trigger '0': .*float")));
        arena.set("sensor.x", "word");
        arena.set("sensor.x", "other word");
        QCOMPARE(probe.count(), 0);
        arena.set("sensor.x", "5"); // was false before
        QCOMPARE(probe.count(), 1);
    }

    void triggerVariablesAreSeen()
    {
        EngineArena arena;
        arena.set("sensor.x", "1");
        const TemplateVariables names = variables("limit", TemplateValue(4));
        TriggerProbe probe(arena,
            "trigger: template\nvalue_template: \"{{ states('sensor.x') | int > limit }}\"\n",
            names);
        arena.set("sensor.x", "5");
        QCOMPARE(probe.count(), 1);
    }

    void aWaitMayBeATemplate()
    {
        EngineArena arena;
        const TemplateVariables names = variables("long", TemplateValue(5));
        TriggerProbe probe(arena,
            "trigger: state\nentity_id: sensor.x\n"
            "for:\n  minutes: \"{{ long }}\"\n"
            "  seconds: \"{{ trigger.to_state.state | int }}\"\n",
            names);
        arena.set("sensor.x", "30");
        arena.advance(5min + 29s);
        QCOMPARE(probe.count(), 0);
        arena.advance(1s);
        QCOMPARE(probe.count(), 1);
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("state trigger '0'")));
        arena.set("sensor.x", "word");
        arena.advance(1h);
        QCOMPARE(probe.count(), 0);
    }

    void ownVariablesSeeWhatFired()
    {
        EngineArena arena;
        const TemplateVariables names = variables("outer", TemplateValue(1));
        TriggerProbe probe(arena,
            "trigger: state\nentity_id: sensor.x\n"
            "variables:\n"
            "  plain: text\n"
            "  state: \"{{ trigger.to_state.state }}\"\n"
            "  both: \"{{ state ~ outer }}\"\n",
            names);
        arena.set("sensor.x", "on");
        const auto &own = probe.fired.back().names;
        QCOMPARE(own.size(), 3);
        QCOMPARE(own.value(QStringLiteral("plain")).toText(), QStringLiteral("text"));
        QCOMPARE(own.value(QStringLiteral("state")).toText(), QStringLiteral("on"));
        QCOMPARE(own.value(QStringLiteral("both")).toText(), QStringLiteral("on1"));
    }

    void enabledMayBeATemplate()
    {
        EngineArena arena;
        const TemplateVariables names = variables("wanted", TemplateValue(false));
        TriggerProbe off(
            arena, "trigger: state\nentity_id: sensor.x\nenabled: \"{{ wanted }}\"\n", names);
        TriggerProbe on(
            arena, "trigger: state\nentity_id: sensor.x\nenabled: \"{{ not wanted }}\"\n", names);
        arena.set("sensor.x", "1");
        QCOMPARE(off.count(), 0);
        QCOMPARE(on.count(), 1);
    }

    void timesMayBeTemplates()
    {
        EngineArena arena;
        const TemplateVariables names = variables("when", TemplateValue(QStringLiteral("15:30")));
        TriggerProbe probe(arena,
            "trigger: time\nat: [\"{{ when }}\", \"{{ 'input_datetime.' ~ 'x' }}\"]\n", names);
        arena.set("input_datetime.x", "16:00:00");
        arena.advance(12h);
        QCOMPARE(
            probe.times().join(u' '), QStringLiteral("2026-04-13 15:30:00 2026-04-13 16:00:00"));
    }

    void aTemplateThatIsNoTimeCannotBeWatched()
    {
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: time\nat: \"{{ 'soon' }}\"\n");
        QVERIFY(!probe.started);
        QVERIFY2(probe.started.error().message.startsWith(QLatin1String("at: 'soon' is no time")),
            qPrintable(probe.started.error().message));
    }

    void eventsMayBeTemplates()
    {
        EngineArena arena;
        const TemplateVariables names = variables("kind", TemplateValue(QStringLiteral("mine")));
        TriggerProbe probe(arena,
            "trigger: event\nevent_type: [\"{{ kind }}_a\", \"{{ kind }}_b\"]\n"
            "event_data:\n  a: \"{{ 1 + 1 }}\"\n",
            names);
        arena.fire("mine_a", { { QStringLiteral("a"), 2 } });
        arena.fire("mine_b", { { QStringLiteral("a"), 2 } });
        arena.fire("mine_a", { { QStringLiteral("a"), 1 } });
        arena.fire("mine", { { QStringLiteral("a"), 2 } });
        QCOMPARE(probe.count(), 2);
    }

    void aWebhooksIdMayBeATemplate()
    {
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: webhook\nwebhook_id: \"{{ 'a' ~ 1 }}\"\n");
        (void)arena.webhooks.call(
            { QStringLiteral("a1"), QStringLiteral("POST"), true, QByteArray(), QByteArray(), {} });
        QCOMPARE(probe.count(), 1);
    }

    void statesAreOutOfReachOfWhatIsLimited()
    {
        EngineArena arena;
        arena.set("sensor.x", "mine");
        TriggerProbe probe(arena, "trigger: event\nevent_type: \"{{ states('sensor.x') }}\"\n");
        QVERIFY(!probe.started);
    }

    void aNumbersTemplateSeesTheState()
    {
        EngineArena arena;
        const auto size = [](int value) { return QVariantMap { { QStringLiteral("a"), value } }; };
        arena.set("sensor.x", "on", size(1));
        TriggerProbe probe(arena,
            "trigger: numeric_state\nentity_id: sensor.x\nabove: 10\n"
            "value_template: \"{{ state.attributes.a * 5 }}\"\n");
        arena.set("sensor.x", "on", size(2));
        QCOMPARE(probe.count(), 0);
        arena.set("sensor.x", "on", size(3));
        QCOMPARE(probe.count(), 1);
    }

    void syntaxErrorsAreProblemsWithTheirPlace_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("place");
        const auto row = [](const char *name, const char *yaml, const char *place) {
            QTest::newRow(name) << QByteArray(yaml) << QString::fromLatin1(place);
        };
        row("value_template", "trigger: template\nvalue_template: \"{{ 1 + }}\"\n", "2:");
        row("numeric", "trigger: numeric_state\nentity_id: a.b\nabove: 1\nvalue_template: '{{ ('\n",
            "4:");
        row("for", "trigger: state\nentity_id: a.b\nfor:\n  minutes: '{{ }'\n", "4:");
        row("enabled", "trigger: state\nentity_id: a.b\nenabled: '{{ }'\n", "3:");
        row("at", "trigger: time\nat:\n  - '12:00'\n  - '{{ }'\n", "4:");
        row("event_data", "trigger: event\nevent_type: a\nevent_data:\n  b: '{% if %}'\n", "4:");
        row("webhook", "trigger: webhook\nwebhook_id: '{{ }'\n", "2:");
        row("variables", "trigger: state\nentity_id: a.b\nvariables:\n  b: '{{ }'\n", "4:");
    }

    void syntaxErrorsAreProblemsWithTheirPlace()
    {
        QFETCH(QByteArray, yaml);
        QFETCH(QString, place);
        Problems problems;
        QVERIFY(!parseTrigger(EngineArena::yaml(yaml), 0, problems));
        QCOMPARE(problems.size(), 1);
        const QString text = EngineArena::texts(problems).first();
        QVERIFY2(text.startsWith(place), qPrintable(text));
    }
};

QTEST_GUILESS_MAIN(TestTemplateTrigger)
#include "tst_templatetrigger.moc"
