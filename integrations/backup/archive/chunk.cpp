#include "integrations/backup/archive/chunk.h"

#include "integrations/backup/archive/deflater.h"

#include <QtEndian>

#include <algorithm>
#include <cstring>

namespace hubkeep::backup {
namespace {

constexpr size_t storedBlockLimit = 65535; // of a deflate block of type 0
constexpr size_t probeSize = 32 * 1024;
constexpr size_t packingSlack = 4096;

std::vector<char> copyOf(std::span<const char> bytes)
{
    std::vector<char> copy(bytes.size());
    if (!bytes.empty())
        std::memcpy(copy.data(), bytes.data(), bytes.size());
    return copy;
}

bool savesTooLittle(size_t packed, size_t original)
{
    return packed == 0 || packed > original - original / 32;
}

bool looksIncompressible(std::span<const char> bytes)
{
    std::vector<char> scratch(probeSize + packingSlack);
    return savesTooLittle(threadDeflater().pack(bytes, scratch), bytes.size());
}

// Deflate blocks of type 0: the bytes as they are, readable by any inflater.
std::vector<char> asStoredBlocks(std::span<const char> bytes)
{
    const size_t count = (bytes.size() + storedBlockLimit - 1) / storedBlockLimit;
    std::vector<char> blocks(bytes.size() + 5 * count, '\0');
    char *to = blocks.data();
    for (size_t at = 0; at < bytes.size(); at += storedBlockLimit) {
        const auto length = quint16(std::min(storedBlockLimit, bytes.size() - at));
        qToLittleEndian<quint16>(length, to + 1);
        qToLittleEndian<quint16>(quint16(~length), to + 3);
        std::memcpy(to + 5, bytes.data() + at, length);
        to += 5 + length;
    }
    return blocks;
}

// Large chunks are probed in two places first, so that photos and films do not cost
// the time of a compression that is thrown away.
bool probablyIncompressible(std::span<const char> bytes)
{
    return bytes.size() >= 8 * probeSize && looksIncompressible(bytes.subspan(0, probeSize))
        && looksIncompressible(bytes.subspan(bytes.size() / 2, probeSize));
}

std::vector<char> deflateBlocks(std::span<const char> bytes)
{
    if (probablyIncompressible(bytes))
        return asStoredBlocks(bytes);
    thread_local std::vector<char> scratch(size_t(chunkSize) + packingSlack);
    const size_t packed = threadDeflater().pack(bytes, scratch);
    if (packed == 0 || packed >= bytes.size())
        return asStoredBlocks(bytes);
    return copyOf(std::span<const char>(scratch).first(packed));
}

} // namespace

void writeChunkRecord(const ChunkRecord &record, char *target)
{
    qToLittleEndian(record.storedSize, target);
    qToLittleEndian(record.crc32, target + 4);
    qToLittleEndian(record.storedCrc32, target + 8);
    std::memcpy(target + 12, record.digest.data(), record.digest.size());
}

ChunkRecord readChunkRecord(const char *source)
{
    ChunkRecord record;
    record.storedSize = qFromLittleEndian<quint32>(source);
    record.crc32 = qFromLittleEndian<quint32>(source + 4);
    record.storedCrc32 = qFromLittleEndian<quint32>(source + 8);
    std::memcpy(record.digest.data(), source + 12, record.digest.size());
    return record;
}

qint64 maximumStoredSize(qint64 length)
{
    return length + 5 * (length / qint64(storedBlockLimit) + 1);
}

Method chooseMethod(std::span<const char> sample)
{
    const size_t half = std::min(sample.size() / 2, probeSize);
    if (half < 512)
        return Method::Deflate;
    const bool incompressible = looksIncompressible(sample.subspan(0, half))
        && looksIncompressible(sample.subspan(sample.size() - half, half));
    return incompressible ? Method::Store : Method::Deflate;
}

PackedChunk packChunk(std::span<const char> bytes, Method method)
{
    return packChunk(bytes, method, sha256(bytes));
}

PackedChunk packChunk(std::span<const char> bytes, Method method, const Digest &digest)
{
    const Deflater &deflater = threadDeflater();
    PackedChunk chunk;
    chunk.record.digest = digest;
    chunk.record.crc32 = deflater.crc32(0, bytes);
    if (method == Method::Store) {
        chunk.stored = copyOf(bytes);
        chunk.record.storedCrc32 = chunk.record.crc32;
    } else {
        chunk.stored = deflateBlocks(bytes);
        chunk.record.storedCrc32 = deflater.crc32(0, chunk.stored);
    }
    chunk.record.storedSize = quint32(chunk.stored.size());
    return chunk;
}

qint64 plainStoredSize(qint64 length, Method method)
{
    const qint64 blocks = (length + qint64(storedBlockLimit) - 1) / qint64(storedBlockLimit);
    return method == Method::Store ? length : length + 5 * blocks;
}

PackedChunk storePlainly(std::span<const char> bytes, Method method)
{
    PackedChunk chunk = packChunk(bytes, Method::Store);
    if (method == Method::Deflate) {
        chunk.stored = asStoredBlocks(bytes);
        chunk.record.storedSize = quint32(chunk.stored.size());
        chunk.record.storedCrc32 = threadDeflater().crc32(0, chunk.stored);
    }
    return chunk;
}

PackedFile packSmallFile(std::span<const char> bytes)
{
    if (bytes.size() < 32)
        return { Method::Store, packChunk(bytes, Method::Store) };
    PackedFile file { Method::Deflate, packChunk(bytes, Method::Deflate) };
    if (savesTooLittle(file.chunk.stored.size() + 2, bytes.size())) {
        file.method = Method::Store;
        file.chunk.stored = copyOf(bytes);
        file.chunk.record.storedSize = quint32(bytes.size());
        file.chunk.record.storedCrc32 = file.chunk.record.crc32;
    }
    return file;
}

Result<void> unpackChunk(std::span<const char> stored, Method method, const ChunkRecord &record,
    std::span<char> output, Proof proof)
{
    Deflater &deflater = threadDeflater();
    if (stored.size() != record.storedSize || deflater.crc32(0, stored) != record.storedCrc32)
        return Error { ErrorCode::Corrupt, QStringLiteral("The stored bytes have changed") };
    if (proof == Proof::Stored)
        return {};
    if (method == Method::Store) {
        if (stored.size() != output.size())
            return Error { ErrorCode::Corrupt, QStringLiteral("The stored size is wrong") };
        if (!stored.empty()) // an empty span may begin at null
            std::copy(stored.begin(), stored.end(), output.begin());
    } else if (!deflater.unpack(stored, output)) {
        return Error { ErrorCode::Corrupt, QStringLiteral("The compressed bytes are damaged") };
    }
    if (deflater.crc32(0, output) != record.crc32)
        return Error { ErrorCode::Corrupt, QStringLiteral("The CRC-32 does not match") };
    if (proof == Proof::Full && sha256(output) != record.digest)
        return Error { ErrorCode::Corrupt, QStringLiteral("The digest does not match") };
    return {};
}

} // namespace hubkeep::backup
