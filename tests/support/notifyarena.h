// What tests of notifiers share: waiting for one, and a hub with the notify integration whose
// time is the test's.

#pragma once

#include "automation/core/hub.h"
#include "automation/core/persistentnotifications.h"
#include "automation/core/timerqueue.h"
#include "integrations/notify/notifyintegration.h"
#include "tests/support/enginejobs.h"

#include <QTemporaryDir>

#include <optional>

namespace hubkeep::test {

// Sends it and waits for the end; nothing: it did not end within 20 seconds.
std::optional<notify::Attempt> tryOnce(
    notify::Notifier &notifier, const notify::Notification &notification);

// "delivered", "later: sentence", "never: sentence"
QString toString(const std::optional<notify::Attempt> &attempt);

notify::NotifierConfig notifierConfig(QVariantMap options, bool fromFile = true);

class NotifyArena
{
public:
    // On what the one before left, where there was one.
    explicit NotifyArena(QList<notify::NotifierConfig> notifiers = {});
    ~NotifyArena();

    void start();
    void stop();
    void restart()
    {
        stop();
        start();
    }

    Hub &hub() { return *m_hub; }
    notify::NotifyIntegration &integration() { return *m_hub->find<notify::NotifyIntegration>(); }
    StateDatabase &state() { return *m_state; }
    SetClock &clock() { return m_clock; }
    void pass(std::chrono::seconds time); // and calls what is due

    ActionResult begin(const QString &action, const QVariantMap &arguments);
    // Waits for its end: "delivered", "queued", or the error's sentence.
    QString call(const QString &action, const QVariantMap &arguments);
    int rows(); // in the queue's table

    QStringList notices(); // messages of persistent notifications

    QList<notify::NotifierConfig> configured; // of the file, at the next start
    QStringList activity; // what was given up
    std::chrono::milliseconds httpTimeout { 10'000 };

private:
    QTemporaryDir m_folder;
    SetClock m_clock { QDateTime(QDate(2026, 4, 13), QTime(14, 0), Qt::UTC) };
    std::unique_ptr<StateDatabase> m_state;
    std::unique_ptr<TimerQueue> m_timers;
    std::unique_ptr<Hub> m_hub;
};

} // namespace hubkeep::test
