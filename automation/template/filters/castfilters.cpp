// Conversions as Home Assistant does them: int, float, bool, is_number, round, set, tuple.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"

#include <cmath>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

TemplateValue toFloat(const TemplateCall &call)
{
    if (const std::optional<double> number = numberOf(call, call.value()))
        return *number;
    return defaultOr(call, 1, call.value());
}

TemplateValue toInteger(const TemplateCall &call)
{
    qint64 base = 10;
    if (!call.read(2, base))
        return {};
    const TemplateValue &value = call.value();
    if (value.kind() == Kind::Integer || value.kind() == Kind::Boolean)
        return value.toInteger();
    if (value.isString()) {
        if (const std::optional<qint64> number = pythonInteger(value.string(), int(base)))
            return *number;
    }
    const std::optional<double> number = numberOf(call, value);
    if (number && std::isfinite(*number)) {
        if (const std::optional<qint64> whole = integerOf(*number))
            return *whole;
        return call.fail(
            QStringLiteral("%1 is beyond what 64 bits can hold").arg(shortened(value)));
    }
    return defaultOr(call, 1, value);
}

TemplateValue toBoolean(const TemplateCall &call)
{
    const TemplateValue &value = call.value();
    if (value.kind() == Kind::Boolean || value.isNumber())
        return value.isTruthy();
    if (value.isString()) {
        const QString word = strip(value.string().toLower());
        for (const char *const yes : { "1", "true", "yes", "on", "enable" }) {
            if (word == QLatin1String(yes))
                return true;
        }
        for (const char *const no : { "0", "false", "no", "off", "disable" }) {
            if (word == QLatin1String(no))
                return false;
        }
    }
    return defaultOr(call, 1, value);
}

TemplateValue isNumber(const TemplateCall &call)
{
    const std::optional<double> number = numberOf(call, call.value());
    return number && std::isfinite(*number);
}

// Python's round(): to even where it is exactly between, which the decimal writing decides.
double rounded(double number, qint64 precision)
{
    if (!std::isfinite(number) || precision > 323)
        return number;
    if (precision < -308)
        return std::copysign(0.0, number);
    if (precision == 0)
        return std::nearbyint(number);
    if (precision > 0)
        return fixed(number, int(precision)).toDouble();
    const double power = std::pow(10.0, double(-precision));
    return std::nearbyint(number / power) * power;
}

TemplateValue roundedBy(
    const TemplateCall &call, double number, qint64 precision, const QString &method)
{
    const double multiplier = std::pow(10.0, double(precision));
    double result = 0;
    if (method == u"ceil" || method == u"floor") {
        if (precision > 308 || precision < -323 || !std::isfinite(number * multiplier))
            return call.fail(QStringLiteral("the result is beyond what a number can hold"));
        result
            = (method == u"ceil" ? std::ceil(number * multiplier) : std::floor(number * multiplier))
                / multiplier
            + 0.0; // never -0.0
    } else if (method == u"half") {
        result = std::nearbyint(number * 2) / 2 + 0.0;
    } else {
        result = rounded(number, precision);
    }
    if (precision != 0)
        return result;
    if (const std::optional<qint64> whole = integerOf(result))
        return *whole;
    return call.fail(QStringLiteral("the result is beyond what 64 bits can hold"));
}

TemplateValue round(const TemplateCall &call)
{
    qint64 precision = 0;
    QString method = QStringLiteral("common");
    if (!call.read(1, precision) || !call.read(2, method))
        return {};
    const std::optional<double> number = numberOf(call, call.value());
    if (!number)
        return defaultOr(call, 3, call.value());
    if (std::isnan(*number) && precision == 0)
        return defaultOr(call, 3, call.value());
    return roundedBy(call, *number, precision, method);
}

TemplateValue toSet(const TemplateCall &call)
{
    const TemplateValue::Items items
        = call.has(0) ? operations::items(call.rendering(), call.value()) : TemplateValue::Items();
    for (const TemplateValue &item : items) {
        if (!isSetItem(item))
            return call.fail(QStringLiteral("a %1 cannot be in a set").arg(item.typeName()));
    }
    return TemplateValue::set(items);
}

TemplateValue toTuple(const TemplateCall &call)
{
    if (!call.has(0))
        return TemplateValue::tuple({});
    return TemplateValue::tuple(operations::items(call.rendering(), call.value()));
}

constexpr TemplateBuiltin filters[] = {
    { "bool", toBoolean, "value default?" },
    { "float", toFloat, "value default?" },
    { "int", toInteger, "value default? base?" },
    { "is_number", isNumber, "value" },
    { "round", round, "value precision? method? default?" },
};

constexpr TemplateBuiltin functions[] = {
    { "bool", toBoolean, "value default?" },
    { "float", toFloat, "value default?" },
    { "int", toInteger, "value default? base?" },
    { "is_number", isNumber, "value" },
    { "set", toSet, "value?" },
    { "tuple", toTuple, "value?" },
};

constexpr TemplateBuiltin tests[] = {
    { "is_number", isNumber, "value" },
};

} // namespace

void declareCasts(TemplateBuiltins &builtins)
{
    builtins.addFilters(filters);
    builtins.addFunctions(functions);
    builtins.addTests(tests);
}

} // namespace hubkeep::filters
