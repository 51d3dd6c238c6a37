// Reads the content of an archive's entries on all workers and proves it.
//
// A large entry goes to a sink chunk by chunk, in any order and from any worker.
// Small ones are read by a worker whole: readSmall().
//
// One thread calls; see WorkerPool.

#pragma once

#include "automation/core/jobcontrol.h"
#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/archive/workerpool.h"

#include <functional>

namespace hubkeep::backup {

// What there is to know about one chunk of an entry.
struct ChunkPlace
{
    ChunkRecord record;
    qint64 storedOffset = 0; // in the archive
    qint64 offset = 0; // in the file
    qint64 length = 0;
    qint64 row = -1; // of the chunk table
};

// Called from workers, for different chunks at the same time.
using ChunkSink = std::function<Result<void>(qint64 offset, std::span<const char> bytes)>;
using ProofOfRow = std::function<Proof(qint64 row)>;

// Reads and proves a large entry: each chunk, that they make up the entry's CRC-32 and
// digest, the local header, and the end of the deflate stream. sink may be null;
// proofs may be null for Proof::Full throughout.
Result<void> readLarge(const ArchiveReader &archive, const ArchiveEntry &entry,
    const ProofOfRow &proofs, const ChunkSink &sink, WorkerPool &pool, JobControl &control);

// Proves an entry of at most one chunk, from bytes that hold its local header and
// content as they lie in the archive; content is resized and filled. Any thread.
Result<void> proveSmall(const ArchiveEntry &entry, std::span<const char> bytes, Proof proof,
    std::vector<char> &content);

// Reads an entry of at most one chunk and proves it. Any thread.
Result<std::vector<char>> readSmall(
    const ArchiveReader &archive, const ArchiveEntry &entry, Proof proof);

// Where an entry's header and content lie.
inline qint64 spanStart(const ArchiveEntry &entry)
{
    return qint64(entry.zip.offset);
}
inline qint64 spanEnd(const ArchiveEntry &entry)
{
    return entry.contentOffset() + qint64(entry.zip.storedSize);
}

} // namespace hubkeep::backup
