// What the manager does for agents that were away: asks one, and brings it a backup.

#include "automation/core/filedescriptor.h"
#include "integrations/backup/archive/workerpool.h"
#include "integrations/backup/backupfolder.h"
#include "integrations/backup/backupoperation.h"
#include "integrations/backup/encryptedfile.h"
#include "integrations/backup/filedigest.h"
#include "integrations/backup/uploader.h"

#include <QFile>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QSet>

#include <utility>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(copyLog, "hubkeep.backup")

// The document of the same backup as another agent stores it.
AgentBackup storedAs(const CatalogEntry &entry, const StoredCopy &copy)
{
    AgentBackup backup = entry.backup;
    backup.filename = copy.filename;
    backup.size = copy.size;
    backup.sha256 = copy.sha256;
    backup.isProtected = copy.isProtected;
    return backup;
}

// On the agent's thread. What was damaged where it lay is not passed on.
Result<void> checkCopy(const AgentBackup &backup, const QString &path, JobControl &control)
{
    if (backup.sha256.isEmpty())
        return {};
    const Result<QString> digest = fileSha256(toPath(path), control);
    if (!digest)
        return digest.error();
    if (*digest == backup.sha256)
        return {};
    return Error { ErrorCode::Corrupt,
        QStringLiteral("The copy of %1 that was to be passed on is damaged").arg(backup.id) };
}

// Encrypts the file into one beside the others that are in the making.
Result<void> seal(AgentBackup &backup, const QString &path, const QString &sealedPath,
    const AgeRecipients &recipients, JobControl &control)
{
    WorkerPool pool;
    const Result<qint64> size
        = encryptFile(toPath(path), toPath(sealedPath), recipients, pool, control);
    if (!size)
        return size.error();
    const Result<QString> digest = fileSha256(toPath(sealedPath), control);
    if (!digest)
        return digest.error();
    backup.filename += QLatin1String(".age");
    backup.size = *size;
    backup.sha256 = *digest;
    backup.isProtected = true;
    return {};
}

// Whether the agent's own copy is to be set aside, and whether that was done.
struct SettingAside
{
    bool isWanted = false;
    bool wasDone = false;
};

struct GivenFile
{
    QString path;
    bool isAgents = false; // another agent's own file: it stays there
    AgeRecipients recipients {}; // whom it is encrypted to on its way; empty: it goes as it is
    QString sealedPath {};
};

// backup becomes what was stored.
Result<void> uploadChecked(BackupAgent &agent, AgentBackup &backup, const GivenFile &file,
    SettingAside &aside, JobControl &control)
{
    Result<void> done;
    const bool isSealed = !file.recipients.isEmpty();
    if (isSealed)
        done = seal(backup, file.path, file.sealedPath, file.recipients, control);
    if (done && aside.isWanted) {
        done = agent.setAside(backup.id);
        aside.wasDone = bool(done);
    }
    if (done) {
        control.enterStage("Uploading", backup.size);
        if (isSealed)
            done = agent.upload(backup, file.sealedPath, control);
        else
            done = file.isAgents ? agent.uploadCopy(backup, file.path, control)
                                 : agent.upload(backup, file.path, control);
    }
    if (done)
        done = proveArrival(agent, backup, isSealed ? file.sealedPath : file.path, control);
    if (isSealed)
        QFile::remove(file.sealedPath);
    return done;
}

enum class Fitness { Unfit, Second, Fit };

bool mustBeSealed(const AgentBackup &backup, const StoredCopy &copy, const CopyWish &wish)
{
    return backup.kind == BackupKind::Archive && wish.isProtected.value_or(false)
        && !copy.isProtected;
}

// An encrypted copy is better than none; a plain one is not where it should be encrypted.
Fitness fitnessOf(const AgentBackup &backup, const StoredCopy &copy, const CopyWish &wish)
{
    if (mustBeSealed(backup, copy, wish))
        return wish.recipients.isEmpty() ? Fitness::Unfit : Fitness::Second;
    return copy.isProtected && !wish.isProtected.value_or(true) ? Fitness::Second : Fitness::Fit;
}

} // namespace

QFuture<Result<void>> BackupManager::refreshAgent(const QString &agentId)
{
    const Answer<Result<void>> answer;
    const std::shared_ptr<AgentWorker> worker = m_data->worker(agentId);
    if (!worker || m_data->isShutDown) {
        answer.give(Error {
            ErrorCode::NotFound, QStringLiteral("The agent %1 is not configured").arg(agentId) });
        return answer.future();
    }
    worker->start([this, answer, agentId](BackupAgent &agent) {
        const Result<QList<AgentBackup>> listed = agent.list();
        onMainThread([this, answer, agentId, listed] {
            Result<void> taken = listed ? Result<void>() : Result<void>(listed.error());
            if (m_data->worker(agentId)) {
                taken = takeListed(agentId, listed);
                emit backupsChanged();
            }
            answer.give(taken);
        });
    });
    return answer.future();
}

// The nearest copy that fits as it is; of plain and encrypted ones, what nobody else can read.
std::shared_ptr<AgentWorker> BackupManager::sourceFor(
    const CatalogEntry &entry, const QString &agentId, const CopyWish &wish) const
{
    std::shared_ptr<AgentWorker> best;
    const bool isReplaced = entry.damagedAgents.contains(agentId); // by what is known to be sound
    std::pair<Fitness, bool> bestIs { Fitness::Unfit, false };
    for (const auto &worker : workersWith(entry, {})) {
        const StoredCopy copy = entry.agents.value(worker->id());
        const std::pair<Fitness, bool> is { fitnessOf(entry.backup, copy, wish), copy.isProtected };
        if (worker->id() == agentId || entry.damagedAgents.contains(worker->id())
            || is.first == Fitness::Unfit || (best && is <= bestIs)
            || (isReplaced && copy.sha256.isEmpty()))
            continue;
        best = worker;
        bestIs = is;
    }
    return best;
}

// Where a backup lies that the hub was killed with before any agent had it; empty: it does not.
QString BackupManager::stagedPath(const CatalogEntry &entry) const
{
    const QString path = m_data->staging + u'/' + entry.backup.filename;
    const QFileInfo file(path);
    const bool isThere = entry.agents.isEmpty() && entry.backup.kind == BackupKind::Archive
        && !file.isSymLink() && file.isFile() && file.size() == entry.backup.size;
    return isThere ? path : QString();
}

// What nobody else has is kept for those who are owed it; nothing else in the staging folder
// outlives its operation.
void BackupManager::clearStaging()
{
    QSet<QByteArray> kept;
    for (const CatalogEntry &entry : backups()) {
        if (!entry.agents.isEmpty())
            continue;
        if (!stagedPath(entry).isEmpty())
            kept.insert(toPath(entry.backup.filename));
        else
            dropStaged(entry);
    }
    const Result<QList<QByteArray>> names = namesInFolder(toPath(m_data->staging));
    if (!names)
        return;
    for (const QByteArray &name : *names) {
        // Of an upload that this hub, which is ending, will go on with when it starts.
        const bool isOwed = m_parts.catalog.isUploading(QString::fromLatin1(name.left(31)))
            && (name.endsWith(".zip") || name.endsWith(".zip.age"));
        if (!kept.contains(name) && !isOwed)
            removeRecursively(toPath(m_data->staging) + '/' + name);
    }
}

// Nobody has it, and nobody will.
void BackupManager::dropStaged(const CatalogEntry &entry)
{
    QFile::remove(m_data->staging + u'/' + entry.backup.filename);
    const Result<void> done = m_parts.catalog.remove(entry.backup.id);
    if (!done)
        qCWarning(copyLog).noquote() << done.error().message;
}

// On the way the file is taken for another agent's copy.
void BackupManager::giveStaged(const CatalogEntry &entry,
    const std::shared_ptr<AgentWorker> &target, const CopyWish &wish,
    const std::shared_ptr<JobControl> &control,
    const std::function<void(const Result<void> &)> &answer)
{
    const AgentBackup stored = entry.backup;
    const AgeRecipients recipients
        = mustBeSealed(stored, copyOf(stored), wish) ? wish.recipients : AgeRecipients();
    target->start([=, this, path = stagedPath(entry)](BackupAgent &agent) {
        AgentBackup given = stored;
        const Result<void> whole = checkCopy(given, path, *control);
        SettingAside nothing;
        const GivenFile file { path, false, recipients, m_data->temporaryPath("seal") };
        const Result<void> done
            = whole ? uploadChecked(agent, given, file, nothing, *control) : whole;
        onMainThread([=, this] {
            const Result<void> taken = takeCopied(given, target->id(), done, false);
            if (taken)
                QFile::remove(path);
            else if (!whole && whole.error().code == ErrorCode::Corrupt)
                dropStaged(entry);
            answer(taken);
            if (!whole)
                emit backupsChanged();
        });
    });
}

QFuture<Result<void>> BackupManager::copyTo(const BackupId &id, const QString &agentId,
    const CopyWish &wish, const std::shared_ptr<JobControl> &control)
{
    const Answer<Result<void>> answer;
    const std::optional<CatalogEntry> entry = backup(id);
    const std::shared_ptr<AgentWorker> target = m_data->worker(agentId);
    const std::shared_ptr<AgentWorker> source
        = entry ? sourceFor(*entry, agentId, wish) : std::shared_ptr<AgentWorker>();
    const bool isReplacing
        = entry && entry->agents.contains(agentId) && entry->damagedAgents.contains(agentId);
    const bool isStaged = entry && !source && !isReplacing && !stagedPath(*entry).isEmpty()
        && fitnessOf(entry->backup, copyOf(entry->backup), wish) != Fitness::Unfit;
    if (target && isStaged) {
        giveStaged(*entry, target, wish, control,
            [answer](const Result<void> &done) { answer.give(done); });
        return answer.future();
    }
    if (!target || !source) {
        answer.give(Error { ErrorCode::NotFound,
            QStringLiteral("No agent has a sound copy of %1 that is %2")
                .arg(id,
                    wish.isProtected.value_or(false) ? QLatin1String("encrypted")
                                                     : QLatin1String("as it should be there")) });
        return answer.future();
    }
    const StoredCopy copy = entry->agents.value(source->id());
    const AgentBackup stored = storedAs(*entry, copy);
    const AgeRecipients recipients
        = mustBeSealed(stored, copy, wish) ? wish.recipients : AgeRecipients();
    source->start([=, this](BackupAgent &from) {
        const auto fetched = fetchBy(from, stored.id, m_data->temporaryPath("fetch"), *control);
        onMainThread([=, this] {
            if (!fetched) {
                answer.give(fetched.error());
                return;
            }
            target->start([=, this](BackupAgent &agent) {
                AgentBackup given = stored;
                SettingAside aside { isReplacing };
                Result<void> done = checkCopy(given, (*fetched)->path(), *control);
                const GivenFile file { (*fetched)->path(), !(*fetched)->isTemporary(), recipients,
                    m_data->temporaryPath("seal") };
                if (done)
                    done = uploadChecked(agent, given, file, aside, *control);
                onMainThread(
                    [=, this] { answer.give(takeCopied(given, agentId, done, aside.wasDone)); });
            });
        });
    });
    return answer.future();
}

// Of a backup that was deleted meanwhile the new copy goes, too. One that was set aside for a
// copy that did not come is missed from now on.
Result<void> BackupManager::takeCopied(
    const AgentBackup &stored, const QString &agentId, const Result<void> &done, bool wasSetAside)
{
    const std::shared_ptr<AgentWorker> worker = m_data->worker(agentId);
    std::optional<CatalogEntry> entry = backup(stored.id);
    if (!done && wasSetAside && entry) {
        entry->agents.remove(agentId);
        entry->damagedAgents.removeAll(agentId);
        if (!entry->failedAgents.contains(agentId))
            entry->failedAgents.append(agentId);
        saveEntry(*entry);
    }
    if (!done)
        return done.error().in(QStringLiteral("Uploading %1 to %2").arg(stored.id, agentId));
    if (entry && worker) {
        entry->agents.insert(
            agentId, { stored.filename, stored.size, stored.sha256, stored.isProtected });
        entry->failedAgents.removeAll(agentId);
        entry->damagedAgents.removeAll(agentId);
        saveEntry(*entry);
    } else if (worker) {
        worker->start([id = stored.id](BackupAgent &agent) { (void)agent.remove(id); });
    }
    return {};
}

} // namespace hubkeep::backup
