#include "automation/core/event.h"

namespace hubkeep {

QJsonObject dataToJson(const Event &event)
{
    if (!event.change)
        return QJsonObject::fromVariantMap(event.data);
    const auto stateOrNull = [](const std::optional<State> &state) {
        return state ? QJsonValue(toJson(*state)) : QJsonValue(QJsonValue::Null);
    };
    return { { QStringLiteral("entity_id"), event.change->entityId },
        { QStringLiteral("old_state"), stateOrNull(event.change->oldState) },
        { QStringLiteral("new_state"), stateOrNull(event.change->newState) } };
}

QJsonObject toJson(const Event &event)
{
    return { { QStringLiteral("event_type"), event.type },
        { QStringLiteral("data"), dataToJson(event) },
        { QStringLiteral("origin"), QStringLiteral("LOCAL") },
        { QStringLiteral("time_fired"), toIsoTime(event.timeFired) },
        { QStringLiteral("context"), toJson(event.context) } };
}

} // namespace hubkeep
