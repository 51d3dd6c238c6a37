// Something that happened: a type, its data, who caused it, when.
//
// Plain values, copied freely; any thread.

#pragma once

#include "automation/core/state.h"

#include <QDateTime>
#include <QJsonObject>
#include <QString>
#include <QVariantMap>

#include <memory>
#include <optional>

namespace hubkeep {

// What "state_changed" carries: at most one of the two is missing.
struct StateChange
{
    QString entityId;
    std::optional<State> oldState; // nothing: the entity is new
    std::optional<State> newState; // nothing: the entity was removed
};

struct Event
{
    QString type; // "state_changed"
    QVariantMap data; // empty for state_changed: see change
    Context context;
    QDateTime timeFired {}; // UTC; the bus fills it in where it is missing
    // Set for state_changed and nothing else: typed, so that a subscriber needs no parsing and
    // a change that nobody listens to costs nothing.
    std::shared_ptr<const StateChange> change {};
};

inline constexpr const char *stateChangedEvent = "state_changed";

// As Home Assistant sends it: event_type, data, origin, time_fired, context.
QJsonObject toJson(const Event &event);

// The data alone; for state_changed {"entity_id", "old_state", "new_state"}.
QJsonObject dataToJson(const Event &event);

} // namespace hubkeep
