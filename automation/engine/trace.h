// What one run did, step by step, in the form of Home Assistant's traces.
//
// A step's path is that of Home Assistant: "trigger/0", "condition/0", "action/1",
// "action/0/choose/0/sequence/2". Bounded: at most mostSteps steps, long results shortened.
//
// Main thread.

#pragma once

#include "automation/core/context.h"
#include "automation/template/templatevalue.h"

#include <QDateTime>
#include <QHash>
#include <QJsonObject>
#include <QString>

#include <vector>

namespace hubkeep::automation {

struct TraceStep
{
    QString path;
    QDateTime timestamp; // UTC
    TemplateValue result; // a dict, "{'result': true}"; None where there is none
    QString error;
    TemplateValue changedVariables; // a dict of those that changed
};

class Trace
{
public:
    static constexpr qsizetype mostSteps = 1000;

    QString runId; // 32 hex digits
    QString domain = QStringLiteral("automation");
    QString itemId; // the automation's `id`, else its slug
    Context context {};
    QDateTime started; // UTC
    QDateTime finished; // invalid while it runs
    // "running" or "stopped"; and how it ended: "finished", "cancelled", "aborted", "error",
    // "failed_conditions", "failed_single", "failed_max_runs", "timeout".
    QString state = QStringLiteral("running");
    QString execution;
    QString triggerDescription;
    QString lastStep;
    QString error;
    TemplateValue triggerVariables {};

    // Begins the next step; the reference holds until then.
    TraceStep &add(const QString &path, const QDateTime &now);
    const std::vector<TraceStep> &steps() const { return m_steps; }

    QJsonObject toShortJson() const; // as trace/list has it
    QJsonObject toJson() const; // as trace/get has it, without "config" and "blueprint_inputs"

private:
    std::vector<TraceStep> m_steps;
};

} // namespace hubkeep::automation
