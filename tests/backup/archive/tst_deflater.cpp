// Both back ends make and read the same format; whatever is not exactly one packed
// chunk is refused by both.

#include "integrations/backup/archive/chunk.h"
#include "integrations/backup/archive/deflater.h"
#include "tests/support/archivebuilder.h"

#include <QTest>

#include <random>
#include <zlib.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

using Maker = std::unique_ptr<Deflater> (*)();
Q_DECLARE_METATYPE(Maker)

namespace {

struct BackEnd
{
    const char *name;
    Maker make;
};

const BackEnd backEnds[] = {
    { "zlib", makeZlibDeflater },
#ifdef HUBKEEP_WITH_ISAL
    { "ISA-L", makeIsalDeflater },
#endif
};

QByteArray pack(Deflater &deflater, const QByteArray &content)
{
    QByteArray packed(content.size() + content.size() / 100 + 4096, Qt::Uninitialized);
    packed.truncate(
        qsizetype(deflater.pack(spanOf(content), { packed.data(), size_t(packed.size()) })));
    return packed;
}

// Nothing when it was refused.
std::optional<QByteArray> unpack(Deflater &deflater, const QByteArray &packed, qsizetype size)
{
    QByteArray output(size, '\xaa');
    if (!deflater.unpack(spanOf(packed), { output.data(), size_t(size) }))
        return {};
    return output;
}

// A whole raw deflate stream, by zlib alone; nothing if it is none or has more behind it.
std::optional<QByteArray> inflateWhole(const QByteArray &stream, qsizetype size)
{
    z_stream z {};
    inflateInit2(&z, -MAX_WBITS);
    QByteArray output(size + 1, Qt::Uninitialized);
    z.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(stream.constData()));
    z.avail_in = uInt(stream.size());
    z.next_out = reinterpret_cast<Bytef *>(output.data());
    z.avail_out = uInt(output.size());
    const int status = ::inflate(&z, Z_FINISH);
    output.truncate(output.size() - z.avail_out);
    const bool whole = status == Z_STREAM_END && z.avail_in == 0;
    inflateEnd(&z);
    return whole ? std::optional(output) : std::nullopt;
}

// One raw deflate stream that ends with a final block.
QByteArray finalStream(const QByteArray &content)
{
    z_stream z {};
    deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    QByteArray output(content.size() + 1000, Qt::Uninitialized);
    z.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(content.constData()));
    z.avail_in = uInt(content.size());
    z.next_out = reinterpret_cast<Bytef *>(output.data());
    z.avail_out = uInt(output.size());
    ::deflate(&z, Z_FINISH);
    output.truncate(output.size() - z.avail_out);
    deflateEnd(&z);
    return output;
}

QByteArray mixedBytes(qsizetype size)
{
    QByteArray bytes = wordyBytes(size / 2) + randomBytes(size - size / 2);
    return bytes;
}

} // namespace

class TestDeflater : public QObject
{
    Q_OBJECT

private slots:
    void whatWasPackedUnpacks_data();
    void whatWasPackedUnpacks();
    void packedChunksMakeOneDeflateStream_data() { pairs(); }
    void packedChunksMakeOneDeflateStream();
    void wordsBecomeSmaller_data() { eachBackEnd(); }
    void wordsBecomeSmaller();
    void packingIntoTooLittleRoomSaysSo_data() { eachBackEnd(); }
    void packingIntoTooLittleRoomSaysSo();
    void wrongLengthsAreRefused_data() { pairs(); }
    void wrongLengthsAreRefused();
    void everyTruncationIsRefused_data() { pairs(); }
    void everyTruncationIsRefused();
    void finalBlocksAreRefused_data() { eachBackEnd(); }
    void finalBlocksAreRefused();
    void garbageIsRefused_data() { eachBackEnd(); }
    void garbageIsRefused();
    void aFlippedBitNeverPassesUnnoticed_data() { pairs(); }
    void aFlippedBitNeverPassesUnnoticed();
    void aRefusalLeavesTheDeflaterUsable_data() { eachBackEnd(); }
    void aRefusalLeavesTheDeflaterUsable();
    void crcsAreThoseOfZips_data() { eachBackEnd(); }
    void crcsAreThoseOfZips();
    void crcsOfPartsCombine();
    void theThreadsDeflaterStaysTheSame();

private:
    static void eachBackEnd();
    static void pairs();
};

void TestDeflater::eachBackEnd()
{
    QTest::addColumn<Maker>("make");
    for (const BackEnd &backEnd : backEnds)
        QTest::newRow(backEnd.name) << backEnd.make;
}

void TestDeflater::pairs()
{
    QTest::addColumn<Maker>("packer");
    QTest::addColumn<Maker>("unpacker");
    for (const BackEnd &packer : backEnds) {
        for (const BackEnd &unpacker : backEnds)
            QTest::addRow("%s to %s", packer.name, unpacker.name) << packer.make << unpacker.make;
    }
}

void TestDeflater::whatWasPackedUnpacks_data()
{
    QTest::addColumn<Maker>("packer");
    QTest::addColumn<Maker>("unpacker");
    QTest::addColumn<QByteArray>("content");
    for (const BackEnd &packer : backEnds) {
        for (const BackEnd &unpacker : backEnds) {
            for (const int size : { 0, 1, 2, 100, 32767, 65535, 65536, 1 << 20 }) {
                const auto add = [&](const char *kind, const QByteArray &content) {
                    QTest::addRow("%s to %s, %d %s", packer.name, unpacker.name, size, kind)
                        << packer.make << unpacker.make << content;
                };
                add("words", wordyBytes(size));
                add("random", randomBytes(size));
                add("zeros", QByteArray(size, '\0'));
                add("half and half", mixedBytes(size));
            }
        }
    }
}

void TestDeflater::whatWasPackedUnpacks()
{
    QFETCH(Maker, packer);
    QFETCH(Maker, unpacker);
    QFETCH(QByteArray, content);

    const auto from = packer();
    const auto to = unpacker();
    const QByteArray packed = pack(*from, content);
    QVERIFY(!packed.isEmpty());
    const std::optional<QByteArray> unpacked = unpack(*to, packed, content.size());
    QVERIFY(unpacked);
    QVERIFY(*unpacked == content);
    const auto whole
        = inflateWhole(packed + QByteArray(endOfStream, sizeof endOfStream), content.size());
    QVERIFY(whole);
    QVERIFY(*whole == content);
}

void TestDeflater::packedChunksMakeOneDeflateStream()
{
    QFETCH(Maker, packer);
    QFETCH(Maker, unpacker);

    const auto first = packer();
    const auto second = unpacker();
    QByteArray content;
    QByteArray stream;
    for (int i = 0; i < 6; ++i) {
        const QByteArray part = i % 3 == 2 ? randomBytes(70000, i) : wordyBytes(100000 + i, i);
        content += part;
        stream += pack(i % 2 ? *first : *second, part);
    }
    QVERIFY(!inflateWhole(stream, content.size())); // not ended yet
    const auto whole
        = inflateWhole(stream + QByteArray(endOfStream, sizeof endOfStream), content.size());
    QVERIFY(whole);
    QVERIFY(*whole == content);
}

void TestDeflater::wordsBecomeSmaller()
{
    QFETCH(Maker, make);

    const auto deflater = make();
    QVERIFY(pack(*deflater, wordyBytes(1 << 20)).size() < (1 << 20) / 2);
    QVERIFY(pack(*deflater, QByteArray(1 << 20, '\0')).size() < 20000);
}

void TestDeflater::packingIntoTooLittleRoomSaysSo()
{
    QFETCH(Maker, make);

    const auto deflater = make();
    for (const QByteArray &content : { wordyBytes(100000), randomBytes(100000) }) {
        const qsizetype needed = pack(*deflater, content).size();
        QVERIFY(needed > 0);
        for (const qsizetype room :
            { qsizetype(0), qsizetype(1), qsizetype(8), needed / 2, needed - 1 }) {
            QByteArray output(room, Qt::Uninitialized);
            QCOMPARE(deflater->pack(spanOf(content), { output.data(), size_t(room) }), size_t(0));
        }
        QCOMPARE(pack(*deflater, content).size(), needed);
    }
}

void TestDeflater::wrongLengthsAreRefused()
{
    QFETCH(Maker, packer);
    QFETCH(Maker, unpacker);

    const auto from = packer();
    const auto to = unpacker();
    for (const QByteArray &content :
        { wordyBytes(70000), randomBytes(70000), QByteArray(300000, 'x'), QByteArray("ab") }) {
        const QByteArray packed = pack(*from, content);
        QVERIFY(unpack(*to, packed, content.size()));
        for (const qsizetype size : { content.size() - 1, content.size() + 1, content.size() + 258,
                 qsizetype(1), content.size() * 2 })
            QVERIFY2(!unpack(*to, packed, size) || size == content.size(),
                qPrintable(QString::number(size)));
        for (const char *excess : { "x", "\x03", "xyz" })
            QVERIFY(!unpack(*to, packed + excess, content.size()));
        QVERIFY(!unpack(*to, packed + packed, content.size()));
        QVERIFY(!unpack(*to, packed + packed, content.size() + 1));
    }
    // More flushes make no byte, but they are not what the packer wrote; either answer
    // gives the right content.
    const QByteArray content = wordyBytes(1000);
    const auto flushed
        = unpack(*to, pack(*from, content) + QByteArray("\0\0\0\xff\xff", 5), content.size());
    QVERIFY(!flushed || *flushed == content);
}

void TestDeflater::everyTruncationIsRefused()
{
    QFETCH(Maker, packer);
    QFETCH(Maker, unpacker);

    const auto from = packer();
    const auto to = unpacker();
    for (const QByteArray &content : { wordyBytes(2000), randomBytes(700) }) {
        const QByteArray packed = pack(*from, content);
        // Cut within the flush, all content may be there: then it must be right, and
        // what is missing is found by the size and checksum of the packed bytes.
        for (qsizetype size = 0; size < packed.size(); ++size) {
            const auto unpacked = unpack(*to, packed.left(size), content.size());
            if (size < packed.size() - 5)
                QVERIFY2(!unpacked, qPrintable(QString::number(size)));
            else
                QVERIFY(!unpacked || *unpacked == content);
        }
    }
}

void TestDeflater::finalBlocksAreRefused()
{
    QFETCH(Maker, make);

    const auto deflater = make();
    for (const QByteArray &content : { wordyBytes(5000), QByteArray("a"), randomBytes(3000) }) {
        const QByteArray ended = finalStream(content);
        QVERIFY(inflateWhole(ended, content.size()));
        QVERIFY(!unpack(*deflater, ended, content.size()));
        const QByteArray packed = pack(*deflater, content);
        QVERIFY(!unpack(
            *deflater, packed + QByteArray(endOfStream, sizeof endOfStream), content.size()));
        QVERIFY(!unpack(*deflater, ended + packed, content.size()));
    }
}

void TestDeflater::garbageIsRefused()
{
    QFETCH(Maker, make);

    const auto deflater = make();
    QVERIFY(!unpack(*deflater, {}, 1));
    QVERIFY(!unpack(*deflater, QByteArray(100, '\xff'), 100));
    QVERIFY(!unpack(*deflater, QByteArray(100, '\0'), 100));
    // A back reference to before the start: fixed block, distance 1 as the first symbol.
    QVERIFY(!unpack(*deflater, QByteArray("\x02\x0a\x00\x00\x00\xff\xff", 7), 3));
    for (quint32 seed = 0; seed < 500; ++seed)
        QVERIFY(!unpack(*deflater, randomBytes(300, seed), 5000));
}

void TestDeflater::aFlippedBitNeverPassesUnnoticed()
{
    QFETCH(Maker, packer);
    QFETCH(Maker, unpacker);

    const auto from = packer();
    const auto to = unpacker();
    const QByteArray content = wordyBytes(1500);
    const QByteArray packed = pack(*from, content);
    const quint32 crc = to->crc32(0, spanOf(content));
    for (qsizetype bit = 0; bit < packed.size() * 8; ++bit) {
        QByteArray damaged = packed;
        damaged[bit / 8] = char(damaged[bit / 8] ^ (1 << (bit % 8)));
        const auto unpacked = unpack(*to, damaged, content.size());
        // Padding bits mean nothing; other content has another CRC-32.
        if (unpacked && *unpacked != content)
            QVERIFY(to->crc32(0, spanOf(*unpacked)) != crc);
    }
}

void TestDeflater::aRefusalLeavesTheDeflaterUsable()
{
    QFETCH(Maker, make);

    const auto deflater = make();
    const QByteArray content = wordyBytes(50000);
    const QByteArray packed = pack(*deflater, content);
    for (const QByteArray &bad :
        { packed.left(packed.size() / 2), randomBytes(100), packed + "x", finalStream(content) }) {
        QVERIFY(!unpack(*deflater, bad, content.size()));
        const auto unpacked = unpack(*deflater, packed, content.size());
        QVERIFY(unpacked);
        QVERIFY(*unpacked == content);
        QVERIFY(pack(*deflater, content) == packed);
    }
}

void TestDeflater::crcsAreThoseOfZips()
{
    QFETCH(Maker, make);

    const auto deflater = make();
    QCOMPARE(deflater->crc32(0, {}), 0U);
    QCOMPARE(deflater->crc32(0, spanOf("123456789")), 0xcbf43926U);
    const QByteArray content = randomBytes(100001);
    const auto whole = quint32(
        ::crc32_z(0, reinterpret_cast<const Bytef *>(content.constData()), size_t(content.size())));
    QCOMPARE(deflater->crc32(0, spanOf(content)), whole);
    const quint32 first = deflater->crc32(0, spanOf(content).first(777));
    QCOMPARE(deflater->crc32(first, spanOf(content).subspan(777)), whole);
}

void TestDeflater::crcsOfPartsCombine()
{
    Deflater &deflater = threadDeflater();
    const QByteArray content = randomBytes(3000);
    const quint32 whole = deflater.crc32(0, spanOf(content));
    for (const size_t cut : { size_t(0), size_t(1), size_t(1500), size_t(3000) }) {
        const quint32 first = deflater.crc32(0, spanOf(content).first(cut));
        const quint32 second = deflater.crc32(0, spanOf(content).subspan(cut));
        QCOMPARE(combineCrc32(first, second, qint64(3000 - cut)), whole);
    }
    // Lengths past 32 bits: zeros squared up, 2^33 of them in two ways.
    const QByteArray zeros(1 << 20, '\0');
    quint32 crc = deflater.crc32(0, spanOf(zeros));
    for (qint64 size = 1 << 20; size < (qint64(1) << 33); size *= 2)
        crc = combineCrc32(crc, crc, size);
    quint32 stepwise = 0;
    for (int i = 0; i < 8192; ++i)
        stepwise = combineCrc32(stepwise, deflater.crc32(0, spanOf(zeros)), 1 << 20);
    QCOMPARE(stepwise, crc);
}

void TestDeflater::theThreadsDeflaterStaysTheSame()
{
    QCOMPARE(&threadDeflater(), &threadDeflater());
}

QTEST_GUILESS_MAIN(TestDeflater)
#include "tst_deflater.moc"
