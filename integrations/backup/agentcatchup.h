// Brings agents that were away what they missed, by itself.
//
// As long as a backup names an agent in failedAgents, the agent is asked for its list, after a
// quarter of a minute first and at least once a minute from then on. When it answers, it gets what
// it lacks, newest first, from another agent's copy; a plain one is encrypted on its way where this
// agent's are to be encrypted. A copy of this hub's that was found damaged is set aside there and
// replaced in the same way, once: a place that damages it again has to be looked at. What operates
// goes first: an operation that begins ends a transfer, which begins again after it.
//
// Main thread.

#pragma once

#include "automation/core/jobcontrol.h"
#include "automation/core/timerqueue.h"
#include "integrations/backup/backupmanager.h"

#include <QFuture>
#include <QMap>
#include <QObject>
#include <QSet>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace hubkeep::backup {

class AgentCatchup : public QObject
{
    Q_OBJECT

public:
    struct Parts
    {
        BackupManager &manager;
        TimerQueue &timers;
        // Whether an agent's copies are to be encrypted; null, or nothing: as they are elsewhere.
        std::function<std::optional<bool>(const QString &agentId)> isProtected {};
        // For whom plain ones are encrypted then; null: nobody, and they are not given.
        std::function<AgeRecipients()> recipients {};
    };

    static constexpr std::chrono::milliseconds firstWait { 15'000 };
    static constexpr std::chrono::milliseconds longestWait { 60'000 }; // while it is away
    static constexpr std::chrono::milliseconds longestPause { 3'600'000 }; // while it refuses

    explicit AgentCatchup(Parts parts);
    ~AgentCatchup() override;

    // The backups that an agent should have and has not, or not sound.
    QList<BackupId> missing(const QString &agentId) const;
    // It was to be encrypted there; there is no encrypted copy, and nobody to encrypt it for any
    // more. It is brought once there is.
    bool needsRecipient(const CatalogEntry &entry, const QString &agentId) const;
    // A damaged copy that is to be set aside, as far as it is known.
    bool isToBeReplaced(const CatalogEntry &entry, const QString &agentId) const;

    void look(); // by itself where backups changed; for other recipients, it is told

signals:
    // It has all it should have; what it was given. Also said of each in the log.
    void caughtUp(const QString &agentId, const QStringList &backupIds);
    // A damaged copy was set aside under that name, and a sound one brought.
    void replaced(
        const QString &agentId, const hubkeep::backup::BackupId &id, const QString &aside);
    void failed(const QString &agentId, const QString &message); // once for each message

private:
    struct Lagging
    {
        Timer timer {};
        std::chrono::milliseconds wait = firstWait;
        QStringList given {};
        QString said {}; // the last failure
    };
    void sayNeedOfRecipient(const QString &agentId);
    CopyWish wishFor(const CatalogEntry &entry, const QString &agentId) const;
    void ask(const QString &agentId);
    void giveNext(const QString &agentId);
    void whenDone(
        const QFuture<Result<void>> &future, std::function<void(const Result<void> &)> call);
    void took(const QString &agentId, const BackupId &id, const Result<void> &done);
    void later(const QString &agentId, std::chrono::milliseconds wait);
    void finish(const QString &agentId);
    void say(const QString &agentId, const QString &message);
    bool isReplaceable(const CatalogEntry &entry, const QString &agentId) const;
    bool isIdle() const { return m_parts.manager.state() == ManagerState::Idle; }

    const Parts m_parts;
    QMap<QString, Lagging> m_lagging; // by agent
    QSet<QString> m_saidNeed; // agents of which it was said that recipients are missing
    QSet<QString> m_givenUp; // "<agent> <backup>": there is no sound copy to give
    std::shared_ptr<JobControl> m_control; // of what is being transferred
};

} // namespace hubkeep::backup
