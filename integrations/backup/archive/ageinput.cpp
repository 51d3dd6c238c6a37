#include "integrations/backup/archive/ageinput.h"

#include "automation/core/filedescriptor.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace hubkeep::backup {

ByteReader readerOf(int fd)
{
    return [fd, at = std::make_shared<qint64>(0)](std::span<char> buffer) {
        const Result<qsizetype> read = readAt(fd, buffer, *at);
        *at += read ? *read : 0;
        return read;
    };
}

ByteWriter writerTo(int fd)
{
    return [fd, at = std::make_shared<qint64>(0)](std::span<const char> bytes) {
        const Result<void> written = writeAt(fd, bytes, *at);
        *at += qint64(bytes.size());
        return written;
    };
}

Result<bool> BufferedInput::more()
{
    constexpr qsizetype portion = 4096;
    m_buffer.remove(0, m_at);
    m_at = 0;
    const qsizetype size = m_buffer.size();
    m_buffer.resize(size + portion);
    const Result<qsizetype> read = m_from({ m_buffer.data() + size, size_t(portion) });
    m_buffer.resize(size + (read ? *read : 0));
    if (!read)
        return read.error();
    return *read > 0;
}

Result<qsizetype> BufferedInput::read(std::span<char> buffer)
{
    const qsizetype kept = std::min(m_buffer.size() - m_at, qsizetype(buffer.size()));
    if (kept > 0)
        std::memcpy(buffer.data(), m_buffer.constData() + m_at, size_t(kept));
    m_at += kept;
    if (kept == qsizetype(buffer.size()))
        return kept;
    const Result<qsizetype> read = m_from(buffer.subspan(size_t(kept)));
    if (!read)
        return read;
    return kept + *read;
}

Result<std::optional<BufferedInput::Line>> BufferedInput::line(qsizetype most)
{
    for (;;) {
        const qsizetype end = m_buffer.indexOf('\n', m_at);
        const qsizetype length = (end < 0 ? m_buffer.size() : end) - m_at;
        if (length > most)
            return std::optional<Line>();
        if (end >= 0) {
            Line line { m_buffer.mid(m_at, length), true };
            m_at = end + 1;
            return std::optional<Line>(std::move(line));
        }
        const Result<bool> grown = more();
        if (!grown)
            return grown.error();
        if (!*grown) {
            Line line { m_buffer.mid(m_at), false };
            m_at = m_buffer.size();
            return std::optional<Line>(std::move(line));
        }
    }
}

Result<QByteArray> BufferedInput::peek(qsizetype count)
{
    while (m_buffer.size() - m_at < count) {
        const Result<bool> grown = more();
        if (!grown)
            return grown.error();
        if (!*grown)
            break;
    }
    return m_buffer.mid(m_at, count);
}

} // namespace hubkeep::backup
