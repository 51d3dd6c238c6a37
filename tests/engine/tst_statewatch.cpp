#include "automation/engine/statewatch.h"
#include "tests/support/enginearena.h"

#include <QtTest>

#include <vector>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace hubkeep::test;

namespace {

QStringList words(const char *text)
{
    return QString::fromLatin1(text).split(u' ', Qt::SkipEmptyParts);
}

} // namespace

class TestStateWatch : public QObject
{
    Q_OBJECT

private:
    StateWatch::Handler note(const char *name)
    {
        return [this, name](const Event &event) {
            m_seen << QString::fromLatin1(name) + u':' + event.change->entityId;
        };
    }
    QStringList seen() { return std::exchange(m_seen, {}); }

    QStringList m_seen;

private slots:
    void init() { m_seen.clear(); }

    void onlyWhoWatchesAnEntityHearsOfIt()
    {
        EngineArena arena;
        const auto ab = arena.watch.subscribe(words("sensor.a sensor.b sensor.a"), note("ab"));
        const auto domain = arena.watch.subscribeDomain(QStringLiteral("light"), note("light"));
        const auto all = arena.watch.subscribeAll(note("all"));
        arena.set("sensor.a", "1");
        arena.set("light.c", "on");
        arena.set("lights.c", "on");
        arena.set("sensor.b", "1");
        QCOMPARE(seen(),
            words("ab:sensor.a all:sensor.a light:light.c all:light.c all:lights.c ab:sensor.b "
                  "all:sensor.b"));
    }

    void aRemovedEntityIsHeardOf()
    {
        EngineArena arena;
        arena.set("sensor.a", "1");
        const auto watching = arena.watch.subscribe(words("sensor.a"), note("a"));
        arena.hub.states().remove(QStringLiteral("sensor.a"));
        QCOMPARE(seen(), words("a:sensor.a"));
    }

    void whoIsGoneHearsNothing()
    {
        EngineArena arena;
        auto first = arena.watch.subscribe(words("sensor.a"), note("first"));
        auto second = arena.watch.subscribe(words("sensor.a"), note("second"));
        first.reset();
        arena.set("sensor.a", "1");
        arena.set("sensor.a", "2");
        QCOMPARE(seen(), words("second:sensor.a second:sensor.a"));
        second.reset();
        arena.set("sensor.a", "3");
        QCOMPARE(seen(), words(""));
    }

    void handlersMayComeAndGoWhileTheyAreCalled()
    {
        EngineArena arena;
        StateWatch::Watching self, other, added;
        self = arena.watch.subscribe(words("sensor.a"), [&](const Event &) {
            m_seen << QStringLiteral("self");
            self.reset();
            other.reset();
            added = arena.watch.subscribe(words("sensor.a"), note("added"));
        });
        other = arena.watch.subscribe(words("sensor.a"), note("other"));
        arena.set("sensor.a", "1");
        QCOMPARE(seen(), words("self"));
        arena.set("sensor.a", "2");
        QCOMPARE(seen(), words("added:sensor.a"));
    }

    void anEventThatOnlyHasTheNameIsIgnored()
    {
        EngineArena arena;
        const auto all = arena.watch.subscribeAll(note("all"));
        arena.fire("state_changed", { { QStringLiteral("entity_id"), 1 } });
        QCOMPARE(seen(), words(""));
    }

    void manyOnOneEntityThatComeAndGoStayCheap()
    {
        EngineArena arena;
        QElapsedTimer watch;
        watch.start();
        std::vector<StateWatch::Watching> kept;
        for (int i = 0; i < 50'000; ++i) {
            kept.push_back(arena.watch.subscribe(words("sensor.a"), [](const Event &) {}));
            (void)arena.watch.subscribe(words("sensor.a"), [](const Event &) {});
        }
        arena.set("sensor.a", "1");
        QVERIFY2(watch.elapsed() < 5000, qPrintable(QString::number(watch.elapsed())));
    }
};

QTEST_GUILESS_MAIN(TestStateWatch)
#include "tst_statewatch.moc"
