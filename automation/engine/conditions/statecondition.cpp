#include "automation/engine/conditions/conditionkinds.h"

#include "automation/core/schema.h"
#include "automation/core/state.h"

#include <algorithm>
#include <array>

namespace hubkeep::automation {
namespace {

// A wanted state that is the id of one of these means its state.
bool namesAnEntity(const TemplateValue &wanted)
{
    static const std::array domains { QStringLiteral("input_boolean"),
        QStringLiteral("input_datetime"), QStringLiteral("input_number"),
        QStringLiteral("input_select"), QStringLiteral("input_text") };
    return wanted.kind() == TemplateValue::Kind::String && isEntityId(wanted.string())
        && std::find(domains.begin(), domains.end(), domainOf(wanted.string())) != domains.end();
}

void readWanted(
    const Value &value, bool isOfAttribute, std::vector<TemplateValue> &wanted, Problems &problems)
{
    if (value.kind() == Value::Kind::Broken)
        return;
    if (!isOfAttribute && value.kind() != Value::Kind::String)
        problems.append({ value.place(),
            atPath(QStringLiteral("state"),
                QStringLiteral("must be a text, not %1").arg(value.describe())) });
    else if (value.kind() == Value::Kind::String && Template::isTemplate(value.text()))
        problems.append({ value.place(),
            atPath(QStringLiteral("state"), QStringLiteral("takes no template")) });
    else
        wanted.push_back(TemplateValue::fromValue(value));
}

} // namespace

StateCondition StateCondition::parse(ConfigReader &reader)
{
    StateCondition condition;
    if (reader.required(QStringLiteral("entity_id")))
        condition.entityIds = reader.entityIds(QStringLiteral("entity_id"));
    const QString all = QStringLiteral("all");
    condition.isAny
        = reader.choice(QStringLiteral("match"), { all, QStringLiteral("any") }, all) != all;
    condition.attribute = reader.text(QStringLiteral("attribute"));
    if (const Value *wanted = reader.required(QStringLiteral("state"))) {
        const bool isOfAttribute = !condition.attribute.isEmpty();
        if (wanted->kind() != Value::Kind::List)
            readWanted(*wanted, isOfAttribute, condition.wanted, reader.problems());
        for (const Value &item : wanted->items())
            readWanted(item, isOfAttribute, condition.wanted, reader.problems());
    }
    if (const Value *holdFor = reader.find(QStringLiteral("for")))
        condition.holdFor
            = TemplatedPeriod::parse(*holdFor, QStringLiteral("for"), reader.problems());
    return condition;
}

Result<bool> StateCondition::evaluateOne(
    const ConditionInput &input, const QString &entityId, TemplateDict &details) const
{
    const StateStore &states = input.parts.hub.states();
    const std::optional<State> state = states.get(entityId);
    if (!state)
        return Error { ErrorCode::NotFound, QStringLiteral("there is no entity %1").arg(entityId) };
    if (!attribute.isEmpty() && !state->attributes.contains(attribute))
        return false;
    const TemplateValue is = attribute.isEmpty()
        ? TemplateValue(state->value)
        : TemplateValue::fromVariant(state->attributes.value(attribute));
    TemplateValue last;
    bool holds = false;
    for (const TemplateValue &one : wanted) {
        last = one;
        if (namesAnEntity(one)) {
            const std::optional<State> other = states.get(one.string());
            if (!other)
                return Error {
                    ErrorCode::NotFound,
                    QStringLiteral("there is no entity %1, which 'state' names").arg(one.string())
                };
            last = TemplateValue(other->value);
        }
        holds = is == last;
        if (holds)
            break;
    }
    details.insert(TemplateValue(QStringLiteral("state")), is);
    details.insert(TemplateValue(QStringLiteral("wanted_state")), last);
    if (!holds || !holdFor)
        return holds;
    const Result<std::chrono::milliseconds> period
        = holdFor->render(input.parts.scope(input.names));
    if (!period)
        return period.error();
    const qint64 since = state->lastChanged.msecsTo(input.parts.hub.clock().now());
    details.insert(TemplateValue(QStringLiteral("duration")), TemplateValue(double(since) / 1000));
    return since >= period->count();
}

Result<bool> StateCondition::evaluate(const ConditionInput &input, TemplateDict &details) const
{
    bool result = !isAny;
    std::optional<Error> error;
    for (qsizetype i = 0; i < entityIds.size(); ++i) {
        // Of one alone the details are those of the condition.
        TemplateDict own;
        TemplateDict &its = entityIds.size() == 1 ? details : own;
        const Result<bool> holds = evaluateOne(input, entityIds[i], its);
        input.note(QStringLiteral("%1/entity_id/%2").arg(input.path).arg(i), holds, its);
        if (!holds)
            error = error.value_or(holds.error());
        else if (*holds && isAny)
            result = true;
        else if (!*holds && !isAny)
            return false;
    }
    if (error && !(isAny && result))
        return *error;
    return result;
}

} // namespace hubkeep::automation
