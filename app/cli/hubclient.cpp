#include "app/cli/hubclient.h"

#include "automation/core/errorcode.h"

#include <QEventLoop>
#include <QFile>
#include <QNetworkAccessManager>
#include <QNetworkProxy>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QTimer>

namespace hubkeep::cli {
namespace {

// What a hub answered with. Some refusals have a code of their own, which says more than is asked
// for here: "too_many_attempts".
ErrorCode codeOf(const QString &name, int status)
{
    constexpr int tooManyRequests = 429;
    return errorCodeNamed(name).value_or(
        status == tooManyRequests ? ErrorCode::Unavailable : ErrorCode::Io);
}

} // namespace

HubClient::HubClient(RunningHub hub, JobControl &control)
    : m_hub(std::move(hub))
    , m_control(control)
    , m_network(std::make_unique<QNetworkAccessManager>())
{
    m_network->setProxy(QNetworkProxy::NoProxy);
}

HubClient::~HubClient() = default;
HubClient::HubClient(HubClient &&) noexcept = default;

Result<HubClient> HubClient::running(const QString &dataFolder, JobControl &control)
{
    Result<RunningHub> hub = readRunningFile(DataFolder(dataFolder));
    if (!hub)
        return hub.error();
    return HubClient(std::move(*hub), control);
}

QNetworkRequest HubClient::request(const QString &path) const
{
    QNetworkRequest request(QUrl(m_hub.url + path));
    request.setRawHeader("Authorization", "Bearer " + m_hub.token.toLatin1());
    request.setHeader(QNetworkRequest::ContentTypeHeader, QStringLiteral("application/json"));
    if (!m_hub.certificate.isEmpty()) {
        // The hub's own certificate is known from its data folder, whatever it says of hosts.
        QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
        tls.setCaCertificates(QSslCertificate::fromPath(m_hub.certificate));
        tls.setPeerVerifyMode(QSslSocket::VerifyPeer);
        request.setSslConfiguration(tls);
        request.setPeerVerifyName({});
    }
    return request;
}

Result<QJsonDocument> HubClient::get(const QString &path)
{
    return wait(m_network->get(request(path)));
}

Result<QJsonDocument> HubClient::post(const QString &path, const QJsonObject &body)
{
    return wait(m_network->post(request(path), QJsonDocument(body).toJson(QJsonDocument::Compact)));
}

Result<QJsonDocument> HubClient::remove(const QString &path)
{
    return wait(m_network->deleteResource(request(path)));
}

Result<QJsonDocument> HubClient::wait(QNetworkReply *started)
{
    const std::unique_ptr<QNetworkReply> reply(started);
    const QString certificate = m_hub.certificate;
    QObject::connect(
        reply.get(), &QNetworkReply::sslErrors, reply.get(), [&](const QList<QSslError> &errors) {
            // Its name may be any, its key not.
            const auto known = QSslCertificate::fromPath(certificate);
            if (!known.isEmpty() && known.first() == reply->sslConfiguration().peerCertificate())
                reply->ignoreSslErrors(errors);
        });
    QEventLoop loop;
    QObject::connect(reply.get(), &QNetworkReply::finished, &loop, &QEventLoop::quit);
    QTimer cancelled;
    QObject::connect(&cancelled, &QTimer::timeout, reply.get(), [&] {
        if (m_control.cancelled())
            reply->abort();
    });
    cancelled.start(std::chrono::milliseconds(100));
    if (!reply->isFinished())
        loop.exec();
    if (m_control.cancelled())
        return JobControl::cancelledError();
    const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status == 0)
        return Error { ErrorCode::Unavailable,
            QStringLiteral("Asking the hub at %1: %2; is it running?")
                .arg(m_hub.url, reply->errorString()) };
    const QByteArray body = reply->readAll();
    const QJsonDocument document = QJsonDocument::fromJson(body);
    if (status < 300)
        return document;
    const QString message = document.object().value(QStringLiteral("message")).toString();
    const QString code = document.object().value(QStringLiteral("code")).toString();
    return Error { codeOf(code, status),
        message.isEmpty() ? QStringLiteral("The hub at %1 answered %2").arg(m_hub.url).arg(status)
                          : message };
}

} // namespace hubkeep::cli
