// + - * / // % ** and the sign.

#include "automation/template/operations.h"
#include "automation/template/pythonformat.h"
#include "automation/template/pythontime.h"

#include <algorithm>
#include <cmath>

namespace hubkeep::operations {
namespace {

using Kind = TemplateValue::Kind;

bool isNumeric(const TemplateValue &value)
{
    return value.kind() >= Kind::Boolean && value.kind() <= Kind::Float;
}

bool isWhole(const TemplateValue &value)
{
    return value.kind() == Kind::Boolean || value.kind() == Kind::Integer;
}

QString symbol(Arithmetic operation)
{
    switch (operation) {
    case Arithmetic::Add:
        return QStringLiteral("+");
    case Arithmetic::Subtract:
        return QStringLiteral("-");
    case Arithmetic::Multiply:
        return QStringLiteral("*");
    case Arithmetic::Divide:
        return QStringLiteral("/");
    case Arithmetic::FloorDivide:
        return QStringLiteral("//");
    case Arithmetic::Modulo:
        return QStringLiteral("%");
    case Arithmetic::Power:
        return QStringLiteral("**");
    }
    return {};
}

TemplateValue unsupported(TemplateRendering &rendering, Arithmetic operation,
    const TemplateValue &left, const TemplateValue &right)
{
    for (const TemplateValue *value : { &left, &right }) {
        if (value->isUndefined())
            return rendering.fail(value->undefinedReason());
    }
    return rendering.fail(QStringLiteral("unsupported operand types for %1: '%2' and '%3'")
                              .arg(symbol(operation), left.typeName(), right.typeName()));
}

TemplateValue overflow(
    TemplateRendering &rendering, Arithmetic operation, qint64 left, qint64 right)
{
    return rendering.fail(
        QStringLiteral("the result of %1 %2 %3 is beyond 64 bits")
            .arg(QString::number(left), symbol(operation), QString::number(right)));
}

TemplateValue byZero(TemplateRendering &rendering)
{
    return rendering.fail(QStringLiteral("division by zero"));
}

TemplateValue wholePower(TemplateRendering &rendering, qint64 base, qint64 exponent)
{
    if (exponent < 0) {
        if (base == 0)
            return rendering.fail(QStringLiteral("0 cannot be raised to a negative power"));
        return std::pow(double(base), double(exponent));
    }
    qint64 result = 1;
    qint64 factor = base;
    for (qint64 rest = exponent; rest > 0; rest >>= 1) {
        if ((rest & 1) != 0 && __builtin_mul_overflow(result, factor, &result))
            return overflow(rendering, Arithmetic::Power, base, exponent);
        if (rest > 1 && __builtin_mul_overflow(factor, factor, &factor))
            return overflow(rendering, Arithmetic::Power, base, exponent);
    }
    return result;
}

// Towards minus infinity, as Python; right is not 0.
qint64 floorDivided(qint64 left, qint64 right)
{
    const qint64 quotient = left / right;
    return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
}

TemplateValue wholeNumbers(
    TemplateRendering &rendering, Arithmetic operation, qint64 left, qint64 right)
{
    qint64 result = 0;
    switch (operation) {
    case Arithmetic::Add:
        if (!__builtin_add_overflow(left, right, &result))
            return result;
        break;
    case Arithmetic::Subtract:
        if (!__builtin_sub_overflow(left, right, &result))
            return result;
        break;
    case Arithmetic::Multiply:
        if (!__builtin_mul_overflow(left, right, &result))
            return result;
        break;
    case Arithmetic::Divide:
        if (right == 0)
            return byZero(rendering);
        return double(static_cast<long double>(left) / static_cast<long double>(right));
    case Arithmetic::FloorDivide:
    case Arithmetic::Modulo:
        if (right == 0)
            return byZero(rendering);
        if (right == -1) { // the one case that overflows
            if (operation == Arithmetic::Modulo)
                return 0;
            if (!__builtin_sub_overflow(qint64(0), left, &result))
                return result;
            break;
        }
        result = floorDivided(left, right);
        return operation == Arithmetic::FloorDivide ? result : left - result * right;
    case Arithmetic::Power:
        return wholePower(rendering, left, right);
    }
    return overflow(rendering, operation, left, right);
}

// Python's divmod() of floats; right is not 0.
std::pair<double, double> floatDivided(double left, double right)
{
    double modulo = std::fmod(left, right);
    double quotient = (left - modulo) / right;
    if (modulo != 0) {
        if ((right < 0) != (modulo < 0)) {
            modulo += right;
            quotient -= 1;
        }
    } else {
        modulo = std::copysign(0.0, right);
    }
    if (quotient == 0)
        return { std::copysign(0.0, left / right), modulo };
    double whole = std::floor(quotient);
    if (quotient - whole > 0.5)
        whole += 1;
    return { whole, modulo };
}

TemplateValue floatPower(TemplateRendering &rendering, double base, double exponent)
{
    if (base == 0 && exponent < 0)
        return rendering.fail(QStringLiteral("0.0 cannot be raised to a negative power"));
    if (base < 0 && std::isfinite(exponent) && std::floor(exponent) != exponent)
        return rendering.fail(QStringLiteral(
            "a negative number cannot be raised to a fraction: complex numbers do not "
            "exist here"));
    const double result = std::pow(base, exponent);
    if (std::isinf(result) && std::isfinite(base) && std::isfinite(exponent))
        return rendering.fail(QStringLiteral("the result of ** is too large for a float"));
    return result;
}

TemplateValue numbers(TemplateRendering &rendering, Arithmetic operation, double left, double right)
{
    switch (operation) {
    case Arithmetic::Add:
        return left + right;
    case Arithmetic::Subtract:
        return left - right;
    case Arithmetic::Multiply:
        return left * right;
    case Arithmetic::Divide:
        return right == 0 ? byZero(rendering) : TemplateValue(left / right);
    case Arithmetic::FloorDivide:
        return right == 0 ? byZero(rendering) : TemplateValue(floatDivided(left, right).first);
    case Arithmetic::Modulo:
        return right == 0 ? byZero(rendering) : TemplateValue(floatDivided(left, right).second);
    case Arithmetic::Power:
        return floatPower(rendering, left, right);
    }
    return {};
}

TemplateValue repeated(TemplateRendering &rendering, const TemplateValue &value, qint64 times)
{
    times = std::max<qint64>(0, times);
    const bool isText = value.isString();
    const qint64 size = isText ? value.string().size() : qint64(value.items().size());
    qint64 total = 0;
    if (__builtin_mul_overflow(size, times, &total))
        total = std::numeric_limits<qint64>::max();
    if (isText)
        return rendering.allowText(total) ? value.string().repeated(total == 0 ? 0 : times)
                                          : TemplateValue();
    if (!rendering.allowItems(total))
        return {};
    TemplateValue::Items items;
    items.reserve(size_t(total));
    for (qint64 i = 0; i < times && size > 0; ++i)
        items.insert(items.end(), value.items().begin(), value.items().end());
    return value.kind() == Kind::List ? TemplateValue::list(std::move(items))
                                      : TemplateValue::tuple(std::move(items));
}

TemplateValue joined(
    TemplateRendering &rendering, const TemplateValue &left, const TemplateValue &right)
{
    if (left.isString())
        return rendering.allowText(left.string().size() + right.string().size())
            ? TemplateValue(left.string() + right.string())
            : TemplateValue();
    if (!rendering.allowItems(qint64(left.items().size() + right.items().size())))
        return {};
    TemplateValue::Items items = left.items();
    items.insert(items.end(), right.items().begin(), right.items().end());
    return left.kind() == Kind::List ? TemplateValue::list(std::move(items))
                                     : TemplateValue::tuple(std::move(items));
}

TemplateValue setDifference(const TemplateValue &left, const TemplateValue &right)
{
    TemplateDict known;
    for (const TemplateValue &item : right.items())
        known.insert(item, {});
    TemplateValue::Items items;
    for (const TemplateValue &item : left.items()) {
        if (!known.find(item))
            items.push_back(item);
    }
    return TemplateValue::set(items);
}

} // namespace

TemplateValue arithmetic(TemplateRendering &rendering, Arithmetic operation,
    const TemplateValue &left, const TemplateValue &right)
{
    if (!rendering.step())
        return {};
    if (isNumeric(left) && isNumeric(right)) {
        if (isWhole(left) && isWhole(right))
            return wholeNumbers(rendering, operation, left.toInteger(), right.toInteger());
        return numbers(rendering, operation, left.toDouble(), right.toDouble());
    }
    if (operation == Arithmetic::Modulo && left.isString())
        return printfFormatted(rendering, left.string(), right);
    const bool joinable = left.isString() || left.isSequence();
    if (operation == Arithmetic::Add && joinable && left.kind() == right.kind())
        return joined(rendering, left, right);
    if (operation == Arithmetic::Multiply && joinable && isWhole(right))
        return repeated(rendering, left, right.toInteger());
    if (operation == Arithmetic::Multiply && (right.isString() || right.isSequence())
        && isWhole(left))
        return repeated(rendering, right, left.toInteger());
    if (operation == Arithmetic::Subtract && left.kind() == Kind::Set && right.kind() == Kind::Set)
        return setDifference(left, right);
    if (const auto result = timeArithmetic(rendering, operation, left, right))
        return *result;
    return unsupported(rendering, operation, left, right);
}

TemplateValue negated(TemplateRendering &rendering, const TemplateValue &value)
{
    switch (value.kind()) {
    case Kind::Boolean:
    case Kind::Integer:
    case Kind::Duration: {
        qint64 result = 0;
        if (__builtin_sub_overflow(qint64(0), value.toInteger(), &result))
            return rendering.fail(QStringLiteral("the result of - is beyond 64 bits"));
        if (value.kind() == Kind::Duration)
            return std::chrono::microseconds(result);
        return result;
    }
    case Kind::Float:
        return -value.toDouble();
    case Kind::Undefined:
        return rendering.fail(value.undefinedReason());
    default:
        return rendering.fail(
            QStringLiteral("bad operand type for unary -: '%1'").arg(value.typeName()));
    }
}

} // namespace hubkeep::operations
