// What waits to be delivered, in data/state.db: it survives a restart.
//
//     notify_queue (id, notifier, created, attempts, next_try, content)   milliseconds, UTC
//
// Main thread; the database outlives it.

#pragma once

#include "automation/core/statedatabase.h"
#include "integrations/notify/notifier.h"

namespace hubkeep::notify {

struct QueuedNotification
{
    qint64 id = 0; // rising; 0: it could not be stored
    QString notifier;
    Notification notification;
    QDateTime created {};
    int attempts = 0; // that failed
    QDateTime nextTry {};
};

QByteArray toBytes(const Notification &notification);
Notification notificationFromBytes(const QByteArray &bytes);

class DeliveryStore
{
public:
    explicit DeliveryStore(StateDatabase &state)
        : m_state(state)
    {
    }

    Result<QList<QueuedNotification>> load(); // in their order; makes the table

    // Its id.
    Result<qint64> add(const QueuedNotification &queued, const QByteArray &content);
    Result<void> update(const QueuedNotification &queued); // attempts and nextTry
    Result<void> remove(qint64 id);

private:
    StateDatabase &m_state;
};

} // namespace hubkeep::notify
