// Asks, once for each key, whether its recovery kit was kept: a notice that goes when somebody
// proved it, and stays away when somebody dismissed it.
//
//     KeyReminder reminder(hub, state, KeyStore(dataFolder), timers);
//     reminder.setRecipients(recipients);   // those that backups are encrypted to
//
// One whose identity is lost is told of instead, for its kit cannot be printed any more.
//
// Only keys that backups are encrypted to are asked for. It looks at the keys every minute, for a
// command may add or confirm one beside the hub. What was asked is remembered in state.db.
//
// Main thread. What it is given must outlive it.

#pragma once

#include "automation/core/hub.h"
#include "automation/core/statedatabase.h"
#include "automation/core/timerqueue.h"
#include "integrations/backup/keystore.h"

#include <QStringList>

namespace hubkeep::backup {

class KeyReminder
{
public:
    KeyReminder(Hub &hub, StateDatabase &state, KeyStore keys, TimerQueue &timers);
    KeyReminder(const KeyReminder &) = delete;
    KeyReminder &operator=(const KeyReminder &) = delete;

    void setRecipients(const QStringList &recipients); // "age1…"; looks at once

private:
    void look();
    void lookLater();
    void ask(const StoredKey &key);
    void tellLost(const StoredKey &key);
    void tell(const StoredKey &key, const QString &title, const QString &message);
    void save();

    Hub &m_hub;
    StateDatabase &m_state;
    const KeyStore m_keys;
    TimerQueue &m_timers;
    QStringList m_recipients;
    QStringList m_asked; // ids, ever; "lost <id>" of those that are lost
    Timer m_timer;
};

} // namespace hubkeep::backup
