// An age file that is read anywhere in it, a chunk at a time: nothing decrypted lies on a disk.
//
// open() authenticates the header and the last chunk, so that what is missing at the end is known
// before anything is read; each chunk is authenticated when it is read.

#pragma once

#include "integrations/backup/archive/agechunk.h"
#include "integrations/backup/archive/bytesource.h"

#include <memory>
#include <mutex>
#include <vector>

namespace hubkeep::backup {

class AgeFile : public ByteSource
{
public:
    // Unauthorized: none of the keys opens it. Corrupt: it is damaged.
    static Result<std::unique_ptr<AgeFile>> open(
        std::unique_ptr<ByteSource> file, const AgeKeys &keys);

    qint64 size() const override { return m_size; }
    Result<void> read(std::span<char> buffer, qint64 offset) const override;

private:
    using Chunk = std::shared_ptr<const std::vector<char>>;

    AgeFile(std::unique_ptr<ByteSource> file, const SecretBytes<32> &key, qint64 start);
    Result<Chunk> chunk(qint64 index) const;
    Result<void> decrypt(std::span<char> plain, qint64 index) const;
    Result<void> findSize();

    struct Kept
    {
        qint64 index = -1;
        Chunk bytes;
    };

    const std::unique_ptr<ByteSource> m_file;
    const SecretBytes<32> m_key;
    const qint64 m_start; // of the first chunk
    qint64 m_size = 0;
    mutable std::mutex m_mutex;
    mutable std::vector<Kept> m_kept; // what was read last, for neighbours that share a chunk
    mutable size_t m_oldest = 0;
};

// Whether a file begins as those of age do, armoured or not.
bool looksEncrypted(const ByteSource &file);

} // namespace hubkeep::backup
