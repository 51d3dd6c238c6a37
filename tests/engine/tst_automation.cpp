// How one automation runs, how its runs go together, and what is known of them.

#include "tests/support/automationarena.h"
#include "tests/support/loglistener.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace std::chrono_literals;

class TestAutomation : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_arena = std::make_unique<test::AutomationArena>(); }
    void cleanup() { m_arena.reset(); }

    void bothGenerationsOfKeysRun_data();
    void bothGenerationsOfKeysRun();
    void theEntityTellsHowItIs();
    void variablesAreThereForConditionsAndActions();
    void conditionsKeepItFromRunning();
    void modesDecideAboutASecondRun_data();
    void modesDecideAboutASecondRun();
    void queuedRunsTakeTurns();
    void timesThatAreLeftOutAreSaid();
    void refusedRunsAreToldOnceAndThenCounted();
    void manyRunsTogetherRememberSoMuch();
    void whatTriggersWaitingRunsCountsToo();
    void onAndOff();
    void turningOffStopsWhatRunsUnlessAskedNotTo();
    void whatIsOnIsKeptOverARestart();
    void initialStateWins();
    void anAutomationCanBeTriggeredByHand();
    void actionsOnWhatIsNotThereSaySo();
    void oneThatTurnsItselfOffStops();
    void tracesTellWhatHappened();
    void tracesAreFew();
    void secretsAreNotShown();

private:
    std::unique_ptr<test::AutomationArena> m_arena;
};

void TestAutomation::bothGenerationsOfKeysRun_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("new") << QByteArray("automation:\n"
                                       "  - alias: One\n"
                                       "    triggers: [{trigger: event, event_type: go}]\n"
                                       "    conditions: ['{{ 1 == 1 }}']\n"
                                       "    actions: [{action: test.note, data: {text: hello}}]\n");
    QTest::newRow("old") << QByteArray(
        "- alias: One\n"
        "  trigger: {platform: event, event_type: go}\n"
        "  condition: {condition: template, value_template: '{{ 1 == 1 }}'}\n"
        "  action: {service: test.note, data_template: {text: hello}}\n");
    QTest::newRow("a bare one") << QByteArray(
        "alias: One\n"
        "trigger:\n  - platform: event\n    event_type: go\n"
        "actions:\n  - service: test.note\n    data: {text: 'hel{{ \"lo\" }}'}\n");
}

void TestAutomation::bothGenerationsOfKeysRun()
{
    QFETCH(QByteArray, text);
    m_arena->write("automations.yaml", text);
    m_arena->start();
    QCOMPARE(m_arena->state("automation.one"), QStringLiteral("on"));
    (*m_arena)->fire("go");
    QCOMPARE(m_arena->notes, QStringList(QStringLiteral("hello")));
}

void TestAutomation::theEntityTellsHowItIs()
{
    m_arena->write("automations.yaml", test::slowAutomation("queued\n  max: 4"));
    m_arena->start();
    QCOMPARE(m_arena->state("automation.slow_one"), QStringLiteral("on"));
    QCOMPARE(m_arena->attribute("automation.slow_one", "friendly_name").toString(),
        QStringLiteral("Slow one"));
    QCOMPARE(m_arena->attribute("automation.slow_one", "id").toString(), QStringLiteral("slow"));
    QCOMPARE(
        m_arena->attribute("automation.slow_one", "mode").toString(), QStringLiteral("queued"));
    QCOMPARE(m_arena->attribute("automation.slow_one", "max").toInt(), 4);
    QCOMPARE(m_arena->attribute("automation.slow_one", "current").toInt(), 0);
    QVERIFY(m_arena->attribute("automation.slow_one", "last_triggered").isNull());
    (*m_arena)->fire("go");
    QCOMPARE(m_arena->attribute("automation.slow_one", "current").toInt(), 1);
    QCOMPARE(m_arena->attribute("automation.slow_one", "last_triggered").toString(),
        toIsoTime((*m_arena)->clock.now()));
    (*m_arena)->advance(61s);
    QCOMPARE(m_arena->attribute("automation.slow_one", "current").toInt(), 0);
}

void TestAutomation::variablesAreThereForConditionsAndActions()
{
    m_arena->write("automations.yaml",
        "- alias: One\n"
        "  trigger_variables: {kind: go}\n"
        "  triggers: [{trigger: event, event_type: '{{ kind }}', id: mine, variables: {by: 2}}]\n"
        "  variables:\n"
        "    twice: '{{ trigger.event.data.n * by }}'\n"
        "    more: '{{ twice + 1 }}'\n"
        "  conditions: '{{ twice > 2 }}'\n"
        "  actions:\n"
        "    - action: test.note\n"
        "      data: {text: '{{ more }} {{ trigger.id }} {{ trigger.idx }} "
        "{{ this.entity_id }}'}\n");
    m_arena->start();
    (*m_arena)->fire("go", { { QStringLiteral("n"), 1 } });
    (*m_arena)->fire("go", { { QStringLiteral("n"), 20 } });
    QCOMPARE(m_arena->notes, QStringList(QStringLiteral("41 mine 0 automation.one")));
}

void TestAutomation::conditionsKeepItFromRunning()
{
    m_arena->write("automations.yaml",
        "- alias: One\n"
        "  triggers: [{trigger: event, event_type: go}]\n"
        "  conditions:\n"
        "    - {condition: state, entity_id: sensor.x, state: 'yes'}\n"
        "  actions: [{action: test.note, data: {text: ran}}]\n");
    (*m_arena)->set("sensor.x", "no");
    m_arena->start();
    (*m_arena)->fire("go");
    QVERIFY(m_arena->notes.isEmpty());
    QVERIFY(m_arena->attribute("automation.one", "last_triggered").isNull());
    (*m_arena)->set("sensor.x", "yes");
    (*m_arena)->fire("go");
    QCOMPARE(m_arena->notes.size(), 1);
}

void TestAutomation::modesDecideAboutASecondRun_data()
{
    QTest::addColumn<QByteArray>("mode");
    QTest::addColumn<QString>("atOnce");
    QTest::addColumn<QString>("inTheEnd");
    QTest::addColumn<int>("current");
    QTest::newRow("single") << QByteArray("single") << "begin 1"
                            << "begin 1,end 1" << 1;
    QTest::newRow("restart") << QByteArray("restart") << "begin 1,begin 2,begin 3"
                             << "begin 1,begin 2,begin 3,end 3" << 1;
    QTest::newRow("queued") << QByteArray("queued\n  max: 2") << "begin 1"
                            << "begin 1,end 1,begin 2,end 2" << 2;
    QTest::newRow("parallel") << QByteArray("parallel\n  max: 2") << "begin 1,begin 2"
                              << "begin 1,begin 2,end 1,end 2" << 2;
}

void TestAutomation::modesDecideAboutASecondRun()
{
    QFETCH(QByteArray, mode);
    QFETCH(QString, atOnce);
    QFETCH(QString, inTheEnd);
    QFETCH(int, current);
    m_arena->write("automations.yaml", test::slowAutomation(mode));
    m_arena->start();
    for (int n = 1; n <= 3; ++n)
        (*m_arena)->fire("go", { { QStringLiteral("n"), n } });
    QCOMPARE(m_arena->notes.join(u','), atOnce);
    QCOMPARE(m_arena->attribute("automation.slow_one", "current").toInt(), current);
    (*m_arena)->advance(200s);
    QCOMPARE(m_arena->notes.join(u','), inTheEnd);
    QCOMPARE(m_arena->attribute("automation.slow_one", "current").toInt(), 0);
}

void TestAutomation::queuedRunsTakeTurns()
{
    m_arena->write("automations.yaml",
        "- alias: Quick\n  mode: queued\n  max: 5000\n"
        "  triggers: [{trigger: event, event_type: go}]\n"
        "  actions: [{action: test.note, data: {text: '{{ trigger.event.data.n }}'}}]\n");
    m_arena->start();
    QStringList expected;
    for (int n = 0; n < 3000; ++n) {
        (*m_arena)->fire("go", { { QStringLiteral("n"), n } });
        expected.append(QString::number(n));
    }
    QTRY_COMPARE(
        m_arena->notes.size(), expected.size()); // a run may wait for the event loop's turn
    QCOMPARE(m_arena->notes, expected);
}

void TestAutomation::timesThatAreLeftOutAreSaid()
{
    m_arena->write("automations.yaml",
        "- alias: Night\n"
        "  triggers:\n"
        "    - {trigger: time, at: '03:00', alias: Early}\n"
        "    - {trigger: time, at: '04:00', weekday: sun}\n"
        "    - {trigger: time_pattern, minutes: '/5'}\n"
        "  actions: [{action: test.note, data: {text: ran}}]\n");
    m_arena->start(); // on Monday, 14:00
    QTest::ignoreMessage(QtWarningMsg,
        "automation.night: the time trigger 'Early': 2026-04-14 03:00:00 was left out, and all "
        "until 2026-04-15 12:01:00: the machine slept or its clock was set forward");
    QTest::ignoreMessage(QtWarningMsg,
        "automation.night: the time_pattern trigger '2': 2026-04-13 14:05:00 was left out, and "
        "all until 2026-04-15 12:01:00: the machine slept or its clock was set forward");
    (*m_arena)->setClock("2026-04-15 12:01:00");
    QVERIFY(m_arena->notes.isEmpty()); // as in Home Assistant
}

void TestAutomation::refusedRunsAreToldOnceAndThenCounted()
{
    m_arena->write("automations.yaml", test::slowAutomation("parallel\n  max: 2"));
    m_arena->start();
    const auto fire = [this](int times) {
        for (int n = 0; n < times; ++n)
            (*m_arena)->fire("go", { { QStringLiteral("n"), n } });
    };
    test::LogListener log;
    fire(2 + 500);
    QCOMPARE(log.said,
        QStringList(QStringLiteral("automation.slow_one: the most runs (2) are reached")));
    log.said.clear();
    (*m_arena)->advance(60s); // these two end
    QCOMPARE(log.said,
        QStringList(QStringLiteral("automation.slow_one: the most runs (2) are reached; it was "
                                   "triggered in vain 499 times more")));
    log.said.clear();
    (*m_arena)->advance(10min); // nothing more to say
    QVERIFY(log.said.isEmpty());
    fire(3);
    QCOMPARE(log.said.size(), 1);
}

void TestAutomation::manyRunsTogetherRememberSoMuch()
{
    QByteArray variables; // 3.2 MB
    for (const char name : QByteArrayLiteral("abcdefgh"))
        variables += QByteArrayLiteral("        ") + name + ": '{{ \"x\" * 200000 }}'\n";
    m_arena->write("automations.yaml",
        QByteArrayLiteral("- alias: Large\n  mode: parallel\n  max: 100\n"
                          "  triggers: [{trigger: event, event_type: go}]\n"
                          "  actions:\n"
                          "    - variables:\n")
            + variables
            + "    - delay: 60\n"
              "    - action: test.note\n"
              "      data: {text: end}\n");
    m_arena->start();
    const auto count = [this] { return m_arena->attribute("automation.large", "current").toInt(); };
    test::LogListener log;
    for (int run = 0; run < 30; ++run)
        (*m_arena)->fire("go");
    // Where each took all that it needs before the next, twenty.
    QTRY_VERIFY_WITH_TIMEOUT(count() + log.said.size() == 30 && count() <= 20, 60000);
    const int going = count();
    QVERIFY(going > 0);
    QVERIFY2(log.said.first().contains(QStringLiteral("automation.large: ")),
        qPrintable(log.said.first()));
    QVERIFY2(log.said.first().contains(
                 QStringLiteral("the variables of all runs together take more than 64 MB, with '")),
        qPrintable(log.said.first()));
    (*m_arena)->advance(61s);
    QTRY_COMPARE_WITH_TIMEOUT(m_arena->notes.size(), going, 60000);
    QCOMPARE((*m_arena)->parts.memory->used(), 0);
}

void TestAutomation::whatTriggersWaitingRunsCountsToo()
{
    m_arena->write("automations.yaml", test::slowAutomation("queued\n  max: 100"));
    m_arena->start();
    const QVariantMap data { { QStringLiteral("n"), 1 },
        { QStringLiteral("large"), QString(1024 * 1024, u'x') } }; // 2 MB
    test::LogListener log;
    for (int run = 0; run < 40; ++run)
        (*m_arena)->fire("go", data);
    QCOMPARE(m_arena->attribute("automation.slow_one", "current").toInt(), 31);
    QCOMPARE(log.said.size(), 1); // of nine
    QCOMPARE(log.said.first(),
        QStringLiteral("automation.slow_one: a run cannot begin: the variables of all runs "
                       "together take more than 64 MB; let fewer run at a time"));
    m_arena->call("turn_off", "automation.slow_one");
    QCOMPARE((*m_arena)->parts.memory->used(), 0);
}

void TestAutomation::onAndOff()
{
    m_arena->write("automations.yaml", test::slowAutomation("parallel"));
    m_arena->start();
    const QVariantMap it { { QStringLiteral("entity_id"),
        QStringList(QStringLiteral("automation.slow_one")) } };
    QCOMPARE(m_arena->call("turn_off", it), QString());
    QCOMPARE(m_arena->state("automation.slow_one"), QStringLiteral("off"));
    (*m_arena)->fire("go");
    QVERIFY(m_arena->notes.isEmpty());
    m_arena->call("toggle", it);
    QCOMPARE(m_arena->state("automation.slow_one"), QStringLiteral("on"));
    (*m_arena)->fire("go");
    QCOMPARE(m_arena->notes.size(), 1);
    m_arena->call("turn_on", it); // changes nothing
    (*m_arena)->fire("go");
    QCOMPARE(m_arena->notes.size(), 2);
}

void TestAutomation::turningOffStopsWhatRunsUnlessAskedNotTo()
{
    m_arena->write("automations.yaml", test::slowAutomation("parallel"));
    m_arena->start();
    QVariantMap it { { QStringLiteral("entity_id"), QStringLiteral("automation.slow_one") } };
    (*m_arena)->fire("go");
    it.insert(QStringLiteral("stop_actions"), false);
    m_arena->call("turn_off", it);
    (*m_arena)->advance(70s);
    QCOMPARE(m_arena->notes.size(), 2);
    m_arena->call("turn_on", { { QStringLiteral("entity_id"), QStringLiteral("all") } });
    (*m_arena)->fire("go");
    it.remove(QStringLiteral("stop_actions"));
    m_arena->call("turn_off", it);
    QCOMPARE(m_arena->attribute("automation.slow_one", "current").toInt(), 0);
    (*m_arena)->advance(70s);
    QCOMPARE(m_arena->notes.size(), 3);
}

void TestAutomation::whatIsOnIsKeptOverARestart()
{
    m_arena->write("automations.yaml",
        test::slowAutomation("single")
            + test::slowAutomation("single")
                  .replace("id: slow", "id: other")
                  .replace("Slow one", "Other"));
    m_arena->start();
    (*m_arena)->fire("go");
    const QString when = toIsoTime((*m_arena)->clock.now());
    m_arena->call(
        "turn_off", { { QStringLiteral("entity_id"), QStringLiteral("automation.other") } });
    m_arena->restart();
    m_arena->start();
    QCOMPARE(m_arena->state("automation.slow_one"), QStringLiteral("on"));
    QCOMPARE(m_arena->attribute("automation.slow_one", "last_triggered").toString(), when);
    QCOMPARE(m_arena->state("automation.other"), QStringLiteral("off"));
}

void TestAutomation::initialStateWins()
{
    m_arena->write("automations.yaml", test::slowAutomation("single\n  initial_state: off"));
    m_arena->start();
    QCOMPARE(m_arena->state("automation.slow_one"), QStringLiteral("off"));
    m_arena->call(
        "turn_on", { { QStringLiteral("entity_id"), QStringLiteral("automation.slow_one") } });
    m_arena->restart();
    m_arena->start();
    QCOMPARE(m_arena->state("automation.slow_one"), QStringLiteral("off"));
}

void TestAutomation::anAutomationCanBeTriggeredByHand()
{
    m_arena->write("automations.yaml",
        "- alias: One\n  triggers: []\n  conditions: '{{ false }}'\n"
        "  actions: [{action: test.note, data: {text: 'by {{ trigger.platform }}'}}]\n");
    m_arena->start();
    QVariantMap it { { QStringLiteral("entity_id"), QStringLiteral("automation.one") } };
    m_arena->call("turn_off", it);
    m_arena->call("trigger", it);
    QCOMPARE(m_arena->notes, QStringList(QStringLiteral("by None")));
    it.insert(QStringLiteral("skip_condition"), false);
    m_arena->call("trigger", it);
    QCOMPARE(m_arena->notes.size(), 1);
}

void TestAutomation::actionsOnWhatIsNotThereSaySo()
{
    m_arena->write("automations.yaml", test::slowAutomation("single"));
    m_arena->start();
    const QString error = m_arena->call(
        "trigger", { { QStringLiteral("entity_id"), QStringLiteral("automation.slow_on") } });
    QVERIFY2(error.contains(QStringLiteral("automation.slow_one")), qPrintable(error));
    const QString second = m_arena->call("turn_on");
    QVERIFY2(second.contains(QStringLiteral("entity_id")), qPrintable(second));
}

void TestAutomation::oneThatTurnsItselfOffStops()
{
    m_arena->write("automations.yaml",
        "- alias: Once\n  mode: queued\n  triggers: [{trigger: event, event_type: go}]\n"
        "  actions:\n    - action: automation.turn_off\n"
        "      target: {entity_id: '{{ this.entity_id }}'}\n"
        "    - action: test.note\n      data: {text: after}\n");
    m_arena->start();
    (*m_arena)->fire("go");
    (*m_arena)->fire("go");
    QCOMPARE(m_arena->state("automation.once"), QStringLiteral("off"));
    QCOMPARE(m_arena->attribute("automation.once", "current").toInt(), 0);
    QVERIFY(m_arena->notes.isEmpty());
}

void TestAutomation::tracesTellWhatHappened()
{
    m_arena->write("automations.yaml", test::slowAutomation("single"));
    m_arena->start();
    (*m_arena)->fire("go", { { QStringLiteral("n"), 1 } });
    (*m_arena)->fire("go", { { QStringLiteral("n"), 2 } });
    const auto traces = m_arena->engine().traces(QStringLiteral("slow"));
    QCOMPARE(traces.size(), 2);
    QCOMPARE(traces[0]->state, QStringLiteral("running"));
    QCOMPARE(traces[1]->execution, QStringLiteral("failed_single"));
    (*m_arena)->advance(61s);
    QCOMPARE(traces[0]->execution, QStringLiteral("finished"));
    const QJsonObject json = m_arena->engine().trace(QStringLiteral("slow"), traces[0]->runId);
    QCOMPARE(json.value(QStringLiteral("item_id")).toString(), QStringLiteral("slow"));
    QCOMPARE(json.value(QStringLiteral("config")).toObject().value(QStringLiteral("alias")),
        QJsonValue(QStringLiteral("Slow one")));
    const QJsonObject steps = json.value(QStringLiteral("trace")).toObject();
    for (const char *path : { "trigger/0", "action/0", "action/1", "action/2" })
        QVERIFY2(steps.contains(QLatin1String(path)), path);
}

void TestAutomation::tracesAreFew()
{
    m_arena->write("automations.yaml",
        "- alias: One\n  trace: {stored_traces: 3}\n"
        "  triggers: [{trigger: event, event_type: go}]\n  actions: []\n");
    m_arena->start();
    for (int i = 0; i < 10; ++i)
        (*m_arena)->fire("go");
    QCOMPARE(m_arena->engine().traces().size(), 3);
}

void TestAutomation::secretsAreNotShown()
{
    m_arena->write("secrets.yaml", "word: hunter2\nhook: hookid9\n");
    m_arena->write("automations.yaml",
        "- id: a\n  alias: One\n  triggers: [{trigger: event, event_type: go}]\n"
        "  variables: {mine: !secret word}\n"
        "  conditions: [{condition: state, entity_id: sensor.x, state: [!secret hook, 'yes']}]\n"
        "  actions:\n"
        "    - action: test.note\n      data: {text: !secret word}\n"
        "    - action: 'test.{{ mine }}'\n");
    (*m_arena)->set("sensor.x", "yes");
    m_arena->start();
    QTest::failOnWarning(QRegularExpression(QStringLiteral("hunter2|hookid9")));
    QTest::ignoreMessage(
        QtCriticalMsg, QRegularExpression(QStringLiteral("no action test\\.\\*\\*REDACTED")));
    (*m_arena)->fire("go");
    QTRY_COMPARE(m_arena->notes, QStringList(QStringLiteral("hunter2")));
    QTRY_VERIFY(m_arena->engine().traces()[0]->finished.isValid());
    const QJsonObject trace
        = m_arena->engine().trace(QStringLiteral("a"), m_arena->engine().traces()[0]->runId);
    const QByteArray shown
        = QJsonDocument(m_arena->engine().configuration(QStringLiteral("automation.one"))).toJson()
        + QJsonDocument(trace).toJson()
        + QJsonDocument(m_arena->engine().traces()[0]->toShortJson()).toJson();
    QVERIFY2(!shown.contains("hunter2") && !shown.contains("hookid9"), shown.constData());
    QVERIFY2(trace.value(QStringLiteral("error")).toString().contains(QStringLiteral("REDACTED")),
        shown.constData());
}

QTEST_GUILESS_MAIN(TestAutomation)
#include "tst_automation.moc"
