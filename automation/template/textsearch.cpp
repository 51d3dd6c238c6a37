#include "automation/template/textsearch.h"

#include <algorithm>
#include <vector>

namespace hubkeep {
namespace {

// Knuth, Morris and Pratt's, for what a plain search might take for ever. Both texts are read by
// their functions, which may read them backwards. Where it ends, or -1.
template <typename Text, typename Needle>
qsizetype findByTable(Text text, qsizetype from, qsizetype size, Needle needle, qsizetype length)
{
    std::vector<qsizetype> table(size_t(length), 0);
    for (qsizetype i = 1, matched = 0; i < length; ++i) {
        while (matched > 0 && needle(i) != needle(matched))
            matched = table[size_t(matched - 1)];
        matched += needle(i) == needle(matched) ? 1 : 0;
        table[size_t(i)] = matched;
    }
    for (qsizetype i = from, matched = 0; i < size; ++i) {
        while (matched > 0 && text(i) != needle(matched))
            matched = table[size_t(matched - 1)];
        matched += text(i) == needle(matched) ? 1 : 0;
        if (matched == length)
            return i + 1;
    }
    return -1;
}

constexpr qsizetype few = 16; // characters, with which a plain search is never slow

} // namespace

qsizetype findText(QStringView text, QStringView needle, qsizetype from)
{
    if (from > text.size())
        return -1;
    if (needle.size() <= few || text.size() - from <= few * few)
        return text.indexOf(needle, from);
    const qsizetype end = findByTable([text](qsizetype i) { return text[i]; }, from, text.size(),
        [needle](qsizetype i) { return needle[i]; }, needle.size());
    return end < 0 ? -1 : end - needle.size();
}

qsizetype findLastText(QStringView text, QStringView needle, qsizetype end)
{
    const QStringView part = text.first(std::clamp<qsizetype>(end, 0, text.size()));
    if (needle.isEmpty())
        return part.size();
    if (needle.size() <= few || part.size() <= few * few)
        return part.lastIndexOf(needle);
    const qsizetype last = part.size() - 1;
    const qsizetype found
        = findByTable([part, last](qsizetype i) { return part[last - i]; }, 0, part.size(),
            [needle](qsizetype i) { return needle[needle.size() - 1 - i]; }, needle.size());
    return found < 0 ? -1 : part.size() - found;
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
