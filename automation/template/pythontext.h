// What Python thinks of characters, and positions counted in characters.
//
// Functions of plain values; any thread.

#pragma once

#include <QString>

#include <functional>

namespace hubkeep {

bool isPythonBlank(char32_t character); // str.isspace()
bool isPythonPrintable(char32_t character); // str.isprintable()
bool isPythonLineEnd(char32_t character); // where str.splitlines() splits

bool hasPairs(const QString &text); // characters beyond the first 65,536
// Between positions in characters and in UTF-16 units; what is behind the end is the end.
qsizetype unitsUntil(const QString &text, qint64 character);
qint64 charactersUntil(const QString &text, qsizetype unit);

// In pieces: QString's own take ever longer where letters become two.
QString upperText(const QString &text);
QString lowerText(const QString &text);

// Whether all characters are so, and there is one.
bool allCharacters(const QString &text, const std::function<bool(char32_t)> &is);
// Text with every character exchanged.
QString mapCharacters(const QString &text, const std::function<QString(char32_t)> &change);

} // namespace hubkeep
