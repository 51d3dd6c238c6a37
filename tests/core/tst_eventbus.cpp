#include "automation/core/eventbus.h"
#include "tests/support/enginejobs.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

Event eventOf(const char *type)
{
    return { QString::fromLatin1(type), {}, {} };
}

QStringList list(const char *words)
{
    return QString::fromLatin1(words).split(u' ', Qt::SkipEmptyParts);
}

} // namespace

class TestEventBus : public QObject
{
    Q_OBJECT

private:
    SetClock m_clock;

    // Subscribes and writes down under name what comes.
    Subscription note(EventBus &bus, const char *type, const char *name, QStringList &seen)
    {
        return bus.subscribe(QString::fromLatin1(type),
            [&seen, name](const Event &) { seen << QString::fromLatin1(name); });
    }

private slots:
    void onlyItsTypeReachesASubscriber()
    {
        EventBus bus(m_clock);
        QStringList seen;
        const auto a = note(bus, "a", "a", seen);
        const auto b = note(bus, "b", "b", seen);
        bus.publish(eventOf("b"));
        bus.publish(eventOf("c"));
        bus.publish(eventOf("a"));
        QCOMPARE(seen, list("b a"));
    }

    void subscribersAreCalledInTheirOrderAndThoseOfEveryEventLast()
    {
        EventBus bus(m_clock);
        QStringList seen;
        const auto every = note(bus, "", "every", seen);
        const auto first = note(bus, "a", "first", seen);
        const auto second = note(bus, "a", "second", seen);
        bus.publish(eventOf("a"));
        QCOMPARE(seen, list("first second every"));
    }

    void eventsNeverNest()
    {
        EventBus bus(m_clock);
        QStringList seen;
        const auto a = bus.subscribe(QStringLiteral("a"), [&](const Event &) {
            seen << QStringLiteral("a1");
            bus.publish(eventOf("b"));
            bus.publish(eventOf("c"));
            seen << QStringLiteral("a1end");
        });
        const auto a2 = note(bus, "a", "a2", seen);
        const auto b = bus.subscribe(QStringLiteral("b"), [&](const Event &) {
            seen << QStringLiteral("b");
            bus.publish(eventOf("d"));
        });
        const auto c = note(bus, "c", "c", seen);
        const auto d = note(bus, "d", "d", seen);
        const auto every = bus.subscribe(
            QString(), [&](const Event &all) { seen << QStringLiteral("*") + all.type; });
        bus.publish(eventOf("a"));
        QCOMPARE(seen, list("a1 a1end a2 *a b *b c *c d *d"));
    }

    void aHandlerThatIsGoneIsNotCalled()
    {
        EventBus bus(m_clock);
        QStringList seen;
        {
            const auto gone = note(bus, "a", "gone", seen);
        }
        auto replaced = note(bus, "a", "replaced", seen);
        replaced = note(bus, "a", "new", seen);
        auto moved = note(bus, "a", "moved", seen);
        const Subscription kept(std::move(moved));
        bus.publish(eventOf("a"));
        QCOMPARE(seen, list("new moved"));
    }

    void aHandlerMayEndItselfAndOthers()
    {
        EventBus bus(m_clock);
        QStringList seen;
        Subscription own;
        Subscription other;
        QString text = QStringLiteral("still there");
        own = bus.subscribe(QStringLiteral("a"), [&, text](const Event &) {
            own = Subscription();
            other = Subscription();
            seen << text; // what it captured lives until it returns
        });
        other = note(bus, "a", "other", seen);
        const auto last = note(bus, "a", "last", seen);
        bus.publish(eventOf("a"));
        bus.publish(eventOf("a"));
        QCOMPARE(seen, (QStringList { text, QStringLiteral("last"), QStringLiteral("last") }));
    }

    void whoSubscribesInsideAHandlerHearsTheNextEvent()
    {
        EventBus bus(m_clock);
        QStringList seen;
        std::vector<Subscription> added;
        const auto a = bus.subscribe(QStringLiteral("a"), [&](const Event &) {
            for (int i = 0; i < 100 && added.size() < 100; ++i)
                added.push_back(note(bus, "a", "added", seen));
        });
        bus.publish(eventOf("a"));
        QCOMPARE(seen.size(), 0);
        bus.publish(eventOf("a"));
        QCOMPARE(seen.size(), 100);
    }

    void aSubscriptionMayOutliveTheBus()
    {
        Subscription subscription;
        {
            EventBus bus(m_clock);
            subscription = bus.subscribe(QStringLiteral("a"), [](const Event &) {});
        }
        subscription = Subscription();
    }

    void listenersAreCounted()
    {
        EventBus bus(m_clock);
        QStringList seen;
        QVERIFY(bus.listenerCounts().isEmpty());
        const auto a = note(bus, "a", "", seen);
        auto a2 = note(bus, "a", "", seen);
        auto b = note(bus, "b", "", seen);
        const auto every = note(bus, "", "", seen);
        const auto expected = [](int as, int bs) {
            QMap<QString, int> counts { { QStringLiteral("*"), 1 }, { QStringLiteral("a"), as } };
            if (bs > 0)
                counts.insert(QStringLiteral("b"), bs);
            return counts;
        };
        QCOMPARE(bus.listenerCounts(), expected(2, 1));
        a2 = Subscription();
        b = Subscription();
        QCOMPARE(bus.listenerCounts(), expected(1, 0));
        bus.publish(eventOf("b"));
        QCOMPARE(bus.listenerCounts(), expected(1, 0));
    }

    void whatIsMissingIsFilledIn()
    {
        EventBus bus(m_clock);
        QList<Event> seen;
        const auto every = bus.subscribe(QString(), [&](const Event &all) { seen << all; });
        bus.publish(eventOf("a"));
        const Context context = Context::make(QStringLiteral("anna"));
        const QDateTime time(QDate(2026, 1, 2), QTime(3, 4), Qt::UTC);
        bus.publish({ QStringLiteral("b"), {}, context, time });
        QCOMPARE(seen[0].timeFired, m_clock.now());
        QCOMPARE(seen[0].context.id.size(), 26);
        QCOMPARE(seen[1].timeFired, time);
        QVERIFY(seen[1].context == context);
    }

    void contextsRiseAndNeverRepeat()
    {
        QSet<QString> ids;
        QString last;
        for (int i = 0; i < 10'000; ++i) {
            const Context context = Context::make();
            QVERIFY(context.id.left(10) >= last);
            last = context.id.left(10);
            ids.insert(context.id);
        }
        QCOMPARE(ids.size(), 10'000);
        QVERIFY(QRegularExpression(QStringLiteral("^0[0-9A-HJKMNP-TV-Z]{25}$"))
                    .match(Context::make().id)
                    .hasMatch());
    }
};

QTEST_GUILESS_MAIN(TestEventBus)
#include "tst_eventbus.moc"
