// `hubkeep list, show, verify, cat, diff` as the contract has them.

#include "tests/support/enginecli.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QJsonArray>

#include <cstdlib>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QByteArray backUp(const Folder &folder)
{
    const CliResult made
        = runHubkeep({ "backup", "--source", folder / "source", "--output", folder / "out" });
    return folder / "out/" + made.out.trimmed() + ".zip";
}

void overwriteIn(const QByteArray &archive, const QByteArray &find, const QByteArray &with)
{
    const qsizetype at = readFile(archive).indexOf(find);
    if (at < 0)
        qFatal("It is not there");
    setMode(archive, 0600);
    overwriteAt(archive, at, with);
}

QJsonObject entryNamed(const QJsonArray &list, const char *path)
{
    for (const QJsonValue &value : list) {
        if (value[QStringLiteral("path")].toString() == QString::fromUtf8(path))
            return value.toObject();
    }
    return {};
}

} // namespace

class TestInspectCommands : public QObject
{
    Q_OBJECT

private slots:
    void verifyProvesASoundBackup()
    {
        const Folder folder;
        writeFile(folder / "source/file", someText(3'000'000));
        makeAccounts(folder / "source/app.db", 1000, "WAL");
        const QByteArray archive = backUp(folder);
        const CliResult plain = runHubkeep({ "verify", archive });
        QCOMPARE(plain.exitCode, 0);
        QVERIFY2(plain.out.contains("is sound"), plain.out.constData());
        const QJsonObject json = runHubkeep({ "verify", archive, "--json" }).json();
        QCOMPARE(archive,
            folder / "out/" + json[QStringLiteral("backup_id")].toString().toLatin1() + ".zip");
        QCOMPARE(json[QStringLiteral("ok")], QJsonValue(true));
        QCOMPARE(json[QStringLiteral("entries")].toInt(), 3);
        QCOMPARE(json[QStringLiteral("databases")].toInt(), 1);
        QCOMPARE(json[QStringLiteral("problems")], QJsonValue(QJsonArray()));
    }

    void verifyNamesWhatIsDamaged()
    {
        const Folder folder;
        writeFile(folder / "source/one", "content of one");
        writeFile(folder / "source/two", "content of two");
        const QByteArray archive = backUp(folder);
        overwriteIn(archive, "content of two", "CONTENT");
        const CliResult damaged = runHubkeep({ "verify", archive, "--json" });
        QCOMPARE(damaged.exitCode, 4);
        QCOMPARE(damaged.json()[QStringLiteral("ok")], QJsonValue(false));
        const QJsonArray problems = damaged.json()[QStringLiteral("problems")].toArray();
        QCOMPARE(problems.size(), 1);
        const QJsonObject problem = problems.first().toObject();
        QCOMPARE(problem[QStringLiteral("path")].toString(), QStringLiteral("sources/source/two"));
        QVERIFY(!problem[QStringLiteral("message")].toString().isEmpty());
        QVERIFY(damaged.err.contains("sources/source/two"));
    }

    void verifyAnswersInJsonForWhatIsNoBackup()
    {
        const Folder folder;
        writeFile(folder / "noise.zip", randomBytes(5000, 1));
        const CliResult damaged = runHubkeep({ "verify", folder / "noise.zip", "--json" });
        QCOMPARE(damaged.exitCode, 4);
        QCOMPARE(damaged.json()[QStringLiteral("ok")], QJsonValue(false));
        QCOMPARE(damaged.json()[QStringLiteral("problems")].toArray().size(), 1);
        QVERIFY2(isOneSentence(damaged.err), damaged.err.constData());
    }

    void verifyReportsAMarkAndDoesNotFailForIt()
    {
        const Folder folder;
        makeAccounts(folder / "source/app.db", 500, "DELETE");
        overwriteAt(folder / "source/app.db", 20 * 4096, randomBytes(3 * 4096, 9));
        const QByteArray archive = backUp(folder);
        const CliResult marked = runHubkeep({ "verify", archive });
        QCOMPARE(marked.exitCode, 0);
        QVERIFY2(marked.err.contains("app.db") && marked.err.contains("damaged already"),
            marked.err.constData());
        QCOMPARE(runHubkeep({ "verify", archive, "--json" }).json()[QStringLiteral("ok")],
            QJsonValue(true));
        const QJsonArray entries
            = runHubkeep({ "show", archive, "--json" }).json()[QStringLiteral("entries")].toArray();
        QVERIFY(!entryNamed(entries, "sources/source/app.db")[QStringLiteral("damage")]
                     .toString()
                     .isEmpty());
    }

    // Left in the system's temporary folder, databases would be a leak.
    void verifyLeavesNothingInTheTemporaryFolder()
    {
        const Folder folder;
        makeAccounts(folder / "source/app.db", 1000, "WAL");
        const QByteArray archive = backUp(folder);
        makeFolder(folder / "tmp");
        qputenv("TMPDIR", folder / "tmp");
        const CliResult verified = runHubkeep({ "verify", archive });
        qunsetenv("TMPDIR");
        QCOMPARE(verified.exitCode, 0);
        QVERIFY(namesIn(folder / "tmp").isEmpty());
    }

    void showListsWhatIsInIt()
    {
        const Folder folder;
        writeFile(folder / "source/file", "12345");
        setMode(folder / "source/file", 0640);
        makeLink("file", folder / "source/link");
        makeHardLink(folder / "source/file", folder / "source/other name");
        writeFile(folder / "source/caf\xe9", "x");
        makeFifo(folder / "source/fifo");
        makeAccounts(folder / "source/app.db", 10, "WAL");
        const QByteArray archive = backUp(folder);
        const CliResult shown = runHubkeep({ "show", archive });
        QCOMPARE(shown.exitCode, 0);
        QCOMPARE(shown.err, QByteArray());
        for (const char *line :
            { "-rw-r-----            5", "sources/source/link", "(database)", "warning", "fifo" })
            QVERIFY2(shown.out.contains(line), line);
        const QJsonObject json = runHubkeep({ "show", archive, "--json" }).json();
        const QJsonArray entries = json[QStringLiteral("entries")].toArray();
        QCOMPARE(entries.size(), 6);
        const QJsonObject file = entryNamed(entries, "sources/source/file");
        QCOMPARE(file[QStringLiteral("size")].toInt(), 5);
        QCOMPARE(file[QStringLiteral("mode")].toString(), QStringLiteral("640"));
        QCOMPARE(entryNamed(entries, "sources/source/link")[QStringLiteral("type")].toString(),
            QStringLiteral("symlink"));
        QCOMPARE(entryNamed(entries, "sources/source/other name")[QStringLiteral("hard_link")]
                     .toString(),
            QStringLiteral("sources/source/file"));
        QVERIFY(entryNamed(entries, "sources/source/app.db")[QStringLiteral("database")].toBool());
        QCOMPARE(QByteArray::fromBase64(
                     entryNamed(entries, "sources/source/caf\xef\xbf\xbd")[QStringLiteral("path_"
                                                                                          "base64")]
                         .toString()
                         .toLatin1()),
            "sources/source/caf\xe9");
        QCOMPARE(json[QStringLiteral("warnings")].toArray().size(), 1);
    }

    // Escapes in a name must not reach a terminal.
    void namesForgeNoLines()
    {
        const Folder folder;
        writeFile(folder / "source/a\nsources/source/forged\x1b[2J", "x");
        const QByteArray archive = backUp(folder);
        const CliResult shown = runHubkeep({ "show", archive });
        QVERIFY(!shown.out.contains('\x1b'));
        QVERIFY(!shown.out.contains("\nsources/source/forged"));
    }

    void listNamesBackupsNewestFirstAndDamagedOnes()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        const QByteArray first = backUp(folder);
        const QByteArray second = backUp(folder);
        setMode(first, 0600);
        writeFile(first, "cut off");
        const CliResult listed = runHubkeep({ "list", "--output", folder / "out" });
        QCOMPARE(listed.exitCode, 0);
        QCOMPARE(listed.out.count('\n'), 2);
        QVERIFY2(listed.out.contains("damaged"), listed.out.constData());
        const QJsonArray list = runHubkeep({ "list", "--output", folder / "out", "--json" })
                                    .json()[QStringLiteral("backups")]
                                    .toArray();
        QCOMPARE(list.size(), 2);
        const QJsonObject damaged = entryNamed(list, first.constData());
        QVERIFY(damaged.contains(QStringLiteral("error")));
        const QJsonObject sound = entryNamed(list, second.constData());
        QVERIFY(!sound.contains(QStringLiteral("error")));
        QCOMPARE(sound[QStringLiteral("files")].toInt(), 1);
    }

    void listOfAnEmptyAndOfAMissingFolder()
    {
        const Folder folder;
        const CliResult none = runHubkeep({ "list", "--output", folder.path(), "--json" });
        QCOMPARE(none.exitCode, 0);
        QCOMPARE(none.json()[QStringLiteral("backups")], QJsonValue(QJsonArray()));
        const CliResult missing = runHubkeep({ "list", "--output", folder / "gone" });
        QCOMPARE(missing.exitCode, 1);
        QVERIFY2(isOneSentence(missing.err), missing.err.constData());
    }

    void catPrintsAFileByteForByte()
    {
        const Folder folder;
        const QByteArray large = randomBytes(5'000'000, 1);
        writeFile(folder / "source/large", large);
        writeFile(folder / "source/small", QByteArray("a\0b\n", 4));
        writeFile(folder / "source/empty", "");
        makeLink("small", folder / "source/link");
        const QByteArray archive = backUp(folder);
        QCOMPARE(runHubkeep({ "cat", archive, "sources/source/large" }).out, large);
        QCOMPARE(
            runHubkeep({ "cat", archive, "sources/source/small" }).out, QByteArray("a\0b\n", 4));
        QCOMPARE(runHubkeep({ "cat", archive, "sources/source/empty" }).exitCode, 0);
        for (const char *path : { "sources/source/none", "sources/source", "small",
                 "sources/source/../source/small" }) {
            const CliResult failed = runHubkeep({ "cat", archive, path });
            QCOMPARE(failed.exitCode, 1);
            QVERIFY2(isOneSentence(failed.err), failed.err.constData());
            QCOMPARE(failed.out, QByteArray());
        }
    }

    void catPrintsNothingThatIsDamaged()
    {
        const Folder folder;
        writeFile(folder / "source/file", "content of the file");
        const QByteArray archive = backUp(folder);
        overwriteIn(archive, "content of the file", "CONTENT");
        const CliResult failed = runHubkeep({ "cat", archive, "sources/source/file" });
        QCOMPARE(failed.exitCode, 4);
        QCOMPARE(failed.out, QByteArray());
    }

    void diffSaysWhatCameWentAndChanged()
    {
        const Folder folder;
        for (const char *name : { "same", "changed", "gone", "touched", "mode", "type" })
            writeFile(folder / "source/" + name, "content");
        const QByteArray before = backUp(folder);
        QCOMPARE(runHubkeep({ "diff", before, before }).out, QByteArray());
        writeFile(folder / "source/changed", "CONTENT");
        removeTree(folder / "source/gone");
        setModified(folder / "source/touched", 5, 5);
        setMode(folder / "source/mode", 0600);
        removeTree(folder / "source/type");
        makeFolder(folder / "source/type");
        writeFile(folder / "source/new/file", "x");
        const QByteArray after = backUp(folder);
        const CliResult said = runHubkeep({ "diff", before, after });
        QCOMPARE(said.exitCode, 0);
        QList<QByteArray> lines = said.out.trimmed().split('\n');
        std::sort(lines.begin(), lines.end());
        QCOMPARE(lines,
            (QList<QByteArray> { "+ sources/source/new/", "+ sources/source/new/file",
                "- sources/source/gone", "~ sources/source/changed  (content, time)",
                "~ sources/source/mode  (mode)", "~ sources/source/touched  (time)",
                "~ sources/source/type/  (type)" }));
        const QJsonObject json = runHubkeep({ "diff", before, after, "--json" }).json();
        QCOMPARE(json[QStringLiteral("added")].toArray().size(), 2);
        QCOMPARE(json[QStringLiteral("removed")].toArray().size(), 1);
        QCOMPARE(json[QStringLiteral("changed")].toArray().size(), 4);
    }

    void aClosedPipeIsNoCrash()
    {
        const Folder folder;
        writeFile(folder / "source/large", randomBytes(5'000'000, 1));
        const QByteArray archive = backUp(folder);
        const QByteArray script = "{ " HUBKEEP_BINARY " cat " + archive + " sources/source/large 2>"
            + folder / "err; echo $? >"
            + folder
                / "code; } | head -c 10 "
                  ">/dev/null";
        QCOMPARE(std::system(script.constData()), 0);
        QCOMPARE(readFile(folder / "code").trimmed(), "1");
        QVERIFY(isOneSentence(readFile(folder / "err")));
    }
};

QTEST_GUILESS_MAIN(TestInspectCommands)
#include "tst_inspectcommands.moc"
