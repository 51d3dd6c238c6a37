#include "automation/engine/conditions/conditionkinds.h"

namespace hubkeep::automation {

TriggerCondition TriggerCondition::parse(ConfigReader &reader)
{
    TriggerCondition condition;
    if (reader.required(QStringLiteral("id")))
        condition.ids = reader.texts(QStringLiteral("id"));
    return condition;
}

Result<bool> TriggerCondition::evaluate(const ConditionInput &input, TemplateDict &) const
{
    const TemplateValue *trigger = input.names.find(QStringLiteral("trigger"));
    if (!trigger || trigger->kind() != TemplateValue::Kind::Dict)
        return false;
    const TemplateValue *id = trigger->dict().find(u"id");
    return id && ids.contains(id->toText());
}

} // namespace hubkeep::automation
