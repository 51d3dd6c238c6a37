// What is in a backup: its summary, its files, one file's bytes, the archive itself, and what
// changed against another.
//
// Archives are read on a worker thread: a list or a digest of a large one takes seconds.
// Main thread.

#pragma once

#include "app/api/router.h"
#include "app/auditlog.h"
#include "integrations/backup/backupmanager.h"

#include <QObject>
#include <QThreadPool>

namespace hubkeep::api {

class BackupContentController : public QObject
{
    Q_OBJECT

public:
    // All must outlive it. Files of backups are unpacked into folder, for as long as they are sent.
    BackupContentController(
        Router &router, backup::BackupManager &manager, AuditLog &audit, QString folder);
    // Waits for the readers that still run; they are told to stop.
    ~BackupContentController() override;

private:
    void summary(const Request &request, Responder responder);
    void files(const Request &request, Responder responder);
    void file(const Request &request, Responder responder);
    void download(const Request &request, Responder responder);
    void diff(const Request &request, Responder responder);

    // Writes down that content left the hub.
    void note(const Request &request, const char *action, const QString &target);

    // Fetches the archive and runs read(path) on a worker; answers with what it gives.
    using Reader = std::function<Result<QJsonObject>(const QByteArray &path)>;
    void answerFrom(const QString &id, Reader read, Responder responder);

    backup::BackupManager &m_manager;
    AuditLog &m_audit;
    const QString m_folder;
    JobControl m_control; // of all readers
    QThreadPool m_workers;
};

} // namespace hubkeep::api
