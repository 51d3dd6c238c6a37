#include "app/accounts.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QRegularExpression>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

// Hashing takes long, and of most tests it is not the point.
const QString someHash = QStringLiteral("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$bm90aGluZw");

template <typename T>
T must(Result<T> result)
{
    if (!result)
        qFatal("%s", qPrintable(result.error().message));
    return std::move(*result);
}

struct Fixture
{
    Folder folder;
    SetClock clock { QDateTime(QDate(2026, 4, 13), QTime(14, 0), Qt::UTC) };
    QByteArray path = folder / "state.db";
    std::unique_ptr<StateDatabase> state = must(StateDatabase::open(QString::fromUtf8(path)));
    std::unique_ptr<Accounts> accounts = must(Accounts::open(*state, clock));

    User add(const char *name, Role role = Role::User)
    {
        return must(accounts->addUser(QString::fromUtf8(name), role, someHash));
    }
    NewToken token(const User &user, TokenKind kind = TokenKind::LongLived)
    {
        return must(accounts->addToken(user.id, QStringLiteral("phone"), kind));
    }
};

QStringList namesOf(const QList<User> &users)
{
    QStringList names;
    for (const User &user : users)
        names << user.name;
    return names;
}

} // namespace

class TestAccounts : public QObject
{
    Q_OBJECT

private slots:
    void aPasswordIsKnownByItsHashAlone()
    {
        const QString password = QString::fromUtf8("correct horse ☃");
        const QString hash = hashPassword(password);
        QVERIFY2(
            hash.startsWith(QStringLiteral("$argon2id$v=19$m=19456,t=2,p=1$")), qPrintable(hash));
        QVERIFY(verifyPassword(hash, password));
        QVERIFY(!verifyPassword(hash, password + QLatin1Char(' ')));
        QVERIFY(!verifyPassword(hash, QString()));
        QVERIFY(hashPassword(password) != hash);
    }

    void noPasswordFitsWhatIsNoHash()
    {
        for (const char *hash : { "", "plain", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$a$b" })
            QVERIFY(!verifyPassword(QString::fromLatin1(hash), QString::fromLatin1(hash)));
    }

    void rolesAreReadWhateverTheirCase()
    {
        QVERIFY(roleFromString(QStringLiteral("Admin")) == Role::Admin);
        QVERIFY(roleFromString(QStringLiteral("USER")) == Role::User);
        QVERIFY(!roleFromString(QStringLiteral("root")).has_value());
        QVERIFY(!roleFromString(QString()).has_value());
        QCOMPARE(toString(Role::Admin), QStringLiteral("admin"));
    }

    void usersAreFoundByNameAndId()
    {
        Fixture f;
        const User anna = f.add("anna", Role::Admin);
        f.add("Zoë");
        QCOMPARE(anna.id.size(), 32);
        QCOMPARE(namesOf(must(f.accounts->users())),
            (QStringList { QString::fromUtf8("Zoë"), QStringLiteral("anna") }));
        const auto found = must(f.accounts->user(QStringLiteral("anna")));
        QVERIFY(found.has_value());
        QCOMPARE(found->id, anna.id);
        QVERIFY(found->role == Role::Admin);
        QCOMPARE(found->created, f.clock.now());
        QCOMPARE(must(f.accounts->userById(anna.id))->name, QStringLiteral("anna"));
        QVERIFY(!must(f.accounts->user(QStringLiteral("Anna"))).has_value());
        QVERIFY(!must(f.accounts->userById(QStringLiteral("x' OR '1'='1"))).has_value());
    }

    void aNameIsTakenOnce()
    {
        Fixture f;
        f.add("anna");
        const auto again = f.accounts->addUser(QStringLiteral("anna"), Role::Admin, someHash);
        QVERIFY(!again.ok());
        QCOMPARE(again.error().code, ErrorCode::Busy);
        QVERIFY(must(f.accounts->user(QStringLiteral("anna")))->role == Role::User);
    }

    void namesArePrintableAndShort_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("fine");
        QTest::newRow("empty") << QString() << false;
        QTest::newRow("one") << QStringLiteral("a") << true;
        QTest::newRow("64") << QString(64, u'a') << true;
        QTest::newRow("65") << QString(65, u'a') << false;
        QTest::newRow("64 beyond the first plane")
            << QString::fromUtf8("🦊").repeated(64) << true;
        QTest::newRow("space in it") << QStringLiteral("Anna B") << true;
        QTest::newRow("space before") << QStringLiteral(" anna") << false;
        QTest::newRow("only spaces") << QStringLiteral("   ") << false;
        QTest::newRow("line break") << QStringLiteral("an\nna") << false;
        QTest::newRow("NUL") << QString::fromLatin1("a\0b", 3) << false;
        QTest::newRow("escape") << QStringLiteral("\x1b[31m") << false;
        QTest::newRow("direction") << QString::fromUtf8("a\u202eb") << false;
    }
    void namesArePrintableAndShort()
    {
        QFETCH(QString, name);
        QFETCH(bool, fine);
        Fixture f;
        const auto added = f.accounts->addUser(name, Role::User, someHash);
        QCOMPARE(added.ok(), fine);
        if (!fine)
            QCOMPARE(added.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(must(f.accounts->users()).size(), fine ? 1 : 0);
    }

    void nobodyIsAddedWithoutAPassword()
    {
        Fixture f;
        QVERIFY(!f.accounts->addUser(QStringLiteral("anna"), Role::User, QString()).ok());
        QVERIFY(must(f.accounts->users()).isEmpty());
    }

    void theLastAdministratorStays()
    {
        Fixture f;
        f.add("anna", Role::Admin);
        f.add("berta", Role::Admin);
        f.add("chris");
        QVERIFY(f.accounts->removeUser(QStringLiteral("anna")).ok());
        const Result<void> last = f.accounts->removeUser(QStringLiteral("berta"));
        QVERIFY(!last.ok());
        QCOMPARE(last.error().code, ErrorCode::Busy);
        QVERIFY(f.accounts->removeUser(QStringLiteral("chris")).ok());
        const Result<void> gone = f.accounts->removeUser(QStringLiteral("chris"));
        QCOMPARE(gone.error().code, ErrorCode::NotFound);
        QCOMPARE(namesOf(must(f.accounts->users())), QStringList { QStringLiteral("berta") });
    }

    void aNewPasswordEndsLoginsButNotLongLivedTokens()
    {
        Fixture f;
        const User anna = f.add("anna");
        const User berta = f.add("berta");
        const NewToken login = f.token(anna, TokenKind::Login);
        const NewToken other = f.token(berta, TokenKind::Login);
        const NewToken kept = f.token(anna);
        QVERIFY(f.accounts->setPassword(QStringLiteral("anna"), QStringLiteral("$new")).ok());
        QCOMPARE(must(f.accounts->passwordHash(QStringLiteral("anna"))), QStringLiteral("$new"));
        QCOMPARE(must(f.accounts->passwordHash(QStringLiteral("berta"))), someHash);
        QVERIFY(!f.accounts->identify(login.secret).has_value());
        QVERIFY(f.accounts->identify(kept.secret).has_value());
        QVERIFY(f.accounts->identify(other.secret).has_value());
        QCOMPARE(f.accounts->setPassword(QStringLiteral("nobody"), someHash).error().code,
            ErrorCode::NotFound);
        QCOMPARE(must(f.accounts->passwordHash(QStringLiteral("nobody"))), QString());
    }

    void aTokenIsShownOnceAndStoredAsAHash()
    {
        Fixture f;
        const User anna = f.add("anna", Role::Admin);
        const NewToken made = f.token(anna);
        QVERIFY(QRegularExpression(QStringLiteral("^[A-Za-z0-9_-]{43}$"))
                    .match(made.secret)
                    .hasMatch());
        QVERIFY(
            QRegularExpression(QStringLiteral("^[0-9a-f]{16}$")).match(made.token.id).hasMatch());
        const auto identity = f.accounts->identify(made.secret);
        QVERIFY(identity.has_value());
        QCOMPARE(identity->user.name, QStringLiteral("anna"));
        QVERIFY(identity->user.role == Role::Admin);
        QCOMPARE(identity->token.id, made.token.id);
        QCOMPARE(identity->token.name, QStringLiteral("phone"));
        QVERIFY(!identity->token.expires.isValid());
        f.accounts.reset();
        f.state.reset();
        QVERIFY(!readFile(f.path).contains(made.secret.toLatin1()));
    }

    void whatIsNoTokenIsNobody()
    {
        Fixture f;
        const NewToken made = f.token(f.add("anna"));
        QString other = made.secret;
        other[0] = other[0] == u'A' ? u'B' : u'A';
        const QList<QString> strangers { {}, QStringLiteral("'"), other, made.secret.chopped(1),
            made.secret + QStringLiteral("="), made.token.id, made.secret.toUpper(),
            QString(1'000'000, u'a') };
        for (const QString &secret : strangers)
            QVERIFY(!f.accounts->identify(secret).has_value());
    }

    void loginsExpireAfterThirtyDays()
    {
        Fixture f;
        const NewToken login = f.token(f.add("anna"), TokenKind::Login);
        QCOMPARE(login.token.expires, f.clock.now().addDays(30));
        f.clock.set(login.token.expires.addMSecs(-1));
        QVERIFY(f.accounts->identify(login.secret).has_value());
        f.clock.set(login.token.expires);
        QVERIFY(!f.accounts->identify(login.secret).has_value());
        QVERIFY(must(f.accounts->tokens(login.token.userId)).isEmpty());
    }

    void onesOwnTokensAreListedAndRevoked()
    {
        Fixture f;
        const User anna = f.add("anna");
        const User berta = f.add("berta");
        const NewToken first = f.token(anna);
        const NewToken second = f.token(anna);
        const NewToken local = f.token(anna, TokenKind::Local);
        QCOMPARE(must(f.accounts->tokens(anna.id)).size(), 2);
        QVERIFY(must(f.accounts->tokens(berta.id)).isEmpty());
        QCOMPARE(
            f.accounts->revokeToken(berta.id, first.token.id).error().code, ErrorCode::NotFound);
        QVERIFY(f.accounts->identify(first.secret).has_value());
        QVERIFY(f.accounts->revokeToken(anna.id, first.token.id).ok());
        QVERIFY(!f.accounts->identify(first.secret).has_value());
        QVERIFY(f.accounts->identify(second.secret).has_value());
        QCOMPARE(
            f.accounts->revokeToken(anna.id, first.token.id).error().code, ErrorCode::NotFound);
        QCOMPARE(
            f.accounts->revokeToken(anna.id, local.token.id).error().code, ErrorCode::NotFound);
        QVERIFY(f.accounts->revokeLocalTokens().ok());
        QVERIFY(!f.accounts->identify(local.secret).has_value());
        QVERIFY(f.accounts->identify(second.secret).has_value());
    }

    void tokensEndWithTheirUser()
    {
        Fixture f;
        const User anna = f.add("anna");
        const NewToken made = f.token(anna);
        QVERIFY(f.accounts->identify(made.secret).has_value());
        QVERIFY(f.accounts->removeUser(QStringLiteral("anna")).ok());
        QVERIFY(!f.accounts->identify(made.secret).has_value());
        const auto late
            = f.accounts->addToken(anna.id, QStringLiteral("late"), TokenKind::LongLived);
        QVERIFY(!late.ok());
        QCOMPARE(late.error().code, ErrorCode::NotFound);
    }

    void whatAnotherProcessChangesIsSeenAtOnce()
    {
        Fixture f;
        const NewToken made = f.token(f.add("anna"));
        QVERIFY(f.accounts->identify(made.secret)->user.role == Role::User);
        QCOMPARE(runElsewhere(f.path, "UPDATE users SET role = \"admin\""), QByteArray());
        QVERIFY(f.accounts->identify(made.secret)->user.role == Role::Admin);
        QCOMPARE(runElsewhere(f.path, "DELETE FROM tokens"), QByteArray());
        QVERIFY(!f.accounts->identify(made.secret).has_value());
    }

    void whatAnotherPartOfThisProcessChangesIsSeenAtOnce()
    {
        Fixture f;
        const NewToken made = f.token(f.add("anna"));
        QVERIFY(f.accounts->identify(made.secret).has_value());
        const auto same = must(Accounts::open(*f.state, f.clock));
        QVERIFY(same->revokeToken(made.token.userId, made.token.id).ok());
        QVERIFY(!f.accounts->identify(made.secret).has_value());
    }
};

QTEST_GUILESS_MAIN(TestAccounts)
#include "tst_accounts.moc"
