// What a backup knows about each of its entries, and how that is written down.
//
// One entry is one line of JSON in manifest/entries.jsonl, in the order of the
// archive. The order is that of comparePaths(), strictly rising, a folder before
// what is in it: two manifests are compared, and a manifest and a folder, by
// walking both side by side in constant memory. FORMAT.md has every key.
//
// Plain values and pure functions; any thread.

#pragma once

#include "integrations/backup/archive/chunk.h"

#include <QByteArray>
#include <QList>

#include <compare>
#include <optional>

struct stat;

namespace hubkeep::backup {

// The manifest's own entries, in this order at the end of the archive.
inline constexpr const char *entriesTableName = "manifest/entries.jsonl";
inline constexpr const char *chunksTableName = "manifest/chunks.bin";
inline constexpr const char *warningsTableName = "manifest/warnings.jsonl";
inline constexpr const char *infoDocumentName = "manifest/backup.json";

struct Timestamp
{
    qint64 seconds = 0; // since 1970, UTC
    qint64 nanoseconds = 0;

    auto operator<=>(const Timestamp &) const = default;
};

// What tells whether a file may have changed without reading it.
struct FileStamp
{
    qint64 size = 0;
    Timestamp modified;
    Timestamp changed; // ctime: nothing but a set clock can turn it back
    quint64 inode = 0;
    quint64 device = 0;

    bool operator==(const FileStamp &) const = default;
};
FileStamp fileStamp(const struct stat &status);

enum class EntryType { File, Directory, Symlink };

// An SQLite database: the entry holds a snapshot of it, not a copy of its file.
struct DatabaseMark
{
    quint32 pageSize = 0;
    QByteArray damage; // what quick_check said first; empty for a sound database
    std::optional<FileStamp> wal; // of the write-ahead log beside it, when there was one

    bool operator==(const DatabaseMark &) const = default;
};

struct ExtendedAttribute
{
    QByteArray name;
    QByteArray value;

    bool operator==(const ExtendedAttribute &) const = default;
};

struct ManifestEntry
{
    QByteArray name; // in the zip, without the '/' at the end of folders
    EntryType type = EntryType::File;
    quint32 mode = 0; // st_mode
    quint32 uid = 0;
    quint32 gid = 0;
    FileStamp stamp; // stamp.size is what the source said; size what is stored
    QList<ExtendedAttribute> attributes;
    QByteArray hardLinkTo; // name of the entry that is the same file

    // Files and symlinks (whose content is their target).
    qint64 size = 0;
    qint64 stored = 0;
    Method method = Method::Store;
    quint32 crc32 = 0;
    quint32 storedCrc32 = 0; // of files of one chunk; longer ones have chunk records
    Digest digest {};
    bool sparse = false; // had holes; gets them back
    bool torn = false; // kept changing while it was read
    std::optional<DatabaseMark> database;

    bool operator==(const ManifestEntry &) const = default;

    bool isFile() const { return type == EntryType::File; }
    QByteArray zipName() const { return type == EntryType::Directory ? name + '/' : name; }

    // Its one chunk, for entries of up to chunkSize bytes.
    ChunkRecord onlyChunk() const;

    // Bytes that its chunks take in the archive, the end of a deflate stream left out.
    qint64 chunkBytes() const { return method == Method::Deflate ? stored - 2 : stored; }
    qint64 attributeBytes() const; // of memory, for those who hold many entries
    bool hasChunkTable() const { return size > chunkSize; }
};

// Orders names part by part, so that a folder's content follows it at once.
std::strong_ordering comparePaths(const QByteArray &a, const QByteArray &b);

// Whether name may be restored at all: relative, no empty part, no ".", "..", NUL,
// and not longer than Linux takes. Says what is wrong, or nothing.
QString problemWithName(const QByteArray &name);

QByteArray toJsonLine(const ManifestEntry &entry); // with the '\n'

// line without its '\n'. Fails with Corrupt for anything that toJsonLine() would
// not have written, unknown keys aside.
Result<ManifestEntry> parseJsonLine(const QByteArray &line);

// Something the backup could not or would not do, told to whoever reads it.
struct Warning
{
    QByteArray path; // where it is on the machine
    QString message;
    bool unreadable = false; // content is missing for it: exit status 3

    bool operator==(const Warning &) const = default;
};
QByteArray toJsonLine(const Warning &warning);
Result<Warning> parseWarningLine(const QByteArray &line);

} // namespace hubkeep::backup
