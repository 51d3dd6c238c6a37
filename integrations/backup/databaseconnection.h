// A connection to an SQLite database: opening, asking, copying, checking.
//
// What database.h does is made of these. A connection waits for other programs' locks
// and stops when the job is cancelled; the schema of what it opens may come from
// anywhere and is not trusted.
//
// One thread per connection.

#pragma once

#include "integrations/backup/database.h"

#include <sqlite3.h>

#include <QElapsedTimer>

#include <memory>

namespace hubkeep::backup {

// How long a connection waits for another program's locks, unless the job is cancelled.
struct DatabasePatience
{
    std::chrono::milliseconds limit;
    JobControl &control;
    QElapsedTimer waited;

    // For sqlite3_busy_handler(): 1 to try again.
    static int wait(void *self, int attempt);
};

class DatabaseConnection
{
public:
    DatabaseConnection(sqlite3 *db, std::unique_ptr<DatabasePatience> patience)
        : m_patience(std::move(patience))
        , m_db(db)
    {
    }
    sqlite3 *get() const { return m_db.get(); }
    DatabasePatience *patience() const { return m_patience.get(); }
    void close() { m_db.reset(); }

private:
    struct Close
    {
        void operator()(sqlite3 *db) const { sqlite3_close_v2(db); }
    };
    std::unique_ptr<DatabasePatience> m_patience; // outlives the connection
    std::unique_ptr<sqlite3, Close> m_db;
};

// What SQLite says, as the error that it is. db may be null.
Error sqliteError(sqlite3 *db, int code);

// A file: URI, so that immutable can be said and no name is taken for one.
QByteArray databaseUri(const QByteArray &path, const char *parameters);

Result<DatabaseConnection> openDatabase(
    const QByteArray &uri, int flags, std::chrono::milliseconds busyTimeout, JobControl &control);

// The first column of the first row; null where there is no row.
Result<QByteArray> queryText(sqlite3 *db, const char *sql);

// Copies all pages in one step. What the callers' databases have no lock for yet is
// waited for, as long as busyTimeout says.
Result<void> copyPages(
    sqlite3 *from, sqlite3 *to, std::chrono::milliseconds busyTimeout, JobControl &control);

struct LiveDatabase
{
    DatabaseConnection database;
    quint32 pageSize;
};

// Opens a database that other programs may have open. leaveLog: what lies in its log is
// not brought in when it is closed.
Result<LiveDatabase> openLiveDatabase(
    const QByteArray &path, bool leaveLog, const SnapshotOptions &options, JobControl &control);

// Opens what a snapshot is written to: nobody else sees it, and nothing of it needs undoing
// (journal_mode=OFF would say so, but is not for connections in defensive mode).
Result<DatabaseConnection> openDatabaseCopy(const QByteArray &path, JobControl &control);

enum class DatabaseCheck { Quick, Integrity };

// PRAGMA quick_check or integrity_check; answers as quickCheck() does.
Result<QByteArray> runCheck(sqlite3 *db, DatabaseCheck check);

} // namespace hubkeep::backup
