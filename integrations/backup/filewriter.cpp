#include "integrations/backup/filewriter.h"

#include "integrations/backup/targetfolder.h"

#include <QRandomGenerator>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr size_t holeSize = 64 * 1024;
constexpr size_t writebackSize = 512 * 1024;

bool isZero(std::span<const char> bytes)
{
    return bytes.empty()
        || (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

QByteArray temporaryName()
{
    static std::atomic<quint64> counter = 0;
    // Process ids repeat, in containers from one run to the next.
    static const QByteArray run = QByteArray::number(QRandomGenerator::system()->generate64(), 36);
    return ".hubkeep-restore-" + run + '-' + QByteArray::number(counter.fetch_add(1)) + ".partial";
}

} // namespace

Result<std::unique_ptr<FileWriter>> FileWriter::create(
    std::shared_ptr<const OpenFolder> folder, const ManifestEntry &entry, QByteArray leaf)
{
    const QByteArray temporary = temporaryName();
    FileDescriptor fd(::openat(folder->descriptor.get(), temporary.constData(),
        O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd.isOpen())
        return systemError(errno).in(
            QStringLiteral("Creating a file in %1").arg(displayName(folder->path)));
    std::unique_ptr<FileWriter> writer(
        new FileWriter(std::move(folder), entry, std::move(leaf), std::move(fd), temporary));
    if (entry.sparse && ::ftruncate(writer->m_fd.get(), entry.size) != 0)
        return systemError(errno).in(
            QStringLiteral("Making room for %1").arg(displayName(entry.name)));
    return writer;
}

FileWriter::FileWriter(std::shared_ptr<const OpenFolder> folder, const ManifestEntry &entry,
    QByteArray leaf, FileDescriptor fd, QByteArray temporary)
    : m_folder(std::move(folder))
    , m_entry(entry)
    , m_leaf(std::move(leaf))
    , m_fd(std::move(fd))
    , m_temporary(std::move(temporary))
{
}

FileWriter::~FileWriter()
{
    if (!m_temporary.isEmpty())
        ::unlinkat(m_folder->descriptor.get(), m_temporary.constData(), 0);
}

Result<void> FileWriter::write(qint64 offset, std::span<const char> bytes)
{
    const size_t step = m_entry.sparse ? holeSize : std::max<size_t>(bytes.size(), 1);
    for (size_t at = 0; at < bytes.size(); at += step) {
        const std::span<const char> part = bytes.subspan(at, std::min(step, bytes.size() - at));
        if (m_entry.sparse && isZero(part))
            continue;
        const Result<void> written = writeAt(m_fd.get(), part, offset + qint64(at));
        // The disk starts at once, so that the flush at the end of the restore is short.
        if (part.size() >= writebackSize)
            ::sync_file_range(
                m_fd.get(), offset + qint64(at), off_t(part.size()), SYNC_FILE_RANGE_WRITE);
        if (!written)
            return written.error().in(QStringLiteral("Writing %1/%2")
                                          .arg(displayName(m_folder->path), displayName(m_leaf)));
    }
    return {};
}

bool FileWriter::sameContent(const struct stat &existing) const
{
    if (!S_ISREG(existing.st_mode) || existing.st_size != m_entry.size)
        return false;
    const FileDescriptor old(::openat(m_folder->descriptor.get(), m_leaf.constData(),
        O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!old.isOpen())
        return false;
    std::vector<char> a(256 * 1024);
    std::vector<char> b(256 * 1024);
    for (qint64 at = 0; at < m_entry.size; at += qint64(a.size())) {
        const Result<qsizetype> x = readAt(old.get(), a, at);
        const Result<qsizetype> y = readAt(m_fd.get(), b, at);
        if (!x || !y || *x != *y || std::memcmp(a.data(), b.data(), size_t(*x)) != 0)
            return false;
    }
    return true;
}

Result<Written> FileWriter::publish(const RestorePolicy &policy)
{
    const int folder = m_folder->descriptor.get();
    const QByteArray path = m_folder->path + '/' + m_leaf;
    struct stat existing;
    const bool exists = ::fstatat(folder, m_leaf.constData(), &existing, AT_SYMLINK_NOFOLLOW) == 0;
    if (exists && sameContent(existing)) {
        const FileDescriptor old(
            ::openat(folder, m_leaf.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (old.isOpen())
            applyMetadata(old.get(), m_entry, path, policy);
        return Written::Unchanged;
    }
    applyMetadata(m_fd.get(), m_entry, path, policy);
    if (exists && S_ISREG(existing.st_mode)) {
        const Result<void> aside = setSidecarsAside(folder, m_leaf, m_entry.database.has_value());
        if (!aside)
            return aside.error();
    }
    if (exists) {
        const Result<QByteArray> aside = setAside(folder, m_leaf, S_ISREG(existing.st_mode));
        if (!aside)
            return aside.error();
    }
    if (::renameat(folder, m_temporary.constData(), folder, m_leaf.constData()) != 0)
        return systemError(errno).in(QStringLiteral("Naming %1").arg(displayName(path)));
    m_temporary.clear();
    return exists ? Written::Replaced : Written::New;
}

void FileWriter::applyMetadata(
    int fd, const ManifestEntry &entry, const QByteArray &path, const RestorePolicy &policy)
{
    const auto warnAbout = [&](const char *what) {
        policy.warn({ path, QLatin1String(what) + systemError(errno).message });
    };
    struct stat now;
    if (::fstat(fd, &now) != 0)
        return warnAbout("Its metadata could not be read: ");
    if ((now.st_uid != entry.uid || now.st_gid != entry.gid)
        && ::fchown(fd, entry.uid, entry.gid) != 0)
        policy.warn({ path,
            QStringLiteral(
                "Its owner could not be restored: only root can give files to others") });
    for (const ExtendedAttribute &attribute : entry.attributes) {
        if (attribute.name == "security.capability" && !policy.preserveSpecial) {
            policy.warn({ path,
                QStringLiteral("It had file capabilities, which were left off; --preserve-special "
                               "restores them") });
            continue;
        }
        char current[1024];
        const ssize_t size = ::fgetxattr(fd, attribute.name.constData(), current, sizeof current);
        const bool same = size == attribute.value.size()
            && std::memcmp(current, attribute.value.constData(), size_t(size)) == 0;
        if (!same
            && ::fsetxattr(fd, attribute.name.constData(), attribute.value.constData(),
                   size_t(attribute.value.size()), 0)
                != 0)
            warnAbout("An extended attribute could not be restored: ");
    }
    mode_t mode = entry.mode & 07777;
    if (entry.isFile() && (mode & 06000) != 0 && !policy.preserveSpecial) {
        mode &= ~mode_t(06000);
        policy.warn({ path,
            QStringLiteral(
                "Its setuid or setgid bit was left off; --preserve-special restores it") });
    }
    if (::fchmod(fd, mode) != 0)
        warnAbout("Its mode could not be restored: ");
    const timespec modified { entry.stamp.modified.seconds, entry.stamp.modified.nanoseconds };
    const timespec times[2] = { modified, modified };
    if (::futimens(fd, times) != 0)
        warnAbout("Its time could not be restored: ");
}

} // namespace hubkeep::backup
