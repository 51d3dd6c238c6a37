// ctest: threaded
// Restore drills: everything that comes back, and what does not.

#include "automation/core/hub.h"
#include "automation/core/timerqueue.h"
#include "integrations/backup/restoredmetadata.h"
#include "integrations/backup/restoredrills.h"
#include "integrations/persistent_notification/persistentnotificationintegration.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/managerfixture.h"

#include <QJsonArray>
#include <QtTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

Result<DrillReport> drill(const QByteArray &archive, const QByteArray &scratch)
{
    JobControl control;
    return runDrill(mustOpen(archive), scratch, control);
}

QStringList linesOf(const QList<Problem> &problems)
{
    QStringList lines;
    for (const Problem &problem : problems)
        lines.append(QString::fromUtf8(problem.path) + text(": ") + problem.message);
    return lines;
}

void damageLocalCopy(ManagerFixture &f, const BackupId &id)
{
    const QByteArray stored = f.folder / "hub/local/" + f->backup(id)->backup.filename.toUtf8();
    setMode(stored, 0600);
    overwriteAt(stored, statusOf(stored).st_size / 2, "damage");
}

// A hub whose backups are encrypted, with drills that are held by themselves.
struct DrilledHub
{
    ManagerFixture f;
    std::unique_ptr<hubkeep::Hub> hub = std::make_unique<hubkeep::Hub>(f.clock, HubIdentity {});
    TimerQueue timers { f.clock };
    std::unique_ptr<DrillLog> log;
    std::unique_ptr<RestoreDrills> drills;

    DrilledHub()
    {
        f.addLocal();
        if (!hub->add(std::make_unique<persistentnotification::PersistentNotificationIntegration>(
                          *f.state),
                {}))
            qFatal("There are no notices");
        auto opened = DrillLog::open(*f.state);
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        log = std::move(*opened);
        start();
    }
    void start()
    {
        drills = std::make_unique<RestoreDrills>(*hub, *f, *log, timers, DrillPolicy {});
    }
    void pass(std::chrono::seconds time)
    {
        f.clock.set(f.clock.now().addSecs(time.count()));
        timers.wake();
        f.awaitIdle();
    }
    BackupId createAutomatic()
    {
        f.clock.passDay();
        CreateRequest request;
        request.automatic = true;
        const Result<OperationOutcome> made = f.create(request);
        if (!made)
            qFatal("%s", qPrintable(made.error().message));
        return made->id;
    }
    DrillRecord last() const { return drills->page(1)->value(0); }
    QStringList notices() const
    {
        QStringList titles;
        for (const auto &notice : hub->find<PersistentNotifications>()->all())
            titles.append(notice.title);
        return titles;
    }
};

} // namespace

class TestRestoreDrill : public QObject
{
    Q_OBJECT

private slots:
    void allThatWasBackedUpIsComparedAndTheScratchFolderIsGone()
    {
        const Folder folder;
        writeFile(folder / "source/a", "content of a");
        writeFile(folder / "source/locked/b", "content of b");
        writeFile(folder / "source/large", randomBytes(3'000'000, 1));
        makeFolder(folder / "source/empty");
        makeAccounts(folder / "source/app.db", 200, "WAL");
        QCOMPARE(::symlink("a", (folder / "source/link").constData()), 0);
        QCOMPARE(
            ::link((folder / "source/a").constData(), (folder / "source/twin").constData()), 0);
        setMode(folder / "source/locked", 0500);
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        setMode(folder / "source/locked", 0700);

        const Result<DrillReport> report = drill(archive, folder / "scratch");
        QVERIFY2(report, qPrintable(sentence(report)));
        QCOMPARE(linesOf(report->problems), QStringList());
        QCOMPARE(report->files, 5);
        QCOMPARE(report->symlinks, 1);
        QVERIFY(report->directories >= 2);
        QCOMPARE(report->databases, 1);
        QVERIFY(report->bytes > 3'000'000);
        QVERIFY(!exists(folder / "scratch"));
    }

    void modesOwnersAndTimesAreComparedToo()
    {
        const Folder folder;
        writeFile(folder / "a", "content");
        setModified(folder / "a", 1'600'000'000, 123'456'789);
        setMode(folder / "a", 0640);
        struct stat is = statusOf(folder / "a");
        ManifestEntry entry;
        entry.name = "sources/a";
        entry.mode = is.st_mode;
        entry.uid = is.st_uid;
        entry.gid = is.st_gid;
        entry.stamp.modified = { 1'600'000'000, 123'456'789 };
        const RestoredMetadata metadata(folder / "");
        QCOMPARE(metadata.difference(entry, is), QString());
        is.st_mtim.tv_nsec = 123'456'000; // a coarser file system
        QCOMPARE(metadata.difference(entry, is), QString());
        is.st_mtim.tv_nsec = 0;
        QCOMPARE(metadata.difference(entry, is), QString());
        is.st_mtim.tv_nsec = 5;
        QCOMPARE(metadata.difference(entry, is), text("Its time of change did not come back"));
        is.st_mtim = { 1'600'000'001, 123'456'789 };
        QCOMPARE(metadata.difference(entry, is), text("Its time of change did not come back"));
        is.st_mtim = { 1'600'000'000, 123'456'789 };
        is.st_mode ^= 0004;
        QCOMPARE(metadata.difference(entry, is), text("Its mode is 644 and was 640"));
        is.st_mode ^= 0004;
        entry.mode |= 04000; // a restore leaves it off
        QCOMPARE(metadata.difference(entry, is), QString());
        is.st_uid += 5;
        QCOMPARE(metadata.difference(entry, is).isEmpty(), ::geteuid() != 0);
    }

    void whatDoesNotComeBackIsNamed()
    {
        const Folder folder;
        for (int i = 0; i < 20; ++i)
            writeFile(folder / "source/file" + QByteArray::number(i), randomBytes(300'000, i));
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        setMode(archive, 0600);
        overwriteAt(archive, statusOf(archive).st_size / 2, "damage");
        const Result<DrillReport> report = drill(archive, folder / "scratch");
        QVERIFY2(report, qPrintable(sentence(report)));
        QCOMPARE(report->problems.size(), 1);
        QVERIFY(report->problems.first().path.startsWith("sources/source/file"));
        QCOMPARE(report->files, 19);
        QVERIFY(!exists(folder / "scratch"));
    }

    void aDatabaseThatWasDamagedAlreadyIsMarked()
    {
        const Folder folder;
        makeAccounts(folder / "source/app.db", 2000, "DELETE");
        overwriteAt(folder / "source/app.db", 40'000, QByteArray(30'000, 'x'));
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        const Result<DrillReport> report = drill(archive, folder / "scratch");
        QVERIFY2(report, qPrintable(sentence(report)));
        QCOMPARE(linesOf(report->problems), QStringList());
        QCOMPARE(report->marks.size(), 1);
    }

    void aCancelledDrillLeavesNothing()
    {
        const Folder folder;
        writeFile(folder / "source/a", "content");
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        JobControl control;
        control.cancel();
        const Result<DrillReport> report = runDrill(mustOpen(archive), folder / "scratch", control);
        QVERIFY(!report);
        QCOMPARE(report.error().code, ErrorCode::Cancelled);
        QVERIFY(!exists(folder / "scratch"));
    }

    // --- Through the manager.
    void theManagerDrillsWhatAnAgentHas()
    {
        ManagerFixture f;
        f.addLocal();
        const auto far = f.addFake("a.far");
        CreateRequest request;
        request.agents = f->agentIds();
        const BackupId id = f.create(request)->id;
        for (const char *agent : { "", "local.local", "a.far" }) {
            const Result<StartedOperation> started = f->drill(id, text(agent));
            QVERIFY2(started, qPrintable(sentence(started)));
            QVERIFY(f->state() == ManagerState::Blocked);
            const Result<OperationOutcome> outcome = f.await(started->done);
            QVERIFY2(outcome && !outcome->problem, qPrintable(sentence(outcome)));
            QVERIFY(outcome->wasDrillHeld);
            QVERIFY(outcome->drilled.files > 0);
            QCOMPARE(outcome->drilledAgent, text(*agent ? agent : "local.local"));
            QVERIFY(f->status().result[text("ok")].toBool());
            QCOMPARE(f.staged(), QStringList());
        }
        QCOMPARE(f->drill(id, text("a.nobody")).error().code, ErrorCode::NotFound);
        QCOMPARE(
            f->drill(text("backup-20260101-000000-00000000")).error().code, ErrorCode::NotFound);
    }

    void aDamagedCopyFailsItsDrill()
    {
        ManagerFixture f;
        f.addLocal();
        const BackupId id = f.create()->id;
        damageLocalCopy(f, id);
        const Result<OperationOutcome> outcome = f.await(f->drill(id)->done);
        QVERIFY(outcome && outcome->problem && outcome->wasDrillHeld);
        QCOMPARE(f->status().status, text("failed"));
        QVERIFY(!f->status().result[text("ok")].toBool());
        QVERIFY(!f->status().result[text("problems")].toArray().isEmpty());
    }

    void anAgentThatIsAwayProvesNothing()
    {
        ManagerFixture f;
        const auto far = f.addFake("a.far");
        CreateRequest request;
        request.agents = { text("a.far") };
        const BackupId id = f.create(request)->id;
        far->failAlways(Error { ErrorCode::Unavailable, text("The line is dead") });
        const Result<OperationOutcome> outcome = f.await(f->drill(id)->done);
        QVERIFY(!outcome);
        QVERIFY(!f->status().result[text("held")].toBool());
    }

    // --- Held by themselves.
    void drillsAreHeldWhenTheyAreDueAndTold()
    {
        ManagerFixture f;
        f.addLocal();
        Hub hub(f.clock, {});
        TimerQueue timers(f.clock);
        const auto log = DrillLog::open(*f.state);
        QVERIFY(log);
        RestoreDrills drills(hub, *f, **log, timers, {});
        const auto pass = [&](std::chrono::seconds time) {
            f.clock.set(f.clock.now().addSecs(time.count()));
            timers.wake();
            f.awaitIdle();
        };
        const BackupId id = f.create()->id;
        pass(std::chrono::minutes(2));
        Result<QList<DrillRecord>> records = drills.page(10);
        QVERIFY(records && records->size() == 1);
        QVERIFY(records->first().ok && records->first().isHeld);
        QCOMPARE(records->first().backupId, id);
        QCOMPARE(records->first().agentId, text("local.local"));

        pass(std::chrono::hours(24)); // not due
        QCOMPARE(drills.page(10)->size(), 1);
        damageLocalCopy(f, id);
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(text("^The restore drill of backup-.*")));
        pass(std::chrono::hours(24 * 7));
        records = drills.page(10);
        QCOMPARE(records->size(), 2);
        QVERIFY(records->first().isHeld && !records->first().ok);
        QVERIFY(records->first().message.contains(id));

        f.clock.passDay();
        QVERIFY(f.create()); // a new one may be good, and is
        pass(std::chrono::minutes(2));
        QCOMPARE(drills.page(10)->size(), 3);
        QVERIFY(drills.page(10)->first().ok);
    }

    void aPasswordThatWasChangedIsAProblemUntilSomethingOpensAgain()
    {
        DrilledHub hub;
        hub.f.plan.recipients = { {}, "old", 10 };
        hub.f.keys.passphrase = "old";
        const BackupId id = hub.createAutomatic();
        hub.f.plan.recipients.passphrase = hub.f.keys.passphrase = "new";
        hub.pass(std::chrono::minutes(2));
        QVERIFY(!hub.last().isHeld && hub.last().lock == DrillLock::Lost);
        QVERIFY(toJson(hub.last()).value(text("locked")).toBool());
        QVERIFY(hub.f->status().result[text("locked")].toBool());
        QCOMPARE(hub.drills->problems().size(), 1);
        QVERIFY2(hub.drills->problems().first().contains(id),
            qPrintable(hub.drills->problems().first()));
        QCOMPARE(hub.notices(), QStringList { text("A backup can no longer be opened here") });
        hub.start(); // anew
        QCOMPARE(hub.drills->problems().size(), 1);
        hub.createAutomatic();
        hub.pass(std::chrono::minutes(2));
        QVERIFY(hub.last().ok);
        QCOMPARE(hub.drills->problems(), QStringList());
        QCOMPARE(hub.notices(), QStringList());
    }

    void aKeyThatWasThereAndIsLostIsAProblem()
    {
        DrilledHub hub;
        const AgeIdentity identity = AgeIdentity::generate();
        hub.f.plan.recipients.recipients = { identity.recipient() };
        hub.f.keys.identities = { identity };
        hub.createAutomatic();
        hub.pass(std::chrono::minutes(2));
        QVERIFY(hub.last().ok && hub.last().isProtected);
        hub.f.keys = {};
        hub.createAutomatic();
        hub.pass(std::chrono::hours(24 * 7));
        QCOMPARE(hub.drills->problems().size(), 1);
        QCOMPARE(hub.notices(), QStringList { text("A backup can no longer be opened here") });
    }

    void whatIsOnlyEncryptedToOthersIsCalmlyNotDrilled()
    {
        DrilledHub hub;
        hub.f.plan.recipients.recipients = { AgeIdentity::generate().recipient() };
        for (const bool hasOtherKey : { false, true }) {
            if (hasOtherKey)
                hub.f.keys.identities = { AgeIdentity::generate() };
            hub.createAutomatic();
            hub.pass(std::chrono::minutes(2));
            QCOMPARE(hub.drills->page(10)->size(), hasOtherKey ? 1 : 0);
            QCOMPARE(hub.drills->problems(), QStringList());
            QCOMPARE(hub.notices(), QStringList());
        }
        QVERIFY(hub.last().lock == DrillLock::Meant);
        QVERIFY2(hub.last().message.startsWith(text("Not drilled: the hub holds no key")),
            qPrintable(hub.last().message));
        hub.createAutomatic(); // is the same
        hub.pass(std::chrono::minutes(2));
        QCOMPARE(hub.drills->page(10)->size(), 1);
    }

    // Whoever looks for a key then looks in vain.
    void aCopyThatIsDamagedIsNotSaidToWantAKey()
    {
        DrilledHub hub;
        const AgeIdentity identity = AgeIdentity::generate();
        hub.f.plan.recipients.recipients = { identity.recipient() };
        hub.f.keys.identities = { identity };
        const BackupId id = hub.createAutomatic();
        const QByteArray stored
            = hub.f.folder / "hub/local/" + hub.f->backup(id)->backup.filename.toUtf8();
        setMode(stored, 0600);
        overwriteAt(stored, 80, "AAAAAAAA"); // in what is there for the recipient
        hub.pass(std::chrono::minutes(2));
        QVERIFY(hub.last().isHeld && !hub.last().ok && hub.last().lock == DrillLock::None);
        QVERIFY2(hub.last().message.contains(text("not the one that was stored")),
            qPrintable(hub.last().message));
        QCOMPARE(hub.f->backup(id)->damagedAgents, QStringList { text("local.local") });
        QVERIFY(!hub.f->backup(id)->backup.verified.isValid());
        QCOMPARE(hub.drills->problems().size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestRestoreDrill)
#include "tst_restoredrill.moc"
