// Of int and float.

#include "automation/template/methods/methods.h"

#include <bit>
#include <cmath>

namespace hubkeep::templates {
namespace {

TemplateValue bitLength(const TemplateCall &call)
{
    const qint64 value = call[0].toInteger();
    const quint64 size = value < 0 ? quint64(0) - quint64(value) : quint64(value);
    return int(std::bit_width(size));
}

TemplateValue bitCount(const TemplateCall &call)
{
    const qint64 value = call[0].toInteger();
    return std::popcount(value < 0 ? quint64(0) - quint64(value) : quint64(value));
}

TemplateValue itself(const TemplateCall &call)
{
    return call[0].kind() == TemplateValue::Kind::Boolean ? TemplateValue(call[0].toInteger())
                                                          : call[0];
}

TemplateValue wholeRatio(const TemplateCall &call)
{
    return TemplateValue::tuple({ call[0].toInteger(), 1 });
}

TemplateValue isWhole(const TemplateCall &call)
{
    const double value = call[0].toDouble();
    return std::isfinite(value) && std::floor(value) == value;
}

TemplateValue ratio(const TemplateCall &call)
{
    double numerator = call[0].toDouble();
    if (!std::isfinite(numerator))
        return call.fail(
            QStringLiteral("cannot convert %1 to integer ratio")
                .arg(std::isnan(numerator) ? QStringLiteral("NaN") : QStringLiteral("Infinity")));
    int exponent = 0;
    while (std::floor(numerator) != numerator) {
        numerator *= 2;
        ++exponent;
    }
    if (exponent > 62 || std::abs(numerator) >= 9.2e18)
        return call.fail(QStringLiteral("the ratio of %1 is beyond 64 bits").arg(call[0].toText()));
    return TemplateValue::tuple({ qint64(numerator), qint64(1) << exponent });
}

constexpr TemplateBuiltin ofIntegers[] = {
    { "as_integer_ratio", wholeRatio, "number" },
    { "bit_count", bitCount, "number" },
    { "bit_length", bitLength, "number" },
    { "conjugate", itself, "number" },
};

constexpr TemplateBuiltin ofFloats[] = {
    { "as_integer_ratio", ratio, "number" },
    { "conjugate", itself, "number" },
    { "is_integer", isWhole, "number" },
};

} // namespace

std::span<const TemplateBuiltin> integerMethods()
{
    return ofIntegers;
}

std::span<const TemplateBuiltin> floatMethods()
{
    return ofFloats;
}

} // namespace hubkeep::templates
