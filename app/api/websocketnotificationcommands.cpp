// Persistent notifications: what there is, and what changes.

#include "app/api/websocketapi.h"
#include "app/api/websocketsession.h"
#include "automation/core/persistentnotifications.h"

#include <QJsonDocument>

namespace hubkeep::api {
namespace {

QList<PersistentNotification> present(const Hub &hub)
{
    const auto *notices = hub.find<PersistentNotifications>();
    return notices ? notices->all() : QList<PersistentNotification>();
}

void getNotifications(WebSocketSession &session, const Message &message)
{
    if (!Fields(message).good(session))
        return;
    QJsonArray all;
    for (const PersistentNotification &notification : present(session.hub()))
        all.append(toJson(notification));
    session.result(message.id, all);
}

// {"type": "added", "notifications": {id: …}}
QString update(const QString &type, const QJsonObject &notifications)
{
    const QJsonDocument document(QJsonObject {
        { QStringLiteral("type"), type }, { QStringLiteral("notifications"), notifications } });
    return QString::fromUtf8(document.toJson(QJsonDocument::Compact));
}

void subscribeNotifications(WebSocketSession &session, const Message &message)
{
    if (!Fields(message).good(session))
        return;
    const qint64 id = message.id;
    WebSocketSession::Following following;
    following.subscriptions.push_back(session.hub().bus().subscribe(
        QString::fromLatin1(persistentNotificationsEvent), [&session, id](const Event &event) {
            session.event(id,
                update(event.data.value(QStringLiteral("update_type")).toString(),
                    QJsonObject::fromVariantMap(
                        event.data.value(QStringLiteral("notifications")).toMap())));
        }));
    if (!session.follow(id, std::move(following)))
        return;
    session.result(id);
    QJsonObject current;
    for (const PersistentNotification &notification : present(session.hub()))
        current.insert(notification.id, toJson(notification));
    session.event(id, update(QStringLiteral("current"), current));
}

} // namespace

void addNotificationCommands(CommandTable &table)
{
    table.add("persistent_notification/get", Access::User, getNotifications);
    table.add("persistent_notification/subscribe", Access::User, subscribeNotifications);
}

} // namespace hubkeep::api
