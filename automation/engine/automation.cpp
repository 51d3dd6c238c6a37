#include "automation/engine/automation.h"

#include "automation/engine/engineparts.h"
#include "automation/template/templatedict.h"

#include <QLoggingCategory>
#include <QUuid>

#include <algorithm>
#include <utility>

namespace hubkeep::automation {
namespace {

Q_LOGGING_CATEGORY(automationLog, "hubkeep.automation")

constexpr std::chrono::minutes refusalsToldEvery { 1 };

TemplateValue dictOf(const QHash<QString, TemplateValue> &values)
{
    TemplateDict dict;
    for (const char *name : { "this", "trigger" }) {
        const QString key = QLatin1String(name);
        if (const auto found = values.constFind(key); found != values.cend())
            dict.insert(TemplateValue(key), *found);
    }
    return TemplateValue(std::move(dict));
}

void write(const QString &level, const QString &sentence)
{
    if (level == u"silent")
        return;
    if (level == u"debug")
        qCDebug(automationLog).noquote() << sentence;
    else if (level == u"info")
        qCInfo(automationLog).noquote() << sentence;
    else if (level == u"critical" || level == u"error")
        qCCritical(automationLog).noquote() << sentence;
    else
        qCWarning(automationLog).noquote() << sentence;
}

// What `trigger` is where nothing triggered.
TemplateValue noTrigger()
{
    TemplateDict dict;
    dict.insert(TemplateValue(QStringLiteral("platform")), TemplateValue());
    return TemplateValue(std::move(dict));
}

// "trigger/0"; "trigger" alone where somebody called automation.trigger.
QString pathOf(const TriggerFired &what)
{
    const TemplateValue *index = what.variables.kind() == TemplateValue::Kind::Dict
        ? what.variables.dict().find(QStringView(u"idx"))
        : nullptr;
    return index ? QLatin1String("trigger/") + index->toText() : QStringLiteral("trigger");
}

} // namespace

Automation::Automation(
    AutomationHost &host, QString entityId, AutomationConfig config, AutomationMemory memory)
    : m_host(host)
    , m_entityId(std::move(entityId))
    , m_config(std::move(config))
    , m_memory(std::move(memory))
{
    if (m_config.initialState)
        m_memory.isOn = *m_config.initialState;
    show(Context::make());
}

Automation::~Automation()
{
    stop();
}

void Automation::stop()
{
    m_triggers.clear();
    Runs stopped;
    stopped.swap(m_runs);
    for (const Run &run : stopped)
        endTrace(*run.trace, QStringLiteral("cancelled"));
}

QString Automation::itemId() const
{
    return m_config.id.isEmpty() ? m_entityId.section(u'.', 1) : m_config.id;
}

void Automation::adoptTraces(std::deque<std::shared_ptr<Trace>> traces)
{
    m_traces = std::move(traces);
}

// --- On and off.

Result<void> Automation::start()
{
    return m_memory.isOn ? watch() : Result<void>();
}

Result<void> Automation::watch()
{
    m_triggerNames = TemplateVariables();
    TemplateScope scope = m_host.parts.scope(m_triggerNames);
    scope.limited = true;
    const Result<void> named = m_config.triggerVariables.renderInto(m_triggerNames, scope);
    std::optional<Error> failure;
    if (!named)
        failure = named.error().in(QStringLiteral("trigger_variables"));
    for (const std::shared_ptr<const Trigger> &trigger : m_config.triggers) {
        m_triggers.push_back(trigger->fresh());
        m_triggers.back()->setOwner(m_entityId);
        const Result<void> started = m_triggers.back()->start(
            m_host.parts, m_triggerNames, [this](const TriggerFired &what) { fired(what, false); });
        if (!started)
            failure = started.error().in(QStringLiteral("a trigger cannot be watched"));
    }
    if (!failure)
        return {};
    say(QStringLiteral("error"), QStringLiteral("%1: %2").arg(m_entityId, failure->message));
    return *failure;
}

void Automation::turnOn(const Context &context)
{
    if (m_memory.isOn)
        return;
    m_memory.isOn = true;
    (void)watch();
    show(context);
    m_host.memoryChanged(m_entityId);
}

void Automation::turnOff(const Context &context, bool stopActions)
{
    if (stopActions)
        stopRuns(QStringLiteral("cancelled"));
    if (!m_memory.isOn)
        return;
    m_memory.isOn = false;
    m_triggers.clear();
    show(context);
    m_host.memoryChanged(m_entityId);
}

void Automation::trigger(
    const Context &context, const TemplateValue &variables, bool skipConditions)
{
    TriggerFired what;
    what.variables = variables.isNone() ? noTrigger() : variables;
    what.context = context;
    fired(what, skipConditions);
}

// --- Being triggered.

void Automation::fired(const TriggerFired &what, bool skipConditions)
{
    const QDateTime now = m_host.parts.hub.clock().now();
    const Context context = Context::make(what.context.userId, what.context.id);
    if (!m_host.loops.enter(what.context, context, now))
        return m_host.looped(m_entityId, m_config.name());

    const auto trace = std::make_shared<Trace>();
    trace->runId = QUuid::createUuid().toString(QUuid::Id128);
    trace->itemId = itemId();
    trace->secrets = m_config.secrets;
    trace->context = context;
    trace->started = now;
    trace->triggerDescription = what.description;

    TemplateVariables names;
    if (const std::optional<State> self = m_host.parts.hub.states().get(m_entityId))
        names.set(QStringLiteral("this"), TemplateValue(*self));
    names.set(QStringLiteral("trigger"), what.variables);
    for (auto own = what.names.cbegin(); own != what.names.cend(); ++own)
        names.set(own.key(), own.value());
    trace->add(pathOf(what), now).changedVariables = dictOf(names.values());

    const Result<void> named = m_config.variables.renderInto(names, m_host.parts.scope(names));
    if (!named) {
        const QString why = named.error().in(QStringLiteral("variables")).message;
        say(QStringLiteral("error"), QStringLiteral("%1: %2").arg(m_entityId, why));
        endTrace(*trace, QStringLiteral("error"), why);
        return keep(trace);
    }
    const Result<bool> holds = skipConditions ? Result<bool>(true) : conditionsHold(names, *trace);
    if (!holds || !*holds) {
        endTrace(
            *trace, QStringLiteral("failed_conditions"), holds ? QString() : holds.error().message);
        return keep(trace);
    }
    begin(names.values(), context, trace);
}

// A condition that cannot be told does not hold, and is said.
Result<bool> Automation::conditionsHold(const TemplateNames &names, Trace &trace)
{
    for (std::size_t i = 0; i < m_config.conditions.size(); ++i) {
        const Result<bool> holds = m_config.conditions[i].evaluate(
            m_host.parts, names, &trace, QStringLiteral("condition/%1").arg(i));
        if (!holds)
            say(QStringLiteral("warning"),
                QStringLiteral("%1: a condition cannot be told: %2")
                    .arg(m_entityId, holds.error().message));
        if (!holds || !*holds)
            return holds;
    }
    return true;
}

// --- Runs.

std::optional<QString> Automation::refusal() const
{
    switch (m_config.mode) {
    case RunMode::Single:
        if (!m_runs.empty())
            return QStringLiteral("failed_single");
        return {};
    case RunMode::Restart:
        return {};
    case RunMode::Queued:
    case RunMode::Parallel:
        if (int(m_runs.size()) >= m_config.max)
            return QStringLiteral("failed_max_runs");
        return {};
    }
    return {};
}

void Automation::tellRefusal(const QString &level, const QString &why)
{
    if (m_tellRefusals.isActive()) {
        ++m_refusals;
        return;
    }
    const int more = std::exchange(m_refusals, 0);
    say(level,
        m_entityId + QLatin1String(": ") + why
            + (more == 0 ? QString()
                         : QStringLiteral("; it was triggered in vain %1 times more").arg(more)));
    m_tellRefusals = m_host.parts.timers.after(refusalsToldEvery, [this, level, why] {
        if (m_refusals > 0)
            tellRefusal(level, why);
    });
}

void Automation::begin(QHash<QString, TemplateValue> variables, const Context &context,
    const std::shared_ptr<Trace> &trace)
{
    keep(trace);
    if (const std::optional<QString> why = refusal()) {
        tellRefusal(m_config.maxExceeded,
            m_config.mode == RunMode::Single
                ? QStringLiteral("already running")
                : QStringLiteral("the most runs (%1) are reached").arg(m_config.max));
        return endTrace(*trace, *why);
    }
    if (m_config.mode == RunMode::Restart)
        stopRuns(QStringLiteral("cancelled"));
    RunMemory::Share memory(m_host.parts.memory);
    if (!memory.resize(memoryOf(variables))) {
        const QString why
            = QStringLiteral("a run cannot begin: the variables of all runs together take more "
                             "than %1 MB; let fewer run at a time")
                  .arg(RunMemory::most / 1024 / 1024);
        tellRefusal(QStringLiteral("error"), why);
        return endTrace(*trace, QStringLiteral("failed_max_runs"), why);
    }
    m_memory.lastTriggered = trace->started;
    m_host.memoryChanged(m_entityId);
    m_runs.push_back({ std::move(variables), context, trace, std::move(memory), nullptr });
    // Both may be heard at once, by somebody who stops the run before it has begun.
    tell(*trace);
    show(context);
    if (m_config.mode == RunMode::Queued)
        return beginWaiting();
    const auto run = std::find_if(
        m_runs.begin(), m_runs.end(), [&](const Run &one) { return one.trace == trace; });
    if (run != m_runs.end())
        startRun(run);
}

void Automation::tell(const Trace &trace) const
{
    QVariantMap data { { QStringLiteral("name"), m_config.name() },
        { QStringLiteral("entity_id"), m_entityId } };
    if (!trace.triggerDescription.isEmpty())
        data.insert(QStringLiteral("source"), trace.triggerDescription);
    m_host.parts.hub.bus().publish({ QStringLiteral("automation_triggered"), data, trace.context });
}

// One after the other. A run that ends at once comes back here while this works: then the loop
// goes on with the next, and the stack does not grow.
void Automation::beginWaiting()
{
    if (m_isBeginning)
        return;
    m_isBeginning = true;
    while (!m_runs.empty() && !m_runs.front().script)
        startRun(m_runs.begin());
    m_isBeginning = false;
}

void Automation::startRun(Runs::iterator run)
{
    run->script = std::make_unique<ScriptRun>(
        m_host.parts, m_config.script, std::move(run->variables), run->context, run->trace.get());
    run->script->start([this, run](const ScriptOutcome &outcome) { finished(run, outcome); });
}

void Automation::finished(Runs::iterator run, const ScriptOutcome &outcome)
{
    const Run ended = std::move(*run);
    m_runs.erase(run);
    if (outcome.error)
        say(QStringLiteral("error"),
            QStringLiteral("%1: %2").arg(m_entityId, outcome.error->message));
    endTrace(*ended.trace, outcome.execution, outcome.error ? outcome.error->message : QString());
    show(ended.context);
    if (m_config.mode == RunMode::Queued)
        beginWaiting();
}

void Automation::stopRuns(const QString &execution)
{
    // Out of the list first: what goes may tell others, who look at it.
    Runs stopped;
    stopped.swap(m_runs);
    for (const Run &run : stopped)
        endTrace(*run.trace, execution);
    if (!stopped.empty())
        show(stopped.back().context);
}

// --- What others see.

void Automation::say(const QString &level, const QString &sentence) const
{
    write(level, forTrace(sentence, m_config.secrets));
}

void Automation::endTrace(Trace &trace, const QString &execution, const QString &error) const
{
    trace.finished = m_host.parts.hub.clock().now();
    trace.state = QStringLiteral("stopped");
    trace.execution = execution;
    trace.error = error;
}

void Automation::keep(std::shared_ptr<Trace> trace)
{
    if (m_config.storedTraces == 0)
        return;
    m_traces.push_back(std::move(trace));
    while (int(m_traces.size()) > m_config.storedTraces)
        m_traces.pop_front();
}

void Automation::show(const Context &context)
{
    QVariantMap attributes { { QStringLiteral("friendly_name"), m_config.name() },
        { QStringLiteral("mode"), toString(m_config.mode) },
        { QStringLiteral("current"), runs() } };
    attributes.insert(QStringLiteral("last_triggered"),
        m_memory.lastTriggered.isValid() ? QVariant(toIsoTime(m_memory.lastTriggered))
                                         : QVariant::fromValue(nullptr));
    if (!m_config.id.isEmpty())
        attributes.insert(QStringLiteral("id"), m_config.id);
    if (m_config.mode == RunMode::Queued || m_config.mode == RunMode::Parallel)
        attributes.insert(QStringLiteral("max"), m_config.max);
    (void)m_host.parts.hub.states().set(m_entityId,
        m_memory.isOn ? QStringLiteral("on") : QStringLiteral("off"), attributes, context);
}

} // namespace hubkeep::automation
