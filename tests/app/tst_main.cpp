// What hubkeep is started with: arguments, standard streams, signals.

#include "tests/support/enginecli.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <csignal>
#include <cstdlib>
#include <sys/wait.h>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

// As a shell starts it; the exit code.
int runInShell(const QByteArray &arguments)
{
    return WEXITSTATUS(std::system((HUBKEEP_BINARY " " + arguments).constData()));
}

QByteArray onlyBackupIn(const QByteArray &folder)
{
    const QList<QByteArray> names = namesIn(folder);
    if (names.size() != 1)
        qFatal("There is not one backup but %lld", qlonglong(names.size()));
    return folder + '/' + names.first();
}

} // namespace

class TestMain : public QObject
{
    Q_OBJECT

private slots:
    void argumentsInBracketsAreNoLists_data()
    {
        QTest::addColumn<QList<QByteArray>>("options");
        QTest::addColumn<QByteArray>("left");
        using Options = QList<QByteArray>;
        QTest::newRow("a path") << Options { "--source", "[a,b]" } << QByteArray("[c,d] kept");
        QTest::newRow("a path after =") << Options { "--source=[a,b]" } << QByteArray("[c,d] kept");
        QTest::newRow("the second of two paths")
            << Options { "--source", "other", "[a,b]" } << QByteArray("[c,d] kept");
        QTest::newRow("a glob to leave out")
            << Options { "--source", "[a,b]", "--exclude", "[c,d]" } << QByteArray("[c,d] kept");
        QTest::newRow("a glob that matches")
            << Options { "--source", "[a,b]", "--exclude", "[k,x]ept" } << QByteArray("[c,d]");
    }

    void argumentsInBracketsAreNoLists()
    {
        QFETCH(QList<QByteArray>, options);
        QFETCH(QByteArray, left);
        const Folder folder;
        writeFile(folder / "[a,b]/[c,d]", "x");
        writeFile(folder / "[a,b]/kept", "x");
        writeFile(folder / "other/file", "x");
        const CliResult made = runHubkeep(
            QList<QByteArray> { "backup", "--output", "out" } + options, folder.path());
        QVERIFY2(made.exitCode == 0, made.err.constData());
        QList<QByteArray> names;
        for (const QByteArray &name : entriesOf(onlyBackupIn(folder / "out")).keys()) {
            if (name.startsWith("sources/[a,b]/"))
                names.append(name.mid(qsizetype(qstrlen("sources/[a,b]/"))));
        }
        QCOMPARE(names.join(' '), left);
    }

    void aGlobOfOneLetterInBracketsLeavesThatOut_data()
    {
        QTest::addColumn<QList<QByteArray>>("option");
        QTest::newRow("apart") << QList<QByteArray> { "--exclude", "[ab]" };
        QTest::newRow("after =") << QList<QByteArray> { "--exclude=[ab]" };
        QTest::newRow("with a comma") << QList<QByteArray> { "--exclude", "[a,b]" };
    }

    void aGlobOfOneLetterInBracketsLeavesThatOut()
    {
        QFETCH(QList<QByteArray>, option);
        const Folder folder;
        for (const char *name : { "source/a", "source/deep/b", "source/c" })
            writeFile(folder / name, "x");
        const CliResult made = runHubkeep(
            QList<QByteArray> { "backup", "--source", "source", "--output", "out" } + option,
            folder.path());
        QVERIFY2(made.exitCode == 0, made.err.constData());
        QCOMPARE(entriesOf(onlyBackupIn(folder / "out")).keys().join(' '),
            "sources/source sources/source/c sources/source/deep");
    }

    void namesInBracketsStayAsTheyAre()
    {
        const Folder folder;
        writeFile(folder / "[a,b]/file", "x");
        writeFile(folder / "other/file", "x");
        QCOMPARE(runHubkeep({ "backup", "--source", "[a,b]", "other", "--name", "[before, after]",
                                "--output", "out" },
                     folder.path())
                     .exitCode,
            0);
        const QByteArray archive = onlyBackupIn(folder / "out");
        QCOMPARE(mustOpen(archive).info().name, QStringLiteral("[before, after]"));
        const CliResult restored
            = runHubkeep({ "restore", archive, "--source", "[a,b]", "--to", folder / "back" });
        QVERIFY2(restored.exitCode == 0, restored.err.constData());
        QCOMPARE(namesIn(folder / "back").join(' '), "[a,b]");
        QCOMPARE(runHubkeep({ "restore", archive, "--include", "[f,g]ile", "--to", "[x,y]" },
                     folder.path())
                     .exitCode,
            0);
        QCOMPARE(readFile(folder / "[x,y]/other/file"), "x");
    }

    // The archive must not become standard output, with the id written into it.
    void closedStreamsHarmNothing_data()
    {
        QTest::addColumn<QByteArray>("closed");
        for (const char *closed : { "<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-" })
            QTest::newRow(closed) << QByteArray(closed);
    }

    void closedStreamsHarmNothing()
    {
        QFETCH(QByteArray, closed);
        const Folder folder;
        writeFile(folder / "source/large", randomBytes(3'000'000, 1));
        const QByteArray end = " >/dev/null " + closed;
        QCOMPARE(runInShell("--quiet backup --source " + folder / "source --command 'x=cat' "
                     + "--output " + folder / "out" + end),
            0);
        const QByteArray archive = onlyBackupIn(folder / "out");
        QCOMPARE(problemsOf(archive), QStringList());
        const QByteArray before = readFile(archive);
        for (const QByteArray &command : { "list --output " + folder / "out", "show " + archive,
                 "verify " + archive, "cat " + archive + " sources/source/large",
                 "restore " + archive + " --to " + folder / "back" })
            QCOMPARE(runInShell("--quiet " + command + end), 0);
        QCOMPARE(treeDifferences(folder / "source", folder / "back/source"), QStringList());
        QVERIFY(readFile(archive) == before);
    }

    void aFullStandardOutputIsAFailureInASentence_data()
    {
        QTest::addColumn<QByteArray>("command");
        QTest::newRow("list") << QByteArray("list --output %1/out");
        QTest::newRow("list in JSON") << QByteArray("list --json --output %1/out");
        QTest::newRow("show") << QByteArray("show %2");
        QTest::newRow("show in JSON") << QByteArray("show --json %2");
        QTest::newRow("diff") << QByteArray("diff %1/empty.zip %2");
        QTest::newRow("diff in JSON") << QByteArray("diff --json %1/empty.zip %2");
        QTest::newRow("cat") << QByteArray("cat %2 sources/source/1");
        QTest::newRow("verify") << QByteArray("verify %2");
        QTest::newRow("help") << QByteArray("--help");
    }

    void aFullStandardOutputIsAFailureInASentence()
    {
        QFETCH(QByteArray, command);
        const Folder folder;
        makeFolder(folder / "source");
        QCOMPARE(runHubkeep({ "backup", "--source", folder / "source", "--output", folder / "a" })
                     .exitCode,
            0);
        ::rename(onlyBackupIn(folder / "a").constData(), (folder / "empty.zip").constData());
        for (int i = 0; i < 1000; ++i)
            writeFile(folder / "source/" + QByteArray::number(i), "x");
        QCOMPARE(runHubkeep({ "backup", "--source", folder / "source", "--output", folder / "out" })
                     .exitCode,
            0);
        command.replace("%1", folder.path()).replace("%2", onlyBackupIn(folder / "out"));
        QCOMPARE(runInShell(command + " >/dev/full 2>" + folder / "err"), 1);
        const QByteArray err = readFile(folder / "err");
        QVERIFY2(isOneSentence(err) && err.contains("standard output"), err.constData());
    }

    // nohup hubkeep …
    void aHangUpThatIsIgnoredAtTheStartStaysIgnored()
    {
        const Folder folder;
        makeFifo(folder / "fifo");
        const auto before = std::signal(SIGHUP, SIG_IGN);
        RunningCli job({ "backup", "--command", "x=echo begins; cat " + folder / "fifo", "--output",
            folder / "out" });
        std::signal(SIGHUP, before);
        QTRY_VERIFY(
            exists(folder / "out") && namesIn(folder / "out").join(' ').contains(".zip.partial"));
        job.signal(SIGHUP);
        QCOMPARE(std::system(("echo ends >" + folder / "fifo").constData()), 0);
        const CliResult ended = job.wait();
        QVERIFY2(ended.exitCode == 0, ended.err.constData());
        QCOMPARE(runHubkeep({ "cat", onlyBackupIn(folder / "out"), "sources/x/x" }).out,
            "begins\nends\n");
    }

    // Shells ignore it for what they start in the background.
    void anInterruptThatIsIgnoredAtTheStartInterrupts()
    {
        const Folder folder;
        makeFifo(folder / "fifo");
        const auto before = std::signal(SIGINT, SIG_IGN);
        RunningCli job(
            { "backup", "--command", "x=cat " + folder / "fifo", "--output", folder / "out" });
        std::signal(SIGINT, before);
        QTRY_VERIFY(
            exists(folder / "out") && namesIn(folder / "out").join(' ').contains(".zip.partial"));
        job.signal(SIGINT);
        const CliResult ended = job.wait();
        QCOMPARE(ended.exitCode, 130);
        QVERIFY2(isOneSentence(ended.err), ended.err.constData());
        QVERIFY(namesIn(folder / "out").isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestMain)
#include "tst_main.moc"
