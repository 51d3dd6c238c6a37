// A function of ours as a value: now, range, dict; and a method that knows its object.
//
// Never changes; any thread.

#pragma once

#include "automation/template/builtins.h"
#include "automation/template/templateobject.h"

namespace hubkeep {

class NativeObject final : public TemplateObject
{
public:
    explicit NativeObject(std::shared_ptr<const TemplateFunction> function)
        : m_function(std::move(function))
    {
    }
    const TemplateFunction &function() const { return *m_function; }

    QString typeName() const override { return QStringLiteral("function"); }
    bool isCallable() const override { return true; }
    TemplateValue call(TemplateRendering &rendering, TemplatePositional positional,
        TemplateKeywords named) override
    {
        return callNative(rendering, *m_function, positional, named);
    }
    QString literal() const override
    {
        return QStringLiteral("<function %1>").arg(m_function->name);
    }

private:
    const std::shared_ptr<const TemplateFunction> m_function;
};

} // namespace hubkeep
