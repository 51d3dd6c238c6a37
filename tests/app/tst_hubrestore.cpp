// Backups that a hub made, on the command line: `list`, `show`, `verify`, `restore` and `--hub`.

#include "integrations/backup/hubsource.h"

#include "integrations/files/filessource.h"
#include "tests/support/enginecli.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QByteArray hubBackup(const Folder &folder)
{
    writeFile(folder / "hub/config/hubkeep.yaml", "hub: {name: Home}\n");
    makeFolder(folder / "hub/data");
    makeAccounts(folder / "hub/data/state.db", 20, "WAL");
    makeAccounts(folder / "hub/data/history.db", 20, "WAL");
    writeFile(folder / "shop/a.txt", "a");
    BackupRequest wanted = request(folder / "out", test::files(folder / "shop"));
    wanted.sources.push_back(std::make_unique<HubDataSource>(folder / "hub/data",
        QList<HubDatabase> { { "state.db", { "DELETE FROM nowhere" } }, { "history.db", {} } }));
    wanted.sources.push_back(std::make_unique<HubConfigSource>(std::make_unique<files::FilesSource>(
        files::FilesConfig { {}, folder / "hub/config", {}, {} })));
    return mustRun(wanted).path;
}

} // namespace

class TestHubRestore : public QObject
{
    Q_OBJECT

private slots:
    void showAndVerifyKnowTheHub()
    {
        const Folder folder;
        const QByteArray archive = hubBackup(folder);
        const CliResult shown = runHubkeep({ "show", archive });
        QCOMPARE(shown.exitCode, 0);
        QVERIFY2(shown.out.contains("hub/data/state.db  (database)"), shown.out.constData());
        QVERIFY(shown.out.contains("source  hub/config"));
        const CliResult verified = runHubkeep({ "verify", archive });
        QCOMPARE(verified.exitCode, 0);
        QVERIFY2(verified.out.contains("2 databases"), verified.out.constData());
        QCOMPARE(runHubkeep({ "list", "--output", folder / "out" }).exitCode, 0);
        QCOMPARE(
            runHubkeep({ "cat", archive, "hub/config/hubkeep.yaml" }).out, "hub: {name: Home}\n");
    }

    void theHubComesBackAsADataFolder()
    {
        const Folder folder;
        const QByteArray archive = hubBackup(folder);
        const CliResult restored = runHubkeep({ "restore", archive, "--hub", folder / "new" });
        QCOMPARE(restored.exitCode, 0);
        QVERIFY2(restored.err.contains("serve --data"), restored.err.constData());
        QCOMPARE(namesIn(folder / "new"), (QList<QByteArray> { "config", "data" }));
        QCOMPARE(problemWithAccounts(folder / "new/data/state.db"), QByteArray());
        QCOMPARE(readFile(folder / "new/config/hubkeep.yaml"), "hub: {name: Home}\n");
        const CliResult again = runHubkeep({ "restore", archive, "--hub", folder / "new" });
        QCOMPARE(again.exitCode, 1);
        QVERIFY(isOneSentence(again.err));
    }

    void aPlainRestoreToAFolderHasItUnderHub()
    {
        const Folder folder;
        const QByteArray archive = hubBackup(folder);
        QCOMPARE(runHubkeep({ "restore", archive, "--to", folder / "back" }).exitCode, 0);
        QCOMPARE(namesIn(folder / "back"), (QList<QByteArray> { "hub", "shop" }));
        QCOMPARE(problemWithAccounts(folder / "back/hub/data/history.db"), QByteArray());
    }

    void oneWayOfRestoringAtATime()
    {
        const Folder folder;
        const QByteArray archive = hubBackup(folder);
        QCOMPARE(runHubkeep({ "restore", archive, "--hub", folder / "x", "--to", folder / "y" })
                     .exitCode,
            2);
        QCOMPARE(
            runHubkeep({ "restore", archive, "--hub", folder / "x", "--source", "shop" }).exitCode,
            2);
        QVERIFY(!exists(folder / "x"));
    }
};

QTEST_APPLESS_MAIN(TestHubRestore)
#include "tst_hubrestore.moc"
