#include "app/api/websocketsession.h"

#include "app/api/homeassistantjson.h"
#include "app/api/websocketapi.h"

#include <QJsonDocument>
#include <QLoggingCategory>
#include <QWebSocket>

#include <cmath>

namespace hubkeep::api {
namespace {

Q_LOGGING_CATEGORY(webSocketLog, "hubkeep.websocket")

constexpr int deepest = 64; // levels of objects and lists
constexpr int pingsBeforeDrop = 32; // while a client reads nothing
constexpr auto goodbye = std::chrono::seconds(5);

QString compact(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

// Qt's parser goes deeper than anything that is meant.
bool isTooDeep(const QByteArray &json)
{
    int depth = 0;
    bool inText = false;
    for (qsizetype i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (inText && c == '\\')
            ++i;
        else if (c == '"')
            inText = !inText;
        else if (!inText && (c == '[' || c == '{') && ++depth > deepest)
            return true;
        else if (!inText && (c == ']' || c == '}'))
            --depth;
    }
    return false;
}

// Requires text to be not too large. Nothing: it is no JSON, or too deep.
std::optional<QJsonDocument> parsed(const QString &text)
{
    const QByteArray json = text.toUtf8();
    if (isTooDeep(json))
        return {};
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    return error.error == QJsonParseError::NoError ? std::optional(document) : std::nullopt;
}

qint64 wholeNumber(const QJsonValue &value)
{
    constexpr double most = 9007199254740991; // what a double holds exactly
    const double number = value.toDouble(-1);
    return number >= 0 && number <= most && number == std::floor(number) ? qint64(number) : -1;
}

} // namespace

WebSocketSession::WebSocketSession(
    WebSocketApi &api, std::unique_ptr<QWebSocket> socket, const QHostAddress &peer)
    : m_api(api)
    , m_socket(std::move(socket))
    , m_address(peer.toString())
{
    const WebSocketApi::Limits &limits = api.parts().limits;
    m_socket->setMaxAllowedIncomingFrameSize(quint64(limits.authenticationBytes));
    m_socket->setMaxAllowedIncomingMessageSize(quint64(limits.authenticationBytes));
    connect(m_socket.get(), &QWebSocket::textMessageReceived, this, &WebSocketSession::receive);
    connect(m_socket.get(), &QWebSocket::binaryMessageReceived, this, [this] {
        end(QWebSocketProtocol::CloseCodeDatatypeNotSupported,
            QStringLiteral("Only text messages are understood"));
    });
    connect(m_socket.get(), &QWebSocket::pong, this,
        [this](quint64, const QByteArray &payload) { pinged(payload); });
    connect(m_socket.get(), &QWebSocket::disconnected, this, [this] {
        m_over = true;
        m_followed.clear();
        emit ended();
    });
    m_authentication.setSingleShot(true);
    connect(&m_authentication, &QTimer::timeout, this, [this] {
        if (m_over)
            drop(QStringLiteral("it did not close the connection"));
        else
            end(QWebSocketProtocol::CloseCodePolicyViolated,
                QStringLiteral("No auth message came in time"));
    });
    m_authentication.start(limits.authentication);
    send(compact({ { QStringLiteral("type"), QStringLiteral("auth_required") },
        { QStringLiteral("ha_version"), QString::fromLatin1(homeAssistantVersion) } }));
}

WebSocketSession::~WebSocketSession()
{
    m_socket->disconnect(this);
    m_socket->abort();
}

Hub &WebSocketSession::hub() const
{
    return m_api.parts().hub;
}

AuditEntry WebSocketSession::auditEntry(const QString &action, const QString &target) const
{
    AuditEntry entry;
    entry.user = m_identity ? m_identity->user.name : QString();
    entry.address = m_address;
    entry.action = action;
    entry.target = target;
    return entry;
}

void WebSocketSession::audit(
    const QString &action, const QString &target, const char *result, const QString &detail) const
{
    AuditEntry entry = auditEntry(action, target);
    entry.result = QString::fromLatin1(result);
    entry.detail = detail;
    m_api.parts().audit.record(std::move(entry));
}

void WebSocketSession::result(qint64 id, const QJsonValue &result)
{
    send(compact(
        { { QStringLiteral("id"), id }, { QStringLiteral("type"), QStringLiteral("result") },
            { QStringLiteral("success"), true }, { QStringLiteral("result"), result } }));
}

void WebSocketSession::resultText(qint64 id, const QString &json)
{
    send(QStringLiteral("{\"id\":") + QString::number(id)
        + QStringLiteral(",\"type\":\"result\",\"success\":true,\"result\":") + json + u'}');
}

void WebSocketSession::fail(
    qint64 id, const char *code, const QString &message, const QJsonObject &more)
{
    QJsonObject error = more;
    error.insert(QStringLiteral("code"), QString::fromLatin1(code));
    error.insert(QStringLiteral("message"), message);
    send(compact({ { QStringLiteral("id"), id < 0 ? QJsonValue(QJsonValue::Null) : id },
        { QStringLiteral("type"), QStringLiteral("result") }, { QStringLiteral("success"), false },
        { QStringLiteral("error"), error } }));
}

void WebSocketSession::event(qint64 id, const QString &json)
{
    send(QStringLiteral("{\"id\":") + QString::number(id)
        + QStringLiteral(",\"type\":\"event\",\"event\":") + json + u'}');
}

void WebSocketSession::pong(qint64 id)
{
    send(compact(
        { { QStringLiteral("id"), id }, { QStringLiteral("type"), QStringLiteral("pong") } }));
}

bool WebSocketSession::follow(qint64 id, Following following)
{
    if (int(m_followed.size()) >= m_api.parts().limits.subscriptions) {
        fail(id, "not_allowed",
            QStringLiteral("This connection follows %1 things already; unsubscribe from some")
                .arg(m_followed.size()));
        return false;
    }
    m_followed.insert_or_assign(id, std::move(following));
    return true;
}

bool WebSocketSession::unfollow(qint64 id)
{
    return m_followed.erase(id) > 0;
}

void WebSocketSession::checkToken()
{
    if (m_over || !m_identity)
        return;
    m_identity = m_api.parts().accounts.identify(m_token);
    if (!m_identity)
        end(QWebSocketProtocol::CloseCodePolicyViolated,
            QStringLiteral("The token is not valid any more"));
}

void WebSocketSession::ping()
{
    if (m_over || !m_identity)
        return;
    if (m_silent)
        return drop(QStringLiteral("it did not answer a ping"));
    m_silent = true;
    m_asked = m_sent;
    m_socket->ping(QByteArray::number(m_sent));
}

void WebSocketSession::pinged(const QByteArray &payload)
{
    m_silent = false;
    m_read = std::clamp(payload.toLongLong(), m_read, m_asked);
}

void WebSocketSession::end(QWebSocketProtocol::CloseCode code, const QString &reason)
{
    if (m_over)
        return;
    flush();
    m_over = true;
    m_identity.reset();
    m_followed.clear();
    m_waiting.clear();
    m_authentication.start(goodbye); // for the client to answer the close frame
    m_socket->close(code, reason);
}

void WebSocketSession::drop(const QString &why)
{
    qCInfo(webSocketLog).noquote() << "Dropping the WebSocket of" << m_address << "because" << why;
    m_over = true;
    m_waiting.clear();
    m_authentication.stop();
    // Not from within whatever is sending to it now.
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_followed.clear();
            m_socket->abort();
            emit ended();
        },
        Qt::QueuedConnection);
}

void WebSocketSession::receive(const QString &text)
{
    if (m_over)
        return;
    if (!m_identity)
        return authenticate(text);
    checkToken();
    if (m_over)
        return;
    const std::optional<QJsonDocument> message = parsed(text);
    if (!message)
        return end(QWebSocketProtocol::CloseCodeWrongDatatype,
            QStringLiteral("Received invalid JSON, or JSON of more than 64 levels"));
    if (!message->isArray())
        return handle(message->object(), text, -1);
    if (!m_coalesces)
        return fail(-1, "invalid_format",
            QStringLiteral("A list of messages is understood after supported_features with "
                           "coalesce_messages"));
    int index = 0;
    for (const QJsonValue element : message->array()) {
        if (m_over)
            return;
        handle(element, text, index++);
    }
}

void WebSocketSession::authenticate(const QString &text)
{
    const std::optional<QJsonDocument> message = parsed(text);
    const QJsonObject fields = message ? message->object() : QJsonObject();
    if (fields.value(QStringLiteral("type")).toString() != QLatin1String("auth"))
        return refuse(QStringLiteral(
            "Auth message incorrectly formatted: the first message has the type 'auth'"));
    m_token = fields.value(QStringLiteral("access_token")).toString();
    if (m_token.isEmpty())
        return refuse(QStringLiteral(
            "Auth message incorrectly formatted: the field 'access_token' is missing"));
    m_identity = m_api.parts().accounts.identify(m_token);
    if (!m_identity)
        return refuse(QStringLiteral("Invalid access token or password"));
    m_authentication.stop();
    const WebSocketApi::Limits &limits = m_api.parts().limits;
    m_socket->setMaxAllowedIncomingFrameSize(quint64(limits.messageBytes));
    m_socket->setMaxAllowedIncomingMessageSize(quint64(limits.messageBytes));
    send(compact({ { QStringLiteral("type"), QStringLiteral("auth_ok") },
        { QStringLiteral("ha_version"), QString::fromLatin1(homeAssistantVersion) } }));
}

void WebSocketSession::refuse(const QString &message)
{
    m_token.clear();
    AuditEntry entry = auditEntry(QStringLiteral("websocket.auth"), {});
    entry.result = QStringLiteral("refused");
    entry.detail = message;
    m_api.recordRefusal(entry);
    send(compact({ { QStringLiteral("type"), QStringLiteral("auth_invalid") },
        { QStringLiteral("message"), message } }));
    end(QWebSocketProtocol::CloseCodePolicyViolated, QStringLiteral("Authentication failed"));
}

void WebSocketSession::handle(const QJsonValue &value, const QString &source, int index)
{
    const QJsonObject fields = value.toObject();
    const qint64 id = wholeNumber(fields.value(QStringLiteral("id")));
    const QJsonValue type = fields.value(QStringLiteral("type"));
    if (id < 0 || !type.isString())
        return fail(id, "invalid_format",
            QStringLiteral("Message incorrectly formatted: the field '%1' is missing or takes %2")
                .arg(id < 0 ? QStringLiteral("id") : QStringLiteral("type"),
                    id < 0 ? QStringLiteral("a whole number") : QStringLiteral("a text")));
    if (id <= m_lastId)
        return fail(id, "id_reuse", QStringLiteral("Identifier values have to increase."));
    m_lastId = id;
    run({ id, type.toString(), fields, source, index });
}

void WebSocketSession::run(const Message &message)
{
    const Command *command = m_api.commands().find(message.type);
    if (!command)
        return fail(message.id, "unknown_command", QStringLiteral("Unknown command."));
    if (command->access == Access::Admin && !isAdmin()) {
        refuseRole(message.id, message.type);
        return;
    }
    command->run(*this, message);
}

void WebSocketSession::refuseRole(qint64 id, const QString &what)
{
    AuditEntry entry = auditEntry(what, {});
    entry.result = QStringLiteral("refused");
    entry.detail = QStringLiteral("It takes an administrator");
    m_api.recordRefusal(entry);
    fail(id, "unauthorized", QStringLiteral("Unauthorized"));
}

void WebSocketSession::send(const QString &text)
{
    if (m_over)
        return;
    const qint64 most = m_api.parts().limits.unreadBytes;
    if (m_sent - m_read > most || m_socket->bytesToWrite() > most)
        return drop(QStringLiteral("it does not read what it asked for"));
    m_sent += text.size();
    if (m_waiting.isEmpty())
        QMetaObject::invokeMethod(this, &WebSocketSession::flush, Qt::QueuedConnection);
    m_waiting.append(text);
}

void WebSocketSession::flush()
{
    if (m_over || m_waiting.isEmpty())
        return;
    const QStringList waiting = std::exchange(m_waiting, {});
    if (m_coalesces && waiting.size() > 1) {
        m_socket->sendTextMessage(u'[' + waiting.join(u',') + u']');
    } else {
        for (const QString &text : waiting)
            m_socket->sendTextMessage(text);
    }
    if (m_identity && m_sent - m_asked > m_api.parts().limits.unreadBytes / pingsBeforeDrop) {
        m_asked = m_sent;
        m_socket->ping(QByteArray::number(m_sent));
    }
}

} // namespace hubkeep::api
