// A real HTTP server in the test's own thread that answers as it is told and keeps what it was
// sent.
//
//     HttpListener listener;
//     listener.answers = { HttpListener::answer(503), HttpListener::answer(200) };   // then 200s
//     … listener.url("/topic") …
//     QTRY_COMPARE(listener.requests.size(), 2);

#pragma once

#include <QByteArray>
#include <QHash>
#include <QJsonDocument>
#include <QJsonObject>
#include <QList>
#include <QSslConfiguration>
#include <QTcpServer>
#include <QUrl>

#include <memory>
#include <optional>

namespace hubkeep::test {

struct ReceivedRequest
{
    QByteArray method;
    QByteArray path;
    QHash<QByteArray, QByteArray> headers; // names in lower case
    QByteArray body;

    QJsonObject json() const { return QJsonDocument::fromJson(body).object(); }
};

class HttpListener
{
public:
    explicit HttpListener(quint16 port = 0); // 0: a free one
    explicit HttpListener(const QSslConfiguration &tls); // https, on a free one
    ~HttpListener();

    quint16 port() const { return m_port; }
    QString url(const QString &path) const;
    void stop(); // refuses connections, and closes those that are there
    void start(); // again, on the same port

    static QByteArray answer(
        int status, const QByteArray &body = {}, const QByteArray &headers = {});

    QList<ReceivedRequest> requests;
    QList<QByteArray> answers; // the next ones; empty: 200
    bool silent = false; // takes requests and answers nothing
    bool hangsUp = false; // closes without an answer

private:
    void take(QTcpSocket *socket);

    const std::optional<QSslConfiguration> m_tls;
    std::unique_ptr<QTcpServer> m_server;
    quint16 m_port = 0;
};

} // namespace hubkeep::test
