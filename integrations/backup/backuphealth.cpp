#include "integrations/backup/backuphealth.h"

#include "automation/core/persistentnotifications.h"
#include "integrations/backup/pruning.h"
#include "integrations/backup/shrinkage.h"
#include "integrations/backup/wording.h"

#include <QLoggingCategory>

namespace hubkeep::backup {
namespace {

using namespace std::chrono_literals;

Q_LOGGING_CATEGORY(healthLog, "hubkeep.backup.health")

const QString noticePrefix = QStringLiteral("backup_problem_");

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

} // namespace

BackupHealth::BackupHealth(Parts parts, HealthConfig config)
    : m_parts(std::move(parts))
    , m_config(std::move(config))
{
    connect(&m_parts.automatic, &AutomaticBackups::changed, this, &BackupHealth::look);
    connect(&m_parts.manager, &BackupManager::backupsChanged, this, [this] {
        m_knowsAgents = true;
        look();
    });
    listRegularly();
    connect(&m_parts.manager, &BackupManager::copiesVanished, this, &BackupHealth::tellVanished);
    connect(&m_parts.timers, &TimerQueue::clockChanged, this, &BackupHealth::look);
    connect(&m_parts.automatic, &AutomaticBackups::attemptStarted, this,
        [this] { ping("/start", {}); });
    connect(&m_parts.automatic, &AutomaticBackups::attemptEnded, this, [this](bool completed) {
        look();
        const std::optional<CatalogEntry> newest
            = newestAutomatic(m_parts.manager.backups(), m_parts.hub.identity().instanceId);
        if (completed && newest)
            ping("",
                QStringLiteral("%1: %2, %3, on %4%5")
                    .arg(newest->backup.id, countText(newest->backup.counts.files, "file"),
                        sizeText(newest->backup.size),
                        QStringList(newest->agents.keys()).join(u", "),
                        problems().isEmpty() ? QString() : u'\n' + problems().join(u'\n'))
                    .toUtf8());
        else if (!completed)
            ping("/fail", m_parts.automatic.lastError().toUtf8());
    });
}

// Whether all is still where it was.
void BackupHealth::listRegularly()
{
    if (m_parts.listInterval.count() == 0)
        return;
    m_listing = m_parts.timers.after(m_parts.listInterval, [this] {
        listRegularly();
        if (m_parts.manager.state() == ManagerState::Idle)
            (void)m_parts.manager.refresh();
    });
}

void BackupHealth::configure(HealthConfig config)
{
    m_config = std::move(config);
    look();
}

QStringList BackupHealth::problems() const
{
    QStringList problems;
    for (const Finding &finding : m_findings)
        problems.append(finding.message);
    for (const QString &problem : m_drillProblems)
        problems.append(asSentence(problem));
    return problems;
}

void BackupHealth::setDrillProblems(const QStringList &problems)
{
    m_drillProblems = problems;
    look();
}

void BackupHealth::add(const char *id, const QString &title, const QString &message)
{
    m_findings.append({ noticePrefix + key(id), title, message });
}

void BackupHealth::look()
{
    if (!m_parts.automatic.isStarted())
        return; // what is planned is not known yet
    const std::optional<CatalogEntry> newest
        = newestAutomatic(m_parts.manager.backups(), m_parts.hub.identity().instanceId);
    m_findings.clear();
    lookAtTime();
    findFailure();
    findShrunk();
    findVanished(newest);
    findDamaged();
    findLowSpace(newest);
    findMissingAgents();
    QStringList reasons = problems();
    m_parts.entities.showHealth(m_isOverdue, m_reference, m_limit, reasons);
    tell();
}

// Counted from the last success, or from when there began to be a schedule.
void BackupHealth::lookAtTime()
{
    const AutomaticBackups &automatic = m_parts.automatic;
    const bool isScheduled = automatic.next().due.isValid();
    m_isOverdue = false;
    m_timer = {};
    m_reference
        = automatic.lastCompleted().isValid() ? automatic.lastCompleted() : automatic.since();
    m_limit = m_config.overdueAfter.value_or(overdueAfter(automatic.schedule()));
    if ((!isScheduled && !m_config.overdueAfter) || !m_reference.isValid())
        return;
    const QDateTime now = m_parts.timers.clock().now();
    const QDateTime limit = m_reference.addSecs(m_limit.count());
    m_isOverdue = now >= limit;
    if (!m_isOverdue) {
        m_timer = m_parts.timers.at(limit, [this] { look(); });
        return;
    }
    add("overdue", key("Automatic backups are overdue"),
        automatic.lastCompleted().isValid()
            ? QStringLiteral("No automatic backup has succeeded for more than %1; the last one "
                             "that did is of %2.")
                  .arg(timeText(m_limit), momentText(automatic.lastCompleted(), automatic.zone()))
            : QStringLiteral("No automatic backup has ever succeeded, and the first should have "
                             "within %1.")
                  .arg(timeText(m_limit)));
}

void BackupHealth::findFailure()
{
    const AutomaticBackups &automatic = m_parts.automatic;
    if (automatic.lastError().isEmpty()) {
        m_failure.reset();
        return;
    }
    // While the next attempt goes on, nothing is known that was not told.
    if (!m_failure || !automatic.isUnderWay())
        m_failure = failure();
    m_findings.append(*m_failure);
}

BackupHealth::Finding BackupHealth::failure() const
{
    const AutomaticBackups &automatic = m_parts.automatic;
    const QString why = asSentence(automatic.lastError());
    const QString id = noticePrefix + key("failed");
    const auto said = [&](const QString &title, const QString &what) {
        return Finding { id, title,
            QStringLiteral("%1: %2 Please check the logs. %3").arg(what, why, nextAttempt()) };
    };
    if (automatic.keptOfFailure().isEmpty())
        return said(key("Automatic backup could not be created"),
            key("The automatic backup could not be created"));
    if (automatic.hookFailed())
        return said(key("A hook after the automatic backup failed"),
            key("The automatic backup was made and is kept, but a hook after it failed"));
    const std::optional<CatalogEntry> kept = m_parts.manager.backup(automatic.keptOfFailure());
    QStringList parts;
    if (kept && !kept->failedAgents.isEmpty())
        parts.append(QStringLiteral("could not be uploaded to the configured locations %1")
                         .arg(kept->failedAgents.join(u", ")));
    // Where nothing else failed, why names them.
    if (kept && !kept->backup.failedSources.isEmpty() && kept->failedAgents.isEmpty())
        return said(
            key("Automatic backup is not complete"), key("The automatic backup is not complete"));
    if (kept && !kept->backup.failedSources.isEmpty())
        parts.append(QStringLiteral("does not have these sources: %1")
                         .arg(kept->backup.failedSources.join(u", ")));
    return said(key("Automatic backup is not complete"),
        QStringLiteral("The automatic backup %1")
            .arg(parts.isEmpty() ? QStringLiteral("was made, but not as it should be")
                                 : parts.join(QStringLiteral(" and "))));
}

QString BackupHealth::nextAttempt() const
{
    const AutomaticBackups &automatic = m_parts.automatic;
    const ScheduledRun &next = automatic.next();
    const QString when = next.due.isValid() ? momentText(next.due, automatic.zone()) : QString();
    if (automatic.isUnderWay())
        return QStringLiteral("Another attempt is being made.");
    if (next.kind == RunKind::Retry)
        return QStringLiteral("Another attempt will be made at %1.").arg(when);
    const QString later = when.isEmpty()
        ? QStringLiteral("no other backup is scheduled.")
        : QStringLiteral("the next backup is made at %1.").arg(when);
    if (automatic.awaitsAgents() && waitsForRecipient())
        return QStringLiteral("What is missing there was to be encrypted, and there is no password "
                              "or recipient to encrypt it for any more: set one and it is brought "
                              "there, or delete that backup; ")
            + later;
    if (automatic.awaitsAgents())
        return QStringLiteral("What is missing there is brought there by itself as soon as that "
                              "works; ")
            + later;
    return later.left(1).toUpper() + later.mid(1);
}

bool BackupHealth::waitsForRecipient() const
{
    const std::optional<CatalogEntry> kept
        = m_parts.manager.backup(m_parts.automatic.keptOfFailure());
    return kept && m_parts.needsRecipient
        && std::any_of(kept->failedAgents.begin(), kept->failedAgents.end(),
            [&](const QString &agent) { return m_parts.needsRecipient(*kept, agent); });
}

// One that completed was everywhere; what could not be brought at first is the failure's.
void BackupHealth::findVanished(const std::optional<CatalogEntry> &newest)
{
    const AutomaticBackups &automatic = m_parts.automatic;
    QStringList gone;
    if (newest && !automatic.isUnderWay() && automatic.keptOfFailure() != newest->backup.id) {
        for (const QString &agentId : m_parts.manager.agentIds()) {
            if (newest->failedAgents.contains(agentId) && !newest->agents.contains(agentId))
                gone.append(agentId);
        }
    }
    QStringList texts;
    if (!gone.isEmpty())
        texts.append(QStringLiteral("The newest automatic backup %1 is gone from %2, and this hub "
                                    "did not delete it there; it is brought there again from "
                                    "another place. If this stays so, the log says why.")
                         .arg(newest->backup.id, gone.join(u", ")));
    for (const QString &agentId : m_parts.manager.emptiedAgents())
        texts.append(asSentence(m_parts.manager.agentErrors().value(agentId)));
    if (!texts.isEmpty())
        add("gone", key("A backup is gone from where it was"), texts.join(u' '));
}

// What nothing is done about is told once, until somebody dismisses it.
void BackupHealth::tellVanished(
    const QString &agentId, const QList<BackupId> &ids, const QList<BackupId> &lost)
{
    constexpr qsizetype most = 5;
    const auto list = [](const QList<BackupId> &all) {
        return QStringList(all.mid(0, most)).join(u", ")
            + (all.size() > most ? QStringLiteral(" and %1 more").arg(all.size() - most)
                                 : QString());
    };
    auto *notices = m_parts.hub.find<PersistentNotifications>();
    if (!notices)
        return;
    notices->create(QStringLiteral("backup_gone_") + agentId,
        QStringLiteral("Backups are gone from %1").arg(agentId),
        QStringLiteral("These were on %1 and are not there any more, and this hub did not delete "
                       "them: %2. %3 If you did it, dismiss this; else look at the place.")
            .arg(agentId, list(ids),
                lost.isEmpty() ? QStringLiteral("Other places have them still.")
                               : QStringLiteral("No other place has %1.").arg(list(lost))));
}

// By the last proof of each.
void BackupHealth::findDamaged()
{
    QStringList alone;
    QStringList replaced;
    QStringList kept;
    for (const CatalogEntry &entry : m_parts.manager.backups()) {
        const QStringList sound = entry.soundAgents();
        const bool isOwn = entry.backup.instanceId == m_parts.hub.identity().instanceId;
        for (const QString &agent : entry.damagedAgents) {
            const QString copy = QStringLiteral("%1 on %2").arg(entry.backup.id, agent);
            if (!entry.agents.contains(agent))
                continue;
            if (sound.isEmpty() || !isOwn)
                alone.append(copy);
            else
                (!m_parts.isToBeReplaced || m_parts.isToBeReplaced(entry, agent) ? replaced : kept)
                    .append(QStringLiteral("%1, sound on %2").arg(copy, sound.join(u", ")));
        }
    }
    QStringList texts;
    if (!alone.isEmpty())
        texts.append(QStringLiteral("These copies were found damaged: %1. Look at the place where "
                                    "they are kept, make a new backup, and delete them.")
                         .arg(alone.join(QStringLiteral("; "))));
    if (!replaced.isEmpty())
        texts.append(QStringLiteral(
            "These copies were found damaged while others are sound: %1. As soon as the place can "
            "be written to, each will be set aside under its name with .damaged behind it, and a "
            "sound one brought in its place. If this stays so, the log says why: then look at the "
            "place, delete the damaged copy there, and make a new backup.")
                         .arg(replaced.join(QStringLiteral("; "))));
    if (!kept.isEmpty())
        texts.append(QStringLiteral("These copies were found damaged and could not be replaced by "
                                    "the sound ones: %1. The log says why: look at the place, "
                                    "delete the damaged copy there, and make a new backup.")
                         .arg(kept.join(QStringLiteral("; "))));
    if (!texts.isEmpty())
        add("damaged", key("A backup is damaged"), texts.join(u' '));
}

void BackupHealth::findShrunk()
{
    const std::optional<Shrinkage> shrinkage
        = shrinkageOf(m_parts.manager.backups(), m_parts.hub.identity().instanceId);
    if (!shrinkage)
        return;
    const QString what = shrinkage->isInBytes()
        ? QStringLiteral("%1, where the last ones had %2")
              .arg(sizeText(shrinkage->now.bytes), sizeText(shrinkage->usualBytes))
        : QStringLiteral("%1, where the last ones had %2")
              .arg(countText(shrinkage->now.files, "file"))
              .arg(shrinkage->usualFiles);
    add("small",
        shrinkage->isInBytes() ? key("Automatic backup is much smaller than usual")
                               : key("Automatic backup has far fewer files than usual"),
        QStringLiteral("The automatic backup %1 has %2. Old backups are kept until that is usual.")
            .arg(shrinkage->id, what));
}

void BackupHealth::findLowSpace(const std::optional<CatalogEntry> &newest)
{
    if (!newest)
        return;
    QStringList low;
    QStringList lowAgents;
    QStringList fresh; // how much is left changes all the time
    const QMap<QString, qint64> space = m_parts.manager.freeSpace();
    for (auto agent = space.begin(); agent != space.end(); ++agent) {
        if (*agent >= newest->backup.size + newest->backup.size / 2)
            continue;
        low.append(QStringLiteral("%1 has %2 left").arg(agent.key(), sizeText(*agent)));
        lowAgents.append(agent.key());
        if (!m_saidLow.contains(agent.key()))
            fresh.append(low.last());
    }
    m_saidLow = lowAgents;
    if (low.isEmpty())
        return;
    const QString text = QStringLiteral("The last backup took %1, and %2.");
    const QString took = sizeText(newest->backup.size);
    add("space", key("There is little room for the next backup"),
        text.arg(took, low.join(QStringLiteral(", "))));
    m_findings.last().logged
        = fresh.isEmpty() ? QString() : text.arg(took, fresh.join(QStringLiteral(", ")));
}

void BackupHealth::findMissingAgents()
{
    for (const QString &id : m_parts.wantedAgents()) {
        if (m_parts.manager.resolveAgent(id).isEmpty())
            add(qUtf8Printable(QStringLiteral("agent_") + id),
                QStringLiteral("The backup location %1 is unavailable").arg(id),
                QStringLiteral("The backup location %1 is unavailable, but automatic backups are "
                               "to go there.")
                    .arg(id));
    }
}

void BackupHealth::tell()
{
    auto *notices = m_parts.hub.find<PersistentNotifications>();
    if (!notices)
        return;
    std::map<QString, QString> now;
    for (const Finding &finding : m_findings)
        now[finding.id] = finding.message;
    if (m_told.empty()) { // what was told before a restart
        for (const PersistentNotification &notice : notices->all()) {
            if (now.contains(notice.id) && now[notice.id] == notice.message)
                m_told[notice.id] = notice.message;
        }
    }
    for (const Finding &finding : m_findings) {
        const auto told = m_told.find(finding.id);
        if (told != m_told.end() && told->second == finding.message)
            continue;
        const QString logged = finding.logged.value_or(finding.message);
        if (!logged.isEmpty())
            qCWarning(healthLog).noquote() << logged;
        notices->create(finding.id, finding.title, finding.message);
    }
    m_told = std::move(now);
    dismissSolved();
}

// Also those of before a restart; what the agents have room for is only known once they said it.
void BackupHealth::dismissSolved()
{
    auto *notices = m_parts.hub.find<PersistentNotifications>();
    for (const PersistentNotification &notice : notices->all()) {
        const bool isOpen = !m_knowsAgents && notice.id == noticePrefix + key("space");
        if (notice.id.startsWith(noticePrefix) && !m_told.contains(notice.id) && !isOpen)
            notices->dismiss(notice.id);
    }
}

void BackupHealth::ping(const char *ending, const QByteArray &body)
{
    if (m_parts.ping && !m_config.pingUrl.isEmpty())
        m_parts.ping(m_config.pingUrl + key(ending), body);
}

} // namespace hubkeep::backup
