// One WebSocket connection: who it is, what it asked for, what it follows.
//
// What a session is told within one turn of the event loop goes out together: as one array where
// the client can take that (supported_features), else one after the other. How much of it the
// client has read is known from its answers to our pings, which works through TLS as well, where
// the socket's own buffer says nothing.
//
// Main thread. Deletes itself when the connection is gone; the api outlives it.

#pragma once

#include "app/accounts.h"
#include "app/api/websocketcommand.h"
#include "app/auditlog.h"
#include "automation/core/eventbus.h"

#include <QHostAddress>
#include <QObject>
#include <QStringList>
#include <QTimer>
#include <QWebSocket>

#include <algorithm>
#include <map>
#include <memory>

namespace hubkeep {
class Hub;
}

namespace hubkeep::api {

class WebSocketApi;

class WebSocketSession : public QObject
{
    Q_OBJECT

public:
    // Says auth_required.
    WebSocketSession(
        WebSocketApi &api, std::unique_ptr<QWebSocket> socket, const QHostAddress &peer);
    ~WebSocketSession() override;

    // --- For the commands, which run only once it is known who asks.
    WebSocketApi &api() const { return m_api; }
    Hub &hub() const;
    const User &user() const { return m_identity->user; }
    bool isAdmin() const { return m_identity && m_identity->user.role == Role::Admin; }
    Context context() const { return Context::make(user().id); }
    void audit(const QString &action, const QString &target, const char *result,
        const QString &detail = {}) const;
    // For what ends after the session may have: who and from where.
    AuditEntry auditEntry(const QString &action, const QString &target) const;

    void result(qint64 id, const QJsonValue &result = QJsonValue::Null);
    void resultText(qint64 id, const QString &json); // of JSON that is a text already
    // more: what else is in the error object, as Home Assistant's translation_key.
    void fail(qint64 id, const char *code, const QString &message, const QJsonObject &more = {});
    void refuseRole(qint64 id, const QString &what); // unauthorized, and written down
    void event(qint64 id, const QString &json); // to a subscription; json is an object
    void pong(qint64 id);
    void coalesce() { m_coalesces = true; }

    // What a subscription holds on to until it ends. False, and told so: it has too many.
    struct Following
    {
        std::vector<Subscription> subscriptions {};
        std::unique_ptr<QObject> connection {}; // the context of signals' slots
    };
    bool follow(qint64 id, Following following);
    bool unfollow(qint64 id); // whether there was one
    template <typename Connection>
    int followed() const // how many of that kind
    {
        return int(std::count_if(m_followed.begin(), m_followed.end(), [](const auto &entry) {
            return dynamic_cast<const Connection *>(entry.second.connection.get()) != nullptr;
        }));
    }

    // --- For the api.
    QString token() const { return m_token; } // empty: not known yet
    void checkToken();
    void ping();
    void end(QWebSocketProtocol::CloseCode code, const QString &reason);

signals:
    void ended();

private:
    void receive(const QString &text);
    void authenticate(const QString &text);
    void refuse(const QString &message);
    void handle(const QJsonValue &value, const QString &source, int index);
    void run(const Message &message);
    void send(const QString &text);
    void flush();
    void pinged(const QByteArray &payload);
    void drop(const QString &why);

    WebSocketApi &m_api;
    const std::unique_ptr<QWebSocket> m_socket;
    const QString m_address;
    QTimer m_authentication;
    QString m_token;
    std::optional<Accounts::Identity> m_identity;
    qint64 m_lastId = 0;
    std::map<qint64, Following> m_followed;
    bool m_coalesces = false;
    bool m_over = false;

    QStringList m_waiting; // for the end of this turn
    qint64 m_sent = 0; // bytes, those that wait included
    qint64 m_read = 0; // of them, as far as the client has said
    qint64 m_asked = 0; // m_sent at the last ping
    bool m_silent = false; // it has not answered since the last regular ping
};

} // namespace hubkeep::api
