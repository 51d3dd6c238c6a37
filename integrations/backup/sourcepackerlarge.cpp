// The parts of SourcePacker that pack what is longer than a chunk, or live.

#include "integrations/backup/sourcepacker.h"

#include "integrations/backup/chunkfeed.h"

#include <QDateTime>

#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

// A smaller snapshot is quickly spooled, and its first chunk is worth packing.
constexpr qint64 leastStreamed = 32 << 20;

} // namespace

// False when the previous backup turned out to be damaged there.
Result<bool> SourcePacker::packUnchangedLarge(Pending &pending)
{
    const ArchiveEntry &previous = *pending.previous;
    const Result<void> begun = m_context.writer.begin(pending.name, previous.manifest.method,
        std::max(previous.manifest.size, previous.manifest.stored));
    if (!begun)
        return begun.error();
    const Result<ChunkPacker::Appended> appended
        = m_chunks.takeOver(m_context.previous->archive(), previous);
    if (!appended)
        return appended.error();
    if (appended->unreadable) {
        const Result<void> abandoned = m_context.writer.abandon();
        const Result<void> warned = m_context.warn({ m_context.previous->archive().path(),
            QStringLiteral("The previous backup is damaged at %1, which was read again from its "
                           "source; run hubkeep verify on it")
                .arg(displayName(pending.name)) });
        if (!abandoned || !warned)
            return abandoned ? warned.error() : abandoned.error();
        return false;
    }
    ManifestEntry entry = previous.manifest;
    entry.hardLinkTo.clear();
    const Result<void> finished = finishEntry(pending, m_context.writer.commit(std::move(entry)));
    if (!finished)
        return finished.error();
    return true;
}

Result<void> SourcePacker::packLarge(Pending &pending, ItemContent content)
{
    ManifestEntry entry = std::move(content.entry);
    const int fd = content.descriptor.get();
    ChunkPacker::Input input { fd, entry.stamp.size, entry.sparse, Method::Deflate,
        pending.previous && pending.previous->manifest.isFile() ? &*pending.previous : nullptr,
        m_context.previous ? &m_context.previous->archive() : nullptr };
    input.method = ChunkPacker::methodFor(input);
    // Room for what it may grow to between the attempts.
    const qint64 most = entry.stamp.size + (entry.stamp.size >> 2);
    Result<void> done = m_context.writer.begin(pending.name, input.method, most);
    for (int attempt = 1; done; ++attempt) {
        input.size = std::min(entry.stamp.size, most);
        const Result<ChunkPacker::Appended> appended = m_chunks.append(input);
        if (!appended)
            return appended.error();
        if (appended->unreadable) {
            const Result<void> abandoned = m_context.writer.abandon();
            return abandoned
                ? unreadable(pending,
                    QStringLiteral("The file could not be read: ") + appended->unreadable->message)
                : abandoned;
        }
        const FileStamp before = entry.stamp;
        const Result<void> described = describeOpenFile(fd, entry);
        entry.torn = !described || entry.stamp != before || appended->bytes != before.size;
        if (!entry.torn || attempt == readAttempts)
            break;
        done = m_context.writer.rewind();
    }
    if (!done)
        return done;
    return finishEntry(pending, m_context.writer.commit(std::move(entry)));
}

// content.descriptor stays open until the snapshot is made and its connections are
// closed: closing it earlier would drop the locks that keep the snapshot whole.
Result<void> SourcePacker::packDatabase(Pending &pending, ItemContent content)
{
    const QByteArray path = pending.item.fullPath();
    ManifestEntry entry = content.entry;
    entry.sparse = false;
    struct stat wal;
    const bool hasWal = ::lstat((path + "-wal").constData(), &wal) == 0;
    const Result<PackedSnapshot> snapshot = takeSnapshot(pending);
    if (!snapshot && snapshot.error().code != ErrorCode::Busy
        && snapshot.error().code != ErrorCode::Forbidden
        && snapshot.error().code != ErrorCode::NotFound)
        return snapshot.error();
    if (!snapshot)
        return unreadable(
            pending, QStringLiteral("The database could not be read: ") + snapshot.error().message);
    const QByteArray &damage = snapshot->damage;
    entry.database = DatabaseMark { snapshot->pageSize, damage, {} };
    if (hasWal)
        entry.database->wal = fileStamp(wal);
    if (!damage.isEmpty() && pending.item.mustBeDatabase) {
        const Result<void> abandoned
            = snapshot->isOpen ? m_context.writer.abandon() : Result<void>();
        return abandoned ? failSource({ ErrorCode::Corrupt,
                   QStringLiteral("The database %1 is damaged (%2); older backups of it were left "
                                  "alone. Try `sqlite3 FILE .recover`, or restore it")
                       .arg(displayName(path), QString::fromUtf8(damage)) })
                         : abandoned;
    }
    if (!damage.isEmpty()) {
        const Result<void> warned = m_context.warn({ path,
            QStringLiteral("The database is damaged and was copied as it is: ")
                + QString::fromUtf8(damage) });
        if (!warned)
            return warned;
    }
    // Of a damaged database the file itself says most, and its log, which follows it then.
    if (damage.isEmpty())
        return finishEntry(pending, m_context.writer.commit(std::move(entry)));
    const Result<void> abandoned = snapshot->isOpen ? m_context.writer.abandon() : Result<void>();
    if (!abandoned)
        return abandoned;
    content.entry.database = DatabaseMark { snapshot->pageSize, damage, {} };
    return packLarge(pending, std::move(content));
}

Result<void> SourcePacker::warnUnchecked(const QByteArray &path, const Error &error)
{
    return m_context.warn({ path,
        QStringLiteral("The database was backed up, but could not be checked: ") + error.message });
}

// Leaves the entry open: whether it is kept depends on the check. Straight from SQLite
// into the archive where that can be done, else through a spool. Errors of the codes
// Busy, Forbidden and NotFound concern this database only; a database that SQLite
// cannot read at all is damage without an open entry.
Result<SourcePacker::PackedSnapshot> SourcePacker::takeSnapshot(Pending &pending)
{
    const QByteArray path = pending.item.fullPath();
    const ArchiveEntry *previous
        = pending.previous && pending.previous->manifest.isFile() ? &*pending.previous : nullptr;
    const SnapshotOptions options { m_context.busyTimeout, m_context.spoolFolder };
    {
        ChunkFeed feed(m_context.writer, m_context.pool, m_context.control, pending.name, previous,
            m_context.previous ? &m_context.previous->archive() : nullptr);
        const Result<std::optional<StreamedSnapshot>> streamed
            = streamSnapshot(path, leastStreamed, feed, options, m_context.control);
        if (!feed.writeStatus())
            return feed.writeStatus().error();
        if (!streamed && streamed.error().code == ErrorCode::Cancelled)
            return streamed.error();
        if (streamed && *streamed) {
            const Result<void> finished = feed.finish();
            if (!finished)
                return finished.error();
            const StreamedSnapshot &made = **streamed;
            const Result<void> warned
                = made.unchecked ? warnUnchecked(path, *made.unchecked) : Result<void>();
            if (!warned)
                return warned.error();
            return PackedSnapshot { true, made.snapshot.pageSize, made.damage };
        }
        const Result<void> abandoned
            = feed.hasBegun() ? m_context.writer.abandon() : Result<void>();
        if (!abandoned)
            return abandoned.error();
    }
    const QByteArray file = m_context.spoolFolder + "/snapshot.db";
    ::unlink(file.constData());
    const Result<Snapshot> snapshot = snapshotDatabase(path, file, options, m_context.control);
    if (!snapshot && snapshot.error().code == ErrorCode::Corrupt)
        return PackedSnapshot { false, 0, snapshot.error().message.toUtf8() };
    if (!snapshot)
        return snapshot.error();
    // Packed and checked side by side: the check reads what the packing warmed.
    auto check = m_context.pool.run(
        [&file, control = &m_context.control] { return quickCheck(file, *control); });
    const Result<void> packed = packSnapshot(pending, file, previous);
    const Result<QByteArray> checked = check.get();
    ::unlink(file.constData());
    if (!packed)
        return packed.error();
    if (!checked && checked.error().code != ErrorCode::Unavailable)
        return checked.error();
    const Result<void> warned = checked ? Result<void>() : warnUnchecked(path, checked.error());
    if (!warned)
        return warned.error();
    return PackedSnapshot { true, snapshot->pageSize, checked ? *checked : QByteArray() };
}

Result<void> SourcePacker::packSnapshot(
    const Pending &pending, const QByteArray &file, const ArchiveEntry *previous)
{
    const FileDescriptor fd(::open(file.constData(), O_RDONLY | O_CLOEXEC));
    struct stat status;
    if (!fd.isOpen() || ::fstat(fd.get(), &status) != 0)
        return systemError(errno).in(
            QStringLiteral("Reading the snapshot of ") + displayName(pending.item.fullPath()));
    ChunkPacker::Input input { fd.get(), qint64(status.st_size), false, Method::Deflate, previous,
        m_context.previous ? &m_context.previous->archive() : nullptr };
    input.method = ChunkPacker::methodFor(input);
    const Result<void> begun = m_context.writer.begin(pending.name, input.method, input.size);
    if (!begun)
        return begun;
    const Result<ChunkPacker::Appended> appended = m_chunks.append(input);
    if (!appended)
        return appended.error();
    if (appended->unreadable)
        return appended->unreadable->in(QStringLiteral("Reading a snapshot"));
    return {};
}

Result<void> SourcePacker::packStream(Pending &pending)
{
    Result<std::unique_ptr<ByteStream>> stream = pending.item.openStream(m_context.control);
    if (!stream)
        return failSource(stream.error());
    const Result<void> begun
        = m_context.writer.begin(pending.name, Method::Deflate, std::numeric_limits<qint64>::max());
    if (!begun)
        return begun;
    const Result<ChunkPacker::Appended> appended = m_chunks.append(**stream);
    if (!appended)
        return appended.error();
    const Result<void> finished
        = appended->unreadable ? Result<void>(*appended->unreadable) : (*stream)->finish();
    if (!finished) {
        const Result<void> abandoned = m_context.writer.abandon();
        return abandoned ? failSource(finished.error()) : abandoned;
    }
    ManifestEntry entry;
    entry.name = pending.name;
    entry.mode = S_IFREG | 0600;
    entry.uid = ::geteuid();
    entry.gid = ::getegid();
    entry.stamp.size = appended->bytes;
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    entry.stamp.modified = { now / 1000, (now % 1000) * 1'000'000 };
    return finishEntry(pending, m_context.writer.commit(std::move(entry)));
}

} // namespace hubkeep::backup
