#include "app/auditlog.h"

#include <QLoggingCategory>

#include <algorithm>

namespace hubkeep {
namespace {

Q_LOGGING_CATEGORY(auditLog, "hubkeep.audit")

constexpr int keptEntries = 100'000;
constexpr int deletedEach = 1000; // so that not every entry deletes one
constexpr qsizetype longestText = 1000; // what strangers send is written down, but not all of it

const QStringList auditTables { QStringLiteral(
    "CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, "
    "user TEXT NOT NULL, address TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, "
    "result TEXT NOT NULL, detail TEXT NOT NULL)") };

// Never NULL, and never endless.
QString bounded(const QString &text)
{
    return text.isNull() ? QStringLiteral("") : text.left(longestText);
}

AuditEntry entryOf(const QSqlQuery &row)
{
    return { row.value(0).toLongLong(),
        QDateTime::fromMSecsSinceEpoch(row.value(1).toLongLong(), Qt::UTC), row.value(2).toString(),
        row.value(3).toString(), row.value(4).toString(), row.value(5).toString(),
        row.value(6).toString(), row.value(7).toString() };
}

} // namespace

QJsonObject toJson(const AuditEntry &entry)
{
    const auto textOrNull = [](const QString &text) {
        return text.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(text);
    };
    return { { QStringLiteral("id"), entry.id },
        { QStringLiteral("time"), entry.time.toUTC().toString(Qt::ISODateWithMs) },
        { QStringLiteral("user"), textOrNull(entry.user) },
        { QStringLiteral("address"), textOrNull(entry.address) },
        { QStringLiteral("action"), entry.action }, { QStringLiteral("target"), entry.target },
        { QStringLiteral("result"), entry.result }, { QStringLiteral("detail"), entry.detail } };
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(StateDatabase &state, const Clock &clock)
{
    const Result<void> done = state.migrate(QStringLiteral("audit"), auditTables);
    if (!done)
        return done.error();
    return std::unique_ptr<AuditLog>(new AuditLog(state, clock));
}

void AuditLog::record(AuditEntry entry)
{
    const Result<QSqlQuery> done = m_state.run(
        QStringLiteral("INSERT INTO audit (time, user, address, action, target, result, detail) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?)"),
        { m_clock.now().toMSecsSinceEpoch(), bounded(entry.user), bounded(entry.address),
            bounded(entry.action), bounded(entry.target), bounded(entry.result),
            bounded(entry.detail) });
    if (!done) {
        qCWarning(auditLog).noquote()
            << QStringLiteral("%1 by '%2' from %3 could not be written down: %4")
                   .arg(entry.action, entry.user, entry.address, done.error().message);
        return;
    }
    const qint64 id = done->lastInsertId().toLongLong();
    if (id > keptEntries && id % deletedEach == 0)
        (void)m_state.run(QStringLiteral("DELETE FROM audit WHERE id <= ?"), { id - keptEntries });
}

Result<QList<AuditEntry>> AuditLog::page(int limit, qint64 before)
{
    Result<QSqlQuery> row = m_state.run(
        QStringLiteral("SELECT id, time, user, address, action, target, result, detail FROM audit "
                       "WHERE ? = 0 OR id < ? ORDER BY id DESC LIMIT ?"),
        { before, before, std::max(0, limit) });
    if (!row)
        return row.error().in(QStringLiteral("Reading the audit log"));
    QList<AuditEntry> entries;
    while (row->next())
        entries.append(entryOf(*row));
    return entries;
}

} // namespace hubkeep
