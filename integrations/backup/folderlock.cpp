#include "integrations/backup/folderlock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

namespace hubkeep::backup {

Result<FolderLock> FolderLock::take(const QByteArray &folder)
{
    const QString step = QStringLiteral("Locking the folder %1").arg(displayName(folder));
    FolderLock lock;
    lock.m_fd = FileDescriptor(::open(folder.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock.m_fd.isOpen())
        return systemError(errno).in(step);
    if (::flock(lock.m_fd.get(), LOCK_EX | LOCK_NB) == 0)
        return lock;
    if (errno == EBADF || errno == ENOLCK || errno == EOPNOTSUPP) {
        // NFS and the like lock only files that are open for writing.
        lock.m_fd = FileDescriptor(::open((folder + "/.hubkeep.lock").constData(),
            O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!lock.m_fd.isOpen())
            return systemError(errno).in(step);
        if (::flock(lock.m_fd.get(), LOCK_EX | LOCK_NB) == 0)
            return lock;
    }
    if (errno != EWOULDBLOCK)
        return systemError(errno).in(step);
    return Error { ErrorCode::Busy,
        QStringLiteral("Another job is working in %1; wait until it has finished")
            .arg(displayName(folder)) };
}

} // namespace hubkeep::backup
