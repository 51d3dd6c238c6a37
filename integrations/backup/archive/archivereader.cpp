#include "integrations/backup/archive/archivereader.h"

#include "integrations/backup/archive/agefile.h"
#include "integrations/backup/archive/deflater.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

namespace hubkeep::backup {
namespace {

// Room for thousands of sources; QJsonDocument takes fifty times as much.
constexpr qint64 largestInfo = 2 << 20;
constexpr quint64 plausibleTableBase = 1 << 20;
constexpr quint64 plausibleBytesPerEntry = 16 << 10;
constexpr quint64 plausiblePacking = 200; // a real manifest packs 10 to 30 times
constexpr quint64 alwaysPlausible = 16 << 20;
constexpr quint32 tableMode = S_IFREG | 0600;
constexpr quint64 shortestCentralHeader = 46 + 9;
constexpr quint64 fewestBytesPerChunk = 500;

Error corrupt(const QString &what)
{
    return { ErrorCode::Corrupt, what };
}

Error notABackup()
{
    return corrupt(QStringLiteral(
        "It is not a HubKeep backup, or its manifest was lost; plain zips are for unzip"));
}

} // namespace

Result<ArchiveReader> ArchiveReader::open(const QByteArray &path, const AgeKeys &keys)
{
    const QString step = QStringLiteral("Opening the backup %1").arg(displayName(path));
    ArchiveReader reader;
    reader.m_path = path;
    // Not blocking, so that a FIFO in a backup's place is an answer and not a wait.
    FileDescriptor fd(::open(path.constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status;
    if (!fd.isOpen() || ::fstat(fd.get(), &status) != 0)
        return systemError(errno).in(step);
    if (!S_ISREG(status.st_mode))
        return Error { ErrorCode::InvalidArgument, QStringLiteral("It is not a file") }.in(step);
    reader.m_storedSize = status.st_size;
    auto file = std::make_unique<FileBytes>(std::move(fd), reader.m_storedSize);
    reader.m_isEncrypted = looksEncrypted(*file);
    if (reader.m_isEncrypted) {
        const Result<void> decrypted = reader.decrypt(std::move(file), keys);
        if (!decrypted)
            return decrypted.error().in(step);
    } else {
        reader.m_bytes = std::move(file);
    }
    reader.m_size = reader.m_bytes->size();
    for (const auto part :
        { &ArchiveReader::readEnd, &ArchiveReader::findTables, &ArchiveReader::readInfo }) {
        const Result<void> read = (reader.*part)();
        if (!read)
            return read.error().in(step);
    }
    return reader;
}

Result<void> ArchiveReader::decrypt(std::unique_ptr<ByteSource> file, const AgeKeys &keys)
{
    if (keys.isEmpty())
        return Error { ErrorCode::Unauthorized,
            QStringLiteral("It is encrypted; give the file with its identity (--identity) or the "
                           "one with its passphrase (--passphrase-file)") };
    Result<std::unique_ptr<AgeFile>> opened = AgeFile::open(std::move(file), keys);
    if (!opened)
        return opened.error();
    m_bytes = std::move(*opened);
    return {};
}

Result<void> ArchiveReader::readEnd()
{
    QByteArray tail(std::min(m_size, longestEndRecords), Qt::Uninitialized);
    const Result<void> read
        = m_bytes->read({ tail.data(), size_t(tail.size()) }, m_size - tail.size());
    if (!read)
        return read;
    const Result<ZipEnd> end = parseEndRecords(tail);
    if (!end)
        return end.error();
    m_end = *end;
    const quint64 endSize = quint64(endRecords(m_end).size());
    const quint64 size = quint64(m_size);
    if (m_end.directorySize > size || m_end.directoryOffset > size
        || m_end.directoryOffset + m_end.directorySize + endSize != size)
        return corrupt(QStringLiteral("Its end record does not fit its size: it was cut off, or "
                                      "something was put before or after it"));
    return {};
}

// The manifest's entries are the last of the directory. Their headers have one of
// few lengths, so they are found from the end without reading what lies before.
Result<void> ArchiveReader::findTables()
{
    qint64 end = qint64(m_end.directorySize);
    const std::pair<const char *, ZipEntry *> tables[]
        = { { infoDocumentName, &m_infoDocument }, { warningsTableName, &m_warningsTable },
              { chunksTableName, &m_chunksTable }, { entriesTableName, &m_entriesTable } };
    qint64 contentEnd = qint64(m_end.directoryOffset);
    for (const auto &[name, entry] : tables) {
        bool found = false;
        for (const qint64 zip64 : { 0, 12, 20, 28 }) {
            const qint64 length = 46 + qint64(qstrlen(name)) + 9 + zip64;
            if (found || length > end)
                continue;
            QByteArray bytes(length, Qt::Uninitialized);
            const Result<void> read = m_bytes->read(
                { bytes.data(), size_t(length) }, qint64(m_end.directoryOffset) + end - length);
            if (!read)
                return read;
            const Result<std::optional<CentralHeader>> header = parseCentralHeader(bytes);
            if (!header || !*header || (*header)->headerSize != length
                || (*header)->entry.name != name || (*header)->entry.mode != tableMode)
                continue;
            found = true;
            *entry = (*header)->entry;
            end -= length;
        }
        if (!found)
            return notABackup();
        const qint64 start = qint64(entry->offset);
        const quint64 room = quint64(contentEnd);
        if (entry->mode != (S_IFREG | 0600) || entry->offset > room || entry->storedSize > room
            || start + localHeaderSize(*entry) + qint64(entry->storedSize) != contentEnd)
            return corrupt(QStringLiteral("Its manifest does not lie where it should"));
        const Result<void> header = checkLocalHeader(*entry);
        if (!header)
            return header;
        contentEnd = start;
    }
    m_contentDirectorySize = end;
    return {};
}

Result<void> ArchiveReader::readInfo()
{
    if (m_infoDocument.size > quint64(largestInfo))
        return corrupt(QStringLiteral("Its manifest/backup.json is implausibly large"));
    TableStream stream(*this, m_infoDocument, { 0, qint64(m_infoDocument.size), {} });
    QByteArray document;
    for (;;) {
        const Result<QByteArray> bytes = stream.nextBytes();
        if (!bytes)
            return bytes.error();
        if (bytes->isEmpty())
            break;
        document += *bytes;
    }
    const Result<BackupInfo> info = backupInfoFromJson(document);
    if (!info)
        return info.error();
    m_info = *info;
    if (quint64(m_info.entries.size) != m_entriesTable.size
        || quint64(m_info.chunks.size) != m_chunksTable.size
        || quint64(m_info.warnings.size) != m_warningsTable.size
        || m_chunksTable.method != Method::Store || m_chunksTable.storedSize != m_chunksTable.size
        || m_info.chunks.rows > m_info.chunks.size
        || m_info.chunks.rows * chunkRecordSize != m_info.chunks.size
        || quint64(m_info.entries.rows) + 4 != m_end.entries
        || m_end.entries > m_end.directorySize / shortestCentralHeader)
        return corrupt(QStringLiteral("Its manifest's tables are not as long as it says"));
    // At least every other chunk is a whole one, and none packs better than 1032 to one.
    if (quint64(m_info.chunks.rows) > m_entriesTable.offset / fewestBytesPerChunk)
        return corrupt(QStringLiteral("Its manifest is implausibly large: %1 chunks in %2 bytes")
                           .arg(m_info.chunks.rows)
                           .arg(m_entriesTable.offset));
    for (const ZipEntry *table : { &m_entriesTable, &m_warningsTable }) {
        const quint64 plausible = plausibleTableBase + m_end.entries * plausibleBytesPerEntry;
        if (table->size > alwaysPlausible
            && (table->size > plausible || table->size / plausiblePacking > table->storedSize))
            return corrupt(
                QStringLiteral("Its manifest is implausibly large: %1 bytes for %2 entries")
                    .arg(table->size)
                    .arg(m_end.entries));
    }
    return {};
}

Result<void> ArchiveReader::checkLocalHeader(const ZipEntry &entry) const
{
    const QByteArray expected = localHeader(entry);
    QByteArray found(expected.size(), Qt::Uninitialized);
    const Result<void> read
        = m_bytes->read({ found.data(), size_t(found.size()) }, qint64(entry.offset));
    if (!read)
        return read;
    if (found != expected)
        return corrupt(QStringLiteral("The header of %1 is not what its directory says")
                           .arg(displayName(entry.name)));
    return {};
}

Result<void> ArchiveReader::checkTable(
    const ZipEntry &zip, const TableInfo &table, JobControl &control) const
{
    TableStream stream(*this, zip, table);
    StreamDigest digest;
    for (;;) {
        if (control.cancelled())
            return JobControl::cancelledError();
        const Result<QByteArray> bytes = stream.nextBytes();
        if (!bytes)
            return bytes.error();
        if (bytes->isEmpty())
            break;
        digest.add(spanOf(*bytes));
    }
    if (digest.finish() != table.digest)
        return corrupt(
            QStringLiteral("The table %1 of its manifest is damaged").arg(displayName(zip.name)));
    return {};
}

Result<void> ArchiveReader::checkTables(JobControl &control) const
{
    const std::pair<const ZipEntry *, const TableInfo *> tables[]
        = { { &m_entriesTable, &m_info.entries }, { &m_chunksTable, &m_info.chunks },
              { &m_warningsTable, &m_info.warnings } };
    for (const auto &[zip, table] : tables) {
        const Result<void> checked = checkTable(*zip, *table, control);
        if (!checked)
            return checked;
    }
    return {};
}

Result<QList<Warning>> ArchiveReader::warnings(qint64 most) const
{
    QList<Warning> warnings;
    qint64 count = 0;
    TableStream stream(*this, m_warningsTable, m_info.warnings);
    for (;;) {
        const Result<std::optional<QByteArray>> line = stream.nextLine();
        if (!line)
            return line.error();
        if (!*line && count != m_info.warnings.rows)
            return corrupt(QStringLiteral("Its manifest's tables do not belong together"));
        if (!*line)
            return warnings;
        const Result<Warning> warning = parseWarningLine(**line);
        if (!warning)
            return warning.error();
        if (count++ < most)
            warnings.append(*warning);
    }
}

Result<std::vector<ChunkRecord>> ArchiveReader::chunkRecords(
    const ArchiveEntry &entry, qint64 from, qint64 count) const
{
    const qint64 first = entry.firstChunk + from;
    if (from < 0 || count < 0 || first + count > m_info.chunks.rows)
        return corrupt(QStringLiteral("Its chunk table is too short"));
    QByteArray bytes(count * chunkRecordSize, Qt::Uninitialized);
    const qint64 offset
        = qint64(m_chunksTable.offset) + localHeaderSize(m_chunksTable) + first * chunkRecordSize;
    const Result<void> read = m_bytes->read({ bytes.data(), size_t(bytes.size()) }, offset);
    if (!read)
        return read.error();
    std::vector<ChunkRecord> records;
    records.reserve(size_t(count));
    for (qint64 i = 0; i < count; ++i) {
        records.push_back(readChunkRecord(bytes.constData() + i * chunkRecordSize));
        const qint64 length = chunkLength(entry.manifest.size, from + i);
        if (records.back().storedSize == 0 || records.back().storedSize > maximumStoredSize(length))
            return corrupt(QStringLiteral("A chunk of %1 has an impossible size")
                               .arg(displayName(entry.manifest.name)));
    }
    return records;
}

} // namespace hubkeep::backup
