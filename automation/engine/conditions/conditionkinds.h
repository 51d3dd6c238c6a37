// The kinds of conditions that look at something: each is read from its keys, and evaluated.
//
// What they find out for the trace goes into `details`, in the words of Home Assistant.
//
// Plain values; main thread.

#pragma once

#include "automation/engine/configreader.h"
#include "automation/engine/engineparts.h"
#include "automation/engine/numericrange.h"
#include "automation/engine/trace.h"
#include "automation/template/templatedict.h"

#include <QTime>

#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace hubkeep::automation {

// What a condition is evaluated with.
struct ConditionInput
{
    const EngineParts &parts;
    const TemplateNames &names;
    Trace *trace; // may be null
    QString path; // in the trace

    // Writes a step's result down; or what kept it from having one.
    void note(const QString &at, const Result<bool> &holds, TemplateDict details = {}) const;
};

// state: entities are in one of some states.
struct StateCondition
{
    QStringList entityIds;
    bool isAny = false; // of the entities; else all
    QString attribute;
    std::vector<TemplateValue> wanted;
    std::optional<TemplatedPeriod> holdFor;

    static StateCondition parse(ConfigReader &reader);
    Result<bool> evaluate(const ConditionInput &input, TemplateDict &details) const;

private:
    Result<bool> evaluateOne(
        const ConditionInput &input, const QString &entityId, TemplateDict &details) const;
};

// numeric_state: the numbers of all entities are in a range.
struct NumericCondition
{
    QStringList entityIds;
    NumericRange range;

    static NumericCondition parse(ConfigReader &reader);
    Result<bool> evaluate(const ConditionInput &input, TemplateDict &details) const;
};

// time: the clock shows something between, on some days.
struct TimeCondition
{
    using End = std::variant<std::monostate, QTime, QString>; // nothing, a time, an entity

    End after;
    End before;
    QStringList weekdays;

    static TimeCondition parse(ConfigReader &reader);
    Result<bool> evaluate(const ConditionInput &input, TemplateDict &details) const;
};

// template: it renders to "true".
struct TemplateCondition
{
    std::optional<Template> value;

    static TemplateCondition parse(const Value &value, const QString &path, Problems &problems);
    Result<bool> evaluate(const ConditionInput &input, TemplateDict &details) const;
};

// trigger: one of these triggers has fired.
struct TriggerCondition
{
    QStringList ids;

    static TriggerCondition parse(ConfigReader &reader);
    Result<bool> evaluate(const ConditionInput &input, TemplateDict &details) const;
};

} // namespace hubkeep::automation
