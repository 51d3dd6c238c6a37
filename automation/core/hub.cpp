#include "automation/core/hub.h"

namespace hubkeep {
namespace {

void publishServiceChange(EventBus &bus, const QString &action, bool added)
{
    const qsizetype dot = action.indexOf(u'.');
    bus.publish({ added ? QStringLiteral("service_registered") : QStringLiteral("service_removed"),
        { { QStringLiteral("domain"), action.left(dot) },
            { QStringLiteral("service"), action.mid(dot + 1) } },
        {} });
}

} // namespace

Hub::Hub(const Clock &clock, HubIdentity identity)
    : m_clock(clock)
    , m_identity(std::move(identity))
    , m_bus(clock)
    , m_states(m_bus, clock)
{
    m_actions.setListener(
        [this](const QString &action, bool added) { publishServiceChange(m_bus, action, added); });
}

Hub::~Hub()
{
    clear();
}

void Hub::enter(HubState state)
{
    m_state = state;
    const auto publish = [this](const char *type) {
        m_bus.publish({ QString::fromLatin1(type), {}, {} });
    };
    switch (state) {
    case HubState::Starting:
        break;
    case HubState::Running:
        publish("homeassistant_start");
        publish("homeassistant_started");
        break;
    case HubState::Stopping:
        publish("homeassistant_stop");
        break;
    }
}

Result<void> Hub::add(std::unique_ptr<Integration> integration, const QVariantMap &config)
{
    const QString name = integration->name();
    const Result<void> done = integration->setUp(*this, config);
    if (!done)
        return done.error().in(QStringLiteral("Setting up %1").arg(name));
    m_integrations.push_back(std::move(integration));
    m_bus.publish(
        { QStringLiteral("component_loaded"), { { QStringLiteral("component"), name } }, {} });
    return {};
}

QStringList Hub::components() const
{
    QStringList names;
    for (const auto &integration : m_integrations)
        names.append(integration->name());
    names.sort();
    return names;
}

void Hub::clear()
{
    while (!m_integrations.empty())
        m_integrations.pop_back();
}

} // namespace hubkeep
