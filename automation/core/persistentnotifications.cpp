#include "automation/core/persistentnotifications.h"

#include "automation/core/state.h"

namespace hubkeep {

QJsonObject toJson(const PersistentNotification &notification)
{
    return { { QStringLiteral("notification_id"), notification.id },
        { QStringLiteral("title"),
            notification.title.isEmpty() ? QJsonValue(QJsonValue::Null)
                                         : QJsonValue(notification.title) },
        { QStringLiteral("message"), notification.message },
        { QStringLiteral("created_at"), toIsoTime(notification.created) } };
}

} // namespace hubkeep
