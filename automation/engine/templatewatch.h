// Follows the result of a template: renders it again when something that it read has changed.
//
//     TemplateWatch watch(parts, value, names, [](const TemplateWatch::Rendered &rendered) { … });
//     Result<TemplateValue> first = watch.start();
//
// A template that looks at the time is rendered at each full minute too. One that goes over all
// states of a domain is rendered at most once a second because of them, over all states at all
// once a minute, as in Home Assistant; entities that it names count at once.
//
// Main thread. May be destroyed by its own call.

#pragma once

#include "automation/core/event.h"
#include "automation/engine/engineparts.h"
#include "automation/engine/statewatch.h"

#include <chrono>
#include <functional>
#include <vector>

namespace hubkeep::automation {

class TemplateWatch
{
public:
    struct Rendered
    {
        const Result<TemplateValue> &result;
        const Event *cause; // the change of a state; null: time
    };
    using Call = std::function<void(const Rendered &rendered)>;

    // parts and names outlive it.
    TemplateWatch(const EngineParts &parts, Template what, const TemplateNames &names, Call call);
    TemplateWatch(const TemplateWatch &) = delete;
    TemplateWatch &operator=(const TemplateWatch &) = delete;

    void setStrict(bool strict) { m_isStrict = strict; } // before start()
    // Instead of each rendering after the first, `ask` is called, and whoever gave it calls again()
    // when it may be; then nothing is known of the cause. Before start().
    void setAsk(std::function<void()> ask) { m_ask = std::move(ask); }
    void again() { changed(nullptr, true); }
    // What the last rendering looked at.
    const TemplateReads &reads() const { return m_reads; }

    // The first rendering, of which nobody is told. Called once.
    Result<TemplateValue> start();

private:
    Result<TemplateValue> render();
    void follow(const TemplateReads &reads);
    void changed(const Event *cause, bool isAllowed = false);
    void changedAmongMany(std::chrono::milliseconds atMostEvery, const Event &event);
    void waitForMinute();

    const EngineParts &m_parts;
    const Template m_template;
    const TemplateNames &m_names;
    const Call m_call;
    std::function<void()> m_ask; // none: it renders at once
    TemplateReads m_reads; // what is watched
    bool m_isStrict = false;
    bool m_isWatching = false;
    std::vector<StateWatch::Watching> m_watching;
    std::chrono::milliseconds m_rendered { 0 }; // when, by uptime
    Timer m_minute;
    Timer m_soon;
};

} // namespace hubkeep::automation
