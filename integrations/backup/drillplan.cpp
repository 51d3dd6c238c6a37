#include "integrations/backup/drillplan.h"

#include <QLocale>

#include <algorithm>

namespace hubkeep::backup {
namespace {

using namespace std::chrono_literals;

// How long after failures in a row to hold it the next try comes.
std::chrono::hours pauseAfter(int failures)
{
    return std::min(std::chrono::hours(1 << std::min(failures - 1, 5)), 24h);
}

bool isOver(const QDateTime &now, const QDateTime &since, std::chrono::hours time)
{
    // A clock that was set back must not put drills off for years.
    return since > now || since.msecsTo(now) >= std::chrono::milliseconds(time).count();
}

std::optional<DrillChoice> newestOn(const QString &agentId, const DrillQuestion &question)
{
    for (const CatalogEntry &entry : question.backups) {
        const auto copy = entry.agents.find(agentId);
        if (entry.backup.kind == BackupKind::Archive && copy != entry.agents.end()
            && entry.backup.instanceId == question.instanceId)
            return DrillChoice { entry.backup.id, agentId, copy->size, copy->isProtected };
    }
    return {};
}

bool isDue(const DrillQuestion &question, const DrillChoice &choice)
{
    const QDateTime &now = question.now;
    int failures = 0;
    QDateTime lastTry;
    for (const DrillRecord &record : question.records) {
        if (record.agentId != choice.agentId)
            continue;
        if (!record.isHeld && record.lock == DrillLock::None) {
            if (++failures == 1)
                lastTry = record.ended;
            continue;
        }
        if (failures > 0)
            break;
        const bool isBetterCopy
            = !record.ok && record.lock != DrillLock::Meant && record.backupId != choice.backupId;
        return isBetterCopy || isOver(now, record.ended, question.policy.every);
    }
    return failures == 0 || isOver(now, lastTry, pauseAfter(failures));
}

} // namespace

DrillPlan planDrill(const DrillQuestion &question)
{
    const QDateTime &now = question.now;
    const DrillPolicy &policy = question.policy;
    DrillPlan plan;
    if (policy.every == 0h)
        return plan;
    qint64 downloaded = 0;
    for (const DrillRecord &record : question.records) {
        if (!isOver(now, record.ended, policy.every))
            downloaded += record.downloaded;
    }
    QList<DrillAgent> ordered = question.agents;
    std::stable_sort(ordered.begin(), ordered.end(),
        [](const DrillAgent &a, const DrillAgent &b) { return a.isLocal && !b.isLocal; });
    for (const DrillAgent &agent : std::as_const(ordered)) {
        const std::optional<DrillChoice> choice = newestOn(agent.id, question);
        if (!choice || !isDue(question, *choice))
            continue;
        if (choice->isProtected && !question.opensEncrypted) {
            plan.locked.insert(agent.id, choice->backupId);
            plan.skipped.insert(agent.id,
                QStringLiteral("Its newest backup is encrypted, and this hub has no key that opens "
                               "it: hold a drill where the key is, with hubkeep restore"));
            continue;
        }
        if (!agent.isLocal && downloaded + choice->size > policy.remoteBytes) {
            const QLocale c(QLocale::C);
            plan.skipped.insert(agent.id,
                QStringLiteral("Its newest backup takes %1 to download, and drills may download %2 "
                               "within %3 days, of which %4 are used; see backup.drills in "
                               "hubkeep.yaml")
                    .arg(c.formattedDataSize(choice->size), c.formattedDataSize(policy.remoteBytes))
                    .arg(double(policy.every.count()) / 24)
                    .arg(c.formattedDataSize(downloaded)));
            continue;
        }
        if (!plan.now)
            plan.now = choice;
    }
    return plan;
}

} // namespace hubkeep::backup
