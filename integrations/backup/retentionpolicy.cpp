#include "integrations/backup/retentionpolicy.h"

#include "integrations/backup/wording.h"

#include <algorithm>

namespace hubkeep::backup {
namespace {

using Backups = QList<const RetentionBackup *>; // newest first
using Reasons = QMap<BackupId, QStringList>;

constexpr qint64 secondsOfDay = 86'400;

struct Period
{
    const char *name;
    std::optional<int> Retention::*count;
    QString (*keyOf)(const QDateTime &local);
};

QString dayOf(const QDateTime &local)
{
    return local.toString(QStringLiteral("yyyy-MM-dd"));
}

// Of the hour that a day has twice, both.
QString hourOf(const QDateTime &local)
{
    return local.toString(QStringLiteral("yyyy-MM-dd HH"))
        + (local.offsetFromUtc() < 0 ? u'-' : u'+')
        + QString::number(std::abs(local.offsetFromUtc()) / 60);
}

QString weekOf(const QDateTime &local)
{
    int year = 0;
    const int week = local.date().weekNumber(&year);
    return QStringLiteral("%1-W%2").arg(year).arg(week, 2, 10, QLatin1Char('0'));
}

QString monthOf(const QDateTime &local)
{
    return local.toString(QStringLiteral("yyyy-MM"));
}

QString yearOf(const QDateTime &local)
{
    return local.toString(QStringLiteral("yyyy"));
}

constexpr Period periods[] = {
    { "hourly", &Retention::hourly, hourOf },
    { "daily", &Retention::daily, dayOf },
    { "weekly", &Retention::weekly, weekOf },
    { "monthly", &Retention::monthly, monthOf },
    { "yearly", &Retention::yearly, yearOf },
};

bool isWithinDays(const RetentionBackup &backup, int days, const QDateTime &now)
{
    return backup.date.addSecs(days * secondsOfDay) >= now;
}

bool isVerified(const RetentionBackup &backup, const QString &agent)
{
    if (!agent.isEmpty())
        return backup.agents.value(agent);
    return std::any_of(
        backup.agents.begin(), backup.agents.end(), [](bool verified) { return verified; });
}

// One backup of each period that has any, the last that was verified, else the last.
void keepPeriods(const Period &period, int count, const Backups &backups, const QString &agent,
    const QTimeZone &zone, Reasons &kept)
{
    QStringList known; // newest first
    QMap<QString, const RetentionBackup *> chosen;
    for (const RetentionBackup *backup : backups) {
        const QString key = period.keyOf(backup->date.toTimeZone(zone));
        if (!chosen.contains(key)) {
            if (known.size() == count)
                break;
            known.append(key);
            chosen.insert(key, backup);
        } else if (!isVerified(*chosen.value(key), agent) && isVerified(*backup, agent)) {
            chosen.insert(key, backup);
        }
    }
    for (qsizetype i = 0; i < known.size(); ++i)
        kept[chosen.value(known[i])->id].append(QStringLiteral("%1 %2 (%3 of %4)")
                                                    .arg(QLatin1String(period.name), known[i])
                                                    .arg(i + 1)
                                                    .arg(count));
}

bool hasRule(const Retention &rule)
{
    return rule != Retention();
}

// What the rule keeps, and why. Of one agent; of all together where none is named.
Reasons keptBy(const Retention &rule, const Backups &backups, const QString &agent,
    const QDateTime &now, const QTimeZone &zone)
{
    Reasons kept;
    for (qsizetype i = 0; i < backups.size(); ++i) {
        const RetentionBackup &backup = *backups[i];
        if (!hasRule(rule)) {
            kept[backup.id].append(QStringLiteral("no rule"));
            continue;
        }
        if (!rule.copies && !rule.days)
            continue;
        if ((rule.copies && i >= *rule.copies)
            || (rule.days && !isWithinDays(backup, *rule.days, now)))
            continue;
        if (rule.copies)
            kept[backup.id].append(
                QStringLiteral("copies (%1 of %2)").arg(i + 1).arg(*rule.copies));
        if (rule.days)
            kept[backup.id].append(QStringLiteral("days (of the last %1)").arg(*rule.days));
    }
    for (const Period &period : periods) {
        if (const std::optional<int> count = rule.*period.count)
            keepPeriods(period, *count, backups, agent, zone, kept);
    }
    return kept;
}

QStringList whyNot(const Retention &rule, const RetentionBackup &backup, const QDateTime &now)
{
    QStringList reasons;
    if (rule.days && !isWithinDays(backup, *rule.days, now))
        reasons.append(QStringLiteral("older than %1").arg(countText(*rule.days, "day")));
    else if (rule.copies)
        reasons.append(
            QStringLiteral("more than %1").arg(countText(*rule.copies, "copy", "copies")));
    QStringList names;
    for (const Period &period : periods) {
        if (rule.*period.count)
            names.append(QLatin1String(period.name));
    }
    if (!names.isEmpty())
        reasons.append(QStringLiteral("not kept by %1").arg(names.join(u", ")));
    return reasons;
}

Backups eligibleOn(const QList<RetentionBackup> &backups, const QString &agent)
{
    Backups eligible;
    for (const RetentionBackup &backup : backups) {
        if (backup.isEligible && !backup.agents.isEmpty()
            && (agent.isEmpty() || backup.agents.contains(agent)))
            eligible.append(&backup);
    }
    return eligible;
}

// What stays whatever the rules are: the newest, and the newest that is known to be good.
void keepLast(const Backups &own, const QString &agent, Reasons &kept)
{
    if (own.isEmpty())
        return;
    kept[own.first()->id].append(QStringLiteral("newest"));
    const auto verified = std::find_if(own.begin(), own.end(),
        [&](const RetentionBackup *backup) { return isVerified(*backup, agent); });
    if (verified != own.end())
        kept[(*verified)->id].append(QStringLiteral("last verified"));
}

} // namespace

bool RetentionRules::deletesNothing() const
{
    return !hasRule(general)
        && std::none_of(
            agents.begin(), agents.end(), [](const Retention &rule) { return hasRule(rule); });
}

RetentionRules retentionRulesOf(const BackupSettings &settings)
{
    RetentionRules rules { settings.retention, {} };
    for (auto agent = settings.agents.begin(); agent != settings.agents.end(); ++agent) {
        if (agent->retention)
            rules.agents.insert(agent.key(), *agent->retention);
    }
    return rules;
}

RetentionRules agingRulesOf(RetentionRules rules)
{
    const auto age = [](Retention &rule) {
        rule.copies.reset();
        if (!rule.days)
            rule = {};
    };
    age(rules.general);
    for (Retention &rule : rules.agents)
        age(rule);
    return rules;
}

RetentionPlan applyRetention(const RetentionRules &rules, QList<RetentionBackup> backups,
    const QDateTime &now, const QTimeZone &zone)
{
    std::sort(backups.begin(), backups.end(), [](const auto &a, const auto &b) {
        return a.date != b.date ? a.date > b.date : a.id > b.id;
    });
    const bool isTogether = rules.agents.isEmpty();
    const Reasons together
        = isTogether ? keptBy(rules.general, eligibleOn(backups, {}), {}, now, zone) : Reasons();
    QStringList agents;
    for (const RetentionBackup &backup : backups) {
        for (const QString &agent : backup.agents.keys()) {
            if (!agents.contains(agent))
                agents.append(agent);
        }
    }
    RetentionPlan plan;
    for (const QString &agent : std::as_const(agents)) {
        const Retention &rule = isTogether || !rules.agents.contains(agent)
            ? rules.general
            : *rules.agents.find(agent);
        const Backups own = eligibleOn(backups, agent);
        Reasons kept = isTogether ? together : keptBy(rule, own, agent, now, zone);
        keepLast(own, agent, kept);
        QList<RetentionVerdict> &verdicts = plan[agent];
        for (const RetentionBackup &backup : backups) {
            if (!backup.agents.contains(agent))
                continue;
            if (!backup.isEligible)
                verdicts.prepend({ backup.id, true, { QStringLiteral("manual") } });
            else if (kept.contains(backup.id))
                verdicts.prepend({ backup.id, true, kept.value(backup.id) });
            else
                verdicts.prepend({ backup.id, false, whyNot(rule, backup, now) });
        }
    }
    return plan;
}

QList<BackupId> toDelete(const QList<RetentionVerdict> &verdicts)
{
    QList<BackupId> ids;
    for (const RetentionVerdict &verdict : verdicts) {
        if (!verdict.isKept)
            ids.append(verdict.id);
    }
    return ids;
}

} // namespace hubkeep::backup
