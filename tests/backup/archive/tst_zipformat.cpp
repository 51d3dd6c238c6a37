#include "integrations/backup/archive/zipformat.h"
#include "tests/support/archivebuilder.h"

#include <QTest>
#include <QtEndian>

#include <sys/stat.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

Q_DECLARE_METATYPE(ZipEntry)
Q_DECLARE_METATYPE(ZipEnd)

namespace {

constexpr quint64 G4 = quint64(1) << 32;

ZipEntry someEntry()
{
    ZipEntry entry;
    entry.name = "sources/a/b.txt";
    entry.method = Method::Deflate;
    entry.crc32 = 0x89abcdef;
    entry.storedSize = 1000;
    entry.size = 3000;
    entry.offset = 4321;
    entry.mode = S_IFREG | 0644;
    entry.modified = 1'700'000'001;
    return entry;
}

quint64 u16(const QByteArray &bytes, qsizetype at)
{
    return qFromLittleEndian<quint16>(bytes.constData() + at);
}
quint64 u32(const QByteArray &bytes, qsizetype at)
{
    return qFromLittleEndian<quint32>(bytes.constData() + at);
}

} // namespace

class TestZipFormat : public QObject
{
    Q_OBJECT

private slots:
    void centralHeadersComeBack_data() { entries(); }
    void centralHeadersComeBack();
    void localHeadersSayTheSame_data() { entries(); }
    void localHeadersSayTheSame();
    void endRecordsComeBack_data();
    void endRecordsComeBack();
    void endRecordsAreZip64OnlyWhereNeeded();
    void sizesNearFourGigabytesAreZip64_data();
    void sizesNearFourGigabytesAreZip64();
    void onlyTextThatIsNotAsciiIsFlagged_data();
    void onlyTextThatIsNotAsciiIsFlagged();
    void foldersAreMarkedForOthersToo();
    void timesAreClamped_data();
    void timesAreClamped();
    void dosTimesAreUtc();
    void eachFlippedBitOfACentralHeaderShows_data();
    void eachFlippedBitOfACentralHeaderShows();
    void eachFlippedBitOfAnEndRecordShows_data();
    void eachFlippedBitOfAnEndRecordShows();
    void aCutHeaderAsksForMore();
    void whatFollowsAHeaderIsLeftAlone();
    void otherPeoplesHeadersAreRefused_data();
    void otherPeoplesHeadersAreRefused();
    void otherEndsAreRefused_data();
    void otherEndsAreRefused();

private:
    static void entries();
};

void TestZipFormat::entries()
{
    QTest::addColumn<ZipEntry>("entry");
    const auto add = [](const char *what, auto change) {
        ZipEntry entry = someEntry();
        change(entry);
        QTest::newRow(what) << entry;
    };
    add("plain", [](ZipEntry &) {});
    add("empty",
        [](ZipEntry &e) { e.storedSize = e.size = 0, e.crc32 = 0, e.method = Method::Store; });
    add("stored", [](ZipEntry &e) { e.method = Method::Store; });
    add("folder", [](ZipEntry &e) { e.name = "sources/a/", e.mode = S_IFDIR | 0755; });
    add("symlink", [](ZipEntry &e) { e.mode = S_IFLNK | 0777; });
    add("setuid", [](ZipEntry &e) { e.mode = S_IFREG | 07777; });
    add("text", [](ZipEntry &e) { e.name = "\xc3\xa4\xf0\x9f\x98\x80"; });
    add("no text", [](ZipEntry &e) { e.name = "\xff\xfe"; });
    add("long name", [](ZipEntry &e) { e.name = QByteArray(65535, 'n'); });
    add("no name", [](ZipEntry &e) { e.name.clear(); });
    add("zip64 although small", [](ZipEntry &e) { e.zip64 = true; });
    add("time 0", [](ZipEntry &e) { e.modified = 0; });
    add("latest time", [](ZipEntry &e) { e.modified = 0x7fffffff; });
    for (const quint64 size : { G4 - 2, G4 - 1, G4, G4 + 1, quint64(1) << 62 }) {
        const QByteArray row = QByteArray::number(size);
        add((row + " bytes").constData(),
            [size](ZipEntry &e) { e.size = size, e.storedSize = size - 1, e.zip64 = true; });
        add((row + " bytes packed well").constData(),
            [size](ZipEntry &e) { e.size = size, e.zip64 = true; });
        add(("offset " + row).constData(), [size](ZipEntry &e) { e.offset = size; });
        add((row + " bytes there").constData(), [size](ZipEntry &e) {
            e.offset = e.size = e.storedSize = size;
            e.zip64 = true;
        });
    }
}

void TestZipFormat::centralHeadersComeBack()
{
    QFETCH(ZipEntry, entry);

    const QByteArray bytes = centralHeader(entry);
    const auto parsed = parseCentralHeader(bytes);
    QVERIFY(parsed);
    QVERIFY(*parsed);
    QVERIFY((*parsed)->entry == entry);
    QCOMPARE((*parsed)->headerSize, bytes.size());
}

void TestZipFormat::localHeadersSayTheSame()
{
    QFETCH(ZipEntry, entry);

    const QByteArray local = localHeader(entry);
    const QByteArray central = centralHeader(entry);
    QCOMPARE(local.size(), localHeaderSize(entry));
    QCOMPARE(local.left(4), QByteArray("PK\3\4"));
    // Flags, method, time, CRC-32, sizes and the length of the name.
    QCOMPARE(local.mid(6, 22), central.mid(8, 22));
    QCOMPARE(local.mid(30, entry.name.size()), entry.name);
    QCOMPARE(local.right(9), central.right(9));
    QCOMPARE(u16(local, 28), quint64(local.size() - 30 - entry.name.size()));
    if (entry.zip64) {
        QCOMPARE(u16(local, 4), 45U);
        QCOMPARE(
            qFromLittleEndian<quint64>(local.constData() + 30 + entry.name.size() + 4), entry.size);
        QCOMPARE(qFromLittleEndian<quint64>(local.constData() + 30 + entry.name.size() + 12),
            entry.storedSize);
    } else {
        QCOMPARE(u32(local, 18), entry.storedSize);
        QCOMPARE(u32(local, 22), entry.size);
    }
}

void TestZipFormat::endRecordsComeBack_data()
{
    QTest::addColumn<ZipEnd>("end");
    QTest::addColumn<bool>("zip64");
    for (const quint64 entries : { 0, 1, 65534, 65535, 65536, 1'000'000 })
        QTest::addRow("%llu entries", entries)
            << ZipEnd { entries, 5000, 9000 } << (entries >= 65535);
    for (const quint64 size : { G4 - 2, G4 - 1, G4, G4 + 1 }) {
        QTest::addRow("directory of %llu", size) << ZipEnd { 7, size, 9000 } << (size >= G4 - 1);
        QTest::addRow("directory at %llu", size) << ZipEnd { 7, 5000, size } << (size >= G4 - 1);
        QTest::addRow("everything %llu", size) << ZipEnd { size, size, size } << true;
    }
}

void TestZipFormat::endRecordsComeBack()
{
    QFETCH(ZipEnd, end);
    QFETCH(bool, zip64);

    const QByteArray bytes = endRecords(end);
    QCOMPARE(bytes.size(), zip64 ? longestEndRecords : 22);
    const Result<ZipEnd> alone = parseEndRecords(bytes);
    QVERIFY(alone);
    QVERIFY(*alone == end);
    // With what lies before it in a file.
    const Result<ZipEnd> inFile
        = parseEndRecords((QByteArray(longestEndRecords, 'x') + bytes).right(longestEndRecords));
    QVERIFY(inFile);
    QVERIFY(*inFile == end);
}

void TestZipFormat::endRecordsAreZip64OnlyWhereNeeded()
{
    const QByteArray plain = endRecords({ 65534, 5000, 9000 });
    QCOMPARE(u16(plain, 8), 65534U);
    QCOMPARE(u16(plain, 10), 65534U);
    const QByteArray wide = endRecords({ 65536, 5000, 9000 });
    QCOMPARE(u16(wide, 76 + 10), 65535U);
    QCOMPARE(u32(wide, 76 + 12), 5000U);
    // The locator points to the zip64 record, which follows the directory.
    QCOMPARE(qFromLittleEndian<quint64>(wide.constData() + 56 + 8), 14000U);
}

void TestZipFormat::sizesNearFourGigabytesAreZip64_data()
{
    QTest::addColumn<quint64>("size");
    QTest::addColumn<bool>("expected");
    QTest::newRow("nothing") << quint64(0) << false;
    QTest::newRow("2 GiB") << G4 / 2 << false;
    QTest::newRow("4000 MB") << quint64(4'000'000'000) << false;
    // Deflate may add to it, so the line is drawn below 4 GiB.
    QTest::newRow("4 GiB - 1 MiB") << G4 - (1 << 20) << true;
    QTest::newRow("4 GiB - 2") << G4 - 2 << true;
    QTest::newRow("4 GiB - 1") << G4 - 1 << true;
    QTest::newRow("4 GiB") << G4 << true;
    QTest::newRow("unknown") << quint64(std::numeric_limits<qint64>::max()) << true;
}

void TestZipFormat::sizesNearFourGigabytesAreZip64()
{
    QFETCH(quint64, size);
    QFETCH(bool, expected);

    QCOMPARE(needsZip64(size), expected);
    if (!expected)
        QVERIFY(quint64(maximumStoredSize(qint64(size))) + 2 < G4 - 1);
}

void TestZipFormat::onlyTextThatIsNotAsciiIsFlagged_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("flagged");
    QTest::newRow("ASCII") << QByteArray("a b~") << false;
    QTest::newRow("text") << QByteArray("\xc3\xa4") << true;
    QTest::newRow("Latin-1") << QByteArray("\xe4") << false;
    QTest::newRow("cut text") << QByteArray("\xc3\xa4\xc3") << false;
    QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80") << false;
}

void TestZipFormat::onlyTextThatIsNotAsciiIsFlagged()
{
    QFETCH(QByteArray, name);
    QFETCH(bool, flagged);

    ZipEntry entry = someEntry();
    entry.name = name;
    QCOMPARE(u16(localHeader(entry), 6), flagged ? 0x0800U : 0U);
    QCOMPARE(u16(centralHeader(entry), 8), flagged ? 0x0800U : 0U);
}

void TestZipFormat::foldersAreMarkedForOthersToo()
{
    ZipEntry entry = someEntry();
    QCOMPARE(u32(centralHeader(entry), 38), quint64(S_IFREG | 0644) << 16);
    entry.name = "a/";
    entry.mode = S_IFDIR | 0755;
    QCOMPARE(u32(centralHeader(entry), 38), (quint64(S_IFDIR | 0755) << 16) | 0x10);
}

void TestZipFormat::timesAreClamped_data()
{
    QTest::addColumn<qint64>("seconds");
    QTest::addColumn<qint64>("clamped");
    QTest::newRow("now") << qint64(1'700'000'000) << qint64(1'700'000'000);
    QTest::newRow("1969") << qint64(-1) << qint64(0);
    QTest::newRow("0") << qint64(0) << qint64(0);
    QTest::newRow("2038") << qint64(0x7fffffff) << qint64(0x7fffffff);
    QTest::newRow("after 2038") << qint64(0x80000000) << qint64(0x7fffffff);
    QTest::newRow("never") << std::numeric_limits<qint64>::max() << qint64(0x7fffffff);
    QTest::newRow("always") << std::numeric_limits<qint64>::min() << qint64(0);
}

void TestZipFormat::timesAreClamped()
{
    QFETCH(qint64, seconds);
    QFETCH(qint64, clamped);

    QCOMPARE(clampToZipTime(seconds), clamped);
}

void TestZipFormat::dosTimesAreUtc()
{
    ZipEntry entry = someEntry();
    entry.modified = 1'582'979'696; // 2020-02-29 12:34:56 UTC
    const QByteArray bytes = localHeader(entry);
    QCOMPARE(u16(bytes, 10), quint64((12 << 11) | (34 << 5) | (56 / 2)));
    QCOMPARE(u16(bytes, 12), quint64(((2020 - 1980) << 9) | (2 << 5) | 29));
    entry.modified = 0; // before DOS
    QCOMPARE(u32(localHeader(entry), 10), 0x00210000U);
    QCOMPARE(u32(localHeader(entry), localHeader(entry).size() - 4), 0U);
}

void TestZipFormat::eachFlippedBitOfACentralHeaderShows_data()
{
    QTest::addColumn<ZipEntry>("entry");
    ZipEntry entry = someEntry();
    QTest::newRow("plain") << entry;
    entry.name = "sources/\xc3\xa4/";
    entry.mode = S_IFDIR | 0755;
    QTest::newRow("folder") << entry;
    entry = someEntry();
    entry.zip64 = true;
    entry.size = G4 + 5;
    QTest::newRow("zip64") << entry;
    entry.offset = 3 * G4;
    QTest::newRow("zip64 far away") << entry;
    entry = someEntry();
    entry.offset = G4 - 1;
    QTest::newRow("far away") << entry;
}

void TestZipFormat::eachFlippedBitOfACentralHeaderShows()
{
    QFETCH(ZipEntry, entry);

    const QByteArray bytes = centralHeader(entry);
    for (qsizetype bit = 0; bit < bytes.size() * 8; ++bit) {
        QByteArray damaged = bytes;
        damaged[bit / 8] = char(damaged[bit / 8] ^ (1 << (bit % 8)));
        const auto parsed = parseCentralHeader(damaged);
        QVERIFY2(!parsed || !*parsed || !((*parsed)->entry == entry),
            qPrintable(QString::number(bit / 8)));
    }
}

void TestZipFormat::eachFlippedBitOfAnEndRecordShows_data()
{
    QTest::addColumn<ZipEnd>("end");
    QTest::newRow("plain") << ZipEnd { 12, 5000, 9000 };
    QTest::newRow("zip64") << ZipEnd { 70000, 5'000'000, 3 * G4 };
}

void TestZipFormat::eachFlippedBitOfAnEndRecordShows()
{
    QFETCH(ZipEnd, end);

    const QByteArray bytes = endRecords(end);
    for (qsizetype bit = 0; bit < bytes.size() * 8; ++bit) {
        QByteArray damaged = bytes;
        damaged[bit / 8] = char(damaged[bit / 8] ^ (1 << (bit % 8)));
        const Result<ZipEnd> parsed = parseEndRecords(damaged);
        QVERIFY2(!parsed || !(*parsed == end), qPrintable(QString::number(bit / 8)));
    }
}

void TestZipFormat::aCutHeaderAsksForMore()
{
    const QByteArray bytes = centralHeader(someEntry());
    for (qsizetype size = 0; size < bytes.size(); ++size) {
        const auto parsed = parseCentralHeader(bytes.left(size));
        QVERIFY(parsed);
        QVERIFY(!*parsed);
    }
}

void TestZipFormat::whatFollowsAHeaderIsLeftAlone()
{
    const QByteArray bytes = centralHeader(someEntry());
    const auto parsed = parseCentralHeader(bytes + "PK\1\2 and more");
    QVERIFY(parsed);
    QVERIFY(*parsed);
    QCOMPARE((*parsed)->headerSize, bytes.size());
}

void TestZipFormat::otherPeoplesHeadersAreRefused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const QByteArray good = centralHeader(someEntry());
    const auto add = [&](const char *what, qsizetype at, const QByteArray &value) {
        QTest::newRow(what) << QByteArray(good).replace(at, value.size(), value);
    };
    add("magic", 0, "PK\3\4");
    add("made by MS-DOS", 5, QByteArray(1, '\0'));
    add("needs encryption", 8, "\x01");
    add("data descriptor", 8, "\x08");
    add("bzip2", 10, "\x0c");
    add("another disk", 34, "\x01");
    add("internal attributes", 36, "\x01");
    add("DOS read-only", 38, "\x01");
    QTest::newRow("comment") << QByteArray(good).replace(32, 1, "\x01") + "c";
    QTest::newRow("one more extra field")
        << QByteArray(good).replace(30, 1, "\x0d") + QByteArray("\x99\x99\0\0", 4);
    QTest::newRow("no extra field")
        << QByteArray(good).replace(30, 1, QByteArray(1, '\0')).left(61);
    ZipEntry inverted = someEntry();
    inverted.size = G4 - 1; // says "look into the zip64 field", where there is none
    QTest::newRow("promised zip64 field is missing") << centralHeader(inverted);
    inverted.storedSize = G4 - 1;
    QTest::newRow("promised zip64 sizes are missing") << centralHeader(inverted);
}

void TestZipFormat::otherPeoplesHeadersAreRefused()
{
    QFETCH(QByteArray, bytes);

    const auto parsed = parseCentralHeader(bytes);
    QVERIFY(!parsed);
    QCOMPARE(parsed.error().code, ErrorCode::Corrupt);
}

void TestZipFormat::otherEndsAreRefused_data()
{
    QTest::addColumn<QByteArray>("tail");
    const QByteArray plain = endRecords({ 12, 5000, 9000 });
    const QByteArray wide = endRecords({ 70000, 5000, 9000 });
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("too short") << plain.left(21);
    QTest::newRow("cut at the end") << plain + plain.left(21);
    QTest::newRow("one byte appended") << plain + "x";
    QTest::newRow("comment") << QByteArray(plain).replace(20, 1, "\x01") + "c";
    QTest::newRow("comment that ends like an end")
        << QByteArray(plain).replace(20, 1, "\x16") + plain.left(20) + "xx";
    QTest::newRow("zip64 where none is needed") << QByteArray(wide)
                                                       .replace(24, 4, QByteArray("\x0c\0\0\0", 4))
                                                       .replace(32, 4, QByteArray("\x0c\0\0\0", 4));
    QTest::newRow("zip64 record lost") << wide.right(42);
    QTest::newRow("zip64 locator lost") << wide.right(22);
    QTest::newRow("locator points elsewhere") << QByteArray(wide).replace(64, 1, "\x11");
}

void TestZipFormat::otherEndsAreRefused()
{
    QFETCH(QByteArray, tail);

    const Result<ZipEnd> end = parseEndRecords(tail.right(longestEndRecords));
    QVERIFY(!end);
    QCOMPARE(end.error().code, ErrorCode::Corrupt);
}

QTEST_GUILESS_MAIN(TestZipFormat)
#include "tst_zipformat.moc"
