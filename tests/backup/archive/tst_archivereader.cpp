#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/archive/archivewriter.h"
#include "integrations/backup/contentreader.h"
#include "tests/support/archivebuilder.h"

#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

class TestArchiveReader : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void aWholeBackupOpens();
    void whatIsNoFileIsNamed();
    void fifosAreNotWaitedFor();
    void everyTruncationIsRefused();
    void whatIsPutBeforeOrAfterIsFound_data();
    void whatIsPutBeforeOrAfterIsFound();
    void aZipWithoutAManifestIsNotABackup_data();
    void aZipWithoutAManifestIsNotABackup();
    void eachFlippedByteIsFoundOrDoesNoHarm();
    void eachZeroedStretchIsFound();
    void checkingTablesCanBeCancelled();
    void chunkRecordsAreReadWithinTheirTable();
    void impossibleChunkSizesAreRefused();

private:
    Result<ArchiveReader> openBytes(const QByteArray &bytes);

    QTemporaryDir m_folder;
    QByteArray m_path;
    QByteArray m_good;
};

void TestArchiveReader::initTestCase()
{
    QVERIFY(m_folder.isValid());
    m_path = m_folder.filePath(QStringLiteral("test.zip")).toUtf8();
    ArchiveBuilder archive(m_folder.filePath(QStringLiteral("good.zip")));
    archive.addFolder("sources/a");
    archive.addFile("sources/a/random", randomBytes(100));
    archive.addFile("sources/a/words", wordyBytes(300));
    archive.addSymlink("sources/a/x-link", "words");
    archive.addLarge("sources/a/y-large", QByteArray(chunkSize + 10, 'c'));
    QVERIFY(archive.writer().addWarning({ "/srv/s", QStringLiteral("It is a socket"), false }));
    m_good = archive.finish();
}

Result<ArchiveReader> TestArchiveReader::openBytes(const QByteArray &bytes)
{
    writeFile(m_path, bytes);
    return ArchiveReader::open(m_path);
}

void TestArchiveReader::aWholeBackupOpens()
{
    const Result<ArchiveReader> archive = openBytes(m_good);
    QVERIFY2(archive, archive ? "" : qPrintable(archive.error().message));
    QCOMPARE(archive->path(), m_path);
    QCOMPARE(archive->size(), m_good.size());
    QCOMPARE(archive->info().id, QStringLiteral("backup-20260211-143022-a1b2c3d4"));
    QCOMPARE(archive->info().entries.rows, 5);
    QCOMPARE(archive->info().chunks.rows, 2);
    QCOMPARE(archive->info().warnings.rows, 1);
    JobControl control;
    QVERIFY(archive->checkTables(control));
}

void TestArchiveReader::whatIsNoFileIsNamed()
{
    const Result<ArchiveReader> missing = ArchiveReader::open(m_folder.path().toUtf8() + "/no.zip");
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, ErrorCode::NotFound);
    QVERIFY(missing.error().message.contains(QStringLiteral("no.zip")));
    const Result<ArchiveReader> folder = ArchiveReader::open(m_folder.path().toUtf8());
    QVERIFY(!folder);
    QCOMPARE(folder.error().code, ErrorCode::InvalidArgument);
}

void TestArchiveReader::fifosAreNotWaitedFor()
{
    const QByteArray fifo = m_folder.filePath(QStringLiteral("fifo")).toUtf8();
    QCOMPARE(::mkfifo(fifo.constData(), 0600), 0);
    const Result<ArchiveReader> archive = ArchiveReader::open(fifo);
    QVERIFY(!archive);
    QCOMPARE(archive.error().code, ErrorCode::InvalidArgument);
}

void TestArchiveReader::everyTruncationIsRefused()
{
    writeFile(m_path, m_good);
    for (qsizetype size = m_good.size() - 1; size >= 0; --size) {
        QCOMPARE(::truncate(m_path.constData(), size), 0);
        const Result<ArchiveReader> archive = ArchiveReader::open(m_path);
        QVERIFY2(!archive, qPrintable(QString::number(size)));
        QCOMPARE(archive.error().code, ErrorCode::Corrupt);
    }
}

void TestArchiveReader::whatIsPutBeforeOrAfterIsFound_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("after");
    QTest::newRow("a byte before") << QByteArray("x") << QByteArray();
    QTest::newRow("a byte after") << QByteArray() << QByteArray("x");
    QTest::newRow("a newline after") << QByteArray() << QByteArray("\n");
    QTest::newRow("a program before") << QByteArray("#!/bin/sh\n") << QByteArray();
    QTest::newRow("itself before") << m_good << QByteArray();
    QTest::newRow("zeros after") << QByteArray() << QByteArray(4096, '\0');
    QTest::newRow("an empty zip after") << QByteArray() << "PK\5\6" + QByteArray(18, '\0');
    QTest::newRow("its own end again") << QByteArray() << m_good.right(22);
}

void TestArchiveReader::whatIsPutBeforeOrAfterIsFound()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, after);

    const Result<ArchiveReader> archive = openBytes(before + m_good + after);
    QVERIFY(!archive);
    QCOMPARE(archive.error().code, ErrorCode::Corrupt);
    QVERIFY(archive.error().message.contains(QString::fromUtf8(m_path)));
}

void TestArchiveReader::aZipWithoutAManifestIsNotABackup_data()
{
    QTest::addColumn<QList<QByteArray>>("names");
    QTest::newRow("empty") << QList<QByteArray>();
    QTest::newRow("plain") << QList<QByteArray> { "sources/a" };
    QTest::newRow("no entries table")
        << QList<QByteArray> { chunksTableName, warningsTableName, infoDocumentName };
    QTest::newRow("no backup.json")
        << QList<QByteArray> { entriesTableName, chunksTableName, warningsTableName };
    QTest::newRow("out of order") << QList<QByteArray> { chunksTableName, entriesTableName,
        warningsTableName, infoDocumentName };
    QTest::newRow("not at the end") << QList<QByteArray> { entriesTableName, chunksTableName,
        warningsTableName, infoDocumentName, "sources/a" };
    QTest::newRow("empty manifest") << QList<QByteArray> { entriesTableName, chunksTableName,
        warningsTableName, infoDocumentName };
}

void TestArchiveReader::aZipWithoutAManifestIsNotABackup()
{
    QFETCH(QList<QByteArray>, names);

    ::unlink(m_path.constData());
    const auto writer = ArchiveWriter::create(m_path);
    QVERIFY(writer);
    for (const QByteArray &name : names) {
        QVERIFY((*writer)->begin(name, 0));
        ZipEntry entry;
        entry.mode = S_IFREG | 0600;
        QVERIFY((*writer)->commit(entry));
    }
    QVERIFY((*writer)->finish());
    const Result<ArchiveReader> archive = ArchiveReader::open(m_path);
    QVERIFY(!archive);
    QCOMPARE(archive.error().code, ErrorCode::Corrupt);
}

void TestArchiveReader::eachFlippedByteIsFoundOrDoesNoHarm()
{
    writeFile(m_path, m_good);
    const Result<QList<ReadEntry>> good = readArchive(m_path);
    QVERIFY2(good, good ? "" : qPrintable(good.error().message));
    const auto same = [](const ReadEntry &a, const ReadEntry &b) {
        return a.entry.manifest == b.entry.manifest && a.content == b.content;
    };
    const qsizetype tables = m_good.indexOf(entriesTableName);
    const qsizetype document = m_good.indexOf(infoDocumentName);
    int harmless = 0;
    const FileDescriptor file(::open(m_path.constData(), O_WRONLY | O_CLOEXEC));
    for (qsizetype i = 0; i < m_good.size(); ++i) {
        const char flipped = char(m_good[i] ^ (1 << (i % 8)));
        QVERIFY(writeAt(file.get(), { &flipped, 1 }, i));
        const Result<QList<ReadEntry>> entries = readArchive(m_path);
        if (entries) {
            QVERIFY2(std::equal(good->begin(), good->end(), entries->begin(), entries->end(), same),
                qPrintable(QString::number(i)));
            // Only unused bits in the streams of the two packed tables may be.
            QVERIFY2(i > tables && i < document, qPrintable(QString::number(i)));
            ++harmless;
        }
        QVERIFY(writeAt(file.get(), { m_good.constData() + i, 1 }, i));
    }
    QVERIFY2(harmless <= 16, qPrintable(QString::number(harmless)));
    QCOMPARE(problemWithArchive(m_path), QString());
}

void TestArchiveReader::eachZeroedStretchIsFound()
{
    for (qsizetype i = 0; i < m_good.size(); i += 16) {
        QByteArray damaged = m_good;
        for (qsizetype k = i; k < std::min(i + 64, m_good.size()); ++k)
            damaged[k] = '\0';
        if (damaged == m_good)
            continue;
        writeFile(m_path, damaged);
        QVERIFY2(!problemWithArchive(m_path).isEmpty(), qPrintable(QString::number(i)));
    }
}

void TestArchiveReader::checkingTablesCanBeCancelled()
{
    const Result<ArchiveReader> archive = openBytes(m_good);
    QVERIFY(archive);
    JobControl control;
    control.cancel();
    const Result<void> checked = archive->checkTables(control);
    QVERIFY(!checked);
    QCOMPARE(checked.error().code, ErrorCode::Cancelled);
}

void TestArchiveReader::chunkRecordsAreReadWithinTheirTable()
{
    const Result<ArchiveReader> archive = openBytes(m_good);
    QVERIFY(archive);
    EntryStream stream(*archive);
    std::optional<ArchiveEntry> large;
    for (auto entry = stream.next(); entry && *entry; entry = stream.next())
        large = std::move(**entry);
    QVERIFY(large && large->manifest.hasChunkTable());
    const auto both = archive->chunkRecords(*large, 0, 2);
    QVERIFY(both);
    QCOMPARE(both->size(), size_t(2));
    const auto second = archive->chunkRecords(*large, 1, 1);
    QVERIFY(second);
    QVERIFY(second->front() == both->back());
    QVERIFY((*both)[0].digest == sha256(spanOf(QByteArray(chunkSize, 'c'))));
    QVERIFY(archive->chunkRecords(*large, 2, 0));
    for (const auto &[from, count] : { std::pair(0, 3), std::pair(2, 1), std::pair(-1, 1),
             std::pair(0, -1), std::pair(1, 1 << 30) })
        QVERIFY(!archive->chunkRecords(*large, from, count));
}

void TestArchiveReader::impossibleChunkSizesAreRefused()
{
    ArchiveBuilder archive(m_folder.filePath(QStringLiteral("lying.zip")));
    PackedChunk chunk = packChunk(spanOf(QByteArray(chunkSize, 'c')), Method::Deflate);
    chunk.record.storedSize = 0;
    archive.addFolder("sources/a");
    QVERIFY(archive.writer().begin("sources/a/b", Method::Deflate, 4 << 20));
    QVERIFY(archive.writer().append(chunk, chunkSize, true));
    QVERIFY(archive.writer().append(chunk, chunkSize, true));
    QVERIFY(archive.writer().commit(entryFor("sources/a/b", EntryType::File)));
    archive.finish();
    const Result<ArchiveReader> reader = ArchiveReader::open(archive.path());
    QVERIFY(reader);
    EntryStream stream(*reader);
    QVERIFY(stream.next()); // its folder
    const auto entry = stream.next();
    QVERIFY(entry && *entry);
    const auto records = reader->chunkRecords(**entry, 0, 2);
    QVERIFY(!records);
    QCOMPARE(records.error().code, ErrorCode::Corrupt);
}

QTEST_GUILESS_MAIN(TestArchiveReader)
#include "tst_archivereader.moc"
