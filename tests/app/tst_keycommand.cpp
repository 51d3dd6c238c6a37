// `hubkeep key` as the contract has it, and the recovery kit.

#include "app/recoverykit.h"
#include "integrations/backup/keystore.h"
#include "tests/support/enginecli.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QJsonArray>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

CliResult key(const Folder &folder, const QList<QByteArray> &arguments)
{
    return runHubkeep(QList<QByteArray> { "--data", folder / "hub", "key" } + arguments);
}

bool isInstalled(const char *program)
{
    return !QStandardPaths::findExecutable(QString::fromUtf8(program)).isEmpty();
}

// What it says; empty where it fails.
QByteArray run(const char *program, const QList<QByteArray> &arguments)
{
    QStringList list;
    for (const QByteArray &argument : arguments)
        list.append(QFile::decodeName(argument));
    QProcess process;
    process.start(QString::fromUtf8(program), list);
    if (!process.waitForFinished(120'000) || process.exitCode() != 0)
        return {};
    return process.readAllStandardOutput();
}

} // namespace

class TestKeyCommand : public QObject
{
    Q_OBJECT

private slots:
    void createPrintsTheRecipientAlone()
    {
        const Folder folder;
        const CliResult made = key(folder, { "create" });
        QCOMPARE(made.exitCode, 0);
        QVERIFY(AgeRecipient::parse(made.out.trimmed()));
        QVERIFY(!(made.out + made.err).contains("AGE-SECRET-KEY"));
        QVERIFY(made.err.contains("show-kit"));
        const CliResult listed = key(folder, { "list", "--json" });
        const QJsonObject first = listed.json()[QStringLiteral("keys")].toArray()[0].toObject();
        QCOMPARE(first[QStringLiteral("recipient")].toString().toLatin1(), made.out.trimmed());
        QVERIFY(first[QStringLiteral("confirmed_at")].isNull());
    }

    void theKitHasAllThatARestoreTakes()
    {
        const Folder folder;
        const QByteArray recipient = key(folder, { "create" }).out.trimmed();
        const CliResult kit = key(folder, { "show-kit" });
        QCOMPARE(kit.exitCode, 0);
        const AgeIdentity identity = KeyStore(QString::fromUtf8(folder / "hub")).identities().at(0);
        for (const QByteArray &part : { identity.text(), recipient, QByteArray("age -d -i key.txt"),
                 QByteArray("hubkeep restore"), QByteArray("unzip backup.zip"),
                 QByteArray("\xe2\x96\x80") })
            QVERIFY2(kit.out.contains(part), part.constData());
        // What is typed off the kit opens backups.
        writeFile(folder / "key.txt", identity.text());
        writeFile(folder / "source/a", "content");
        QCOMPARE(runHubkeep({ "backup", "--source", folder / "source", "--output", folder / "out",
                                "--recipient", recipient })
                     .exitCode,
            0);
        for (const QByteArray &name : namesIn(folder / "out")) {
            if (name.endsWith(".age"))
                QCOMPARE(runHubkeep(
                             { "verify", folder / "out/" + name, "--identity", folder / "key.txt" })
                             .exitCode,
                    0);
        }
    }

    void theHubsOwnKeysOpenBackupsWithoutBeingNamed()
    {
        const Folder folder;
        const QByteArray recipient = key(folder, { "create" }).out.trimmed();
        writeFile(folder / "source/a", "content");
        const CliResult made = runHubkeep({ "backup", "--json", "--source", folder / "source",
            "--output", folder / "out", "--recipient", recipient });
        const QByteArray archive = made.json()[QStringLiteral("path")].toString().toUtf8();
        QCOMPARE(runHubkeep({ "--data", folder / "hub", "verify", archive }).exitCode, 0);
        QCOMPARE(runHubkeep({ "--data", folder / "other", "verify", archive }).exitCode, 1);
    }

    void theKitIsAPdfToo()
    {
        const Folder folder;
        (void)key(folder, { "create" });
        QCOMPARE(key(folder, { "show-kit", "--pdf", folder / "kit.pdf" }).exitCode, 0);
        const QByteArray pdf = readFile(folder / "kit.pdf");
        const AgeIdentity identity = KeyStore(QString::fromUtf8(folder / "hub")).identities().at(0);
        QVERIFY(pdf.startsWith("%PDF-") && pdf.trimmed().endsWith("%%EOF"));
        QVERIFY(pdf.contains(identity.text()));
        QVERIFY(pdf.count(" re\n") > 300); // the QR code's modules
        QCOMPARE(int(statusOf(folder / "kit.pdf").st_mode & 0777), 0600);
    }

    // As paper and a camera have it: the page is rendered, scanned, and what was scanned restores.
    void thePrintedKitOpensBackups_data()
    {
        QTest::addColumn<QByteArray>("hub");
        QTest::newRow("an ordinary name") << QByteArray("Home");
        QTest::newRow("a long name of many letters")
            << QByteArray("Zuhause \xe2\x80\x93 \xc5\x81\xc3\xb3\x64\xc5\xba, ").repeated(30);
        QTest::newRow("a name without spaces") << QByteArray(190, 'W');
    }

    void thePrintedKitOpensBackups()
    {
        if (!isInstalled("pdftotext") || !isInstalled("zbarimg"))
            QSKIP("needs poppler-utils and zbar-tools");
        QFETCH(QByteArray, hub);
        const Folder folder;
        writeFile(folder / "hub/config/hubkeep.yaml", "hub: {name: \"" + hub + "\"}\n");
        const QByteArray recipient = key(folder, { "create" }).out.trimmed();
        QCOMPARE(key(folder, { "show-kit", "--pdf", folder / "kit.pdf" }).exitCode, 0);
        const AgeIdentity identity = KeyStore(QString::fromUtf8(folder / "hub")).identities().at(0);

        const QByteArray about = run("pdfinfo", { folder / "kit.pdf" });
        QVERIFY2(about.contains("(A4)") && about.contains("Pages:           1"), about.constData());
        const QByteArray printed = run("pdftotext", { "-layout", folder / "kit.pdf", "-" });
        for (const QByteArray &part : { identity.text(), recipient, hub.left(7),
                 QByteArray("hubkeep restore BACKUP.zip.age --identity key.txt --to DIR"),
                 QByteArray("age -d -i key.txt -o backup.zip BACKUP.zip.age") })
            QVERIFY2(printed.contains(part), printed.constData());
        // Every word is within the margins of two centimetres, less some points.
        static const QRegularExpression word(
            QStringLiteral("<word xMin=\"([\\d.]+)\" yMin=\"([\\d.]+)\" xMax=\"([\\d.]+)\" "
                           "yMax=\"([\\d.]+)\""));
        auto words = word.globalMatch(
            QString::fromUtf8(run("pdftotext", { "-bbox", folder / "kit.pdf", "-" })));
        int count = 0;
        while (words.hasNext()) {
            const QRegularExpressionMatch at = words.next();
            ++count;
            QVERIFY2(at.captured(1).toDouble() > 50 && at.captured(2).toDouble() > 50
                    && at.captured(3).toDouble() < 545 && at.captured(4).toDouble() < 790,
                qPrintable(at.captured(0)));
        }
        QVERIFY(count > 50);

        (void)run(
            "pdftoppm", { "-r", "120", "-png", "-singlefile", folder / "kit.pdf", folder / "kit" });
        const QByteArray scanned
            = run("zbarimg", { "-q", "--nodbus", "--raw", folder / "kit.png" }).trimmed();
        QCOMPARE(scanned, identity.text());
        writeFile(folder / "key.txt", scanned);
        writeFile(folder / "source/a", "content");
        const CliResult made = runHubkeep({ "backup", "--json", "--source", folder / "source",
            "--output", folder / "out", "--recipient", recipient });
        const QByteArray archive = made.json()[QStringLiteral("path")].toString().toUtf8();
        const CliResult restored = runHubkeep(
            { "restore", archive, "--identity", folder / "key.txt", "--to", folder / "back" });
        QVERIFY2(restored.exitCode == 0, restored.err.constData());
        QCOMPARE(readFile(folder / "back/source/a"), QByteArray("content"));
    }

    void theQrCodeIsOne()
    {
        const auto modules = qrCode("AGE-SECRET-KEY-1");
        QVERIFY(modules);
        const size_t size = modules->size();
        QVERIFY(size >= 21 && (size - 17) % 4 == 0);
        // The three corners.
        for (const auto &[row, column] :
            { std::pair<size_t, size_t>(0, 0), { 0, size - 7 }, { size - 7, 0 } }) {
            for (size_t i = 0; i < 7; ++i) {
                QVERIFY((*modules)[row][column + i]);
                QVERIFY((*modules)[row + 6][column + i]);
                QVERIFY((*modules)[row + i][column]);
            }
            QVERIFY(!(*modules)[row + 1][column + 1]);
        }
    }

    void confirmsWhatIsTypedBack()
    {
        const Folder folder;
        (void)key(folder, { "create" });
        const KeyStore keys(QString::fromUtf8(folder / "hub"));
        const StoredKey stored = keys.list()->first();
        const QByteArray id = stored.id.toLatin1();
        const CliResult wrong = key(folder, { "confirm", id, "AAAA AAAA" });
        QCOMPARE(wrong.exitCode, 1);
        QVERIFY2(isOneSentence(wrong.err), wrong.err.constData());
        QByteArray typed;
        for (const int group : stored.asked)
            typed += secretGroups(*keys.identity(stored.id)).value(group - 1);
        const QByteArray asked = key(folder, { "list" }).out;
        for (const int group : stored.asked)
            QVERIFY2(asked.contains(' ' + QByteArray::number(group)), asked.constData());
        QCOMPARE(key(folder, { "confirm", id, typed }).exitCode, 0);
        QVERIFY(keys.list()->first().confirmed.isValid());
        QVERIFY(key(folder, { "list" }).out.contains("kept"));
    }

    void theGroupsMayBeTypedAsTheyArePrinted()
    {
        const Folder folder;
        (void)key(folder, { "create" });
        const KeyStore keys(QString::fromUtf8(folder / "hub"));
        const StoredKey stored = keys.list()->first();
        QList<QByteArray> arguments { "confirm", stored.id.toLatin1() };
        for (const int group : stored.asked)
            arguments.append(secretGroups(*keys.identity(stored.id)).value(group - 1));
        QCOMPARE(arguments.size(), 4);
        const CliResult done = key(folder, arguments);
        QVERIFY2(done.exitCode == 0, done.err.constData());
        QVERIFY(keys.list()->first().confirmed.isValid());
    }

    void saysWhatIsMissing()
    {
        const Folder folder;
        const CliResult none = key(folder, { "show-kit" });
        QCOMPARE(none.exitCode, 1);
        QVERIFY2(isOneSentence(none.err) && none.err.contains("key create"), none.err.constData());
        (void)key(folder, { "create" });
        (void)key(folder, { "create" });
        const CliResult several = key(folder, { "show-kit" });
        QCOMPARE(several.exitCode, 1);
        QVERIFY2(several.err.contains("There are 2 keys"), several.err.constData());
    }
};

QTEST_GUILESS_MAIN(TestKeyCommand)
#include "tst_keycommand.moc"
