// One automation at work: its triggers, its entity and its runs.
//
// Made by the engine, on the main thread; destroying it stops everything that it does. What it
// reports goes to the engine through AutomationHost.

#pragma once

#include "automation/engine/automationconfig.h"
#include "automation/engine/engineparts.h"
#include "automation/engine/loopguard.h"
#include "automation/engine/script.h"
#include "automation/engine/trace.h"

#include <QDateTime>

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <utility>
#include <vector>

namespace hubkeep::automation {

// What survives a restart.
struct AutomationMemory
{
    bool isOn = true;
    QDateTime lastTriggered {};
    bool operator==(const AutomationMemory &) const = default;
};

// What all automations share. Outlives them.
struct AutomationHost
{
    EngineParts &parts;
    LoopGuard &loops;
    std::function<void(const QString &entityId)> memoryChanged;
    // A run was not begun: it would have been the hundredth because of the one before.
    std::function<void(const QString &entityId, const QString &name)> looped;
};

class Automation
{
public:
    // Shows the entity; nothing is watched before start().
    Automation(
        AutomationHost &host, QString entityId, AutomationConfig config, AutomationMemory memory);
    ~Automation(); // leaves the entity's state to the engine
    Automation(const Automation &) = delete;
    Automation &operator=(const Automation &) = delete;

    const QString &entityId() const { return m_entityId; }
    const AutomationConfig &config() const { return m_config; }
    // Of its traces: its id, else the second half of its entity's.
    QString itemId() const;

    // Watches, if it is on. What a trigger finds wrong only now is logged and returned; the
    // others watch.
    Result<void> start();

    bool isOn() const { return m_memory.isOn; }
    void turnOn(const Context &context);
    void turnOff(const Context &context, bool stopActions);
    // As if something had triggered it, on or off.
    void trigger(const Context &context, const TemplateValue &variables, bool skipConditions);

    // It is written elsewhere by now, with the same content: runs that begin say so in errors.
    void moved(Script script) { m_config.script = std::move(script); }

    // Its triggers and runs, for good; another one takes its place.
    void stop();

    const AutomationMemory &memory() const { return m_memory; }
    int runs() const { return int(m_runs.size()); }
    const std::deque<std::shared_ptr<Trace>> &traces() const { return m_traces; }
    // Those of the automation that this one replaces.
    void adoptTraces(std::deque<std::shared_ptr<Trace>> traces);

private:
    struct Run
    {
        QHash<QString, TemplateValue> variables;
        Context context;
        std::shared_ptr<Trace> trace;
        RunMemory::Share memory; // of the variables that it begins with
        std::unique_ptr<ScriptRun> script; // null: it waits for its turn
    };
    using Runs = std::list<Run>;

    Result<void> watch();
    void fired(const TriggerFired &fired, bool skipConditions);
    Result<bool> conditionsHold(const TemplateNames &names, Trace &trace);
    // Whether another run may begin; if not, how its trace ends.
    std::optional<QString> refusal() const;
    void tellRefusal(
        const QString &level, const QString &why); // once, then their number, a minute later
    void begin(QHash<QString, TemplateValue> variables, const Context &context,
        const std::shared_ptr<Trace> &trace);
    void tell(const Trace &trace) const;
    void beginWaiting();
    void startRun(Runs::iterator run);
    void finished(Runs::iterator run, const ScriptOutcome &outcome);
    void stopRuns(const QString &execution);
    void say(const QString &level, const QString &sentence) const; // in the log
    void endTrace(Trace &trace, const QString &execution, const QString &error = {}) const;
    void keep(std::shared_ptr<Trace> trace);
    void show(const Context &context);

    AutomationHost &m_host;
    const QString m_entityId;
    AutomationConfig m_config; // but for moved(), never changed
    AutomationMemory m_memory;
    TemplateVariables m_triggerNames;
    std::vector<std::unique_ptr<Trigger>> m_triggers;
    Runs m_runs; // at work, then waiting
    std::deque<std::shared_ptr<Trace>> m_traces; // oldest first
    int m_refusals = 0; // that nobody was told of yet
    Timer m_tellRefusals; // due: one was told of within the last minute
    bool m_isBeginning = false; // runs that end at once must not begin each other
};

} // namespace hubkeep::automation
