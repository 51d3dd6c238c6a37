#include "tests/support/httplistener.h"

#include <QHostAddress>
#include <QSslServer>
#include <QTcpSocket>

namespace hubkeep::test {

HttpListener::HttpListener(quint16 port)
    : m_port(port)
{
    start();
}

HttpListener::HttpListener(const QSslConfiguration &tls)
    : m_tls(tls)
{
    start();
}

HttpListener::~HttpListener() = default;

void HttpListener::start()
{
    if (m_tls) {
        auto server = std::make_unique<QSslServer>();
        server->setSslConfiguration(*m_tls);
        m_server = std::move(server);
    } else {
        m_server = std::make_unique<QTcpServer>();
    }
    if (!m_server->listen(QHostAddress::LocalHost, m_port))
        qFatal("the test's server does not listen: %s", qPrintable(m_server->errorString()));
    m_port = m_server->serverPort();
    QObject::connect(
        m_server.get(), &QTcpServer::pendingConnectionAvailable, m_server.get(), [this] {
            while (QTcpSocket *socket = m_server->nextPendingConnection())
                QObject::connect(
                    socket, &QTcpSocket::readyRead, socket, [this, socket] { take(socket); });
        });
}

void HttpListener::stop()
{
    m_server.reset(); // its sockets are its children
}

QString HttpListener::url(const QString &path) const
{
    return QStringLiteral("%1://127.0.0.1:%2%3")
        .arg(m_tls ? QLatin1String("https") : QLatin1String("http"))
        .arg(m_port)
        .arg(path);
}

QByteArray HttpListener::answer(int status, const QByteArray &body, const QByteArray &headers)
{
    return "HTTP/1.1 " + QByteArray::number(status) + " Reason\r\nContent-Length: "
        + QByteArray::number(body.size()) + "\r\n" + headers + "\r\n" + body;
}

void HttpListener::take(QTcpSocket *socket)
{
    const QByteArray bytes = socket->peek(1024 * 1024);
    const qsizetype end = bytes.indexOf("\r\n\r\n");
    if (end < 0)
        return;
    ReceivedRequest request;
    const QList<QByteArray> lines = bytes.left(end).split('\n');
    request.method = lines.first().split(' ').value(0);
    request.path = lines.first().split(' ').value(1);
    for (const QByteArray &line : lines.mid(1)) {
        const qsizetype colon = line.indexOf(':');
        request.headers.insert(line.left(colon).trimmed().toLower(), line.mid(colon + 1).trimmed());
    }
    const qsizetype size = request.headers.value("content-length").toLongLong();
    if (bytes.size() < end + 4 + size)
        return;
    request.body = bytes.mid(end + 4, size);
    socket->read(end + 4 + size);
    requests.append(request);
    if (silent)
        return;
    if (hangsUp)
        return socket->abort();
    socket->write(answers.isEmpty() ? answer(200, "{}") : answers.takeFirst());
}

} // namespace hubkeep::test
