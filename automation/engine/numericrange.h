// The `above` and `below` of numeric_state, as triggers and conditions have them.
//
// Plain value, cheap to copy; main thread.

#pragma once

#include "automation/engine/configreader.h"
#include "automation/engine/engineparts.h"

#include <memory>
#include <optional>

namespace hubkeep::automation {

class NumericRange
{
public:
    // Reads above, below, attribute and value_template; what is missing or contradicts itself is
    // a problem.
    static NumericRange parse(ConfigReader &reader);

    // Whether the state's number lies between, ends left out. A state that is unknown or
    // unavailable does not; what cannot be told is an error: no entity, no number. number gets
    // what it was.
    Result<bool> contains(const EngineParts &parts, const TemplateNames &names,
        const QString &entityId, const std::optional<State> &state,
        TemplateValue *number = nullptr) const;

    // As written: numbers, entity ids or None.
    TemplateValue above() const { return m_above; }
    TemplateValue below() const { return m_below; }
    TemplateValue attribute() const;

private:
    Result<TemplateValue> valueOf(const EngineParts &parts, const TemplateNames &names,
        const QString &entityId, const State &state) const;

    TemplateValue m_above;
    TemplateValue m_below;
    QString m_attribute;
    std::optional<Template> m_template;
};

} // namespace hubkeep::automation
