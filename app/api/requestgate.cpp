#include "app/api/requestgate.h"

#include "app/api/gateconnection.h"
#include "app/api/requestsocket.h"

#include <QLoggingCategory>
#include <QSslSocket>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hubkeep::api {

Q_LOGGING_CATEGORY(gateLog, "hubkeep.api.gate")

namespace {

constexpr size_t MostTurnedAway = 256;
constexpr rlim_t FilesOfOthers = 256; // backups, databases, WebSockets

GateLimits withinFileLimit(GateLimits limits)
{
    rlimit files;
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY) {
        const rlim_t room = files.rlim_cur > 2 * FilesOfOthers + MostTurnedAway
            ? files.rlim_cur - FilesOfOthers - MostTurnedAway
            : files.rlim_cur / 4;
        limits.connections = static_cast<int>(std::min<rlim_t>(limits.connections, room));
    }
    return limits;
}

// Without waiting: what does not fit into the socket's buffer is not worth it.
void sendAndShut(int descriptor, const QByteArray &bytes)
{
    char unread[4096];
    while (::recv(descriptor, unread, sizeof unread, MSG_DONTWAIT) > 0) { }
    ::send(descriptor, bytes.constData(), static_cast<size_t>(bytes.size()),
        MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(descriptor, SHUT_WR);
}

// Closing with bytes unread would tell the client of a broken connection instead.
void drainAndClose(int descriptor)
{
    char unread[4096];
    for (int i = 0; i < 64 && ::recv(descriptor, unread, sizeof unread, MSG_DONTWAIT) > 0; ++i) { }
    ::close(descriptor);
}

QHostAddress peerOf(int descriptor)
{
    sockaddr_storage address {};
    socklen_t size = sizeof address;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr *>(&address), &size) != 0)
        return {};
    QHostAddress peer(reinterpret_cast<const sockaddr *>(&address));
    bool isIPv4 = false;
    const quint32 ipv4 = peer.toIPv4Address(&isIPv4);
    return isIPv4 ? QHostAddress(ipv4) : peer; // also where it was mapped into IPv6
}

} // namespace

RequestGate::RequestGate(Doorkeeper &doorkeeper, const GateLimits &limits, QObject *parent)
    : QTcpServer(parent)
    , m_doorkeeper(doorkeeper)
    , m_limits(withinFileLimit(limits))
{
    setListenBacklogSize(1024);
    setMaxPendingConnections(m_limits.connections + 1);
    const auto shortest
        = std::min({ limits.headTime, limits.stallTime, limits.idleTime, limits.lingerTime });
    m_timer.setInterval(std::clamp<std::chrono::milliseconds>(
        shortest / 4, std::chrono::milliseconds(5), std::chrono::seconds(1)));
    connect(&m_timer, &QTimer::timeout, this, &RequestGate::tick);
}

RequestGate::~RequestGate()
{
    for (GateConnection *connection : std::exchange(m_connections, {}))
        delete connection;
    for (const TurnedAway &client : m_turnedAway)
        ::close(client.descriptor);
}

bool RequestGate::isFull(const QHostAddress &peer) const
{
    const int most = peer.isLoopback() ? m_limits.connectionsOfOneAddress
                                       : (m_limits.connectionsOfOneAddress + 1) / 2;
    return static_cast<int>(m_connections.size()) >= m_limits.connections
        || m_ofAddress.value(peer) >= most;
}

void RequestGate::incomingConnection(qintptr handle)
{
    const int descriptor = static_cast<int>(handle);
    const QHostAddress peer = peerOf(descriptor);
    if (!m_timer.isActive())
        m_timer.start();
    if (m_retiring || isFull(peer))
        return turnAway(descriptor);

    QTcpSocket *socket = m_tls ? new QSslSocket : new QTcpSocket;
    if (!socket->setSocketDescriptor(handle)) {
        delete socket;
        ::close(descriptor);
        return;
    }
    auto *connection = new GateConnection(socket, peer, *this);
    m_connections.insert(connection);
    ++m_ofAddress[peer];
    connection->start(m_tls);
}

void RequestGate::turnAway(int descriptor)
{
    if (m_tls) { // a handshake is more than we have for it
        ::close(descriptor);
        return;
    }
    const QByteArray body = errorBody("unavailable",
        m_retiring ? QStringLiteral("The hub is stopping")
                   : QStringLiteral("There are too many connections; try again in a while"));
    sendAndShut(descriptor,
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 5\r\n"
        "Connection: close\r\nContent-Length: "
            + QByteArray::number(body.size()) + "\r\n\r\n" + body);
    if (m_turnedAway.size() >= MostTurnedAway) {
        drainAndClose(m_turnedAway.front().descriptor);
        m_turnedAway.pop_front();
    }
    m_turnedAway.push_back({ descriptor, QDeadlineTimer(m_limits.lingerTime) });
}

void RequestGate::present(RequestSocket *socket)
{
    addPendingConnection(socket);
    emit newConnection();
}

void RequestGate::forget(GateConnection *connection)
{
    if (m_connections.erase(connection) == 0)
        return;
    const auto count = m_ofAddress.find(connection->peer());
    if (--*count == 0)
        m_ofAddress.erase(count);
    if (m_retiring && m_connections.empty())
        emit drained();
}

void RequestGate::tick()
{
    while (!m_turnedAway.empty() && m_turnedAway.front().until.hasExpired()) {
        drainAndClose(m_turnedAway.front().descriptor);
        m_turnedAway.pop_front();
    }
    const std::vector<GateConnection *> connections(m_connections.begin(), m_connections.end());
    for (GateConnection *connection : connections)
        connection->expire();
    if (m_connections.empty() && m_turnedAway.empty())
        m_timer.stop();
}

void RequestGate::retire()
{
    m_retiring = true;
    close();
    const std::vector<GateConnection *> connections(m_connections.begin(), m_connections.end());
    for (GateConnection *connection : connections)
        connection->retire();
    if (m_connections.empty())
        QMetaObject::invokeMethod(this, &RequestGate::drained, Qt::QueuedConnection);
}

} // namespace hubkeep::api

#include "moc_requestgate.cpp"
