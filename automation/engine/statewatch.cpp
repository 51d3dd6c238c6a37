#include "automation/engine/statewatch.h"

#include "automation/core/state.h"

#include <QSet>

#include <utility>

namespace hubkeep::automation {

struct StateWatch::Entry
{
    Handler handler;
};

namespace {

// Drops who is gone, but not each time: only when the list has grown to twice what it was, so
// that a thousand subscriptions of one entity cost a thousand steps and not a million.
template <typename Entries, typename Entry>
void append(Entries &entries, const Entry &entry)
{
    const qsizetype size = entries.size();
    if ((size & (size - 1)) == 0)
        entries.removeIf([](const auto &other) { return other.expired(); });
    entries.append(entry);
}

// Whether all who are in the list are still there. A copy (shared until somebody subscribes):
// handlers may come while they are called.
template <typename Entries>
bool callAll(const Entries entries, const Event &event)
{
    bool complete = true;
    for (const auto &weak : entries) {
        if (const auto entry = weak.lock())
            entry->handler(event);
        else
            complete = false;
    }
    return complete;
}

template <typename Lists>
void callThoseOf(Lists &lists, const QString &key, const Event &event)
{
    const auto found = lists.constFind(key);
    if (found == lists.constEnd() || callAll(*found, event))
        return;
    const auto list = lists.find(key); // again: handlers may have changed the table
    if (list == lists.end())
        return;
    list->removeIf([](const auto &entry) { return entry.expired(); });
    if (list->isEmpty())
        lists.erase(list);
}

} // namespace

StateWatch::StateWatch(EventBus &bus)
    : m_subscription(bus.subscribe(
        QString::fromLatin1(stateChangedEvent), [this](const Event &event) { deliver(event); }))
{
}

StateWatch::Watching StateWatch::subscribe(const QStringList &entityIds, Handler handler)
{
    const auto entry = std::make_shared<const Entry>(Entry { std::move(handler) });
    const QSet<QString> ids(entityIds.begin(), entityIds.end());
    for (const QString &id : ids)
        append(m_byEntity[id], entry);
    return entry;
}

StateWatch::Watching StateWatch::subscribeDomain(const QString &domain, Handler handler)
{
    const auto entry = std::make_shared<const Entry>(Entry { std::move(handler) });
    append(m_byDomain[domain], entry);
    return entry;
}

StateWatch::Watching StateWatch::subscribeAll(Handler handler)
{
    const auto entry = std::make_shared<const Entry>(Entry { std::move(handler) });
    append(m_all, entry);
    return entry;
}

void StateWatch::deliver(const Event &event)
{
    if (!event.change)
        return; // somebody made an event of this name without being the state store
    callThoseOf(m_byEntity, event.change->entityId, event);
    if (!m_byDomain.isEmpty())
        callThoseOf(m_byDomain, domainOf(event.change->entityId), event);
    if (!m_all.isEmpty() && !callAll(m_all, event))
        m_all.removeIf([](const auto &entry) { return entry.expired(); });
}

} // namespace hubkeep::automation
