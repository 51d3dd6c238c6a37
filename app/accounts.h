// Users, their passwords and their tokens, in data/state.db.
//
// Passwords are hashed with Argon2id (libsodium, 19 MiB, two passes). Of tokens only a hash is
// kept: SHA-256, which is enough for 32 random bytes, and compared in constant time.
//
// Main thread, but for hashPassword() and verifyPassword(), which take some 30 ms and belong
// on a worker, one at a time.

#pragma once

#include "automation/core/clock.h"
#include "automation/core/statedatabase.h"

#include <QDateTime>
#include <QHash>
#include <QList>

#include <optional>

namespace hubkeep {

enum class Role { User, Admin };
QString toString(Role role); // "admin"
std::optional<Role> roleFromString(const QString &text); // whatever its case

struct User
{
    QString id; // 32 hex digits
    QString name;
    Role role = Role::User;
    QDateTime created;
};

enum class TokenKind {
    Login, // ends after 30 days
    LongLived, // ends when it is revoked
    Local, // of data/running.json: ends with the process
};

struct Token
{
    QString id; // 16 hex digits
    QString name;
    QString userId;
    TokenKind kind = TokenKind::Login;
    QDateTime created;
    QDateTime expires; // invalid: never
};

struct NewToken
{
    Token token;
    QString secret; // [A-Za-z0-9_-]{43}, shown this once
};

QString hashPassword(const QString &password); // empty: no memory
bool verifyPassword(const QString &hash, const QString &password);

class Accounts
{
public:
    // Both must outlive it.
    static Result<std::unique_ptr<Accounts>> open(StateDatabase &state, const Clock &clock);

    Result<QList<User>> users();
    Result<std::optional<User>> user(const QString &name);
    Result<std::optional<User>> userById(const QString &id);
    // InvalidArgument: a name of other than 1 to 64 printable characters; Busy: it is taken.
    Result<User> addUser(const QString &name, Role role, const QString &passwordHash);
    // NotFound. Ends the logins made so far; long-lived tokens stay.
    Result<void> setPassword(const QString &name, const QString &passwordHash);
    // NotFound; Busy for the last administrator. Its tokens end.
    Result<void> removeUser(const QString &name);
    // Empty where there is no such user: verify against something all the same, so that the
    // answer takes as long.
    Result<QString> passwordHash(const QString &name);

    Result<NewToken> addToken(const QString &userId, const QString &name, TokenKind kind);
    Result<QList<Token>> tokens(const QString &userId); // Local ones left out
    Result<void> revokeToken(const QString &userId, const QString &tokenId); // NotFound
    Result<void> revokeLocalTokens();

    struct Identity
    {
        User user;
        Token token;
    };
    // Nothing: unknown, expired or revoked. Sees at once what another process changed. Quick:
    // what was found is remembered for as long as nothing changes.
    std::optional<Identity> identify(const QString &secret);

private:
    Accounts(StateDatabase &state, const Clock &clock)
        : m_state(state)
        , m_clock(clock)
    {
    }

    Result<QList<User>> usersWhere(const QString &condition, const QVariantList &values);
    Result<QList<Token>> tokensWhere(const QString &condition, const QVariantList &values);
    std::optional<Identity> find(const QByteArray &hash);

    StateDatabase &m_state;
    const Clock &m_clock;
    std::optional<StateDatabase::ChangeStamp> m_stamp; // of what m_known was read from
    QHash<QByteArray, Identity> m_known; // by the token's hash
};

} // namespace hubkeep
