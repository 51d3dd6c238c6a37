// The automatic backup settings, as GET /api/v1/backup/settings shows them.
//
// Plain value. Written by people and clients, so reading is strict: unknown fields and wrong
// types fail with a sentence that names them. Home Assistant's fields that mean nothing here
// are accepted and dropped.

#pragma once

#include "automation/core/result.h"

#include <QJsonObject>
#include <QMap>
#include <QStringList>

#include <optional>

namespace hubkeep::backup {

struct Retention
{
    std::optional<int> copies {}, days {}, hourly {}, daily {}, weekly {}, monthly {}, yearly {};

    bool operator==(const Retention &) const = default;
};

struct AgentSettings
{
    bool isProtected = true;
    std::optional<Retention> retention {}; // nothing: the general one

    bool operator==(const AgentSettings &) const = default;
};

struct BackupSettings
{
    QMap<QString, AgentSettings> agents {};

    // create_backup
    QStringList agentIds {};
    std::optional<QStringList> includeSources {}; // nothing: all
    bool includeDatabase = true;
    QString name {};
    // Never sent back, only whether there is one. Null or an empty text takes it away; null beside
    // "password_set": true, as it is shown, leaves it.
    QString password {};

    Retention retention {};

    // schedule
    QString recurrence = QStringLiteral("never"); // "daily", "custom_days"
    QStringList days {}; // "mon" … "sun"
    QString time {}; // "HH:MM:SS"; empty: null
    QString catchUp = QStringLiteral("immediately"); // "next_slot"

    bool operator==(const BackupSettings &) const = default;

    // changes merged in: create_backup and agents key by key, retention and schedule whole.
    Result<BackupSettings> merged(const QJsonObject &changes) const;
};

struct KnownNames
{
    QStringList agents; // ids
    QStringList sources;
};

// InvalidArgument, with the nearest known name, where after names an agent or a source that there
// is not. What before names already may stay: its part may come back.
Result<void> checkNames(
    const BackupSettings &before, const BackupSettings &after, const KnownNames &known);

enum class Passwords { Hidden, Shown };

// where says in an error which retention it is.
Result<Retention> retentionFromJson(const QJsonValue &value, const QString &where);
QJsonObject toJson(const Retention &retention);

// Hidden: as clients see it. Shown: as it is stored.
QJsonObject toJson(const BackupSettings &settings, Passwords passwords = Passwords::Hidden);
Result<BackupSettings> backupSettingsFromJson(const QJsonObject &stored);

} // namespace hubkeep::backup
