#include "integrations/notify/ntfynotifier.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <cmath>
#include <utility>

namespace hubkeep::notify {
namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QString text(const QVariantMap &map, const char *name)
{
    return map.value(key(name)).toString();
}

bool isHttp(const QString &address)
{
    const QUrl url(address);
    return (url.scheme() == u"http" || url.scheme() == u"https") && !url.host().isEmpty();
}

QStringList tagsOf(const QVariant &value)
{
    if (value.typeId() == QMetaType::QString)
        return value.toString().split(u',', Qt::SkipEmptyParts);
    return value.toStringList();
}

// As Home Assistant's app takes them: a button that opens something. Those that would come back
// to Home Assistant have nowhere to go.
QJsonObject buttonOf(const QVariantMap &action)
{
    if (!text(action, "action").compare(u"URI", Qt::CaseInsensitive))
        return { { key("action"), key("view") }, { key("label"), text(action, "title") },
            { key("url"), text(action, "uri") } };
    static const QStringList kinds { key("view"), key("http"), key("broadcast"), key("copy") };
    if (kinds.contains(text(action, "action")) && !text(action, "label").isEmpty())
        return QJsonObject::fromVariantMap(action);
    return {};
}

QJsonArray buttonsOf(const QVariant &actions)
{
    constexpr qsizetype most = 3; // ntfy refuses more
    QJsonArray buttons;
    for (const QVariant &action : actions.toList()) {
        const QJsonObject button = buttonOf(action.toMap());
        if (!button.isEmpty() && buttons.size() < most)
            buttons.append(button);
    }
    return buttons;
}

int priorityIn(const QVariantMap &data, int otherwise)
{
    if (const int priority = ntfyPriority(data.value(key("priority"))))
        return priority;
    const QString level = text(data.value(key("push")).toMap(), "interruption-level");
    if (level == u"critical")
        return 5;
    return level == u"time-sensitive" ? 4 : otherwise;
}

} // namespace

QPair<QUrl, QString> splitTopic(const QUrl &url)
{
    QString path = url.path(QUrl::FullyDecoded);
    while (path.endsWith(u'/'))
        path.chop(1);
    const qsizetype slash = path.lastIndexOf(u'/');
    const QString topic = path.mid(slash + 1);
    QUrl server = url.adjusted(QUrl::RemoveUserInfo | QUrl::RemoveFragment);
    server.setPath(slash < 0 ? QStringLiteral("/") : path.left(slash + 1));
    return { topic.isEmpty() ? QUrl() : server, topic };
}

int ntfyPriority(const QVariant &value)
{
    static const QHash<QString, int> names { { key("min"), 1 }, { key("low"), 2 },
        { key("default"), 3 }, { key("normal"), 3 }, { key("high"), 4 }, { key("max"), 5 },
        { key("urgent"), 5 }, { key("critical"), 5 } };
    bool isNumber = false;
    const double number = value.toDouble(&isNumber);
    if (isNumber && value.typeId() != QMetaType::Bool)
        return number >= 1 && number <= 5 && number == std::floor(number) ? int(number) : 0;
    return names.value(value.toString().trimmed().toLower());
}

QByteArray basicAuthorization(const QString &user, const QString &password)
{
    return "Basic " + (user + u':' + password).toUtf8().toBase64();
}

Result<std::unique_ptr<Notifier>> NtfyNotifier::make(HttpClient &client, const QVariantMap &options)
{
    const QUrl url(text(options, "url"), QUrl::StrictMode);
    std::unique_ptr<NtfyNotifier> made(new NtfyNotifier(client));
    std::tie(made->m_server, made->m_topic) = splitTopic(url);
    if (!isHttp(url.toString()) || made->m_topic.isEmpty())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("url: must be a topic's address, as 'https://ntfy.sh/my-topic'") };
    if (!text(options, "token").isEmpty())
        made->m_authorization = "Bearer " + text(options, "token").toUtf8();
    else if (!text(options, "username").isEmpty())
        made->m_authorization
            = basicAuthorization(text(options, "username"), text(options, "password"));
    else if (!url.userName().isEmpty())
        made->m_authorization = basicAuthorization(
            url.userName(QUrl::FullyDecoded), url.password(QUrl::FullyDecoded));
    made->m_priority = ntfyPriority(options.value(key("priority")));
    made->m_tags = tagsOf(options.value(key("tags")));
    return std::unique_ptr<Notifier>(std::move(made));
}

QJsonObject NtfyNotifier::document(const Notification &notification) const
{
    const QVariantMap &data = notification.data;
    QJsonObject document { { key("topic"), m_topic }, { key("message"), notification.message } };
    const auto addText = [&](const char *name, const QString &value) {
        if (!value.isEmpty())
            document.insert(key(name), value);
    };
    addText("title", notification.title);
    if (const int priority = priorityIn(data, m_priority))
        document.insert(key("priority"), priority);
    const QStringList tags = data.contains(key("tags")) ? tagsOf(data.value(key("tags"))) : m_tags;
    if (!tags.isEmpty())
        document.insert(key("tags"), QJsonArray::fromStringList(tags));
    for (const char *name : { "click", "clickAction", "url" }) {
        if (!document.contains(key("click")) && QUrl(text(data, name)).scheme().size() > 1)
            document.insert(key("click"), text(data, name));
    }
    for (const auto &[ours, theirs] : { std::pair("icon", "icon"), std::pair("attach", "attach"),
             std::pair("image", "attach") }) {
        if (isHttp(text(data, ours)))
            document.insert(key(theirs), text(data, ours));
    }
    if (data.value(key("markdown")).toBool())
        document.insert(key("markdown"), true);
    const QJsonArray buttons = buttonsOf(data.value(key("actions")));
    if (!buttons.isEmpty())
        document.insert(key("actions"), buttons);
    return document;
}

void NtfyNotifier::send(const Notification &notification, Done done)
{
    HttpRequest request { "POST", m_server, { { "Content-Type", "application/json" } },
        QJsonDocument(document(notification)).toJson(QJsonDocument::Compact) };
    if (!m_authorization.isEmpty())
        request.headers.emplace_back("Authorization", m_authorization);
    m_exchange = m_client.send(std::move(request), std::move(done));
}

} // namespace hubkeep::notify
