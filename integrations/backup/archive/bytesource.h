// A file's bytes, to be read anywhere in it: as they lie there, or decrypted on the way.
//
// Constant once open; any number of threads may read.

#pragma once

#include "automation/core/filedescriptor.h"

#include <span>

namespace hubkeep::backup {

class ByteSource
{
public:
    ByteSource() = default;
    ByteSource(const ByteSource &) = delete;
    ByteSource &operator=(const ByteSource &) = delete;
    virtual ~ByteSource() = default;

    virtual qint64 size() const = 0;

    // Exactly the buffer; Corrupt where the bytes end early or prove wrong.
    virtual Result<void> read(std::span<char> buffer, qint64 offset) const = 0;
};

class FileBytes : public ByteSource
{
public:
    FileBytes(FileDescriptor fd, qint64 size)
        : m_fd(std::move(fd))
        , m_size(size)
    {
    }

    qint64 size() const override { return m_size; }
    Result<void> read(std::span<char> buffer, qint64 offset) const override
    {
        return readExactlyAt(m_fd.get(), buffer, offset);
    }

private:
    const FileDescriptor m_fd;
    const qint64 m_size;
};

} // namespace hubkeep::backup
