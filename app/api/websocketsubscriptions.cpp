// Following events and states. Every event is put into words once (EventTexts), whatever the
// number of those who follow it.

#include "app/api/homeassistantjson.h"
#include "app/api/websocketapi.h"
#include "app/api/websocketsession.h"

#include <QJsonDocument>

#include <algorithm>
#include <array>

namespace hubkeep::api {
namespace {

// What others than administrators may follow, as Home Assistant has it.
constexpr std::array openEvents { "area_registry_updated", "component_loaded",
    "core_config_updated", "device_registry_updated", "entity_registry_updated",
    "floor_registry_updated", "label_registry_updated", "panels_updated",
    "persistent_notifications_updated", "service_registered", "service_removed", "state_changed",
    "themes_updated" };

bool isOpen(const QString &type)
{
    return std::any_of(openEvents.begin(), openEvents.end(),
        [&type](const char *open) { return type == QLatin1String(open); });
}

void subscribeEvents(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const QString asked = fields.text("event_type", QStringLiteral("*"));
    if (!fields.good(session))
        return;
    if (!session.isAdmin() && !isOpen(asked))
        return session.refuseRole(message.id, message.type + u' ' + asked);
    const QString type = asked == QLatin1String("*") ? QString() : asked;
    WebSocketSession::Following following;
    following.subscriptions.push_back(
        session.hub().bus().subscribe(type, [&session, id = message.id](const Event &event) {
            session.event(id, session.api().texts().whole(event));
        }));
    if (session.follow(message.id, std::move(following)))
        session.result(message.id);
}

// "a" for all that are there now; those that were asked for, or all.
QJsonObject present(const StateStore &states, const std::optional<QSet<QString>> &wanted)
{
    QJsonObject all;
    for (const State &state : states.all()) {
        if (!wanted || wanted->contains(state.entityId))
            all.insert(state.entityId, compressedState(state));
    }
    return { { QStringLiteral("a"), all } };
}

void subscribeEntities(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const std::optional<QStringList> listed = fields.optionalTexts("entity_ids");
    if (!fields.good(session))
        return;
    std::optional<QSet<QString>> wanted;
    if (listed)
        wanted.emplace(listed->cbegin(), listed->cend());
    const qint64 id = message.id;
    WebSocketSession::Following following;
    following.subscriptions.push_back(session.hub().bus().subscribe(
        QString::fromLatin1(stateChangedEvent), [&session, id, wanted](const Event &event) {
            if (event.change && (!wanted || wanted->contains(event.change->entityId)))
                session.event(id, session.api().texts().compressed(event));
        }));
    if (!session.follow(id, std::move(following)))
        return;
    session.result(id);
    const QJsonDocument initial(present(session.hub().states(), wanted));
    session.event(id, QString::fromUtf8(initial.toJson(QJsonDocument::Compact)));
}

void unsubscribe(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const qint64 subscription = fields.number("subscription");
    if (!fields.good(session))
        return;
    if (session.unfollow(subscription))
        session.result(message.id);
    else
        session.fail(message.id, "not_found", QStringLiteral("Subscription not found."));
}

} // namespace

void addSubscriptionCommands(CommandTable &table)
{
    table.add("subscribe_events", Access::User, subscribeEvents);
    table.add("subscribe_entities", Access::User, subscribeEntities);
    table.add("unsubscribe_events", Access::User, unsubscribe);
}

} // namespace hubkeep::api
