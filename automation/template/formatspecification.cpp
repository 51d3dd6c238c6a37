#include "automation/template/formatspecification.h"

#include "automation/template/valuetext.h"

#include <QVarLengthArray>

#include <charconv>
#include <cmath>

namespace hubkeep {
namespace {

bool isAlign(QChar character)
{
    return character == u'<' || character == u'>' || character == u'^' || character == u'=';
}

// Reads digits; false where they are more than anybody needs.
bool readNumber(QStringView text, qsizetype &at, qint64 &number)
{
    constexpr qint64 most = 1'000'000'000'000;
    number = 0;
    for (; at < text.size() && text[at] >= u'0' && text[at] <= u'9'; ++at) {
        number = number * 10 + (text[at].unicode() - u'0');
        if (number > most)
            return false;
    }
    return true;
}

QString converted(double number, std::chars_format format, qint64 precision)
{
    QVarLengthArray<char, 512> buffer(qsizetype(precision + 400));
    const auto end = std::to_chars(
        buffer.data(), buffer.data() + buffer.size(), number, format, int(precision));
    return QString::fromLatin1(buffer.constData(), end.ptr - buffer.constData());
}

// As many digits as g wants, in the shorter form.
QString general(double number, qint64 precision, bool alternate, bool dotZero)
{
    precision = std::max<qint64>(1, precision);
    QString text = converted(number, std::chars_format::scientific, precision - 1);
    qsizetype mark = text.indexOf(u'e');
    const int exponent = text.mid(mark + 1).toInt();
    const bool isFixed = exponent >= -4 && exponent < precision - (dotZero ? 1 : 0);
    if (isFixed) {
        text = converted(number, std::chars_format::fixed, precision - 1 - exponent);
        mark = text.size();
    }
    QString mantissa = text.left(mark);
    if (!alternate && mantissa.contains(u'.')) {
        while (mantissa.endsWith(u'0'))
            mantissa.chop(1);
        if (mantissa.endsWith(u'.'))
            mantissa.chop(1);
    } else if (alternate && !mantissa.contains(u'.')) {
        mantissa += u'.';
    }
    if (isFixed && dotZero && !mantissa.contains(u'.'))
        mantissa += QLatin1String(".0");
    return mantissa + text.mid(mark);
}

QString grouped(const QString &digits, char16_t separator, int size)
{
    QString text;
    for (qsizetype i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % size == 0)
            text += QChar(separator);
        text += digits[i];
    }
    return text;
}

} // namespace

std::optional<FormatSpecification> FormatSpecification::parse(
    TemplateRendering &rendering, const QString &text)
{
    FormatSpecification made;
    qsizetype at = 0;
    const auto next = [&] { return at < text.size() ? text[at] : QChar(); };
    const qsizetype fillSize = text.size() > 1 && text[0].isHighSurrogate() ? 2 : 1;
    if (text.size() > fillSize && isAlign(text[fillSize])) {
        made.fill = text.left(fillSize);
        made.align = text[fillSize].unicode();
        at = fillSize + 1;
    } else if (isAlign(next())) {
        made.align = text[at++].unicode();
    }
    if (next() == u'+' || next() == u'-' || next() == u' ')
        made.sign = text[at++].unicode();
    if (next() == u'z') {
        made.noNegativeZero = true;
        ++at;
    }
    if (next() == u'#') {
        made.alternate = true;
        ++at;
    }
    if (next() == u'0') {
        made.zeros = true;
        if (made.align == 0 || fillSize + 1 > text.size() || !isAlign(text[fillSize]))
            made.fill = QStringLiteral("0");
        ++at;
    }
    bool fits = readNumber(text, at, made.width);
    if (next() == u',' || next() == u'_')
        made.grouping = text[at++].unicode();
    if (next() == u'.') {
        const qsizetype before = ++at;
        fits = readNumber(text, at, made.precision) && fits;
        if (at == before) {
            rendering.fail(QStringLiteral("Format specifier missing precision"));
            return std::nullopt;
        }
    }
    if (at < text.size())
        made.type = text[at++].unicode();
    if (at < text.size() || !fits) {
        rendering.fail(QStringLiteral("'%1' is no format specifier").arg(text.left(60)));
        return std::nullopt;
    }
    if (!rendering.allowText(made.width + std::max<qint64>(0, made.precision)))
        return std::nullopt;
    return made;
}

QString NumberText::assembled(const FormatSpecification &specification) const
{
    const bool zeroed = specification.align == u'=' && specification.fill == u"0";
    const int size
        = QStringView(u"boxX").contains(QChar(specification.type)) && specification.type != 0 ? 4
                                                                                              : 3;
    QString whole = digits;
    if (specification.grouping != 0) {
        // Zeros that fill are grouped too, and never begin with a separator.
        whole = grouped(digits, specification.grouping, size);
        QString padded = digits;
        while (zeroed && sign.size() + whole.size() + rest.size() < specification.width) {
            padded.prepend(u'0');
            whole = grouped(padded, specification.grouping, size);
        }
    }
    const QString body = whole + rest;
    const qint64 missing = specification.width - sign.size() - body.size();
    if (missing <= 0)
        return sign + body;
    const QString &fill = specification.fill;
    switch (specification.align) {
    case u'<':
        return sign + body + fill.repeated(missing);
    case u'^':
        return fill.repeated(missing / 2) + sign + body + fill.repeated(missing - missing / 2);
    case u'=':
        return sign + fill.repeated(missing) + body;
    default:
        return fill.repeated(missing) + sign + body;
    }
}

QString wholeDigits(quint64 number, char16_t type)
{
    switch (type) {
    case u'b':
        return QString::number(number, 2);
    case u'o':
        return QString::number(number, 8);
    case u'x':
        return QString::number(number, 16);
    case u'X':
        return QString::number(number, 16).toUpper();
    default:
        return QString::number(number);
    }
}

QString floatDigits(double number, char16_t type, qint64 precision, bool alternate, bool dotZero)
{
    number = std::abs(number);
    if (type == 0 && precision < 0)
        return floatText(number);
    if (precision < 0)
        precision = 6;
    QString text;
    switch (type) {
    case u'f':
    case u'F':
    case u'%':
        text = converted(number, std::chars_format::fixed, precision);
        break;
    case u'e':
    case u'E':
        text = converted(number, std::chars_format::scientific, precision);
        break;
    default:
        text = general(number, precision, alternate, dotZero);
        break;
    }
    if (alternate && precision == 0 && !text.contains(u'.'))
        text.insert(text.contains(u'e') ? text.indexOf(u'e') : text.size(), u'.');
    return type == u'E' || type == u'G' ? text.toUpper() : text;
}

} // namespace hubkeep
