// ctest: threaded
#include "integrations/backup/stagedrestore.h"
#include "tests/support/enginedatabases.h"
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

void addRows(const QByteArray &path, int rows)
{
    Database database(path);
    database.run("CREATE TABLE IF NOT EXISTS t (x)");
    database.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
        + QByteArray::number(rows) + ") INSERT INTO t SELECT i FROM n");
}

int rowsIn(const QByteArray &path)
{
    return Database(path, false).ask("SELECT count(*) FROM t").toInt();
}

// A backup that another hub made, as bytes.
QByteArray strangersArchive(const char *content = "stranger")
{
    const Folder folder;
    writeFile(folder / "theirs/file", content);
    return readFile(mustRun(request(folder / "out", files(folder / "theirs"))).path);
}

Result<BackupId> receive(
    ManagerFixture &f, const QByteArray &content, const QStringList &agents = {})
{
    const Result<BackupManager::Reception> reception = f->receive(agents);
    if (!reception)
        return reception.error();
    if (reception->freeBytes <= 0)
        qFatal("There is no room");
    writeFile(reception->path.toUtf8(), content);
    return f.await(f->finishReceiving());
}

QByteArray storedPath(ManagerFixture &f, const BackupId &id)
{
    return f.folder / "hub/local/" + f->backup(id)->backup.filename.toUtf8();
}

} // namespace

class TestBackupOperations : public QObject
{
    Q_OBJECT

private slots:
    // --- Receiving.
    void aReceivedBackupGoesThroughHomeAssistantsStages()
    {
        ManagerFixture f;
        f.addLocal();
        const QByteArray archive = strangersArchive();
        const Result<BackupId> id = receive(f, archive);
        QVERIFY2(id, qPrintable(sentence(id)));
        f.events.removeIf([](const QString &event) { return event.startsWith(text("upload ")); });
        QCOMPARE(f.events,
            (QStringList { text("receive_backup in_progress"),
                text("receive_backup in_progress receive_file"),
                text("receive_backup in_progress upload_to_agents"),
                text("receive_backup completed"), text("idle") }));
        QCOMPARE(f->status().operation, text("upload"));
        QCOMPARE(f->status().status, text("completed"));
        const AgentBackup backup = f->backup(*id)->backup;
        QCOMPARE(backup.sources, QStringList { text("theirs") });
        QVERIFY(backup.verified.isValid());
        QVERIFY(readFile(storedPath(f, *id)) == archive);
        QCOMPARE(f.staged(), QStringList());
    }

    void whatIsNoSoundBackupIsCorruptAndNotKept_data()
    {
        QTest::addColumn<QByteArray>("content");
        const QByteArray good = strangersArchive();
        QByteArray flipped = good;
        flipped[60] = char(~flipped[60]);
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("text") << QByteArray("hello");
        QTest::newRow("cut off") << good.chopped(5);
        QTest::newRow("flipped") << flipped;
        QTest::newRow("appended") << good + "x";
    }

    void whatIsNoSoundBackupIsCorruptAndNotKept()
    {
        QFETCH(QByteArray, content);
        ManagerFixture f;
        f.addLocal();
        const Result<BackupId> id = receive(f, content);
        QVERIFY(!id && id.error().code == ErrorCode::Corrupt);
        QVERIFY2(!sentence(id).contains(QLatin1String("staging")), qPrintable(sentence(id)));
        QCOMPARE(f.events.mid(2),
            (QStringList { text("receive_backup failed unknown_error"), text("idle") }));
        QCOMPARE(f->backups().size(), 0);
        QCOMPARE(f.staged(), QStringList());
    }

    void theSameBackupAgainIsWelcomeAndAnotherOfItsIdIsNot()
    {
        ManagerFixture f;
        f.addLocal();
        const auto far = f.addFake("a.far");
        const QByteArray archive = strangersArchive();
        const Result<BackupId> id = receive(f, archive, { text("backup.local") });
        QVERIFY(id);
        QCOMPARE(*receive(f, archive, { text("backup.local") }), *id);
        QCOMPARE(far->ids(), QStringList());
        QCOMPARE(*receive(f, archive, { text("backup.local"), text("a.far") }), *id);
        QCOMPARE(far->ids(), QStringList { *id });
        QCOMPARE(f->backup(*id)->agents.size(), 2);

        CatalogEntry other = *f->backup(*id);
        other.backup.sha256 = QString(64, u'0');
        QVERIFY(f.catalog->save(other));
        const Result<BackupId> refused = receive(f, archive);
        QVERIFY(!refused && refused.error().code == ErrorCode::InvalidArgument);
        QCOMPARE(f.staged(), QStringList());
    }

    void aFailingAgentDoesNotFailTheReception()
    {
        ManagerFixture f;
        f.addLocal();
        f.addFake("a.bad")->failures = { { ErrorCode::NoSpace, text("full") } };
        const Result<BackupId> id = receive(f, strangersArchive(), f->agentIds());
        QVERIFY(id);
        QCOMPARE(f.events.at(f.events.size() - 2), text("receive_backup completed"));
        QCOMPARE(f->backup(*id)->failedAgents, QStringList { text("a.bad") });
    }

    void aDroppedReceptionLeavesNothing()
    {
        ManagerFixture f;
        f.addLocal();
        const Result<BackupManager::Reception> reception = f->receive({});
        QVERIFY(reception);
        writeFile(reception->path.toUtf8(), "half");
        QCOMPARE(f->create({}).error().message, text("Backup manager busy: receive_backup"));
        f->dropReceived(text("the client left"));
        QVERIFY(f->state() == ManagerState::Idle);
        QVERIFY(f->status().error.contains(text("the client left")));
        QCOMPARE(f.staged(), QStringList());
        QVERIFY(!f.await(f->finishReceiving()));
        f->dropReceived(text("again"));
        QVERIFY(receive(f, strangersArchive()));
    }

    void aReceptionThatStallsEnds()
    {
        ManagerFixture f;
        f.addLocal();
        QVERIFY(f->receive({}));
        f.uptime = 900'001;
        f.awaitIdle();
        QVERIFY(f->status().error.contains(text("no progress")));
        QVERIFY(!f.await(f->finishReceiving()));
    }

    void aReceptionWithoutAgentsIsRefused()
    {
        ManagerFixture f;
        const auto reception = f->receive({});
        QVERIFY(!reception && reception.error().code == ErrorCode::InvalidArgument);
        QVERIFY(f->state() == ManagerState::Idle);
        QCOMPARE(f.events, QStringList());
    }

    // --- Verifying.
    void aProofIsRemembered()
    {
        ManagerFixture f;
        f.addLocal();
        const BackupId id = *receive(f, strangersArchive());
        f.clock.passDay();
        f.events.clear();
        const Result<StartedOperation> started = f->verify(id);
        QVERIFY(started);
        QVERIFY(f->state() == ManagerState::Blocked);
        QCOMPARE(f->status().stage, text("verifying"));
        const Result<OperationOutcome> outcome = f.await(started->done);
        QVERIFY2(outcome, qPrintable(sentence(outcome)));
        QVERIFY(outcome->verified.entries > 0);
        QCOMPARE(f.events, (QStringList { text("blocked"), text("idle") }));
        QCOMPARE(f->backup(id)->backup.verified, f.clock.now());
        QCOMPARE(f->status().operation, text("verify"));
        QCOMPARE(f->status().status, text("completed"));
        QCOMPARE(f->status().result.value(text("ok")).toBool(), true);
    }

    void damageIsFound()
    {
        ManagerFixture f;
        f.addLocal();
        const BackupId id = f.create()->id;
        f.clock.passDay();
        setMode(storedPath(f, id), 0600);
        overwriteAt(storedPath(f, id), 1000, "damage");
        const Result<OperationOutcome> outcome = f.verify(id);
        QVERIFY(!outcome && outcome.error().code == ErrorCode::Corrupt);
        QCOMPARE(f->status().status, text("failed"));
        QCOMPARE(f->status().errorCode, text("corrupt"));
        QVERIFY(!f->backup(id)->backup.verified.isValid());
    }

    void anotherSoundFileInItsPlaceIsDamageToo()
    {
        ManagerFixture f;
        f.addLocal();
        const BackupId id = f.create()->id;
        removeTree(storedPath(f, id));
        writeFile(storedPath(f, id), strangersArchive());
        QVERIFY(!f.verify(id));
        QVERIFY(f->status().error.contains(text("SHA-256")));
    }

    void aBackupThatIsFarIsProvedToo()
    {
        ManagerFixture f;
        f.addFake("a.far");
        const BackupId id = *receive(f, strangersArchive(), { text("a.far") });
        QVERIFY(f.verify(id));
        QCOMPARE(f.staged(), QStringList());
        QCOMPARE(
            f->verify(text("backup-20260101-000000-00000000")).error().code, ErrorCode::NotFound);
    }

    // --- Restoring.
    void aRestoreSaysItsStages()
    {
        ManagerFixture f;
        f.addLocal();
        const BackupId id = f.create()->id;
        f.events.clear();
        const Result<OperationOutcome> outcome = f.restore(orderOf(id, f.folder / "back"));
        QVERIFY2(outcome, qPrintable(sentence(outcome)));
        QCOMPARE(f.events,
            (QStringList { text("restore_backup in_progress"), text("restore_backup completed"),
                text("idle") }));
        QCOMPARE(readFile(f.folder / "back/shop/a.txt"), readFile(f.folder / "shop/a.txt"));
        QCOMPARE(f->status().result.value(text("written")).toInt(), 2);
        QVERIFY(!outcome->restartNeeded);
    }

    void aRestoreFromFarDownloadsFirst()
    {
        ManagerFixture f;
        f.addFake("a.far");
        CreateRequest request;
        request.agents = { text("a.far") };
        const BackupId id = f.create(request)->id;
        f.events.clear();
        QVERIFY(f.restore(orderOf(id, f.folder / "back")));
        QCOMPARE(f.events.value(1), text("restore_backup in_progress download_from_agent"));
        QVERIFY(exists(f.folder / "back/shop/b.bin"));
        QCOMPARE(f.staged(), QStringList());
    }

    void inPlaceKeepsWhatWasThere()
    {
        ManagerFixture f;
        f.addLocal();
        const BackupId id = f.create()->id;
        writeFile(f.folder / "shop/a.txt", "newer");
        QVERIFY(f.restore(orderOf(id, {})));
        QCOMPARE(readFile(f.folder / "shop/a.txt"), someText(50'000));
        QCOMPARE(readFile(f.folder / "shop/a.txt.before-restore"), QByteArray("newer"));
    }

    void damagedFilesFailTheRestoreAndAreNamed()
    {
        ManagerFixture f;
        f.addLocal();
        const BackupId id = f.create()->id;
        setMode(storedPath(f, id), 0600);
        overwriteAt(storedPath(f, id), statusOf(storedPath(f, id)).st_size / 2, "damage");
        const Result<OperationOutcome> outcome = f.restore(orderOf(id, f.folder / "back"));
        QVERIFY(!outcome || outcome->problem);
        QCOMPARE(f->status().status, text("failed"));
        QCOMPARE(f.events.at(f.events.size() - 2),
            text("restore_backup failed backup_reader_writer_error"));
    }

    void impossibleRestoresAreRefusedAtOnce()
    {
        ManagerFixture f;
        f.addLocal();
        const BackupId id = f.create()->id;
        f.events.clear();
        QCOMPARE(f->restore(orderOf(text("backup-20260101-000000-00000000"), {})).error().code,
            ErrorCode::NotFound);
        RestoreOrder order = orderOf(id, {});
        order.sources = { text("sho") };
        QCOMPARE(f->restore(order).error().code, ErrorCode::InvalidArgument);
        order = orderOf(id, "relative");
        QCOMPARE(f->restore(order).error().code, ErrorCode::InvalidArgument);
        order = orderOf(id, {});
        order.data = order.metadata = false;
        QCOMPARE(f->restore(order).error().code, ErrorCode::InvalidArgument);
        order = orderOf(id, {});
        order.agentId = text("a.gone");
        QCOMPARE(f->restore(order).error().code, ErrorCode::NotFound);
        QCOMPARE(f.events, QStringList());
    }

    void whereTheBackupHasNothingOfTheHubThatIsSaid()
    {
        ManagerFixture f;
        f.addLocal();
        RestoreOrder order = orderOf(f.create()->id, {});
        order.data = false;
        const Result<OperationOutcome> outcome = f.restore(order);
        QVERIFY(!outcome && outcome.error().code == ErrorCode::NotFound);
        QVERIFY(!isHubRestoreStaged(f.folder / "hub"));
    }

    void aPreviewTouchesNothing()
    {
        ManagerFixture f;
        f.addLocal();
        const BackupId id = f.create()->id;
        writeFile(f.folder / "shop/a.txt", "newer");
        removeTree(f.folder / "shop/b.bin");
        f.events.clear();
        const Result<QJsonObject> preview = f.await(f->preview(orderOf(id, {})));
        QVERIFY2(preview, qPrintable(sentence(preview)));
        QCOMPARE(preview->value(text("writes")).toInt(), 2);
        QCOMPARE(preview->value(text("overwrites")).toInt(), 1);
        QCOMPARE(preview->value(text("bytes")).toInt(), 250'000);
        QVERIFY(preview->value(text("free_bytes")).toDouble() > 0);
        QCOMPARE(readFile(f.folder / "shop/a.txt"), QByteArray("newer"));
        QVERIFY(!exists(f.folder / "shop/b.bin"));
        QCOMPARE(f.events, QStringList());
        QCOMPARE(f.await(f->preview(orderOf(text("x"), {}))).error().code, ErrorCode::NotFound);
    }

    // --- Single databases.
    void aDatabaseIsMadeAndPutBack()
    {
        ManagerFixture f;
        f.addLocal();
        const QByteArray path = f.folder / "orders.db";
        addRows(path, 100);
        f.sources.insert(text("orders"), path);
        const Result<AgentBackup> made = f.await(f->createDatabase(text("orders")));
        QVERIFY2(made, qPrintable(sentence(made)));
        QCOMPARE(made->filename,
            text("orders_") + f.clock.now().toString(text("yyyyMMdd_HHmmss")) + text(".db"));
        QCOMPARE(made->database, text("orders"));
        QCOMPARE(statusOf(storedPath(f, made->id)).st_size, made->size);
        QCOMPARE(rowsIn(storedPath(f, made->id)), 100);
        addRows(path, 50);
        const auto restored = f.await(f->restoreDatabase(made->filename));
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(restored->database, text("orders"));
        QCOMPARE(restored->restoredFrom, made->filename);
        QVERIFY(!restored->restartNeeded);
        QCOMPARE(rowsIn(path), 100);
        QCOMPARE(rowsIn(path + ".before-restore"), 150);
        QVERIFY(f.verify(made->id));
    }

    void namesakesGetANumber()
    {
        ManagerFixture f;
        f.addLocal();
        const Result<AgentBackup> one = f.await(f->createDatabase(text("state")));
        const Result<AgentBackup> two = f.await(f->createDatabase(text("state")));
        QVERIFY2(one && two, qPrintable(sentence(one) + sentence(two)));
        QCOMPARE(two->filename, one->filename.chopped(3) + text("_2.db"));
        QCOMPARE(f->backups().size(), 2);
    }

    void theHubsOwnDatabaseWaitsForTheNextStart()
    {
        ManagerFixture f;
        f.addLocal();
        const Result<AgentBackup> made = f.await(f->createDatabase(text("state")));
        QVERIFY(made);
        f.events.clear();
        const auto restored = f.await(f->restoreDatabase(made->id));
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QVERIFY(restored->restartNeeded);
        QVERIFY(isHubRestoreStaged(f.folder / "hub"));
        QCOMPARE(f.events.value(1), text("restore_backup core_restart"));
    }

    void theNextStartSaysHowTheRestoreOfTheHubEnded()
    {
        ManagerFixture f;
        f.addLocal();
        QCOMPARE(f.startEvents, QStringList { text("idle") });
        const Result<AgentBackup> made = f.await(f->createDatabase(text("state")));
        QVERIFY(f.state->setSetting(text("later"), true));
        QVERIFY(f.await(f->restoreDatabase(made->id)));
        f.manager.reset();
        f.catalog.reset();
        f.state.reset();
        QVERIFY(applyStagedRestore(f.folder / "hub"));
        QVERIFY(confirmStagedRestore(f.folder / "hub"));
        f.restart();
        QCOMPARE(f.startEvents, (QStringList { text("restore_backup completed"), text("idle") }));
        QCOMPARE(f->status().operation, text("restore"));
        QCOMPARE(f->status().status, text("completed"));
        QVERIFY(!*f.state->setting(text("later")));
        f.restart();
        QCOMPARE(f.startEvents, QStringList { text("idle") });
    }

    void whatIsNoDatabaseIsNotFoundAndTheOthersAreNamed()
    {
        ManagerFixture f;
        f.addLocal();
        const QByteArray path = f.folder / "orders.db";
        addRows(path, 1);
        f.sources.insert(text("orders"), path);
        for (const char *name : { "shop", "none" }) {
            const Result<AgentBackup> made = f.await(f->createDatabase(text(name)));
            QVERIFY(!made && made.error().code == ErrorCode::NotFound);
            QVERIFY(sentence(made).contains(text("orders, history, state")));
        }
        const BackupId id = f.create()->id;
        QCOMPARE(f.await(f->restoreDatabase(id)).error().code, ErrorCode::InvalidArgument);
        QCOMPARE(f.await(f->restoreDatabase(text("x.db"))).error().code, ErrorCode::NotFound);
    }

    // --- At all times.
    void aLostCatalogIsBuiltAgainFromTheAgents()
    {
        ManagerFixture f;
        f.addLocal();
        const BackupId one = f.create()->id;
        f.clock.passDay();
        const BackupId two = f.create()->id;
        const QList<CatalogEntry> before = f->backups();
        f.manager.reset();
        f.catalog.reset();
        f.state.reset();
        removeTree(f.folder / "hub/data");
        f.restart();
        QCOMPARE(f->backups().size(), 0);
        f.addLocal();
        f.await(f->refresh());
        QVERIFY(f->backups() == before);
        QCOMPARE(f->freeSpace().keys(), QStringList { text("local.local") });
        // One of an agent that is no more.
        f.restart();
        f.await(f->refresh());
        QCOMPARE(f->backups().size(), 0);
    }

    void anAgentThatCannotBeListedKeepsItsPlaceInTheList()
    {
        ManagerFixture f;
        const auto far = f.addFake("a.far");
        const BackupId id = *receive(f, strangersArchive(), { text("a.far") });
        far->failAlways(Error { ErrorCode::Unavailable, text("no network") });
        f.await(f->refresh());
        QCOMPARE(f->agentErrors().value(text("a.far")), text("no network"));
        QVERIFY(f->backup(id));
        far->failAlways({});
        f.await(f->refresh());
        QCOMPARE(f->agentErrors().size(), 0);
    }

    void removingSaysWhichAgentsFailed()
    {
        ManagerFixture f;
        f.addLocal();
        const auto far = f.addFake("a.far");
        const BackupId id = *receive(f, strangersArchive(), f->agentIds());
        far->failAlways(Error { ErrorCode::Unavailable, text("no network") });
        const auto errors = f.await(f->remove(id));
        QCOMPARE(errors->keys(), QStringList { text("a.far") });
        QCOMPARE(f->backup(id)->agents.keys(), QStringList { text("a.far") });
        far->failAlways({});
        QVERIFY(f.await(f->remove(f->backup(id)->backup.filename))->isEmpty());
        QVERIFY(!f->backup(id));
        QCOMPARE(f.await(f->remove(id)).error().code, ErrorCode::NotFound);
    }

    void whatIsFetchedFromFarGoesAway()
    {
        ManagerFixture f;
        f.addLocal();
        f.addFake("a.far");
        const QByteArray archive = strangersArchive();
        const BackupId id = *receive(f, archive, f->agentIds());
        const auto near = f.await(f->fetch(id));
        QCOMPARE((*near)->path().toUtf8(), storedPath(f, id));
        auto far = f.await(f->fetch(id, text("a.far")));
        const QByteArray path = (*far)->path().toUtf8();
        QVERIFY(readFile(path) == archive);
        far = Error {};
        QCOMPARE(f.staged(), QStringList());
        QCOMPARE(f.await(f->fetch(id, text("a.gone"))).error().code, ErrorCode::NotFound);
    }

    void theFirstLocalAgentHasASecondName()
    {
        ManagerFixture f;
        f.addFake("rclone.one");
        QCOMPARE(f->resolveAgent(text("backup.local")), QString());
        f.addLocal("b");
        f.addLocal("a");
        QCOMPARE(
            f->agentIds(), (QStringList { text("rclone.one"), text("local.b"), text("local.a") }));
        QCOMPARE(f->resolveAgent(text("backup.local")), text("local.b"));
        QCOMPARE(f->resolveAgent(text("local.a")), text("local.a"));
        f->removeAgent(text("local.b"));
        QCOMPARE(f->resolveAgent(text("backup.local")), text("local.a"));
        QCOMPARE(f->resolveAgent(text("local.b")), QString());
    }
};

QTEST_GUILESS_MAIN(TestBackupOperations)
#include "tst_backupoperations.moc"
