#include "integrations/backup/drilllog.h"

#include <algorithm>
#include <limits>

namespace hubkeep::backup {
namespace {

constexpr int keptRecords = 500;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

} // namespace

QJsonObject toJson(const DrillRecord &record)
{
    return { { key("id"), record.id }, { key("backup_id"), record.backupId },
        { key("agent_id"), record.agentId }, { key("ended_at"), toRfc3339(record.ended) },
        { key("duration_s"), record.seconds }, { key("held"), record.isHeld },
        { key("ok"), record.ok }, { key("locked"), record.lock != DrillLock::None },
        { key("key_lost"), record.lock == DrillLock::Lost },
        { key("protected"), record.isProtected }, { key("files"), record.files },
        { key("databases"), record.databases }, { key("bytes"), record.bytes },
        { key("message"), record.message.isEmpty() ? QJsonValue() : QJsonValue(record.message) } };
}

Result<std::unique_ptr<DrillLog>> DrillLog::open(StateDatabase &state)
{
    const Result<void> migrated = state.migrate(key("drills"),
        { key("CREATE TABLE drills (id INTEGER PRIMARY KEY AUTOINCREMENT, backup_id TEXT NOT NULL, "
              "agent_id TEXT NOT NULL, ended INTEGER NOT NULL, seconds REAL NOT NULL, "
              "held INTEGER NOT NULL, ok INTEGER NOT NULL, files INTEGER NOT NULL, "
              "databases INTEGER NOT NULL, bytes INTEGER NOT NULL, "
              "downloaded INTEGER NOT NULL, message TEXT NOT NULL)"),
            key("ALTER TABLE drills ADD COLUMN lock INTEGER NOT NULL DEFAULT 0;\n"
                "ALTER TABLE drills ADD COLUMN protected INTEGER NOT NULL DEFAULT 0") });
    if (!migrated)
        return migrated.error();
    return std::unique_ptr<DrillLog>(new DrillLog(state));
}

Result<void> DrillLog::add(const DrillRecord &record)
{
    return m_state.inTransaction([&]() -> Result<void> {
        const Result<QSqlQuery> added = m_state.run(
            key("INSERT INTO drills (backup_id, agent_id, ended, seconds, held, ok, files, "
                "databases, bytes, downloaded, message, lock, protected) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
            { record.backupId, record.agentId, record.ended.toMSecsSinceEpoch(), record.seconds,
                record.isHeld, record.ok, record.files, record.databases, record.bytes,
                record.downloaded, record.message.isNull() ? key("") : record.message,
                int(record.lock), record.isProtected });
        if (!added)
            return added.error();
        const Result<QSqlQuery> purged
            = m_state.run(key("DELETE FROM drills WHERE id <= (SELECT max(id) FROM drills) - ?"),
                { keptRecords });
        return purged ? Result<void>() : Result<void>(purged.error());
    });
}

Result<QList<DrillRecord>> DrillLog::page(int limit, qint64 before) const
{
    Result<QSqlQuery> rows
        = m_state.run(key("SELECT id, backup_id, agent_id, ended, seconds, held, ok, files, "
                          "databases, bytes, downloaded, message, lock, protected FROM drills "
                          "WHERE id < ? "
                          "ORDER BY id DESC LIMIT ?"),
            { before > 0 ? before : std::numeric_limits<qint64>::max(), limit });
    if (!rows)
        return rows.error();
    QList<DrillRecord> records;
    while (rows->next()) {
        int column = 0;
        const auto next = [&] { return rows->value(column++); };
        DrillRecord record;
        record.id = next().toLongLong();
        record.backupId = next().toString();
        record.agentId = next().toString();
        record.ended = QDateTime::fromMSecsSinceEpoch(next().toLongLong(), Qt::UTC);
        record.seconds = next().toDouble();
        record.isHeld = next().toBool();
        record.ok = next().toBool();
        record.files = next().toLongLong();
        record.databases = next().toLongLong();
        record.bytes = next().toLongLong();
        record.downloaded = next().toLongLong();
        record.message = next().toString();
        record.lock = DrillLock(std::clamp(next().toInt(), 0, int(DrillLock::Lost)));
        record.isProtected = next().toBool();
        records.append(record);
    }
    return records;
}

} // namespace hubkeep::backup
