// Notices that stay until somebody dismisses them: Home Assistant's persistent notifications.
//
//     if (auto *notices = hub.find<PersistentNotifications>())
//         notices->create("automation_3", "Automation is broken", "automations.yaml:12:5: …");
//
// Whoever changes one publishes persistent_notifications_updated with {"update_type": "added",
// "updated" or "removed", "notifications": {id: {"notification_id", "title", "message",
// "created_at"}}}.
//
// Main thread. The integration persistent_notification provides it, before all that use it.

#pragma once

#include <QDateTime>
#include <QJsonObject>
#include <QList>
#include <QString>

namespace hubkeep {

struct PersistentNotification
{
    QString id; // "notification_id"
    QString title; // empty: none
    QString message; // Markdown, as Home Assistant's windows show it
    QDateTime created {}; // or last changed; UTC
    bool operator==(const PersistentNotification &) const = default;
};

// As Home Assistant sends it: "title" is null where there is none.
QJsonObject toJson(const PersistentNotification &notification);

class PersistentNotifications
{
public:
    virtual ~PersistentNotifications() = default;

    // One of the same id is replaced. Requires an id and a message; what is too long is cut.
    virtual void create(const QString &id, const QString &title, const QString &message) = 0;
    // One that is not there is dismissed already.
    virtual void dismiss(const QString &id) = 0;
    virtual QList<PersistentNotification> all() const = 0; // the oldest first
};

inline constexpr const char *persistentNotificationsEvent = "persistent_notifications_updated";

} // namespace hubkeep
