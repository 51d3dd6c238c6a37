#include "integrations/backup/databasesnapshot.h"

#include "integrations/backup/backupfolder.h"
#include "integrations/backup/databaseconnection.h"
#include "integrations/backup/liverestore.h"
#include "integrations/backup/targetfolder.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

using namespace std::chrono_literals;

constexpr qint64 copyStep = 1 << 20;

QByteArray folderOfPath(const QByteArray &path)
{
    const qsizetype slash = path.lastIndexOf('/');
    return slash < 0 ? QByteArray(".") : path.left(std::max<qsizetype>(slash, 1));
}

// An unfinished snapshot and its spool, gone unless it gets its name.
struct Unfinished
{
    const QByteArray file;
    const QByteArray spool = file + ".spool";

    explicit Unfinished(const QByteArray &target)
        : file(target + ".partial")
    {
        remove();
    }
    ~Unfinished() { remove(); }
    Unfinished(const Unfinished &) = delete;
    Unfinished &operator=(const Unfinished &) = delete;

private:
    void remove() const
    {
        for (const char *ending : { "", "-wal", "-shm", "-journal" })
            ::unlink((file + ending).constData());
        removeSpool(spool);
    }
};

// Runs the statements and gives back what they freed, in a copy that is ours alone.
Result<void> finishCopy(
    const QByteArray &file, const QList<QByteArray> &statements, JobControl &control)
{
    const Result<DatabaseConnection> db
        = openDatabase(databaseUri(file, "?mode=rw"), SQLITE_OPEN_READWRITE, 0ms, control);
    if (!db)
        return db.error();
    const Result<QByteArray> mode = queryText(db->get(), "PRAGMA journal_mode=DELETE");
    if (!mode)
        return mode.error();
    for (const QByteArray &statement : statements) {
        const Result<QByteArray> done = queryText(db->get(), statement.constData());
        if (!done && !QByteArray(sqlite3_errmsg(db->get())).startsWith("no such table"))
            return done.error().in(QStringLiteral("Taking secrets out of the copy"));
    }
    if (statements.isEmpty())
        return {};
    const Result<QByteArray> packed = queryText(db->get(), "VACUUM");
    return packed ? Result<void>() : packed.error();
}

Result<void> prove(const QByteArray &file, JobControl &control)
{
    const Result<QByteArray> damage = quickCheck(file, control);
    if (!damage && damage.error().code != ErrorCode::Unavailable)
        return damage.error();
    if (damage && !damage->isEmpty())
        return Error { ErrorCode::Corrupt,
            QStringLiteral("SQLite's check of the database says: ") + QString::fromUtf8(*damage) };
    return {};
}

Result<void> publish(const QByteArray &file, const QByteArray &target)
{
    const FileDescriptor fd(::open(file.constData(), O_RDWR | O_CLOEXEC));
    if (!fd.isOpen() || ::fsync(fd.get()) != 0
        || ::rename(file.constData(), target.constData()) != 0)
        return systemError(errno);
    return syncFolder(folderOfPath(target));
}

Result<void> copyInto(FileWriter &writer, int from, qint64 size, JobControl &control)
{
    QByteArray buffer(copyStep, Qt::Uninitialized);
    for (qint64 at = 0; at < size;) {
        if (control.cancelled())
            return JobControl::cancelledError();
        const std::span<char> part(buffer.data(), size_t(std::min(copyStep, size - at)));
        const Result<void> read = readExactlyAt(from, part, at);
        const Result<void> written = read ? writer.write(at, part) : read;
        if (!written)
            return written;
        at += qint64(part.size());
        control.advance(qint64(part.size()));
    }
    return {};
}

// Links in the path are followed: what is meant is the database that they lead to.
QByteArray resolved(const QByteArray &path)
{
    const std::unique_ptr<char, decltype(&std::free)> real(
        ::realpath(path.constData(), nullptr), &std::free);
    return real ? QByteArray(real.get()) : path;
}

} // namespace

Result<void> snapshotDatabase(const QByteArray &path, const QByteArray &target,
    std::chrono::milliseconds busyTimeout, JobControl &control)
{
    return snapshotDatabase(path, target, QList<QByteArray>(), busyTimeout, control);
}

Result<void> snapshotDatabase(const QByteArray &path, const QByteArray &target,
    const QList<QByteArray> &statements, std::chrono::milliseconds busyTimeout, JobControl &control)
{
    const QString step = QStringLiteral("Copying the database %1").arg(displayName(path));
    const Unfinished unfinished(target);
    Result<Snapshot> copied
        = snapshotDatabase(path, unfinished.file, SnapshotOptions { busyTimeout, {} }, control);
    if (!copied && copied.error().code == ErrorCode::Forbidden
        && ::mkdir(unfinished.spool.constData(), 0700) == 0)
        copied = snapshotDatabase(
            path, unfinished.file, SnapshotOptions { busyTimeout, unfinished.spool }, control);
    if (!copied)
        return copied.error().in(step);
    Result<void> done = finishCopy(unfinished.file, statements, control);
    if (done)
        done = prove(unfinished.file, control);
    if (done)
        done = publish(unfinished.file, target);
    return done ? done : done.error().in(step);
}

Result<Written> restoreDatabaseFile(const QByteArray &file, const QByteArray &path,
    std::chrono::milliseconds busyTimeout, JobControl &control)
{
    const QString step = QStringLiteral("Restoring the database %1").arg(displayName(path));
    const FileDescriptor from(::open(file.constData(), O_RDONLY | O_CLOEXEC));
    struct stat status;
    if (!from.isOpen() || ::fstat(from.get(), &status) != 0)
        return systemError(errno).in(QStringLiteral("Reading %1").arg(displayName(file)));
    char head[16] = {};
    if (!readExactlyAt(from.get(), head, 0) || !isSqliteHeader(head))
        return Error { ErrorCode::Corrupt,
            QStringLiteral("%1 is not an SQLite database").arg(displayName(file)) };
    const Result<void> proved = prove(file, control);
    if (!proved)
        return proved.error().in(step);
    const QByteArray place = resolved(path);
    const QByteArray leaf = place.mid(place.lastIndexOf('/') + 1);
    const Result<void> made = makeFolders(folderOfPath(place));
    if (!made)
        return made.error().in(step);
    Result<TargetFolder> target = TargetFolder::open(folderOfPath(place));
    if (!target)
        return target.error().in(step);
    const auto folder = target->existing({});
    ManifestEntry entry;
    entry.name = leaf;
    entry.size = status.st_size;
    entry.mode = S_IFREG | 0600;
    entry.uid = ::geteuid();
    entry.gid = ::getegid();
    entry.stamp = fileStamp(status);
    entry.database = DatabaseMark {};
    const Result<std::unique_ptr<FileWriter>> writer = FileWriter::create(folder, entry, leaf);
    if (!writer)
        return writer.error().in(step);
    const Result<void> copied = copyInto(**writer, from.get(), entry.size, control);
    if (!copied)
        return copied.error().in(step);
    const RestorePolicy policy { false, [](const Warning &) {} };
    const Result<Written> published
        = publishDatabase(**writer, folder, leaf, policy, busyTimeout, control);
    return published ? published : published.error().in(step);
}

} // namespace hubkeep::backup
