#include "integrations/backup/database.h"

#include "automation/core/filedescriptor.h"

#include <sqlite3.h>

#include <QElapsedTimer>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

using namespace std::chrono_literals;

// How long a connection waits for another program's locks, unless the job is cancelled.
struct Patience
{
    std::chrono::milliseconds limit;
    JobControl &control;
    QElapsedTimer waited;

    // For sqlite3_busy_handler(): 1 to try again.
    static int wait(void *self, int attempt)
    {
        auto &patience = *static_cast<Patience *>(self);
        if (attempt == 0)
            patience.waited.start();
        if (patience.control.cancelled() || patience.waited.elapsed() >= patience.limit.count())
            return 0;
        sqlite3_sleep(10);
        return 1;
    }
};

class Database
{
public:
    Database(sqlite3 *db, std::unique_ptr<Patience> patience)
        : m_patience(std::move(patience))
        , m_db(db)
    {
    }
    sqlite3 *get() const { return m_db.get(); }
    Patience *patience() const { return m_patience.get(); }
    void close() { m_db.reset(); }

private:
    struct Close
    {
        void operator()(sqlite3 *db) const { sqlite3_close_v2(db); }
    };
    std::unique_ptr<Patience> m_patience; // outlives the connection
    std::unique_ptr<sqlite3, Close> m_db;
};

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

int stopWhenCancelled(void *control)
{
    return static_cast<JobControl *>(control)->cancelled() ? 1 : 0;
}

// A file: URI, so that immutable can be said and no name is taken for one.
QByteArray uriOf(const QByteArray &path, const char *parameters)
{
    return "file:" + path.toPercentEncoding("/") + parameters;
}

Result<Database> openDatabase(
    const QByteArray &uri, int flags, std::chrono::milliseconds busyTimeout, JobControl &control)
{
    sqlite3 *raw = nullptr;
    const int code = sqlite3_open_v2(
        uri.constData(), &raw, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    Database db(raw, std::make_unique<Patience>(Patience { busyTimeout, control, {} }));
    if (code != SQLITE_OK)
        return sqliteError(raw, code);
    sqlite3_busy_handler(raw, Patience::wait, db.patience());
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

// Copies all pages in one step. What the callers' databases have no lock for yet is
// waited for, as long as busyTimeout says.
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

struct LiveDatabase
{
    Database database;
    quint32 pageSize;
};

Result<LiveDatabase> openLive(
    const QByteArray &path, bool leaveLog, const SnapshotOptions &options, JobControl &control)
{
    Result<Database> source = openDatabase(
        uriOf(path, "?mode=rw"), SQLITE_OPEN_READWRITE, options.busyTimeout, control);
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

// Opens what a snapshot is written to: nobody else sees it, and nothing of it needs undoing
// (journal_mode=OFF would say so, but is not for connections in defensive mode).
Result<Database> openCopy(const QByteArray &path, JobControl &control)
{
    Result<Database> copy = openDatabase(uriOf(path, "?mode=rwc&vfs=") + spoolVfsName(),
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

Result<Snapshot> copyDatabase(const QByteArray &path, const QByteArray &target, bool leaveLog,
    const SnapshotOptions &options, JobControl &control)
{
    Result<LiveDatabase> live = openLive(path, leaveLog, options, control);
    if (!live)
        return live.error();
    Result<Database> copy = openCopy(target, control);
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

// quick_check computes the columns that a schema computes, and a hostile one says
// hex(zeroblob(400000000)).
constexpr int largestValue = 32 << 20;
constexpr sqlite3_int64 largestHeap = 128 << 20;

Result<QByteArray> runQuickCheck(sqlite3 *db)
{
    standInForApplication(db);
    const Result<QByteArray> ignored = queryText(db, "PRAGMA ignore_check_constraints=ON");
    if (!ignored)
        return ignored.error();
    const int usual = sqlite3_limit(db, SQLITE_LIMIT_LENGTH, largestValue);
    const Result<QByteArray> answer = queryText(db, "PRAGMA quick_check(1)");
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
    Result<LiveDatabase> live = openLive(path, exists(path + "-wal", &log), options, control);
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
        const Result<Database> copy = openCopy("/sink", control);
        if (!copy)
            return otherWay;
        const Result<void> copied = copyPages(db, copy->get(), options.busyTimeout, control);
        if (!copied && control.cancelled())
            return copied.error();
        if (!copied)
            return otherWay;
    }
    const Result<QByteArray> damage = runQuickCheck(db);
    if (!damage && damage.error().code != ErrorCode::Unavailable)
        return damage.error();
    return std::optional(StreamedSnapshot { snapshot, damage ? *damage : QByteArray(),
        damage ? std::nullopt : std::optional(damage.error()) });
}

Result<QByteArray> quickCheck(const QByteArray &path, JobControl &control)
{
    // Nobody else has the file, so immutable is true, and it needs no log for a file
    // whose header says WAL.
    Result<Database> db = openDatabase(uriOf(path, "?mode=ro&immutable=1&vfs=") + spoolVfsName(),
        SQLITE_OPEN_READONLY, 0ms, control);
    if (!db)
        return db.error();
    const sqlite3_int64 usual = sqlite3_hard_heap_limit64(largestHeap);
    const Result<QByteArray> damage = runQuickCheck(db->get());
    sqlite3_hard_heap_limit64(usual);
    return damage;
}

Result<void> restoreIntoLive(const QByteArray &snapshot, const QByteArray &path,
    std::chrono::milliseconds busyTimeout, JobControl &control)
{
    Result<Database> from
        = openDatabase(uriOf(snapshot, "?mode=ro&immutable=1&vfs=") + spoolVfsName(),
            SQLITE_OPEN_READONLY, 0ms, control);
    if (!from)
        return from.error();
    Result<Database> to
        = openDatabase(uriOf(path, "?mode=rw"), SQLITE_OPEN_READWRITE, busyTimeout, control);
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
