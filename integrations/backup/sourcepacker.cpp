#include "integrations/backup/sourcepacker.h"

#include <QDateTime>

#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr size_t batchItems = 64;
constexpr qint64 batchBytes = chunkSize;
constexpr size_t batchesPerWorker = 3;

std::pair<quint64, quint64> identity(const struct stat &status)
{
    return { quint64(status.st_dev), quint64(status.st_ino) };
}

// Of a database with several names, the one that its program uses: what is in the log
// is found by no other.
bool hasLog(const SourceItem &item)
{
    struct stat log;
    const auto isThere = [&](const char *ending) {
        return ::fstatat(item.folder->descriptor.get(), (item.leaf + ending).constData(), &log,
                   AT_SYMLINK_NOFOLLOW)
            == 0
            && log.st_size > 0;
    };
    return isThere("-wal") || isThere("-journal");
}

} // namespace

struct SourcePacker::InFlight
{
    InFlight(WorkerPool &pool)
        : results(pool, pool.threads() * batchesPerWorker)
    {
    }
    std::deque<Batch> batches;
    OrderedResults<Contents> results;
};

SourcePacker::SourcePacker(PackContext context)
    : m_context(std::move(context))
    , m_chunks(m_context.writer, m_context.pool, m_context.control)
    , m_batch(std::make_shared<std::vector<Pending>>())
    , m_inFlight(std::make_unique<InFlight>(m_context.pool))
{
}

SourcePacker::~SourcePacker() = default;

Result<void> SourcePacker::pack(SourceReader &reader, SourceInfo &info)
{
    m_info = &info;
    m_sourceFailed = false;
    m_rootSeen = false;
    m_start = m_context.writer.mark();
    m_links.clear();
    m_snapshots.clear();
    for (;;) {
        if (m_context.control.cancelled())
            return JobControl::cancelledError();
        Result<std::optional<SourceItem>> item = reader.next();
        if (!item)
            return failSource(item.error());
        if (!*item)
            break;
        if (!m_rootSeen && !(*item)->path.isEmpty()) {
            const Result<void> root = packRootFolder();
            if (!root)
                return root;
        }
        if (!m_rootSeen && (*item)->folder)
            info.root = (*item)->folder->path;
        m_rootSeen = true;
        const QString problem
            = problemWithName("sources/" + m_info->name.toUtf8() + '/' + (*item)->path);
        if (!(*item)->path.isEmpty() && !problem.isEmpty()) {
            const Result<void> warned = m_context.warn({ (*item)->fullPath().right(1000),
                QStringLiteral("It could not be backed up: ") + problem, true });
            if (!warned)
                return warned;
            continue;
        }
        Pending pending = prepare(std::move(**item));
        const qint64 size
            = pending.item.kind == ItemKind::File ? qint64(pending.item.status.st_size) : 0;
        m_batchBytes += std::min(size, batchBytes);
        m_batch->push_back(std::move(pending));
        if (m_batch->size() >= batchItems || m_batchBytes >= batchBytes) {
            const Result<void> submitted = submit();
            if (!submitted)
                return submitted;
        }
    }
    Result<void> done = submit();
    while (done && !m_inFlight->results.isEmpty())
        done = consumeOldest();
    return done;
}

// Sources that are one thing have no folder of their own to describe; the entry
// is there all the same, so that every file's folder is.
Result<void> SourcePacker::packRootFolder()
{
    ManifestEntry root;
    root.name = "sources/" + m_info->name.toUtf8();
    root.type = EntryType::Directory;
    root.mode = S_IFDIR | 0700;
    root.uid = ::geteuid();
    root.gid = ::getegid();
    root.stamp.modified.seconds = QDateTime::currentSecsSinceEpoch();
    const Result<WrittenEntry> added = m_context.writer.add(root, {}, true);
    return added ? Result<void>() : added.error();
}

// Of a source that failed before anything was in it, so that it leaves no trace.
Result<void> SourcePacker::dropLoneRootFolder()
{
    const bool isAlone = m_context.writer.mark().zip.entries == m_start.zip.entries + 1;
    return isAlone ? m_context.writer.dropAfter(m_start) : Result<void>();
}

SourcePacker::Pending SourcePacker::prepare(SourceItem item)
{
    Pending pending;
    pending.name = "sources/" + m_info->name.toUtf8()
        + (item.path.isEmpty() ? QByteArray() : '/' + item.path);
    if (m_context.previous)
        pending.previous = m_context.previous->find(pending.name);
    if (item.kind == ItemKind::File && item.status.st_nlink > 1) {
        const auto id = identity(item.status);
        pending.laterLink = m_links.contains(id) && !hasLog(item);
        pending.firstOfLinks = !pending.laterLink;
        if (!m_links.contains(id))
            m_links.insert(id, {});
    }
    pending.sidecar = item.kind == ItemKind::File && !item.sidecarOf.isEmpty();
    pending.reusable = item.kind == ItemKind::File && !pending.laterLink && !pending.sidecar
        && pending.previous && isReusable(item, *pending.previous);
    pending.item = std::move(item);
    return pending;
}

bool SourcePacker::isReusable(const SourceItem &item, const ArchiveEntry &previous) const
{
    if (!m_context.previous->isUnchanged(previous, fileStamp(item.status)))
        return false;
    const std::optional<DatabaseMark> &database = previous.manifest.database;
    if (!database)
        return true;
    if (!database->damage.isEmpty())
        return false;
    // What a database holds is also in its log.
    struct stat wal;
    const bool hasWal = ::fstatat(item.folder->descriptor.get(), (item.leaf + "-wal").constData(),
                            &wal, AT_SYMLINK_NOFOLLOW)
        == 0;
    if (!hasWal || !database->wal)
        return hasWal == database->wal.has_value();
    FileStamp now = fileStamp(wal);
    now.device = database->wal->device;
    return now == *database->wal && m_context.previous->isSettled(now);
}

Result<void> SourcePacker::submit()
{
    if (m_batch->empty())
        return {};
    if (m_inFlight->results.isFull()) {
        const Result<void> consumed = consumeOldest();
        if (!consumed)
            return consumed;
    }
    const auto archive = m_context.previous ? m_context.previous->sharedArchive() : nullptr;
    m_inFlight->results.add([batch = m_batch, archive] {
        Contents contents;
        contents.reserve(batch->size());
        for (const Pending &pending : *batch) {
            const bool takeOver = pending.reusable && !pending.previous->manifest.hasChunkTable();
            if (pending.laterLink || pending.sidecar || pending.item.kind == ItemKind::Stream
                || (pending.reusable && !takeOver))
                contents.emplace_back();
            else
                contents.push_back(readItem(pending.item, pending.name, archive.get(),
                    takeOver ? pending.previous : std::nullopt));
        }
        return contents;
    });
    m_inFlight->batches.push_back(std::move(m_batch));
    m_batch = std::make_shared<std::vector<Pending>>();
    m_batchBytes = 0;
    return {};
}

Result<void> SourcePacker::consumeOldest()
{
    Contents contents = m_inFlight->results.take();
    const Batch batch = std::move(m_inFlight->batches.front());
    m_inFlight->batches.pop_front();
    for (size_t i = 0; i < batch->size(); ++i) {
        if (m_context.control.cancelled())
            return JobControl::cancelledError();
        const Result<void> consumed = consume((*batch)[i], std::move(contents[i]));
        if (!consumed)
            return consumed;
    }
    return {};
}

Result<void> SourcePacker::consume(Pending &pending, ItemContent content)
{
    if (pending.item.kind == ItemKind::Stream)
        return packStream(pending);
    if (pending.sidecar) {
        // Read here and not by a worker: closing a database's shared memory while we have
        // that database open would drop the locks of its snapshot.
        if (m_snapshots.contains(pending.item.sidecarOf))
            return {};
        content = readItem(pending.item, pending.name, nullptr, std::nullopt);
    } else if (pending.laterLink) {
        const WrittenEntry first = m_links.value(identity(pending.item.status));
        if (!first.entry.name.isEmpty()) {
            ManifestEntry link = describe(pending.item, pending.name);
            ++m_info->counts.files;
            m_info->counts.bytes += first.entry.size;
            m_context.control.finishItem();
            if (first.entry.database && first.entry.database->damage.isEmpty())
                m_snapshots.insert(pending.item.path);
            return m_context.writer.addHardLink(link, first);
        }
        // The first name could not be read; perhaps this one can.
        content = readItem(pending.item, pending.name, nullptr, std::nullopt);
    } else if (pending.reusable && pending.previous->manifest.hasChunkTable()) {
        const Result<bool> taken = packUnchangedLarge(pending);
        if (!taken)
            return taken.error();
        if (*taken)
            return {};
        content = readItem(pending.item, pending.name, nullptr, std::nullopt);
    }
    if (content.previousDamaged) {
        const Result<void> warned = m_context.warn({ m_context.previous->archive().path(),
            QStringLiteral("The previous backup is damaged at %1, which was read again from its "
                           "source; run hubkeep verify on it")
                .arg(displayName(pending.name)) });
        if (!warned)
            return warned;
    }
    if (!content.remark.isEmpty()) {
        const Result<void> warned = m_context.warn({ pending.item.fullPath(), content.remark });
        if (!warned)
            return warned;
    }
    switch (content.reading) {
    case Reading::Vanished:
        if (pending.item.mustBeDatabase)
            return failSource({ ErrorCode::NotFound,
                QStringLiteral("%1 is gone").arg(displayName(pending.item.fullPath())) });
        return {};
    case Reading::Unreadable:
        return unreadable(pending, content.problem);
    case Reading::Large:
    case Reading::Packed:
        if (pending.item.mustBeDatabase)
            return failSource({ ErrorCode::Corrupt,
                QStringLiteral("%1 is not an SQLite database, or is encrypted; back it up as a "
                               "file while its program is stopped")
                    .arg(displayName(pending.item.fullPath())) });
        return content.reading == Reading::Large ? packLarge(pending, std::move(content))
                                                 : consumePacked(pending, std::move(content));
    case Reading::Reused:
        return consumePacked(pending, std::move(content));
    case Reading::Database:
        return packDatabase(pending, std::move(content));
    }
    return {};
}

Result<void> SourcePacker::consumePacked(Pending &pending, ItemContent content)
{
    m_context.control.advance(content.entry.size);
    return finishEntry(pending,
        m_context.writer.add(
            std::move(content.entry), content.chunk, content.reading != Reading::Reused));
}

Result<void> SourcePacker::finishEntry(Pending &pending, const Result<WrittenEntry> &written)
{
    if (!written)
        return written.error();
    const ManifestEntry &entry = written->entry;
    Counts &counts = m_info->counts;
    counts.files += entry.isFile();
    counts.directories += entry.type == EntryType::Directory;
    counts.symlinks += entry.type == EntryType::Symlink;
    counts.databases += entry.database.has_value();
    counts.bytes += entry.isFile() ? entry.size : 0;
    m_context.control.finishItem();
    if (entry.database && entry.database->damage.isEmpty())
        m_snapshots.insert(pending.item.path);
    if (pending.firstOfLinks)
        m_links[identity(pending.item.status)] = *written;
    if (entry.torn)
        return m_context.warn({ pending.item.fullPath(),
            QStringLiteral(
                "It kept changing while it was read; the copy may mix old and new "
                "content. Stop its program during the backup, or let it dump its data") });
    return {};
}

Result<void> SourcePacker::unreadable(const Pending &pending, const QString &message)
{
    if (pending.item.mustBeDatabase)
        return failSource({ ErrorCode::Io, message });
    return m_context.warn({ pending.item.fullPath(), message, true });
}

Result<void> SourcePacker::failSource(const Error &error)
{
    const Result<void> dropped = dropLoneRootFolder();
    m_sourceFailed = dropped && error.code != ErrorCode::Cancelled;
    // What was handed out must not be consumed by the next source.
    while (!m_inFlight->results.isEmpty())
        m_inFlight->results.take();
    m_inFlight->batches.clear();
    m_batch->clear();
    m_batchBytes = 0;
    return dropped ? error : dropped;
}

} // namespace hubkeep::backup
