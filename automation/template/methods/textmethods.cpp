// Of str: padding, stripping, splitting, joining, replacing, formatting.

#include "automation/template/methods/methods.h"
#include "automation/template/operations.h"
#include "automation/template/pythonformat.h"
#include "automation/template/pythontext.h"
#include "automation/template/textsearch.h"

#include <QList>

#include <algorithm>
#include <limits>

namespace hubkeep::templates {
namespace {

using Kind = TemplateValue::Kind;

constexpr qint64 noLimit = std::numeric_limits<qint64>::max();

// Width and fill character of center, ljust, rjust.
struct Padding
{
    qint64 missing = 0; // characters
    qint64 width = 0;
    QString fill = QStringLiteral(" ");
};

bool readPadding(const TemplateCall &call, Padding &padding)
{
    if (!call.read(1, padding.width) || !call.read(2, padding.fill))
        return false;
    if (operations::characters(padding.fill) != 1) {
        call.fail(QStringLiteral("the fill character must be exactly one character long"));
        return false;
    }
    const qint64 size = operations::characters(call[0].string());
    padding.missing = padding.width > size ? padding.width - size : 0;
    return padding.missing == 0 || call.rendering().allowText(padding.width * padding.fill.size());
}

TemplateValue center(const TemplateCall &call)
{
    Padding padding;
    if (!readPadding(call, padding))
        return {};
    const qint64 left = padding.missing / 2 + (padding.missing & padding.width & 1);
    return padding.fill.repeated(left) + call[0].string()
        + padding.fill.repeated(padding.missing - left);
}

TemplateValue leftJustified(const TemplateCall &call)
{
    Padding padding;
    return readPadding(call, padding)
        ? TemplateValue(call[0].string() + padding.fill.repeated(padding.missing))
        : TemplateValue();
}

TemplateValue rightJustified(const TemplateCall &call)
{
    Padding padding;
    return readPadding(call, padding)
        ? TemplateValue(padding.fill.repeated(padding.missing) + call[0].string())
        : TemplateValue();
}

TemplateValue zeroFilled(const TemplateCall &call)
{
    qint64 width = 0;
    if (!call.read(1, width))
        return {};
    const QString &text = call[0].string();
    const qint64 missing = width - operations::characters(text);
    if (missing <= 0)
        return text;
    if (!call.rendering().allowText(width))
        return {};
    const bool isSigned = text.startsWith(u'-') || text.startsWith(u'+');
    return text.left(isSigned ? 1 : 0) + QString(missing, u'0') + text.mid(isSigned ? 1 : 0);
}

TemplateValue strippedOfPairs(const QString &string, const QString &set, bool left, bool right)
{
    const QList<uint> text = string.toUcs4();
    QList<uint> wanted = set.toUcs4();
    std::sort(wanted.begin(), wanted.end());
    const auto goes = [&](uint character) {
        return std::binary_search(wanted.begin(), wanted.end(), character);
    };
    qsizetype begin = 0;
    qsizetype end = text.size();
    while (left && begin < end && goes(text[begin]))
        ++begin;
    while (right && end > begin && goes(text[end - 1]))
        --end;
    return QString::fromUcs4(reinterpret_cast<const char32_t *>(text.data()) + begin, end - begin);
}

TemplateValue stripped(const TemplateCall &call, bool left, bool right)
{
    QString set;
    const bool isGiven = call.has(1) && !call[1].isNone();
    if (isGiven && !call.read(1, set))
        return {};
    const QString &text = call[0].string();
    if (!call.rendering().step(text.size() / 16))
        return {};
    if (isGiven && (hasPairs(set) || hasPairs(text)))
        return strippedOfPairs(text, set, left, right);
    constexpr qsizetype few = 8; // which are looked through one by one
    if (set.size() > few)
        std::sort(set.begin(), set.end());
    const auto goes = [&, given = QStringView(set)](QChar unit) {
        if (!isGiven)
            return isPythonBlank(unit.unicode());
        return given.size() > few ? std::binary_search(given.begin(), given.end(), unit)
                                  : given.contains(unit);
    };
    qsizetype begin = 0;
    qsizetype end = text.size();
    while (left && begin < end && goes(text[begin]))
        ++begin;
    while (right && end > begin && goes(text[end - 1]))
        --end;
    return text.mid(begin, end - begin);
}

TemplateValue strip(const TemplateCall &call)
{
    return stripped(call, true, true);
}

TemplateValue stripLeft(const TemplateCall &call)
{
    return stripped(call, true, false);
}

TemplateValue stripRight(const TemplateCall &call)
{
    return stripped(call, false, true);
}

// Between runs of blanks.
TemplateValue::Items words(const QString &text, qint64 limit)
{
    TemplateValue::Items parts;
    qsizetype at = 0;
    const auto isBlank = [&](qsizetype i) { return isPythonBlank(text[i].unicode()); };
    while (true) {
        while (at < text.size() && isBlank(at))
            ++at;
        if (at == text.size())
            return parts;
        qsizetype end = at;
        if (qint64(parts.size()) == limit)
            end = text.size();
        while (end < text.size() && !isBlank(end))
            ++end;
        parts.push_back(text.mid(at, end - at));
        at = qint64(parts.size()) > limit ? text.size() : end;
    }
}

TemplateValue::Items wordsFromBehind(const QString &text, qint64 limit)
{
    TemplateValue::Items parts;
    qsizetype end = text.size();
    const auto isBlank = [&](qsizetype i) { return isPythonBlank(text[i].unicode()); };
    while (true) {
        while (end > 0 && isBlank(end - 1))
            --end;
        if (end == 0)
            break;
        qsizetype begin = end;
        if (qint64(parts.size()) == limit)
            begin = 0;
        while (begin > 0 && !isBlank(begin - 1))
            --begin;
        parts.push_back(text.mid(begin, end - begin));
        end = qint64(parts.size()) > limit ? 0 : begin;
    }
    std::reverse(parts.begin(), parts.end());
    return parts;
}

// False where the call failed.
bool readSplit(const TemplateCall &call, QString &separator, bool &isBlank, qint64 &limit)
{
    isBlank = !call.has(1) || call[1].isNone();
    if ((!isBlank && !call.read(1, separator)) || !call.read(2, limit))
        return false;
    if (!isBlank && separator.isEmpty()) {
        call.fail(QStringLiteral("empty separator"));
        return false;
    }
    if (limit < 0)
        limit = noLimit;
    return call.rendering().step(call[0].string().size() / 32);
}

TemplateValue finished(const TemplateCall &call, TemplateValue::Items parts)
{
    return call.rendering().allowItems(qint64(parts.size())) ? TemplateValue::list(std::move(parts))
                                                             : TemplateValue();
}

TemplateValue split(const TemplateCall &call)
{
    QString separator;
    bool isBlank = false;
    qint64 limit = -1;
    if (!readSplit(call, separator, isBlank, limit))
        return {};
    const QString &text = call[0].string();
    if (isBlank)
        return finished(call, words(text, limit));
    TemplateValue::Items parts;
    qsizetype at = 0;
    while (qint64(parts.size()) < limit) {
        const qsizetype found = findText(text, separator, at);
        if (found < 0)
            break;
        parts.push_back(text.mid(at, found - at));
        at = found + separator.size();
    }
    parts.push_back(text.mid(at));
    return finished(call, std::move(parts));
}

TemplateValue splitFromBehind(const TemplateCall &call)
{
    QString separator;
    bool isBlank = false;
    qint64 limit = -1;
    if (!readSplit(call, separator, isBlank, limit))
        return {};
    const QString &text = call[0].string();
    if (isBlank)
        return finished(call, wordsFromBehind(text, limit));
    TemplateValue::Items parts;
    qsizetype end = text.size();
    while (qint64(parts.size()) < limit) {
        const qsizetype found = findLastText(text, separator, end);
        if (found < 0)
            break;
        parts.push_back(text.mid(found + separator.size(), end - found - separator.size()));
        end = found;
    }
    parts.push_back(text.left(end));
    std::reverse(parts.begin(), parts.end());
    return finished(call, std::move(parts));
}

TemplateValue splitLines(const TemplateCall &call)
{
    bool keepEnds = false;
    call.readFlag(1, keepEnds);
    const QString &text = call[0].string();
    TemplateValue::Items lines;
    for (qsizetype at = 0; at < text.size();) {
        qsizetype end = at;
        while (end < text.size() && !isPythonLineEnd(text[end].unicode()))
            ++end;
        qsizetype next = std::min(end + 1, text.size());
        if (end + 1 < text.size() && text[end] == u'\r' && text[end + 1] == u'\n')
            ++next;
        lines.push_back(text.mid(at, (keepEnds ? next : end) - at));
        at = next;
    }
    return finished(call, std::move(lines));
}

TemplateValue parted(const TemplateCall &call, bool fromBehind)
{
    QString separator;
    if (!call.read(1, separator))
        return {};
    if (separator.isEmpty())
        return call.fail(QStringLiteral("empty separator"));
    const QString &text = call[0].string();
    const qsizetype found
        = fromBehind ? findLastText(text, separator, text.size()) : findText(text, separator, 0);
    if (found >= 0)
        return TemplateValue::tuple(
            { text.left(found), separator, text.mid(found + separator.size()) });
    return fromBehind ? TemplateValue::tuple({ QString(), QString(), text })
                      : TemplateValue::tuple({ text, QString(), QString() });
}

TemplateValue partition(const TemplateCall &call)
{
    return parted(call, false);
}

TemplateValue partitionFromBehind(const TemplateCall &call)
{
    return parted(call, true);
}

TemplateValue join(const TemplateCall &call)
{
    QString result;
    qint64 index = 0;
    TemplateIteration iteration(call.rendering(), call[1]);
    while (const TemplateValue *item = iteration.next()) {
        if (!item->isString())
            return call.fail(QStringLiteral("sequence item %1: expected str instance, %2 found")
                                 .arg(index)
                                 .arg(item->typeName()));
        if (index++ > 0)
            result += call[0].string();
        result += item->string();
        if (!call.rendering().fitsText(result.size()))
            return {};
    }
    return call.rendering().allowText(result.size()) ? TemplateValue(result) : TemplateValue();
}

TemplateValue replace(const TemplateCall &call)
{
    QString before;
    QString after;
    qint64 count = -1;
    if (!call.read(1, before) || !call.read(2, after) || !call.read(3, count))
        return {};
    if (count < 0)
        count = noLimit;
    const QString &text = call[0].string();
    QString result;
    qsizetype at = 0;
    while (count-- > 0) {
        // An empty text is before each character, and at the end.
        const qsizetype found = findText(text, before, at);
        if (found < 0)
            break;
        result += QStringView(text).sliced(at, found - at);
        result += after;
        at = found + before.size();
        if (!call.rendering().step() || !call.rendering().fitsText(result.size()))
            return {};
        if (before.isEmpty()) {
            if (at >= text.size())
                return result;
            const bool pair = text[at].isHighSurrogate() && at + 1 < text.size();
            result += QStringView(text).sliced(at, pair ? 2 : 1);
            at += pair ? 2 : 1;
        }
    }
    result += QStringView(text).sliced(std::min(at, text.size()));
    return call.rendering().allowText(result.size()) ? TemplateValue(result) : TemplateValue();
}

TemplateValue withoutPrefix(const TemplateCall &call)
{
    QString prefix;
    if (!call.read(1, prefix))
        return {};
    const QString &text = call[0].string();
    return text.startsWith(prefix) ? text.mid(prefix.size()) : text;
}

TemplateValue withoutSuffix(const TemplateCall &call)
{
    QString suffix;
    if (!call.read(1, suffix))
        return {};
    const QString &text = call[0].string();
    return text.endsWith(suffix) ? text.chopped(suffix.size()) : text;
}

TemplateValue expandTabs(const TemplateCall &call)
{
    qint64 size = 8;
    if (!call.read(1, size))
        return {};
    const QString &text = call[0].string();
    QString result;
    qint64 column = 0;
    for (const QChar unit : text) {
        if (unit == u'\t') {
            const qint64 blanks = size > 0 ? size - column % size : 0;
            if (!call.rendering().fitsText(result.size() + blanks))
                return {};
            result += QString(blanks, u' ');
            column += blanks;
            continue;
        }
        result += unit;
        column = unit == u'\n' || unit == u'\r' ? 0 : column + (unit.isLowSurrogate() ? 0 : 1);
    }
    return result;
}

TemplateValue format(const TemplateCall &call)
{
    return braceFormatted(call.rendering(), call[0].string(), call.rest(), call.named());
}

TemplateValue formatMap(const TemplateCall &call)
{
    if (call[1].kind() != Kind::Dict)
        return call.fail(
            QStringLiteral("the argument must be a mapping, not %1").arg(call[1].typeName()));
    std::vector<TemplateNamed> named;
    for (const auto &[key, value] : call[1].dict()) {
        if (key.isString())
            named.emplace_back(key.string(), value);
    }
    return braceFormatted(call.rendering(), call[0].string(), {}, named);
}

constexpr TemplateBuiltin methods[] = {
    { "center", center, "text width fillchar?" },
    { "expandtabs", expandTabs, "text tabsize?" },
    { "format", format, "text * **" },
    { "format_map", formatMap, "text mapping" },
    { "join", join, "text iterable" },
    { "ljust", leftJustified, "text width fillchar?" },
    { "lstrip", stripLeft, "text chars?" },
    { "partition", partition, "text sep" },
    { "removeprefix", withoutPrefix, "text prefix" },
    { "removesuffix", withoutSuffix, "text suffix" },
    { "replace", replace, "text old new count?" },
    { "rjust", rightJustified, "text width fillchar?" },
    { "rpartition", partitionFromBehind, "text sep" },
    { "rsplit", splitFromBehind, "text sep? maxsplit?" },
    { "rstrip", stripRight, "text chars?" },
    { "split", split, "text sep? maxsplit?" },
    { "splitlines", splitLines, "text keepends?" },
    { "strip", strip, "text chars?" },
    { "zfill", zeroFilled, "text width" },
};

} // namespace

std::span<const TemplateBuiltin> textMethods()
{
    return methods;
}

} // namespace hubkeep::templates
