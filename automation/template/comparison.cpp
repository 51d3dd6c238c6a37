// <, <=, >, >=, in.

#include "automation/template/operations.h"
#include "automation/template/textsearch.h"

#include <algorithm>

namespace hubkeep::operations {
namespace {

using Kind = TemplateValue::Kind;

template <typename T>
bool ordered(Order order, const T &left, const T &right)
{
    switch (order) {
    case Order::Less:
        return left < right;
    case Order::LessEqual:
        return left <= right;
    case Order::Greater:
        return left > right;
    case Order::GreaterEqual:
        return left >= right;
    }
    return false;
}

bool isNumeric(const TemplateValue &value)
{
    return value.kind() >= Kind::Boolean && value.kind() <= Kind::Float;
}

bool numbers(Order order, const TemplateValue &left, const TemplateValue &right)
{
    if (left.kind() == Kind::Float || right.kind() == Kind::Float) {
        // 80 bits hold both kinds exactly.
        const auto exact = [](const TemplateValue &value) {
            return value.kind() == Kind::Float ? static_cast<long double>(value.toDouble())
                                               : static_cast<long double>(value.toInteger());
        };
        return ordered(order, exact(left), exact(right));
    }
    return ordered(order, left.toInteger(), right.toInteger());
}

// By characters, not by UTF-16's halves of them.
int byCharacters(const QString &left, const QString &right)
{
    const qsizetype size = std::min(left.size(), right.size());
    for (qsizetype i = 0; i < size; ++i) {
        const char16_t a = left[i].unicode();
        const char16_t b = right[i].unicode();
        if (a == b)
            continue;
        const bool isPair = QChar::isSurrogate(a);
        if (isPair != QChar::isSurrogate(b))
            return isPair ? 1 : -1;
        return a < b ? -1 : 1;
    }
    return left.size() == right.size() ? 0 : left.size() < right.size() ? -1 : 1;
}

bool subset(const TemplateValue &inner, const TemplateValue &outer)
{
    TemplateDict known;
    for (const TemplateValue &item : outer.items())
        known.insert(item, {});
    return std::all_of(inner.items().begin(), inner.items().end(),
        [&](const TemplateValue &item) { return known.find(item) != nullptr; });
}

bool sets(Order order, const TemplateValue &left, const TemplateValue &right)
{
    const bool fewer = left.items().size() < right.items().size();
    const bool more = left.items().size() > right.items().size();
    switch (order) {
    case Order::Less:
        return fewer && subset(left, right);
    case Order::LessEqual:
        return !more && subset(left, right);
    case Order::Greater:
        return more && subset(right, left);
    case Order::GreaterEqual:
        return !fewer && subset(right, left);
    }
    return false;
}

const char *symbol(Order order)
{
    switch (order) {
    case Order::Less:
        return "<";
    case Order::LessEqual:
        return "<=";
    case Order::Greater:
        return ">";
    case Order::GreaterEqual:
        return ">=";
    }
    return "";
}

bool sequences(TemplateRendering &rendering, Order order, const TemplateValue &left,
    const TemplateValue &right)
{
    const auto &a = left.items();
    const auto &b = right.items();
    const size_t size = std::min(a.size(), b.size());
    for (size_t i = 0; i < size; ++i) {
        if (!rendering.step())
            return false;
        if (!(a[i] == b[i]))
            return compare(rendering, order, a[i], b[i]);
    }
    return ordered(order, a.size(), b.size());
}

bool times(
    TemplateRendering &rendering, Order order, const TemplateTime &left, const TemplateTime &right)
{
    if (left.naive != right.naive) {
        rendering.fail(
            QStringLiteral("can't compare offset-naive and offset-aware datetimes; one of them has "
                           "no time zone (as_local gives it one)"));
        return false;
    }
    const qint64 difference
        = left.dateTime.toMSecsSinceEpoch() - right.dateTime.toMSecsSinceEpoch();
    return difference != 0 ? ordered<qint64>(order, difference, 0)
                           : ordered(order, left.microseconds, right.microseconds);
}

} // namespace

bool compare(TemplateRendering &rendering, Order order, const TemplateValue &left,
    const TemplateValue &right)
{
    if (isNumeric(left) && isNumeric(right))
        return numbers(order, left, right);
    if (left.isUndefined() || right.isUndefined()) {
        rendering.fail((left.isUndefined() ? left : right).undefinedReason());
        return false;
    }
    if (left.kind() == right.kind()) {
        switch (left.kind()) {
        case Kind::String:
            return ordered(order, byCharacters(left.string(), right.string()), 0);
        case Kind::List:
        case Kind::Tuple:
            return sequences(rendering, order, left, right);
        case Kind::Set:
            return sets(order, left, right);
        case Kind::DateTime:
            return times(rendering, order, left.time(), right.time());
        case Kind::Date:
        case Kind::Time:
        case Kind::Duration:
            return ordered(order, left.toInteger(), right.toInteger());
        default:
            break;
        }
    }
    rendering.fail(QStringLiteral("'%1' not supported between instances of '%2' and '%3'")
                       .arg(QLatin1String(symbol(order)), left.typeName(), right.typeName()));
    return false;
}

bool less(TemplateRendering &rendering, const TemplateValue &left, const TemplateValue &right)
{
    return rendering.step() && compare(rendering, Order::Less, left, right);
}

bool contains(
    TemplateRendering &rendering, const TemplateValue &container, const TemplateValue &item)
{
    switch (container.kind()) {
    case Kind::Undefined:
        return false;
    case Kind::String:
        if (!item.isString()) {
            rendering.fail(QStringLiteral("'in <string>' requires string as left operand, not %1")
                               .arg(item.isUndefined() ? item.undefinedReason() : item.typeName()));
            return false;
        }
        return findText(container.string(), item.string(), 0) >= 0;
    case Kind::Dict:
    case Kind::Set:
        if (!item.isHashable() && !item.isUndefined()) {
            rendering.fail(QStringLiteral("unhashable type: '%1'").arg(item.typeName()));
            return false;
        }
        if (container.kind() == Kind::Dict)
            return container.dict().find(item) != nullptr;
        break;
    case Kind::Object:
        if (const auto known = container.object()->contains(item))
            return *known;
        break;
    default:
        break;
    }
    if (!isIterable(container)) {
        rendering.fail(
            QStringLiteral("argument of type '%1' is not iterable").arg(container.typeName()));
        return false;
    }
    const qint64 weight = item.weight() / 4;
    TemplateIteration iteration(rendering, container);
    while (const TemplateValue *candidate = iteration.next()) {
        if (weight > 0 && !rendering.step(weight))
            return false;
        if (*candidate == item)
            return true;
    }
    return false;
}

} // namespace hubkeep::operations
