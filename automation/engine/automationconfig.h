// What one automation says, checked and parsed.
//
//     Problems problems;
//     const std::optional<AutomationConfig> config = parseAutomation(item.value, problems);
//
// Understands the old keys (trigger, condition, action) and the new (triggers, conditions,
// actions). All problems are found in one go, each with its place.
//
// Plain value; main thread.

#pragma once

#include "automation/engine/condition.h"
#include "automation/engine/engineparts.h"
#include "automation/engine/script.h"
#include "automation/engine/templatedvalue.h"

#include <QByteArray>

#include <memory>
#include <optional>
#include <vector>

namespace hubkeep::automation {

// What happens when an automation is triggered while it runs.
enum class RunMode { Single, Restart, Queued, Parallel };
QString toString(RunMode mode);

struct AutomationConfig
{
    QString id; // as written; empty where there is none
    QString alias;
    QString description;
    RunMode mode = RunMode::Single;
    int max = 10; // runs at work and waiting; of Queued and Parallel
    QString maxExceeded = QStringLiteral("warning"); // a log level, or silent
    std::optional<bool> initialState;
    int storedTraces = 5;

    // Never started: each start takes a fresh() one.
    std::vector<std::shared_ptr<const Trigger>> triggers;
    TemplatedValue triggerVariables; // a dict
    std::vector<Condition> conditions; // all must hold
    TemplatedValue variables; // a dict
    Script script;
    Value raw; // everything as it was written
    QStringList secrets; // in any of it: for no log and no trace

    // What people call it: its alias, else its id.
    const QString &name() const { return alias.isEmpty() ? id : alias; }
};

// Nothing, and at least one problem, where value is none that could run.
std::optional<AutomationConfig> parseAutomation(const Value &value, Problems &problems);

// The two that are needed even of a broken one.
QString automationId(const Value &value);
QString automationAlias(const Value &value);

} // namespace hubkeep::automation
