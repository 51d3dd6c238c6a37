// persistent_notification: one came, changed or went.

#include "automation/core/persistentnotifications.h"
#include "automation/engine/triggers/triggerfamilies.h"

namespace hubkeep::automation {
namespace {

struct NotificationWritten
{
    QString id;
    QStringList updateTypes;
};

class NotificationTrigger final : public BasicTrigger
{
public:
    NotificationTrigger(
        TriggerOptionsPointer options, std::shared_ptr<const NotificationWritten> written)
        : BasicTrigger(std::move(options))
        , m_written(std::move(written))
    {
    }
    std::unique_ptr<Trigger> fresh() const override
    {
        return std::make_unique<NotificationTrigger>(options(), m_written);
    }

protected:
    Result<void> listen() override
    {
        m_subscription
            = parts().hub.bus().subscribe(QString::fromLatin1(persistentNotificationsEvent),
                [this](const Event &event) { updated(event); });
        return {};
    }

private:
    void updated(const Event &event)
    {
        const QString type = event.data.value(QStringLiteral("update_type")).toString();
        if (!m_written->updateTypes.isEmpty() && !m_written->updateTypes.contains(type))
            return;
        const QVariantMap all = event.data.value(QStringLiteral("notifications")).toMap();
        // Firing may destroy this, so what is needed afterwards is looked at first.
        QVariantList matching;
        for (auto it = all.cbegin(); it != all.cend(); ++it) {
            if (m_written->id.isEmpty() || it.key() == m_written->id)
                matching.append(it.value());
        }
        const std::weak_ptr<const int> alive = m_alive;
        for (const QVariant &notification : matching) {
            if (alive.expired())
                return;
            TemplateDict seen = variables();
            seen.insert(textValue("update_type"), TemplateValue(type));
            seen.insert(textValue("notification"), TemplateValue::fromVariant(notification));
            fire(std::move(seen), QStringLiteral("persistent notification"), event.context);
        }
    }

    const std::shared_ptr<const NotificationWritten> m_written;
    const std::shared_ptr<const int> m_alive = std::make_shared<const int>();
    Subscription m_subscription;
};

} // namespace

TriggerPointer readNotificationTrigger(ConfigReader &reader, TriggerOptionsPointer options)
{
    static const QStringList known { QStringLiteral("added"), QStringLiteral("current"),
        QStringLiteral("removed"), QStringLiteral("updated") };
    auto written = std::make_shared<NotificationWritten>();
    written->id = reader.text(QStringLiteral("notification_id"));
    written->updateTypes = choicesOf(reader, QStringLiteral("update_type"), known);
    return std::make_unique<NotificationTrigger>(std::move(options), std::move(written));
}

} // namespace hubkeep::automation
