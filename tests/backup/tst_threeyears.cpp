// ctest: slow
// Three years of a hub: outages, sleeps, restarts, summer and winter time, clocks that are set,
// agents and sources that fail and come back. At each step either every agent has a fresh,
// verified copy, or somebody is told; and whatever happens, no agent loses its last good one.

#include "tests/support/automatichub.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QRandomGenerator>
#include <QtTest>

#include <algorithm>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

const Error gone { ErrorCode::InvalidArgument, QStringLiteral("It is gone") };

// A day of 25 hours, the chance of the slot, and a night's missed run.
constexpr auto fresh = 28h;

struct Years
{
    Years()
        : f("2026-01-01T12:00:00Z", { text("fake.a"), text("fake.b") })
    {
        f.config.health.pingUrl = text("https://hc.example/uuid");
        f.integration().reconfigure(f.config);
        f.set(R"({"retention":{"copies":3,"daily":5,"weekly":4,"monthly":6},
                  "agents":{"fake.b":{"retention":{"days":20}}},
                  "schedule":{"recurrence":"daily"}})");
        begun = f.clock.now();
    }

    bool isToldOf() const
    {
        return f.value("binary_sensor.backup_overdue") == u"on"
            || f.value("binary_sensor.backup_problem") == u"on";
    }

    // What the hub itself has, never asking the hub.
    bool isFreshEverywhere() const
    {
        for (const auto &agent : f.agents) {
            if (!hasFresh(*agent))
                return false;
        }
        return true;
    }
    bool hasFresh(FakeAgent &agent) const
    {
        const QString from = f.clock.now()
                                 .addMSecs(-std::chrono::milliseconds(fresh).count())
                                 .toString(text("'backup-'yyyyMMdd-HHmmss"));
        const QStringList ids = agent.ids();
        return !ids.isEmpty() && ids.last() >= from;
    }

    void check()
    {
        if (f.clock.now() < begun.addMSecs(std::chrono::milliseconds(fresh).count()))
            return;
        const bool isGood = isFreshEverywhere();
        good += isGood;
        told += !isGood;
        QVERIFY2(isGood || isToldOf(),
            qPrintable(f.clock.now().toString(Qt::ISODate) + text(": nobody was told")));
        // Told also means notices, and their end.
        QCOMPARE(f.notices().isEmpty(), !isToldOf());
        for (auto agent = f.agents.begin(); agent != f.agents.end(); ++agent) {
            const QStringList ids = (*agent)->ids();
            if (had.value(agent.key()))
                QVERIFY2(!ids.isEmpty(), qPrintable(agent.key() + text(" lost its last copy")));
            had[agent.key()] = had.value(agent.key()) || !ids.isEmpty();
            QVERIFY(ids.size() < 60);
        }
    }

    AutomaticHub f;
    QDateTime begun;
    QMap<QString, bool> had;
    int good = 0;
    int told = 0;
};

} // namespace

class TestThreeYears : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        // A thousand backups are flushed to the disk; here nobody asks whether it keeps them.
        if (QFileInfo(text("/dev/shm")).isWritable())
            qputenv("TMPDIR", "/dev/shm");
        QLoggingCategory::setFilterRules(text("hubkeep.*=false"));
    }

    void eitherItIsFreshEverywhereOrSomebodyIsTold()
    {
        QElapsedTimer timer;
        timer.start();
        QRandomGenerator random(20260101);
        Years years;
        AutomaticHub &f = years.f;
        const QDateTime end = years.begun.addYears(3);
        int restarts = 0;
        int outages = 0;
        BackupId byHand;
        while (f.clock.now() < end) {
            const std::chrono::hours time(3 + random.bounded(20));
            switch (random.bounded(24)) {
            case 0: // off for hours or for days
                f.stop();
                f.clock.pass(time * (random.bounded(4) ? 1 : 8));
                f.start();
                ++outages;
                break;
            case 1:
                f.restart();
                ++restarts;
                break;
            case 2:
                f.sleep(time);
                break;
            case 3:
                f.clock.jump(std::chrono::minutes(random.bounded(240)) - 2h);
                f.timers->wake();
                f.settle();
                break;
            case 4:
                f.agent("fake.a").failAlways(
                    random.bounded(2) ? std::optional(gone) : std::nullopt);
                break;
            case 5:
                f.agent("fake.b").failAlways(
                    random.bounded(2) ? std::optional(gone) : std::nullopt);
                break;
            case 6:
                f.sourceFails = random.bounded(3) == 0;
                break;
            case 7: { // by hand, in the place of the one before
                if (!byHand.isEmpty())
                    (void)f.manager().remove(byHand);
                const Result<StartedOperation> started = f.manager().create({});
                QVERIFY(started);
                byHand = started->id;
                f.settle();
                break;
            }
            default:
                if (random.bounded(3) == 0) { // what is broken is mended some day
                    f.agent("fake.a").failAlways({});
                    f.agent("fake.b").failAlways({});
                    f.sourceFails = false;
                }
            }
            years.check();
            if (QTest::currentTestFailed())
                return;
            f.pass(time);
            years.check();
            if (QTest::currentTestFailed())
                return;
        }
        qInfo("%d good steps and %d that somebody was told of, %lld backups, %d restarts, "
              "%d outages, in %lld s",
            years.good, years.told, qlonglong(f.takeRuns().size()), restarts, outages,
            timer.elapsed() / 1000);
        QVERIFY(years.good > 500);
        QVERIFY(years.told > 50);
        // Each slot has at most its run, its tries, and what was made up.
        QVERIFY(!f.pings.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestThreeYears)
#include "tst_threeyears.moc"
