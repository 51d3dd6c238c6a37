#include "integrations/backup/contentreader.h"

#include "integrations/backup/archive/deflater.h"

#include <cstring>

namespace hubkeep::backup {
namespace {

Error corrupt(const char *what)
{
    return { ErrorCode::Corrupt, QString::fromLatin1(what) };
}

// What a worker unpacked and proved last. A hole of a terabyte is a million chunks with the
// same stored bytes and the same record: what was proved of one is true of all.
struct ProvedChunk
{
    bool isProved = false;
    Proof proof = Proof::Stored;
    Method method = Method::Store;
    qint64 length = 0;
    ChunkRecord record;
    std::vector<char> stored;
    std::vector<char> content = std::vector<char>(static_cast<size_t>(chunkSize));
};

// The content is there until this thread's next call, and without meaning for Proof::Stored.
Result<std::span<const char>> readChunk(
    const ArchiveReader &archive, Method method, const ChunkPlace &place, Proof proof)
{
    thread_local std::vector<char> stored;
    thread_local ProvedChunk last;
    stored.resize(place.record.storedSize);
    const Result<void> read = archive.bytes().read(stored, place.storedOffset);
    if (!read)
        return read.error();
    const std::span<char> bytes(last.content.data(), size_t(place.length));
    const std::span<const char> content = bytes;
    const bool isSame = last.isProved && last.proof == proof && last.method == method
        && last.length == place.length && last.record == place.record && last.stored == stored;
    if (isSame)
        return content;
    last.isProved = false;
    const Result<void> unpacked = unpackChunk(stored, method, place.record, bytes, proof);
    if (!unpacked)
        return unpacked.error();
    last.isProved = true;
    last.proof = proof;
    last.method = method;
    last.length = place.length;
    last.record = place.record;
    last.stored.swap(stored);
    return content;
}

// A chunk that waits for its turn.
struct WaitingChunk
{
    qint64 offset = 0;
    std::vector<char> content;
};

// The end of the deflate stream, which no chunk covers.
Result<void> checkEnd(const ArchiveReader &archive, const ArchiveEntry &entry)
{
    if (entry.manifest.method != Method::Deflate)
        return {};
    char end[2];
    const Result<void> read = archive.bytes().read(end, spanEnd(entry) - 2);
    if (!read)
        return read;
    return std::memcmp(end, endOfStream, 2) == 0
        ? Result<void>()
        : corrupt("The end of its compressed stream is damaged");
}

} // namespace

Result<void> readLarge(const ArchiveReader &archive, const ArchiveEntry &entry,
    const ProofOfRow &proofs, const ChunkSink &sink, WorkerPool &pool, JobControl &control,
    ChunkOrder order)
{
    const ManifestEntry &m = entry.manifest;
    Result<void> done = archive.checkLocalHeader(entry.zip);
    if (done)
        done = checkEnd(archive, entry);
    OrderedResults<Result<WaitingChunk>> results(pool);
    const bool inOrder = sink && order == ChunkOrder::InFile;
    const auto settle = [&](const Result<WaitingChunk> &chunk) -> Result<void> {
        if (!chunk)
            return chunk.error();
        return inOrder ? sink(chunk->offset, chunk->content) : Result<void>();
    };
    const qint64 count = chunkCount(m.size);
    std::vector<ChunkRecord> block;
    FileDigest digest;
    quint32 crc = 0;
    qint64 storedOffset = entry.contentOffset();
    const qint64 storedEnd = storedOffset + m.chunkBytes();
    for (qint64 i = 0; done && i < count; ++i) {
        if (control.cancelled())
            return JobControl::cancelledError();
        if (i % chunkRecordsAtOnce == 0) {
            Result<std::vector<ChunkRecord>> read
                = archive.chunkRecords(entry, i, std::min(chunkRecordsAtOnce, count - i));
            if (!read)
                return read.error();
            block = std::move(*read);
        }
        ChunkPlace place;
        place.record = block[size_t(i % chunkRecordsAtOnce)];
        place.storedOffset = storedOffset;
        place.offset = i * chunkSize;
        place.length = chunkLength(m.size, i);
        place.row = entry.firstChunk + i;
        storedOffset += place.record.storedSize;
        if (storedOffset > storedEnd)
            return corrupt("Its chunks are longer than it is");
        digest.add(place.record.digest);
        crc = combineCrc32(crc, place.record.crc32, place.length);
        if (results.isFull())
            done = settle(results.take());
        const Proof proof = proofs ? proofs(place.row) : Proof::Full;
        results.add([&archive, &sink, &control, inOrder, method = m.method, place,
                        proof]() -> Result<WaitingChunk> {
            const Result<std::span<const char>> content = readChunk(archive, method, place, proof);
            const Result<void> taken
                = content && sink && !inOrder ? sink(place.offset, *content) : Result<void>();
            control.advance(place.length);
            if (!content || !taken)
                return content ? taken.error() : content.error();
            WaitingChunk chunk { place.offset, {} };
            if (inOrder)
                chunk.content.assign(content->begin(), content->end());
            return chunk;
        });
    }
    while (!results.isEmpty()) {
        const Result<WaitingChunk> chunk = results.take();
        if (done)
            done = settle(chunk);
    }
    if (!done)
        return done;
    if (storedOffset != storedEnd || crc != m.crc32 || digest.finish() != m.digest)
        return corrupt("Its chunks do not make up the whole of it");
    return {};
}

Result<void> proveSmall(
    const ArchiveEntry &entry, std::span<const char> bytes, Proof proof, std::vector<char> &content)
{
    const ManifestEntry &m = entry.manifest;
    const QByteArray header = localHeader(entry.zip);
    if (bytes.size() != size_t(header.size()) + size_t(m.stored)
        || std::memcmp(bytes.data(), header.constData(), size_t(header.size())) != 0)
        return corrupt("Its header is not what the directory says");
    const std::span<const char> stored = bytes.subspan(size_t(header.size()));
    content.resize(proof == Proof::Stored ? 0 : size_t(m.size));
    if (m.type == EntryType::Directory)
        return {};
    const std::span<const char> packed = stored.first(size_t(m.chunkBytes()));
    const Result<void> unpacked = unpackChunk(packed, m.method, m.onlyChunk(), content, proof);
    if (!unpacked)
        return unpacked;
    if (m.method == Method::Deflate
        && std::memcmp(stored.data() + packed.size(), endOfStream, 2) != 0)
        return corrupt("The end of its compressed stream is damaged");
    if (m.type == EntryType::Symlink && std::memchr(content.data(), '\0', content.size()))
        return corrupt("Its target contains a NUL");
    return {};
}

Result<std::vector<char>> readSmall(
    const ArchiveReader &archive, const ArchiveEntry &entry, Proof proof)
{
    std::vector<char> bytes(size_t(spanEnd(entry) - spanStart(entry)));
    const Result<void> read = archive.bytes().read(bytes, spanStart(entry));
    if (!read)
        return read.error();
    std::vector<char> content;
    const Result<void> proved = proveSmall(entry, bytes, proof, content);
    if (!proved)
        return proved.error();
    return content;
}

} // namespace hubkeep::backup
