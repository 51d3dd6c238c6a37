#include "integrations/backup/archive/entrywriter.h"

#include "integrations/backup/archive/deflater.h"

#include <QJsonDocument>

#include <sys/stat.h>

namespace hubkeep::backup {
namespace {

std::span<const char> spanOf(const QByteArray &bytes)
{
    return { bytes.constData(), size_t(bytes.size()) };
}

std::span<const char> endOf(Method method)
{
    return method == Method::Deflate ? std::span<const char>(endOfStream) : std::span<const char>();
}

ZipEntry zipEntryOf(const ManifestEntry &entry)
{
    ZipEntry zip;
    zip.method = entry.method;
    zip.crc32 = entry.crc32;
    zip.size = quint64(entry.size);
    zip.mode = entry.mode;
    zip.modified = entry.stamp.modified.seconds;
    return zip;
}

} // namespace

EntryWriter::EntryWriter(std::unique_ptr<ArchiveWriter> zip)
    : m_zip(std::move(zip))
{
}

Result<std::unique_ptr<EntryWriter>> EntryWriter::create(const QByteArray &path)
{
    Result<std::unique_ptr<ArchiveWriter>> zip = ArchiveWriter::create(path);
    if (!zip)
        return zip.error();
    std::unique_ptr<EntryWriter> writer(new EntryWriter(std::move(*zip)));
    for (SpoolFile *table : { &writer->m_entries, &writer->m_chunks, &writer->m_warnings }) {
        Result<SpoolFile> spool = SpoolFile::create(path.left(path.lastIndexOf('/')));
        if (!spool)
            return spool.error();
        *table = std::move(*spool);
    }
    return writer;
}

Result<WrittenEntry> EntryWriter::add(ManifestEntry entry, const PackedChunk &chunk, bool fresh)
{
    const std::span<const char> end = entry.type == EntryType::Directory || entry.size == 0
        ? std::span<const char>()
        : endOf(entry.method);
    entry.stored = qint64(chunk.stored.size() + end.size());
    entry.crc32 = chunk.record.crc32;
    entry.storedCrc32 = chunk.record.storedCrc32;
    entry.digest = chunk.record.digest;
    Result<void> done = m_zip->begin(entry.zipName(), entry.stored);
    const qint64 offset = m_zip->contentOffset();
    if (done)
        done = m_zip->append(chunk.stored);
    if (done)
        done = m_zip->append(end);
    if (!done)
        return done.error();
    const Result<ZipEntry> committed = m_zip->commit(zipEntryOf(entry));
    if (!committed)
        return committed.error();
    const Result<void> listed = list(entry, fresh);
    if (!listed)
        return listed.error();
    return WrittenEntry { std::move(entry), offset, 0 };
}

Result<void> EntryWriter::begin(const QByteArray &name, Method method, qint64 mostBytes)
{
    m_method = method;
    m_firstChunk = m_chunks.size() / chunkRecordSize;
    m_bytes = 0;
    m_crc32 = 0;
    m_digest = FileDigest();
    m_anyFresh = false;
    return m_zip->begin(name, mostBytes);
}

Result<void> EntryWriter::append(const PackedChunk &chunk, qint64 length, bool fresh)
{
    Result<void> done = m_zip->append(chunk.stored);
    char record[chunkRecordSize];
    writeChunkRecord(chunk.record, record);
    if (done)
        done = m_chunks.append(std::span<const char>(record));
    m_fresh.chunks.push_back(fresh);
    m_anyFresh = m_anyFresh || fresh;
    m_crc32 = combineCrc32(m_crc32, chunk.record.crc32, length);
    m_digest.add(chunk.record.digest);
    m_lastChunk = chunk.record;
    m_bytes += length;
    return done;
}

Result<void> EntryWriter::reserveFirst(qint64 length)
{
    PackedChunk room;
    room.stored.resize(size_t(plainStoredSize(length, m_method)));
    const Result<void> appended = append(room, length, true);
    m_crc32 = 0; // that of what follows, until fillFirst()
    return appended;
}

Result<void> EntryWriter::fillFirst(const PackedChunk &chunk, qint64 length)
{
    char record[chunkRecordSize];
    writeChunkRecord(chunk.record, record);
    Result<void> done = m_zip->overwrite(chunk.stored, m_zip->contentOffset());
    if (done)
        done = m_chunks.overwrite(record, m_firstChunk * chunkRecordSize);
    m_crc32 = combineCrc32(chunk.record.crc32, m_crc32, m_bytes - length);
    // The digest goes over the chunks' digests in order, and the first was missing.
    m_digest = FileDigest();
    const qint64 rows = m_chunks.size() / chunkRecordSize;
    QByteArray records;
    for (qint64 row = m_firstChunk; done && row < rows; row += records.size() / chunkRecordSize) {
        records.resize(std::min<qint64>(rows - row, 1024) * chunkRecordSize);
        done = m_chunks.readBack({ records.data(), size_t(records.size()) }, row * chunkRecordSize);
        for (qsizetype at = 0; done && at < records.size(); at += chunkRecordSize)
            m_digest.add(readChunkRecord(records.constData() + at).digest);
    }
    return done;
}

Result<void> EntryWriter::rewind()
{
    m_zip->rewind();
    m_bytes = 0;
    m_crc32 = 0;
    m_digest = FileDigest();
    m_anyFresh = false;
    m_fresh.chunks.resize(size_t(m_firstChunk));
    return m_chunks.truncate(m_firstChunk * chunkRecordSize);
}

Result<void> EntryWriter::abandon()
{
    const Result<void> rewound = rewind();
    m_zip->abandon();
    return rewound;
}

Result<WrittenEntry> EntryWriter::commit(ManifestEntry entry)
{
    entry.method = m_bytes == 0 ? Method::Store : m_method;
    entry.size = m_bytes;
    entry.crc32 = m_crc32;
    entry.digest = m_digest.finish();
    Result<void> done = m_bytes == 0 ? Result<void>() : m_zip->append(endOf(m_method));
    entry.stored = m_zip->contentSize();
    // An entry of one chunk has no row in the table: the entry says it all.
    entry.storedCrc32 = 0;
    if (!entry.hasChunkTable()) {
        entry.storedCrc32 = m_bytes > 0 ? m_lastChunk.storedCrc32 : 0;
        m_fresh.chunks.resize(size_t(m_firstChunk));
        if (done)
            done = m_chunks.truncate(m_firstChunk * chunkRecordSize);
    }
    if (!done)
        return done.error();
    const qint64 offset = m_zip->contentOffset();
    const Result<ZipEntry> committed = m_zip->commit(zipEntryOf(entry));
    if (!committed)
        return committed.error();
    const Result<void> listed = list(entry, m_anyFresh);
    if (!listed)
        return listed.error();
    return WrittenEntry { std::move(entry), offset, m_firstChunk };
}

Result<void> EntryWriter::addHardLink(const ManifestEntry &entry, const WrittenEntry &first)
{
    ManifestEntry link = first.entry;
    link.name = entry.name;
    link.hardLinkTo = first.entry.name;
    Result<void> done = begin(link.name, link.method, std::max(link.size, link.stored));
    QByteArray buffer;
    for (qint64 at = 0; done && at < link.stored; at += buffer.size()) {
        buffer.resize(std::min(chunkSize, link.stored - at));
        done = m_zip->readBack({ buffer.data(), size_t(buffer.size()) }, first.contentOffset + at);
        if (done)
            done = m_zip->append(spanOf(buffer));
    }
    const qint64 rows = link.hasChunkTable() ? chunkCount(link.size) : 0;
    for (qint64 row = 0; done && row < rows; ++row) {
        char record[chunkRecordSize];
        done = m_chunks.readBack(record, (first.firstChunk + row) * chunkRecordSize);
        if (done)
            done = m_chunks.append(std::span<const char>(record));
        m_fresh.chunks.push_back(false);
    }
    if (!done)
        return done;
    const Result<ZipEntry> committed = m_zip->commit(zipEntryOf(link));
    return committed ? list(link, false) : committed.error();
}

Result<void> EntryWriter::list(const ManifestEntry &entry, bool fresh)
{
    const QByteArray line = toJsonLine(entry);
    m_fresh.entries.push_back(fresh);
    ++m_entryRows;
    return m_entries.append(line);
}

Result<void> EntryWriter::dropAfter(const Mark &mark)
{
    m_entryRows = mark.zip.entries;
    m_fresh.entries.resize(size_t(m_entryRows));
    m_fresh.chunks.resize(size_t(mark.chunksSize / chunkRecordSize));
    Result<void> dropped = m_zip->dropAfter(mark.zip);
    if (dropped)
        dropped = m_entries.truncate(mark.entriesSize);
    return dropped ? m_chunks.truncate(mark.chunksSize) : dropped;
}

Result<void> EntryWriter::addWarning(const Warning &warning)
{
    const QByteArray line = toJsonLine(warning);
    ++m_warningRows;
    return m_warnings.append(line);
}

Result<void> EntryWriter::addTable(
    const char *name, SpoolFile &table, Method method, TableInfo &info)
{
    info.size = table.size();
    Result<void> done = m_zip->begin(name, info.size);
    quint32 crc = 0;
    StreamDigest digest;
    QByteArray buffer;
    for (qint64 at = 0; done && at < info.size; at += buffer.size()) {
        buffer.resize(std::min(chunkSize, info.size - at));
        done = table.readBack({ buffer.data(), size_t(buffer.size()) }, at);
        if (!done)
            break;
        const PackedChunk chunk = packChunk(spanOf(buffer), method, Digest());
        digest.add(spanOf(buffer));
        crc = combineCrc32(crc, chunk.record.crc32, buffer.size());
        done = m_zip->append(chunk.stored);
    }
    if (done)
        done = m_zip->append(endOf(method));
    if (!done)
        return done;
    info.digest = digest.finish();
    ZipEntry zip;
    zip.method = method;
    zip.crc32 = crc;
    zip.size = quint64(info.size);
    zip.mode = S_IFREG | 0600;
    const Result<ZipEntry> committed = m_zip->commit(zip);
    return committed ? Result<void>() : committed.error();
}

Result<void> EntryWriter::addDocument(const char *name, const QByteArray &document)
{
    ZipEntry zip;
    zip.method = Method::Store;
    zip.crc32 = threadDeflater().crc32(0, spanOf(document));
    zip.size = quint64(document.size());
    zip.mode = S_IFREG | 0600;
    Result<void> done = m_zip->begin(name, document.size());
    if (done)
        done = m_zip->append(spanOf(document));
    if (!done)
        return done;
    const Result<ZipEntry> committed = m_zip->commit(zip);
    return committed ? Result<void>() : committed.error();
}

Result<qint64> EntryWriter::finish(BackupInfo &info)
{
    info.entries.rows = m_entryRows;
    info.chunks.rows = m_chunks.size() / chunkRecordSize;
    info.warnings.rows = m_warningRows;
    Result<void> done = addTable(entriesTableName, m_entries, Method::Deflate, info.entries);
    if (done)
        done = addTable(chunksTableName, m_chunks, Method::Store, info.chunks);
    if (done)
        done = addTable(warningsTableName, m_warnings, Method::Deflate, info.warnings);
    if (done)
        done = addDocument(
            infoDocumentName, QJsonDocument(toJson(info)).toJson(QJsonDocument::Indented));
    if (!done)
        return done.error();
    return m_zip->finish();
}

} // namespace hubkeep::backup
