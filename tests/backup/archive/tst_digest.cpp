#include "integrations/backup/archive/digest.h"
#include "tests/support/archivebuilder.h"

#include <QTemporaryDir>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

class TestDigest : public QObject
{
    Q_OBJECT

private slots:
    void knownAnswers_data();
    void knownAnswers();
    void aFileOfOneChunkHasTheDigestOfSha256sum_data();
    void aFileOfOneChunkHasTheDigestOfSha256sum();
    void aLongerFileHasTheDigestOfItsChunksDigests_data();
    void aLongerFileHasTheDigestOfItsChunksDigests();
    void aStreamMayBeSplitAnywhere_data();
    void aStreamMayBeSplitAnywhere();
    void theOrderOfChunksCounts();
    void noChunkIsTheDigestOfNothing();
    void aDigestMayBeMovedHalfWay();
};

void TestDigest::knownAnswers_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QByteArray>("expected");

    // FIPS 180-2, appendix B, and its companion vectors.
    QTest::newRow("nothing")
        << QByteArray()
        << QByteArray("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    QTest::newRow("abc") << QByteArray(
        "abc") << QByteArray("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    QTest::newRow("two blocks")
        << QByteArray("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        << QByteArray("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    QTest::newRow("a million a") << QByteArray(1'000'000,
        'a') << QByteArray("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

void TestDigest::knownAnswers()
{
    QFETCH(QByteArray, content);
    QFETCH(QByteArray, expected);

    QCOMPARE(toHex(sha256(spanOf(content))), expected);
    StreamDigest stream; // all of them fit one chunk
    stream.add(spanOf(content));
    QCOMPARE(toHex(stream.finish()), expected);
}

void TestDigest::aFileOfOneChunkHasTheDigestOfSha256sum_data()
{
    QTest::addColumn<int>("size");
    for (const int size : { 0, 1, 55, 56, 64, 65535, int(chunkSize) - 1, int(chunkSize) })
        QTest::addRow("%d", size) << size;
}

void TestDigest::aFileOfOneChunkHasTheDigestOfSha256sum()
{
    QFETCH(int, size);

    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("file"));
    const QByteArray content = randomBytes(size);
    writeFile(path.toUtf8(), content);
    const ProgramResult sum = runProgram(QStringLiteral("sha256sum"), { path });
    QCOMPARE(sum.exitStatus, 0);
    StreamDigest stream;
    stream.add(spanOf(content));
    QCOMPARE(toHex(stream.finish()), sum.output.left(64));
}

void TestDigest::aLongerFileHasTheDigestOfItsChunksDigests_data()
{
    QTest::addColumn<qint64>("size");
    QTest::newRow("one byte more") << chunkSize + 1;
    QTest::newRow("two chunks") << 2 * chunkSize;
    QTest::newRow("three and a part") << 3 * chunkSize + 12345;
}

void TestDigest::aLongerFileHasTheDigestOfItsChunksDigests()
{
    QFETCH(qint64, size);

    const QByteArray content = randomBytes(size);
    QByteArray digests;
    FileDigest file;
    for (qint64 at = 0; at < size; at += chunkSize) {
        const Digest chunk = sha256(spanOf(content.mid(at, chunkSize)));
        digests.append(reinterpret_cast<const char *>(chunk.data()), qsizetype(chunk.size()));
        file.add(chunk);
    }
    const QByteArray expected = toHex(sha256(spanOf(digests)));
    QCOMPARE(toHex(file.finish()), expected);
    StreamDigest stream;
    stream.add(spanOf(content));
    QCOMPARE(toHex(stream.finish()), expected);
    QVERIFY(expected != toHex(sha256(spanOf(content))));
}

void TestDigest::aStreamMayBeSplitAnywhere_data()
{
    QTest::addColumn<qint64>("size");
    QTest::addColumn<qint64>("step");
    for (const qint64 size : { qint64(1000), chunkSize, chunkSize + 1, 2 * chunkSize + 777 }) {
        for (const qint64 step :
            { qint64(997), qint64(65536), chunkSize - 1, chunkSize, chunkSize + 1, size })
            QTest::addRow("%lld by %lld", size, step) << size << step;
    }
}

void TestDigest::aStreamMayBeSplitAnywhere()
{
    QFETCH(qint64, size);
    QFETCH(qint64, step);

    const QByteArray content = randomBytes(size);
    StreamDigest whole;
    whole.add(spanOf(content));
    StreamDigest split;
    split.add({});
    for (qint64 at = 0; at < size; at += step)
        split.add(spanOf(content).subspan(size_t(at), size_t(std::min(step, size - at))));
    split.add({});
    QCOMPARE(toHex(split.finish()), toHex(whole.finish()));
}

void TestDigest::theOrderOfChunksCounts()
{
    const Digest a = sha256(spanOf("a"));
    const Digest b = sha256(spanOf("b"));
    FileDigest ab;
    ab.add(a);
    ab.add(b);
    FileDigest ba;
    ba.add(b);
    ba.add(a);
    QVERIFY(ab.finish() != ba.finish());
}

void TestDigest::noChunkIsTheDigestOfNothing()
{
    QCOMPARE(toHex(FileDigest().finish()), toHex(sha256({})));
    QCOMPARE(toHex(StreamDigest().finish()), toHex(sha256({})));
    FileDigest one;
    one.add(sha256(spanOf("a")));
    QCOMPARE(toHex(one.finish()), toHex(sha256(spanOf("a"))));
}

void TestDigest::aDigestMayBeMovedHalfWay()
{
    const Digest a = sha256(spanOf("a"));
    FileDigest straight;
    FileDigest first;
    for (int i = 0; i < 2; ++i) {
        straight.add(a);
        first.add(a);
    }
    FileDigest second(std::move(first));
    straight.add(a);
    second.add(a);
    first = FileDigest();
    QCOMPARE(toHex(second.finish()), toHex(straight.finish()));
    QCOMPARE(toHex(first.finish()), toHex(sha256({})));
}

QTEST_GUILESS_MAIN(TestDigest)
#include "tst_digest.moc"
