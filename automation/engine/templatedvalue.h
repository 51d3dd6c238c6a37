// A value of the configuration whose texts may be templates: an action's data, variables.
//
//     const TemplatedValue data = TemplatedValue::parse(value, problems);
//     Result<TemplateValue> rendered = data.render(parts.scope(names));
//
// Templates are parsed once, here; each is rendered on its own and keeps its type, keys too where
// they are templates. What has no template in it costs nothing to render.
//
// Plain value, cheap to copy; any thread.

#pragma once

#include "automation/engine/engineparts.h"

#include <memory>
#include <optional>

namespace hubkeep::automation {

class TemplatedValue
{
public:
    TemplatedValue() = default; // None
    // A template that cannot be parsed is a problem with its place, and None.
    static TemplatedValue parse(const Value &value, Problems &problems);

    bool isConstant() const; // no template in it
    bool isNone() const; // nothing was written
    // What it is without rendering; requires isConstant().
    const TemplateValue &constant() const;

    // The error names the path within the value: "data.message: line 1, column 4: …".
    Result<TemplateValue> render(const TemplateScope &scope, TemplateReads *reads = nullptr) const;

    // For variables: each member of the dict becomes a name, in the order of writing, and sees
    // those before it in names. Requires a dict, or None.
    Result<void> renderInto(TemplateVariables &names, TemplateScope scope) const;

    struct Node;

private:
    std::shared_ptr<const Node> m_node;
};

// A template from a value that must be a text: a problem with its place where it is none.
std::optional<Template> parseTemplate(const Value &value, const QString &path, Problems &problems);
// Where in the file a template's problem is, as well as can be told.
Place placeOf(const Value &value, const TemplateProblem &problem);

} // namespace hubkeep::automation
