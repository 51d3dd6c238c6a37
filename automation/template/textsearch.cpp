#include "automation/template/textsearch.h"

#include <algorithm>
#include <vector>

namespace hubkeep {
namespace {

// Knuth, Morris and Pratt's, for what a plain search might take for ever.
qsizetype findByTable(QStringView text, QStringView needle, qsizetype from)
{
    std::vector<qsizetype> table(size_t(needle.size()), 0);
    for (qsizetype i = 1, matched = 0; i < needle.size(); ++i) {
        while (matched > 0 && needle[i] != needle[matched])
            matched = table[size_t(matched - 1)];
        matched += needle[i] == needle[matched] ? 1 : 0;
        table[size_t(i)] = matched;
    }
    for (qsizetype i = from, matched = 0; i < text.size(); ++i) {
        while (matched > 0 && text[i] != needle[matched])
            matched = table[size_t(matched - 1)];
        matched += text[i] == needle[matched] ? 1 : 0;
        if (matched == needle.size())
            return i - matched + 1;
    }
    return -1;
}

} // namespace

qsizetype findText(QStringView text, QStringView needle, qsizetype from)
{
    constexpr qsizetype few = 16;
    if (from > text.size())
        return -1;
    if (needle.size() > few && text.size() - from > few * few)
        return findByTable(text, needle, from);
    return text.indexOf(needle, from);
}

qsizetype findLastText(QStringView text, QStringView needle, qsizetype end)
{
    const QStringView part = text.first(std::clamp<qsizetype>(end, 0, text.size()));
    if (needle.isEmpty())
        return part.size();
    qsizetype last = -1;
    for (qsizetype at = findText(part, needle, 0); at >= 0; at = findText(part, needle, at + 1)) {
        last = at;
        // Many matches of a long needle would make many tables: then from behind.
        if (needle.size() <= 16)
            return part.lastIndexOf(needle);
    }
    return last;
}

qsizetype countText(QStringView text, QStringView needle)
{
    if (needle.isEmpty()) {
        return text.size() + 1 - std::count_if(text.begin(), text.end(), [](QChar unit) {
            return unit.isLowSurrogate();
        });
    }
    qsizetype count = 0;
    for (qsizetype at = findText(text, needle, 0); at >= 0;
         at = findText(text, needle, at + needle.size()))
        ++count;
    return count;
}

} // namespace hubkeep
