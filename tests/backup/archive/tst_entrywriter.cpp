// ctest: slow

#include "integrations/backup/archive/entrywriter.h"
#include "integrations/backup/contentreader.h"
#include "tests/support/archivebuilder.h"

#include <quazip/quazip.h>
#include <quazip/quazipfile.h>

#include <QTemporaryDir>
#include <QTest>

#include <limits>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

class TestEntryWriter : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void whatWasWrittenIsRead();
    void otherProgramsReadIt_data();
    void otherProgramsReadIt();
    void quaZipReadsIt();
    void lengthsAroundAChunkAreRead_data();
    void lengthsAroundAChunkAreRead();
    void whatWasRewoundIsForgotten();
    void whatWasAbandonedIsForgotten();
    void whatWasDroppedIsForgotten();
    void hardLinksHaveTheirOwnCopy_data();
    void hardLinksHaveTheirOwnCopy();
    void freshPartsAreRemembered();
    void warningsAreKept();
    void filesOfMoreThanFourGigabytesAreZip64();

private:
    QString path() const { return m_folder->filePath(QStringLiteral("a.zip")); }
    void writeOneOfEach(ArchiveBuilder &archive);

    std::optional<QTemporaryDir> m_folder;
    QList<std::pair<QByteArray, QByteArray>> m_expected; // names in the zip, contents
};

void TestEntryWriter::init()
{
    m_folder.emplace();
    QVERIFY(m_folder->isValid());
    m_expected.clear();
}

void TestEntryWriter::writeOneOfEach(ArchiveBuilder &archive)
{
    const QByteArray large = wordyBytes(3 * chunkSize + 77);
    const QByteArray film = randomBytes(2 * chunkSize + 5);
    archive.addFolder("sources/a");
    archive.addFolder("sources/a/empty");
    archive.addFile("sources/a/film-cut", film.left(3000));
    archive.addFile("sources/a/nothing", {});
    archive.addLarge("sources/a/stream", "short after all");
    archive.addLarge("sources/a/stream-of-nothing", {});
    archive.addFile("sources/a/text", wordyBytes(5000));
    archive.addLarge("sources/a/x-film", film, Method::Store, film.size());
    const WrittenEntry first = archive.addLarge("sources/a/x-large", large);
    archive.addHardLink("sources/a/x-link", first);
    archive.addSymlink("sources/a/x-symlink", "../a");
    m_expected = { { "sources/a/", {} }, { "sources/a/empty/", {} },
        { "sources/a/film-cut", film.left(3000) }, { "sources/a/nothing", {} },
        { "sources/a/stream", "short after all" }, { "sources/a/stream-of-nothing", {} },
        { "sources/a/text", wordyBytes(5000) }, { "sources/a/x-film", film },
        { "sources/a/x-large", large }, { "sources/a/x-link", large },
        { "sources/a/x-symlink", "../a" } };
}

void TestEntryWriter::whatWasWrittenIsRead()
{
    ArchiveBuilder archive(path());
    writeOneOfEach(archive);
    archive.finish();
    const Result<QList<ReadEntry>> entries = readArchive(archive.path());
    QVERIFY2(entries, entries ? "" : qPrintable(entries.error().message));
    QCOMPARE(entries->size(), m_expected.size());
    for (qsizetype i = 0; i < m_expected.size(); ++i) {
        const ManifestEntry &m = (*entries)[i].entry.manifest;
        QCOMPARE(m.zipName(), m_expected[i].first);
        QVERIFY2((*entries)[i].content == m_expected[i].second, m.name.constData());
        const ManifestEntry expected = entryFor(m.name, m.type);
        QCOMPARE(m.mode, expected.mode);
        QCOMPARE(m.stamp.modified.nanoseconds, expected.stamp.modified.nanoseconds);
        QCOMPARE(m.stamp.inode, expected.stamp.inode);
        if (m.type == EntryType::Directory)
            continue;
        StreamDigest digest;
        digest.add(spanOf(m_expected[i].second));
        QCOMPARE(toHex(m.digest), toHex(digest.finish()));
        QCOMPARE(m.size, m_expected[i].second.size());
    }
    const auto found = [&](const char *name) {
        for (const ReadEntry &entry : *entries) {
            if (entry.entry.manifest.name == name)
                return entry.entry.manifest;
        }
        return ManifestEntry();
    };
    QCOMPARE(found("sources/a/x-link").hardLinkTo, QByteArray("sources/a/x-large"));
    QVERIFY(found("sources/a/x-film").method == Method::Store);
    QVERIFY(found("sources/a/x-large").method == Method::Deflate);
    QVERIFY(found("sources/a/x-large").stored < found("sources/a/x-large").size / 2);
    QVERIFY(found("sources/a/stream-of-nothing").method == Method::Store);
    QCOMPARE(found("sources/a/stream-of-nothing").stored, 0);
}

void TestEntryWriter::otherProgramsReadIt_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("unzip") << QStringLiteral("unzip") << QStringList { QStringLiteral("-tq") };
    QTest::newRow("zipinfo") << QStringLiteral("zipinfo") << QStringList { QStringLiteral("-v") };
    QTest::newRow("7z") << QStringLiteral("7z") << QStringList { QStringLiteral("t") };
    QTest::newRow("python")
        << QStringLiteral("python3")
        << QStringList { QStringLiteral("-c"),
               QStringLiteral("import sys, zipfile\n"
                              "z = zipfile.ZipFile(sys.argv[1])\n"
                              "assert z.testzip() is None\n"
                              "assert len(z.infolist()) == 15, len(z.infolist())\n"
                              "assert z.read('sources/a/x-large') == z.read('sources/a/x-link')\n"
                              "assert len(z.read('sources/a/x-film')) == (2 << 20) + 5\n"
                              "assert z.getinfo('sources/a/text').external_attr >> 16 == 0o100640\n"
                              "assert z.getinfo('sources/a/').is_dir()\n") };
}

void TestEntryWriter::otherProgramsReadIt()
{
    QFETCH(QString, program);
    QFETCH(QStringList, arguments);

    ArchiveBuilder archive(path());
    writeOneOfEach(archive);
    archive.finish();
    const ProgramResult result = runProgram(program, arguments << path());
    QVERIFY2(result.exitStatus == 0, result.output.constData());
    QVERIFY2(!result.output.contains("warning:") && !result.output.contains("warning ["),
        result.output.constData());
}

void TestEntryWriter::quaZipReadsIt()
{
    ArchiveBuilder archive(path());
    writeOneOfEach(archive);
    archive.finish();
    QuaZip zip(path());
    QVERIFY(zip.open(QuaZip::mdUnzip));
    QCOMPARE(zip.getEntriesCount(), int(m_expected.size()) + 4);
    QVERIFY(zip.goToFirstFile());
    for (const auto &[name, content] : m_expected) {
        QCOMPARE(zip.getCurrentFileName().toUtf8(), name);
        QuaZipFile file(&zip);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll() == content);
        file.close();
        QCOMPARE(file.getZipError(), UNZ_OK);
        zip.goToNextFile();
    }
    QCOMPARE(zip.getCurrentFileName(), QLatin1String(entriesTableName));
}

void TestEntryWriter::lengthsAroundAChunkAreRead_data()
{
    QTest::addColumn<qint64>("size");
    QTest::addColumn<int>("method");
    for (const qint64 size : { qint64(0), qint64(1), chunkSize - 1, chunkSize, chunkSize + 1,
             2 * chunkSize - 1, 2 * chunkSize, 2 * chunkSize + 1 }) {
        QTest::addRow("%lld stored", size) << size << int(Method::Store);
        QTest::addRow("%lld deflated", size) << size << int(Method::Deflate);
    }
}

void TestEntryWriter::lengthsAroundAChunkAreRead()
{
    QFETCH(qint64, size);
    QFETCH(int, method);

    const QByteArray content = wordyBytes(size);
    ArchiveBuilder archive(path());
    archive.addFolder("sources/s");
    archive.addLarge("sources/s/a", content, Method(method), size);
    archive.addFile("sources/s/b", "behind");
    archive.finish();
    const Result<QList<ReadEntry>> entries = readArchive(archive.path());
    QVERIFY2(entries, entries ? "" : qPrintable(entries.error().message));
    QCOMPARE(entries->size(), 3);
    QVERIFY((*entries)[1].content == content);
    QCOMPARE((*entries)[1].entry.manifest.hasChunkTable(), size > chunkSize);
    QCOMPARE((*entries)[2].content, QByteArray("behind"));
}

void TestEntryWriter::whatWasRewoundIsForgotten()
{
    ArchiveBuilder archive(path());
    EntryWriter &writer = archive.writer();
    archive.addFolder("sources/s");
    archive.addLarge("sources/s/a", wordyBytes(2 * chunkSize)); // rows of its own before
    QVERIFY(writer.begin("sources/s/b", Method::Deflate, 10 << 20));
    for (quint32 i = 0; i < 3; ++i)
        QVERIFY(writer.append(
            packChunk(spanOf(randomBytes(chunkSize, i)), Method::Deflate), chunkSize, true));
    QCOMPARE(writer.bytes(), 3 * chunkSize);
    QVERIFY(writer.rewind());
    QCOMPARE(writer.bytes(), 0);
    const QByteArray content = wordyBytes(2 * chunkSize, 9);
    for (const qint64 at : { qint64(0), chunkSize })
        QVERIFY(writer.append(
            packChunk(spanOf(content.mid(at, chunkSize)), Method::Deflate), chunkSize, false));
    QVERIFY(writer.commit(entryFor("sources/s/b", EntryType::File)));
    archive.finish();
    QCOMPARE(archive.info().chunks.rows, 4);
    QVERIFY((writer.fresh().chunks == std::vector<bool> { true, true, false, false }));
    QVERIFY((writer.fresh().entries == std::vector<bool> { true, true, false }));
    const Result<QList<ReadEntry>> entries = readArchive(archive.path());
    QVERIFY2(entries, entries ? "" : qPrintable(entries.error().message));
    QVERIFY((*entries)[2].content == content);
}

void TestEntryWriter::whatWasAbandonedIsForgotten()
{
    ArchiveBuilder archive(path());
    EntryWriter &writer = archive.writer();
    archive.addFolder("sources/s");
    QVERIFY(writer.begin("sources/s/a", Method::Store, 10 << 20));
    for (int i = 0; i < 3; ++i)
        QVERIFY(writer.append(
            packChunk(spanOf(randomBytes(chunkSize)), Method::Store), chunkSize, true));
    QVERIFY(writer.abandon());
    archive.addLarge("sources/s/b", wordyBytes(chunkSize + 1));
    QVERIFY(archive.finish().size() < 2 << 20);
    QVERIFY((writer.fresh().chunks == std::vector<bool> { true, true }));
    const Result<QList<ReadEntry>> entries = readArchive(archive.path());
    QVERIFY2(entries, entries ? "" : qPrintable(entries.error().message));
    QCOMPARE(entries->size(), 2);
    QCOMPARE((*entries)[1].entry.manifest.name, QByteArray("sources/s/b"));
}

void TestEntryWriter::whatWasDroppedIsForgotten()
{
    ArchiveBuilder archive(path());
    EntryWriter &writer = archive.writer();
    archive.addFolder("sources/s");
    archive.addLarge("sources/s/kept", wordyBytes(chunkSize + 1));
    const EntryWriter::Mark mark = writer.mark();
    archive.addFolder("sources/t");
    archive.addLarge("sources/t/dropped", randomBytes(3 * chunkSize));
    archive.addFile("sources/t/small", "x");
    QVERIFY(writer.dropAfter(mark));
    archive.addFolder("sources/u");
    archive.addFile("sources/u/file", "y");
    QVERIFY(archive.finish().size() < 2 << 20);
    QVERIFY((writer.fresh().chunks == std::vector<bool> { true, true }));
    QCOMPARE(writer.fresh().entries.size(), size_t(4));
    const Result<QList<ReadEntry>> entries = readArchive(archive.path());
    QVERIFY2(entries, entries ? "" : qPrintable(entries.error().message));
    QCOMPARE(entries->size(), 4);
    QCOMPARE((*entries)[3].entry.manifest.name, QByteArray("sources/u/file"));
    QCOMPARE((*entries)[3].content, QByteArray("y"));
}

void TestEntryWriter::hardLinksHaveTheirOwnCopy_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("small") << wordyBytes(3000);
    QTest::newRow("a chunk") << wordyBytes(chunkSize);
    QTest::newRow("chunks") << wordyBytes(3 * chunkSize + 5);
    QTest::newRow("random") << randomBytes(3 * chunkSize + 5);
}

void TestEntryWriter::hardLinksHaveTheirOwnCopy()
{
    QFETCH(QByteArray, content);

    ArchiveBuilder archive(path());
    archive.addFolder("sources/s");
    const bool small = content.size() <= chunkSize;
    const WrittenEntry first = small ? archive.addFile("sources/s/a", content)
                                     : archive.addLarge("sources/s/a", content);
    archive.addFile("sources/s/b", "between");
    archive.addHardLink("sources/s/c", first);
    archive.addHardLink("sources/s/d", first);
    archive.finish();
    const Result<QList<ReadEntry>> entries = readArchive(archive.path());
    QVERIFY2(entries, entries ? "" : qPrintable(entries.error().message));
    QCOMPARE(entries->size(), 5);
    for (const int i : { 1, 3, 4 }) {
        const ManifestEntry &m = (*entries)[i].entry.manifest;
        QVERIFY((*entries)[i].content == content);
        QCOMPARE(m.hardLinkTo, i == 1 ? QByteArray() : QByteArray("sources/s/a"));
        QCOMPARE(toHex(m.digest), toHex(first.entry.digest));
    }
}

void TestEntryWriter::freshPartsAreRemembered()
{
    ArchiveBuilder archive(path());
    EntryWriter &writer = archive.writer();
    QVERIFY(writer.add(entryFor("sources/a", EntryType::Directory), {}, false));
    QVERIFY(writer.begin("sources/a/b", Method::Deflate, 10 << 20));
    const PackedChunk chunk = packChunk(spanOf(QByteArray(chunkSize, 'x')), Method::Deflate);
    for (const bool fresh : { false, true, false })
        QVERIFY(writer.append(chunk, chunkSize, fresh));
    const Result<WrittenEntry> written = writer.commit(entryFor("sources/a/b", EntryType::File));
    QVERIFY(written);
    QVERIFY(writer.addHardLink(entryFor("sources/a/c", EntryType::File), *written));
    archive.finish();
    QVERIFY((writer.fresh().entries == std::vector<bool> { false, true, false }));
    QVERIFY(
        (writer.fresh().chunks == std::vector<bool> { false, true, false, false, false, false }));
    QCOMPARE(problemWithArchive(archive.path()), QString());
}

void TestEntryWriter::warningsAreKept()
{
    ArchiveBuilder archive(path());
    QList<Warning> warnings;
    for (int i = 0; i < 3000; ++i) {
        warnings.append(
            { "/srv/\xff" + QByteArray::number(i), QStringLiteral("It is a socket"), i % 2 == 0 });
        QVERIFY(archive.writer().addWarning(warnings.last()));
    }
    archive.finish();
    const Result<ArchiveReader> reader = ArchiveReader::open(archive.path());
    QVERIFY(reader);
    QCOMPARE(reader->info().warnings.rows, 3000);
    const Result<QList<Warning>> read = reader->warnings();
    QVERIFY(read);
    QVERIFY(*read == warnings);
}

void TestEntryWriter::filesOfMoreThanFourGigabytesAreZip64()
{
    // Zeros, so that they take little room and time; the second name is a hard link.
    constexpr qint64 chunks = 4100;
    const PackedChunk chunk = packChunk(spanOf(QByteArray(chunkSize, '\0')), Method::Deflate);
    ArchiveBuilder archive(path());
    archive.addFolder("sources/s");
    EntryWriter &writer = archive.writer();
    QVERIFY(writer.begin("sources/s/a", Method::Deflate, chunks * chunkSize));
    for (qint64 i = 0; i < chunks; ++i)
        QVERIFY(writer.append(chunk, chunkSize, true));
    const Result<WrittenEntry> written = writer.commit(entryFor("sources/s/a", EntryType::File));
    QVERIFY(written);
    QCOMPARE(written->entry.size, chunks * chunkSize);
    archive.addHardLink("sources/s/b", *written);
    archive.addFile("sources/s/c", "behind");
    QVERIFY(archive.finish().size() < 60 << 20);

    const Result<ArchiveReader> reader = ArchiveReader::open(archive.path());
    QVERIFY(reader);
    EntryStream stream(*reader);
    QVERIFY(stream.next()); // their folder
    WorkerPool pool(2);
    JobControl control;
    for (const char *name : { "sources/s/a", "sources/s/b" }) {
        const auto entry = stream.next();
        QVERIFY2(entry, entry ? "" : qPrintable(entry.error().message));
        QCOMPARE((*entry)->manifest.name, QByteArray(name));
        QVERIFY((*entry)->zip.zip64);
        // Their packed bytes and the sums of all their chunks; Full would hash 4 GiB.
        const Result<void> proved = readLarge(
            *reader, **entry, [](qint64) { return Proof::Stored; }, nullptr, pool, control);
        QVERIFY2(proved, proved ? "" : qPrintable(proved.error().message));
    }
    const ProgramResult python = runProgram(QStringLiteral("python3"),
        { QStringLiteral("-c"),
            QStringLiteral("import sys, zipfile\n"
                           "z = zipfile.ZipFile(sys.argv[1])\n"
                           "for name in 'sources/s/a', 'sources/s/b':\n"
                           "    print(z.getinfo(name).file_size, z.open(name).read(5))\n"
                           "print(z.read('sources/s/c'))"),
            path() });
    const QByteArray large
        = QByteArray::number(chunks * chunkSize) + " b'\\x00\\x00\\x00\\x00\\x00'\n";
    QCOMPARE(python.output, large + large + "b'behind'\n");
    // Unpacks one of them whole and compares its CRC-32.
    const ProgramResult unzip = runProgram(QStringLiteral("unzip"),
        { QStringLiteral("-tq"), path(), QStringLiteral("sources/s/a"),
            QStringLiteral("sources/s/c") });
    QVERIFY2(unzip.exitStatus == 0, unzip.output.constData());
}

QTEST_GUILESS_MAIN(TestEntryWriter)
#include "tst_entrywriter.moc"
