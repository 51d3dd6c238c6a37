// homeassistant: the hub has started, or is about to stop.

#include "automation/engine/triggers/triggerfamilies.h"

namespace hubkeep::automation {
namespace {

class HomeAssistantTrigger final : public BasicTrigger
{
public:
    HomeAssistantTrigger(TriggerOptionsPointer options, QString event)
        : BasicTrigger(std::move(options))
        , m_event(std::move(event))
    {
    }
    std::unique_ptr<Trigger> fresh() const override
    {
        return std::make_unique<HomeAssistantTrigger>(options(), m_event);
    }

protected:
    Result<void> listen() override
    {
        const bool isStart = m_event == QLatin1String("start");
        // Of a hub that runs, an automation that comes later has missed the start.
        if (isStart && parts().hub.state() != HubState::Starting)
            return {};
        m_subscription
            = parts().hub.bus().subscribe(isStart ? QStringLiteral("homeassistant_started")
                                                  : QStringLiteral("homeassistant_stop"),
                [this, isStart](const Event &event) {
                    TemplateDict seen = variables();
                    seen.insert(textValue("event"), TemplateValue(m_event));
                    fire(std::move(seen),
                        isStart ? QStringLiteral("Home Assistant starting")
                                : QStringLiteral("Home Assistant stopping"),
                        event.context);
                });
        return {};
    }

private:
    const QString m_event;
    Subscription m_subscription;
};

} // namespace

TriggerPointer readHomeAssistantTrigger(ConfigReader &reader, TriggerOptionsPointer options)
{
    const QString key = QStringLiteral("event");
    reader.required(key);
    const QString event = reader.choice(
        key, { QStringLiteral("start"), QStringLiteral("shutdown") }, QStringLiteral("start"));
    return std::make_unique<HomeAssistantTrigger>(std::move(options), event);
}

} // namespace hubkeep::automation
