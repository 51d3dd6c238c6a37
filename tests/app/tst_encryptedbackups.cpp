// Encrypted backups through the command line: made, proved, looked into and restored.

#include "integrations/backup/archive/agekeys.h"
#include "tests/support/agecommand.h"
#include "tests/support/enginecli.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QJsonArray>
#include <QJsonDocument>
#include <sys/stat.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QString text(const QByteArray &bytes)
{
    return QString::fromUtf8(bytes);
}

struct Backed
{
    Folder folder;
    AgeIdentity identity = AgeIdentity::generate();
    AgeIdentity recovery = AgeIdentity::generate();
    QByteArray key = folder / "key.txt";
    QByteArray out = folder / "out";
    CliResult made;
    QByteArray id;
    QByteArray archive;

    explicit Backed(bool passphrase = false)
    {
        writeFile(key, identity.text() + '\n');
        writeFile(folder / "recovery.txt", recovery.text() + '\n');
        writeFile(folder / "passphrase", "correct horse\n");
        writeFile(folder / "source/a", "content of a");
        writeFile(folder / "source/large", QByteArray(3'000'000, 'l'));
        makeAccounts(folder / "source/app.db", 100, "WAL");
        QList<QByteArray> arguments { "backup", "--json", "--source", folder / "source", "--output",
            out };
        if (passphrase)
            arguments += { "--passphrase-file", folder / "passphrase" };
        else
            arguments += { "--recipient", identity.recipient().text(), "--recipient",
                recovery.recipient().text() };
        made = runHubkeep(arguments);
        id = made.json()[QStringLiteral("backup_id")].toString().toLatin1();
        archive = out + '/' + id + ".zip.age";
    }
    CliResult with(const QByteArray &command, const QList<QByteArray> &arguments = {}) const
    {
        return runHubkeep(QList<QByteArray> { command, archive, "--identity", key } + arguments);
    }
    QStringList stored() const { return QDir(text(out)).entryList(QDir::Files | QDir::Hidden); }
};

} // namespace

class TestEncryptedBackups : public QObject
{
    Q_OBJECT

private slots:
    void onlyTheEncryptedOneStays()
    {
        const Backed backed;
        QCOMPARE(backed.made.exitCode, 0);
        const QJsonObject json = backed.made.json();
        QCOMPARE(json[QStringLiteral("path")].toString(), text(backed.archive));
        QVERIFY(json[QStringLiteral("protected")].toBool());
        QVERIFY(json[QStringLiteral("verified")].toBool());
        struct stat status;
        QCOMPARE(::stat(backed.archive.constData(), &status), 0);
        QCOMPARE(json[QStringLiteral("size")].toInt(), int(status.st_size));
        QCOMPARE(int(status.st_mode & 0777), 0400);
        QVERIFY2(!backed.stored().contains(text(backed.id + ".zip")), "it lies there in the clear");
        for (const QString &name : backed.stored())
            QVERIFY2(!name.contains(QStringLiteral("partial")), qPrintable(name));
        QVERIFY(readFile(backed.archive).startsWith("age-encryption.org/v1\n"));
    }

    void aSuddenlyEmptySourceIsAFailureToWhoeverCannotOpenTheLastBackup_data()
    {
        QTest::addColumn<bool>("isPassphrase");
        QTest::newRow("recipients") << false;
        QTest::newRow("a passphrase") << true;
    }
    void aSuddenlyEmptySourceIsAFailureToWhoeverCannotOpenTheLastBackup()
    {
        QFETCH(const bool, isPassphrase);
        const Backed backed(isPassphrase);
        QCOMPARE(backed.made.exitCode, 0);
        for (const char *name : { "a", "large", "app.db" })
            removeTree(backed.folder / "source" + '/' + name);
        QList<QByteArray> arguments { "backup", "--source", backed.folder / "source", "--output",
            backed.out };
        arguments += isPassphrase
            ? QList<QByteArray> { "--passphrase-file", backed.folder / "passphrase" }
            : QList<QByteArray> { "--recipient", backed.identity.recipient().text() };
        for (int i = 0; i < 2; ++i) {
            const CliResult failed = runHubkeep(arguments);
            QCOMPARE(failed.exitCode, 1);
            QVERIFY2(failed.err.contains("is empty and had 3 files"), failed.err.constData());
        }
        QCOMPARE(runHubkeep(arguments + QList<QByteArray> { "--full" }).exitCode, 0);
        QCOMPARE(runHubkeep(arguments).exitCode, 0);
    }

    void whatLiesBesideItSaysHowMuchThereIsAndNotWhat()
    {
        const Backed backed;
        const QByteArray document = readFile(backed.out + '/' + backed.id + ".json");
        const QJsonObject counts = QJsonDocument::fromJson(document)
                                       .object()[QStringLiteral("source_counts")]
                                       .toObject()[QStringLiteral("source")]
                                       .toObject();
        QCOMPARE(counts[QStringLiteral("files")].toInt(), 3);
        QVERIFY(counts[QStringLiteral("bytes")].toInteger() > 3'000'000);
        for (const char *name : { "large", "app.db", "/source" })
            QVERIFY2(!document.contains(name), document.constData());
        QCOMPARE(backed.stored().size(), 2);
    }

    void ageOpensItAndUnzipTheRest()
    {
        if (!ageIsMissing().isEmpty())
            QSKIP(qPrintable(ageIsMissing()));
        const Backed backed;
        const QByteArray zip = backed.folder / "opened.zip";
        QCOMPARE(runAge({ QStringLiteral("-d"), QStringLiteral("-i"),
                     text(backed.folder / "recovery.txt"), QStringLiteral("-o"), text(zip),
                     text(backed.archive) }),
            QString());
        QProcess unzip;
        unzip.start(QStringLiteral("unzip"),
            { QStringLiteral("-q"), text(zip), QStringLiteral("-d"),
                text(backed.folder / "opened") });
        QVERIFY(unzip.waitForFinished(60'000));
        QCOMPARE(unzip.exitCode(), 0);
        QCOMPARE(readFile(backed.folder / "opened/sources/source/a"), QByteArray("content of a"));
    }

    void everyCommandOpensItWithTheIdentity()
    {
        const Backed backed;
        const CliResult verified = backed.with("verify", { "--json" });
        QCOMPARE(verified.exitCode, 0);
        QVERIFY(verified.json()[QStringLiteral("ok")].toBool());
        QCOMPARE(verified.json()[QStringLiteral("databases")].toInt(), 1);
        const CliResult shown = backed.with("show", { "--json" });
        QCOMPARE(shown.exitCode, 0);
        QVERIFY(shown.json()[QStringLiteral("protected")].toBool());
        QCOMPARE(shown.json()[QStringLiteral("entries")].toArray().size(), 4); // and the folder
        QCOMPARE(backed.with("cat", { "sources/source/a" }).out, QByteArray("content of a"));
        QVERIFY(backed.with("cat", { "sources/source/large" }).out == QByteArray(3'000'000, 'l'));
        QCOMPARE(backed.with("diff", { backed.archive }).exitCode, 0);
        QCOMPARE(backed.with("restore", { "--to", backed.folder / "back" }).exitCode, 0);
        QCOMPARE(readFile(backed.folder / "back/source/a"), QByteArray("content of a"));
        QCOMPARE(AccountMover::movesIn(backed.folder / "back/source/app.db"), 0);
    }

    void anIdIsEnough()
    {
        const Backed backed;
        QCOMPARE(runHubkeep({ "verify", backed.id, "--output", backed.out, "--identity",
                                backed.folder / "recovery.txt" })
                     .exitCode,
            0);
    }

    void listsWhatItCannotOpenAsEncrypted()
    {
        const Backed backed;
        const QJsonObject locked = runHubkeep({ "list", "--json", "--output", backed.out })
                                       .json()[QStringLiteral("backups")]
                                       .toArray()[0]
                                       .toObject();
        QCOMPARE(locked[QStringLiteral("backup_id")].toString().toLatin1(), backed.id);
        QVERIFY(locked[QStringLiteral("protected")].toBool());
        QVERIFY(!locked.contains(QStringLiteral("error")));
        QVERIFY(!locked.contains(QStringLiteral("files")));
        const QJsonObject open
            = runHubkeep({ "list", "--json", "--output", backed.out, "--identity", backed.key })
                  .json()[QStringLiteral("backups")]
                  .toArray()[0]
                  .toObject();
        QCOMPARE(open[QStringLiteral("files")].toInt(), 3);
    }

    void withoutAKeyItSaysWhatItTakes()
    {
        const Backed backed;
        for (const QByteArray &command : { QByteArray("verify"), QByteArray("show") }) {
            const CliResult done = runHubkeep({ command, backed.archive });
            QCOMPARE(done.exitCode, 1);
            QVERIFY2(
                isOneSentence(done.err) && done.err.contains("--identity"), done.err.constData());
        }
        const CliResult restored
            = runHubkeep({ "restore", backed.archive, "--to", backed.folder / "back" });
        QCOMPARE(restored.exitCode, 1);
        QVERIFY(!exists(backed.folder / "back"));
    }

    void damageIsFoundAndNotRestored()
    {
        const Backed backed;
        QByteArray bytes = readFile(backed.archive);
        bytes[bytes.size() - 40'000] = char(bytes[bytes.size() - 40'000] ^ 1);
        const QByteArray damaged = backed.folder / "damaged.zip.age";
        writeFile(damaged, bytes);
        QCOMPARE(runHubkeep({ "verify", damaged, "--identity", backed.key }).exitCode, 4);
        writeFile(damaged, readFile(backed.archive).chopped(1));
        QCOMPARE(runHubkeep({ "verify", damaged, "--identity", backed.key }).exitCode, 4);
        QCOMPARE(runHubkeep({ "restore", damaged, "--identity", backed.key, "--to",
                                backed.folder / "back" })
                     .exitCode,
            4);
        QVERIFY(!exists(backed.folder / "back"));
    }

    void aPassphraseMakesAndOpensOne()
    {
        const Backed backed(true);
        QCOMPARE(backed.made.exitCode, 0);
        QCOMPARE(runHubkeep({ "verify", backed.archive, "--passphrase-file",
                                backed.folder / "passphrase" })
                     .exitCode,
            0);
        const CliResult wrong = backed.with("verify");
        QCOMPARE(wrong.exitCode, 1);
        QVERIFY2(wrong.err.contains("encrypted with a passphrase"), wrong.err.constData());
    }

    void refusesWhatNobodyCouldOpen_data()
    {
        QTest::addColumn<QList<QByteArray>>("arguments");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QByteArray>("says");
        using List = QList<QByteArray>;
        const QByteArray recipient = AgeIdentity::generate().recipient().text();
        QTest::newRow("a typing error") << List { "--recipient", recipient.chopped(1) + 'b' } << 2
                                        << QByteArray("copied whole");
        QTest::newRow("the secret") << List { "--recipient", AgeIdentity::generate().text() } << 2
                                    << QByteArray("secret key");
        QTest::newRow("both") << List { "--recipient", recipient, "--passphrase-file", "source/a" }
                              << 2 << QByteArray("not to both");
        QTest::newRow("an empty passphrase")
            << List { "--passphrase-file", "empty" } << 2 << QByteArray("no passphrase in it");
        QTest::newRow("no passphrase file")
            << List { "--passphrase-file", "none" } << 1 << QByteArray("No such file");
    }

    void refusesWhatNobodyCouldOpen()
    {
        QFETCH(QList<QByteArray>, arguments);
        QFETCH(int, exitCode);
        QFETCH(QByteArray, says);
        const Folder folder;
        writeFile(folder / "source/a", "a");
        writeFile(folder / "empty", "\n");
        const CliResult done = runHubkeep(
            QList<QByteArray> { "backup", "--source", "source", "--output", "out" } + arguments,
            folder / ".");
        QCOMPARE(done.exitCode, exitCode);
        QVERIFY2(isOneSentence(done.err) && done.err.contains(says), done.err.constData());
        QVERIFY(!exists(folder / "out"));
    }

    void aKilledOnesLeftoversGo()
    {
        const Backed backed;
        const QByteArray left = backed.out + "/backup-20260101-000000-00000000.zip.age.partial";
        writeFile(left, "half");
        QCOMPARE(runHubkeep({ "backup", "--source", backed.folder / "source", "--output",
                                backed.out, "--recipient", backed.identity.recipient().text() })
                     .exitCode,
            0);
        QVERIFY(!exists(left));
    }
};

QTEST_GUILESS_MAIN(TestEncryptedBackups)
#include "tst_encryptedbackups.moc"
