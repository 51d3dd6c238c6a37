// Home Assistant's regex_match, regex_search, regex_replace, regex_findall and regex_findall_index.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"
#include "automation/template/filters/pythonregex.h"

namespace hubkeep::filters {
namespace {

// The pattern in that argument; nothing where it is none, and the call has failed.
std::optional<PythonRegex> compiled(const TemplateCall &call, size_t find, size_t ignoreCase)
{
    QString pattern;
    bool ignores = false;
    if (!call.read(find, pattern) || !call.readFlag(ignoreCase, ignores))
        return std::nullopt;
    Result<PythonRegex> regex = PythonRegex::compile(pattern, ignores);
    if (!regex) {
        call.fail(regex.error().message);
        return std::nullopt;
    }
    return *std::move(regex);
}

TemplateValue regexMatch(const TemplateCall &call)
{
    const std::optional<PythonRegex> regex = compiled(call, 1, 2);
    if (!regex)
        return {};
    const Result<bool> matches = regex->matches(textOf(call));
    return matches ? TemplateValue(*matches) : call.fail(matches.error().message);
}

TemplateValue regexSearch(const TemplateCall &call)
{
    const std::optional<PythonRegex> regex = compiled(call, 1, 2);
    if (!regex)
        return {};
    const Result<bool> found = regex->isIn(textOf(call));
    return found ? TemplateValue(*found) : call.fail(found.error().message);
}

TemplateValue regexReplace(const TemplateCall &call)
{
    TemplateRendering &rendering = call.rendering();
    const std::optional<PythonRegex> regex = compiled(call, 1, 3);
    QString replacement;
    if (!regex || !call.read(2, replacement))
        return {};
    const Result<std::vector<PythonRegex::Part>> parts = regex->replacement(replacement);
    if (!parts)
        return call.fail(parts.error().message);
    const QString text = call.has(0) ? textOf(call) : QString();
    QString result;
    qsizetype at = 0;
    const Result<void> done = regex->forEach(text, [&](const QRegularExpressionMatch &match) {
        result += QStringView(text).sliced(at, match.capturedStart() - at);
        at = match.capturedEnd();
        for (const PythonRegex::Part &part : *parts) {
            result += part.text;
            if (part.group >= 0)
                result += match.capturedView(part.group);
        }
        return rendering.step() && withinOutput(rendering, result.size());
    });
    if (!done)
        return call.fail(done.error().message);
    return result.append(QStringView(text).sliced(at));
}

// What findall() gives for one match: the whole, the group, or all groups.
TemplateValue foundText(const QRegularExpressionMatch &match, int groups)
{
    if (groups <= 1)
        return match.captured(groups);
    TemplateValue::Items parts;
    for (int group = 1; group <= groups; ++group)
        parts.push_back(
            match.captured(group).isNull() ? QString(QLatin1String("")) : match.captured(group));
    return TemplateValue::tuple(std::move(parts));
}

std::optional<TemplateValue::Items> allFound(const TemplateCall &call, const PythonRegex &regex)
{
    TemplateRendering &rendering = call.rendering();
    TemplateValue::Items items;
    const Result<void> done
        = regex.forEach(textOf(call), [&](const QRegularExpressionMatch &match) {
              items.push_back(foundText(match, regex.groups()));
              return rendering.step() && withinItems(rendering, items.size());
          });
    if (!done)
        call.fail(done.error().message);
    if (rendering.failed())
        return std::nullopt;
    return items;
}

TemplateValue regexFindall(const TemplateCall &call)
{
    const std::optional<PythonRegex> regex = compiled(call, 1, 2);
    if (!regex)
        return {};
    std::optional<TemplateValue::Items> found = allFound(call, *regex);
    return found ? TemplateValue::list(*std::move(found)) : TemplateValue();
}

TemplateValue regexFindallIndex(const TemplateCall &call)
{
    const std::optional<PythonRegex> regex = compiled(call, 1, 3);
    qint64 index = 0;
    if (!regex || !call.read(2, index))
        return {};
    const std::optional<TemplateValue::Items> found = allFound(call, *regex);
    if (!found)
        return {};
    const qint64 count = qint64(found->size());
    if (index < -count || index >= count)
        return call.fail(
            QStringLiteral("there is no match number %1: %2 were found").arg(index).arg(count));
    return (*found)[size_t(index < 0 ? index + count : index)];
}

constexpr TemplateBuiltin filters[] = {
    { "regex_findall", regexFindall, "value find? ignorecase?" },
    { "regex_findall_index", regexFindallIndex, "value find? index? ignorecase?" },
    { "regex_match", regexMatch, "value find? ignorecase?" },
    { "regex_replace", regexReplace, "value find? replace? ignorecase?" },
    { "regex_search", regexSearch, "value find? ignorecase?" },
};

constexpr TemplateBuiltin tests[] = {
    { "match", regexMatch, "value find? ignorecase?" },
    { "search", regexSearch, "value find? ignorecase?" },
};

} // namespace

void declareRegex(TemplateBuiltins &builtins)
{
    builtins.addFilters(filters);
    builtins.addTests(tests);
}

} // namespace hubkeep::filters
