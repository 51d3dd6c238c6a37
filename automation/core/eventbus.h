// Carries events between parts that do not know each other.
//
//     Subscription watching = bus.subscribe("state_changed", [](const Event &event) { … });
//     bus.publish({ "backup_done", { { "backup_id", id } } });
//
// Delivery is synchronous, on the main thread, in publication order. An event
// published from inside a handler waits until the current event has reached
// every subscriber, so no handler ever sees an effect before its cause and no
// cascade of automations recurses.

#pragma once

#include "automation/core/clock.h"
#include "automation/core/event.h"

#include <QHash>
#include <QList>
#include <QMap>
#include <QQueue>

#include <functional>
#include <memory>

namespace hubkeep {

using EventHandler = std::function<void(const Event &)>;

// Owning one keeps its handler subscribed. Movable, not copyable; a
// default-constructed Subscription holds nothing. May outlive the bus, and may be
// dropped from inside any handler: a handler that is gone is not called any more.
class [[nodiscard]] Subscription
{
public:
    Subscription() = default;
    Subscription(Subscription &&) = default;
    Subscription &operator=(Subscription &&) = default;

private:
    friend class EventBus;
    explicit Subscription(std::shared_ptr<const EventHandler> handler)
        : m_handler(std::move(handler))
    {
    }

    std::shared_ptr<const EventHandler> m_handler; // the bus holds it weakly
};

class EventBus
{
public:
    // clock must outlive the bus.
    explicit EventBus(const Clock &clock)
        : m_clock(clock)
    {
    }
    EventBus(const EventBus &) = delete;
    EventBus &operator=(const EventBus &) = delete;

    // Requires a type. Returns after delivery, except inside a handler. An event without
    // a context gets one, and one without a time the clock's.
    void publish(Event event);

    // Calls handler for each event of exactly this type, or for every event
    // when type is empty. Subscribers of a type are called before those of every event.
    Subscription subscribe(const QString &type, EventHandler handler);

    // How many subscribers each type has; those of every event are counted under "*".
    QMap<QString, int> listenerCounts() const;

private:
    using Handlers = QList<std::weak_ptr<const EventHandler>>;

    void deliver(const Event &event);
    void call(const QString &type, const Event &event);
    void dropExpired();

    const Clock &m_clock;
    QHash<QString, Handlers> m_handlers;
    QQueue<Event> m_pending;
    bool m_delivering = false;
    bool m_expired = false; // some handler in m_handlers is gone
};

} // namespace hubkeep
