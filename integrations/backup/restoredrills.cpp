#include "integrations/backup/restoredrills.h"

#include "automation/core/persistentnotifications.h"
#include "integrations/backup/wording.h"

#include <QLoggingCategory>

#include <algorithm>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(drillLog, "hubkeep.backup.drill")

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds lookInterval = 10min;
constexpr std::chrono::milliseconds afterBackup = 1min;
constexpr int lookedAt = 200; // records

const QString noticeId = QStringLiteral("backup_drill_failed");
const QString lockedNoticeId = QStringLiteral("backup_drill_locked");

QString lockedText(const BackupId &id, const QString &agentId)
{
    return QStringLiteral("%1 on %2 is encrypted, and no key or password that this hub has opens "
                          "it")
        .arg(id, agentId);
}

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
            const bool isLocked = record.lock != DrillLock::None;
            if ((!record.isHeld && !isLocked) || seen.contains(record.agentId))
                continue;
            seen.insert(record.agentId);
            if (record.lock == DrillLock::Lost)
                m_locked.insert(record.agentId, lockedText(record.backupId, record.agentId));
            else if (isLocked)
                m_saidMeant.insert(record.agentId);
            else if (!record.ok)
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
    return planDrill({ m_hub.clock().now(), m_policy, m_manager.instanceId(), agents,
        m_manager.backups(), *records, !m_manager.keys().isEmpty() });
}

void RestoreDrills::look()
{
    if (m_manager.state() != ManagerState::Idle)
        return;
    const DrillPlan plan = this->plan();
    for (auto locked = plan.locked.begin(); locked != plan.locked.end(); ++locked)
        tellLocked(locked.key(), *locked, lockOf(*locked));
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
    if (result.value(QLatin1String("locked")).toBool())
        record.lock = lockOf(record.backupId);
    const std::optional<CatalogEntry> entry = m_manager.backup(record.backupId);
    record.isProtected = entry && entry->agents.value(agentId).isProtected;
    if (record.lock == DrillLock::Meant)
        record.message
            = QStringLiteral("Not drilled: the hub holds no key for %1 on %2; hold a drill where "
                             "the key is, with hubkeep restore")
                  .arg(record.backupId, agentId);
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
    if (record.lock != DrillLock::None)
        return tellLocked(record.agentId, record.backupId, record.lock);
    if (!record.isHeld) {
        qCInfo(drillLog).noquote() << record.message;
        return;
    }
    m_locked.remove(record.agentId);
    if (record.ok) {
        qCInfo(drillLog).noquote()
            << QStringLiteral("The restore drill of %1 from %2 brought back %3 and %4, all as they "
                              "were")
                   .arg(record.backupId, record.agentId, countText(record.files, "file"),
                       countText(record.databases, "database"));
        m_problems.remove(record.agentId);
    } else {
        qCWarning(drillLog).noquote() << record.message;
        m_problems.insert(record.agentId, record.message);
    }
    showNotices();
}

// A drill that opened an encrypted copy shows that the hub was able to.
DrillLock RestoreDrills::lockOf(const BackupId &id) const
{
    const std::optional<CatalogEntry> entry = m_manager.backup(id);
    if (entry && m_manager.meansToOpen(entry->backup))
        return DrillLock::Lost;
    const Result<QList<DrillRecord>> records = m_log.page(lookedAt);
    const bool wasOpened = records
        && std::any_of(records->begin(), records->end(),
            [](const DrillRecord &record) { return record.isProtected && record.ok; });
    return entry && wasOpened && entry->backup.automatic ? DrillLock::Lost : DrillLock::Meant;
}

void RestoreDrills::tellLocked(const QString &agentId, const BackupId &id, DrillLock lock)
{
    const QString text = lockedText(id, agentId);
    if (lock == DrillLock::Meant) {
        if (!m_saidMeant.contains(agentId))
            qCInfo(drillLog).noquote()
                << QStringLiteral("%1 is not drilled: the hub holds no key for it").arg(id);
        m_saidMeant.insert(agentId);
        return;
    }
    if (m_locked.contains(agentId))
        return; // of a newer backup it says nothing new
    qCWarning(drillLog).noquote() << text;
    m_locked.insert(agentId, text);
    showNotices();
}

void RestoreDrills::showNotices()
{
    emit problemsChanged();
    auto *const notices = m_hub.find<PersistentNotifications>();
    if (!notices)
        return;
    const auto show = [notices](const QString &id, const QMap<QString, QString> &problems,
                          const QString &title, const QString &advice) {
        const QString joined = QStringList(problems.values()).join(QStringLiteral("; "));
        if (problems.isEmpty())
            notices->dismiss(id);
        else
            notices->create(id, title, asSentence(joined) + u' ' + advice);
    };
    show(noticeId, m_problems, QStringLiteral("A backup did not come back in a restore drill"),
        QStringLiteral("Make a new backup now and look at the place where it is kept; the next "
                       "drill clears this notice."));
    show(lockedNoticeId, m_locked, QStringLiteral("A backup can no longer be opened here"),
        QStringLiteral("Who has neither the recovery kit of its key nor its password has lost "
                       "it. Put the key back, or make a new backup with the present key or "
                       "password and hold a drill of it; that clears this notice."));
}

} // namespace hubkeep::backup
