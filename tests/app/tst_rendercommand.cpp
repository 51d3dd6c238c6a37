// `hubkeep render` as the contract has it.

#include "tests/support/enginecli.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

class TestRenderCommand : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { qputenv("TZ", "Europe/Amsterdam"); }

    void aTemplateIsRendered_data()
    {
        QTest::addColumn<QList<QByteArray>>("arguments");
        QTest::addColumn<QByteArray>("expected");
        const auto add = [](const char *name, QList<QByteArray> arguments, const char *expected) {
            QTest::newRow(name) << arguments << QByteArray(expected);
        };
        const QByteArray states = "[{\"entity_id\":\"sensor.a\",\"state\":\"5\",\"attributes\":"
                                  "{\"unit\":\"GB\"},\"last_changed\":\"2026-04-13T10:00:00Z\"},"
                                  "{\"entity_id\":\"light.b\",\"state\":\"on\"}]";
        add("plain", { "{{ 1 + 1 }} ä" }, "2 ä\n");
        add("nothing", { "" }, "\n");
        add("variables in their order",
            { "{{ d }}", "--variables", "{\"d\":{\"z\":1,\"a\":[null]}}" },
            "{'z': 1, 'a': [None]}\n");
        add("states",
            { "{{ states('sensor.a') }} {{ state_attr('sensor.a', 'unit') }} "
              "{{ is_state('light.b', 'on') }} {{ states('light.none') }}",
                "--states", states },
            "5 GB True unknown\n");
        add("when a state changed",
            { "{{ states.sensor.a.last_changed.isoformat() }}", "--states", states },
            "2026-04-13T10:00:00+00:00\n");
        add("the time, in the zone of TZ",
            { "{{ now().isoformat() }}", "--now", "2026-04-13T12:00:00Z" },
            "2026-04-13T14:00:00+02:00\n");
        add("a time without a zone", { "{{ utcnow().hour }}", "--now", "2026-04-13 12:00" },
            "10\n");
        add("typed", { "{{ [1, 2.5, none, true, 'x', {'z': 1, 'a': 2}] }}", "--native" },
            "[1,2.5,null,true,\"x\",{\"z\":1,\"a\":2}]\n");
        add("a number, typed", { "4{{ 2 }}", "--native" }, "42\n");
        add("with --json", { "{{ 'a\"b' }}", "--json" }, "{\"result\":\"a\\\"b\"}\n");
        add("with both", { "{{ 1 }}", "--json", "--native" }, "1\n");
    }
    void aTemplateIsRendered()
    {
        QFETCH(QList<QByteArray>, arguments);
        const CliResult result = runHubkeep(QList<QByteArray> { "render" } + arguments);
        QCOMPARE(result.err, QByteArray());
        QTEST(result.out, "expected");
        QCOMPARE(result.exitCode, 0);
    }

    void withoutAnArgumentItComesFromStandardInput()
    {
        const CliResult result = runHubkeepWithInput(
            { "render" }, "{% for i in range(2) %}\nline {{ i }}\n{%- endfor %}\n");
        QCOMPARE(result.out, QByteArray("\nline 0\nline 1\n"));
        QCOMPARE(result.exitCode, 0);
    }

    void anErrorIsOneSentenceWithItsPlace()
    {
        for (const char *text : { "a\n{{ 1 + }}", "a\n{{ nobody() }}" }) {
            const CliResult result = runHubkeep({ "render", text });
            QCOMPARE(result.exitCode, 1);
            QCOMPARE(result.out, QByteArray());
            QVERIFY2(isOneSentence(result.err), result.err.constData());
            QVERIFY2(result.err.contains("line 2, column "), result.err.constData());
        }
    }

    void wrongOptionsAreWrongUsage_data()
    {
        QTest::addColumn<QByteArray>("option");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("expected");
        const auto add = [](const char *option, const char *value, const char *expected) {
            QTest::newRow(value) << QByteArray(option) << QByteArray(value) << QByteArray(expected);
        };
        add("--variables", "{x", "--variables");
        add("--variables", "[1]", "it takes an object");
        add("--states", "{}", "it takes a list");
        add("--states", "[1]", "entity_id");
        add("--states", "[{\"entity_id\":\"sensor.a\"}]", "\"state\"");
        add("--states", "[{\"entity_id\":\"door\",\"state\":\"x\"}]", "door");
        add("--now", "yesterday", "'yesterday' is no time");
    }
    void wrongOptionsAreWrongUsage()
    {
        QFETCH(QByteArray, option);
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, expected);
        const CliResult result = runHubkeep({ "render", "x", option, value });
        QCOMPARE(result.exitCode, 2);
        QCOMPARE(result.out, QByteArray());
        QVERIFY2(isOneSentence(result.err), result.err.constData());
        QVERIFY2(result.err.contains(expected), result.err.constData());
    }
};

QTEST_GUILESS_MAIN(TestRenderCommand)
#include "tst_rendercommand.moc"
