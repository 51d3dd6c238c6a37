#include "integrations/notify/webhooknotifier.h"

#include "integrations/notify/ntfynotifier.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

namespace hubkeep::notify {
namespace {

QString text(const QVariantMap &map, const char *name)
{
    return map.value(QString::fromLatin1(name)).toString();
}

// QJsonDocument writes only lists and objects.
QByteArray toBytes(const QJsonValue &value)
{
    const QByteArray list = QJsonDocument(QJsonArray { value }).toJson(QJsonDocument::Compact);
    return list.mid(1, list.size() - 2);
}

QJsonObject defaultDocument(const Notification &notification)
{
    return { { QStringLiteral("title"),
                 notification.title.isEmpty() ? QJsonValue(QJsonValue::Null)
                                              : QJsonValue(notification.title) },
        { QStringLiteral("message"), notification.message },
        { QStringLiteral("data"), QJsonObject::fromVariantMap(notification.data) } };
}

} // namespace

QString headerProblem(const QString &name, const QString &value)
{
    static const QRegularExpression token(QStringLiteral("\\A[A-Za-z0-9!#$%&'*+.^_`|~-]+\\z"));
    static const QRegularExpression printable(QStringLiteral("\\A[\\t\\x20-\\x7e]*\\z"));
    static const QStringList own { QStringLiteral("host"), QStringLiteral("content-length"),
        QStringLiteral("transfer-encoding"), QStringLiteral("connection") };
    if (!token.match(name).hasMatch())
        return QStringLiteral("is no header's name");
    if (own.contains(name.toLower()))
        return QStringLiteral("is set by the hub itself");
    return printable.match(value).hasMatch()
        ? QString()
        : QStringLiteral("may have printable ASCII characters only");
}

Result<std::unique_ptr<Notifier>> WebhookNotifier::make(
    HttpClient &client, const Hub &hub, const QVariantMap &options)
{
    const auto wrong = [](const QString &sentence) {
        return Error { ErrorCode::InvalidArgument, sentence };
    };
    std::unique_ptr<WebhookNotifier> made(new WebhookNotifier(client, hub));
    made->m_name = text(options, "name");
    const QUrl url(text(options, "url"), QUrl::StrictMode);
    if ((url.scheme() != u"http" && url.scheme() != u"https") || url.host().isEmpty())
        return wrong(QStringLiteral("url: must be an http:// or https:// address"));
    HttpRequest &request = made->m_request;
    request.url = url.adjusted(QUrl::RemoveUserInfo | QUrl::RemoveFragment);
    const QString method = text(options, "method");
    request.method = method.isEmpty() ? QByteArray("POST") : method.toLatin1();
    if (!url.userName().isEmpty())
        request.headers.emplace_back("Authorization",
            basicAuthorization(url.userName(QUrl::FullyDecoded), url.password(QUrl::FullyDecoded)));
    bool hasType = false;
    const QVariantMap headers = options.value(QStringLiteral("headers")).toMap();
    for (auto it = headers.begin(); it != headers.end(); ++it) {
        const QString problem = headerProblem(it.key(), it->toString());
        if (!problem.isEmpty())
            return wrong(QStringLiteral("headers.%1: %2").arg(it.key(), problem));
        hasType |= it.key().compare(u"Content-Type", Qt::CaseInsensitive) == 0;
        request.headers.emplace_back(it.key().toLatin1(), it->toString().toLatin1());
    }
    if (!hasType)
        request.headers.emplace_back("Content-Type", "application/json");
    made->m_body = options.value(QStringLiteral("body"));
    return std::unique_ptr<Notifier>(std::move(made));
}

Result<QJsonValue> WebhookNotifier::document(const Notification &notification) const
{
    return QJsonValue(defaultDocument(notification));
}

void WebhookNotifier::send(const Notification &notification, Done done)
{
    const Result<QJsonValue> made = document(notification);
    if (!made)
        return done({ Attempt::Outcome::Never, made.error().message });
    HttpRequest request = m_request;
    request.body = toBytes(*made);
    m_exchange = m_client.send(std::move(request), std::move(done));
}

} // namespace hubkeep::notify
