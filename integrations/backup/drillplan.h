// When a restore drill is due, and of what: a pure function.
//
// Each agent's newest backup of this hub is drilled once in a while. One that failed is drilled
// again as soon as there is a newer backup on that agent, and one that could not be held an hour
// later, then more and more seldom, up to a day. What is not meant to be opened here is looked at
// as often as what is. Agents that are not folders of this machine share a budget
// of bytes, so that drills do not eat up somebody's line.
//
// Plain values; any thread.

#pragma once

#include "integrations/backup/catalog.h"
#include "integrations/backup/drilllog.h"

#include <chrono>
#include <optional>

namespace hubkeep::backup {

struct DrillPolicy
{
    std::chrono::hours every { 7 * 24 }; // zero: never
    qint64 remoteBytes = qint64(2) << 30; // downloaded within that time

    bool operator==(const DrillPolicy &) const = default;
};

struct DrillAgent
{
    QString id;
    bool isLocal = false;
};

struct DrillChoice
{
    BackupId backupId;
    QString agentId;
    qint64 size = 0; // of the copy, in bytes
    bool isProtected = false;

    bool operator==(const DrillChoice &) const = default;
};

struct DrillPlan
{
    std::optional<DrillChoice> now {}; // what is due; local agents first
    QMap<QString, QString> skipped {}; // by agent: why none is held of it, as a sentence
    QMap<QString, BackupId> locked {}; // by agent: of those, what there is no key at all for
};

struct DrillQuestion
{
    QDateTime now;
    DrillPolicy policy;
    QString instanceId; // of this hub; others' backups are theirs to drill
    QList<DrillAgent> agents;
    QList<CatalogEntry> backups; // newest first
    QList<DrillRecord> records; // newest first; those of the last `every` at least
    bool opensEncrypted = true; // the hub has keys, so that it is worth while to fetch such copies
};

DrillPlan planDrill(const DrillQuestion &question);

} // namespace hubkeep::backup
