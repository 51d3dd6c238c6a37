// Sends one request at a time to other people's servers, and says how it went in a sentence.
//
//     m_exchange = client.send({ "POST", url, headers, body }, [](const Attempt &attempt) { … });
//
// Certificates are verified: by the system's authorities, and by those in the file that the
// environment's SSL_CERT_FILE names, for servers that one's own authority vouches for. Redirects
// are followed only where they keep method and body (307, 308) and stay on the same scheme, host
// and port: a POST that becomes a GET has told nobody.
// An answer is read up to 64 KiB. No cookies. What never works: 4xx, but for 408, 425 and 429.
//
// Main thread. The client outlives its exchanges.

#pragma once

#include "integrations/notify/notifier.h"

#include <QByteArray>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QObject>
#include <QPair>
#include <QSslConfiguration>
#include <QTimer>
#include <QUrl>

#include <memory>
#include <optional>

namespace hubkeep::notify {

struct HttpRequest
{
    QByteArray method;
    QUrl url; // without user and password
    QList<QPair<QByteArray, QByteArray>> headers;
    QByteArray body;
};

class HttpClient;

// Destroying it breaks the connection off.
class HttpExchange : public QObject
{
    Q_OBJECT

public:
    ~HttpExchange() override;

private:
    friend class HttpClient;
    HttpExchange(HttpClient &client, HttpRequest request, Notifier::Done done);

    void ask();
    void read();
    void finished();
    void redirected(int status);
    void leave(); // the reply
    void end(const Attempt &attempt);
    Attempt failed() const; // without an answer
    Attempt answered(int status) const;

    HttpClient &m_client;
    HttpRequest m_request;
    Notifier::Done m_done;
    QNetworkReply *m_reply = nullptr;
    QByteArray m_answer;
    QTimer m_deadline;
    int m_redirects = 0;
};

class HttpClient
{
public:
    // For the whole exchange, redirects included.
    explicit HttpClient(std::chrono::milliseconds timeout = std::chrono::seconds(30))
        : m_timeout(timeout)
    {
    }

    // done is called once, never from inside send().
    std::unique_ptr<HttpExchange> send(HttpRequest request, Notifier::Done done);

private:
    friend class HttpExchange;
    // Both made at first use: the one costs a thread, the other a file.
    QNetworkAccessManager &network();
    const QSslConfiguration &tls();

    const std::chrono::milliseconds m_timeout;
    std::unique_ptr<QNetworkAccessManager> m_network;
    std::optional<QSslConfiguration> m_tls;
};

// "host" or "host:8443": all of an address that may be shown.
QString hostOf(const QUrl &url);

} // namespace hubkeep::notify
