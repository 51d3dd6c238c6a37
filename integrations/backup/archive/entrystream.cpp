#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/archive/deflater.h"

#include <sys/stat.h>
#include <zlib.h>

namespace hubkeep::backup {
namespace {

constexpr qsizetype readSize = 256 * 1024;
constexpr qsizetype longestLine = 4 << 20;

Error corrupt(const QString &what)
{
    return { ErrorCode::Corrupt, what };
}

Error corruptEntry(const QByteArray &name, const QString &what)
{
    return corrupt(QStringLiteral("The entry %1: %2").arg(displayName(name), what));
}

} // namespace

// zlib's streaming inflate: the tables are small and come in one piece after the
// other, so ISA-L's speed would not show.
struct TableStream::State
{
    const ArchiveReader &archive;
    ZipEntry table;
    qint64 readAt; // next stored byte
    qint64 left; // stored bytes not read yet
    quint64 made = 0; // unpacked bytes so far
    quint32 crc = 0;
    z_stream inflate {};
    bool streamEnded = false;
    QByteArray input;
    QByteArray pending; // unpacked, not handed out
    bool ended = false;
};

TableStream::TableStream(
    const ArchiveReader &archive, const ZipEntry &table, const TableInfo & /*info*/)
    : m_state(new State { archive, table, qint64(table.offset) + localHeaderSize(table),
        qint64(table.storedSize), 0, 0, {}, false, {}, {}, false })
{
    inflateInit2(&m_state->inflate, -MAX_WBITS);
}

TableStream::~TableStream()
{
    if (m_state)
        inflateEnd(&m_state->inflate);
}

TableStream::TableStream(TableStream &&) noexcept = default;

// Unpacks some more into pending, or sets ended.
Result<void> TableStream::fill()
{
    State &s = *m_state;
    const auto damaged = [&] {
        return corrupt(QStringLiteral("The table %1 of its manifest is damaged")
                           .arg(displayName(s.table.name)));
    };
    if (s.inflate.avail_in == 0 && s.left > 0) {
        s.input.resize(std::min<qint64>(readSize, s.left));
        const Result<void> read
            = s.archive.bytes().read({ s.input.data(), size_t(s.input.size()) }, s.readAt);
        if (!read)
            return read;
        s.readAt += s.input.size();
        s.left -= s.input.size();
        s.inflate.next_in = reinterpret_cast<Bytef *>(s.input.data());
        s.inflate.avail_in = uInt(s.input.size());
    }
    QByteArray made;
    if (s.table.method == Method::Store) {
        made = s.input.left(s.inflate.avail_in);
        s.inflate.avail_in = 0;
        s.streamEnded = s.left == 0;
    } else {
        made.resize(readSize);
        s.inflate.next_out = reinterpret_cast<Bytef *>(made.data());
        s.inflate.avail_out = uInt(made.size());
        const int status = ::inflate(&s.inflate, Z_NO_FLUSH);
        made.resize(made.size() - s.inflate.avail_out);
        s.streamEnded = status == Z_STREAM_END;
        if (status != Z_OK && status != Z_STREAM_END)
            return damaged();
    }
    s.made += quint64(made.size());
    s.crc = threadDeflater().crc32(s.crc, spanOf(made));
    s.pending += made;
    if (s.made > s.table.size)
        return damaged();
    if (s.streamEnded) {
        s.ended = true;
        if (s.made != s.table.size || s.crc != s.table.crc32 || s.left != 0
            || s.inflate.avail_in != 0)
            return damaged();
    }
    return {};
}

Result<QByteArray> TableStream::nextBytes()
{
    while (m_state->pending.isEmpty() && !m_state->ended) {
        const Result<void> filled = fill();
        if (!filled)
            return filled.error();
    }
    return std::exchange(m_state->pending, {});
}

Result<std::optional<QByteArray>> TableStream::nextLine()
{
    State &s = *m_state;
    for (;;) {
        const qsizetype end = s.pending.indexOf('\n');
        if (end >= 0) {
            const QByteArray line = s.pending.left(end);
            s.pending.remove(0, end + 1);
            return std::optional(line);
        }
        if (s.ended) {
            if (s.pending.isEmpty())
                return std::optional<QByteArray>();
            return corrupt(QStringLiteral("A table of its manifest ends in the middle of a line"));
        }
        if (s.pending.size() > longestLine)
            return corrupt(QStringLiteral("A line of its manifest is implausibly long"));
        const Result<void> filled = fill();
        if (!filled)
            return filled.error();
    }
}

EntryStream::EntryStream(const ArchiveReader &archive)
    : m_archive(archive)
    , m_lines(archive, archive.m_entriesTable, archive.m_info.entries)
{
}

// The directory is proved as it is read: each header is the only possible encoding
// of its fields, and each entry begins where the one before it ended.
Result<std::optional<ZipEntry>> EntryStream::nextZipEntry()
{
    for (;;) {
        Result<std::optional<CentralHeader>> header = parseCentralHeader(m_directory);
        if (!header)
            return header.error();
        if (*header) {
            m_directory.remove(0, (*header)->headerSize);
            const ZipEntry &entry = (*header)->entry;
            if (entry.offset != quint64(m_expectedOffset))
                return corruptEntry(entry.name,
                    QStringLiteral("it overlaps another one or leaves a gap before it"));
            const qint64 room = qint64(m_archive.m_entriesTable.offset) - m_expectedOffset;
            if (entry.storedSize > quint64(room)
                || localHeaderSize(entry) + qint64(entry.storedSize) > room)
                return corruptEntry(entry.name, QStringLiteral("it does not fit the archive"));
            m_expectedOffset += localHeaderSize(entry) + qint64(entry.storedSize);
            return std::optional(entry);
        }
        const qint64 left = m_archive.m_contentDirectorySize - m_directoryAt;
        if (left == 0) {
            if (!m_directory.isEmpty()
                || m_expectedOffset != qint64(m_archive.m_entriesTable.offset))
                return corrupt(QStringLiteral("Its directory does not cover all of it"));
            return std::optional<ZipEntry>();
        }
        QByteArray more(std::min<qint64>(left, readSize), Qt::Uninitialized);
        const Result<void> read = m_archive.bytes().read({ more.data(), size_t(more.size()) },
            qint64(m_archive.m_end.directoryOffset) + m_directoryAt);
        if (!read)
            return read.error();
        m_directoryAt += more.size();
        m_directory += more;
    }
}

Result<std::optional<ArchiveEntry>> EntryStream::next()
{
    const Result<std::optional<QByteArray>> line = m_lines.nextLine();
    if (!line)
        return line.error();
    const Result<std::optional<ZipEntry>> zip = nextZipEntry();
    if (!zip)
        return zip.error();
    if (line->has_value() != zip->has_value())
        return corrupt(QStringLiteral("Its manifest and its directory list different entries"));
    if (!*line) {
        if (m_chunks != m_archive.m_info.chunks.rows || m_count != m_archive.m_info.entries.rows)
            return corrupt(QStringLiteral("Its manifest's tables do not belong together"));
        return std::optional<ArchiveEntry>();
    }
    Result<ManifestEntry> manifest = parseJsonLine(**line);
    if (!manifest)
        return manifest.error();
    ArchiveEntry entry { std::move(*manifest), **zip, m_chunks };
    const Result<void> checked = check(entry);
    if (!checked)
        return checked.error();
    if (entry.manifest.hasChunkTable())
        m_chunks += chunkCount(entry.manifest.size);
    ++m_count;
    m_previous = entry.manifest.name;
    return std::optional(std::move(entry));
}

Result<void> EntryStream::check(const ArchiveEntry &entry)
{
    const ManifestEntry &m = entry.manifest;
    const ZipEntry &z = entry.zip;
    const QString problem = problemWithName(m.name);
    if (!problem.isEmpty())
        return corruptEntry(m.name, problem);
    const quint32 format = m.mode & S_IFMT;
    const bool rightType = (m.type == EntryType::File && format == S_IFREG)
        || (m.type == EntryType::Directory && format == S_IFDIR)
        || (m.type == EntryType::Symlink && format == S_IFLNK);
    if (!rightType || (m.mode & ~quint32(S_IFMT | 07777)) != 0)
        return corruptEntry(m.name, QStringLiteral("it is neither file, folder nor link"));
    if (z.name != m.zipName() || z.mode != m.mode || z.size != quint64(m.size)
        || z.storedSize != quint64(m.stored) || z.crc32 != m.crc32 || z.method != m.method
        || z.modified != clampToZipTime(m.stamp.modified.seconds))
        return corruptEntry(z.name, QStringLiteral("manifest and directory disagree about it"));
    if (m.type == EntryType::Symlink && (m.size < 1 || m.size > 4095))
        return corruptEntry(m.name, QStringLiteral("its target is too long or empty"));
    // Every chunk takes at least a byte, so sizes beyond this are lies.
    if (m.chunkBytes() < chunkCount(m.size)
        || m_archive.m_info.chunks.rows - m_chunks
            < (m.hasChunkTable() ? chunkCount(m.size) : qint64(0)))
        return corruptEntry(m.name, QStringLiteral("it is not as large as it says"));
    if (!m.hasChunkTable() && m.chunkBytes() > maximumStoredSize(m.size))
        return corruptEntry(m.name, QStringLiteral("it is larger than it says"));
    if (m.size == 0 && (m.stored != 0 || m.method != Method::Store || m.crc32 != 0))
        return corruptEntry(m.name, QStringLiteral("it is empty and is not"));
    if (!m.hardLinkTo.isEmpty()
        && (!m.isFile() || !problemWithName(m.hardLinkTo).isEmpty()
            || comparePaths(m.hardLinkTo, m.name) >= 0))
        return corruptEntry(m.name, QStringLiteral("it is a hard link to nothing before it"));
    return checkPlace(m);
}

// Names rise strictly, and what lies in a folder follows that folder.
Result<void> EntryStream::checkPlace(const ManifestEntry &m)
{
    if (!m_previous.isEmpty() && comparePaths(m_previous, m.name) >= 0)
        return corruptEntry(m.name, QStringLiteral("it is there twice or out of order"));
    const qsizetype parts = m.name.count('/') + 1;
    const QByteArray root = m.name.left(m.name.indexOf('/'));
    // What is right below them is a source's root, which is a folder always.
    if ((root != "sources" && root != "hub") || parts < 2
        || (parts == 2 && m.type != EntryType::Directory))
        return corruptEntry(m.name, QStringLiteral("it lies outside of sources/ and hub/"));
    const QByteArray parent = m.name.left(m.name.lastIndexOf('/'));
    while (!m_openFolders.isEmpty() && m_openFolders.last() != parent
        && !parent.startsWith(m_openFolders.last() + '/'))
        m_openFolders.removeLast();
    if (parts > 2 && (m_openFolders.isEmpty() || m_openFolders.last() != parent))
        return corruptEntry(m.name, QStringLiteral("its folder is missing or is not a folder"));
    if (m.type == EntryType::Directory)
        m_openFolders.append(m.name);
    return {};
}

} // namespace hubkeep::backup
