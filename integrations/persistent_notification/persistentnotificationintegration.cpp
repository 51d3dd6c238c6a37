#include "integrations/persistent_notification/persistentnotificationintegration.h"

#include <QLoggingCategory>
#include <QUuid>

#include <algorithm>

namespace hubkeep::persistentnotification {
namespace {

Q_LOGGING_CATEGORY(noticeLog, "hubkeep.persistent_notification")

constexpr qsizetype longestTitle = 1024;
constexpr qsizetype longestId = 255;

QString createAction()
{
    return QStringLiteral("persistent_notification.create");
}

QString dismissAction()
{
    return QStringLiteral("persistent_notification.dismiss");
}

QString dismissAllAction()
{
    return QStringLiteral("persistent_notification.dismiss_all");
}

QString notifyAction()
{
    return QStringLiteral("notify.persistent_notification");
}

QString text(const QVariantMap &map, const char *name)
{
    return map.value(QString::fromLatin1(name)).toString();
}

// Not in the middle of a character.
QString shortened(const QString &text, qsizetype most)
{
    if (text.size() <= most)
        return text;
    const qsizetype end = text.at(most - 2).isHighSurrogate() ? most - 2 : most - 1;
    return text.left(end) + u'…';
}

QString newId()
{
    return QUuid::createUuid().toString(QUuid::Id128);
}

// SQLite takes a null text for NULL.
QString notNull(const QString &text)
{
    return text.isNull() ? QStringLiteral("") : text;
}

ActionField field(const char *description, bool required = false, const char *example = nullptr)
{
    return { QString::fromLatin1(description), FieldType::Text, required,
        example ? QVariant(QString::fromLatin1(example)) : QVariant() };
}

} // namespace

PersistentNotificationIntegration::~PersistentNotificationIntegration()
{
    if (!m_hub)
        return;
    m_hub->withdraw<PersistentNotifications>();
    for (const QString &action :
        { createAction(), dismissAction(), dismissAllAction(), notifyAction() })
        m_hub->actions().remove(action);
}

Result<void> PersistentNotificationIntegration::setUp(Hub &hub, const QVariantMap &)
{
    const Result<void> migrated = m_state.migrate(QStringLiteral("persistent_notifications"),
        { QStringLiteral("CREATE TABLE persistent_notifications (position INTEGER PRIMARY KEY "
                         "AUTOINCREMENT, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, "
                         "message TEXT NOT NULL, created INTEGER NOT NULL)") });
    if (!migrated)
        return migrated;
    const Result<void> loaded = load();
    if (!loaded)
        return loaded;
    m_hub = &hub;
    hub.provide<PersistentNotifications>(this);
    addActions();
    return {};
}

Result<void> PersistentNotificationIntegration::load()
{
    Result<QSqlQuery> rows
        = m_state.run(QStringLiteral("SELECT id, title, message, created FROM "
                                     "persistent_notifications ORDER BY position"));
    if (!rows)
        return rows.error();
    while (rows->next())
        m_notifications.append(
            { rows->value(0).toString(), rows->value(1).toString(), rows->value(2).toString(),
                QDateTime::fromMSecsSinceEpoch(rows->value(3).toLongLong(), Qt::UTC) });
    return {};
}

void PersistentNotificationIntegration::addActions()
{
    ActionRegistry &actions = m_hub->actions();
    const ActionField message = field("What it says, in Markdown", true);
    const ActionField title = field("Its title");
    const ActionField id = field("A name to change or dismiss it by", false, "backup_failed");
    actions.add({ createAction(), QStringLiteral("Create"),
                    QStringLiteral("Shows a notice until it is dismissed."),
                    { { QStringLiteral("message"), message }, { QStringLiteral("title"), title },
                        { QStringLiteral("notification_id"), id } } },
        [this](const ActionCall &call) {
            const QString given = text(call.arguments, "notification_id");
            put({ given.isEmpty() ? newId() : given, text(call.arguments, "title"),
                    text(call.arguments, "message") },
                call.context);
            return finishedAction(QVariantMap {});
        });
    ActionField which = id;
    which.required = true;
    actions.add({ dismissAction(), QStringLiteral("Dismiss"), QStringLiteral("Removes a notice."),
                    { { QStringLiteral("notification_id"), which } } },
        [this](const ActionCall &call) {
            remove(text(call.arguments, "notification_id"), call.context);
            return finishedAction(QVariantMap {});
        });
    actions.add({ dismissAllAction(), QStringLiteral("Dismiss all"),
                    QStringLiteral("Removes all notices.") },
        [this](const ActionCall &call) {
            removeAll(call.context);
            return finishedAction(QVariantMap {});
        });
    actions.add({ notifyAction(), QStringLiteral("Send a persistent notification"),
                    QStringLiteral("Shows a notice until it is dismissed."),
                    { { QStringLiteral("message"), message }, { QStringLiteral("title"), title },
                        { QStringLiteral("data"),
                            { QStringLiteral("{\"notification_id\": a name to change it by}"),
                                FieldType::Object } } } },
        [this](const ActionCall &call) {
            const QString given
                = text(call.arguments.value(QStringLiteral("data")).toMap(), "notification_id");
            put({ given.isEmpty() ? newId() : given, text(call.arguments, "title"),
                    text(call.arguments, "message") },
                call.context);
            return finishedAction(QVariantMap {});
        });
}

void PersistentNotificationIntegration::create(
    const QString &id, const QString &title, const QString &message)
{
    put({ id, title, message }, Context::make());
}

void PersistentNotificationIntegration::dismiss(const QString &id)
{
    remove(id, Context::make());
}

void PersistentNotificationIntegration::put(
    PersistentNotification notification, const Context &context)
{
    notification.id.truncate(longestId);
    notification.title = shortened(notification.title, longestTitle);
    notification.message = shortened(notification.message, longestMessage);
    notification.created = m_hub->clock().now();
    const auto same = std::find_if(m_notifications.begin(), m_notifications.end(),
        [&](const PersistentNotification &other) { return other.id == notification.id; });
    const bool isNew = same == m_notifications.end();
    // The place of an older one of that id is kept, here and in the table.
    write(QStringLiteral("INSERT INTO persistent_notifications (id, title, message, created) "
                         "VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                         "title = excluded.title, message = excluded.message, "
                         "created = excluded.created"),
        { notNull(notification.id), notNull(notification.title), notNull(notification.message),
            notification.created.toMSecsSinceEpoch() });
    if (isNew)
        m_notifications.append(notification);
    else
        *same = notification;
    publish(isNew ? "added" : "updated", { notification }, context);
    if (m_notifications.size() > most) {
        qCWarning(noticeLog) << "There are more than" << most << "notices; the oldest one goes";
        remove(QString(m_notifications.first().id), context);
    }
}

void PersistentNotificationIntegration::remove(const QString &id, const Context &context)
{
    const auto found = std::find_if(m_notifications.begin(), m_notifications.end(),
        [&](const PersistentNotification &notification) { return notification.id == id; });
    if (found == m_notifications.end())
        return;
    const PersistentNotification removed = *found;
    m_notifications.erase(found);
    write(QStringLiteral("DELETE FROM persistent_notifications WHERE id = ?"), { removed.id });
    publish("removed", { removed }, context);
}

void PersistentNotificationIntegration::removeAll(const Context &context)
{
    if (m_notifications.isEmpty())
        return;
    const QList<PersistentNotification> removed = std::exchange(m_notifications, {});
    write(QStringLiteral("DELETE FROM persistent_notifications"), {});
    publish("removed", removed, context);
}

void PersistentNotificationIntegration::publish(
    const char *change, const QList<PersistentNotification> &notifications, const Context &context)
{
    QVariantMap byId;
    for (const PersistentNotification &notification : notifications)
        byId.insert(notification.id, toJson(notification).toVariantMap());
    m_hub->bus().publish({ QString::fromLatin1(persistentNotificationsEvent),
        { { QStringLiteral("update_type"), QString::fromLatin1(change) },
            { QStringLiteral("notifications"), byId } },
        context });
}

void PersistentNotificationIntegration::write(const QString &statement, const QVariantList &values)
{
    const Result<QSqlQuery> done = m_state.run(statement, values);
    if (!done)
        qCWarning(noticeLog).noquote()
            << done.error()
                   .in(QStringLiteral("Keeping a notice, which a restart will have forgotten"))
                   .message;
}

} // namespace hubkeep::persistentnotification
