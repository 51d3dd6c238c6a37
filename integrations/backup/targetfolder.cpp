#include "integrations/backup/targetfolder.h"

#include "integrations/backup/database.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr qsizetype longestName = 255;
constexpr int folderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

FileDescriptor openBelow(int root, const QByteArray &relative)
{
    struct open_how how
    {
    };
    how.flags = folderFlags;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const long fd = ::syscall(SYS_openat2, root, relative.constData(), &how, sizeof how);
    if (fd >= 0 || errno != ENOSYS)
        return FileDescriptor(int(fd));
    // Before Linux 5.6: part by part, following nothing. Names have no "..".
    FileDescriptor at(::openat(root, ".", folderFlags));
    for (const QByteArray &part : relative.split('/')) {
        if (at.isOpen())
            at = FileDescriptor(::openat(at.get(), part.constData(), folderFlags));
    }
    return at;
}

} // namespace

Result<TargetFolder> TargetFolder::open(const QByteArray &path)
{
    auto root = std::make_shared<OpenFolder>();
    root->path = path;
    root->descriptor = FileDescriptor(::open(path.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root->descriptor.isOpen())
        return systemError(errno).in(
            QStringLiteral("Opening the folder %1").arg(displayName(path)));
    TargetFolder target;
    target.m_root = std::move(root);
    return target;
}

Result<std::shared_ptr<const OpenFolder>> TargetFolder::folder(const QByteArray &relative)
{
    if (const std::shared_ptr<const OpenFolder> there = existing(relative))
        return there;
    return make(relative);
}

std::shared_ptr<const OpenFolder> TargetFolder::existing(const QByteArray &relative)
{
    if (relative.isEmpty())
        return m_root;
    if (m_last && m_lastPath == relative)
        return m_last;
    FileDescriptor fd = openBelow(m_root->descriptor.get(), relative);
    if (!fd.isOpen())
        return {};
    auto folder = std::make_shared<OpenFolder>();
    folder->descriptor = std::move(fd);
    folder->path = m_root->path + '/' + relative;
    m_last = std::move(folder);
    m_lastPath = relative;
    return m_last;
}

// The folder above comes first; then whatever has the name and is no folder makes room.
Result<std::shared_ptr<const OpenFolder>> TargetFolder::make(const QByteArray &relative)
{
    const qsizetype slash = relative.lastIndexOf('/');
    const QByteArray leaf = relative.mid(slash + 1);
    const Result<std::shared_ptr<const OpenFolder>> above
        = folder(slash < 0 ? QByteArray() : relative.left(slash));
    if (!above)
        return above.error();
    const int fd = (*above)->descriptor.get();
    const QString step = QStringLiteral("Making the folder %1/%2")
                             .arg(displayName(m_root->path), displayName(relative));
    struct stat status;
    if (::fstatat(fd, leaf.constData(), &status, AT_SYMLINK_NOFOLLOW) == 0
        && !S_ISDIR(status.st_mode)) {
        const Result<QByteArray> aside = setAside(fd, leaf, false);
        if (!aside)
            return aside.error().in(step);
    }
    if (::mkdirat(fd, leaf.constData(), 0700) != 0 && errno != EEXIST)
        return systemError(errno).in(step);
    auto made = std::make_shared<OpenFolder>();
    made->descriptor = FileDescriptor(::openat(fd, leaf.constData(), folderFlags));
    if (!made->descriptor.isOpen())
        return systemError(errno).in(step);
    made->path = m_root->path + '/' + relative;
    m_last = std::move(made);
    m_lastPath = relative;
    m_made.insert(relative);
    return m_last;
}

QByteArray secondName(const QByteArray &leaf)
{
    const QByteArray ending = ".hubkeep-restore.partial";
    return leaf.left(longestName - ending.size()) + ending;
}

Result<QByteArray> nameAside(int folder, const QByteArray &copy, const QByteArray &leaf)
{
    // A name that is as long as names may be loses its end to the suffix.
    const QByteArray stem = leaf.left(longestName - qsizetype(qstrlen(".before-restore.9999")));
    for (int i = 0; i < 10'000; ++i) {
        const QByteArray name
            = stem + ".before-restore" + (i > 0 ? '.' + QByteArray::number(i) : QByteArray());
        if (::renameat2(folder, copy.constData(), folder, name.constData(), RENAME_NOREPLACE) == 0)
            return name;
        if (errno == EINVAL || errno == ENOSYS) {
            // A file system without RENAME_NOREPLACE: the lock on the target keeps others out.
            struct stat status;
            if (::fstatat(folder, name.constData(), &status, AT_SYMLINK_NOFOLLOW) == 0)
                continue;
            if (::renameat(folder, copy.constData(), folder, name.constData()) == 0)
                return name;
        }
        if (errno != EEXIST)
            return systemError(errno).in(QStringLiteral("Setting %1 aside").arg(displayName(leaf)));
    }
    return Error { ErrorCode::Io,
        QStringLiteral("Setting %1 aside: too many .before-restore copies lie there; remove some")
            .arg(displayName(leaf)) };
}

Result<void> setSidecarsAside(int folder, const QByteArray &leaf, bool sure)
{
    if (!sure) {
        const FileDescriptor file(
            ::openat(folder, leaf.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        char head[16] = {};
        if (!file.isOpen() || !readAt(file.get(), head, 0) || !isSqliteHeader(head))
            return {};
    }
    for (const char *ending : databaseSidecars) {
        struct stat status;
        if (::fstatat(folder, (leaf + ending).constData(), &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        const Result<QByteArray> aside = setAside(folder, leaf + ending, false);
        if (!aside)
            return aside.error();
    }
    return {};
}

Result<QByteArray> setAside(int folder, const QByteArray &leaf, bool keepOriginal)
{
    if (!keepOriginal)
        return nameAside(folder, leaf, leaf);
    const QByteArray second = secondName(leaf);
    ::unlinkat(folder, second.constData(), 0);
    if (::linkat(folder, leaf.constData(), folder, second.constData(), 0) != 0)
        return nameAside(folder, leaf, leaf); // a file system without hard links
    const Result<QByteArray> named = nameAside(folder, second, leaf);
    if (!named)
        ::unlinkat(folder, second.constData(), 0);
    return named;
}

} // namespace hubkeep::backup
