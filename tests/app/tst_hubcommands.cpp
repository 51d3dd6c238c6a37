// `hubkeep backup`, list, verify, restore, call, user and token on a hub's folder: beside a hub
// that runs and, where none does, in a process of their own.

// ctest: slow

#include "tests/support/enginedatabases.h"
#include "tests/support/enginetree.h"
#include "tests/support/servedhub.h"

#include <QtTest>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QString text(const char *name)
{
    return QString::fromLatin1(name);
}

// A hub's folder with one source and one that keeps a backup waiting, where that is wanted.
struct Place
{
    Place()
    {
        writeFile(folder / "shop/a.txt", "first");
        makeAccounts(folder / "shop/app.db", 50, "WAL");
        configure();
    }

    void configure(const QByteArray &more = {}) const
    {
        writeConfiguration(hub,
            "backup:\n  sources:\n    - {name: shop, type: files, path: " + folder.path()
                + "/shop}\n" + more);
    }
    void block()
    {
        makeFifo(folder / "fifo");
        configure("    - {name: slow, type: command, file: slow.txt, dump: [cat, " + folder.path()
            + "/fifo]}\n");
    }
    // Whether a backup waits for the source.
    bool isIn()
    {
        if (m_writer < 0)
            m_writer = ::open((folder / "fifo").constData(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        return m_writer >= 0;
    }
    void release()
    {
        if (m_writer >= 0 && ::write(m_writer, "slow\n", 5) == 5)
            ::close(m_writer);
        m_writer = -1;
    }
    ~Place() { release(); }

    CliResult run(QList<QByteArray> arguments) const
    {
        arguments.prepend(hub);
        arguments.prepend("--data");
        return runHubkeep(arguments);
    }
    QByteArray backUp() const
    {
        const CliResult made = run({ "backup" });
        if (made.exitCode != 0)
            qFatal("%s", made.err.constData());
        return made.out.trimmed();
    }
    QList<QByteArray> left() const
    {
        QList<QByteArray> found = namesIn(hub + "/staging");
        for (const QByteArray &name : namesIn(hub + "/backups")) {
            if (name.contains(".partial") || name.contains(".zip"))
                found.append(name);
        }
        return found;
    }

    Folder folder;
    const QByteArray hub = folder / "hub";

private:
    int m_writer = -1;
};

const QStringList &contractKeys()
{
    static const QStringList keys { text("backup_id"), text("path"), text("size"), text("files"),
        text("directories"), text("databases"), text("bytes"), text("reused_bytes"),
        text("warnings"), text("failed_sources"), text("duration_s"), text("verified") };
    return keys;
}

} // namespace

class TestHubCommands : public QObject
{
    Q_OBJECT

private slots:
    void backsUpWithAndWithoutAHub_data()
    {
        QTest::addColumn<bool>("served");
        QTest::newRow("beside a hub") << true;
        QTest::newRow("without one") << false;
    }

    void backsUpWithAndWithoutAHub()
    {
        QFETCH(bool, served);
        const Place place;
        std::optional<ServedHub> hub;
        if (served) {
            hub.emplace(place.hub);
            QVERIFY(hub->becomesReady());
        }
        const CliResult made = place.run({ "backup", "--name", "Before the move", "--json" });
        QVERIFY2(made.exitCode == 0, made.err.constData());
        QCOMPARE(made.err.contains("with the password"), !served);
        const QJsonObject json = made.json();
        for (const QString &key : contractKeys())
            QVERIFY2(json.contains(key), qPrintable(key));
        const QByteArray id = json[text("backup_id")].toString().toLatin1();
        QCOMPARE(json[text("path")].toString().toUtf8(), place.hub + "/backups/" + id + ".zip");
        QCOMPARE(json[text("databases")].toInt(), 3); // its own are always in it
        QCOMPARE(json[text("failed_sources")], QJsonValue(QJsonArray()));
        QCOMPARE(json[text("verified")], QJsonValue(true));

        const CliResult plain = place.run({ "backup", "--automatic" });
        QCOMPARE(plain.exitCode, 0);
        QCOMPARE(plain.out.count('\n'), 1);
        QVERIFY(!plain.err.contains("with the password"));
        const CliResult listed = place.run({ "list", "--json" });
        QCOMPARE(listed.exitCode, 0);
        const QJsonArray list = listed.json()[text("backups")].toArray();
        QCOMPARE(list.size(), 2);
        QCOMPARE(list[0][text("backup_id")].toString().toLatin1(), plain.out.trimmed());
        QCOMPARE(list[1][text("name")].toString(), text("Before the move"));
        QVERIFY(place.run({ "list" }).out.contains(id));
        QCOMPARE(exists(place.hub + "/data/running.json"), served);
    }

    void verifiesWithAndWithoutAHub_data() { backsUpWithAndWithoutAHub_data(); }

    void verifiesWithAndWithoutAHub()
    {
        QFETCH(bool, served);
        const Place place;
        const QByteArray noise = randomBytes(5000);
        writeFile(place.folder / "shop/noise", noise);
        const QByteArray id = place.backUp();
        std::optional<ServedHub> hub;
        if (served) {
            hub.emplace(place.hub);
            QVERIFY(hub->becomesReady());
        }
        const CliResult sound = place.run({ "verify", id, "--json" });
        QVERIFY2(sound.exitCode == 0, sound.err.constData());
        const QJsonObject json = sound.json();
        QCOMPARE(json[text("backup_id")].toString().toLatin1(), id);
        QCOMPARE(json[text("ok")], QJsonValue(true));
        QVERIFY(json[text("entries")].toInt() > 3);
        QCOMPARE(json[text("databases")].toInt(), 3);
        QCOMPARE(json[text("problems")], QJsonValue(QJsonArray()));

        const QByteArray archive = place.hub + "/backups/" + id + ".zip";
        overwriteAt(archive, readFile(archive).indexOf(noise.mid(1000, 50)), randomBytes(50));
        const CliResult damaged = place.run({ "verify", id, "--json" });
        QCOMPARE(damaged.exitCode, 4);
        const QJsonObject told = damaged.json();
        QCOMPARE(told[text("backup_id")].toString().toLatin1(), id);
        QCOMPARE(told[text("ok")], QJsonValue(false));
        QCOMPARE(told[text("entries")], json[text("entries")]);
        QCOMPARE(told[text("databases")], json[text("databases")]);
        const QJsonArray problems = told[text("problems")].toArray();
        QCOMPARE(problems.size(), 1);
        QCOMPARE(problems[0][text("path")].toString(), text("sources/shop/noise"));
        QVERIFY(!problems[0][text("message")].toString().isEmpty());
        QVERIFY2(damaged.err.contains("sources/shop/noise"), damaged.err.constData());
        QCOMPARE(place.run({ "verify", "backup-20200101-000000-00000000" }).exitCode, 1);
    }

    void aDamagedBackupIsToldTheSameWithAndWithoutAHub_data()
    {
        QTest::addColumn<int>("offset"); // below 0: from the end
        QTest::newRow("in a file") << 200;
        QTest::newRow("where it ends") << -40;
    }

    void aDamagedBackupIsToldTheSameWithAndWithoutAHub()
    {
        QFETCH(int, offset);
        const Place place;
        const QByteArray id = place.backUp();
        const QByteArray archive = place.hub + "/backups/" + id + ".zip";
        overwriteAt(
            archive, offset < 0 ? readFile(archive).size() + offset : offset, randomBytes(30));
        const CliResult without = place.run({ "verify", id, "--json" });
        ServedHub hub(place.hub);
        QVERIFY(hub.becomesReady());
        const CliResult with = place.run({ "verify", id, "--json" });
        QCOMPARE(without.exitCode, 4);
        QCOMPARE(with.exitCode, 4);
        QJsonObject told = with.json();
        QVERIFY(!told[text("problems")].toArray().isEmpty());
        QCOMPARE(told.take(text("agent_errors")).toObject().keys(),
            QStringList { text("local.local") }); // only a hub knows agents
        QCOMPARE(QJsonDocument(told).toJson(), QJsonDocument(without.json()).toJson());
    }

    void restoresInPlaceWithAndWithoutAHub_data() { backsUpWithAndWithoutAHub_data(); }

    void restoresInPlaceWithAndWithoutAHub()
    {
        QFETCH(bool, served);
        const Place place;
        place.configure("    - name: ledger\n      type: command\n      file: ledger.txt\n"
                        "      dump: [cat, "
            + place.folder.path() + "/ledger]\n      restore: [sh, -c, 'cat > "
            + place.folder.path() + "/taken']\n");
        writeFile(place.folder / "ledger", "what is owed");
        const QByteArray id = place.backUp();
        std::optional<ServedHub> hub;
        if (served) {
            hub.emplace(place.hub);
            QVERIFY(hub->becomesReady());
        }
        writeFile(place.folder / "shop/a.txt", "second");
        QCOMPARE(place.run({ "restore", id, "--in-place" }).exitCode, 2);
        QCOMPARE(readFile(place.folder / "shop/a.txt"), QByteArray("second"));
        const CliResult done = place.run({ "restore", id, "--in-place", "--confirm", "--json" });
        QVERIFY2(done.exitCode == 0, done.err.constData());
        QCOMPARE(readFile(place.folder / "shop/a.txt"), QByteArray("first"));
        QCOMPARE(readFile(place.folder / "shop/a.txt.before-restore"), QByteArray("second"));
        QCOMPARE(readFile(place.folder / "taken"), QByteArray("what is owed"));
        QCOMPARE(done.json()[text("backup_id")].toString().toLatin1(), id);
        QVERIFY(done.json()[text("written")].toInt() >= 1);
        // The hub itself was not asked for.
        QVERIFY(!exists(place.hub + "/restore.staged"));
    }

    void aFailedSourceIsNamedAndTheRestIsKept_data() { backsUpWithAndWithoutAHub_data(); }

    void aFailedSourceIsNamedAndTheRestIsKept()
    {
        QFETCH(bool, served);
        const Place place;
        place.configure("    - {name: gone, type: files, path: " + place.folder.path() + "/no}\n");
        std::optional<ServedHub> hub;
        if (served) {
            hub.emplace(place.hub);
            QVERIFY(hub->becomesReady());
        }
        const CliResult made = place.run({ "backup", "--json" });
        QCOMPARE(made.exitCode, 1);
        QCOMPARE(made.json()[text("failed_sources")], QJsonValue(QJsonArray { text("gone") }));
        QCOMPARE(place.left().size(), 1);
        QVERIFY2(made.err.contains("gone"), made.err.constData());
    }

    void aBusyHubIsExitCodeFive()
    {
        Place place;
        place.block();
        ServedHub hub(place.hub);
        QVERIFY(hub.becomesReady());
        RunningCli first({ "--data", place.hub, "backup" });
        QTRY_VERIFY(place.isIn());
        const CliResult second = place.run({ "backup" });
        QCOMPARE(second.exitCode, 5);
        QVERIFY2(isOneSentence(second.err), second.err.constData());
        QCOMPARE(place.run({ "list" }).exitCode, 0);
        place.release();
        QCOMPARE(first.wait().exitCode, 0);
    }

    void ofTwoOnAStoppedHubOneIsTurnedAway()
    {
        Place place;
        place.block();
        RunningCli first({ "--data", place.hub, "backup" });
        QTRY_VERIFY(place.isIn());
        const CliResult second = place.run({ "backup" });
        QCOMPARE(second.exitCode, 5);
        QVERIFY2(isOneSentence(second.err), second.err.constData());
        ServedHub hub(place.hub);
        QCOMPARE(hub.wait().exitCode, 5);
        place.release();
        QCOMPARE(first.wait().exitCode, 0);
        QCOMPARE(place.left().size(), 1);
    }

    void interruptedItCancelsTheHubsOperation_data() { backsUpWithAndWithoutAHub_data(); }

    void interruptedItCancelsTheHubsOperation()
    {
        QFETCH(bool, served);
        Place place;
        place.block();
        std::optional<ServedHub> hub;
        if (served) {
            hub.emplace(place.hub);
            QVERIFY(hub->becomesReady());
        }
        RunningCli job({ "--data", place.hub, "backup" });
        QTRY_VERIFY(place.isIn());
        job.signal(SIGINT);
        QCOMPARE(job.wait().exitCode, 130);
        QCOMPARE(place.left(), QList<QByteArray>());
        if (served) {
            QCOMPARE(hub->status()[text("status")].toString(), text("failed"));
            QCOMPARE(hub->get("/api/states/sensor.backup_backup_manager_state")
                         .object()[text("state")]
                         .toString(),
                text("idle"));
        }
        place.release();
        place.configure();
        if (served) {
            hub->signal(SIGHUP);
            QTRY_COMPARE(hub->get("/api/v1/sources").object()[text("sources")].toArray().size(), 1);
        }
        place.backUp();
    }

    void callsActions()
    {
        const Place place;
        ServedHub hub(place.hub);
        QVERIFY(hub.becomesReady());
        const CliResult made = place.run({ "call", "backup.create", "--json" });
        QVERIFY2(made.exitCode == 0, made.err.constData());
        const QString id = made.json()[text("backup_id")].toString();
        const QByteArray arguments
            = QJsonDocument(QJsonObject { { text("backup_id"), id } }).toJson();
        QCOMPARE(
            place.run({ "call", "backup.verify", "--arguments", arguments, "--json" }).exitCode, 0);
        QCOMPARE(place.run({ "call", "backup.delete", "--arguments", arguments }).exitCode, 0);
        QCOMPARE(place.left(), QList<QByteArray>());
        for (const QList<QByteArray> &wrong : { QList<QByteArray> { "call", "backup" },
                 QList<QByteArray> { "call", "backup.create", "--arguments", "[]" },
                 QList<QByteArray> { "call", "backup.create", "--arguments", "{" },
                 QList<QByteArray> { "call" } })
            QCOMPARE(place.run(wrong).exitCode, 2);
        for (const QList<QByteArray> &failing :
            { QList<QByteArray> { "call", "backup.craete" },
                QList<QByteArray> { "call", "backup.verify" },
                QList<QByteArray> { "call", "backup.verify", "--arguments", "{\"backup_id\":1}" },
                QList<QByteArray> { "call", "backup.create", "--arguments", "{\"nme\":\"x\"}" } }) {
            const CliResult failed = place.run(failing);
            QCOMPARE(failed.exitCode, 1);
            QVERIFY2(isOneSentence(failed.err), failed.err.constData());
        }
    }

    void callsAHubByItsAddressWithAToken()
    {
        const Place place;
        ServedHub hub(place.hub);
        QVERIFY(hub.becomesReady());
        const CliResult made = place.run({ "token", "create", "--user", "admin", "--name", "n" });
        QVERIFY2(made.exitCode == 0, made.err.constData());
        const QByteArray token = made.out.trimmed();
        writeFile(place.folder / "token", token + '\n');
        writeFile(place.folder / "wrong", token + "x\n");
        const QByteArray elsewhere = place.folder / "elsewhere"; // no hub's folder
        const auto call = [&](const QByteArray &file) {
            QList<QByteArray> arguments { "--data", elsewhere, "call", "backup.create", "--url",
                hub.url() + '/' };
            if (!file.isEmpty())
                arguments += { "--token-file", place.folder / file };
            return runHubkeep(arguments);
        };
        QCOMPARE(call("token").exitCode, 0);
        for (const char *file : { "", "wrong", "nowhere" }) {
            const CliResult failed = call(file);
            QCOMPARE(failed.exitCode, 1);
            QVERIFY2(isOneSentence(failed.err), failed.err.constData());
        }
        qputenv("HUBKEEP_TOKEN", token);
        const CliResult done = call({});
        qunsetenv("HUBKEEP_TOKEN");
        QCOMPARE(done.exitCode, 0);
        const CliResult nobody = runHubkeep({ "--data", elsewhere, "call", "backup.create", "--url",
            "http://127.0.0.1:1", "--token-file", place.folder / "token" });
        QCOMPARE(nobody.exitCode, 1);
        QVERIFY2(isOneSentence(nobody.err), nobody.err.constData());
        QVERIFY(!exists(elsewhere));
    }

    void usersAndTokensTakeEffectAtOnce()
    {
        const Place place;
        ServedHub hub(place.hub);
        QVERIFY(hub.becomesReady());
        const CliResult added = runHubkeepWithInput(
            { "--data", place.hub, "user", "add", "ulf", "--role", "user", "--password-stdin" },
            "a long password\n");
        QVERIFY2(added.exitCode == 0, added.err.constData());
        QCOMPARE(hub.ask("POST", "/api/v1/auth/login",
                        { { text("username"), text("ulf") },
                            { text("password"), text("a long password") } },
                        "-")
                     .status,
            200);
        const CliResult made
            = place.run({ "token", "create", "--user", "ulf", "--name", "n", "--json" });
        QVERIFY2(made.exitCode == 0, made.err.constData());
        const QByteArray token = made.json()[text("token")].toString().toLatin1();
        const QByteArray id = made.json()[text("id")].toString().toLatin1();
        QCOMPARE(hub.ask("GET", "/api/v1/backup", {}, token).status, 200);
        QCOMPARE(hub.ask("POST", "/api/v1/backup", {}, token).status, 403);
        const CliResult revoked = place.run({ "token", "revoke", id });
        QVERIFY2(revoked.exitCode == 0, revoked.err.constData());
        QCOMPARE(hub.ask("GET", "/api/v1/backup", {}, token).status, 401);
        QCOMPARE(place.run({ "user", "remove", "ulf" }).exitCode, 0);
        QCOMPARE(hub.ask("POST", "/api/v1/auth/login",
                        { { text("username"), text("ulf") },
                            { text("password"), text("a long password") } },
                        "-")
                     .status,
            401);
    }

    void commandsGoOnWhenTheFirstAdministratorGoes()
    {
        const Place place;
        ServedHub hub(place.hub);
        QVERIFY(hub.becomesReady());
        QCOMPARE(runHubkeepWithInput({ "--data", place.hub, "user", "add", "anna", "--role",
                                         "admin", "--password-stdin" },
                     "a long password\n")
                     .exitCode,
            0);
        QCOMPARE(place.run({ "user", "remove", "admin" }).exitCode, 0);
        place.backUp();
        QCOMPARE(place.run({ "user", "remove", "anna" }).exitCode, 1); // the last one
    }

    void theHubItselfIsRestoredAtItsNextStart()
    {
        const Place place;
        QByteArray id;
        QByteArray token;
        {
            ServedHub hub(place.hub);
            QVERIFY(hub.becomesReady());
            token
                = place.run({ "token", "create", "--user", "admin", "--name", "n" }).out.trimmed();
            QCOMPARE(runHubkeepWithInput({ "--data", place.hub, "user", "add", "early", "--role",
                                             "user", "--password-stdin" },
                         "a long password\n")
                         .exitCode,
                0);
            id = place.backUp();
            QCOMPARE(runHubkeepWithInput({ "--data", place.hub, "user", "add", "late", "--role",
                                             "user", "--password-stdin" },
                         "a long password\n")
                         .exitCode,
                0);
            writeConfiguration(place.hub, "hub: {name: Changed}\n");
            QCOMPARE(
                hub.ask("POST", "/api/v1/backup/restore",
                       { { text("backup_id"), QString::fromLatin1(id) }, { text("confirm"), true },
                           { text("restore_data"), false }, { text("restore_metadata"), true },
                           { text("restore_config"), true } })
                    .status,
                202);
            QCOMPARE(hub.finish()[text("status")].toString(), text("completed"));
            QVERIFY(place.run({ "user", "list" }).out.contains("late"));
            hub.signal(SIGTERM);
            QCOMPARE(hub.wait().exitCode, 0);
        }
        ServedHub hub(place.hub);
        QVERIFY2(hub.becomesReady(), hub.err().constData());
        QVERIFY(exists(place.hub + "/data/state.db.before-restore"));
        QVERIFY(exists(place.hub + "/data/history.db.before-restore"));
        QVERIFY(readFile(place.hub + "/config.before-restore/hubkeep.yaml").contains("Changed"));
        QVERIFY(readFile(place.hub + "/config/hubkeep.yaml").contains("shop"));
        const QByteArray users = place.run({ "user", "list" }).out;
        QVERIFY2(users.contains("early") && !users.contains("late"), users.constData());
        QVERIFY(hub.password().isEmpty());
        QCOMPARE(hub.ask("GET", "/api/v1/sources", {}, token).status, 200);
        QCOMPARE(hub.status()[text("operation")].toString(), text("restore"));
        QCOMPARE(hub.status()[text("status")].toString(), text("completed"));
        QVERIFY(hub.get("/api/v1/backup").object()[text("backups")].toArray().size() == 1);
        QCOMPARE(hub.ask("POST", "/api/v1/backup").status, 202);
        QCOMPARE(hub.finish()[text("status")].toString(), text("completed"));
    }

    void aHubStartsOnWhatWasRestoredIntoANewFolder()
    {
        const Place place;
        QCOMPARE(runHubkeepWithInput({ "--data", place.hub, "user", "add", "anna", "--role",
                                         "admin", "--password-stdin" },
                     "a long password\n")
                     .exitCode,
            0);
        const QByteArray id = place.backUp();
        const QByteArray anew = place.folder / "anew";
        const CliResult restored
            = runHubkeep({ "restore", place.hub + "/backups/" + id + ".zip", "--hub", anew });
        QVERIFY2(restored.exitCode == 0, restored.err.constData());
        ServedHub hub(anew);
        QVERIFY2(hub.becomesReady(), hub.err().constData());
        QVERIFY(hub.password().isEmpty()); // its users are there
        QCOMPARE(hub.ask("POST", "/api/v1/auth/login",
                        { { text("username"), text("anna") },
                            { text("password"), text("a long password") } },
                        "-")
                     .status,
            200);
        QCOMPARE(hub.get("/api/v1/sources").object()[text("sources")].toArray().size(), 1);
    }

    // Who closes any descriptor of a database drops all locks that its process has on it.
    void noSourceDropsTheLocksOfTheHubsDatabases()
    {
        const Place place;
        ServedHub first(place.hub);
        QVERIFY(first.becomesReady());
        first.signal(SIGTERM);
        QCOMPARE(first.wait().exitCode, 0);
        makeLink(place.hub + "/data/state.db", place.folder / "shop/link.db");
        makeLink(place.hub, place.folder / "shop/linked-hub");
        makeHardLink(place.hub + "/data/state.db", place.folder / "shop/hard.db");
        makeHardLink(place.hub + "/data/history.db", place.folder / "shop/hard2.db");
        makeHardLink(place.hub + "/data/state.db", place.folder / "alone.db");
        const QByteArray path = ", path: " + place.folder.path();
        place.configure("    - {name: all, type: files" + path + "}\n"
            + "    - {name: link, type: files" + path + "/shop/linked-hub/data}\n"
            + "    - {name: symlinked, type: sqlite" + path + "/shop/link.db}\n"
            + "    - {name: hardlinked, type: sqlite" + path + "/alone.db}\n"
            + "    - {name: hardfile, type: files" + path + "/alone.db}\n");
        ServedHub hub(place.hub);
        QVERIFY2(hub.becomesReady(), hub.err().constData());
        for (int i = 0; i < 2; ++i) {
            const CliResult made = place.run({ "backup", "--json" });
            QCOMPARE(made.exitCode, 1);
            QCOMPARE(made.json()[text("failed_sources")],
                QJsonValue(QJsonArray {
                    text("hardfile"), text("hardlinked"), text("link"), text("symlinked") }));
            QVERIFY(made.err.contains("hard.db: Left out"));
            QVERIFY(made.err.contains("hard2.db: Left out"));
        }
        for (const char *name : { "state.db", "history.db" }) {
            // Possible only where nobody else has the database open, as locks tell it.
            const QByteArray command = "sqlite3 " + place.hub + "/data/" + name
                + " 'PRAGMA journal_mode=DELETE' 2>&1 | grep -q locked";
            QVERIFY2(std::system(command.constData()) == 0, name);
        }
        QCOMPARE(runHubkeepWithInput({ "--data", place.hub, "user", "add", "anna", "--role",
                                         "admin", "--password-stdin" },
                     "a long password\n")
                     .exitCode,
            0);
    }
};

QTEST_GUILESS_MAIN(TestHubCommands)
#include "tst_hubcommands.moc"
