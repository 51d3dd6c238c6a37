#include "integrations/backup/archive/manifest.h"
#include "tests/support/archivebuilder.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <random>
#include <sys/stat.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

class Generator
{
public:
    explicit Generator(quint32 seed)
        : m_engine(seed)
    {
    }
    quint64 below(quint64 limit) { return m_engine() % limit; }
    QByteArray anyBytes(quint64 longest)
    {
        QByteArray bytes;
        for (quint64 i = below(longest) + 1; i > 0; --i)
            bytes.append(below(3) == 0 ? char(below(256)) : char('a' + below(3)));
        return bytes;
    }

private:
    std::mt19937_64 m_engine;
};

QByteArray withoutNewline(QByteArray line)
{
    if (!line.endsWith('\n') || line.count('\n') != 1)
        qFatal("not a line");
    line.chop(1);
    return line;
}

} // namespace

class TestManifest : public QObject
{
    Q_OBJECT

private slots:
    void pathsAreOrderedPartByPart_data();
    void pathsAreOrderedPartByPart();
    void theOrderIsTotal();
    void aFoldersContentFollowsIt();
    void namesThatMayNotBeRestoredAreTold_data();
    void namesThatMayNotBeRestoredAreTold();
    void warningsComeBack_data();
    void warningsComeBack();
    void warningsShowWhatPeopleMayRead();
    void malformedWarningsAreRefused_data();
    void malformedWarningsAreRefused();
    void aStampIsTakenFromTheFile();
    void derivedValuesFollow();
};

void TestManifest::pathsAreOrderedPartByPart_data()
{
    QTest::addColumn<QByteArray>("smaller");
    QTest::addColumn<QByteArray>("larger");
    const auto add = [](const char *smaller, const char *larger) {
        QTest::addRow("%s < %s", smaller, larger) << QByteArray(smaller) << QByteArray(larger);
    };
    add("", "a");
    add("a", "b");
    add("a", "a/b");
    add("a/b", "a!");
    add("a/b", "a-b");
    add("a/b", "a.b");
    add("a/b", "a\x01");
    add("a/z/z", "a b");
    add("a/b/c", "a/b c");
    add("a", "aa");
    add("Z", "a");
    add("a", "\xff");
    add("\x7f", "\x80");
}

void TestManifest::pathsAreOrderedPartByPart()
{
    QFETCH(QByteArray, smaller);
    QFETCH(QByteArray, larger);

    QVERIFY(comparePaths(smaller, larger) < 0);
    QVERIFY(comparePaths(larger, smaller) > 0);
    QVERIFY(comparePaths(smaller, smaller) == 0);
}

void TestManifest::theOrderIsTotal()
{
    QList<QByteArray> names;
    Generator generate(3);
    const QByteArray alphabet("/a.\xff", 4);
    for (int i = 0; i < 150; ++i) {
        QByteArray name;
        for (quint64 n = generate.below(5); n > 0; --n)
            name.append(alphabet[qsizetype(generate.below(4))]);
        names.append(name);
    }
    for (const QByteArray &a : names) {
        for (const QByteArray &b : names) {
            QCOMPARE(comparePaths(a, b) == 0, a == b);
            QCOMPARE(comparePaths(a, b) < 0, comparePaths(b, a) > 0);
            for (const QByteArray &c : names)
                QVERIFY(
                    comparePaths(a, b) >= 0 || comparePaths(b, c) >= 0 || comparePaths(a, c) < 0);
        }
    }
}

void TestManifest::aFoldersContentFollowsIt()
{
    // Nothing comes between a folder and what is in it but more of its content.
    Generator generate(5);
    for (int i = 0; i < 20000; ++i) {
        const QByteArray folder = generate.anyBytes(3);
        const QByteArray inside = folder + '/' + generate.anyBytes(3);
        const QByteArray other = generate.anyBytes(6);
        if (other == folder || other.startsWith(folder + '/'))
            continue;
        QCOMPARE(comparePaths(other, folder) < 0, comparePaths(other, inside) < 0);
    }
}

void TestManifest::namesThatMayNotBeRestoredAreTold_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QString>("problem"); // a part of it; empty: none
    const auto add = [](const char *what, const QByteArray &name, const char *problem) {
        QTest::newRow(what) << name << QString::fromLatin1(problem);
    };
    add("plain", "a", "");
    add("path", "sources/a/b.txt", "");
    add("hidden", ".a", "");
    add("dots in names", "..a/a../.../a..b", "");
    add("backslashes are names on Linux", "a\\..\\b", "");
    add("colon", "C:a", "");
    add("not UTF-8", "\xff\xfe", "");
    add("control characters", "\x01\n", "");
    add("longest part", QByteArray(255, 'x'), "");
    add("longest path", QByteArray("a/").repeated(2047) + 'b', "");
    add("empty", "", "empty");
    add("absolute", "/a", "absolute");
    add("root", "/", "absolute");
    add("NUL", QByteArray("a\0b", 3), "NUL");
    add("dot", ".", "\".\"");
    add("dot in front", "./a", "\".\"");
    add("dot within", "a/./b", "\".\"");
    add("dot at the end", "a/.", "\".\"");
    add("up", "..", "\"..\"");
    add("up in front", "../a", "\"..\"");
    add("up within", "a/../b", "\"..\"");
    add("up at the end", "a/..", "\"..\"");
    add("empty part", "a//b", "empty part");
    add("slash at the end", "a/", "empty part");
    add("part too long", QByteArray(256, 'x'), "255");
    add("part too long within", "a/" + QByteArray(256, 'x') + "/b", "255");
    add("path too long", QByteArray("a/").repeated(2047) + "bc", "4095");
}

void TestManifest::namesThatMayNotBeRestoredAreTold()
{
    QFETCH(QByteArray, name);
    QFETCH(QString, problem);

    const QString told = problemWithName(name);
    QCOMPARE(told.isEmpty(), problem.isEmpty());
    QVERIFY2(told.contains(problem), qPrintable(told));
}

void TestManifest::warningsComeBack_data()
{
    QTest::addColumn<QByteArray>("path");
    for (const char *path :
        { "", "/srv/a", "/srv/\xc3\xa4", "/srv/\xff", "/a\nb", "/a\\u000ab", "/\"quoted\"",
            "\xef\xbb\xbf"
            "a",
            "/\xe2\x80\xae", "/a\xc2\x85" })
        QTest::newRow(QByteArray(path).toPercentEncoding().constData()) << QByteArray(path);
}

void TestManifest::warningsComeBack()
{
    QFETCH(QByteArray, path);

    for (const bool unreadable : { false, true }) {
        const Warning warning { path, QStringLiteral("It is \"gone\"\n\u00e4"), unreadable };
        const Result<Warning> parsed = parseWarningLine(withoutNewline(toJsonLine(warning)));
        QVERIFY(parsed);
        QVERIFY2(*parsed == warning, parsed->path.constData());
    }
}

void TestManifest::warningsShowWhatPeopleMayRead()
{
    const QJsonObject object
        = QJsonDocument::fromJson(toJsonLine(Warning { "/a\xff", QStringLiteral("m"), false }))
              .object();
    QCOMPARE(object.value(QStringLiteral("path")).toString(), QStringLiteral("/a\ufffd"));
    QCOMPARE(object.value(QStringLiteral("path_base64")).toString(), QStringLiteral("L2H/"));
    QVERIFY(!toJsonLine(Warning { "/a", QStringLiteral("m"), false }).contains("base64"));
}

void TestManifest::malformedWarningsAreRefused_data()
{
    QTest::addColumn<QByteArray>("line");
    for (const char *line : { "", "x", "[]", "5", "{\"path\":", "{}x" })
        QTest::newRow(line) << QByteArray(line);
}

void TestManifest::malformedWarningsAreRefused()
{
    QFETCH(QByteArray, line);

    const Result<Warning> parsed = parseWarningLine(line);
    QVERIFY(!parsed);
    QCOMPARE(parsed.error().code, ErrorCode::Corrupt);
}

void TestManifest::aStampIsTakenFromTheFile()
{
    struct stat status
    {
    };
    status.st_size = 1;
    status.st_mtim = { -2, 3 };
    status.st_ctim = { 4, 5 };
    status.st_ino = ~ino_t(0);
    status.st_dev = 7;
    const FileStamp expected { 1, { -2, 3 }, { 4, 5 }, ~quint64(0), 7 };
    QVERIFY(fileStamp(status) == expected);
}

void TestManifest::derivedValuesFollow()
{
    ManifestEntry entry = entryFor("a", EntryType::File);
    QVERIFY(entry.isFile());
    QCOMPARE(entry.zipName(), QByteArray("a"));
    entry.size = chunkSize;
    entry.stored = 102;
    entry.crc32 = 5;
    entry.storedCrc32 = 6;
    QVERIFY(!entry.hasChunkTable());
    QCOMPARE(entry.chunkBytes(), 102);
    entry.method = Method::Deflate;
    QCOMPARE(entry.chunkBytes(), 100);
    const ChunkRecord only { 100, 5, 6, entry.digest };
    QVERIFY(entry.onlyChunk() == only);
    entry.size = chunkSize + 1;
    QVERIFY(entry.hasChunkTable());
    entry.type = EntryType::Directory;
    QVERIFY(!entry.isFile());
    QCOMPARE(entry.zipName(), QByteArray("a/"));
    QVERIFY((Timestamp { 1, 999 } < Timestamp { 2, 0 }));
    QVERIFY((Timestamp { -1, 5 } < Timestamp { -1, 6 }));
}

QTEST_GUILESS_MAIN(TestManifest)
#include "tst_manifest.moc"
