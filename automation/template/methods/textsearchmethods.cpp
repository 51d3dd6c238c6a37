// Of str: finding, and what all characters are.

#include "automation/template/methods/methods.h"
#include "automation/template/pythontext.h"
#include "automation/template/textsearch.h"

#include <QList>

#include <algorithm>
#include <limits>

namespace hubkeep::templates {
namespace {

using Kind = TemplateValue::Kind;

// The part of the text that start and end leave, in units.
struct Part
{
    qsizetype begin = 0;
    qsizetype end = 0;
    bool isThere = true; // start is not behind the text
};

bool readPart(const TemplateCall &call, Part &part)
{
    const QString &text = call[0].string();
    const bool plain = !call.has(2) && !call.has(3);
    part.end = text.size();
    if (plain)
        return true;
    if (!call.rendering().step(text.size() / 256))
        return false;
    const qint64 size = charactersUntil(text, text.size());
    qint64 bounds[] = { 0, size };
    for (size_t i = 0; i < 2; ++i) {
        if (!call.has(i + 2) || call[i + 2].isNone())
            continue;
        if (!call.read(i + 2, bounds[i]))
            return false;
        if (bounds[i] < 0)
            bounds[i] = std::max<qint64>(0, bounds[i] + size);
    }
    part.isThere = bounds[0] <= size && bounds[0] <= bounds[1];
    part.begin = unitsUntil(text, std::min(bounds[0], size));
    part.end = std::max(part.begin, unitsUntil(text, std::min(bounds[1], size)));
    return true;
}

// In characters; -1: nowhere. False where the call failed.
bool search(const TemplateCall &call, bool last, qint64 &found)
{
    Part part;
    QString needle;
    found = -1;
    if (!call.read(1, needle) || !readPart(call, part)
        || !call.rendering().step(call[0].string().size() / 256))
        return false;
    if (!part.isThere)
        return true;
    const QString &text = call[0].string();
    const QStringView within = QStringView(text).first(part.end);
    const qsizetype at
        = last ? findLastText(within, needle, part.end) : findText(within, needle, part.begin);
    if (at >= part.begin)
        found = charactersUntil(text, at);
    return true;
}

TemplateValue find(const TemplateCall &call)
{
    qint64 found = -1;
    return search(call, false, found) ? TemplateValue(found) : TemplateValue();
}

TemplateValue findLast(const TemplateCall &call)
{
    qint64 found = -1;
    return search(call, true, found) ? TemplateValue(found) : TemplateValue();
}

TemplateValue index(const TemplateCall &call)
{
    qint64 found = -1;
    if (!search(call, false, found))
        return {};
    return found < 0 ? call.fail(QStringLiteral("substring not found")) : TemplateValue(found);
}

TemplateValue indexLast(const TemplateCall &call)
{
    qint64 found = -1;
    if (!search(call, true, found))
        return {};
    return found < 0 ? call.fail(QStringLiteral("substring not found")) : TemplateValue(found);
}

TemplateValue count(const TemplateCall &call)
{
    Part part;
    QString needle;
    if (!call.read(1, needle) || !readPart(call, part)
        || !call.rendering().step(call[0].string().size() / 64))
        return {};
    const QStringView within
        = QStringView(call[0].string()).sliced(part.begin, part.end - part.begin);
    return part.isThere ? qint64(countText(within, needle)) : 0;
}

TemplateValue affixed(const TemplateCall &call, bool atEnd)
{
    Part part;
    if (!readPart(call, part))
        return {};
    const QStringView within
        = QStringView(call[0].string()).sliced(part.begin, part.end - part.begin);
    const auto matches = [&](const TemplateValue &affix) {
        return part.isThere
            && (atEnd ? within.endsWith(affix.string()) : within.startsWith(affix.string()));
    };
    if (call[1].isString())
        return matches(call[1]);
    if (call[1].kind() != Kind::Tuple)
        return call.fail(QStringLiteral("the first argument must be str or a tuple of str, not %1")
                             .arg(call[1].typeName()));
    for (const TemplateValue &affix : call[1].items()) {
        if (!affix.isString())
            return call.fail(
                QStringLiteral("a tuple must only contain str, not %1").arg(affix.typeName()));
        if (!call.rendering().step())
            return {};
        if (matches(affix))
            return true;
    }
    return false;
}

TemplateValue startsWith(const TemplateCall &call)
{
    return affixed(call, false);
}

TemplateValue endsWith(const TemplateCall &call)
{
    return affixed(call, true);
}

bool isNumeric(char32_t character)
{
    const QChar::Category category = QChar::category(character);
    return category == QChar::Number_DecimalDigit || category == QChar::Number_Letter
        || category == QChar::Number_Other;
}

bool isLetter(char32_t character)
{
    return QChar::isLetter(character);
}

bool isDecimal(char32_t character)
{
    return QChar::category(character) == QChar::Number_DecimalDigit;
}

bool isDigit(char32_t character)
{
    return QChar::digitValue(character) >= 0;
}

template <bool (*is)(char32_t)>
TemplateValue all(const TemplateCall &call)
{
    return call.rendering().step(call[0].string().size() / 64)
        && allCharacters(call[0].string(), is);
}

TemplateValue isAlphanumeric(const TemplateCall &call)
{
    return allCharacters(call[0].string(),
        [](char32_t character) { return isLetter(character) || isNumeric(character); });
}

TemplateValue isAscii(const TemplateCall &call)
{
    const QString &text = call[0].string();
    return std::all_of(text.begin(), text.end(), [](QChar unit) { return unit.unicode() < 128; });
}

TemplateValue isPrintable(const TemplateCall &call)
{
    return call[0].string().isEmpty() || allCharacters(call[0].string(), isPythonPrintable);
}

TemplateValue isIdentifier(const TemplateCall &call)
{
    const QString &text = call[0].string();
    return !text.isEmpty() && !isNumeric(text.toUcs4().first())
        && allCharacters(text, [](char32_t character) {
               return isLetter(character) || isNumeric(character) || character == U'_'
                   || QChar::isMark(character);
           });
}

constexpr TemplateBuiltin methods[] = {
    { "count", count, "text sub start? end?" },
    { "endswith", endsWith, "text suffix start? end?" },
    { "find", find, "text sub start? end?" },
    { "index", index, "text sub start? end?" },
    { "isalnum", isAlphanumeric, "text" },
    { "isalpha", all<isLetter>, "text" },
    { "isascii", isAscii, "text" },
    { "isdecimal", all<isDecimal>, "text" },
    { "isdigit", all<isDigit>, "text" },
    { "isidentifier", isIdentifier, "text" },
    { "isnumeric", all<isNumeric>, "text" },
    { "isprintable", isPrintable, "text" },
    { "isspace", all<isPythonBlank>, "text" },
    { "rfind", findLast, "text sub start? end?" },
    { "rindex", indexLast, "text sub start? end?" },
    { "startswith", startsWith, "text prefix start? end?" },
};

} // namespace

std::span<const TemplateBuiltin> textSearchMethods()
{
    return methods;
}

} // namespace hubkeep::templates
