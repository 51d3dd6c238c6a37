#include "automation/template/filters/stateobjects.h"

#include "automation/core/statestore.h"
#include "automation/template/filters/arguments.h"
#include "automation/template/stateobject.h"

namespace hubkeep::filters {
namespace {

// None change while something is rendered.
using States = std::vector<const State *>;

States statesOf(const TemplateRendering &rendering, const QString &domain = {})
{
    const StateStore *states = rendering.scope().states;
    return states ? states->look(domain) : States();
}

class StateIterator final : public TemplateIterator
{
public:
    explicit StateIterator(States states)
        : m_states(std::move(states))
    {
    }
    bool next(TemplateRendering &, TemplateValue &item) override
    {
        if (m_at == m_states.size())
            return false;
        item = TemplateValue(*m_states[m_at++]);
        return true;
    }

private:
    const States m_states;
    size_t m_at = 0;
};

const TemplateFunction &statesFunction()
{
    static const TemplateFunction function { QStringLiteral("states"), statesCall,
        { QStringLiteral("entity_id"), QStringLiteral("rounded"), QStringLiteral("with_unit") },
        1 };
    return function;
}

} // namespace

bool allowStates(TemplateRendering &rendering, const QString &what)
{
    if (!rendering.scope().limited)
        return true;
    rendering.fail(
        QStringLiteral("%1: cannot be used here, where a template sees no states").arg(what));
    return false;
}

std::optional<State> lookUpState(TemplateRendering &rendering, const QString &entityId)
{
    const QString id = entityId.toLower();
    rendering.readsEntity(id);
    const StateStore *states = rendering.scope().states;
    return states ? states->get(id) : std::nullopt;
}

TemplateValue statesCall(const TemplateCall &call)
{
    bool withUnit = false;
    if (!allowStates(call.rendering(), call.name()) || !wantString(call)
        || !call.readFlag(2, withUnit))
        return {};
    const std::optional<State> state = lookUpState(call.rendering(), call.value().string());
    if (!state)
        return QString::fromLatin1(unknownState);
    return withUnit ? StateObject(*state).stateWithUnit() : state->value;
}

std::optional<TemplateValue> DomainStates::attribute(
    TemplateRendering &rendering, const QString &name)
{
    const QString id = m_domain + u'.' + name;
    if (!isEntityId(id)) {
        rendering.fail(QStringLiteral("states: '%1' is no entity's id").arg(id));
        return std::nullopt;
    }
    const std::optional<State> state = lookUpState(rendering, id);
    return state ? TemplateValue(*state) : TemplateValue();
}

std::optional<TemplateValue> DomainStates::item(
    TemplateRendering &rendering, const TemplateValue &key)
{
    return key.isString() ? attribute(rendering, key.string()) : std::nullopt;
}

std::unique_ptr<TemplateIterator> DomainStates::iterate(TemplateRendering &rendering)
{
    rendering.readsDomain(m_domain);
    return std::make_unique<StateIterator>(statesOf(rendering, m_domain));
}

std::optional<qint64> DomainStates::length() const
{
    m_rendering.readsDomain(m_domain);
    return qint64(statesOf(m_rendering, m_domain).size());
}

QString DomainStates::literal() const
{
    return QStringLiteral("<template DomainStates('%1')>").arg(m_domain);
}

std::optional<TemplateValue> AllStates::attribute(TemplateRendering &rendering, const QString &name)
{
    if (!allowStates(rendering, QStringLiteral("states")))
        return std::nullopt;
    if (name.contains(u'.'))
        return DomainStates(name.section(u'.', 0, 0), rendering)
            .attribute(rendering, name.section(u'.', 1));
    if (!isEntityId(name + QLatin1String(".x"))) {
        rendering.fail(QStringLiteral("states: '%1' is no domain").arg(name));
        return std::nullopt;
    }
    return TemplateValue(
        std::static_pointer_cast<TemplateObject>(std::make_shared<DomainStates>(name, rendering)));
}

std::optional<TemplateValue> AllStates::item(TemplateRendering &rendering, const TemplateValue &key)
{
    return key.isString() ? attribute(rendering, key.string()) : std::nullopt;
}

TemplateValue AllStates::call(
    TemplateRendering &rendering, TemplatePositional positional, TemplateKeywords named)
{
    return callNative(rendering, statesFunction(), positional, named);
}

std::unique_ptr<TemplateIterator> AllStates::iterate(TemplateRendering &rendering)
{
    if (!allowStates(rendering, QStringLiteral("states")))
        return std::make_unique<StateIterator>(States());
    rendering.readsAll();
    return std::make_unique<StateIterator>(statesOf(rendering));
}

qint64 AllStates::count(TemplateRendering &rendering) const
{
    if (!allowStates(rendering, QStringLiteral("states")))
        return 0;
    rendering.readsAll();
    return rendering.scope().states ? rendering.scope().states->count() : 0;
}

} // namespace hubkeep::filters
