// Names of its own in front of others: `trigger` while a `for` is rendered.

#pragma once

#include "automation/template/template.h"

#include <utility>

namespace hubkeep::automation {

class NamesAbove final : public TemplateNames
{
public:
    // Which outlive it.
    explicit NamesAbove(const TemplateNames &others)
        : m_others(others)
    {
    }
    void set(const QString &name, TemplateValue value) { m_own.set(name, std::move(value)); }
    const TemplateValue *find(const QString &name) const override
    {
        const TemplateValue *own = m_own.find(name);
        return own ? own : m_others.find(name);
    }

private:
    const TemplateNames &m_others;
    TemplateVariables m_own;
};

} // namespace hubkeep::automation
