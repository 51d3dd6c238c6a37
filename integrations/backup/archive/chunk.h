// One chunk of a file: how it is packed into an archive, and proved again.
//
// A chunk is at most chunkSize bytes of a file. In an entry of method Deflate it
// is a run of deflate blocks (deflater.h), in an entry of method Store the bytes
// themselves. Whatever the method, its record holds what proves it.
//
// Functions are pure; any thread.

#pragma once

#include "automation/core/result.h"
#include "integrations/backup/archive/digest.h"

#include <span>
#include <vector>

namespace hubkeep::backup {

// The values are the zip format's compression methods.
enum class Method : uint16_t { Store = 0, Deflate = 8 };

struct ChunkRecord
{
    quint32 storedSize = 0; // bytes in the archive
    quint32 crc32 = 0; // of the bytes before packing
    quint32 storedCrc32 = 0; // of the bytes in the archive
    Digest digest {}; // SHA-256 of the bytes before packing

    bool operator==(const ChunkRecord &) const = default;
};

// A record as it lies in the manifest's chunk table, little endian.
inline constexpr qint64 chunkRecordSize = 44;
void writeChunkRecord(const ChunkRecord &record, char *target);
ChunkRecord readChunkRecord(const char *source);

struct PackedChunk
{
    ChunkRecord record;
    std::vector<char> stored;
};

// How many chunks a file of that size has, and how long the one at index is.
inline qint64 chunkCount(qint64 size)
{
    return size / chunkSize + (size % chunkSize != 0 ? 1 : 0);
}
inline qint64 chunkLength(qint64 size, qint64 index)
{
    return std::min(chunkSize, size - index * chunkSize);
}

// The largest storedSize that a chunk of that length may have.
qint64 maximumStoredSize(qint64 length);

// How an entry that starts with this sample is best stored: Store when deflate
// would save less than three per cent.
Method chooseMethod(std::span<const char> sample);

PackedChunk packChunk(std::span<const char> bytes, Method method);

// The same, where the caller has the digest already.
PackedChunk packChunk(std::span<const char> bytes, Method method, const Digest &digest);

// A chunk without compression: its stored size is known before its bytes are.
qint64 plainStoredSize(qint64 length, Method method);
PackedChunk storePlainly(std::span<const char> bytes, Method method);

// A file of one chunk, packed by whichever method is smaller.
struct PackedFile
{
    Method method = Method::Store;
    PackedChunk chunk;
};
PackedFile packSmallFile(std::span<const char> bytes);

enum class Proof {
    Stored, // the bytes in the archive are those that were written: checks storedCrc32
    Content, // they also unpack to what was read: checks crc32 as well
    Full, // and have their digest: all that can be known
};

// Unpacks into output, which has the chunk's length (may be empty for
// Proof::Stored), and checks as much as proof says. Fails with Corrupt.
Result<void> unpackChunk(std::span<const char> stored, Method method, const ChunkRecord &record,
    std::span<char> output, Proof proof = Proof::Full);

} // namespace hubkeep::backup
