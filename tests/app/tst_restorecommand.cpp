// `hubkeep restore` as the contract has it.

#include "integrations/backup/folderlock.h"
#include "tests/support/enginecli.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QJsonArray>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

struct Backed
{
    Folder folder;
    QByteArray id;
    QByteArray archive;

    Backed()
    {
        writeFile(folder / "source/a", "content of a");
        writeFile(folder / "source/folder/b", "content of b");
        writeFile(folder / "other/x", "content of x");
        makeAccounts(folder / "source/app.db", 100, "WAL");
        const CliResult made = runHubkeep({ "backup", "--source", folder / "source", "--source",
            folder / "other", "--output", folder / "out" });
        id = made.out.trimmed();
        archive = folder / "out/" + id + ".zip";
    }
    CliResult restore(const QList<QByteArray> &arguments) const
    {
        return runHubkeep(QList<QByteArray> { "restore", archive } + arguments);
    }
};

} // namespace

class TestRestoreCommand : public QObject
{
    Q_OBJECT

private slots:
    void restoresToAFolderOrInPlace()
    {
        const Backed backed;
        const CliResult restored = backed.restore({ "--to", backed.folder / "back", "--json" });
        QCOMPARE(restored.exitCode, 0);
        const QJsonObject json = restored.json();
        QCOMPARE(json[QStringLiteral("backup_id")].toString().toLatin1(), backed.id);
        QCOMPARE(json[QStringLiteral("written")].toInt(), 4);
        QCOMPARE(json[QStringLiteral("damaged")].toArray().size(), 0);
        QCOMPARE(
            treeDifferences(backed.folder / "other", backed.folder / "back/other"), QStringList());
        removeTree(backed.folder / "source/a");
        Database(backed.folder / "source/app.db").run("UPDATE moves SET number=5");
        const CliResult inPlace = backed.restore({ "--in-place", "--confirm", "--json" });
        QCOMPARE(inPlace.exitCode, 0);
        QCOMPARE(inPlace.json()[QStringLiteral("written")].toInt(), 2);
        QCOMPARE(inPlace.json()[QStringLiteral("replaced")].toInt(), 1);
        QCOMPARE(inPlace.json()[QStringLiteral("unchanged")].toInt(), 2);
        QCOMPARE(readFile(backed.folder / "source/a"), "content of a");
        QCOMPARE(AccountMover::movesIn(backed.folder / "source/app.db"), 0);
        QCOMPARE(AccountMover::movesIn(backed.folder / "source/app.db.before-restore"), 5);
    }

    void anIdIsLookedUpInTheOutputFolder()
    {
        const Backed backed;
        QCOMPARE(runHubkeep({ "restore", backed.id, "--output", backed.folder / "out", "--to",
                                backed.folder / "back" })
                     .exitCode,
            0);
        QVERIFY(exists(backed.folder / "back/source/a"));
    }

    void whatIsThereIsNotOverwrittenUnlessAsked()
    {
        const Backed backed;
        writeFile(backed.folder / "back/source/a", "mine");
        const CliResult refused = backed.restore({ "--to", backed.folder / "back" });
        QCOMPARE(refused.exitCode, 1);
        QVERIFY2(isOneSentence(refused.err) && refused.err.contains("--overwrite"),
            refused.err.constData());
        QCOMPARE(readFile(backed.folder / "back/source/a"), "mine");
        QCOMPARE(backed.restore({ "--to", backed.folder / "back", "--overwrite" }).exitCode, 0);
        QCOMPARE(readFile(backed.folder / "back/source/a"), "content of a");
        QCOMPARE(readFile(backed.folder / "back/source/a.before-restore"), "mine");
    }

    void selectsSourcesAndGlobs()
    {
        const Backed backed;
        QCOMPARE(
            backed.restore({ "--to", backed.folder / "one", "--source", "other" }).exitCode, 0);
        QCOMPARE(namesIn(backed.folder / "one").join(' '), "other");
        QCOMPARE(
            backed.restore({ "--to", backed.folder / "two", "--include", "folder/**" }).exitCode,
            0);
        QCOMPARE(readFile(backed.folder / "two/source/folder/b"), "content of b");
        QVERIFY(!exists(backed.folder / "two/source/a"));
        const CliResult unknown
            = backed.restore({ "--to", backed.folder / "three", "--source", "nobody" });
        QCOMPARE(unknown.exitCode, 1);
        QVERIFY2(isOneSentence(unknown.err), unknown.err.constData());
    }

    void damageIsExitFourAndTheRestIsRestored()
    {
        const Backed backed;
        const qsizetype at = readFile(backed.archive).indexOf("content of b");
        QVERIFY(at > 0);
        setMode(backed.archive, 0600);
        overwriteAt(backed.archive, at, "CONTENT");
        const CliResult restored = backed.restore({ "--to", backed.folder / "back", "--json" });
        QCOMPARE(restored.exitCode, 4);
        const QJsonArray damaged = restored.json()[QStringLiteral("damaged")].toArray();
        QCOMPARE(damaged.size(), 1);
        QCOMPARE(damaged.first().toObject()[QStringLiteral("path")].toString(),
            QStringLiteral("sources/source/folder/b"));
        QVERIFY(restored.err.contains("sources/source/folder/b"));
        QVERIFY(!exists(backed.folder / "back/source/folder/b"));
        QCOMPARE(readFile(backed.folder / "back/source/a"), "content of a");
    }

    void whatIsNoBackupIsExitFour()
    {
        const Backed backed;
        writeFile(backed.folder / "noise.zip", randomBytes(10'000, 1));
        writeFile(backed.folder / "empty.zip", "");
        for (const char *name : { "noise.zip", "empty.zip" }) {
            for (const QList<QByteArray> &command :
                { QList<QByteArray> {
                      "restore", backed.folder / name, "--to", backed.folder / "back" },
                    QList<QByteArray> { "verify", backed.folder / name },
                    QList<QByteArray> { "show", backed.folder / name },
                    QList<QByteArray> { "cat", backed.folder / name, "x" },
                    QList<QByteArray> { "diff", backed.archive, backed.folder / name } }) {
                const CliResult refused = runHubkeep(command);
                QCOMPARE(refused.exitCode, 4);
                QVERIFY2(isOneSentence(refused.err), refused.err.constData());
                QCOMPARE(refused.out, QByteArray());
            }
        }
        QVERIFY(!exists(backed.folder / "back"));
    }

    void aBackupThatIsNotThereIsExitOne()
    {
        const Folder folder;
        for (const char *name : { "backup-20260101-000000-0123abcd", "gone.zip" }) {
            for (const QList<QByteArray> &command : { QList<QByteArray> { "verify", name },
                     QList<QByteArray> { "show", name }, QList<QByteArray> { "cat", name, "x" },
                     QList<QByteArray> { "restore", name, "--to", "back" } }) {
                const CliResult failed = runHubkeep(
                    QList<QByteArray> { "--data", folder / "data" } + command, folder.path());
                QCOMPARE(failed.exitCode, 1);
                QVERIFY2(
                    isOneSentence(failed.err) && failed.err.contains(name), failed.err.constData());
            }
        }
        QVERIFY(namesIn(folder.path()).isEmpty());
    }

    void aFolderInWhichAnotherJobWorksIsExitFive()
    {
        const Backed backed;
        makeFolder(backed.folder / "back");
        const Result<backup::FolderLock> lock = backup::FolderLock::take(backed.folder / "back");
        QVERIFY(lock.ok());
        const CliResult busy = backed.restore({ "--to", backed.folder / "back" });
        QCOMPARE(busy.exitCode, 5);
        QVERIFY2(isOneSentence(busy.err), busy.err.constData());
        QVERIFY(namesIn(backed.folder / "back").isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestRestoreCommand)
#include "tst_restorecommand.moc"
