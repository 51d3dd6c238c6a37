// What a backup of ours may not hold, however well its manifest fits: each row is a
// genuine archive with one trick in it.

#include "integrations/backup/archive/archivereader.h"
#include "tests/support/archivebuilder.h"

#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

using Trick = std::function<void(ArchiveBuilder &)>;
Q_DECLARE_METATYPE(Trick)

namespace {

// Writes an entry whatever it says.
void addAnyhow(ArchiveBuilder &archive, ManifestEntry entry, const QByteArray &content)
{
    const auto added
        = archive.writer().add(std::move(entry), packChunk(spanOf(content), Method::Store), true);
    if (!added)
        qFatal("%s", qPrintable(added.error().message));
}

// Reads all entries; their names, or the error.
Result<QList<QByteArray>> names(const QByteArray &path)
{
    const Result<ArchiveReader> archive = ArchiveReader::open(path);
    if (!archive)
        return archive.error();
    EntryStream stream(*archive);
    QList<QByteArray> list;
    for (;;) {
        const auto entry = stream.next();
        if (!entry)
            return entry.error();
        if (!*entry)
            return list;
        list.append((*entry)->manifest.name);
    }
}

} // namespace

class TestEntryStream : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void entriesComeInTheirOrder();
    void anEmptyBackupHasNoEntries();
    void manyEntriesComeInConstantMemory();
    void eachTrickIsRefused_data();
    void eachTrickIsRefused();
    void tablesAreUnpackedLineByLine();
    void linesWithoutAnEndAreRefused();

private:
    QString path() const { return m_folder->filePath(QStringLiteral("a.zip")); }

    std::optional<QTemporaryDir> m_folder;
};

void TestEntryStream::init()
{
    m_folder.emplace();
    QVERIFY(m_folder->isValid());
}

void TestEntryStream::entriesComeInTheirOrder()
{
    ArchiveBuilder archive(path());
    const QList<QByteArray> expected { "hub/x", "hub/x/y", "sources/a", "sources/a/b",
        "sources/a/b/c", "sources/a/b d", "sources/a/b.d", "sources/a/d", "sources/a b",
        "sources/a.b", "sources/a.b/\xff" };
    archive.addFolder("hub/x");
    archive.addFile("hub/x/y", "x");
    archive.addFolder("sources/a");
    archive.addFolder("sources/a/b");
    archive.addFile("sources/a/b/c", "x");
    archive.addFile("sources/a/b d", "x");
    archive.addSymlink("sources/a/b.d", "/etc/passwd");
    archive.addFile("sources/a/d", "x");
    archive.addFolder("sources/a b");
    archive.addFolder("sources/a.b");
    archive.addFile("sources/a.b/\xff", "x");
    archive.finish();
    const Result<QList<QByteArray>> found = names(archive.path());
    QVERIFY2(found, found ? "" : qPrintable(found.error().message));
    QCOMPARE(*found, expected);
}

void TestEntryStream::anEmptyBackupHasNoEntries()
{
    ArchiveBuilder archive(path());
    archive.finish();
    const Result<QList<QByteArray>> found = names(archive.path());
    QVERIFY2(found, found ? "" : qPrintable(found.error().message));
    QVERIFY(found->isEmpty());
}

void TestEntryStream::manyEntriesComeInConstantMemory()
{
    // More than one piece of the directory and of the table, and more than 65535.
    constexpr int count = 70000;
    ArchiveBuilder archive(path());
    archive.addFolder("sources/a");
    QList<QByteArray> expected { "sources/a" };
    for (int i = 0; i < count; ++i) {
        expected.append("sources/a/" + QByteArray::number(i).rightJustified(6, '0'));
        archive.addFile(expected.last(), {});
    }
    archive.finish();
    const Result<QList<QByteArray>> found = names(archive.path());
    QVERIFY2(found, found ? "" : qPrintable(found.error().message));
    QVERIFY(*found == expected);
}

void TestEntryStream::eachTrickIsRefused_data()
{
    QTest::addColumn<Trick>("trick");
    QTest::addColumn<QString>("sentence"); // a part of what is said about it
    const auto add = [](const char *what, const char *sentence, Trick trick) {
        QTest::newRow(what) << std::move(trick) << QString::fromLatin1(sentence);
    };
    const auto file = [](const QByteArray &name) {
        return [name](ArchiveBuilder &a) {
            a.addFolder("sources/s/a");
            a.addFile(name, "x");
        };
    };
    add("up and out", "\"..\"", file("sources/s/a/../../../etc/x"));
    add("up at the end", "\"..\"", file("sources/s/a/.."));
    add("dot", "\".\"", file("sources/s/a/./b"));
    add("empty part", "empty part", file("sources/s/a//b"));
    add("slash at the end of a file", "empty part", file("sources/s/a/b/"));
    add("absolute", "absolute", file("/etc/x"));
    add("NUL", "NUL", file(QByteArray("sources/s/a\0b", 13)));
    add("long part", "255", file("sources/s/" + QByteArray(256, 'x')));
    add("elsewhere", "outside", file("zzz/b"));
    add("beside the sources", "outside", file("sources2"));
    add("a folder elsewhere", "outside", [](ArchiveBuilder &a) { a.addFolder("zzz"); });
    add("a file beside the folders of the sources", "outside",
        [](ArchiveBuilder &a) { a.addFile("sources/t", "x"); });
    add("a link in a source's place", "outside",
        [](ArchiveBuilder &a) { a.addSymlink("sources/t", "/etc"); });
    add("folder missing", "folder is missing", file("sources/s/b/c"));
    add("folder missing behind a namesake", "folder is missing", file("sources/s/ab/c"));
    add("there twice", "twice", [](ArchiveBuilder &a) {
        a.addFile("sources/s/a", "x");
        a.addFile("sources/s/a", "y");
    });
    add("folder and file of one name", "twice", [](ArchiveBuilder &a) {
        a.addFolder("sources/s/a");
        a.addFile("sources/s/a", "y");
    });
    add("out of order", "out of order", [](ArchiveBuilder &a) {
        a.addFile("sources/s/b", "x");
        a.addFile("sources/s/a", "x");
    });
    add("byte order instead of part order", "out of order", [](ArchiveBuilder &a) {
        a.addFolder("sources/s/a");
        a.addFile("sources/s/a b", "x");
        a.addFile("sources/s/a/b", "x");
    });
    add("through a file", "is not a folder", [](ArchiveBuilder &a) {
        a.addFile("sources/s/a", "x");
        a.addFile("sources/s/a/b", "x");
    });
    add("through a link", "is not a folder", [](ArchiveBuilder &a) {
        a.addSymlink("sources/s/a", "/etc");
        a.addFile("sources/s/a/b", "x");
    });
    add("link without a target", "target",
        [](ArchiveBuilder &a) { a.addSymlink("sources/s/a", {}); });
    add("link with a target too long", "target",
        [](ArchiveBuilder &a) { a.addSymlink("sources/s/a", QByteArray(4096, 'x')); });
    const auto hardLink = [](const QByteArray &to, EntryType type = EntryType::File) {
        return [to, type](ArchiveBuilder &a) {
            ManifestEntry entry = entryFor("sources/s/b", type);
            entry.hardLinkTo = to;
            entry.size = 1;
            addAnyhow(a, entry, "x");
        };
    };
    add("hard link to what follows", "hard link", hardLink("sources/s/c"));
    add("hard link to itself", "hard link", hardLink("sources/s/b"));
    add("hard link out", "hard link", hardLink("../x"));
    add("hard link of a symlink", "hard link", hardLink("sources/s/a", EntryType::Symlink));
    const auto mode = [](EntryType type, quint32 bits) {
        return [type, bits](ArchiveBuilder &a) {
            ManifestEntry entry = entryFor("sources/s/b", type);
            entry.mode = bits;
            entry.size = type == EntryType::Directory ? 0 : 1;
            if (type == EntryType::Directory)
                QVERIFY(a.writer().add(entry, {}, true));
            else
                addAnyhow(a, entry, "x");
        };
    };
    add("a device", "neither", mode(EntryType::File, S_IFBLK | 0644));
    add("a socket", "neither", mode(EntryType::File, S_IFSOCK | 0644));
    add("a file that is a link", "neither", mode(EntryType::File, S_IFLNK | 0777));
    add("a link that is a file", "neither", mode(EntryType::Symlink, S_IFREG | 0777));
    add("a folder that is a file", "neither", mode(EntryType::Directory, S_IFREG | 0755));
    add("no type", "neither", mode(EntryType::File, 0644));
    const auto size = [](qint64 bytes, Method method, const QByteArray &stored) {
        return [bytes, method, stored](ArchiveBuilder &a) {
            ManifestEntry entry = entryFor("sources/s/b", EntryType::File);
            entry.size = bytes;
            entry.method = method;
            addAnyhow(a, entry, stored);
        };
    };
    add("larger than it is", "not as large", size(2 * chunkSize, Method::Deflate, "x"));
    add("much larger than it is", "not as large",
        size(qint64(3) << 30, Method::Deflate, QByteArray(3000, 'x')));
    add("chunks that are not there", "not as large", size(chunkSize + 1, Method::Store, "xyz"));
    add("longer than it may be", "larger than it says",
        size(10, Method::Deflate, QByteArray(100, 'x')));
    add("empty and is not", "larger than it says", size(0, Method::Store, QByteArray(10, 'x')));
    add("empty and is not quite", "empty", size(0, Method::Store, "x"));
    add("empty with a stream", "empty", [](ArchiveBuilder &a) {
        ManifestEntry entry = entryFor("sources/s/b", EntryType::File);
        entry.method = Method::Deflate; // nothing, but not in the one way that we write it
        addAnyhow(a, entry, QByteArray("\3\0", 2));
    });
}

void TestEntryStream::eachTrickIsRefused()
{
    QFETCH(Trick, trick);
    QFETCH(QString, sentence);

    ArchiveBuilder archive(path());
    archive.addFolder("sources/s");
    trick(archive);
    archive.finish();
    const Result<QList<QByteArray>> found = names(archive.path());
    QVERIFY(!found);
    QCOMPARE(found.error().code, ErrorCode::Corrupt);
    QVERIFY2(found.error().message.contains(sentence), qPrintable(found.error().message));
}

void TestEntryStream::tablesAreUnpackedLineByLine()
{
    ArchiveBuilder archive(path());
    archive.finish();
    const Result<ArchiveReader> reader = ArchiveReader::open(archive.path());
    QVERIFY(reader);
    const Result<QList<Warning>> none = reader->warnings();
    QVERIFY(none);
    QVERIFY(none->isEmpty());
}

void TestEntryStream::linesWithoutAnEndAreRefused()
{
    // The longest line that can be asked for: 5 MiB of attributes in one entry.
    ArchiveBuilder archive(path());
    archive.addFolder("sources/a");
    ManifestEntry entry = entryFor("sources/a/b", EntryType::File);
    entry.attributes = { { "user.a", randomBytes(5 << 20) } };
    entry.size = 1;
    addAnyhow(archive, entry, "x");
    archive.finish();
    const Result<QList<QByteArray>> found = names(archive.path());
    QVERIFY(!found);
    QCOMPARE(found.error().code, ErrorCode::Corrupt);
    QVERIFY2(found.error().message.contains(QStringLiteral("implausibly long")),
        qPrintable(found.error().message));
}

QTEST_GUILESS_MAIN(TestEntryStream)
#include "tst_entrystream.moc"
