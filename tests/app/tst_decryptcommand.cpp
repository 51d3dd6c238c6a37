// `hubkeep decrypt` as the contract has it: age files open, or leave nothing behind.

#include "integrations/backup/archive/agearmour.h"
#include "integrations/backup/archive/agekeys.h"
#include "tests/support/agecommand.h"
#include "tests/support/enginecli.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QProcess>

#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

struct Sealed
{
    Folder folder;
    AgeIdentity identity = AgeIdentity::generate();
    QByteArray content = QByteArray(300'000, 'x') + "the end";
    QByteArray file = folder / "content.age";
    QByteArray key = folder / "key.txt";
    QByteArray plain = folder / "out/content";

    Sealed()
    {
        writeFile(folder / "content", content);
        writeFile(key, "# an identity\n" + identity.text() + '\n');
        writeFile(folder / "out/other", "another file");
        problem = runAge({ QStringLiteral("-r"), QString::fromLatin1(identity.recipient().text()),
            QStringLiteral("-o"), QString::fromUtf8(file), QString::fromUtf8(folder / "content") });
    }
    CliResult decrypt(const QList<QByteArray> &arguments) const
    {
        return runHubkeep(QList<QByteArray> { "decrypt", "--output", plain } + arguments);
    }
    // Nothing was made, not even under another name.
    bool isClean() const
    {
        return !exists(plain)
            && QDir(QString::fromUtf8(folder / "out")).entryList(QDir::Files | QDir::Hidden)
            == QStringList { QStringLiteral("other") };
    }
    QString problem;
};

} // namespace

class TestDecryptCommand : public QObject
{
    Q_OBJECT

private slots:
    void aFileIsNotDecryptedIntoItself()
    {
        const Sealed sealed;
        const QByteArray before = readFile(sealed.file);
        const CliResult result = runHubkeep({ "decrypt", sealed.file, "--output",
            sealed.folder / "out/../content.age", "--identity", sealed.key });
        QCOMPARE(result.exitCode, 2);
        QCOMPARE(readFile(sealed.file), before);
    }

    void initTestCase()
    {
        if (!ageIsMissing().isEmpty())
            QSKIP(qPrintable(ageIsMissing()));
    }

    void opensWhatAgeMade()
    {
        const Sealed sealed;
        QCOMPARE(sealed.problem, QString());
        const CliResult done = sealed.decrypt({ sealed.file, "--identity", sealed.key, "--json" });
        QCOMPARE(done.exitCode, 0);
        QCOMPARE(done.json()[QStringLiteral("size")].toInt(), int(sealed.content.size()));
        QVERIFY(readFile(sealed.plain) == sealed.content);
        struct stat status;
        QCOMPARE(::stat(sealed.plain.constData(), &status), 0);
        QCOMPARE(int(status.st_mode & 0777), 0600);
    }

    void opensArmouredFilesToo()
    {
        const Sealed sealed;
        writeFile(sealed.file, "\n" + armoured(readFile(sealed.file)));
        QCOMPARE(sealed.decrypt({ sealed.file, "--identity", sealed.key }).exitCode, 0);
        QVERIFY(readFile(sealed.plain) == sealed.content);
    }

    void opensWhatAgeMadeOfAPassphrase()
    {
        const Sealed sealed;
        QCOMPARE(runAge({ QStringLiteral("-p"), QStringLiteral("-o"),
                            QString::fromUtf8(sealed.folder / "secret.age"),
                            QString::fromUtf8(sealed.folder / "content") },
                     QStringLiteral("correct horse")),
            QString());
        writeFile(sealed.folder / "passphrase", "correct horse\n");
        writeFile(sealed.folder / "wrong", "correct horse\n\n");
        const CliResult wrong = sealed.decrypt(
            { sealed.folder / "secret.age", "--passphrase-file", sealed.folder / "wrong" });
        QCOMPARE(wrong.exitCode, 1);
        QVERIFY2(isOneSentence(wrong.err), wrong.err.constData());
        QVERIFY(wrong.err.contains("The passphrase does not open it"));
        QVERIFY(sealed.isClean());
        QCOMPARE(sealed
                     .decrypt({ sealed.folder / "secret.age", "--passphrase-file",
                         sealed.folder / "passphrase" })
                     .exitCode,
            0);
        QVERIFY(readFile(sealed.plain) == sealed.content);
    }

    void anIdentityMayBeEncryptedItself()
    {
        const Sealed sealed;
        writeFile(sealed.folder / "passphrase", "correct horse");
        QCOMPARE(runAge({ QStringLiteral("-a"), QStringLiteral("-p"), QStringLiteral("-o"),
                            QString::fromUtf8(sealed.folder / "key.age"),
                            QString::fromUtf8(sealed.key) },
                     QStringLiteral("correct horse")),
            QString());
        QCOMPARE(sealed
                     .decrypt({ sealed.file, "--identity", sealed.folder / "key.age",
                         "--passphrase-file", sealed.folder / "passphrase" })
                     .exitCode,
            0);
        QVERIFY(readFile(sealed.plain) == sealed.content);
    }

    void anotherIdentityIsNoMatch()
    {
        const Sealed sealed;
        writeFile(sealed.folder / "other", AgeIdentity::generate().text());
        const CliResult done
            = sealed.decrypt({ sealed.file, "--identity", sealed.folder / "other" });
        QCOMPARE(done.exitCode, 1);
        QVERIFY2(isOneSentence(done.err), done.err.constData());
        QVERIFY(done.err.contains("No identity that was given opens it"));
        QVERIFY(sealed.isClean());
    }

    void whatIsDamagedLeavesNothing_data()
    {
        QTest::addColumn<int>("at"); // from the end
        QTest::addColumn<bool>("cut");
        QTest::newRow("the last byte") << 1 << false;
        QTest::newRow("the first chunk") << 290'000 << false;
        QTest::newRow("cut within the last chunk") << 10 << true;
        QTest::newRow("cut behind a chunk") << 300'007 + 5 * 16 - 4 * 65552 << true;
        QTest::newRow("cut within the header") << 300'200 << true;
    }

    void whatIsDamagedLeavesNothing()
    {
        QFETCH(int, at);
        QFETCH(bool, cut);
        const Sealed sealed;
        QByteArray bytes = readFile(sealed.file);
        if (cut)
            bytes.chop(at);
        else
            bytes[bytes.size() - at] = char(bytes[bytes.size() - at] ^ 1);
        writeFile(sealed.file, bytes);
        const CliResult done = sealed.decrypt({ sealed.file, "--identity", sealed.key });
        QCOMPARE(done.exitCode, 4);
        QVERIFY2(isOneSentence(done.err), done.err.constData());
        QVERIFY(sealed.isClean());
    }

    void whatWasThereStaysUnlessAllIsRight()
    {
        const Sealed sealed;
        writeFile(sealed.plain, "what was there");
        writeFile(sealed.folder / "damaged", readFile(sealed.file) + "x");
        QCOMPARE(
            sealed.decrypt({ sealed.folder / "damaged", "--identity", sealed.key }).exitCode, 4);
        QCOMPARE(readFile(sealed.plain), QByteArray("what was there"));
        QCOMPARE(sealed.decrypt({ sealed.file, "--identity", sealed.key }).exitCode, 0);
        QVERIFY(readFile(sealed.plain) == sealed.content);
    }

    void saysWhatIsWrong_data()
    {
        QTest::addColumn<QList<QByteArray>>("arguments");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QByteArray>("says");
        using List = QList<QByteArray>;
        QTest::newRow("no key") << List { "content.age" } << 2 << QByteArray("--identity");
        QTest::newRow("no file") << List { "none", "--identity", "key.txt" } << 1
                                 << QByteArray("No such file");
        QTest::newRow("no identity file") << List { "content.age", "--identity", "none" } << 1
                                          << QByteArray("Reading the identity file");
        QTest::newRow("an identity file with something else") << List { "content.age", "--identity",
            "content" } << 1 << QByteArray("It is not an age identity");
        QTest::newRow("no age file") << List { "content", "--identity", "key.txt" } << 4
                                     << QByteArray("Its age header is malformed");
        QTest::newRow("a folder") << List { "out", "--identity", "key.txt" } << 1
                                  << QByteArray("It is not a file");
    }

    void saysWhatIsWrong()
    {
        QFETCH(QList<QByteArray>, arguments);
        QFETCH(int, exitCode);
        QFETCH(QByteArray, says);
        const Sealed sealed;
        const CliResult done
            = runHubkeep(QList<QByteArray> { "decrypt", "--output", sealed.plain } + arguments,
                sealed.folder / ".");
        QCOMPARE(done.exitCode, exitCode);
        QVERIFY2(isOneSentence(done.err) && done.err.contains(says), done.err.constData());
        QVERIFY(sealed.isClean());
    }

    void standardOutputIsNoFile()
    {
        const Sealed sealed;
        const CliResult done
            = runHubkeep({ "decrypt", "content.age", "--identity", "key.txt", "--output", "-" },
                sealed.folder / ".");
        QCOMPARE(done.exitCode, 2);
        QCOMPARE(done.out, QByteArray());
        QVERIFY2(isOneSentence(done.err) && done.err.contains("--output"), done.err.constData());
        QVERIFY(!exists(sealed.folder / "-"));
    }

    void readsStandardInput_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("-") << QByteArray("-");
        QTest::newRow("its device") << QByteArray("/dev/stdin");
    }

    void readsStandardInput()
    {
        QFETCH(QByteArray, name);
        const Sealed sealed;
        const auto decrypt = [&](const QList<QByteArray> &arguments, const QByteArray &input) {
            return runHubkeepWithInput(
                QList<QByteArray> { "decrypt", "--output", sealed.plain } + arguments, input);
        };
        CliResult done = decrypt({ name, "--identity", sealed.key }, readFile(sealed.file));
        QVERIFY2(done.exitCode == 0, done.err.constData());
        QCOMPARE(readFile(sealed.plain), sealed.content);
        QVERIFY(::unlink(sealed.plain.constData()) == 0);
        done = decrypt({ sealed.file, "--identity", name }, readFile(sealed.key));
        QVERIFY2(done.exitCode == 0, done.err.constData());
        QCOMPARE(readFile(sealed.plain), sealed.content);
        QVERIFY(::unlink(sealed.plain.constData()) == 0);
        // Cut off, too long, empty, and something else.
        done = decrypt({ name, "--identity", sealed.key }, readFile(sealed.file).chopped(1000));
        QCOMPARE(done.exitCode, 4);
        for (const char *option : { "--identity", "--passphrase-file" }) {
            for (const QByteArray &input : { QByteArray(), QByteArray(2 << 20, 'x') }) {
                done = decrypt({ sealed.file, option, name }, input);
                QCOMPARE(done.exitCode, 1);
                QVERIFY2(isOneSentence(done.err), done.err.constData());
            }
        }
        QVERIFY(sealed.isClean());
    }

    void readsPipesOfTheShell()
    {
        const Sealed sealed;
        QProcess bash;
        bash.start(QStringLiteral("bash"),
            { QStringLiteral("-c"),
                QStringLiteral("\"$0\" decrypt <(cat \"$1\") --identity <(cat \"$2\") "
                               "--output \"$3\""),
                QStringLiteral(HUBKEEP_BINARY), QString::fromUtf8(sealed.file),
                QString::fromUtf8(sealed.key), QString::fromUtf8(sealed.plain) });
        QVERIFY(bash.waitForFinished(120'000));
        QVERIFY2(bash.exitCode() == 0, bash.readAllStandardError().constData());
        QCOMPARE(readFile(sealed.plain), sealed.content);
    }

    // As <(…) of whoever types the passphrase; at a signal nobody waits for it any longer.
    void waitsForAPipeUntilItIsEnded()
    {
        const Sealed sealed;
        const QByteArray fifo = sealed.folder / "fifo";
        QVERIFY(::mkfifo(fifo.constData(), 0600) == 0);
        const QByteArray key = readFile(sealed.key);
        for (const bool isWritten : { true, false }) {
            RunningCli waiting(
                { "decrypt", sealed.file, "--identity", fifo, "--output", sealed.plain });
            int fd = -1;
            const auto isRead = [&] { // opening fails until somebody reads it
                if (fd < 0)
                    fd = ::open(fifo.constData(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
                return fd >= 0;
            };
            QVERIFY(QTest::qWaitFor(isRead, 60'000));
            QVERIFY(waiting.isRunning());
            if (isWritten)
                QCOMPARE(::write(fd, key.constData(), size_t(key.size())), ssize_t(key.size()));
            else
                waiting.signal(SIGTERM);
            if (isWritten)
                ::close(fd);
            const CliResult done = waiting.wait();
            QVERIFY2(done.exitCode == (isWritten ? 0 : 130), done.err.constData());
            if (isWritten)
                QVERIFY(::unlink(sealed.plain.constData()) == 0);
            else
                ::close(fd);
        }
        QVERIFY(sealed.isClean());
    }

    void backupsTakePassphrasesFromPipes()
    {
        const Sealed sealed;
        const CliResult made = runHubkeepWithInput(
            { "backup", "--json", "--source", sealed.folder / "content", "--output",
                sealed.folder / "backups", "--passphrase-file", "/dev/stdin" },
            "correct horse\n");
        QVERIFY2(made.exitCode == 0, made.err.constData());
        const QByteArray archive = made.json()[QStringLiteral("path")].toString().toUtf8();
        QVERIFY(archive.endsWith(".age"));
        const CliResult verified
            = runHubkeepWithInput({ "verify", archive, "--passphrase-file", "-" }, "correct horse");
        QVERIFY2(verified.exitCode == 0, verified.err.constData());
    }

    void neverReplacesWhatIsNoFile()
    {
        const Sealed sealed;
        const CliResult done = runHubkeep({ "decrypt", sealed.file, "--identity", sealed.key,
            "--output", sealed.folder / "out" });
        QCOMPARE(done.exitCode, 1);
        QVERIFY2(isOneSentence(done.err), done.err.constData());
        QVERIFY(sealed.isClean());
    }
};

QTEST_GUILESS_MAIN(TestDecryptCommand)
#include "tst_decryptcommand.moc"
