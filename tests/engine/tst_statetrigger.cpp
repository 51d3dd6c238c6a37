#include "tests/support/triggerprobe.h"

#include <QtTest>

#include <chrono>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

QVariantMap attributes(const char *name, const QVariant &value)
{
    return { { QString::fromLatin1(name), value } };
}

} // namespace

class TestStateTrigger : public QObject
{
    Q_OBJECT

private slots:
    // Each step is what sensor.x becomes: "on", "on a=1" with an attribute, "-" removed.
    void changesFireOrDoNot_data()
    {
        QTest::addColumn<QByteArray>("keys");
        QTest::addColumn<QString>("steps");
        QTest::addColumn<QString>("fired"); // one mark for each step
        const auto row
            = [](const char *name, const char *keys, const char *steps, const char *fired) {
                  QTest::newRow(name) << QByteArray(keys) << QString::fromLatin1(steps)
                                      << QString::fromLatin1(fired);
              };
        row("anything", "", "on, off, off a=1, off a=2, -, on", "xxxxxx");
        row("to", "to: 'on'", "off, on, on a=1, off, on", ".x..x");
        row("to a list", "to: ['on', idle]", "off, on, idle, off, idle", ".xx.x");
        row("to nothing in particular", "to:", "on, on a=1, off, on", "x.xx");
        row("from nothing in particular", "from:", "on, on a=1, off", "x.x");
        row("from", "from: 'on'", "on, off, on, on a=1, idle, -", ".x..x.");
        row("removed from", "from: 'on'", "on, -, on", ".x.");
        row("from and to", "from: 'on'\nto: 'off'", "on, idle, off, on, off", "....x");
        row("not from", "not_from: ['on', unknown]", "on, off, idle, unknown, on", "x.xx.");
        row("not to", "not_to: ['on']", "on, off, idle, on, -", ".xx.x");
        row("not from, to", "not_from: 'off'\nto: 'on'", "off, on, idle, on", "...x");
        row("attribute", "attribute: a", "on, off, off a=1, on a=1, on a=2, on", "..x.xx");
        row("attribute to a number", "attribute: a\nto: 2", "on, on a=1, on a=2, on a=2 b=1, on",
            "..x..");
        row("attribute to a list", "attribute: a\nto: [1, 2]", "on, on a=1, on a=3, on a=2",
            ".x.x");
        row("attribute from", "attribute: a\nfrom: 1", "on a=1, off a=1, off a=2", "..x");
        row("states are compared by letter", "to: 'On'", "on, On", ".x");
    }

    void changesFireOrDoNot()
    {
        QFETCH(QByteArray, keys);
        QFETCH(QString, steps);
        QFETCH(QString, fired);
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: state\nentity_id: sensor.x\n" + keys);
        QString marks;
        for (const QString &step : steps.split(QStringLiteral(", "))) {
            const QStringList words = step.split(u' ');
            QVariantMap with;
            for (qsizetype i = 1; i < words.size(); ++i)
                with.insert(words[i].section(u'=', 0, 0), words[i].section(u'=', 1).toInt());
            if (step == QLatin1String("-"))
                arena.hub.states().remove(QStringLiteral("sensor.x"));
            else
                arena.set("sensor.x", qPrintable(words[0]), with);
            arena.set("sensor.y", qPrintable(step)); // nobody asked
            marks += probe.count() == 1 ? u'x' : u'.';
        }
        QCOMPARE(marks, fired);
    }

    void whatItSaysIsWhatHappened()
    {
        EngineArena arena;
        const Context cause = Context::make();
        arena.set("sensor.x", "1");
        TriggerProbe probe(arena,
            "platform: state\nid: mine\nalias: Mine\nentity_id: [sensor.y, sensor.x]\n"
            "attribute: a\n");
        arena.set("sensor.x", "2", attributes("a", 1), cause);
        QCOMPARE(probe.count(), 1);
        const TriggerFired &fired = probe.fired.back();
        QCOMPARE(fired.id, QStringLiteral("mine"));
        QCOMPARE(fired.description, QStringLiteral("state of sensor.x"));
        QCOMPARE(fired.context, cause);
        QCOMPARE(probe.text("platform"), QStringLiteral("state"));
        QCOMPARE(probe.text("id"), QStringLiteral("mine"));
        QCOMPARE(probe.text("idx"), QStringLiteral("0"));
        QCOMPARE(probe.text("alias"), QStringLiteral("Mine"));
        QCOMPARE(probe.text("entity_id"), QStringLiteral("sensor.x"));
        QCOMPARE(probe.text("attribute"), QStringLiteral("a"));
        QCOMPARE(probe.text("for"), QStringLiteral("None"));
        QCOMPARE(probe.text("description"), QStringLiteral("state of sensor.x"));
        QVERIFY(probe.variable("from_state")->kind() == TemplateValue::Kind::Object);
        QVERIFY(probe.variable("to_state")->kind() == TemplateValue::Kind::Object);
        arena.hub.states().remove(QStringLiteral("sensor.x"));
        QVERIFY(probe.variable("to_state")->isNone());
    }

    void withoutAnIdTheIndexIsOne()
    {
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: state\nentity_id: sensor.x\n");
        arena.set("sensor.x", "1");
        QCOMPARE(probe.fired.back().id, QStringLiteral("0"));
        QCOMPARE(probe.text("alias"), QStringLiteral("None"));
    }

    void itHasToHold()
    {
        EngineArena arena;
        TriggerProbe probe(arena,
            "trigger: state\nentity_id: sensor.x\nto: blocked\nfor: '00:15'\n"); // of an hour
        arena.set("sensor.x", "blocked");
        arena.advance(14min + 59s);
        arena.set("sensor.x", "blocked", attributes("a", 1)); // still the same
        QCOMPARE(probe.count(), 0);
        arena.advance(1s);
        QCOMPARE(probe.times(), QStringList(QStringLiteral("2026-04-13 14:15:00")));
        QCOMPARE(probe.text("for"), QStringLiteral("0:15:00"));
        arena.advance(24h);
        QCOMPARE(probe.count(), 0);
    }

    void aChangeMeanwhileBeginsItAnew()
    {
        EngineArena arena;
        TriggerProbe probe(
            arena, "trigger: state\nentity_id: sensor.x\nto: 'on'\nfor: {minutes: 5}\n");
        arena.set("sensor.x", "on");
        arena.advance(4min);
        arena.set("sensor.x", "off");
        arena.advance(2min);
        arena.set("sensor.x", "on");
        arena.advance(4min);
        QCOMPARE(probe.count(), 0);
        arena.advance(1min);
        QCOMPARE(probe.count(), 1);
        arena.set("sensor.x", "off");
        arena.set("sensor.x", "on");
        arena.advance(1min);
        arena.hub.states().remove(QStringLiteral("sensor.x"));
        arena.advance(1h);
        QCOMPARE(probe.count(), 0);
    }

    void whereOnlyFromIsWrittenItIsEnoughToStayAway()
    {
        EngineArena arena;
        arena.set("sensor.x", "a");
        TriggerProbe probe(arena, "trigger: state\nentity_id: sensor.x\nfrom: a\nfor: 300\n");
        arena.set("sensor.x", "b");
        arena.advance(3min);
        arena.set("sensor.x", "c");
        arena.advance(2min);
        QCOMPARE(probe.times(), QStringList(QStringLiteral("2026-04-13 14:05:00")));
        arena.set("sensor.x", "a");
        arena.set("sensor.x", "b");
        arena.advance(1min);
        arena.set("sensor.x", "a");
        arena.advance(1h);
        QCOMPARE(probe.count(), 0);
    }

    void eachEntityHoldsOnItsOwn()
    {
        EngineArena arena;
        TriggerProbe probe(
            arena, "trigger: state\nentity_id: sensor.x, sensor.y\nto: 'on'\nfor: 60\n");
        arena.set("sensor.x", "on");
        arena.advance(30s);
        arena.set("sensor.y", "on");
        arena.advance(15s);
        arena.set("sensor.x", "off");
        arena.advance(45s);
        QCOMPARE(probe.count(), 1);
        QCOMPARE(probe.text("entity_id"), QStringLiteral("sensor.y"));
    }

    void anAttributeHolds()
    {
        EngineArena arena;
        TriggerProbe probe(
            arena, "trigger: state\nentity_id: sensor.x\nattribute: a\nto: 1\nfor: 60\n");
        arena.set("sensor.x", "on", attributes("a", 1));
        arena.advance(30s);
        arena.set("sensor.x", "off", attributes("a", 1));
        arena.advance(30s);
        QCOMPARE(probe.count(), 1);
        arena.set("sensor.x", "off", attributes("a", 2));
        arena.set("sensor.x", "off", attributes("a", 1));
        arena.advance(30s);
        arena.set("sensor.x", "off", attributes("a", 2));
        arena.advance(1h);
        QCOMPARE(probe.count(), 0);
    }

    void aClockThatIsSetDoesNotShortenIt()
    {
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: state\nentity_id: sensor.x\nto: 'on'\nfor: 600\n");
        arena.set("sensor.x", "on");
        arena.setClock("2026-04-13 20:00:00");
        arena.advance(9min);
        QCOMPARE(probe.count(), 0);
        arena.advance(1min);
        QCOMPARE(probe.count(), 1);
    }

    void zeroIsAtOnce()
    {
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: state\nentity_id: sensor.x\nfor: 0\n");
        arena.set("sensor.x", "on");
        QCOMPARE(probe.count(), 1);
    }

    void stoppedItIsSilent()
    {
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: state\nentity_id: sensor.x\nfor: 60\n");
        arena.set("sensor.x", "on");
        probe.stop();
        arena.set("sensor.x", "off");
        arena.advance(1h);
        QCOMPARE(probe.count(), 0);
    }

    void itMayBeStoppedByWhatItCalls_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::newRow("at once") << QByteArray("trigger: state\nentity_id: sensor.x\n");
        QTest::newRow("later") << QByteArray("trigger: state\nentity_id: sensor.x\nfor: 60\n");
    }

    void itMayBeStoppedByWhatItCalls()
    {
        QFETCH(QByteArray, yaml);
        EngineArena arena;
        Problems problems;
        auto trigger = parseTrigger(EngineArena::yaml(yaml), 0, problems);
        const TemplateVariables names;
        int calls = 0;
        QVERIFY(trigger->start(arena.parts, names, [&](const TriggerFired &) {
            ++calls;
            trigger.reset();
        }));
        arena.set("sensor.x", "1");
        arena.advance(1h);
        arena.set("sensor.x", "2");
        arena.advance(1h);
        QCOMPARE(calls, 1);
    }

    void aFreshOneIsOnItsOwn()
    {
        EngineArena arena;
        TriggerProbe probe(arena, "trigger: state\nentity_id: sensor.x\n");
        const auto other = probe.trigger->fresh();
        const TemplateVariables names;
        int calls = 0;
        QVERIFY(other->start(arena.parts, names, [&](const TriggerFired &) { ++calls; }));
        arena.set("sensor.x", "1");
        QCOMPARE(probe.count(), 1);
        QCOMPARE(calls, 1);
        probe.stop();
        arena.set("sensor.x", "2");
        QCOMPARE(calls, 2);
    }

    void manyThatDoNotMatchCostLittle()
    {
        EngineArena arena;
        constexpr int automations = 1000;
        std::vector<std::unique_ptr<TriggerProbe>> probes;
        for (int i = 0; i < automations; ++i)
            probes.push_back(std::make_unique<TriggerProbe>(arena,
                "trigger: state\nentity_id: sensor.x" + QByteArray::number(i) + "\nto: alarm\n"));
        constexpr int changes = 50'000;
        QElapsedTimer watch;
        watch.start();
        for (int i = 0; i < changes; ++i)
            (void)arena.hub.states().set(
                QStringLiteral("sensor.x%1").arg(i % automations), QString::number(i), {});
        // A second is the promise; this is a debug build on a machine that others use.
        QVERIFY2(watch.elapsed() < 10'000, qPrintable(QString::number(watch.elapsed())));
        for (const auto &probe : probes)
            QVERIFY(!probe->hasFired());
    }
};

QTEST_GUILESS_MAIN(TestStateTrigger)
#include "tst_statetrigger.moc"
