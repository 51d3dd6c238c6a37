#include "automation/core/eventbus.h"

#include <QScopeGuard>

namespace hubkeep {

void EventBus::publish(Event event)
{
    Q_ASSERT(!event.type.isEmpty());
    if (!event.timeFired.isValid())
        event.timeFired = m_clock.now();
    if (event.context.id.isEmpty())
        event.context = Context::make();
    m_pending.enqueue(std::move(event));
    if (m_delivering)
        return;
    m_delivering = true;
    const auto done = qScopeGuard([this] { m_delivering = false; });
    while (!m_pending.isEmpty())
        deliver(m_pending.dequeue());
    if (m_expired)
        dropExpired();
}

Subscription EventBus::subscribe(const QString &type, EventHandler handler)
{
    auto shared = std::make_shared<const EventHandler>(std::move(handler));
    // Here too: of a type that nobody publishes, those who are gone would stay for ever.
    Handlers &handlers = m_handlers[type];
    handlers.removeIf([](const auto &other) { return other.expired(); });
    handlers.append(shared);
    return Subscription(std::move(shared));
}

QMap<QString, int> EventBus::listenerCounts() const
{
    QMap<QString, int> counts;
    for (auto it = m_handlers.cbegin(); it != m_handlers.cend(); ++it) {
        const auto alive = std::count_if(
            it->cbegin(), it->cend(), [](const auto &handler) { return !handler.expired(); });
        if (alive > 0)
            counts.insert(it.key().isEmpty() ? QStringLiteral("*") : it.key(), int(alive));
    }
    return counts;
}

void EventBus::deliver(const Event &event)
{
    call(event.type, event);
    call(QString(), event);
}

void EventBus::call(const QString &type, const Event &event)
{
    const auto found = m_handlers.constFind(type);
    if (found == m_handlers.constEnd())
        return;
    // A copy (shared until somebody subscribes): handlers may come while they are called.
    const Handlers handlers = *found;
    for (const auto &weak : handlers) {
        if (const auto handler = weak.lock())
            (*handler)(event);
        else
            m_expired = true;
    }
}

void EventBus::dropExpired()
{
    m_expired = false;
    for (auto it = m_handlers.begin(); it != m_handlers.end();) {
        it->removeIf([](const auto &handler) { return handler.expired(); });
        it = it->isEmpty() ? m_handlers.erase(it) : std::next(it);
    }
}

} // namespace hubkeep
