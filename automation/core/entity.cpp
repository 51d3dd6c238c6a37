#include "automation/core/entity.h"

namespace hubkeep {

Entity::Entity(StateStore &states, QString id, QVariantMap attributes)
    : m_states(&states)
    , m_id(std::move(id))
    , m_attributes(std::move(attributes))
{
    set(QString());
}

Entity::~Entity()
{
    if (m_states)
        (void)m_states->set(m_id, QString::fromLatin1(unavailableState), m_attributes);
}

Entity &Entity::operator=(Entity &&other) noexcept
{
    if (this == &other)
        return *this;
    Entity old(std::move(*this)); // becomes unavailable, unless it is the same one
    m_states = std::exchange(other.m_states, nullptr);
    m_id = std::move(other.m_id);
    m_attributes = std::move(other.m_attributes);
    if (old.m_id == m_id)
        old.m_states = nullptr;
    return *this;
}

void Entity::set(const QString &value, const QVariantMap &more, const Context &context)
{
    Q_ASSERT(m_states);
    QVariantMap attributes = m_attributes;
    attributes.insert(more);
    const Result<void> done = m_states->set(
        m_id, value.isEmpty() ? QString::fromLatin1(unknownState) : value, attributes, context);
    Q_ASSERT(done.ok());
}

} // namespace hubkeep
