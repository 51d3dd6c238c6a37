// An open file descriptor that closes itself, and the few whole-buffer reads and
// writes that POSIX leaves to its callers.
//
// Paths are bytes (QByteArray) throughout the engine: a Linux file name is not
// always text. Only messages for people are QString.

#pragma once

#include "automation/core/result.h"

#include <QByteArray>
#include <QList>

#include <span>

namespace hubkeep {

class FileDescriptor
{
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd)
        : m_fd(fd)
    {
    }
    FileDescriptor(FileDescriptor &&other) noexcept
        : m_fd(std::exchange(other.m_fd, -1))
    {
    }
    FileDescriptor &operator=(FileDescriptor &&other) noexcept
    {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    ~FileDescriptor();

    bool isOpen() const { return m_fd >= 0; }
    int get() const { return m_fd; }
    void close() { FileDescriptor().swap(*this); }
    void swap(FileDescriptor &other) { std::swap(m_fd, other.m_fd); }

private:
    int m_fd = -1;
};

// The error for errno, with NoSpace, NotFound, Forbidden and Io told apart, and what
// to do about it where a person can do something: "No space left on the device;
// free some space or choose another folder".
Error systemError(int errnoValue);

// "Reading /srv/x", for people: names that are not UTF-8 get replacement marks,
// control characters are escaped so that no file name can forge a line.
QString displayName(const QByteArray &path);

// Reads until buffer is full or the file ends; returns how much was read.
Result<qsizetype> readAt(int fd, std::span<char> buffer, qint64 offset);

// Reads exactly the buffer; a file that ends early is Corrupt.
Result<void> readExactlyAt(int fd, std::span<char> buffer, qint64 offset);

Result<void> writeAt(int fd, std::span<const char> bytes, qint64 offset);

// Makes a folder and those above it, where they are missing. Bytes, as QDir is not.
Result<void> makeFolders(const QByteArray &path);

// The names in a folder, in no order, without "." and "..".
Result<QList<QByteArray>> namesInFolder(const QByteArray &path);

// Flushes a folder's own entries, so that a rename in it survives a power cut.
Result<void> syncFolder(const QByteArray &path);

} // namespace hubkeep
