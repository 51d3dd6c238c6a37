#include "automation/engine/templatewatch.h"
#include "tests/support/enginearena.h"

#include <QtTest>

#include <chrono>
#include <memory>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;
using namespace std::chrono_literals;

class TestTemplateWatch : public QObject
{
    Q_OBJECT

private:
    // Writes down each result, "<-" and what caused it.
    std::unique_ptr<TemplateWatch> watch(EngineArena &arena, const char *source)
    {
        m_seen.clear();
        const Result<Template> what = Template::parse(QString::fromUtf8(source));
        if (!what)
            qFatal("%s", qPrintable(what.error().message));
        auto made = std::make_unique<TemplateWatch>(
            arena.parts, *what, m_names, [this](const TemplateWatch::Rendered &rendered) {
                m_seen << (rendered.result ? rendered.result->toText() : QStringLiteral("error"))
                        + QLatin1String("<-")
                        + (rendered.cause ? rendered.cause->change->entityId
                                          : QStringLiteral("time"));
            });
        (void)made->start();
        return made;
    }
    QString seen() { return std::exchange(m_seen, {}).join(u' '); }

    const TemplateVariables m_names;
    QStringList m_seen;

private slots:
    void onlyWhatItReadsRendersItAgain()
    {
        EngineArena arena;
        arena.set("sensor.a", "1");
        const auto watching = watch(arena, "{{ states('sensor.a') }}");
        arena.set("sensor.b", "1");
        QCOMPARE(seen(), QString());
        arena.set("sensor.a", "2");
        QCOMPARE(seen(), QStringLiteral("2<-sensor.a"));
        arena.advance(24h);
        QCOMPARE(seen(), QString());
    }

    void whatItReadsMayChange()
    {
        EngineArena arena;
        arena.set("sensor.which", "a");
        const auto watching = watch(arena, "{{ states('sensor.' ~ states('sensor.which')) }}");
        arena.set("sensor.b", "1"); // not yet
        QCOMPARE(seen(), QString());
        arena.set("sensor.a", "5"); // was not there, and was asked for
        QCOMPARE(seen(), QStringLiteral("5<-sensor.a"));
        arena.set("sensor.which", "b");
        QCOMPARE(seen(), QStringLiteral("1<-sensor.which"));
        arena.set("sensor.a", "6");
        QCOMPARE(seen(), QString());
        arena.set("sensor.b", "2");
        QCOMPARE(seen(), QStringLiteral("2<-sensor.b"));
    }

    void theTimeRendersItEachMinute()
    {
        EngineArena arena;
        arena.advance(20s);
        const auto watching = watch(arena, "{{ now().minute }}");
        arena.advance(39s);
        QCOMPARE(seen(), QString());
        arena.advance(1s);
        QCOMPARE(seen(), QStringLiteral("1<-time"));
        arena.advance(2min);
        QCOMPARE(seen(), QStringLiteral("2<-time 3<-time"));
        arena.setClock("2026-04-13 09:30:30"); // it goes on
        arena.advance(1min);
        QCOMPARE(seen(), QStringLiteral("31<-time"));
    }

    void anErrorIsAResultAndGoesAway()
    {
        EngineArena arena;
        const auto watching = watch(arena, "{{ states('sensor.a') | float > 4 }}");
        arena.set("sensor.a", "word");
        arena.set("sensor.a", "5");
        QCOMPARE(seen(), QStringLiteral("error<-sensor.a True<-sensor.a"));
    }

    void aDomainRendersItOnceASecond()
    {
        EngineArena arena;
        const auto watching = watch(arena, "{{ states.sensor | list | count }}");
        arena.advance(1s);
        arena.set("sensor.a", "1");
        QCOMPARE(seen(), QStringLiteral("1<-sensor.a"));
        arena.set("sensor.b", "1");
        arena.set("sensor.c", "1");
        arena.set("light.a", "1");
        QCOMPARE(seen(), QString());
        arena.advance(1s);
        QCOMPARE(seen(), QStringLiteral("3<-time"));
        arena.advance(1h);
        QCOMPARE(seen(), QString());
    }

    void allStatesRenderItOnceAMinute()
    {
        EngineArena arena;
        const auto watching = watch(arena, "{{ states | count }}");
        arena.advance(30s);
        arena.set("sensor.a", "1");
        arena.set("light.a", "1");
        QCOMPARE(seen(), QString());
        arena.advance(30s);
        QCOMPARE(seen(), QStringLiteral("2<-time"));
    }

    void itMayBeDestroyedByItsOwnCall()
    {
        EngineArena arena;
        const Result<Template> what = Template::parse(QStringLiteral("{{ states('sensor.a') }}"));
        int calls = 0;
        std::unique_ptr<TemplateWatch> watching;
        watching = std::make_unique<TemplateWatch>(
            arena.parts, *what, m_names, [&](const TemplateWatch::Rendered &) {
                ++calls;
                watching.reset();
            });
        QVERIFY(watching->start());
        arena.set("sensor.a", "1");
        arena.set("sensor.a", "2");
        QCOMPARE(calls, 1);
    }
};

QTEST_GUILESS_MAIN(TestTemplateWatch)
#include "tst_templatewatch.moc"
