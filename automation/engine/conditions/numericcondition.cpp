#include "automation/engine/conditions/conditionkinds.h"

namespace hubkeep::automation {

NumericCondition NumericCondition::parse(ConfigReader &reader)
{
    NumericCondition condition;
    if (reader.required(QStringLiteral("entity_id")))
        condition.entityIds = reader.entityIds(QStringLiteral("entity_id"));
    condition.range = NumericRange::parse(reader);
    return condition;
}

Result<bool> NumericCondition::evaluate(const ConditionInput &input, TemplateDict &details) const
{
    std::optional<Error> error;
    for (qsizetype i = 0; i < entityIds.size(); ++i) {
        TemplateDict own;
        TemplateDict &its = entityIds.size() == 1 ? details : own;
        TemplateValue number;
        const Result<bool> holds = range.contains(input.parts, input.names, entityIds[i],
            input.parts.hub.states().get(entityIds[i]), &number);
        its.insert(TemplateValue(QStringLiteral("state")), number);
        input.note(QStringLiteral("%1/entity_id/%2").arg(input.path).arg(i), holds, its);
        if (!holds)
            error = error.value_or(holds.error());
        else if (!*holds)
            return false;
    }
    if (error)
        return *error;
    return true;
}

} // namespace hubkeep::automation
