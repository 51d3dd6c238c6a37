// When a restore drill is due, and of what: a pure function.
//
// Each agent's newest backup is drilled once in a while. One that failed is drilled again as soon
// as there is a newer backup on that agent, and one that could not be held an hour later, then
// more and more seldom, up to a day. Agents that are not folders of this machine share a budget
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
};

// records: newest first; those of the last `every` at least. opensEncrypted: the hub has keys, so
// that it is worth while to fetch copies that are encrypted.
DrillPlan planDrill(const QDateTime &now, const DrillPolicy &policy,
    const QList<DrillAgent> &agents, const QList<CatalogEntry> &backups,
    const QList<DrillRecord> &records, bool opensEncrypted = true);

} // namespace hubkeep::backup
