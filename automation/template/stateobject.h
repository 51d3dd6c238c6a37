// A state as templates see it: {{ trigger.to_state.state }}, {{ states.sensor.x.attributes.unit }}.
//
// Never changes; any thread, but for the attributes that are made into values at their first use.

#pragma once

#include "automation/template/templateobject.h"

namespace hubkeep {

class StateObject final : public TemplateObject
{
public:
    explicit StateObject(State state)
        : m_state(std::move(state))
    {
    }
    const State &state() const { return m_state; }

    QString typeName() const override { return QStringLiteral("TemplateState"); }
    std::optional<TemplateValue> attribute(TemplateRendering &, const QString &name) override;
    std::optional<TemplateValue> item(TemplateRendering &, const TemplateValue &key) override;
    QString literal() const override;
    bool equals(const TemplateObject &other) const override;

    // What is called name in Home Assistant: the friendly name, else made of the id.
    QString friendlyName() const;
    // "21.5 °C"
    QString stateWithUnit() const;

private:
    std::optional<TemplateValue> member(const QString &name);

    const State m_state;
    std::optional<TemplateValue> m_attributes;
};

} // namespace hubkeep
