// Of str: upper and lower case.

#include "automation/template/methods/methods.h"
#include "automation/template/pythontext.h"

#include <QList>

namespace hubkeep::templates {
namespace {

bool isLower(char32_t character)
{
    return QChar::isLower(character);
}

bool isUpper(char32_t character)
{
    return QChar::isUpper(character);
}

bool isCased(char32_t character)
{
    return isLower(character) || isUpper(character) || QChar::isTitleCase(character);
}

QString text(char32_t character)
{
    return QString::fromUcs4(&character, 1);
}

// A capital at the beginning of a word: "ǆ" has one of its own, "ß" becomes "Ss".
QString capital(char32_t character)
{
    const char32_t title = QChar::toTitleCase(character);
    if (title != character)
        return text(title);
    const QString upper = text(character).toUpper();
    return upper.size() > 1 && !upper[0].isHighSurrogate() ? upper[0] + upper.mid(1).toLower()
                                                           : upper;
}

// Each function goes through the text once or a few times.
bool allowed(const TemplateCall &call)
{
    return call.rendering().step(call[0].string().size() / 32);
}

TemplateValue upper(const TemplateCall &call)
{
    return allowed(call) ? TemplateValue(upperText(call[0].string())) : TemplateValue();
}

TemplateValue lower(const TemplateCall &call)
{
    return allowed(call) ? TemplateValue(lowerText(call[0].string())) : TemplateValue();
}

TemplateValue caseFolded(const TemplateCall &call)
{
    if (!allowed(call))
        return {};
    return mapCharacters(call[0].string(), [](char32_t character) {
        const QString string = text(character);
        const QString large = string.toUpper(); // "ß" and ligatures become several letters
        return large.size() > string.size() ? large.toLower() : string.toCaseFolded();
    });
}

TemplateValue capitalized(const TemplateCall &call)
{
    const QString &string = call[0].string();
    if (string.isEmpty() || !allowed(call))
        return string;
    const qsizetype first = unitsUntil(string, 1);
    return capital(string.toUcs4().first()) + lowerText(string.mid(first));
}

TemplateValue title(const TemplateCall &call)
{
    bool inWord = false;
    if (!allowed(call))
        return {};
    return mapCharacters(call[0].string(), [&inWord](char32_t character) {
        const QString changed = inWord ? text(character).toLower() : capital(character);
        inWord = isCased(character);
        return changed;
    });
}

TemplateValue swapped(const TemplateCall &call)
{
    if (!allowed(call))
        return {};
    return mapCharacters(call[0].string(), [](char32_t character) {
        return isUpper(character) ? text(character).toLower()
            : isLower(character)  ? text(character).toUpper()
                                  : text(character);
    });
}

// At least one character has a case, and each that has one has this.
template <bool (*is)(char32_t)>
TemplateValue allOf(const TemplateCall &call)
{
    bool any = false;
    return allowed(call) && allCharacters(call[0].string(), [&any](char32_t character) {
        any = any || is(character);
        return !isCased(character) || is(character);
    }) && any;
}

TemplateValue isTitle(const TemplateCall &call)
{
    bool inWord = false;
    bool any = false;
    return allowed(call) && allCharacters(call[0].string(), [&](char32_t character) {
        const bool isCapital = isUpper(character) || QChar::isTitleCase(character);
        const bool fits = inWord ? !isCapital : !isLower(character);
        inWord = isCased(character);
        any = any || inWord;
        return fits;
    }) && any;
}

constexpr TemplateBuiltin methods[] = {
    { "capitalize", capitalized, "text" },
    { "casefold", caseFolded, "text" },
    { "islower", allOf<isLower>, "text" },
    { "istitle", isTitle, "text" },
    { "isupper", allOf<isUpper>, "text" },
    { "lower", lower, "text" },
    { "swapcase", swapped, "text" },
    { "title", title, "text" },
    { "upper", upper, "text" },
};

} // namespace

std::span<const TemplateBuiltin> textCaseMethods()
{
    return methods;
}

} // namespace hubkeep::templates
