#include "integrations/backup/agentcatchup.h"

#include <QFutureWatcher>
#include <QLoggingCategory>

#include <algorithm>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(catchupLog, "hubkeep.backup")

using namespace std::chrono_literals;

bool isAway(ErrorCode code)
{
    return code == ErrorCode::Unavailable || code == ErrorCode::Io || code == ErrorCode::Busy;
}

// Another try does not help: what there is to give is wrong, or nothing.
bool isHopeless(ErrorCode code)
{
    return code == ErrorCode::Corrupt || code == ErrorCode::NotFound;
}

} // namespace

AgentCatchup::AgentCatchup(Parts parts)
    : m_parts(std::move(parts))
{
    connect(&m_parts.manager, &BackupManager::backupsChanged, this, &AgentCatchup::look);
    connect(&m_parts.manager, &BackupManager::eventFired, this, [this] {
        if (!isIdle() && m_control)
            m_control->cancel();
    });
    look();
}

AgentCatchup::~AgentCatchup()
{
    if (m_control)
        m_control->cancel();
}

QList<BackupId> AgentCatchup::missing(const QString &agentId) const
{
    QList<BackupId> ids;
    for (const CatalogEntry &entry : m_parts.manager.backups()) {
        const bool isMissed
            = entry.failedAgents.contains(agentId) && !entry.agents.contains(agentId);
        if ((isMissed || isReplaceable(entry, agentId))
            && !m_givenUp.contains(agentId + u' ' + entry.backup.id)
            && !needsRecipient(entry, agentId))
            ids.append(entry.backup.id);
    }
    return ids;
}

CopyWish AgentCatchup::wishFor(const CatalogEntry &entry, const QString &agentId) const
{
    CopyWish wish { m_parts.isProtected ? m_parts.isProtected(agentId) : std::nullopt,
        m_parts.recipients ? m_parts.recipients() : AgeRecipients() };
    if (entry.sealedAgents.contains(agentId))
        wish.isProtected = true;
    return wish;
}

bool AgentCatchup::needsRecipient(const CatalogEntry &entry, const QString &agentId) const
{
    const CopyWish wish = wishFor(entry, agentId);
    bool isSealed = entry.backup.isProtected || entry.backup.kind != BackupKind::Archive;
    for (const QString &sound : entry.soundAgents())
        isSealed = isSealed || entry.agents.value(sound).isProtected;
    return wish.isProtected.value_or(false) && wish.recipients.isEmpty() && !isSealed
        && (entry.failedAgents.contains(agentId) || isReplaceable(entry, agentId));
}

bool AgentCatchup::isToBeReplaced(const CatalogEntry &entry, const QString &agentId) const
{
    return isReplaceable(entry, agentId) && !needsRecipient(entry, agentId)
        && !m_givenUp.contains(agentId + u' ' + entry.backup.id);
}

// Others' backups are theirs to rename.
bool AgentCatchup::isReplaceable(const CatalogEntry &entry, const QString &agentId) const
{
    return entry.agents.contains(agentId) && entry.damagedAgents.contains(agentId)
        && entry.backup.instanceId == m_parts.manager.instanceId()
        && !entry.soundAgents().isEmpty();
}

void AgentCatchup::look()
{
    for (const QString &agentId : m_parts.manager.agentIds()) {
        if (!missing(agentId).isEmpty() && !m_lagging.contains(agentId))
            later(agentId, firstWait);
    }
    // Not before there is somebody to hear it.
    const auto say = [this] {
        for (const QString &agentId : m_parts.manager.agentIds())
            sayNeedOfRecipient(agentId);
    };
    QMetaObject::invokeMethod(this, say, Qt::QueuedConnection);
}

// Once, until there are some again.
void AgentCatchup::sayNeedOfRecipient(const QString &agentId)
{
    QStringList ids;
    for (const CatalogEntry &entry : m_parts.manager.backups()) {
        if (needsRecipient(entry, agentId))
            ids.append(entry.backup.id);
    }
    if (ids.isEmpty()) {
        m_saidNeed.remove(agentId);
    } else if (!m_saidNeed.contains(agentId)) {
        m_saidNeed.insert(agentId);
        const QString message
            = QStringLiteral("%1 is not brought %2: it may have them encrypted only, and there is "
                             "no password or recipient to encrypt them for any more; set one, or "
                             "delete those backups")
                  .arg(agentId, ids.join(u", "));
        qCWarning(catchupLog).noquote() << message;
        emit failed(agentId, message);
    }
}

void AgentCatchup::later(const QString &agentId, std::chrono::milliseconds wait)
{
    Lagging &lagging = m_lagging[agentId];
    lagging.wait = wait;
    lagging.timer = m_parts.timers.after(wait, [this, agentId] { ask(agentId); });
}

void AgentCatchup::ask(const QString &agentId)
{
    if (missing(agentId).isEmpty() || !m_parts.manager.agentIds().contains(agentId)) {
        finish(agentId);
        return;
    }
    if (!isIdle() || m_control) {
        later(agentId, firstWait);
        return;
    }
    whenDone(m_parts.manager.refreshAgent(agentId), [this, agentId](const Result<void> &listed) {
        if (listed)
            giveNext(agentId);
        else
            later(agentId, std::min(m_lagging[agentId].wait * 2, longestWait));
    });
}

void AgentCatchup::giveNext(const QString &agentId)
{
    const QList<BackupId> ids = missing(agentId);
    if (ids.isEmpty()) {
        finish(agentId);
        return;
    }
    if (!isIdle() || m_control) {
        later(agentId, firstWait);
        return;
    }
    const BackupId id = ids.first();
    const std::optional<CatalogEntry> entry = m_parts.manager.backup(id);
    const CopyWish wish = entry ? wishFor(*entry, agentId) : CopyWish();
    m_control = std::make_shared<JobControl>();
    const QString damaged = entry && isReplaceable(*entry, agentId)
        ? entry->agents.value(agentId).filename
        : QString();
    whenDone(m_parts.manager.copyTo(id, agentId, wish, m_control),
        [this, agentId, id, damaged](const Result<void> &done) {
            m_control.reset();
            if (done && !damaged.isEmpty())
                emit replaced(agentId, id, damaged + QLatin1String(".damaged"));
            took(agentId, id, done);
        });
}

// Not then(), whose context has to live until the answer comes.
void AgentCatchup::whenDone(
    const QFuture<Result<void>> &future, std::function<void(const Result<void> &)> call)
{
    auto *watcher = new QFutureWatcher<Result<void>>(this);
    connect(watcher, &QFutureWatcherBase::finished, this, [watcher, call = std::move(call)] {
        watcher->deleteLater();
        if (watcher->future().resultCount() > 0)
            call(watcher->result());
    });
    watcher->setFuture(future);
}

void AgentCatchup::took(const QString &agentId, const BackupId &id, const Result<void> &done)
{
    Lagging &lagging = m_lagging[agentId];
    if (done) {
        qCInfo(catchupLog).noquote()
            << QStringLiteral("%1 was brought the backup %2, which it had missed").arg(agentId, id);
        lagging.given.append(id);
        lagging.wait = firstWait;
        giveNext(agentId);
        return;
    }
    if (done.error().code == ErrorCode::Cancelled) {
        later(agentId, firstWait);
        return;
    }
    const bool isGivenUp = isHopeless(done.error().code);
    if (isGivenUp)
        m_givenUp.insert(agentId + u' ' + id);
    say(agentId, done.error().message);
    if (isGivenUp) {
        giveNext(agentId);
    } else if (isAway(done.error().code)) {
        later(agentId, std::min(lagging.wait * 2, longestWait));
    } else {
        later(agentId, std::clamp(lagging.wait * 2, 2 * longestWait, longestPause));
    }
}

void AgentCatchup::finish(const QString &agentId)
{
    const QStringList given = m_lagging.take(agentId).given;
    if (!given.isEmpty())
        emit caughtUp(agentId, given);
}

void AgentCatchup::say(const QString &agentId, const QString &message)
{
    if (m_lagging[agentId].said == message)
        return;
    m_lagging[agentId].said = message;
    qCWarning(catchupLog).noquote()
        << QStringLiteral("Bringing %1 what it missed: %2").arg(agentId, message);
    emit failed(agentId, message);
}

} // namespace hubkeep::backup
