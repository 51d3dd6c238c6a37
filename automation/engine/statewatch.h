// One subscription for all who wait for changes of states: a change costs what listens to its
// entity, not what there is.
//
//     m_watching = watch.subscribe({ "sensor.x" }, [](const Event &event) { … event.change … });
//
// Main thread.

#pragma once

#include "automation/core/eventbus.h"

#include <QHash>
#include <QStringList>

#include <functional>
#include <memory>

namespace hubkeep::automation {

class StateWatch
{
public:
    explicit StateWatch(EventBus &bus); // which outlives it

    using Handler = std::function<void(const Event &event)>;
    // Owning one keeps the handler; may be dropped from inside any.
    using Watching = std::shared_ptr<const void>;

    [[nodiscard]] Watching subscribe(const QStringList &entityIds, Handler handler);
    [[nodiscard]] Watching subscribeDomain(const QString &domain, Handler handler);
    [[nodiscard]] Watching subscribeAll(Handler handler);

private:
    struct Entry;
    using Entries = QList<std::weak_ptr<const Entry>>;

    void deliver(const Event &event);

    QHash<QString, Entries> m_byEntity;
    QHash<QString, Entries> m_byDomain;
    Entries m_all;
    Subscription m_subscription;
};

} // namespace hubkeep::automation
