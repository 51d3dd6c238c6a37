#include "integrations/backup/archive/chunk.h"
#include "integrations/backup/archive/deflater.h"
#include "tests/support/archivebuilder.h"

#include <QTest>

#include <cstring>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

Q_DECLARE_METATYPE(Method)

namespace {

Result<QByteArray> unpack(
    const PackedChunk &chunk, Method method, qsizetype size, Proof proof = Proof::Full)
{
    QByteArray output(size, '\xaa');
    const Result<void> done
        = unpackChunk(chunk.stored, method, chunk.record, { output.data(), size_t(size) }, proof);
    if (!done)
        return done.error();
    return output;
}

ChunkRecord someRecord()
{
    ChunkRecord record { 0x01020304, 0xfffefdfc, 0x80000001, {} };
    for (size_t i = 0; i < record.digest.size(); ++i)
        record.digest[i] = uint8_t(0xa0 + i);
    return record;
}

} // namespace

class TestChunk : public QObject
{
    Q_OBJECT

private slots:
    void recordsComeBack();
    void recordsLieAsTheFormatSays();
    void filesAreCutIntoChunks_data();
    void filesAreCutIntoChunks();
    void packedChunksUnpack_data();
    void packedChunksUnpack();
    void whatDoesNotPackBecomesStoredBlocks_data();
    void whatDoesNotPackBecomesStoredBlocks();
    void aGivenDigestIsTaken();
    void methodsAreChosenBySample_data();
    void methodsAreChosenBySample();
    void smallFilesTakeTheSmallerMethod_data();
    void smallFilesTakeTheSmallerMethod();
    void eachFlippedByteIsFound_data();
    void eachFlippedByteIsFound();
    void eachFlippedByteOfTheRecordIsFound_data() { bothMethods(); }
    void eachFlippedByteOfTheRecordIsFound();
    void proofsCheckWhatTheyPromise_data() { bothMethods(); }
    void proofsCheckWhatTheyPromise();
    void wrongLengthsAreRefused_data() { bothMethods(); }
    void wrongLengthsAreRefused();

private:
    static void bothMethods();
};

void TestChunk::bothMethods()
{
    QTest::addColumn<Method>("method");
    QTest::newRow("store") << Method::Store;
    QTest::newRow("deflate") << Method::Deflate;
}

void TestChunk::recordsComeBack()
{
    char bytes[chunkRecordSize];
    writeChunkRecord(someRecord(), bytes);
    QVERIFY(readChunkRecord(bytes) == someRecord());
    const ChunkRecord extremes { 0xffffffff, 0, 0xffffffff, {} };
    writeChunkRecord(extremes, bytes);
    QVERIFY(readChunkRecord(bytes) == extremes);
}

void TestChunk::recordsLieAsTheFormatSays()
{
    QCOMPARE(chunkRecordSize, 44);
    char bytes[chunkRecordSize + 1];
    bytes[chunkRecordSize] = '\x55';
    writeChunkRecord(someRecord(), bytes);
    QCOMPARE(QByteArray(bytes, 12).toHex(),
        QByteArray("04030201"
                   "fcfdfeff"
                   "01000080"));
    QCOMPARE(bytes[12], '\xa0');
    QCOMPARE(bytes[43], '\xbf');
    QCOMPARE(bytes[44], '\x55');
    // Every byte of it means something.
    for (int i = 0; i < chunkRecordSize; ++i) {
        bytes[i] = char(bytes[i] ^ 1);
        QVERIFY(!(readChunkRecord(bytes) == someRecord()));
        bytes[i] = char(bytes[i] ^ 1);
    }
}

void TestChunk::filesAreCutIntoChunks_data()
{
    QTest::addColumn<qint64>("size");
    QTest::addColumn<qint64>("count");
    QTest::addColumn<qint64>("last");
    QTest::newRow("nothing") << qint64(0) << qint64(0) << qint64(0);
    QTest::newRow("a byte") << qint64(1) << qint64(1) << qint64(1);
    QTest::newRow("almost one") << chunkSize - 1 << qint64(1) << chunkSize - 1;
    QTest::newRow("one") << chunkSize << qint64(1) << chunkSize;
    QTest::newRow("one and a byte") << chunkSize + 1 << qint64(2) << qint64(1);
    QTest::newRow("5 TiB and 7") << (qint64(5) << 40) + 7 << (qint64(5) << 20) + 1 << qint64(7);
}

void TestChunk::filesAreCutIntoChunks()
{
    QFETCH(qint64, size);
    QFETCH(qint64, count);
    QFETCH(qint64, last);

    QCOMPARE(chunkCount(size), count);
    if (count > 0)
        QCOMPARE(chunkLength(size, count - 1), last);
    if (count > 1)
        QCOMPARE(chunkLength(size, 0), chunkSize);
}

void TestChunk::packedChunksUnpack_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<Method>("method");
    for (const int size : { 1, 31, 32, 100, 65535, 65536, 262144, 1 << 20 }) {
        for (const Method method : { Method::Store, Method::Deflate }) {
            const char *const name = method == Method::Store ? "stored" : "deflated";
            QTest::addRow("%d words %s", size, name) << wordyBytes(size) << method;
            QTest::addRow("%d random %s", size, name) << randomBytes(size) << method;
            QTest::addRow("%d zeros %s", size, name) << QByteArray(size, '\0') << method;
            QTest::addRow("%d random, then words %s", size, name)
                << randomBytes(size / 2) + wordyBytes(size - size / 2) << method;
        }
    }
}

void TestChunk::packedChunksUnpack()
{
    QFETCH(QByteArray, content);
    QFETCH(Method, method);

    const PackedChunk chunk = packChunk(spanOf(content), method);
    QCOMPARE(chunk.stored.size(), size_t(chunk.record.storedSize));
    QVERIFY(qint64(chunk.stored.size()) <= maximumStoredSize(content.size()));
    QCOMPARE(chunk.record.crc32, threadDeflater().crc32(0, spanOf(content)));
    QCOMPARE(chunk.record.storedCrc32, threadDeflater().crc32(0, chunk.stored));
    QVERIFY(chunk.record.digest == sha256(spanOf(content)));
    for (const Proof proof : { Proof::Content, Proof::Full }) {
        const Result<QByteArray> unpacked = unpack(chunk, method, content.size(), proof);
        QVERIFY2(unpacked, unpacked ? "" : qPrintable(unpacked.error().message));
        QVERIFY(*unpacked == content);
    }
}

void TestChunk::whatDoesNotPackBecomesStoredBlocks_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("blocks");
    QTest::newRow("a few bytes") << 20 << 1;
    QTest::newRow("one block") << 65535 << 1;
    QTest::newRow("two blocks") << 65536 << 2;
    QTest::newRow("too large to probe whole") << 262144 << 5;
    QTest::newRow("a chunk") << (1 << 20) << 17;
}

void TestChunk::whatDoesNotPackBecomesStoredBlocks()
{
    QFETCH(int, size);
    QFETCH(int, blocks);

    const QByteArray content = randomBytes(size);
    const PackedChunk chunk = packChunk(spanOf(content), Method::Deflate);
    QCOMPARE(int(chunk.stored.size()), size + 5 * blocks);
    QCOMPARE(chunk.stored[0], '\0'); // type 0, not final
    QVERIFY(std::memcmp(chunk.stored.data() + 5, content.constData(), 20) == 0);
}

void TestChunk::aGivenDigestIsTaken()
{
    const Digest digest = sha256(spanOf("something else"));
    const PackedChunk chunk = packChunk(spanOf("abc"), Method::Store, digest);
    QVERIFY(chunk.record.digest == digest);
    QVERIFY(unpack(chunk, Method::Store, 3, Proof::Content));
    QVERIFY(!unpack(chunk, Method::Store, 3, Proof::Full));
}

void TestChunk::methodsAreChosenBySample_data()
{
    QTest::addColumn<QByteArray>("sample");
    QTest::addColumn<Method>("method");
    QTest::newRow("nothing") << QByteArray() << Method::Deflate;
    QTest::newRow("too short to tell") << randomBytes(1023) << Method::Deflate;
    QTest::newRow("random") << randomBytes(1024) << Method::Store;
    QTest::newRow("much random") << randomBytes(1 << 20) << Method::Store;
    QTest::newRow("words") << wordyBytes(1 << 20) << Method::Deflate;
    QTest::newRow("words at the start")
        << wordyBytes(40000) + randomBytes(1 << 20) << Method::Deflate;
    QTest::newRow("words at the end")
        << randomBytes(1 << 20) + wordyBytes(40000) << Method::Deflate;
}

void TestChunk::methodsAreChosenBySample()
{
    QFETCH(QByteArray, sample);
    QFETCH(Method, method);

    QCOMPARE(int(chooseMethod(spanOf(sample))), int(method));
}

void TestChunk::smallFilesTakeTheSmallerMethod_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<Method>("method");
    QTest::newRow("nothing") << QByteArray() << Method::Store;
    QTest::newRow("a byte") << QByteArray("a") << Method::Store;
    QTest::newRow("31 equal bytes") << QByteArray(31, 'a') << Method::Store;
    QTest::newRow("32 equal bytes") << QByteArray(32, 'a') << Method::Deflate;
    QTest::newRow("words") << wordyBytes(5000) << Method::Deflate;
    QTest::newRow("random") << randomBytes(5000) << Method::Store;
    QTest::newRow("a chunk of words") << wordyBytes(1 << 20) << Method::Deflate;
    QTest::newRow("a chunk of random bytes") << randomBytes(1 << 20) << Method::Store;
}

void TestChunk::smallFilesTakeTheSmallerMethod()
{
    QFETCH(QByteArray, content);
    QFETCH(Method, method);

    const PackedFile file = packSmallFile(spanOf(content));
    QCOMPARE(int(file.method), int(method));
    QVERIFY(file.chunk.stored.size() <= size_t(content.size()));
    const Result<QByteArray> unpacked = unpack(file.chunk, file.method, content.size());
    QVERIFY(unpacked);
    QVERIFY(*unpacked == content);
}

void TestChunk::eachFlippedByteIsFound_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<Method>("method");
    QTest::newRow("words") << wordyBytes(3000) << Method::Deflate;
    QTest::newRow("stored blocks") << randomBytes(500) << Method::Deflate;
    QTest::newRow("stored") << wordyBytes(1000) << Method::Store;
}

void TestChunk::eachFlippedByteIsFound()
{
    QFETCH(QByteArray, content);
    QFETCH(Method, method);

    const PackedChunk chunk = packChunk(spanOf(content), method);
    for (size_t i = 0; i < chunk.stored.size(); ++i) {
        for (const int mask : { 0x01, 0x80, 0xff }) {
            PackedChunk damaged = chunk;
            damaged.stored[i] = char(damaged.stored[i] ^ mask);
            for (const Proof proof : { Proof::Stored, Proof::Content, Proof::Full }) {
                const Result<QByteArray> unpacked = unpack(damaged, method, content.size(), proof);
                QVERIFY(!unpacked);
                QCOMPARE(unpacked.error().code, ErrorCode::Corrupt);
            }
            // Somebody who makes the checksum fit as well changes no content.
            damaged.record.storedCrc32 = threadDeflater().crc32(0, damaged.stored);
            const Result<QByteArray> forged
                = unpack(damaged, method, content.size(), Proof::Content);
            QVERIFY(!forged || *forged == content);
        }
    }
}

void TestChunk::eachFlippedByteOfTheRecordIsFound()
{
    QFETCH(Method, method);

    const QByteArray content = wordyBytes(1000);
    const PackedChunk chunk = packChunk(spanOf(content), method);
    char bytes[chunkRecordSize];
    writeChunkRecord(chunk.record, bytes);
    for (int i = 0; i < chunkRecordSize; ++i) {
        bytes[i] = char(bytes[i] ^ 0x40);
        const PackedChunk damaged { readChunkRecord(bytes), chunk.stored };
        QVERIFY2(!unpack(damaged, method, content.size()), qPrintable(QString::number(i)));
        bytes[i] = char(bytes[i] ^ 0x40);
    }
}

void TestChunk::proofsCheckWhatTheyPromise()
{
    QFETCH(Method, method);

    const QByteArray content = wordyBytes(2000);
    const PackedChunk chunk = packChunk(spanOf(content), method);
    const auto passes = [&](const ChunkRecord &record, Proof proof) {
        return bool(unpack({ record, chunk.stored }, method, content.size(), proof));
    };
    ChunkRecord storedCrc = chunk.record;
    storedCrc.storedCrc32 ^= 1;
    ChunkRecord crc = chunk.record;
    crc.crc32 ^= 1;
    ChunkRecord digest = chunk.record;
    digest.digest[31] ^= 1;

    QVERIFY(!passes(storedCrc, Proof::Stored));
    QVERIFY(passes(crc, Proof::Stored));
    QVERIFY(passes(digest, Proof::Stored));

    QVERIFY(!passes(storedCrc, Proof::Content));
    QVERIFY(!passes(crc, Proof::Content));
    QVERIFY(passes(digest, Proof::Content));

    QVERIFY(!passes(storedCrc, Proof::Full));
    QVERIFY(!passes(crc, Proof::Full));
    QVERIFY(!passes(digest, Proof::Full));

    // Nothing to unpack into is enough where nothing is unpacked.
    QVERIFY(unpackChunk(chunk.stored, method, chunk.record, {}, Proof::Stored));
}

void TestChunk::wrongLengthsAreRefused()
{
    QFETCH(Method, method);

    const QByteArray content = wordyBytes(2000);
    const PackedChunk chunk = packChunk(spanOf(content), method);
    for (const qsizetype size : { 0, 1999, 2001, 4000 })
        QVERIFY(!unpack(chunk, method, size));
    PackedChunk shorter = chunk;
    shorter.stored.pop_back();
    QVERIFY(!unpack(shorter, method, content.size(), Proof::Stored));
    PackedChunk longer = chunk;
    longer.stored.push_back('\0');
    QVERIFY(!unpack(longer, method, content.size(), Proof::Stored));
    const Method other = method == Method::Store ? Method::Deflate : Method::Store;
    QVERIFY(!unpack(chunk, other, content.size()));
}

QTEST_GUILESS_MAIN(TestChunk)
#include "tst_chunk.moc"
