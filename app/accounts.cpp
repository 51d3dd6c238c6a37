#include "app/accounts.h"

#include <QUuid>

#include <algorithm>
#include <sodium.h>

namespace hubkeep {
namespace {

// OWASP's least for Argon2id.
constexpr unsigned long long passes = 2;
constexpr size_t memory = 19 * 1024 * 1024;

constexpr qsizetype secretBytes = 32;
constexpr qsizetype idBytes = 8; // of the hash: they are the token's id
constexpr qsizetype longestName = 64;
constexpr int loginDays = 30;

const QStringList accountTables { QStringLiteral(
    "CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, "
    "password TEXT NOT NULL, created INTEGER NOT NULL);\n"
    "CREATE TABLE tokens (id TEXT PRIMARY KEY, hash BLOB NOT NULL, name TEXT NOT NULL, "
    "user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, kind INTEGER NOT NULL, "
    "created INTEGER NOT NULL, expires INTEGER);\n"
    "CREATE INDEX tokens_by_user ON tokens (user)") };

// sodium_init() may be called by any thread at any time; -1 is a random source that does not work.
bool isSodiumReady()
{
    static const bool ready = ::sodium_init() >= 0;
    return ready;
}

QByteArray randomBytes(qsizetype count)
{
    if (!isSodiumReady())
        qFatal("There is no source of random numbers");
    QByteArray bytes(count, Qt::Uninitialized);
    ::randombytes_buf(bytes.data(), size_t(count));
    return bytes;
}

QByteArray sha256(const QByteArray &bytes)
{
    QByteArray hash(crypto_hash_sha256_BYTES, Qt::Uninitialized);
    ::crypto_hash_sha256(reinterpret_cast<unsigned char *>(hash.data()),
        reinterpret_cast<const unsigned char *>(bytes.constData()),
        static_cast<unsigned long long>(bytes.size()));
    return hash;
}

QString idOf(const QByteArray &hash)
{
    return QString::fromLatin1(hash.left(idBytes).toHex());
}

QDateTime fromMilliseconds(const QVariant &value)
{
    return value.isNull() ? QDateTime()
                          : QDateTime::fromMSecsSinceEpoch(value.toLongLong(), Qt::UTC);
}

bool isName(const QString &name)
{
    const QList<uint> characters = name.toUcs4();
    return !characters.isEmpty() && characters.size() <= longestName && name.trimmed() == name
        && std::all_of(characters.begin(), characters.end(),
            [](uint character) { return QChar::isPrint(character); });
}

Error noSuchUser(const QString &name)
{
    return { ErrorCode::NotFound, QStringLiteral("There is no user '%1'").arg(name) };
}

} // namespace

QString toString(Role role)
{
    return role == Role::Admin ? QStringLiteral("admin") : QStringLiteral("user");
}

std::optional<Role> roleFromString(const QString &text)
{
    for (const Role role : { Role::User, Role::Admin }) {
        if (text.compare(toString(role), Qt::CaseInsensitive) == 0)
            return role;
    }
    return {};
}

QString hashPassword(const QString &password)
{
    if (!isSodiumReady())
        return {};
    const QByteArray bytes = password.toUtf8();
    char hash[crypto_pwhash_STRBYTES];
    const int failed = ::crypto_pwhash_str_alg(hash, bytes.constData(),
        static_cast<unsigned long long>(bytes.size()), passes, memory,
        crypto_pwhash_ALG_ARGON2ID13);
    return failed == 0 ? QString::fromLatin1(hash) : QString();
}

bool verifyPassword(const QString &hash, const QString &password)
{
    const QByteArray bytes = password.toUtf8();
    return isSodiumReady() && hash.startsWith(QLatin1String("$argon2id$"))
        && ::crypto_pwhash_str_verify(hash.toLatin1().constData(), bytes.constData(),
               static_cast<unsigned long long>(bytes.size()))
        == 0;
}

Result<std::unique_ptr<Accounts>> Accounts::open(StateDatabase &state, const Clock &clock)
{
    const Result<void> done = state.migrate(QStringLiteral("accounts"), accountTables);
    if (!done)
        return done.error();
    return std::unique_ptr<Accounts>(new Accounts(state, clock));
}

Result<QList<User>> Accounts::usersWhere(const QString &condition, const QVariantList &values)
{
    Result<QSqlQuery> row
        = m_state.run(QStringLiteral("SELECT id, name, role, created FROM users WHERE ") + condition
                + QStringLiteral(" ORDER BY name"),
            values);
    if (!row)
        return row.error().in(QStringLiteral("Reading the users"));
    QList<User> users;
    while (row->next())
        users.append({ row->value(0).toString(), row->value(1).toString(),
            roleFromString(row->value(2).toString()).value_or(Role::User),
            fromMilliseconds(row->value(3)) });
    return users;
}

Result<QList<User>> Accounts::users()
{
    return usersWhere(QStringLiteral("1"), {});
}

Result<std::optional<User>> Accounts::user(const QString &name)
{
    const Result<QList<User>> found = usersWhere(QStringLiteral("name = ?"), { name });
    if (!found)
        return found.error();
    return found->isEmpty() ? std::nullopt : std::optional(found->first());
}

Result<std::optional<User>> Accounts::userById(const QString &id)
{
    const Result<QList<User>> found = usersWhere(QStringLiteral("id = ?"), { id });
    if (!found)
        return found.error();
    return found->isEmpty() ? std::nullopt : std::optional(found->first());
}

Result<User> Accounts::addUser(const QString &name, Role role, const QString &passwordHash)
{
    if (!isName(name))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("A user's name has 1 to %1 printable characters, and no spaces around "
                           "them")
                .arg(longestName) };
    if (passwordHash.isEmpty())
        return Error { ErrorCode::Internal,
            QStringLiteral("There was no memory to hash the password with; try again") };
    const User made { QString::fromLatin1(randomBytes(16).toHex()), name, role, m_clock.now() };
    const Result<void> done = m_state.inTransaction([&]() -> Result<void> {
        const Result<std::optional<User>> taken = user(name);
        if (!taken)
            return taken.error();
        if (taken->has_value())
            return Error { ErrorCode::Busy,
                QStringLiteral("There is a user '%1' already; choose another name").arg(name) };
        const Result<QSqlQuery> added = m_state.run(
            QStringLiteral("INSERT INTO users (id, name, role, password, created) "
                           "VALUES (?, ?, ?, ?, ?)"),
            { made.id, made.name, toString(role), passwordHash, made.created.toMSecsSinceEpoch() });
        return added ? Result<void>() : added.error();
    });
    if (!done)
        return done.error();
    return made;
}

Result<void> Accounts::setPassword(const QString &name, const QString &passwordHash)
{
    if (passwordHash.isEmpty())
        return Error { ErrorCode::Internal,
            QStringLiteral("There was no memory to hash the password with; try again") };
    return m_state.inTransaction([&]() -> Result<void> {
        const Result<std::optional<User>> found = user(name);
        if (!found)
            return found.error();
        if (!found->has_value())
            return noSuchUser(name);
        const Result<QSqlQuery> changed
            = m_state.run(QStringLiteral("UPDATE users SET password = ? WHERE id = ?"),
                { passwordHash, (*found)->id });
        if (!changed)
            return changed.error();
        const Result<QSqlQuery> ended
            = m_state.run(QStringLiteral("DELETE FROM tokens WHERE user = ? AND kind = ?"),
                { (*found)->id, int(TokenKind::Login) });
        return ended ? Result<void>() : ended.error();
    });
}

Result<void> Accounts::removeUser(const QString &name)
{
    return m_state.inTransaction([&]() -> Result<void> {
        const Result<std::optional<User>> found = user(name);
        if (!found)
            return found.error();
        if (!found->has_value())
            return noSuchUser(name);
        const Result<QList<User>> admins
            = usersWhere(QStringLiteral("role = ?"), { toString(Role::Admin) });
        if (!admins)
            return admins.error();
        if ((*found)->role == Role::Admin && admins->size() == 1)
            return Error { ErrorCode::Busy,
                QStringLiteral("'%1' is the only administrator and cannot be removed; add another "
                               "one first")
                    .arg(name) };
        // The token of a running hub's commands is the machine's, whoever it was made for.
        for (const User &admin : *admins) {
            if (admin.id == (*found)->id)
                continue;
            const Result<QSqlQuery> kept
                = m_state.run(QStringLiteral("UPDATE tokens SET user = ? WHERE user = ? "
                                             "AND kind = ?"),
                    { admin.id, (*found)->id, int(TokenKind::Local) });
            if (!kept)
                return kept.error();
            break;
        }
        const Result<QSqlQuery> removed
            = m_state.run(QStringLiteral("DELETE FROM users WHERE id = ?"), { (*found)->id });
        return removed ? Result<void>() : removed.error();
    });
}

Result<QString> Accounts::passwordHash(const QString &name)
{
    Result<QSqlQuery> row
        = m_state.run(QStringLiteral("SELECT password FROM users WHERE name = ?"), { name });
    if (!row)
        return row.error().in(QStringLiteral("Reading the users"));
    return row->next() ? row->value(0).toString() : QString();
}

Result<NewToken> Accounts::addToken(const QString &userId, const QString &name, TokenKind kind)
{
    if (name.size() > 200)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("A token's name has at most 200 characters") };
    const QByteArray secret
        = randomBytes(secretBytes)
              .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    const QByteArray hash = sha256(secret);
    Token token { idOf(hash), name, userId, kind, m_clock.now(), {} };
    if (kind == TokenKind::Login)
        token.expires = token.created.addDays(loginDays);
    const Result<void> done = m_state.inTransaction([&]() -> Result<void> {
        const Result<std::optional<User>> owner = userById(userId);
        if (!owner)
            return owner.error();
        if (!owner->has_value())
            return Error { ErrorCode::NotFound, QStringLiteral("The token's user is gone") };
        // What has expired goes when the next one comes.
        const Result<QSqlQuery> expired
            = m_state.run(QStringLiteral("DELETE FROM tokens WHERE expires <= ?"),
                { token.created.toMSecsSinceEpoch() });
        if (!expired)
            return expired.error();
        const Result<QSqlQuery> added = m_state.run(
            QStringLiteral("INSERT INTO tokens (id, hash, name, user, kind, created, expires) "
                           "VALUES (?, ?, ?, ?, ?, ?, ?)"),
            { token.id, hash, name.isNull() ? QStringLiteral("") : name, userId, int(kind),
                token.created.toMSecsSinceEpoch(),
                token.expires.isValid() ? QVariant(token.expires.toMSecsSinceEpoch())
                                        : QVariant() });
        return added ? Result<void>() : added.error();
    });
    if (!done)
        return done.error().in(QStringLiteral("Adding a token"));
    return NewToken { token, QString::fromLatin1(secret) };
}

Result<QList<Token>> Accounts::tokensWhere(const QString &condition, const QVariantList &values)
{
    Result<QSqlQuery> row = m_state.run(
        QStringLiteral("SELECT id, name, user, kind, created, expires FROM tokens WHERE ")
            + condition + QStringLiteral(" ORDER BY created, id"),
        values);
    if (!row)
        return row.error().in(QStringLiteral("Reading the tokens"));
    QList<Token> tokens;
    while (row->next())
        tokens.append({ row->value(0).toString(), row->value(1).toString(),
            row->value(2).toString(), TokenKind(row->value(3).toInt()),
            fromMilliseconds(row->value(4)), fromMilliseconds(row->value(5)) });
    return tokens;
}

Result<QList<Token>> Accounts::tokens(const QString &userId)
{
    return tokensWhere(
        QStringLiteral("user = ? AND kind != ? AND (expires IS NULL OR expires > ?)"),
        { userId, int(TokenKind::Local), m_clock.now().toMSecsSinceEpoch() });
}

Result<void> Accounts::revokeToken(const QString &userId, const QString &tokenId)
{
    const Result<QSqlQuery> done
        = m_state.run(QStringLiteral("DELETE FROM tokens WHERE user = ? AND id = ? AND kind != ?"),
            { userId, tokenId, int(TokenKind::Local) });
    if (!done)
        return done.error().in(QStringLiteral("Revoking a token"));
    if (done->numRowsAffected() == 0)
        return Error { ErrorCode::NotFound, QStringLiteral("There is no token %1").arg(tokenId) };
    return {};
}

Result<void> Accounts::revokeLocalTokens()
{
    const Result<QSqlQuery> done = m_state.run(
        QStringLiteral("DELETE FROM tokens WHERE kind = ?"), { int(TokenKind::Local) });
    return done ? Result<void>()
                : done.error().in(QStringLiteral("Revoking this machine's tokens"));
}

std::optional<Accounts::Identity> Accounts::identify(const QString &secret)
{
    if (!isSodiumReady())
        return {};
    const std::optional<StateDatabase::ChangeStamp> stamp = m_state.changeStamp();
    if (!stamp || stamp != m_stamp)
        m_known.clear();
    m_stamp = stamp;
    const QByteArray hash = sha256(secret.toUtf8());
    std::optional<Identity> identity;
    if (const auto known = m_known.constFind(hash); known != m_known.constEnd()) {
        identity = *known;
    } else {
        identity = find(hash);
        if (identity)
            m_known.insert(hash, *identity);
    }
    if (identity && identity->token.expires.isValid() && identity->token.expires <= m_clock.now())
        return {};
    return identity;
}

std::optional<Accounts::Identity> Accounts::find(const QByteArray &hash)
{
    Result<QSqlQuery> row
        = m_state.run(QStringLiteral("SELECT hash FROM tokens WHERE id = ?"), { idOf(hash) });
    if (!row || !row->next())
        return {};
    const QByteArray stored = row->value(0).toByteArray();
    if (stored.size() != hash.size()
        || ::sodium_memcmp(stored.constData(), hash.constData(), size_t(hash.size())) != 0)
        return {};
    const Result<QList<Token>> token = tokensWhere(QStringLiteral("id = ?"), { idOf(hash) });
    if (!token || token->isEmpty())
        return {};
    const Result<std::optional<User>> owner = userById(token->first().userId);
    if (!owner || !owner->has_value())
        return {};
    return Identity { **owner, token->first() };
}

} // namespace hubkeep
