// SHA-256, and the digest that a file has in a manifest.
//
// A file's digest is the SHA-256 of its content while that fits in one chunk (1
// MiB), so that `sha256sum` checks it without us; of a longer file it is the
// SHA-256 of its chunks' digests, one after the other, so that chunks can be
// hashed side by side. Why SHA-256: see FORMAT.md.

#pragma once

#include <QByteArray>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

struct evp_md_ctx_st;

namespace hubkeep::backup {

// The unit of compression, hashing and reuse: bytes of a file before packing.
inline constexpr qint64 chunkSize = 1 << 20;

using Digest = std::array<uint8_t, 32>;

Digest sha256(std::span<const char> bytes); // any thread

inline QByteArray toHex(const Digest &digest)
{
    return QByteArray::fromRawData(reinterpret_cast<const char *>(digest.data()), 32).toHex();
}

// Fed with a file's chunks' digests in order.
class FileDigest
{
public:
    FileDigest();
    ~FileDigest();
    FileDigest(FileDigest &&) noexcept;
    FileDigest &operator=(FileDigest &&) noexcept;

    void add(const Digest &chunk);
    Digest finish(); // of no chunk at all: the SHA-256 of nothing

private:
    struct Free
    {
        void operator()(evp_md_ctx_st *context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> m_context;
    Digest m_only {};
    qint64 m_count = 0;
};

// The digest of a whole file that arrives as a stream of bytes.
class StreamDigest
{
public:
    void add(std::span<const char> bytes);
    Digest finish();

private:
    QByteArray m_chunk;
    FileDigest m_digest;
};

} // namespace hubkeep::backup
