#include "integrations/backup/archive/archivewriter.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr qint64 bufferSize = 1 << 20;
constexpr qint64 writebackStep = 8 << 20;

std::span<const char> spanOf(const QByteArray &bytes)
{
    return { bytes.constData(), size_t(bytes.size()) };
}

} // namespace

Result<std::unique_ptr<ArchiveWriter>> ArchiveWriter::create(const QByteArray &path)
{
    FileDescriptor fd(
        ::open(path.constData(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.isOpen())
        return systemError(errno).in(QStringLiteral("Creating %1").arg(displayName(path)));
    Result<SpoolFile> directory = SpoolFile::create(path.left(path.lastIndexOf('/')));
    if (!directory)
        return directory.error();
    return std::unique_ptr<ArchiveWriter>(new ArchiveWriter(std::move(fd), std::move(*directory)));
}

ArchiveWriter::ArchiveWriter(FileDescriptor fd, SpoolFile directory)
    : m_fd(std::move(fd))
    , m_directory(std::move(directory))
{
    m_buffer.reserve(2 * bufferSize);
}

Result<void> ArchiveWriter::begin(const QByteArray &name, qint64 mostBytes)
{
    m_entry = ZipEntry();
    m_entry.name = name;
    m_entry.offset = quint64(m_position);
    m_entry.zip64 = needsZip64(quint64(mostBytes));
    m_entryStart = m_position;
    m_contentStart = m_position + localHeaderSize(m_entry);
    return write(spanOf(QByteArray(localHeaderSize(m_entry), '\0')));
}

Result<void> ArchiveWriter::append(std::span<const char> stored)
{
    return write(stored);
}

void ArchiveWriter::rewind()
{
    truncateTo(m_contentStart);
}

void ArchiveWriter::abandon()
{
    truncateTo(m_entryStart);
}

Result<void> ArchiveWriter::dropAfter(const Mark &mark)
{
    truncateTo(mark.position);
    m_entries = mark.entries;
    return m_directory.truncate(mark.directorySize);
}

Result<ZipEntry> ArchiveWriter::commit(ZipEntry entry)
{
    entry.name = m_entry.name;
    entry.offset = m_entry.offset;
    entry.zip64 = m_entry.zip64;
    entry.storedSize = quint64(contentSize());
    entry.modified = clampToZipTime(entry.modified);
    if (!entry.zip64 && (needsZip64(entry.size) || needsZip64(entry.storedSize)))
        return Error { ErrorCode::TooLarge,
            QStringLiteral("%1 grew past 4 GiB while it was read").arg(displayName(entry.name)) };
    const Result<void> patched = patch(localHeader(entry), m_entryStart);
    if (!patched)
        return patched.error();
    const Result<void> listed = m_directory.append(centralHeader(entry));
    if (!listed)
        return listed.error();
    ++m_entries;
    return entry;
}

Result<qint64> ArchiveWriter::finish()
{
    const ZipEnd end { quint64(m_entries), quint64(m_directory.size()), quint64(m_position) };
    Result<void> done = m_directory.flush();
    QByteArray part(bufferSize, Qt::Uninitialized);
    for (qint64 at = 0; done && at < m_directory.size(); at += part.size()) {
        part.resize(std::min<qint64>(bufferSize, m_directory.size() - at));
        done = readExactlyAt(m_directory.descriptor(), { part.data(), size_t(part.size()) }, at);
        if (done)
            done = write(spanOf(part));
    }
    if (done)
        done = write(spanOf(endRecords(end)));
    if (done)
        done = flush();
    if (!done)
        return done.error();
    // Something longer may have been dropped (rewind(), abandon()) after it was written.
    if (::ftruncate(m_fd.get(), m_position) != 0)
        return systemError(errno).in(QStringLiteral("Writing the archive"));
    return m_position;
}

Result<void> ArchiveWriter::sync() const
{
    if (::fsync(m_fd.get()) != 0)
        return systemError(errno).in(QStringLiteral("Flushing the archive to its disk"));
    return {};
}

Result<void> ArchiveWriter::readBack(std::span<char> buffer, qint64 offset)
{
    const Result<void> flushed = flush();
    return flushed ? readExactlyAt(m_fd.get(), buffer, offset) : flushed;
}

Result<void> ArchiveWriter::overwrite(std::span<const char> bytes, qint64 offset)
{
    Result<void> done = flush();
    if (done)
        done = writeAt(m_fd.get(), bytes, offset);
    return done ? done : done.error().in(QStringLiteral("Writing the archive"));
}

Result<void> ArchiveWriter::write(std::span<const char> bytes)
{
    if (m_buffer.size() + qint64(bytes.size()) > 2 * bufferSize) {
        const Result<void> flushed = flush();
        if (!flushed)
            return flushed;
    }
    m_position += qint64(bytes.size());
    if (qint64(bytes.size()) >= bufferSize / 2 && m_buffer.isEmpty()) {
        const Result<void> written = writeAt(m_fd.get(), bytes, m_bufferStart);
        m_bufferStart = m_position;
        startWriteback();
        return written;
    }
    m_buffer.append(bytes.data(), qsizetype(bytes.size()));
    return m_buffer.size() >= bufferSize ? flush() : Result<void>();
}

Result<void> ArchiveWriter::flush()
{
    const Result<void> written = writeAt(m_fd.get(), spanOf(m_buffer), m_bufferStart);
    if (!written)
        return written.error().in(QStringLiteral("Writing the archive"));
    m_bufferStart = m_position;
    m_buffer.resize(0);
    startWriteback();
    return {};
}

// The disk starts on what is written while the processors pack the rest, so that
// the fsync at the end is short.
void ArchiveWriter::startWriteback()
{
    if (m_bufferStart - m_writtenBack < writebackStep)
        return;
    ::sync_file_range(
        m_fd.get(), m_writtenBack, m_bufferStart - m_writtenBack, SYNC_FILE_RANGE_WRITE);
    m_writtenBack = m_bufferStart;
}

Result<void> ArchiveWriter::patch(const QByteArray &bytes, qint64 offset)
{
    // A header never straddles the buffer's start: begin() wrote it in one piece.
    if (offset >= m_bufferStart) {
        std::memcpy(
            m_buffer.data() + (offset - m_bufferStart), bytes.constData(), size_t(bytes.size()));
        return {};
    }
    const Result<void> written = writeAt(m_fd.get(), spanOf(bytes), offset);
    return written ? written : written.error().in(QStringLiteral("Writing the archive"));
}

void ArchiveWriter::truncateTo(qint64 position)
{
    if (position >= m_bufferStart) {
        m_buffer.resize(position - m_bufferStart);
    } else {
        m_buffer.resize(0);
        m_bufferStart = position;
        m_writtenBack = std::min(m_writtenBack, position);
    }
    m_position = position;
}

} // namespace hubkeep::backup
