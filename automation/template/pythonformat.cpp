#include "automation/template/pythonformat.h"

#include "automation/template/formatspecification.h"
#include "automation/template/operations.h"
#include "automation/template/pythontext.h"
#include "automation/template/pythontime.h"
#include "automation/template/valuetext.h"

#include <algorithm>
#include <cmath>

namespace hubkeep {
namespace {

using Kind = TemplateValue::Kind;

bool isOneOf(char16_t type, QStringView types)
{
    return type != 0 && types.contains(QChar(type));
}

QString signOf(bool negative, char16_t sign)
{
    if (negative)
        return QStringLiteral("-");
    return sign == u'-' || sign == 0 ? QString() : QString(QChar(sign));
}

QString unknownType(TemplateRendering &rendering, char16_t type, const TemplateValue &value)
{
    rendering.fail(QStringLiteral("Unknown format code '%1' for object of type '%2'")
                       .arg(QChar(type))
                       .arg(value.typeName()));
    return {};
}

QString formattedFloat(
    TemplateRendering &rendering, double number, FormatSpecification specification)
{
    if (specification.type != 0 && !isOneOf(specification.type, u"eEfFgGn%"))
        return unknownType(rendering, specification.type, number);
    if (specification.align == 0)
        specification.align = specification.zeros ? u'=' : u'>';
    const double shown = specification.type == u'%' ? number * 100 : number;
    NumberText text;
    text.sign = signOf(std::signbit(number) && !std::isnan(number), specification.sign);
    if (!std::isfinite(shown)) {
        text.digits = std::isnan(shown) ? QStringLiteral("nan") : QStringLiteral("inf");
        if (isOneOf(specification.type, u"EFG"))
            text.digits = text.digits.toUpper();
        specification.grouping = 0;
    } else {
        const char16_t type = specification.type == u'n' ? u'g' : specification.type;
        const QString digits
            = floatDigits(shown, type, specification.precision, specification.alternate, type == 0);
        const qsizetype point
            = std::min(digits.indexOf(u'.') < 0 ? digits.size() : digits.indexOf(u'.'),
                digits.indexOf(u'e', 0, Qt::CaseInsensitive) < 0
                    ? digits.size()
                    : digits.indexOf(u'e', 0, Qt::CaseInsensitive));
        text.digits = digits.left(point);
        text.rest = digits.mid(point);
        const auto isZero = [](QChar digit) { return digit == u'0' || digit == u'.'; };
        if (specification.noNegativeZero && text.sign == u"-"
            && std::all_of(digits.begin(), digits.end(), isZero))
            text.sign = signOf(false, specification.sign);
    }
    if (specification.type == u'%')
        text.rest += u'%';
    return text.assembled(specification);
}

QString formattedInteger(
    TemplateRendering &rendering, const TemplateValue &value, FormatSpecification specification)
{
    if (isOneOf(specification.type, u"eEfFgG%"))
        return formattedFloat(rendering, value.toDouble(), specification);
    if (specification.type != 0 && !isOneOf(specification.type, u"bcdoxXn"))
        return unknownType(rendering, specification.type, value);
    if (specification.noNegativeZero) {
        rendering.fail(QStringLiteral("Negative zero coercion (z) not allowed in format specifier "
                                      "with integer"));
        return {};
    }
    if (specification.precision >= 0) {
        rendering.fail(QStringLiteral("Precision not allowed in integer format specifier"));
        return {};
    }
    if (specification.grouping == u',' && isOneOf(specification.type, u"bcoxX")) {
        rendering.fail(
            QStringLiteral("Cannot specify ',' with '%1'.").arg(QChar(specification.type)));
        return {};
    }
    if (specification.align == 0)
        specification.align = specification.zeros ? u'=' : u'>';
    const qint64 number = value.toInteger();
    NumberText text;
    if (specification.type == u'c') {
        if (number < 0 || number > 0x10ffff) {
            rendering.fail(QStringLiteral("%c arg not in range(0x110000)"));
            return {};
        }
        const char32_t character = char32_t(number);
        text.rest = QString::fromUcs4(&character, 1);
        return text.assembled(specification);
    }
    text.sign = signOf(number < 0, specification.sign);
    if (specification.alternate && isOneOf(specification.type, u"boxX"))
        text.sign += u'0' + QString(QChar(specification.type));
    const quint64 size = number < 0 ? quint64(0) - quint64(number) : quint64(number);
    text.digits = wholeDigits(size, specification.type);
    return text.assembled(specification);
}

QString formattedText(TemplateRendering &rendering, const TemplateValue &value,
    const FormatSpecification &specification)
{
    if (specification.type != 0 && specification.type != u's')
        return unknownType(rendering, specification.type, value);
    if (specification.sign != 0 || specification.noNegativeZero || specification.alternate
        || specification.grouping != 0 || specification.align == u'=') {
        rendering.fail(QStringLiteral("a text takes no sign, '#', grouping or '=' alignment"));
        return {};
    }
    QString text = value.string();
    if (specification.precision >= 0)
        text.truncate(unitsUntil(text, specification.precision));
    const qint64 missing = specification.width - operations::characters(text);
    if (missing <= 0)
        return text;
    if (specification.align == u'>')
        return specification.fill.repeated(missing) + text;
    if (specification.align == u'^')
        return specification.fill.repeated(missing / 2) + text
            + specification.fill.repeated(missing - missing / 2);
    return text + specification.fill.repeated(missing);
}

} // namespace

QString fixedText(double number, int precision)
{
    const QString digits = floatDigits(number, u'f', precision, false, false);
    return std::signbit(number) ? u'-' + digits : digits;
}

QString formatted(
    TemplateRendering &rendering, const TemplateValue &value, const QString &specification)
{
    switch (value.kind()) {
    case Kind::DateTime:
    case Kind::Date:
    case Kind::Time:
        if (specification.isEmpty())
            return value.toText();
        if (!rendering.allowText(specification.size() * 32))
            return {};
        return value.kind() == Kind::Date ? strftime(value.date(), specification)
            : value.kind() == Kind::Time  ? strftime(value.timeOfDay(), specification)
                                          : strftime(value.time(), specification);
    default:
        break;
    }
    if (specification.isEmpty())
        return operations::text(rendering, value);
    const bool formattable
        = value.isString() || (value.kind() >= Kind::Boolean && value.kind() <= Kind::Float);
    if (!formattable) {
        rendering.fail(QStringLiteral("unsupported format string passed to %1.__format__")
                           .arg(value.typeName()));
        return {};
    }
    const auto parsed = FormatSpecification::parse(rendering, specification);
    if (!parsed)
        return {};
    if (value.isString())
        return formattedText(rendering, value, *parsed);
    return value.kind() == Kind::Float ? formattedFloat(rendering, value.toDouble(), *parsed)
                                       : formattedInteger(rendering, value, *parsed);
}

} // namespace hubkeep
