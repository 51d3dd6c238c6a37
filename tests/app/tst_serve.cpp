// `hubkeep serve` from its first start to its end: who may start it where, what it says, what
// signals do, and what it makes of a folder that is not as it should be.

// ctest: slow

#include "tests/support/enginedatabases.h"
#include "tests/support/enginetree.h"
#include "tests/support/servedhub.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTcpServer>
#include <QtTest>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QString text(const char *name)
{
    return QString::fromLatin1(name);
}

QJsonObject login(const QByteArray &password)
{
    return { { text("username"), text("admin") },
        { text("password"), QString::fromLatin1(password) } };
}

// A source that gives nothing until release() and keeps the backup waiting.
struct Blocked
{
    explicit Blocked(const QByteArray &path)
        : fifo(path)
    {
        makeFifo(fifo);
    }
    ~Blocked() { release(); }

    QByteArray source() const
    {
        return "{name: slow, type: command, dump: [cat, " + fifo + "], file: slow.txt}";
    }
    // Whether a command waits at the other end.
    bool isIn() const
    {
        const int fd = ::open(fifo.constData(), O_WRONLY | O_NONBLOCK);
        if (fd < 0)
            return false;
        writers.append(fd);
        return true;
    }
    void release() const
    {
        for (const int fd : std::as_const(writers))
            ::close(fd);
        writers.clear();
    }

    const QByteArray fifo;
    mutable QList<int> writers; // the first keeps the command reading
};

struct Place
{
    Place() { writeFile(folder / "shop/a.txt", "a"); }

    QByteArray yaml(const QByteArray &more = {}) const
    {
        return "backup:\n  sources:\n    - {name: shop, type: files, path: " + folder.path()
            + "/shop}\n" + (more.isEmpty() ? QByteArray() : "    - " + more + '\n');
    }

    Folder folder;
    const QByteArray hub = folder / "hub";
};

QList<QByteArray> unfinished(const Place &place)
{
    QList<QByteArray> found;
    for (const QByteArray &name : namesIn(place.hub + "/backups")) {
        if (name.contains(".partial"))
            found.append(name);
    }
    return found + namesIn(place.hub + "/staging");
}

QStringList namesOf(ServedHub &hub, const char *path, const char *list)
{
    QStringList names;
    for (const QJsonValue &part : hub.get(path).object()[text(list)].toArray())
        names.append(part[text("name")].toString());
    return names;
}

qsizetype backups(ServedHub &hub)
{
    return hub.get("/api/v1/backup").object()[text("backups")].toArray().size();
}

bool blocksSignal(qint64 process, int signal)
{
    QFile status(QStringLiteral("/proc/%1/status").arg(process));
    if (!status.open(QIODevice::ReadOnly))
        return false;
    const QList<QByteArray> lines = status.readAll().split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith("SigBlk:"))
            return (line.mid(7).trimmed().toULongLong(nullptr, 16) >> (signal - 1) & 1) != 0;
    }
    return false;
}

} // namespace

class TestServe : public QObject
{
    Q_OBJECT

private slots:
    void theFirstStartSaysThePasswordOnceAndItLogsIn()
    {
        const Place place;
        QByteArray password;
        {
            ServedHub hub(place.hub);
            QVERIFY2(hub.becomesReady(), hub.err().constData());
            QVERIFY(hub.url().startsWith("http://127.0.0.1:"));
            password = hub.password();
            QCOMPARE(password.size(), 20);
            const auto answer = hub.ask("POST", "/api/v1/auth/login", login(password), "-");
            QCOMPARE(answer.status, 200);
            QCOMPARE(answer.object()[text("role")].toString(), text("admin"));
            QCOMPARE(hub.ask("GET", "/api/v1/backup", {},
                            answer.object()[text("token")].toString().toLatin1())
                         .status,
                200);
            QCOMPARE(
                hub.get("/api/states/sensor.backup_backup_manager_state").object()[text("state")],
                QJsonValue(text("idle")));
            QVERIFY(exists(place.hub + "/data/history.db"));
            hub.signal(SIGTERM);
            QCOMPARE(hub.wait().exitCode, 0);
        }
        ServedHub again(place.hub);
        QVERIFY(again.becomesReady());
        QCOMPARE(again.out().count('\n'), 1);
        QCOMPARE(again.ask("POST", "/api/v1/auth/login", login(password), "-").status, 200);
    }

    void aSecondHubOnTheFolderIsTurnedAway()
    {
        const Place place;
        ServedHub first(place.hub);
        QVERIFY(first.becomesReady());
        ServedHub second(place.hub);
        const CliResult ended = second.wait();
        QCOMPARE(ended.exitCode, 5);
        QVERIFY2(isOneSentence(ended.err), ended.err.constData());
        QCOMPARE(first.get("/readyz").status, 200);
        QVERIFY(exists(place.hub + "/data/running.json"));
    }

    // Who sees only the error would otherwise never learn it.
    void aTakenPortIsASentenceAndThePasswordIsSaidAllTheSame()
    {
        const Place place;
        QTcpServer other;
        QVERIFY(other.listen(QHostAddress::LocalHost));
        ServedHub hub(place.hub, { "--port", QByteArray::number(other.serverPort()) });
        QVERIFY(!hub.becomesReady());
        const CliResult ended = hub.wait();
        QCOMPARE(ended.exitCode, 1);
        QVERIFY2(ended.err.contains("hubkeep: ") && ended.err.count("hubkeep: ") == 1,
            ended.err.constData());
        QVERIFY2(ended.err.contains(QByteArray::number(other.serverPort())), ended.err.constData());
        QCOMPARE(hub.password().size(), 20);
        QVERIFY(!exists(place.hub + "/data/running.json"));
    }

    void everyProblemOfTheConfigurationIsOnALine()
    {
        const Place place;
        writeConfiguration(place.hub, "htp: {port: 1}\nbackup:\n  sources: 5\n  timeot: 2h\n");
        ServedHub hub(place.hub);
        const CliResult ended = hub.wait();
        QCOMPARE(ended.exitCode, 1);
        QCOMPARE(ended.err.count("\nhubkeep.yaml:"), 3);
        QVERIFY2(ended.err.contains("\nhubkeep.yaml:1:1: "), ended.err.constData());
        QVERIFY(ended.out.isEmpty());
        QVERIFY(!exists(place.hub + "/data/state.db"));
    }

    void isNotReachableFromElsewhereWithoutTls()
    {
        const Place place;
        ServedHub refused(place.hub, { "--host", "0.0.0.0" });
        const CliResult ended = refused.wait();
        QCOMPARE(ended.exitCode, 1);
        QVERIFY2(ended.err.contains("TLS"), ended.err.constData());
        writeConfiguration(place.hub, "http: {insecure: true}\n");
        ServedHub wanted(place.hub, { "--host", "0.0.0.0" });
        QVERIFY2(wanted.becomesReady(), wanted.err().constData());
    }

    void aSignalEndsIt_data()
    {
        QTest::addColumn<int>("number");
        QTest::newRow("TERM") << SIGTERM;
        QTest::newRow("INT") << SIGINT;
    }

    void aSignalEndsIt()
    {
        QFETCH(int, number);
        const Place place;
        ServedHub hub(place.hub);
        QVERIFY(hub.becomesReady());
        QCOMPARE(statusOf(place.hub + "/data/running.json").st_mode & 0777, mode_t(0600));
        QCOMPARE(hub.running()[text("pid")].toInteger(), hub.processId());
        QElapsedTimer timer;
        timer.start();
        hub.signal(number);
        QCOMPARE(hub.wait().exitCode, 0);
        QVERIFY(timer.elapsed() < 5000);
        QVERIFY(!exists(place.hub + "/data/running.json"));
        QVERIFY(!exists(place.hub + "/data/state.db-wal"));
    }

    // Before there is an event loop as well.
    void aSignalWhileItStartsEndsIt_data()
    {
        QTest::addColumn<QByteArray>("once");
        QTest::newRow("signals are seen to") << QByteArray();
        for (const char *file : { "data", "data/state.db", "data/history.db", "data/running.json" })
            QTest::newRow(file) << QByteArray(file);
    }
    void aSignalWhileItStartsEndsIt()
    {
        QFETCH(const QByteArray, once);
        const Place place;
        ServedHub hub(place.hub);
        // Until then a signal ends it as it ends any program.
        QTRY_VERIFY(blocksSignal(hub.processId(), SIGTERM));
        if (!once.isEmpty())
            QTRY_VERIFY(exists(place.hub + '/' + once));
        hub.signal(SIGTERM);
        QCOMPARE(hub.wait().exitCode, 0);
        QVERIFY(!exists(place.hub + "/data/running.json"));
    }

    void aSignalDuringABackupLeavesNothing()
    {
        const Place place;
        const Blocked blocked(place.folder / "fifo");
        writeConfiguration(place.hub, place.yaml(blocked.source()));
        {
            ServedHub hub(place.hub);
            QVERIFY(hub.becomesReady());
            QCOMPARE(hub.ask("POST", "/api/v1/backup").status, 202);
            QTRY_VERIFY(blocked.isIn());
            QElapsedTimer timer;
            timer.start();
            hub.signal(SIGTERM);
            QCOMPARE(hub.wait().exitCode, 0);
            QVERIFY2(timer.elapsed() < 10'000, QByteArray::number(timer.elapsed()).constData());
        }
        QCOMPARE(unfinished(place), QList<QByteArray>());
        ServedHub hub(place.hub);
        QVERIFY(hub.becomesReady());
        QCOMPARE(backups(hub), 0);
    }

    void afterAKillDuringABackupTheNextStartCleansUp()
    {
        const Place place;
        const Blocked blocked(place.folder / "fifo");
        writeConfiguration(place.hub, place.yaml(blocked.source()));
        {
            ServedHub hub(place.hub);
            QVERIFY(hub.becomesReady());
            QCOMPARE(hub.ask("POST", "/api/v1/backup").status, 202);
            QTRY_VERIFY(blocked.isIn());
            hub.signal(SIGKILL);
            QCOMPARE(hub.wait().exitCode, 128 + SIGKILL);
        }
        QVERIFY(!unfinished(place).isEmpty());
        QVERIFY(exists(place.hub + "/data/running.json"));
        const CliResult called = runHubkeep({ "--data", place.hub, "call", "backup.cancel" });
        QCOMPARE(called.exitCode, 1); // nobody runs
        QVERIFY2(isOneSentence(called.err), called.err.constData());
        blocked.release();
        writeConfiguration(place.hub, place.yaml());
        ServedHub hub(place.hub);
        QVERIFY(hub.becomesReady());
        QCOMPARE(unfinished(place), QList<QByteArray>());
        QCOMPARE(hub.ask("POST", "/api/v1/backup").status, 202);
        QCOMPARE(hub.finish()[text("status")].toString(), text("completed"));
        QCOMPARE(backups(hub), 1);
    }

    void aHangupReadsTheConfigurationAgain()
    {
        const Place place;
        writeConfiguration(place.hub, place.yaml());
        ServedHub hub(place.hub);
        QVERIFY(hub.becomesReady());
        QCOMPARE(namesOf(hub, "/api/v1/sources", "sources"), QStringList { text("shop") });
        writeConfiguration(place.hub,
            place.yaml("{name: more, type: files, path: " + place.folder.path() + "/more}")
                + "  agents:\n    - {name: second, type: local, path: other}\n"
                  "  hooks: {after: [{command: [touch, "
                + place.folder.path() + "/hooked]}]}\n");
        writeFile(place.folder / "more/b.txt", "b");
        hub.signal(SIGHUP);
        QTRY_COMPARE(namesOf(hub, "/api/v1/sources", "sources"),
            (QStringList { text("shop"), text("more") }));
        QCOMPARE(namesOf(hub, "/api/v1/agents", "agents"), QStringList { text("second") });
        QCOMPARE(hub.ask("POST", "/api/v1/backup").status, 202);
        QCOMPARE(hub.finish()[text("status")].toString(), text("completed"));
        QVERIFY(exists(place.folder / "hooked"));
        QCOMPARE(namesIn(place.hub + "/other").join(' ').count(".zip"), 1);
        QCOMPARE(namesIn(place.hub + "/backups").join(' ').count(".zip"), 0);

        writeConfiguration(place.hub, "backup:\n  surces: []\n");
        hub.signal(SIGHUP);
        QTRY_VERIFY(hub.err().contains("hubkeep.yaml:2:3: "));
        QCOMPARE(namesOf(hub, "/api/v1/sources", "sources"),
            (QStringList { text("shop"), text("more") }));
    }

    void aDeletedDatabaseBeginsCleanAndBackupsAreFoundAgain_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("state") << QByteArray("state.db");
        QTest::newRow("history") << QByteArray("history.db");
    }

    void aDeletedDatabaseBeginsCleanAndBackupsAreFoundAgain()
    {
        QFETCH(QByteArray, name);
        const Place place;
        writeConfiguration(place.hub, place.yaml());
        QCOMPARE(runHubkeep({ "--data", place.hub, "backup" }).exitCode, 0);
        QVERIFY(::unlink((place.hub + "/data/" + name).constData()) == 0);
        ServedHub hub(place.hub);
        QVERIFY2(hub.becomesReady(), hub.err().constData());
        QCOMPARE(hub.password().isEmpty(), name != "state.db");
        QTRY_COMPARE(backups(hub), 1);
        QVERIFY(exists(place.hub + "/data/" + name));
    }

    void aDamagedStateIsSetAsideAndSaid()
    {
        const Place place;
        writeConfiguration(place.hub, place.yaml());
        QCOMPARE(runHubkeep({ "--data", place.hub, "backup" }).exitCode, 0);
        writeFile(place.hub + "/data/state.db", "this is no database" + someText(5000));
        ServedHub hub(place.hub);
        QVERIFY2(hub.becomesReady(), hub.err().constData());
        QVERIFY2(hub.err().contains("state.db.damaged"), hub.err().constData());
        QVERIFY(exists(place.hub + "/data/state.db.damaged"));
        QVERIFY(!hub.password().isEmpty());
        QTRY_COMPARE(backups(hub), 1);
    }

    void aFolderThatCannotBeWrittenIsASentence()
    {
        const Folder folder;
        setMode(folder.path(), 0755);
        makeFolder(folder / "hub");
        setMode(folder / "hub", 0755);
        if (!AsNobody::isPossible())
            QSKIP("needs root");
        const CliResult ended
            = runHubkeep({ "serve", "--data", folder / "hub", "--port", "0" }, {}, true);
        QCOMPARE(ended.exitCode, 1);
        QVERIFY2(isOneSentence(ended.err), ended.err.constData());
        QVERIFY2(ended.err.contains("ermission denied"), ended.err.constData());
    }

    void aFullDiskIsASentence()
    {
        const TinyDisk disk(64 * 1024);
        if (!disk.isMounted())
            QSKIP("needs to mount a file system");
        writeFile(disk.path() + "/fill", randomBytes(40 * 1024));
        ServedHub hub(disk.path() + "/hub");
        const CliResult ended = hub.wait();
        QCOMPARE(ended.exitCode, 1);
        QVERIFY2(ended.err.contains("hubkeep: "), ended.err.constData());
        QVERIFY2(ended.err.contains("free some space"), ended.err.constData());
    }

    // A server that takes connections and never says anything: rclone would wait for three
    // minutes, and nobody waits that long for the hub to end.
    void itEndsWhileARemoteDoesNotAnswer()
    {
        const Place place;
        QTcpServer silent;
        QVERIFY(silent.listen(QHostAddress::LocalHost));
        writeConfiguration(place.hub,
            "backup: {agents: [{name: dead, type: rclone, remote: 'dead:x', options: {type: "
            "webdav, url: 'http://127.0.0.1:"
                + QByteArray::number(silent.serverPort()) + "/'}}]}\n");
        ServedHub hub(place.hub);
        QVERIFY(hub.becomesReady());
        QTRY_VERIFY_WITH_TIMEOUT(silent.hasPendingConnections(), 60'000);
        hub.signal(SIGTERM);
        QCOMPARE(hub.wait().exitCode, 0);
    }

    void aRestartKeepsTheProcessAndThePort()
    {
        const Place place;
        writeConfiguration(place.hub, place.yaml());
        ServedHub hub(place.hub);
        QVERIFY(hub.becomesReady());
        const QByteArray url = hub.url();
        const QJsonObject before = hub.running();
        writeConfiguration(place.hub, "bakup: {}\n");
        QVERIFY(hub.ask("POST", "/api/services/homeassistant/restart").status >= 400);
        writeConfiguration(place.hub,
            place.yaml("{name: more, type: files, path: " + place.folder.path() + "/more}"));
        QCOMPARE(hub.ask("POST", "/api/services/homeassistant/restart").status, 200);
        QTRY_COMPARE(hub.out().count("HubKeep is ready on"), 2);
        QVERIFY(hub.becomesReady());
        QCOMPARE(hub.url(), url);
        QCOMPARE(hub.running()[text("pid")], before[text("pid")]);
        QCOMPARE(hub.get("/readyz").status, 200);
        QCOMPARE(namesOf(hub, "/api/v1/sources", "sources").size(), 2);
        // The token of the hub that was is of no use any more.
        const QByteArray old = before[text("token")].toString().toLatin1();
        QCOMPARE(hub.ask("GET", "/api/v1/backup", {}, old).status, 401);
        hub.signal(SIGTERM);
        QCOMPARE(hub.wait().exitCode, 0);
    }

    void commandsReachAHubWithASelfSignedCertificate()
    {
        const Place place;
        makeFolder(place.hub + "/config");
        const QByteArray make = "cd " + place.hub
            + "/config && openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem "
              "-days 2 -subj /CN=elsewhere 2>/dev/null";
        if (std::system(make.constData()) != 0)
            QSKIP("needs openssl");
        writeConfiguration(
            place.hub, "http: {tls: {certificate: cert.pem, key: key.pem}}\n" + place.yaml());
        ServedHub hub(place.hub);
        QVERIFY2(hub.becomesReady(), hub.err().constData());
        QVERIFY(hub.url().startsWith("https://"));
        const CliResult made = runHubkeep({ "--data", place.hub, "backup", "--json" });
        QVERIFY2(made.exitCode == 0, made.err.constData());
        QCOMPARE(runHubkeep({ "--data", place.hub, "call", "backup.create" }).exitCode, 0);
        QCOMPARE(backups(hub), 2);
        // Somebody else's certificate is not trusted, whatever it is called.
        const QByteArray other = "cd " + place.hub
            + "/config && openssl req -x509 -newkey rsa:2048 -nodes -keyout key2.pem -out cert.pem "
              "-days 2 -subj /CN=elsewhere 2>/dev/null";
        QCOMPARE(std::system(other.constData()), 0);
        QCOMPARE(runHubkeep({ "--data", place.hub, "call", "backup.create" }).exitCode, 1);
    }
};

QTEST_GUILESS_MAIN(TestServe)
#include "tst_serve.moc"
