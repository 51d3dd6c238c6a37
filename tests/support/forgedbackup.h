// Writes backups that look genuine and lie: everything that can be recomputed to match
// the lie (manifest, tables, digests, CRCs, headers, directory) is.
//
//     ForgedBackup forged;
//     forged.file("sources/src/a.txt", "hello").manifest.name = "sources/src/../evil";
//     forged.write(path);
//
// Headers follow from what the manifest says, so changing an entry's manifest makes a
// consistent lie; the lie* functions change one side alone, the patch* functions change
// bytes after they were encoded. Without any of them the backup is sound: tests have such
// a control, so that what is refused is refused for the lie.

#pragma once

#include "integrations/backup/archive/manifest.h"
#include "integrations/backup/archive/zipformat.h"
#include "integrations/backup/backupinfo.h"

#include <QJsonObject>

#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace hubkeep::forge {

template <typename T>
using Change = std::function<void(T &)>;

struct ForgedEntry
{
    backup::ManifestEntry manifest;
    QByteArray stored; // what lies in the archive
    std::vector<backup::ChunkRecord> rows; // in the chunk table
    QByteArray gapBefore;
    std::optional<quint64> dataOf; // offset in the archive that it claims instead of its own
    bool inManifest = true;
    bool inDirectory = true;
    bool inBody = true;

    Change<backup::ZipEntry> lieLocal;
    Change<backup::ZipEntry> lieCentral;
    Change<QByteArray> patchLocal;
    Change<QByteArray> patchCentral;
    Change<QByteArray> patchLine;

    quint64 offset = 0; // where it was written, after write()
};

// One of the manifest's own entries: unit, repeated, then end; or a hole of so many bytes.
struct ForgedTable
{
    backup::Method method = backup::Method::Store;
    QByteArray unit;
    qint64 times = 1;
    QByteArray end;
    qint64 hole = 0;

    // What is said about it.
    qint64 rows = 0;
    quint64 size = 0;
    quint32 crc32 = 0;
    backup::Digest digest {};
    bool zip64 = false;
    Change<QByteArray> patchLocal;

    quint64 storedSize() const { return quint64(unit.size() * times + end.size() + hole); }
};
ForgedTable honestTable(const QByteArray &content, backup::Method method, qint64 rows);
// A table of many times the same chunkSize bytes: 10 GB take 10 MB and a moment.
ForgedTable repeatedTable(const QByteArray &chunk, qint64 times, qint64 rows);
// So many zeros that take no room on the disk.
ForgedTable sparseTable(qint64 size, qint64 rows);

class ForgedBackup
{
public:
    ForgedBackup(); // with one source, src, of type files, from /nonexistent/src

    // Sound entries, to be changed afterwards; references stay valid. Parents come first,
    // names in order: nothing is sorted.
    ForgedEntry &folder(const QByteArray &name);
    ForgedEntry &file(const QByteArray &name, const QByteArray &content);
    ForgedEntry &symlink(const QByteArray &name, const QByteArray &target);
    ForgedEntry &hardLink(const QByteArray &name, const ForgedEntry &first);
    ForgedEntry &database(const QByteArray &name, const QByteArray &content);
    // A file of so many chunks that are all the same and pack a thousand to one.
    ForgedEntry &bomb(const QByteArray &name, qint64 chunks);

    // "sources/src" and a.txt in it.
    ForgedBackup &withBasics();

    backup::BackupInfo info; // its tables are filled in
    std::deque<ForgedEntry> entries;
    Change<QByteArray> patchEntries; // the unpacked tables
    Change<QByteArray> patchChunks;
    Change<QByteArray> patchWarnings;
    std::optional<ForgedTable> entriesTable; // instead
    std::optional<ForgedTable> chunksTable;
    std::optional<ForgedTable> warningsTable;
    std::optional<ForgedTable> documentTable;
    Change<backup::BackupInfo> lieInfo; // after the tables were filled in
    Change<QJsonObject> patchInfo;
    Change<QByteArray> patchDocument;
    Change<QByteArray> patchDirectory;
    Change<backup::ZipEnd> lieEnd;
    Change<QByteArray> patchEnd;
    QByteArray prefix;
    QByteArray suffix;

    // False when it could not be written.
    bool write(const QByteArray &path);
    QByteArray bytes(); // the same, for small ones

private:
    ForgedEntry &add(backup::ManifestEntry manifest);
    void put(const QByteArray &bytes);
    void putEntry(ForgedEntry &entry);
    void putTable(const char *name, const ForgedTable &table);

    int m_fd = -1;
    qint64 m_position = 0;
    bool m_failed = false;
    QByteArray m_directory;
    quint64 m_directoryEntries = 0;
};

} // namespace hubkeep::forge
