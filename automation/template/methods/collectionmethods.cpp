// Of list, tuple, set and dict.

#include "automation/template/dictview.h"
#include "automation/template/methods/methods.h"
#include "automation/template/operations.h"

#include <algorithm>

namespace hubkeep::templates {
namespace {

using Kind = TemplateValue::Kind;
using Items = TemplateValue::Items;

// One look at each item costs this much.
bool allowed(const TemplateCall &call, const TemplateValue &compared)
{
    return call.rendering().step(
        qint64(call[0].items().size()) * (compared.weight() / 4 + 1) / 4 + 1);
}

TemplateValue count(const TemplateCall &call)
{
    if (!allowed(call, call[1]))
        return {};
    return qint64(std::count(call[0].items().begin(), call[0].items().end(), call[1]));
}

TemplateValue index(const TemplateCall &call)
{
    const Items &items = call[0].items();
    const qint64 size = qint64(items.size());
    qint64 start = 0;
    qint64 stop = size;
    if (!call.read(2, start) || !call.read(3, stop) || !allowed(call, call[1]))
        return {};
    const auto clamped = [size](qint64 bound) {
        return std::clamp<qint64>(bound < 0 && bound > -size ? bound + size : bound, 0, size);
    };
    start = clamped(start);
    stop = std::max(start, clamped(stop));
    const auto end = items.begin() + stop;
    const auto found = std::find(items.begin() + start, end, call[1]);
    if (found == end)
        return call.fail(QStringLiteral("%1 is not there").arg(call[1].toLiteral().left(60)));
    return qint64(found - items.begin());
}

TemplateValue copy(const TemplateCall &call)
{
    return call[0];
}

// ---- Sets ----

bool readSet(const TemplateCall &call, const TemplateValue &value, TemplateDict &set)
{
    TemplateIteration iteration(call.rendering(), value);
    while (const TemplateValue *item = iteration.next()) {
        if (!item->isHashable()) {
            call.fail(QStringLiteral("unhashable type: '%1'").arg(item->typeName()));
            return false;
        }
        set.insert(*item, {});
        if (!call.rendering().fitsItems(set.size()))
            return false;
    }
    return !call.rendering().failed();
}

TemplateValue made(const TemplateDict &set)
{
    Items items;
    for (const auto &entry : set)
        items.push_back(entry.first);
    return TemplateValue::set(items);
}

TemplateValue unionOf(const TemplateCall &call)
{
    TemplateDict all;
    if (!readSet(call, call[0], all))
        return {};
    for (const TemplateValue &other : call.rest()) {
        if (!readSet(call, other, all))
            return {};
    }
    return made(all);
}

// The items that are, or are not, in each of the others.
TemplateValue sifted(const TemplateCall &call, bool isThere)
{
    Items items = call[0].items();
    for (const TemplateValue &other : call.rest()) {
        TemplateDict known;
        if (!readSet(call, other, known))
            return {};
        std::erase_if(items,
            [&](const TemplateValue &item) { return (known.find(item) != nullptr) != isThere; });
    }
    return TemplateValue::set(items);
}

TemplateValue intersection(const TemplateCall &call)
{
    return sifted(call, true);
}

TemplateValue difference(const TemplateCall &call)
{
    return sifted(call, false);
}

TemplateValue symmetricDifference(const TemplateCall &call)
{
    TemplateDict mine;
    TemplateDict others;
    if (!readSet(call, call[0], mine) || !readSet(call, call[1], others))
        return {};
    Items items;
    for (const auto &entry : mine) {
        if (!others.find(entry.first))
            items.push_back(entry.first);
    }
    for (const auto &entry : others) {
        if (!mine.find(entry.first))
            items.push_back(entry.first);
    }
    return TemplateValue::set(items);
}

bool within(const TemplateDict &inner, const TemplateDict &outer)
{
    return std::all_of(inner.begin(), inner.end(),
        [&](const auto &entry) { return outer.find(entry.first) != nullptr; });
}

TemplateValue isSubset(const TemplateCall &call)
{
    TemplateDict mine;
    TemplateDict others;
    return readSet(call, call[0], mine) && readSet(call, call[1], others) && within(mine, others);
}

TemplateValue isSuperset(const TemplateCall &call)
{
    TemplateDict mine;
    TemplateDict others;
    return readSet(call, call[0], mine) && readSet(call, call[1], others) && within(others, mine);
}

TemplateValue isDisjoint(const TemplateCall &call)
{
    TemplateDict mine;
    TemplateDict others;
    return readSet(call, call[0], mine) && readSet(call, call[1], others)
        && std::none_of(mine.begin(), mine.end(),
            [&](const auto &entry) { return others.find(entry.first) != nullptr; });
}

// ---- Dictionaries ----

TemplateValue view(const TemplateCall &call, DictView::Side side)
{
    return std::shared_ptr<TemplateObject>(std::make_shared<DictView>(call[0], side));
}

TemplateValue itemsOf(const TemplateCall &call)
{
    return view(call, DictView::Side::Items);
}

TemplateValue keysOf(const TemplateCall &call)
{
    return view(call, DictView::Side::Keys);
}

TemplateValue valuesOf(const TemplateCall &call)
{
    return view(call, DictView::Side::Values);
}

TemplateValue get(const TemplateCall &call)
{
    if (!call[1].isHashable() && !call[1].isUndefined())
        return call.fail(QStringLiteral("unhashable type: '%1'").arg(call[1].typeName()));
    const TemplateValue *found = call[0].dict().find(call[1]);
    return found ? *found : call.has(2) ? call[2] : TemplateValue();
}

TemplateValue fromKeys(const TemplateCall &call)
{
    TemplateDict dict;
    const TemplateValue value = call.has(2) ? call[2] : TemplateValue();
    for (const TemplateValue &key : operations::items(call.rendering(), call[1])) {
        if (!key.isHashable())
            return call.fail(QStringLiteral("unhashable type: '%1'").arg(key.typeName()));
        dict.insert(key, value);
    }
    return dict;
}

constexpr TemplateBuiltin ofLists[] = {
    { "copy", copy, "list" },
    { "count", count, "list value" },
    { "index", index, "list value start? stop?" },
};

constexpr TemplateBuiltin ofSets[] = {
    { "copy", copy, "set" },
    { "difference", difference, "set *" },
    { "intersection", intersection, "set *" },
    { "isdisjoint", isDisjoint, "set other" },
    { "issubset", isSubset, "set other" },
    { "issuperset", isSuperset, "set other" },
    { "symmetric_difference", symmetricDifference, "set other" },
    { "union", unionOf, "set *" },
};

constexpr TemplateBuiltin ofDicts[] = {
    { "copy", copy, "dict" },
    { "fromkeys", fromKeys, "dict iterable value?" },
    { "get", get, "dict key default?" },
    { "items", itemsOf, "dict" },
    { "keys", keysOf, "dict" },
    { "values", valuesOf, "dict" },
};

} // namespace

std::span<const TemplateBuiltin> listMethods()
{
    return ofLists;
}

std::span<const TemplateBuiltin> setMethods()
{
    return ofSets;
}

std::span<const TemplateBuiltin> dictMethods()
{
    return ofDicts;
}

} // namespace hubkeep::templates
