// ctest: threaded
#include "integrations/backup/agentcatchup.h"
#include "integrations/backup/encryptedfile.h"
#include "tests/support/managerfixture.h"

#include <QSignalSpy>
#include <QtTest>

#include <sys/stat.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

const QString nas = QStringLiteral("fake.nas");
const QString near = QStringLiteral("fake.near");

Error away()
{
    return { ErrorCode::Unavailable, QStringLiteral("No route to host") };
}

// Two agents, of which one goes away; time passes when it is told to.
struct Arena
{
    Arena()
        : other(fixture.addFake("fake.near"))
        , agent(fixture.addFake("fake.nas"))
        , timers(fixture.clock)
    {
        begin();
    }

    void begin()
    {
        catchup = std::make_unique<AgentCatchup>(AgentCatchup::Parts { *fixture, timers,
            [this](const QString &) { return wantsProtected; }, [this] { return recipients; } });
        QObject::connect(catchup.get(), &AgentCatchup::caughtUp, catchup.get(),
            [this](const QString &, const QStringList &ids) { given.append(ids); });
        QObject::connect(catchup.get(), &AgentCatchup::failed, catchup.get(),
            [this](const QString &, const QString &message) { failures.append(message); });
    }

    BackupId create()
    {
        CreateRequest request;
        request.agents = QStringList { near, nas };
        const Result<OperationOutcome> made = fixture.create(request);
        if (!made)
            qFatal("%s", qPrintable(made.error().message));
        return made->id;
    }

    void pass(std::chrono::milliseconds time)
    {
        fixture.clock.set(fixture.clock.now().addMSecs(time.count()));
        timers.wake();
    }
    // It was asked, and will be asked again.
    bool isWaiting(std::chrono::milliseconds wait) const { return timers.untilNext() == wait; }

    QStringList lacking() const
    {
        QStringList ids;
        for (const CatalogEntry &entry : fixture.manager->backups()) {
            if (entry.failedAgents.contains(nas))
                ids.append(entry.backup.id);
        }
        return ids;
    }

    ManagerFixture fixture;
    std::shared_ptr<FakeAgent> other;
    std::shared_ptr<FakeAgent> agent;
    TimerQueue timers;
    bool wantsProtected = false;
    AgeRecipients recipients;
    QStringList given;
    QStringList failures;
    std::unique_ptr<AgentCatchup> catchup; // before what it calls
};

} // namespace

class TestAgentCatchup : public QObject
{
    Q_OBJECT

private slots:
    void anAgentThatComesBackGetsWhatItMissedWithinTwoMinutes()
    {
        Arena arena;
        arena.agent->failAlways(away());
        const BackupId first = arena.create();
        arena.fixture.clock.passDay();
        const BackupId second = arena.create();
        QCOMPARE(arena.lacking(), (QStringList { second, first }));
        for (int minute = 0; minute < 60; ++minute) {
            arena.pass(60s);
            QTRY_VERIFY_WITH_TIMEOUT(arena.timers.untilNext(), 60'000);
        }
        QCOMPARE(arena.agent->ids(), QStringList());

        arena.agent->failAlways({});
        arena.pass(60s);
        QTRY_COMPARE_WITH_TIMEOUT(arena.given, (QStringList { second, first }), 60'000);
        QCOMPARE(arena.lacking(), QStringList());
        QCOMPARE(arena.agent->ids(), (QStringList { first, second }));
        const auto entry = arena.fixture->backup(first);
        QVERIFY(entry->agents.value(nas) == entry->agents.value(near));
        arena.pass(60s);
        QCOMPARE(arena.given.size(), 2); // once
    }

    void itIsAskedRarelyAndNeverForNothing()
    {
        Arena arena;
        arena.agent->failAlways(away());
        arena.create();
        QTRY_VERIFY_WITH_TIMEOUT(arena.isWaiting(15'000ms), 60'000);
        arena.pass(15s);
        QTRY_VERIFY_WITH_TIMEOUT(arena.isWaiting(30'000ms), 60'000);
        arena.pass(30s);
        QTRY_VERIFY_WITH_TIMEOUT(arena.isWaiting(60'000ms), 60'000);
        arena.pass(60s);
        QTRY_VERIFY_WITH_TIMEOUT(arena.isWaiting(60'000ms), 60'000);
        arena.agent->failAlways({});
        arena.pass(60s);
        QTRY_COMPARE_WITH_TIMEOUT(arena.given.size(), 1, 60'000);
        QVERIFY(!arena.timers.untilNext());
        arena.create();
        QVERIFY(!arena.timers.untilNext());
    }

    void whatWasMissedBeforeARestartIsMadeUpAfterIt()
    {
        Arena arena;
        arena.agent->failAlways(away());
        const BackupId id = arena.create();
        arena.catchup.reset();
        arena.agent->failAlways({});
        arena.begin();
        arena.pass(15s);
        QTRY_COMPARE_WITH_TIMEOUT(arena.given, QStringList { id }, 60'000);
    }

    void anOperationGoesFirst()
    {
        Arena arena;
        arena.agent->failAlways(away());
        const BackupId id = arena.create();
        arena.agent->failAlways({});
        auto latch = std::make_shared<Latch>();
        arena.agent->duringUpload = [latch](JobControl &control) { latch->wait(control); };
        arena.pass(15s);
        QTRY_VERIFY_WITH_TIMEOUT(latch->isAwaited(), 60'000);
        CreateRequest request;
        request.agents = QStringList { near };
        QVERIFY(arena.fixture.create(request)); // ends the transfer
        QTRY_VERIFY_WITH_TIMEOUT(arena.isWaiting(15s), 60'000);
        QCOMPARE(arena.lacking(), QStringList { id });
        latch->open();
        arena.pass(15s);
        QTRY_COMPARE_WITH_TIMEOUT(arena.given, QStringList { id }, 60'000);
    }

    void aDamagedCopyIsNotPassedOn()
    {
        Arena arena;
        arena.agent->failAlways(away());
        const BackupId bad = arena.create();
        arena.fixture.clock.passDay();
        const BackupId good = arena.create();
        arena.other->damage(bad);
        arena.agent->failAlways({});
        arena.pass(15s);
        QTRY_COMPARE_WITH_TIMEOUT(arena.given, QStringList { good }, 60'000);
        QCOMPARE(arena.failures.size(), 1);
        QVERIFY(arena.failures.first().contains(QLatin1String("damaged")));
        QCOMPARE(arena.lacking(), QStringList { bad });
        QVERIFY(!arena.timers.untilNext());
    }

    void aDamagedCopyIsSetAsideAndReplacedFromASoundOne()
    {
        Arena arena;
        const BackupId id = arena.create();
        QCOMPARE(arena.lacking(), QStringList());
        QStringList aside;
        QObject::connect(arena.catchup.get(), &AgentCatchup::replaced, arena.catchup.get(),
            [&](const QString &agentId, const BackupId &backupId, const QString &name) {
                aside.append(agentId + u' ' + backupId + u' ' + name);
            });
        arena.agent->damage(id);
        QVERIFY(!arena.fixture.verify(id));
        QCOMPARE(arena.fixture->backup(id)->damagedAgents, QStringList { nas });
        arena.pass(15s);
        QTRY_COMPARE_WITH_TIMEOUT(aside.size(), 1, 60'000);
        QCOMPARE(aside.first(), nas + u' ' + id + u' ' + id + QStringLiteral(".zip.damaged"));
        QCOMPARE(arena.agent->asideIds(), QStringList { id });
        QCOMPARE(arena.fixture->backup(id)->damagedAgents, QStringList());
        const auto proved = arena.fixture.verify(id);
        QVERIFY(proved && !proved->problem);

        arena.agent->damage(id); // again: the place itself is bad
        QVERIFY(!arena.fixture.verify(id));
        arena.pass(15s);
        QTRY_COMPARE_WITH_TIMEOUT(arena.failures.size(), 1, 60'000);
        QVERIFY2(arena.failures.first().contains(QStringLiteral("aside already")),
            qPrintable(arena.failures.first()));
        QCOMPARE(arena.agent->ids(), QStringList { id }); // damaged as it is
        QVERIFY(!arena.timers.untilNext());
    }

    // What damages one must leave the other.
    void ofTwoFoldersOnOneDiskEachHasACopyOfItsOwn()
    {
        ManagerFixture fixture;
        fixture.addLocal("one");
        fixture.addLocal("two");
        const QString two = QStringLiteral("local.two");
        CreateRequest request;
        request.agents = QStringList { QStringLiteral("local.one") };
        const BackupId id = fixture.create(request)->id;
        const auto fileIn = [&](const char *agent) {
            return fixture.folder / "hub" + '/' + agent + '/' + id.toLatin1() + ".zip";
        };
        const auto given
            = fixture.await(fixture->copyTo(id, two, {}, std::make_shared<JobControl>()));
        QVERIFY2(given, given ? "" : qPrintable(given.error().message));
        struct stat one
        {
        };
        struct stat other
        {
        };
        QCOMPARE(::stat(fileIn("one").constData(), &one), 0);
        QCOMPARE(::stat(fileIn("two").constData(), &other), 0);
        QVERIFY(one.st_ino != other.st_ino);
        QCOMPARE(int(one.st_nlink), 1);
        QCOMPARE(int(other.st_nlink), 1);
        QVERIFY(readFile(fileIn("one")) == readFile(fileIn("two")));
    }

    void whereNoOtherCopyIsSoundNothingIsSetAside()
    {
        Arena arena;
        const BackupId id = arena.create();
        arena.agent->damage(id);
        QVERIFY(!arena.fixture.verify(id));
        arena.other->damage(id); // and nobody has noticed yet
        arena.pass(15s);
        QTRY_COMPARE_WITH_TIMEOUT(arena.failures.size(), 1, 60'000);
        QCOMPARE(arena.agent->asideIds(), QStringList());
        QCOMPARE(arena.agent->ids(), QStringList { id });
    }

    void whatWasSetAsideForACopyThatDidNotComeIsMissedFromThenOn()
    {
        Arena arena;
        const BackupId id = arena.create();
        arena.agent->damage(id);
        QVERIFY(!arena.fixture.verify(id));
        arena.agent->failures = { away() };
        arena.pass(15s);
        QTRY_COMPARE_WITH_TIMEOUT(arena.lacking(), QStringList { id }, 60'000);
        QCOMPARE(arena.agent->asideIds(), QStringList { id });
        // The next try may not be set yet when a minute has passed: then it is a minute later.
        const auto isThereAMinuteLater = [&] {
            arena.pass(60s);
            return arena.agent->ids() == QStringList { id };
        };
        QTRY_VERIFY_WITH_TIMEOUT(isThereAMinuteLater(), 60'000);
        QTRY_COMPARE_WITH_TIMEOUT(arena.lacking(), QStringList(), 60'000);
    }

    void whatShouldBeEncryptedIsNotGivenInClear()
    {
        Arena arena;
        arena.wantsProtected = true;
        arena.agent->failAlways(away());
        const BackupId plain = arena.create();
        const BackupId hidden = arena.create();
        // As the other agent has it encrypted.
        AgentBackup encrypted = arena.fixture->backup(hidden)->backup;
        encrypted.isProtected = true;
        encrypted.filename = hidden + QLatin1String(".zip.age");
        JobControl control;
        const QString path = QString::fromUtf8(arena.fixture.folder / "copy");
        QVERIFY(arena.other->download(hidden, path, control));
        QVERIFY(arena.other->upload(encrypted, path, control));
        arena.fixture.await(arena.fixture->refresh());
        arena.agent->failAlways({});
        arena.pass(15s);
        QTRY_COMPARE_WITH_TIMEOUT(arena.given, QStringList { hidden }, 60'000);
        QCOMPARE(arena.agent->ids(), QStringList { hidden });
        QCOMPARE(arena.agent->list()->first().filename, hidden + QLatin1String(".zip.age"));
        QVERIFY(arena.agent->list()->first().isProtected);
        QCOMPARE(arena.failures.size(), 1);
        QVERIFY(arena.failures.first().contains(QLatin1String("encrypted")));
        QCOMPARE(arena.lacking(), QStringList { plain });
    }

    // Who asked for that backup gave a password which the hub does not keep.
    void whatWasToBeEncryptedThereIsNotGivenInClearLater()
    {
        Arena arena;
        arena.fixture.plan.recipients = { {}, "correct horse", 10 };
        arena.fixture.plan.plainAgents = QStringList { near };
        arena.agent->failAlways(away());
        const BackupId id = arena.create();
        QVERIFY(!arena.fixture->backup(id)->agents.value(near).isProtected);
        arena.catchup.reset();
        arena.fixture.restart();
        arena.fixture->addAgent(arena.other);
        arena.fixture->addAgent(arena.agent);
        arena.begin();
        arena.agent->failAlways({});
        arena.pass(15s);
        QTRY_COMPARE_WITH_TIMEOUT(arena.failures.size(), 1, 60'000);
        QVERIFY2(arena.failures.first().contains(QLatin1String("encrypted")),
            qPrintable(arena.failures.first()));
        QCOMPARE(arena.agent->ids(), QStringList());
        QCOMPARE(arena.lacking(), QStringList { id });
    }

    void aPlainCopyIsEncryptedOnItsWay()
    {
        Arena arena;
        arena.wantsProtected = true;
        arena.recipients.passphrase = "correct horse";
        arena.recipients.workFactor = 10;
        arena.agent->failAlways(away());
        const BackupId id = arena.create();
        arena.agent->failAlways({});
        arena.pass(15s);
        QTRY_COMPARE_WITH_TIMEOUT(arena.given, QStringList { id }, 60'000);
        const AgentBackup stored = arena.agent->list()->first();
        QCOMPARE(stored.filename, id + QLatin1String(".zip.age"));
        const StoredCopy copy = arena.fixture->backup(id)->agents.value(nas);
        QVERIFY(copy.isProtected && copy.size == stored.size && copy.sha256 == stored.sha256);
        QCOMPARE(arena.fixture->backup(id)->agents.value(near).isProtected, false);

        JobControl control;
        const QByteArray sealed = arena.fixture.folder / "sealed";
        const QByteArray plain = arena.fixture.folder / "plain";
        const QByteArray opened = arena.fixture.folder / "opened";
        QVERIFY(arena.agent->download(id, QString::fromUtf8(sealed), control));
        QVERIFY(arena.other->download(id, QString::fromUtf8(plain), control));
        QCOMPARE(readFile(sealed).size(), stored.size);
        AgeKeys keys;
        keys.passphrase = "correct horse";
        WorkerPool pool;
        QVERIFY(decryptFile(sealed, opened, keys, pool, control));
        QVERIFY(readFile(opened) == readFile(plain));
        QCOMPARE(arena.fixture.staged(), QStringList());
    }

    void oneThatRefusesIsAskedLessAndLess()
    {
        Arena arena;
        arena.agent->failAlways(away());
        arena.create();
        arena.agent->failAlways({});
        for (int n = 0; n < 20; ++n)
            arena.agent->failures.push_back({ ErrorCode::NoSpace, QStringLiteral("It is full") });
        arena.pass(15s);
        std::chrono::milliseconds wait = 2min;
        for (int n = 0; n < 8; ++n) {
            QTRY_VERIFY_WITH_TIMEOUT(arena.isWaiting(wait), 60'000);
            arena.pass(wait);
            wait = std::min<std::chrono::milliseconds>(2 * wait, 1h);
        }
        QCOMPARE(arena.failures.size(), 1); // said once
    }

    void anAgentThatIsGoneIsForgotten()
    {
        Arena arena;
        arena.agent->failAlways(away());
        arena.create();
        arena.fixture->removeAgent(nas);
        arena.pass(15s);
        QVERIFY(!arena.timers.untilNext());
    }

    void aBackupThatWasDeletedIsNotMissed()
    {
        Arena arena;
        arena.agent->failAlways(away());
        const BackupId id = arena.create();
        QVERIFY(arena.fixture.await(arena.fixture->remove(id)));
        arena.agent->failAlways({});
        arena.pass(15s);
        QVERIFY(!arena.timers.untilNext());
        QCOMPARE(arena.agent->ids(), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestAgentCatchup)
#include "tst_agentcatchup.moc"
