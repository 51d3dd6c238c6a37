// The zip format as HubKeep writes it: exactly one way to encode each header.
//
// Follows PKWARE's APPNOTE 6.3.10 with Info-ZIP's extended timestamp (0x5455).
// Because every byte of a header follows from its fields, a reader proves a header
// by encoding it again and comparing: a flipped bit anywhere in it shows. FORMAT.md
// says why the headers are ours and not a library's.
//
// Pure functions; any thread.

#pragma once

#include "automation/core/result.h"
#include "integrations/backup/archive/chunk.h"

#include <QByteArray>

#include <optional>

namespace hubkeep::backup {

struct ZipEntry
{
    QByteArray name; // as in the zip: folders end with '/'
    Method method = Method::Store;
    quint32 crc32 = 0;
    quint64 storedSize = 0;
    quint64 size = 0;
    quint64 offset = 0; // of the local header
    quint32 mode = 0; // st_mode, type bits included
    qint64 modified = 0; // seconds since 1970, clamped to what zips can say
    bool zip64 = false; // the sizes are in a zip64 field, also where they would fit without

    bool operator==(const ZipEntry &) const = default;
};

// Whether an entry whose sizes may reach this many bytes has to be zip64.
bool needsZip64(quint64 size);

qint64 clampToZipTime(qint64 seconds);

qint64 localHeaderSize(const ZipEntry &entry);
QByteArray localHeader(const ZipEntry &entry);
QByteArray centralHeader(const ZipEntry &entry);

// The end of a zip: zip64 records where they are needed, then the end record.
struct ZipEnd
{
    quint64 entries = 0;
    quint64 directorySize = 0;
    quint64 directoryOffset = 0;

    bool operator==(const ZipEnd &) const = default;
};
QByteArray endRecords(const ZipEnd &end);
inline constexpr qint64 longestEndRecords = 56 + 20 + 22;

// Reads the end of a zip from its last bytes (up to longestEndRecords of them).
Result<ZipEnd> parseEndRecords(const QByteArray &tail);

// Reads one central header at the start of bytes. headerSize says how long it was;
// nothing means that bytes end before the header does.
struct CentralHeader
{
    ZipEntry entry;
    qsizetype headerSize = 0;
};
Result<std::optional<CentralHeader>> parseCentralHeader(const QByteArray &bytes);

} // namespace hubkeep::backup
