// Jinja2's filters that lay texts out: center, indent, wordwrap, filesizeformat, pprint.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"

#include <algorithm>
#include <cmath>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

TemplateValue center(const TemplateCall &call)
{
    const QString text = textOf(call);
    qint64 width = 80;
    if (!call.read(1, width))
        return {};
    const qint64 blanks = width - operations::characters(text);
    if (blanks <= 0)
        return text;
    if (!call.rendering().allowText(width))
        return {};
    const qint64 left = blanks / 2 + (blanks & width & 1);
    return QString(QString(left, u' ') + text + QString(blanks - left, u' '));
}

TemplateValue indent(const TemplateCall &call)
{
    QString indention = QStringLiteral("    ");
    bool first = false;
    bool blank = false;
    if (!wantString(call) || !call.readFlag(2, first) || !call.readFlag(3, blank))
        return {};
    if (call.has(1) && call[1].isString()) {
        indention = call[1].string();
    } else if (call.has(1)) {
        qint64 width = 4;
        if (!call.read(1, width) || !call.rendering().allowText(width))
            return {};
        indention = QString(std::max<qint64>(0, width), u' ');
    }
    const QStringList lines = splitLines(call.value().string() + u'\n');
    if (!call.rendering().allowText(
            call.value().string().size() + lines.size() * (indention.size() + 1)))
        return {};
    QString result = first ? indention : QString();
    for (qsizetype i = 0; i < lines.size(); ++i) {
        if (i > 0) {
            result += u'\n';
            if (blank || !lines[i].isEmpty())
                result += indention;
        }
        result += lines[i];
    }
    return result;
}

TemplateValue filesizeformat(const TemplateCall &call)
{
    bool binary = false;
    if (!call.readFlag(1, binary))
        return {};
    const std::optional<double> bytes = numberOf(call, call.value());
    if (!bytes)
        return call.fail(QStringLiteral("%1 is no number").arg(shortened(call.value())));
    const double base = binary ? 1024 : 1000;
    if (*bytes == 1)
        return QStringLiteral("1 Byte");
    if (*bytes < base) {
        const std::optional<qint64> whole = integerOf(*bytes);
        if (!whole)
            return call.fail(QStringLiteral("%1 is too large").arg(shortened(call.value())));
        return QStringLiteral("%1 Bytes").arg(*whole);
    }
    static constexpr const char *const units[] = { "k", "M", "G", "T", "P", "E", "Z", "Y" };
    double unit = base;
    QString name;
    for (const char *const prefix : units) {
        unit *= base;
        name = QString::fromLatin1(prefix);
        if (*bytes < unit)
            break;
    }
    if (binary)
        name = name.toUpper() + u'i';
    if (std::isnan(*bytes) || std::isinf(*bytes))
        return QString(QString::fromLatin1(std::isnan(*bytes) ? "nan " : "inf ") + name + u'B');
    return QStringLiteral("%1 %2B").arg(QString::fromLatin1(fixed(base * *bytes / unit, 1)), name);
}

// ---- wordwrap: as Python's textwrap -------------------------------------------------------------

struct Wrapping
{
    qsizetype width = 79;
    bool breakLongWords = true;
    bool breakOnHyphens = true;
};

bool isBlank(QChar c)
{
    return c == u' ' || (c.unicode() >= 0x09 && c.unicode() <= 0x0d);
}

bool isLetter(QChar c)
{
    return c.isLetter() || c.isSurrogate();
}

bool isWordCharacter(QChar c)
{
    return c.isLetterOrNumber() || c == u'_' || c.isSurrogate();
}

// Where the chunk ends that begins at begin, within a run without blanks: behind a hyphen between
// letters, and before and behind a dash.
qsizetype chunkEnd(QStringView text, qsizetype begin)
{
    const auto isDash = [&](qsizetype at) { // two hyphens or more, after a word and before one
        return at + 2 < text.size() && text[at] == u'-' && text[at + 1] == u'-';
    };
    const auto dashEnd = [&](qsizetype at) {
        while (at < text.size() && text[at] == u'-')
            ++at;
        return at;
    };
    const auto isBeforeDash
        = [](QChar c) { return isWordCharacter(c) || QStringView(u"!\"'&.,?").contains(c); };
    if (isDash(begin) && begin > 0 && isBeforeDash(text[begin - 1])) {
        const qsizetype end = dashEnd(begin);
        if (end < text.size() && isWordCharacter(text[end]))
            return end;
    }
    for (qsizetype at = begin + 1; at < text.size() && !isBlank(text[at]); ++at) {
        if (text[at] == u'-' && isBeforeDash(text[at - 1]) && isDash(at)) {
            const qsizetype end = dashEnd(at);
            if (end < text.size() && isWordCharacter(text[end]))
                return at;
        }
        if (text[at] != u'-' || at + 1 >= text.size() || !isLetter(text[at - 1]))
            continue;
        const bool secondLetter = at - 2 >= begin && isLetter(text[at - 2]);
        const bool hyphenBefore = at - 3 >= begin && text[at - 2] == u'-' && isLetter(text[at - 3]);
        const bool letterAfter = isLetter(text[at + 1]) && at + 2 < text.size()
            && (isLetter(text[at + 2])
                || (text[at + 2] == u'-' && at + 3 < text.size() && isLetter(text[at + 3])));
        if ((secondLetter || hyphenBefore) && letterAfter)
            return at + 1;
    }
    qsizetype end = begin + 1;
    while (end < text.size() && !isBlank(text[end]))
        ++end;
    return end;
}

std::vector<QString> chunksOf(const QString &line, bool breakOnHyphens)
{
    std::vector<QString> chunks;
    for (qsizetype at = 0; at < line.size();) {
        qsizetype end = at;
        if (isBlank(line[at])) {
            while (end < line.size() && isBlank(line[end]))
                ++end;
        } else if (breakOnHyphens) {
            end = chunkEnd(line, at);
        } else {
            while (end < line.size() && !isBlank(line[end]))
                ++end;
        }
        chunks.push_back(line.sliced(at, end - at));
        at = end;
    }
    return chunks;
}

// Puts as much of a word that is longer than a line as fits.
void breakWord(QString &word, QString &line, qsizetype room, const Wrapping &wrapping)
{
    if (!wrapping.breakLongWords) {
        if (line.isEmpty()) {
            line = word;
            word.clear();
        }
        return;
    }
    qsizetype end = room;
    if (wrapping.breakOnHyphens && operations::characters(word) > room) {
        const qsizetype hyphen = word.first(offsetOf(word, room)).lastIndexOf(u'-');
        const auto before = QStringView(word).first(std::max<qsizetype>(hyphen, 0));
        if (hyphen > 0
            && std::any_of(before.begin(), before.end(), [](QChar c) { return c != u'-'; }))
            end = hyphen + 1;
    }
    const qsizetype offset = offsetOf(word, end);
    line += QStringView(word).first(offset);
    word.remove(0, offset);
}

QStringList wrapLine(TemplateRendering &rendering, const QString &text, const Wrapping &wrapping)
{
    std::vector<QString> chunks = chunksOf(text, wrapping.breakOnHyphens);
    std::reverse(chunks.begin(), chunks.end());
    QStringList lines;
    while (!chunks.empty() && rendering.step()) {
        if (!lines.isEmpty() && strip(chunks.back()).isEmpty()) {
            chunks.pop_back();
            if (chunks.empty())
                break;
        }
        QString line;
        qsizetype length = 0;
        qsizetype lastChunk = 0; // where in line
        while (!chunks.empty()) {
            const qsizetype size = operations::characters(chunks.back());
            if (length + size > wrapping.width)
                break;
            lastChunk = line.size();
            line += chunks.back();
            length += size;
            chunks.pop_back();
        }
        if (!chunks.empty() && operations::characters(chunks.back()) > wrapping.width) {
            lastChunk = line.size();
            breakWord(
                chunks.back(), line, std::max<qsizetype>(1, wrapping.width - length), wrapping);
            if (chunks.back().isEmpty())
                chunks.pop_back();
            if (line.size() == lastChunk)
                lastChunk = 0; // nothing was taken: the last chunk is the one before
        }
        if (lastChunk < line.size() && lastChunk > 0 && strip(line.sliced(lastChunk)).isEmpty())
            line.truncate(lastChunk);
        else if (lastChunk == 0 && strip(line).isEmpty())
            line.clear();
        else
            while (!line.isEmpty() && isBlank(line.back()))
                line.chop(1);
        if (!line.isEmpty())
            lines += line;
    }
    return lines;
}

TemplateValue wordwrap(const TemplateCall &call)
{
    Wrapping wrapping;
    qint64 width = 79;
    QString separator = QStringLiteral("\n");
    if (!wantString(call) || !call.read(1, width) || !call.readFlag(2, wrapping.breakLongWords)
        || (call.has(3) && !call[3].isNone() && !call.read(3, separator))
        || !call.readFlag(4, wrapping.breakOnHyphens))
        return {};
    const QString &text = call.value().string();
    if (width <= 0) {
        if (strip(text).isEmpty() && splitLines(text).join(QString()).isEmpty())
            return QString();
        return call.fail(QStringLiteral("the width must be at least 1, and is %1").arg(width));
    }
    wrapping.width = width;
    if (!call.rendering().allowText(text.size() * (1 + separator.size())))
        return {};
    QStringList paragraphs;
    for (const QString &line : splitLines(text))
        paragraphs += wrapLine(call.rendering(), line, wrapping).join(separator);
    return paragraphs.join(separator);
}

// ---- pprint -------------------------------------------------------------------------------------

class PrettyPrinter
{
public:
    explicit PrettyPrinter(TemplateRendering &rendering)
        : m_rendering(rendering)
    {
    }

    // allowance: what has to follow in the same line.
    QString print(const TemplateValue &value, qsizetype column, qsizetype allowance)
    {
        const QString line = sorted(value).toLiteral();
        if (!m_rendering.step(1 + line.size() / 32)
            || operations::characters(line) <= 80 - column - allowance)
            return line;
        switch (value.kind()) {
        case Kind::List:
            return printItems(value, u"[", u"]", column + 1, allowance + 1);
        case Kind::Tuple:
            return printItems(
                value, u"(", value.items().size() == 1 ? u",)" : u")", column + 1, allowance + 1);
        case Kind::Dict:
            return value.dict().isEmpty() ? line : printDict(value, column, allowance);
        default:
            return line;
        }
    }

private:
    static bool entryLess(const TemplateDict::Entry &left, const TemplateDict::Entry &right)
    {
        if (left.first.isString() && right.first.isString())
            return left.first.string() < right.first.string();
        if (left.first.isNumber() && right.first.isNumber())
            return left.first.toDouble() < right.first.toDouble();
        return left.first.typeName() < right.first.typeName();
    }

    // The same with the dictionaries' keys in order.
    TemplateValue sorted(const TemplateValue &value)
    {
        if (value.isSequence()) {
            TemplateValue::Items items;
            for (const TemplateValue &item : value.items())
                items.push_back(sorted(item));
            return value.kind() == Kind::List ? TemplateValue::list(items)
                                              : TemplateValue::tuple(items);
        }
        if (value.kind() != Kind::Dict)
            return value;
        TemplateDict::Entries entries(value.dict().begin(), value.dict().end());
        std::stable_sort(entries.begin(), entries.end(), entryLess);
        TemplateDict dict;
        for (const TemplateDict::Entry &entry : entries)
            dict.insert(entry.first, sorted(entry.second));
        return dict;
    }

    QString printItems(const TemplateValue &value, QStringView open, QStringView close,
        qsizetype column, qsizetype allowance)
    {
        QString out = open.toString();
        const TemplateValue::Items &items = value.items();
        for (size_t i = 0; i < items.size() && !m_rendering.failed(); ++i) {
            if (i > 0)
                out += QLatin1String(",\n") + QString(column, u' ');
            out += print(items[i], column, i + 1 == items.size() ? allowance : 1);
        }
        return out.append(close);
    }

    QString printDict(const TemplateValue &value, qsizetype column, qsizetype allowance)
    {
        const TemplateValue inOrder = sorted(value);
        QString out = QStringLiteral("{");
        qsizetype left = inOrder.dict().size();
        for (const auto &[key, item] : inOrder.dict()) {
            if (m_rendering.failed())
                break;
            const QString name = key.toLiteral() + QLatin1String(": ");
            out += name
                + print(item, column + 1 + operations::characters(name),
                    --left == 0 ? allowance + 1 : 1);
            if (left > 0)
                out += QLatin1String(",\n") + QString(column + 1, u' ');
        }
        return out + u'}';
    }

    TemplateRendering &m_rendering;
};

TemplateValue pprint(const TemplateCall &call)
{
    if (!call.rendering().allowValue(call.value()))
        return {};
    if (call.value().isUndefined())
        return QStringLiteral("Undefined");
    return PrettyPrinter(call.rendering()).print(call.value(), 0, 0);
}

constexpr TemplateBuiltin filters[] = {
    { "center", center, "value width?" },
    { "filesizeformat", filesizeformat, "value binary?" },
    { "indent", indent, "value width? first? blank?" },
    { "pprint", pprint, "value" },
    { "wordwrap", wordwrap, "value width? break_long_words? wrapstring? break_on_hyphens?" },
};

} // namespace

void declareLayout(TemplateBuiltins &builtins)
{
    builtins.addFilters(filters);
}

} // namespace hubkeep::filters
