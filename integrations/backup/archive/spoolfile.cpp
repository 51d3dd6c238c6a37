#include "integrations/backup/archive/spoolfile.h"

#include <cerrno>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

namespace hubkeep::backup {

Result<SpoolFile> SpoolFile::create(const QByteArray &folder)
{
    SpoolFile spool;
    spool.m_fd = FileDescriptor(::open(folder.constData(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!spool.m_fd.isOpen()) {
        QByteArray name = folder + "/backup-spool.partial-XXXXXX";
        spool.m_fd = FileDescriptor(::mkostemp(name.data(), O_CLOEXEC));
        if (!spool.m_fd.isOpen())
            return systemError(errno).in(
                QStringLiteral("Creating a temporary file in %1").arg(displayName(folder)));
        ::unlink(name.constData());
    }
    return spool;
}

Result<void> SpoolFile::append(std::span<const char> bytes)
{
    constexpr qsizetype bufferSize = 256 * 1024;
    m_buffer.append(bytes.data(), qsizetype(bytes.size()));
    return m_buffer.size() < bufferSize ? Result<void>() : flush();
}

Result<void> SpoolFile::truncate(qint64 size)
{
    const Result<void> flushed = flush();
    if (!flushed)
        return flushed;
    m_written = size; // what lies beyond is written over, and never read
    return {};
}

Result<void> SpoolFile::readBack(std::span<char> buffer, qint64 offset)
{
    const Result<void> flushed = flush();
    return flushed ? readExactlyAt(m_fd.get(), buffer, offset) : flushed;
}

Result<void> SpoolFile::overwrite(std::span<const char> bytes, qint64 offset)
{
    const Result<void> flushed = flush();
    return flushed ? writeAt(m_fd.get(), bytes, offset) : flushed;
}

Result<void> SpoolFile::flush()
{
    const Result<void> written
        = writeAt(m_fd.get(), { m_buffer.constData(), size_t(m_buffer.size()) }, m_written);
    if (!written)
        return written.error().in(QStringLiteral("Writing a temporary file"));
    m_written += m_buffer.size();
    m_buffer.resize(0);
    return {};
}

} // namespace hubkeep::backup
