#include "tests/support/wholehub.h"

#include "app/accounts.h"
#include "automation/core/timerqueue.h"

#include <QDir>
#include <QEventLoop>
#include <QNetworkAccessManager>
#include <QNetworkProxy>
#include <QNetworkReply>
#include <QTest>

namespace hubkeep::test {

WholeHub::WholeHub(const QByteArray &configuration)
    : m_network(std::make_unique<QNetworkAccessManager>())
{
    m_network->setProxy(QNetworkProxy::NoProxy);
    QDir().mkpath(dataFolder() + QStringLiteral("/config"));
    QFile file(dataFolder() + QStringLiteral("/config/hubkeep.yaml"));
    if (!file.open(QIODevice::WriteOnly))
        qFatal("cannot write the configuration");
    file.write(QByteArray(configuration).replace('@', QFile::encodeName(m_folder.path())));
    file.close();
    restart();
}

WholeHub::~WholeHub() = default;

void WholeHub::stop()
{
    m_application.reset();
}

void WholeHub::restart()
{
    stop();
    Result<std::unique_ptr<Application>> opened
        = Application::open({ dataFolder(), QStringLiteral("127.0.0.1"), quint16(0) }, m_clock);
    if (!opened)
        qFatal("the hub does not open: %s", qPrintable(opened.error().message));
    m_application = std::move(*opened);
    const Result<void> listening = m_application->listen();
    if (!listening)
        qFatal("the hub does not listen: %s", qPrintable(listening.error().message));
}

void WholeHub::setClock(const QDateTime &now)
{
    m_clock.set(now);
    m_application->timers().wake();
}

QByteArray WholeHub::tokenOf(const QString &name, bool isAdmin)
{
    Accounts &accounts = m_application->accounts();
    Result<User> user = accounts.addUser(
        name, isAdmin ? Role::Admin : Role::User, QStringLiteral("no password fits this"));
    if (!user)
        qFatal("%s", qPrintable(user.error().message));
    const Result<NewToken> token
        = accounts.addToken(user->id, QStringLiteral("test"), TokenKind::LongLived);
    if (!token)
        qFatal("%s", qPrintable(token.error().message));
    return token->secret.toLatin1();
}

QByteArray WholeHub::admin()
{
    if (m_admin.isEmpty())
        m_admin = tokenOf(QStringLiteral("test-admin"), true);
    return m_admin;
}

QByteArray WholeHub::user()
{
    if (m_user.isEmpty())
        m_user = tokenOf(QStringLiteral("test-user"), false);
    return m_user;
}

Answer WholeHub::ask(const QByteArray &method, const QString &path, const QByteArray &token,
    const QByteArray &body, const QByteArray &type, const Headers &headers)
{
    QNetworkRequest request(QUrl(m_application->url() + path, QUrl::StrictMode));
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    if (!token.isEmpty())
        request.setRawHeader("Authorization", "Bearer " + token);
    if (!body.isEmpty())
        request.setRawHeader("Content-Type", type);
    for (const auto &[name, value] : headers)
        request.setRawHeader(name, value);
    const std::unique_ptr<QNetworkReply> reply(method == "HEAD"
            ? m_network->head(request) // knows that no body comes
            : m_network->sendCustomRequest(request, method, body));
    QEventLoop loop;
    QObject::connect(reply.get(), &QNetworkReply::finished, &loop, &QEventLoop::quit);
    if (!reply->isFinished())
        loop.exec();
    Answer answer;
    answer.status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    answer.body = reply->readAll();
    answer.contentType = reply->rawHeader("Content-Type");
    for (const auto &[name, value] : reply->rawHeaderPairs())
        answer.headers.insert(name.toLower(), value);
    return answer;
}

Answer WholeHub::post(const QString &path, const QJsonObject &body)
{
    return ask("POST", path, admin(),
        body.isEmpty() ? QByteArray() : QJsonDocument(body).toJson(QJsonDocument::Compact));
}

QJsonObject WholeHub::finish()
{
    QJsonObject status;
    const bool ended = QTest::qWaitFor(
        [&] {
            status = get(QStringLiteral("/api/v1/backup/status")).json();
            return status.value(QStringLiteral("status")).toString() != u"running";
        },
        60'000);
    if (!ended)
        qFatal("the operation did not end");
    return status;
}

} // namespace hubkeep::test
