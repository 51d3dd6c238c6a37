#include "integrations/backup/restoredrills.h"

#include "automation/core/persistentnotifications.h"

#include <QLoggingCategory>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(drillLog, "hubkeep.backup.drill")

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds lookInterval = 10min;
constexpr std::chrono::milliseconds afterBackup = 1min;
constexpr int lookedAt = 200; // records

const QString noticeId = QStringLiteral("backup_drill_failed");

} // namespace

RestoreDrills::RestoreDrills(
    Hub &hub, BackupManager &manager, DrillLog &log, TimerQueue &timers, const DrillPolicy &policy)
    : m_hub(hub)
    , m_manager(manager)
    , m_log(log)
    , m_timers(timers)
    , m_policy(policy)
{
    connect(&manager, &BackupManager::operationFinished, this, &RestoreDrills::record);
    // What failed before a restart is still so.
    const Result<QList<DrillRecord>> records = m_log.page(lookedAt);
    if (records) {
        QSet<QString> seen;
        for (const DrillRecord &record : *records) {
            if (!record.isHeld || seen.contains(record.agentId))
                continue;
            seen.insert(record.agentId);
            if (!record.ok)
                m_problems.insert(record.agentId, record.message);
        }
    }
    lookAgainIn(lookInterval);
}

void RestoreDrills::setPolicy(const DrillPolicy &policy)
{
    m_policy = policy;
    lookAgainIn(lookInterval);
}

void RestoreDrills::lookAgainIn(std::chrono::milliseconds time)
{
    m_timer = m_timers.after(time, [this] {
        lookAgainIn(lookInterval);
        look();
    });
}

DrillPlan RestoreDrills::plan() const
{
    const Result<QList<DrillRecord>> records = m_log.page(lookedAt);
    if (!records)
        return {};
    QList<DrillAgent> agents;
    for (const QString &id : m_manager.agentIds())
        agents.append({ id, m_manager.isLocalAgent(id) });
    return planDrill(m_hub.clock().now(), m_policy, agents, m_manager.backups(), *records,
        !m_manager.keys().isEmpty());
}

void RestoreDrills::look()
{
    if (m_manager.state() != ManagerState::Idle)
        return;
    const DrillPlan plan = this->plan();
    if (!plan.now)
        return;
    const Result<StartedOperation> started = m_manager.drill(plan.now->backupId, plan.now->agentId);
    if (!started)
        qCInfo(drillLog).noquote()
            << "The restore drill of" << plan.now->backupId << "waits:" << started.error().message;
}

void RestoreDrills::record(const OperationStatus &status)
{
    if (status.operation == QLatin1String("backup")
        || status.operation == QLatin1String("upload")) {
        lookAgainIn(afterBackup);
        return;
    }
    const QJsonObject &result = status.result;
    const QString agentId = result.value(QLatin1String("agent_id")).toString();
    if (status.operation != QLatin1String("drill") || agentId.isEmpty())
        return;
    DrillRecord record;
    record.backupId = status.backupId;
    record.agentId = agentId;
    record.ended = m_hub.clock().now();
    record.seconds = result.value(QLatin1String("duration_s")).toDouble();
    record.isHeld = result.value(QLatin1String("held")).toBool();
    record.ok = result.value(QLatin1String("ok")).toBool();
    record.files = result.value(QLatin1String("files")).toInteger();
    record.databases = result.value(QLatin1String("databases")).toInteger();
    record.bytes = result.value(QLatin1String("bytes")).toInteger();
    record.message = status.error;
    const std::optional<CatalogEntry> entry = m_manager.backup(record.backupId);
    if (entry && !m_manager.isLocalAgent(agentId))
        record.downloaded = entry->agents.value(agentId).size;
    const Result<void> added = m_log.add(record);
    if (!added)
        qCWarning(drillLog).noquote() << added.error().message;
    tell(record);
    emit drillEnded(record);
    lookAgainIn(afterBackup); // of the next agent
}

void RestoreDrills::tell(const DrillRecord &record)
{
    if (!record.isHeld) {
        qCInfo(drillLog).noquote() << record.message;
        return;
    }
    if (record.ok) {
        qCInfo(drillLog).noquote()
            << QStringLiteral("The restore drill of %1 from %2 brought back %3 files and %4 "
                              "databases, all as they were")
                   .arg(record.backupId, record.agentId)
                   .arg(record.files)
                   .arg(record.databases);
        m_problems.remove(record.agentId);
    } else {
        qCWarning(drillLog).noquote() << record.message;
        m_problems.insert(record.agentId, record.message);
    }
    auto *const notices = m_hub.find<PersistentNotifications>();
    if (!notices)
        return;
    if (m_problems.isEmpty())
        return notices->dismiss(noticeId);
    notices->create(noticeId, QStringLiteral("A backup did not come back in a restore drill"),
        QStringLiteral("%1. Make a new backup now and look at the place where it is kept; the "
                       "next drill clears this notice.")
            .arg(m_problems.values().join(QStringLiteral("; "))));
}

} // namespace hubkeep::backup
