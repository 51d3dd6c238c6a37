#include "integrations/backup/archive/agefile.h"

#include "integrations/backup/archive/agearmour.h"
#include "integrations/backup/archive/ageheader.h"
#include "integrations/backup/archive/agestream.h"

#include <algorithm>

namespace hubkeep::backup {
namespace {

constexpr size_t keptChunks = 16;

Error damaged(const QString &what)
{
    return { ErrorCode::Corrupt, QStringLiteral("Its encrypted content is damaged: ") + what };
}

QByteArray beginningOf(const ByteSource &file)
{
    QByteArray begin(std::min<qint64>(file.size(), ageProbeSize), '\0');
    const Result<void> read = file.read({ begin.data(), size_t(begin.size()) }, 0);
    return read ? begin : QByteArray();
}

} // namespace

bool looksEncrypted(const ByteSource &file)
{
    const QByteArray begin = beginningOf(file);
    return begin.startsWith("age-encryption.org/") || looksArmoured(begin);
}

AgeFile::AgeFile(std::unique_ptr<ByteSource> file, const SecretBytes<32> &key, qint64 start)
    : m_file(std::move(file))
    , m_key(key)
    , m_start(start)
{
}

Result<std::unique_ptr<AgeFile>> AgeFile::open(
    std::unique_ptr<ByteSource> file, const AgeKeys &keys)
{
    if (looksArmoured(beginningOf(*file)))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("It is armoured, which is read only from front to back; decrypt it with "
                           "`hubkeep decrypt` first") };
    BufferedInput input([&file, at = qint64(0)](std::span<char> buffer) mutable {
        const qint64 count = std::min(qint64(buffer.size()), file->size() - at);
        const Result<void> read = file->read(buffer.first(size_t(count)), at);
        at += count;
        return read ? Result<qsizetype>(qsizetype(count)) : Result<qsizetype>(read.error());
    });
    qint64 start = 0;
    const Result<SecretBytes<32>> key = openAgeHeader(input, keys, &start);
    if (!key)
        return key.error();
    std::unique_ptr<AgeFile> opened(new AgeFile(std::move(file), *key, start));
    const Result<void> sized = opened->findSize();
    if (!sized)
        return sized.error();
    return opened;
}

// The last chunk proves by its place how long the content is.
Result<void> AgeFile::findSize()
{
    const qint64 sealed = m_file->size() - m_start;
    const qint64 chunks = (sealed + ageSealedSize - 1) / ageSealedSize;
    const qint64 last = sealed - (chunks - 1) * ageSealedSize;
    if (sealed < ageTagSize || last < ageTagSize || (last == ageTagSize && chunks > 1))
        return damaged(QStringLiteral("it was cut off"));
    m_size = sealed - chunks * ageTagSize;
    const Result<Chunk> proved = chunk(chunks - 1);
    if (!proved)
        return damaged(QStringLiteral("its end is not what was encrypted; it was cut off, or "
                                      "something was put behind it"));
    return {};
}

Result<void> AgeFile::decrypt(std::span<char> plain, qint64 index) const
{
    std::vector<char> sealed(plain.size() + size_t(ageTagSize));
    const Result<void> read = m_file->read(sealed, m_start + index * ageSealedSize);
    if (!read)
        return read;
    ChunkCipher cipher(m_key);
    const bool isLast = index + 1 == ageChunks(m_size);
    if (!cipher.open(sealed, plain, quint64(index), isLast))
        return damaged(QStringLiteral("the chunk at %1 is not what was encrypted")
                           .arg(m_start + index * ageSealedSize));
    return {};
}

Result<AgeFile::Chunk> AgeFile::chunk(qint64 index) const
{
    {
        const std::lock_guard lock(m_mutex);
        for (const Kept &kept : m_kept) {
            if (kept.index == index)
                return kept.bytes;
        }
    }
    auto bytes = std::make_shared<std::vector<char>>(
        size_t(std::min(ageChunkSize, m_size - index * ageChunkSize)));
    const Result<void> decrypted = decrypt(*bytes, index);
    if (!decrypted)
        return decrypted.error();
    const std::lock_guard lock(m_mutex);
    if (m_kept.size() < keptChunks)
        m_kept.push_back({ index, bytes });
    else
        m_kept[m_oldest++ % keptChunks] = { index, bytes };
    return Chunk(bytes);
}

Result<void> AgeFile::read(std::span<char> buffer, qint64 offset) const
{
    if (offset < 0 || offset > m_size || qint64(buffer.size()) > m_size - offset)
        return Error { ErrorCode::Corrupt, QStringLiteral("The file ends too early") };
    while (!buffer.empty()) {
        const qint64 index = offset / ageChunkSize;
        const qint64 within = offset - index * ageChunkSize;
        const qint64 length = std::min(ageChunkSize, m_size - index * ageChunkSize);
        const size_t count = size_t(std::min(length - within, qint64(buffer.size())));
        if (within == 0 && qint64(count) == length) { // a whole chunk has no neighbours
            const Result<void> decrypted = decrypt(buffer.first(count), index);
            if (!decrypted)
                return decrypted;
        } else {
            const Result<Chunk> bytes = chunk(index);
            if (!bytes)
                return bytes.error();
            std::copy_n((*bytes)->begin() + within, count, buffer.begin());
        }
        buffer = buffer.subspan(count);
        offset += qint64(count);
    }
    return {};
}

} // namespace hubkeep::backup
