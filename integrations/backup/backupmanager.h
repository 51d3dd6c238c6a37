// Makes, receives, proves, restores and keeps backups, one operation at a time.
//
//     Blocked --unblock()--> Idle --create()--> CreateBackup --.
//                             ^ ----receive()--> ReceiveBackup -+
//                             | ----restore()--> RestoreBackup -+
//                             | ----verify()---> Blocked -------+
//                             | ----drill()----> Blocked -------+
//                             '---------------------------------'   (done, failed, cancelled)
//
// Where the hub itself was restored before it started, unblock() goes through RestoreBackup, which
// says how that ended.
//
// The state changes in one function, enter(), which asserts the arrows above and says each
// step through eventFired(). What is asked for at the wrong time fails with Busy, "Backup
// manager busy: create_backup", and changes nothing; deleting, listing and reading are
// allowed at all times.
//
// Lives on the main thread. The work itself is runBackup(), runVerify(), runRestore() on the
// backup thread, uploads run on a thread for each agent; progress is sampled. A job that runs
// longer than its time-out, or makes no progress for quarter of an hour, is cancelled and
// failed. A backup whose sources did not all come in, that an agent did not take, or whose after
// hook failed is kept where it is good, and fails all the same.

#pragma once

#include "automation/core/clock.h"
#include "automation/core/jobcontrol.h"
#include "integrations/backup/archive/agekeys.h"
#include "integrations/backup/backupagent.h"
#include "integrations/backup/backupevents.h"
#include "integrations/backup/backupjob.h"
#include "integrations/backup/catalog.h"
#include "integrations/backup/encryptionplan.h"
#include "integrations/backup/restoredrill.h"
#include "integrations/backup/restorejob.h"

#include <QFuture>
#include <QObject>
#include <QPromise>

#include <chrono>
#include <functional>
#include <memory>

namespace hubkeep::backup {

class AgentWorker;
struct StagedRestoreReport;

// What a backup is to be made of.
struct CreateRequest
{
    QString name {}; // for people; empty: "Custom backup <version>", "Automatic backup <version>"
    QStringList agents {}; // ids; empty: those of the automatic settings
    QStringList sources {}; // names; empty: all
    bool includeHub = true;
    bool automatic = false;
    bool full = false;
    bool plain = false; // not encrypted, whatever is configured
    QString password {}; // where no recipients are configured
};

// Why retention is looked at: there is a new backup, or only time has passed.
enum class Pruning { AfterBackup, ByAge };

// What is to be put back, and where.
struct RestoreOrder
{
    BackupId id {};
    QString agentId {}; // empty: whichever is nearest
    bool data = true; // the sources
    bool metadata = true; // the hub's databases
    bool config = false; // the hub's configuration and automations
    QStringList sources {};
    QStringList include {}; // globs
    QString target {}; // folder; empty: in place
    QString password {}; // of an encrypted backup; besides the hub's own keys
};

struct OperationOutcome
{
    BackupId id {};
    QMap<QString, Error> agentErrors {}; // a backup's, where some agent failed
    qint64 reusedBytes = 0; // of a backup's content, taken over from the one before
    RestoreOutcome restored {};
    bool restartNeeded = false; // a restore of the hub itself waits for the next start
    VerifyReport verified {};
    DrillReport drilled {};
    QString drilledAgent {}; // whose copy it was
    bool wasDrillHeld = false; // else it proves nothing
    bool wasDrillLocked = false; // for want of a key, and the file is what was stored
    std::chrono::milliseconds drillTime {};
    std::optional<Error> hookError {}; // of the hook after a backup that was kept
    QList<Warning> warnings {}; // of a backup
    // Why the operation counts as failed although there is a backup, or a part of the restore:
    // an agent, a source or a file that is missing, or a hook that failed after it.
    std::optional<Error> problem {};
};

struct StartedOperation
{
    BackupId id;
    // Fulfilled on the main thread. Cancelling it cancels the operation. An error where
    // nothing came of it; look at problem otherwise.
    QFuture<Result<OperationOutcome>> done;
};

// How a copy is to be that one agent gets from another's.
struct CopyWish
{
    std::optional<bool> isProtected {}; // nothing: as it is elsewhere
    AgeRecipients recipients {}; // for whom a plain one is encrypted
};

// A file to read a backup from. Destroying it removes what was downloaded for it.
class FetchedBackup
{
public:
    FetchedBackup(QString path, bool isTemporary)
        : m_path(std::move(path))
        , m_isTemporary(isTemporary)
    {
    }
    ~FetchedBackup();
    FetchedBackup(const FetchedBackup &) = delete;
    FetchedBackup &operator=(const FetchedBackup &) = delete;

    const QString &path() const { return m_path; }
    bool isTemporary() const { return m_isTemporary; } // else it is the agent's own file

private:
    const QString m_path;
    const bool m_isTemporary;
};

class BackupManager : public QObject
{
    Q_OBJECT

public:
    struct Parts
    {
        QString dataFolder; // of the hub
        QString instanceId;
        const Clock &clock;
        Catalog &catalog;
        // Names of all sources, and fresh objects for those named.
        std::function<QStringList()> sourceNames;
        std::function<Result<std::vector<std::unique_ptr<BackupSource>>>(
            const QStringList &names, bool includeHub)>
            makeSources;
        // Around the reading of the sources, on the backup thread; after() runs always.
        std::function<Result<void>(JobControl &)> before;
        std::function<Result<void>(JobControl &)> after;
        // Why create() is to be refused; null: never. Single databases and restores go on.
        std::function<Result<void>()> mayCreate {};
        std::chrono::milliseconds timeout = std::chrono::hours(2);
        std::chrono::milliseconds stallTimeout = std::chrono::minutes(15);
        // Where backups go when nobody says; null, or none of them: the first local agent.
        std::function<QStringList()> defaultAgents {};
        // The hub's own databases: what is run on the copies that createDatabase() makes of
        // them, by name ("state"). They lie at <dataFolder>/data/<name>.db.
        QMap<QString, QList<QByteArray>> hubDatabases { { QStringLiteral("state"), {} },
            { QStringLiteral("history"), {} } };
        // Whom a backup is encrypted to; null: nobody.
        std::function<EncryptionPlan(const CreateRequest &)> encryption {};
        // What the hub opens encrypted backups with; null: nothing.
        std::function<AgeKeys()> keys {};
        // The commands that take the files of commands' sources back, by source; null: none.
        std::function<QMap<QString, QStringList>()> restoreCommands {};
        // What retention lets go of, by agent, as the catalog is; null: nothing ever.
        std::function<QMap<QString, QList<BackupId>>(Pruning)> surplus {};
        // Never goes back and never jumps, for time-outs; null: the system's.
        std::function<std::chrono::milliseconds()> uptime {};
        // Waits before an upload is tried again, on its agent's thread; null: really.
        std::function<void(std::chrono::milliseconds, JobControl &)> pause {};
    };

    explicit BackupManager(Parts parts, QObject *parent = nullptr);

    // Cancels what runs and waits for it.
    ~BackupManager() override;

    // --- Agents. Ids are "<type>.<name>"; "backup.local" is understood as the first local one.
    void addAgent(std::shared_ptr<BackupAgent> agent);
    void removeAgent(const QString &id);
    QStringList agentIds() const; // in the order in which they were added
    QString resolveAgent(const QString &id) const; // empty: there is none
    bool isLocalAgent(const QString &id) const; // a folder of this machine
    QMap<QString, QString> agentErrors() const; // what listing them last failed with
    QMap<QString, qint64> freeSpace() const; // bytes, of those agents that say it
    // Those that had several backups and list none, which is taken for a disk that is not mounted:
    // what they had stays in the list. agentErrors() says it.
    QStringList emptiedAgents() const;

    // Lists the agents again, each on its thread; backupsChanged() tells of changes.
    QFuture<void> refresh();
    // The same of one; what it failed with.
    QFuture<Result<void>> refreshAgent(const QString &agentId);
    // Brings a backup to an agent that has missed it, from another one's copy; where that agent's
    // own was found damaged it is set aside first, once the other has proved sound. NotFound: there
    // is none that will do. Corrupt: it is damaged. At all times.
    QFuture<Result<void>> copyTo(const BackupId &id, const QString &agentId, const CopyWish &wish,
        const std::shared_ptr<JobControl> &control);
    // Lists the agents and deletes what retention lets go of; create() ends with it. On one
    // agent, or, where that is empty, on all.
    QFuture<void> prune(Pruning pruning, const QString &agentId = {});

    // --- Operations: Busy, InvalidArgument or NotFound at once; how they went comes later.
    Result<StartedOperation> create(const CreateRequest &request);
    Result<StartedOperation> restore(const RestoreOrder &order);
    Result<StartedOperation> verify(const QString &id);
    // Restores it into a scratch folder and compares what came back; see restoredrill.h. From
    // agentId's copy, or, where that is empty, from the nearest.
    Result<StartedOperation> drill(const QString &id, const QString &agentId = {});
    // When idle it drops a restore of the hub that waits for the next start.
    void cancel();
    // Cancels what runs, waits for it, and blocks: the hub is about to end.
    void shutDown();

    // What restore() would do, as the answer to "preview": true; nothing is touched.
    QFuture<Result<QJsonObject>> preview(const RestoreOrder &order);

    // Takes a backup in that was made elsewhere: the caller writes its bytes to the new file
    // `path`, then calls finishReceiving(), or dropReceived(). Busy for others meanwhile.
    struct Reception
    {
        QString path;
        qint64 freeBytes = 0;
    };
    Result<Reception> receive(const QStringList &agents);
    // Proves and stores it. Corrupt: nothing was kept.
    QFuture<Result<BackupId>> finishReceiving();
    void dropReceived(const QString &reason);

    // One database as a plain, proved SQLite file; NotFound names what there is.
    QFuture<Result<AgentBackup>> createDatabase(const QString &name);
    struct RestoredDatabase
    {
        QString database;
        QString restoredFrom; // file name
        bool restartNeeded = false; // the hub's own wait for the next start
    };
    QFuture<Result<RestoredDatabase>> restoreDatabase(const QString &idOrFilename);

    // --- At all times.
    // From every agent that has it; the errors of those that failed, by agent.
    QFuture<Result<QMap<QString, Error>>> remove(const QString &idOrFilename);
    QFuture<Result<std::shared_ptr<FetchedBackup>>> fetch(
        const BackupId &id, const QString &agentId = {});
    // Of an agent's encrypted copy: whether a password opens it, and what is in it, as a file of
    // its own. Unauthorized: the password is wrong. InvalidArgument: it has none, but recipients.
    QFuture<Result<void>> checkPassword(
        const BackupId &id, const QString &agentId, const QString &password);
    QFuture<Result<std::shared_ptr<FetchedBackup>>> decrypt(
        const BackupId &id, const QString &agentId, const QString &password);
    // What opens them where they are encrypted, with a password that somebody gave.
    AgeKeys keys(const QString &password = {}) const;
    // Whether the hub is meant to open what it encrypts like this one: it has a key of those that
    // backups are encrypted to, or the password that it makes automatic ones with.
    bool meansToOpen(const AgentBackup &backup) const;
    const QString &instanceId() const { return m_parts.instanceId; }

    QList<CatalogEntry> backups() const { return m_parts.catalog.all(); } // newest first
    std::optional<CatalogEntry> backup(const QString &idOrFilename) const
    {
        return m_parts.catalog.find(idOrFilename);
    }

    ManagerState state() const { return m_lastEvent.state; }
    const ManagerEvent &lastEvent() const { return m_lastEvent; }
    const std::optional<ManagerEvent> &lastActionEvent() const { return m_lastActionEvent; }
    OperationStatus status() const;

    // Of operations that begin from now on.
    void setTimeout(std::chrono::milliseconds timeout) { m_parts.timeout = timeout; }

    // The hub came up: Blocked becomes Idle.
    void unblock();

signals:
    void eventFired(const hubkeep::backup::ManagerEvent &event);
    void progressChanged(const hubkeep::backup::OperationStatus &status); // four times a second
    void operationFinished(const hubkeep::backup::OperationStatus &status);
    void backupsChanged();
    // Copies that an agent had are not there any more, this hub did not delete them, and they are
    // not brought there again. Said once.
    void copiesVanished(const QString &agentId, const QList<hubkeep::backup::BackupId> &ids,
        const QList<hubkeep::backup::BackupId> &lost); // those of ids that nobody has any more

private:
    void hurryAgents();
    struct Operation; // the one that runs: backupoperation.h
    struct Data;
    struct Made;
    using Outcome = Result<OperationOutcome>;
    using Workers = QList<std::shared_ptr<AgentWorker>>;

    // --- backupmanager.cpp: the state machine
    void enter(const ManagerEvent &event);
    void tellOfRestore(const StagedRestoreReport &report);
    Result<void> checkIdle() const;
    Operation &begin(ManagerState state, const QString &kind, const BackupId &id);
    Result<StartedOperation> started();
    void enterStage(const QString &stage); // of Home Assistant
    void finish(Outcome outcome, const QString &reason);
    Error refuse(const Error &error); // finish() before anything was done
    void stop(const Error &why);
    void sample();
    void updateStatus();
    void onBackupThread(std::function<void()> work);
    void onMainThread(std::function<void()> work);

    // --- createoperation.cpp
    Workers chooseAgents(const QStringList &wanted, QStringList &unavailable) const;
    void make(std::function<Result<Made>(JobControl &)> job);
    static Result<void> finishMade(Made &made, const QStringList &agentIds, JobControl &control);
    void upload(Result<Made> made);
    void noteUpload();
    void noteStored(const QString &agentId);
    void keep(const QMap<QString, Error> &agentErrors);
    void dropCancelled(const QMap<QString, Error> &agentErrors);
    void finishCancelled(const QMap<QString, Error> &kept);

    // --- pruneoperation.cpp
    void cleanUp(const OperationOutcome &outcome);
    void removeSurplus(
        Pruning pruning, const QString &agentId, const std::shared_ptr<QPromise<void>> &promise);
    void noteLeaving(const QString &agentId, const QList<BackupId> &ids);
    void keepCopy(const BackupId &id, const QString &agentId);
    void dropCopies(const BackupId &id, const QStringList &agentIds);

    // --- receiveoperation.cpp, restoreoperation.cpp, drilloperation.cpp, databaseoperation.cpp
    void takeReceived(Result<Made> made);
    void takeProof(const QMap<QString, Result<VerifyReport>> &proofs);
    struct Drilled;
    void takeDrill(const Drilled &drilled);
    Result<CatalogEntry> checkOrder(const RestoreOrder &order) const;
    void takeRestored(const Outcome &outcome);
    void startRestore(const CatalogEntry &entry, const QString &agentId,
        std::function<Outcome(const QString &path, JobControl &)> restore);
    Result<QByteArray> databasePath(const QString &name, bool &isHub) const;

    // --- agentcopies.cpp: what no agent has lies in the staging folder
    QString stagedPath(const CatalogEntry &entry) const;
    void clearStaging();
    void dropStaged(const CatalogEntry &entry);
    void giveStaged(const CatalogEntry &entry, const std::shared_ptr<AgentWorker> &target,
        const CopyWish &wish, const std::shared_ptr<JobControl> &control,
        const std::function<void(const Result<void> &)> &answer);

    // --- agentcalls.cpp
    Workers workersWith(const CatalogEntry &entry, const QString &agentId) const; // nearest first
    std::optional<QSet<BackupId>> expectedBy(const QString &agentId) const;
    Result<void> takeListed(const QString &agentId, const Result<QList<AgentBackup>> &listed);
    Result<void> checkEmptied(const QString &agentId, const QList<AgentBackup> &listed) const;
    void tellVanished(const QString &agentId, const QList<Catalog::Vanished> &vanished);
    void saveEntry(const CatalogEntry &entry);
    std::shared_ptr<AgentWorker> sourceFor(
        const CatalogEntry &entry, const QString &agentId, const CopyWish &wish) const;
    Result<void> takeCopied(const AgentBackup &stored, const QString &agentId,
        const Result<void> &done, bool wasSetAside);

    Parts m_parts;
    ManagerEvent m_lastEvent;
    std::optional<ManagerEvent> m_lastActionEvent;
    std::unique_ptr<Data> m_data;
};

} // namespace hubkeep::backup
