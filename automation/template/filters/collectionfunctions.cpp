// Home Assistant's functions of lists and dictionaries: zip, flatten, intersect, combine, shuffle,
// …

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"

#include <QRandomGenerator>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

TemplateValue zip(const TemplateCall &call)
{
    auto iterations = std::make_shared<std::vector<std::unique_ptr<TemplateIteration>>>();
    int depth = 1;
    for (const TemplateValue &each : call.rest()) {
        iterations->push_back(std::make_unique<TemplateIteration>(call.rendering(), each));
        depth = std::max(depth, each.depth());
    }
    if (call.rendering().failed())
        return {};
    return generator(depth + 1, [iterations](TemplateRendering &, TemplateValue &item) {
        TemplateValue::Items parts;
        for (const auto &iteration : *iterations) {
            const TemplateValue *next = iteration->next();
            if (!next)
                return false;
            parts.push_back(*next);
        }
        if (parts.empty())
            return false;
        item = TemplateValue::tuple(std::move(parts));
        return true;
    });
}

bool isListLike(const TemplateValue &value)
{
    return value.isUndefined() || (!value.isString() && operations::isIterable(value));
}

bool wantList(const TemplateCall &call, size_t index)
{
    if (isListLike(call[index]))
        return true;
    call.fail(QStringLiteral("expects a list, not %1").arg(shortened(call[index])));
    return false;
}

// levels: how many more; negative is all. Lists are never deeper than allowed, so this is not
// either.
void flattenInto(TemplateRendering &rendering, TemplateValue::Items &out,
    const TemplateValue &value, qint64 levels, bool all)
{
    TemplateIteration iteration(rendering, value);
    while (const TemplateValue *item = iteration.next()) {
        if (!withinItems(rendering, out.size() + 1))
            return;
        if (isListLike(*item) && (all || levels >= 1)) {
            const TemplateValue inner = *item;
            flattenInto(rendering, out, inner, levels - 1, all);
        } else {
            out.push_back(*item);
        }
    }
}

TemplateValue flatten(const TemplateCall &call)
{
    qint64 levels = 0;
    const bool all = !call.has(1) || call[1].isNone();
    if (!wantList(call, 0) || (!all && !call.read(1, levels))
        || !call.rendering().allowValue(call.value()))
        return {};
    TemplateValue::Items out;
    flattenInto(call.rendering(), out, call.value(), levels, all);
    return TemplateValue::list(std::move(out));
}

// ---- Sets ---------------------------------------------------------------------------------------

struct Operands
{
    TemplateDict left; // the keys are the items
    TemplateDict right;
};

bool readSet(const TemplateCall &call, size_t index, TemplateDict &target)
{
    if (!wantList(call, index))
        return false;
    TemplateIteration iteration(call.rendering(), call[index]);
    while (const TemplateValue *item = iteration.next()) {
        if (!isSetItem(*item)) {
            call.fail(QStringLiteral("a %1 cannot be compared this way").arg(item->typeName()));
            return false;
        }
        target.insert(*item, {});
    }
    return !call.rendering().failed();
}

void appendKeys(
    TemplateValue::Items &out, const TemplateDict &from, const TemplateDict &other, bool inOther)
{
    for (const auto &[key, value] : from) {
        if ((other.find(key) != nullptr) == inOther)
            out.push_back(key);
    }
}

TemplateValue intersect(const TemplateCall &call)
{
    Operands sets;
    if (!readSet(call, 0, sets.left) || !readSet(call, 1, sets.right))
        return {};
    TemplateValue::Items out;
    appendKeys(out, sets.left, sets.right, true);
    return TemplateValue::list(std::move(out));
}

TemplateValue difference(const TemplateCall &call)
{
    Operands sets;
    if (!readSet(call, 0, sets.left) || !readSet(call, 1, sets.right))
        return {};
    TemplateValue::Items out;
    appendKeys(out, sets.left, sets.right, false);
    return TemplateValue::list(std::move(out));
}

TemplateValue symmetricDifference(const TemplateCall &call)
{
    Operands sets;
    if (!readSet(call, 0, sets.left) || !readSet(call, 1, sets.right))
        return {};
    TemplateValue::Items out;
    appendKeys(out, sets.left, sets.right, false);
    appendKeys(out, sets.right, sets.left, false);
    return TemplateValue::list(std::move(out));
}

TemplateValue unionOf(const TemplateCall &call)
{
    Operands sets;
    if (!readSet(call, 0, sets.left) || !readSet(call, 1, sets.left))
        return {};
    TemplateValue::Items out;
    for (const auto &[key, value] : sets.left)
        out.push_back(key);
    return TemplateValue::list(std::move(out));
}

// ---- shuffle, combine, merge_response -----------------------------------------------------------

TemplateValue shuffle(const TemplateCall &call)
{
    TemplateValue seed;
    for (const auto &[name, value] : call.named()) {
        if (name != u"seed")
            return call.fail(QStringLiteral("there is no argument '%1'").arg(name));
        seed = value;
    }
    if (call.rest().empty())
        return call.fail(QStringLiteral("needs at least one argument"));
    TemplateValue::Items items;
    if (isListLike(call.rest()[0])) {
        items = operations::items(call.rendering(), call.rest()[0]);
        if (call.rest().size() > 1 && seed.isNone())
            seed = call.rest()[1];
    } else if (call.rest().size() == 1) {
        return call.fail(QStringLiteral("%1 is no list").arg(shortened(call.rest()[0])));
    } else {
        items = { call.rest().begin(), call.rest().end() };
    }
    QRandomGenerator generator = seed.isTruthy()
        ? QRandomGenerator(quint32(qHash(seed.toText(), size_t(1))))
        : QRandomGenerator(QRandomGenerator::global()->generate());
    for (size_t i = items.size(); i > 1; --i)
        std::swap(items[i - 1], items[size_t(generator.bounded(quint64(i)))]);
    return TemplateValue::list(std::move(items));
}

void combineInto(
    TemplateRendering &rendering, TemplateDict &result, const TemplateDict &other, bool recursive)
{
    for (const auto &[key, value] : other) {
        if (!rendering.step())
            return;
        const TemplateValue *known = result.find(key);
        if (recursive && known && known->kind() == Kind::Dict && value.kind() == Kind::Dict) {
            TemplateDict inner = known->dict();
            combineInto(rendering, inner, value.dict(), true);
            result.insert(key, std::move(inner));
        } else {
            result.insert(key, value);
        }
    }
}

TemplateValue combine(const TemplateCall &call)
{
    bool recursive = false;
    for (const auto &[name, value] : call.named()) {
        if (name != u"recursive")
            return call.fail(QStringLiteral("there is no argument '%1'").arg(name));
        recursive = value.isTruthy();
    }
    if (call.rest().empty())
        return call.fail(QStringLiteral("needs at least one argument"));
    TemplateDict result;
    for (const TemplateValue &each : call.rest()) {
        if (each.kind() != Kind::Dict)
            return call.fail(QStringLiteral("expects dictionaries, not %1").arg(shortened(each)));
        if (!call.rendering().allowValue(each))
            return {};
        combineInto(call.rendering(), result, each.dict(), recursive);
    }
    return result;
}

constexpr TemplateBuiltin both[] = {
    { "combine", combine, "* **" },
    { "difference", difference, "value other" },
    { "flatten", flatten, "value levels?" },
    { "intersect", intersect, "value other" },
    { "shuffle", shuffle, "* **" },
    { "symmetric_difference", symmetricDifference, "value other" },
    { "union", unionOf, "value other" },
};

constexpr TemplateBuiltin functions[] = {
    { "zip", zip, "*" },
};

} // namespace

void declareCollections(TemplateBuiltins &builtins)
{
    builtins.addFilters(both);
    builtins.addFunctions(both);
    builtins.addFunctions(functions);
}

} // namespace hubkeep::filters
