// Jinja2's filters that compare items: sort, dictsort, groupby, unique, min, max.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"
#include "automation/template/filters/ordering.h"

#include <algorithm>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

// sort: attribute='a,b.c' compares by several.
std::vector<AttributePath> pathsOf(const TemplateValue &attribute)
{
    std::vector<AttributePath> paths;
    if (!attribute.isString()) {
        paths.emplace_back(attribute);
        return paths;
    }
    for (const QString &part : attribute.string().split(u','))
        paths.emplace_back(TemplateValue(part));
    return paths;
}

TemplateValue sort(const TemplateCall &call)
{
    TemplateRendering &rendering = call.rendering();
    bool reverse = false;
    bool caseSensitive = false;
    if (!call.readFlag(1, reverse) || !call.readFlag(2, caseSensitive))
        return {};
    const std::vector<AttributePath> paths = pathsOf(call[3]);
    const auto keyOf = [&](const TemplateValue &item) {
        const auto part = [&](const AttributePath &path) {
            const TemplateValue value = path.of(rendering, item);
            return caseSensitive ? value : withoutCase(value);
        };
        if (paths.size() == 1)
            return part(paths[0]);
        TemplateValue::Items parts;
        for (const AttributePath &path : paths)
            parts.push_back(part(path));
        return TemplateValue::list(std::move(parts));
    };
    std::vector<Keyed> keyed;
    TemplateIteration iteration(rendering, call.value());
    while (const TemplateValue *item = iteration.next()) {
        keyed.push_back({ keyOf(*item), *item });
        if (rendering.failed())
            return {};
    }
    return TemplateValue::list(sorted(rendering, std::move(keyed), reverse));
}

TemplateValue dictsort(const TemplateCall &call)
{
    TemplateRendering &rendering = call.rendering();
    bool caseSensitive = false;
    QString by = QStringLiteral("key");
    bool reverse = false;
    if (!call.readFlag(1, caseSensitive) || !call.read(2, by) || !call.readFlag(3, reverse))
        return {};
    if (by != u"key" && by != u"value")
        return call.fail(QStringLiteral("sorts by 'key' or 'value', not by '%1'").arg(by));
    if (call.value().kind() != Kind::Dict)
        return call.fail(
            QStringLiteral("expects a dictionary, not %1").arg(shortened(call.value())));
    std::vector<Keyed> keyed;
    for (const auto &[key, value] : call.value().dict()) {
        const TemplateValue &what = by == u"key" ? key : value;
        keyed.push_back(
            { caseSensitive ? what : withoutCase(what), TemplateValue::tuple({ key, value }) });
    }
    return TemplateValue::list(sorted(rendering, std::move(keyed), reverse));
}

// A pair of groupby's: (grouper, list), also by these names.
class Group final : public TemplateObject
{
public:
    Group(TemplateValue grouper, TemplateValue list)
        : m_pair(TemplateValue::tuple({ std::move(grouper), std::move(list) }))
    {
    }
    QString typeName() const override { return QStringLiteral("_GroupTuple"); }
    std::optional<TemplateValue> attribute(TemplateRendering &, const QString &name) override
    {
        if (name == u"grouper")
            return m_pair.items()[0];
        if (name == u"list")
            return m_pair.items()[1];
        return std::nullopt;
    }
    std::optional<TemplateValue> item(
        TemplateRendering &rendering, const TemplateValue &key) override
    {
        const TemplateValue found = operations::item(rendering, m_pair, key);
        if (found.isUndefined())
            return std::nullopt;
        return found;
    }
    bool isIterable() const override { return true; }
    std::unique_ptr<TemplateIterator> iterate(TemplateRendering &) override
    {
        return std::make_unique<Iterator>(m_pair);
    }
    std::optional<qint64> length() const override { return 2; }
    QString literal() const override { return m_pair.toLiteral(); }
    int depth() const override { return m_pair.depth() + 1; }

private:
    class Iterator final : public TemplateIterator
    {
    public:
        explicit Iterator(TemplateValue pair)
            : m_pair(std::move(pair))
        {
        }
        bool next(TemplateRendering &, TemplateValue &item) override
        {
            if (m_at == m_pair.items().size())
                return false;
            item = m_pair.items()[m_at++];
            return true;
        }

    private:
        const TemplateValue m_pair;
        size_t m_at = 0;
    };

    const TemplateValue m_pair;
};

TemplateValue groupby(const TemplateCall &call)
{
    TemplateRendering &rendering = call.rendering();
    bool caseSensitive = false;
    if (!call.readFlag(3, caseSensitive))
        return {};
    AttributePath path(call[1]);
    if (call.has(2) && !call[2].isNone())
        path.setDefault(call[2]);
    std::vector<Keyed> keyed;
    TemplateIteration iteration(rendering, call.value());
    while (const TemplateValue *item = iteration.next()) {
        const TemplateValue value = path.of(rendering, *item);
        if (rendering.failed())
            return {};
        keyed.push_back({ caseSensitive ? value : withoutCase(value), *item });
    }
    sortKeyed(rendering, keyed, false);
    TemplateValue::Items groups;
    for (size_t begin = 0; begin < keyed.size() && !rendering.failed();) {
        size_t end = begin;
        TemplateValue::Items items;
        while (end < keyed.size() && keyed[end].key == keyed[begin].key && rendering.step())
            items.push_back(keyed[end++].item);
        if (rendering.failed())
            break;
        const TemplateValue name
            = caseSensitive ? keyed[begin].key : path.of(rendering, items.front());
        groups.push_back(TemplateValue(std::static_pointer_cast<TemplateObject>(
            std::make_shared<Group>(name, TemplateValue::list(std::move(items))))));
        begin = end;
    }
    return TemplateValue::list(std::move(groups));
}

TemplateValue unique(const TemplateCall &call)
{
    bool caseSensitive = false;
    if (!call.readFlag(1, caseSensitive))
        return {};
    auto iteration = std::make_shared<TemplateIteration>(call.rendering(), call.value());
    return generator(call.value().depth(),
        [iteration, caseSensitive, path = AttributePath(call[2]), seen = TemplateDict()](
            TemplateRendering &rendering, TemplateValue &item) mutable {
            while (const TemplateValue *next = iteration->next()) {
                const TemplateValue value = path.of(rendering, *next);
                if (rendering.failed())
                    return false;
                const TemplateValue key = caseSensitive ? value : withoutCase(value);
                if (!isSetItem(key)) {
                    rendering.fail(QStringLiteral("unique: a %1 cannot be compared this way")
                                       .arg(key.typeName()));
                    return false;
                }
                if (seen.find(key))
                    continue;
                seen.insert(key, {});
                item = *next;
                return true;
            }
            return false;
        });
}

TemplateValue extreme(const TemplateCall &call, bool largest)
{
    bool caseSensitive = false;
    if (!call.readFlag(1, caseSensitive))
        return {};
    return extremeOf(
        call.rendering(), call.value(), { largest, caseSensitive, AttributePath(call[2]) });
}

TemplateValue min(const TemplateCall &call)
{
    return extreme(call, false);
}

TemplateValue max(const TemplateCall &call)
{
    return extreme(call, true);
}

constexpr TemplateBuiltin filters[] = {
    { "dictsort", dictsort, "value case_sensitive? by? reverse?" },
    { "groupby", groupby, "value attribute default? case_sensitive?" },
    { "max", max, "value case_sensitive? attribute?" },
    { "min", min, "value case_sensitive? attribute?" },
    { "sort", sort, "value reverse? case_sensitive? attribute?" },
    { "unique", unique, "value case_sensitive? attribute?" },
};

} // namespace

void declareOrder(TemplateBuiltins &builtins)
{
    builtins.addFilters(filters);
}

} // namespace hubkeep::filters
