// Packs a database's snapshot into the archive while SQLite still makes it.
//
// Pages gather into chunks; each full chunk goes to a worker and, in its turn, into
// the archive. SQLite writes the first page last, so the first chunk has its room
// reserved and is stored plainly there in the end: it costs up to 1 MiB in an archive
// and saves a copy of the whole database on disk.
//
// One thread (the one that makes the snapshot) uses it.

#pragma once

#include "integrations/backup/chunkpacker.h"
#include "integrations/backup/database.h"
#include "integrations/backup/previouschunks.h"

#include <map>

namespace hubkeep::backup {

class ChunkFeed final : public SnapshotSink
{
public:
    // previous: the entry as it was, or null; archive: where that lies.
    ChunkFeed(EntryWriter &writer, WorkerPool &pool, JobControl &control, QByteArray name,
        const ArchiveEntry *previous, const ArchiveReader *archive);

    bool begin(qint64 size) override;
    bool takePage(qint64 offset, std::span<const char> page) override;

    // Whether the writer has an entry open that must be committed or abandoned.
    bool hasBegun() const { return m_begun; }

    // After the last page. Fails where writing the archive failed, or pages are missing.
    Result<void> finish();

    // Why begin() or takePage() said false, if writing the archive failed.
    const Result<void> &writeStatus() const { return m_status; }

private:
    struct Filling
    {
        std::shared_ptr<std::vector<char>> bytes;
        std::vector<bool> pages; // that came, by their place in units of 512 bytes
        qint64 filled = 0;
    };
    bool handOut();
    bool takeResult();

    EntryWriter &m_writer;
    JobControl &m_control;
    const QByteArray m_name;
    Method m_method;
    PreviousChunks m_previous;
    qint64 m_size = 0;
    qint64 m_next = 1; // first chunk that was not handed out
    bool m_begun = false;
    Result<void> m_status;
    std::map<qint64, Filling> m_filling; // by chunk
    OrderedResults<ChunkOutcome> m_results;
};

} // namespace hubkeep::backup
