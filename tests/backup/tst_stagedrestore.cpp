// A restore of the hub itself: staged, applied at the next start, put back when it does not
// come up. Whenever it is killed, the start after that finds the old state or the new one.

#include "integrations/backup/stagedrestore.h"

#include "integrations/backup/hubsource.h"
#include "integrations/files/filessource.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <filesystem>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

constexpr HubParts everything { true, true };

void makeState(const QByteArray &path, const char *words)
{
    makeFolder(path.left(path.lastIndexOf('/')));
    Database db(path);
    db.run("CREATE TABLE words (text TEXT)");
    db.run("CREATE TABLE users (id TEXT PRIMARY KEY)");
    db.run("CREATE TABLE tokens (id TEXT PRIMARY KEY, user TEXT, hash TEXT)");
    db.run(("INSERT INTO words VALUES ('" + QByteArray(words) + "')").constData());
    db.run("INSERT INTO users VALUES ('anna')");
}

QByteArray wordsOf(const QByteArray &hub)
{
    return Database(hub + "/data/state.db", false).ask("SELECT group_concat(text) FROM words");
}

// A hub as it is now, and a backup of how it was.
struct Scene
{
    Folder folder;
    QByteArray hub = folder / "hub";
    QByteArray archive;

    Scene()
    {
        makeState(hub + "/data/state.db", "older");
        makeState(hub + "/data/history.db", "older");
        writeFile(hub + "/config/hubkeep.yaml", "older");
        writeFile(hub + "/keys/identity", "key");
        BackupRequest wanted = request(folder / "out");
        wanted.sources.push_back(std::make_unique<HubDataSource>(hub + "/data",
            QList<HubDatabase> { { "state.db", { "DELETE FROM tokens" } }, { "history.db", {} } }));
        wanted.sources.push_back(
            std::make_unique<HubConfigSource>(std::make_unique<files::FilesSource>(
                files::FilesConfig { {}, hub + "/config", {}, {} })));
        archive = mustRun(wanted).path;
        removeTree(hub + "/data");
        makeState(hub + "/data/state.db", "present");
        // Of a hub that was killed: what it committed last is in its log alone.
        {
            const Holder killed(hub + "/data/state.db",
                "PRAGMA journal_mode=WAL; INSERT INTO words VALUES (\"logged\")");
            std::filesystem::copy_file(
                (hub + "/data/state.db").toStdString(), (folder / "copy.db").toStdString());
            std::filesystem::copy_file(
                (hub + "/data/state.db-wal").toStdString(), (folder / "copy.db-wal").toStdString());
        }
        removeTree(hub + "/data");
        makeFolder(hub + "/data");
        std::filesystem::rename(
            (folder / "copy.db").toStdString(), (hub + "/data/state.db").toStdString());
        std::filesystem::rename(
            (folder / "copy.db-wal").toStdString(), (hub + "/data/state.db-wal").toStdString());
        writeFile(hub + "/config/hubkeep.yaml", "present");
        writeFile(hub + "/config/added.yaml", "present");
    }

    Result<void> stage(HubParts parts = everything)
    {
        JobControl control;
        return stageHubRestore(mustOpen(archive), hub, parts, control);
    }
};

// What a start would find, in one line: "older" or "present" if it is whole.
QByteArray stateOf(const QByteArray &hub)
{
    const bool hasHistory = exists(hub + "/data/history.db");
    const QByteArray words = wordsOf(hub);
    const QByteArray config = readFile(hub + "/config/hubkeep.yaml");
    const bool added = exists(hub + "/config/added.yaml");
    if (words == "older" && config == "older" && hasHistory && !added)
        return "older";
    if (words == "present,logged" && config == "present" && !hasHistory && added)
        return "present";
    return "state.db has " + words + ", hubkeep.yaml " + config + (hasHistory ? ", history" : "");
}

QByteArray copyOf(const Scene &scene, const char *name)
{
    const QByteArray copy = scene.folder / name;
    if (exists(copy))
        removeTree(copy);
    std::filesystem::copy(
        scene.hub.toStdString(), copy.toStdString(), std::filesystem::copy_options::recursive);
    return copy;
}

// Stops before the change with that number.
StagedRestoreOptions stopAt(int step, bool &stopped)
{
    stopped = false;
    StagedRestoreOptions options;
    options.stop = [step, &stopped, count = std::make_shared<int>(0)] {
        stopped = stopped || (*count)++ == step;
        return stopped;
    };
    return options;
}

} // namespace

class TestStagedRestore : public QObject
{
    Q_OBJECT

private slots:
    void nothingChangesUntilTheNextStart()
    {
        Scene scene;
        const QByteArray before = readFile(scene.hub + "/data/state.db");
        QVERIFY(!isHubRestoreStaged(scene.hub));
        QCOMPARE(sentence(scene.stage()), QString());
        QVERIFY(isHubRestoreStaged(scene.hub));
        QCOMPARE(readFile(scene.hub + "/data/state.db"), before);
        QCOMPARE(readFile(scene.hub + "/config/hubkeep.yaml"), "present");
        QVERIFY(!takeStagedRestoreReport(scene.hub));
    }

    void theNextStartHasWhatWasRestored()
    {
        Scene scene;
        QCOMPARE(sentence(scene.stage()), QString());
        const auto applied = applyStagedRestore(scene.hub);
        QCOMPARE(sentence(applied), QString());
        QCOMPARE(*applied, StagedRestore::Applied);
        QCOMPARE(stateOf(scene.hub), "older");
        QCOMPARE(readFile(scene.hub + "/keys/identity"), "key");
        // What was there is beside it, with its log.
        QCOMPARE(Database(scene.hub + "/data/state.db.before-restore")
                     .ask("SELECT group_concat(text) FROM words"),
            "present,logged");
        QCOMPARE(readFile(scene.hub + "/config.before-restore/added.yaml"), "present");
        QVERIFY(!takeStagedRestoreReport(scene.hub)); // not decided yet
        QCOMPARE(sentence(confirmStagedRestore(scene.hub)), QString());
        const auto report = takeStagedRestoreReport(scene.hub);
        QVERIFY(report && report->completed);
        QVERIFY(isBackupId(report->id));
        QCOMPARE(report->reason, QString());
        QVERIFY(!takeStagedRestoreReport(scene.hub));
        QVERIFY(*applyStagedRestore(scene.hub) == StagedRestore::Nothing);
        QCOMPARE(stateOf(scene.hub), "older");
    }

    void aHubThatDoesNotComeUpGetsItsOldStateBack()
    {
        Scene scene;
        QCOMPARE(sentence(scene.stage()), QString());
        QVERIFY(*applyStagedRestore(scene.hub) == StagedRestore::Applied);
        // It opened its database, left a log, and died before it was up.
        writeFile(scene.hub + "/data/state.db-wal", "of the one that is put back");
        const auto next = applyStagedRestore(scene.hub);
        QCOMPARE(sentence(next), QString());
        QCOMPARE(*next, StagedRestore::PutBack);
        QCOMPARE(stateOf(scene.hub), "present");
        QCOMPARE(readFile(scene.hub + "/data/state.db.failed-restore-wal"),
            "of the one that is put back");
        QVERIFY(exists(scene.hub + "/data/history.db.failed-restore"));
        const auto report = takeStagedRestoreReport(scene.hub);
        QVERIFY(report && !report->completed);
        QVERIFY(report->reason.contains(QLatin1String("did not come up")));
        QVERIFY(*applyStagedRestore(scene.hub) == StagedRestore::Nothing);
        QCOMPARE(stateOf(scene.hub), "present");
    }

    void killedAnywhereTheNextStartHasAllOfIt()
    {
        Scene scene;
        QCOMPARE(sentence(scene.stage()), QString());
        int steps = 0;
        for (bool stopped = true; stopped; ++steps) {
            QVERIFY(steps < 100);
            const QByteArray hub = copyOf(scene, "killed");
            const auto killed = applyStagedRestore(hub, stopAt(steps, stopped));
            QCOMPARE(killed.ok(), !stopped);
            if (!stopped)
                continue;
            const auto next = applyStagedRestore(hub);
            QVERIFY2(next, qPrintable(sentence(next)));
            QVERIFY2(*next == StagedRestore::Applied, QByteArray::number(steps).constData());
            QCOMPARE(stateOf(hub), "older");
            QCOMPARE(Database(hub + "/data/state.db.before-restore")
                         .ask("SELECT group_concat(text) FROM words"),
                "present,logged");
            QCOMPARE(sentence(confirmStagedRestore(hub)), QString());
            QVERIFY(*applyStagedRestore(hub) == StagedRestore::Nothing);
            QCOMPARE(stateOf(hub), "older");
            QVERIFY(!exists(hub + "/restore.staged"));
        }
        QVERIFY2(steps > 8, QByteArray::number(steps).constData());
    }

    void killedWhilePuttingBackTheNextStartHasTheOldState()
    {
        Scene scene;
        QCOMPARE(sentence(scene.stage()), QString());
        int steps = 0;
        for (bool stopped = true; stopped; ++steps) {
            QVERIFY(steps < 100);
            const QByteArray hub = copyOf(scene, "killed");
            QVERIFY(*applyStagedRestore(hub) == StagedRestore::Applied);
            writeFile(hub + "/data/state.db-wal", "of the one that is put back");
            const auto killed = applyStagedRestore(hub, stopAt(steps, stopped));
            QCOMPARE(killed.ok(), !stopped);
            const auto next = applyStagedRestore(hub);
            QVERIFY2(next, qPrintable(sentence(next)));
            QCOMPARE(stateOf(hub), "present");
            const auto report = takeStagedRestoreReport(hub);
            QVERIFY(report && !report->completed);
            QVERIFY(!exists(hub + "/restore.staged"));
            QVERIFY(!exists(hub + "/restore.json"));
        }
        QVERIFY2(steps > 8, QByteArray::number(steps).constData());
    }

    void whatCannotBePutInPlaceIsNotHalfInPlace()
    {
        if (!AsNobody::isPossible())
            QSKIP("Only root can become somebody without rights");
        Scene scene;
        QCOMPARE(sentence(scene.stage()), QString());
        // Who may not write in a folder may not move it to another one; the databases go first.
        for (const char *folder :
            { "", "/data", "/restore.staged", "/restore.staged/hub", "/restore.staged/hub/data" })
            setMode(scene.hub + folder, 0777);
        setMode(scene.folder.path(), 0755);
        setMode(scene.hub + "/restore.staged/restore.json", 0644);
        {
            const AsNobody nobody;
            const auto applied = applyStagedRestore(scene.hub);
            QCOMPARE(sentence(applied), QString());
            QVERIFY(*applied == StagedRestore::PutBack);
        }
        QCOMPARE(stateOf(scene.hub), "present");
        QVERIFY(exists(scene.hub + "/data/state.db.failed-restore"));
        const auto report = takeStagedRestoreReport(scene.hub);
        QVERIFY(report && !report->completed);
        QVERIFY2(report->reason.contains(QLatin1String("nothing was changed")),
            qPrintable(report->reason));
        QVERIFY(!isHubRestoreStaged(scene.hub));
    }

    void onePartCanBeRestoredAlone()
    {
        Scene scene;
        QCOMPARE(sentence(scene.stage({ false, true })), QString());
        QVERIFY(*applyStagedRestore(scene.hub) == StagedRestore::Applied);
        QCOMPARE(wordsOf(scene.hub), "present,logged");
        QCOMPARE(readFile(scene.hub + "/config/hubkeep.yaml"), "older");
        QVERIFY(!exists(scene.hub + "/data/state.db.before-restore"));
    }

    void presentLoginsOfUsersThatTheBackupKnowsStayValid()
    {
        Scene scene;
        {
            Database present(scene.hub + "/data/state.db");
            present.run("INSERT INTO users VALUES ('bert')");
            present.run("INSERT INTO tokens VALUES ('1', 'anna', 'a'), ('2', 'bert', 'b')");
        }
        QCOMPARE(sentence(scene.stage()), QString());
        StagedRestoreOptions options;
        options.carryOver
            = { "INSERT INTO tokens SELECT * FROM present.tokens WHERE user IN (SELECT id FROM "
                "main.users)",
                  "INSERT INTO nowhere VALUES (1)" };
        QVERIFY(*applyStagedRestore(scene.hub, options) == StagedRestore::Applied);
        QCOMPARE(
            Database(scene.hub + "/data/state.db").ask("SELECT group_concat(user) FROM tokens"),
            "anna");
        QCOMPARE(wordsOf(scene.hub), "older");
        QCOMPARE(sentence(confirmStagedRestore(scene.hub)), QString());
        const auto report = takeStagedRestoreReport(scene.hub);
        QVERIFY(report && report->completed);
        QVERIFY2(
            report->reason.contains(QLatin1String("no such table")), qPrintable(report->reason));
    }

    void oneDatabaseFromItsFileIsStagedLikewise()
    {
        Scene scene;
        makeState(scene.folder / "state_20260413_142530.db", "from the file");
        JobControl control;
        QCOMPARE(sentence(stageHubDatabase(
                     scene.folder / "state_20260413_142530.db", "state.db", scene.hub, control)),
            QString());
        QVERIFY(*applyStagedRestore(scene.hub) == StagedRestore::Applied);
        QCOMPARE(wordsOf(scene.hub), "from the file");
        QCOMPARE(readFile(scene.hub + "/config/hubkeep.yaml"), "present");
        writeFile(scene.folder / "text.db", "no database");
        QVERIFY(!stageHubDatabase(scene.folder / "text.db", "state.db", scene.hub, control));
        QVERIFY(!stageHubDatabase(scene.folder / "text.db", "../x.db", scene.hub, control));
        QVERIFY(!isHubRestoreStaged(scene.hub));
        QVERIFY(!exists(scene.hub + "/restore.staged.partial"));
    }

    void aDamagedBackupStagesNothing()
    {
        Scene scene;
        setMode(scene.archive, 0600);
        const QByteArray content = readFile(scene.archive);
        const qsizetype at = content.indexOf("hub/data/state.db") + 200;
        overwriteAt(scene.archive, at, QByteArray(1, char(content[at] ^ 1)));
        const auto staged = scene.stage();
        QVERIFY(!staged);
        QCOMPARE(staged.error().code, ErrorCode::Corrupt);
        QVERIFY(!isHubRestoreStaged(scene.hub));
        QVERIFY(!exists(scene.hub + "/restore.staged.partial"));
    }

    void aBackupWithoutTheHubIsRefused()
    {
        Scene scene;
        writeFile(scene.folder / "src/a", "a");
        const BackupOutcome made
            = mustRun(request(scene.folder / "other", test::files(scene.folder / "src")));
        JobControl control;
        const auto staged = stageHubRestore(mustOpen(made.path), scene.hub, everything, control);
        QVERIFY(!staged);
        QCOMPARE(staged.error().code, ErrorCode::NotFound);
        QVERIFY(!restoreHubInto(mustOpen(made.path), scene.folder / "new", control));
    }

    void aDamagedJournalIsNotGuessedAbout()
    {
        Scene scene;
        writeFile(
            scene.hub + "/restore.json", R"({"state":"applying","parts":[{"place":"../x"}]})");
        const auto applied = applyStagedRestore(scene.hub);
        QVERIFY(!applied);
        QVERIFY(applied.error().message.contains(QLatin1String("restore.json is damaged")));
        QCOMPARE(stateOf(scene.hub), "present");
    }

    void theHubBecomesADataFolderOnANewMachine()
    {
        Scene scene;
        JobControl control;
        const QByteArray data = scene.folder / "new/data folder";
        QCOMPARE(sentence(restoreHubInto(mustOpen(scene.archive), data, control)), QString());
        QCOMPARE(namesIn(data), (QList<QByteArray> { "config", "data" }));
        QCOMPARE(stateOf(data), "older");
        const auto again = restoreHubInto(mustOpen(scene.archive), data, control);
        QVERIFY(!again);
        QCOMPARE(again.error().code, ErrorCode::InvalidArgument);
    }
};

QTEST_APPLESS_MAIN(TestStagedRestore)
#include "tst_stagedrestore.moc"
