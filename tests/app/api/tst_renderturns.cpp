// Whose templates are rendered when.

#include "app/api/renderturns.h"

#include <QRegularExpression>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::api;
using namespace std::chrono_literals;

namespace {

class StandingClock final : public Clock
{
public:
    QDateTime now() const override
    {
        return QDateTime::fromMSecsSinceEpoch(1'700'000'000'000 + time.count(), Qt::UTC);
    }
    std::chrono::milliseconds uptime() const override { return time; }
    std::chrono::milliseconds time { 1000 };
};

User userNamed(const char *name)
{
    User user;
    user.id = QLatin1String("id-") + QLatin1String(name);
    user.name = QString::fromLatin1(name);
    return user;
}

} // namespace

class TestRenderTurns : public QObject
{
    Q_OBJECT

private:
    using Seats = std::vector<std::unique_ptr<RenderTurns::Seat>>;

    // So many seats that have asked; each turn costs so much and writes down the user's letter.
    Seats asking(RenderTurns &turns, const char *name, int count, std::chrono::milliseconds cost)
    {
        Seats seats;
        for (int i = 0; i < count; ++i) {
            seats.push_back(turns.take(userNamed(name),
                { [this, name, cost] {
                     m_processor += cost;
                     m_seen += QLatin1Char(name[0]);
                 },
                    [this] { ++m_late; } }));
            seats.back()->ask();
        }
        return seats;
    }
    RenderTurns make(const RenderTurns::Limits &limits = {})
    {
        return RenderTurns(m_clock, limits, [this] { return m_processor; });
    }
    // Until all turns that can be taken now are.
    void settle()
    {
        for (int i = 0; i < 300; ++i)
            QCoreApplication::processEvents();
    }
    QString seen() { return std::exchange(m_seen, {}); }

    StandingClock m_clock;
    std::chrono::nanoseconds m_processor { 0 };
    QString m_seen;
    int m_late = 0;

private slots:
    void init() { m_late = 0; }

    void eachUserHasATurn()
    {
        RenderTurns turns = make();
        const Seats many = asking(turns, "anna", 4, 1ms);
        const Seats few = asking(turns, "ulf", 2, 1ms);
        QCOMPARE(m_seen, QString()); // never at once
        QTRY_COMPARE_WITH_TIMEOUT(m_seen.size(), 6, 30000);
        QCOMPARE(seen(), QStringLiteral("auauaa"));
        QCOMPARE(m_late, 0);
    }

    void oneTurnIsTakenAtATime()
    {
        RenderTurns turns = make();
        QString order;
        const auto write = [&order](QChar what) { return [&order, what] { order += what; }; };
        const auto first = turns.take(userNamed("anna"),
            { [&] {
                 order += u'1';
                 QMetaObject::invokeMethod(qApp, write(u'-'), Qt::QueuedConnection);
             },
                {} });
        const auto second = turns.take(userNamed("anna"), { write(u'2'), {} });
        first->ask();
        first->ask();
        second->ask();
        QTRY_COMPARE_WITH_TIMEOUT(order, QStringLiteral("1-2"), 30000);
    }

    void whoHasUsedTheTimeWaits()
    {
        RenderTurns turns = make(); // 300 ms saved, 200 ms a second
        QTest::ignoreMessage(QtWarningMsg,
            "The templates that anna follows take more than 200 ms of the processor's time a "
            "second; they are rendered later than they should be");
        const Seats heavy = asking(turns, "anna", 10, 150ms);
        settle();
        QCOMPARE(seen(), QStringLiteral("aa"));
        QCOMPARE(m_late, 8);
        const Seats light = asking(turns, "ulf", 3, 1ms);
        settle();
        QTRY_COMPARE_WITH_TIMEOUT(m_seen.size(), 3, 30000); // others do not
        QCOMPARE(seen(), QStringLiteral("uuu"));
        for (int second = 0; second < 6; ++second) {
            m_clock.time += 750ms; // what one costs
            QTRY_COMPARE_WITH_TIMEOUT(m_seen.size(), 1, 30000);
            settle();
            QCOMPARE(seen(), QStringLiteral("a"));
        }
        QCOMPARE(m_late, 8); // each is told once
    }

    void whatIsNotUsedIsNotSavedForEver()
    {
        RenderTurns turns = make();
        m_clock.time += 1h;
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("anna")));
        const Seats heavy = asking(turns, "anna", 10, 150ms);
        QTRY_COMPARE_WITH_TIMEOUT(m_late, 8, 30000);
        QCOMPARE(seen(), QStringLiteral("aa"));
    }

    void whoComesAgainHasNoMoreTimeThanBefore()
    {
        RenderTurns turns = make();
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("anna")));
        for (int i = 0; i < 5; ++i) {
            const Seats heavy = asking(turns, "anna", 1, 150ms);
            settle();
        }
        QCOMPARE(seen(), QStringLiteral("aa"));
    }

    void aUserHasSoManySeats()
    {
        RenderTurns turns = make({ .seats = 2 });
        auto one = turns.take(userNamed("anna"), {});
        const auto two = turns.take(userNamed("anna"), {});
        QVERIFY(one && two);
        QVERIFY(!turns.take(userNamed("anna"), {}));
        QVERIFY(turns.take(userNamed("ulf"), {}));
        one.reset();
        QVERIFY(turns.take(userNamed("anna"), {}));
    }

    void aSeatMayGoBeforeOrInItsTurn()
    {
        RenderTurns turns = make();
        std::unique_ptr<RenderTurns::Seat> own;
        own = turns.take(userNamed("anna"),
            { [&] {
                 own.reset();
                 m_seen += u'!';
             },
                {} });
        own->ask();
        Seats gone = asking(turns, "anna", 3, 1ms);
        gone.erase(gone.begin() + 1);
        QTRY_COMPARE_WITH_TIMEOUT(m_seen.size(), 3, 30000);
        settle();
        QCOMPARE(seen(), QStringLiteral("!aa"));
    }
};

QTEST_GUILESS_MAIN(TestRenderTurns)
#include "tst_renderturns.moc"
