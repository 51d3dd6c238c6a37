#include "automation/template/syntax/evaluation.h"

namespace hubkeep::templates {

const TemplateValue &Evaluation::outer(size_t index)
{
    static const TemplateValue none = TemplateValue::missing();
    if (m_outer[index])
        return *m_outer[index];
    const OuterName &name = m_names[index];
    const TemplateNames *given = rendering.scope().names;
    const TemplateValue *found = given ? given->find(name.name) : nullptr;
    if (!found)
        found = name.builtin;
    m_outer[index] = found ? found : &none;
    return *m_outer[index];
}

void Evaluation::print(const QString &text)
{
    if (out->size() + text.size() > rendering.scope().limits.output)
        rendering.fitsText(out->size() + text.size()); // says so
    else
        *out += text;
}

} // namespace hubkeep::templates
