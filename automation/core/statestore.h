// The current state of every entity, and the only way to change one.
//
// A write that changes nothing is silent. A write that changes something
// publishes "state_changed" with the old and the new state on the event bus, so
// whoever follows the bus never needs to poll the store.
//
// Lives on the main thread.

#pragma once

#include "automation/core/result.h"
#include "automation/core/state.h"

#include <QHash>
#include <QList>

#include <optional>
#include <vector>

namespace hubkeep {

class Clock;
class EventBus;

class StateStore
{
public:
    // Both must outlive the store.
    StateStore(EventBus &bus, const Clock &clock)
        : m_bus(bus)
        , m_clock(clock)
    {
    }
    StateStore(const StateStore &) = delete;
    StateStore &operator=(const StateStore &) = delete;

    std::optional<State> get(const QString &entityId) const;
    QList<State> all() const; // sorted by entity id
    // The same without copies, of one domain where it is named; valid until a state changes.
    std::vector<const State *> look(const QString &domain = {}) const;
    qsizetype count() const { return m_states.size(); }

    // Fails with InvalidArgument when entityId is not "<domain>.<object>" or value is longer
    // than 255 characters. last_changed stays where only attributes change; an event entity,
    // whose value is a time, changes with each event by itself.
    Result<void> set(const QString &entityId, const QString &value,
        const QVariantMap &attributes = {}, const Context &context = {});

    // Removing what is not there does nothing. Returns whether it was there.
    bool remove(const QString &entityId, const Context &context = {});

private:
    EventBus &m_bus;
    const Clock &m_clock;
    QHash<QString, State> m_states;
};

} // namespace hubkeep
