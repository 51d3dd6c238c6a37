// What the hub looks like to Home Assistant's clients: the objects that its REST API and its
// WebSocket API share.
//
// Plain functions of the hub; main thread.

#pragma once

#include "automation/core/hub.h"
#include "integrations/backup/catalog.h"

#include <QJsonArray>
#include <QJsonObject>

namespace hubkeep::api {

// The version that clients decide by what they may ask for.
inline constexpr const char *homeAssistantVersion = "2026.7.0";

QJsonObject configToJson(const Hub &hub); // get_config, GET /api/config
QJsonArray statesToJson(const StateStore &states);

// {domain: {service: {"name", "description", "fields", "response"}}}
QJsonObject servicesToJson(const ActionRegistry &actions);

// {"s", "a", "c", "lc", "lu"}: a state on subscribe_entities.
QJsonObject compressedState(const State &state);
// {"a": …}, {"c": …} or {"r": …}.
QJsonObject compressedChange(const StateChange &change);

// An element of backup/info. instanceId is this hub's: what another made is foreign.
QJsonObject backupToJson(const backup::CatalogEntry &entry, const QString &instanceId);

// Of a text or a time that may be missing.
QJsonValue textOrNull(const QString &text);
QJsonValue timeOrNull(const QDateTime &time);

} // namespace hubkeep::api
