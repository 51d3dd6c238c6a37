// Writes a backup's entries and, at the end, its manifest.
//
// Keeps the zip, the table of entries, the table of chunks and the warnings in step,
// so that the job above thinks in files only. Also remembers which chunks were packed
// anew, for the read-back (FORMAT.md, "Read back").
//
// Blocking; one thread.

#pragma once

#include "integrations/backup/archive/archivewriter.h"
#include "integrations/backup/archive/manifest.h"
#include "integrations/backup/backupinfo.h"

#include <memory>
#include <vector>

namespace hubkeep::backup {

// Which parts of an archive were packed anew, not copied from an older one.
struct FreshParts
{
    std::vector<bool> entries; // by entry
    std::vector<bool> chunks; // by row of the chunk table
};

// Where an entry that was written lies, to copy it for a hard link.
struct WrittenEntry
{
    ManifestEntry entry;
    qint64 contentOffset = 0;
    qint64 firstChunk = 0;
};

class EntryWriter
{
public:
    static Result<std::unique_ptr<EntryWriter>> create(const QByteArray &path);

    // A folder, or a file or link of at most one chunk with its packed bytes; the
    // entry's stored, crc32, ... are filled in from chunk.
    Result<WrittenEntry> add(ManifestEntry entry, const PackedChunk &chunk, bool fresh);

    // A file of any length, chunk by chunk: begin, append..., then commit or abandon.
    Result<void> begin(const QByteArray &name, Method method, qint64 mostBytes);
    Result<void> append(const PackedChunk &chunk, qint64 length, bool fresh);
    // For a file whose first chunk is known last: room for it, before all others, and
    // what goes there, after all others. It is stored plainly.
    Result<void> reserveFirst(qint64 length);
    Result<void> fillFirst(const PackedChunk &chunk, qint64 length);
    Result<void> rewind();
    Result<WrittenEntry> commit(ManifestEntry entry);
    Result<void> abandon();
    qint64 bytes() const { return m_bytes; } // of content, since begin()

    // Another name for a file that was written: its packed bytes once more.
    Result<void> addHardLink(const ManifestEntry &entry, const WrittenEntry &first);

    // Drops the entries that were added or committed after mark() was asked, none being open.
    struct Mark
    {
        ArchiveWriter::Mark zip;
        qint64 entriesSize = 0;
        qint64 chunksSize = 0;
    };
    Mark mark() const { return { m_zip->mark(), m_entries.size(), m_chunks.size() }; }
    Result<void> dropAfter(const Mark &mark);

    Result<void> addWarning(const Warning &warning);

    // Writes the manifest and closes the zip; info's tables are filled in. Returns
    // the archive's size.
    Result<qint64> finish(BackupInfo &info);

    // After finish(): returns when the archive is on its disk. Any thread.
    Result<void> sync() const { return m_zip->sync(); }

    const FreshParts &fresh() const { return m_fresh; }

private:
    explicit EntryWriter(std::unique_ptr<ArchiveWriter> zip);
    Result<void> list(const ManifestEntry &entry, bool fresh);
    Result<void> addTable(const char *name, SpoolFile &table, Method method, TableInfo &info);
    Result<void> addDocument(const char *name, const QByteArray &document);

    std::unique_ptr<ArchiveWriter> m_zip;
    SpoolFile m_entries;
    SpoolFile m_chunks;
    SpoolFile m_warnings;
    qint64 m_entryRows = 0;
    qint64 m_warningRows = 0;
    FreshParts m_fresh;

    // The entry that is being written.
    Method m_method = Method::Store;
    qint64 m_firstChunk = 0;
    qint64 m_bytes = 0;
    quint32 m_crc32 = 0;
    ChunkRecord m_lastChunk;
    FileDigest m_digest;
    bool m_anyFresh = false;
};

} // namespace hubkeep::backup
