#include "integrations/notify/webhooknotifier.h"

#include "automation/core/schema.h"
#include "automation/template/template.h"
#include "integrations/notify/ntfynotifier.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTimeZone>

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

// part with its texts rendered; path says where it is in the body.
Result<QJsonValue> rendered(const QVariant &part, const QString &path, const TemplateScope &scope)
{
    if (part.typeId() == QMetaType::QVariantMap) {
        QJsonObject object;
        const QVariantMap map = part.toMap();
        for (auto it = map.begin(); it != map.end(); ++it) {
            const Result<QJsonValue> value = rendered(*it, pathTo(path, it.key()), scope);
            if (!value)
                return value;
            object.insert(it.key(), *value);
        }
        return QJsonValue(object);
    }
    if (part.typeId() == QMetaType::QVariantList) {
        QJsonArray array;
        for (const QVariant &item : part.toList()) {
            const Result<QJsonValue> value = rendered(item, pathTo(path, array.size()), scope);
            if (!value)
                return value;
            array.append(*value);
        }
        return QJsonValue(array);
    }
    if (part.typeId() != QMetaType::QString || !Template::isTemplate(part.toString()))
        return QJsonValue::fromVariant(part);
    const Result<Template> parsed = Template::parse(part.toString());
    if (!parsed)
        return parsed.error().in(path);
    const Result<QString> shown = parsed->renderText(scope);
    if (!shown)
        return shown.error().in(path);
    return QJsonValue(*shown);
}

// The first thing wrong with a template in part; empty: nothing.
QString templateProblem(const QVariant &part, const QString &path)
{
    QString problem;
    if (part.typeId() == QMetaType::QVariantMap) {
        const QVariantMap map = part.toMap();
        for (auto it = map.begin(); it != map.end() && problem.isEmpty(); ++it)
            problem = templateProblem(*it, pathTo(path, it.key()));
    } else if (part.typeId() == QMetaType::QVariantList) {
        qsizetype index = 0;
        for (const QVariant &item : part.toList()) {
            if (problem.isEmpty())
                problem = templateProblem(item, pathTo(path, index++));
        }
    } else if (part.typeId() == QMetaType::QString) {
        problem = bodyTextProblem(part.toString());
        return problem.isEmpty() ? problem : atPath(path, problem);
    }
    return problem;
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

QString bodyTextProblem(const QString &text)
{
    const Result<Template> parsed
        = Template::isTemplate(text) ? Template::parse(text) : Template::parse(QString());
    return parsed ? QString() : parsed.error().message;
}

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
    HttpClient &client, Hub &hub, const QVariantMap &options)
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
    const QString problem = templateProblem(made->m_body, QStringLiteral("body"));
    if (!problem.isEmpty())
        return wrong(problem);
    return std::unique_ptr<Notifier>(std::move(made));
}

Result<QJsonValue> WebhookNotifier::document(const Notification &notification) const
{
    if (!m_body.isValid())
        return QJsonValue(defaultDocument(notification));
    TemplateVariables names;
    names.set(QStringLiteral("title"), TemplateValue(notification.title));
    names.set(QStringLiteral("message"), TemplateValue(notification.message));
    names.set(QStringLiteral("data"), TemplateValue::fromVariant(notification.data));
    names.set(QStringLiteral("target"), TemplateValue::fromVariant(notification.targets));
    names.set(QStringLiteral("notifier"), TemplateValue(m_name));
    const QTimeZone zone(m_hub.identity().timeZone.toLatin1());
    const TemplateScope scope { &m_hub.states(), &m_hub.clock(),
        zone.isValid() ? zone : QTimeZone::utc(), &names };
    return rendered(m_body, QStringLiteral("body"), scope);
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
