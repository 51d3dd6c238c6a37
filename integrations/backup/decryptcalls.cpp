// Copies that somebody has the password of, for those who cannot open age files themselves.

#include "integrations/backup/archive/workerpool.h"
#include "integrations/backup/backupoperation.h"
#include "integrations/backup/encryptedfile.h"

namespace hubkeep::backup {
namespace {

// Neither recipients' keys nor the hub's own: they are no answer to somebody's password.
Result<void> checkFile(const QString &path, const AgeKeys &keys)
{
    const Result<bool> takesPassword = hasPassphrase(toPath(path));
    if (!takesPassword)
        return takesPassword.error();
    if (!*takesPassword)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("It is encrypted to recipients, and no password opens it; use hubkeep "
                           "decrypt with --identity") };
    return checkKeys(toPath(path), keys);
}

} // namespace

QFuture<Result<void>> BackupManager::checkPassword(
    const BackupId &id, const QString &agentId, const QString &password)
{
    const Answer<Result<void>> answer;
    const AgeKeys keys { {}, password.toUtf8() };
    fetch(id, agentId)
        .then(this, [this, answer, keys](const Result<std::shared_ptr<FetchedBackup>> &file) {
            if (!file)
                return answer.give(file.error());
            m_data->looking.start([this, answer, keys, file = *file] {
                const Result<void> checked = checkFile(file->path(), keys);
                onMainThread([answer, checked] { answer.give(checked); });
            });
        });
    return answer.future();
}

QFuture<Result<std::shared_ptr<FetchedBackup>>> BackupManager::decrypt(
    const BackupId &id, const QString &agentId, const QString &password)
{
    using Fetched = Result<std::shared_ptr<FetchedBackup>>;
    const Answer<Fetched> answer;
    const AgeKeys keys { {}, password.toUtf8() };
    fetch(id, agentId).then(this, [this, answer, keys](const Fetched &file) {
        if (!file)
            return answer.give(file.error());
        m_data->looking.start([this, answer, keys, file = *file, control = m_data->background] {
            const QString target = m_data->temporaryPath("decrypt");
            Result<void> done = checkFile(file->path(), keys);
            WorkerPool pool;
            if (done)
                done = decryptFile(toPath(file->path()), toPath(target), keys, pool, *control);
            const Fetched opened = done ? Fetched(std::make_shared<FetchedBackup>(target, true))
                                        : Fetched(done.error());
            onMainThread([answer, opened] { answer.give(opened); });
        });
    });
    return answer.future();
}

} // namespace hubkeep::backup
