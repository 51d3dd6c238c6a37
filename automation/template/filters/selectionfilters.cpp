// Jinja2's filters that look at each item: map, select, reject and their kin, default, attr.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"
#include "automation/template/methods/methods.h"

namespace hubkeep::filters {
namespace {

// A filter or test that is called for each item, with its further arguments.
struct Applied
{
    const TemplateFunction *function = nullptr; // null: a test whether the item is true
    TemplateValue::Items arguments; // [0] is for the item
    std::vector<TemplateNamed> named;

    bool isTrue(TemplateRendering &rendering, const TemplateValue &item)
    {
        return function ? to(rendering, item).isTruthy() : item.isTruthy();
    }
    TemplateValue to(TemplateRendering &rendering, const TemplateValue &item)
    {
        arguments[0] = item;
        return callNative(rendering, *function, arguments, named);
    }
};

Applied applied(
    const TemplateFunction *function, TemplatePositional further, TemplateKeywords named)
{
    Applied made { function, { TemplateValue() }, { named.begin(), named.end() } };
    made.arguments.insert(made.arguments.end(), further.begin(), further.end());
    return made;
}

TemplateValue nothing()
{
    return generator(1, [](TemplateRendering &, TemplateValue &) { return false; });
}

TemplateValue mapAttribute(const TemplateCall &call)
{
    AttributePath path;
    for (const auto &[name, value] : call.named()) {
        if (name == u"attribute")
            path = AttributePath(value);
        else if (name != u"default")
            return call.fail(QStringLiteral("there is no argument '%1'").arg(name));
    }
    for (const auto &[name, value] : call.named()) {
        if (name == u"default" && !value.isNone())
            path.setDefault(value);
    }
    auto iteration = std::make_shared<TemplateIteration>(call.rendering(), call.value());
    return lookingGenerator(call.value().depth(),
        [iteration, path](TemplateRendering &rendering, TemplateValue &scratch) {
            const TemplateValue *next = iteration->next();
            return next ? &path.look(rendering, *next, scratch) : nullptr;
        });
}

TemplateValue map(const TemplateCall &call)
{
    if (!call.value().isTruthy())
        return nothing();
    if (call.rest().empty()) {
        const TemplateKeywords named = call.named();
        const bool byAttribute = std::any_of(named.begin(), named.end(),
            [](const TemplateNamed &each) { return each.first == u"attribute"; });
        if (byAttribute)
            return mapAttribute(call);
        return call.fail(QStringLiteral("needs a filter's name, or attribute=…"));
    }
    const TemplateValue &name = call.rest()[0];
    const TemplateFunction *filter
        = name.isString() ? TemplateBuiltins::all().filter(name.string()) : nullptr;
    if (!filter)
        return call.fail(TemplateBuiltins::all().noFilter(name.toText()));
    auto iteration = std::make_shared<TemplateIteration>(call.rendering(), call.value());
    return generator(call.value().depth() + 1,
        [iteration, each = applied(filter, call.rest().subspan(1), call.named())](
            TemplateRendering &rendering, TemplateValue &item) mutable {
            const TemplateValue *next = iteration->next();
            if (!next)
                return false;
            item = each.to(rendering, *next);
            return !rendering.failed();
        });
}

// select, reject and, byAttribute, selectattr, rejectattr: the items for which a test says wanted.
TemplateValue choose(const TemplateCall &call, bool wanted, bool byAttribute)
{
    if (!call.value().isTruthy())
        return nothing();
    TemplatePositional further = call.rest();
    AttributePath path;
    if (byAttribute) {
        if (further.empty())
            return call.fail(QStringLiteral("needs the attribute's name"));
        path = AttributePath(further[0]);
        further = further.subspan(1);
    }
    Applied each;
    if (!further.empty()) {
        const TemplateFunction *test
            = further[0].isString() ? TemplateBuiltins::all().test(further[0].string()) : nullptr;
        if (!test)
            return call.fail(TemplateBuiltins::all().noTest(further[0].toText()));
        each = applied(test, further.subspan(1), call.named());
    }
    auto iteration = std::make_shared<TemplateIteration>(call.rendering(), call.value());
    return lookingGenerator(call.value().depth(),
        [iteration, path, wanted, each](
            TemplateRendering &rendering, TemplateValue &scratch) mutable -> const TemplateValue * {
            while (const TemplateValue *next = iteration->next()) {
                const TemplateValue &tested = path.look(rendering, *next, scratch);
                if (rendering.failed())
                    return nullptr;
                const bool result = each.isTrue(rendering, tested);
                if (rendering.failed())
                    return nullptr;
                if (result == wanted)
                    return next;
            }
            return nullptr;
        });
}

TemplateValue select(const TemplateCall &call)
{
    return choose(call, true, false);
}

TemplateValue reject(const TemplateCall &call)
{
    return choose(call, false, false);
}

TemplateValue selectattr(const TemplateCall &call)
{
    return choose(call, true, true);
}

TemplateValue rejectattr(const TemplateCall &call)
{
    return choose(call, false, true);
}

TemplateValue defaultFilter(const TemplateCall &call)
{
    bool boolean = false;
    if (!call.readFlag(2, boolean))
        return {};
    if (call.value().isUndefined() || (boolean && !call.value().isTruthy()))
        return call.has(1) ? call[1] : TemplateValue(QString());
    return call.value();
}

TemplateValue attr(const TemplateCall &call)
{
    const QString name = textOf(call, 1);
    if (call.rendering().failed())
        return {};
    const TemplateValue &value = call.value();
    if (value.kind() != TemplateValue::Kind::Dict)
        return operations::attribute(call.rendering(), value, name);
    if (const TemplateFunction *method = templates::methodOf(value.kind(), name)) // never its items
        return templates::boundMethod(value, *method);
    return TemplateValue::undefinedIn(value.typeName(), name);
}

constexpr TemplateBuiltin filters[] = {
    { "attr", attr, "value name" },
    { "d", defaultFilter, "value default_value? boolean?" },
    { "default", defaultFilter, "value default_value? boolean?" },
    { "map", map, "value * **" },
    { "reject", reject, "value * **" },
    { "rejectattr", rejectattr, "value * **" },
    { "select", select, "value * **" },
    { "selectattr", selectattr, "value * **" },
};

} // namespace

void declareSelection(TemplateBuiltins &builtins)
{
    builtins.addFilters(filters);
}

} // namespace hubkeep::filters
