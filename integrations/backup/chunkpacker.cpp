#include "integrations/backup/chunkpacker.h"

#include "integrations/backup/previouschunks.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr size_t chunksPerWorker = 3;

const PackedChunk &zeroChunk(Method method)
{
    static const std::vector<char> zeros(size_t(chunkSize), '\0');
    static const PackedChunk deflated = packChunk(zeros, Method::Deflate);
    static const PackedChunk stored = packChunk(zeros, Method::Store);
    return method == Method::Deflate ? deflated : stored;
}

bool isHole(int fd, qint64 offset, qint64 length)
{
    const off_t data = ::lseek(fd, offset, SEEK_DATA);
    return data < 0 ? errno == ENXIO : data >= offset + length;
}

ChunkOutcome packPart(const ChunkPacker::Input &input, qint64 offset, qint64 length,
    const std::optional<PreviousChunks::Place> &old)
{
    if (input.sparse && length == chunkSize && isHole(input.fd, offset, length))
        return { {}, zeroChunk(input.method), length, true };
    thread_local std::vector<char> buffer(static_cast<size_t>(chunkSize));
    const std::span<char> bytes(buffer.data(), size_t(length));
    const Result<qsizetype> read = readAt(input.fd, bytes, offset);
    if (!read)
        return { read.error(), {}, 0, true };
    const std::span<const char> content = bytes.first(size_t(*read));
    if (content.empty())
        return { {}, {}, 0, true };
    return packContent(content, input.method, old);
}

} // namespace

Method ChunkPacker::methodFor(const Input &input)
{
    if (input.previous && input.previous->manifest.hasChunkTable())
        return input.previous->manifest.method;
    QByteArray sample(128 * 1024, Qt::Uninitialized);
    const qsizetype half = sample.size() / 2;
    const Result<qsizetype> first = readAt(input.fd, { sample.data(), size_t(half) }, 0);
    const Result<qsizetype> middle = readAt(
        input.fd, { sample.data() + half, size_t(half) }, std::max(qint64(half), input.size / 2));
    if (!first || !middle || *first != half)
        return Method::Deflate;
    return chooseMethod({ sample.constData(), size_t(half + *middle) });
}

Result<ChunkPacker::Appended> ChunkPacker::append(const Input &input)
{
    PreviousChunks previous(input.archive, input.previous);
    OrderedResults<ChunkOutcome> results(m_pool, m_pool.threads() * chunksPerWorker);
    Appended appended;
    qint64 handedOut = 0;
    bool ended = false;
    while (!ended || !results.isEmpty()) {
        while (!ended && !results.isFull()) {
            const qint64 length = std::min(chunkSize, input.size - handedOut);
            if (length <= 0) {
                ended = true;
                break;
            }
            results.add([&input, offset = handedOut, length, old = previous.next()] {
                return packPart(input, offset, length, old);
            });
            handedOut += length;
        }
        if (results.isEmpty())
            break;
        if (m_control.cancelled())
            return JobControl::cancelledError();
        const ChunkOutcome outcome = results.take();
        if (!outcome.read) {
            appended.unreadable = outcome.read.error();
            return appended;
        }
        const qint64 wanted = std::min(chunkSize, input.size - appended.bytes);
        if (outcome.length > 0) {
            const Result<void> done = m_writer.append(outcome.chunk, outcome.length, outcome.fresh);
            if (!done)
                return done.error();
        }
        appended.bytes += outcome.length;
        m_control.advance(outcome.length);
        // A chunk that came short ends the file here: it was cut off meanwhile.
        if (outcome.length < wanted)
            return appended;
    }
    return appended;
}

Result<ChunkPacker::Appended> ChunkPacker::takeOver(
    const ArchiveReader &archive, const ArchiveEntry &previous)
{
    PreviousChunks chunks(&archive, &previous);
    OrderedResults<ChunkOutcome> results(m_pool, m_pool.threads() * chunksPerWorker);
    const qint64 count = chunkCount(previous.manifest.size);
    Appended appended;
    FileDigest digest;
    for (qint64 taken = 0, added = 0; taken < count; ++taken) {
        while (added < count && !results.isFull()) {
            const std::optional<PreviousChunks::Place> place = chunks.next();
            results.add([place]() -> ChunkOutcome {
                ChunkOutcome outcome;
                outcome.fresh = false;
                if (!place || !readStored(*place, outcome.chunk))
                    outcome.read = Error { ErrorCode::Corrupt,
                        QStringLiteral("The previous backup is damaged there") };
                else
                    outcome.length = place->length;
                return outcome;
            });
            ++added;
        }
        const ChunkOutcome outcome = results.take();
        if (m_control.cancelled())
            return JobControl::cancelledError();
        if (!outcome.read) {
            appended.unreadable = outcome.read.error();
            return appended;
        }
        digest.add(outcome.chunk.record.digest);
        const Result<void> done = m_writer.append(outcome.chunk, outcome.length, false);
        if (!done)
            return done.error();
        appended.bytes += outcome.length;
        m_control.advance(outcome.length);
    }
    if (digest.finish() != previous.manifest.digest)
        appended.unreadable
            = Error { ErrorCode::Corrupt, QStringLiteral("The previous backup is damaged there") };
    return appended;
}

Result<ChunkPacker::Appended> ChunkPacker::append(ByteStream &stream)
{
    OrderedResults<ChunkOutcome> results(m_pool, m_pool.threads() * chunksPerWorker);
    Appended appended;
    bool ended = false;
    while (!ended || !results.isEmpty()) {
        if (!ended && !results.isFull()) {
            auto bytes = std::make_shared<std::vector<char>>(static_cast<size_t>(chunkSize));
            const Result<qsizetype> read = stream.read(*bytes);
            if (!read && read.error().code == ErrorCode::Cancelled)
                return read.error();
            if (!read) {
                appended.unreadable = read.error();
                return appended;
            }
            ended = *read < chunkSize;
            bytes->resize(size_t(*read));
            if (*read > 0)
                results.add([bytes]() -> ChunkOutcome {
                    return { {}, packChunk(*bytes, Method::Deflate), qint64(bytes->size()), true };
                });
            continue;
        }
        const ChunkOutcome outcome = results.take();
        const Result<void> done = m_writer.append(outcome.chunk, outcome.length, true);
        if (!done)
            return done.error();
        appended.bytes += outcome.length;
        m_control.advance(outcome.length);
    }
    return appended;
}

} // namespace hubkeep::backup
