#include "qml/client/apiclient.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QPointer>
#include <QSaveFile>
#include <QSslCertificate>
#include <QSslConfiguration>

#include <chrono>
#include <memory>

namespace hubkeep::desktop {

namespace {

// Between two bytes; a hub that lists a slow remote takes its time.
constexpr std::chrono::milliseconds patience = std::chrono::minutes(1);

// Qt's own sentences name URLs with everything in them; these say what to do.
ApiError unreachable(const QUrl &url, QNetworkReply::NetworkError code, const QString &detail)
{
    const QString where = url.toString(QUrl::RemovePath | QUrl::RemoveQuery | QUrl::RemoveUserInfo);
    ApiError error { ApiError::Kind::Unreachable, 0, {}, {}, {} };
    switch (code) {
    case QNetworkReply::ConnectionRefusedError:
        error.message = ApiClient::tr("Nothing answers at %1. Is the hub running?").arg(where);
        break;
    case QNetworkReply::HostNotFoundError:
        error.message
            = ApiClient::tr("There is no computer called %1. Check the address, and the network.")
                  .arg(url.host());
        break;
    case QNetworkReply::TimeoutError:
    case QNetworkReply::OperationCanceledError:
        error.message = ApiClient::tr("The hub at %1 did not answer in time. Check the network, "
                                      "and whether the hub is running.")
                            .arg(where);
        break;
    default:
        error.message = ApiClient::tr("The hub at %1 could not be reached (%2). Check the network, "
                                      "and whether the hub is running.")
                            .arg(where, detail);
    }
    return error;
}

ApiError untrusted(const QUrl &url, const QString &fingerprint)
{
    return { ApiError::Kind::Untrusted, 0, {},
        ApiClient::tr("Nobody vouches for the certificate of %1. Compare its fingerprint with the "
                      "hub's before you trust it.")
            .arg(url.host()),
        fingerprint };
}

QString contentTypeOf(const QNetworkReply *reply)
{
    return reply->header(QNetworkRequest::ContentTypeHeader)
        .toString()
        .section(u';', 0, 0)
        .trimmed()
        .toLower();
}

} // namespace

QString fingerprintOf(const QSslCertificate &certificate)
{
    return QString::fromLatin1(certificate.digest(QCryptographicHash::Sha256).toHex());
}

ApiClient::ApiClient(QObject *parent)
    : QObject(parent)
{
    m_network.setAutoDeleteReplies(true);
    // A token must not follow a redirect to somebody else.
    m_network.setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
    m_network.setTransferTimeout(int(patience.count()));
}

ApiClient::~ApiClient() = default;

void ApiClient::setHub(HubAddress hub)
{
    if (hub == m_hub)
        return;
    m_hub = std::move(hub);
    ++m_generation;
    // A kept connection was made by the old address's trust.
    m_network.clearConnectionCache();
}

QNetworkRequest ApiClient::request(const QString &path) const
{
    // The path comes with its query, already encoded.
    QUrl url(m_hub.url.toString(
                 QUrl::RemovePath | QUrl::RemoveQuery | QUrl::RemoveFragment | QUrl::RemoveUserInfo)
            + path,
        QUrl::StrictMode);
    QNetworkRequest request(url);
    if (!m_hub.token.isEmpty())
        request.setRawHeader("Authorization", "Bearer " + m_hub.token.toUtf8());
    request.setRawHeader("Accept", "application/json, */*;q=0.5");
    return request;
}

void ApiClient::watchCertificate(QNetworkReply *reply)
{
    connect(reply, &QNetworkReply::sslErrors, reply, [this, reply](const QList<QSslError> &errors) {
        const QString presented = fingerprintOf(reply->sslConfiguration().peerCertificate());
        if (!m_hub.fingerprint.isEmpty() && presented == m_hub.fingerprint)
            reply->ignoreSslErrors(errors);
        else
            reply->setProperty("untrusted", presented);
    });
}

ApiAnswer ApiClient::answerOf(QNetworkReply *reply, QByteArray bytes) const
{
    ApiAnswer answer;
    answer.contentType = contentTypeOf(reply);
    answer.bytes = std::move(bytes);
    const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (const QString presented = reply->property("untrusted").toString(); !presented.isEmpty()) {
        answer.error = untrusted(reply->url(), presented);
        return answer;
    }
    if (status == 0) {
        answer.error = unreachable(reply->url(), reply->error(), reply->errorString());
        return answer;
    }

    const bool json = answer.contentType == u"application/json";
    if (json) {
        const QJsonDocument document = QJsonDocument::fromJson(answer.bytes);
        answer.body
            = document.isArray() ? QJsonValue(document.array()) : QJsonValue(document.object());
    }
    if (status >= 200 && status < 300 && reply->error() == QNetworkReply::NoError)
        return answer;

    if (status >= 200 && status < 300) { // it began well, and broke off
        answer.error = unreachable(reply->url(), reply->error(), reply->errorString());
        return answer;
    }
    ApiError error { ApiError::Kind::Refused, status, answer.body[u"code"].toString(),
        answer.body[u"message"].toString(), {} };
    if (status == 401)
        error.kind = ApiError::Kind::Unauthorized;
    else if (status == 403)
        error.kind = ApiError::Kind::Forbidden;
    if (error.message.isEmpty()) {
        error.kind
            = error.kind == ApiError::Kind::Refused ? ApiError::Kind::Unreadable : error.kind;
        error.message
            = tr("What answers at %1 is not a HubKeep hub (HTTP status %2). Check the address.")
                  .arg(reply->url().toString(QUrl::RemovePath | QUrl::RemoveQuery),
                      QString::number(status));
    }
    answer.error = error;
    return answer;
}

void ApiClient::get(const QString &path, const QObject *context, Callback callback)
{
    send("GET", path, QJsonValue(QJsonValue::Undefined), context, std::move(callback));
}

void ApiClient::send(const QByteArray &method, const QString &path, const QJsonValue &body,
    const QObject *context, Callback callback, const QHash<QByteArray, QByteArray> &headers)
{
    QNetworkRequest toSend = request(path);
    for (auto header = headers.cbegin(); header != headers.cend(); ++header)
        toSend.setRawHeader(header.key(), header.value());
    QByteArray bytes;
    if (body.isString()) {
        bytes = body.toString().toUtf8();
        toSend.setHeader(QNetworkRequest::ContentTypeHeader, QByteArrayLiteral("application/yaml"));
    } else if (!body.isUndefined()) {
        bytes = body.isArray() ? QJsonDocument(body.toArray()).toJson(QJsonDocument::Compact)
                               : QJsonDocument(body.toObject()).toJson(QJsonDocument::Compact);
        toSend.setHeader(QNetworkRequest::ContentTypeHeader, QByteArrayLiteral("application/json"));
    } else if (method == "POST") {
        toSend.setHeader(QNetworkRequest::ContentTypeHeader, QByteArrayLiteral("application/json"));
    }

    QNetworkReply *reply = m_network.sendCustomRequest(toSend, method, bytes);
    watchCertificate(reply);
    const quint64 generation = m_generation;
    connect(reply, &QNetworkReply::finished, context,
        [this, reply, generation, callback = std::move(callback)] {
            if (generation == m_generation)
                callback(answerOf(reply, reply->readAll()));
        });
}

void ApiClient::download(const QString &path, const QString &file, const QByteArray &accept,
    const QObject *context, std::function<void(qint64, qint64)> progress, Callback callback)
{
    auto target = std::make_shared<QSaveFile>(file);
    if (!target->open(QIODevice::WriteOnly)) {
        const ApiAnswer refused { {}, {}, {},
            ApiError { ApiError::Kind::Refused, 0, QStringLiteral("io"),
                tr("%1 could not be written: %2. Choose another folder.")
                    .arg(file, target->errorString()),
                {} } };
        QMetaObject::invokeMethod(
            const_cast<QObject *>(context), [callback, refused] { callback(refused); },
            Qt::QueuedConnection);
        return;
    }

    QNetworkRequest toSend = request(path);
    if (!accept.isEmpty())
        toSend.setRawHeader("Accept", accept);
    QNetworkReply *reply = m_network.get(toSend);
    reply->setReadBufferSize(4 << 20);
    watchCertificate(reply);
    // An error's body is short and is kept for its sentence.
    auto problem = std::make_shared<QByteArray>();
    const auto take = [reply, target, problem] {
        const QByteArray bytes = reply->readAll();
        if (reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt() != 200)
            problem->append(bytes.left((64 << 10) - problem->size()));
        else if (target->write(bytes) != bytes.size())
            reply->abort();
    };
    connect(reply, &QIODevice::readyRead, this, take);
    if (progress)
        connect(reply, &QNetworkReply::downloadProgress, context, std::move(progress));
    const quint64 generation = m_generation;
    // The window may be closed in between; the file is whole or not there either way.
    connect(reply, &QNetworkReply::finished, context, [=, this, callback = std::move(callback)] {
        take();
        ApiAnswer answer = answerOf(reply, *problem);
        const QString failure
            = target->error() != QFileDevice::NoError ? target->errorString() : QString();
        if (!failure.isEmpty() || (!answer.error && !target->commit())) {
            answer.error = ApiError { ApiError::Kind::Refused, 0, QStringLiteral("io"),
                tr("%1 could not be written: %2. Free some space, or choose another folder.")
                    .arg(file, failure.isEmpty() ? target->errorString() : failure),
                {} };
        } else if (answer.error) {
            target->cancelWriting();
        }
        if (generation == m_generation)
            callback(answer);
    });
}

} // namespace hubkeep::desktop
