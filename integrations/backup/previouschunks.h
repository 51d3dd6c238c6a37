// The chunks of a file as the previous backup has them, and packing with their help.
//
// A PreviousChunks belongs to one thread; a Place may go to any.

#pragma once

#include "integrations/backup/archive/archivereader.h"

#include <optional>
#include <vector>

namespace hubkeep::backup {

class PreviousChunks
{
public:
    // Both may be null: then there are none.
    PreviousChunks(const ArchiveReader *archive, const ArchiveEntry *entry);

    struct Place
    {
        ChunkRecord record;
        const ByteSource *archive;
        qint64 offset; // of its stored bytes
        qint64 length; // of its content
        Method method;
    };

    // The next chunk; nothing past the end or when the archive is damaged.
    std::optional<Place> next();

private:
    const ArchiveReader *m_archive;
    const ArchiveEntry *m_entry;
    qint64 m_count;
    qint64 m_index = 0;
    qint64 m_nextOffset;
    std::vector<ChunkRecord> m_block; // records are fetched a block at a time
};

// What a worker made of a chunk.
struct ChunkOutcome
{
    Result<void> read; // whether the source, or the previous backup, could be read
    PackedChunk chunk;
    qint64 length = 0; // of content
    bool fresh = true; // packed anew, not taken over
};

// Takes the packed chunk over from old if it has the same content and its stored bytes
// are still what they were; else packs content. Any thread.
ChunkOutcome packContent(
    std::span<const char> content, Method method, const std::optional<PreviousChunks::Place> &old);

// The old packed bytes; false when they are no longer what they were. Any thread.
bool readStored(const PreviousChunks::Place &place, PackedChunk &chunk);

} // namespace hubkeep::backup
