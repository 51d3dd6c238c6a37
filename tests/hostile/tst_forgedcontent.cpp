// What a hostile backup could put on a disk: devices, setuid, hard links, databases; and
// where it says it belongs.

#include "tests/support/forgedarena.h"

#include <QTemporaryDir>

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

using namespace hubkeep::backup;
using namespace hubkeep::forge;

namespace {

using Forge = std::function<void(ForgedBackup &, const Arena &)>;

constexpr const char *noType = "it is neither file, folder nor link";
constexpr const char *noFirst = "it is a hard link to nothing before it";

Forge backup(const std::function<void(ForgedBackup &)> &change)
{
    return [=](ForgedBackup &b, const Arena &) {
        b.withBasics();
        change(b);
    };
}

Forge fileOfMode(quint32 mode)
{
    return backup(
        [mode](ForgedBackup &b) { b.file("sources/src/b", "#!/bin/sh\n").manifest.mode = mode; });
}

quint32 modeOf(const QByteArray &path)
{
    struct stat status
    {
    };
    ::lstat(path.constData(), &status);
    return status.st_mode;
}

QList<Trick> specials()
{
    const auto isPlain = [](const Arena &arena) {
        QCOMPARE(modeOf(arena.path("around/target/src/b")), quint32(S_IFREG | 0755));
    };
    return {
        { "control", fileOfMode(S_IFREG | 0755), Verdict::Harmless, "", isPlain },
        { "block device", fileOfMode(S_IFBLK | 0666), Verdict::Refused, noType },
        { "character device", fileOfMode(S_IFCHR | 0666), Verdict::Refused, noType },
        { "FIFO", fileOfMode(S_IFIFO | 0666), Verdict::Refused, noType },
        { "socket", fileOfMode(S_IFSOCK | 0666), Verdict::Refused, noType },
        { "no type", fileOfMode(0644), Verdict::Refused, noType },
        { "link that says it is a file", fileOfMode(S_IFLNK | 0777), Verdict::Refused, noType },
        { "folder that says it is a file", fileOfMode(S_IFDIR | 0755), Verdict::Refused, noType },
        { "setuid and setgid", fileOfMode(S_IFREG | 06755), Verdict::Harmless, "", isPlain },
        { "file capability", backup([](ForgedBackup &b) {
             ForgedEntry &e = b.file("sources/src/b", "#!/bin/sh\n");
             e.manifest.mode = S_IFREG | 0755;
             e.manifest.attributes.append({ "security.capability",
                 QByteArray::fromHex("0100000200040000000000000000000000000000") });
         }),
            Verdict::Harmless, "",
            [](const Arena &arena) {
                QVERIFY(::lgetxattr(arena.path("around/target/src/b").constData(),
                            "security.capability", nullptr, 0)
                    < 0);
            } },
        { "file capability behind a NUL", backup([](ForgedBackup &b) {
             ForgedEntry &e = b.file("sources/src/b", "#!/bin/sh\n");
             e.manifest.attributes.append({ QByteArray("security.capability\0x", 21),
                 QByteArray::fromHex("0100000200040000000000000000000000000000") });
         }),
            Verdict::Refused, "A line of its manifest is damaged" },
        { "time at the end of all days", backup([](ForgedBackup &b) {
             b.file("sources/src/b", "x").manifest.stamp.modified.seconds = 0x7fffffffffffffff;
             b.file("sources/src/c", "x").manifest.stamp.modified.seconds = -0x7fffffffffffffff - 1;
         }),
            Verdict::Harmless },
        { "owner of -1",
            backup([](ForgedBackup &b) { b.file("sources/src/b", "x").manifest.uid = 0xffffffff; }),
            Verdict::Harmless },
    };
}

QList<Trick> hardLinks()
{
    const auto to = [](const QByteArray &first) {
        return backup([first](ForgedBackup &b) {
            b.folder("sources/src/b");
            b.file("sources/src/b/inner", "inner");
            b.symlink("sources/src/c", "../../../outside");
            ForgedEntry &e = b.file("sources/src/z", "link?");
            e.manifest.hardLinkTo = first;
        });
    };
    const auto hasContent = [](const Arena &arena) {
        QCOMPARE(contentOf(arena.path("around/target/src/z")), QByteArray("link?"));
        QCOMPARE(linkTarget(arena.path("around/target/src/c")), QByteArray("../../../outside"));
        QVERIFY(!isThere(arena.path("around/target/src/y")));
    };
    return {
        { "control", backup([](ForgedBackup &b) { b.hardLink("sources/src/b", b.entries[1]); }),
            Verdict::Harmless, "",
            [](const Arena &arena) {
                QVERIFY(contentOf(arena.path("around/target/src/b")).startsWith("hello"));
            } },
        { "to the outside", to("sources/src/../../../../outside/victim"), Verdict::Refused,
            noFirst },
        { "to an absolute path", to("/etc/passwd"), Verdict::Refused, noFirst },
        { "to itself", to("sources/src/z"), Verdict::Refused, noFirst },
        { "to what comes later", to("sources/src/zz"), Verdict::Refused, noFirst },
        { "to a NUL", to(QByteArray("sources/src/b\0x", 15)), Verdict::Refused, noFirst },
        { "to a folder", to("sources/src/b"), Verdict::Harmless, "", hasContent },
        { "to a link", to("sources/src/c"), Verdict::Harmless, "", hasContent },
        { "through a link", to("sources/src/c/victim"), Verdict::Harmless, "", hasContent },
        { "to what was never there", to("sources/src/y/no"), Verdict::Harmless, "", hasContent },
        { "to another source", to("sources/other/a"), Verdict::Harmless, "", hasContent },
        { "of a folder", backup([](ForgedBackup &b) {
             b.folder("sources/src/b").manifest.hardLinkTo = "sources/src/a.txt";
         }),
            Verdict::Harmless },
        { "of a link", backup([](ForgedBackup &b) {
             b.symlink("sources/src/b", "x").manifest.hardLinkTo = "sources/src/a.txt";
         }),
            Verdict::Refused, noFirst },
    };
}

// A database that sql makes; and then change.
QByteArray databaseOf(const char *sql)
{
    const QTemporaryDir folder;
    const QByteArray path = QFile::encodeName(folder.filePath(QStringLiteral("made.db")));
    sqlite3 *db = nullptr;
    char *message = nullptr;
    if (sqlite3_open(path.constData(), &db) != SQLITE_OK
        || sqlite3_exec(db, sql, nullptr, nullptr, &message) != SQLITE_OK)
        qFatal("%s", message);
    sqlite3_close(db);
    return contentOf(path);
}

QList<Trick> databases()
{
    const auto holding = [](const QByteArray &content) {
        return backup([content](ForgedBackup &b) { b.database("sources/src/b.db", content); });
    };
    const auto made = [](const char *sql, const std::function<void(QByteArray &)> &change = {}) {
        return backup([=](ForgedBackup &b) {
            QByteArray content = databaseOf(sql);
            if (change)
                change(content);
            b.database("sources/src/b.db", content);
        });
    };
    const char *rows = "CREATE TABLE t(a, b); INSERT INTO t WITH RECURSIVE n(i) AS (VALUES(1) "
                       "UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i, hex(i) FROM n;";
    return {
        { "control", made(rows), Verdict::Harmless },
        { "no database", holding("this is text, and only the manifest calls it a database\n"),
            Verdict::Mixed },
        { "empty", holding({}), Verdict::Mixed },
        { "header alone", holding(QByteArray("SQLite format 3\0", 16)), Verdict::Mixed },
        { "pages of zeros",
            made(rows, [](QByteArray &d) { std::fill(d.begin() + 4096, d.end(), '\0'); }),
            Verdict::Mixed },
        { "schema that is no SQL",
            made("CREATE TABLE t(a, b);", [](QByteArray &d) { d.replace("CREATE TABLE", "EVIL"); }),
            Verdict::Mixed },
        { "page count of 2^32 - 2",
            made(rows, [](QByteArray &d) { d.replace(28, 4, "\xff\xff\xff\xfe"); }),
            Verdict::Mixed },
        { "trigger, view and index with functions",
            made("CREATE TABLE t(a); INSERT INTO t VALUES(1);"
                 "CREATE VIEW v AS SELECT load_extension('/tmp/evil.so') AS a;"
                 "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT writefile('/tmp/evil', 'x'); "
                 "END;"),
            Verdict::Harmless },
        { "check that takes memory",
            made("CREATE TABLE t(a CHECK(length(hex(zeroblob(000000001))) > 0));"
                 "INSERT INTO t VALUES(1), (2), (3);",
                [](QByteArray &d) { d.replace("000000001", "400000000"); }),
            Verdict::Mixed },
        { "column that takes memory",
            made("CREATE TABLE t(a, b AS (hex(zeroblob(000000001))) NOT NULL);"
                 "INSERT INTO t(a) VALUES(1), (2), (3);",
                [](QByteArray &d) { d.replace("000000001", "400000000"); }),
            Verdict::Mixed },
        { "column that takes memory in many values",
            made("CREATE TABLE t(a, b AS (max(hex(zeroblob(000000001)), 1, hex(zeroblob("
                 "000000001)), 2, hex(zeroblob(000000001)), 3, hex(zeroblob(000000001)), 4, "
                 "hex(zeroblob(000000001)), 5, hex(zeroblob(000000001)), 6, hex(zeroblob("
                 "000000001)), hex(zeroblob(000000001)))) NOT NULL);"
                 "INSERT INTO t(a) VALUES(1), (2), (3);",
                [](QByteArray &d) { d.replace("000000001", "016000000"); }),
            Verdict::Mixed },
        { "column that takes time",
            made("CREATE TABLE t(a, b AS (hex(zeroblob(000000001))) NOT NULL); INSERT INTO t(a) "
                 "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
                 "SELECT i FROM n;",
                [](QByteArray &d) { d.replace("000000001", "010000000"); }),
            Verdict::Mixed },
        { "mark of damage with line breaks", backup([](ForgedBackup &b) {
             b.database("sources/src/b.db", "no database").manifest.database->damage
                 = "one\nhubkeep: two\x1b[2J\r";
         }),
            Verdict::Harmless },
        { "page size of 4 GiB", backup([&](ForgedBackup &b) {
             b.database("sources/src/b.db", databaseOf("CREATE TABLE t(a);"))
                 .manifest.database->pageSize
                 = 0xffffffff;
         }),
            Verdict::Harmless },
        { "bomb that is a database", backup([](ForgedBackup &b) {
             b.bomb("sources/src/b.db", 100).manifest.database = DatabaseMark { 4096, {}, {} };
         }),
            Verdict::Mixed },
    };
}

} // namespace

class TestForgedContent : public QObject
{
    Q_OBJECT

private slots:
    void specialFilesAreNotMade_data() { addRows(specials()); }
    void specialFilesAreNotMade() { playRow(specials()); }
    void hardLinksStayInside_data() { addRows(hardLinks()); }
    void hardLinksStayInside() { playRow(hardLinks()); }
    void databasesAreOnlyRead_data() { addRows(databases()); }
    void databasesAreOnlyRead() { playRow(databases()); }
    void rootsAreAbsolute_data();
    void rootsAreAbsolute();
    void inPlaceStaysInItsRoot();
};

void TestForgedContent::rootsAreAbsolute_data()
{
    QTest::addColumn<QByteArray>("root");
    QTest::newRow("relative") << QByteArray("evil");
    QTest::newRow("dot") << QByteArray(".");
    QTest::newRow("dotdot") << QByteArray("../outside");
    QTest::newRow("dotdot in the middle") << QByteArray("/nonexistent/../tmp/../forged-evil");
    QTest::newRow("NUL") << QByteArray("/tmp/forged\0/x", 14);
}

void TestForgedContent::rootsAreAbsolute()
{
    QFETCH(QByteArray, root);
    Arena arena;
    ForgedBackup forged;
    forged.withBasics();
    forged.info.sources[0].root = root;
    QVERIFY(forged.write(arena.archive()));
    const Ran ran = arena.run({ "restore", arena.archive(), "--in-place", "--confirm" });
    QVERIFY2(ran.misconduct().isEmpty(), (ran.misconduct() + ran.summary()).constData());
    QVERIFY2(ran.exitCode == 4, ran.summary().constData());
    QVERIFY2(ran.errors.contains("a source's folder is not an absolute path"),
        ran.summary().constData());
    QVERIFY2(arena.damageDone().isEmpty(), arena.damageDone().constData());
}

// Entries go where their own source lies, whatever else the document claims.
void TestForgedContent::inPlaceStaysInItsRoot()
{
    Arena arena;
    ForgedBackup forged;
    forged.folder("sources/ghost");
    forged.file("sources/ghost/evil", "of no source");
    forged.withBasics();
    forged.symlink("sources/src/l", arena.path("outside"));
    forged.info.sources[0].root = arena.target();
    SourceInfo twin = forged.info.sources[0];
    twin.root = arena.path("around/target/twin");
    forged.info.sources.append(twin);
    SourceInfo stranger = twin;
    stranger.name = QStringLiteral("../../outside");
    forged.info.sources.append(stranger);
    stranger.name = QStringLiteral("src/l");
    forged.info.sources.append(stranger);
    QVERIFY(forged.write(arena.archive()));
    const Ran ran = arena.run({ "restore", arena.archive(), "--in-place", "--confirm" });
    QVERIFY2(ran.misconduct().isEmpty(), (ran.misconduct() + ran.summary()).constData());
    QVERIFY2(arena.damageDone().isEmpty(), arena.damageDone().constData());
    QVERIFY(ran.exitCode != 0 || contentOf(arena.path("around/target/a.txt")).startsWith("hello"));
    QVERIFY(!isThere(arena.path("around/target/evil")));
}

QTEST_GUILESS_MAIN(TestForgedContent)
#include "tst_forgedcontent.moc"
