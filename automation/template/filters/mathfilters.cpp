// Home Assistant's mathematics of single numbers: log, sqrt, sin, clamp, wrap, remap, bitwise_and,
// …

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

// A function of one number; where Python's raises a ValueError it gives NaN from what was none.
template <double (*function)(double)>
TemplateValue ofNumber(const TemplateCall &call)
{
    const std::optional<double> number = numberOf(call, call.value());
    if (!number)
        return defaultOr(call, 1, call.value());
    const double result = function(*number);
    if ((std::isnan(result) && !std::isnan(*number))
        || (std::isinf(result) && !std::isinf(*number)))
        return defaultOr(call, 1, call.value());
    return result;
}

TemplateValue log(const TemplateCall &call)
{
    const std::optional<double> base
        = call.has(1) ? numberOf(call, call[1]) : std::optional(std::numbers::e);
    if (!base)
        return defaultOr(call, 2, call[1]);
    const std::optional<double> number = numberOf(call, call.value());
    if (!number || *number <= 0 || *base <= 0)
        return defaultOr(call, 2, call.value());
    if (*base == 1)
        return call.fail(QStringLiteral("there is no logarithm to the base 1"));
    return std::log(*number) / std::log(*base);
}

TemplateValue atan2(const TemplateCall &call)
{
    std::vector<TemplateValue> arguments(call.rest().begin(), call.rest().end());
    const TemplateValue given
        = arguments.size() == 1 ? arguments[0] : TemplateValue::tuple(arguments);
    TemplateValue fallback = TemplateValue::missing();
    for (const auto &[name, value] : call.named()) {
        if (name != u"default")
            return call.fail(QStringLiteral("there is no argument '%1'").arg(name));
        fallback = value;
    }
    if (!arguments.empty() && arguments.size() <= 2 && arguments[0].isSequence()) {
        if (arguments.size() == 2 && fallback.isMissing())
            fallback = arguments[1];
        arguments = TemplateValue::Items(arguments[0].items());
    } else if (arguments.size() == 3 && fallback.isMissing()) {
        fallback = arguments[2];
    }
    if (arguments.size() < 2)
        return call.fail(QStringLiteral("needs two numbers"));
    const std::optional<double> y = numberOf(call, arguments[0]);
    const std::optional<double> x = numberOf(call, arguments[1]);
    if (y && x)
        return std::atan2(*y, *x);
    return fallback.isMissing() ? noDefault(call, given) : fallback;
}

template <operations::Arithmetic operation>
TemplateValue withAmount(const TemplateCall &call)
{
    const std::optional<double> number = numberOf(call, call.value());
    const bool numeric = call[1].isNumber() || call[1].kind() == Kind::Boolean;
    if (!number || !numeric)
        return defaultOr(call, 2, call.value());
    return operations::arithmetic(call.rendering(), operation, *number, call[1]);
}

enum class Bits {
    And,
    Or,
    Xor,
};

template <Bits operation>
TemplateValue bitwise(const TemplateCall &call)
{
    const auto isWhole = [](const TemplateValue &value) {
        return value.kind() == Kind::Integer || value.kind() == Kind::Boolean;
    };
    if (!isWhole(call[0]) || !isWhole(call[1]))
        return call.fail(QStringLiteral("expects two integers, not %1 and %2")
                             .arg(shortened(call[0]), shortened(call[1])));
    const qint64 left = call[0].toInteger();
    const qint64 right = call[1].toInteger();
    const qint64 result = operation == Bits::And ? left & right
        : operation == Bits::Or                  ? left | right
                                                 : left ^ right;
    if (call[0].kind() == Kind::Boolean && call[1].kind() == Kind::Boolean)
        return result != 0;
    return result;
}

// All arguments from the first on as numbers; false where one is none, and the call has failed.
template <size_t count>
bool readNumbers(const TemplateCall &call, double (&numbers)[count])
{
    for (size_t i = 0; i < count; ++i) {
        const std::optional<double> number = numberOf(call, call[i]);
        if (!number) {
            call.fail(QStringLiteral("expects numbers, not %1").arg(shortened(call[i])));
            return false;
        }
        numbers[i] = *number;
    }
    return true;
}

// As Python's max(low, min(high, value)), also for NaN.
double clamped(double value, double low, double high)
{
    const double below = value < high ? value : high;
    return below > low ? below : low;
}

// Python's %: with the sign of the divisor.
double pythonModulo(double value, double divisor)
{
    double rest = std::fmod(value, divisor);
    if (rest != 0 && (rest < 0) != (divisor < 0))
        rest += divisor;
    return rest == 0 ? std::copysign(0.0, divisor) : rest;
}

TemplateValue clamp(const TemplateCall &call)
{
    double numbers[3];
    if (!readNumbers(call, numbers))
        return {};
    return clamped(numbers[0], numbers[1], numbers[2]);
}

TemplateValue wrap(const TemplateCall &call)
{
    double numbers[3];
    if (!readNumbers(call, numbers))
        return {};
    const auto [value, low, high] = numbers;
    return high == low ? low : pythonModulo(value - low, high - low) + low;
}

double mirrored(double value, double low, double size)
{
    const double offset = value - low;
    const double period = std::floor(offset / size);
    const double within = offset - period * size;
    const bool back = period < 0 || pythonModulo(period, 2) != 0;
    return low + (back ? size - within : within);
}

TemplateValue remap(const TemplateCall &call)
{
    double numbers[5];
    qint64 steps = 0;
    QString edges = QStringLiteral("none");
    if (!readNumbers(call, numbers) || !call.read(5, steps) || !call.read(6, edges))
        return {};
    auto [value, inLow, inHigh, outLow, outHigh] = numbers;
    const double size = inHigh - inLow;
    if (edges == u"clamp") {
        value = clamped(value, inLow, inHigh);
    } else if (edges == u"wrap" || edges == u"mirror") {
        if (size == 0)
            return call.fail(QStringLiteral("in_min and in_max must not be the same"));
        value = edges == u"wrap" ? pythonModulo(value - inLow, size) + inLow
                                 : mirrored(value, inLow, size);
    }
    if (steps <= 0 && inLow == outLow && inHigh == outHigh)
        return value;
    if (size == 0)
        return call.fail(QStringLiteral("in_min and in_max must not be the same"));
    double part = (value - inLow) / size;
    if (steps > 0)
        part = std::nearbyint(part * double(steps)) / double(steps);
    return outLow + part * (outHigh - outLow);
}

TemplateValue abs(const TemplateCall &call)
{
    const TemplateValue &value = call.value();
    switch (value.kind()) {
    case Kind::Float:
        return std::fabs(value.toDouble());
    case Kind::Boolean:
        return value.toInteger();
    case Kind::Integer:
        return value.toInteger() < 0 ? operations::negated(call.rendering(), value) : value;
    case Kind::Duration:
        return value.duration().count() < 0 ? TemplateValue(-value.duration()) : value;
    default:
        return call.fail(QStringLiteral("expects a number, not %1").arg(shortened(value)));
    }
}

constexpr TemplateBuiltin both[] = {
    { "acos", ofNumber<std::acos>, "value default?" },
    { "asin", ofNumber<std::asin>, "value default?" },
    { "atan", ofNumber<std::atan>, "value default?" },
    { "atan2", atan2, "* **" },
    { "bitwise_and", bitwise<Bits::And>, "first_value second_value" },
    { "bitwise_or", bitwise<Bits::Or>, "first_value second_value" },
    { "bitwise_xor", bitwise<Bits::Xor>, "first_value second_value" },
    { "clamp", clamp, "value min_value max_value" },
    { "cos", ofNumber<std::cos>, "value default?" },
    { "log", log, "value base? default?" },
    { "remap", remap, "value in_min in_max out_min out_max steps? edges?" },
    { "sin", ofNumber<std::sin>, "value default?" },
    { "sqrt", ofNumber<std::sqrt>, "value default?" },
    { "tan", ofNumber<std::tan>, "value default?" },
    { "wrap", wrap, "value min_value max_value" },
};

constexpr TemplateBuiltin filters[] = {
    { "abs", abs, "value" },
    { "add", withAmount<operations::Arithmetic::Add>, "value amount default?" },
    { "multiply", withAmount<operations::Arithmetic::Multiply>, "value amount default?" },
};

} // namespace

void declareMath(TemplateBuiltins &builtins)
{
    builtins.addFilters(both);
    builtins.addFunctions(both);
    builtins.addFilters(filters);
    builtins.addGlobal(QStringLiteral("e"), std::numbers::e);
    builtins.addGlobal(QStringLiteral("inf"), std::numeric_limits<double>::infinity());
    builtins.addGlobal(QStringLiteral("pi"), std::numbers::pi);
    builtins.addGlobal(QStringLiteral("tau"), 2 * std::numbers::pi);
}

} // namespace hubkeep::filters
