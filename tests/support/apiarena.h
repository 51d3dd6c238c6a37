// An API server on a free port, with an administrator, a user, and a token of each.
//
//     ApiArena arena;
//     arena.router().add({ Method::Get, "/x", Access::User }, …);
//     arena.listen();
//     RawClient client(arena.port());
//     client.exchange(arena.get("/x", arena.userToken()));

#pragma once

#include "app/api/apiserver.h"
#include "app/api/authcontroller.h"
#include "tests/support/rawclient.h"

#include <QTemporaryDir>

namespace hubkeep::test {

class SettableClock final : public Clock
{
public:
    QDateTime now() const override { return m_now; }
    void advance(std::chrono::milliseconds time) { m_now = m_now.addMSecs(time.count()); }

private:
    QDateTime m_now = QDateTime::fromMSecsSinceEpoch(1'776'090'330'123, Qt::UTC);
};

class ApiArena
{
public:
    explicit ApiArena(const api::ApiServerOptions &options = {});
    ~ApiArena();

    api::Router &router() { return m_router; }
    api::ApiServer &server() { return *m_server; }
    api::AuthController &auth() { return *m_auth; }
    Accounts &accounts() { return *m_accounts; }
    AuditLog &audit() { return *m_audit; }
    SettableClock &clock() { return m_clock; }
    void listen(const api::TlsFiles &tls = {});
    quint16 port() const { return m_port; }

    // Of "admin" and "user"; their passwords are "admin's" and "user's".
    const QByteArray &adminToken() const { return m_adminToken; }
    const QByteArray &userToken() const { return m_userToken; }

    static QByteArray request(const QByteArray &method, const QByteArray &path,
        const QByteArray &token = {}, const QByteArray &body = {});
    // On a connection of its own.
    RawAnswer ask(const QByteArray &method, const QByteArray &path, const QByteArray &token = {},
        const QByteArray &body = {});

private:
    QByteArray addUser(const QString &name, Role role);

    QTemporaryDir m_folder;
    SettableClock m_clock;
    std::unique_ptr<StateDatabase> m_state;
    std::unique_ptr<Accounts> m_accounts;
    std::unique_ptr<AuditLog> m_audit;
    api::Router m_router;
    std::unique_ptr<api::ApiServer> m_server;
    std::unique_ptr<api::AuthController> m_auth;
    QByteArray m_adminToken;
    QByteArray m_userToken;
    quint16 m_port = 0;
};

} // namespace hubkeep::test
