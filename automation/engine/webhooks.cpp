#include "automation/engine/webhooks.h"

#include <QList>

#include <algorithm>
#include <utility>

namespace hubkeep::automation {

struct Webhooks::Entry
{
    Options options;
    Handler handler;
};

Webhooks::Registration Webhooks::add(const QString &id, Options options, Handler handler)
{
    const auto entry = std::make_shared<Entry>(Entry { std::move(options), std::move(handler) });
    auto &entries = m_entries[id];
    entries.removeIf([](const auto &other) { return other.expired(); });
    entries.append(entry);
    Registration registration;
    registration.m_entry = entry;
    return registration;
}

Webhooks::Answer Webhooks::call(const WebhookCall &call) const
{
    const auto found = m_entries.constFind(call.id);
    if (found == m_entries.constEnd())
        return Answer::Unknown;
    const auto entries = *found; // a copy: handlers may come and go while they are called
    bool taken = false;
    bool wrongMethod = false;
    bool fromOutside = false;
    for (const auto &weak : entries) {
        const auto entry = weak.lock();
        if (!entry)
            continue;
        if (!entry->options.methods.contains(call.method)) {
            wrongMethod = true;
        } else if (entry->options.localOnly && !call.isLocal) {
            fromOutside = true;
        } else {
            taken = true;
            entry->handler(call);
        }
    }
    if (taken)
        return Answer::Taken;
    if (fromOutside)
        return Answer::NotLocal;
    if (wrongMethod)
        return Answer::MethodNotAllowed;
    m_entries.remove(call.id); // all who listened are gone
    return Answer::Unknown;
}

} // namespace hubkeep::automation
