#include "automation/template/syntax/macroobject.h"

#include <algorithm>

namespace hubkeep::templates {

// What was not given stays missing.
bool MacroObject::bind(Frame &frame, TemplatePositional positional, TemplateKeywords named)
{
    const size_t parameters = m_parts.parameters.size();
    if (positional.size() > parameters && !m_parts.varargs) {
        m_evaluation.rendering.fail(QStringLiteral("macro '%1' takes not more than %2 argument(s)")
                                        .arg(m_parts.name)
                                        .arg(parameters));
        return false;
    }
    const size_t given = std::min(parameters, positional.size());
    for (size_t i = 0; i < given; ++i)
        frame.variables[size_t(m_parts.parameters[i].place.slot)] = positional[i];
    if (m_parts.varargs) {
        const auto rest = positional.subspan(given);
        frame.variables[size_t(m_parts.varargs->slot)]
            = TemplateValue::tuple({ rest.begin(), rest.end() });
    }
    return bindNamed(frame, named);
}

bool MacroObject::bindNamed(Frame &frame, TemplateKeywords named)
{
    TemplateDict further;
    for (const auto &[name, value] : named) {
        const auto found = std::find_if(m_parts.parameters.begin(), m_parts.parameters.end(),
            [&wanted = name](const auto &parameter) { return parameter.name == wanted; });
        if (found != m_parts.parameters.end()) {
            TemplateValue &slot = frame.variables[size_t(found->place.slot)];
            if (!slot.isMissing()) {
                m_evaluation.rendering.fail(
                    QStringLiteral("macro '%1' got two values for its argument '%2'")
                        .arg(m_parts.name, name));
                return false;
            }
            slot = value;
        } else if (name == u"caller" && m_parts.caller) {
            frame.variables[size_t(m_parts.caller->slot)] = value;
        } else if (m_parts.kwargs && name != u"caller") {
            further.insert(name, value);
        } else {
            m_evaluation.rendering.fail(QStringLiteral("macro '%1' takes no keyword argument '%2'")
                                            .arg(m_parts.name, name));
            return false;
        }
    }
    if (m_parts.kwargs)
        frame.variables[size_t(m_parts.kwargs->slot)] = std::move(further);
    return true;
}

void MacroObject::fillDefaults(Frame &frame)
{
    for (const MacroParts::Parameter &parameter : m_parts.parameters) {
        TemplateValue &slot = frame.variables[size_t(parameter.place.slot)];
        if (!slot.isMissing())
            continue;
        slot = parameter.standard
            ? parameter.standard->evaluate(m_evaluation)
            : TemplateValue::undefinedBecause(
                QStringLiteral("parameter '%1' was not provided").arg(parameter.name));
    }
    if (m_parts.caller && frame.variables[size_t(m_parts.caller->slot)].isMissing())
        frame.variables[size_t(m_parts.caller->slot)]
            = TemplateValue::undefinedBecause(QStringLiteral("No caller defined"));
}

TemplateValue MacroObject::call(
    TemplateRendering &rendering, TemplatePositional positional, TemplateKeywords named)
{
    auto frame = std::make_unique<Frame>(m_frame, m_parts.variables);
    if (!bind(*frame, positional, named) || !rendering.enter())
        return {};
    QString text;
    {
        const Exchanged current(m_evaluation.frame, frame.get());
        fillDefaults(*frame);
        inherit(m_evaluation, m_parts.inherited);
        if (!rendering.failed())
            text = printed(m_evaluation, m_parts.body);
    }
    rendering.leave();
    if (frame->isKept)
        m_evaluation.keep(std::move(frame));
    return text;
}

std::optional<TemplateValue> MacroObject::attribute(TemplateRendering &, const QString &name)
{
    if (name == u"name")
        return m_parts.name;
    if (name == u"arguments") {
        TemplateValue::Items names;
        for (const MacroParts::Parameter &parameter : m_parts.parameters)
            names.push_back(parameter.name);
        return TemplateValue::tuple(std::move(names));
    }
    if (name == u"catch_kwargs")
        return m_parts.kwargs.has_value();
    if (name == u"catch_varargs")
        return m_parts.varargs.has_value();
    if (name == u"caller")
        return m_parts.caller.has_value();
    return std::nullopt;
}

} // namespace hubkeep::templates
