#include "integrations/backup/chunkfeed.h"

#include <algorithm>
#include <cstring>

namespace hubkeep::backup {
namespace {

constexpr size_t chunksPerWorker = 3;
constexpr size_t mostFilling = 16; // chunks; SQLite's cache is four of them
constexpr qint64 smallestPage = 512;

} // namespace

ChunkFeed::ChunkFeed(EntryWriter &writer, WorkerPool &pool, JobControl &control, QByteArray name,
    const ArchiveEntry *previous, const ArchiveReader *archive)
    : m_writer(writer)
    , m_control(control)
    , m_name(std::move(name))
    , m_method(previous && previous->manifest.hasChunkTable() ? previous->manifest.method
                                                              : Method::Deflate)
    , m_previous(archive, previous)
    , m_results(pool, pool.threads() * chunksPerWorker)
{
}

bool ChunkFeed::begin(qint64 size)
{
    m_size = size;
    m_previous.next(); // the first chunk is not taken over: its room has another size
    m_status = m_writer.begin(m_name, m_method, size);
    m_begun = m_status.ok();
    if (m_status)
        m_status = m_writer.reserveFirst(chunkLength(size, 0));
    return m_status.ok();
}

bool ChunkFeed::takePage(qint64 offset, std::span<const char> page)
{
    const qint64 index = offset / chunkSize;
    const qint64 within = offset % chunkSize;
    const qint64 length = qint64(page.size());
    // Written twice after it was handed out, beyond the end, or all over the place.
    if ((index > 0 && index < m_next) || offset + length > m_size || within + length > chunkSize)
        return false;
    Filling &filling = m_filling[index];
    if (!filling.bytes) {
        if (m_filling.size() > mostFilling)
            return false;
        filling.bytes = std::make_shared<std::vector<char>>(size_t(chunkLength(m_size, index)));
        filling.pages.resize(size_t(chunkSize / smallestPage));
    }
    std::memcpy(filling.bytes->data() + within, page.data(), page.size());
    const auto place = size_t(within / smallestPage);
    filling.filled += filling.pages[place] ? 0 : length;
    filling.pages[place] = true;
    return index == 0 || handOut();
}

// Chunks go in order, so that they are in order in the archive.
bool ChunkFeed::handOut()
{
    for (auto it = m_filling.find(m_next); it != m_filling.end(); it = m_filling.find(m_next)) {
        const auto bytes = it->second.bytes;
        if (it->second.filled < qint64(bytes->size()))
            return true;
        if (m_results.isFull() && !takeResult())
            return false;
        m_filling.erase(it);
        ++m_next;
        m_results.add([bytes, method = m_method, old = m_previous.next()] {
            return packContent(*bytes, method, old);
        });
    }
    return true;
}

bool ChunkFeed::takeResult()
{
    const ChunkOutcome outcome = m_results.take();
    m_status = m_writer.append(outcome.chunk, outcome.length, outcome.fresh);
    m_control.advance(outcome.length);
    return m_status.ok() && !m_control.cancelled();
}

Result<void> ChunkFeed::finish()
{
    while (m_status && !m_results.isEmpty()) {
        if (!takeResult() && m_status)
            return JobControl::cancelledError();
    }
    if (!m_status)
        return m_status;
    const auto first = m_filling.find(0);
    if (m_next != chunkCount(m_size) || first == m_filling.end()
        || first->second.filled < qint64(first->second.bytes->size()))
        return Error { ErrorCode::Internal,
            QStringLiteral("SQLite did not write all of the snapshot of %1")
                .arg(displayName(m_name)) };
    const std::vector<char> &bytes = *first->second.bytes;
    m_control.advance(qint64(bytes.size()));
    return m_writer.fillFirst(storePlainly(bytes, m_method), qint64(bytes.size()));
}

} // namespace hubkeep::backup
