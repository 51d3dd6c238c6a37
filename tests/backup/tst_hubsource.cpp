// ctest: threaded
// The hub's own databases and configuration in a backup, taken while the hub uses them.

#include "integrations/backup/hubsource.h"

#include "integrations/files/filessource.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

std::unique_ptr<BackupSource> hubData(const QByteArray &hub)
{
    return std::make_unique<HubDataSource>(hub + "/data",
        QList<HubDatabase> {
            { "state.db", { "UPDATE tokens SET hash = ''" } }, { "history.db", {} } });
}

std::unique_ptr<BackupSource> hubConfig(const QByteArray &hub)
{
    return std::make_unique<HubConfigSource>(
        std::make_unique<files::FilesSource>(files::FilesConfig { {}, hub + "/config", {}, {} }));
}

void makeHub(const QByteArray &hub)
{
    writeFile(hub + "/config/hubkeep.yaml", "hub: {name: Home}\n");
    writeFile(hub + "/config/automations/night.yaml", "[]\n");
    writeFile(hub + "/config/secrets.yaml", "ops_url: https://x\n");
    writeFile(hub + "/keys/identity", "AGE-SECRET-KEY-1X");
    makeFolder(hub + "/data");
    for (const char *name : { "state.db", "history.db" }) {
        Database db(hub + "/data/" + name);
        db.run("PRAGMA journal_mode=WAL");
        db.run("CREATE TABLE tokens (id INTEGER PRIMARY KEY, hash TEXT)");
        db.run("INSERT INTO tokens (hash) VALUES ('0123456789abcdef-of-a-token')");
    }
}

BackupRequest hubRequest(const QByteArray &output, const QByteArray &hub)
{
    BackupRequest made = request(output, hubConfig(hub), hubData(hub));
    made.skippedFolders = { hub };
    return made;
}

// As the hub has its database: through Qt Sql.
class QtConnection
{
public:
    explicit QtConnection(const QByteArray &path)
    {
        m_db = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("hub"));
        m_db.setDatabaseName(QString::fromUtf8(path));
        if (!m_db.open())
            qFatal("Qt could not open the database");
        ask("PRAGMA journal_mode=WAL");
        ask("PRAGMA wal_autocheckpoint=0");
    }
    ~QtConnection()
    {
        m_db = {};
        QSqlDatabase::removeDatabase(QStringLiteral("hub"));
    }
    QtConnection(const QtConnection &) = delete;
    QtConnection &operator=(const QtConnection &) = delete;

    QString ask(const char *sql)
    {
        QSqlQuery query(m_db);
        if (!query.exec(QLatin1String(sql)))
            return QStringLiteral("error");
        return query.next() ? query.value(0).toString() : QString();
    }

private:
    QSqlDatabase m_db;
};

} // namespace

class TestHubSource : public QObject
{
    Q_OBJECT

private slots:
    void theHubIsInTheBackupAndItsKeysAreNot()
    {
        const Folder folder;
        makeHub(folder / "hub");
        writeFile(folder / "shop/a.txt", "a");
        BackupRequest wanted = hubRequest(folder / "out", folder / "hub");
        wanted.sources.push_back(test::files(folder / "shop"));
        const BackupOutcome made = mustRun(wanted);
        QCOMPARE(entriesOf(made.path).keys(),
            (QList<QByteArray> { "hub/config", "hub/config/automations",
                "hub/config/automations/night.yaml", "hub/config/hubkeep.yaml",
                "hub/config/secrets.yaml", "hub/data", "hub/data/history.db", "hub/data/state.db",
                "sources/shop", "sources/shop/a.txt" }));
        QCOMPARE(problemsOf(made.path), QStringList());
        QVERIFY(made.info.includesHub());
        const BackupInfo read = mustOpen(made.path).info();
        QCOMPARE(read, made.info);
        QCOMPARE(read.sources.size(), 3);
        QCOMPARE(read.sources[0].folder(), "hub/config");
        QVERIFY(read.sources[1].isHub());
        QVERIFY(!read.sources[2].isHub());
        QCOMPARE(made.warningCount, 0);
    }

    void secretsAreBlankedInTheBackupAlone()
    {
        const Folder folder;
        makeHub(folder / "hub");
        const BackupOutcome made = mustRun(hubRequest(folder / "out", folder / "hub"));
        QCOMPARE(sentence(restoreTo(made.path, folder / "back")), QString());
        const QByteArray state = folder / "back/hub/data/state.db";
        QCOMPARE(Database(state).ask("SELECT count(*) || hash FROM tokens"), "1");
        QVERIFY(!readFile(state).contains("0123456789abcdef"));
        // Of the history nothing is blanked.
        QVERIFY(readFile(folder / "back/hub/data/history.db").contains("0123456789abcdef"));
        QVERIFY(Database(folder / "hub/data/state.db")
                    .ask("SELECT hash FROM tokens")
                    .startsWith("0123"));
        QCOMPARE(namesIn(folder / "out").size(), 1);
    }

    void noLockIsLostOnWhatTheHubHasOpen()
    {
        const Folder folder;
        makeHub(folder / "hub");
        const QByteArray state = folder / "hub/data/state.db";
        QtConnection hub(state);
        QCOMPARE(hub.ask("INSERT INTO tokens (hash) VALUES ('before')"), QString());
        mustRun(hubRequest(folder / "out", folder / "hub"));
        // A program that is the last one out brings the log in and deletes it. It must see that
        // it is not the last.
        QCOMPARE(runElsewhere(state, R"(SELECT count(*) FROM tokens WHERE hash = "before")"),
            QByteArray("1"));
        QVERIFY(exists(state + "-wal"));
        QCOMPARE(hub.ask("INSERT INTO tokens (hash) VALUES ('after')"), QString());
        QCOMPARE(runElsewhere(state, R"(SELECT count(*) FROM tokens WHERE hash = "after")"),
            QByteArray("1"));
        // Nor may anybody write into the hub's open transaction.
        QCOMPARE(hub.ask("BEGIN IMMEDIATE"), QString());
        mustRun(hubRequest(folder / "out", folder / "hub"));
        QVERIFY(runElsewhere(state, R"(INSERT INTO tokens (hash) VALUES ("intruder"))")
                    .contains("locked"));
        QCOMPARE(hub.ask("COMMIT"), QString());
        QCOMPARE(
            hub.ask("SELECT count(*) FROM tokens WHERE hash = 'intruder'"), QStringLiteral("0"));
    }

    void aBackupWhileOthersWriteIsWhole()
    {
        const Folder folder;
        makeHub(folder / "hub");
        const QByteArray history = folder / "hub/data/history.db";
        makeAccounts(history + ".new", 2000, "WAL");
        QCOMPARE(::rename((history + ".new").constData(), history.constData()), 0);
        AccountMover mover(history);
        QTRY_VERIFY(mover.commits() > 10);
        const BackupOutcome made = mustRun(hubRequest(folder / "out", folder / "hub"));
        const qint64 after = mover.commits();
        mover.stop();
        QCOMPARE(sentence(restoreTo(made.path, folder / "back")), QString());
        QCOMPARE(problemWithAccounts(folder / "back/hub/data/history.db"), QByteArray());
        QVERIFY(AccountMover::movesIn(folder / "back/hub/data/history.db") <= after + 1);
    }

    void aDatabaseThatIsNotThereIsNamed()
    {
        const Folder folder;
        makeHub(folder / "hub");
        QCOMPARE(::unlink((folder / "hub/data/history.db").constData()), 0);
        const BackupOutcome made = mustRun(hubRequest(folder / "out", folder / "hub"));
        QVERIFY(warnsAbout(made.warnings, folder / "hub/data/history.db", "is not there"));
        QVERIFY(!entriesOf(made.path).contains("hub/data/history.db"));
    }

    void aDamagedDatabaseOfTheHubFailsAsASourceOfItsOwn()
    {
        const Folder folder;
        makeHub(folder / "hub");
        writeFile(folder / "hub/data/state.db", "not a database, but long enough to be looked at");
        const BackupOutcome made = mustRun(hubRequest(folder / "out", folder / "hub"));
        QCOMPARE(made.info.failedSources.size(), 1);
        QCOMPARE(made.info.failedSources.first().name, QStringLiteral("hub/data"));
        QVERIFY(entriesOf(made.path).contains("hub/config/hubkeep.yaml"));
        QCOMPARE(problemsOf(made.path), QStringList());
    }

    void noOtherSourceReadsTheHubsFolder()
    {
        const Folder folder;
        makeHub(folder / "all/hub");
        writeFile(folder / "all/a.txt", "a");
        BackupRequest wanted = hubRequest(folder / "out", folder / "all/hub");
        wanted.sources.push_back(test::files(folder / "all"));
        wanted.sources.push_back(database(folder / "all/hub/data/state.db"));
        const BackupOutcome made = mustRun(wanted);
        QVERIFY(warnsAbout(made.warnings, folder / "all/hub", "hub's own"));
        QVERIFY(!entriesOf(made.path).contains("sources/all/hub"));
        QVERIFY(entriesOf(made.path).contains("sources/all/a.txt"));
        QCOMPARE(made.info.failedSources.size(), 1);
        QVERIFY(made.info.failedSources.first().message.contains(QLatin1String("by itself")));
    }

    void whatDidNotChangeIsTakenOver()
    {
        const Folder folder;
        makeHub(folder / "hub");
        writeFile(folder / "hub/config/large.yaml", someText(3'000'000));
        SetClock clock;
        BackupRequest wanted = hubRequest(folder / "out", folder / "hub");
        wanted.clock = &clock;
        QCOMPARE(mustRun(wanted).reusedBytes, 0);
        clock.passDay();
        QVERIFY(mustRun(wanted).reusedBytes > 3'000'000);
    }

    void inPlaceTheHubIsLeftAlone()
    {
        const Folder folder;
        makeHub(folder / "hub");
        writeFile(folder / "shop/a.txt", "a");
        BackupRequest wanted = hubRequest(folder / "out", folder / "hub");
        wanted.sources.push_back(test::files(folder / "shop"));
        const BackupOutcome made = mustRun(wanted);
        writeFile(folder / "hub/config/hubkeep.yaml", "new");
        writeFile(folder / "shop/a.txt", "new");
        const auto restored = restoreInPlace(made.path);
        QCOMPARE(sentence(restored), QString());
        QCOMPARE(restored->written, 1);
        QCOMPARE(readFile(folder / "shop/a.txt"), "a");
        QCOMPARE(readFile(folder / "hub/config/hubkeep.yaml"), "new");
        QVERIFY(warnsAbout(restored->warnings, {}, "--hub"));
    }

    void oneOfTheHubsFoldersCanBeChosen()
    {
        const Folder folder;
        makeHub(folder / "hub");
        writeFile(folder / "shop/a.txt", "a");
        BackupRequest wanted = hubRequest(folder / "out", folder / "hub");
        wanted.sources.push_back(test::files(folder / "shop"));
        const BackupOutcome made = mustRun(wanted);
        RestoreRequest config;
        config.sources = QStringList { hubConfigName };
        QCOMPARE(sentence(restoreTo(made.path, folder / "config", config)), QString());
        QCOMPARE(namesIn(folder / "config"), QList<QByteArray> { "hub" });
        QCOMPARE(namesIn(folder / "config/hub"), QList<QByteArray> { "config" });
        RestoreRequest sources;
        sources.hub = false;
        QCOMPARE(sentence(restoreTo(made.path, folder / "sources", sources)), QString());
        QCOMPARE(namesIn(folder / "sources"), QList<QByteArray> { "shop" });
    }

    void aSourceCalledHubIsNotMixedWithIt()
    {
        const Folder folder;
        makeHub(folder / "me");
        writeFile(folder / "hub/data/state.db.txt", "a");
        BackupRequest wanted = hubRequest(folder / "out", folder / "me");
        wanted.sources.push_back(test::files(folder / "hub"));
        const BackupOutcome made = mustRun(wanted);
        const auto both = restoreTo(made.path, folder / "both");
        QVERIFY(!both);
        QVERIFY2(both.error().message.contains(QLatin1String("one after the other")),
            qPrintable(both.error().message));
        RestoreRequest one;
        one.sources = QStringList { QStringLiteral("hub") };
        QCOMPARE(sentence(restoreTo(made.path, folder / "one", one)), QString());
        QVERIFY(exists(folder / "one/hub/data/state.db.txt"));
        QVERIFY(!exists(folder / "one/hub/config"));
    }
};

QTEST_GUILESS_MAIN(TestHubSource)
#include "tst_hubsource.moc"
