// SQLite databases that other programs have open: snapshots, checks, restores.
//
// A snapshot is sqlite3_backup_step(-1): one read transaction, so a writer that
// never pauses cannot make it start over, and no writer waits for it in WAL mode.
//
// POSIX drops all of a process's locks on a file when it closes any descriptor of
// it. So whoever looked into a file by itself (to see its header) keeps that
// descriptor open until these functions have returned: see SourcePacker::packDatabase().
//
// Blocking; any thread, one call at a time for one database file.

#pragma once

#include "automation/core/jobcontrol.h"
#include "automation/core/result.h"
#include "integrations/backup/spoolvfs.h"

#include <QByteArray>

#include <chrono>
#include <optional>
#include <span>

namespace hubkeep::backup {

// Whether a file that begins with these bytes (16 at least) is an SQLite database.
bool isSqliteHeader(std::span<const char> head);

struct SnapshotOptions
{
    std::chrono::milliseconds busyTimeout { 10'000 };
    // Where a database and its log are copied when their folder cannot be written.
    QByteArray spoolFolder;
};

struct Snapshot
{
    quint32 pageSize = 0;
    qint64 size = 0;
};

// Writes a consistent copy of the database at path to the new file target.
// Busy: locked for longer than the time-out. Corrupt: not a database, or damaged
// so that SQLite cannot read it. The copy was not checked yet.
Result<Snapshot> snapshotDatabase(const QByteArray &path, const QByteArray &target,
    const SnapshotOptions &options, JobControl &control);

// Takes a snapshot while it is made.
class SnapshotSink : public PageSink
{
public:
    // Before the first page: how large the snapshot will be. False ends it.
    virtual bool begin(qint64 size) = 0;
};

// A snapshot that goes straight to sink, without a copy on disk, and is checked
// (quick_check) in the same read transaction; damage is what the check said first.
// The transaction lasts as long as sink takes, so this is for WAL mode only, where
// readers stand in nobody's way. Nothing where the database is not in WAL mode, is
// smaller than least bytes, or its pages do not come as they should: snapshot it with
// snapshotDatabase() then. Errors as there.
struct StreamedSnapshot
{
    Snapshot snapshot;
    QByteArray damage;
    std::optional<Error> unchecked; // why the check could not be made
};
Result<std::optional<StreamedSnapshot>> streamSnapshot(const QByteArray &path, qint64 least,
    SnapshotSink &sink, const SnapshotOptions &options, JobControl &control);

// PRAGMA quick_check on a file that nobody else has open. Empty when it is sound,
// else what SQLite says first. Leaves nothing beside the file. Unavailable: sound or
// not, it needs functions of its application's to be checked.
Result<QByteArray> quickCheck(const QByteArray &path, JobControl &control);
// The same with PRAGMA integrity_check, which compares indexes with their tables, too: several
// times as long.
Result<QByteArray> integrityCheck(const QByteArray &path, JobControl &control);

// Brings the live database at path to the content of the file snapshot, inside one
// transaction of SQLite's own: programs that have it open see the old or the new
// content. Where page sizes differ and the database is in WAL mode it is switched
// out of it first, which needs a moment without readers.
// Busy: other programs kept it locked for longer than the time-out.
Result<void> restoreIntoLive(const QByteArray &snapshot, const QByteArray &path,
    std::chrono::milliseconds busyTimeout, JobControl &control);

// Whether two database files hold the same pages; the counters in the header, which
// each restore changes, aside.
Result<bool> haveSamePages(const QByteArray &a, const QByteArray &b);

} // namespace hubkeep::backup
