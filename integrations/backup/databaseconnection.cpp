#include "integrations/backup/databaseconnection.h"

#include "automation/core/filedescriptor.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace hubkeep::backup {
namespace {

using namespace std::chrono_literals;

// quick_check computes the columns that a schema computes, and a hostile one says
// hex(zeroblob(400000000)).
constexpr int largestValue = 32 << 20;

// A byte stands for a piece of work, so that whoever watches for a stall sees it go on.
int stopWhenCancelled(void *self)
{
    auto &control = *static_cast<JobControl *>(self);
    control.advance(1);
    return control.cancelled() ? 1 : 0;
}

// What a database may have of its application's own, and a check can do without.
void standInForApplication(sqlite3 *db)
{
    sqlite3_collation_needed(db, nullptr, [](void *, sqlite3 *to, int, const char *name) {
        sqlite3_create_collation_v2(
            to, name, SQLITE_UTF8, nullptr,
            [](void *, int aSize, const void *a, int bSize, const void *b) {
                const int order = std::memcmp(a, b, size_t(std::min(aSize, bSize)));
                return order != 0 ? order : aSize - bSize;
            },
            nullptr);
    });
}

} // namespace

int DatabasePatience::wait(void *self, int attempt)
{
    auto &patience = *static_cast<DatabasePatience *>(self);
    if (attempt == 0)
        patience.waited.start();
    if (patience.control.cancelled() || patience.waited.elapsed() >= patience.limit.count())
        return 0;
    sqlite3_sleep(10);
    return 1;
}

Error sqliteError(sqlite3 *db, int code)
{
    const QString text = QString::fromUtf8(db ? sqlite3_errmsg(db) : sqlite3_errstr(code));
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return { ErrorCode::Busy,
            QStringLiteral("Another program keeps the database locked (%1); stop that program for "
                           "a moment, or try again later")
                .arg(text) };
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return { ErrorCode::Corrupt,
            QStringLiteral("SQLite cannot read the database (%1); it is damaged or encrypted. Try "
                           "`sqlite3 FILE .recover`")
                .arg(text) };
    case SQLITE_FULL:
        return systemError(ENOSPC);
    case SQLITE_INTERRUPT:
        return JobControl::cancelledError();
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return { ErrorCode::Forbidden,
            QStringLiteral("SQLite cannot open the database (%1); check the permissions of it and "
                           "of its folder")
                .arg(text) };
    default:
        return { ErrorCode::Io, QStringLiteral("SQLite says: %1").arg(text) };
    }
}

QByteArray databaseUri(const QByteArray &path, const char *parameters)
{
    return "file:" + path.toPercentEncoding("/") + parameters;
}

Result<DatabaseConnection> openDatabase(
    const QByteArray &uri, int flags, std::chrono::milliseconds busyTimeout, JobControl &control)
{
    sqlite3 *raw = nullptr;
    const int code = sqlite3_open_v2(
        uri.constData(), &raw, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    DatabaseConnection db(
        raw, std::make_unique<DatabasePatience>(DatabasePatience { busyTimeout, control, {} }));
    if (code != SQLITE_OK)
        return sqliteError(raw, code);
    sqlite3_busy_handler(raw, DatabasePatience::wait, db.patience());
    sqlite3_progress_handler(raw, 100'000, stopWhenCancelled, &control);
    // The schema of a database that is restored may come from anywhere.
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    return db;
}

Result<QByteArray> queryText(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = nullptr;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, nullptr);
    QByteArray text;
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW) {
            text = QByteArray(reinterpret_cast<const char *>(sqlite3_column_text(statement, 0)));
            code = SQLITE_DONE;
        }
    }
    const Error error = code == SQLITE_DONE ? Error() : sqliteError(db, code);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? Result<QByteArray>(text) : error;
}

Result<void> copyPages(
    sqlite3 *from, sqlite3 *to, std::chrono::milliseconds busyTimeout, JobControl &control)
{
    const SpoolCancellation cancellation(control);
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return sqliteError(to, sqlite3_errcode(to));
    QElapsedTimer waited;
    waited.start();
    int code;
    do {
        code = sqlite3_backup_step(backup, -1);
        const bool busy = code == SQLITE_BUSY || code == SQLITE_LOCKED;
        if (!busy || waited.elapsed() > busyTimeout.count() || control.cancelled())
            break;
        sqlite3_sleep(20);
    } while (true);
    sqlite3_backup_finish(backup);
    if (control.cancelled())
        return JobControl::cancelledError();
    return code == SQLITE_DONE ? Result<void>() : sqliteError(to, code);
}

Result<LiveDatabase> openLiveDatabase(
    const QByteArray &path, bool leaveLog, const SnapshotOptions &options, JobControl &control)
{
    Result<DatabaseConnection> source = openDatabase(
        databaseUri(path, "?mode=rw"), SQLITE_OPEN_READWRITE, options.busyTimeout, control);
    if (!source)
        return source.error();
    // What another program left in its log is its own to bring in.
    sqlite3_db_config(source->get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, leaveLog ? 1 : 0, nullptr);
    const Result<QByteArray> pageSize = queryText(source->get(), "PRAGMA page_size");
    // Reading the schema's version opens the file for real and meets its locks.
    const Result<QByteArray> opened = queryText(source->get(), "PRAGMA schema_version");
    if (!pageSize || !opened)
        return pageSize ? opened.error() : pageSize.error();
    return LiveDatabase { std::move(*source), pageSize->toUInt() };
}

Result<DatabaseConnection> openDatabaseCopy(const QByteArray &path, JobControl &control)
{
    Result<DatabaseConnection> copy
        = openDatabase(databaseUri(path, "?mode=rwc&vfs=") + spoolVfsName(),
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0ms, control);
    if (!copy)
        return copy;
    // Defensive connections refuse the journal mode OFF.
    sqlite3_db_config(copy->get(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
    for (const char *pragma : { "PRAGMA journal_mode=MEMORY", "PRAGMA synchronous=OFF",
             "PRAGMA locking_mode=EXCLUSIVE", "PRAGMA cache_size=-4096" }) {
        const Result<QByteArray> set = queryText(copy->get(), pragma);
        if (!set)
            return set.error();
    }
    return copy;
}

Result<QByteArray> runCheck(sqlite3 *db, DatabaseCheck check)
{
    standInForApplication(db);
    const Result<QByteArray> ignored = queryText(db, "PRAGMA ignore_check_constraints=ON");
    if (!ignored)
        return ignored.error();
    const int usual = sqlite3_limit(db, SQLITE_LIMIT_LENGTH, largestValue);
    const Result<QByteArray> answer = queryText(
        db, check == DatabaseCheck::Quick ? "PRAGMA quick_check(1)" : "PRAGMA integrity_check(1)");
    const int code = sqlite3_errcode(db) & 0xff;
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, usual);
    if (!answer && (code == SQLITE_TOOBIG || code == SQLITE_NOMEM))
        return Error { ErrorCode::Unavailable,
            QStringLiteral("A column in its schema computes values too large to check") };
    if (!answer && answer.error().code == ErrorCode::Corrupt)
        return QByteArray(sqlite3_errmsg(db));
    if (!answer && sqlite3_errcode(db) == SQLITE_ERROR)
        return Error { ErrorCode::Unavailable, answer.error().message };
    if (!answer)
        return answer.error();
    if (*answer == "ok")
        return QByteArray();
    // "*** in database main ***" and what is wrong, on lines of their own.
    return answer->mid(answer->startsWith("***") ? answer->indexOf('\n') + 1 : 0).simplified();
}

} // namespace hubkeep::backup
