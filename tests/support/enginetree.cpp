#include "tests/support/enginetree.h"

#include <QCryptographicHash>
#include <QDir>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <random>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace hubkeep::test {
namespace {

void require(bool done, const char *what, const QByteArray &path)
{
    if (!done)
        qFatal("%s %s: %s", what, path.constData(), std::strerror(errno));
}

FileDescriptor openFor(const QByteArray &path, int flags)
{
    FileDescriptor fd(::open(path.constData(), flags | O_CLOEXEC, 0644));
    require(fd.isOpen(), "Opening", path);
    return fd;
}

void writeAll(int fd, const QByteArray &content, qint64 offset, const QByteArray &path)
{
    require(
        writeAt(fd, { content.constData(), size_t(content.size()) }, offset).ok(), "Writing", path);
}

QByteArray attributesOf(const QByteArray &path)
{
    char names[4096];
    const ssize_t length = ::llistxattr(path.constData(), names, sizeof names);
    QList<QByteArray> found;
    for (ssize_t at = 0; at < length; at += ssize_t(qstrlen(names + at)) + 1) {
        char value[4096];
        const ssize_t size = ::lgetxattr(path.constData(), names + at, value, sizeof value);
        found.append(
            QByteArray(names + at) + '=' + QByteArray(value, std::max<qsizetype>(size, 0)).toHex());
    }
    std::sort(found.begin(), found.end());
    return found.join(',');
}

void describe(const QByteArray &root, const QByteArray &relative, const TreeOptions &options,
    QMap<quint64, QByteArray> &firstNames, QMap<QByteArray, QByteArray> &lines)
{
    const QByteArray path = relative.isEmpty() ? root : root + '/' + relative;
    const struct stat status = statusOf(path);
    QList<QByteArray> line { "mode " + QByteArray::number(status.st_mode, 8) };
    if (options.owners)
        line.append(
            "owner " + QByteArray::number(status.st_uid) + ':' + QByteArray::number(status.st_gid));
    if (options.times)
        line.append("modified " + QByteArray::number(qint64(status.st_mtim.tv_sec)) + '.'
            + QByteArray::number(qint64(status.st_mtim.tv_nsec)));
    line.append("attributes " + attributesOf(path));
    if (S_ISLNK(status.st_mode))
        line.append("to " + linkTarget(path));
    if (S_ISREG(status.st_mode)) {
        line.append("size " + QByteArray::number(qint64(status.st_size)));
        QCryptographicHash hash(QCryptographicHash::Sha256);
        QFile file(QFile::decodeName(path));
        const FileDescriptor fd = openFor(path, O_RDONLY);
        require(file.open(fd.get(), QIODevice::ReadOnly) && hash.addData(&file), "Reading", path);
        line.append("content " + hash.result().toHex().left(16));
        if (status.st_nlink > 1) {
            const QByteArray first = firstNames.value(status.st_ino, relative);
            firstNames.insert(status.st_ino, first);
            line.append("same file as " + first);
        }
    }
    lines.insert(relative, line.join("; "));
    if (!S_ISDIR(status.st_mode))
        return;
    for (const QByteArray &leaf : namesIn(path)) {
        if (!options.leaveOut.contains(leaf))
            describe(root, relative.isEmpty() ? leaf : relative + '/' + leaf, options, firstNames,
                lines);
    }
}

} // namespace

Folder::Folder()
    : m_path(QFile::encodeName(QDir::tempPath()) + "/hubkeep-test-XXXXXX")
{
    require(::mkdtemp(m_path.data()), "Making the temporary folder", m_path);
}

Folder::~Folder()
{
    ::chmod(m_path.constData(), 0700);
    removeTree(m_path);
}

void makeFolder(const QByteArray &path)
{
    for (qsizetype slash = path.indexOf('/', 1);; slash = path.indexOf('/', slash + 1)) {
        const QByteArray part = slash < 0 ? path : path.left(slash);
        require(::mkdir(part.constData(), 0755) == 0 || errno == EEXIST, "Making", part);
        if (slash < 0)
            return;
    }
}

void writeFile(const QByteArray &path, const QByteArray &content)
{
    makeFolder(path.left(path.lastIndexOf('/')));
    writeAll(openFor(path, O_WRONLY | O_CREAT | O_TRUNC).get(), content, 0, path);
}

void appendToFile(const QByteArray &path, const QByteArray &content)
{
    writeAll(openFor(path, O_WRONLY).get(), content, statusOf(path).st_size, path);
}

void overwriteAt(const QByteArray &path, qint64 offset, const QByteArray &content)
{
    writeAll(openFor(path, O_WRONLY).get(), content, offset, path);
}

void makeLink(const QByteArray &target, const QByteArray &path)
{
    require(::symlink(target.constData(), path.constData()) == 0, "Linking", path);
}

void makeHardLink(const QByteArray &existing, const QByteArray &path)
{
    require(::link(existing.constData(), path.constData()) == 0, "Linking", path);
}

void makeFifo(const QByteArray &path)
{
    require(::mkfifo(path.constData(), 0600) == 0, "Making the FIFO", path);
}

void makeSocket(const QByteArray &path)
{
    const FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address {};
    address.sun_family = AF_UNIX;
    require(size_t(path.size()) < sizeof address.sun_path, "Naming the socket", path);
    std::memcpy(address.sun_path, path.constData(), size_t(path.size()));
    require(::bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0,
        "Making the socket", path);
}

void setModified(const QByteArray &path, qint64 seconds, long nanoseconds)
{
    const timespec times[2] = { { seconds, nanoseconds }, { seconds, nanoseconds } };
    require(::utimensat(AT_FDCWD, path.constData(), times, AT_SYMLINK_NOFOLLOW) == 0,
        "Setting the time of", path);
}

void setMode(const QByteArray &path, mode_t mode)
{
    require(::chmod(path.constData(), mode) == 0, "Setting the mode of", path);
}

bool setAttribute(const QByteArray &path, const QByteArray &name, const QByteArray &value)
{
    return ::lsetxattr(
               path.constData(), name.constData(), value.constData(), size_t(value.size()), 0)
        == 0;
}

void removeTree(const QByteArray &path)
{
    const struct stat status = statusOf(path);
    if (S_ISDIR(status.st_mode)) {
        ::chmod(path.constData(), 0700);
        for (const QByteArray &leaf : namesIn(path))
            removeTree(path + '/' + leaf);
        require(::rmdir(path.constData()) == 0, "Removing", path);
    } else {
        require(::unlink(path.constData()) == 0, "Removing", path);
    }
}

QByteArray readFile(const QByteArray &path)
{
    const FileDescriptor fd(::open(path.constData(), O_RDONLY | O_CLOEXEC));
    struct stat status;
    if (!fd.isOpen() || ::fstat(fd.get(), &status) != 0)
        return {};
    QByteArray content(qsizetype(status.st_size), '\0');
    const Result<qsizetype> read = readAt(fd.get(), { content.data(), size_t(content.size()) }, 0);
    require(read.ok(), "Reading", path);
    return content.left(*read);
}

bool exists(const QByteArray &path)
{
    struct stat status;
    return ::lstat(path.constData(), &status) == 0;
}

struct stat statusOf(const QByteArray &path)
{
    struct stat status;
    if (::lstat(path.constData(), &status) != 0)
        std::memset(&status, 0, sizeof status);
    return status;
}

QByteArray linkTarget(const QByteArray &path)
{
    char target[4096];
    const ssize_t length = ::readlink(path.constData(), target, sizeof target);
    return QByteArray(target, std::max<qsizetype>(length, 0));
}

QList<QByteArray> namesIn(const QByteArray &folder)
{
    QList<QByteArray> names;
    DIR *dir = ::opendir(folder.constData());
    require(dir, "Listing", folder);
    while (const dirent *entry = ::readdir(dir)) {
        if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
            names.append(QByteArray(entry->d_name));
    }
    ::closedir(dir);
    std::sort(names.begin(), names.end());
    return names;
}

QByteArray randomBytes(qint64 size, quint32 seed)
{
    std::mt19937 random(seed);
    QByteArray bytes(qsizetype(size), Qt::Uninitialized);
    for (char &byte : bytes)
        byte = char(random() >> 13);
    return bytes;
}

QByteArray someText(qint64 size)
{
    QByteArray text;
    for (int line = 0; text.size() < size; ++line)
        text += "This is line " + QByteArray::number(line) + " of something that people wrote.\n";
    return text.left(qsizetype(size));
}

QMap<QByteArray, QByteArray> describeTree(const QByteArray &root, const TreeOptions &options)
{
    QMap<quint64, QByteArray> firstNames;
    QMap<QByteArray, QByteArray> lines;
    describe(root, {}, options, firstNames, lines);
    return lines;
}

QStringList treeDifferences(
    const QByteArray &expected, const QByteArray &actual, const TreeOptions &options)
{
    const auto before = describeTree(expected, options);
    const auto after = describeTree(actual, options);
    QStringList differences;
    for (auto it = before.begin(); it != before.end(); ++it) {
        const QString name = displayName(it.key());
        if (!after.contains(it.key()))
            differences.append(QStringLiteral("%1 is missing").arg(name));
        else if (after.value(it.key()) != it.value())
            differences.append(
                QStringLiteral("%1 was {%2} and is {%3}")
                    .arg(name, displayName(it.value()), displayName(after.value(it.key()))));
    }
    for (auto it = after.begin(); it != after.end(); ++it) {
        if (!before.contains(it.key()))
            differences.append(QStringLiteral("%1 is new").arg(displayName(it.key())));
    }
    return differences;
}

bool AsNobody::isPossible()
{
    return ::geteuid() == 0;
}

AsNobody::AsNobody()
{
    require(::setegid(65534) == 0 && ::seteuid(65534) == 0, "Becoming", "nobody");
}

AsNobody::~AsNobody()
{
    require(::seteuid(0) == 0 && ::setegid(0) == 0, "Becoming", "root");
}

TinyDisk::TinyDisk(qint64 bytes)
{
    const QByteArray options = "size=" + QByteArray::number(bytes);
    m_mounted = ::mount("none", m_folder.path().constData(), "tmpfs", 0, options.constData()) == 0;
}

TinyDisk::~TinyDisk()
{
    if (m_mounted)
        ::umount2(m_folder.path().constData(), MNT_DETACH);
}

} // namespace hubkeep::test
