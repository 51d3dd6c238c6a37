// Zips without a manifest, read by others.

#include "integrations/backup/archive/archivewriter.h"
#include "integrations/backup/archive/deflater.h"
#include "tests/support/archivebuilder.h"

#include <quazip/quazip.h>
#include <quazip/quazipfile.h>

#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <limits>
#include <random>
#include <sys/stat.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

constexpr qint64 unknown = std::numeric_limits<qint64>::max();

ZipEntry describe(const QByteArray &content)
{
    ZipEntry entry;
    entry.crc32 = threadDeflater().crc32(0, spanOf(content));
    entry.size = quint64(content.size());
    entry.mode = S_IFREG | 0644;
    entry.modified = 1'700'000'000;
    return entry;
}

Result<ZipEntry> addStored(ArchiveWriter &writer, const QByteArray &name, const QByteArray &content)
{
    Result<void> done = writer.begin(name, content.size());
    if (done)
        done = writer.append(spanOf(content));
    if (!done)
        return done.error();
    return writer.commit(describe(content));
}

// The names and contents that QuaZip finds, each CRC-32 checked by it.
QList<std::pair<QByteArray, QByteArray>> readByQuaZip(const QString &path)
{
    QList<std::pair<QByteArray, QByteArray>> found;
    QuaZip zip(path);
    if (!zip.open(QuaZip::mdUnzip))
        qFatal("QuaZip does not open it: %d", zip.getZipError());
    for (bool more = zip.goToFirstFile(); more; more = zip.goToNextFile()) {
        QuaZipFile file(&zip);
        if (!file.open(QIODevice::ReadOnly))
            qFatal("QuaZip does not open an entry: %d", file.getZipError());
        const QByteArray content = file.readAll();
        file.close();
        if (file.getZipError() != UNZ_OK)
            qFatal("QuaZip finds an entry damaged: %d", file.getZipError());
        found.append({ zip.getCurrentFileName().toUtf8(), content });
    }
    return found;
}

} // namespace

class TestArchiveWriter : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void theFileIsNewAndPrivate();
    void aFolderThatIsNotThereIsNamed();
    void writesWhatOthersRead_data();
    void writesWhatOthersRead();
    void anEmptyZipIsOne();
    void whatIsRewoundOrAbandonedIsNotThere_data();
    void whatIsRewoundOrAbandonedIsNotThere();
    void nothingIsLeftBehindTheEnd();
    void writtenBytesCanBeReadBack();
    void anEntryMustNotOutgrowItsHeader();
    void anEntryOfUnknownLengthIsZip64();
    void moreThan65535EntriesAreZip64();

private:
    QString path() const { return m_folder->filePath(QStringLiteral("a.zip")); }
    std::unique_ptr<ArchiveWriter> create() const;

    std::optional<QTemporaryDir> m_folder;
};

void TestArchiveWriter::init()
{
    m_folder.emplace();
    QVERIFY(m_folder->isValid());
}

std::unique_ptr<ArchiveWriter> TestArchiveWriter::create() const
{
    Result<std::unique_ptr<ArchiveWriter>> writer = ArchiveWriter::create(path().toUtf8());
    if (!writer)
        qFatal("%s", qPrintable(writer.error().message));
    return std::move(*writer);
}

void TestArchiveWriter::theFileIsNewAndPrivate()
{
    const auto writer = create();
    struct stat status;
    QCOMPARE(::stat(path().toUtf8().constData(), &status), 0);
    QCOMPARE(status.st_mode & 07777U, 0600U);
    QVERIFY(!ArchiveWriter::create(path().toUtf8()));

    const QByteArray link = m_folder->filePath(QStringLiteral("link")).toUtf8();
    QCOMPARE(::symlink("elsewhere", link.constData()), 0);
    QVERIFY(!ArchiveWriter::create(link));
    QVERIFY(!QFileInfo::exists(m_folder->filePath(QStringLiteral("elsewhere"))));
    QCOMPARE(QDir(m_folder->path())
                 .entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::System)
                 .size(),
        2); // no spool beside it
}

void TestArchiveWriter::aFolderThatIsNotThereIsNamed()
{
    const auto writer
        = ArchiveWriter::create(m_folder->filePath(QStringLiteral("no/a.zip")).toUtf8());
    QVERIFY(!writer);
    QCOMPARE(writer.error().code, ErrorCode::NotFound);
    QVERIFY(writer.error().message.contains(QStringLiteral("no/a.zip")));
}

void TestArchiveWriter::writesWhatOthersRead_data()
{
    QTest::addColumn<QList<int>>("sizes");
    QTest::newRow("one") << QList<int> { 10 };
    QTest::newRow("empty ones") << QList<int> { 0, 0, 0 };
    QTest::newRow("small ones") << QList<int> { 1, 100, 0, 5000, 70000 };
    QTest::newRow("around the buffer") << QList<int> { (1 << 20) - 100, (1 << 20) - 1, 1 << 20,
        (1 << 20) + 1, (1 << 19) - 1, 1 << 19, 3, (1 << 21) - 1, 1 << 21, (1 << 21) + 1, 3 };
    QTest::newRow("large behind small") << QList<int> { 3, 5 << 20, 3, 9 << 20, 1 };
}

void TestArchiveWriter::writesWhatOthersRead()
{
    QFETCH(QList<int>, sizes);

    const auto writer = create();
    QList<std::pair<QByteArray, QByteArray>> expected;
    quint64 end = 0;
    for (int i = 0; i < sizes.size(); ++i) {
        const QByteArray name = "n\xc3\xa4me/" + QByteArray::number(i);
        const QByteArray content = randomBytes(sizes[i], quint32(i));
        expected.append({ name, content });
        const Result<ZipEntry> entry = addStored(*writer, name, content);
        QVERIFY(entry);
        QCOMPARE(entry->offset, end);
        QCOMPARE(entry->storedSize, quint64(sizes[i]));
        end += quint64(localHeaderSize(*entry)) + entry->storedSize;
        QCOMPARE(writer->size(), qint64(end));
    }
    QCOMPARE(writer->entries(), qint64(sizes.size()));
    const Result<qint64> size = writer->finish();
    QVERIFY(size);
    QCOMPARE(QFileInfo(path()).size(), *size);
    QVERIFY(readByQuaZip(path()) == expected);
    const ProgramResult tested
        = runProgram(QStringLiteral("unzip"), { QStringLiteral("-tq"), path() });
    QVERIFY2(tested.exitStatus == 0, tested.output.constData());
}

void TestArchiveWriter::anEmptyZipIsOne()
{
    const auto writer = create();
    const Result<qint64> size = writer->finish();
    QVERIFY(size);
    QCOMPARE(*size, 22);
    QCOMPARE(fileContent(path().toUtf8()), QByteArray("PK\5\6") + QByteArray(18, '\0'));
}

void TestArchiveWriter::whatIsRewoundOrAbandonedIsNotThere_data()
{
    QTest::addColumn<quint32>("seed");
    for (quint32 seed = 1; seed <= 12; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

void TestArchiveWriter::whatIsRewoundOrAbandonedIsNotThere()
{
    QFETCH(quint32, seed);

    std::mt19937 generator(seed);
    const auto anySize = [&] { return int(generator() % (1U << (1 + generator() % 21))); };
    const auto writer = create();
    QList<std::pair<QByteArray, QByteArray>> expected;
    for (int i = 0; i < 25; ++i) {
        const QByteArray name = QByteArray::number(i);
        const qint64 before = writer->size();
        QVERIFY(writer->begin(name, 10 << 20));
        const qint64 contentStart = writer->contentOffset();
        QCOMPARE(writer->contentSize(), 0);
        for (quint32 attempts = generator() % 3; attempts > 0; --attempts) {
            for (quint32 n = generator() % 4; n > 0; --n)
                QVERIFY(writer->append(spanOf(QByteArray(anySize(), '\xee'))));
            writer->rewind();
            QCOMPARE(writer->contentSize(), 0);
            QCOMPARE(writer->contentOffset(), contentStart);
        }
        QByteArray content;
        for (quint32 n = generator() % 4; n > 0; --n) {
            const QByteArray part = randomBytes(anySize(), generator());
            QVERIFY(writer->append(spanOf(part)));
            content += part;
        }
        QCOMPARE(writer->contentSize(), content.size());
        if (generator() % 3 == 0) {
            writer->abandon();
            QCOMPARE(writer->size(), before);
        } else {
            QVERIFY(writer->commit(describe(content)));
            expected.append({ name, content });
        }
    }
    QVERIFY(writer->finish());
    QVERIFY(readByQuaZip(path()) == expected);
    if (!expected.isEmpty()) {
        const ProgramResult tested
            = runProgram(QStringLiteral("unzip"), { QStringLiteral("-tq"), path() });
        QVERIFY2(tested.exitStatus == 0, tested.output.constData());
    }
}

void TestArchiveWriter::nothingIsLeftBehindTheEnd()
{
    const auto writer = create();
    QVERIFY(addStored(*writer, "a", "kept"));
    QVERIFY(writer->begin("b", 8 << 20));
    QVERIFY(writer->append(spanOf(randomBytes(8 << 20))));
    writer->abandon();
    const Result<qint64> size = writer->finish();
    QVERIFY(size);
    QVERIFY(*size < 1000);
    QCOMPARE(QFileInfo(path()).size(), *size);
    QCOMPARE(readByQuaZip(path()).size(), 1);
}

void TestArchiveWriter::writtenBytesCanBeReadBack()
{
    const auto writer = create();
    const QByteArray content = randomBytes(3 << 20);
    QVERIFY(addStored(*writer, "a", content));
    QVERIFY(writer->begin("b", 100));
    QVERIFY(writer->append(spanOf(QByteArray("still in the buffer"))));
    QByteArray back(content.size(), Qt::Uninitialized);
    QVERIFY(writer->readBack({ back.data(), size_t(back.size()) }, 30 + 1 + 9));
    QVERIFY(back == content);
    back.resize(19);
    QVERIFY(writer->readBack({ back.data(), 19 }, writer->contentOffset()));
    QCOMPARE(back, QByteArray("still in the buffer"));
    QVERIFY(!writer->readBack({ back.data(), 19 }, writer->size()));
    QVERIFY(writer->commit(describe("still in the buffer")));
    QVERIFY(writer->finish());
    QCOMPARE(readByQuaZip(path()).size(), 2);
}

void TestArchiveWriter::anEntryMustNotOutgrowItsHeader()
{
    const auto writer = create();
    QVERIFY(addStored(*writer, "before", "x"));
    QVERIFY(writer->begin("a", 1000));
    QVERIFY(writer->append(spanOf(QByteArray("packed"))));
    ZipEntry entry = describe("packed");
    entry.method = Method::Deflate;
    entry.size = quint64(5) << 30;
    const Result<ZipEntry> committed = writer->commit(entry);
    QVERIFY(!committed);
    QCOMPARE(committed.error().code, ErrorCode::TooLarge);
    writer->abandon();
    QVERIFY(addStored(*writer, "after", "y"));
    QVERIFY(writer->finish());
    const auto found = readByQuaZip(path());
    QCOMPARE(found.size(), 2);
    QCOMPARE(found[1].first, QByteArray("after"));
}

void TestArchiveWriter::anEntryOfUnknownLengthIsZip64()
{
    const auto writer = create();
    const QByteArray content = wordyBytes(5000);
    QVERIFY(writer->begin("stream", unknown));
    QVERIFY(writer->append(spanOf(content)));
    const Result<ZipEntry> entry = writer->commit(describe(content));
    QVERIFY(entry);
    QVERIFY(entry->zip64);
    QVERIFY(writer->finish());
    QVERIFY(readByQuaZip(path())
        == (QList<std::pair<QByteArray, QByteArray>> { { "stream", content } }));
    const ProgramResult python = runProgram(QStringLiteral("python3"),
        { QStringLiteral("-c"),
            QStringLiteral("import sys, zipfile\n"
                           "sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read('stream'))"),
            path() });
    QVERIFY(python.output == content);
    for (const QString &tool : { QStringLiteral("unzip"), QStringLiteral("7z") }) {
        const ProgramResult tested = runProgram(tool,
            { tool == QLatin1String("7z") ? QStringLiteral("t") : QStringLiteral("-tq"), path() });
        QVERIFY2(tested.exitStatus == 0, tested.output.constData());
    }
}

void TestArchiveWriter::moreThan65535EntriesAreZip64()
{
    const auto writer = create();
    for (int i = 0; i < 65537; ++i)
        QVERIFY(addStored(*writer, QByteArray::number(i), {}));
    QVERIFY(writer->finish());
    QVERIFY(fileContent(path().toUtf8()).right(98).startsWith("PK\6\6"));
    const ProgramResult python = runProgram(QStringLiteral("python3"),
        { QStringLiteral("-c"),
            QStringLiteral("import sys, zipfile; z = zipfile.ZipFile(sys.argv[1])\n"
                           "print(len(z.namelist()), z.namelist()[-1], z.testzip())"),
            path() });
    QCOMPARE(python.output, QByteArray("65537 65536 None\n"));
    const ProgramResult unzip
        = runProgram(QStringLiteral("unzip"), { QStringLiteral("-tq"), path() });
    QVERIFY2(unzip.exitStatus == 0, unzip.output.constData());
}

QTEST_GUILESS_MAIN(TestArchiveWriter)
#include "tst_archivewriter.moc"
