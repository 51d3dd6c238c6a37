#include "integrations/backup/drillplan.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace std::chrono_literals;

namespace {

const QDateTime now(QDate(2026, 3, 1), QTime(12, 0), Qt::UTC);

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

CatalogEntry entry(const char *id, const QStringList &agents, qint64 size = 100)
{
    CatalogEntry made;
    made.backup.id = text(id);
    for (const QString &agent : agents)
        made.agents.insert(agent, { text(id) + text(".zip"), size, {}, false });
    return made;
}

DrillRecord record(const char *id, const char *agent, std::chrono::hours ago, bool ok = true)
{
    DrillRecord made;
    made.backupId = text(id);
    made.agentId = text(agent);
    made.ended = now.addSecs(-std::chrono::seconds(ago).count());
    made.isHeld = true;
    made.ok = ok;
    return made;
}

DrillRecord notHeld(const char *id, const char *agent, std::chrono::hours ago)
{
    DrillRecord made = record(id, agent, ago, false);
    made.isHeld = false;
    return made;
}

const QString disk = text("local.disk");
const QString far = text("rclone.far");

DrillPlan planOf(const DrillPolicy &policy, const QList<DrillAgent> &agents,
    const QList<CatalogEntry> &backups, const QList<DrillRecord> &records,
    bool opensEncrypted = true)
{
    return planDrill({ now, policy, {}, agents, backups, records, opensEncrypted });
}

QString planned(const QList<CatalogEntry> &backups, const QList<DrillRecord> &records,
    const DrillPolicy &policy = {})
{
    const DrillPlan plan = planOf(policy, { { far, false }, { disk, true } }, backups, records);
    return plan.now ? plan.now->agentId + u' ' + plan.now->backupId : text("nothing");
}

} // namespace

class TestDrillPlan : public QObject
{
    Q_OBJECT

private slots:
    void withoutBackupsThereIsNothingToDrill() { QCOMPARE(planned({}, {}), text("nothing")); }

    void theNewestOfEachAgentIsDrilledOnceAWeekLocalOnesFirst()
    {
        const QList<CatalogEntry> backups { entry("b2", { disk, far }),
            entry("b1", { disk, far }) };
        QCOMPARE(planned(backups, {}), text("local.disk b2"));
        QCOMPARE(planned(backups, { record("b2", "local.disk", 1h) }), text("rclone.far b2"));
        QCOMPARE(
            planned(backups, { record("b2", "rclone.far", 1h), record("b2", "local.disk", 1h) }),
            text("nothing"));
        QCOMPARE(planned(backups,
                     { record("b1", "rclone.far", 167h), record("b1", "local.disk", 168h) }),
            text("local.disk b2"));
    }

    void whatFailedIsDrilledAgainOnceThereIsANewerBackup()
    {
        const QList<DrillRecord> failed { record("b1", "local.disk", 2h, false) };
        QCOMPARE(planned({ entry("b1", { disk }) }, failed), text("nothing"));
        QCOMPARE(planned({ entry("b2", { disk }), entry("b1", { disk }) }, failed),
            text("local.disk b2"));
    }

    void whatCouldNotBeHeldIsTriedAgainMoreAndMoreSeldom()
    {
        const QList<CatalogEntry> backups { entry("b1", { far }) };
        QCOMPARE(planned(backups, { notHeld("b1", "rclone.far", 0h) }), text("nothing"));
        QCOMPARE(planned(backups, { notHeld("b1", "rclone.far", 1h) }), text("rclone.far b1"));
        QList<DrillRecord> many(9, notHeld("b1", "rclone.far", 23h));
        QCOMPARE(planned(backups, many), text("nothing"));
        many.first() = notHeld("b1", "rclone.far", 24h);
        QCOMPARE(planned(backups, many), text("rclone.far b1"));
    }

    void remoteAgentsShareABudget()
    {
        DrillPolicy policy;
        policy.remoteBytes = 250;
        const QList<CatalogEntry> backups { entry("b1", { far }, 100) };
        DrillRecord other = record("b0", "rclone.other", 5h);
        other.downloaded = 150;
        QCOMPARE(planned(backups, { other }, policy), text("rclone.far b1"));
        other.downloaded = 151;
        const DrillPlan plan = planOf(policy, { { far, false } }, backups, { other });
        QVERIFY(!plan.now);
        QVERIFY2(plan.skipped.value(far).contains(text("100 bytes")),
            qPrintable(plan.skipped.value(far)));
        other.ended = now.addDays(-8); // of another week
        QCOMPARE(planned(backups, { other }, policy), text("rclone.far b1"));
    }

    void whatNobodyHereOpensIsNotFetched()
    {
        CatalogEntry locked = entry("b1", { far });
        locked.agents[far].isProtected = true;
        QVERIFY(planOf({}, { { far, false } }, { locked }, {}, true).now);
        const DrillPlan plan = planOf({}, { { far, false } }, { locked }, {}, false);
        QVERIFY(!plan.now);
        QVERIFY(plan.skipped.value(far).contains(text("no key")));
        QCOMPARE(plan.locked.value(far), text("b1"));
    }

    void anotherHubsBackupsAreLeftToIt()
    {
        CatalogEntry foreign = entry("b3", { disk });
        foreign.backup.instanceId = QString(32, u'2');
        CatalogEntry own = entry("b1", { disk });
        own.backup.instanceId = QString(32, u'1');
        DrillQuestion question { now, {}, own.backup.instanceId, { { disk, true } },
            { foreign, own }, {} };
        QCOMPARE(planDrill(question).now->backupId, text("b1"));
        question.backups = { foreign };
        QVERIFY(!planDrill(question).now);
    }

    void whatIsNotMeantToBeOpenedHereIsNotFetchedForEveryBackup()
    {
        DrillRecord locked = notHeld("b1", "rclone.far", 2h);
        locked.lock = DrillLock::Meant;
        const QList<CatalogEntry> newer { entry("b2", { far }), entry("b1", { far }) };
        QCOMPARE(planned(newer, { locked }), text("nothing"));
        locked.lock = DrillLock::Lost; // perhaps the key is there again
        QCOMPARE(planned(newer, { locked }), text("rclone.far b2"));
        QCOMPARE(planned({ entry("b1", { far }) }, { locked }), text("nothing"));
    }

    void singleDatabasesAreNotDrilled()
    {
        CatalogEntry database = entry("b3", { disk });
        database.backup.kind = BackupKind::Database;
        QCOMPARE(planned({ database, entry("b1", { disk }) }, {}), text("local.disk b1"));
    }

    void aClockThatWasSetBackPutsNothingOff()
    {
        QCOMPARE(planned({ entry("b1", { disk }) }, { record("b1", "local.disk", -1000h) }),
            text("local.disk b1"));
    }

    void switchedOffNothingIsDue()
    {
        DrillPolicy never;
        never.every = 0h;
        QCOMPARE(planned({ entry("b1", { disk }) }, {}, never), text("nothing"));
    }
};

QTEST_APPLESS_MAIN(TestDrillPlan)
#include "tst_drillplan.moc"
