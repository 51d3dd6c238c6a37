// What is known of an entity at one moment.
//
// Plain value, copied freely; any thread.

#pragma once

#include "automation/core/context.h"

#include <QDateTime>
#include <QJsonObject>
#include <QString>
#include <QVariantMap>

#include <optional>

namespace hubkeep {

// Two states have a meaning of their own everywhere.
inline constexpr const char *unknownState = "unknown"; // there, but it has not said anything
inline constexpr const char *unavailableState = "unavailable"; // its integration is gone

struct State
{
    QString entityId; // "sensor.backup_count"
    QString value; // at most 255 characters
    QVariantMap attributes;
    QDateTime lastChanged {}; // UTC, when value became what it is
    QDateTime lastUpdated {}; // UTC, when value or attributes became what they are
    Context context {};

    bool operator==(const State &) const = default;
};

// As Home Assistant sends it: entity_id, state, attributes, last_changed, last_reported,
// last_updated, context.
QJsonObject toJson(const State &state);

// "2026-04-13T14:25:30.123456+00:00": the form of times in Home Assistant's API and states.
QString toIsoTime(const QDateTime &utc);

// "<domain>.<object>" of lower-case letters, digits and underscores, as Home Assistant has it.
bool isEntityId(const QString &text);
QString domainOf(const QString &entityId);

// "Off-site (NAS)" -> "off_site_nas": the second half of an entity's id.
QString slugify(const QString &text);

} // namespace hubkeep
