// What the manager encrypts, for whom, and how it opens it again.

#include "integrations/backup/backupmanager.h"
#include "integrations/backup/encryptedfile.h"
#include "tests/support/managerfixture.h"

#include <QDir>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

struct Hub : ManagerFixture
{
    AgeIdentity identity = AgeIdentity::generate();

    Hub()
    {
        writeFile(folder / "data/a.txt", "content of a");
        sources = { { QStringLiteral("data"), folder / "data" } };
        addLocal();
        addLocal("plain");
        plan.recipients.recipients = { identity.recipient() };
        keys.identities = { identity };
    }
    CreateRequest onBoth() const
    {
        CreateRequest request;
        request.agents = { QStringLiteral("local.local"), QStringLiteral("local.plain") };
        return request;
    }
    QStringList stored(const char *agent)
    {
        return QDir(QString::fromUtf8(folder / "hub/" + agent))
            .entryList({ QStringLiteral("*.zip*") }, QDir::Files);
    }
    CatalogEntry entryOf(const Result<OperationOutcome> &made)
    {
        return made ? manager->backup(made->id).value_or(CatalogEntry {}) : CatalogEntry {};
    }
};

} // namespace

class TestEncryptedStorage : public QObject
{
    Q_OBJECT

private slots:
    void whereAllAreProtectedNothingPlainIsStored()
    {
        Hub hub;
        const Result<OperationOutcome> made = hub.create(hub.onBoth());
        QVERIFY(made && !made->problem);
        for (const char *agent : { "local", "plain" })
            QCOMPARE(hub.stored(agent), QStringList { made->id + QStringLiteral(".zip.age") });
        const CatalogEntry entry = hub.entryOf(made);
        QVERIFY(entry.backup.isProtected);
        QVERIFY(entry.agents.value(QStringLiteral("local.local")).isProtected);
        QCOMPARE(hub.staged(), QStringList());
    }

    void anAgentThatIsNotProtectedGetsItPlain()
    {
        Hub hub;
        hub.plan.plainAgents = { QStringLiteral("local.plain") };
        const Result<OperationOutcome> made = hub.create(hub.onBoth());
        QVERIFY(made && !made->problem);
        QCOMPARE(hub.stored("local"), QStringList { made->id + QStringLiteral(".zip.age") });
        QCOMPARE(hub.stored("plain"), QStringList { made->id + QStringLiteral(".zip") });
        const CatalogEntry entry = hub.entryOf(made);
        const StoredCopy sealed = entry.agents.value(QStringLiteral("local.local"));
        const StoredCopy plain = entry.agents.value(QStringLiteral("local.plain"));
        QVERIFY(sealed.isProtected && !plain.isProtected);
        QVERIFY(sealed.size > plain.size);
        QVERIFY(sealed.sha256 != plain.sha256);
        QCOMPARE(hub.staged(), QStringList());
        // What the agents list afterwards says the same.
        hub.await(hub->refresh());
        QVERIFY(hub.entryOf(made).agents == entry.agents);
    }

    void withoutRecipientsEverythingIsPlain()
    {
        Hub hub;
        hub.plan = {};
        const Result<OperationOutcome> made = hub.create(hub.onBoth());
        QVERIFY(made && !made->problem);
        QCOMPARE(hub.stored("local"), QStringList { made->id + QStringLiteral(".zip") });
        QVERIFY(!hub.entryOf(made).backup.isProtected);
    }

    void theHubsIdentityProvesAndRestoresIt()
    {
        Hub hub;
        const Result<OperationOutcome> made = hub.create(hub.onBoth());
        QVERIFY(made);
        const Result<OperationOutcome> proved = hub.verify(made->id);
        QVERIFY2(
            proved && !proved->problem, qPrintable(proved ? QString() : proved.error().message));
        QVERIFY(proved->verified.entries > 0);
        QCOMPARE(hub->status().result.value(QStringLiteral("proved")).toString(),
            QStringLiteral("content"));
        const Result<OperationOutcome> restored
            = hub.restore(orderOf(made->id, hub.folder / "back"));
        QVERIFY2(restored && !restored->problem,
            qPrintable(restored ? QString() : restored.error().message));
        QCOMPARE(readFile(hub.folder / "back/data/a.txt"), QByteArray("content of a"));
    }

    void aHubWithRecipientsOnlyProvesThatItIsWhatWasStored()
    {
        Hub hub;
        const Result<OperationOutcome> made = hub.create(hub.onBoth());
        QVERIFY(made);
        hub.keys = {};
        const QDateTime verified = hub.entryOf(made).backup.verified;
        QVERIFY(verified.isValid());
        hub.clock.passDay();
        const Result<OperationOutcome> proved = hub.verify(made->id);
        QVERIFY2(
            proved && !proved->problem, qPrintable(proved ? QString() : proved.error().message));
        QCOMPARE(proved->verified.marks.size(), 1);
        QCOMPARE(hub->status().result.value(QStringLiteral("proved")).toString(),
            QStringLiteral("digest"));
        // Its content was proved when it was made, and not since.
        QCOMPARE(hub.entryOf(made).backup.verified, verified);
        const QByteArray file = hub.folder / "hub/local/" + made->id.toLatin1() + ".zip.age";
        setMode(file, 0600);
        overwriteAt(file, 500, "XXXX");
        const Result<OperationOutcome> damaged = hub.verify(made->id);
        QVERIFY(!damaged || damaged->problem);
        const Result<OperationOutcome> restored
            = hub.restore(orderOf(made->id, hub.folder / "back"));
        QVERIFY(!restored);
        QVERIFY2(restored.error().message.contains(QStringLiteral("no key for it")),
            qPrintable(restored.error().message));
        QVERIFY(!exists(hub.folder / "back/data"));
    }

    void whereOneCopyIsOpenedAndAnotherIsNotBothAreTold()
    {
        Hub hub;
        hub.plan.plainAgents = { QStringLiteral("local.plain") };
        const Result<OperationOutcome> made = hub.create(hub.onBoth());
        QVERIFY(made && !made->problem);
        const QDateTime verified = hub.entryOf(made).backup.verified;
        hub.keys = {};
        hub.clock.passDay();
        const Result<OperationOutcome> proved = hub.verify(made->id);
        QVERIFY(proved && !proved->problem);
        QVERIFY(proved->verified.entries > 0);
        QCOMPARE(proved->verified.marks.size(), 1);
        QVERIFY(proved->verified.isDigestOnly);
        QCOMPARE(hub.entryOf(made).backup.verified, verified);
    }

    void whereACopyIsDamagedNoKeyIsBlamedAndTheNextCopyIsRestored()
    {
        Hub hub;
        const Result<OperationOutcome> made = hub.create(hub.onBoth());
        QVERIFY(made);
        const QByteArray file = hub.folder / "hub/local/" + made->id.toLatin1() + ".zip.age";
        setMode(file, 0600);
        overwriteAt(file, 80, "AAAAAAAA"); // in what is there for the recipient
        const Result<OperationOutcome> restored
            = hub.restore(orderOf(made->id, hub.folder / "back"));
        QVERIFY2(restored && !restored->problem,
            qPrintable(restored ? QString() : restored.error().message));
        QCOMPARE(readFile(hub.folder / "back/data/a.txt"), QByteArray("content of a"));
        // Whoever restored is told where not to look next time.
        const QList<Warning> warnings = restored->restored.warnings;
        QVERIFY(std::any_of(warnings.begin(), warnings.end(), [](const Warning &warning) {
            return warning.message.startsWith(
                QStringLiteral("local.local: The file is not the one that was stored"));
        }));
    }

    void noPasswordOpensWhatIsEncryptedToRecipients()
    {
        Hub hub;
        const Result<OperationOutcome> made = hub.create(hub.onBoth());
        QVERIFY(made);
        const QString agent = QStringLiteral("local.local");
        const QString password = QStringLiteral("x");
        const Result<void> checked = hub.await(hub->checkPassword(made->id, agent, password));
        QVERIFY(!checked);
        QCOMPARE(checked.error().code, ErrorCode::InvalidArgument);
        const auto opened = hub.await(hub->decrypt(made->id, agent, password));
        QVERIFY(!opened);
        QCOMPARE(opened.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(hub.staged(), QStringList());
    }

    void aPasswordOpensWhatItMade()
    {
        Hub hub;
        hub.keys = {};
        hub.plan.recipients = { {}, "correct horse", 10 };
        const Result<OperationOutcome> made = hub.create(hub.onBoth());
        QVERIFY(made && !made->problem);
        RestoreOrder order = orderOf(made->id, hub.folder / "back");
        order.password = QStringLiteral("wrong");
        const Result<OperationOutcome> wrong = hub.restore(order);
        QVERIFY(!wrong);
        QCOMPARE(wrong.error().code, ErrorCode::Unauthorized);
        order.password = QStringLiteral("correct horse");
        const Result<OperationOutcome> right = hub.restore(order);
        QVERIFY(right && !right->problem);
        QCOMPARE(readFile(hub.folder / "back/data/a.txt"), QByteArray("content of a"));
    }

    void theNextBackupTakesOverWhatTheHubCanOpen()
    {
        Hub hub;
        setModified(hub.folder / "data/a.txt", 1'600'000'000, 0);
        setModified(hub.folder / "data", 1'600'000'000, 0);
        QVERIFY(hub.create(hub.onBoth()));
        hub.clock.passDay();
        const Result<OperationOutcome> second = hub.create(hub.onBoth());
        QVERIFY2(second, qPrintable(second ? QString() : second.error().message));
        QCOMPARE(second->reusedBytes, qint64(qstrlen("content of a")));
        hub.clock.passDay();
        removeTree(hub.folder / "data/a.txt");
        const Result<OperationOutcome> emptied = hub.create(hub.onBoth());
        QVERIFY(!emptied);
        QVERIFY2(emptied.error().message.contains(QStringLiteral("is empty and had 1 file")),
            qPrintable(emptied.error().message));
    }

    // What the hub cannot open itself: there is no identity of it, and a password opens nothing
    // here.
    void aSourceThatIsSuddenlyEmptyIsNoticedWhereNothingCanBeOpened_data()
    {
        QTest::addColumn<bool>("isPassword");
        QTest::addColumn<bool>("isAutomatic");
        for (const bool isAutomatic : { false, true }) {
            const char *how = isAutomatic ? "automatic" : "manual";
            QTest::addRow("recipients only, %s", how) << false << isAutomatic;
            QTest::addRow("a password, %s", how) << true << isAutomatic;
        }
    }
    void aSourceThatIsSuddenlyEmptyIsNoticedWhereNothingCanBeOpened()
    {
        QFETCH(const bool, isPassword);
        QFETCH(const bool, isAutomatic);
        Hub hub;
        hub.keys = {};
        if (isPassword) {
            hub.plan.recipients = { {}, "correct horse", 10 };
            hub.keys.passphrase = "correct horse";
        }
        CreateRequest request = hub.onBoth();
        request.automatic = isAutomatic;
        QVERIFY(hub.create(request));
        removeTree(hub.folder / "data/a.txt");
        for (int i = 0; i < 2; ++i) { // still on the run after that
            hub.clock.passDay();
            if (i == 1)
                hub.await(hub->refresh());
            const Result<OperationOutcome> emptied = hub.create(request);
            QVERIFY(!emptied);
            QVERIFY2(emptied.error().message.contains(QStringLiteral("is empty and had 1 file")),
                qPrintable(emptied.error().message));
        }
        request.full = true;
        QVERIFY(hub.create(request));
        request.full = false;
        hub.clock.passDay();
        QVERIFY(hub.create(request)); // that was meant
    }

    void aSourceThatIsEmptyIsNoticedFromWhatACatalogSaysAlone()
    {
        Hub hub;
        hub.keys = {};
        hub.addFake("fake.far");
        CreateRequest request;
        request.agents = { QStringLiteral("fake.far") };
        QVERIFY(hub.create(request));
        removeTree(hub.folder / "data/a.txt");
        hub.clock.passDay();
        hub.restart();
        hub.addFake("fake.near"); // the other one is away
        request.agents = { QStringLiteral("fake.near") };
        const Result<OperationOutcome> emptied = hub.create(request);
        QVERIFY2(sentence(emptied).contains(QStringLiteral("is empty and had 1 file")),
            qPrintable(sentence(emptied)));
    }

    void aDrillOpensItToo()
    {
        Hub hub;
        const Result<OperationOutcome> made = hub.create(hub.onBoth());
        QVERIFY(made);
        const Result<StartedOperation> drill = hub->drill(made->id);
        QVERIFY(drill);
        const Result<OperationOutcome> held = hub.await(drill->done);
        QVERIFY(held && held->wasDrillHeld && !held->problem);
    }

    void whatCannotBeEncryptedLeavesNothing()
    {
        Hub hub;
        hub.plan.recipients.passphrase = "beside the recipients";
        const Result<OperationOutcome> made = hub.create(hub.onBoth());
        QVERIFY(!made);
        QVERIFY(hub.stored("local").isEmpty() && hub.stored("plain").isEmpty());
        QCOMPARE(hub.staged(), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestEncryptedStorage)
#include "tst_encryptedstorage.moc"
