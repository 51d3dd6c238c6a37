// How the automation engine comes into the hub.

#include "app/applicationparts.h"

#include <QTimeZone>

namespace hubkeep {

// After the integrations, whose actions it names, and before the hub runs, so that it sees the
// start.
Result<void> Application::addAutomations()
{
    Parts &parts = *m_parts;
    const QTimeZone zone(parts.configuration.timeZone.toUtf8());
    parts.automations = std::make_unique<automation::AutomationEngine>(*parts.hub, *parts.timers,
        *parts.state, parts.folder.config(), zone.isValid() ? zone : QTimeZone::systemTimeZone());
    parts.hub->provide(parts.automations.get());
    parts.hub->provide(&parts.automations->parts());
    const Result<void> started = parts.automations->start();
    return started ? started : started.error().in(QStringLiteral("Starting the automations"));
}

automation::AutomationEngine &Application::automations()
{
    return *m_parts->automations;
}

TimerQueue &Application::timers()
{
    return *m_parts->timers;
}

QList<ConfigurationProblem> Application::checkFiles() const
{
    QStringList actions;
    for (const ActionDescription &action : m_parts->hub->actions().all())
        actions.append(action.name);
    return checkConfiguration(m_parts->folder.path(), actions);
}

} // namespace hubkeep
