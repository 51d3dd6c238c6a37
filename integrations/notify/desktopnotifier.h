// The desktop's notifications: org.freedesktop.Notifications on the session's D-Bus.
//
// data: urgency (low, normal, critical; else by priority), icon (a name or a file), tag (replaces
// the one of the same tag), timeout (seconds; 0: until it is clicked away), click, clickAction or
// url (opened with xdg-open when it is clicked, http and https only).
//
// The hub must run in the session, as a user's service does. Without a session or a notification
// service it is tried again later: somebody may log in.
//
// Main thread; only making the connection waits for the bus.

#pragma once

#include "integrations/notify/notifier.h"

#include <QDBusConnection>
#include <QHash>
#include <QObject>

#include <memory>
#include <optional>

class QDBusPendingCall;

namespace hubkeep::notify {

class DesktopNotifier final : public QObject, public Notifier
{
    Q_OBJECT

public:
    explicit DesktopNotifier(const QVariantMap &options);
    ~DesktopNotifier() override;

    void send(const Notification &notification, Done done) override;

private slots:
    void actionInvoked(uint id, const QString &action);
    void notificationClosed(uint id);

private:
    Attempt connectToSession(); // delivered: it is there
    void askAbilities(const Notification &notification, Done done);
    void notify(const Notification &notification, Done done);
    void shown(uint id, const Notification &notification);
    template <typename Function>
    void whenFinished(const QDBusPendingCall &call, Function function);

    const QString m_icon;
    const QString m_connectionName;
    std::optional<QDBusConnection> m_bus;
    std::optional<QStringList> m_abilities; // of the service; nothing: not asked yet
    QHash<QString, uint> m_byTag;
    QHash<uint, QString> m_links; // what a click opens
};

} // namespace hubkeep::notify
