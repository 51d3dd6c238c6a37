// The zip around a backup: overlaps, gaps, junk, headers that disagree, sizes that lie.

#include "tests/support/forgedarena.h"

#include <QtEndian>

using namespace hubkeep::backup;
using namespace hubkeep::forge;

namespace {

constexpr const char *disagree = "manifest and directory disagree about it";
constexpr const char *overlaps = "it overlaps another one or leaves a gap before it";
constexpr const char *notWritten = "Its directory has an entry that HubKeep would not have written";
constexpr const char *endMisfit = "Its end record does not fit its size";
constexpr const char *header = "header";
constexpr const char *impossible = "it is not as large as it says";

const QByteArray text = QByteArray("lies have short legs, but many of them; ").repeated(50);
const QByteArray twoChunks = QByteArray("0123456789abcdef").repeated(100'000);

using Forge = std::function<void(ForgedBackup &, const Arena &)>;

// The basics, and a file b that lie() may change.
Forge lying(const std::function<void(ForgedEntry &)> &lie, const QByteArray &content = text)
{
    return [=](ForgedBackup &b, const Arena &) {
        b.withBasics();
        lie(b.file("sources/src/b", content));
    };
}

Forge backup(const std::function<void(ForgedBackup &)> &change)
{
    return [=](ForgedBackup &b, const Arena &) {
        b.withBasics();
        b.file("sources/src/b", text);
        change(b);
    };
}

void setU32(QByteArray &bytes, qsizetype at, quint32 value)
{
    qToLittleEndian(value, bytes.data() + at);
}
void setU16(QByteArray &bytes, qsizetype at, quint16 value)
{
    qToLittleEndian(value, bytes.data() + at);
}

QList<Trick> layouts()
{
    return {
        { "control", backup([](auto &) {}), Verdict::Harmless },
        { "two entries share data", backup([](ForgedBackup &b) {
             b.bytes(); // which says where b lies
             ForgedEntry &again = b.file("sources/src/c", text);
             again.inBody = false;
             again.dataOf = b.entries[2].offset;
         }),
            Verdict::Refused, overlaps },
        { "two names for one entry", backup([](ForgedBackup &b) {
             b.bytes();
             ForgedEntry &again = b.hardLink("sources/src/c", b.entries[2]);
             again.inBody = false;
             again.dataOf = b.entries[2].offset;
         }),
            Verdict::Refused, overlaps },
        { "quoted overlap", backup([](ForgedBackup &b) {
             // b's stored bytes have the header and the bytes of c in them.
             b.bytes();
             ForgedEntry &outer = b.entries[2];
             ForgedEntry &inner = b.file("sources/src/c", text);
             ZipEntry zip;
             zip.name = inner.manifest.name;
             zip.method = inner.manifest.method;
             zip.crc32 = inner.manifest.crc32;
             zip.storedSize = quint64(inner.manifest.stored);
             zip.size = quint64(inner.manifest.size);
             zip.mode = inner.manifest.mode;
             zip.modified = inner.manifest.stamp.modified.seconds;
             ZipEntry around = zip;
             around.name = outer.manifest.name;
             inner.inBody = false;
             inner.dataOf = outer.offset + quint64(localHeaderSize(around) + outer.stored.size());
             outer.stored += localHeader(zip) + inner.stored;
             outer.manifest.stored = outer.stored.size();
         }),
            Verdict::Refused, overlaps },
        { "gap", lying([](ForgedEntry &e) { e.gapBefore = "junk"; }), Verdict::Refused, overlaps },
        { "gap before the manifest", backup([](ForgedBackup &b) { b.entries[2].stored += "junk"; }),
            Verdict::Refused, "Its directory does not cover all of it" },
        { "entry that only the directory has", lying([](ForgedEntry &e) { e.inManifest = false; }),
            Verdict::Refused, "manifest" },
        { "entry that only the manifest has",
            lying([](ForgedEntry &e) { e.inDirectory = e.inBody = false; }), Verdict::Refused,
            "Its manifest's tables are not as long as it says" },
        { "entry that only the body has",
            lying([](ForgedEntry &e) { e.inDirectory = e.inManifest = false; }), Verdict::Refused,
            "Its directory does not cover all of it" },
        { "junk in front",
            backup([](ForgedBackup &b) { b.prefix = "MZ" + QByteArray(500, '\x90'); }),
            Verdict::Refused, overlaps },
        { "junk behind", backup([](ForgedBackup &b) { b.suffix = "junk"; }), Verdict::Refused,
            "It does not end like a backup" },
        { "two archives",
            backup([](ForgedBackup &b) { b.prefix = ForgedBackup().withBasics().bytes(); }),
            Verdict::Refused, overlaps },
        { "two archives, offsets from the second", backup([](ForgedBackup &b) {
             const QByteArray second = b.bytes();
             b.prefix = ForgedBackup().withBasics().bytes();
             b.lieEnd = [n = b.prefix.size()](ZipEnd &end) { end.directoryOffset -= quint64(n); };
         }),
            Verdict::Refused, endMisfit },
        { "one archive in the comment of another", backup([](ForgedBackup &b) {
             b.suffix = ForgedBackup().withBasics().bytes();
             b.patchEnd = [n = b.suffix.size()](QByteArray &end) { setU16(end, 20, quint16(n)); };
         }),
            Verdict::Refused, endMisfit },
        { "fake end record in the comment", backup([](ForgedBackup &b) {
             b.suffix = endRecords({ 0, 0, 0 });
             b.patchEnd = [n = b.suffix.size()](QByteArray &end) { setU16(end, 20, quint16(n)); };
         }),
            Verdict::Refused, endMisfit },
        { "truncated",
            backup([](ForgedBackup &b) { b.patchEnd = [](QByteArray &end) { end.chop(5); }; }),
            Verdict::Refused, "It does not end like a backup" },
        { "without a directory",
            backup([](ForgedBackup &b) { b.patchDirectory = [](QByteArray &d) { d.clear(); }; }),
            Verdict::Refused, "It is not a HubKeep backup" },
        { "junk in the directory", backup([](ForgedBackup &b) {
             b.patchDirectory = [](QByteArray &d) { d.prepend("junk"); };
         }),
            Verdict::Refused, "Its directory is damaged" },
        { "manifest in the wrong order", backup([](ForgedBackup &b) {
             b.patchDirectory = [](QByteArray &d) {
                 const qsizetype last = d.lastIndexOf("PK\1\2");
                 d = d.mid(last) + d.left(last);
             };
         }),
            Verdict::Refused, "It is not a HubKeep backup" },
        { "too many entries counted",
            backup([](ForgedBackup &b) { b.lieEnd = [](ZipEnd &end) { end.entries = 9999; }; }),
            Verdict::Refused, "Its manifest's tables are not as long as it says" },
        { "too many entries counted on both sides", backup([](ForgedBackup &b) {
             b.lieEnd = [](ZipEnd &end) { end.entries = 9999; };
             b.lieInfo = [](BackupInfo &info) { info.entries.rows = 9995; };
         }),
            Verdict::Refused, "Its manifest's tables" },
        { "directory past the end", backup([](ForgedBackup &b) {
             b.lieEnd = [](ZipEnd &end) { end.directoryOffset = 0x7fffffff; };
         }),
            Verdict::Refused, endMisfit },
        { "directory of two gigabytes", backup([](ForgedBackup &b) {
             b.lieEnd = [](ZipEnd &end) { end.directorySize = 0x7fffffff; };
         }),
            Verdict::Refused, endMisfit },
        { "zip64 directory near 2^63", backup([](ForgedBackup &b) {
             b.lieEnd = [](ZipEnd &end) { end.directorySize = end.directoryOffset = 1ULL << 63; };
         }),
            Verdict::Refused, endMisfit },
        { "zip64 sums that overflow", backup([](ForgedBackup &b) {
             b.lieEnd = [](ZipEnd &end) {
                 end.directorySize += 1ULL << 63;
                 end.directoryOffset += 1ULL << 63;
             };
         }),
            Verdict::Refused, endMisfit },
        { "zip64 with 2^63 entries", backup([](ForgedBackup &b) {
             b.lieEnd = [](ZipEnd &end) { end.entries = 1ULL << 63; };
             b.lieInfo = [](BackupInfo &info) { info.entries.rows = 0x7ffffffffffffffc; };
         }),
            Verdict::Refused, "Its manifest's tables" },
    };
}

QList<Trick> headers()
{
    return {
        { "local name", lying([](ForgedEntry &e) {
             e.lieLocal = [](ZipEntry &z) { z.name = "sources/../.b"; };
         }),
            Verdict::Damaged, header },
        { "local CRC",
            lying([](ForgedEntry &e) { e.lieLocal = [](ZipEntry &z) { z.crc32 ^= 1; }; }),
            Verdict::Damaged, header },
        { "local size",
            lying([](ForgedEntry &e) { e.lieLocal = [](ZipEntry &z) { z.size += 1; }; }),
            Verdict::Damaged, header },
        { "local stored size",
            lying([](ForgedEntry &e) { e.lieLocal = [](ZipEntry &z) { z.storedSize += 1; }; }),
            Verdict::Damaged, header },
        { "local header of a large file",
            lying([](ForgedEntry &e) { e.lieLocal = [](ZipEntry &z) { z.size += 1; }; }, twoChunks),
            Verdict::Damaged, header },
        { "local flags",
            lying([](ForgedEntry &e) { e.patchLocal = [](QByteArray &h) { h[6] = 1; }; }),
            Verdict::Damaged, header },
        { "central name", lying([](ForgedEntry &e) {
             e.lieCentral = [](ZipEntry &z) { z.name = "sources/../.b"; };
         }),
            Verdict::Refused, disagree },
        { "central CRC",
            lying([](ForgedEntry &e) { e.lieCentral = [](ZipEntry &z) { z.crc32 ^= 1; }; }),
            Verdict::Refused, disagree },
        { "central size",
            lying([](ForgedEntry &e) { e.lieCentral = [](ZipEntry &z) { z.size *= 2; }; }),
            Verdict::Refused, disagree },
        { "central mode",
            lying([](ForgedEntry &e) { e.lieCentral = [](ZipEntry &z) { z.mode = 0104755; }; }),
            Verdict::Refused, disagree },
        { "central offset",
            lying([](ForgedEntry &e) { e.lieCentral = [](ZipEntry &z) { z.offset = 0; }; }),
            Verdict::Refused, overlaps },
        { "central offset of 2^63", lying([](ForgedEntry &e) {
             e.lieCentral = [](ZipEntry &z) { z.offset = 1ULL << 63; };
         }),
            Verdict::Refused, overlaps },
        { "central stored size past the end", lying([](ForgedEntry &e) {
             e.lieCentral = [](ZipEntry &z) { z.storedSize = 1 << 30; };
         }),
            Verdict::Refused, "it does not fit the archive" },
        { "central sizes near 2^63", lying([](ForgedEntry &e) {
             e.lieCentral = [](ZipEntry &z) {
                 z.zip64 = true;
                 z.size = z.storedSize = 0x7fffffffffffffff;
             };
         }),
            Verdict::Refused, "it does not fit the archive" },
        { "central sizes of 2^64 - 1", lying([](ForgedEntry &e) {
             e.lieCentral = [](ZipEntry &z) {
                 z.zip64 = true;
                 z.size = z.storedSize = ~0ULL;
             };
         }),
            Verdict::Refused, "it does not fit the archive" },
        { "central method",
            lying([](ForgedEntry &e) { e.patchCentral = [](QByteArray &h) { h[10] = 77; }; }),
            Verdict::Refused, "packed in an unknown way" },
        { "unknown method everywhere", lying([](ForgedEntry &e) {
             e.lieLocal = e.lieCentral = [](ZipEntry &z) { z.method = Method(77); };
         }),
            Verdict::Refused, "packed in an unknown way" },
        { "encrypted flag", lying([](ForgedEntry &e) {
             e.patchLocal = [](QByteArray &h) { h[6] = 1; };
             e.patchCentral = [](QByteArray &h) { h[8] = 1; };
         }),
            Verdict::Refused, notWritten },
        { "sizes in a data descriptor", lying([](ForgedEntry &e) {
             e.patchLocal = [](QByteArray &h) { h[6] = 8; };
             e.patchCentral = [](QByteArray &h) { h[8] = 8; };
         }),
            Verdict::Refused, notWritten },
        { "comment on an entry", lying([](ForgedEntry &e) {
             e.patchCentral = [](QByteArray &h) {
                 h += "evil";
                 setU16(h, 32, 4);
             };
         }),
            Verdict::Refused, "directory" },
        { "zip64 field that is too short", lying([](ForgedEntry &e) {
             e.patchCentral = [](QByteArray &h) {
                 setU32(h, 20, 0xffffffff);
                 setU32(h, 24, 0xffffffff);
             };
         }),
            Verdict::Refused, notWritten },
        { "second disk",
            lying([](ForgedEntry &e) { e.patchCentral = [](QByteArray &h) { setU16(h, 34, 1); }; }),
            Verdict::Refused, notWritten },
        { "local header of a table", backup([](ForgedBackup &b) {
             b.warningsTable = honestTable({}, Method::Deflate, 0);
             b.warningsTable->patchLocal = [](QByteArray &h) { h[14] = h[14] ^ 1; };
         }),
            Verdict::Refused, header },
    };
}

QList<Trick> sizes()
{
    return {
        { "control of two chunks", lying([](ForgedEntry &) {}, twoChunks), Verdict::Harmless },
        { "smaller than it is", lying([](ForgedEntry &e) { e.manifest.size -= 10; }),
            Verdict::Damaged, "damaged" },
        { "much smaller than it is", lying([](ForgedEntry &e) { e.manifest.size = 10; }),
            Verdict::Refused, "it is larger than it says" },
        { "larger than it is", lying([](ForgedEntry &e) { e.manifest.size += 10; }),
            Verdict::Damaged, "damaged" },
        { "much larger than it is", lying([](ForgedEntry &e) { e.manifest.size = 1 << 20; }),
            Verdict::Mixed, "" },
        { "stored, smaller than it is",
            lying([](ForgedEntry &e) { e.manifest.size = 10; }, "too short to deflate"),
            Verdict::Mixed, "" },
        { "4 GiB - 2", lying([](ForgedEntry &e) { e.manifest.size = 0xfffffffe; }),
            Verdict::Refused, impossible },
        { "2^62", lying([](ForgedEntry &e) { e.manifest.size = 1LL << 62; }), Verdict::Refused,
            impossible },
        { "2^63 - 1", lying([](ForgedEntry &e) { e.manifest.size = 0x7fffffffffffffff; }),
            Verdict::Refused, impossible },
        { "2^63 - 1 of nothing",
            lying(
                [](ForgedEntry &e) {
                    e.manifest.size = 0x7fffffffffffffff;
                    e.manifest.crc32 = 0;
                    e.manifest.sparse = true;
                    e.manifest.method = Method::Store;
                    e.manifest.digest = sha256({});
                },
                ""),
            Verdict::Refused, impossible },
        { "sparse and huge", lying([](ForgedEntry &e) {
             e.manifest.sparse = true;
             e.manifest.size = 1LL << 50;
         }),
            Verdict::Refused, impossible },
        { "empty with content", lying([](ForgedEntry &e) { e.manifest.size = 0; }, "tiny"),
            Verdict::Refused, "it is empty and is not" },
        { "more stored than it could be",
            lying(
                [](ForgedEntry &e) {
                    e.stored = QByteArray(5000, 'x');
                    e.manifest.stored = 5000;
                },
                "tiny"),
            Verdict::Refused, "it is larger than it says" },
        { "deflated without an end", lying([](ForgedEntry &e) {
             e.stored.chop(2);
             e.stored += "\1\2";
         }),
            Verdict::Damaged, "The end of its compressed stream is damaged" },
        { "folder with content", backup([](ForgedBackup &b) {
             ForgedEntry &e = b.file("sources/src/c", text);
             e.manifest.type = EntryType::Directory;
             e.manifest.mode = 040755;
         }),
            Verdict::Refused, disagree },
        { "folder with content that the manifest has, too", backup([](ForgedBackup &b) {
             ForgedEntry &e = b.file("sources/src/c", text);
             const QByteArray line = toJsonLine(e.manifest);
             e.manifest.type = EntryType::Directory;
             e.manifest.mode = 040755;
             e.patchLine = [line](QByteArray &changed) {
                 changed = QByteArray(line)
                               .replace("\"file\"", "\"directory\"")
                               .replace(":33188,", ":16877,");
             };
         }),
            Verdict::Refused, "A line of its manifest is damaged: size" },
        { "CRC of both", lying([](ForgedEntry &e) { e.manifest.crc32 ^= 1; }), Verdict::Damaged,
            "The CRC-32 does not match" },
        { "CRC of what is stored", lying([](ForgedEntry &e) { e.manifest.storedCrc32 ^= 1; }),
            Verdict::Damaged, "The stored bytes have changed" },
        { "digest", lying([](ForgedEntry &e) { e.manifest.digest[3] ^= 1; }), Verdict::Damaged,
            "The digest does not match" },
        { "digest of a large file",
            lying([](ForgedEntry &e) { e.manifest.digest[3] ^= 1; }, twoChunks), Verdict::Damaged,
            "Its chunks do not make up the whole of it" },
        { "CRC of a large file", lying([](ForgedEntry &e) { e.manifest.crc32 ^= 1; }, twoChunks),
            Verdict::Damaged, "Its chunks do not make up the whole of it" },
        { "chunk missing", lying([](ForgedEntry &e) { e.rows.pop_back(); }, twoChunks),
            Verdict::Refused, impossible },
        { "chunk too many", lying([](ForgedEntry &e) { e.rows.push_back(e.rows[0]); }, twoChunks),
            Verdict::Refused, "Its manifest's tables do not belong together" },
        { "chunk of no bytes", lying([](ForgedEntry &e) { e.rows[0].storedSize = 0; }, twoChunks),
            Verdict::Damaged, "has an impossible size" },
        { "chunk of 4 GiB",
            lying([](ForgedEntry &e) { e.rows[1].storedSize = 0xffffffff; }, twoChunks),
            Verdict::Damaged, "has an impossible size" },
        { "chunk that takes from its neighbour",
            lying(
                [](ForgedEntry &e) {
                    e.rows[0].storedSize += 1;
                    e.rows[1].storedSize -= 1;
                },
                twoChunks),
            Verdict::Damaged, "The stored bytes have changed" },
        { "chunks longer than the entry",
            lying([](ForgedEntry &e) { e.rows[1].storedSize += 1; }, twoChunks), Verdict::Damaged,
            "Its chunks are longer than it is" },
        { "chunks shorter than the entry",
            lying([](ForgedEntry &e) { e.rows[1].storedSize -= 1; }, twoChunks), Verdict::Damaged,
            "" },
        { "chunk's CRC", lying([](ForgedEntry &e) { e.rows[0].crc32 ^= 1; }, twoChunks),
            Verdict::Damaged, "The CRC-32 does not match" },
        { "chunk's stored CRC",
            lying([](ForgedEntry &e) { e.rows[1].storedCrc32 ^= 1; }, twoChunks), Verdict::Damaged,
            "The stored bytes have changed" },
        { "chunk's digest", lying([](ForgedEntry &e) { e.rows[1].digest[0] ^= 1; }, twoChunks),
            Verdict::Damaged, "The digest does not match" },
        { "chunks swapped",
            lying([](ForgedEntry &e) { std::swap(e.rows[0], e.rows[1]); }, twoChunks),
            Verdict::Damaged, "" },
        { "bomb of a thousand to one",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                b.bomb("sources/src/bomb", 200);
            },
            Verdict::Harmless },
        { "bomb that is larger than it says",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                ForgedEntry &e = b.bomb("sources/src/bomb", 1);
                e.manifest.size = 1000;
                e.manifest.storedCrc32 = e.rows[0].storedCrc32;
                e.rows.clear();
            },
            Verdict::Mixed },
    };
}

} // namespace

class TestForgedStructure : public QObject
{
    Q_OBJECT

private slots:
    void layoutsThatLieAreRefused_data() { addRows(layouts()); }
    void layoutsThatLieAreRefused() { playRow(layouts()); }
    void headersThatLieAreRefused_data() { addRows(headers()); }
    void headersThatLieAreRefused() { playRow(headers()); }
    void sizesThatLieAreFound_data() { addRows(sizes()); }
    void sizesThatLieAreFound() { playRow(sizes()); }
};

QTEST_GUILESS_MAIN(TestForgedStructure)
#include "tst_forgedstructure.moc"
