// Home Assistant's functions that look at states; each says what it looked at.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"
#include "automation/template/filters/stateobjects.h"
#include "automation/template/stateobject.h"

#include <QSet>

#include <algorithm>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

TemplateValue stateAttr(const TemplateCall &call)
{
    QString name;
    if (!allowStates(call.rendering(), call.name()) || !wantString(call) || !call.read(1, name))
        return {};
    const std::optional<State> state = lookUpState(call.rendering(), call.value().string());
    return state ? TemplateValue::fromVariant(state->attributes.value(name)) : TemplateValue();
}

TemplateValue isState(const TemplateCall &call)
{
    if (!allowStates(call.rendering(), call.name()) || !wantString(call))
        return {};
    const std::optional<State> state = lookUpState(call.rendering(), call.value().string());
    if (!state)
        return false;
    const TemplateValue value(state->value);
    if (call[1].kind() != Kind::List)
        return value == call[1];
    const TemplateValue::Items &wanted = call[1].items();
    return std::any_of(
        wanted.begin(), wanted.end(), [&](const TemplateValue &each) { return value == each; });
}

TemplateValue isStateAttr(const TemplateCall &call)
{
    QString name;
    if (!allowStates(call.rendering(), call.name()) || !wantString(call) || !call.read(1, name))
        return {};
    const std::optional<State> state = lookUpState(call.rendering(), call.value().string());
    return state && state->attributes.contains(name) && call.rendering().allowValue(call[2])
        && TemplateValue::fromVariant(state->attributes.value(name)) == call[2];
}

TemplateValue hasValue(const TemplateCall &call)
{
    if (!allowStates(call.rendering(), call.name()) || !wantString(call))
        return {};
    const std::optional<State> state = lookUpState(call.rendering(), call.value().string());
    return state && state->value != QLatin1String(unknownState)
        && state->value != QLatin1String(unavailableState);
}

// Ids, states and lists of both; groups stand for their members.
TemplateValue expand(const TemplateCall &call)
{
    TemplateRendering &rendering = call.rendering();
    if (!allowStates(rendering, call.name()))
        return {};
    std::vector<TemplateValue> left(call.rest().begin(), call.rest().end());
    TemplateValue::Items found;
    QSet<QString> seen;
    while (!left.empty() && rendering.step()) {
        const TemplateValue next = std::move(left.back());
        left.pop_back();
        std::optional<State> state;
        if (next.isString()) {
            state = lookUpState(rendering, next.string());
        } else if (next.isObject()
            && dynamic_cast<const StateObject *>(next.object().get()) != nullptr) {
            state = static_cast<const StateObject &>(*next.object()).state();
            rendering.readsEntity(state->entityId);
        } else if (operations::isIterable(next)) {
            const TemplateValue::Items items = operations::items(rendering, next);
            if (rendering.failed() || !withinItems(rendering, left.size() + items.size()))
                return {};
            left.insert(left.end(), items.begin(), items.end());
        }
        if (!state || seen.contains(state->entityId))
            continue;
        seen.insert(state->entityId);
        const QString domain = domainOf(state->entityId);
        const QString members
            = domain == u"zone" ? QStringLiteral("persons") : QStringLiteral("entity_id");
        if (domain == u"group" || domain == u"zone") {
            const TemplateValue inside
                = TemplateValue::fromVariant(state->attributes.value(members));
            if (inside.isSequence())
                left.insert(left.end(), inside.items().begin(), inside.items().end());
        } else {
            found.push_back(TemplateValue(*state));
        }
    }
    return TemplateValue::list(std::move(found));
}

constexpr TemplateBuiltin filters[] = {
    { "expand", expand, "*" },
    { "has_value", hasValue, "entity_id" },
    { "state_attr", stateAttr, "entity_id name" },
    { "states", statesCall, "entity_id rounded? with_unit?" },
};

constexpr TemplateBuiltin functions[] = {
    { "expand", expand, "*" },
    { "has_value", hasValue, "entity_id" },
    { "is_state", isState, "entity_id state" },
    { "is_state_attr", isStateAttr, "entity_id name value" },
    { "state_attr", stateAttr, "entity_id name" },
};

constexpr TemplateBuiltin tests[] = {
    { "has_value", hasValue, "entity_id" },
    { "is_state", isState, "entity_id state" },
    { "is_state_attr", isStateAttr, "entity_id name value" },
};

} // namespace

void declareStates(TemplateBuiltins &builtins)
{
    builtins.addFilters(filters);
    builtins.addFunctions(functions);
    builtins.addTests(tests);
    builtins.addGlobal(QStringLiteral("states"),
        TemplateValue(std::static_pointer_cast<TemplateObject>(std::make_shared<AllStates>())));
}

} // namespace hubkeep::filters
