// Jinja2's filters of lists that keep the order: first, last, join, batch, slice, sum, …

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"
#include "automation/template/filters/stateobjects.h"

#include <QRandomGenerator>

#include <algorithm>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

TemplateValue noItem(const char *which)
{
    return TemplateValue::undefinedBecause(
        QStringLiteral("there is no %1 item: the sequence is empty").arg(QLatin1String(which)));
}

TemplateValue first(const TemplateCall &call)
{
    TemplateIteration iteration(call.rendering(), call.value());
    const TemplateValue *item = iteration.next();
    return item ? *item : noItem("first");
}

// What Python can go through backwards: not sets and generators.
bool isReversible(const TemplateValue &value)
{
    switch (value.kind()) {
    case Kind::String:
    case Kind::List:
    case Kind::Tuple:
    case Kind::Dict:
        return true;
    case Kind::Object:
        return value.object()->isIterable() && value.object()->length().has_value();
    default:
        return false;
    }
}

TemplateValue last(const TemplateCall &call)
{
    const TemplateValue &value = call.value();
    if (value.isSequence())
        return value.items().empty() ? noItem("last") : value.items().back();
    if (value.isUndefined())
        return noItem("last");
    if (!isReversible(value))
        return call.fail(QStringLiteral("a %1 cannot be read backwards; make it a list first")
                             .arg(value.typeName()));
    const TemplateValue::Items items = operations::items(call.rendering(), value);
    return items.empty() ? noItem("last") : items.back();
}

TemplateValue length(const TemplateCall &call)
{
    if (call.value().isObject()) {
        if (const auto *states = dynamic_cast<const AllStates *>(call.value().object().get()))
            return states->count(call.rendering());
    }
    return operations::length(call.rendering(), call.value());
}

TemplateValue list(const TemplateCall &call)
{
    if (call.value().kind() == Kind::List)
        return call.value();
    return TemplateValue::list(operations::items(call.rendering(), call.value()));
}

TemplateValue join(const TemplateCall &call)
{
    TemplateRendering &rendering = call.rendering();
    const QString separator = call.has(1) ? textOf(call, 1) : QString();
    const AttributePath path(call[2]);
    QString result;
    bool isFirst = true;
    TemplateIteration iteration(rendering, call.value());
    while (const TemplateValue *item = iteration.next()) {
        if (!isFirst)
            result += separator;
        isFirst = false;
        TemplateValue scratch;
        const TemplateValue &shown = path.look(rendering, *item, scratch);
        if (rendering.failed())
            return {};
        if (shown.isString())
            result += shown.string();
        else
            result += operations::text(rendering, shown);
        if (!withinOutput(rendering, result.size()))
            return {};
    }
    return result;
}

TemplateValue reverse(const TemplateCall &call)
{
    const TemplateValue &value = call.value();
    if (value.isString()) {
        const std::vector<QString> characters = charactersOf(value.string());
        QString reversed;
        reversed.reserve(value.string().size());
        for (auto it = characters.rbegin(); it != characters.rend(); ++it)
            reversed += *it;
        return reversed;
    }
    TemplateValue::Items items = operations::items(call.rendering(), value);
    std::reverse(items.begin(), items.end());
    if (!isReversible(value))
        return TemplateValue::list(std::move(items));
    return generator(value.depth(),
        [items = std::move(items), at = size_t(0)](
            TemplateRendering &, TemplateValue &item) mutable {
            if (at == items.size())
                return false;
            item = items[at++];
            return true;
        });
}

TemplateValue batch(const TemplateCall &call)
{
    qint64 size = 0;
    if (!call.read(1, size))
        return {};
    const bool fills = call.has(2) && !call[2].isNone();
    auto iteration = std::make_shared<TemplateIteration>(call.rendering(), call.value());
    return generator(call.value().depth() + 1,
        [iteration, size, fills, fill = call[2], pending = TemplateValue::Items(), done = false](
            TemplateRendering &rendering, TemplateValue &item) mutable {
            if (done)
                return false;
            while (const TemplateValue *next = iteration->next()) {
                const bool full = qint64(pending.size()) == size;
                if (full)
                    item = TemplateValue::list(std::exchange(pending, {}));
                pending.push_back(*next);
                if (full)
                    return true;
            }
            done = true;
            if (rendering.failed() || pending.empty())
                return false;
            if (fills && qint64(pending.size()) < size) {
                if (!rendering.allowItems(size))
                    return false;
                pending.resize(size_t(size), fill);
            }
            item = TemplateValue::list(std::exchange(pending, {}));
            return true;
        });
}

TemplateValue slice(const TemplateCall &call)
{
    qint64 slices = 0;
    if (!call.read(1, slices))
        return {};
    const bool fills = call.has(2) && !call[2].isNone();
    TemplateValue::Items all = operations::items(call.rendering(), call.value());
    if (slices == 0)
        return call.fail(QStringLiteral("cannot make 0 slices"));
    if (call.rendering().failed() || !call.rendering().allowItems(slices))
        return {};
    const qint64 each = slices < 0 ? 0 : qint64(all.size()) / slices;
    const qint64 longer = slices < 0 ? 0 : qint64(all.size()) % slices; // so many have one more
    return generator(call.value().depth() + 1,
        [all = std::move(all), slices, each, longer, fills, fill = call[2], number = qint64(0),
            at = qint64(0)](TemplateRendering &, TemplateValue &item) mutable {
            if (number >= slices)
                return false;
            const qint64 size = each + (number < longer ? 1 : 0);
            TemplateValue::Items part(all.begin() + at, all.begin() + at + size);
            if (fills && number >= longer)
                part.push_back(fill);
            at += size;
            ++number;
            item = TemplateValue::list(std::move(part));
            return true;
        });
}

TemplateValue items(const TemplateCall &call)
{
    if (call.value().isUndefined())
        return generator(1, [](TemplateRendering &, TemplateValue &) { return false; });
    if (call.value().kind() != Kind::Dict)
        return call.fail(QStringLiteral("only a dictionary has pairs of keys and values, not %1")
                             .arg(shortened(call.value())));
    return generator(call.value().depth(),
        [dict = call.value(), at = qsizetype(0)](TemplateRendering &, TemplateValue &item) mutable {
            if (at == dict.dict().size())
                return false;
            const auto &[key, value] = dict.dict().at(at++);
            item = TemplateValue::tuple({ key, value });
            return true;
        });
}

TemplateValue sum(const TemplateCall &call)
{
    TemplateRendering &rendering = call.rendering();
    const AttributePath path(call[1]);
    TemplateValue total = call.has(2) ? call[2] : TemplateValue(0);
    if (total.isString())
        return call.fail(QStringLiteral("texts cannot be added up; use join"));
    TemplateIteration iteration(rendering, call.value());
    while (const TemplateValue *item = iteration.next()) {
        const TemplateValue value = path.of(rendering, *item);
        if (rendering.failed())
            return {};
        total = operations::arithmetic(rendering, operations::Arithmetic::Add, total, value);
        if (rendering.failed())
            return {};
    }
    return total;
}

TemplateValue random(const TemplateCall &call)
{
    if (!isReversible(call.value()) || call.value().kind() == Kind::Dict)
        return call.fail(QStringLiteral("expects a list, not %1").arg(shortened(call.value())));
    const TemplateValue::Items all = operations::items(call.rendering(), call.value());
    if (call.rendering().failed())
        return {};
    if (all.empty())
        return call.fail(QStringLiteral("cannot choose from an empty list"));
    return all[size_t(QRandomGenerator::global()->bounded(quint64(all.size())))];
}

constexpr TemplateBuiltin filters[] = {
    { "batch", batch, "value linecount fill_with?" },
    { "count", length, "value" },
    { "first", first, "value" },
    { "items", items, "value" },
    { "join", join, "value d? attribute?" },
    { "last", last, "value" },
    { "length", length, "value" },
    { "list", list, "value" },
    { "random", random, "value" },
    { "reverse", reverse, "value" },
    { "slice", slice, "value slices fill_with?" },
    { "sum", sum, "value attribute? start?" },
};

} // namespace

void declareLists(TemplateBuiltins &builtins)
{
    builtins.addFilters(filters);
}

} // namespace hubkeep::filters
