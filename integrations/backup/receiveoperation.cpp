// Taking a backup in that was made elsewhere, and proving what is here.

#include "integrations/backup/backupoperation.h"

#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/archive/workerpool.h"
#include "integrations/backup/database.h"
#include "integrations/backup/filedigest.h"

#include <QFile>
#include <QJsonObject>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

Result<VerifyReport> proveArchive(const QString &path, const AgeKeys &keys, JobControl &control)
{
    const Result<ArchiveReader> archive = openStored(toPath(path), keys);
    if (!archive)
        return archive.error();
    WorkerPool pool(0);
    return runVerify(*archive, {}, pool, control);
}

Result<VerifyReport> proveDatabase(const QString &path, JobControl &control)
{
    control.enterStage("Verifying", QFile(path).size(), 1);
    const Result<QByteArray> said = quickCheck(toPath(path), control);
    if (!said && said.error().code != ErrorCode::Unavailable)
        return said.error();
    VerifyReport report;
    report.databases = 1;
    if (said && !said->isEmpty())
        report.problems.append({ {}, QString::fromUtf8(*said) });
    return report;
}

// The copy is not what it should be; all else says that it could not be looked at.
bool isDamage(const Error &error)
{
    return error.code == ErrorCode::Corrupt || error.code == ErrorCode::NotFound;
}

// The file as it was stored, then what is in it; of one that is encrypted to others only the first.
Result<VerifyReport> proveCopy(const CatalogEntry &entry, const QString &agentId,
    const QString &path, const AgeKeys &keys, JobControl &control)
{
    const QString expected = entry.sha256On(agentId);
    Result<VerifyReport> report = entry.backup.kind == BackupKind::Database
        ? proveDatabase(path, control)
        : proveArchive(path, keys, control);
    if (!report && isLocked(report.error()) && !expected.isEmpty()) {
        report = VerifyReport {};
        report->isDigestOnly = true;
        report->marks.append({ {},
            QStringLiteral("The hub has no key that opens it: it is, byte for byte, what was "
                           "stored, and what is in it was not looked at") });
    }
    if (!report || !report->problems.isEmpty() || expected.isEmpty())
        return report;
    control.enterStage("Verifying", QFile(path).size());
    const Result<void> asStored = checkSha256(toPath(path), expected, control);
    if (!asStored)
        return asStored.error();
    return report;
}

// Of several sound copies what was looked into says more; all that was marked is told.
void takeSound(VerifyReport &told, const VerifyReport &report)
{
    const QList<Problem> marks = told.marks;
    if (!report.isDigestOnly)
        told = report;
    for (const Problem &mark : report.isDigestOnly ? report.marks : marks) {
        const bool isTold
            = std::any_of(told.marks.begin(), told.marks.end(), [&](const Problem &other) {
                  return other.path == mark.path && other.message == mark.message;
              });
        if (!isTold)
            told.marks.append(mark);
    }
}

// Whoever sent the file does not know its name here.
Error aboutReceived(Error error, const QString &path)
{
    error.message.replace(QStringLiteral("Opening the backup %1").arg(displayName(toPath(path))),
        QStringLiteral("What was received is no sound backup"));
    return error;
}

Result<void> flushFile(const QString &path)
{
    const FileDescriptor file(::open(toPath(path).constData(), O_RDONLY | O_CLOEXEC));
    if (!file.isOpen() || ::fsync(file.get()) != 0)
        return systemError(errno).in(QStringLiteral("Flushing what was received"));
    ::fchmod(file.get(), 0400);
    return {};
}

} // namespace

Result<BackupManager::Reception> BackupManager::receive(const QStringList &agents)
{
    const Result<void> idle = checkIdle();
    if (!idle)
        return idle.error();
    QStringList unavailable;
    const Workers chosen = chooseAgents(agents, unavailable);
    if (chosen.isEmpty())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("At least one available backup agent must be selected, got [%1]")
                .arg(unavailable.join(QStringLiteral(", "))) };
    struct statvfs room;
    if (::statvfs(toPath(m_data->staging).constData(), &room) != 0)
        return systemError(errno).in(QStringLiteral("Opening %1").arg(m_data->staging));
    Operation &operation = begin(ManagerState::ReceiveBackup, QStringLiteral("upload"), {});
    operation.reason = QStringLiteral("unknown_error");
    operation.agents = chosen;
    operation.unavailableAgents = unavailable;
    operation.receivedPath = m_data->temporaryPath("received");
    operation.awaitsCaller = true;
    const Reception reception { operation.receivedPath,
        qint64(room.f_bavail) * qint64(room.f_frsize) };
    enter({ ManagerState::ReceiveBackup, QStringLiteral("in_progress") });
    enterStage(QStringLiteral("receive_file"));
    return reception;
}

void BackupManager::dropReceived(const QString &reason)
{
    Operation *operation = m_data->operation.get();
    if (operation && operation->awaitsCaller)
        stop({ ErrorCode::Io, QStringLiteral("Receiving a backup: %1").arg(reason) });
}

QFuture<Result<BackupId>> BackupManager::finishReceiving()
{
    const Answer<Result<BackupId>> answer;
    Operation *operation = m_data->operation.get();
    if (!operation || !operation->awaitsCaller) {
        answer.give(Error {
            ErrorCode::Cancelled, QStringLiteral("Receiving a backup: it was stopped meanwhile") });
        return answer.future();
    }
    operation->awaitsCaller = false;
    operation->answer = [answer](const Outcome &outcome) {
        answer.give(outcome ? Result<BackupId>(outcome->id) : Result<BackupId>(outcome.error()));
    };
    onBackupThread([this, path = operation->receivedPath, now = m_parts.clock.now(),
                       opening = keys(), control = operation->control] {
        const auto prove = [&]() -> Result<Made> {
            const Result<VerifyReport> report = proveArchive(path, opening, *control);
            if (!report && report.error().code == ErrorCode::NotFound)
                return Error { ErrorCode::Corrupt, QStringLiteral("Nothing was received") };
            if (!report)
                return asWrongKey(aboutReceived(report.error(), path));
            if (!report->problems.isEmpty())
                return Error { ErrorCode::Corrupt, summaryOf(report->problems) };
            Result<AgentBackup> described = describeArchive(toPath(path), opening);
            control->enterStage("Verifying", QFile(path).size());
            const Result<QString> digest = fileSha256(toPath(path), *control);
            const Result<void> flushed = flushFile(path);
            if (!described || !digest || !flushed)
                return !described ? described.error() : !digest ? digest.error() : flushed.error();
            described->sha256 = *digest;
            described->verified = now;
            return Made { *described, path };
        };
        const Result<Made> made = prove();
        onMainThread([this, made] { takeReceived(made); });
    });
    return answer.future();
}

// An id is one backup for ever: the same bytes again are welcome, others are not.
void BackupManager::takeReceived(Result<Made> made)
{
    Operation &operation = *m_data->operation;
    if (!made) {
        finish(made.error(), operation.reason);
        return;
    }
    m_data->status.backupId = made->backup.id;
    const std::optional<CatalogEntry> known = backup(made->backup.id);
    if (known) {
        if (known->backup.size != made->backup.size
            || (!known->backup.sha256.isEmpty() && known->backup.sha256 != made->backup.sha256)) {
            finish(Error { ErrorCode::InvalidArgument,
                       QStringLiteral("There is another backup with the id %1; delete it first")
                           .arg(made->backup.id) },
                operation.reason);
            return;
        }
        made->backup.automatic = known->backup.automatic;
        made->backup.instanceId = known->backup.instanceId;
        operation.agents.removeIf(
            [&](const auto &worker) { return known->agents.contains(worker->id()); });
        if (operation.agents.isEmpty()) {
            OperationOutcome outcome;
            outcome.id = made->backup.id;
            finish(outcome, operation.reason);
            return;
        }
    }
    upload(made);
}

Result<StartedOperation> BackupManager::verify(const QString &id)
{
    const Result<void> idle = checkIdle();
    if (!idle)
        return idle.error();
    const std::optional<CatalogEntry> entry = backup(id);
    if (!entry)
        return Error { ErrorCode::NotFound, QStringLiteral("There is no backup %1").arg(id) };
    Operation &operation = begin(ManagerState::Blocked, QStringLiteral("verify"), entry->backup.id);
    m_data->status.stage = QStringLiteral("verifying");
    enter({ ManagerState::Blocked });
    Result<StartedOperation> answer = started();
    onBackupThread([this, entry = *entry, workers = workersWith(*entry, {}), opening = keys(),
                       control = operation.control] {
        QMap<QString, Result<VerifyReport>> proofs;
        for (const auto &worker : workers) {
            const Result<std::shared_ptr<FetchedBackup>> file = fetchFrom(
                { worker }, entry.backup.id, [this] { return m_data->temporaryPath("fetch"); },
                control);
            const Result<VerifyReport> proof = file
                ? proveCopy(entry, worker->id(), (*file)->path(), opening, *control)
                : Result<VerifyReport>(file.error());
            proofs.insert(worker->id(), proof);
            if (control->cancelled())
                break;
        }
        onMainThread([this, proofs] { takeProof(proofs); });
    });
    return answer;
}

// Of every agent's copy. One that could not be read proves nothing, neither good nor bad.
void BackupManager::takeProof(const QMap<QString, Result<VerifyReport>> &proofs)
{
    const BackupId id = m_data->status.backupId;
    std::optional<CatalogEntry> entry = backup(id);
    Error failure { ErrorCode::NotFound,
        QStringLiteral("No agent that is configured has the backup %1").arg(id) };
    QStringList messages;
    QJsonObject errors;
    bool isDamaged = false;
    bool isDigestOnly = false; // some copy
    OperationOutcome outcome;
    outcome.id = id;
    for (auto proof = proofs.begin(); proof != proofs.end(); ++proof) {
        // What cannot even be opened is a copy with one problem.
        const bool isOpen = proof->ok();
        VerifyReport report = isOpen ? **proof : VerifyReport {};
        if (!isOpen && isDamage(proof->error()))
            report.problems.append({ {}, proof->error().message });
        const bool isBad = !report.problems.isEmpty();
        isDigestOnly = isDigestOnly || report.isDigestOnly;
        if (entry)
            entry->damagedAgents.removeAll(proof.key());
        if (entry && isBad)
            entry->damagedAgents.append(proof.key());
        // Of several copies the damaged ones are told.
        if (isBad && outcome.verified.problems.isEmpty())
            outcome.verified = report;
        else if (isBad)
            outcome.verified.problems += report.problems;
        else if (isOpen && outcome.verified.problems.isEmpty())
            takeSound(outcome.verified, report);
        if (isOpen && !isBad)
            continue;
        const Error why
            = isBad ? Error { ErrorCode::Corrupt, summaryOf(report.problems) } : proof->error();
        if (messages.isEmpty() || (isBad && !isDamaged))
            failure.code = why.code;
        isDamaged = isDamaged || isBad;
        messages.append(QStringLiteral("%1: %2").arg(proof.key(), why.message));
        errors.insert(proof.key(), why.message);
    }
    if (!messages.isEmpty())
        failure.message = messages.join(QStringLiteral("; "));
    const bool isProved = !proofs.isEmpty() && messages.isEmpty();
    outcome.verified.isDigestOnly = isDigestOnly;
    if (entry && !m_data->operation->stopped && (isProved || isDamaged)) {
        if (isDamaged)
            entry->backup.verified = {};
        else if (!isDigestOnly) // else it is as well known as before
            entry->backup.verified = m_parts.clock.now();
        saveEntry(*entry);
    }
    if (isProved) {
        finish(outcome, {});
        return;
    }
    m_data->status.result = resultOf(m_data->status.operation, outcome);
    m_data->status.result.insert(QStringLiteral("ok"), false);
    m_data->status.result.insert(QStringLiteral("agent_errors"), errors);
    finish(failure.in(QStringLiteral("Verifying %1").arg(id)), {});
}

} // namespace hubkeep::backup
