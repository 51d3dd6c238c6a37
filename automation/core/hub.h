// What every part of a running hub may reach: the bus, the states, the actions, the
// clock, and what parts provide for each other.
//
//     hub.provide(m_manager);                       // the backup integration's setUp()
//     BackupManager *manager = hub.find<BackupManager>();   // anybody's, may be null
//
// Main thread. Made once by the application, which destroys the integrations before it.

#pragma once

#include "automation/core/actionregistry.h"
#include "automation/core/clock.h"
#include "automation/core/eventbus.h"
#include "automation/core/integration.h"
#include "automation/core/statestore.h"

#include <memory>
#include <typeindex>
#include <unordered_map>
#include <vector>

namespace hubkeep {

enum class HubState {
    Starting, // integrations are being set up; the backup manager is blocked
    Running,
    Stopping,
};

// What the configuration's `hub:` section says, and where the data folder is.
struct HubIdentity
{
    QString name = QStringLiteral("HubKeep");
    QString timeZone; // IANA, "Europe/Amsterdam"
    QString dataFolder; // absolute; holds config/, data/, keys/, backups/
    QString instanceId; // of this data folder, for ever: 32 hex digits
    bool safeMode = false; // the configuration was broken and is not in force
};

class Hub
{
public:
    // clock must outlive the hub.
    Hub(const Clock &clock, HubIdentity identity);
    ~Hub();
    Hub(const Hub &) = delete;
    Hub &operator=(const Hub &) = delete;

    EventBus &bus() { return m_bus; }
    StateStore &states() { return m_states; }
    ActionRegistry &actions() { return m_actions; }
    const Clock &clock() const { return m_clock; }
    const HubIdentity &identity() const { return m_identity; }

    HubState state() const { return m_state; }
    // Publishes homeassistant_start and homeassistant_started, or homeassistant_stop.
    void enter(HubState state);

    // Takes an integration in and sets it up; a failure leaves it out.
    Result<void> add(std::unique_ptr<Integration> integration, const QVariantMap &config);
    const std::vector<std::unique_ptr<Integration>> &integrations() const { return m_integrations; }
    QStringList components() const; // names of the integrations, sorted
    // Destroys the integrations, last first.
    void clear();

    // One object of each type; its owner outlives its use, or withdraws it.
    template <typename T>
    void provide(T *service)
    {
        m_services[typeid(T)] = service;
    }
    template <typename T>
    void withdraw()
    {
        m_services.erase(typeid(T));
    }
    template <typename T>
    T *find() const
    {
        const auto found = m_services.find(typeid(T));
        return found == m_services.end() ? nullptr : static_cast<T *>(found->second);
    }

private:
    const Clock &m_clock;
    const HubIdentity m_identity;
    EventBus m_bus;
    StateStore m_states;
    ActionRegistry m_actions;
    HubState m_state = HubState::Starting;
    std::unordered_map<std::type_index, void *> m_services;
    std::vector<std::unique_ptr<Integration>> m_integrations;
};

} // namespace hubkeep
