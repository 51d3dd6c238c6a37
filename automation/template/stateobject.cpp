#include "automation/template/stateobject.h"

#include "automation/template/templatedict.h"
#include "automation/template/valuetext.h"

namespace hubkeep {
namespace {

TemplateValue textOrNone(const QString &text)
{
    return text.isEmpty() ? TemplateValue() : TemplateValue(text);
}

TemplateValue contextOf(const Context &context)
{
    TemplateDict dict;
    dict.insert(QStringLiteral("id"), context.id);
    dict.insert(QStringLiteral("parent_id"), textOrNone(context.parentId));
    dict.insert(QStringLiteral("user_id"), textOrNone(context.userId));
    return dict;
}

TemplateValue timestamp(const QDateTime &time)
{
    return double(time.toMSecsSinceEpoch()) / 1000;
}

} // namespace

QString StateObject::friendlyName() const
{
    const QString given = m_state.attributes.value(QStringLiteral("friendly_name")).toString();
    if (!given.isEmpty())
        return given;
    QString made = m_state.entityId.section(u'.', 1);
    return made.replace(u'_', u' ');
}

QString StateObject::stateWithUnit() const
{
    const QString unit = m_state.attributes.value(QStringLiteral("unit_of_measurement")).toString();
    const bool known = m_state.value != QLatin1String(unknownState)
        && m_state.value != QLatin1String(unavailableState);
    return unit.isEmpty() || !known ? m_state.value : m_state.value + u' ' + unit;
}

std::optional<TemplateValue> StateObject::member(const QString &name)
{
    if (name == u"state")
        return m_state.value;
    if (name == u"attributes") {
        if (!m_attributes)
            m_attributes = TemplateValue::fromVariant(m_state.attributes);
        return m_attributes;
    }
    if (name == u"entity_id")
        return m_state.entityId;
    if (name == u"domain")
        return domainOf(m_state.entityId);
    if (name == u"object_id")
        return m_state.entityId.section(u'.', 1);
    if (name == u"name")
        return friendlyName();
    if (name == u"state_with_unit")
        return stateWithUnit();
    if (name == u"last_changed")
        return m_state.lastChanged;
    if (name == u"last_updated" || name == u"last_reported")
        return m_state.lastUpdated;
    if (name == u"last_changed_timestamp")
        return timestamp(m_state.lastChanged);
    if (name == u"last_updated_timestamp" || name == u"last_reported_timestamp")
        return timestamp(m_state.lastUpdated);
    if (name == u"context")
        return contextOf(m_state.context);
    return std::nullopt;
}

std::optional<TemplateValue> StateObject::attribute(TemplateRendering &, const QString &name)
{
    return member(name);
}

std::optional<TemplateValue> StateObject::item(TemplateRendering &, const TemplateValue &key)
{
    return key.isString() ? member(key.string()) : std::nullopt;
}

QString StateObject::literal() const
{
    QStringList attributes;
    for (auto it = m_state.attributes.begin(); it != m_state.attributes.end(); ++it)
        attributes += it.key() + u'=' + TemplateValue::fromVariant(it.value()).toText();
    return QStringLiteral("<template TemplateState(<state %1=%2%3%4 @ %5>)>")
        .arg(m_state.entityId, m_state.value,
            attributes.isEmpty() ? QString() : QStringLiteral("; "),
            attributes.join(QLatin1String(", ")),
            isoFormat(TemplateTime { m_state.lastChanged }, u'T'));
}

bool StateObject::equals(const TemplateObject &other) const
{
    const auto *state = dynamic_cast<const StateObject *>(&other);
    return state && state->m_state.entityId == m_state.entityId
        && state->m_state.value == m_state.value && state->m_state.attributes == m_state.attributes;
}

} // namespace hubkeep
