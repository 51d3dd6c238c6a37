#include "automation/template/filters/arguments.h"

#include "automation/template/pythontext.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

class FunctionGenerator final : public TemplateGenerator
{
public:
    FunctionGenerator(int depth, Look look)
        : TemplateGenerator(depth)
        , m_look(std::move(look))
    {
    }

protected:
    const TemplateValue *produce(TemplateRendering &rendering, TemplateValue &scratch) override
    {
        return m_look(rendering, scratch);
    }

private:
    Look m_look;
};

// Takes out the underscores that Python allows between digits; false where they are elsewhere.
bool dropUnderscores(QByteArray &digits)
{
    if (!digits.contains('_'))
        return true;
    if (digits.startsWith('_') || digits.endsWith('_') || digits.contains("__"))
        return false;
    for (qsizetype i = 1; i + 1 < digits.size(); ++i) {
        const auto isDigit = [&](qsizetype at) {
            return std::isalnum(static_cast<unsigned char>(digits[at])) != 0;
        };
        if (digits[i] == '_' && (!isDigit(i - 1) || !isDigit(i + 1)))
            return false;
    }
    digits.replace("_", "");
    return true;
}

// ASCII, with other digits as theirs; nothing where there is anything else.
std::optional<QByteArray> asciiDigits(QStringView text)
{
    QByteArray ascii;
    ascii.reserve(text.size());
    for (const QChar c : text) {
        if (c.unicode() < 0x80)
            ascii += c.toLatin1();
        else if (c.digitValue() >= 0 && c.category() == QChar::Number_DecimalDigit)
            ascii += char('0' + c.digitValue());
        else
            return std::nullopt;
    }
    return ascii;
}

std::optional<double> floatOfText(const QString &text)
{
    std::optional<QByteArray> digits = asciiDigits(strip(text));
    if (!digits || digits->isEmpty() || !dropUnderscores(*digits))
        return std::nullopt;
    const char *begin = digits->constData();
    const char *end = begin + digits->size();
    const bool negative = *begin == '-';
    if (*begin == '-' || *begin == '+')
        ++begin;
    if (begin == end || (!std::isdigit(static_cast<unsigned char>(*begin)) && *begin != '.')) {
        const QByteArray word = QByteArray(begin, end - begin).toLower();
        if (word == "inf" || word == "infinity")
            return negative ? -HUGE_VAL : HUGE_VAL;
        if (word == "nan")
            return std::numeric_limits<double>::quiet_NaN();
        return std::nullopt;
    }
    double number = 0;
    const auto [rest, error] = std::from_chars(begin, end, number);
    if (rest != end || error == std::errc::invalid_argument)
        return std::nullopt;
    if (error == std::errc::result_out_of_range) { // from_chars does not say which
        const std::string_view written(begin, size_t(end - begin));
        const size_t exponent = written.find_first_of("eE");
        const bool small = exponent != written.npos ? written[exponent + 1] == '-'
                                                    : written.find_first_of('.') <= 1;
        number = small ? 0 : HUGE_VAL;
    }
    return negative ? -number : number;
}

} // namespace

std::optional<double> pythonFloat(const TemplateValue &value)
{
    switch (value.kind()) {
    case Kind::Boolean:
    case Kind::Integer:
    case Kind::Float:
        return value.toDouble();
    case Kind::String:
        return floatOfText(value.string());
    default:
        return std::nullopt;
    }
}

std::optional<double> numberOf(const TemplateCall &call, const TemplateValue &value)
{
    if (value.isUndefined())
        call.fail(value.undefinedReason());
    return pythonFloat(value);
}

std::optional<qint64> pythonInteger(QStringView text, int base)
{
    std::optional<QByteArray> ascii = asciiDigits(strip(text.toString()));
    if (!ascii || base == 1 || base < 0 || base > 36)
        return std::nullopt;
    QByteArray digits = *ascii;
    const bool negative = digits.startsWith('-');
    if (negative || digits.startsWith('+'))
        digits.remove(0, 1);
    const QByteArray prefix = digits.left(2).toLower();
    const int prefixed = prefix == "0x" ? 16 : prefix == "0o" ? 8 : prefix == "0b" ? 2 : 0;
    if (prefixed != 0 && (base == prefixed || base == 0)) {
        digits.remove(0, digits.size() > 2 && digits[2] == '_' ? 3 : 2);
        base = prefixed;
    } else if (base == 0) {
        base = 10;
        if (digits.startsWith('0') && digits.count('0') + digits.count('_') != digits.size())
            return std::nullopt;
    }
    if (digits.isEmpty() || !dropUnderscores(digits) || digits[0] == '-' || digits[0] == '+')
        return std::nullopt;
    if (negative)
        digits.prepend('-');
    qint64 number = 0;
    const char *end = digits.constData() + digits.size();
    const auto [rest, error] = std::from_chars(digits.constData(), end, number, base);
    if (rest != end || error != std::errc())
        return std::nullopt;
    return number;
}

std::optional<qint64> integerOf(double number)
{
    constexpr double limit = 9223372036854775808.0;
    if (!(number >= -limit && number < limit))
        return std::nullopt;
    return qint64(number);
}

QByteArray fixed(double number, int precision)
{
    std::array<char, 700> digits; // 309 before the point, 323 behind it
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number,
        std::chars_format::fixed, std::min(precision, 323));
    return QByteArray(digits.data(), error == std::errc() ? end - digits.data() : 0);
}

QString shortened(const TemplateValue &value)
{
    if (value.depth() > 3)
        return value.typeName();
    if (value.isUndefined())
        return value.undefinedReason();
    constexpr qsizetype most = 50;
    QString text = value.isString() ? value.string().left(most + 1) : value.toText();
    if (text.size() > most)
        text = text.left(most) + u'…';
    return QLatin1Char('\'') + text + QLatin1Char('\'');
}

TemplateValue noDefault(const TemplateCall &call, const TemplateValue &got)
{
    return call.fail(
        QStringLiteral("got the invalid input %1, and no default was given").arg(shortened(got)));
}

TemplateValue defaultOr(const TemplateCall &call, size_t defaultIndex, const TemplateValue &got)
{
    return call.has(defaultIndex) ? call[defaultIndex] : noDefault(call, got);
}

QString textOf(const TemplateCall &call, size_t index)
{
    constexpr qsizetype charactersPerStep = 64;
    const TemplateValue &value = call[index];
    QString text = value.isString() ? value.string() : operations::text(call.rendering(), value);
    if (text.size() >= charactersPerStep)
        call.rendering().step(text.size() / charactersPerStep);
    return text;
}

bool wantString(const TemplateCall &call, size_t index)
{
    if (call[index].isString())
        return call.rendering().step(call[index].string().size() / 64);
    call.fail(QStringLiteral("expects a text, not %1 %2")
                  .arg(call[index].typeName(), shortened(call[index])));
    return false;
}

AttributePath::AttributePath(const TemplateValue &attribute)
{
    if (attribute.isNone() || attribute.isMissing())
        return;
    if (!attribute.isString()) {
        m_parts.push_back(attribute);
        return;
    }
    for (const QString &part : attribute.string().split(u'.')) {
        const bool digits = !part.isEmpty()
            && std::all_of(part.begin(), part.end(), [](QChar c) { return c.isDigit(); });
        const std::optional<qint64> index = digits ? pythonInteger(part) : std::nullopt;
        m_parts.push_back(index ? TemplateValue(*index) : TemplateValue(part));
    }
}

const TemplateValue &AttributePath::look(
    TemplateRendering &rendering, const TemplateValue &item, TemplateValue &scratch) const
{
    const TemplateValue *value = &item;
    for (const TemplateValue &part : m_parts) {
        const TemplateValue *member = nullptr;
        if (value->kind() == Kind::Dict && part.isString() && value != &scratch)
            member = value->dict().find(part.string());
        if (member && rendering.step()) {
            value = member;
            continue;
        }
        scratch = operations::item(rendering, *value, part);
        if (m_default && scratch.isUndefined() && !rendering.failed())
            scratch = *m_default;
        value = &scratch;
        if (rendering.failed())
            break;
    }
    return *value;
}

TemplateValue AttributePath::of(TemplateRendering &rendering, const TemplateValue &item) const
{
    TemplateValue scratch;
    const TemplateValue &value = look(rendering, item, scratch);
    return &value == &scratch ? std::move(scratch) : value;
}

TemplateValue withoutCase(const TemplateValue &value)
{
    return value.isString() ? TemplateValue(lowerText(value.string())) : value;
}

TemplateValue lookingGenerator(int depth, Look look)
{
    return TemplateValue(std::static_pointer_cast<TemplateObject>(
        std::make_shared<FunctionGenerator>(depth, std::move(look))));
}

TemplateValue generator(int depth, Produce produce)
{
    return lookingGenerator(depth,
        [produce = std::move(produce)](TemplateRendering &rendering, TemplateValue &scratch) {
            return produce(rendering, scratch) ? &scratch : nullptr;
        });
}

bool hasSurrogates(QStringView text)
{
    return std::any_of(text.begin(), text.end(), [](QChar c) { return c.isSurrogate(); });
}

qsizetype offsetOf(QStringView text, qsizetype character)
{
    qsizetype offset = 0;
    while (character > 0 && offset < text.size()) {
        const bool pair = text[offset].isHighSurrogate() && offset + 1 < text.size()
            && text[offset + 1].isLowSurrogate();
        offset += pair ? 2 : 1;
        --character;
    }
    return offset;
}

std::vector<QString> charactersOf(const QString &text)
{
    std::vector<QString> characters;
    for (qsizetype at = 0; at < text.size();) {
        const qsizetype size = offsetOf(QStringView(text).sliced(at), 1);
        characters.push_back(text.sliced(at, size));
        at += size;
    }
    return characters;
}

QString titleCaseFirst(const QString &text)
{
    if (text.isEmpty())
        return text;
    const qsizetype size = offsetOf(text, 1);
    if (size == 1 && text[0].toTitleCase() != text[0]) {
        QString titled = text;
        titled[0] = text[0].toTitleCase();
        return titled;
    }
    QString first = text.first(size).toUpper();
    if (first.size() > size) // "ß" is "SS", in a title "Ss"
        first = first.first(1) + first.sliced(1).toLower();
    return first + text.sliced(size);
}

bool isPythonSpace(QChar character)
{
    const char16_t c = character.unicode();
    return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85
        || (c > 0x85 && character.isSpace());
}

QString strip(const QString &text)
{
    qsizetype begin = 0;
    qsizetype end = text.size();
    while (begin < end && isPythonSpace(text[begin]))
        ++begin;
    while (end > begin && isPythonSpace(text[end - 1]))
        --end;
    return begin == 0 && end == text.size() ? text : text.sliced(begin, end - begin);
}

QStringList splitLines(const QString &text)
{
    const auto isBreak = [](QChar character) {
        const char16_t c = character.unicode();
        return (c >= 0x0a && c <= 0x0d) || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028
            || c == 0x2029;
    };
    QStringList lines;
    qsizetype begin = 0;
    for (qsizetype at = 0; at < text.size(); ++at) {
        if (!isBreak(text[at]))
            continue;
        lines += text.sliced(begin, at - begin);
        if (text[at] == u'\r' && at + 1 < text.size() && text[at + 1] == u'\n')
            ++at;
        begin = at + 1;
    }
    if (begin < text.size())
        lines += text.sliced(begin);
    return lines;
}

bool isSetItem(const TemplateValue &value)
{
    return value.isHashable() || value.isUndefined();
}

bool withinOutput(TemplateRendering &rendering, qsizetype characters)
{
    return characters <= rendering.scope().limits.output || rendering.allowText(characters);
}

bool withinItems(TemplateRendering &rendering, size_t items)
{
    return qsizetype(items) <= rendering.scope().limits.items
        || rendering.allowItems(qint64(items));
}

} // namespace hubkeep::filters
