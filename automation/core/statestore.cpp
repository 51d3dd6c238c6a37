#include "automation/core/statestore.h"

#include "automation/core/eventbus.h"

#include <algorithm>

namespace hubkeep {
namespace {

constexpr qsizetype longestValue = 255;

Event stateChanged(StateChange change, const Context &context, const QDateTime &now)
{
    return { QString::fromLatin1(stateChangedEvent), {}, context, now,
        std::make_shared<const StateChange>(std::move(change)) };
}

} // namespace

std::optional<State> StateStore::get(const QString &entityId) const
{
    const auto found = m_states.constFind(entityId);
    return found == m_states.constEnd() ? std::nullopt : std::optional(*found);
}

QList<State> StateStore::all() const
{
    QList<State> states;
    states.reserve(m_states.size());
    for (const State *state : look())
        states.append(*state);
    return states;
}

std::vector<const State *> StateStore::look(const QString &domain) const
{
    const QString prefix = domain.isEmpty() ? QString() : domain + u'.';
    std::vector<const State *> states;
    for (const State &state : m_states) {
        if (state.entityId.startsWith(prefix))
            states.push_back(&state);
    }
    std::sort(states.begin(), states.end(),
        [](const State *a, const State *b) { return a->entityId < b->entityId; });
    return states;
}

Result<void> StateStore::set(const QString &entityId, const QString &value,
    const QVariantMap &attributes, const Context &context)
{
    if (value.size() > longestValue)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The state of %1 is longer than %2 characters")
                .arg(entityId)
                .arg(longestValue) };
    auto found = m_states.find(entityId);
    if (found == m_states.end()) {
        if (!isEntityId(entityId))
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("'%1' is not an entity's id; one looks like sensor.backup_count")
                    .arg(entityId) };
        found = m_states.insert(entityId, State { entityId, {}, {}, {}, {}, {} });
    } else if (found->value == value && found->attributes == attributes) {
        return {};
    }
    const bool isNew = !found->lastUpdated.isValid();
    StateChange change { entityId, isNew ? std::nullopt : std::optional(*found), {} };
    const QDateTime now = m_clock.now();
    if (isNew || found->value != value)
        found->lastChanged = now;
    found->lastUpdated = now;
    found->value = value;
    found->attributes = attributes;
    found->context = context.id.isEmpty() ? Context::make() : context;
    change.newState = *found;
    const Context cause = found->context;
    m_bus.publish(stateChanged(std::move(change), cause, now)); // may change m_states
    return {};
}

bool StateStore::remove(const QString &entityId, const Context &context)
{
    const auto found = m_states.constFind(entityId);
    if (found == m_states.constEnd())
        return false;
    StateChange change { entityId, *found, {} };
    m_states.erase(found);
    m_bus.publish(stateChanged(std::move(change), context, m_clock.now()));
    return true;
}

} // namespace hubkeep
