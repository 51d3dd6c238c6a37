// An HTTP client that sends exactly the bytes it is told to, however wrong they are, and takes
// the answers apart. Works beside the server in one thread: wait with QTRY_*.

#pragma once

#include <QHash>
#include <QTcpSocket>

namespace hubkeep::test {

struct RawAnswer
{
    int status = 0;
    QHash<QByteArray, QByteArray> headers; // names in lower case
    QByteArray body;
};

class RawClient
{
public:
    explicit RawClient(quint16 port);

    void send(const QByteArray &bytes);
    // One write, one segment a byte.
    void sendBytewise(const QByteArray &bytes);
    void stopReading() { m_socket.setReadBufferSize(1024); }
    void readOn();
    void close() { m_socket.disconnectFromHost(); }
    void abort() { m_socket.abort(); }

    bool isOpen() const { return m_socket.state() == QAbstractSocket::ConnectedState; }
    const QByteArray &received() const { return m_received; }
    // Those that came whole, "100 Continue" among them.
    QList<RawAnswer> answers() const;
    int answerCount() const { return static_cast<int>(answers().size()); }
    int status(int index = 0) const { return answers().value(index).status; }

    // Sends, waits until so many answers came or the connection was closed, says them.
    QList<RawAnswer> exchange(const QByteArray &bytes, int count = 1);

private:
    QTcpSocket m_socket;
    QByteArray m_received;
};

} // namespace hubkeep::test
