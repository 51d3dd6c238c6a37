#include "integrations/backup/backupintegration.h"
#include "integrations/local/localagent.h"
#include "integrations/sqlite/sqlitesource.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

Part part(const char *type, const char *name, const QByteArray &path)
{
    return { text(name), text(type),
        { { text("name"), text(name) }, { text("type"), text(type) },
            { text("path"), QString::fromUtf8(path) } } };
}

QByteArray pathOf(const Part &p)
{
    return p.options.value(text("path")).toString().toUtf8();
}

HookCommand shell(const QByteArray &script)
{
    return { { text("/bin/sh"), text("-c"), QString::fromUtf8(script) }, std::chrono::seconds(20) };
}

void writeDatabase(const QByteArray &path)
{
    QProcess sqlite;
    sqlite.start(text("sqlite3"), { QString::fromUtf8(path), text("CREATE TABLE t(a)") });
    if (!sqlite.waitForFinished() || sqlite.exitCode() != 0)
        qFatal("sqlite3 made no database");
}

struct Fixture
{
    Fixture()
    {
        writeFile(folder / "shop/a.txt", "content");
        config.sources = { part("files", "shop", folder / "shop") };
        config.agents = { part("local", "nas", folder / "hub/nas") };
        start();
    }
    ~Fixture() { stop(); }

    void start()
    {
        makeFolder(folder / "hub/data");
        auto opened = StateDatabase::open(QString::fromUtf8(folder / "hub/data/state.db"));
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        state = std::move(*opened);
        HubIdentity identity;
        identity.dataFolder = QString::fromUtf8(folder / "hub");
        hub = std::make_unique<Hub>(clock, identity);
        watching = hub->bus().subscribe(text("state_changed"), [this](const Event &event) {
            const std::optional<State> now = event.change ? event.change->newState : std::nullopt;
            if (now)
                changes[now->entityId].append(*now);
        });
        BackupIntegration::Parts parts { *state, {}, {}, config };
        parts.sourceTypes.insert(
            text("files"), [](const Part &p) -> Result<std::unique_ptr<BackupSource>> {
                return files(pathOf(p), {}, p.name);
            });
        parts.sourceTypes.insert(
            text("sqlite"), [](const Part &p) -> Result<std::unique_ptr<BackupSource>> {
                return std::unique_ptr<BackupSource>(
                    std::make_unique<sqlite::SqliteSource>(p.name, pathOf(p)));
            });
        parts.agentTypes.insert(
            text("local"), [](const Part &p) -> Result<std::shared_ptr<BackupAgent>> {
                return std::shared_ptr<BackupAgent>(std::make_shared<local::LocalAgent>(
                    local::LocalConfig { p.name, pathOf(p), {} }));
            });
        auto made = std::make_unique<BackupIntegration>(std::move(parts));
        integration = made.get();
        const Result<void> added = hub->add(std::move(made), {});
        if (!added)
            qFatal("%s", qPrintable(added.error().message));
        integration->manager().unblock();
    }
    void stop()
    {
        if (hub)
            hub->enter(HubState::Stopping);
        hub.reset();
        state.reset();
    }
    Result<QVariantMap> call(const char *action, const QVariantMap &arguments = {})
    {
        ActionResult done = hub->actions().call(text(action), { arguments, {} });
        if (!QTest::qWaitFor([&] { return done.isFinished(); }, 60'000))
            qFatal("The action did not end");
        return done.result();
    }
    State stateOf(const char *entity) const
    {
        return hub->states().get(text(entity)).value_or(State {});
    }
    QStringList valuesOf(const char *entity) const
    {
        QStringList values;
        for (const State &now : changes.value(text(entity)))
            values.append(now.value);
        return values;
    }

    Folder folder;
    SetClock clock;
    IntegrationConfig config;
    std::unique_ptr<StateDatabase> state;
    std::unique_ptr<Hub> hub;
    BackupIntegration *integration = nullptr;
    Subscription watching;
    QMap<QString, QList<State>> changes;
};

} // namespace

class TestBackupIntegration : public QObject
{
    Q_OBJECT

private slots:
    void itsEntitiesAreHomeAssistants()
    {
        const Fixture f;
        const State manager = f.stateOf("sensor.backup_backup_manager_state");
        QCOMPARE(manager.value, text("idle"));
        QCOMPARE(manager.attributes.value(text("friendly_name")).toString(),
            text("Backup Backup Manager state"));
        QCOMPARE(manager.attributes.value(text("options")).toStringList(),
            (QStringList { text("idle"), text("create_backup"), text("blocked"),
                text("receive_backup"), text("restore_backup") }));
        for (const char *sensor : { "sensor.backup_next_scheduled_automatic_backup",
                 "sensor.backup_last_attempted_automatic_backup",
                 "sensor.backup_last_successful_automatic_backup" }) {
            QCOMPARE(f.stateOf(sensor).value, text("unknown"));
            QCOMPARE(f.stateOf(sensor).attributes.value(text("device_class")).toString(),
                text("timestamp"));
        }
        const State event = f.stateOf("event.backup_automatic_backup");
        QCOMPARE(event.value, text("unknown"));
        QCOMPARE(event.attributes.value(text("event_types")).toStringList(),
            (QStringList { text("completed"), text("failed"), text("in_progress") }));
        QVERIFY(event.attributes.contains(text("event_type")));
        QVERIFY(event.attributes.value(text("event_type")).isNull());
        QCOMPARE(f.stateOf("binary_sensor.backup_overdue").value, text("off"));
    }

    void aManualBackupMovesTheSensorsAndNotTheEventEntity()
    {
        Fixture f;
        f.changes.clear();
        const Result<QVariantMap> done = f.call("backup.create");
        QVERIFY2(done, qPrintable(sentence(done)));
        QCOMPARE(f.valuesOf("sensor.backup_backup_manager_state"),
            (QStringList { text("create_backup"), text("idle") }));
        QVERIFY(f.valuesOf("event.backup_automatic_backup").isEmpty());
        QCOMPARE(f.stateOf("sensor.backup_count").value, text("1"));
        QVERIFY(f.stateOf("sensor.backup_size").value.toLongLong() > 0);
        QTRY_VERIFY(f.stateOf("sensor.backup_nas_free_space").value.toLongLong() > 0);
        QCOMPARE(f.stateOf("sensor.backup_last_attempted_automatic_backup").value, text("unknown"));
    }

    void anAutomaticBackupFiresTheEventEntityStageByStage()
    {
        Fixture f;
        f.changes.clear();
        QVERIFY(f.call("backup.create_automatic"));
        QStringList told;
        for (const State &now : f.changes.value(text("event.backup_automatic_backup")))
            told.append(now.attributes.value(text("event_type")).toString() + u' '
                + now.attributes.value(text("backup_stage")).toString());
        QCOMPARE(told,
            (QStringList { text("in_progress "), text("in_progress home_assistant"),
                text("in_progress upload_to_agents"), text("in_progress cleaning_up"),
                text("completed ") }));
        const QString expected = f.clock.now().toString(text("yyyy-MM-ddTHH:mm:ss+00:00"));
        QCOMPARE(f.stateOf("sensor.backup_last_attempted_automatic_backup").value, expected);
        QCOMPARE(f.stateOf("sensor.backup_last_successful_automatic_backup").value, expected);
        f.stop();
        f.start();
        QCOMPARE(f.stateOf("sensor.backup_last_successful_automatic_backup").value, expected);
        QCOMPARE(f.stateOf("sensor.backup_count").value, text("1"));
    }

    void anAutomaticBackupThatFailsIsAttemptedAndNotSuccessful()
    {
        Fixture f;
        removeTree(f.folder / "shop");
        QVERIFY(!f.call("backup.create_automatic"));
        QVERIFY(f.integration->lastAttempted().isValid());
        QVERIFY(!f.integration->lastCompleted().isValid());
        const State event = f.stateOf("event.backup_automatic_backup");
        QCOMPARE(event.attributes.value(text("event_type")).toString(), text("failed"));
        QCOMPARE(event.attributes.value(text("failed_reason")).toString(), text("upload_failed"));
    }

    void actionsWaitAndFailWithTheReason()
    {
        Fixture f;
        const QString id = f.call("backup.create")->value(text("backup_id")).toString();
        QVERIFY(f.call("backup.verify", { { text("backup_id"), id } }));
        QCOMPARE(f.call("backup.verify", { { text("backup_id"), text("x") } }).error().code,
            ErrorCode::NotFound);
        QVERIFY(f.call("backup.delete", { { text("backup_id"), id } }));
        QCOMPARE(f.integration->manager().backups().size(), 0);
        QVERIFY(f.call("backup.cancel"));
        QVERIFY(f.hub->actions().find(text("backup.create"))->admin);
    }

    void hooksOfTheConfigurationRunAroundABackup()
    {
        Fixture f;
        f.config.before = { shell("echo before >> " + f.folder / "log") };
        f.config.after = { shell("echo after >> " + f.folder / "log") };
        f.integration->reconfigure(f.config);
        QVERIFY(f.call("backup.create"));
        QCOMPARE(readFile(f.folder / "log"), QByteArray("before\nafter\n"));
        f.config.before = { shell("echo no; exit 1") };
        f.integration->reconfigure(f.config);
        const Result<QVariantMap> failed = f.call("backup.create");
        QVERIFY(sentence(failed).startsWith(text("Error during pre-backup: ")));
        QCOMPARE(readFile(f.folder / "log"), QByteArray("before\nafter\nafter\n"));
    }

    // What was stopped is started again, whatever went wrong before.
    void allAfterHooksRunAndTheirErrorsAreTold()
    {
        Fixture f;
        f.config.after = { shell("echo one; exit 1"), shell("echo two >> " + f.folder / "log") };
        f.integration->reconfigure(f.config);
        const Result<QVariantMap> after = f.call("backup.create");
        QVERIFY2(sentence(after).startsWith(text("Error during post-backup: ")),
            qPrintable(sentence(after)));
        QVERIFY(sentence(after).contains(text("exit status 1")));
        QCOMPARE(readFile(f.folder / "log"), QByteArray("two\n"));
        QCOMPARE(f.integration->manager().backups().size(), 1); // it is good and stays

        f.config.before = { shell("exit 2"), shell("echo never >> " + f.folder / "log") };
        f.integration->reconfigure(f.config);
        const Result<QVariantMap> both = f.call("backup.create");
        QVERIFY2(sentence(both).startsWith(
                     text("Multiple errors when creating backup: Error during pre-backup: ")),
            qPrintable(sentence(both)));
        QVERIFY(sentence(both).contains(text(", Error during post-backup: ")));
        QCOMPARE(readFile(f.folder / "log"), QByteArray("two\ntwo\n"));
        QCOMPARE(f.integration->manager().backups().size(), 1);
    }

    void integrationsHoldStillAroundABackup()
    {
        struct Still final : Integration
        {
            explicit Still(QStringList &said)
                : log(said)
            {
            }
            QString name() const override { return text("still"); }
            Result<void> setUp(Hub &, const QVariantMap &) override { return {}; }
            Result<void> prepareBackup(JobControl &) override
            {
                log.append(text("prepare"));
                return log.size() > 2 ? Result<void>(Error { ErrorCode::Io, text("It moves") })
                                      : Result<void>();
            }
            Result<void> afterBackup(JobControl &) override
            {
                log.append(text("after"));
                return {};
            }
            QStringList &log; // of the backup thread, read while it rests
        };
        QStringList log;
        Fixture f;
        QVERIFY(f.hub->add(std::make_unique<Still>(log), {}));
        QVERIFY(f.call("backup.create"));
        QCOMPARE(log, (QStringList { text("prepare"), text("after") }));
        const Result<QVariantMap> failed = f.call("backup.create");
        QCOMPARE(sentence(failed), text("Error during pre-backup: Preparing still: It moves"));
        QCOMPARE(log.size(), 4);
        QCOMPARE(log.last(), text("after"));
    }

    void theAfterHooksAreThoseOfTheSameConfigurationAsTheBeforeHooks()
    {
        Fixture f;
        f.config.before = { shell("echo before >> " + f.folder / "log; while [ ! -e "
            + f.folder / "go ]; do sleep 0.02; done") };
        f.config.after = { shell("echo after >> " + f.folder / "log") };
        f.integration->reconfigure(f.config);
        ActionResult running = f.hub->actions().call(text("backup.create"), {});
        QTRY_COMPARE(readFile(f.folder / "log"), QByteArray("before\n"));
        f.config.before = {};
        f.config.after = { shell("echo other >> " + f.folder / "log") };
        f.integration->reconfigure(f.config);
        writeFile(f.folder / "go", {});
        QTRY_VERIFY(running.isFinished());
        QVERIFY(running.result());
        QCOMPARE(readFile(f.folder / "log"), QByteArray("before\nafter\n"));
    }

    void afterHooksThatAKilledHubOwesRunAtTheNextStart()
    {
        Fixture f;
        const QByteArray pending = f.folder / "hub/data/hooks.pending";
        // What the hub would leave if it were killed while it works.
        f.config.before = { shell("cp " + pending + " " + f.folder / "killed") };
        f.config.after = { shell("echo after >> " + f.folder / "log") };
        f.integration->reconfigure(f.config);
        QVERIFY(f.call("backup.create"));
        QCOMPARE(readFile(f.folder / "log"), QByteArray("after\n"));
        QVERIFY(!exists(pending));
        QCOMPARE(statusOf(f.folder / "killed").st_mode & 077, 0U);
        f.stop();
        writeFile(pending, readFile(f.folder / "killed"));
        f.config.before = {};
        f.config.after = {};
        f.start();
        QTRY_VERIFY(!exists(pending));
        QCOMPARE(readFile(f.folder / "log"), QByteArray("after\nafter\n"));
    }

    void aBackupWaitsForHooksThatAreStillOwed()
    {
        Fixture f;
        const QByteArray pending = f.folder / "hub/data/hooks.pending";
        f.config.before = { shell(
            "echo before >> " + f.folder / "log; cp " + pending + " " + f.folder / "killed") };
        f.config.after = { shell("sleep 0.3; echo after >> " + f.folder / "log") };
        f.integration->reconfigure(f.config);
        QVERIFY(f.call("backup.create"));
        f.stop();
        writeFile(pending, readFile(f.folder / "killed"));
        f.start();
        QVERIFY(f.call("backup.create"));
        QCOMPARE(readFile(f.folder / "log"), QByteArray("before\nafter\nafter\nbefore\nafter\n"));
    }

    void switchedOffItMakesNoBackupsAndStillFindsDatabases()
    {
        Fixture f;
        const QByteArray path = f.folder / "shop.db";
        writeDatabase(path);
        f.config.sources.append(part("sqlite", "books", path));
        f.config.enabled = false;
        f.integration->reconfigure(f.config);
        const Result<QVariantMap> refused = f.call("backup.create");
        QVERIFY(!refused && refused.error().code == ErrorCode::Unavailable);
        QVERIFY(sentence(refused).contains(text("backup.enabled")));
        auto saved = f.integration->manager().createDatabase(text("books"));
        QTRY_VERIFY(saved.isFinished());
        QVERIFY2(saved.result(), qPrintable(sentence(saved.result())));
        auto restored = f.integration->manager().restoreDatabase(saved.result()->id);
        QTRY_VERIFY(restored.isFinished());
        QVERIFY2(restored.result(), qPrintable(sentence(restored.result())));
    }

    void partsOfTheFileAreReadOnlyAndThoseOfTheApiSurvive()
    {
        Fixture f;
        Part usb = part("local", "usb", f.folder / "hub/usb");
        usb.fromFile = false;
        QVERIFY(f.integration->addPart(PartKind::Agent, usb));
        QCOMPARE(f.integration->addPart(PartKind::Agent, usb).error().code, ErrorCode::Busy);
        QCOMPARE(
            f.integration->removePart(PartKind::Agent, text("nas")).error().code, ErrorCode::Busy);
        f.stop();
        f.start();
        QCOMPARE(f.integration->manager().agentIds(),
            (QStringList { text("local.nas"), text("local.usb") }));
        QVERIFY(f.hub->states().get(text("sensor.backup_usb_free_space")));
        QVERIFY(f.integration->removePart(PartKind::Agent, text("usb")));
        QCOMPARE(f.integration->manager().agentIds(), QStringList { text("local.nas") });
    }

    void stoppingTheHubEndsWhatRuns()
    {
        Fixture f;
        f.config.before = { { { text("sleep"), text("1000") }, std::chrono::hours(1) } };
        f.integration->reconfigure(f.config);
        ActionResult running = f.hub->actions().call(text("backup.create"), {});
        QCOMPARE(f.stateOf("sensor.backup_backup_manager_state").value, text("create_backup"));
        f.hub->enter(HubState::Stopping);
        QTRY_VERIFY(running.isFinished());
        QVERIFY(!running.result());
        QVERIFY(!f.call("backup.create"));
    }
};

QTEST_GUILESS_MAIN(TestBackupIntegration)
#include "tst_backupintegration.moc"
