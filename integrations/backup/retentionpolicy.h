// Which backups each agent keeps and which it loses, and why.
//
//     const RetentionPlan plan = applyRetention(rules, backups, now, zone);
//     for (const BackupId &id : toDelete(plan.value("local.local"))) …
//
// As Home Assistant does it, and more. Only this hub's automatic backups are ever deleted. Where
// no agent has rules of its own, backups are counted and deleted on all agents together; where one
// has, each agent counts its own, and an agent's rules take the place of the general ones, all of
// them. `copies` and `days` together keep what both keep. Besides, `hourly` to `yearly` keep the
// last backup of each of so many hours, days, weeks, months and years that have any, in local
// time; what any of them keeps, stays. No rule at all keeps everything. On each agent the newest
// backup stays in any case, and so does the newest that was verified there.
//
// A pure function of plain values; any thread.

#pragma once

#include "integrations/backup/backupinfo.h"
#include "integrations/backup/backupsettings.h"

#include <QDateTime>
#include <QList>
#include <QMap>
#include <QTimeZone>

namespace hubkeep::backup {

struct RetentionBackup
{
    BackupId id;
    QDateTime date; // UTC
    bool isEligible = false; // made by this hub with the automatic settings
    QMap<QString, bool> agents {}; // that have it; whether it is verified there
};

struct RetentionRules
{
    Retention general {};
    QMap<QString, Retention> agents {}; // of those that have their own

    bool operator==(const RetentionRules &) const = default;
    bool deletesNothing() const;
};

RetentionRules retentionRulesOf(const BackupSettings &settings);
// What of them holds without a new backup: backups become too old, but not too many.
RetentionRules agingRulesOf(RetentionRules rules);

struct RetentionVerdict
{
    BackupId id;
    bool isKept = true;
    QStringList reasons {}; // "copies (2 of 3)", "newest", "older than 7 days"

    bool operator==(const RetentionVerdict &) const = default;
};

using RetentionPlan = QMap<QString, QList<RetentionVerdict>>; // by agent; oldest first

RetentionPlan applyRetention(const RetentionRules &rules, QList<RetentionBackup> backups,
    const QDateTime &now, const QTimeZone &zone);

QList<BackupId> toDelete(const QList<RetentionVerdict> &verdicts); // oldest first

} // namespace hubkeep::backup
