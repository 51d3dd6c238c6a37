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

    // What is never to be seen in its traces, errors and warnings: the secrets in its own value
    // unless somebody says more.
    void hide(const QStringList &secrets) { m_secrets = secrets; }

private:
    friend class RunMachine;
    friend std::optional<Script> parseScript(
        const Value &value, Problems &problems, const QString &path);
    std::shared_ptr<const Sequence> m_steps;
    QStringList m_secrets;
};

// An action that is named outright, by no template.
struct NamedAction
{
    QString name; // "backup.create"
    Place place;
};
// Those of every step of value, also of steps in steps, for checks at load; also where value is
// not sound.
QList<NamedAction> namedActions(const Value &value);

// The texts in value that came by !secret, longest first: one may be a part of another.
QStringList secretsOf(const Value &value);

// One step, or a list of them. Nothing where there is at least one problem. In traces its steps
// are "action/0", ….
std::optional<Script> parseScript(
    const Value &value, Problems &problems, const QString &path = QStringLiteral("action"));

struct ScriptOutcome
{
    // In the words of a trace: "finished" (also by `stop`); "aborted", by a condition, or with an
    // error by `stop` or a wait that was too long; "error".
    QString execution = QStringLiteral("finished");
    std::optional<Error> error {};
    TemplateValue response {}; // of `stop` with a response_variable
};

class ScriptRun
{
public:
    using Done = std::function<void(const ScriptOutcome &outcome)>;

    static constexpr int mostSteps = 1'000'000; // without waiting in between
    static constexpr qsizetype mostRemembered = 16 * 1024 * 1024; // of variables, about, in bytes

    // Templates see variables, and `context`. What the run does is done in that context. trace
    // may be null, else it outlives the run.
    ScriptRun(const EngineParts &parts, Script script, QHash<QString, TemplateValue> variables,
        Context context, Trace *trace);
    ~ScriptRun();
    ScriptRun(const ScriptRun &) = delete;
    ScriptRun &operator=(const ScriptRun &) = delete;

    // Called once. Runs until the first wait before it returns, but no longer than some
    // milliseconds: then it goes on from the event loop. done is called at the end, last of all
    // (it may destroy the run), also from inside start().
    void start(Done done);
    // Whether it waits for nothing but its next turn on the event loop.
    bool isToGoOn() const;

private:
    std::shared_ptr<class RunMachine> m_machine; // itself keeps it while it works
};

} // namespace hubkeep::automation
