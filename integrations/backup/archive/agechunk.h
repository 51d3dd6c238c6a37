// One chunk of an age file's content: 64 KiB, each encrypted on its own.
//
// A chunk's place, and whether it is the last, are part of what its tag proves, so that chunks
// can be worked on side by side, and none can be moved, left out or cut off unseen.
//
// A ChunkCipher belongs to one thread at a time.

#pragma once

#include "integrations/backup/archive/agekeys.h"

#include <QtGlobal>

#include <memory>
#include <span>

struct evp_cipher_ctx_st;

namespace hubkeep::backup {

inline constexpr qint64 ageChunkSize = 64 << 10;
inline constexpr qint64 ageTagSize = 16;
inline constexpr qint64 ageSealedSize = ageChunkSize + ageTagSize;
inline constexpr qint64 ageNonceSize = 16; // before the first chunk

// How many chunks so many bytes are: one at least.
constexpr qint64 ageChunks(qint64 plainSize)
{
    return plainSize == 0 ? 1 : (plainSize + ageChunkSize - 1) / ageChunkSize;
}

class ChunkCipher
{
public:
    explicit ChunkCipher(const SecretBytes<32> &payloadKey);
    ~ChunkCipher();
    ChunkCipher(ChunkCipher &&) noexcept = default;

    // In place: bytes is a chunk and the room for its tag behind it.
    bool seal(std::span<char> bytes, quint64 index, bool isLast);

    // Into plain, which has the chunk's size without its tag; false where it is not what was
    // sealed there. Plain is worth nothing then. May be the chunk's own beginning.
    bool open(std::span<const char> sealed, std::span<char> plain, quint64 index, bool isLast);

private:
    struct Free
    {
        void operator()(evp_cipher_ctx_st *context) const;
    };
    const SecretBytes<32> m_key;
    std::unique_ptr<evp_cipher_ctx_st, Free> m_context;
};

} // namespace hubkeep::backup
