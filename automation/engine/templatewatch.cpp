#include "automation/engine/templatewatch.h"

#include <utility>

namespace hubkeep::automation {

using namespace std::chrono_literals;

TemplateWatch::TemplateWatch(
    const EngineParts &parts, Template what, const TemplateNames &names, Call call)
    : m_parts(parts)
    , m_template(std::move(what))
    , m_names(names)
    , m_call(std::move(call))
{
}

Result<TemplateValue> TemplateWatch::start()
{
    return render();
}

Result<TemplateValue> TemplateWatch::render()
{
    TemplateReads reads;
    TemplateScope scope = m_parts.scope(m_names);
    scope.strict = m_isStrict;
    Result<TemplateValue> result = m_template.render(scope, &reads);
    m_rendered = m_parts.timers.clock().uptime();
    m_soon = {};
    follow(reads);
    return result;
}

void TemplateWatch::follow(const TemplateReads &reads)
{
    if (reads.time)
        waitForMinute();
    else
        m_minute = {};
    m_reads.time = reads.time;
    if (m_isWatching && reads.entities == m_reads.entities && reads.domains == m_reads.domains
        && reads.all == m_reads.all)
        return;
    m_isWatching = true;
    m_reads = reads;
    m_watching.clear();
    m_watching.push_back(m_parts.watch.subscribe(
        reads.entities.values(), [this](const Event &event) { changed(&event); }));
    if (reads.all) {
        m_watching.push_back(m_parts.watch.subscribeAll(
            [this](const Event &event) { changedAmongMany(1min, event); }));
        return;
    }
    for (const QString &domain : reads.domains)
        m_watching.push_back(m_parts.watch.subscribeDomain(
            domain, [this](const Event &event) { changedAmongMany(1s, event); }));
}

void TemplateWatch::changed(const Event *cause, bool isAllowed)
{
    if (m_ask && !isAllowed)
        return m_ask();
    const Result<TemplateValue> result = render();
    const Call call = m_call; // which may destroy this
    call({ result, cause });
}

void TemplateWatch::changedAmongMany(std::chrono::milliseconds atMostEvery, const Event &event)
{
    if (m_soon.isActive() || m_reads.entities.contains(event.change->entityId))
        return; // somebody sees to it
    const auto wait = m_rendered + atMostEvery - m_parts.timers.clock().uptime();
    if (wait <= 0ms)
        return changed(&event);
    m_soon = m_parts.timers.after(wait, [this] { changed(nullptr); });
}

// By time that passes, so that a clock that is set does not stop it.
void TemplateWatch::waitForMinute()
{
    const qint64 now = m_parts.timers.clock().now().toMSecsSinceEpoch();
    m_minute = m_parts.timers.after(
        std::chrono::milliseconds(60'000 - now % 60'000), [this] { changed(nullptr); });
}

} // namespace hubkeep::automation
