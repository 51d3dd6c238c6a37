// `hubkeep backup` as the contract has it: exit codes, JSON keys, who says what where.

#include "tests/support/enginecli.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QJsonArray>

#include <cstdlib>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QStringList keys(const QJsonObject &object)
{
    QStringList list = object.keys();
    list.sort();
    return list;
}

QStringList strings(const QJsonValue &array)
{
    QStringList list;
    for (const QJsonValue &value : array.toArray())
        list.append(value.toString());
    return list;
}

} // namespace

class TestBackupCommand : public QObject
{
    Q_OBJECT

private slots:
    void printsTheIdAndNothingElseOnStandardOutput()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        const CliResult made
            = runHubkeep({ "backup", "--source", folder / "source", "--output", folder / "out" });
        QCOMPARE(made.exitCode, 0);
        const QByteArray id = made.out.trimmed();
        QCOMPARE(made.out, id + '\n');
        QCOMPARE(namesIn(folder / "out").join(' '), id + ".zip");
        QVERIFY2(made.err.contains("read back and verified"), made.err.constData());
        QVERIFY2(!made.err.contains('\r') && !made.err.contains('\x1b'),
            "a progress bar without a terminal");
    }

    void quietSaysNothing()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        for (const QList<QByteArray> &arguments :
            { QList<QByteArray> {
                  "--quiet", "backup", "--source", folder / "source", "--output", folder / "out" },
                QList<QByteArray> { "backup", "--source", folder / "source", "--output",
                    folder / "out", "--quiet" } }) {
            const CliResult made = runHubkeep(arguments);
            QCOMPARE(made.exitCode, 0);
            QCOMPARE(made.err, QByteArray());
        }
        const CliResult failed = runHubkeep(
            { "--quiet", "backup", "--source", folder / "none", "--output", folder / "out" });
        QCOMPARE(failed.exitCode, 1);
        QVERIFY2(isOneSentence(failed.err), failed.err.constData());
    }

    void jsonHasTheKeysOfTheContract()
    {
        const Folder folder;
        writeFile(folder / "source/file", someText(10'000));
        writeFile(folder / "source/folder/file", "x");
        makeFifo(folder / "source/fifo\xff");
        makeAccounts(folder / "source/app.db", 100, "WAL");
        const CliResult made = runHubkeep(
            { "backup", "--source", folder / "source", "--output", folder / "out", "--json" });
        QCOMPARE(made.exitCode, 0);
        const QJsonObject json = made.json();
        for (const char *key : { "backup_id", "path", "size", "files", "directories", "databases",
                 "bytes", "reused_bytes", "warnings", "failed_sources", "duration_s", "verified" })
            QVERIFY2(json.contains(QLatin1String(key)), key);
        const QByteArray path = QFile::encodeName(json[QStringLiteral("path")].toString());
        QCOMPARE(path,
            folder / "out/" + json[QStringLiteral("backup_id")].toString().toLatin1() + ".zip");
        QCOMPARE(json[QStringLiteral("size")].toInteger(), qint64(statusOf(path).st_size));
        QCOMPARE(json[QStringLiteral("files")].toInt(), 3);
        QCOMPARE(json[QStringLiteral("directories")].toInt(), 2);
        QCOMPARE(json[QStringLiteral("databases")].toInt(), 1);
        QVERIFY(json[QStringLiteral("bytes")].toInteger() > 10'000);
        QCOMPARE(json[QStringLiteral("reused_bytes")].toInt(-1), 0);
        QCOMPARE(json[QStringLiteral("failed_sources")], QJsonValue(QJsonArray()));
        QVERIFY(json[QStringLiteral("duration_s")].isDouble());
        QCOMPARE(json[QStringLiteral("verified")], QJsonValue(true));
        const QJsonArray warnings = json[QStringLiteral("warnings")].toArray();
        QCOMPARE(warnings.size(), 1);
        const QJsonObject warning = warnings.first().toObject();
        QCOMPARE(keys(warning),
            (QStringList { QStringLiteral("message"), QStringLiteral("path"),
                QStringLiteral("path_base64") }));
        QCOMPARE(
            QByteArray::fromBase64(warning[QStringLiteral("path_base64")].toString().toLatin1()),
            folder / "source/fifo\xff");
        QVERIFY(warning[QStringLiteral("path")].toString().endsWith(QChar(0xfffd)));
    }

    void missingArgumentsAreWrongUsage_data()
    {
        QTest::addColumn<QList<QByteArray>>("arguments");
        using Arguments = QList<QByteArray>;
        QTest::newRow("nothing") << Arguments {};
        QTest::newRow("no sources") << Arguments { "backup", "--output", "out" };
        QTest::newRow("no output") << Arguments { "backup", "--source", "source" };
        QTest::newRow("an unknown option")
            << Arguments { "backup", "--source", "source", "--output", "out", "--fast" };
        QTest::newRow("an unknown command") << Arguments { "bakcup" };
        QTest::newRow("a command without a name")
            << Arguments { "backup", "--command", "pg_dump", "--output", "out" };
        QTest::newRow("a command with a path")
            << Arguments { "backup", "--command", "../x=echo", "--output", "out" };
        QTest::newRow("a value is missing") << Arguments { "backup", "--source" };
        QTest::newRow("restore to nowhere") << Arguments { "restore", "x.zip" };
        QTest::newRow("restore to both")
            << Arguments { "restore", "x.zip", "--to", "y", "--in-place", "--confirm" };
        QTest::newRow("in place without a yes") << Arguments { "restore", "x.zip", "--in-place" };
        QTest::newRow("verify nothing") << Arguments { "verify" };
        QTest::newRow("cat of nothing") << Arguments { "cat", "x.zip" };
        QTest::newRow("diff of one") << Arguments { "diff", "x.zip" };
    }

    void missingArgumentsAreWrongUsage()
    {
        QFETCH(QList<QByteArray>, arguments);
        const Folder folder;
        writeFile(folder / "source/file", "x");
        const CliResult used = runHubkeep(arguments, folder.path());
        QCOMPARE(used.exitCode, 2);
        QCOMPARE(used.out, QByteArray());
        QVERIFY(!used.err.isEmpty());
        QVERIFY(!exists(folder / "out"));
    }

    void helpAndVersionAreAnswers()
    {
        for (const char *option : { "--help", "--version" }) {
            const CliResult said = runHubkeep({ option });
            QCOMPARE(said.exitCode, 0);
            QVERIFY2(said.out.contains("hubkeep"), said.out.constData());
            QCOMPARE(said.err, QByteArray());
        }
        QVERIFY(runHubkeep({ "backup", "--help" }).out.contains("--exclude"));
    }

    void failuresAreOneSentenceAndExitOne()
    {
        const Folder folder;
        const CliResult failed = runHubkeep(
            { "backup", "--source", folder / "gone", "--output", folder / "out", "--json" });
        QCOMPARE(failed.exitCode, 1);
        QVERIFY2(isOneSentence(failed.err), failed.err.constData());
        QVERIFY(failed.err.contains("gone"));
        QVERIFY(namesIn(folder / "out").isEmpty());
    }

    void aDamagedDatabaseAloneIsAFailureNotADamagedBackup()
    {
        const Folder folder;
        makeAccounts(folder / "app.db", 500, "DELETE");
        overwriteAt(folder / "app.db", 20 * 4096, randomBytes(3 * 4096, 9));
        const CliResult failed
            = runHubkeep({ "backup", "--source", folder / "app.db", "--output", folder / "out" });
        QCOMPARE(failed.exitCode, 1);
        QVERIFY2(isOneSentence(failed.err), failed.err.constData());
        QVERIFY(namesIn(folder / "out").isEmpty());
    }

    void aMissingSourceAmongSeveralIsAFailureWithABackup()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        const CliResult made = runHubkeep({ "backup", "--source", folder / "source", "--source",
            folder / "gone", "--output", folder / "out", "--json" });
        QCOMPARE(made.exitCode, 1);
        QCOMPARE(strings(made.json()[QStringLiteral("failed_sources")]),
            QStringList { QStringLiteral("gone") });
        QCOMPARE(namesIn(folder / "out").size(), 1);
        QCOMPARE(
            runHubkeep({ "verify", folder / "out/" + namesIn(folder / "out").first() }).exitCode,
            0);
        const QJsonObject listed
            = runHubkeep({ "list", "--output", folder / "out", "--json" }).json();
        QCOMPARE(
            strings(listed[QStringLiteral("backups")].toArray().first().toObject()[QStringLiteral(
                "failed_sources")]),
            QStringList { QStringLiteral("gone") });
    }

    void aSuddenlyEmptySourceIsAFailure()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        const QList<QByteArray> arguments { "backup", "--source", folder / "source", "--output",
            folder / "out" };
        QCOMPARE(runHubkeep(arguments).exitCode, 0);
        removeTree(folder / "source/file");
        for (int i = 0; i < 2; ++i) {
            const CliResult failed = runHubkeep(arguments);
            QCOMPARE(failed.exitCode, 1);
            QVERIFY2(failed.err.contains("is empty and had 1 file"), failed.err.constData());
            QCOMPARE(namesIn(folder / "out").size(), 1);
        }
    }

    void unreadableFilesAreExitThreeAndListed()
    {
        if (!AsNobody::isPossible())
            QSKIP("only root can become somebody else");
        const Folder folder;
        setMode(folder.path(), 0777);
        writeFile(folder / "source/closed", "x");
        writeFile(folder / "source/open", "y");
        setMode(folder / "source/closed", 0);
        {
            const AsNobody nobody;
            if (::euidaccess(HUBKEEP_BINARY, X_OK) != 0)
                QSKIP("the binary lies where nobody else may go");
        }
        const CliResult made = runHubkeep(
            { "backup", "--source", folder / "source", "--output", folder / "out", "--json" }, {},
            true);
        QCOMPARE(made.exitCode, 3);
        const QJsonArray warnings = made.json()[QStringLiteral("warnings")].toArray();
        QCOMPARE(warnings.size(), 1);
        QCOMPARE(warnings.first().toObject()[QStringLiteral("path")].toString(),
            QFile::decodeName(folder / "source/closed"));
        QVERIFY2(made.err.contains("could not be read"), made.err.constData());
    }

    void namesakesAreNumbered()
    {
        const Folder folder;
        for (const char *name : { "a/data", "b/data", "c/data" })
            writeFile(folder / name + "/file", name);
        const CliResult made = runHubkeep({ "backup", "--source", folder / "a/data", "--source",
            folder / "b/data", "--source", folder / "c/data/", "--output", folder / "out" });
        QCOMPARE(made.exitCode, 0);
        const QByteArray archive = folder / "out/" + made.out.trimmed() + ".zip";
        QCOMPARE(runHubkeep({ "cat", archive, "sources/data/file" }).out, "a/data");
        QCOMPARE(runHubkeep({ "cat", archive, "sources/data-2/file" }).out, "b/data");
        QCOMPARE(runHubkeep({ "cat", archive, "sources/data-3/file" }).out, "c/data");
    }

    void relativePathsAndExcludesAndNames()
    {
        const Folder folder;
        writeFile(folder / "source/keep", "x");
        writeFile(folder / "source/cache/junk", "x");
        writeFile(folder / "source/a.tmp", "x");
        const CliResult made = runHubkeep(
            { "backup", "--source", "./source/../source", "--output", "out", "--exclude", "cache/",
                "--exclude", "*.tmp", "--name", "Before the move" },
            folder.path());
        QCOMPARE(made.exitCode, 0);
        const QByteArray archive = folder / "out/" + made.out.trimmed() + ".zip";
        QCOMPARE(entriesOf(archive).keys(),
            (QList<QByteArray> { "sources/source", "sources/source/keep" }));
        QCOMPARE(mustOpen(archive).info().name, QStringLiteral("Before the move"));
        QCOMPARE(mustOpen(archive).info().sources.first().path, folder / "source");
    }

    void commandsAreSources()
    {
        const Folder folder;
        const CliResult made = runHubkeep(
            { "backup", "--command", "ledger.dump=echo some rows", "--output", folder / "out" });
        QCOMPARE(made.exitCode, 0);
        QCOMPARE(runHubkeep({ "cat", folder / "out/" + made.out.trimmed() + ".zip",
                                "sources/ledger/ledger.dump" })
                     .out,
            "some rows\n");
        QCOMPARE(
            runHubkeep({ "backup", "--command", "x=exit 7", "--output", folder / "out" }).exitCode,
            1);
    }

    // Anybody's unzip opens it.
    void isAnOrdinaryZip()
    {
        const Folder folder;
        writeFile(folder / "source/text", someText(3'000'000));
        writeFile(folder / "source/noise", randomBytes(3'000'000, 1));
        makeAccounts(folder / "source/app.db", 1000, "WAL");
        const CliResult made
            = runHubkeep({ "backup", "--source", folder / "source", "--output", folder / "out" });
        const QByteArray archive = folder / "out/" + made.out.trimmed() + ".zip";
        for (const QByteArray &check :
            { "unzip -tq " + archive, "7z t -bso0 " + archive, "python3 -m zipfile -t " + archive,
                "unzip -q " + archive + " -d " + folder / "unzipped" })
            QCOMPARE(std::system((check + " > /dev/null").constData()), 0);
        QCOMPARE(readFile(folder / "unzipped/sources/source/text"), someText(3'000'000));
        QCOMPARE(problemWithAccounts(folder / "unzipped/sources/source/app.db"), QByteArray());
    }
};

QTEST_GUILESS_MAIN(TestBackupCommand)
#include "tst_backupcommand.moc"
