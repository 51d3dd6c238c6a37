#include "integrations/notify/httpclient.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <QLoggingCategory>

#include <algorithm>
#include <utility>

namespace hubkeep::notify {
namespace {

Q_LOGGING_CATEGORY(notifyLog, "hubkeep.notify")

using Outcome = Attempt::Outcome;

constexpr qsizetype longestAnswer = 64 * 1024;
constexpr qsizetype longestReason = 200;
constexpr int mostRedirects = 5;

bool sameOrigin(const QUrl &a, const QUrl &b)
{
    const int defaultPort = a.scheme() == QLatin1String("https") ? 443 : 80;
    return a.scheme() == b.scheme() && a.host() == b.host()
        && a.port(defaultPort) == b.port(defaultPort);
}

// Of a server's error, what people can read: one line.
QString reasonIn(const QByteArray &answer)
{
    const QJsonObject object = QJsonDocument::fromJson(answer).object();
    QString reason;
    for (const char *name : { "error", "message", "errorDescription", "detail", "description" }) {
        const QJsonValue value = object.value(QLatin1String(name));
        reason = value.isObject() ? value.toObject().value(QLatin1String("message")).toString()
                                  : value.toString();
        if (!reason.isEmpty())
            break;
    }
    if (reason.isEmpty() && object.isEmpty() && !answer.trimmed().startsWith('<'))
        reason = QString::fromUtf8(answer.left(4 * longestReason)).section(u'\n', 0, 0);
    reason = reason.simplified();
    return reason.size() > longestReason ? reason.left(longestReason) + u'…' : reason;
}

// "120", or a date as HTTP has them.
void readRetryAfter(const QByteArray &header, Attempt &attempt)
{
    bool isNumber = false;
    const int seconds = header.trimmed().toInt(&isNumber);
    if (isNumber) {
        attempt.wait = std::chrono::seconds(std::clamp(seconds, 0, 24 * 3600));
        return;
    }
    attempt.notBefore = QLocale::c().toDateTime(
        QString::fromLatin1(header.trimmed()), QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'"));
    attempt.notBefore.setTimeSpec(Qt::UTC);
}

} // namespace

QString hostOf(const QUrl &url)
{
    const QString host = url.host();
    return url.port() < 0 ? host : QStringLiteral("%1:%2").arg(host).arg(url.port());
}

QNetworkAccessManager &HttpClient::network()
{
    if (!m_network) {
        m_network = std::make_unique<QNetworkAccessManager>();
        m_network->setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
    }
    return *m_network;
}

// Qt looks at the system's places alone.
const QSslConfiguration &HttpClient::tls()
{
    if (!m_tls) {
        m_tls = QSslConfiguration::defaultConfiguration();
        const QString more = qEnvironmentVariable("SSL_CERT_FILE");
        if (!more.isEmpty() && !m_tls->addCaCertificates(more))
            qCWarning(notifyLog).noquote()
                << QStringLiteral("SSL_CERT_FILE names %1, in which there is no certificate; the "
                                  "system's authorities alone are trusted")
                       .arg(more);
    }
    return *m_tls;
}

std::unique_ptr<HttpExchange> HttpClient::send(HttpRequest request, Notifier::Done done)
{
    return std::unique_ptr<HttpExchange>(
        new HttpExchange(*this, std::move(request), std::move(done)));
}

HttpExchange::HttpExchange(HttpClient &client, HttpRequest request, Notifier::Done done)
    : m_client(client)
    , m_request(std::move(request))
    , m_done(std::move(done))
{
    m_deadline.setSingleShot(true);
    m_deadline.callOnTimeout(this, [this] {
        leave();
        end({ Outcome::Later,
            QStringLiteral("%1 did not answer within %2 s")
                .arg(hostOf(m_request.url))
                .arg(double(m_client.m_timeout.count()) / 1000) });
    });
    m_deadline.start(m_client.m_timeout);
    ask();
}

HttpExchange::~HttpExchange()
{
    leave();
}

void HttpExchange::ask()
{
    QNetworkRequest request(m_request.url);
    if (m_request.url.scheme() == u"https")
        request.setSslConfiguration(m_client.tls());
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    for (const auto attribute :
        { QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::CookieSaveControlAttribute,
            QNetworkRequest::AuthenticationReuseAttribute })
        request.setAttribute(attribute, QNetworkRequest::Manual);
    request.setRawHeader("User-Agent", "HubKeep/" HUBKEEP_VERSION);
    for (const auto &[name, value] : m_request.headers)
        request.setRawHeader(name, value);
    m_answer.clear();
    m_reply = m_client.network().sendCustomRequest(request, m_request.method, m_request.body);
    m_reply->setReadBufferSize(longestAnswer);
    connect(m_reply, &QNetworkReply::readyRead, this, &HttpExchange::read);
    connect(m_reply, &QNetworkReply::finished, this, &HttpExchange::finished);
}

void HttpExchange::read()
{
    m_answer += m_reply->read(longestAnswer - m_answer.size());
    if (m_answer.size() >= longestAnswer)
        finished(); // the status is known, and no more of this is wanted
}

void HttpExchange::finished()
{
    const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (m_answer.size() < longestAnswer)
        m_answer += m_reply->read(longestAnswer - m_answer.size());
    if (status == 0)
        return end(failed());
    // A body that broke off does not undo what the head says.
    if (status >= 300 && status < 400)
        return redirected(status);
    end(answered(status));
}

void HttpExchange::redirected(int status)
{
    const QUrl target = m_request.url.resolved(
        QUrl::fromEncoded(m_reply->rawHeader("Location"), QUrl::StrictMode));
    const bool keepsRequest = status == 307 || status == 308;
    if (keepsRequest && target.isValid() && sameOrigin(target, m_request.url)
        && ++m_redirects <= mostRedirects) {
        leave();
        m_request.url = target;
        return ask();
    }
    end({ Outcome::Never,
        QStringLiteral("%1 answered %2 and points to another address (on %3); write that one into "
                       "the notifier's url")
            .arg(hostOf(m_request.url))
            .arg(status)
            .arg(target.host().isEmpty() ? QStringLiteral("no host") : hostOf(target)) });
}

void HttpExchange::leave()
{
    if (!m_reply)
        return;
    m_reply->disconnect(this);
    m_reply->abort();
    m_reply->deleteLater(); // the network's child, so it goes with that at the latest
    m_reply = nullptr;
}

void HttpExchange::end(const Attempt &attempt)
{
    leave();
    m_deadline.stop();
    const Notifier::Done done = std::move(m_done);
    done(attempt); // may destroy this
}

Attempt HttpExchange::failed() const
{
    const QString host = hostOf(m_request.url);
    const auto later = [](const QString &why) { return Attempt { Outcome::Later, why }; };
    switch (m_reply->error()) {
    case QNetworkReply::HostNotFoundError:
        return later(QStringLiteral("There is no host %1, or no way to ask for it").arg(host));
    case QNetworkReply::ConnectionRefusedError:
        return later(QStringLiteral("%1 refused the connection").arg(host));
    case QNetworkReply::RemoteHostClosedError:
        return later(QStringLiteral("%1 closed the connection without an answer").arg(host));
    case QNetworkReply::SslHandshakeFailedError:
        return later(QStringLiteral("%1 cannot be trusted: %2; check its certificate")
                         .arg(host, m_reply->errorString()));
    case QNetworkReply::ProtocolUnknownError:
    case QNetworkReply::ProtocolInvalidOperationError:
        return {
            Outcome::Never,
            QStringLiteral("The address on %1 cannot be asked; check the notifier's url").arg(host)
        };
    default:
        // Qt's words may hold the whole address.
        return later(
            QStringLiteral("Asking %1 failed (network error %2)").arg(host).arg(m_reply->error()));
    }
}

Attempt HttpExchange::answered(int status) const
{
    if (status >= 200 && status < 300)
        return {};
    QString reason = reasonIn(m_answer);
    if (reason.isEmpty())
        reason
            = m_reply->attribute(QNetworkRequest::HttpReasonPhraseAttribute).toString().left(100);
    const bool helps = status == 408 || status == 425 || status == 429 || status >= 500;
    Attempt attempt { helps ? Outcome::Later : Outcome::Never,
        QStringLiteral("%1 answered %2%3")
            .arg(hostOf(m_request.url))
            .arg(status)
            .arg(reason.isEmpty() ? QString() : QStringLiteral(": ") + reason) };
    if (helps && m_reply->hasRawHeader("Retry-After"))
        readRetryAfter(m_reply->rawHeader("Retry-After"), attempt);
    return attempt;
}

} // namespace hubkeep::notify
