#include "tests/support/rawclient.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QHostAddress>
#include <QTimer>

namespace hubkeep::test {

RawClient::RawClient(quint16 port)
{
    QObject::connect(&m_socket, &QTcpSocket::readyRead, &m_socket, [this] {
        if (m_socket.readBufferSize() == 0)
            m_received += m_socket.readAll();
    });
    m_socket.setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_socket.connectToHost(QHostAddress(QHostAddress::LocalHost), port);
    m_socket.waitForConnected();
}

void RawClient::send(const QByteArray &bytes)
{
    m_socket.write(bytes);
    m_socket.flush();
}

void RawClient::readOn()
{
    m_socket.setReadBufferSize(0);
    m_received += m_socket.readAll();
}

void RawClient::sendBytewise(const QByteArray &bytes)
{
    for (const char c : bytes) {
        m_socket.write(&c, 1);
        m_socket.flush();
        QCoreApplication::processEvents();
    }
}

QList<RawAnswer> RawClient::answers() const
{
    QList<RawAnswer> answers;
    QByteArray rest = m_received;
    for (;;) {
        const qsizetype end = rest.indexOf("\r\n\r\n");
        if (end < 0)
            return answers;
        RawAnswer answer;
        const QList<QByteArray> lines = rest.left(end).split('\n');
        answer.status = lines.first().split(' ').value(1).toInt();
        for (const QByteArray &line : lines.mid(1)) {
            const qsizetype colon = line.indexOf(':');
            answer.headers.insert(line.left(colon).toLower(), line.mid(colon + 1).trimmed());
        }
        const qsizetype length = answer.headers.value("content-length", "0").toLongLong();
        if (rest.size() < end + 4 + length)
            return answers;
        answer.body = rest.mid(end + 4, length);
        rest = rest.mid(end + 4 + length);
        answers.append(answer);
    }
}

QList<RawAnswer> RawClient::exchange(const QByteArray &bytes, int count)
{
    send(bytes);
    QEventLoop loop;
    QTimer limit;
    limit.setSingleShot(true);
    QObject::connect(&limit, &QTimer::timeout, &loop, &QEventLoop::quit);
    QObject::connect(&m_socket, &QTcpSocket::readyRead, &loop, &QEventLoop::quit);
    QObject::connect(&m_socket, &QTcpSocket::disconnected, &loop, &QEventLoop::quit);
    limit.start(std::chrono::seconds(10));
    while (answerCount() < count && isOpen() && limit.isActive())
        loop.exec();
    return answers();
}

} // namespace hubkeep::test
