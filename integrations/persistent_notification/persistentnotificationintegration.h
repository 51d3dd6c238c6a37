// Home Assistant's persistent notifications: the actions persistent_notification.create, dismiss
// and dismiss_all, and notify.persistent_notification for automations that name that.
//
// Unlike Home Assistant's they are kept in state.db and are there again after a restart: the one
// that tells of a broken backup must not go with the power. A write that fails is logged and the
// notification is there all the same. The newest 500 are kept, messages up to 32,768 characters.
//
// Main thread. setUp() provides PersistentNotifications to the hub.

#pragma once

#include "automation/core/context.h"
#include "automation/core/hub.h"
#include "automation/core/integration.h"
#include "automation/core/persistentnotifications.h"
#include "automation/core/statedatabase.h"

namespace hubkeep::persistentnotification {

class PersistentNotificationIntegration final : public Integration, public PersistentNotifications
{
public:
    static constexpr qsizetype most = 500;
    static constexpr qsizetype longestMessage = 32'768;

    // state must outlive it.
    explicit PersistentNotificationIntegration(StateDatabase &state)
        : m_state(state)
    {
    }
    ~PersistentNotificationIntegration() override;

    QString name() const override { return QStringLiteral("persistent_notification"); }
    Result<void> setUp(Hub &hub, const QVariantMap &config) override;

    void create(const QString &id, const QString &title, const QString &message) override;
    void dismiss(const QString &id) override;
    QList<PersistentNotification> all() const override { return m_notifications; }

private:
    Result<void> load();
    void addActions();
    void put(PersistentNotification notification, const Context &context);
    void remove(const QString &id, const Context &context);
    void removeAll(const Context &context);
    void publish(const char *change, const QList<PersistentNotification> &notifications,
        const Context &context);
    void write(const QString &statement, const QVariantList &values);

    StateDatabase &m_state;
    Hub *m_hub = nullptr;
    QList<PersistentNotification> m_notifications; // the oldest first
};

} // namespace hubkeep::persistentnotification
