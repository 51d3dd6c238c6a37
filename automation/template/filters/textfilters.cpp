// Jinja2's filters of texts that leave a text's lines as they are.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"
#include "automation/template/pythontext.h"

namespace hubkeep::filters {
namespace {

TemplateValue capitalize(const TemplateCall &call)
{
    return titleCaseFirst(lowerText(textOf(call)));
}

TemplateValue lower(const TemplateCall &call)
{
    return lowerText(textOf(call));
}

TemplateValue upper(const TemplateCall &call)
{
    return upperText(textOf(call));
}

TemplateValue string(const TemplateCall &call)
{
    return textOf(call);
}

// Each word's first character in upper case; words end at blanks and at ( { [ < -.
TemplateValue title(const TemplateCall &call)
{
    const QString text = textOf(call);
    QString result;
    result.reserve(text.size());
    qsizetype at = 0;
    const auto begins
        = [](QChar c) { return isPythonSpace(c) || QStringView(u"-({[<").contains(c); };
    while (at < text.size()) {
        qsizetype end = at;
        while (end < text.size() && begins(text[end]))
            ++end;
        result += QStringView(text).sliced(at, end - at);
        at = end;
        while (end < text.size() && !begins(text[end]))
            ++end;
        if (end == at)
            break;
        const qsizetype first = offsetOf(QStringView(text).sliced(at), 1);
        result += text.sliced(at, first).toUpper();
        result += lowerText(text.sliced(at + first, end - at - first));
        at = end;
    }
    return result;
}

TemplateValue trim(const TemplateCall &call)
{
    const QString text = textOf(call);
    if (!call.has(1) || call[1].isNone())
        return strip(text);
    if (!wantString(call, 1))
        return {};
    const QString &characters = call[1].string();
    if (hasSurrogates(characters)) {
        const std::vector<QString> all = charactersOf(text);
        size_t begin = 0;
        size_t end = all.size();
        while (begin < end && characters.contains(all[begin]))
            ++begin;
        while (end > begin && characters.contains(all[end - 1]))
            --end;
        QString rest;
        for (size_t i = begin; i < end; ++i)
            rest += all[i];
        return rest;
    }
    qsizetype begin = 0;
    qsizetype end = text.size();
    while (begin < end && characters.contains(text[begin]))
        ++begin;
    while (end > begin && characters.contains(text[end - 1]))
        --end;
    return text.sliced(begin, end - begin);
}

// Python puts the replacement at each end and between all characters where what is replaced is
// nothing.
QString replaceNothing(const QString &text, const QString &after, qint64 count)
{
    QString result;
    qint64 done = 0;
    for (const QString &character : charactersOf(text)) {
        if (count < 0 || done++ < count)
            result += after;
        result += character;
    }
    if (count < 0 || done < count)
        result += after;
    return result;
}

TemplateValue replace(const TemplateCall &call)
{
    const QString text = textOf(call);
    const QString before = textOf(call, 1);
    const QString after = textOf(call, 2);
    qint64 count = -1;
    if (call.has(3) && !call[3].isNone() && !call.read(3, count))
        return {};
    const qint64 found = before.isEmpty() ? text.size() + 1 : text.count(before);
    const qint64 replaced = count < 0 ? found : std::min(found, count);
    if (!call.rendering().allowText(text.size() + replaced * after.size()))
        return {};
    if (before.isEmpty())
        return replaceNothing(text, after, count);
    if (replaced == found)
        return QString(text).replace(before, after);
    QString result;
    qsizetype at = 0;
    for (qint64 done = 0; done < replaced; ++done) {
        const qsizetype next = text.indexOf(before, at);
        result += QStringView(text).sliced(at, next - at);
        result += after;
        at = next + before.size();
    }
    return result.append(QStringView(text).sliced(at));
}

TemplateValue truncate(const TemplateCall &call)
{
    qint64 length = 255;
    bool killWords = false;
    QString end = QStringLiteral("...");
    qint64 leeway = 5;
    if (!call.read(1, length) || !call.readFlag(2, killWords) || !call.read(3, end)
        || (call.has(4) && !call[4].isNone() && !call.read(4, leeway)))
        return {};
    const qsizetype endLength = operations::characters(end);
    if (length < endLength)
        return call.fail(QStringLiteral("the length must be at least that of the end, %1, not %2")
                             .arg(endLength)
                             .arg(length));
    if (leeway < 0)
        return call.fail(QStringLiteral("the leeway must not be negative, and is %1").arg(leeway));
    const qint64 characters = operations::length(call.rendering(), call.value());
    if (call.rendering().failed())
        return {};
    if (characters <= length || characters - length <= leeway)
        return call.value().isUndefined() ? TemplateValue(QString()) : call.value();
    if (!wantString(call))
        return {};
    const QString &text = call.value().string();
    QString kept = text.first(offsetOf(text, length - endLength));
    if (!killWords && kept.contains(u' '))
        kept.truncate(kept.lastIndexOf(u' '));
    return QString(kept + end);
}

TemplateValue wordcount(const TemplateCall &call)
{
    const QString text = textOf(call);
    qint64 words = 0;
    bool inWord = false;
    for (qsizetype at = 0; at < text.size(); ++at) {
        char32_t c = text[at].unicode();
        if (text[at].isHighSurrogate() && at + 1 < text.size())
            c = QChar::surrogateToUcs4(text[at], text[at + 1]), ++at;
        const bool word = c == U'_' || QChar::isLetterOrNumber(c);
        words += word && !inWord;
        inWord = word;
    }
    return words;
}

TemplateValue format(const TemplateCall &call)
{
    if (!call.rest().empty() && !call.named().empty())
        return call.fail(QStringLiteral("takes positional or named arguments, not both at once"));
    TemplateValue arguments;
    if (call.named().empty()) {
        arguments = TemplateValue::tuple({ call.rest().begin(), call.rest().end() });
    } else {
        TemplateDict dict;
        for (const auto &[name, value] : call.named())
            dict.insert(name, value);
        arguments = dict;
    }
    return operations::arithmetic(
        call.rendering(), operations::Arithmetic::Modulo, textOf(call), arguments);
}

constexpr TemplateBuiltin filters[] = {
    { "capitalize", capitalize, "value" },
    { "format", format, "value * **" },
    { "lower", lower, "value" },
    { "replace", replace, "value old new count?" },
    { "string", string, "value" },
    { "title", title, "value" },
    { "trim", trim, "value chars?" },
    { "truncate", truncate, "value length? killwords? end? leeway?" },
    { "upper", upper, "value" },
    { "wordcount", wordcount, "value" },
};

} // namespace

void declareText(TemplateBuiltins &builtins)
{
    builtins.addFilters(filters);
}

} // namespace hubkeep::filters
