#include "integrations/backup/database.h"

#include "automation/core/filedescriptor.h"
#include "integrations/backup/databaseconnection.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

using namespace std::chrono_literals;

constexpr sqlite3_int64 largestHeap = 128 << 20; // of a check

bool exists(const QByteArray &path, struct stat *status)
{
    return ::lstat(path.constData(), status) == 0;
}

Result<void> copyFile(const QByteArray &from, const QByteArray &to, JobControl &control)
{
    const FileDescriptor source(::open(from.constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    const FileDescriptor target(
        ::open(to.constData(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!source.isOpen() || !target.isOpen())
        return systemError(errno);
    QByteArray buffer(1 << 20, Qt::Uninitialized);
    for (qint64 at = 0;;) {
        if (control.cancelled())
            return JobControl::cancelledError();
        const Result<qsizetype> read
            = readAt(source.get(), { buffer.data(), size_t(buffer.size()) }, at);
        if (!read)
            return read.error();
        if (*read == 0)
            return {};
        const Result<void> written
            = writeAt(target.get(), { buffer.constData(), size_t(*read) }, at);
        if (!written)
            return written;
        at += *read;
    }
}

bool sameStatus(const struct stat &a, const struct stat &b)
{
    return a.st_size == b.st_size && a.st_ino == b.st_ino && a.st_mtim.tv_sec == b.st_mtim.tv_sec
        && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

// A WAL database in a folder that we cannot write has no shared memory to read it
// by, and immutable=1 would lose what is only in the log. So both files are copied
// while they hold still, and the copies are opened.
Result<QByteArray> copyWithLog(
    const QByteArray &path, const QByteArray &spoolFolder, JobControl &control)
{
    const QByteArray copy = spoolFolder + "/readonly.db";
    static constexpr const char *parts[] = { "", "-wal", "-journal" };
    for (int attempt = 0; attempt < 5; ++attempt) {
        struct stat before[3] = {};
        struct stat after[3] = {};
        Result<void> copied;
        for (int i = 0; i < 3 && copied; ++i) {
            if (exists(path + parts[i], &before[i]) || i == 0)
                copied = copyFile(path + parts[i], copy + parts[i], control);
        }
        if (!copied)
            return copied.error();
        bool still = true;
        for (int i = 0; i < 3; ++i) {
            exists(path + parts[i], &after[i]);
            still = still && sameStatus(before[i], after[i]);
        }
        if (still)
            return copy;
        ::unlink((copy + "-wal").constData());
        ::unlink((copy + "-journal").constData());
    }
    return Error { ErrorCode::Busy,
        QStringLiteral("Its folder cannot be written, so its log can only be read while nothing "
                       "changes, and another program keeps writing; give hubkeep the right to "
                       "write in that folder") };
}

Result<Snapshot> copyDatabase(const QByteArray &path, const QByteArray &target, bool leaveLog,
    const SnapshotOptions &options, JobControl &control)
{
    Result<LiveDatabase> live = openLiveDatabase(path, leaveLog, options, control);
    if (!live)
        return live.error();
    Result<DatabaseConnection> copy = openDatabaseCopy(target, control);
    if (!copy)
        return copy.error();
    const Result<void> copied
        = copyPages(live->database.get(), copy->get(), options.busyTimeout, control);
    if (!copied)
        return copied.error();
    // What the spool still holds is written here and not on closing, which tells no errors.
    sqlite3_file *spool = nullptr;
    sqlite3_file_control(copy->get(), "main", SQLITE_FCNTL_FILE_POINTER, &spool);
    const int flushed = spool ? spool->pMethods->xSync(spool, 0) : SQLITE_IOERR;
    if (flushed != SQLITE_OK)
        return sqliteError(nullptr, flushed);
    copy->close();
    struct stat status;
    if (!exists(target, &status))
        return systemError(errno);
    return Snapshot { live->pageSize, qint64(status.st_size) };
}

Result<QByteArray> checkAlone(const QByteArray &path, DatabaseCheck check, JobControl &control)
{
    // Nobody else has the file, so immutable is true, and it needs no log for a file
    // whose header says WAL.
    Result<DatabaseConnection> db
        = openDatabase(databaseUri(path, "?mode=ro&immutable=1&vfs=") + spoolVfsName(),
            SQLITE_OPEN_READONLY, 0ms, control);
    if (!db)
        return db.error();
    const sqlite3_int64 usual = sqlite3_hard_heap_limit64(largestHeap);
    const SpoolCancellation cancellation(control);
    const Result<QByteArray> damage = runCheck(db->get(), check);
    sqlite3_hard_heap_limit64(usual);
    if (control.cancelled()) // a page that was not read for that is no damage
        return JobControl::cancelledError();
    return damage;
}

} // namespace

bool isSqliteHeader(std::span<const char> head)
{
    static constexpr char magic[] = "SQLite format 3"; // its NUL belongs to it
    return head.size() >= sizeof magic && std::memcmp(head.data(), magic, sizeof magic) == 0;
}

Result<Snapshot> snapshotDatabase(const QByteArray &path, const QByteArray &target,
    const SnapshotOptions &options, JobControl &control)
{
    struct stat log;
    const bool hasLog = exists(path + "-wal", &log);
    Result<Snapshot> snapshot = copyDatabase(path, target, hasLog, options, control);
    if (snapshot || snapshot.error().code != ErrorCode::Forbidden || options.spoolFolder.isEmpty())
        return snapshot;
    ::unlink(target.constData());
    const Result<QByteArray> copy = copyWithLog(path, options.spoolFolder, control);
    if (!copy)
        return copy.error();
    snapshot = copyDatabase(*copy, target, false, options, control);
    for (const char *ending : { "", "-wal", "-shm", "-journal" })
        ::unlink((*copy + ending).constData());
    return snapshot;
}

Result<std::optional<StreamedSnapshot>> streamSnapshot(const QByteArray &path, qint64 least,
    SnapshotSink &sink, const SnapshotOptions &options, JobControl &control)
{
    const std::optional<StreamedSnapshot> otherWay;
    struct stat log;
    Result<LiveDatabase> live
        = openLiveDatabase(path, exists(path + "-wal", &log), options, control);
    if (!live)
        return live.error();
    sqlite3 *db = live->database.get();
    const Result<QByteArray> mode = queryText(db, "PRAGMA journal_mode");
    if (!mode || *mode != "wal")
        return otherWay;
    // One transaction for the size, the pages and the check.
    const Result<QByteArray> begun = queryText(db, "BEGIN");
    const Result<QByteArray> pinned = queryText(db, "PRAGMA schema_version");
    const Result<QByteArray> pages = queryText(db, "PRAGMA page_count");
    if (!begun || !pinned || !pages)
        return otherWay;
    const Snapshot snapshot { live->pageSize, pages->toLongLong() * live->pageSize };
    if (snapshot.size < least)
        return otherWay;
    if (!sink.begin(snapshot.size))
        return otherWay;
    {
        const SinkRedirection redirection(sink);
        const Result<DatabaseConnection> copy = openDatabaseCopy("/sink", control);
        if (!copy)
            return otherWay;
        const Result<void> copied = copyPages(db, copy->get(), options.busyTimeout, control);
        if (!copied && control.cancelled())
            return copied.error();
        if (!copied)
            return otherWay;
    }
    const Result<QByteArray> damage = runCheck(db, DatabaseCheck::Quick);
    if (!damage && damage.error().code != ErrorCode::Unavailable)
        return damage.error();
    return std::optional(StreamedSnapshot { snapshot, damage ? *damage : QByteArray(),
        damage ? std::nullopt : std::optional(damage.error()) });
}

Result<QByteArray> quickCheck(const QByteArray &path, JobControl &control)
{
    return checkAlone(path, DatabaseCheck::Quick, control);
}

Result<QByteArray> integrityCheck(const QByteArray &path, JobControl &control)
{
    return checkAlone(path, DatabaseCheck::Integrity, control);
}

Result<void> restoreIntoLive(const QByteArray &snapshot, const QByteArray &path,
    std::chrono::milliseconds busyTimeout, JobControl &control)
{
    Result<DatabaseConnection> from
        = openDatabase(databaseUri(snapshot, "?mode=ro&immutable=1&vfs=") + spoolVfsName(),
            SQLITE_OPEN_READONLY, 0ms, control);
    if (!from)
        return from.error();
    Result<DatabaseConnection> to
        = openDatabase(databaseUri(path, "?mode=rw"), SQLITE_OPEN_READWRITE, busyTimeout, control);
    if (!to)
        return to.error();
    const Result<QByteArray> newSize = queryText(from->get(), "PRAGMA page_size");
    const Result<QByteArray> oldSize = queryText(to->get(), "PRAGMA page_size");
    const Result<QByteArray> mode = queryText(to->get(), "PRAGMA journal_mode");
    if (!newSize || !oldSize || !mode)
        return !newSize ? newSize.error() : !oldSize ? oldSize.error() : mode.error();
    const bool leavesWal = *mode == "wal" && *newSize != *oldSize;
    if (leavesWal) {
        const Result<QByteArray> switched = queryText(to->get(), "PRAGMA journal_mode=DELETE");
        if (!switched || *switched != "delete")
            return Error { ErrorCode::Busy,
                QStringLiteral("The backup has pages of %1 bytes and the database, which is in "
                               "use, of %2; stop the programs that use it and restore again")
                    .arg(QString::fromLatin1(*newSize), QString::fromLatin1(*oldSize)) };
    }
    const Result<void> copied = copyPages(from->get(), to->get(), busyTimeout, control);
    const Result<QByteArray> back
        = leavesWal ? queryText(to->get(), "PRAGMA journal_mode=WAL") : Result(QByteArray());
    return !copied || back ? copied : Result<void>(back.error());
}

Result<bool> haveSamePages(const QByteArray &a, const QByteArray &b)
{
    const FileDescriptor first(::open(a.constData(), O_RDONLY | O_CLOEXEC));
    const FileDescriptor second(::open(b.constData(), O_RDONLY | O_CLOEXEC));
    if (!first.isOpen() || !second.isOpen())
        return systemError(errno);
    QByteArray left(1 << 20, Qt::Uninitialized);
    QByteArray right(1 << 20, Qt::Uninitialized);
    for (qint64 at = 0;;) {
        const Result<qsizetype> x = readAt(first.get(), { left.data(), size_t(left.size()) }, at);
        const Result<qsizetype> y
            = readAt(second.get(), { right.data(), size_t(right.size()) }, at);
        if (!x || !y)
            return x ? y.error() : x.error();
        if (at == 0 && *x >= 100 && *y >= 100) {
            // The journal mode, the file change counter, and "version-valid-for" with the
            // library's version (https://www.sqlite.org/fileformat2.html, 1.3).
            for (QByteArray *page : { &left, &right }) {
                std::fill_n(page->data() + 18, 2, '\0');
                std::fill_n(page->data() + 24, 4, '\0');
                std::fill_n(page->data() + 92, 8, '\0');
            }
        }
        if (*x != *y || std::memcmp(left.constData(), right.constData(), size_t(*x)) != 0)
            return false;
        if (*x == 0)
            return true;
        at += *x;
    }
}

} // namespace hubkeep::backup
