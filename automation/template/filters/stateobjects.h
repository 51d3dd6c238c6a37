// The names states and states.sensor: to be called, iterated over, and looked into.
//
// states lives for ever and is the same for all renderings; states.sensor belongs to one.

#pragma once

#include "automation/template/builtins.h"

#include <optional>

namespace hubkeep::filters {

// False where a template sees no states: then the rendering has failed and what is named in it.
bool allowStates(TemplateRendering &rendering, const QString &what);
// The state of that id; the rendering has read it, also where there is none.
std::optional<State> lookUpState(TemplateRendering &rendering, const QString &entityId);

// states(entity_id, rounded, with_unit)
TemplateValue statesCall(const TemplateCall &call);

// states.sensor, states.sensor.x
class DomainStates final : public TemplateObject
{
public:
    // The rendering must outlive the object.
    DomainStates(QString domain, TemplateRendering &rendering)
        : m_domain(std::move(domain))
        , m_rendering(rendering)
    {
    }
    QString typeName() const override { return QStringLiteral("DomainStates"); }
    std::optional<TemplateValue> attribute(
        TemplateRendering &rendering, const QString &name) override;
    std::optional<TemplateValue> item(
        TemplateRendering &rendering, const TemplateValue &key) override;
    bool isIterable() const override { return true; }
    std::unique_ptr<TemplateIterator> iterate(TemplateRendering &rendering) override;
    std::optional<qint64> length() const override;
    bool isTruthy() const override { return length() != 0; }
    QString literal() const override;

private:
    const QString m_domain;
    TemplateRendering &m_rendering;
};

// states
class AllStates final : public TemplateObject
{
public:
    QString typeName() const override { return QStringLiteral("AllStates"); }
    std::optional<TemplateValue> attribute(
        TemplateRendering &rendering, const QString &name) override;
    std::optional<TemplateValue> item(
        TemplateRendering &rendering, const TemplateValue &key) override;
    bool isCallable() const override { return true; }
    TemplateValue call(TemplateRendering &rendering, TemplatePositional positional,
        TemplateKeywords named) override;
    bool isIterable() const override { return true; }
    std::unique_ptr<TemplateIterator> iterate(TemplateRendering &rendering) override;
    // length() cannot know whose states are meant.
    qint64 count(TemplateRendering &rendering) const;
    QString literal() const override { return QStringLiteral("<template AllStates>"); }
};

} // namespace hubkeep::filters
