// What a hub still owes to agents that was killed while it brought them a backup.

#include "integrations/backup/agentcatchup.h"
#include "integrations/backup/encryptedfile.h"
#include "tests/support/automatichub.h"

#include <QProcess>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

const QString near = QStringLiteral("fake.near");
const QString nas = QStringLiteral("fake.nas");

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

// The data folder of a hub that is killed at this moment.
void copyData(const Folder &from, const Folder &to)
{
    removeTree(to / "hub");
    if (QProcess::execute(text("cp"),
            { text("-a"), QString::fromUtf8(from / "hub"), QString::fromUtf8(to / "hub") })
        != 0)
        qFatal("The data folder was not copied");
}

// A manual run that hangs in its uploads, and the hub that is started after it was killed there.
struct Killed
{
    explicit Killed(const QStringList &done, const EncryptionPlan &plan = {})
        : isDone { done }
    {
        victim.plan = plan;
        for (const QString &name : { near, nas }) {
            const auto agent = victim.addFake(qUtf8Printable(name));
            if (!done.contains(name))
                agent->duringUpload = [this](JobControl &control) { latch->wait(control); };
            agents.insert(name, agent);
        }
        CreateRequest request;
        request.agents = QStringList { near, nas };
        const Result<StartedOperation> started = victim->create(request);
        if (!started)
            qFatal("%s", qPrintable(started.error().message));
        id = started->id;
    }

    // With the catalog as it is once those who are done were heard of.
    bool isInUploads() const
    {
        const QString said = victim.events.join(u'\n');
        return latch->isAwaited()
            && std::all_of(isDone.begin(), isDone.end(), [&](const QString &agent) {
                   return said.contains(QStringLiteral("upload %1 ").arg(agent));
               });
    }
    void kill()
    {
        hub.manager.reset();
        copyData(victim.folder, hub.folder);
        hub.restart();
        begin();
    }
    void begin()
    {
        for (const QString &agent : { near, nas }) {
            if (!isDone.contains(agent))
                agents.insert(agent, std::make_shared<FakeAgent>(agent));
            hub->addAgent(agents.value(agent));
        }
        catchup = std::make_unique<AgentCatchup>(AgentCatchup::Parts { *hub, timers,
            [this](const QString &agent) -> std::optional<bool> {
                return protectedAgents.contains(agent) ? std::optional<bool>(true) : std::nullopt;
            },
            [this] { return recipients; } });
    }
    void pass(std::chrono::milliseconds time)
    {
        hub.clock.set(hub.clock.now().addMSecs(time.count()));
        timers.wake();
    }
    // One agent after the other is asked.
    bool bringsItToBoth()
    {
        const auto isThere = [this] {
            pass(1s);
            return entry().agents.size() == 2;
        };
        return QTest::qWaitFor(isThere, 60'000);
    }
    CatalogEntry entry() { return hub->backup(id).value_or(CatalogEntry {}); }
    QByteArray contentOn(const QString &agent)
    {
        JobControl control;
        const QByteArray path = hub.folder / "fetched";
        (void)QFile::remove(QString::fromUtf8(path));
        (void)agents.value(agent)->download(id, QString::fromUtf8(path), control);
        return readFile(path);
    }

    const QStringList isDone;
    std::shared_ptr<Latch> latch = std::make_shared<Latch>();
    ManagerFixture victim;
    ManagerFixture hub;
    TimerQueue timers { hub.clock };
    QMap<QString, std::shared_ptr<FakeAgent>> agents;
    QStringList protectedAgents;
    AgeRecipients recipients;
    BackupId id;
    std::unique_ptr<AgentCatchup> catchup; // before what it calls
};

EncryptionPlan passwordPlan(const QStringList &plainAgents = {})
{
    EncryptionPlan plan;
    plan.recipients = { {}, "correct horse", 10 };
    plan.plainAgents = plainAgents;
    return plan;
}

AgeKeys password()
{
    AgeKeys keys;
    keys.passphrase = "correct horse";
    return keys;
}

// Until what is due then has begun.
void sleepUntil(AutomaticHub &f, const char *moment)
{
    f.clock.pass(std::chrono::milliseconds(f.clock.now().msecsTo(utc(moment))));
    f.timers->wake();
}

} // namespace

class TestCutOffUploads : public QObject
{
    Q_OBJECT

private slots:
    void whoWasStillToGetItGetsItAfterTheRestart_data()
    {
        QTest::addColumn<QStringList>("done");
        QTest::newRow("one had it") << QStringList { near };
        QTest::newRow("nobody had it") << QStringList();
    }
    void whoWasStillToGetItGetsItAfterTheRestart()
    {
        QFETCH(const QStringList, done);
        Killed killed(done);
        QTRY_VERIFY_WITH_TIMEOUT(killed.isInUploads(), 60'000);
        QVERIFY(!killed.victim->backup(killed.id)); // it is none yet
        killed.kill();
        QCOMPARE(QStringList(killed.entry().agents.keys()), done);
        QVERIFY(killed.entry().failedAgents.contains(nas));
        QCOMPARE(killed.entry().failedAgents.size(), 2 - done.size());
        QCOMPARE(killed.hub.staged().size(), 1 - done.size());
        QVERIFY(killed.bringsItToBoth());
        QCOMPARE(killed.entry().failedAgents, QStringList());
        QCOMPARE(killed.agents[nas]->ids(), QStringList { killed.id });
        QVERIFY(!killed.contentOn(nas).isEmpty());
        QVERIFY(killed.contentOn(nas) == killed.contentOn(near));
        QTRY_COMPARE_WITH_TIMEOUT(killed.hub.staged(), QStringList(), 60'000);
        const Result<OperationOutcome> proved = killed.hub.verify(killed.id);
        QVERIFY2(proved && !proved->problem, qPrintable(sentence(proved)));
    }

    void whatAnAgentHadWithoutAnybodyKnowingIsNotSentAgain()
    {
        Killed killed({});
        QTRY_VERIFY_WITH_TIMEOUT(killed.isInUploads(), 60'000);
        killed.kill();
        JobControl control;
        QVERIFY(killed.agents[near]->upload(killed.entry().backup,
            QString::fromUtf8(killed.hub.folder / "hub/staging/" + killed.id.toLatin1() + ".zip"),
            control));
        killed.hub.await(killed.hub->refresh());
        QCOMPARE(killed.entry().failedAgents, QStringList { nas });
        QVERIFY(killed.bringsItToBoth());
        QCOMPARE(killed.agents[near]->uploads(), 1);
    }

    void agentsAreToldWhatTheyStillGet()
    {
        Killed killed({ near });
        QTRY_VERIFY_WITH_TIMEOUT(killed.isInUploads(), 60'000);
        killed.kill();
        killed.hub.await(killed.hub->refresh());
        QCOMPARE(killed.agents[nas]->expected(), QStringList { killed.id });
        QCOMPARE(killed.agents[near]->expected(), QStringList());
        QVERIFY(killed.bringsItToBoth());
        killed.hub.await(killed.hub->refresh());
        QCOMPARE(killed.agents[nas]->expected(), QStringList());
    }

    void itIsStillOwedAfterASecondRestartAndToAgentsThatAreAway()
    {
        Killed killed({});
        QTRY_VERIFY_WITH_TIMEOUT(killed.isInUploads(), 60'000);
        killed.kill();
        for (const auto &agent : std::as_const(killed.agents))
            agent->failAlways(Error { ErrorCode::Unavailable, text("No route to host") });
        killed.pass(15s);
        killed.hub.await(killed.hub->refresh());
        killed.catchup.reset();
        killed.hub.restart();
        QCOMPARE(killed.hub.staged().size(), 1);
        killed.begin();
        QVERIFY(killed.bringsItToBoth());
        QTRY_COMPARE_WITH_TIMEOUT(killed.hub.staged(), QStringList(), 60'000);
    }

    void anOrderlyEndOwesAsMuch()
    {
        ManagerFixture f;
        auto latch = std::make_shared<Latch>();
        const auto agent = f.addFake("fake.nas");
        agent->duringUpload = [latch](JobControl &control) { latch->wait(control); };
        CreateRequest request;
        request.agents = QStringList { nas };
        const Result<StartedOperation> started = f->create(request);
        QVERIFY(started);
        QTRY_VERIFY_WITH_TIMEOUT(latch->isAwaited(), 60'000);
        f.restart();
        QCOMPARE(f.staged().size(), 1);
        const auto entry = f->backup(started->id);
        QVERIFY(entry && entry->agents.isEmpty());
        QCOMPARE(entry->failedAgents, QStringList { nas });
    }

    void whatIsEncryptedStaysSo()
    {
        Killed killed({}, passwordPlan());
        killed.hub.keys = password();
        QTRY_VERIFY_WITH_TIMEOUT(killed.isInUploads(), 60'000);
        killed.kill();
        QCOMPARE(killed.hub.staged(), QStringList { killed.id + text(".zip.age") });
        killed.protectedAgents = QStringList { near, nas };
        QVERIFY(killed.bringsItToBoth());
        for (const QString &agent : { near, nas }) {
            QVERIFY(killed.entry().agents.value(agent).isProtected);
            QVERIFY(killed.contentOn(agent).startsWith("age-encryption.org/v1\n"));
        }
    }

    void whatOneAgentIsToHaveEncryptedIsEncryptedOnItsWay()
    {
        Killed killed({}, passwordPlan({ near }));
        killed.hub.keys = password();
        QTRY_VERIFY_WITH_TIMEOUT(killed.isInUploads(), 60'000);
        killed.kill();
        QCOMPARE(killed.hub.staged(), QStringList { killed.id + text(".zip") });
        killed.protectedAgents = QStringList { nas };
        killed.recipients = passwordPlan().recipients;
        QVERIFY(killed.bringsItToBoth());
        QVERIFY(killed.contentOn(nas).startsWith("age-encryption.org/v1\n"));
        // Where that one came first, its copy is what the other is brought.
        QVERIFY(killed.contentOn(near).startsWith("PK")
            || killed.contentOn(near) == killed.contentOn(nas));
        const Result<OperationOutcome> proved = killed.hub.verify(killed.id);
        QVERIFY2(proved && !proved->problem, qPrintable(sentence(proved)));
    }

    void whatIsNotWholeIsGivenToNobody_data()
    {
        QTest::addColumn<bool>("isShort");
        QTest::newRow("it is shorter") << true;
        QTest::newRow("a byte is another") << false;
    }
    void whatIsNotWholeIsGivenToNobody()
    {
        QFETCH(const bool, isShort);
        Killed killed({});
        QTRY_VERIFY_WITH_TIMEOUT(killed.isInUploads(), 60'000);
        const QByteArray path
            = killed.victim.folder / "hub/staging/" + killed.id.toLatin1() + ".zip";
        setMode(path, 0600);
        if (isShort)
            QVERIFY(QFile::resize(QString::fromUtf8(path), 1000));
        else
            overwriteAt(path, 1000, QByteArray(1, char(~readFile(path)[1000])));
        killed.kill();
        killed.pass(15s);
        QTRY_VERIFY_WITH_TIMEOUT(!killed.hub->backup(killed.id), 60'000);
        QCOMPARE(killed.hub.staged(), QStringList());
        QCOMPARE(killed.agents[nas]->ids() + killed.agents[near]->ids(), QStringList());
    }

    void whatIsDeletedIsNotOwed()
    {
        Killed killed({});
        QTRY_VERIFY_WITH_TIMEOUT(killed.isInUploads(), 60'000);
        killed.kill();
        QVERIFY(killed.hub.await(killed.hub->remove(killed.id)));
        QVERIFY(!killed.hub->backup(killed.id));
        QCOMPARE(killed.hub.staged(), QStringList());
        killed.hub.restart();
        QVERIFY(!killed.hub->backup(killed.id));
    }

    void whatCameToAnEndOwesOnlyWhatItSays_data()
    {
        QTest::addColumn<QString>("how");
        for (const char *how : { "completed", "one failed", "all failed", "cancelled" })
            QTest::newRow(how) << text(how);
    }
    void whatCameToAnEndOwesOnlyWhatItSays()
    {
        QFETCH(const QString, how);
        ManagerFixture f;
        const auto first = f.addFake("fake.near");
        const auto second = f.addFake("fake.nas");
        const Error full { ErrorCode::NoSpace, text("It is full") };
        if (how == u"all failed")
            first->failures = { full };
        if (how == u"all failed" || how == u"one failed")
            second->failures = { full };
        if (how == u"cancelled")
            second->duringUpload = [&f](JobControl &control) {
                QMetaObject::invokeMethod(f.manager.get(), &BackupManager::cancel);
                Latch().wait(control);
            };
        CreateRequest request;
        request.agents = QStringList { near, nas };
        const Result<OperationOutcome> made = f.create(request);
        QCOMPARE(made.ok(), how == u"completed" || how == u"one failed");
        const QList<CatalogEntry> before = f->backups();
        QCOMPARE(before.size(), made.ok() ? 1 : 0);
        f.restart();
        QVERIFY(f->backups() == before);
        QCOMPARE(f.staged(), QStringList());
    }

    void anAutomaticRunIsNotMadeAgainWhereItsArchiveIsWhole_data()
    {
        QTest::addColumn<QStringList>("agents");
        QTest::newRow("one had it") << QStringList { text("fake.a"), text("fake.b") };
        QTest::newRow("nobody had it") << QStringList { text("fake.b") };
    }
    void anAutomaticRunIsNotMadeAgainWhereItsArchiveIsWhole()
    {
        QFETCH(const QStringList, agents);
        AutomaticHub f("2026-04-13T12:00:00Z", agents);
        f.daily();
        f.pass(1min);
        const auto latch = std::make_shared<Latch>();
        f.agent("fake.b").duringUpload = [latch](JobControl &control) { latch->wait(control); };
        sleepUntil(f, "2026-04-14T02:45:00Z");
        QTRY_VERIFY_WITH_TIMEOUT(latch->isAwaited(), 60'000);
        if (agents.size() > 1)
            QTRY_COMPARE_WITH_TIMEOUT(f.agent("fake.a").ids().size(), 1, 60'000);
        const BackupId id = f.manager().status().backupId;
        f.stop();
        f.agent("fake.b").duringUpload = {};
        f.takeRuns();
        f.start();
        QCOMPARE(f.manager().backups().size(), 1);
        QCOMPARE(f.manager().backup(id)->failedAgents, QStringList { text("fake.b") });
        QCOMPARE(f.integration().nextAutomatic().kind, RunKind::Scheduled);
        QVERIFY(f.notices().contains(text("Automatic backup is not complete")));
        QCOMPARE(f.value("sensor.backup_last_successful_automatic_backup"), text("unknown"));
        sleepUntil(f, "2026-04-14T02:46:00Z");
        QTRY_COMPARE_WITH_TIMEOUT(f.agent("fake.b").ids(), QStringList { id }, 60'000);
        QTRY_COMPARE_WITH_TIMEOUT(f.value("sensor.backup_last_successful_automatic_backup"),
            text("2026-04-14T02:45:00+00:00"), 60'000);
        f.passUntil(utc("2026-04-14T12:00:00Z"));
        QCOMPARE(f.notices(), QStringList());
        QCOMPARE(f.takeRuns(), QStringList());
        f.passUntil(utc("2026-04-15T12:00:00Z"));
        QCOMPARE(f.takeRuns(), QStringList { text("2026-04-15T02:45:00Z") });
    }

    void anAgentThatWasAwayGetsItEncryptedForTheRecipients()
    {
        const AgeIdentity identity = AgeIdentity::generate();
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.config.recipients = { identity.recipient() };
        f.integration().reconfigure(f.config);
        f.set(R"({"agents":{"fake.a":{"protected":false}}})");
        f.daily();
        f.agent("fake.b").failAlways(Error { ErrorCode::InvalidArgument, text("It is away") });
        f.passUntil(utc("2026-04-14T12:00:00Z"));
        QCOMPARE(f.agent("fake.a").list()->size(), 1);
        QVERIFY(!f.agent("fake.a").list()->first().isProtected);
        f.agent("fake.b").failAlways({});
        f.pass(2min);
        QTRY_COMPARE_WITH_TIMEOUT(f.agent("fake.b").ids().size(), 1, 60'000);
        const AgentBackup stored = f.agent("fake.b").list()->first();
        QVERIFY(stored.isProtected);
        QCOMPARE(stored.filename, stored.id + text(".zip.age"));

        JobControl control;
        const QByteArray sealed = f.folder / "sealed";
        const QByteArray plain = f.folder / "plain";
        QVERIFY(f.agent("fake.b").download(stored.id, QString::fromUtf8(sealed), control));
        QVERIFY(f.agent("fake.a").download(stored.id, QString::fromUtf8(plain), control));
        AgeKeys keys;
        keys.identities = { identity };
        WorkerPool pool;
        QVERIFY(decryptFile(sealed, f.folder / "opened", keys, pool, control));
        QVERIFY(readFile(f.folder / "opened") == readFile(plain));
    }

    void anAutomaticRunWhoseArchiveIsNotWholeIsMadeAgain()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.b") });
        f.daily();
        f.pass(1min);
        const auto latch = std::make_shared<Latch>();
        f.agent("fake.b").duringUpload = [latch](JobControl &control) { latch->wait(control); };
        sleepUntil(f, "2026-04-14T02:45:00Z");
        QTRY_VERIFY_WITH_TIMEOUT(latch->isAwaited(), 60'000);
        const BackupId id = f.manager().status().backupId;
        const QByteArray path = f.folder / ("hub/staging/" + id.toLatin1() + ".zip");
        setMode(path, 0600);
        overwriteAt(path, 100, QByteArray(1, char(~readFile(path)[100])));
        f.stop();
        f.agent("fake.b").duringUpload = {};
        f.takeRuns();
        f.start();
        QVERIFY(f.manager().backup(id));
        sleepUntil(f, "2026-04-14T02:46:00Z");
        QTRY_VERIFY_WITH_TIMEOUT(!f.manager().backup(id), 60'000);
        f.passUntil(utc("2026-04-14T12:00:00Z"));
        QCOMPARE(f.takeRuns(), QStringList { text("2026-04-14T02:51:00Z") });
        QCOMPARE(f.agent("fake.b").ids().size(), 1);
        QCOMPARE(f.notices(), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestCutOffUploads)
#include "tst_cutoffuploads.moc"
