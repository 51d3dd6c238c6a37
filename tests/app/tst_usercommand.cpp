// `hubkeep user` and `hubkeep token` as the contract has them, with the real program.

#include "app/accounts.h"
#include "tests/support/enginecli.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QJsonArray>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

CliResult addUser(const QByteArray &data, const QByteArray &name, const QByteArray &role = "admin",
    const QByteArray &password = "secret\n")
{
    return runHubkeepWithInput(
        { "user", "add", name, "--role", role, "--password-stdin", "--data", data }, password);
}

CliResult run(const QByteArray &data, QList<QByteArray> arguments)
{
    return runHubkeep(arguments << "--data" << data);
}

QByteArray makeToken(const QByteArray &data, const QByteArray &user)
{
    return run(data, { "token", "create", "--user", user, "--name", "test" }).out.trimmed();
}

// As a hub that has the folder open.
struct OpenHub
{
    SystemClock clock;
    std::unique_ptr<StateDatabase> state;
    std::unique_ptr<Accounts> accounts;

    explicit OpenHub(const QByteArray &data)
    {
        auto opened = StateDatabase::open(QString::fromUtf8(data + "/data/state.db"));
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        state = std::move(*opened);
        auto made = Accounts::open(*state, clock);
        if (!made)
            qFatal("%s", qPrintable(made.error().message));
        accounts = std::move(*made);
    }

    QString passwordHash(const char *name)
    {
        return *accounts->passwordHash(QString::fromLatin1(name));
    }
};

} // namespace

class TestUserCommand : public QObject
{
    Q_OBJECT

private slots:
    void addMakesTheFolderForItsOwnerAlone()
    {
        const Folder folder;
        const QByteArray data = folder / "new/hub";
        const CliResult added = addUser(data, "anna");
        QCOMPARE(added.exitCode, 0);
        QCOMPARE(added.out, QByteArray());
        QVERIFY2(added.err.contains("administrator anna"), added.err.constData());
        QCOMPARE(statusOf(data).st_mode & 0777, 0700u);
        QCOMPARE(statusOf(data + "/data/state.db").st_mode & 0777, 0600u);
        OpenHub hub(data);
        QVERIFY(verifyPassword(hub.passwordHash("anna"), QStringLiteral("secret")));
        QCOMPARE(
            toString((*hub.accounts->user(QStringLiteral("anna")))->role), QStringLiteral("admin"));
    }

    void onlyOneLineBreakIsDroppedFromAPassword()
    {
        const Folder folder;
        QCOMPARE(addUser(folder / "hub", "anna", "Admin", " two words \n\n").exitCode, 0);
        OpenHub hub(folder / "hub");
        QVERIFY(verifyPassword(hub.passwordHash("anna"), QStringLiteral(" two words \n")));
    }

    void passwordsThatAreNoneAreRefused_data()
    {
        QTest::addColumn<QByteArray>("password");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("a line break") << QByteArray("\n");
        QTest::newRow("no text") << QByteArray("\xff\xfe");
        QTest::newRow("endless") << QByteArray(5000, 'x');
        QTest::newRow("NUL") << QByteArray("a\0b", 3);
    }
    void passwordsThatAreNoneAreRefused()
    {
        QFETCH(QByteArray, password);
        const Folder folder;
        const CliResult added = addUser(folder / "hub", "anna", "admin", password);
        QCOMPARE(added.exitCode, 1);
        QVERIFY2(isOneSentence(added.err), added.err.constData());
        QVERIFY(!exists(folder / "hub"));
    }

    void jsonIsOneDocument()
    {
        const Folder folder;
        const QByteArray data = folder / "hub";
        const CliResult added
            = runHubkeepWithInput({ "user", "add", "anna", "--role", "USER", "--password-stdin",
                                      "--data", data, "--json" },
                "secret");
        QCOMPARE(added.exitCode, 0);
        QCOMPARE(added.json(),
            (QJsonObject { { QStringLiteral("username"), QStringLiteral("anna") },
                { QStringLiteral("role"), QStringLiteral("user") } }));
        const QJsonArray users = run(data, { "user", "list", "--json" })
                                     .json()
                                     .value(QStringLiteral("users"))
                                     .toArray();
        QCOMPARE(users.size(), 1);
        QCOMPARE(users[0].toObject().keys(),
            (QStringList { QStringLiteral("created_at"), QStringLiteral("role"),
                QStringLiteral("username") }));
        const QJsonObject token
            = run(data, { "token", "create", "--user", "anna", "--name", "x", "--json" }).json();
        QCOMPARE(token.keys(),
            (QStringList { QStringLiteral("id"), QStringLiteral("name"), QStringLiteral("token"),
                QStringLiteral("user") }));
        const QJsonArray tokens = run(data, { "token", "list", "--user", "anna", "--json" })
                                      .json()
                                      .value(QStringLiteral("tokens"))
                                      .toArray();
        QCOMPARE(tokens.size(), 1);
        QCOMPARE(
            tokens[0].toObject().value(QStringLiteral("id")), token.value(QStringLiteral("id")));
        QVERIFY(tokens[0].toObject().value(QStringLiteral("expires_at")).isNull());
        QCOMPARE(run(data, { "user", "remove", "nobody", "--json" })
                     .json()
                     .value(QStringLiteral("exit_code"))
                     .toInt(),
            1);
    }

    void whatCannotBeDoneIsOneSentence()
    {
        const Folder folder;
        const QByteArray data = folder / "hub";
        QCOMPARE(addUser(data, "anna").exitCode, 0);
        const QList<CliResult> failed { addUser(data, "anna"), addUser(data, "a\nb"),
            run(data, { "user", "remove", "anna" }), run(data, { "user", "remove", "berta" }),
            run(data, { "token", "create", "--user", "berta", "--name", "x" }),
            run(data, { "token", "list", "--user", "berta" }),
            run(data, { "token", "revoke", "0123456789abcdef" }) };
        for (const CliResult &result : failed) {
            QCOMPARE(result.exitCode, 1);
            QCOMPARE(result.out, QByteArray());
            QVERIFY2(isOneSentence(result.err), result.err.constData());
        }
        QVERIFY(failed[2].err.contains("only administrator"));
        QCOMPARE(run(data, { "user", "list" }).out, QByteArray("admin  anna\n"));
    }

    void wrongUsageIsTwo()
    {
        const Folder folder;
        const QByteArray data = folder / "hub";
        QCOMPARE(addUser(data, "anna", "root").exitCode, 2);
        for (const QList<QByteArray> &arguments :
            { QList<QByteArray> { "user" }, QList<QByteArray> { "token" },
                QList<QByteArray> { "user", "add", "anna", "--role", "user" },
                QList<QByteArray> { "user", "password", "anna" },
                QList<QByteArray> { "token", "create", "--user", "anna" } })
            QCOMPARE(run(data, arguments).exitCode, 2);
        QVERIFY(!exists(data));
    }

    void aFolderThatIsNotThereIsAnErrorToTheOthers()
    {
        const Folder folder;
        const QByteArray data = folder / "hub";
        for (const QList<QByteArray> &arguments :
            { QList<QByteArray> { "user", "list" }, QList<QByteArray> { "user", "remove", "anna" },
                QList<QByteArray> { "token", "list" } }) {
            const CliResult result = run(data, arguments);
            QCOMPARE(result.exitCode, 1);
            QVERIFY2(result.err.contains("--data"), result.err.constData());
        }
        QVERIFY(!exists(data));
    }

    void helpHasExamples()
    {
        for (const QList<QByteArray> &arguments : { QList<QByteArray> { "user", "add", "--help" },
                 QList<QByteArray> { "user", "password", "--help" },
                 QList<QByteArray> { "user", "remove", "--help" },
                 QList<QByteArray> { "token", "create", "--help" },
                 QList<QByteArray> { "token", "revoke", "--help" } }) {
            const CliResult help = runHubkeep(arguments);
            QCOMPARE(help.exitCode, 0);
            QVERIFY2(help.out.contains("Example:\n"), help.out.constData());
        }
    }

    void aTokenIsPrintedAloneAndWorks()
    {
        const Folder folder;
        const QByteArray data = folder / "hub";
        QCOMPARE(addUser(data, "anna").exitCode, 0);
        const CliResult made = run(data, { "token", "create", "--user", "anna", "--name", "x" });
        QCOMPARE(made.exitCode, 0);
        QVERIFY2(QRegularExpression(QStringLiteral("\\A[A-Za-z0-9_-]{32,}\\n\\z"))
                     .match(QString::fromUtf8(made.out))
                     .hasMatch(),
            made.out.constData());
        OpenHub hub(data);
        QVERIFY(hub.accounts->identify(QString::fromUtf8(made.out.trimmed())).has_value());
        QVERIFY(!run(data, { "token", "list" }).out.contains(made.out.trimmed()));
    }

    void aRunningHubSeesEachChangeAtOnce()
    {
        const Folder folder;
        const QByteArray data = folder / "hub";
        QCOMPARE(addUser(data, "root").exitCode, 0);
        OpenHub hub(data);
        QCOMPARE(addUser(data, "anna", "user").exitCode, 0);
        const QString secret = QString::fromUtf8(makeToken(data, "anna"));
        const auto identity = hub.accounts->identify(secret);
        QVERIFY(identity.has_value());
        QCOMPARE(identity->user.name, QStringLiteral("anna"));
        QCOMPARE(runHubkeepWithInput(
                     { "user", "password", "anna", "--password-stdin", "--data", data }, "other")
                     .exitCode,
            0);
        QVERIFY(verifyPassword(hub.passwordHash("anna"), QStringLiteral("other")));
        QVERIFY(hub.accounts->identify(secret).has_value());
        const CliResult revoked = run(data, { "token", "revoke", identity->token.id.toLatin1() });
        QCOMPARE(revoked.exitCode, 0);
        QVERIFY(!hub.accounts->identify(secret).has_value());
        const QString another = QString::fromUtf8(makeToken(data, "anna"));
        QVERIFY(hub.accounts->identify(another).has_value());
        QCOMPARE(run(data, { "user", "remove", "anna" }).exitCode, 0);
        QVERIFY(!hub.accounts->identify(another).has_value());
    }

    void changesAreInTheAuditLog()
    {
        const Folder folder;
        const QByteArray data = folder / "hub";
        QCOMPARE(addUser(data, "anna").exitCode, 0);
        QCOMPARE(addUser(data, "berta", "user").exitCode, 0);
        makeToken(data, "berta");
        QCOMPARE(run(data, { "user", "remove", "berta" }).exitCode, 0);
        Database database(data + "/data/state.db");
        QCOMPARE(
            database.ask("SELECT group_concat(action, ' ') FROM (SELECT action FROM audit ORDER "
                         "BY id)"),
            QByteArray("user.add user.add token.create user.remove"));
    }

    void aDamagedFileIsMovedAsideAndSaid()
    {
        const Folder folder;
        const QByteArray data = folder / "hub";
        writeFile(data + "/data/state.db", QByteArray("no database").repeated(1000));
        const CliResult added = addUser(data, "anna");
        QCOMPARE(added.exitCode, 0);
        QVERIFY2(added.err.contains("state.db.damaged"), added.err.constData());
        QCOMPARE(run(data, { "user", "list" }).out, QByteArray("admin  anna\n"));
    }
};

QTEST_GUILESS_MAIN(TestUserCommand)
#include "tst_usercommand.moc"
