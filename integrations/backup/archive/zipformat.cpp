#include "integrations/backup/archive/zipformat.h"

#include <QDateTime>
#include <QTimeZone>
#include <QtEndian>

#include <sys/stat.h>

namespace hubkeep::backup {
namespace {

constexpr quint32 localMagic = 0x04034b50;
constexpr quint32 centralMagic = 0x02014b50;
constexpr quint32 endMagic = 0x06054b50;
constexpr quint32 zip64EndMagic = 0x06064b50;
constexpr quint32 zip64LocatorMagic = 0x07064b50;
constexpr quint16 madeByUnix45 = 0x032d;
constexpr quint16 utf8Flag = 0x0800;
constexpr quint16 zip64Field = 0x0001;
constexpr quint16 timestampField = 0x5455;
constexpr qint64 timestampFieldSize = 9;
constexpr quint64 limit32 = 0xffffffff;
constexpr quint64 limit16 = 0xffff;
constexpr qsizetype centralHeaderSize = 46;

class Encoder
{
public:
    Encoder &u16(quint64 value) { return put<quint16>(quint16(value)); }
    Encoder &u32(quint64 value) { return put<quint32>(quint32(value)); }
    Encoder &u64(quint64 value) { return put<quint64>(value); }
    Encoder &bytes(const QByteArray &value)
    {
        m_out += value;
        return *this;
    }
    QByteArray take() { return std::move(m_out); }

private:
    template <typename T>
    Encoder &put(T value)
    {
        const T little = qToLittleEndian(value);
        m_out.append(reinterpret_cast<const char *>(&little), sizeof little);
        return *this;
    }
    QByteArray m_out;
};

quint64 u16At(const QByteArray &b, qsizetype at)
{
    return qFromLittleEndian<quint16>(b.data() + at);
}
quint64 u32At(const QByteArray &b, qsizetype at)
{
    return qFromLittleEndian<quint32>(b.data() + at);
}
quint64 u64At(const QByteArray &b, qsizetype at)
{
    return qFromLittleEndian<quint64>(b.data() + at);
}

Error damaged(const char *what)
{
    return { ErrorCode::Corrupt, QString::fromLatin1(what) };
}

// The name is text that is not plain ASCII. Names that are not UTF-8 go in as they
// are, without the flag: Info-ZIP gives them back byte for byte.
bool isFlaggedUtf8(const QByteArray &name)
{
    const bool ascii
        = std::all_of(name.begin(), name.end(), [](char c) { return quint8(c) < 0x80; });
    return !ascii && name.isValidUtf8();
}

quint32 dosDateTime(qint64 seconds)
{
    const QDateTime utc = QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC);
    const QDate d = utc.date();
    const QTime t = utc.time();
    if (d.year() < 1980)
        return 0x00210000; // 1980-01-01, the earliest
    return quint32(((d.year() - 1980) << 25) | (d.month() << 21) | (d.day() << 16)
        | (t.hour() << 11) | (t.minute() << 5) | (t.second() / 2));
}

quint16 versionNeeded(const ZipEntry &entry, bool zip64)
{
    if (zip64)
        return 45;
    return entry.method == Method::Deflate || S_ISDIR(entry.mode) ? 20 : 10;
}

// What the local and the central header share, from the version needed on.
void putCommon(Encoder &out, const ZipEntry &entry, bool zip64Version, quint64 extraSize)
{
    out.u16(versionNeeded(entry, zip64Version))
        .u16(isFlaggedUtf8(entry.name) ? utf8Flag : 0)
        .u16(quint16(entry.method))
        .u32(dosDateTime(entry.modified))
        .u32(entry.crc32)
        .u32(entry.zip64 ? limit32 : entry.storedSize)
        .u32(entry.zip64 ? limit32 : entry.size)
        .u16(quint64(entry.name.size()))
        .u16(extraSize);
}

void putTimestamp(Encoder &out, const ZipEntry &entry)
{
    out.u16(timestampField).u16(5).bytes(QByteArray(1, '\1')).u32(quint64(entry.modified));
}

bool hasFarOffset(const ZipEntry &entry)
{
    return entry.offset >= limit32;
}

quint64 centralZip64Size(const ZipEntry &entry)
{
    return (entry.zip64 ? 16 : 0) + (hasFarOffset(entry) ? 8 : 0);
}

bool needsZip64End(const ZipEnd &end)
{
    return end.entries >= limit16 || end.directorySize >= limit32 || end.directoryOffset >= limit32;
}

// Reads our two extra fields; anything else in them is not ours.
bool parseCentralExtra(
    const QByteArray &extra, quint64 offset32, bool sizesElsewhere, ZipEntry &entry)
{
    qsizetype at = 0;
    entry.zip64 = sizesElsewhere;
    entry.offset = offset32;
    const bool offsetElsewhere = offset32 == limit32;
    if (sizesElsewhere || offsetElsewhere) {
        const qsizetype length = (sizesElsewhere ? 16 : 0) + (offsetElsewhere ? 8 : 0);
        if (extra.size() < 4 + length || u16At(extra, 0) != zip64Field
            || u16At(extra, 2) != quint64(length))
            return false;
        at = 4;
        if (sizesElsewhere) {
            entry.size = u64At(extra, at);
            entry.storedSize = u64At(extra, at + 8);
            at += 16;
        }
        if (offsetElsewhere) {
            entry.offset = u64At(extra, at);
            at += 8;
        }
    }
    if (extra.size() != at + timestampFieldSize)
        return false;
    entry.modified = qint64(u32At(extra, at + 5));
    return true;
}

} // namespace

bool needsZip64(quint64 size)
{
    // Deflate may add a little to what it cannot pack.
    return size >= limit32 - (limit32 >> 8);
}

qint64 clampToZipTime(qint64 seconds)
{
    return std::clamp<qint64>(seconds, 0, 0x7fffffff);
}

qint64 localHeaderSize(const ZipEntry &entry)
{
    return 30 + entry.name.size() + (entry.zip64 ? 20 : 0) + timestampFieldSize;
}

QByteArray localHeader(const ZipEntry &entry)
{
    Encoder out;
    out.u32(localMagic);
    putCommon(out, entry, entry.zip64, (entry.zip64 ? 20 : 0) + timestampFieldSize);
    out.bytes(entry.name);
    if (entry.zip64)
        out.u16(zip64Field).u16(16).u64(entry.size).u64(entry.storedSize);
    putTimestamp(out, entry);
    return out.take();
}

QByteArray centralHeader(const ZipEntry &entry)
{
    const quint64 zip64Size = centralZip64Size(entry);
    Encoder out;
    out.u32(centralMagic).u16(madeByUnix45);
    putCommon(out, entry, zip64Size > 0,
        (zip64Size > 0 ? 4 + zip64Size : 0) + quint64(timestampFieldSize));
    out.u16(0) // comment
        .u16(0) // disk
        .u16(0) // internal attributes
        .u32((entry.mode << 16) | (S_ISDIR(entry.mode) ? 0x10 : 0))
        .u32(hasFarOffset(entry) ? limit32 : entry.offset)
        .bytes(entry.name);
    if (zip64Size > 0) {
        out.u16(zip64Field).u16(zip64Size);
        if (entry.zip64)
            out.u64(entry.size).u64(entry.storedSize);
        if (hasFarOffset(entry))
            out.u64(entry.offset);
    }
    putTimestamp(out, entry);
    return out.take();
}

QByteArray endRecords(const ZipEnd &end)
{
    Encoder out;
    if (needsZip64End(end)) {
        out.u32(zip64EndMagic).u64(44).u16(madeByUnix45).u16(45).u32(0).u32(0);
        out.u64(end.entries).u64(end.entries).u64(end.directorySize).u64(end.directoryOffset);
        out.u32(zip64LocatorMagic).u32(0).u64(end.directoryOffset + end.directorySize).u32(1);
    }
    const quint64 entries = std::min(end.entries, limit16);
    out.u32(endMagic).u16(0).u16(0).u16(entries).u16(entries);
    out.u32(std::min(end.directorySize, limit32)).u32(std::min(end.directoryOffset, limit32));
    out.u16(0);
    return out.take();
}

Result<ZipEnd> parseEndRecords(const QByteArray &tail)
{
    constexpr qsizetype endSize = 22;
    if (tail.size() < endSize)
        return damaged("It is too short to be a zip");
    const qsizetype at = tail.size() - endSize;
    if (u32At(tail, at) != endMagic)
        return damaged("It does not end like a backup: it was cut off, or something was appended");
    ZipEnd end { u16At(tail, at + 10), u32At(tail, at + 12), u32At(tail, at + 16) };
    if (at >= 76 && u32At(tail, at - 20) == zip64LocatorMagic) {
        const qsizetype zip64 = at - 76;
        end = { u64At(tail, zip64 + 32), u64At(tail, zip64 + 40), u64At(tail, zip64 + 48) };
    }
    if (!tail.endsWith(endRecords(end)))
        return damaged("Its end record is damaged");
    return end;
}

Result<std::optional<CentralHeader>> parseCentralHeader(const QByteArray &bytes)
{
    if (bytes.size() < centralHeaderSize)
        return std::optional<CentralHeader>();
    if (u32At(bytes, 0) != centralMagic)
        return damaged("Its directory is damaged");
    const auto nameSize = qsizetype(u16At(bytes, 28));
    const auto extraSize = qsizetype(u16At(bytes, 30));
    CentralHeader header;
    header.headerSize = centralHeaderSize + nameSize + extraSize;
    if (bytes.size() < header.headerSize)
        return std::optional<CentralHeader>();
    ZipEntry &entry = header.entry;
    const quint64 method = u16At(bytes, 10);
    if (method != 0 && method != 8)
        return damaged("It has an entry that is packed in an unknown way");
    entry.method = Method(method);
    entry.crc32 = quint32(u32At(bytes, 16));
    entry.storedSize = u32At(bytes, 20);
    entry.size = u32At(bytes, 24);
    entry.mode = quint32(u32At(bytes, 38) >> 16);
    entry.name = bytes.mid(centralHeaderSize, nameSize);
    const QByteArray extra = bytes.mid(centralHeaderSize + nameSize, extraSize);
    const bool sizesElsewhere = entry.storedSize == limit32 && entry.size == limit32;
    const bool halfElsewhere
        = !sizesElsewhere && (entry.storedSize == limit32 || entry.size == limit32);
    if (halfElsewhere || !parseCentralExtra(extra, u32At(bytes, 42), sizesElsewhere, entry)
        || bytes.left(header.headerSize) != centralHeader(entry))
        return damaged("Its directory has an entry that HubKeep would not have written");
    return std::optional(header);
}

} // namespace hubkeep::backup
