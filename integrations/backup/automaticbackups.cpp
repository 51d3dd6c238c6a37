#include "integrations/backup/automaticbackups.h"

#include <QJsonObject>
#include <QLoggingCategory>
#include <QRandomGenerator>

#include <algorithm>
#include <utility>

namespace hubkeep::backup {
namespace {

using namespace std::chrono_literals;

Q_LOGGING_CATEGORY(automaticLog, "hubkeep.backup.automatic")

const QString attemptedSetting = QStringLiteral("backup.last_attempted");
const QString completedSetting = QStringLiteral("backup.last_completed");
const QString memorySetting = QStringLiteral("backup.automatic");

// Later than this, a run came from a sleep.
constexpr auto punctual = 5min;

// What lacks sources is a backup all the same, and fills the agents: not too many of them.
constexpr int mostPartialTries = 3;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QDateTime timeIn(const QJsonValue &value)
{
    return QDateTime::fromString(value.toString(), Qt::ISODateWithMs).toUTC();
}

QJsonValue timeOrNull(const QDateTime &time)
{
    return time.isValid() ? QJsonValue(toRfc3339(time)) : QJsonValue();
}

QDateTime readTime(StateDatabase &state, const QString &setting)
{
    const Result<std::optional<QJsonValue>> stored = state.setting(setting);
    return stored && *stored ? timeIn(**stored) : QDateTime();
}

// What makes another schedule of it.
QString named(const Schedule &schedule)
{
    QList<int> days = schedule.days.values();
    std::sort(days.begin(), days.end());
    QString name = QString::number(int(schedule.recurrence));
    for (const int day : days)
        name += u' ' + QString::number(day);
    return name
        + (schedule.time ? schedule.time->toString(QStringLiteral(" HH:mm:ss"))
                         : QStringLiteral(" default"));
}

int byChance(int most)
{
    return QRandomGenerator::global()->bounded(most + 1);
}

} // namespace

AutomaticBackups::AutomaticBackups(Parts parts, QObject *parent)
    : QObject(parent)
    , m_parts(std::move(parts))
{
    if (!m_parts.chance)
        m_parts.chance = byChance;
    load();
    connect(&m_parts.manager, &BackupManager::eventFired, this, &AutomaticBackups::take);
    connect(&m_parts.manager, &BackupManager::backupsChanged, this, &AutomaticBackups::catchUp);
    connect(&m_parts.timers, &TimerQueue::clockChanged, this, &AutomaticBackups::plan);
}

void AutomaticBackups::load()
{
    m_lastAttempted = readTime(m_parts.state, attemptedSetting);
    m_lastCompleted = readTime(m_parts.state, completedSetting);
    const Result<std::optional<QJsonValue>> stored = m_parts.state.setting(memorySetting);
    if (!stored || !*stored)
        return;
    const QJsonObject memory = (*stored)->toObject();
    m_memory = { timeIn(memory.value(key("since"))), timeIn(memory.value(key("retry_at"))),
        memory.value(key("failures")).toInt(),
        std::clamp(memory.value(key("jitter")).toInt(), 0, int(longestJitter.count())),
        memory.value(key("running")).toBool(), memory.value(key("error")).toString(),
        memory.value(key("schedule")).toString(), memory.value(key("making")).toString(),
        memory.value(key("lacking")).toString(), memory.value(key("kept")).toString(),
        memory.value(key("hook_failed")).toBool() };
    if (m_memory.isRunning)
        takeCutOff();
}

// The hub was killed in it: it is made again, unless it was made and agents are all that is
// missing.
void AutomaticBackups::takeCutOff()
{
    m_wasCutOff = true;
    m_memory.isRunning = false;
    m_memory.hookFailed = false;
    const std::optional<CatalogEntry> made = m_parts.manager.backup(m_memory.making);
    const bool isWhole = made && made->backup.failedSources.isEmpty();
    m_memory.kept = made ? made->backup.id : BackupId();
    m_memory.lacking = isWhole ? made->backup.id : BackupId();
    ++m_memory.failures;
    if (isWhole) {
        m_memory.error = QStringLiteral("The hub ended while it was brought to %1")
                             .arg(made->failedAgents.join(QStringLiteral(", ")));
        catchUp(); // they may have it all
    } else {
        m_memory.error = QStringLiteral("The hub ended while it was being made");
        m_memory.retryAt = now().addSecs(retryDelay(m_memory.failures).count());
    }
    if (!m_memory.error.isEmpty())
        qCWarning(automaticLog) << "The last automatic backup was cut off; it is"
                                << (m_memory.lacking.isEmpty() ? "tried again" : "brought there");
    save();
}

void AutomaticBackups::save()
{
    const Result<void> saved = m_parts.state.setSetting(memorySetting,
        QJsonObject { { key("since"), timeOrNull(m_memory.since) },
            { key("retry_at"), timeOrNull(m_memory.retryAt) },
            { key("failures"), m_memory.failures }, { key("jitter"), m_memory.jitter },
            { key("running"), m_memory.isRunning }, { key("error"), m_memory.error },
            { key("schedule"), m_memory.schedule }, { key("making"), m_memory.making },
            { key("lacking"), m_memory.lacking }, { key("kept"), m_memory.kept },
            { key("hook_failed"), m_memory.hookFailed } });
    if (!saved)
        qCWarning(automaticLog).noquote() << saved.error().message;
}

void AutomaticBackups::saveTime(const QString &setting, const QDateTime &time)
{
    const Result<void> saved = m_parts.state.setSetting(setting, toRfc3339(time));
    if (!saved)
        qCWarning(automaticLog).noquote() << saved.error().message;
}

void AutomaticBackups::setSchedule(const Schedule &schedule)
{
    m_isStarted = true;
    m_schedule = schedule;
    if (const QString name = named(schedule); name != m_memory.schedule) {
        m_memory.schedule = name;
        m_memory.since = now();
        m_memory.jitter = m_parts.chance(int(longestJitter.count()));
        save();
    }
    plan();
    if (std::exchange(m_wasCutOff, false))
        emit attemptEnded(m_memory.error.isEmpty());
}

void AutomaticBackups::take(const ManagerEvent &event)
{
    if (event.state == ManagerState::Idle) {
        // Whoever else waits for it comes first; it is not idle any more, then.
        if (m_isWaiting)
            QMetaObject::invokeMethod(this, &AutomaticBackups::runWhenIdle, Qt::QueuedConnection);
        return;
    }
    if (!event.automatic || event.state != ManagerState::CreateBackup || event.upload)
        return;
    if (event.outcome == u"completed")
        completed();
    else if (event.outcome == u"failed")
        failed(event);
    else if (event.stage.isEmpty())
        begun();
}

void AutomaticBackups::begun()
{
    m_lastAttempted = now();
    m_memory.retryAt = {};
    m_memory.lacking.clear();
    m_memory.isRunning = true;
    m_memory.making = m_parts.manager.status().backupId;
    saveTime(attemptedSetting, m_lastAttempted);
    save();
    plan();
    emit attemptStarted();
}

void AutomaticBackups::completed()
{
    m_lastCompleted = now();
    m_memory.isRunning = false;
    m_memory.failures = 0;
    m_memory.retryAt = {};
    m_memory.error.clear();
    m_memory.lacking.clear();
    m_memory.kept.clear();
    m_memory.hookFailed = false;
    saveTime(completedSetting, m_lastCompleted);
    save();
    plan();
    emit attemptEnded(true);
}

void AutomaticBackups::failed(const ManagerEvent &event)
{
    m_memory.isRunning = false;
    if (event.reason == u"cancelled") {
        save();
        plan();
        return;
    }
    const OperationStatus status = m_parts.manager.status();
    const std::optional<CatalogEntry> kept = m_parts.manager.backup(status.backupId);
    const int failures = ++m_memory.failures;
    m_memory.error = status.error.isEmpty() ? event.reason : status.error;
    const bool again
        = !kept || (!kept->backup.failedSources.isEmpty() && failures <= mostPartialTries);
    m_memory.retryAt = again ? now().addSecs(retryDelay(failures).count()) : QDateTime();
    m_memory.kept = kept ? kept->backup.id : BackupId();
    const bool isWhole = kept && kept->backup.failedSources.isEmpty();
    const bool hookFailed = status.result.contains(QLatin1String("hook_error"));
    m_memory.hookFailed = isWhole && kept->failedAgents.isEmpty() && hookFailed;
    // The agents are all that is missing: it completes when they have got it.
    if (isWhole && !kept->failedAgents.isEmpty() && !hookFailed)
        m_memory.lacking = kept->backup.id;
    qCWarning(automaticLog).noquote().nospace()
        << "The automatic backup failed: " << m_memory.error
        << (again ? QStringLiteral("; it is tried again in %1 minutes")
                        .arg(retryDelay(failures).count() / 60)
                  : QString());
    save();
    plan();
    emit attemptEnded(false);
}

// Agents that came back may have got the backup that they had missed.
void AutomaticBackups::catchUp()
{
    if (m_memory.lacking.isEmpty() || m_memory.isRunning)
        return;
    const std::optional<CatalogEntry> entry = m_parts.manager.backup(m_memory.lacking);
    if (entry && !entry->failedAgents.isEmpty())
        return;
    if (!entry) { // nobody has it any more
        m_memory.lacking.clear();
        m_memory.kept.clear();
        m_memory.retryAt = now().addSecs(retryDelay(m_memory.failures).count());
        save();
        plan();
        return;
    }
    m_lastCompleted = entry->backup.created;
    m_memory.failures = 0;
    m_memory.error.clear();
    m_memory.lacking.clear();
    m_memory.kept.clear();
    saveTime(completedSetting, m_lastCompleted);
    save();
    plan();
    emit attemptEnded(true);
}

void AutomaticBackups::plan()
{
    if (!m_isStarted)
        return;
    ScheduleState state { now(), m_parts.zone, m_lastCompleted, m_lastAttempted, m_memory.since,
        std::chrono::seconds(m_memory.jitter), m_memory.retryAt };
    if (m_isWaiting || m_memory.isRunning) {
        state.lastAttempted = state.now;
        state.retryAt = {};
    }
    ScheduledRun next = nextRun(m_schedule, state);
    if (next.kind == RunKind::MadeUp && m_next.kind == RunKind::MadeUp && m_next.due >= state.now
        && m_next.due < next.due)
        next = m_next; // it does not move away with the time
    if (next.kind == RunKind::MadeUp && m_next.kind != RunKind::MadeUp)
        qCWarning(automaticLog).noquote() << next.reason;
    m_next = next;
    m_timer = next.due.isValid()
        ? m_parts.timers.at(next.due, [this, when = next.due] { due(when); })
        : Timer();
    emit changed();
}

void AutomaticBackups::due(const QDateTime &when)
{
    const bool isLate = now() - when > punctual;
    if (isLate && m_schedule.catchUp == Schedule::CatchUp::NextSlot
        && m_next.kind != RunKind::Retry)
        return plan(); // it was slept through
    if (isLate)
        qCWarning(automaticLog).noquote()
            << QStringLiteral("The automatic backup of %1 comes late").arg(toRfc3339(when));
    // The next one first: whatever becomes of this one.
    m_isWaiting = true;
    m_memory.jitter = m_parts.chance(int(longestJitter.count()));
    plan();
    runWhenIdle();
}

void AutomaticBackups::runWhenIdle()
{
    if (!m_isWaiting)
        return;
    if (m_parts.manager.state() != ManagerState::Idle) {
        qCInfo(automaticLog) << "The automatic backup waits until the manager is idle";
        return;
    }
    m_isWaiting = false;
    const Result<StartedOperation> started = m_parts.manager.create(m_parts.request());
    // Busy says no event: the hub is stopping, and makes up for it.
    if (!started && started.error().code == ErrorCode::Busy)
        plan();
}

} // namespace hubkeep::backup
