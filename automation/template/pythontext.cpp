#include "automation/template/pythontext.h"

#include <QChar>
#include <QList>

#include <algorithm>

namespace hubkeep {

bool isPythonBlank(char32_t character)
{
    return QChar::isSpace(character) || (character >= 0x1c && character <= 0x1f);
}

bool isPythonPrintable(char32_t character)
{
    switch (QChar::category(character)) {
    case QChar::Other_Control:
    case QChar::Other_Format:
    case QChar::Other_Surrogate:
    case QChar::Other_PrivateUse:
    case QChar::Other_NotAssigned:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return false;
    case QChar::Separator_Space:
        return character == U' ';
    default:
        return true;
    }
}

bool isPythonLineEnd(char32_t character)
{
    return (character >= U'\n' && character <= U'\r') || (character >= 0x1c && character <= 0x1e)
        || character == 0x85 || character == 0x2028 || character == 0x2029;
}

bool hasPairs(const QString &text)
{
    return std::any_of(text.begin(), text.end(), [](QChar unit) { return unit.isSurrogate(); });
}

qsizetype unitsUntil(const QString &text, qint64 character)
{
    if (!hasPairs(text))
        return std::clamp<qint64>(character, 0, text.size());
    qsizetype at = 0;
    for (qint64 i = 0; i < character && at < text.size(); ++i)
        at += text[at].isHighSurrogate() && at + 1 < text.size() && text[at + 1].isLowSurrogate()
            ? 2
            : 1;
    return at;
}

qint64 charactersUntil(const QString &text, qsizetype unit)
{
    qint64 count = 0;
    for (qsizetype i = 0; i < unit; ++i) {
        const bool isSecond = text[i].isLowSurrogate() && i > 0 && text[i - 1].isHighSurrogate();
        count += isSecond ? 0 : 1;
    }
    return count;
}

namespace {

template <typename Change>
QString changedInPieces(const QString &text, Change change)
{
    constexpr qsizetype piece = 256;
    if (text.size() <= piece)
        return change(text);
    QString result;
    result.reserve(text.size());
    for (qsizetype at = 0; at < text.size();) {
        qsizetype end = std::min(at + piece, text.size());
        if (end < text.size() && text[end].isLowSurrogate())
            ++end;
        result += change(text.mid(at, end - at));
        at = end;
    }
    return result;
}

} // namespace

QString upperText(const QString &text)
{
    return changedInPieces(text, [](const QString &part) { return part.toUpper(); });
}

QString lowerText(const QString &text)
{
    return changedInPieces(text, [](const QString &part) { return part.toLower(); });
}

bool allCharacters(const QString &text, const std::function<bool(char32_t)> &is)
{
    const QList<uint> characters = text.toUcs4();
    return !characters.isEmpty() && std::all_of(characters.begin(), characters.end(), is);
}

QString mapCharacters(const QString &text, const std::function<QString(char32_t)> &change)
{
    QString result;
    result.reserve(text.size());
    for (const uint character : text.toUcs4())
        result += change(character);
    return result;
}

} // namespace hubkeep
