// Writes one zip, entry by entry, front to back.
//
// An entry's header is written after its content, into the room that begin() left
// for it: its method, sizes and CRC are known by then, and what was appended can
// still be dropped (rewind(), abandon()) when a file turned out to change while it
// was read. The directory is spooled, so memory does not grow with the entries.
//
// The file is new, private (0600) and has no meaning until finish() returned;
// whoever owns it gives it its final name. Blocking; one thread.

#pragma once

#include "automation/core/filedescriptor.h"
#include "integrations/backup/archive/spoolfile.h"
#include "integrations/backup/archive/zipformat.h"

#include <memory>

namespace hubkeep::backup {

class ArchiveWriter
{
public:
    // Creates path, which must not exist, and spools beside it.
    static Result<std::unique_ptr<ArchiveWriter>> create(const QByteArray &path);

    // Starts an entry. mostBytes is how long its content may become (stored or not);
    // an entry of unknown length passes the largest qint64.
    Result<void> begin(const QByteArray &name, qint64 mostBytes);

    Result<void> append(std::span<const char> stored);

    // Drops what was appended since begin().
    void rewind();

    // Where the entry's stored bytes begin, and how many there are so far.
    qint64 contentOffset() const { return m_contentStart; }
    qint64 contentSize() const { return m_position - m_contentStart; }

    // Writes the header. Name, offset, storedSize and zip64 are filled in here.
    // TooLarge when the sizes no longer fit what begin() was told.
    Result<ZipEntry> commit(ZipEntry entry);

    // Drops the entry as if begin() had never been called.
    void abandon();

    // Drops the entries that were committed after mark() was asked, none being open.
    struct Mark
    {
        qint64 position = 0;
        qint64 directorySize = 0;
        qint64 entries = 0;
    };
    Mark mark() const { return { m_position, m_directory.size(), m_entries }; }
    Result<void> dropAfter(const Mark &mark);

    // Reads back bytes that were appended earlier, of this or another entry.
    Result<void> readBack(std::span<char> buffer, qint64 offset);

    // Writes over bytes that were appended earlier.
    Result<void> overwrite(std::span<const char> bytes, qint64 offset);

    // Directory and end record. Returns the archive's size.
    Result<qint64> finish();

    // After finish(): returns when the archive is on its disk. Any thread.
    Result<void> sync() const;

    qint64 size() const { return m_position; }
    qint64 entries() const { return m_entries; }

private:
    ArchiveWriter(FileDescriptor fd, SpoolFile directory);
    Result<void> write(std::span<const char> bytes);
    Result<void> flush();
    Result<void> patch(const QByteArray &bytes, qint64 offset);
    void truncateTo(qint64 position);
    void startWriteback();

    FileDescriptor m_fd;
    SpoolFile m_directory;
    QByteArray m_buffer; // the last bytes, from m_bufferStart to m_position
    qint64 m_bufferStart = 0;
    qint64 m_position = 0;
    qint64 m_writtenBack = 0;
    qint64 m_entryStart = 0;
    qint64 m_contentStart = 0;
    qint64 m_entries = 0;
    ZipEntry m_entry;
};

} // namespace hubkeep::backup
