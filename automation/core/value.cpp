#include "automation/core/value.h"

#include "automation/core/filedescriptor.h"

#include <QRegularExpression>

#include <cmath>
#include <limits>

namespace hubkeep {
namespace {

// The patterns of YAML 1.1's types as PyYAML resolves them.
const QRegularExpression &booleans()
{
    static const QRegularExpression pattern(
        QStringLiteral("\\A(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|"
                       "Off|OFF)\\z"));
    return pattern;
}

const QRegularExpression &integers()
{
    static const QRegularExpression pattern(
        QStringLiteral("\\A(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)"
                       "|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)\\z"));
    return pattern;
}

const QRegularExpression &floats()
{
    static const QRegularExpression pattern(
        QStringLiteral("\\A(?:[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+][0-9]+)?"
                       "|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
                       "|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*"
                       "|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN))\\z"));
    return pattern;
}

bool isNull(const QString &text)
{
    return text.isEmpty() || text == QLatin1String("~") || text == QLatin1String("null")
        || text == QLatin1String("Null") || text == QLatin1String("NULL");
}

// "1:30" is an hour and a half in minutes: base 60, the last part may have a fraction.
double sexagesimal(const QString &digits)
{
    double value = 0;
    for (const QString &part : digits.split(u':'))
        value = value * 60 + part.toDouble();
    return value;
}

QVariant integer(const QString &text)
{
    QString digits = QString(text).remove(u'_');
    const bool negative = digits.startsWith(u'-');
    if (negative || digits.startsWith(u'+'))
        digits.remove(0, 1);
    int base = 10;
    if (digits.contains(u':')) {
        const double value = sexagesimal(digits);
        if (value < 9e15)
            return qint64(negative ? -value : value);
        return negative ? -value : value;
    }
    if (digits.startsWith(QLatin1String("0b")))
        base = 2;
    else if (digits.startsWith(QLatin1String("0x")))
        base = 16;
    else if (digits.size() > 1 && digits.startsWith(u'0'))
        base = 8;
    if (base == 2 || base == 16)
        digits.remove(0, 2);
    bool ok = false;
    const qint64 value = (negative ? QLatin1String("-") + digits : digits).toLongLong(&ok, base);
    if (ok)
        return value;
    const double large = digits.toDouble(&ok); // beyond 64 bits, or no digits at all: "0x_"
    return ok && base == 10 ? QVariant(negative ? -large : large) : QVariant();
}

QVariant floatingPoint(const QString &text)
{
    QString digits = QString(text).remove(u'_').toLower();
    const bool negative = digits.startsWith(u'-');
    if (negative || digits.startsWith(u'+'))
        digits.remove(0, 1);
    double value = 0;
    if (digits == QLatin1String(".inf"))
        value = std::numeric_limits<double>::infinity();
    else if (digits == QLatin1String(".nan"))
        value = std::numeric_limits<double>::quiet_NaN();
    else
        value = sexagesimal(digits);
    return negative ? -value : value;
}

QVariant resolve(const QString &text)
{
    if (booleans().match(text).hasMatch()) {
        const QString word = text.toLower();
        return word == QLatin1String("yes") || word == QLatin1String("true")
            || word == QLatin1String("on");
    }
    const QChar first = text[0];
    if (!first.isDigit() && first != u'-' && first != u'+' && first != u'.')
        return text;
    QVariant number;
    if (floats().match(text).hasMatch())
        number = floatingPoint(text);
    else if (integers().match(text).hasMatch())
        number = integer(text);
    return number.isValid() ? number : QVariant(text);
}

} // namespace

Value Value::null(const Place &place)
{
    Value value;
    value.m_place = place;
    return value;
}

Value Value::broken(const Place &place)
{
    Value value = null(place);
    value.m_kind = Kind::Broken;
    return value;
}

Value Value::plain(const QString &text, const Place &place)
{
    Value value = null(place);
    value.m_text = text;
    if (isNull(text))
        return value;
    value.m_scalar = resolve(text);
    switch (value.m_scalar.typeId()) {
    case QMetaType::Bool:
        value.m_kind = Kind::Boolean;
        break;
    case QMetaType::LongLong:
        value.m_kind = Kind::Integer;
        break;
    case QMetaType::Double:
        value.m_kind = Kind::Float;
        break;
    default:
        value.m_kind = Kind::String;
        break;
    }
    return value;
}

Value Value::string(const QString &text, const Place &place)
{
    Value value = null(place);
    value.m_kind = Kind::String;
    value.m_text = text;
    value.m_scalar = text;
    return value;
}

Value Value::list(std::vector<Value> items, const Place &place)
{
    Value value = null(place);
    value.m_kind = Kind::List;
    value.m_items = std::make_shared<const std::vector<Value>>(std::move(items));
    return value;
}

Value Value::map(std::vector<Member> members, const Place &place)
{
    Value value = null(place);
    value.m_kind = Kind::Map;
    value.m_members = std::make_shared<const std::vector<Member>>(std::move(members));
    return value;
}

Value Value::fromVariant(const QVariant &variant)
{
    switch (variant.typeId()) {
    case QMetaType::UnknownType:
    case QMetaType::Nullptr:
        return {};
    case QMetaType::QVariantMap: {
        std::vector<Member> members;
        const QVariantMap map = variant.toMap();
        for (auto it = map.begin(); it != map.end(); ++it)
            members.push_back({ it.key(), {}, fromVariant(it.value()) });
        return Value::map(std::move(members), {});
    }
    case QMetaType::QVariantList:
    case QMetaType::QStringList: {
        std::vector<Value> items;
        for (const QVariant &item : variant.toList())
            items.push_back(fromVariant(item));
        return list(std::move(items), {});
    }
    case QMetaType::QString:
        return string(variant.toString(), {});
    default:
        break;
    }
    Value value;
    value.m_text = variant.toString();
    value.m_scalar = variant;
    const double number = variant.toDouble();
    if (variant.typeId() == QMetaType::Bool) {
        value.m_kind = Kind::Boolean;
    } else if (variant.typeId() != QMetaType::Double && variant.typeId() != QMetaType::Float) {
        value.m_kind = Kind::Integer;
        value.m_scalar = variant.toLongLong();
    } else if (std::floor(number) == number && std::abs(number) < 9e15) { // JSON has but one kind
        value.m_kind = Kind::Integer;
        value.m_scalar = qint64(number);
        value.m_text = QString::number(qint64(number));
    } else {
        value.m_kind = Kind::Float;
    }
    return value;
}

QVariant Value::toVariant() const
{
    if (m_kind == Kind::List) {
        QVariantList list;
        for (const Value &item : items())
            list.append(item.toVariant());
        return list;
    }
    if (m_kind == Kind::Map) {
        QVariantMap map;
        for (const Member &member : members())
            map.insert(member.key, member.value.toVariant());
        return map;
    }
    return m_scalar;
}

const std::vector<Value> &Value::items() const
{
    static const std::vector<Value> none;
    return m_items ? *m_items : none;
}

const std::vector<Value::Member> &Value::members() const
{
    static const std::vector<Member> none;
    return m_members ? *m_members : none;
}

const Value *Value::find(const QString &key) const
{
    for (const Member &member : members()) {
        if (member.key == key)
            return &member.value;
    }
    return nullptr;
}

qsizetype Value::nodes(qsizetype limit) const
{
    qsizetype count = 1;
    for (const Value &item : items()) {
        if (count > limit)
            break;
        count += item.nodes(limit - count);
    }
    for (const Member &member : members()) {
        if (count > limit)
            break;
        count += member.value.nodes(limit - count);
    }
    return count;
}

Value Value::at(const Place &place) const
{
    Value value = *this;
    value.m_place = place;
    return value;
}

Value Value::asSecret() const
{
    Value value = *this;
    value.m_secret = true;
    return value;
}

QString Value::describe() const
{
    if (m_secret && !isCollection())
        return QStringLiteral("what is written there");
    switch (m_kind) {
    case Kind::Null:
    case Kind::Broken:
        return QStringLiteral("nothing");
    case Kind::Boolean:
        return m_text == QLatin1String("true") || m_text == QLatin1String("false")
            ? QStringLiteral("the boolean %1").arg(m_text)
            : QStringLiteral("the boolean %1 (a text %1 needs quotes)").arg(m_text);
    case Kind::Integer:
    case Kind::Float:
        return QStringLiteral("the number %1").arg(m_text);
    case Kind::String:
        return m_text.isEmpty() ? QStringLiteral("an empty text")
                                : QStringLiteral("the text %1").arg(quoted(m_text));
    case Kind::List:
        return QStringLiteral("a list");
    case Kind::Map:
        return QStringLiteral("a mapping");
    }
    return {};
}

QString quoted(const QString &text)
{
    constexpr qsizetype longest = 60;
    const QString shown = text.size() > longest ? text.left(longest) + u'…' : text;
    return QStringLiteral("'%1'").arg(displayName(shown.toUtf8()));
}

} // namespace hubkeep
