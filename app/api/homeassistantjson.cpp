#include "app/api/homeassistantjson.h"

namespace hubkeep::api {
namespace {

double seconds(const QDateTime &time)
{
    return double(time.toMSecsSinceEpoch()) / 1000;
}

QJsonValue compressedContext(const Context &context)
{
    if (context.parentId.isEmpty() && context.userId.isEmpty())
        return context.id;
    return toJson(context);
}

// What is different of the two; an id alone where nothing else is.
QJsonValue changedContext(const Context &before, const Context &now)
{
    QJsonObject changed;
    if (before.parentId != now.parentId)
        changed.insert(QStringLiteral("parent_id"), textOrNull(now.parentId));
    if (before.userId != now.userId)
        changed.insert(QStringLiteral("user_id"), textOrNull(now.userId));
    if (before.id != now.id && changed.isEmpty())
        return now.id;
    if (before.id != now.id)
        changed.insert(QStringLiteral("id"), now.id);
    return changed.isEmpty() ? QJsonValue() : QJsonValue(changed);
}

QJsonObject changedParts(const State &before, const State &now)
{
    QJsonObject added;
    if (before.value != now.value)
        added.insert(QStringLiteral("s"), now.value);
    if (before.lastChanged != now.lastChanged)
        added.insert(QStringLiteral("lc"), seconds(now.lastChanged));
    else if (before.lastUpdated != now.lastUpdated)
        added.insert(QStringLiteral("lu"), seconds(now.lastUpdated));
    const QJsonValue context = changedContext(before.context, now.context);
    if (!context.isNull())
        added.insert(QStringLiteral("c"), context);

    QJsonObject attributes;
    for (auto it = now.attributes.cbegin(); it != now.attributes.cend(); ++it) {
        const auto old = before.attributes.constFind(it.key());
        if (old == before.attributes.constEnd() || *old != *it)
            attributes.insert(it.key(), QJsonValue::fromVariant(*it));
    }
    if (!attributes.isEmpty())
        added.insert(QStringLiteral("a"), attributes);

    QJsonArray removed;
    for (auto it = before.attributes.cbegin(); it != before.attributes.cend(); ++it) {
        if (!now.attributes.contains(it.key()))
            removed.append(it.key());
    }
    QJsonObject parts { { QStringLiteral("+"), added } };
    if (!removed.isEmpty())
        parts.insert(QStringLiteral("-"), QJsonObject { { QStringLiteral("a"), removed } });
    return parts;
}

QString selectorOf(FieldType type)
{
    switch (type) {
    case FieldType::Text:
        return QStringLiteral("text");
    case FieldType::Number:
        return QStringLiteral("number");
    case FieldType::Boolean:
        return QStringLiteral("boolean");
    case FieldType::List:
    case FieldType::Object:
    case FieldType::Any:
        break;
    }
    return QStringLiteral("object");
}

QJsonObject serviceToJson(const ActionDescription &action)
{
    QJsonObject fields;
    for (auto field = action.fields.cbegin(); field != action.fields.cend(); ++field) {
        QJsonObject described { { QStringLiteral("description"), field->description },
            { QStringLiteral("required"), field->required },
            { QStringLiteral("selector"), QJsonObject { { selectorOf(field->type), {} } } } };
        if (field->example.isValid())
            described.insert(QStringLiteral("example"), QJsonValue::fromVariant(field->example));
        fields.insert(field.key(), described);
    }
    QJsonObject service { { QStringLiteral("name"), action.title },
        { QStringLiteral("description"), action.summary }, { QStringLiteral("fields"), fields } };
    // Absent: it has no response. Nobody has to ask for one.
    if (action.responds)
        service.insert(
            QStringLiteral("response"), QJsonObject { { QStringLiteral("optional"), true } });
    return service;
}

QString toString(HubState state)
{
    switch (state) {
    case HubState::Starting:
        return QStringLiteral("STARTING");
    case HubState::Running:
        return QStringLiteral("RUNNING");
    case HubState::Stopping:
        break;
    }
    return QStringLiteral("STOPPING");
}

} // namespace

QJsonObject configToJson(const Hub &hub)
{
    const HubIdentity &identity = hub.identity();
    QJsonArray components = QJsonArray::fromStringList(hub.components());
    const QJsonObject units { { QStringLiteral("length"), QStringLiteral("km") },
        { QStringLiteral("mass"), QStringLiteral("g") },
        { QStringLiteral("temperature"), QStringLiteral("°C") },
        { QStringLiteral("volume"), QStringLiteral("L") } };
    return { { QStringLiteral("components"), components },
        { QStringLiteral("config_dir"), identity.dataFolder + QStringLiteral("/config") },
        { QStringLiteral("config_source"), QStringLiteral("yaml") },
        { QStringLiteral("allowlist_external_dirs"), QJsonArray() },
        { QStringLiteral("allowlist_external_urls"), QJsonArray() },
        { QStringLiteral("country"), QJsonValue::Null },
        { QStringLiteral("currency"), QStringLiteral("EUR") }, { QStringLiteral("elevation"), 0 },
        { QStringLiteral("external_url"), QJsonValue::Null },
        { QStringLiteral("internal_url"), QJsonValue::Null },
        { QStringLiteral("language"), QStringLiteral("en") }, { QStringLiteral("latitude"), 0 },
        { QStringLiteral("location_name"), identity.name }, { QStringLiteral("longitude"), 0 },
        { QStringLiteral("radius"), 100 }, { QStringLiteral("recovery_mode"), false },
        { QStringLiteral("safe_mode"), identity.safeMode },
        { QStringLiteral("state"), toString(hub.state()) },
        { QStringLiteral("time_zone"),
            identity.timeZone.isEmpty() ? QStringLiteral("UTC") : identity.timeZone },
        { QStringLiteral("unit_system"), units },
        { QStringLiteral("version"), QString::fromLatin1(homeAssistantVersion) } };
}

QJsonArray statesToJson(const StateStore &states)
{
    QJsonArray all;
    for (const State &state : states.all())
        all.append(toJson(state));
    return all;
}

QJsonObject servicesToJson(const ActionRegistry &actions)
{
    QMap<QString, QJsonObject> domains;
    for (const ActionDescription &action : actions.all()) {
        const QString domain = domainOf(action.name);
        domains[domain].insert(action.name.mid(domain.size() + 1), serviceToJson(action));
    }
    QJsonObject services;
    for (auto domain = domains.cbegin(); domain != domains.cend(); ++domain)
        services.insert(domain.key(), *domain);
    return services;
}

QJsonObject compressedState(const State &state)
{
    QJsonObject compressed { { QStringLiteral("s"), state.value },
        { QStringLiteral("a"), QJsonObject::fromVariantMap(state.attributes) },
        { QStringLiteral("c"), compressedContext(state.context) },
        { QStringLiteral("lc"), seconds(state.lastChanged) } };
    if (state.lastUpdated != state.lastChanged)
        compressed.insert(QStringLiteral("lu"), seconds(state.lastUpdated));
    return compressed;
}

QJsonObject compressedChange(const StateChange &change)
{
    if (!change.newState)
        return { { QStringLiteral("r"), QJsonArray { change.entityId } } };
    const bool isNew = !change.oldState;
    const QJsonObject what = isNew ? compressedState(*change.newState)
                                   : changedParts(*change.oldState, *change.newState);
    return { { isNew ? QStringLiteral("a") : QStringLiteral("c"),
        QJsonObject { { change.entityId, what } } } };
}

QJsonObject backupToJson(const backup::CatalogEntry &entry, const QString &instanceId)
{
    const backup::AgentBackup &backup = entry.backup;
    QJsonObject agents;
    for (auto agent = entry.agents.cbegin(); agent != entry.agents.cend(); ++agent)
        agents.insert(agent.key(),
            QJsonObject { { QStringLiteral("protected"), agent->isProtected },
                { QStringLiteral("size"), agent->size } });
    const bool foreign = backup.instanceId != instanceId;
    const QJsonValue automatic = foreign ? QJsonValue(QJsonValue::Null) : backup.automatic;
    const QJsonObject metadata { { QStringLiteral("instance_id"), backup.instanceId },
        { QStringLiteral("with_automatic_settings"), backup.automatic } };
    return { { QStringLiteral("backup_id"), backup.id },
        { QStringLiteral("date"), toIsoTime(backup.created) },
        { QStringLiteral("name"), backup.name }, { QStringLiteral("agents"), agents },
        { QStringLiteral("addons"), QJsonArray() },
        { QStringLiteral("database_included"), backup.includesHub },
        { QStringLiteral("extra_metadata"), metadata },
        { QStringLiteral("failed_addons"), QJsonArray() },
        { QStringLiteral("failed_agent_ids"), QJsonArray::fromStringList(entry.failedAgents) },
        { QStringLiteral("failed_folders"), QJsonArray() },
        { QStringLiteral("folders"), QJsonArray() },
        { QStringLiteral("homeassistant_included"), true },
        { QStringLiteral("homeassistant_version"), QString::fromLatin1(homeAssistantVersion) },
        { QStringLiteral("with_automatic_settings"), automatic } };
}

QJsonValue textOrNull(const QString &text)
{
    return text.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(text);
}

QJsonValue timeOrNull(const QDateTime &time)
{
    return time.isValid() ? QJsonValue(toIsoTime(time)) : QJsonValue(QJsonValue::Null);
}

} // namespace hubkeep::api
