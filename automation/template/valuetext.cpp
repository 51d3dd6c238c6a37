#include "automation/template/valuetext.h"

#include "automation/template/pythontext.h"
#include "automation/template/templatedict.h"
#include "automation/template/templateobject.h"

#include <QTimeZone>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace hubkeep {
namespace {

using Kind = TemplateValue::Kind;

constexpr qsizetype longest = 2'000'000; // of a text that nobody else bounds

template <typename Items>
void appendItems(QString &out, const Items &items)
{
    bool first = true;
    for (const TemplateValue &item : items) {
        if (out.size() > longest)
            return;
        if (!first)
            out += QLatin1String(", ");
        first = false;
        appendLiteral(out, item);
    }
}

void appendDict(QString &out, const TemplateDict &dict)
{
    out += u'{';
    bool first = true;
    for (const auto &[key, value] : dict) {
        if (out.size() > longest)
            return;
        if (!first)
            out += QLatin1String(", ");
        first = false;
        appendLiteral(out, key);
        out += QLatin1String(": ");
        appendLiteral(out, value);
    }
    out += u'}';
}

void appendEscaped(QString &out, char32_t character)
{
    const QString digits = QString::number(uint(character), 16);
    if (character < 0x100)
        out += QLatin1String("\\x") + digits.rightJustified(2, u'0');
    else if (character < 0x10000)
        out += QLatin1String("\\u") + digits.rightJustified(4, u'0');
    else
        out += QLatin1String("\\U") + digits.rightJustified(8, u'0');
}

QString zoneLiteral(const QDateTime &time)
{
    if (time.timeSpec() == Qt::UTC || time.timeZone() == QTimeZone::utc())
        return QStringLiteral("datetime.timezone.utc");
    if (time.timeSpec() == Qt::OffsetFromUTC)
        return QStringLiteral("datetime.timezone(%1)")
            .arg(TemplateValue(std::chrono::microseconds(qint64(time.offsetFromUtc()) * 1'000'000))
                     .toLiteral());
    return QStringLiteral("zoneinfo.ZoneInfo(key='%1')")
        .arg(QString::fromUtf8(time.timeZone().id()));
}

QString clockLiteral(QTime time, int microseconds)
{
    QString text = QStringLiteral("%1, %2").arg(time.hour()).arg(time.minute());
    microseconds += time.msec() * 1000;
    if (time.second() != 0 || microseconds != 0)
        text += QStringLiteral(", %1").arg(time.second());
    if (microseconds != 0)
        text += QStringLiteral(", %1").arg(microseconds);
    return text;
}

QString timeLiteral(const TemplateTime &time)
{
    const QDate date = time.dateTime.date();
    QString text = QStringLiteral("datetime.datetime(%1, %2, %3, %4")
                       .arg(date.year())
                       .arg(date.month())
                       .arg(date.day())
                       .arg(clockLiteral(time.dateTime.time(), time.microseconds));
    if (!time.naive)
        text += QLatin1String(", tzinfo=") + zoneLiteral(time.dateTime);
    return text + u')';
}

QString durationLiteral(std::chrono::microseconds duration)
{
    constexpr qint64 day = 86'400'000'000;
    qint64 days = duration.count() / day;
    qint64 rest = duration.count() % day;
    if (rest < 0) {
        rest += day;
        --days;
    }
    QStringList parts;
    if (days != 0)
        parts += QStringLiteral("days=%1").arg(days);
    if (rest / 1'000'000 != 0)
        parts += QStringLiteral("seconds=%1").arg(rest / 1'000'000);
    if (rest % 1'000'000 != 0)
        parts += QStringLiteral("microseconds=%1").arg(rest % 1'000'000);
    if (parts.isEmpty())
        parts += QStringLiteral("0");
    return QStringLiteral("datetime.timedelta(%1)").arg(parts.join(QLatin1String(", ")));
}

QString fraction(int microseconds)
{
    return microseconds == 0 ? QString()
                             : u'.' + QString::number(microseconds).rightJustified(6, u'0');
}

} // namespace

QString floatText(double number)
{
    if (std::isnan(number))
        return QStringLiteral("nan");
    if (std::isinf(number))
        return number < 0 ? QStringLiteral("-inf") : QStringLiteral("inf");
    // As d.ddde±xx, of which Python's choice of layout is made.
    char written[32];
    const char *const end
        = std::to_chars(written, written + sizeof written, number, std::chars_format::scientific)
              .ptr;
    const char *const mark = std::find<const char *>(written, end, 'e');
    int exponent = 0;
    std::from_chars(mark + (mark[1] == '+' ? 2 : 1), end, exponent);
    char digits[24];
    int count = 0;
    for (const char *at = written; at != mark; ++at) {
        if (*at >= '0' && *at <= '9')
            digits[count++] = *at;
    }
    char text[48];
    char *out = text;
    const auto put = [&out, &digits, count](int from, int to) {
        for (int i = from; i < to; ++i)
            *out++ = i < count ? digits[i] : '0';
    };
    if (written[0] == '-')
        *out++ = '-';
    if (exponent < -4 || exponent >= 16) {
        put(0, 1);
        if (count > 1)
            *out++ = '.';
        put(1, count);
        out = std::copy(mark, end, out); // two digits at least, as Python's
    } else if (exponent < 0) {
        *out++ = '0';
        *out++ = '.';
        out = std::fill_n(out, -exponent - 1, '0');
        put(0, count);
    } else {
        put(0, exponent + 1);
        *out++ = '.';
        put(exponent + 1, std::max(count, exponent + 2));
    }
    return QString::fromLatin1(text, out - text);
}

QString stringLiteral(const QString &text)
{
    const QChar quote = text.contains(u'\'') && !text.contains(u'"') ? u'"' : u'\'';
    QString out;
    out.reserve(text.size() + 2);
    out += quote;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar unit = text[i];
        if (unit == quote || unit == u'\\') {
            out += u'\\';
            out += unit;
        } else if (unit == u'\n') {
            out += QLatin1String("\\n");
        } else if (unit == u'\r') {
            out += QLatin1String("\\r");
        } else if (unit == u'\t') {
            out += QLatin1String("\\t");
        } else if (unit >= u' ' && unit < u'\x7f') {
            out += unit;
        } else if (unit.isHighSurrogate() && i + 1 < text.size() && text[i + 1].isLowSurrogate()) {
            const char32_t character = QChar::surrogateToUcs4(unit, text[++i]);
            if (isPythonPrintable(character))
                out += QString::fromUcs4(&character, 1);
            else
                appendEscaped(out, character);
        } else if (isPythonPrintable(unit.unicode())) {
            out += unit;
        } else {
            appendEscaped(out, unit.unicode());
        }
    }
    return out += quote;
}

QString offsetText(int seconds, bool colon)
{
    const int size = std::abs(seconds);
    QString text = QStringLiteral("%1%2%3%4")
                       .arg(QChar(seconds < 0 ? u'-' : u'+'))
                       .arg(size / 3600, 2, 10, QLatin1Char('0'))
                       .arg(colon ? QStringLiteral(":") : QString())
                       .arg(size / 60 % 60, 2, 10, QLatin1Char('0'));
    if (size % 60 != 0)
        text += QStringLiteral("%1%2")
                    .arg(colon ? QStringLiteral(":") : QString())
                    .arg(size % 60, 2, 10, QLatin1Char('0'));
    return text;
}

QString isoFormat(QTime time)
{
    return time.toString(QStringLiteral("HH:mm:ss")) + fraction(time.msec() * 1000);
}

QString isoFormat(const TemplateTime &time, QChar separator)
{
    const QTime clock = time.dateTime.time();
    QString text = time.dateTime.date().toString(QStringLiteral("yyyy-MM-dd")) + separator
        + clock.toString(QStringLiteral("HH:mm:ss"))
        + fraction(clock.msec() * 1000 + time.microseconds);
    if (!time.naive)
        text += offsetText(time.dateTime.offsetFromUtc());
    return text;
}

QString durationText(std::chrono::microseconds duration)
{
    constexpr qint64 day = 86'400'000'000;
    qint64 days = duration.count() / day;
    qint64 rest = duration.count() % day;
    if (rest < 0) {
        rest += day;
        --days;
    }
    const qint64 seconds = rest / 1'000'000;
    QString text = QStringLiteral("%1:%2:%3")
                       .arg(seconds / 3600)
                       .arg(seconds / 60 % 60, 2, 10, QLatin1Char('0'))
                       .arg(seconds % 60, 2, 10, QLatin1Char('0'))
        + fraction(int(rest % 1'000'000));
    if (days != 0)
        text = QStringLiteral("%1 %2, %3")
                   .arg(QString::number(days),
                       std::abs(days) == 1 ? QStringLiteral("day") : QStringLiteral("days"), text);
    return text;
}

void appendLiteral(QString &out, const TemplateValue &value)
{
    switch (value.kind()) {
    case Kind::Undefined:
        out += QLatin1String("Undefined");
        break;
    case Kind::String:
        out += stringLiteral(value.string());
        break;
    case Kind::DateTime:
        out += timeLiteral(value.time());
        break;
    case Kind::Date: {
        const QDate date = value.date();
        out += QStringLiteral("datetime.date(%1, %2, %3)")
                   .arg(date.year())
                   .arg(date.month())
                   .arg(date.day());
        break;
    }
    case Kind::Time:
        out += QStringLiteral("datetime.time(%1)").arg(clockLiteral(value.timeOfDay(), 0));
        break;
    case Kind::Duration:
        out += durationLiteral(value.duration());
        break;
    case Kind::Object:
        out += value.object()->literal();
        break;
    default:
        appendText(out, value);
        break;
    }
}

void appendWhole(QString &out, qint64 number)
{
    QChar digits[20]; // and a sign
    QChar *begin = std::end(digits);
    quint64 rest = number < 0 ? quint64(0) - quint64(number) : quint64(number);
    do {
        *--begin = QChar(char16_t(u'0' + rest % 10));
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        *--begin = u'-';
    out.append(begin, std::end(digits) - begin);
}

void appendText(QString &out, const TemplateValue &value)
{
    switch (value.kind()) {
    case Kind::Undefined:
        break;
    case Kind::None:
        out += QLatin1String("None");
        break;
    case Kind::Boolean:
        out += value.toBool() ? QLatin1String("True") : QLatin1String("False");
        break;
    case Kind::Integer:
        appendWhole(out, value.toInteger());
        break;
    case Kind::Float:
        out += floatText(value.toDouble());
        break;
    case Kind::String:
        out += value.string();
        break;
    case Kind::List:
        out += u'[';
        appendItems(out, value.items());
        out += u']';
        break;
    case Kind::Tuple:
        out += u'(';
        appendItems(out, value.items());
        out += value.items().size() == 1 ? QLatin1String(",)") : QLatin1String(")");
        break;
    case Kind::Set:
        out += value.items().empty() ? QLatin1String("set(") : QLatin1String("{");
        appendItems(out, value.items());
        out += value.items().empty() ? u')' : u'}';
        break;
    case Kind::Dict:
        appendDict(out, value.dict());
        break;
    case Kind::DateTime:
        out += isoFormat(value.time(), u' ');
        break;
    case Kind::Date:
        out += value.date().toString(QStringLiteral("yyyy-MM-dd"));
        break;
    case Kind::Time:
        out += isoFormat(value.timeOfDay());
        break;
    case Kind::Duration:
        out += durationText(value.duration());
        break;
    case Kind::Object:
        out += value.object()->text();
        break;
    }
}

} // namespace hubkeep
