#include "app/api/websocketapi.h"

#include "app/api/homeassistantjson.h"
#include "app/api/websocketsession.h"

#include <QJsonDocument>

#include <map>

namespace hubkeep::api {
namespace {

CommandTable allCommands()
{
    CommandTable table;
    addCoreCommands(table);
    addSubscriptionCommands(table);
    addBackupCommands(table);
    addHistoryCommands(table);
    addTemplateCommands(table);
    addScriptCommands(table);
    addTraceCommands(table);
    addNotificationCommands(table);
    return table;
}

QString compact(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

} // namespace

void EventTexts::take(const Event &event)
{
    // Equal data is mostly the same data, which QMap sees at once; the context's id is one event's.
    if (event.context == m_last.context && event.type == m_last.type
        && event.timeFired == m_last.timeFired && event.change == m_last.change
        && event.data == m_last.data)
        return;
    m_last = event;
    m_whole.clear();
    m_compressed.clear();
}

const QString &EventTexts::whole(const Event &event)
{
    take(event);
    if (m_whole.isEmpty())
        m_whole = compact(toJson(event));
    return m_whole;
}

const QString &EventTexts::compressed(const Event &event)
{
    Q_ASSERT(event.change);
    take(event);
    if (m_compressed.isEmpty())
        m_compressed = compact(compressedChange(*event.change));
    return m_compressed;
}

WebSocketApi::WebSocketApi(Parts parts, QObject *parent)
    : QObject(parent)
    , m_parts(std::move(parts))
    , m_commands(allCommands())
    , m_renderTurns(m_parts.hub.clock(), m_parts.limits.templates)
{
    m_tokens.setInterval(m_parts.limits.tokens);
    m_pings.setInterval(m_parts.limits.silence);
    connect(&m_tokens, &QTimer::timeout, this, &WebSocketApi::checkTokens);
    connect(&m_pings, &QTimer::timeout, this, [this] {
        const auto sessions = m_sessions;
        for (WebSocketSession *session : sessions)
            session->ping();
    });
}

WebSocketApi::~WebSocketApi()
{
    close(); // what the sockets take at once still goes out
    for (WebSocketSession *session : std::exchange(m_sessions, {}))
        delete session;
}

void WebSocketApi::take(QWebSocket *socket, const QHostAddress &peer)
{
    std::unique_ptr<QWebSocket> owned(socket);
    owned->setParent(nullptr);
    if (m_closed)
        return;
    auto *session = new WebSocketSession(*this, std::move(owned), peer);
    m_sessions.insert(session);
    connect(session, &WebSocketSession::ended, this, [this, session] {
        if (m_sessions.erase(session) > 0)
            session->deleteLater();
        if (m_sessions.empty()) {
            m_tokens.stop();
            m_pings.stop();
        }
    });
    if (!m_tokens.isActive()) {
        m_tokens.start();
        m_pings.start();
    }
}

void WebSocketApi::close()
{
    m_closed = true;
    const auto sessions = m_sessions;
    for (WebSocketSession *session : sessions)
        session->end(QWebSocketProtocol::CloseCodeGoingAway, QStringLiteral("The hub is stopping"));
}

void WebSocketApi::recordRefusal(const AuditEntry &entry)
{
    if (m_parts.recordRefusal)
        m_parts.recordRefusal(entry);
    else
        m_parts.audit.record(entry);
}

void WebSocketApi::checkTokens()
{
    // Most sessions of a program share one token.
    std::map<QString, bool> valid;
    const auto sessions = m_sessions;
    for (WebSocketSession *session : sessions) {
        const QString token = session->token();
        if (token.isEmpty())
            continue;
        const auto [known, isNew] = valid.try_emplace(token, true);
        if (isNew)
            known->second = m_parts.accounts.identify(token).has_value();
        if (!known->second)
            session->checkToken();
    }
}

} // namespace hubkeep::api
