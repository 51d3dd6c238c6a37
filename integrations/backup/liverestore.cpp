#include "integrations/backup/liverestore.h"

#include "integrations/backup/database.h"
#include "integrations/backup/targetfolder.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

// Busy says that a job of ours holds the data; here another program does.
Error inUse(const Error &error)
{
    return { error.code == ErrorCode::Busy ? ErrorCode::Unavailable : error.code, error.message };
}

// What is kept is as readable as what was there. Where it cannot be given to its owner it
// stays private.
void copyOwnerAndMode(int from, int folder, const QByteArray &leaf)
{
    const FileDescriptor kept(
        ::openat(folder, leaf.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status;
    if (kept.isOpen() && ::fstat(from, &status) == 0
        && ::fchown(kept.get(), status.st_uid, status.st_gid) == 0)
        ::fchmod(kept.get(), status.st_mode & 0777);
}

} // namespace

Result<Written> publishDatabase(FileWriter &writer, const std::shared_ptr<const OpenFolder> &folder,
    const QByteArray &leaf, const RestorePolicy &policy, std::chrono::milliseconds busyTimeout,
    JobControl &control)
{
    const int fd = folder->descriptor.get();
    const QByteArray path = folder->path + '/' + leaf;
    // Open until the last connection is closed, see database.h.
    const FileDescriptor live(
        ::openat(fd, leaf.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    char head[16] = {};
    const bool isDatabase
        = live.isOpen() && readAt(live.get(), head, 0).ok() && isSqliteHeader(head);
    const QByteArray keptLeaf = secondName(leaf);
    const QByteArray kept = folder->path + '/' + keptLeaf;
    ::unlinkat(fd, keptLeaf.constData(), 0);
    Result<Snapshot> before = isDatabase
        ? snapshotDatabase(path, kept, { busyTimeout, {} }, control)
        : Result<Snapshot>(Error { ErrorCode::Corrupt, {} });
    if (!before && before.error().code != ErrorCode::Corrupt) {
        ::unlinkat(fd, keptLeaf.constData(), 0);
        return inUse(before.error());
    }
    if (!before) {
        ::unlinkat(fd, keptLeaf.constData(), 0);
        const Result<void> aside = setSidecarsAside(fd, leaf, true);
        return aside ? writer.publish(policy) : Result<Written>(aside.error());
    }
    const Result<bool> same = haveSamePages(writer.temporaryPath(), kept);
    if (!same || *same) {
        ::unlinkat(fd, keptLeaf.constData(), 0);
        return same ? Result<Written>(Written::Unchanged) : same.error();
    }
    copyOwnerAndMode(live.get(), fd, keptLeaf);
    // Kept under its name first, and on its disk: a restore that is cut off leaves it, too.
    const FileDescriptor keptFile(
        ::openat(fd, keptLeaf.constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    const bool flushed = keptFile.isOpen() && ::fsync(keptFile.get()) == 0;
    const Result<QByteArray> aside
        = flushed ? nameAside(fd, keptLeaf, leaf) : Result<QByteArray>(systemError(errno));
    if (!aside) {
        ::unlinkat(fd, keptLeaf.constData(), 0);
        return aside.error();
    }
    ::fsync(fd);
    const Result<void> restored
        = restoreIntoLive(writer.temporaryPath(), path, busyTimeout, control);
    if (!restored) {
        ::unlinkat(fd, aside->constData(), 0); // the database is as it was
        return inUse(restored.error());
    }
    return Written::Replaced;
}

} // namespace hubkeep::backup
