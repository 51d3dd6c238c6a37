// What templates read of the states, and that they say so: only then are they rendered again.

#include "tests/template/templatearena.h"

#include <QtTest>

using namespace hubkeep;

namespace {

QString readsOf(const TemplateReads &reads)
{
    QStringList entities(reads.entities.begin(), reads.entities.end());
    QStringList domains(reads.domains.begin(), reads.domains.end());
    entities.sort();
    domains.sort();
    QStringList parts;
    if (!entities.isEmpty())
        parts += entities.join(u',');
    if (!domains.isEmpty())
        parts += QStringLiteral("domains ") + domains.join(u',');
    if (reads.all)
        parts += QStringLiteral("all");
    if (reads.time)
        parts += QStringLiteral("time");
    return parts.join(QStringLiteral("; "));
}

} // namespace

class TestStateFunctions : public QObject
{
    Q_OBJECT

private slots:
    void saysWhatItRead_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("reads");
        const auto row = [](const char *source, const char *reads) {
            QTest::newRow(source) << QString::fromUtf8(source) << QString::fromUtf8(reads);
        };
        row("{{ 1 }}", "");
        row("{{ states('sensor.a') }}", "sensor.a");
        row("{{ states('SENSOR.A') }}", "sensor.a");
        row("{{ states('sensor.gone') }}", "sensor.gone");
        row("{{ states.sensor.a.state }}", "sensor.a");
        row("{{ states.sensor.gone }}", "sensor.gone");
        row("{{ states['sensor.a'].state }}", "sensor.a");
        row("{{ states.sensor['a'].state }}", "sensor.a");
        row("{{ states['sensor']['gone'] }}", "sensor.gone");
        row("{{ state_attr('sensor.a', 'x') }}", "sensor.a");
        row("{{ is_state('light.x', 'on') }}", "light.x");
        row("{{ is_state_attr('light.x', 'a', 1) }}", "light.x");
        row("{{ has_value('light.x') }}", "light.x");
        row("{{ 'light.x' is has_value }}", "light.x");
        row("{{ 'sensor.a'|states }}", "sensor.a");
        row("{{ ['sensor.a', 'sensor.b']|map('states')|list }}", "sensor.a,sensor.b");
        row("{{ ['sensor.a', 'sensor.b']|map('states')|first }}", "sensor.a");
        row("{{ ['light.x']|select('is_state', 'on')|list }}", "light.x");
        row("{% if false %}{{ states('sensor.a') }}{% endif %}", "");
        row("{{ states('sensor.a') if states('sensor.b') == '2' else '' }}", "sensor.a,sensor.b");
        row("{{ false and states('sensor.a') }}", "");
        row("{% for s in states.sensor %}{{ s.state }}{% endfor %}", "domains sensor");
        row("{{ states.sensor|list|count }}", "domains sensor");
        row("{{ states.sensor|count }}", "domains sensor");
        row("{{ states.nothing|list }}", "domains nothing");
        row("{{ states.sensor is defined }}", "");
        row("{{ states|list|count }}", "all");
        row("{{ states|count }}", "all");
        row("{{ states|map(attribute='state')|list }}", "all");
        row("{{ expand('group.g')|list }}", "group.g,light.x,sensor.a");
        row("{{ expand(states.light)|list }}", "light.x; domains light");
        row("{{ now() }}", "time");
        row("{{ utcnow() }}", "time");
        row("{{ today_at('10:00') }}", "time");
        row("{{ relative_time('x') }}", "time");
        row("{{ time_since(as_datetime(0)) }}", "time");
        row("{{ time_until(as_datetime(0)) }}", "time");
        row("{{ as_timestamp('2026-01-01') }}", "");
        row("{{ 0|timestamp_custom }}", "");
        row("{{ now() > as_datetime(states('sensor.a')) }}", "sensor.a; time");
    }
    void saysWhatItRead()
    {
        QFETCH(QString, source);
        QFETCH(QString, reads);
        TemplateReads actual;
        prepared().text(source, &actual);
        QCOMPARE(readsOf(actual), reads);
    }

    void readsNothingThatIsLimited_data()
    {
        QTest::addColumn<QString>("source");
        for (const char *const source : { "{{ states('sensor.a') }}", "{{ states.sensor.a }}",
                 "{{ states|list }}", "{{ states.sensor|list }}", "{{ states|count }}",
                 "{{ state_attr('sensor.a', 'x') }}", "{{ is_state('sensor.a', '1') }}",
                 "{{ is_state_attr('sensor.a', 'x', 1) }}", "{{ has_value('sensor.a') }}",
                 "{{ 'sensor.a' is has_value }}", "{{ expand('sensor.a') }}", "{{ now() }}",
                 "{{ utcnow() }}", "{{ today_at('10:00') }}", "{{ relative_time(5) }}",
                 "{{ time_since(5) }}", "{{ time_until(5) }}" })
            QTest::newRow(source) << QString::fromUtf8(source);
    }
    void readsNothingThatIsLimited()
    {
        QFETCH(QString, source);
        const TemplateArena &arena = prepared();
        TemplateScope scope = arena.scope();
        scope.limited = true;
        TemplateReads reads;
        const QString text = TemplateArena::text(source, scope, &reads);
        QVERIFY2(
            text.startsWith(u"error: ") && text.contains(u"cannot be used here"), qPrintable(text));
        QCOMPARE(readsOf(reads), QString());
    }

    void knowsNoEntityWithoutStates()
    {
        TemplateScope scope;
        const auto text = [&](const char *source) {
            return TemplateArena::text(QString::fromUtf8(source), scope);
        };
        QCOMPARE(text("{{ states('sensor.a') }}"), QStringLiteral("unknown"));
        QCOMPARE(text("{{ states|list }}{{ states|count }}{{ states.sensor|list }}"),
            QStringLiteral("[]0[]"));
        QCOMPARE(text("{{ states.sensor.a }} {{ state_attr('a.b', 'c') }} {{ has_value('a.b') }}"),
            QStringLiteral("None None False"));
        QCOMPARE(text("{{ expand('sensor.a') }}"), QStringLiteral("[]"));
    }

    void namesWhatIsNoEntity()
    {
        const TemplateArena &arena = prepared();
        QVERIFY(arena.text(QStringLiteral("{{ states['Bad Name'] }}")).contains(u"'Bad Name'"));
        QVERIFY(arena.text(QStringLiteral("{{ states.sensor['Bad Name'] }}"))
                    .contains(u"'sensor.Bad Name'"));
        QVERIFY(arena.text(QStringLiteral("{{ states(5) }}")).contains(u"states: expects a text"));
        QVERIFY(arena.text(QStringLiteral("{{ is_state('sensor.a') }}")).contains(u"'state'"));
    }

    void answersAsAHomeAssistantWithoutAreas()
    {
        const TemplateArena &arena = prepared();
        QCOMPARE(arena.text(QStringLiteral("{{ areas() }} {{ area_id('x') }} {{ 'x'|area_name }} "
                                           "{{ area_entities('kitchen') }} {{ floors() }} "
                                           "{{ device_id('sensor.a') }} {{ labels() }} "
                                           "{{ 'sensor.a'|labels }} {{ issues() }} "
                                           "{{ issue('a', 'b') }} {{ is_hidden_entity('a.b') }} "
                                           "{{ integration_entities('backup') }} "
                                           "{{ is_device_attr('a', 'b', 'c') }} "
                                           "{{ config_entry_id('a.b') }}")),
            QStringLiteral("[] None None [] [] None [] [] {} None False [] False None"));
    }

private:
    static const TemplateArena &prepared()
    {
        static const std::unique_ptr<TemplateArena> arena = [] {
            auto made = std::make_unique<TemplateArena>();
            made->setState(QStringLiteral("sensor.a"), QStringLiteral("1"));
            made->setState(QStringLiteral("sensor.b"), QStringLiteral("2"));
            made->setState(QStringLiteral("light.x"), QStringLiteral("on"));
            made->setState(QStringLiteral("group.g"), QStringLiteral("on"),
                { { QStringLiteral("entity_id"),
                    QStringList { QStringLiteral("light.x"), QStringLiteral("sensor.a") } } });
            return made;
        }();
        return *arena;
    }
};

QTEST_GUILESS_MAIN(TestStateFunctions)
#include "tst_statefunctions.moc"
