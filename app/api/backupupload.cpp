#include "app/api/backupupload.h"

#include "app/api/requestaudit.h"
#include "app/api/whendone.h"

namespace hubkeep::api {
namespace {

Error cannotWrite(const QFile &file)
{
    const bool full = file.error() == QFileDevice::ResourceError;
    return { full ? ErrorCode::NoSpace : ErrorCode::Io,
        QStringLiteral("Can't write backup file: %1").arg(file.errorString()) };
}

} // namespace

Result<std::unique_ptr<UploadTarget>> BackupUpload::open(backup::BackupManager &manager,
    const QStringList &agents, std::optional<qint64> size, Answer answer)
{
    const Result<backup::BackupManager::Reception> reception = manager.receive(agents);
    if (!reception)
        return reception.error();
    std::unique_ptr<BackupUpload> upload(
        new BackupUpload(manager, reception->path, std::move(answer)));
    if (size && *size > reception->freeBytes) {
        const Error full { ErrorCode::NoSpace,
            QStringLiteral("The backup has %1 bytes and there is room for %2; make some first")
                .arg(*size)
                .arg(reception->freeBytes) };
        upload->drop(full.message);
        return full;
    }
    if (!upload->m_file.open(QIODevice::WriteOnly | QIODevice::Unbuffered)
        || !upload->m_file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner)) {
        const Error error = cannotWrite(upload->m_file);
        upload->drop(error.message);
        return error;
    }
    return std::unique_ptr<UploadTarget>(std::move(upload));
}

BackupUpload::BackupUpload(backup::BackupManager &manager, const QString &path, Answer answer)
    : m_manager(&manager)
    , m_file(path)
    , m_answer(std::move(answer))
{
}

BackupUpload::~BackupUpload()
{
    drop(QStringLiteral("The upload ended"));
}

Result<void> BackupUpload::write(const QByteArray &bytes)
{
    // A disk that fills up takes a part first, and says why only to the next attempt.
    for (qint64 done = 0; done < bytes.size();) {
        const qint64 n = m_file.write(bytes.constData() + done, bytes.size() - done);
        if (n <= 0)
            return cannotWrite(m_file);
        done += n;
    }
    return {};
}

void BackupUpload::finish(Responder responder)
{
    m_file.close();
    m_receiving = false;
    if (!m_manager)
        return;
    const auto answering = shared(std::move(responder));
    whenDone(m_manager.data(), m_manager->finishReceiving(),
        [answering, answer = m_answer](
            const Result<backup::BackupId> &stored) { answer(*answering, stored); });
}

void BackupUpload::drop(const QString &reason)
{
    if (!std::exchange(m_receiving, false))
        return;
    m_file.close();
    if (m_manager)
        m_manager->dropReceived(reason);
}

BackupUpload::Answer auditedUpload(const Request &request, AuditLog &audit)
{
    const AuditEntry asked = auditEntry(request, QStringLiteral("backup.upload"));
    return [asked, &audit](Responder &responder, const Result<backup::BackupId> &stored) {
        AuditEntry entry = asked;
        if (stored) {
            entry.target = *stored;
        } else {
            entry.result = QStringLiteral("failed");
            entry.detail = stored.error().message;
        }
        audit.record(std::move(entry));
        if (!stored)
            return responder.fail(stored.error());
        responder.json(201, QJsonObject { { QStringLiteral("backup_id"), *stored } });
    };
}

} // namespace hubkeep::api
