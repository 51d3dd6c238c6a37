#include "integrations/backup/archive/agestream.h"

#include "integrations/backup/archive/agearmour.h"
#include "integrations/backup/archive/agechunk.h"
#include "integrations/backup/archive/ageheader.h"
#include "integrations/backup/archive/agewrap.h"

#include <sodium.h>

#include <algorithm>

namespace hubkeep::backup {
namespace {

constexpr qint64 chunksAtOnce = 16;

Error damaged(const char *what)
{
    return { ErrorCode::Corrupt,
        QStringLiteral("Its encrypted content is damaged: %1").arg(QLatin1String(what)) };
}

// Some chunks in a row, each with room for its tag.
struct Batch
{
    std::vector<char> bytes = std::vector<char>(size_t(chunksAtOnce * ageSealedSize));
    std::vector<char> plain {}; // of those that are opened
    quint64 firstIndex = 0;
    qint64 size = 0; // of the bytes that there are: plain or sealed
    qint64 opened = 0; // whole chunks that proved right
    bool isLast = false; // the last chunk is among these
    bool failed = false;

    std::span<char> chunk(qint64 i, qint64 length)
    {
        return { bytes.data() + i * ageSealedSize, size_t(length) };
    }
};

// Reuses batches: allocating and clearing a megabyte costs as much as encrypting it.
class Batches
{
public:
    Batch take()
    {
        if (m_free.empty())
            return {};
        Batch batch = std::move(m_free.back());
        m_free.pop_back();
        return batch;
    }
    void giveBack(Batch batch) { m_free.push_back(std::move(batch)); }

private:
    std::vector<Batch> m_free;
};

class Encryption
{
public:
    Encryption(const ByteReader &from, const ByteWriter &to, const SecretBytes<32> &key,
        WorkerPool &pool, JobControl &control)
        : m_from(from)
        , m_to(to)
        , m_key(key)
        , m_control(control)
        , m_sealed(pool)
    {
    }

    // What is last is known only once nothing follows, so one batch is always read ahead.
    Result<void> run()
    {
        Result<Batch> next = read();
        while (next) {
            Batch batch = std::move(*next);
            const bool full = batch.size == chunksAtOnce * ageChunkSize;
            if (full)
                next = read();
            if (!next)
                break;
            const bool isLast = !full || next->size == 0;
            batch.isLast = isLast;
            if (m_control.cancelled())
                return JobControl::cancelledError();
            const Result<void> written = m_sealed.isFull() ? writeOldest() : Result<void>();
            if (!written)
                return written;
            m_sealed.add([batch = std::move(batch), key = m_key]() mutable {
                return seal(std::move(batch), key);
            });
            if (isLast)
                return writeRest();
        }
        return next.error();
    }

private:
    Result<Batch> read()
    {
        Batch batch = m_batches.take();
        batch.firstIndex = m_index;
        batch.size = 0;
        for (qint64 i = 0; i < chunksAtOnce; ++i) {
            const Result<qsizetype> read = m_from(batch.chunk(i, ageChunkSize));
            if (!read)
                return read.error();
            batch.size += *read;
            if (*read < ageChunkSize)
                break;
        }
        m_index += chunksAtOnce;
        return batch;
    }

    static Batch seal(Batch batch, const SecretBytes<32> &key)
    {
        ChunkCipher cipher(key);
        const qint64 count = ageChunks(batch.size);
        for (qint64 i = 0; i < count; ++i) {
            const qint64 length = std::min(ageChunkSize, batch.size - i * ageChunkSize);
            const bool isLast = batch.isLast && i + 1 == count;
            batch.failed |= !cipher.seal(
                batch.chunk(i, length + ageTagSize), batch.firstIndex + quint64(i), isLast);
        }
        batch.size += count * ageTagSize;
        return batch;
    }

    Result<void> writeOldest()
    {
        Batch batch = m_sealed.take();
        if (batch.failed)
            return Error { ErrorCode::Internal, QStringLiteral("OpenSSL refused to encrypt") };
        const qint64 chunks = (batch.size + ageSealedSize - 1) / ageSealedSize;
        const qint64 plain = batch.size - chunks * ageTagSize;
        const Result<void> written = m_to({ batch.bytes.data(), size_t(batch.size) });
        m_batches.giveBack(std::move(batch));
        m_control.advance(plain);
        return written;
    }

    Result<void> writeRest()
    {
        while (!m_sealed.isEmpty()) {
            const Result<void> written = writeOldest();
            if (!written)
                return written;
        }
        return {};
    }

    const ByteReader &m_from;
    const ByteWriter &m_to;
    const SecretBytes<32> m_key;
    JobControl &m_control;
    quint64 m_index = 0;
    Batches m_batches;
    OrderedResults<Batch> m_sealed;
};

class Decryption
{
public:
    Decryption(const ByteReader &from, const ByteWriter &to, const SecretBytes<32> &key,
        WorkerPool &pool, JobControl &control)
        : m_from(from)
        , m_to(to)
        , m_key(key)
        , m_control(control)
        , m_opened(pool)
    {
    }

    Result<void> run()
    {
        for (bool atEnd = false; !atEnd;) {
            if (m_control.cancelled())
                return JobControl::cancelledError();
            Batch batch = m_batches.take();
            const Result<qsizetype> read = m_from(batch.bytes);
            if (!read) {
                const Result<void> written = writeRest();
                return written ? read.error() : written;
            }
            batch.size = *read;
            batch.firstIndex = m_index;
            m_index += chunksAtOnce;
            atEnd = *read < qsizetype(batch.bytes.size());
            if (batch.size == 0)
                break;
            const Result<void> written = m_opened.isFull() ? writeOldest() : Result<void>();
            if (!written)
                return written;
            m_opened.add([batch = std::move(batch), key = m_key]() mutable {
                return open(std::move(batch), key);
            });
        }
        const Result<void> written = writeRest();
        if (written && !m_isComplete)
            return damaged("it was cut off");
        return written;
    }

private:
    static qint64 lengthOf(const Batch &batch, qint64 i)
    {
        return std::min(ageSealedSize, batch.size - i * ageSealedSize);
    }

    // Only a whole chunk may not be the last, and only the first may be empty.
    static bool openChunk(Batch &batch, qint64 i, ChunkCipher &cipher)
    {
        const qint64 length = lengthOf(batch, i);
        if (length < ageTagSize)
            return false;
        const std::span<char> sealed = batch.chunk(i, length);
        const std::span<char> plain(
            batch.plain.data() + i * ageChunkSize, size_t(length - ageTagSize));
        const quint64 index = batch.firstIndex + quint64(i);
        if (length == ageSealedSize && cipher.open(sealed, plain, index, false))
            return true;
        batch.isLast = (!plain.empty() || index == 0) && cipher.open(sealed, plain, index, true);
        return batch.isLast;
    }

    static Batch open(Batch batch, const SecretBytes<32> &key)
    {
        ChunkCipher cipher(key);
        batch.plain.resize(size_t(chunksAtOnce * ageChunkSize));
        const qint64 count = (batch.size + ageSealedSize - 1) / ageSealedSize;
        for (batch.opened = 0, batch.isLast = false; batch.opened < count; ++batch.opened) {
            batch.failed = batch.isLast || !openChunk(batch, batch.opened, cipher);
            if (batch.failed)
                break;
        }
        return batch;
    }

    Result<void> writeOldest()
    {
        Batch batch = m_opened.take();
        if (m_isComplete)
            return damaged("something follows its last chunk");
        const qint64 sealed = std::min(batch.size, batch.opened * ageSealedSize);
        const qint64 plain = sealed - batch.opened * ageTagSize;
        const Result<void> written
            = plain > 0 ? m_to({ batch.plain.data(), size_t(plain) }) : Result<void>();
        if (!written)
            return written;
        m_control.advance(plain);
        m_isComplete = batch.isLast;
        if (batch.failed)
            return damaged(batch.isLast ? "something follows its last chunk"
                                        : "a chunk is not what was encrypted");
        m_batches.giveBack(std::move(batch));
        return {};
    }

    Result<void> writeRest()
    {
        while (!m_opened.isEmpty()) {
            const Result<void> written = writeOldest();
            if (!written)
                return written;
        }
        return {};
    }

    const ByteReader &m_from;
    const ByteWriter &m_to;
    const SecretBytes<32> m_key;
    JobControl &m_control;
    quint64 m_index = 0;
    bool m_isComplete = false; // the last chunk was written
    Batches m_batches;
    OrderedResults<Batch> m_opened;
};

} // namespace

Result<AgeFileKey> encryptAge(const ByteReader &from, const ByteWriter &to,
    const AgeRecipients &recipients, WorkerPool &pool, JobControl &control)
{
    AgeFileKey key;
    randombytes_buf(key.data(), key.size());
    const Result<QList<AgeStanza>> stanzas = wrapFileKey(key, recipients);
    if (!stanzas)
        return stanzas.error();
    QByteArray nonce(ageNonceSize, Qt::Uninitialized);
    randombytes_buf(nonce.data(), size_t(nonce.size()));
    const QByteArray head = writeAgeHeader(*stanzas, key) + nonce;
    Result<void> done = to({ head.constData(), size_t(head.size()) });
    if (done)
        done = Encryption(from, to, deriveKey(key, nonce, "payload"), pool, control).run();
    if (!done)
        return done.error();
    return key;
}

Result<SecretBytes<32>> openAgeHeader(BufferedInput &input, const AgeKeys &keys, qint64 *size)
{
    const Result<AgeHeader> header = readAgeHeader(input);
    if (!header)
        return header.error();
    const Result<AgeFileKey> key = unwrapFileKey(header->stanzas, keys);
    if (!key)
        return key.error();
    const Result<void> authentic = authenticate(*header, *key);
    if (!authentic)
        return authentic.error();
    QByteArray nonce(ageNonceSize, Qt::Uninitialized);
    const Result<qsizetype> read = input.read({ nonce.data(), size_t(nonce.size()) });
    if (!read)
        return read.error();
    if (*read != ageNonceSize)
        return malformedHeader("it was cut off");
    if (size)
        *size = header->size + ageNonceSize;
    return deriveKey(*key, nonce, "payload");
}

Result<void> decryptAge(const ByteReader &from, const ByteWriter &to, const AgeKeys &keys,
    WorkerPool &pool, JobControl &control, AgeFormat format)
{
    BufferedInput input(from);
    const Result<QByteArray> begin = input.peek(ageProbeSize);
    if (!begin)
        return begin.error();
    if (format == AgeFormat::Either)
        format = looksArmoured(*begin) ? AgeFormat::Armoured : AgeFormat::Binary;
    ArmourReader armour(input);
    BufferedInput content(format == AgeFormat::Armoured
            ? ByteReader([&armour](std::span<char> buffer) { return armour.read(buffer); })
            : ByteReader([&input](std::span<char> buffer) { return input.read(buffer); }));
    const Result<SecretBytes<32>> key = openAgeHeader(content, keys);
    if (!key)
        return key.error();
    const ByteReader payload = [&content](std::span<char> b) { return content.read(b); };
    return Decryption(payload, to, *key, pool, control).run();
}

} // namespace hubkeep::backup
