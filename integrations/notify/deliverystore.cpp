#include "integrations/notify/deliverystore.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace hubkeep::notify {
namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QDateTime fromMilliseconds(const QVariant &value)
{
    return QDateTime::fromMSecsSinceEpoch(value.toLongLong(), Qt::UTC);
}

} // namespace

QByteArray toBytes(const Notification &notification)
{
    const QJsonObject object { { key("title"), notification.title },
        { key("message"), notification.message },
        { key("data"), QJsonObject::fromVariantMap(notification.data) },
        { key("targets"), QJsonArray::fromStringList(notification.targets) } };
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

Notification notificationFromBytes(const QByteArray &bytes)
{
    const QJsonObject object = QJsonDocument::fromJson(bytes).object();
    return { object.value(key("title")).toString(), object.value(key("message")).toString(),
        object.value(key("data")).toObject().toVariantMap(),
        object.value(key("targets")).toVariant().toStringList() };
}

Result<QList<QueuedNotification>> DeliveryStore::load()
{
    const Result<void> migrated = m_state.migrate(QStringLiteral("notify"),
        { QStringLiteral("CREATE TABLE notify_queue (id INTEGER PRIMARY KEY AUTOINCREMENT, "
                         "notifier TEXT NOT NULL, created INTEGER NOT NULL, "
                         "attempts INTEGER NOT NULL, next_try INTEGER NOT NULL, "
                         "content TEXT NOT NULL)") });
    if (!migrated)
        return migrated.error();
    Result<QSqlQuery> rows
        = m_state.run(QStringLiteral("SELECT id, notifier, content, created, attempts, next_try "
                                     "FROM notify_queue ORDER BY id"));
    if (!rows)
        return rows.error();
    QList<QueuedNotification> list;
    while (rows->next())
        list.append({ rows->value(0).toLongLong(), rows->value(1).toString(),
            notificationFromBytes(rows->value(2).toString().toUtf8()),
            fromMilliseconds(rows->value(3)), rows->value(4).toInt(),
            fromMilliseconds(rows->value(5)) });
    return list;
}

Result<qint64> DeliveryStore::add(const QueuedNotification &queued, const QByteArray &content)
{
    const Result<QSqlQuery> added
        = m_state.run(QStringLiteral("INSERT INTO notify_queue (notifier, created, attempts, "
                                     "next_try, content) VALUES (?, ?, ?, ?, ?)"),
            { queued.notifier, queued.created.toMSecsSinceEpoch(), queued.attempts,
                queued.nextTry.toMSecsSinceEpoch(), QString::fromUtf8(content) });
    if (!added)
        return added.error();
    return added->lastInsertId().toLongLong();
}

Result<void> DeliveryStore::update(const QueuedNotification &queued)
{
    const Result<QSqlQuery> done
        = m_state.run(QStringLiteral("UPDATE notify_queue SET attempts = ?, next_try = ? "
                                     "WHERE id = ?"),
            { queued.attempts, queued.nextTry.toMSecsSinceEpoch(), queued.id });
    return done ? Result<void>() : done.error();
}

Result<void> DeliveryStore::remove(qint64 id)
{
    const Result<QSqlQuery> done
        = m_state.run(QStringLiteral("DELETE FROM notify_queue WHERE id = ?"), { id });
    return done ? Result<void>() : done.error();
}

} // namespace hubkeep::notify
