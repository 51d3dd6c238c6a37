#include "integrations/backup/contentreader.h"

#include "integrations/backup/archive/deflater.h"

#include <cstring>

namespace hubkeep::backup {
namespace {

constexpr qint64 recordBlock = 1024;
constexpr size_t chunksPerWorker = 3;

Error corrupt(const char *what)
{
    return { ErrorCode::Corrupt, QString::fromLatin1(what) };
}

Result<void> readChunk(const ArchiveReader &archive, Method method, const ChunkPlace &place,
    Proof proof, const ChunkSink &sink)
{
    thread_local std::vector<char> stored;
    thread_local std::vector<char> content(static_cast<size_t>(chunkSize));
    stored.resize(place.record.storedSize);
    const Result<void> read = readExactlyAt(archive.descriptor(), stored, place.storedOffset);
    if (!read)
        return read;
    const std::span<char> output(content.data(), size_t(place.length));
    const Result<void> unpacked = unpackChunk(stored, method, place.record, output, proof);
    return unpacked && sink ? sink(place.offset, output) : unpacked;
}

// The end of the deflate stream, which no chunk covers.
Result<void> checkEnd(const ArchiveReader &archive, const ArchiveEntry &entry)
{
    if (entry.manifest.method != Method::Deflate)
        return {};
    char end[2];
    const Result<void> read = readExactlyAt(archive.descriptor(), end, spanEnd(entry) - 2);
    if (!read)
        return read;
    return std::memcmp(end, endOfStream, 2) == 0
        ? Result<void>()
        : corrupt("The end of its compressed stream is damaged");
}

} // namespace

Result<void> readLarge(const ArchiveReader &archive, const ArchiveEntry &entry,
    const ProofOfRow &proofs, const ChunkSink &sink, WorkerPool &pool, JobControl &control)
{
    const ManifestEntry &m = entry.manifest;
    Result<void> done = archive.checkLocalHeader(entry.zip);
    if (done)
        done = checkEnd(archive, entry);
    OrderedResults<Result<void>> results(pool, pool.threads() * chunksPerWorker);
    const qint64 count = chunkCount(m.size);
    std::vector<ChunkRecord> block;
    FileDigest digest;
    quint32 crc = 0;
    qint64 storedOffset = entry.contentOffset();
    const qint64 storedEnd = storedOffset + m.chunkBytes();
    for (qint64 i = 0; done && i < count; ++i) {
        if (control.cancelled())
            return JobControl::cancelledError();
        if (i % recordBlock == 0) {
            Result<std::vector<ChunkRecord>> read
                = archive.chunkRecords(entry, i, std::min(recordBlock, count - i));
            if (!read)
                return read.error();
            block = std::move(*read);
        }
        ChunkPlace place;
        place.record = block[size_t(i % recordBlock)];
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
            done = results.take();
        const Proof proof = proofs ? proofs(place.row) : Proof::Full;
        results.add([&archive, &sink, &control, method = m.method, place, proof] {
            const Result<void> read = readChunk(archive, method, place, proof, sink);
            control.advance(place.length);
            return read;
        });
    }
    while (!results.isEmpty()) {
        const Result<void> result = results.take();
        if (done)
            done = result;
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
    const Result<void> read = readExactlyAt(archive.descriptor(), bytes, spanStart(entry));
    if (!read)
        return read.error();
    std::vector<char> content;
    const Result<void> proved = proveSmall(entry, bytes, proof, content);
    if (!proved)
        return proved.error();
    return content;
}

} // namespace hubkeep::backup
