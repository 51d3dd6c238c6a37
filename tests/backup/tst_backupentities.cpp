#include "integrations/backup/backupentities.h"

#include "tests/support/managerfixture.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

struct Fixture
{
    Fixture()
        : hub(manager.clock, {})
    {
        writeFile(manager.folder / "shop/a.txt", someText(3000));
        manager.sources = { { text("shop"), manager.folder / "shop" } };
        entities = std::make_unique<BackupEntities>(hub, *manager);
    }
    QString value(const char *entity) const
    {
        return hub.states().get(text(entity)).value_or(State {}).value;
    }
    QVariant attribute(const char *entity, const char *name) const
    {
        return hub.states().get(text(entity)).value_or(State {}).attributes.value(text(name));
    }

    ManagerFixture manager;
    mutable Hub hub;
    std::unique_ptr<BackupEntities> entities;
};

} // namespace

class TestBackupEntities : public QObject
{
    Q_OBJECT

private slots:
    void timesAreHomeAssistantsOrUnknown()
    {
        Fixture f;
        const QDateTime time(QDate(2026, 4, 13), QTime(4, 45), Qt::UTC);
        f.entities->showTimes({ time, {}, time.addDays(1) });
        QCOMPARE(f.value("sensor.backup_last_attempted_automatic_backup"),
            text("2026-04-13T04:45:00+00:00"));
        QCOMPARE(f.value("sensor.backup_last_successful_automatic_backup"), text("unknown"));
        QCOMPARE(f.value("sensor.backup_next_scheduled_automatic_backup"),
            text("2026-04-14T04:45:00+00:00"));
        f.entities->showTimes({});
        QCOMPARE(f.value("sensor.backup_last_attempted_automatic_backup"), text("unknown"));
    }

    void countsBackupsAndTheirSizes()
    {
        Fixture f;
        f.manager.addFake("fake.a");
        QCOMPARE(f.value("sensor.backup_count"), text("0"));
        QCOMPARE(f.value("sensor.backup_size"), text("unknown"));
        CreateRequest request;
        request.agents = { text("fake.a") };
        QVERIFY(f.manager.create(request));
        f.manager.clock.passDay();
        QVERIFY(f.manager.create(request));
        QTRY_COMPARE(f.value("sensor.backup_count"), text("2"));
        const QList<CatalogEntry> backups = f.manager->backups();
        QCOMPARE(f.value("sensor.backup_size"), QString::number(backups.first().backup.size));
        QCOMPARE(
            f.attribute("sensor.backup_size", "backup_id").toString(), backups.first().backup.id);
        QCOMPARE(f.attribute("sensor.backup_size", "total_size").toLongLong(),
            backups.first().backup.size + backups.last().backup.size);
    }

    void progressIsUnknownOnceNothingRuns()
    {
        Fixture f;
        f.manager.addFake("fake.a");
        f.manager.latch = std::make_shared<Latch>();
        CreateRequest request;
        request.agents = { text("fake.a") };
        const Result<StartedOperation> started = f.manager->create(request);
        QVERIFY(started);
        QTRY_VERIFY(f.value("sensor.backup_progress") != text("unknown"));
        bool isNumber = false;
        const int percent = f.value("sensor.backup_progress").toInt(&isNumber);
        QVERIFY(isNumber && percent >= 0 && percent <= 100);
        QCOMPARE(f.attribute("sensor.backup_progress", "operation").toString(), text("backup"));
        f.manager.latch->open();
        (void)f.manager.await(started->done);
        QTRY_COMPARE(f.value("sensor.backup_progress"), text("unknown"));
    }

    void everyAgentHasItsFreeSpaceAlsoWithNamesThatLookAlike()
    {
        Fixture f;
        f.entities->showAgents({ text("local.off-site"), text("rclone.off site") });
        QCOMPARE(f.attribute("sensor.backup_off_site_free_space", "friendly_name").toString(),
            text("Backup off-site free space"));
        QCOMPARE(f.attribute("sensor.backup_off_site_free_space_2", "friendly_name").toString(),
            text("Backup off site free space"));
        f.entities->showAgents({ text("rclone.off site") });
        QCOMPARE(f.value("sensor.backup_off_site_free_space"), text("unavailable"));
        QCOMPARE(f.value("sensor.backup_off_site_free_space_2"), text("unknown"));
    }

    void allAreUnavailableOnceTheyAreGone()
    {
        Fixture f;
        f.entities->showAgents({ text("local.nas") });
        f.entities.reset();
        const QList<State> states = f.hub.states().all();
        QCOMPARE(states.size(), 11);
        for (const State &state : states)
            QVERIFY2(state.value == text("unavailable"), qPrintable(state.entityId));
    }
};

QTEST_GUILESS_MAIN(TestBackupEntities)
#include "tst_backupentities.moc"
