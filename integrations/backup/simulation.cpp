#include "integrations/backup/simulation.h"

#include "automation/core/localtime.h"
#include "automation/core/nearest.h"
#include "integrations/backup/backupinfo.h"

#include <QJsonArray>
#include <QSet>

namespace hubkeep::backup {
namespace {

constexpr int mostFollowing = 1000;
constexpr int defaultFollowing = 5;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

Error invalid(const QString &sentence)
{
    return { ErrorCode::InvalidArgument, sentence };
}

Result<void> checkFields(const QJsonObject &object, const QString &where, const QStringList &known)
{
    for (const QString &field : object.keys()) {
        if (!known.contains(field))
            return invalid(QStringLiteral("Unknown in %1: '%2'%3")
                               .arg(where, field, didYouMean(field, known)));
    }
    return {};
}

// What comes after a moment is a moment that can be written, too: years have four digits.
bool isInRange(const QDateTime &moment)
{
    static const QDateTime first(QDate(1970, 1, 1), QTime(0, 0), Qt::UTC);
    static const QDateTime last(QDate(9000, 1, 1), QTime(0, 0), Qt::UTC);
    return moment >= first && moment < last;
}

// Missing and null are the fallback.
Result<QDateTime> moment(
    const QJsonObject &object, const char *field, const QTimeZone &zone, const QDateTime &fallback)
{
    const QJsonValue value = object.value(key(field));
    if (value.isUndefined() || value.isNull())
        return fallback;
    const std::optional<QDateTime> read = momentFromText(value.toString(), zone);
    if (!read || !read->isValid())
        return invalid(QStringLiteral("%1: '%2' is no time, as 2026-04-13T14:25:30+02:00 is one")
                           .arg(key(field), value.toVariant().toString()));
    if (!isInRange(*read))
        return invalid(QStringLiteral("%1: '%2' must be in the years from 1970 to 8999")
                           .arg(key(field), value.toString()));
    return *read;
}

Result<int> wholeNumber(
    const QJsonObject &object, const char *field, int fallback, int least, int most)
{
    const QJsonValue value = object.value(key(field));
    if (value.isUndefined() || value.isNull())
        return fallback;
    const double number = value.toDouble(-1);
    if (number < least || number > most || number != int(number))
        return invalid(QStringLiteral("%1 must be a whole number from %2 to %3")
                           .arg(key(field))
                           .arg(least)
                           .arg(most));
    return int(number);
}

Result<QTimeZone> timeZone(const QJsonObject &object, const QTimeZone &fallback)
{
    const QJsonValue value = object.value(key("time_zone"));
    if (value.isUndefined() || value.isNull())
        return fallback;
    const QTimeZone zone(value.toString().toLatin1());
    if (value.toString().isEmpty() || !zone.isValid())
        return invalid(QStringLiteral("time_zone: there is no time zone '%1', as Europe/Amsterdam "
                                      "is one")
                           .arg(value.toVariant().toString()));
    return zone;
}

// The question's, whole, where it has a recurrence; else those that there are.
Result<Schedule> scheduleIn(const QJsonObject &question, const BackupSettings &settings)
{
    QJsonObject schedule;
    for (const char *field : { "recurrence", "days", "time", "catch_up" }) {
        const QJsonValue value = question.value(key(field));
        if (!value.isUndefined())
            schedule.insert(key(field), value);
    }
    if (schedule.isEmpty())
        return scheduleOf(settings);
    const QJsonObject present = toJson(settings).value(key("schedule")).toObject();
    if (!schedule.contains(key("recurrence"))) {
        for (auto field = present.begin(); field != present.end(); ++field) {
            if (!schedule.contains(field.key()))
                schedule.insert(field.key(), field.value());
        }
    }
    const Result<BackupSettings> merged
        = BackupSettings().merged({ { key("schedule"), schedule } });
    if (!merged)
        return merged.error();
    return scheduleOf(*merged);
}

QJsonValue timeOrNull(const QDateTime &time)
{
    return time.isValid() ? QJsonValue(toRfc3339(time)) : QJsonValue();
}

// As if each ran when it is due, and completed.
QJsonArray following(const Schedule &schedule, ScheduleState state, ScheduledRun run, int count)
{
    QJsonArray times;
    state.retryAt = {};
    while (run.due.isValid() && times.size() < count) {
        state.now = state.lastAttempted = state.lastCompleted = run.due;
        run = nextRun(schedule, state);
        if (run.due.isValid())
            times.append(toRfc3339(run.due));
    }
    return times;
}

Result<RetentionRules> rulesIn(const QJsonObject &question)
{
    RetentionRules rules;
    const QJsonValue general = question.value(key("retention"));
    if (!general.isUndefined() && !general.isNull()) {
        const Result<Retention> read = retentionFromJson(general, key("retention"));
        if (!read)
            return read.error();
        rules.general = *read;
    }
    const QJsonValue agents = question.value(key("agents"));
    if (!agents.isObject() && !agents.isUndefined() && !agents.isNull())
        return invalid(QStringLiteral("agents must be an object, from ids to {\"retention\"}"));
    const QJsonObject byId = agents.toObject();
    for (auto agent = byId.begin(); agent != byId.end(); ++agent) {
        const QString where = QStringLiteral("agents.%1").arg(agent.key());
        if (!agent->isObject())
            return invalid(where + key(" must be an object"));
        const QJsonObject fields = agent->toObject();
        const Result<void> known
            = checkFields(fields, where, { key("retention"), key("protected") });
        if (!known)
            return known.error();
        const QJsonValue own = fields.value(key("retention"));
        if (own.isUndefined() || own.isNull())
            continue;
        const Result<Retention> read = retentionFromJson(own, where + key(".retention"));
        if (!read)
            return read.error();
        rules.agents.insert(agent.key(), *read);
    }
    return rules;
}

Result<bool> yesOrNo(const QJsonObject &object, const char *field, const QString &where)
{
    const QJsonValue value = object.value(key(field));
    if (!value.isBool() && !value.isNull() && !value.isUndefined())
        return invalid(QStringLiteral("%1.%2 must be true or false").arg(where, key(field)));
    return value.toBool();
}

Result<RetentionBackup> backupIn(
    const QJsonValue &value, const QString &where, const QTimeZone &zone)
{
    if (!value.isObject())
        return invalid(where + key(" must be an object"));
    const QJsonObject object = value.toObject();
    const Result<void> known = checkFields(object, where,
        { key("backup_id"), key("date"), key("agents"), key("automatic"), key("verified") });
    if (!known)
        return known.error();
    RetentionBackup backup;
    backup.id = object.value(key("backup_id")).toString();
    if (backup.id.isEmpty())
        return invalid(where + key(".backup_id must be a text"));
    const Result<QDateTime> date = moment(object, "date", zone, {});
    if (!date)
        return date.error().in(where);
    if (!date->isValid())
        return invalid(where + key(".date is missing"));
    backup.date = *date;
    const Result<bool> automatic = yesOrNo(object, "automatic", where);
    if (!automatic)
        return automatic.error();
    backup.isEligible = *automatic;
    const Result<bool> verified = yesOrNo(object, "verified", where);
    if (!verified)
        return verified.error();
    if (!object.value(key("agents")).isArray())
        return invalid(where + key(".agents must be a list of ids"));
    for (const QJsonValue &agent : object.value(key("agents")).toArray()) {
        if (!agent.isString() || agent.toString().isEmpty())
            return invalid(where + key(".agents must be a list of ids"));
        backup.agents.insert(agent.toString(), *verified);
    }
    return backup;
}

Result<QList<RetentionBackup>> backupsIn(const QJsonValue &value, const QTimeZone &zone)
{
    if (!value.isArray())
        return invalid(QStringLiteral("backups must be a list of backups"));
    const QJsonArray list = value.toArray();
    QList<RetentionBackup> backups;
    QSet<BackupId> ids;
    for (qsizetype i = 0; i < list.size(); ++i) {
        const Result<RetentionBackup> backup
            = backupIn(list[i], QStringLiteral("backups[%1]").arg(i), zone);
        if (!backup)
            return backup.error();
        if (ids.contains(backup->id))
            return invalid(QStringLiteral("backups names '%1' twice").arg(backup->id));
        ids.insert(backup->id);
        backups.append(*backup);
    }
    return backups;
}

QJsonObject toJson(const RetentionPlan &plan)
{
    QJsonObject deleted;
    QJsonObject kept;
    QJsonObject why;
    for (auto agent = plan.begin(); agent != plan.end(); ++agent) {
        QJsonArray lost;
        QJsonArray stays;
        QJsonObject reasons;
        for (const RetentionVerdict &verdict : *agent) {
            const QJsonArray because = QJsonArray::fromStringList(verdict.reasons);
            if (verdict.isKept) {
                stays.append(
                    QJsonObject { { key("backup_id"), verdict.id }, { key("reasons"), because } });
            } else {
                lost.append(verdict.id);
                reasons.insert(verdict.id, because);
            }
        }
        kept.insert(agent.key(), stays);
        if (lost.isEmpty())
            continue;
        deleted.insert(agent.key(), lost);
        why.insert(agent.key(), reasons);
    }
    return { { key("delete"), deleted }, { key("keep"), kept }, { key("why"), why } };
}

} // namespace

Result<QJsonObject> simulateSchedule(const QJsonObject &question, const ScheduleDefaults &defaults)
{
    const Result<void> known = checkFields(question, key("the question"),
        { key("recurrence"), key("days"), key("time"), key("catch_up"), key("now"),
            key("last_completed"), key("time_zone"), key("jitter"), key("count") });
    if (!known)
        return known.error();
    const Result<QTimeZone> zone = timeZone(question, defaults.zone);
    if (!zone)
        return zone.error();
    const Result<Schedule> schedule = scheduleIn(question, defaults.settings);
    if (!schedule)
        return schedule.error();
    const Result<QDateTime> now = moment(question, "now", *zone, defaults.now);
    if (!now)
        return now.error();
    const Result<QDateTime> completed
        = moment(question, "last_completed", *zone, defaults.lastCompleted);
    if (!completed)
        return completed.error();
    const Result<int> jitter = wholeNumber(question, "jitter", 0, 0, int(longestJitter.count()));
    if (!jitter)
        return jitter.error();
    const Result<int> count = wholeNumber(question, "count", defaultFollowing, 0, mostFollowing);
    if (!count)
        return count.error();

    ScheduleState state { *now, *zone, *completed };
    state.jitter = std::chrono::seconds(*jitter);
    const ScheduledRun run = nextRun(*schedule, state);
    return QJsonObject { { key("next"), timeOrNull(run.due) },
        { key("additional"), run.additional },
        { key("following"), following(*schedule, state, run, *count) },
        { key("reason"), run.reason }, { key("time_zone"), QString::fromLatin1(zone->id()) } };
}

Result<QJsonObject> simulateRetention(
    const QJsonObject &question, const RetentionDefaults &defaults)
{
    const Result<void> known = checkFields(question, key("the question"),
        { key("now"), key("time_zone"), key("retention"), key("agents"), key("backups") });
    if (!known)
        return known.error();
    const Result<QTimeZone> zone = timeZone(question, defaults.zone);
    if (!zone)
        return zone.error();
    const Result<QDateTime> now = moment(question, "now", *zone, defaults.now);
    if (!now)
        return now.error();
    const bool hasRules = question.contains(key("retention")) || question.contains(key("agents"));
    if (!hasRules && !defaults.rules)
        return invalid(
            QStringLiteral("retention is missing: {\"copies\": 3}, {\"days\": 7} or {} for ever"));
    const Result<RetentionRules> rules
        = hasRules ? rulesIn(question) : Result<RetentionRules>(*defaults.rules);
    if (!rules)
        return rules.error();
    const QJsonValue given = question.value(key("backups"));
    const Result<QList<RetentionBackup>> backups = given.isUndefined() && defaults.backups
        ? Result<QList<RetentionBackup>>(*defaults.backups)
        : backupsIn(given, *zone);
    if (!backups)
        return backups.error();
    return toJson(applyRetention(*rules, *backups, *now, *zone));
}

} // namespace hubkeep::backup
