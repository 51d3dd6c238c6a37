#include "automation/core/filedescriptor.h"

#include <QStringDecoder>

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep {

FileDescriptor::~FileDescriptor()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

Error systemError(int errnoValue)
{
    const auto text = [&](const char *advice) {
        return QString::fromLocal8Bit(std::strerror(errnoValue)) + QLatin1String(advice);
    };
    switch (errnoValue) {
    case ENOSPC:
    case EDQUOT:
        return { ErrorCode::NoSpace, text("; free some space there or choose another folder") };
    case ENOENT:
    case ENOTDIR:
        return { ErrorCode::NotFound, text("") };
    case EACCES:
    case EPERM:
        return { ErrorCode::Forbidden,
            text("; run hubkeep as a user who may do that, or change the permissions") };
    case EROFS:
        return { ErrorCode::Forbidden, text("; choose a folder that can be written") };
    case EIO:
        return { ErrorCode::Io, text("; the disk or the connection to it may be failing") };
    default:
        return { ErrorCode::Io, text("") };
    }
}

QString displayName(const QByteArray &path)
{
    const QString decoded = QString::fromUtf8(path);
    QString shown;
    shown.reserve(decoded.size());
    for (const QChar c : decoded) {
        const bool control = c.unicode() < 0x20 || (c.unicode() >= 0x7f && c.unicode() < 0xa0);
        // Line and paragraph separator, and what turns the direction of writing.
        const bool forging = (c >= QChar(0x2028) && c <= QChar(0x202e))
            || (c >= QChar(0x2066) && c <= QChar(0x2069));
        if (control || forging)
            shown += QStringLiteral("\\u%1").arg(int(c.unicode()), 4, 16, QLatin1Char('0'));
        else
            shown += c;
    }
    return shown;
}

Result<qsizetype> readAt(int fd, std::span<char> buffer, qint64 offset)
{
    size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t n
            = ::pread(fd, buffer.data() + done, buffer.size() - done, offset + qint64(done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return systemError(errno);
        if (n == 0)
            break;
        done += size_t(n);
    }
    return qsizetype(done);
}

Result<void> readExactlyAt(int fd, std::span<char> buffer, qint64 offset)
{
    const Result<qsizetype> read = readAt(fd, buffer, offset);
    if (!read)
        return read.error();
    if (*read != qsizetype(buffer.size()))
        return Error { ErrorCode::Corrupt, QStringLiteral("The file ends too early") };
    return {};
}

Result<void> writeAt(int fd, std::span<const char> bytes, qint64 offset)
{
    size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t n
            = ::pwrite(fd, bytes.data() + done, bytes.size() - done, offset + qint64(done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return systemError(errno);
        done += size_t(n);
    }
    return {};
}

Result<void> makeFolders(const QByteArray &path)
{
    for (qsizetype at = path.indexOf('/', 1);; at = path.indexOf('/', at + 1)) {
        const QByteArray part = at < 0 ? path : path.left(at);
        struct stat status;
        const int failure = ::mkdir(part.constData(), 0777) == 0 ? 0 : errno;
        if (failure != 0 && (::stat(part.constData(), &status) != 0 || !S_ISDIR(status.st_mode)))
            return systemError(failure == EEXIST ? ENOTDIR : failure)
                .in(QStringLiteral("Making the folder %1").arg(displayName(part)));
        if (at < 0)
            return {};
    }
}

Result<QList<QByteArray>> namesInFolder(const QByteArray &path)
{
    const std::unique_ptr<DIR, int (*)(DIR *)> folder(::opendir(path.constData()), ::closedir);
    if (!folder)
        return systemError(errno);
    QList<QByteArray> names;
    errno = 0;
    while (const dirent *entry = ::readdir(folder.get())) {
        const QByteArray name(entry->d_name);
        if (name != "." && name != "..")
            names.append(name);
    }
    if (errno != 0)
        return systemError(errno);
    return names;
}

Result<void> syncFolder(const QByteArray &path)
{
    const FileDescriptor folder(::open(path.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // Some file systems cannot fsync a folder (EINVAL): nothing more can be done there.
    if (!folder.isOpen() || (::fsync(folder.get()) != 0 && errno != EINVAL))
        return systemError(errno).in(
            QStringLiteral("Flushing the folder %1").arg(displayName(path)));
    return {};
}

} // namespace hubkeep
