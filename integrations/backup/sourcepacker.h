// Packs one source into the archive: walks it, reads what changed, takes over what
// did not, snapshots databases, and says what it could not do.
//
// One thread (the job's) calls it; the pool does the work.

#pragma once

#include "integrations/backup/chunkpacker.h"
#include "integrations/backup/database.h"
#include "integrations/backup/itemreader.h"

#include <QHash>
#include <QSet>

#include <functional>
#include <memory>
#include <vector>

namespace hubkeep::backup {

struct PackContext
{
    EntryWriter &writer;
    WorkerPool &pool;
    JobControl &control;
    PreviousBackup *previous; // null: everything is packed anew
    QByteArray spoolFolder; // for snapshots
    std::chrono::milliseconds busyTimeout;
    std::function<Result<void>(Warning)> warn;
};

class SourcePacker
{
public:
    explicit SourcePacker(PackContext context);

    // Packs everything that reader lists under "sources/<info.name>", counting in
    // info. An error of the code Corrupt, Busy, NotFound, ... with sourceFailed() true
    // concerns this source only; otherwise the backup as a whole cannot go on.
    Result<void> pack(SourceReader &reader, SourceInfo &info);
    bool sourceFailed() const { return m_sourceFailed; }

private:
    struct Pending
    {
        SourceItem item;
        QByteArray name;
        std::optional<ArchiveEntry> previous;
        bool reusable = false; // previous is known to be what the item still is
        bool firstOfLinks = false;
        bool laterLink = false;
        bool sidecar = false; // of a database: read only when it was not snapshotted
    };
    using Batch = std::shared_ptr<std::vector<Pending>>;
    using Contents = std::vector<ItemContent>;

    Pending prepare(SourceItem item);
    bool isReusable(const SourceItem &item, const ArchiveEntry &previous) const;
    Result<void> submit();
    Result<void> consumeOldest();
    Result<void> consume(Pending &pending, ItemContent content);
    Result<void> consumePacked(Pending &pending, ItemContent content);
    Result<void> packLarge(Pending &pending, ItemContent content);
    Result<void> packDatabase(Pending &pending, ItemContent content);
    Result<bool> packUnchangedLarge(Pending &pending);
    Result<void> packStream(Pending &pending);
    Result<void> packRootFolder();
    Result<void> dropLoneRootFolder();
    struct PackedSnapshot
    {
        bool isOpen = false; // the writer has its entry open
        quint32 pageSize = 0;
        QByteArray damage;
    };
    Result<PackedSnapshot> takeSnapshot(Pending &pending);
    Result<void> warnUnchecked(const QByteArray &path, const Error &error);
    Result<void> packSnapshot(
        const Pending &pending, const QByteArray &file, const ArchiveEntry *previous);
    Result<void> finishEntry(Pending &pending, const Result<WrittenEntry> &written);
    Result<void> unreadable(const Pending &pending, const QString &message);
    Result<void> failSource(const Error &error);

    PackContext m_context;
    ChunkPacker m_chunks;
    SourceInfo *m_info = nullptr;
    bool m_sourceFailed = false;
    bool m_rootSeen = false;
    EntryWriter::Mark m_start; // of the source in the archive
    Batch m_batch;
    qint64 m_batchBytes = 0;
    struct InFlight;
    std::unique_ptr<InFlight> m_inFlight;
    // Files with several names that were written, by device and inode.
    QHash<std::pair<quint64, quint64>, WrittenEntry> m_links;
    QSet<QByteArray> m_snapshots; // paths, below the source, of databases that are in whole

public:
    ~SourcePacker();
};

} // namespace hubkeep::backup
