#include "integrations/local/storedfile.h"

#include "automation/core/filedescriptor.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <vector>

namespace hubkeep::local {
namespace {

constexpr qint64 pieceSize = 1 << 20;

Error writingError(const QByteArray &path)
{
    return systemError(errno).in(QStringLiteral("Writing %1").arg(displayName(path)));
}

Result<void> checkRoom(const QByteArray &path, qint64 needed)
{
    struct statvfs room;
    if (::statvfs(path.left(path.lastIndexOf('/')).constData(), &room) != 0)
        return {}; // writing will say it
    const qint64 free = qint64(room.f_bavail) * qint64(room.f_frsize);
    if (free >= needed)
        return {};
    return Error { ErrorCode::NoSpace,
        QStringLiteral("%1 has room for %2 MiB and this backup needs %3 MiB; free some space or "
                       "choose another folder")
            .arg(displayName(path.left(path.lastIndexOf('/'))))
            .arg(free >> 20)
            .arg((needed >> 20) + 1) };
}

Result<void> copyBytes(int from, int to, JobControl &control)
{
    std::vector<char> buffer(pieceSize);
    for (qint64 offset = 0;;) {
        if (control.cancelled())
            return JobControl::cancelledError();
        const Result<qsizetype> n = readAt(from, buffer, offset);
        if (!n)
            return n.error();
        if (*n == 0)
            return {};
        const Result<void> written = writeAt(to, { buffer.data(), size_t(*n) }, offset);
        if (!written)
            return written;
        offset += *n;
        control.advance(*n);
    }
}

// Whether target is source's only other name, so that no other agent has linked it. Of two that
// link at the same moment at most one sees that.
bool linkAlone(const QByteArray &source, const QByteArray &target)
{
    struct stat status;
    if (::lstat(source.constData(), &status) != 0 || !S_ISREG(status.st_mode)
        || status.st_nlink != 1 || ::link(source.constData(), target.constData()) != 0)
        return false;
    if (::lstat(target.constData(), &status) == 0 && status.st_nlink == 2)
        return true;
    ::unlink(target.constData());
    return false;
}

} // namespace

bool isRegularFile(const QByteArray &path)
{
    struct stat status;
    return ::lstat(path.constData(), &status) == 0 && S_ISREG(status.st_mode);
}

qint64 sizeOf(const QByteArray &path)
{
    struct stat status;
    return ::lstat(path.constData(), &status) == 0 ? qint64(status.st_size) : 0;
}

Result<void> copyFile(const QByteArray &source, const QByteArray &target, JobControl &control)
{
    const FileDescriptor from(::open(source.constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!from.isOpen())
        return systemError(errno).in(QStringLiteral("Reading %1").arg(displayName(source)));
    const Result<void> room = checkRoom(target, sizeOf(source));
    if (!room)
        return room;
    const FileDescriptor to(
        ::open(target.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!to.isOpen())
        return writingError(target);
    Result<void> done = copyBytes(from.get(), to.get(), control);
    if (done && ::fsync(to.get()) != 0)
        done = systemError(errno);
    if (done)
        return done;
    ::unlink(target.constData());
    return done.error().code == ErrorCode::Cancelled
        ? done
        : done.error().in(QStringLiteral("Writing %1").arg(displayName(target)));
}

Result<void> copyAlways(const QByteArray &source, const QByteArray &target, JobControl &control)
{
    ::unlink(target.constData());
    return copyFile(source, target, control);
}

Result<void> linkOrCopy(const QByteArray &source, const QByteArray &target, JobControl &control)
{
    if (control.cancelled())
        return JobControl::cancelledError();
    ::unlink(target.constData());
    if (!linkAlone(source, target))
        return copyFile(source, target, control);
    const FileDescriptor file(::open(target.constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file.isOpen() || ::fsync(file.get()) != 0) {
        const Error error = writingError(target);
        ::unlink(target.constData());
        return error;
    }
    control.advance(sizeOf(target));
    return {};
}

Result<void> writeWhole(const QByteArray &target, const QByteArray &content)
{
    ::unlink(target.constData());
    const FileDescriptor to(
        ::open(target.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!to.isOpen())
        return writingError(target);
    Result<void> done = writeAt(to.get(), { content.constData(), size_t(content.size()) }, 0);
    if (done && ::fsync(to.get()) != 0)
        done = systemError(errno);
    if (done)
        return done;
    ::unlink(target.constData());
    return done.error().in(QStringLiteral("Writing %1").arg(displayName(target)));
}

Result<QByteArray> readSmall(const QByteArray &path, qint64 most)
{
    const FileDescriptor file(
        ::open(path.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status;
    if (!file.isOpen() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)
        || status.st_size > most)
        return Error { ErrorCode::NotFound,
            QStringLiteral("%1 is no small file").arg(displayName(path)) };
    QByteArray content(qsizetype(status.st_size), '\0');
    const Result<qsizetype> n = readAt(file.get(), { content.data(), size_t(content.size()) }, 0);
    if (!n)
        return n.error().in(QStringLiteral("Reading %1").arg(displayName(path)));
    content.truncate(*n);
    return content;
}

} // namespace hubkeep::local
