// Deflate for single chunks, as fast as the machine allows.
//
// Each chunk becomes a run of deflate blocks that ends on a byte boundary with an
// empty stored block (a full flush) and is not final, so chunks can be packed side
// by side, put one after the other into one ordinary deflate stream, and taken out
// of it one by one. The stream's end is endOfStream.
//
// ISA-L does the work where the processor has it, zlib everywhere else.
// A Deflater is not thread-safe: threadDeflater() gives each thread its own.

#pragma once

#include <memory>
#include <span>

#include <cstddef>
#include <cstdint>

namespace hubkeep::backup {

class Deflater
{
public:
    virtual ~Deflater() = default;

    // Packs input into output; returns the packed size, or 0 where that would not fit.
    virtual size_t pack(std::span<const char> input, std::span<char> output) = 0;

    // Unpacks one packed chunk that must fill output exactly and end with packed,
    // without a final block; false for anything else.
    virtual bool unpack(std::span<const char> packed, std::span<char> output) = 0;

    virtual uint32_t crc32(uint32_t seed, std::span<const char> bytes) const = 0;
};

// The empty final block that closes a stream of chunks.
inline constexpr char endOfStream[] = { 0x03, 0x00 };

std::unique_ptr<Deflater> makeZlibDeflater();
std::unique_ptr<Deflater> makeIsalDeflater(); // only where HUBKEEP_WITH_ISAL is defined

Deflater &threadDeflater();

// The CRC-32 of two runs of bytes joined, from the CRCs of each.
uint32_t combineCrc32(uint32_t first, uint32_t second, int64_t secondSize);

} // namespace hubkeep::backup
