// '%s is %.1f' % (a, b).

#include "automation/template/formatspecification.h"
#include "automation/template/operations.h"
#include "automation/template/pythonformat.h"
#include "automation/template/pythontext.h"

#include <QStringBuilder>

#include <algorithm>
#include <cmath>

namespace hubkeep {
namespace {

using Kind = TemplateValue::Kind;

class PrintfFormatter
{
public:
    PrintfFormatter(
        TemplateRendering &rendering, const QString &pattern, const TemplateValue &value)
        : m_rendering(rendering)
        , m_pattern(pattern)
        , m_value(value)
    {
    }
    TemplateValue run();

private:
    bool conversion();
    bool key(TemplateValue &argument, bool &isGiven);
    bool flags();
    bool size(qint64 &target);
    bool next(TemplateValue &argument);
    QString shown(const TemplateValue &argument, QChar type);
    QString whole(const TemplateValue &argument, QChar type);
    QString floating(const TemplateValue &argument, QChar type);
    QString character(const TemplateValue &argument);
    void append(const QString &text, bool isNumber);
    bool fail(const QString &message)
    {
        m_rendering.fail(message);
        return false;
    }
    QString notNumber(const TemplateValue &argument, QChar type, const char *wanted)
    {
        fail(QStringLiteral("%%1 format: %2 is required, not %3")
                 .arg(type)
                 .arg(QLatin1String(wanted),
                     argument.isUndefined() ? argument.undefinedReason() : argument.typeName()));
        return {};
    }

    TemplateRendering &m_rendering;
    const QString &m_pattern;
    const TemplateValue &m_value;
    qsizetype m_at = 0;
    size_t m_used = 0;
    QString m_out;

    // Of the conversion at hand.
    bool m_left = false;
    bool m_zeros = false;
    bool m_alternate = false;
    QString m_plus; // what stands before positive numbers
    qint64 m_width = 0;
    qint64 m_precision = -1;
    QString m_sign;
};

bool PrintfFormatter::next(TemplateValue &argument)
{
    if (m_value.kind() == Kind::Tuple ? m_used < m_value.items().size() : m_used == 0) {
        argument = m_value.kind() == Kind::Tuple ? m_value.items()[m_used] : m_value;
        ++m_used;
        return true;
    }
    return fail(QStringLiteral("not enough arguments for format string"));
}

bool PrintfFormatter::key(TemplateValue &argument, bool &isGiven)
{
    isGiven = m_at < m_pattern.size() && m_pattern[m_at] == u'(';
    if (!isGiven)
        return true;
    if (m_value.kind() != Kind::Dict)
        return fail(QStringLiteral("format requires a mapping"));
    qsizetype end = m_at + 1;
    for (int open = 1; end < m_pattern.size(); ++end) {
        open += m_pattern[end] == u'(' ? 1 : m_pattern[end] == u')' ? -1 : 0;
        if (open == 0)
            break;
    }
    if (end == m_pattern.size())
        return fail(QStringLiteral("incomplete format key"));
    const QString name = m_pattern.mid(m_at + 1, end - m_at - 1);
    const TemplateValue *found = m_value.dict().find(name);
    if (!found)
        return fail(QStringLiteral("%: there is no key '%1'").arg(name.left(60)));
    argument = *found;
    m_at = end + 1;
    return true;
}

bool PrintfFormatter::flags()
{
    m_left = m_zeros = m_alternate = false;
    m_plus.clear();
    for (; m_at < m_pattern.size(); ++m_at) {
        const QChar flag = m_pattern[m_at];
        if (flag == u'-')
            m_left = true;
        else if (flag == u'0')
            m_zeros = true;
        else if (flag == u'#')
            m_alternate = true;
        else if (flag == u'+' || (flag == u' ' && m_plus.isEmpty()))
            m_plus = flag;
        else if (flag != u' ')
            break;
    }
    return true;
}

// A width or precision; '*' takes an argument.
bool PrintfFormatter::size(qint64 &target)
{
    constexpr qint64 most = 1'000'000'000'000;
    if (m_at < m_pattern.size() && m_pattern[m_at] == u'*') {
        ++m_at;
        TemplateValue argument;
        if (!next(argument))
            return false;
        if (argument.kind() != Kind::Integer && argument.kind() != Kind::Boolean)
            return fail(QStringLiteral("* wants int"));
        target = argument.toInteger();
        return m_rendering.allowText(target < 0 ? -std::max(target, -most) : target);
    }
    for (; m_at < m_pattern.size() && m_pattern[m_at] >= u'0' && m_pattern[m_at] <= u'9'; ++m_at)
        target = std::min(most, target * 10 + (m_pattern[m_at].unicode() - u'0'));
    return m_rendering.allowText(target);
}

QString PrintfFormatter::whole(const TemplateValue &argument, QChar type)
{
    const bool isDecimal = type == u'd' || type == u'i' || type == u'u';
    if (argument.kind() == Kind::Float && !isDecimal)
        return notNumber(argument, type, "an integer");
    if (argument.kind() < Kind::Boolean || argument.kind() > Kind::Float)
        return notNumber(argument, type, isDecimal ? "a real number" : "an integer");
    const qint64 precision = std::max<qint64>(0, m_precision);
    if (argument.kind() == Kind::Float) {
        const double value = std::trunc(argument.toDouble());
        if (!std::isfinite(value)) {
            fail(QStringLiteral("cannot convert float %1 to integer").arg(argument.toText()));
            return {};
        }
        m_sign = value < 0 ? QStringLiteral("-") : m_plus;
        return floatDigits(value, u'f', 0, false, false).rightJustified(precision, u'0');
    }
    const qint64 number = argument.toInteger();
    const quint64 size = number < 0 ? quint64(0) - quint64(number) : quint64(number);
    const char16_t kind = isDecimal ? u'd' : type.unicode();
    m_sign = number < 0 ? QStringLiteral("-") : m_plus;
    if (m_alternate && !isDecimal)
        m_sign += u'0' + QString(type);
    return wholeDigits(size, kind).rightJustified(precision, u'0');
}

QString PrintfFormatter::floating(const TemplateValue &argument, QChar type)
{
    if (argument.kind() < Kind::Boolean || argument.kind() > Kind::Float) {
        fail(QStringLiteral("must be real number, not %1")
                 .arg(argument.isUndefined() ? argument.undefinedReason() : argument.typeName()));
        return {};
    }
    const double number = argument.toDouble();
    m_sign = std::signbit(number) && !std::isnan(number) ? QStringLiteral("-") : m_plus;
    if (std::isfinite(number))
        return floatDigits(number, type.unicode(), m_precision, m_alternate, false);
    const QString text = std::isnan(number) ? QStringLiteral("nan") : QStringLiteral("inf");
    return type.isUpper() ? text.toUpper() : text;
}

QString PrintfFormatter::character(const TemplateValue &argument)
{
    if (argument.isString() && operations::characters(argument.string()) == 1)
        return argument.string();
    const bool isWhole = argument.kind() == Kind::Integer || argument.kind() == Kind::Boolean;
    if (!isWhole || argument.toInteger() < 0 || argument.toInteger() > 0x10ffff) {
        fail(QStringLiteral("%c requires int or char"));
        return {};
    }
    const char32_t code = char32_t(argument.toInteger());
    return QString::fromUcs4(&code, 1);
}

QString PrintfFormatter::shown(const TemplateValue &argument, QChar type)
{
    m_sign.clear();
    if (QStringView(u"diuoxX").contains(type))
        return whole(argument, type);
    if (QStringView(u"eEfFgG").contains(type))
        return floating(argument, type);
    if (type == u'c')
        return character(argument);
    if (type != u's' && type != u'r') {
        fail(QStringLiteral("unsupported format character '%1'").arg(type));
        return {};
    }
    m_rendering.step(argument.weight() / 4 + 1);
    QString text = type == u's' ? operations::text(m_rendering, argument) : argument.toLiteral();
    if (m_precision >= 0)
        text.truncate(unitsUntil(text, m_precision));
    return text;
}

void PrintfFormatter::append(const QString &text, bool isNumber)
{
    const qint64 missing = m_width > 0 ? m_width - m_sign.size() - operations::characters(text) : 0;
    if (missing <= 0)
        m_out += m_sign % text;
    else if (m_left)
        m_out += m_sign + text + QString(missing, u' ');
    else if (m_zeros && isNumber)
        m_out += m_sign + QString(missing, u'0') + text;
    else
        m_out += QString(missing, u' ') + m_sign + text;
    m_rendering.fitsText(m_out.size());
}

// From behind the percent sign.
bool PrintfFormatter::conversion()
{
    TemplateValue argument;
    bool hasKey = false;
    m_width = 0;
    m_precision = -1;
    if (!key(argument, hasKey) || !flags() || !size(m_width))
        return false;
    if (m_width < 0) {
        m_left = true;
        m_width = -m_width;
    }
    if (m_at < m_pattern.size() && m_pattern[m_at] == u'.') {
        ++m_at;
        m_precision = 0;
        if (!size(m_precision))
            return false;
        m_precision = std::max<qint64>(0, m_precision);
    }
    if (m_at < m_pattern.size() && QStringView(u"hlL").contains(m_pattern[m_at]))
        ++m_at;
    if (m_at >= m_pattern.size())
        return fail(QStringLiteral("incomplete format"));
    const QChar type = m_pattern[m_at++];
    if (type == u'%') {
        m_out += u'%';
        return true;
    }
    if (!hasKey && !next(argument))
        return false;
    const QString text = shown(argument, type);
    if (m_rendering.failed() || !m_rendering.step())
        return false;
    const bool isNumber = type != u's' && type != u'r' && type != u'c';
    append(text, isNumber);
    return !m_rendering.failed();
}

TemplateValue PrintfFormatter::run()
{
    while (m_at < m_pattern.size()) {
        const QChar next = m_pattern[m_at++];
        if (next != u'%')
            m_out += next;
        else if (!conversion())
            return {};
    }
    const bool mayBeUnused
        = m_value.kind() == Kind::Dict || m_value.kind() == Kind::List || m_value.isUndefined();
    const size_t given = m_value.kind() == Kind::Tuple ? m_value.items().size() : 1;
    if (m_used < given && !mayBeUnused)
        return m_rendering.fail(
            QStringLiteral("not all arguments converted during string formatting"));
    return m_rendering.allowText(m_out.size()) ? TemplateValue(m_out) : TemplateValue();
}

} // namespace

TemplateValue printfFormatted(
    TemplateRendering &rendering, const QString &pattern, const TemplateValue &value)
{
    return PrintfFormatter(rendering, pattern, value).run();
}

} // namespace hubkeep
