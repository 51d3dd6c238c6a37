// What the backup manager says while it works, in Home Assistant's words.
//
// Plain values; any thread.

#pragma once

#include "integrations/backup/backupinfo.h"

#include <QJsonObject>
#include <QMap>
#include <QMetaType>

#include <optional>

namespace hubkeep::backup {

enum class ManagerState { Idle, CreateBackup, Blocked, ReceiveBackup, RestoreBackup };

// "create_backup": a value of sensor.backup_backup_manager_state.
QString toString(ManagerState state);
QStringList managerStates(); // in the sensor's order

struct UploadProgress
{
    QString agentId;
    qint64 uploadedBytes = 0;
    qint64 totalBytes = 0;

    bool operator==(const UploadProgress &) const = default;
};

// Idle and Blocked have a state alone. The others go on with stages and end with an outcome;
// an upload's progress is an event of its own, with nothing but state and upload.
struct ManagerEvent
{
    ManagerState state = ManagerState::Blocked;
    QString outcome {}; // "in_progress", "completed", "failed", "core_restart"
    QString stage {}; // "home_assistant", "upload_to_agents", …; empty: null
    QString reason {}; // of a failure: "upload_failed", …; empty: null
    std::optional<UploadProgress> upload {};
    bool automatic = false; // not sent; the event entity fires for these only

    bool operator==(const ManagerEvent &) const = default;
};

QJsonObject toJson(const ManagerEvent &event); // as on backup/subscribe_events

// What GET /api/v1/backup/status says.
struct OperationStatus
{
    QString
        operation {}; // "backup", "restore", "verify", "drill", "upload"; empty before the first
    BackupId backupId {};
    QString status = QStringLiteral("idle"); // "running", "completed", "failed"
    QString stage {};
    qint64 totalFiles = 0;
    qint64 processedFiles = 0;
    qint64 totalBytes = 0;
    qint64 processedBytes = 0;
    qint64 bytesPerSecond = 0;
    std::optional<qint64> secondsLeft {};
    QString error {};
    QString errorCode {}; // "no_space"; not sent where there is no error
    QJsonObject result {}; // what it did, once it ended; not sent while it is empty
};

QJsonObject toJson(const OperationStatus &status);

// "no_space": an error's code as programs read it.

} // namespace hubkeep::backup
