#include "app/api/authcontroller.h"

#include "app/api/requestaudit.h"

#include <QJsonArray>
#include <QtConcurrent>

namespace hubkeep::api {

namespace {

constexpr int MostWaiting = 16;
constexpr qsizetype LongestPassword = 1024;

// A field of a body that has to be text of 1 to most characters.
Result<QString> textField(const QJsonObject &body, const QString &name, qsizetype most)
{
    const QJsonValue value = body.value(name);
    const QString text = value.toString();
    if (!value.isString() || text.isEmpty() || text.size() > most)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("%1 has to be text of 1 to %2 characters").arg(name).arg(most) };
    return text;
}

QJsonValue timeValue(const QDateTime &time)
{
    return time.isValid() ? QJsonValue(time.toUTC().toString(Qt::ISODateWithMs))
                          : QJsonValue(QJsonValue::Null);
}

QString kindName(TokenKind kind)
{
    return kind == TokenKind::LongLived ? QStringLiteral("long_lived") : QStringLiteral("login");
}

void failBusy(Responder &responder)
{
    responder.fail(503, "unavailable",
        QStringLiteral("Too many passwords are being checked; try again in a while"),
        { { "Retry-After", "5" } });
}

// What an unknown user's password is compared with, so that it takes as long.
bool verifyAgainstNobody(const QString &password)
{
    static const QString nobody = hashPassword(QStringLiteral("nobody"));
    [[maybe_unused]] const bool same = verifyPassword(nobody, password);
    return false;
}

} // namespace

AuthController::AuthController(Router &router, ApiServer &server, Accounts &accounts,
    AuditLog &audit, const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_server(server)
    , m_accounts(accounts)
    , m_audit(audit)
    , m_clock(clock)
{
    m_pool.setMaxThreadCount(1);
    addRoutes(router);
    // The first unknown user must not take longer than the others.
    hash([] { return verifyAgainstNobody({}); }, [](bool) {});
}

AuthController::~AuthController()
{
    m_pool.clear();
    m_pool.waitForDone();
}

void AuthController::addRoutes(Router &router)
{
    using Member = void (AuthController::*)(const Request &, Responder);
    const auto add = [this, &router](
                         Method method, const char *path, Access access, Member member) {
        router.add({ method, QStringLiteral("/api/v1/auth/") + QString::fromLatin1(path), access },
            [this, member](const Request &request, Responder responder) {
                (this->*member)(request, std::move(responder));
            });
    };
    add(Method::Post, "login", Access::Open, &AuthController::login);
    add(Method::Post, "logout", Access::User, &AuthController::logout);
    router.add({ Method::Get, QStringLiteral("/api/v1/auth/users"), Access::Admin },
        [this](const Request &, Responder responder) { listUsers(std::move(responder)); });
    add(Method::Post, "users", Access::Admin, &AuthController::addUser);
    add(Method::Delete, "users/{name}", Access::Admin, &AuthController::removeUser);
    add(Method::Get, "tokens", Access::User, &AuthController::listTokens);
    add(Method::Post, "tokens", Access::User, &AuthController::addToken);
    add(Method::Delete, "tokens/{id}", Access::User, &AuthController::revokeToken);
}

template <typename Work, typename Then>
bool AuthController::hash(Work work, Then then)
{
    if (m_waiting >= MostWaiting)
        return false;
    ++m_waiting;
    QtConcurrent::run(&m_pool, std::move(work))
        .then(this, [this, then = std::move(then)](std::invoke_result_t<Work> result) mutable {
            --m_waiting;
            then(result);
        });
    return true;
}

void AuthController::record(const Request &request, const QString &action, const QString &target)
{
    m_audit.record(auditEntry(request, action, target));
}

// ---- Logging in and out
// --------------------------------------------------------------------------

void AuthController::login(const Request &request, Responder responder)
{
    const Result<QJsonObject> body
        = request.json({ QStringLiteral("username"), QStringLiteral("password") });
    if (!body)
        return responder.fail(body.error());
    const Result<QString> name = textField(*body, QStringLiteral("username"), 200);
    if (!name)
        return responder.fail(name.error());
    const Result<QString> password = textField(*body, QStringLiteral("password"), LongestPassword);
    if (!password)
        return responder.fail(password.error());
    const Result<QString> hashed = m_accounts.passwordHash(*name);
    if (!hashed)
        return responder.fail(hashed.error());
    if (m_waiting >= MostWaiting)
        return failBusy(responder);

    const QHostAddress address = request.caller.address;
    if (const auto wait = m_limiter.begin(address, m_clock.now())) {
        m_server.recordRefusal({ .user = *name,
            .address = address.toString(),
            .action = QStringLiteral("auth.login"),
            .result = QStringLiteral("refused"),
            .detail = QStringLiteral("Too many wrong passwords from this address") });
        return responder.fail(429, "too_many_attempts",
            QStringLiteral("There were too many wrong passwords; try again in %1 s")
                .arg(wait->count()),
            { { "Retry-After", QByteArray::number(static_cast<qint64>(wait->count())) } });
    }
    const auto shared = std::make_shared<Responder>(std::move(responder));
    const Credentials credentials { *name, *password };
    hash(
        [credentials, known = *hashed] {
            return known.isEmpty() ? verifyAgainstNobody(credentials.password)
                                   : verifyPassword(known, credentials.password);
        },
        [this, credentials, known = *hashed, address, shared](
            bool right) { finishLogin(credentials, known, right, address, std::move(*shared)); });
}

void AuthController::finishLogin(const Credentials &credentials, const QString &hashed, bool right,
    const QHostAddress &address, Responder responder)
{
    const Result<std::optional<User>> user = m_accounts.user(credentials.name);
    if (!user)
        return responder.fail(user.error());
    // Both may have changed while the password was being checked.
    const Result<QString> now = m_accounts.passwordHash(credentials.name);
    AuditEntry entry { .user = credentials.name.left(64),
        .address = address.toString(),
        .action = QStringLiteral("auth.login") };
    if (!right || !user->has_value() || !now || *now != hashed) {
        entry.result = QStringLiteral("refused");
        entry.detail = QStringLiteral("Wrong user name or password");
        m_server.recordRefusal(entry);
        return responder.fail(
            { ErrorCode::Unauthorized, QStringLiteral("The user name or the password is wrong") });
    }
    m_limiter.succeeded(address);
    const Result<NewToken> token
        = m_accounts.addToken((*user)->id, QStringLiteral("Login"), TokenKind::Login);
    if (!token)
        return responder.fail(token.error());
    entry.result = QStringLiteral("ok");
    m_audit.record(entry);
    responder.json(200,
        QJsonObject { { QStringLiteral("token"), token->secret },
            { QStringLiteral("role"), toString((*user)->role) },
            { QStringLiteral("expires_at"), timeValue(token->token.expires) } });
}

void AuthController::logout(const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.json({});
    if (!body)
        return responder.fail(body.error());
    const Token &token = request.caller.identity->token;
    if (token.kind == TokenKind::Local)
        return responder.fail({ ErrorCode::Busy,
            QStringLiteral("The token of data/running.json ends when the hub does") });
    const Result<void> revoked = m_accounts.revokeToken(request.caller.userId(), token.id);
    if (!revoked)
        return responder.fail(revoked.error());
    record(request, QStringLiteral("auth.logout"), token.id);
    emit tokenRevoked(token.id);
    responder.empty(204);
}

// ---- Users
// ---------------------------------------------------------------------------------------

void AuthController::listUsers(Responder responder)
{
    const Result<QList<User>> users = m_accounts.users();
    if (!users)
        return responder.fail(users.error());
    QJsonArray list;
    for (const User &user : *users)
        list.append(QJsonObject { { QStringLiteral("username"), user.name },
            { QStringLiteral("role"), toString(user.role) },
            { QStringLiteral("created_at"), timeValue(user.created) } });
    responder.json(200, QJsonObject { { QStringLiteral("users"), list } });
}

void AuthController::addUser(const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.json(
        { QStringLiteral("username"), QStringLiteral("password"), QStringLiteral("role") });
    if (!body)
        return responder.fail(body.error());
    const Result<QString> name = textField(*body, QStringLiteral("username"), 64);
    if (!name)
        return responder.fail(name.error());
    const Result<QString> password = textField(*body, QStringLiteral("password"), LongestPassword);
    if (!password)
        return responder.fail(password.error());
    const std::optional<Role> role = roleFromString(body->value(QStringLiteral("role")).toString());
    if (!role)
        return responder.fail(
            { ErrorCode::InvalidArgument, QStringLiteral("role has to be admin or user") });

    const auto shared = std::make_shared<Responder>(std::move(responder));
    const bool accepted = hash([password = *password] { return hashPassword(password); },
        [this, request, name = *name, role = *role, shared](const QString &hashed) {
            const Result<User> added = m_accounts.addUser(name, role, hashed);
            if (!added)
                return shared->fail(added.error());
            record(request, QStringLiteral("user.add"), name);
            shared->json(201,
                QJsonObject { { QStringLiteral("username"), added->name },
                    { QStringLiteral("role"), toString(added->role) } });
        });
    if (!accepted)
        failBusy(*shared);
}

void AuthController::removeUser(const Request &request, Responder responder)
{
    const QString name = request.captured("name");
    const Result<std::optional<User>> user = m_accounts.user(name);
    if (!user)
        return responder.fail(user.error());
    const Result<void> removed = m_accounts.removeUser(name);
    if (!removed)
        return responder.fail(removed.error());
    record(request, QStringLiteral("user.delete"), name);
    if (user->has_value())
        emit userRemoved((*user)->id);
    responder.empty(204);
}

// ---- Tokens
// --------------------------------------------------------------------------------------

void AuthController::listTokens(const Request &request, Responder responder)
{
    const Result<QList<Token>> tokens = m_accounts.tokens(request.caller.userId());
    if (!tokens)
        return responder.fail(tokens.error());
    QJsonArray list;
    for (const Token &token : *tokens)
        list.append(QJsonObject { { QStringLiteral("id"), token.id },
            { QStringLiteral("name"), token.name },
            { QStringLiteral("kind"), kindName(token.kind) },
            { QStringLiteral("created_at"), timeValue(token.created) },
            { QStringLiteral("expires_at"), timeValue(token.expires) } });
    responder.json(200, QJsonObject { { QStringLiteral("tokens"), list } });
}

void AuthController::addToken(const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.json({ QStringLiteral("name") });
    if (!body)
        return responder.fail(body.error());
    const Result<QString> name = textField(*body, QStringLiteral("name"), 200);
    if (!name)
        return responder.fail(name.error());
    const Result<NewToken> token
        = m_accounts.addToken(request.caller.userId(), *name, TokenKind::LongLived);
    if (!token)
        return responder.fail(token.error());
    record(request, QStringLiteral("token.add"), token->token.id);
    responder.json(201,
        QJsonObject { { QStringLiteral("id"), token->token.id },
            { QStringLiteral("name"), token->token.name },
            { QStringLiteral("token"), token->secret } });
}

void AuthController::revokeToken(const Request &request, Responder responder)
{
    const QString id = request.captured("id");
    const Result<void> revoked = m_accounts.revokeToken(request.caller.userId(), id);
    if (!revoked)
        return responder.fail(revoked.error());
    record(request, QStringLiteral("token.delete"), id);
    emit tokenRevoked(id);
    responder.empty(204);
}

} // namespace hubkeep::api

#include "moc_authcontroller.cpp"
