#include "automation/engine/conditions/conditionkinds.h"

namespace hubkeep::automation {

TemplateCondition TemplateCondition::parse(
    const Value &value, const QString &path, Problems &problems)
{
    return { parseTemplate(value, path, problems) };
}

// The text counts, not what it would be typed as: "1" and "on" are not true here.
Result<bool> TemplateCondition::evaluate(const ConditionInput &input, TemplateDict &details) const
{
    TemplateReads reads;
    const Result<QString> text = value->renderText(input.parts.scope(input.names), &reads);
    TemplateValue::Items entities;
    for (const QString &id : QStringList(reads.entities.begin(), reads.entities.end()))
        entities.emplace_back(id);
    details.insert(
        TemplateValue(QStringLiteral("entities")), TemplateValue::list(std::move(entities)));
    if (!text)
        return text.error();
    return text->trimmed().compare(QLatin1String("true"), Qt::CaseInsensitive) == 0;
}

} // namespace hubkeep::automation
