// A sequence of steps, and the running of it: a stack machine that waits without blocking.
//
//     const std::optional<Script> script = parseScript(value, problems);
//     auto run = std::make_unique<ScriptRun>(parts, *script, variables, context, trace);
//     run->start([](const ScriptOutcome &outcome) { … });
//
// A Script is a plain value, shared by its runs, so that runs outlive a change of the file.
// Main thread. Destroying a run stops it where it is: actions that it called are cancelled,
// timers and triggers dropped, and nobody is told.

#pragma once

#include "automation/engine/condition.h"
#include "automation/engine/trigger.h"

#include <functional>
#include <memory>
#include <optional>

namespace hubkeep::automation {

class Script
{
public:
    struct Sequence;
    const std::shared_ptr<const Sequence> &steps() const { return m_steps; }

    // Every action and entity that it names outright, for checks at load.
    QStringList actionNames() const;

private:
    friend std::optional<Script> parseScript(const Value &value, Problems &problems);
    std::shared_ptr<const Sequence> m_steps;
};

// One step, or a list of them. Nothing where there is at least one problem.
std::optional<Script> parseScript(const Value &value, Problems &problems);

struct ScriptOutcome
{
    // In the words of a trace: "finished", "aborted" (a condition or stop), "error", …
    QString execution = QStringLiteral("finished");
    std::optional<Error> error {};
    TemplateValue response {}; // of `stop` with a response_variable
};

class ScriptRun
{
public:
    using Done = std::function<void(const ScriptOutcome &outcome)>;

    // trace may be null, else it outlives the run.
    ScriptRun(const EngineParts &parts, Script script, QHash<QString, TemplateValue> variables,
        Context context, Trace *trace);
    ~ScriptRun();
    ScriptRun(const ScriptRun &) = delete;
    ScriptRun &operator=(const ScriptRun &) = delete;

    // Called once. Runs until the first wait before it returns; done is called at the end, last
    // of all (it may destroy the run), also from inside start().
    void start(Done done);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace hubkeep::automation
