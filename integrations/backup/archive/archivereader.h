// Reads a backup that somebody else may have written, or that a disk has damaged.
//
// Nothing in it is believed: the end record, the directory and every local header
// must be, byte for byte, what our writer makes of their fields; the entries lie one
// behind the other without a gap or an overlap; the manifest names the same entries
// in the same order with the same sizes; names rise strictly and each one's folder
// came before it, so there are no duplicates and no way through a link. All sizes
// are checked against what is really there before memory or time is spent on them.
//
//     Result<ArchiveReader> archive = ArchiveReader::open(path);
//     EntryStream entries(*archive);
//     for (;;) {
//         Result<std::optional<ArchiveEntry>> entry = entries.next();
//         ...
//     }
//
// An ArchiveReader is constant once open: any number of threads may read from it.
// An EntryStream belongs to one thread and must not outlive its reader.

#pragma once

#include "automation/core/jobcontrol.h"
#include "integrations/backup/archive/agekeys.h"
#include "integrations/backup/archive/bytesource.h"
#include "integrations/backup/archive/manifest.h"
#include "integrations/backup/archive/zipformat.h"
#include "integrations/backup/backupinfo.h"

#include <memory>
#include <optional>

namespace hubkeep::backup {

struct ArchiveEntry
{
    ManifestEntry manifest;
    ZipEntry zip;
    qint64 firstChunk = 0; // index into the chunk table, where manifest.hasChunkTable()

    qint64 contentOffset() const { return qint64(zip.offset) + localHeaderSize(zip); }
};

inline constexpr qint64 chunkRecordsAtOnce = 1024;

class ArchiveReader
{
public:
    // Fails with NotFound, with Corrupt for what is not a whole backup, and with Unauthorized
    // for an encrypted one that none of the keys opens. Nothing decrypted touches a disk.
    static Result<ArchiveReader> open(const QByteArray &path, const AgeKeys &keys = {});

    const QByteArray &path() const { return m_path; }
    const BackupInfo &info() const { return m_info; }
    qint64 size() const { return m_size; } // of the zip
    qint64 storedSize() const { return m_storedSize; } // of the file, encrypted if it is
    bool isEncrypted() const { return m_isEncrypted; }
    const ByteSource &bytes() const { return *m_bytes; }

    // Proves the manifest's tables against the digests in backup.json. Reads all of
    // them; do it before acting on what they say.
    Result<void> checkTables(JobControl &control) const;

    // Reads all of them and keeps the first so many.
    Result<QList<Warning>> warnings(qint64 most = 10'000) const;

    // The records of an entry that has a chunk table, checked against the entry. Those who
    // walk all of them ask for chunkRecordsAtOnce.
    Result<std::vector<ChunkRecord>> chunkRecords(
        const ArchiveEntry &entry, qint64 from, qint64 count) const;

    Result<void> checkLocalHeader(const ZipEntry &entry) const;

private:
    friend class EntryStream;
    friend class TableStream;

    ArchiveReader() = default;
    Result<void> decrypt(std::unique_ptr<ByteSource> file, const AgeKeys &keys);
    Result<void> readEnd();
    Result<void> findTables();
    Result<void> readInfo();
    Result<void> checkTable(const ZipEntry &zip, const TableInfo &table, JobControl &control) const;

    QByteArray m_path;
    std::unique_ptr<const ByteSource> m_bytes;
    qint64 m_size = 0;
    qint64 m_storedSize = 0;
    bool m_isEncrypted = false;
    ZipEnd m_end;
    ZipEntry m_entriesTable;
    ZipEntry m_chunksTable;
    ZipEntry m_warningsTable;
    ZipEntry m_infoDocument;
    qint64 m_contentDirectorySize = 0; // of the directory, up to the manifest's own entries
    BackupInfo m_info;
};

// Unpacks one of the manifest's tables, front to back, a line at a time.
class TableStream
{
public:
    TableStream(const ArchiveReader &archive, const ZipEntry &table, const TableInfo &info);
    ~TableStream();
    TableStream(TableStream &&) noexcept;

    // Without its '\n'; nothing at the end, after size and CRC-32 proved right.
    Result<std::optional<QByteArray>> nextLine();

    // The next bytes whatever they are; empty at the end.
    Result<QByteArray> nextBytes();

private:
    struct State;
    Result<void> fill();

    std::unique_ptr<State> m_state;
};

class EntryStream
{
public:
    explicit EntryStream(const ArchiveReader &archive);

    // The next entry, checked against the directory and its neighbours; nothing after
    // the last. Content is not looked at.
    Result<std::optional<ArchiveEntry>> next();

private:
    Result<std::optional<ZipEntry>> nextZipEntry();
    Result<void> check(const ArchiveEntry &entry);
    Result<void> checkPlace(const ManifestEntry &entry);

    const ArchiveReader &m_archive;
    TableStream m_lines;
    QByteArray m_directory; // unread part
    qint64 m_directoryAt = 0; // what of it was read from the file
    qint64 m_expectedOffset = 0;
    qint64 m_count = 0;
    qint64 m_chunks = 0;
    QByteArray m_previous;
    QList<QByteArray> m_openFolders; // the folders that the previous entry lies in
};

} // namespace hubkeep::backup
