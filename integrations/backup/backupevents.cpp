#include "integrations/backup/backupevents.h"

namespace hubkeep::backup {
namespace {

QLatin1String key(const char *name)
{
    return QLatin1String(name);
}

QJsonValue textOrNull(const QString &text)
{
    return text.isEmpty() ? QJsonValue() : QJsonValue(text);
}

} // namespace

QString toString(ManagerState state)
{
    return managerStates().at(int(state));
}

QStringList managerStates()
{
    // The enum's order, too.
    return { QStringLiteral("idle"), QStringLiteral("create_backup"), QStringLiteral("blocked"),
        QStringLiteral("receive_backup"), QStringLiteral("restore_backup") };
}

QJsonObject toJson(const ManagerEvent &event)
{
    QJsonObject o { { key("manager_state"), toString(event.state) } };
    if (event.upload) {
        o.insert(key("agent_id"), event.upload->agentId);
        o.insert(key("uploaded_bytes"), event.upload->uploadedBytes);
        o.insert(key("total_bytes"), event.upload->totalBytes);
        return o;
    }
    if (event.state == ManagerState::Idle || event.state == ManagerState::Blocked)
        return o;
    o.insert(key("reason"), textOrNull(event.reason));
    o.insert(key("stage"), textOrNull(event.stage));
    o.insert(key("state"), event.outcome);
    return o;
}

QJsonObject toJson(const OperationStatus &status)
{
    QJsonObject o { { key("operation"), textOrNull(status.operation) },
        { key("backup_id"), textOrNull(status.backupId) }, { key("status"), status.status },
        { key("stage"), textOrNull(status.stage) }, { key("total_files"), status.totalFiles },
        { key("processed_files"), status.processedFiles },
        { key("total_bytes"), status.totalBytes },
        { key("processed_bytes"), status.processedBytes },
        { key("bytes_per_second"), status.bytesPerSecond },
        { key("seconds_left"),
            status.secondsLeft ? QJsonValue(*status.secondsLeft) : QJsonValue() },
        { key("error"), textOrNull(status.error) } };
    if (!status.errorCode.isEmpty())
        o.insert(key("error_code"), status.errorCode);
    if (!status.result.isEmpty())
        o.insert(key("result"), status.result);
    return o;
}

} // namespace hubkeep::backup
