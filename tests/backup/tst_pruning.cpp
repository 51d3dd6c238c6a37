// What is really deleted: after backups and by the day, on agents that may fail or lie.

#include "integrations/backup/pruning.h"
#include "tests/support/automatichub.h"

#include <QtTest>

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

QStringList two()
{
    return { text("fake.a"), text("fake.b") };
}

} // namespace

class TestPruning : public QObject
{
    Q_OBJECT

private slots:
    void eachBackupIsFollowedByItsCleaning()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", two());
        f.set(R"({"retention":{"copies":3}})");
        f.daily();
        QStringList stages;
        QObject::connect(
            &f.manager(), &BackupManager::eventFired, &f.manager(), [&](const ManagerEvent &event) {
                if (event.stage == u"cleaning_up" || event.outcome == u"completed")
                    stages.append(event.stage + event.outcome
                        + QString::number(f.agent("fake.a").ids().size()));
            });
        f.pass(6 * 24h);
        QCOMPARE(f.agent("fake.a").ids().size(), 3);
        QCOMPARE(f.agent("fake.b").ids(), f.agent("fake.a").ids());
        QCOMPARE(f.manager().backups().size(), 3);
        QCOMPARE(f.agent("fake.a").ids().first().left(15), text("backup-20260417"));
        // The fourth is there before the first goes, and gone before it is said to be done.
        QVERIFY(stages.contains(text("cleaning_upin_progress4")));
        QVERIFY(stages.contains(text("completed3")));
        QVERIFY(!stages.contains(text("completed4")));
    }

    void manualBackupsStayAndLetOldOnesGo()
    {
        AutomaticHub f;
        f.daily();
        f.pass(4 * 24h);
        f.set(R"({"retention":{"copies":2}})");
        QCOMPARE(f.agent().ids().size(), 4); // not by changing it
        QVERIFY(f.manager().create({}));
        f.settle();
        QCOMPARE(f.agent().ids().size(), 3);
        f.pass(10 * 24h);
        QCOMPARE(f.agent().ids().size(), 3);
        QCOMPARE(f.agent().ids().first().left(15), text("backup-20260417")); // the manual one
    }

    void anAgentThatMissedTheNewOneLosesNothing()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", two());
        f.daily();
        f.pass(3 * 24h);
        f.set(R"({"retention":{"copies":1}})");
        f.agent("fake.b").failures = std::deque<Error>(5000, gone);
        f.pass(24h);
        QCOMPARE(f.agent("fake.a").ids().size(), 1);
        QCOMPARE(f.agent("fake.b").ids().size(), 3);
        f.agent("fake.b").failures.clear();
        f.pass(24h);
        QCOMPARE(f.agent("fake.b").ids(), f.agent("fake.a").ids());
        QCOMPARE(f.agent("fake.b").ids().size(), 1);
    }

    void whileNewOnesFailTheOldOnesStay()
    {
        AutomaticHub f;
        f.set(R"({"retention":{"days":3}})");
        f.daily();
        f.pass(5 * 24h);
        f.agent().failures = std::deque<Error>(1000, gone);
        f.pass(30 * 24h);
        QCOMPARE(f.agent().ids().size(), 3);
        f.restart();
        f.pass(24h);
        QCOMPARE(f.agent().ids().size(), 3);
        f.agent().failures.clear();
        f.pass(48h);
        QVERIFY(f.agent().ids().size() <= 3);
        QVERIFY(f.agent().ids().first() > text("backup-202605"));
    }

    void theDaysRuleHoldsWithoutNewBackupsAndAfterRestarts()
    {
        AutomaticHub f;
        f.daily();
        f.pass(6 * 24h);
        f.set(R"({"retention":{"days":2},"schedule":{"recurrence":"never"}})");
        QCOMPARE(f.agent().ids().size(), 6);
        // Restarted twice a day: what waits for a whole day never comes.
        for (int i = 0; i < 4; ++i) {
            f.restart();
            f.pass(12h);
        }
        QCOMPARE(f.agent().ids().size(), 1);
        QCOMPARE(f.manager().backups().size(), 1);
    }

    void whatCannotBeDeletedStaysListedAndFailsNothing()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", two());
        f.set(R"({"retention":{"copies":1}})");
        f.agent("fake.b").removeFails = gone;
        f.daily();
        f.pass(3 * 24h);
        QCOMPARE(f.agent("fake.a").ids().size(), 1);
        QCOMPARE(f.agent("fake.b").ids().size(), 3);
        QCOMPARE(f.manager().backups().size(), 3);
        QCOMPARE(f.value("sensor.backup_last_successful_automatic_backup"),
            text("2026-04-16T02:45:00+00:00"));
        f.agent("fake.b").removeFails.reset();
        f.pass(24h);
        QCOMPARE(f.agent("fake.b").ids().size(), 1);
    }

    void eachAgentHasItsOwnRules()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", two());
        f.set(R"({"retention":{"copies":2},"agents":{"fake.b":{"retention":{}}}})");
        f.daily();
        f.pass(5 * 24h);
        QCOMPARE(f.agent("fake.a").ids().size(), 2);
        QCOMPARE(f.agent("fake.b").ids().size(), 5);
    }

    void theLastThatHasAllSourcesStays()
    {
        AutomaticHub f;
        f.set(R"({"retention":{"copies":2}})");
        f.daily();
        f.pass(3 * 24h);
        const BackupId whole = f.agent().ids().last();
        f.sourceFails = true;
        f.pass(5 * 24h);
        QVERIFY(f.agent().ids().contains(whole));
        QCOMPARE(f.agent().ids().size(), 3);
    }

    void othersBackupsAndUnsoundOnesAreHeldBack()
    {
        const auto entry = [](const char *id, const char *date) {
            CatalogEntry made;
            made.backup.id = text(id);
            made.backup.created = utc(date);
            made.backup.automatic = true;
            made.backup.instanceId = text("us");
            made.backup.verified = made.backup.created;
            made.agents.insert(text("local.a"), {});
            return made;
        };
        PruningQuestion question { { entry("x1", "2026-04-01T00:00:00Z"),
                                       entry("x2", "2026-04-02T00:00:00Z"),
                                       entry("x3", "2026-04-03T00:00:00Z") },
            text("us"), { { 1 }, {} }, {}, utc("2026-04-13T12:00:00Z"), QTimeZone::utc() };
        using Surplus = QMap<QString, QList<BackupId>>;
        const Surplus all { { text("local.a"), { text("x1"), text("x2") } } };
        QCOMPARE(surplusOf(question), all);

        PruningQuestion other = question;
        other.instanceId = text("somebody else");
        QCOMPARE(surplusOf(other), Surplus());
        other = question;
        other.backups[0].backup.instanceId = text("somebody else");
        other.backups[1].backup.automatic = false;
        QCOMPARE(surplusOf(other), Surplus());
        other = question;
        other.backups[0].backup.kind = BackupKind::Database;
        QCOMPARE(surplusOf(other).value(text("local.a")), QList<BackupId> { text("x2") });
        other = question;
        other.agentErrors.insert(text("local.a"), text("It cannot be listed"));
        QCOMPARE(surplusOf(other), Surplus());
        other = question;
        other.backups[2].damagedAgents = { text("local.a") };
        QCOMPARE(surplusOf(other), Surplus());
        other = question;
        other.backups[2].backup.verified = {};
        QCOMPARE(surplusOf(other), Surplus());
        other = question;
        other.backups[2].agents = { { text("local.b"), {} } };
        QCOMPARE(surplusOf(other), Surplus());
        other = question;
        other.rules = {};
        QCOMPARE(surplusOf(other), Surplus());
        other.backups.clear();
        QCOMPARE(surplusOf(other), Surplus());
    }
};

QTEST_GUILESS_MAIN(TestPruning)
#include "tst_pruning.moc"
