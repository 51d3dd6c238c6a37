// ctest: threaded
#include "integrations/backup/database.h"
#include "integrations/backup/filedigest.h"
#include "integrations/backup/stagedrestore.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/managerfixture.h"

#include <QJsonArray>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

// On the local agent and on "a.far"; the local copy is damaged in the middle.
BackupId withDamagedLocalCopy(ManagerFixture &f)
{
    f.addLocal();
    f.addFake("a.far");
    CreateRequest request;
    request.agents = f->agentIds();
    const BackupId id = f.create(request)->id;
    const QByteArray stored = f.folder / "hub/local/" + f->backup(id)->backup.filename.toUtf8();
    setMode(stored, 0600);
    overwriteAt(stored, statusOf(stored).st_size / 2, "damage");
    return id;
}

} // namespace

class TestManagerRestore : public QObject
{
    Q_OBJECT

private slots:
    // --- The hub itself.
    void theHubIsStagedAfterTheSources()
    {
        ManagerFixture f;
        f.hasHub = true;
        f.addLocal();
        const BackupId id = f.create()->id;
        const Result<OperationOutcome> outcome = f.restore(orderOf(id));
        QVERIFY2(outcome, qPrintable(sentence(outcome)));
        QVERIFY(outcome->restartNeeded && !outcome->problem);
        QVERIFY(isHubRestoreStaged(f.folder / "hub"));
        f->cancel();
        QVERIFY(!isHubRestoreStaged(f.folder / "hub"));
    }

    void whereTheSourcesFailTheHubIsLeftAlone()
    {
        ManagerFixture f;
        f.hasHub = true;
        f.addLocal();
        const BackupId id = f.create()->id;
        QVERIFY(f.restore(orderOf(id))->restartNeeded); // and is dropped by the next
        removeTree(f.folder / "shop");
        writeFile(f.folder / "shop", "in the way");
        const Result<OperationOutcome> outcome = f.restore(orderOf(id));
        QVERIFY(!outcome || outcome->problem);
        QCOMPARE(f->status().status, text("failed"));
        QVERIFY(!isHubRestoreStaged(f.folder / "hub"));
    }

    void whereAFileWasNotRestoredTheHubIsLeftAlone()
    {
        ManagerFixture f;
        f.hasHub = true;
        RestoreOrder order = orderOf(withDamagedLocalCopy(f));
        order.agentId = text("local.local");
        removeTree(f.folder / "shop/b.bin");
        const Result<OperationOutcome> outcome = f.restore(order);
        QVERIFY2(outcome && outcome->problem, qPrintable(f->status().error));
        QVERIFY(!outcome->restartNeeded);
        QVERIFY(!isHubRestoreStaged(f.folder / "hub"));
    }

    void aTargetInTheHubsOwnFolderIsRefused_data()
    {
        QTest::addColumn<QByteArray>("below");
        QTest::addColumn<bool>("isRefused");
        QTest::newRow("the folder") << QByteArray("hub") << true;
        QTest::newRow("with a slash") << QByteArray("hub/") << true;
        QTest::newRow("its databases") << QByteArray("hub/data") << true;
        QTest::newRow("where nothing is yet") << QByteArray("hub/new/er") << true;
        QTest::newRow("by a detour") << QByteArray("shop/../hub/new") << true;
        QTest::newRow("by a link") << QByteArray("link/new") << true;
        QTest::newRow("beside it") << QByteArray("hub-2") << false;
        QTest::newRow("out of it again") << QByteArray("hub/../out") << false;
    }

    void aTargetInTheHubsOwnFolderIsRefused()
    {
        QFETCH(QByteArray, below);
        QFETCH(bool, isRefused);
        ManagerFixture f;
        f.addLocal();
        makeLink(f.folder / "hub", f.folder / "link");
        const RestoreOrder order = orderOf(f.create()->id, f.folder / "" + below);
        const Result<QJsonObject> preview = f.await(f->preview(order));
        const Result<OperationOutcome> outcome = f.restore(order);
        QCOMPARE(preview.ok(), !isRefused);
        QCOMPARE(outcome.ok(), !isRefused);
        QCOMPARE(exists(f.folder / "hub/new"), false);
        if (!isRefused)
            return;
        QCOMPARE(outcome.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(preview.error().message, outcome.error().message);
        QVERIFY2(outcome.error().message.contains(text("data folder")),
            qPrintable(outcome.error().message));
        QVERIFY(f->state() == ManagerState::Idle);
    }

    void aTargetTakesThePartsThatAreWanted_data()
    {
        QTest::addColumn<QString>("parts");
        QTest::addColumn<QStringList>("sources");
        QTest::addColumn<QStringList>("written");
        const QString shop = text("shop/a.txt");
        const QString state = text("hub/data/state.db");
        const QString config = text("hub/config/hubkeep.yaml");
        QTest::newRow("data") << text("d") << QStringList() << QStringList { shop };
        QTest::newRow("data, metadata")
            << text("dm") << QStringList() << QStringList { shop, state };
        QTest::newRow("all") << text("dmc") << QStringList() << QStringList { shop, state, config };
        QTest::newRow("config") << text("c") << QStringList() << QStringList { config };
        QTest::newRow("config, with a source named")
            << text("c") << QStringList { text("shop") } << QStringList { config };
        QTest::newRow("data and metadata, with a source named")
            << text("dm") << QStringList { text("shop") } << QStringList { shop, state };
    }

    void aTargetTakesThePartsThatAreWanted()
    {
        QFETCH(QString, parts);
        QFETCH(QStringList, sources);
        QFETCH(QStringList, written);
        ManagerFixture f;
        f.hasHub = true;
        f.addLocal();
        RestoreOrder order = orderOf(f.create()->id, f.folder / "back");
        order.data = parts.contains(u'd');
        order.metadata = parts.contains(u'm');
        order.config = parts.contains(u'c');
        order.sources = sources;
        const Result<QJsonObject> preview = f.await(f->preview(order));
        QVERIFY2(preview, qPrintable(sentence(preview)));
        const Result<OperationOutcome> outcome = f.restore(order);
        QVERIFY2(outcome, qPrintable(sentence(outcome)));
        QCOMPARE(preview->value(text("writes")).toInt(), int(outcome->restored.written));
        for (const char *path : { "shop/a.txt", "hub/data/state.db", "hub/config/hubkeep.yaml" })
            QCOMPARE(exists(f.folder / "back/" + path), written.contains(text(path)));
        QVERIFY(!isHubRestoreStaged(f.folder / "hub"));
    }

    // --- Several copies.
    void aDamagedCopyIsMadeUpForByTheNext()
    {
        ManagerFixture f;
        writeFile(f.folder / "more/c.txt", "sound");
        f.sources.insert(text("more"), f.folder / "more");
        const BackupId id = withDamagedLocalCopy(f);
        QVERIFY(f.await(f->preview(orderOf(id))));
        const Result<OperationOutcome> outcome = f.restore(orderOf(id, f.folder / "back"));
        QVERIFY2(outcome && !outcome->problem, qPrintable(f->status().error));
        QCOMPARE(f->status().status, text("completed"));
        QVERIFY(readFile(f.folder / "back/shop/b.bin") == readFile(f.folder / "shop/b.bin"));
        QVERIFY(readFile(f.folder / "back/shop/a.txt") == readFile(f.folder / "shop/a.txt"));
        QCOMPARE(outcome->restored.written, 3);
        QVERIFY(outcome->restored.warnings.last().message.startsWith(text("local.local: ")));
        QCOMPARE(f.staged(), QStringList());
    }

    void whoeverNamesTheAgentGetsItsCopyOrNothing()
    {
        ManagerFixture f;
        const BackupId id = withDamagedLocalCopy(f);
        RestoreOrder order = orderOf(id, f.folder / "back");
        order.agentId = text("local.local");
        const Result<OperationOutcome> outcome = f.restore(order);
        QVERIFY(!outcome || outcome->problem);
        order.agentId = text("a.far");
        const Result<OperationOutcome> other = f.restore(order);
        QVERIFY(other && !other->problem);
    }

    void everyCopyIsProved()
    {
        ManagerFixture f;
        f.addLocal();
        const auto far = f.addFake("a.far");
        CreateRequest request;
        request.agents = f->agentIds();
        const BackupId id = f.create(request)->id;
        f.clock.passDay();
        QVERIFY(f.verify(id));
        QCOMPARE(f->backup(id)->backup.verified, f.clock.now());

        far->damage(id);
        const Result<OperationOutcome> outcome = f.verify(id);
        QVERIFY(!outcome && outcome.error().code == ErrorCode::Corrupt);
        QVERIFY2(f->status().error.contains(text("a.far: ")), qPrintable(f->status().error));
        QVERIFY(!f->status().error.contains(text("local.local")));
        const QJsonObject result = f->status().result;
        QCOMPARE(result.value(text("ok")).toBool(true), false);
        QCOMPARE(
            result.value(text("agent_errors")).toObject().keys(), QStringList { text("a.far") });
        // Nor do the agents' own lists bring it back, or a restart.
        f.await(f->refresh());
        QVERIFY(toJson(*f->backup(id)).value(text("verified_at")).isNull());
        QCOMPARE(f->backup(id)->damagedAgents, QStringList { text("a.far") });
        f.restart();
        f.addLocal();
        f.await(f->refresh());
        QVERIFY(
            f->backup(id) && f->backup(id)->agents.keys() == QStringList { text("local.local") });
        QVERIFY(f.verify(id));
        QCOMPARE(f->backup(id)->backup.verified, f.clock.now());
    }

    void aCopyOutOfReachProvesNothing()
    {
        ManagerFixture f;
        f.addLocal();
        const auto far = f.addFake("a.far");
        CreateRequest request;
        request.agents = f->agentIds();
        const BackupId id = f.create(request)->id;
        const QDateTime before = f->backup(id)->backup.verified;
        f.clock.passDay();
        far->failAlways(Error { ErrorCode::Unavailable, text("no network") });
        const Result<OperationOutcome> outcome = f.verify(id);
        QVERIFY(!outcome && outcome.error().code == ErrorCode::Unavailable);
        QVERIFY(sentence(outcome).contains(text("a.far")));
        QCOMPARE(f->backup(id)->backup.verified, before);
    }

    // --- The watchdog, and cancelling.
    void provingShowsThatItGoesOn()
    {
        const Folder folder;
        writeFile(folder / "file", randomBytes(3'000'000));
        JobControl control;
        QVERIFY(fileSha256(folder / "file", control));
        QCOMPARE(control.progress().doneBytes, 3'000'000);
        {
            Database database(folder / "rows.db");
            database.run("CREATE TABLE t (x)");
            database.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                         "50000) INSERT INTO t SELECT i FROM n");
        }
        JobControl checking;
        const Result<QByteArray> said = quickCheck(folder / "rows.db", checking);
        QVERIFY(said && said->isEmpty());
        QVERIFY(checking.progress().doneBytes > 0);
        checking.cancel();
        QCOMPARE(quickCheck(folder / "rows.db", checking).error().code, ErrorCode::Cancelled);
    }

    void aSlowHookIsNoStallAndCostsNoBackup()
    {
        for (const bool isAfter : { false, true }) {
            ManagerFixture f;
            f.addLocal();
            auto latch = std::make_shared<Latch>();
            (isAfter ? f.after : f.before) = [=](JobControl &) {
                JobControl untouched;
                latch->wait(untouched);
                return Result<void>();
            };
            const Result<StartedOperation> started = f->create({});
            f.waitUntil([&] { return latch->isAwaited(); });
            f.uptime += isAfter ? 8'000'000 : 3'600'000; // longer than both time-outs
            int samples = 0;
            const auto counting = connect(
                f.manager.get(), &BackupManager::progressChanged, this, [&] { ++samples; });
            f.waitUntil([&] { return samples >= 3; });
            disconnect(counting);
            latch->open();
            const Result<OperationOutcome> outcome = f.await(started->done);
            QVERIFY2(outcome && !outcome->problem, qPrintable(f->status().error));
            QCOMPARE(f->backups().size(), 1);
        }
    }

    void whatACancelledBackupLeavesOnAnAgentIsSaidAndListed()
    {
        ManagerFixture f;
        const auto quick = f.addFake("a.quick");
        const auto slow = f.addFake("a.slow");
        quick->removeFails = Error { ErrorCode::Unavailable, text("no network") };
        auto latch = std::make_shared<Latch>();
        slow->duringUpload = [=](JobControl &control) { latch->wait(control); };
        CreateRequest request;
        request.agents = f->agentIds();
        const Result<StartedOperation> started = f->create(request);
        f.waitUntil([&] { return latch->isAwaited() && !quick->ids().isEmpty(); });
        f->cancel();
        const Result<OperationOutcome> outcome = f.await(started->done);
        QVERIFY(!outcome && outcome.error().code == ErrorCode::Cancelled);
        QVERIFY2(sentence(outcome).contains(text("a.quick (no network)")),
            qPrintable(sentence(outcome)));
        QVERIFY(f->backup(started->id));
        QCOMPARE(f->backup(started->id)->agents.keys(), QStringList { text("a.quick") });
    }
};

QTEST_GUILESS_MAIN(TestManagerRestore)
#include "tst_managerrestore.moc"
