// What the hub would do, asked for as JSON: when it would back up, and what it would delete.
//
// The questions and answers of `hubkeep simulate` and POST /api/v1/simulate, in one place. Pure
// functions; any thread. InvalidArgument names the field that is wrong, and then nothing is
// answered at all.

#pragma once

#include "integrations/backup/retentionpolicy.h"
#include "integrations/backup/schedule.h"

#include <QJsonObject>

#include <optional>

namespace hubkeep::backup {

// What a question does not say.
struct ScheduleDefaults
{
    QDateTime now;
    QTimeZone zone;
    BackupSettings settings {}; // its schedule, where the question has no recurrence
    QDateTime lastCompleted {};
};

// {"recurrence", "days", "time", "catch_up", "now", "last_completed", "time_zone", "jitter",
// "count"} -> {"next": T or null, "additional", "following": [T…], "reason", "time_zone"}
Result<QJsonObject> simulateSchedule(const QJsonObject &question, const ScheduleDefaults &defaults);

struct RetentionDefaults
{
    QDateTime now;
    QTimeZone zone;
    // Where the question has neither retention nor agents, and where it has no backups; nothing:
    // it has to have them.
    std::optional<RetentionRules> rules {};
    std::optional<QList<RetentionBackup>> backups {};
};

// {"now", "time_zone", "retention": {…}, "agents": {id: {"retention": {…} or null}}, "backups":
// [{"backup_id", "date", "agents": […], "automatic", "verified"}]} -> {"delete": {agent: [id…]},
// "keep": {agent: [{"backup_id", "reasons": […]}…]}, "why": {agent: {id: […]}}}, oldest first
Result<QJsonObject> simulateRetention(
    const QJsonObject &question, const RetentionDefaults &defaults);

} // namespace hubkeep::backup
