// Home Assistant's WebSocket protocol: what its clients, and the window, follow the hub by.
//
//     WebSocketApi webSockets({ hub, accounts, audit });
//     connect(&server, &ApiServer::webSocketConnected, &webSockets, &WebSocketApi::take);
//
// Every connection is a session (websocketsession.h); what it may ask for is the table of
// commands. A session first says who it is: ten seconds, one message of 4 KiB. Its messages are
// then 1 MiB at most, and one that does not read what it asked for is dropped at 8 MiB. Tokens
// are looked at with every message and once a second: a revoked one ends its sessions.
//
// Main thread. Everything in Parts must outlive it.

#pragma once

#include "app/accounts.h"
#include "app/api/renderturns.h"
#include "app/api/websocketcommand.h"
#include "app/auditlog.h"
#include "automation/core/hub.h"

#include <QHostAddress>
#include <QTimer>
#include <QWebSocket>

#include <chrono>
#include <functional>
#include <memory>
#include <set>

namespace hubkeep::api {

class WebSocketSession;

// One event as text, made once for all who are told of it.
class EventTexts
{
public:
    const QString &whole(const Event &event); // {"event_type", "data", …}
    const QString &compressed(const Event &event); // of state_changed, for subscribe_entities

private:
    void take(const Event &event);

    Event m_last;
    QString m_whole;
    QString m_compressed;
};

class WebSocketApi : public QObject
{
    Q_OBJECT

public:
    struct Limits
    {
        std::chrono::milliseconds authentication = std::chrono::seconds(10);
        std::chrono::milliseconds tokens = std::chrono::seconds(1); // between looks at them
        std::chrono::milliseconds silence = std::chrono::seconds(30); // between pings
        qint64 authenticationBytes = 4 * 1024;
        qint64 messageBytes = 1024 * 1024;
        qint64 unreadBytes = 8 * 1024 * 1024;
        int subscriptions = 1000; // of one session
        RenderTurns::Limits templates {};
    };

    struct Parts
    {
        Hub &hub;
        Accounts &accounts;
        AuditLog &audit;
        // Writes down who was not let in; by default audit does.
        std::function<void(const AuditEntry &)> recordRefusal {};
        Limits limits {};
    };

    explicit WebSocketApi(Parts parts, QObject *parent = nullptr);
    ~WebSocketApi() override; // says goodbye and waits for nobody

    // A connection whose upgrade was answered. Owns the socket from now on.
    void take(QWebSocket *socket, const QHostAddress &peer);

    // Says goodbye to everybody, and takes nobody any more.
    void close();

    qsizetype sessionCount() const { return qsizetype(m_sessions.size()); }

    // --- For the sessions and the commands.
    const Parts &parts() const { return m_parts; }
    const CommandTable &commands() const { return m_commands; }
    EventTexts &texts() { return m_texts; }
    RenderTurns &renderTurns() { return m_renderTurns; }
    void recordRefusal(const AuditEntry &entry);

private:
    void checkTokens();

    const Parts m_parts;
    const CommandTable m_commands;
    EventTexts m_texts;
    RenderTurns m_renderTurns;
    std::set<WebSocketSession *> m_sessions;
    QTimer m_tokens;
    QTimer m_pings;
    bool m_closed = false;
};

} // namespace hubkeep::api
