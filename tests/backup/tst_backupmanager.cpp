// ctest: threaded
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

// The events of a backup that goes well, upload progress aside.
QStringList goodEvents()
{
    return { text("create_backup in_progress"), text("create_backup in_progress home_assistant"),
        text("create_backup in_progress upload_to_agents"),
        text("create_backup in_progress cleaning_up"), text("create_backup completed"),
        text("idle") };
}

QStringList withoutUploads(QStringList events)
{
    events.removeIf([](const QString &event) { return event.startsWith(text("upload ")); });
    return events;
}

} // namespace

class TestBackupManager : public QObject
{
    Q_OBJECT

private slots:
    void itIsBlockedUntilTheHubCameUp()
    {
        ManagerFixture f;
        BackupManager fresh({ QString::fromUtf8(f.folder / "other"), {}, f.clock, *f.catalog,
            [] { return QStringList(); }, {}, {}, {} });
        QVERIFY(fresh.state() == ManagerState::Blocked);
        QVERIFY(!fresh.lastActionEvent());
        QCOMPARE(sentence(fresh.create({})), text("Backup manager busy: blocked"));
        QCOMPARE(fresh.status().status, text("idle"));
        fresh.unblock();
        QVERIFY(fresh.state() == ManagerState::Idle);
        QVERIFY(!fresh.lastActionEvent());
    }

    void aBackupGoesThroughHomeAssistantsStages()
    {
        ManagerFixture f;
        f.addLocal();
        const Result<OperationOutcome> outcome = f.create();
        QVERIFY2(outcome, qPrintable(sentence(outcome)));
        const QString size = QString::number(f->backup(outcome->id)->backup.size);
        QStringList expected = goodEvents();
        expected.insert(3, text("upload local.local %1/%1").arg(size));
        QCOMPARE(f.events, expected);
        QCOMPARE(f->lastActionEvent()->outcome, text("completed"));
    }

    void whatWasMadeIsOnTheAgentAndInTheList()
    {
        ManagerFixture f;
        f.addLocal();
        const Result<OperationOutcome> outcome = f.create();
        QVERIFY(outcome && !outcome->problem);
        const std::optional<CatalogEntry> entry = f->backup(outcome->id);
        QVERIFY(entry);
        QCOMPARE(entry->agents.keys(), QStringList { text("local.local") });
        QCOMPARE(entry->failedAgents, QStringList());
        QCOMPARE(entry->backup.name, text("Custom backup " HUBKEEP_VERSION));
        QCOMPARE(entry->backup.sources, QStringList { text("shop") });
        QVERIFY(entry->backup.verified.isValid() && !entry->backup.automatic);
        const QByteArray path = f.folder / "hub/local/" + entry->backup.filename.toUtf8();
        QCOMPARE(statusOf(path).st_size, entry->backup.size);
        QCOMPARE(problemsOf(path), QStringList());
        QCOMPARE(f.staged(), QStringList());
    }

    void itsStatusIsRunningAtOnceAndKeepsHowItEnded()
    {
        ManagerFixture f;
        f.addLocal();
        f.latch = std::make_shared<Latch>();
        const Result<StartedOperation> started = f->create({});
        QVERIFY(started && isBackupId(started->id));
        OperationStatus status = f->status();
        QCOMPARE(status.operation, text("backup"));
        QCOMPARE(status.status, text("running"));
        QCOMPARE(status.backupId, started->id);
        f.waitUntil([&] { return f->status().stage == text("home_assistant"); });
        f.latch->open();
        QVERIFY(f.await(started->done));
        status = f->status();
        QCOMPARE(status.status, text("completed"));
        QCOMPARE(status.backupId, started->id);
        QCOMPARE(status.stage, QString());
        QVERIFY(status.totalBytes > 0 && status.processedBytes == status.totalBytes);
    }

    void oneThingAtATime()
    {
        ManagerFixture f;
        f.addLocal();
        const BackupId other = f.create()->id;
        f.clock.passDay();
        f.latch = std::make_shared<Latch>();
        const Result<StartedOperation> started = f->create({});
        f.waitUntil([&] { return f.latch->isAwaited(); });
        f.events.clear();
        const QString busy = text("Backup manager busy: create_backup");
        QCOMPARE(sentence(f->create({})), busy);
        QCOMPARE(f->create({}).error().code, ErrorCode::Busy);
        QCOMPARE(sentence(f->verify(other)), busy);
        QCOMPARE(sentence(f->receive({})), busy);
        RestoreOrder order;
        order.id = other;
        QCOMPARE(sentence(f->restore(order)), busy);
        QCOMPARE(sentence(f.await(f->createDatabase(text("state")))), busy);
        QCOMPARE(f.events, QStringList());
        QCOMPARE(f->status().backupId, started->id);
        // Deleting and reading are allowed.
        QVERIFY(f.await(f->fetch(other)));
        QVERIFY(f.await(f->remove(other))->isEmpty());
        QVERIFY(!f->backup(other));
        f.latch->open();
        QVERIFY(f.await(started->done));
        QVERIFY(f.create());
    }

    void theMainLoopRunsMeanwhile()
    {
        ManagerFixture f;
        f.addLocal();
        f.latch = std::make_shared<Latch>();
        int samples = 0;
        connect(f.manager.get(), &BackupManager::progressChanged, this, [&] { ++samples; });
        const Result<StartedOperation> started = f->create({});
        f.waitUntil([&] { return samples >= 2; });
        f.latch->open();
        QVERIFY(f.await(started->done));
    }

    void anUnchangedBackupIsTakenOverFromTheAgentsFolder()
    {
        ManagerFixture f;
        f.addLocal();
        const Result<OperationOutcome> first = f.create();
        QCOMPARE(first->reusedBytes, 0);
        f.clock.passDay();
        const Result<OperationOutcome> second = f.create();
        QVERIFY2(second, qPrintable(sentence(second)));
        QCOMPARE(second->reusedBytes, 250'000);
        QCOMPARE(f->backups().size(), 2);
        QCOMPARE(f->backups().first().backup.id, second->id);
    }

    void automaticOnesSaySo()
    {
        ManagerFixture f;
        f.addLocal();
        QList<bool> automatic;
        connect(f.manager.get(), &BackupManager::eventFired, this,
            [&](const ManagerEvent &event) { automatic.append(event.automatic); });
        CreateRequest request;
        request.automatic = true;
        const Result<OperationOutcome> outcome = f.create(request);
        QVERIFY(f->backup(outcome->id)->backup.automatic);
        QCOMPARE(f->backup(outcome->id)->backup.name, text("Automatic backup " HUBKEEP_VERSION));
        QCOMPARE(automatic.count(false), 1); // idle
    }

    void twoAgentsOfWhichOneFails()
    {
        ManagerFixture f;
        f.addLocal();
        const auto bad = f.addFake("rclone.bad");
        bad->failures = { { ErrorCode::Forbidden, text("not yours") } };
        CreateRequest request;
        request.agents = { text("rclone.bad"), text("backup.local") };
        const Result<OperationOutcome> outcome = f.create(request);
        QVERIFY(outcome);
        QCOMPARE(outcome->agentErrors.keys(), QStringList { text("rclone.bad") });
        QCOMPARE(outcome->problem->message, text("Uploading to rclone.bad: not yours"));
        QStringList expected = goodEvents();
        expected[4] = text("create_backup failed upload_failed");
        QCOMPARE(withoutUploads(f.events), expected);
        QCOMPARE(f->status().status, text("failed"));
        QCOMPARE(f->status().error, outcome->problem->message);
        const std::optional<CatalogEntry> entry = f->backup(outcome->id);
        QCOMPARE(entry->agents.keys(), QStringList { text("local.local") });
        QCOMPARE(entry->failedAgents, QStringList { text("rclone.bad") });
        QCOMPARE(f.staged(), QStringList());
    }

    void whereAllAgentsFailNothingIsKept()
    {
        ManagerFixture f;
        f.addFake("a.one")->failures = { { ErrorCode::NoSpace, text("full") } };
        f.addFake("a.two")->failures = { { ErrorCode::Forbidden, text("no") } };
        CreateRequest request;
        request.agents = { text("a.one"), text("a.two") };
        const Result<OperationOutcome> outcome = f.create(request);
        QVERIFY(!outcome && outcome.error().code == ErrorCode::NoSpace);
        QCOMPARE(f->backups().size(), 0);
        QCOMPARE(f.staged(), QStringList());
    }

    void whatMayPassIsTriedThreeTimes()
    {
        ManagerFixture f;
        const Error away { ErrorCode::Unavailable, text("away") };
        const auto slow = f.addFake("a.slow");
        slow->failures = { away, away };
        const auto gone = f.addFake("a.gone");
        gone->failAlways(away);
        const auto full = f.addFake("a.full");
        full->failures = { { ErrorCode::NoSpace, text("full") } };
        CreateRequest request;
        request.agents = f->agentIds();
        const Result<OperationOutcome> outcome = f.create(request);
        QVERIFY(outcome);
        QCOMPARE(outcome->agentErrors.keys(), (QStringList { text("a.full"), text("a.gone") }));
        QCOMPARE(slow->uploads(), 3);
        QCOMPARE(slow->ids(), QStringList { outcome->id });
        QCOMPARE(gone->uploads(), 3);
        QCOMPARE(full->uploads(), 1);
        f.pauses.sort();
        QCOMPARE(f.pauses, (QStringList { text("20"), text("20"), text("5"), text("5") }));
    }

    void uploadProgressComesOnceASecondAndEndsWithTheTotal()
    {
        ManagerFixture f;
        const auto agent = f.addFake("a.b");
        auto first = std::make_shared<Latch>();
        auto second = std::make_shared<Latch>();
        agent->duringUpload = [=](JobControl &control) {
            control.advance(500);
            first->wait(control);
            control.advance(500);
            second->wait(control);
        };
        CreateRequest request;
        request.agents = { text("a.b") };
        const Result<StartedOperation> started = f->create(request);
        const auto uploads = [&] { return f.events.filter(text("upload a.b")).size(); };
        f.waitUntil([&] { return uploads() == 1; });
        first->open();
        f.waitUntil([&] { return second->isAwaited(); });
        int samples = 0;
        connect(f.manager.get(), &BackupManager::progressChanged, this, [&] { ++samples; });
        f.waitUntil([&] { return samples >= 2; });
        QCOMPARE(uploads(), 1); // within the same second
        f.uptime += 1000;
        f.waitUntil([&] { return uploads() == 2; });
        second->open();
        const Result<OperationOutcome> outcome = f.await(started->done);
        const qint64 size = f->backup(outcome->id)->backup.size;
        const auto line
            = [&](qint64 bytes) { return text("upload a.b %1/%2").arg(bytes).arg(size); };
        QCOMPARE(f.events.filter(text("upload a.b")),
            (QStringList { line(500), line(1000), line(size) }));
    }

    void cancellingLeavesNothing()
    {
        ManagerFixture f;
        f.addLocal();
        f.latch = std::make_shared<Latch>();
        const Result<StartedOperation> started = f->create({});
        f.waitUntil([&] { return f.latch->isAwaited(); });
        f->cancel();
        const Result<OperationOutcome> outcome = f.await(started->done);
        QVERIFY(!outcome && outcome.error().code == ErrorCode::Cancelled);
        QCOMPARE(f.events.mid(2),
            (QStringList { text("create_backup failed cancelled"), text("idle") }));
        QCOMPARE(f->status().status, text("failed"));
        QCOMPARE(f->backups().size(), 0);
        QCOMPARE(f.staged(), QStringList());
        f.latch.reset();
        QVERIFY(f.create());
    }

    void cancellingTheFutureCancels()
    {
        ManagerFixture f;
        f.addLocal();
        f.latch = std::make_shared<Latch>();
        Result<StartedOperation> started = f->create({});
        f.waitUntil([&] { return f.latch->isAwaited(); });
        started->done.cancel();
        f.awaitIdle();
        QCOMPARE(f->status().errorCode, text("cancelled"));
    }

    void cancellingAnUploadTakesTheBackupFromThoseThatHaveIt()
    {
        ManagerFixture f;
        const auto quick = f.addFake("a.quick");
        const auto slow = f.addFake("a.slow");
        auto latch = std::make_shared<Latch>();
        slow->duringUpload = [=](JobControl &control) { latch->wait(control); };
        CreateRequest request;
        request.agents = f->agentIds();
        const Result<StartedOperation> started = f->create(request);
        f.waitUntil([&] { return latch->isAwaited() && !quick->ids().isEmpty(); });
        f->cancel();
        QVERIFY(!f.await(started->done));
        QCOMPARE(quick->ids(), QStringList());
        QCOMPARE(slow->ids(), QStringList());
        QCOMPARE(f->backups().size(), 0);
        QCOMPARE(f.staged(), QStringList());
    }

    void aJobThatTakesTooLongIsStopped()
    {
        ManagerFixture f;
        f.addLocal();
        f.latch = std::make_shared<Latch>();
        const Result<StartedOperation> started = f->create({});
        f.waitUntil([&] { return f.latch->isAwaited(); });
        f.uptime = 7'200'001;
        const Result<OperationOutcome> outcome = f.await(started->done);
        QVERIFY(!outcome && outcome.error().code == ErrorCode::Unavailable);
        QVERIFY2(sentence(outcome).contains(text("120 minutes")), qPrintable(sentence(outcome)));
        QCOMPARE(f.events.at(2), text("create_backup failed upload_failed"));
        QCOMPARE(f.staged(), QStringList());
    }

    void aJobThatStallsIsStoppedAndOneThatGoesOnIsNot()
    {
        ManagerFixture f;
        const auto agent = f.addFake("a.b");
        std::atomic<int> steps = 0;
        auto latch = std::make_shared<Latch>();
        agent->duringUpload = [&, latch](JobControl &control) {
            for (int done = 0; !control.cancelled() && done < 3;) {
                if (done < steps) {
                    control.advance(10);
                    ++done;
                }
                QThread::msleep(1);
            }
            latch->wait(control);
        };
        CreateRequest request;
        request.agents = { text("a.b") };
        const Result<StartedOperation> started = f->create(request);
        f.waitUntil([&] { return agent->uploads() == 1; });
        for (int n = 1; n <= 3; ++n) {
            f.uptime += 800'000;
            steps = n;
            f.waitUntil([&] { return f->status().processedBytes == 10 * n; });
            int samples = 0;
            const auto counting = connect(
                f.manager.get(), &BackupManager::progressChanged, this, [&] { ++samples; });
            f.waitUntil([&] { return samples >= 2; });
            disconnect(counting);
            QCOMPARE(f->status().status, text("running"));
        }
        f.uptime += 900'001;
        const Result<OperationOutcome> outcome = f.await(started->done);
        QVERIFY(!outcome);
        QVERIFY2(sentence(outcome).contains(text("no progress for 15 minutes")),
            qPrintable(sentence(outcome)));
    }

    void destroyingItStopsWhatRuns()
    {
        for (const bool whileUploading : { false, true }) {
            ManagerFixture f;
            auto latch = std::make_shared<Latch>();
            const auto agent = f.addFake("a.b");
            if (whileUploading)
                agent->duringUpload = [=](JobControl &control) { latch->wait(control); };
            else
                f.latch = latch;
            CreateRequest request;
            request.agents = { text("a.b") };
            const Result<StartedOperation> started = f->create(request);
            f.waitUntil([&] { return latch->isAwaited(); });
            f.manager.reset();
            QVERIFY(!latch->isAwaited());
            QCoreApplication::processEvents();
            QCOMPARE(agent->ids(), QStringList());
            // What is whole is brought to the agent after the next start.
            QCOMPARE(f.staged().size(), whileUploading ? 1 : 0);
        }
    }

    void shuttingDownStopsWhatRunsAndStartsNothing()
    {
        ManagerFixture f;
        f.addLocal();
        f.latch = std::make_shared<Latch>();
        QVERIFY(f->create({}));
        f.waitUntil([&] { return f.latch->isAwaited(); });
        f->shutDown();
        QVERIFY(!f.latch->isAwaited());
        f.awaitIdle();
        QCOMPARE(f->create({}).error().code, ErrorCode::Busy);
    }

    // Its job was done when the hub was told to stop; nobody had taken it up yet.
    void shuttingDownBetweenJobAndUploadUploadsNothing()
    {
        ManagerFixture f;
        const auto agent = f.addFake("a.b");
        CreateRequest request;
        request.agents = { text("a.b") };
        QVERIFY(f->create(request));
        while (f.staged().filter(text(".zip")).isEmpty()
            || !f.staged().filter(text(".partial")).isEmpty())
            QThread::yieldCurrentThread(); // without the event loop
        f->shutDown();
        f.awaitIdle();
        QCOMPARE(agent->uploads(), 0);
        QCOMPARE(f.staged(), QStringList());
    }

    void whatAKilledHubLeftIsRemoved()
    {
        ManagerFixture f;
        f.manager.reset();
        writeFile(f.folder / "hub/staging/backup-20260413-142500-00000000.zip.partial", "x");
        writeFile(f.folder / "hub/staging/backup-20260413-142500-00000000.spool.partial/a", "x");
        writeFile(f.folder / "hub/staging/received-1.partial", "x");
        f.restart();
        QCOMPARE(f.staged(), QStringList());
    }

    void anAgentThatIsNotThereIsNamed()
    {
        ManagerFixture f;
        QCOMPARE(sentence(f->create({})),
            text("At least one available backup agent must be selected, got [backup.local]"));
        QCOMPARE(f.events,
            (QStringList { text("create_backup in_progress"),
                text("create_backup failed backup_manager_error"), text("idle") }));
        QCOMPARE(f->status().status, text("failed"));
        f.addLocal();
        CreateRequest request;
        request.agents = { text("local.local"), text("rclone.gone") };
        const Result<OperationOutcome> outcome = f.create(request);
        QVERIFY(outcome && outcome->problem); // kept, and not all that was asked for
        QVERIFY2(outcome->problem->message.contains(text("rclone.gone: there is no agent")),
            qPrintable(outcome->problem->message));
        QCOMPARE(outcome->agentErrors.keys(), QStringList { text("rclone.gone") });
        QCOMPARE(f.events[f.events.size() - 2], text("create_backup failed upload_failed"));
        QCOMPARE(f->backup(outcome->id)->failedAgents, QStringList { text("rclone.gone") });
    }

    void aSourceThatIsNotThereIsNamed()
    {
        ManagerFixture f;
        f.addLocal();
        CreateRequest request;
        request.sources = { text("sho") };
        const Result<StartedOperation> started = f->create(request);
        QVERIFY(!started && started.error().code == ErrorCode::InvalidArgument);
        QVERIFY(f->state() == ManagerState::Idle);
    }

    void aSourceThatFailsIsAFailureThoughTheRestIsKept()
    {
        ManagerFixture f;
        f.addLocal();
        f.sources.insert(text("gone"), f.folder / "gone");
        const Result<OperationOutcome> outcome = f.create();
        QVERIFY(outcome && outcome->problem);
        QVERIFY(outcome->problem->message.contains(text("gone")));
        QCOMPARE(f->status().status, text("failed"));
        const AgentBackup backup = f->backup(outcome->id)->backup;
        QCOMPARE(backup.failedSources, QStringList { text("gone") });
        QCOMPARE(backup.sources, QStringList { text("shop") });
    }

    void aSourceMayLieBesideTheHubsFoldersAndNotInThem()
    {
        ManagerFixture f;
        f.addLocal();
        writeFile(f.folder / "hub/app/a.txt", "x");
        writeFile(f.folder / "hub/keys/secret", "x");
        f.sources = { { text("hub"), f.folder / "hub" }, { text("app"), f.folder / "hub/app" } };
        const Result<OperationOutcome> outcome = f.create();
        QVERIFY2(outcome && !outcome->problem, qPrintable(f->status().error));
        const auto entries
            = entriesOf(f.folder / "hub/local/" + f->backup(outcome->id)->backup.filename.toUtf8());
        QVERIFY(entries.contains("sources/app/a.txt") && entries.contains("sources/hub/app/a.txt"));
        QVERIFY(!entries.contains("sources/hub/keys/secret"));
        QVERIFY(!entries.contains("sources/hub/data/state.db"));
    }

    void whereNoSourceCanBeReadThereIsNoBackup()
    {
        ManagerFixture f;
        f.addLocal();
        f.sources = { { text("gone"), f.folder / "gone" } };
        QVERIFY(!f.create());
        QCOMPARE(f.events.at(2), text("create_backup failed upload_failed"));
        QCOMPARE(f->backups().size(), 0);
        QCOMPARE(f.staged(), QStringList());
    }

    void hooksRunAroundTheSources()
    {
        ManagerFixture f;
        f.addLocal();
        QStringList calls;
        f.before = [&](JobControl &) {
            calls.append(text("before"));
            return Result<void>();
        };
        f.after = [&](JobControl &) {
            calls.append(text("after"));
            return Result<void>();
        };
        QVERIFY(f.create());
        QCOMPARE(calls, (QStringList { text("before"), text("after") }));
    }

    void hooksThatFailAreSaidInHomeAssistantsWords()
    {
        ManagerFixture f;
        f.addLocal();
        const auto failing = [](const char *why) {
            return [why](JobControl &) { return Result<void>(Error { ErrorCode::Io, text(why) }); };
        };
        bool afterRan = false;
        f.before = failing("A");
        f.after = [&](JobControl &) {
            afterRan = true;
            return Result<void>();
        };
        QCOMPARE(sentence(f.create()), text("Error during pre-backup: A"));
        QVERIFY(afterRan);
        f.after = failing("B");
        QCOMPARE(sentence(f.create()),
            text("Multiple errors when creating backup: Error during pre-backup: A, "
                 "Error during post-backup: B"));
        QCOMPARE(f->backups().size(), 0);
        f.before = {};
        const Result<OperationOutcome> kept = f.create();
        QVERIFY(kept && kept->problem);
        QCOMPARE(kept->problem->message, text("Error during post-backup: B"));
        QVERIFY(f->backup(kept->id));
        QCOMPARE(f->status().status, text("failed"));
    }

    void whoHearsOfTheEndMayBeginAgain()
    {
        ManagerFixture f;
        f.addLocal();
        int left = 2;
        connect(f.manager.get(), &BackupManager::eventFired, this, [&](const ManagerEvent &event) {
            if (event.state == ManagerState::Idle && left-- > 0) {
                f.clock.passDay();
                QVERIFY(f->create({}));
            }
        });
        QVERIFY(f.create());
        f.waitUntil([&] { return f->backups().size() == 3; });
    }
};

QTEST_GUILESS_MAIN(TestBackupManager)
#include "tst_backupmanager.moc"
