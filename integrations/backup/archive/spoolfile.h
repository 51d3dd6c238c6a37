// A temporary file without a name, for what is too large for memory.
//
// Written from start to end, then read. It has no name from the start where the
// file system can do that, so whatever ends the process, the kernel removes it.
// One thread at a time.

#pragma once

#include "automation/core/filedescriptor.h"

namespace hubkeep::backup {

class SpoolFile
{
public:
    static Result<SpoolFile> create(const QByteArray &folder);

    Result<void> append(std::span<const char> bytes);
    Result<void> append(const QByteArray &bytes)
    {
        return append(std::span(bytes.constData(), size_t(bytes.size())));
    }

    // Drops everything after the first size bytes. Requires size <= size().
    Result<void> truncate(qint64 size);

    // Reads what was appended earlier.
    Result<void> readBack(std::span<char> buffer, qint64 offset);

    // Writes over what was appended earlier.
    Result<void> overwrite(std::span<const char> bytes, qint64 offset);

    // Writes out what is still buffered; call it before reading from descriptor().
    Result<void> flush();

    qint64 size() const { return m_written + m_buffer.size(); }
    int descriptor() const { return m_fd.get(); }

private:
    FileDescriptor m_fd;
    QByteArray m_buffer;
    qint64 m_written = 0;
};

} // namespace hubkeep::backup
