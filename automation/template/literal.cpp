#include "automation/template/literal.h"

#include "automation/template/templatedict.h"

#include <algorithm>
#include <optional>

namespace hubkeep {
namespace {

using Kind = TemplateValue::Kind;

// Python's grammar of literals. What is none gives nullopt, without a reason: then it is a text.
class LiteralReader
{
public:
    explicit LiteralReader(QStringView text)
        : m_text(text)
    {
    }
    std::optional<TemplateValue> read();

private:
    using Found = std::optional<TemplateValue>;
    Found value(int depth);
    Found signedNumber(int depth);
    Found number();
    Found word();
    Found strings();
    bool string(QString &text);
    bool stringBody(QString &text, QChar quote, bool isRaw);
    bool escape(QString &text);
    Found bracket(int depth);
    Found braces(int depth);
    bool items(TemplateValue::Items &items, QChar closing, int depth, bool &hadComma);

    QChar at(qsizetype offset = 0) const
    {
        return m_at + offset < m_text.size() ? m_text[m_at + offset] : QChar();
    }
    bool skip(QChar character)
    {
        if (at() != character)
            return false;
        ++m_at;
        return true;
    }
    void skipBlanks()
    {
        while (m_at < m_text.size()) {
            const QChar next = at();
            if (next == u'#') {
                while (m_at < m_text.size() && at() != u'\n')
                    ++m_at;
            } else if (next == u' ' || next == u'\t' || next == u'\f'
                || (m_brackets > 0 && (next == u'\n' || next == u'\r'))) {
                ++m_at;
            } else {
                break;
            }
        }
    }

    const QStringView m_text;
    qsizetype m_at = 0;
    int m_brackets = 0;
};

std::optional<TemplateValue> LiteralReader::read()
{
    Found first = value(0);
    if (!first)
        return std::nullopt;
    skipBlanks();
    if (at() != u',')
        return m_at == m_text.size() ? first : std::nullopt;
    TemplateValue::Items tuple { std::move(*first) };
    while (skip(u',')) {
        skipBlanks();
        if (m_at == m_text.size())
            break;
        Found next = value(0);
        if (!next)
            return std::nullopt;
        tuple.push_back(std::move(*next));
        skipBlanks();
    }
    return m_at == m_text.size() ? Found(TemplateValue::tuple(std::move(tuple))) : std::nullopt;
}

std::optional<TemplateValue> LiteralReader::value(int depth)
{
    constexpr int deepest = 90;
    if (depth > deepest)
        return std::nullopt;
    skipBlanks();
    const QChar first = at();
    if (first == u'[' || first == u'(')
        return bracket(depth);
    if (first == u'{')
        return braces(depth);
    if (first == u'-' || first == u'+')
        return signedNumber(depth);
    if ((first >= u'0' && first <= u'9') || first == u'.')
        return number();
    if (first == u'\'' || first == u'"')
        return strings();
    return word();
}

std::optional<TemplateValue> LiteralReader::signedNumber(int depth)
{
    const bool isNegative = at() == u'-';
    ++m_at;
    skipBlanks();
    if (at() == u'-' || at() == u'+')
        return std::nullopt;
    const qsizetype start = m_at;
    if (isNegative && m_text.sliced(m_at).startsWith(u"9223372036854775808")) {
        m_at += 19;
        if (!(at() >= u'0' && at() <= u'9') && at() != u'.' && at() != u'e' && at() != u'E'
            && at() != u'_')
            return TemplateValue(std::numeric_limits<qint64>::min());
        m_at = start;
    }
    Found number = value(depth + 1);
    if (!number || !number->isNumber())
        return std::nullopt;
    if (!isNegative)
        return number;
    return number->kind() == Kind::Float ? TemplateValue(-number->toDouble())
                                         : TemplateValue(-number->toInteger());
}

std::optional<TemplateValue> LiteralReader::number()
{
    const auto isWord
        = [](QChar character) { return character.isLetterOrNumber() || character == u'_'; };
    const qsizetype start = m_at;
    while (isWord(at()) || at() == u'.'
        || ((at() == u'+' || at() == u'-') && m_at > start && (at(-1) == u'e' || at(-1) == u'E')
            && !m_text.sliced(start).startsWith(u"0x") && !m_text.sliced(start).startsWith(u"0X")))
        ++m_at;
    const QString written = m_text.sliced(start, m_at - start).toString();
    for (qsizetype i = 0; i < written.size(); ++i) { // a single _ between digits
        if (written[i] == u'_'
            && (i == 0 || i + 1 == written.size() || !isWord(written[i - 1])
                || !isWord(written[i + 1]) || written[i + 1] == u'_'))
            return std::nullopt;
        if (written[i].unicode() > 127)
            return std::nullopt;
    }
    const QString digits = QString(written).remove(u'_');
    static constexpr std::pair<const char16_t *, int> bases[]
        = { { u"0x", 16 }, { u"0o", 8 }, { u"0b", 2 } };
    bool ok = false;
    for (const auto &[prefix, base] : bases) {
        if (digits.startsWith(QStringView(prefix), Qt::CaseInsensitive)) {
            const qint64 value = digits.mid(2).toLongLong(&ok, base);
            return ok && digits[2] != u'-' && digits[2] != u'+' ? Found(value) : std::nullopt;
        }
    }
    const bool whole = std::all_of(
        digits.begin(), digits.end(), [](QChar digit) { return digit >= u'0' && digit <= u'9'; });
    if (whole) {
        const qint64 value = digits.toLongLong(&ok);
        const bool leadingZero = digits.startsWith(u'0') && value != 0;
        return ok && !leadingZero ? Found(value) : std::nullopt;
    }
    if (digits == u"." || digits.contains(u'j') || digits.contains(u'J') || digits.contains(u'n'))
        return std::nullopt;
    const double value = digits.toDouble(&ok);
    return ok || digits.endsWith(u'.') || !qIsFinite(value) ? Found(value) : std::nullopt;
}

std::optional<TemplateValue> LiteralReader::word()
{
    const auto isWord
        = [](QChar character) { return character.isLetterOrNumber() || character == u'_'; };
    const qsizetype start = m_at;
    while (isWord(at()))
        ++m_at;
    const QStringView written = m_text.sliced(start, m_at - start);
    if (written == u"True")
        return true;
    if (written == u"False")
        return false;
    if (written == u"None")
        return TemplateValue();
    if (written == u"set") { // the one call there is
        skipBlanks();
        if (!skip(u'('))
            return std::nullopt;
        skipBlanks();
        return skip(u')') ? Found(TemplateValue::set({})) : std::nullopt;
    }
    m_at = start;
    return written.size() <= 2 ? strings() : std::nullopt; // u'…', r'…'
}

// One after the other are one.
std::optional<TemplateValue> LiteralReader::strings()
{
    QString text;
    if (!string(text))
        return std::nullopt;
    while (true) {
        skipBlanks();
        const bool isNext = at() == u'\'' || at() == u'"'
            || (QStringView(u"uUrR").contains(at()) && !at().isNull()
                && (at(1) == u'\'' || at(1) == u'"'));
        if (!isNext)
            return text;
        if (!string(text))
            return std::nullopt;
    }
}

bool LiteralReader::string(QString &text)
{
    const bool isRaw = at() == u'r' || at() == u'R';
    if (isRaw || at() == u'u' || at() == u'U')
        ++m_at;
    const QChar quote = at();
    return (quote == u'\'' || quote == u'"') && stringBody(text, quote, isRaw);
}

bool LiteralReader::stringBody(QString &text, QChar quote, bool isRaw)
{
    const bool isLong = at(1) == quote && at(2) == quote;
    m_at += isLong ? 3 : 1;
    while (m_at < m_text.size()) {
        const QChar next = at();
        if (next == quote && (!isLong || (at(1) == quote && at(2) == quote))) {
            m_at += isLong ? 3 : 1;
            return true;
        }
        if (!isLong && (next == u'\n' || next == u'\r'))
            return false;
        ++m_at;
        if (next != u'\\') {
            text += next;
        } else if (isRaw) {
            text += next;
            if (m_at < m_text.size())
                text += m_text[m_at++];
        } else if (!escape(text)) {
            return false;
        }
    }
    return false;
}

bool LiteralReader::escape(QString &text)
{
    static constexpr char16_t names[] = u"\\'\"abfnrtv";
    static constexpr char16_t meanings[] = u"\\'\"\a\b\f\n\r\t\v";
    if (m_at >= m_text.size())
        return false;
    const QChar name = m_text[m_at++];
    const qsizetype known = QStringView(names).indexOf(name);
    const int digits = name == u'x' ? 2 : name == u'u' ? 4 : name == u'U' ? 8 : 0;
    if (known >= 0) {
        text += QChar(meanings[known]);
    } else if (name >= u'0' && name <= u'7') {
        uint code = name.unicode() - u'0';
        for (int i = 0; i < 2 && at() >= u'0' && at() <= u'7'; ++i)
            code = code * 8 + (m_text[m_at++].unicode() - u'0');
        text += QChar(ushort(code));
    } else if (digits > 0) {
        bool ok = false;
        const QStringView written
            = m_text.sliced(m_at, std::min<qsizetype>(digits, m_text.size() - m_at));
        const char32_t code = written.toUInt(&ok, 16);
        if (!ok || written.size() != digits || code > 0x10ffff || !at().isLetterOrNumber())
            return false;
        text += QString::fromUcs4(&code, 1);
        m_at += digits;
    } else if (name == u'N') {
        return false;
    } else if (name != u'\n') {
        text += u'\\';
        text += name;
    }
    return true;
}

bool LiteralReader::items(TemplateValue::Items &items, QChar closing, int depth, bool &hadComma)
{
    while (true) {
        skipBlanks();
        if (skip(closing))
            return true;
        Found item = value(depth + 1);
        if (!item)
            return false;
        items.push_back(std::move(*item));
        skipBlanks();
        if (skip(u',')) {
            hadComma = true;
            continue;
        }
        return skip(closing);
    }
}

std::optional<TemplateValue> LiteralReader::bracket(int depth)
{
    const bool isList = at() == u'[';
    ++m_at;
    ++m_brackets;
    TemplateValue::Items found;
    bool hadComma = false;
    if (!items(found, isList ? u']' : u')', depth, hadComma))
        return std::nullopt;
    --m_brackets;
    if (isList)
        return TemplateValue::list(std::move(found));
    if (found.size() == 1 && !hadComma)
        return std::move(found.front());
    return TemplateValue::tuple(std::move(found));
}

std::optional<TemplateValue> LiteralReader::braces(int depth)
{
    ++m_at;
    ++m_brackets;
    skipBlanks();
    TemplateDict dict;
    if (skip(u'}')) {
        --m_brackets;
        return TemplateValue(std::move(dict));
    }
    TemplateValue::Items members;
    while (true) {
        skipBlanks();
        if ((!dict.isEmpty() || !members.empty()) && skip(u'}'))
            break;
        Found key = value(depth + 1);
        if (!key || !key->isHashable())
            return std::nullopt;
        skipBlanks();
        const bool isDict = at() == u':';
        if (isDict ? !members.empty() : !dict.isEmpty())
            return std::nullopt;
        if (skip(u':')) {
            Found item = value(depth + 1);
            if (!item)
                return std::nullopt;
            dict.insert(std::move(*key), std::move(*item));
        } else {
            members.push_back(std::move(*key));
        }
        skipBlanks();
        if (skip(u','))
            continue;
        if (!skip(u'}'))
            return std::nullopt;
        break;
    }
    --m_brackets;
    return members.empty() ? TemplateValue(std::move(dict)) : TemplateValue::set(members);
}

// "[+-]?(?!0\d)\d*(\.\d*)?": numbers as people write them.
bool isPlainNumber(QStringView text)
{
    const auto isDigit = [](QChar character) { return character >= u'0' && character <= u'9'; };
    qsizetype at = 0;
    if (!text.isEmpty() && (text[0] == u'+' || text[0] == u'-'))
        ++at;
    if (at + 1 < text.size() && text[at] == u'0' && isDigit(text[at + 1]))
        return false;
    while (at < text.size() && isDigit(text[at]))
        ++at;
    if (at < text.size() && text[at] == u'.') {
        ++at;
        while (at < text.size() && isDigit(text[at]))
            ++at;
    }
    return at == text.size();
}

} // namespace

TemplateValue parseResult(const QString &text)
{
    if (text.isEmpty())
        return text;
    const char16_t first = text[0].unicode();
    const bool maybe = (first >= u'0' && first <= u'9')
        || QStringView(u"+-.[({TFNs'\"uUrR").contains(QChar(first));
    if (!maybe)
        return text;
    const auto value = LiteralReader(text).read();
    if (!value || value->isString() || (value->isNumber() && !isPlainNumber(text)))
        return text;
    return *value;
}

} // namespace hubkeep
