// What must hold: checked when asked, never waited for.
//
//     const std::optional<Condition> condition = parseCondition(value, problems);
//     Result<bool> holds = condition->evaluate(parts, names);
//
// Plain value, cheap to copy; evaluated on the main thread.

#pragma once

#include "automation/engine/engineparts.h"
#include "automation/engine/trace.h"

#include <memory>
#include <optional>
#include <vector>

namespace hubkeep::automation {

class Condition
{
public:
    // One that is not enabled counts as if it were not there: callers need not ask, it holds.
    bool isEnabled(const EngineParts &parts, const TemplateNames &names) const;
    // An error counts as no; callers log it. trace gets what each part of it said.
    Result<bool> evaluate(const EngineParts &parts, const TemplateNames &names,
        Trace *trace = nullptr, const QString &path = {}) const;

private:
    friend class ConditionReader;
    struct Parsed;
    std::shared_ptr<const Parsed> m_parsed;
};

// Nothing, and at least one problem, where value is no condition. A list is an `and`.
std::optional<Condition> parseCondition(const Value &value, Problems &problems);

} // namespace hubkeep::automation
