// '{} {name.attribute[0]!r:>{width}}'.format(…).

#include "automation/template/operations.h"
#include "automation/template/pythonformat.h"

#include <algorithm>

namespace hubkeep {
namespace {

class BraceFormatter
{
public:
    BraceFormatter(
        TemplateRendering &rendering, TemplatePositional positional, TemplateKeywords named)
        : m_rendering(rendering)
        , m_positional(positional)
        , m_named(named)
    {
    }
    QString format(const QString &pattern, int depth);

private:
    bool field(const QString &pattern, qsizetype &at, QString &out, int depth);
    TemplateValue value(const QString &name);
    TemplateValue first(const QString &name);
    TemplateValue numbered(qint64 index);
    QString convert(const TemplateValue &value, QChar conversion);
    bool fail(const QString &message)
    {
        m_rendering.fail(message);
        return false;
    }

    TemplateRendering &m_rendering;
    const TemplatePositional m_positional;
    const TemplateKeywords m_named;
    qint64 m_next = 0; // of those without a number
    bool m_isNumbered = false;
};

QString BraceFormatter::format(const QString &pattern, int depth)
{
    if (depth > 2) {
        fail(QStringLiteral("format: Max string recursion exceeded"));
        return {};
    }
    QString out;
    for (qsizetype at = 0; at < pattern.size() && !m_rendering.failed();) {
        const QChar next = pattern[at];
        const bool doubled = at + 1 < pattern.size() && pattern[at + 1] == next;
        if (next != u'{' && next != u'}') {
            out += next;
            ++at;
        } else if (doubled) {
            out += next;
            at += 2;
        } else if (next == u'}') {
            fail(QStringLiteral("format: Single '}' encountered in format string"));
        } else {
            ++at;
            field(pattern, at, out, depth);
        }
    }
    m_rendering.allowText(out.size());
    return out;
}

// From behind the opening brace to behind the closing one.
bool BraceFormatter::field(const QString &pattern, qsizetype &at, QString &out, int depth)
{
    qsizetype end = at;
    int open = 1;
    for (; end < pattern.size() && open > 0; ++end)
        open += pattern[end] == u'{' ? 1 : pattern[end] == u'}' ? -1 : 0;
    if (open > 0)
        return fail(QStringLiteral("format: expected '}' before end of string"));
    const QString content = pattern.mid(at, end - 1 - at);
    at = end;

    // A bracket may have ! and : in it.
    qsizetype nameEnd = 0;
    bool inBracket = false;
    for (; nameEnd < content.size(); ++nameEnd) {
        const QChar character = content[nameEnd];
        inBracket = character == u'[' || (inBracket && character != u']');
        if (!inBracket && (character == u'!' || character == u':'))
            break;
    }
    QChar conversion;
    qsizetype rest = nameEnd;
    if (rest < content.size() && content[rest] == u'!') {
        if (rest + 1 >= content.size() || (rest + 2 < content.size() && content[rest + 2] != u':'))
            return fail(QStringLiteral("format: expected ':' after conversion specifier"));
        conversion = content[rest + 1];
        rest += 2;
    }
    TemplateValue shown = value(content.left(nameEnd));
    if (!conversion.isNull() && !m_rendering.failed())
        shown = convert(shown, conversion);
    const QString specification = format(content.mid(rest + 1), depth + 1);
    if (m_rendering.failed() || !m_rendering.step())
        return false;
    out += formatted(m_rendering, shown, specification);
    return m_rendering.fitsText(out.size());
}

QString BraceFormatter::convert(const TemplateValue &value, QChar conversion)
{
    if (conversion == u's')
        return operations::text(m_rendering, value);
    if (conversion == u'r' && m_rendering.step(value.weight() / 4 + 1))
        return value.toLiteral();
    fail(QStringLiteral("format: Unknown conversion specifier '%1'").arg(conversion));
    return {};
}

TemplateValue BraceFormatter::numbered(qint64 index)
{
    if (index >= 0 && index < qint64(m_positional.size()))
        return m_positional[size_t(index)];
    fail(QStringLiteral("format: Replacement index %1 out of range for positional args tuple")
             .arg(index));
    return {};
}

TemplateValue BraceFormatter::first(const QString &name)
{
    bool isNumber = false;
    const qint64 number = name.toLongLong(&isNumber);
    const bool digits = !name.isEmpty()
        && std::all_of(name.begin(), name.end(),
            [](QChar character) { return character >= u'0' && character <= u'9'; });
    if (name.isEmpty() || digits) {
        if ((name.isEmpty() && m_isNumbered) || (digits && m_next > 0)) {
            fail(QStringLiteral(
                "format: fields with and without numbers cannot be mixed in one text"));
            return {};
        }
        m_isNumbered = digits;
        return numbered(digits ? (isNumber ? number : -1) : m_next++);
    }
    const auto found = std::find_if(m_named.begin(), m_named.end(),
        [&](const TemplateNamed &named) { return named.first == name; });
    if (found != m_named.end())
        return found->second;
    fail(QStringLiteral("format: there is no argument '%1'").arg(name));
    return {};
}

// "name.attribute[key]"
TemplateValue BraceFormatter::value(const QString &name)
{
    qsizetype at = 0;
    while (at < name.size() && name[at] != u'.' && name[at] != u'[')
        ++at;
    TemplateValue value = first(name.left(at));
    while (at < name.size() && !m_rendering.failed()) {
        const bool isBracket = name[at] == u'[';
        qsizetype end = ++at;
        while (end < name.size()
            && (isBracket ? name[end] != u']' : name[end] != u'.' && name[end] != u'['))
            ++end;
        const QString key = name.mid(at, end - at);
        if (key.isEmpty() || (isBracket && end == name.size())) {
            fail(QStringLiteral("format: Empty attribute in format string"));
            return {};
        }
        bool isNumber = false;
        const qint64 number = key.toLongLong(&isNumber);
        isNumber = isNumber && key[0] >= u'0' && key[0] <= u'9';
        if (isBracket)
            value = operations::item(
                m_rendering, value, isNumber ? TemplateValue(number) : TemplateValue(key));
        else
            value = operations::attribute(m_rendering, value, key);
        at = isBracket ? end + 1 : end;
    }
    return value;
}

} // namespace

TemplateValue braceFormatted(TemplateRendering &rendering, const QString &pattern,
    TemplatePositional positional, TemplateKeywords named)
{
    return BraceFormatter(rendering, positional, named).format(pattern, 0);
}

} // namespace hubkeep
