// All automations of a folder: what is broken, what changes while others run, what goes round in
// circles.

#include "tests/support/automationarena.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace std::chrono_literals;

class TestAutomationEngine : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_arena = std::make_unique<test::AutomationArena>(); }
    void cleanup() { m_arena.reset(); }

    void aBrokenOneDoesNotStopTheOthers();
    void aBrokenOneThatIsMendedWorks();
    void aFileThatCannotBeReadKeepsWhatWasInForce();
    void anActionThatDoesNotExistIsSaidAtLoad();
    void problemsHaveTheirPlaces_data();
    void problemsHaveTheirPlaces();
    void idsAndNamesAreUnique();
    void aChangedFileIsLive();
    void runsOfUntouchedOnesGoOn();
    void errorsOfUntouchedOnesHaveTheirNewPlace();
    void runsOfChangedOnesEnd();
    void whatIsGoneIsGone();
    void anAutomationMayReloadItself();
    void timersOfUntouchedOnesFireOnce();
    void anAutomationThatTriggersItselfIsStopped();
    void oneThatReloadsOverAndOverIsStopped();
    void aFileThatIsGoneForAMomentChangesNothing();

private:
    std::unique_ptr<test::AutomationArena> m_arena;
};

void TestAutomationEngine::aBrokenOneDoesNotStopTheOthers()
{
    m_arena->write("automations.yaml",
        QByteArray("- alias: Broken\n  triggers: [{trigger: event, event_typo: go}]\n"
                   "  actions: []\n")
            + test::slowAutomation("single"));
    m_arena->start();
    QCOMPARE(m_arena->state("automation.broken"), QStringLiteral("unavailable"));
    QCOMPARE(m_arena->state("automation.slow_one"), QStringLiteral("on"));
    (*m_arena)->fire("go");
    QCOMPARE(m_arena->notes.size(), 1);
    const QString said = m_arena->notification("automation_problems");
    QVERIFY2(said.contains(QStringLiteral("automations.yaml:2:")), qPrintable(said));
    QVERIFY2(said.contains(QStringLiteral("event_type")), qPrintable(said));
    const QString error = m_arena->call(
        "trigger", { { QStringLiteral("entity_id"), QStringLiteral("automation.broken") } });
    QVERIFY2(error.contains(QStringLiteral("automations.yaml:2:")), qPrintable(error));
    const QList<AutomationSummary> all = m_arena->engine().automations();
    QCOMPARE(all.size(), 2);
    QVERIFY(all[0].isBroken && !all[1].isBroken);
}

void TestAutomationEngine::aBrokenOneThatIsMendedWorks()
{
    m_arena->write(
        "automations.yaml", "- alias: One\n  triggers: [{trigger: event}]\n  actions: []\n");
    m_arena->start();
    QCOMPARE(m_arena->state("automation.one"), QStringLiteral("unavailable"));
    m_arena->write("automations.yaml",
        "- alias: One\n  triggers: [{trigger: event, event_type: go}]\n"
        "  actions: [{action: test.note, data: {text: x}}]\n");
    m_arena->engine().reload();
    QCOMPARE(m_arena->state("automation.one"), QStringLiteral("on"));
    QCOMPARE(m_arena->notification("automation_problems"), QString());
    (*m_arena)->fire("go");
    QCOMPARE(m_arena->notes.size(), 1);
}

void TestAutomationEngine::aFileThatCannotBeReadKeepsWhatWasInForce()
{
    m_arena->write("automations.yaml", test::slowAutomation("single"));
    m_arena->write("automations/more.yaml",
        "alias: More\ntriggers: {trigger: event, event_type: go}\n"
        "actions: {action: test.note, data: {text: more}}\n");
    m_arena->start();
    m_arena->write("automations.yaml", "- alias: [half\n");
    m_arena->engine().reload();
    (*m_arena)->fire("go", { { QStringLiteral("n"), 1 } });
    m_arena->notes.sort();
    QCOMPARE(m_arena->notes.join(u','), QStringLiteral("begin 1,more"));
    QVERIFY(
        m_arena->notification("automation_problems").contains(QStringLiteral("automations.yaml:")));
}

void TestAutomationEngine::anActionThatDoesNotExistIsSaidAtLoad()
{
    m_arena->write("automations.yaml",
        "- alias: One\n  triggers: [{trigger: event, event_type: go}]\n"
        "  actions:\n    - if: '{{ false }}'\n      then:\n        - action: test.noet\n");
    m_arena->start();
    // It may come yet: the automation works as far as it goes.
    QCOMPARE(m_arena->state("automation.one"), QStringLiteral("on"));
    const QString said = m_arena->notification("automation_problems");
    QVERIFY2(said.contains(QStringLiteral("automations.yaml:6:19: there is no action 'test.noet'; "
                                          "did you mean 'test.note'?")),
        qPrintable(said));
}

void TestAutomationEngine::problemsHaveTheirPlaces_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("expected");
    const QByteArray good = "  triggers: []\n  actions: []\n";
    QTest::newRow("no triggers") << QByteArray("- alias: a\n  actions: []\n") << "1:3: triggers";
    QTest::newRow("no actions") << QByteArray("- alias: a\n  triggers: []\n") << "1:3: actions";
    QTest::newRow("an unknown key")
        << "- alias: a\n  mod: single\n" + good << "2:3: 'mod'; did you mean 'mode'?";
    QTest::newRow("an unknown mode")
        << "- alias: a\n  mode: signle\n" + good << "2:9: did you mean 'single'?";
    QTest::newRow("a template in the mode")
        << "- alias: a\n  mode: '{{ x }}'\n" + good << "2:9: takes no template";
    QTest::newRow("max too small")
        << "- alias: a\n  mode: queued\n  max: 1\n" + good << "3:8: from 2";
    QTest::newRow("max without its mode") << "- alias: a\n  max: 3\n" + good << "2:8: max";
    QTest::newRow("both names of a key")
        << "- alias: a\n  trigger: []\n" + good << "2:12: 'triggers'";
    QTest::newRow("a text") << QByteArray("- just a text\n") << "1:3: must be a mapping";
    QTest::newRow("a list in a list") << QByteArray("- - alias: a\n") << "1:3: must be a mapping";
    QTest::newRow("variables that are none")
        << "- alias: a\n  variables: [1]\n" + good << "2:14: variables";
    QTest::newRow("a variable that is no template")
        << "- alias: a\n  variables: {b: '{{ 1 +'}\n" + good << "2:1";
    QTest::newRow("a blueprint") << QByteArray("- alias: a\n  use_blueprint: {path: x}\n")
                                 << "2:18: blueprints";
    QTest::newRow("initial_state") << "- alias: a\n  initial_state: maybe\n" + good << "2:18: true";
    QTest::newRow("a tab") << QByteArray("- alias: a\n\tmode: single\n") << "2:";
    QTest::newRow("a key twice") << "- alias: a\n  alias: b\n" + good << "2:3: ";
}

void TestAutomationEngine::problemsHaveTheirPlaces()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, expected);
    const Problems problems = AutomationEngine::checkText(
        m_arena->configFolder(), QStringLiteral("automations.yaml"), text);
    QVERIFY(!problems.isEmpty());
    const QString found = test::EngineArena::texts(problems).join(u'\n');
    const QString place = expected.section(u' ', 0, 0);
    QVERIFY2(found.startsWith(place), qPrintable(found));
    QVERIFY2(found.contains(expected.section(u' ', 1)), qPrintable(found));
}

void TestAutomationEngine::idsAndNamesAreUnique()
{
    m_arena->write("automations.yaml",
        "- {alias: Same, triggers: [], actions: []}\n"
        "- {alias: Same, triggers: [], actions: []}\n"
        "- {id: x, alias: X, triggers: [], actions: []}\n"
        "- {id: x, alias: Y, triggers: [], actions: []}\n");
    m_arena->start();
    QCOMPARE(m_arena->state("automation.same"), QStringLiteral("on"));
    QCOMPARE(m_arena->state("automation.same_2"), QStringLiteral("on"));
    QCOMPARE(m_arena->state("automation.x"), QStringLiteral("on"));
    QCOMPARE(m_arena->state("automation.y"), QStringLiteral("unavailable"));
    QVERIFY(m_arena->notification("automation_problems")
                .contains(QStringLiteral("automations.yaml:4:8")));
}

void TestAutomationEngine::aChangedFileIsLive()
{
    m_arena->start();
    QSignalSpy reloaded(&m_arena->engine(), &AutomationEngine::reloaded);
    m_arena->write("automations.yaml", test::slowAutomation("single"));
    QTRY_COMPARE(m_arena->state("automation.slow_one"), QStringLiteral("on"));
    // As editors do: another file takes its place.
    m_arena->write("automations.yaml~", test::slowAutomation("single").replace("go", "went"));
    QVERIFY(::rename(
                QFile::encodeName((m_arena->configFolder() + QStringLiteral("/automations.yaml~"))),
                QFile::encodeName((m_arena->configFolder() + QStringLiteral("/automations.yaml"))))
        == 0);
    reloaded.clear();
    QVERIFY(reloaded.wait());
    (*m_arena)->fire("went");
    QTRY_COMPARE(m_arena->notes.size(), 1);
}

void TestAutomationEngine::runsOfUntouchedOnesGoOn()
{
    m_arena->write("automations.yaml", test::slowAutomation("single"));
    m_arena->start();
    (*m_arena)->fire("go", { { QStringLiteral("n"), 1 } });
    m_arena->write("automations.yaml",
        "# a comment\n- {alias: New, triggers: [], actions: []}\n"
            + test::slowAutomation("single"));
    m_arena->engine().reload();
    QCOMPARE(m_arena->attribute("automation.slow_one", "current").toInt(), 1);
    QCOMPARE(m_arena->state("automation.new"), QStringLiteral("on"));
    (*m_arena)->advance(61s);
    QCOMPARE(m_arena->notes.join(u','), QStringLiteral("begin 1,end 1"));
    (*m_arena)->fire("go", { { QStringLiteral("n"), 2 } });
    QCOMPARE(m_arena->notes.size(), 3); // once
}

void TestAutomationEngine::errorsOfUntouchedOnesHaveTheirNewPlace()
{
    const QByteArray one = "- alias: One\n"
                           "  mode: parallel\n"
                           "  triggers: [{trigger: event, event_type: go}]\n"
                           "  actions:\n"
                           "    - delay: 10\n"
                           "    - stop: It is broken\n"
                           "      error: true\n";
    const auto expect = [](const char *place) {
        QTest::ignoreMessage(QtCriticalMsg,
            QRegularExpression(QStringLiteral("automation.one: action/1, automations.yaml:%1: .*")
                                   .arg(QLatin1String(place))));
    };
    m_arena->write("automations.yaml", one);
    m_arena->start();
    (*m_arena)->fire("go");
    m_arena->write("automations.yaml", "# more\n" + one);
    m_arena->engine().reload();
    (*m_arena)->fire("go");
    expect("6"); // as it was when that run began
    expect("7");
    (*m_arena)->advance(11s);
    // Inside it, too.
    m_arena->write("automations.yaml", QByteArray(one).replace("  actions:", "\n\n  actions:"));
    m_arena->engine().reload();
    (*m_arena)->fire("go");
    expect("8");
    (*m_arena)->advance(11s);
}

void TestAutomationEngine::runsOfChangedOnesEnd()
{
    m_arena->write("automations.yaml", test::slowAutomation("single"));
    m_arena->start();
    (*m_arena)->fire("go", { { QStringLiteral("n"), 1 } });
    const QString when = m_arena->attribute("automation.slow_one", "last_triggered").toString();
    m_arena->write(
        "automations.yaml", test::slowAutomation("restart").replace("Slow one", "Renamed"));
    m_arena->engine().reload();
    // It has the same id, so it is the same one: its entity keeps its name.
    QCOMPARE(m_arena->state("automation.slow_one"), QStringLiteral("on"));
    QCOMPARE(m_arena->attribute("automation.slow_one", "friendly_name").toString(),
        QStringLiteral("Renamed"));
    QCOMPARE(m_arena->attribute("automation.slow_one", "last_triggered").toString(), when);
    QCOMPARE(m_arena->attribute("automation.slow_one", "current").toInt(), 0);
    QCOMPARE(m_arena->engine().traces().value(0)->execution, QStringLiteral("cancelled"));
    (*m_arena)->advance(61s);
    QCOMPARE(m_arena->notes.join(u','), QStringLiteral("begin 1"));
}

void TestAutomationEngine::whatIsGoneIsGone()
{
    m_arena->write("automations.yaml", test::slowAutomation("single"));
    m_arena->start();
    (*m_arena)->fire("go");
    QVERIFY(QFile::remove((m_arena->configFolder() + QStringLiteral("/automations.yaml"))));
    m_arena->engine().reload();
    QCOMPARE(m_arena->state("automation.slow_one"), QStringLiteral("(none)"));
    (*m_arena)->advance(61s);
    (*m_arena)->fire("go");
    QCOMPARE(m_arena->notes.size(), 1);
}

void TestAutomationEngine::anAutomationMayReloadItself()
{
    const QByteArray text
        = "- id: a\n  alias: Reloader\n  triggers: [{trigger: event, event_type: go}]\n"
          "  actions:\n    - action: automation.reload\n"
          "    - action: test.note\n      data: {text: after}\n";
    m_arena->write("automations.yaml", text);
    m_arena->start();
    (*m_arena)->fire("go");
    QTRY_COMPARE(m_arena->notes.size(), 1); // it did not change
    m_arena->write("automations.yaml", text + "  mode: restart\n");
    (*m_arena)->fire("go");
    QTRY_COMPARE(
        m_arena->attribute("automation.reloader", "mode").toString(), QStringLiteral("restart"));
    QCOMPARE(m_arena->notes.size(), 1); // the one that asked is gone
}

void TestAutomationEngine::timersOfUntouchedOnesFireOnce()
{
    const QByteArray text = "- alias: Timed\n  triggers: [{trigger: time, at: '15:00:00'}]\n"
                            "  actions: [{action: test.note, data: {text: '{{ now().hour }}'}}]\n";
    m_arena->write("automations.yaml", text);
    m_arena->start();
    (*m_arena)->advanceTo("2026-04-13 14:59:59");
    m_arena->engine().reload();
    (*m_arena)->advance(1s);
    m_arena->engine().reload();
    m_arena->write("automations.yaml", text + "  mode: restart\n"); // another one now
    m_arena->engine().reload();
    (*m_arena)->advance(1h);
    QCOMPARE(m_arena->notes, QStringList(QStringLiteral("15")));
}

void TestAutomationEngine::anAutomationThatTriggersItselfIsStopped()
{
    m_arena->write("automations.yaml",
        "- alias: Echo\n  mode: parallel\n  triggers: [{trigger: event, event_type: go}]\n"
        "  actions:\n    - action: test.note\n      data: {text: x}\n    - event: go\n");
    m_arena->start();
    (*m_arena)->fire("go");
    QTRY_VERIFY(!m_arena->notification("automation_loop_echo").isEmpty());
    QVERIFY(m_arena->notes.size() >= 50 && m_arena->notes.size() <= 100);
    const qsizetype so = m_arena->notes.size();
    QCoreApplication::processEvents();
    QCOMPARE(m_arena->notes.size(), so);
    QVERIFY(
        m_arena->notification("automation_loop_echo").contains(QStringLiteral("automation.echo")));
    // Another cause, another chance.
    (*m_arena)->advance(2min);
    (*m_arena)->fire("go");
    QTRY_VERIFY(m_arena->notes.size() > so);
}

void TestAutomationEngine::oneThatReloadsOverAndOverIsStopped()
{
    m_arena->write("automations.yaml",
        "- alias: Loop\n  mode: restart\n"
        "  triggers: [{trigger: event, event_type: automation_reloaded}]\n"
        "  actions:\n    - action: test.note\n      data: {text: x}\n"
        "    - action: automation.reload\n");
    m_arena->start(); // which is the first
    QTRY_VERIFY(!m_arena->notification("automation_loop_loop").isEmpty());
    QCOMPARE(m_arena->notes.size(), 100);
}

void TestAutomationEngine::aFileThatIsGoneForAMomentChangesNothing()
{
    m_arena->write("automations.yaml", test::slowAutomation("single"));
    m_arena->start();
    m_arena->call("turn_off", "automation.slow_one");
    QVERIFY(QFile::remove(m_arena->configFolder() + QStringLiteral("/automations.yaml")));
    m_arena->engine().reload();
    QCOMPARE(m_arena->state("automation.slow_one"), QStringLiteral("(none)"));
    m_arena->write("automations.yaml", test::slowAutomation("single"));
    m_arena->engine().reload();
    QCOMPARE(m_arena->state("automation.slow_one"), QStringLiteral("off"));
}

QTEST_GUILESS_MAIN(TestAutomationEngine)
#include "tst_automationengine.moc"
