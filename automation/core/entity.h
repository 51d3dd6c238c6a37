// An integration's hold on one entity.
//
//     m_count = Entity(hub.states(), "sensor.backup_count", { { "friendly_name", … } });
//     m_count.set("12");
//
// RAII: making it shows the entity as unknown, destroying it as unavailable. Main
// thread; the store must outlive it.

#pragma once

#include "automation/core/statestore.h"

#include <utility>

namespace hubkeep {

class Entity
{
public:
    Entity() = default; // holds nothing

    // attributes are those that never change; set() adds its own to them.
    Entity(StateStore &states, QString id, QVariantMap attributes = {});
    ~Entity();
    Entity(Entity &&other) noexcept
        : m_states(std::exchange(other.m_states, nullptr))
        , m_id(std::move(other.m_id))
        , m_attributes(std::move(other.m_attributes))
    {
    }
    Entity &operator=(Entity &&other) noexcept;

    const QString &id() const { return m_id; }

    // An empty value is unknown. Requires a value of at most 255 characters.
    void set(const QString &value, const QVariantMap &more = {}, const Context &context = {});

private:
    StateStore *m_states = nullptr;
    QString m_id;
    QVariantMap m_attributes;
};

} // namespace hubkeep
