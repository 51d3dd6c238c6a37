// What one run did, step by step, in the form of Home Assistant's traces.
//
//     trace.add(QStringLiteral("action/0"), now).result = forTrace(result);
//
// A step's path is that of Home Assistant: "trigger/0", "condition/0", "action/1",
// "action/0/choose/0/sequence/2". Bounded: at most mostSteps steps; a loop's last turns push its
// first ones out. What is kept of values is what forTrace leaves of them.
//
// Main thread.

#pragma once

#include "automation/core/context.h"
#include "automation/template/templatevalue.h"

#include <QDateTime>
#include <QHash>
#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <vector>

namespace hubkeep::automation {

struct TraceStep
{
    QString path;
    QDateTime timestamp; // UTC
    TemplateValue result {}; // a dict, "{'result': true}"; None where there is none
    QString error {};
    TemplateValue changedVariables {}; // a dict of those that changed
    int number = 0; // counts up, also past those that were pushed out
};

class Trace
{
public:
    static constexpr qsizetype mostSteps = 1000;
    static constexpr int mostOfOnePath = 20; // once there are mostSteps

    QString runId; // 32 hex digits
    QString domain = QStringLiteral("automation");
    QString itemId; // the automation's `id`, else its slug
    Context context {};
    QDateTime started; // UTC
    QDateTime finished; // invalid while it runs
    // "running" or "stopped"; and how it ended: "finished", "cancelled", "aborted", "error",
    // "failed_conditions", "failed_single", "failed_max_runs".
    QString state = QStringLiteral("running");
    QString execution;
    QString triggerDescription;
    QString lastStep;
    QString error;
    QStringList secrets {}; // not shown by either of the two below

    // Begins the next step; the reference holds until then.
    TraceStep &add(const QString &path, const QDateTime &now);
    // That step, for those who wait in between; null once it was pushed out.
    TraceStep *find(int number);
    const std::vector<TraceStep> &steps() const { return m_steps; }

    QJsonObject toShortJson() const; // as trace/list has it
    QJsonObject toJson() const; // as trace/get has it, without "config" and "blueprint_inputs"

private:
    void pushOut();

    std::vector<TraceStep> m_steps;
    int m_next = 1;
};

// What stands in a trace for a password.
inline constexpr const char *hiddenValue = "**REDACTED**";

// What a trace keeps of value: long texts and big collections shortened; what belongs to a key
// such as "password" or "access_token", and every text that holds one of secrets, hidden.
TemplateValue forTrace(const TemplateValue &value, const QStringList &secrets = {});
// The same of a sentence.
QString forTrace(const QString &sentence, const QStringList &secrets);

} // namespace hubkeep::automation
