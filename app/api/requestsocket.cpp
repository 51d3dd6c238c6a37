#include "app/api/requestsocket.h"

#include "app/api/gateconnection.h"

#include <algorithm>
#include <cstring>

namespace hubkeep::api {

RequestSocket::RequestSocket(GateConnection &connection, const QHostAddress &peer, QObject *parent)
    : QTcpSocket(parent)
    , m_connection(&connection)
{
    setPeerAddress(peer);
    setSocketState(ConnectedState);
    setOpenMode(ReadWrite);
}

RequestSocket::~RequestSocket()
{
    setSocketState(UnconnectedState); // there is nothing to close
}

GateConnection *RequestSocket::connection() const
{
    return m_connection;
}

void RequestSocket::deliver(const QByteArray &request)
{
    m_request = request;
    m_offset = 0;
    emit readyRead();
}

void RequestSocket::hangUp()
{
    if (state() == UnconnectedState)
        return;
    m_connection = nullptr;
    m_request.clear();
    m_offset = 0;
    setSocketState(UnconnectedState);
    emit disconnected();
}

qint64 RequestSocket::bytesAvailable() const
{
    return QTcpSocket::bytesAvailable() + m_request.size() - m_offset;
}

void RequestSocket::disconnectFromHost()
{
    if (m_connection)
        m_connection->hangUp();
}

void RequestSocket::close()
{
    disconnectFromHost();
}

qint64 RequestSocket::readData(char *data, qint64 size)
{
    const qint64 taken = std::min<qint64>(size, m_request.size() - m_offset);
    std::memcpy(data, m_request.constData() + m_offset, static_cast<size_t>(taken));
    m_offset += taken;
    return taken;
}

qint64 RequestSocket::skipData(qint64 size)
{
    const qint64 taken = std::min<qint64>(size, m_request.size() - m_offset);
    m_offset += taken;
    return taken;
}

qint64 RequestSocket::writeData(const char *data, qint64 size)
{
    if (m_connection)
        m_connection->write(QByteArrayView(data, size));
    return size;
}

} // namespace hubkeep::api

#include "moc_requestsocket.cpp"
