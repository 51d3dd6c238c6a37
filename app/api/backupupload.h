// A backup that comes over the network: streamed to the manager's disk, proved, stored.
//
//     server.addUpload({ Method::Post, "/api/v1/backup/upload", Access::Admin },
//         [&](const Request &, std::optional<qint64> size) { return BackupUpload::open(…); });
//
// Main thread. manager outlives it.

#pragma once

#include "app/api/uploads.h"
#include "app/auditlog.h"
#include "integrations/backup/backupmanager.h"

#include <QFile>
#include <QPointer>

namespace hubkeep::api {

class BackupUpload final : public UploadTarget
{
public:
    // Called with the id once it is stored, or with what it failed with; answers.
    using Answer
        = std::function<void(Responder &responder, const Result<backup::BackupId> &stored)>;

    // Busy: something else runs. NoSpace: size is more than there is room for. agents are ids;
    // none are those of the automatic settings.
    static Result<std::unique_ptr<UploadTarget>> open(backup::BackupManager &manager,
        const QStringList &agents, std::optional<qint64> size, Answer answer);
    ~BackupUpload() override;

    Result<void> write(const QByteArray &bytes) override;
    void finish(Responder responder) override;
    void drop(const QString &reason) override;

private:
    BackupUpload(backup::BackupManager &manager, const QString &path, Answer answer);

    QPointer<backup::BackupManager> m_manager;
    QFile m_file;
    const Answer m_answer;
    bool m_receiving = true; // the manager waits for the end of it
};

// Answers request with the id or the error, and notes it as "backup.upload". audit outlives it.
BackupUpload::Answer auditedUpload(const Request &request, AuditLog &audit);

} // namespace hubkeep::api
