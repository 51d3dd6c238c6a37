// Home Assistant's iif, apply, as_function, typeof, is_defined, contains.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"

namespace hubkeep::filters {
namespace {

TemplateValue iif(const TemplateCall &call)
{
    if (call.value().isNone() && call.has(3))
        return call[3];
    if (call.value().isTruthy())
        return call.has(1) ? call[1] : TemplateValue(true);
    return call.has(2) ? call[2] : TemplateValue(false);
}

TemplateValue apply(const TemplateCall &call)
{
    std::vector<TemplateValue> arguments { call.value() };
    arguments.insert(arguments.end(), call.rest().begin(), call.rest().end());
    return operations::call(call.rendering(), call[1], arguments, call.named());
}

// What a macro calls with the value that it gives.
class Returns final : public TemplateObject
{
public:
    QString typeName() const override { return QStringLiteral("function"); }
    bool isCallable() const override { return true; }
    TemplateValue call(TemplateRendering &rendering, TemplatePositional positional,
        TemplateKeywords named) override
    {
        const TemplateValue *value = nullptr;
        if (positional.size() == 1 && named.empty())
            value = &positional[0];
        else if (positional.empty() && named.size() == 1 && named[0].first == u"value")
            value = &named[0].second;
        if (!value)
            return rendering.fail(QStringLiteral("returns() takes one argument, the value"));
        m_value = *value;
        return *value;
    }
    TemplateValue take() { return std::exchange(m_value, TemplateValue()); }

private:
    TemplateValue m_value;
};

// A macro as a function, which gives what the macro hands to returns(), not what it prints.
class MacroFunction final : public TemplateObject
{
public:
    explicit MacroFunction(TemplateValue macro)
        : m_macro(std::move(macro))
    {
    }
    QString typeName() const override { return QStringLiteral("function"); }
    bool isCallable() const override { return true; }
    TemplateValue call(TemplateRendering &rendering, TemplatePositional positional,
        TemplateKeywords named) override
    {
        const auto returns = std::make_shared<Returns>();
        std::vector<TemplateNamed> all(named.begin(), named.end());
        all.emplace_back(QStringLiteral("returns"),
            TemplateValue(std::static_pointer_cast<TemplateObject>(returns)));
        operations::call(rendering, m_macro, positional, all);
        return returns->take();
    }

private:
    const TemplateValue m_macro;
};

TemplateValue asFunction(const TemplateCall &call)
{
    if (!call.value().isObject() || !call.value().object()->isCallable())
        return call.fail(QStringLiteral("expects a macro, not %1").arg(shortened(call.value())));
    return TemplateValue(
        std::static_pointer_cast<TemplateObject>(std::make_shared<MacroFunction>(call.value())));
}

TemplateValue typeOf(const TemplateCall &call)
{
    const QString name
        = call.value().isUndefined() ? QStringLiteral("LoggingUndefined") : call.value().typeName();
    return name.section(u'.', -1);
}

TemplateValue isDefined(const TemplateCall &call)
{
    if (call.value().isUndefined())
        return call.fail(call.value().undefinedReason());
    return call.value();
}

TemplateValue contains(const TemplateCall &call)
{
    return operations::contains(call.rendering(), call.value(), call[1]);
}

constexpr TemplateBuiltin both[] = {
    { "apply", apply, "value fn * **" },
    { "as_function", asFunction, "macro" },
    { "iif", iif, "value if_true? if_false? if_none?" },
    { "typeof", typeOf, "value" },
};

constexpr TemplateBuiltin filters[] = {
    { "contains", contains, "value item" },
    { "is_defined", isDefined, "value" },
};

constexpr TemplateBuiltin tests[] = {
    { "apply", apply, "value fn * **" },
};

} // namespace

void declareFunctional(TemplateBuiltins &builtins)
{
    builtins.addFilters(both);
    builtins.addFunctions(both);
    builtins.addFilters(filters);
    builtins.addTests(tests);
}

} // namespace hubkeep::filters
