// ctest: threaded
// Restore drills: everything that comes back, and what does not.

#include "automation/core/hub.h"
#include "automation/core/timerqueue.h"
#include "integrations/backup/restoredrills.h"
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
};

QTEST_GUILESS_MAIN(TestRestoreDrill)
#include "tst_restoredrill.moc"
