#include "tests/support/apiarena.h"

namespace hubkeep::test {

using namespace hubkeep::api;

namespace {

template <typename T>
T valueOf(Result<T> result)
{
    if (!result)
        qFatal("%s", qPrintable(result.error().message));
    return std::move(*result);
}

} // namespace

ApiArena::ApiArena(const ApiServerOptions &options)
    : m_state(valueOf(StateDatabase::open(m_folder.filePath(QStringLiteral("state.db")))))
    , m_accounts(valueOf(Accounts::open(*m_state, m_clock)))
    , m_audit(valueOf(AuditLog::open(*m_state, m_clock)))
    , m_server(std::make_unique<ApiServer>(m_router, *m_accounts, *m_audit, m_clock, options))
    , m_auth(std::make_unique<AuthController>(m_router, *m_server, *m_accounts, *m_audit, m_clock))
    , m_adminToken(addUser(QStringLiteral("admin"), Role::Admin))
    , m_userToken(addUser(QStringLiteral("user"), Role::User))
{
}

ApiArena::~ApiArena()
{
    m_auth.reset();
    m_server.reset();
}

QByteArray ApiArena::addUser(const QString &name, Role role)
{
    const User user
        = valueOf(m_accounts->addUser(name, role, hashPassword(name + QStringLiteral("'s"))));
    return valueOf(m_accounts->addToken(user.id, QStringLiteral("test"), TokenKind::LongLived))
        .secret.toLatin1();
}

void ApiArena::listen(const TlsFiles &tls)
{
    m_port = valueOf(m_server->listen(QStringLiteral("127.0.0.1"), 0, tls));
}

QByteArray ApiArena::request(const QByteArray &method, const QByteArray &path,
    const QByteArray &token, const QByteArray &body)
{
    QByteArray request = method + ' ' + path + " HTTP/1.1\r\nHost: hub\r\n";
    if (!token.isEmpty())
        request += "Authorization: Bearer " + token + "\r\n";
    if (!body.isEmpty())
        request += "Content-Length: " + QByteArray::number(body.size()) + "\r\n";
    return request + "\r\n" + body;
}

RawAnswer ApiArena::ask(const QByteArray &method, const QByteArray &path, const QByteArray &token,
    const QByteArray &body)
{
    RawClient client(m_port);
    return client.exchange(request(method, path, token, body)).value(0);
}

} // namespace hubkeep::test
