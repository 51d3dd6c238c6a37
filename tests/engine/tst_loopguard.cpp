// Chains of runs that cause each other end; what takes its time, or has many causes, goes on.

#include "automation/engine/loopguard.h"

#include <QTest>

using namespace hubkeep;
using namespace hubkeep::automation;

namespace {

const QDateTime &noon()
{
    static const QDateTime time(QDate(2026, 11, 21), QTime(12, 0), Qt::UTC);
    return time;
}

// How many runs begin, each because of the one before.
int chain(LoopGuard &guard, std::chrono::milliseconds apart, int tries)
{
    Context cause = Context::make();
    QDateTime now = noon();
    for (int i = 0; i < tries; ++i) {
        const Context run = Context::make({}, cause.id);
        if (!guard.enter(cause, run, now))
            return i;
        cause = run;
        now = now.addMSecs(apart.count());
    }
    return tries;
}

} // namespace

class TestLoopGuard : public QObject
{
    Q_OBJECT

private slots:
    void aFastChainIsCut();
    void aSlowChainGoesOn();
    void manyRunsOfOneCauseAreNoChain();
    void aBranchingChainIsCutToo();
    void whatARunCausesThroughAnotherContextCounts();
};

void TestLoopGuard::aFastChainIsCut()
{
    LoopGuard guard;
    QCOMPARE(chain(guard, std::chrono::milliseconds(1), 1000), LoopGuard::deepest);
}

void TestLoopGuard::aSlowChainGoesOn()
{
    LoopGuard guard;
    QCOMPARE(chain(guard, std::chrono::seconds(2), 1000), 1000);
}

void TestLoopGuard::manyRunsOfOneCauseAreNoChain()
{
    LoopGuard guard;
    const Context cause = Context::make();
    for (int i = 0; i < 5000; ++i)
        QVERIFY(guard.enter(cause, Context::make({}, cause.id), noon()));
}

// Each run causes two more.
void TestLoopGuard::aBranchingChainIsCutToo()
{
    LoopGuard guard;
    QList<Context> causes { Context::make() };
    qint64 runs = 0;
    while (!causes.isEmpty() && runs < 10 * LoopGuard::most) {
        const Context cause = causes.takeFirst();
        for (int i = 0; i < 2; ++i) {
            const Context run = Context::make({}, cause.id);
            if (!guard.enter(cause, run, noon()))
                continue;
            ++runs;
            causes.append(run);
        }
    }
    // The first two have no run before them and are chains of their own.
    QCOMPARE(runs, 2 * LoopGuard::most);
}

void TestLoopGuard::whatARunCausesThroughAnotherContextCounts()
{
    LoopGuard guard;
    Context cause = Context::make();
    int begun = 0;
    for (; begun < 1000; ++begun) {
        const Context run = Context::make({}, cause.id);
        if (!guard.enter(cause, run, noon()))
            break;
        cause = Context::make({}, run.id); // an event of its own, caused by the run
    }
    QCOMPARE(begun, LoopGuard::deepest);
}

QTEST_GUILESS_MAIN(TestLoopGuard)
#include "tst_loopguard.moc"
