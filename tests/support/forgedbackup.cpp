#include "tests/support/forgedbackup.h"

#include "automation/core/filedescriptor.h"
#include "integrations/backup/archive/deflater.h"

#include <QJsonDocument>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace hubkeep::forge {

using namespace hubkeep::backup;

namespace {

std::span<const char> spanOf(const QByteArray &bytes)
{
    return { bytes.constData(), size_t(bytes.size()) };
}

QByteArray bytesOf(const std::vector<char> &bytes)
{
    return { bytes.data(), qsizetype(bytes.size()) };
}

const QByteArray streamEnd(endOfStream, sizeof endOfStream);

template <typename T>
void alter(const Change<T> &change, T &value)
{
    if (change)
        change(value);
}

// As small as deflate can make it, for a thousand to one; byte-aligned and not final.
PackedChunk packTightly(const QByteArray &content)
{
    PackedChunk chunk = packChunk(spanOf(content), Method::Deflate);
    z_stream stream {};
    deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
    chunk.stored.resize(size_t(content.size()) + 1024);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(content.constData()));
    stream.avail_in = uInt(content.size());
    stream.next_out = reinterpret_cast<Bytef *>(chunk.stored.data());
    stream.avail_out = uInt(chunk.stored.size());
    deflate(&stream, Z_FULL_FLUSH);
    chunk.stored.resize(stream.total_out);
    deflateEnd(&stream);
    chunk.record.storedSize = quint32(chunk.stored.size());
    chunk.record.storedCrc32 = threadDeflater().crc32(0, chunk.stored);
    return chunk;
}

ManifestEntry described(const QByteArray &name, EntryType type, quint32 mode)
{
    ManifestEntry entry;
    entry.name = name;
    entry.type = type;
    entry.mode = mode;
    entry.uid = ::geteuid();
    entry.gid = ::getegid();
    entry.stamp.modified = { 1'700'000'000, 123'456'789 };
    entry.stamp.changed = { 1'700'000'001, 1 };
    entry.stamp.inode = 7;
    entry.stamp.device = 1;
    return entry;
}

ZipEntry zipEntryOf(const ForgedEntry &entry, quint64 offset)
{
    const ManifestEntry &m = entry.manifest;
    ZipEntry zip;
    zip.name = m.zipName();
    zip.method = m.method;
    zip.crc32 = m.crc32;
    zip.storedSize = quint64(m.stored);
    zip.size = quint64(m.size);
    zip.offset = offset;
    zip.mode = m.mode;
    zip.modified = clampToZipTime(m.stamp.modified.seconds);
    zip.zip64 = needsZip64(zip.size) || needsZip64(zip.storedSize);
    return zip;
}

} // namespace

ForgedTable honestTable(const QByteArray &content, Method method, qint64 rows)
{
    ForgedTable table;
    table.method = method;
    table.rows = rows;
    table.size = quint64(content.size());
    StreamDigest digest;
    digest.add(spanOf(content));
    table.digest = digest.finish();
    for (qint64 at = 0; at < content.size(); at += chunkSize) {
        const QByteArray part = content.mid(at, chunkSize);
        const PackedChunk chunk = packChunk(spanOf(part), method);
        table.crc32 = combineCrc32(table.crc32, chunk.record.crc32, part.size());
        table.unit += bytesOf(chunk.stored);
    }
    if (method == Method::Deflate)
        table.end = streamEnd;
    return table;
}

ForgedTable repeatedTable(const QByteArray &content, qint64 times, qint64 rows)
{
    const PackedChunk chunk = packTightly(content);
    ForgedTable table;
    table.method = Method::Deflate;
    table.unit = bytesOf(chunk.stored);
    table.times = times;
    table.end = streamEnd;
    table.rows = rows;
    table.size = quint64(content.size() * times);
    FileDigest digest;
    for (qint64 i = 0; i < times; ++i) {
        digest.add(chunk.record.digest);
        table.crc32 = combineCrc32(table.crc32, chunk.record.crc32, content.size());
    }
    table.digest = digest.finish();
    table.zip64 = needsZip64(table.size);
    return table;
}

ForgedTable sparseTable(qint64 size, qint64 rows)
{
    ForgedTable table;
    table.times = 0;
    table.hole = size;
    table.rows = rows;
    table.size = quint64(size);
    FileDigest digest;
    QByteArray zeros(chunkSize, '\0');
    const PackedChunk chunk = packChunk(spanOf(zeros), Method::Store);
    for (qint64 at = 0; at < size; at += chunkSize) {
        const qint64 length = std::min(chunkSize, size - at);
        const QByteArray part = zeros.left(length);
        const ChunkRecord record
            = length == chunkSize ? chunk.record : packChunk(spanOf(part), Method::Store).record;
        digest.add(record.digest);
        table.crc32 = combineCrc32(table.crc32, record.crc32, length);
    }
    table.digest = digest.finish();
    table.zip64 = needsZip64(table.size);
    return table;
}

ForgedBackup::ForgedBackup()
{
    info.id = QStringLiteral("backup-20260211-143022-a1b2c3d4");
    info.name = QStringLiteral("forged");
    info.created = QDateTime::fromMSecsSinceEpoch(1'770'820'222'000, Qt::UTC);
    info.creator = QStringLiteral("hubkeep 0.1.0");
    info.plan = QStringLiteral("0123456789abcdef");
    SourceInfo source;
    source.name = QStringLiteral("src");
    source.type = QStringLiteral("files");
    source.path = "/nonexistent/src";
    source.root = "/nonexistent/src";
    info.sources.append(source);
}

ForgedEntry &ForgedBackup::add(ManifestEntry manifest)
{
    entries.emplace_back();
    entries.back().manifest = std::move(manifest);
    return entries.back();
}

ForgedEntry &ForgedBackup::folder(const QByteArray &name)
{
    return add(described(name, EntryType::Directory, S_IFDIR | 0755));
}

ForgedEntry &ForgedBackup::file(const QByteArray &name, const QByteArray &content)
{
    ForgedEntry &entry = add(described(name, EntryType::File, S_IFREG | 0644));
    ManifestEntry &m = entry.manifest;
    m.size = content.size();
    m.stamp.size = m.size;
    if (!m.hasChunkTable()) {
        const PackedFile packed = packSmallFile(spanOf(content));
        m.method = packed.method;
        m.crc32 = packed.chunk.record.crc32;
        m.storedCrc32 = packed.chunk.record.storedCrc32;
        m.digest = packed.chunk.record.digest;
        entry.stored = bytesOf(packed.chunk.stored);
    } else {
        m.method = Method::Deflate;
        FileDigest digest;
        for (qint64 at = 0; at < content.size(); at += chunkSize) {
            const QByteArray part = content.mid(at, chunkSize);
            const PackedChunk chunk = packChunk(spanOf(part), m.method);
            entry.rows.push_back(chunk.record);
            entry.stored += bytesOf(chunk.stored);
            digest.add(chunk.record.digest);
            m.crc32 = combineCrc32(m.crc32, chunk.record.crc32, part.size());
        }
        m.digest = digest.finish();
    }
    if (m.method == Method::Deflate)
        entry.stored += streamEnd;
    m.stored = entry.stored.size();
    return entry;
}

ForgedEntry &ForgedBackup::symlink(const QByteArray &name, const QByteArray &target)
{
    ForgedEntry &entry = file(name, target);
    entry.manifest.type = EntryType::Symlink;
    entry.manifest.mode = S_IFLNK | 0777;
    return entry;
}

ForgedEntry &ForgedBackup::hardLink(const QByteArray &name, const ForgedEntry &first)
{
    ForgedEntry &entry = add(first.manifest);
    entry.stored = first.stored;
    entry.rows = first.rows;
    entry.manifest.name = name;
    entry.manifest.hardLinkTo = first.manifest.name;
    return entry;
}

ForgedEntry &ForgedBackup::database(const QByteArray &name, const QByteArray &content)
{
    ForgedEntry &entry = file(name, content);
    entry.manifest.database = DatabaseMark { 4096, {}, {} };
    return entry;
}

ForgedEntry &ForgedBackup::bomb(const QByteArray &name, qint64 chunks)
{
    ForgedEntry &entry = add(described(name, EntryType::File, S_IFREG | 0644));
    ManifestEntry &m = entry.manifest;
    const QByteArray content(chunkSize, 'z');
    const PackedChunk chunk = packTightly(content);
    m.method = Method::Deflate;
    m.size = chunks * chunkSize;
    FileDigest digest;
    for (qint64 i = 0; i < chunks; ++i) {
        entry.rows.push_back(chunk.record);
        entry.stored += bytesOf(chunk.stored);
        digest.add(chunk.record.digest);
        m.crc32 = combineCrc32(m.crc32, chunk.record.crc32, chunkSize);
    }
    entry.stored += streamEnd;
    m.stored = entry.stored.size();
    m.digest = digest.finish();
    return entry;
}

ForgedBackup &ForgedBackup::withBasics()
{
    folder("sources/src");
    file("sources/src/a.txt", "hello, this is the only file that is meant well\n");
    return *this;
}

void ForgedBackup::put(const QByteArray &bytes)
{
    m_failed = m_failed || !writeAt(m_fd, spanOf(bytes), m_position);
    m_position += bytes.size();
}

void ForgedBackup::putEntry(ForgedEntry &entry)
{
    put(entry.gapBefore);
    entry.offset = entry.dataOf.value_or(quint64(m_position));
    const ZipEntry zip = zipEntryOf(entry, entry.offset);
    if (entry.inBody) {
        ZipEntry local = zip;
        alter(entry.lieLocal, local);
        QByteArray header = localHeader(local);
        alter(entry.patchLocal, header);
        put(header);
        put(entry.stored);
    }
    if (entry.inDirectory) {
        ZipEntry central = zip;
        alter(entry.lieCentral, central);
        QByteArray header = centralHeader(central);
        alter(entry.patchCentral, header);
        m_directory += header;
        ++m_directoryEntries;
    }
}

void ForgedBackup::putTable(const char *name, const ForgedTable &table)
{
    ZipEntry zip;
    zip.name = name;
    zip.method = table.method;
    zip.crc32 = table.crc32;
    zip.storedSize = table.storedSize();
    zip.size = table.size;
    zip.offset = quint64(m_position);
    zip.mode = S_IFREG | 0600;
    zip.zip64 = table.zip64;
    QByteArray header = localHeader(zip);
    m_directory += centralHeader(zip);
    ++m_directoryEntries;
    alter(table.patchLocal, header);
    put(header);
    for (qint64 i = 0; i < table.times; ++i)
        put(table.unit);
    put(table.end);
    m_position += table.hole;
}

bool ForgedBackup::write(const QByteArray &path)
{
    FileDescriptor fd(::open(path.constData(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    m_fd = fd.get();
    m_failed = !fd.isOpen();
    m_position = 0;
    m_directory.clear();
    m_directoryEntries = 0;
    put(prefix);
    QByteArray lines;
    QByteArray records;
    qint64 rows = 0;
    for (ForgedEntry &entry : entries) {
        putEntry(entry);
        if (!entry.inManifest)
            continue;
        ++rows;
        QByteArray line = toJsonLine(entry.manifest);
        alter(entry.patchLine, line);
        lines += line;
        for (const ChunkRecord &row : entry.rows) {
            char record[chunkRecordSize];
            writeChunkRecord(row, record);
            records.append(record, chunkRecordSize);
        }
    }
    QByteArray warnings;
    alter(patchEntries, lines);
    alter(patchChunks, records);
    alter(patchWarnings, warnings);
    const ForgedTable entriesPart
        = entriesTable ? *entriesTable : honestTable(lines, Method::Deflate, rows);
    const ForgedTable chunksPart = chunksTable
        ? *chunksTable
        : honestTable(records, Method::Store, records.size() / chunkRecordSize);
    const ForgedTable warningsPart = warningsTable
        ? *warningsTable
        : honestTable(warnings, Method::Deflate, warnings.count('\n'));
    putTable(entriesTableName, entriesPart);
    putTable(chunksTableName, chunksPart);
    putTable(warningsTableName, warningsPart);
    info.entries = { entriesPart.rows, qint64(entriesPart.size), entriesPart.digest };
    info.chunks = { chunksPart.rows, qint64(chunksPart.size), chunksPart.digest };
    info.warnings = { warningsPart.rows, qint64(warningsPart.size), warningsPart.digest };
    alter(lieInfo, info);
    QJsonObject object = toJson(info);
    alter(patchInfo, object);
    QByteArray document = QJsonDocument(object).toJson();
    alter(patchDocument, document);
    putTable(
        infoDocumentName, documentTable ? *documentTable : honestTable(document, Method::Store, 0));
    ZipEnd end { m_directoryEntries, 0, quint64(m_position) };
    alter(patchDirectory, m_directory);
    end.directorySize = quint64(m_directory.size());
    put(m_directory);
    alter(lieEnd, end);
    QByteArray records64 = endRecords(end);
    alter(patchEnd, records64);
    put(records64);
    put(suffix);
    m_fd = -1;
    return !m_failed && ::ftruncate(fd.get(), m_position) == 0;
}

QByteArray ForgedBackup::bytes()
{
    const FileDescriptor fd(::memfd_create("forged", MFD_CLOEXEC));
    const QByteArray path = "/proc/self/fd/" + QByteArray::number(fd.get());
    if (!write(path))
        return {};
    QByteArray all(::lseek(fd.get(), 0, SEEK_END), Qt::Uninitialized);
    return readExactlyAt(fd.get(), { all.data(), size_t(all.size()) }, 0) ? all : QByteArray();
}

} // namespace hubkeep::forge
