#include "integrations/backup/itemreader.h"

#include "integrations/backup/archive/chunk.h"
#include "integrations/backup/database.h"

#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr qsizetype mostAttributeBytes = 1 << 20;

QString describeErrno(const char *what)
{
    return QLatin1String(what) + QLatin1String(": ") + systemError(errno).message;
}

QList<ExtendedAttribute> attributesOf(int fd, QString *remark)
{
    char names[64 * 1024];
    const ssize_t length = ::flistxattr(fd, names, sizeof names);
    QList<ExtendedAttribute> attributes;
    const auto leaveOut = [remark] {
        if (remark)
            *remark = QStringLiteral("Some of its extended attributes were left out: they are "
                                     "larger than 1 MiB, or could not be read");
    };
    if (length < 0 && errno != ENOTSUP)
        leaveOut();
    qsizetype total = 0;
    for (ssize_t at = 0; at < length; at += ssize_t(qstrlen(names + at)) + 1) {
        const ssize_t size = ::fgetxattr(fd, names + at, nullptr, 0);
        if (size < 0)
            continue;
        QByteArray value(size, Qt::Uninitialized);
        total += value.size();
        if (total > mostAttributeBytes
            || ::fgetxattr(fd, names + at, value.data(), size_t(size)) != size) {
            leaveOut();
            continue;
        }
        attributes.append({ QByteArray(names + at), value });
    }
    return attributes;
}

FileDescriptor openItem(const SourceItem &item)
{
    return FileDescriptor(::openat(item.folder->descriptor.get(), item.leaf.constData(),
        O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
}

ItemContent unreadable(ItemContent content, QString problem)
{
    content.reading = Reading::Unreadable;
    content.problem = std::move(problem);
    return content;
}

ItemContent readFolder(const SourceItem &item, ItemContent content)
{
    const Result<void> described
        = describeOpenFile(item.folder->descriptor.get(), content.entry, &content.remark);
    if (!described)
        return unreadable(std::move(content), described.error().message);
    content.reading = Reading::Packed;
    return content;
}

ItemContent readLink(const SourceItem &item, ItemContent content)
{
    char target[PATH_MAX];
    const ssize_t length
        = ::readlinkat(item.folder->descriptor.get(), item.leaf.constData(), target, sizeof target);
    if (length < 0 && errno == ENOENT)
        return content;
    if (length <= 0 || length >= ssize_t(sizeof target))
        return unreadable(std::move(content), describeErrno("The link could not be read"));
    content.entry.size = length;
    content.entry.method = Method::Store;
    content.chunk = packChunk({ target, size_t(length) }, Method::Store);
    content.reading = Reading::Packed;
    return content;
}

// Copies an unchanged file's packed bytes, if they are what they were.
bool takeOver(const ArchiveReader &archive, const ArchiveEntry &previous, ItemContent &content)
{
    const ManifestEntry &old = previous.manifest;
    content.chunk.stored.resize(size_t(old.chunkBytes()));
    content.chunk.record = old.onlyChunk();
    if (!archive.bytes().read(content.chunk.stored, previous.contentOffset())
        || !unpackChunk(
            content.chunk.stored, old.method, content.chunk.record, {}, Proof::Stored)) {
        content.previousDamaged = true;
        return false;
    }
    const QByteArray name = content.entry.name;
    content.entry = old;
    content.entry.name = name;
    content.entry.hardLinkTo.clear();
    content.reading = Reading::Reused;
    return true;
}

// One attempt at a small file. True when the file held still.
bool readOnce(ItemContent &content, std::vector<char> &bytes)
{
    const int fd = content.descriptor.get();
    const FileStamp before = content.entry.stamp;
    bytes.resize(size_t(before.size) + 1); // a byte more shows whether it grew
    const Result<qsizetype> read = readAt(fd, bytes, 0);
    if (!read) {
        content.problem = QStringLiteral("The file could not be read: ") + read.error().message;
        return true;
    }
    bytes.resize(size_t(std::min<qint64>(*read, chunkSize)));
    const Result<void> described = describeOpenFile(fd, content.entry);
    return described && content.entry.stamp == before && *read == before.size;
}

ItemContent readFile(const SourceItem &item, ItemContent content)
{
    content.descriptor = openItem(item);
    if (!content.descriptor.isOpen()) {
        if (errno == ENOENT)
            return content;
        return unreadable(std::move(content), describeErrno("The file could not be read"));
    }
    const Result<void> described
        = describeOpenFile(content.descriptor.get(), content.entry, &content.remark);
    if (!described || !S_ISREG(content.entry.mode))
        return unreadable(std::move(content),
            QStringLiteral("It was replaced by something else while it was opened"));
    thread_local std::vector<char> bytes;
    for (int attempt = 0; attempt < readAttempts; ++attempt) {
        char head[16];
        const Result<qsizetype> sniffed = readAt(content.descriptor.get(), head, 0);
        if (!sniffed)
            return unreadable(std::move(content),
                QStringLiteral("The file could not be read: ") + sniffed.error().message);
        if (isSqliteHeader({ head, size_t(*sniffed) })) {
            content.reading = Reading::Database;
            return content;
        }
        if (content.entry.stamp.size > chunkSize) {
            content.reading = Reading::Large;
            return content;
        }
        content.entry.torn = !readOnce(content, bytes);
        if (!content.problem.isEmpty())
            return unreadable(std::move(content), content.problem);
        if (!content.entry.torn)
            break;
    }
    PackedFile packed = packSmallFile(bytes);
    content.entry.size = qint64(bytes.size());
    content.entry.method = packed.method;
    content.chunk = std::move(packed.chunk);
    content.reading = Reading::Packed;
    content.descriptor.close();
    return content;
}

} // namespace

ManifestEntry describe(const SourceItem &item, const QByteArray &name)
{
    ManifestEntry entry;
    entry.name = name;
    entry.type = item.kind == ItemKind::Directory ? EntryType::Directory
        : item.kind == ItemKind::Symlink          ? EntryType::Symlink
                                                  : EntryType::File;
    entry.mode = item.status.st_mode;
    entry.uid = item.status.st_uid;
    entry.gid = item.status.st_gid;
    entry.stamp = fileStamp(item.status);
    return entry;
}

Result<void> describeOpenFile(int fd, ManifestEntry &entry, QString *remark)
{
    struct stat status;
    if (::fstat(fd, &status) != 0)
        return systemError(errno);
    entry.mode = status.st_mode;
    entry.uid = status.st_uid;
    entry.gid = status.st_gid;
    entry.stamp = fileStamp(status);
    entry.sparse
        = S_ISREG(status.st_mode) && qint64(status.st_blocks) * 512 + 4096 <= status.st_size;
    entry.attributes = attributesOf(fd, remark);
    return {};
}

ItemContent readItem(const SourceItem &item, const QByteArray &name,
    const ArchiveReader *previousArchive, const std::optional<ArchiveEntry> &previous)
{
    ItemContent content;
    content.entry = describe(item, name);
    if (item.kind == ItemKind::Directory)
        return readFolder(item, std::move(content));
    if (item.kind == ItemKind::Symlink)
        return readLink(item, std::move(content));
    if (previousArchive && previous && takeOver(*previousArchive, *previous, content))
        return content;
    return readFile(item, std::move(content));
}

} // namespace hubkeep::backup
