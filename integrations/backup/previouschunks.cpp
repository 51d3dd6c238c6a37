#include "integrations/backup/previouschunks.h"

#include <algorithm>

namespace hubkeep::backup {

PreviousChunks::PreviousChunks(const ArchiveReader *archive, const ArchiveEntry *entry)
    : m_archive(archive)
    , m_entry(entry)
    , m_count(entry && archive ? chunkCount(entry->manifest.size) : 0)
    , m_nextOffset(entry ? entry->contentOffset() : 0)
{
}

std::optional<PreviousChunks::Place> PreviousChunks::next()
{
    if (m_index >= m_count)
        return {};
    if (!m_entry->manifest.hasChunkTable()) {
        m_block = { m_entry->manifest.onlyChunk() };
    } else if (m_index % chunkRecordsAtOnce == 0) {
        Result<std::vector<ChunkRecord>> block = m_archive->chunkRecords(
            *m_entry, m_index, std::min(chunkRecordsAtOnce, m_count - m_index));
        if (!block) {
            m_count = 0;
            return {};
        }
        m_block = std::move(*block);
    }
    const ChunkRecord record = m_block[size_t(m_index % chunkRecordsAtOnce)];
    const Place place { record, &m_archive->bytes(), m_nextOffset,
        chunkLength(m_entry->manifest.size, m_index), m_entry->manifest.method };
    m_nextOffset += record.storedSize;
    ++m_index;
    return place;
}

bool readStored(const PreviousChunks::Place &place, PackedChunk &chunk)
{
    chunk.record = place.record;
    chunk.stored.resize(place.record.storedSize);
    return place.archive->read(chunk.stored, place.offset).ok()
        && unpackChunk(chunk.stored, place.method, chunk.record, {}, Proof::Stored).ok();
}

ChunkOutcome packContent(
    std::span<const char> content, Method method, const std::optional<PreviousChunks::Place> &old)
{
    const Digest digest = sha256(content);
    ChunkOutcome outcome { {}, {}, qint64(content.size()), true };
    if (old && old->length == outcome.length && old->record.digest == digest
        && old->method == method && readStored(*old, outcome.chunk)) {
        outcome.fresh = false;
        return outcome;
    }
    outcome.chunk = packChunk(content, method, digest);
    return outcome;
}

} // namespace hubkeep::backup
