// A macro as a value: {{ name(1, 2) }}, caller().
//
// Belongs to the rendering that defined it.

#pragma once

#include "automation/template/syntax/statements.h"

namespace hubkeep::templates {

class MacroObject final : public TemplateObject
{
public:
    // Both must outlive it: the program, and the evaluation with the frame that is now current.
    MacroObject(Evaluation &evaluation, const MacroParts &parts)
        : m_evaluation(evaluation)
        , m_parts(parts)
        , m_frame(evaluation.frame)
    {
    }
    QString typeName() const override { return QStringLiteral("Macro"); }
    bool isCallable() const override { return true; }
    TemplateValue call(TemplateRendering &rendering, TemplatePositional positional,
        TemplateKeywords named) override;
    std::optional<TemplateValue> attribute(TemplateRendering &, const QString &name) override;
    QString literal() const override { return QStringLiteral("<Macro '%1'>").arg(m_parts.name); }

private:
    bool bind(Frame &frame, TemplatePositional positional, TemplateKeywords named);
    bool bindNamed(Frame &frame, TemplateKeywords named);
    void fillDefaults(Frame &frame);

    Evaluation &m_evaluation;
    const MacroParts &m_parts;
    Frame *const m_frame;
};

} // namespace hubkeep::templates
