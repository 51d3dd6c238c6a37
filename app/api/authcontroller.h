// /api/v1/auth: logging in and out, users, tokens.
//
// Passwords are hashed on a thread of their own, one at a time, because each takes 19 MiB; a
// queue that is too long is answered with 503.
//
// Main thread. Destroying it waits for the password that is being hashed.

#pragma once

#include "app/api/apiserver.h"
#include "app/api/loginlimiter.h"

#include <QThreadPool>

namespace hubkeep::api {

class AuthController final : public QObject
{
    Q_OBJECT

public:
    // Adds its routes. All must outlive it.
    AuthController(Router &router, ApiServer &server, Accounts &accounts, AuditLog &audit,
        const Clock &clock, QObject *parent = nullptr);
    ~AuthController() override;

signals:
    // Whoever is connected with it has to go.
    void tokenRevoked(const QString &tokenId);
    void userRemoved(const QString &userId);

private:
    struct Credentials
    {
        QString name;
        QString password;
    };

    void addRoutes(Router &router);
    void login(const Request &request, Responder responder);
    void finishLogin(const Credentials &credentials, const QString &hash, bool right,
        const QHostAddress &address, Responder responder);
    void logout(const Request &request, Responder responder);
    void listUsers(Responder responder);
    void addUser(const Request &request, Responder responder);
    void removeUser(const Request &request, Responder responder);
    void listTokens(const Request &request, Responder responder);
    void addToken(const Request &request, Responder responder);
    void revokeToken(const Request &request, Responder responder);

    // Runs work on the hashing thread and then, here, with its result. False: too many wait.
    template <typename Work, typename Then>
    bool hash(Work work, Then then);
    void record(const Request &request, const QString &action, const QString &target);

    ApiServer &m_server;
    Accounts &m_accounts;
    AuditLog &m_audit;
    const Clock &m_clock;
    LoginLimiter m_limiter;
    QThreadPool m_pool;
    int m_waiting = 0;
};

} // namespace hubkeep::api
