// When two values are the same, and their hash.

#include "automation/template/templatedict.h"
#include "automation/template/templateobject.h"

#include <algorithm>
#include <cmath>

namespace hubkeep {
namespace {

using Kind = TemplateValue::Kind;

bool isNumeric(const TemplateValue &value)
{
    return value.kind() >= Kind::Boolean && value.kind() <= Kind::Float;
}

// Exact: 2 ** 53 + 1 is not the float beside it.
bool equalNumbers(qint64 integer, double number)
{
    constexpr double limit = 9223372036854775808.0; // 2 ** 63
    return number >= -limit && number < limit && std::floor(number) == number
        && qint64(number) == integer;
}

bool equalNumbers(const TemplateValue &a, const TemplateValue &b)
{
    if (a.kind() == Kind::Float)
        return b.kind() == Kind::Float ? a.toDouble() == b.toDouble()
                                       : equalNumbers(b.toInteger(), a.toDouble());
    return b.kind() == Kind::Float ? equalNumbers(a.toInteger(), b.toDouble())
                                   : a.toInteger() == b.toInteger();
}

bool equalTimes(const TemplateTime &a, const TemplateTime &b)
{
    return a.naive == b.naive && a.microseconds == b.microseconds && a.dateTime == b.dateTime;
}

bool equalSets(const TemplateValue::Items &a, const TemplateValue::Items &b)
{
    if (a.size() != b.size())
        return false;
    TemplateDict known;
    for (const TemplateValue &item : a)
        known.insert(item, {});
    return std::all_of(
        b.begin(), b.end(), [&](const TemplateValue &item) { return known.find(item) != nullptr; });
}

size_t numberHash(const TemplateValue &value)
{
    if (value.kind() != Kind::Float)
        return qHash(value.toInteger());
    const double number = value.toDouble();
    if (std::abs(number) < 9e18 && std::floor(number) == number)
        return qHash(qint64(number));
    return qHash(number);
}

} // namespace

bool TemplateValue::operator==(const TemplateValue &other) const
{
    if (m_kind != other.m_kind)
        return isNumeric(*this) && isNumeric(other) && equalNumbers(*this, other);
    switch (m_kind) {
    case Kind::Undefined:
    case Kind::None:
        return true;
    case Kind::Boolean:
    case Kind::Integer:
    case Kind::Date:
    case Kind::Time:
    case Kind::Duration:
        return m_integer == other.m_integer;
    case Kind::Float:
        return m_float == other.m_float;
    case Kind::String:
        return m_string == other.m_string;
    case Kind::List:
    case Kind::Tuple:
        return m_shared == other.m_shared || items() == other.items();
    case Kind::Set:
        return m_shared == other.m_shared || equalSets(items(), other.items());
    case Kind::Dict:
        return m_shared == other.m_shared || dict() == other.dict();
    case Kind::DateTime:
        return equalTimes(time(), other.time());
    case Kind::Object:
        return m_object == other.m_object || m_object->equals(*other.m_object);
    }
    return false;
}

size_t TemplateValue::hash() const
{
    switch (m_kind) {
    case Kind::Boolean:
    case Kind::Integer:
    case Kind::Float:
        return numberHash(*this);
    case Kind::Date:
    case Kind::Time:
    case Kind::Duration:
        return qHash(m_integer, size_t(m_kind));
    case Kind::String:
        return qHash(QStringView(m_string));
    case Kind::Tuple: {
        size_t seed = 1;
        for (const TemplateValue &item : items())
            seed = seed * 31 + item.hash();
        return seed;
    }
    case Kind::DateTime:
        return qHash(dateTime().toMSecsSinceEpoch());
    case Kind::Object: // those that equal each other are not many
        return qHash(m_object->typeName());
    default:
        return 0;
    }
}

} // namespace hubkeep
