// Jinja2's tests, and those of Home Assistant's that look at nothing but the value.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"

#include <cmath>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

template <Kind... kinds>
TemplateValue isKind(const TemplateCall &call)
{
    const Kind kind = call.value().kind();
    return TemplateValue(((kind == kinds) || ...));
}

TemplateValue isCallable(const TemplateCall &call)
{
    return call.value().isObject() && call.value().object()->isCallable();
}

TemplateValue isDefined(const TemplateCall &call)
{
    return !call.value().isUndefined();
}

TemplateValue modulo(const TemplateCall &call, const TemplateValue &divisor)
{
    return operations::arithmetic(
        call.rendering(), operations::Arithmetic::Modulo, call.value(), divisor);
}

TemplateValue isDivisibleBy(const TemplateCall &call)
{
    return modulo(call, call[1]) == TemplateValue(0);
}

TemplateValue isEven(const TemplateCall &call)
{
    return modulo(call, 2) == TemplateValue(0);
}

TemplateValue isOdd(const TemplateCall &call)
{
    return modulo(call, 2) == TemplateValue(1);
}

bool comparable(const TemplateCall &call)
{
    return call.rendering().allowValue(call.value()) && call.rendering().allowValue(call[1]);
}

TemplateValue isEqual(const TemplateCall &call)
{
    return comparable(call) && call.value() == call[1];
}

TemplateValue isUnequal(const TemplateCall &call)
{
    return comparable(call) && !(call.value() == call[1]);
}

TemplateValue isLess(const TemplateCall &call)
{
    return operations::compare(call.rendering(), operations::Order::Less, call.value(), call[1]);
}

TemplateValue isGreater(const TemplateCall &call)
{
    return operations::compare(call.rendering(), operations::Order::Greater, call.value(), call[1]);
}

TemplateValue isLessOrEqual(const TemplateCall &call)
{
    return operations::compare(
        call.rendering(), operations::Order::LessEqual, call.value(), call[1]);
}

TemplateValue isGreaterOrEqual(const TemplateCall &call)
{
    return operations::compare(
        call.rendering(), operations::Order::GreaterEqual, call.value(), call[1]);
}

TemplateValue isIn(const TemplateCall &call)
{
    return operations::contains(call.rendering(), call[1], call.value());
}

TemplateValue contains(const TemplateCall &call)
{
    return operations::contains(call.rendering(), call.value(), call[1]);
}

TemplateValue isFalse(const TemplateCall &call)
{
    return call.value().kind() == Kind::Boolean && !call.value().toBool();
}

TemplateValue isTrue(const TemplateCall &call)
{
    return call.value().kind() == Kind::Boolean && call.value().toBool();
}

TemplateValue isFilter(const TemplateCall &call)
{
    return call.value().isString()
        && TemplateBuiltins::all().filter(call.value().string()) != nullptr;
}

TemplateValue isTest(const TemplateCall &call)
{
    return call.value().isString()
        && TemplateBuiltins::all().test(call.value().string()) != nullptr;
}

TemplateValue isIterable(const TemplateCall &call)
{
    return call.value().isUndefined() || operations::isIterable(call.value());
}

// What has a length and items by number or key.
TemplateValue isSequence(const TemplateCall &call)
{
    const TemplateValue &value = call.value();
    switch (value.kind()) {
    case Kind::Undefined:
    case Kind::String:
    case Kind::List:
    case Kind::Tuple:
    case Kind::Dict:
        return true;
    case Kind::Object:
        return value.object()->length().has_value();
    default:
        return false;
    }
}

// str.islower(), str.isupper(): some letter has a case, and none the other.
bool isCased(const QString &text, bool upper)
{
    bool found = false;
    for (const QString &character : charactersOf(text)) {
        const QString lowered = character.toLower();
        const QString raised = character.toUpper();
        if (lowered == raised)
            continue;
        if (character != (upper ? raised : lowered))
            return false;
        found = true;
    }
    return found;
}

TemplateValue isLower(const TemplateCall &call)
{
    return isCased(textOf(call), false);
}

TemplateValue isUpper(const TemplateCall &call)
{
    return isCased(textOf(call), true);
}

TemplateValue isSameAs(const TemplateCall &call)
{
    return call.value().kind() == call[1].kind() && comparable(call) && call.value() == call[1];
}

TemplateValue never(const TemplateCall &)
{
    return false;
}

constexpr TemplateBuiltin tests[] = {
    { "!=", isUnequal, "value other" },
    { "<", isLess, "value other" },
    { "<=", isLessOrEqual, "value other" },
    { "==", isEqual, "value other" },
    { ">", isGreater, "value other" },
    { ">=", isGreaterOrEqual, "value other" },
    { "boolean", isKind<Kind::Boolean>, "value" },
    { "callable", isCallable, "value" },
    { "contains", contains, "value item" },
    { "datetime", isKind<Kind::DateTime>, "value" },
    { "defined", isDefined, "value" },
    { "divisibleby", isDivisibleBy, "value num" },
    { "eq", isEqual, "value other" },
    { "equalto", isEqual, "value other" },
    { "escaped", never, "value" },
    { "even", isEven, "value" },
    { "false", isFalse, "value" },
    { "filter", isFilter, "value" },
    { "float", isKind<Kind::Float>, "value" },
    { "ge", isGreaterOrEqual, "value other" },
    { "greaterthan", isGreater, "value other" },
    { "gt", isGreater, "value other" },
    { "in", isIn, "value seq" },
    { "integer", isKind<Kind::Integer>, "value" },
    { "iterable", isIterable, "value" },
    { "le", isLessOrEqual, "value other" },
    { "lessthan", isLess, "value other" },
    { "list", isKind<Kind::List>, "value" },
    { "lower", isLower, "value" },
    { "lt", isLess, "value other" },
    { "mapping", isKind<Kind::Dict>, "value" },
    { "ne", isUnequal, "value other" },
    { "none", isKind<Kind::None>, "value" },
    { "number", isKind<Kind::Integer, Kind::Float, Kind::Boolean>, "value" },
    { "odd", isOdd, "value" },
    { "sameas", isSameAs, "value other" },
    { "sequence", isSequence, "value" },
    { "set", isKind<Kind::Set>, "value" },
    { "string", isKind<Kind::String>, "value" },
    { "string_like", isKind<Kind::String>, "value" },
    { "test", isTest, "value" },
    { "true", isTrue, "value" },
    { "tuple", isKind<Kind::Tuple>, "value" },
    { "undefined", isKind<Kind::Undefined>, "value" },
    { "upper", isUpper, "value" },
};

} // namespace

void declareTests(TemplateBuiltins &builtins)
{
    builtins.addTests(tests);
}

} // namespace hubkeep::filters
