// What is left of a script's text once it was read: steps by what they do. Only for the parser
// and for the machine that runs them.
//
// Plain values, shared by all runs and never changed.

#pragma once

#include "automation/engine/condition.h"
#include "automation/engine/configreader.h"
#include "automation/engine/script.h"
#include "automation/engine/templatedvalue.h"
#include "automation/engine/trigger.h"

#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace hubkeep::automation {

using SequencePointer = std::shared_ptr<const Script::Sequence>;

struct ActionStep
{
    TemplatedValue name;
    std::vector<TemplatedValue> data {}; // `data` and `data_template`, later ones win
    TemplatedValue target {};
    TemplatedValue entityId {};
    QString responseVariable {};
};

struct DelayStep
{
    TemplatedPeriod period;
};

struct WaitLimit
{
    std::optional<TemplatedPeriod> timeout {};
    bool continuesOnTimeout = true;
};

struct WaitTemplateStep
{
    Template condition;
    WaitLimit limit;
};

struct WaitForTriggerStep
{
    std::vector<std::shared_ptr<const Trigger>> triggers; // each run starts fresh() ones
    WaitLimit limit;
};

// All of them must hold.
struct ConditionList
{
    QString path; // in traces; those of its members are path + memberPath + "/0"
    QString memberPath;
    std::vector<Condition> conditions {};
};

struct ChooseStep
{
    struct Option
    {
        ConditionList conditions;
        SequencePointer sequence;
    };
    std::vector<Option> options;
    SequencePointer byDefault; // may be null
};

struct IfStep
{
    ConditionList conditions;
    SequencePointer then;
    SequencePointer otherwise; // may be null
};

struct RepeatStep
{
    enum class Kind { Count, ForEach, While, Until };
    Kind kind = Kind::Count;
    TemplatedValue amount {}; // the number, or the items
    ConditionList conditions {}; // of While and Until
    SequencePointer sequence {};
};

struct ParallelStep
{
    std::vector<SequencePointer> branches;
};

struct SequenceStep
{
    SequencePointer sequence;
};

struct VariablesStep
{
    std::vector<std::pair<QString, TemplatedValue>> values;
};

struct StopStep
{
    QString text;
    bool isError = false;
    QString responseVariable {};
};

struct EventStep
{
    QString type;
    std::vector<TemplatedValue> data {}; // `event_data` and `event_data_template`
};

struct ConditionStep
{
    Condition condition;
};

// Something that is of no use here, but no reason to refuse an automation either.
struct IgnoredStep
{
    QString reason;
};

struct ScriptStep
{
    QString path; // "action/0"
    QString alias {};
    Place place {};
    EnabledOption enabled {};
    bool continuesOnError = false;
    std::variant<IgnoredStep, ActionStep, DelayStep, WaitTemplateStep, WaitForTriggerStep,
        ChooseStep, IfStep, RepeatStep, ParallelStep, SequenceStep, VariablesStep, StopStep,
        EventStep, ConditionStep>
        what {};
};

struct Script::Sequence
{
    std::vector<ScriptStep> steps;
};

} // namespace hubkeep::automation
