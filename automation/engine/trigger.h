// What starts an automation, or ends a wait_for_trigger.
//
//     Problems problems;
//     std::unique_ptr<Trigger> trigger = parseTrigger(value, 0, problems);
//     trigger->start(parts, names, [](const TriggerFired &fired) { … });
//
// One file per family: triggers/<family>.cpp, joined by the table in trigger.cpp.
// Main thread. Destroying a trigger stops it, also from inside its own call.

#pragma once

#include "automation/core/context.h"
#include "automation/engine/engineparts.h"

#include <QHash>

#include <functional>
#include <memory>
#include <vector>

namespace hubkeep::automation {

struct TriggerFired
{
    TemplateValue variables; // what templates see as `trigger`: platform, id, idx, alias, …
    QString id; // as written, else the index
    QString description; // "state of sensor.x"
    Context context {}; // of what happened; a fresh one for times
    // The trigger's own `variables`: names beside `trigger`.
    QHash<QString, TemplateValue> names {};
};

class Trigger
{
public:
    using Fire = std::function<void(const TriggerFired &fired)>;

    Trigger() = default;
    Trigger(const Trigger &) = delete;
    Trigger &operator=(const Trigger &) = delete;
    virtual ~Trigger() = default;

    // Whose it is, for what it says in the log; before start().
    void setOwner(const QString &entityId) { m_owner = entityId; }

    // Called once. names are the trigger_variables; they outlive the trigger. fire is never
    // called from inside start(). Fails with what can only be known now: a template in a `for`.
    virtual Result<void> start(const EngineParts &parts, const TemplateNames &names, Fire fire) = 0;

    // The same one, not started: each run of a wait_for_trigger needs its own. Cheap: what was
    // parsed is shared.
    virtual std::unique_ptr<Trigger> fresh() const = 0;

protected:
    const QString &owner() const { return m_owner; } // empty: nobody said

private:
    QString m_owner;
};

// Null, and at least one problem, where value is no trigger. index counts within the automation.
std::unique_ptr<Trigger> parseTrigger(const Value &value, int index, Problems &problems);
// One, or a list of them; nested lists ({"triggers": [...]}) count as their members.
std::vector<std::unique_ptr<Trigger>> parseTriggers(const Value &value, Problems &problems);

} // namespace hubkeep::automation
