#include "qml/client/livechannel.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QPointer>
#include <QSslConfiguration>
#include <QSslError>

#include <algorithm>
#include <utility>

namespace hubkeep::desktop {

using namespace std::chrono_literals;

namespace {

constexpr auto longestWait = 30s;
constexpr auto pingEvery = 20s;

QUrl socketUrl(const QUrl &hub)
{
    QUrl url = hub;
    url.setScheme(hub.scheme() == u"https" ? QStringLiteral("wss") : QStringLiteral("ws"));
    url.setPath(QStringLiteral("/api/websocket"));
    return url;
}

} // namespace

LiveChannel::LiveChannel(QObject *parent)
    : QObject(parent)
{
    m_retry.setSingleShot(true);
    m_ping.setInterval(pingEvery);
    connect(&m_retry, &QTimer::timeout, this, &LiveChannel::connectNow);
    connect(&m_ping, &QTimer::timeout, this, [this] {
        if (std::exchange(m_pongMissing, true))
            m_socket.abort();
        else
            m_socket.ping();
    });
    connect(&m_socket, &QWebSocket::pong, this, [this] { m_pongMissing = false; });
    connect(&m_socket, &QWebSocket::textMessageReceived, this, &LiveChannel::receive);
    connect(&m_socket, &QWebSocket::disconnected, this, &LiveChannel::lost);
    connect(&m_socket, &QWebSocket::sslErrors, this, [this](const QList<QSslError> &errors) {
        const QSslCertificate certificate = m_socket.sslConfiguration().peerCertificate();
        const QString presented = fingerprintOf(
            certificate.isNull() && !errors.isEmpty() ? errors.first().certificate() : certificate);
        if (!m_hub.fingerprint.isEmpty() && presented == m_hub.fingerprint)
            m_socket.ignoreSslErrors(errors);
    });
}

LiveChannel::~LiveChannel()
{
    m_socket.disconnect(this);
}

void LiveChannel::open(HubAddress hub)
{
    close();
    m_hub = std::move(hub);
    m_failures = 0;
    m_problem.reset();
    connectNow();
}

void LiveChannel::close()
{
    m_retry.stop();
    m_ping.stop();
    m_results.clear();
    enter(State::Closed);
    m_socket.abort();
}

void LiveChannel::retry()
{
    if (m_state == State::Waiting || m_state == State::Refused)
        connectNow();
}

std::chrono::milliseconds LiveChannel::untilRetry() const
{
    return m_state == State::Waiting ? m_retry.remainingTimeAsDuration() : 0ms;
}

void LiveChannel::subscribe(QJsonObject command, Handler handler)
{
    m_subscriptions.push_back({ std::move(command), std::move(handler), 0 });
    if (m_state == State::Open)
        m_subscriptions.back().id = send(m_subscriptions.back().command);
}

void LiveChannel::command(QJsonObject command, const QObject *context, Handler result)
{
    if (m_state == State::Open)
        m_results[send(std::move(command))] = { context, std::move(result) };
}

void LiveChannel::connectNow()
{
    m_retry.stop();
    enter(State::Connecting);
    m_socket.open(socketUrl(m_hub.url));
}

qint64 LiveChannel::send(QJsonObject command)
{
    command[QStringLiteral("id")] = ++m_lastId;
    m_socket.sendTextMessage(
        QString::fromUtf8(QJsonDocument(command).toJson(QJsonDocument::Compact)));
    return m_lastId;
}

void LiveChannel::receive(const QString &text)
{
    const QJsonDocument document = QJsonDocument::fromJson(text.toUtf8());
    const QJsonObject message = document.object();
    const QString type = message[u"type"].toString();
    if (type == u"auth_required") {
        m_socket.sendTextMessage(QString::fromUtf8(QJsonDocument(
            QJsonObject { { QStringLiteral("type"), QStringLiteral("auth") },
                { QStringLiteral("access_token"),
                    m_hub.token } }).toJson(QJsonDocument::Compact)));
    } else if (type == u"auth_ok") {
        loggedIn();
    } else if (type == u"auth_invalid") {
        m_problem = ApiError { ApiError::Kind::Unauthorized, 401, QStringLiteral("unauthorized"),
            tr("The hub does not accept this sign-in any more. Sign in again."), {} };
        enter(State::Refused);
        m_socket.close();
    } else if (type == u"event") {
        const qint64 id = message[u"id"].toInteger();
        const auto it = std::find_if(m_subscriptions.begin(), m_subscriptions.end(),
            [id](const Subscription &s) { return s.id == id; });
        if (it != m_subscriptions.end())
            it->handler(message[u"event"].toObject());
    } else if (type == u"result") {
        const auto found = m_results.find(message[u"id"].toInteger());
        if (found == m_results.end())
            return;
        const auto [context, handler] = std::move(found->second);
        m_results.erase(found);
        if (context)
            handler(message[u"success"].toBool() ? message[u"result"].toObject()
                                                 : message[u"error"].toObject());
    }
}

void LiveChannel::loggedIn()
{
    m_failures = 0;
    m_problem.reset();
    m_pongMissing = false;
    m_ping.start();
    for (Subscription &subscription : m_subscriptions)
        subscription.id = send(subscription.command);
    enter(State::Open);
}

void LiveChannel::lost()
{
    m_ping.stop();
    m_results.clear();
    if (m_state == State::Closed || m_state == State::Refused)
        return;
    m_problem = ApiError { ApiError::Kind::Unreachable, 0, {},
        tr("The connection to %1 was lost.").arg(m_hub.url.host()), {} };
    const auto wait = std::min<std::chrono::seconds>(
        std::chrono::seconds(1 << std::min(m_failures++, 5)), longestWait);
    m_retry.start(wait);
    enter(State::Waiting);
}

void LiveChannel::enter(State state)
{
    if (std::exchange(m_state, state) != state)
        emit stateChanged();
}

} // namespace hubkeep::desktop
