#include "app/activitylog.h"

#include <QLoggingCategory>

namespace hubkeep {
namespace {

Q_LOGGING_CATEGORY(activityLog, "hubkeep.activity")

constexpr qint64 keptEntries = 10'000;

} // namespace

QJsonObject toJson(const ActivityEntry &entry)
{
    const auto orNull = [](const QString &text) {
        return text.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(text);
    };
    return { { QStringLiteral("id"), entry.id },
        { QStringLiteral("time"), backup::toRfc3339(entry.time) },
        { QStringLiteral("operation"), entry.operation },
        { QStringLiteral("backup_id"), orNull(entry.backupId) },
        { QStringLiteral("status"), entry.status },
        { QStringLiteral("detail"), orNull(entry.detail) },
        { QStringLiteral("bytes"), entry.bytes },
        { QStringLiteral("duration_s"),
            entry.took ? QJsonValue(double(entry.took->count()) / 1000)
                       : QJsonValue(QJsonValue::Null) } };
}

Result<std::unique_ptr<ActivityLog>> ActivityLog::open(StateDatabase &state, const Clock &clock)
{
    const Result<void> migrated = state.migrate(QStringLiteral("activity"),
        { QStringLiteral("CREATE TABLE activity (id INTEGER PRIMARY KEY AUTOINCREMENT, "
                         "time INTEGER NOT NULL, operation TEXT NOT NULL, backup_id TEXT NOT NULL, "
                         "status TEXT NOT NULL, detail TEXT NOT NULL, bytes INTEGER NOT NULL)"),
            QStringLiteral("ALTER TABLE activity ADD COLUMN took INTEGER") }); // milliseconds
    if (!migrated)
        return migrated.error();
    return std::unique_ptr<ActivityLog>(new ActivityLog(state, clock));
}

void ActivityLog::record(
    const backup::OperationStatus &status, std::optional<std::chrono::milliseconds> took)
{
    const auto text
        = [](const QString &value) { return value.isNull() ? QStringLiteral("") : value; };
    const Result<QSqlQuery> added = m_state.run(
        QStringLiteral(
            "INSERT INTO activity (time, operation, backup_id, status, detail, bytes, took) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)"),
        { m_clock.now().toMSecsSinceEpoch(), text(status.operation), text(status.backupId),
            text(status.status), text(status.error), status.processedBytes,
            took ? QVariant(qint64(took->count())) : QVariant() });
    if (!added) {
        qCWarning(activityLog).noquote() << added.error().message;
        return;
    }
    (void)m_state.run(QStringLiteral("DELETE FROM activity WHERE id <= ?"),
        { added->lastInsertId().toLongLong() - keptEntries });
}

Result<QList<ActivityEntry>> ActivityLog::page(int limit, qint64 before)
{
    Result<QSqlQuery> rows = m_state.run(
        QStringLiteral(
            "SELECT id, time, operation, backup_id, status, detail, bytes, took FROM activity "
            "WHERE id < ? ORDER BY id DESC LIMIT ?"),
        { before > 0 ? before : std::numeric_limits<qint64>::max(), limit });
    if (!rows)
        return rows.error();
    QList<ActivityEntry> entries;
    while (rows->next()) {
        const QVariant took = rows->value(7);
        entries.append({ rows->value(0).toLongLong(),
            QDateTime::fromMSecsSinceEpoch(rows->value(1).toLongLong(), Qt::UTC),
            rows->value(2).toString(), rows->value(3).toString(), rows->value(4).toString(),
            rows->value(5).toString(), rows->value(6).toLongLong(),
            took.isNull() ? std::nullopt
                          : std::optional(std::chrono::milliseconds(took.toLongLong())) });
    }
    return entries;
}

} // namespace hubkeep
