// The lines of manifest/entries.jsonl.

#include "integrations/backup/archive/manifest.h"
#include "tests/support/archivebuilder.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <random>

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
    bool chance(quint64 of) { return below(of) == 0; }
    qint64 anyInt() { return qint64(m_engine()) >> below(64); }
    qint64 anySize() { return qint64(m_engine() >> (1 + below(63))); }

    QByteArray anyBytes(quint64 longest)
    {
        QByteArray bytes;
        for (quint64 i = below(longest) + 1; i > 0; --i)
            bytes.append(chance(3) ? char(below(256)) : char('a' + below(26)));
        return bytes;
    }
    QByteArray anyText()
    {
        static const char *const parts[] = { "a", "\"", "\\", "\n", "\t", "\x01", "\x1f", "\x7f",
            "\xc3\xa4", "\xf0\x9f\x98\x80", "\xe2\x80\xa8", "/", "\\u0041", "\xef\xbb\xbf", " " };
        QByteArray text;
        for (quint64 i = below(12) + 1; i > 0; --i)
            text.append(parts[below(std::size(parts))]);
        return text;
    }
    FileStamp stamp()
    {
        return { anySize(), { anyInt(), qint64(below(1'000'000'000)) },
            { anyInt(), qint64(below(1'000'000'000)) }, quint64(m_engine()), quint64(m_engine()) };
    }
    ManifestEntry entry()
    {
        ManifestEntry e;
        e.name = chance(2) ? anyText() : anyBytes(40);
        e.type = EntryType(below(3));
        e.mode = quint32(m_engine());
        e.uid = quint32(m_engine());
        e.gid = quint32(m_engine());
        e.stamp = stamp();
        for (quint64 i = below(3); i > 0; --i)
            e.attributes.append(
                { anyBytes(20).replace('\0', 'x'), chance(3) ? QByteArray("") : anyBytes(200) });
        if (e.type == EntryType::Directory)
            return e;
        if (chance(4))
            e.hardLinkTo = chance(2) ? anyText() : anyBytes(40);
        e.size = anySize();
        e.stored = anySize();
        e.method = chance(2) ? Method::Store : Method::Deflate;
        e.crc32 = quint32(m_engine());
        e.storedCrc32 = quint32(m_engine());
        for (uint8_t &byte : e.digest)
            byte = uint8_t(m_engine());
        e.sparse = chance(3);
        e.torn = chance(3);
        if (chance(3)) {
            e.database = DatabaseMark { quint32(m_engine()), {}, {} };
            if (chance(2))
                e.database->damage = anyText();
            if (chance(2))
                e.database->wal = stamp();
        }
        return e;
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

QByteArray goodLine()
{
    ManifestEntry entry = entryFor("sources/a/b", EntryType::File);
    entry.size = 10;
    entry.stored = 10;
    return withoutNewline(toJsonLine(entry));
}

QByteArray goodFolder()
{
    return withoutNewline(toJsonLine(entryFor("sources/a", EntryType::Directory)));
}

} // namespace

class TestManifestJson : public QObject
{
    Q_OBJECT

private slots:
    void everyEntryComesBack();
    void everyLineIsJsonForOthers();
    void extremesComeBack_data();
    void extremesComeBack();
    void damageThatIsNoTextStillMakesALine();
    void namesThatAreNoTextAreWrittenExactly();
    void malformedLinesAreRefused_data();
    void malformedLinesAreRefused();
    void everyRequiredKeyIsMissed_data();
    void everyRequiredKeyIsMissed();
    void noKeyMayBeThereTwice_data();
    void noKeyMayBeThereTwice();
    void unknownKeysAreAccepted_data();
    void unknownKeysAreAccepted();
    void deepNestingIsNoTrouble();
};

void TestManifestJson::everyEntryComesBack()
{
    Generator generate(7);
    for (int i = 0; i < 20000; ++i) {
        const ManifestEntry entry = generate.entry();
        const QByteArray line = withoutNewline(toJsonLine(entry));
        const Result<ManifestEntry> parsed = parseJsonLine(line);
        QVERIFY2(parsed, line.constData());
        QVERIFY2(*parsed == entry, line.constData());
    }
}

void TestManifestJson::everyLineIsJsonForOthers()
{
    Generator generate(8);
    for (int i = 0; i < 2000; ++i) {
        const ManifestEntry entry = generate.entry();
        const QJsonDocument document = QJsonDocument::fromJson(toJsonLine(entry));
        QVERIFY(document.isObject());
        const QJsonObject object = document.object();
        QCOMPARE(object.contains(QStringLiteral("name")), entry.name.isValidUtf8());
        QCOMPARE(object.contains(QStringLiteral("name_base64")), !entry.name.isValidUtf8());
        QCOMPARE(object.value(QStringLiteral("mode")).toInteger(), qint64(entry.mode));
        QCOMPARE(object.contains(QStringLiteral("sha256")), entry.type != EntryType::Directory);
    }
}

void TestManifestJson::extremesComeBack_data()
{
    QTest::addColumn<qint64>("seconds");
    QTest::addColumn<quint64>("inode");
    QTest::addColumn<QByteArray>("name");
    constexpr qint64 most = std::numeric_limits<qint64>::max();
    constexpr qint64 least = std::numeric_limits<qint64>::min();
    QTest::newRow("zeros") << qint64(0) << quint64(0) << QByteArray("a");
    QTest::newRow("before 1970") << qint64(-1) << quint64(1) << QByteArray("a");
    QTest::newRow("earliest") << least << quint64(1) << QByteArray("a");
    QTest::newRow("latest") << most << quint64(most) << QByteArray("a");
    QTest::newRow("large inode") << qint64(1) << (quint64(most) + 1) << QByteArray("a");
    QTest::newRow("largest inode") << qint64(1) << ~quint64(0) << QByteArray("a");
    QByteArray every;
    for (int c = 0; c < 256; ++c)
        every.append(char(c));
    QTest::newRow("every byte") << qint64(1) << quint64(1) << every;
    QTest::newRow("every ASCII character") << qint64(1) << quint64(1) << every.left(128);
    QTest::newRow("long name") << qint64(1) << quint64(1) << QByteArray(70000, 'x');
    QTest::newRow("looks like base64") << qint64(1) << quint64(1) << QByteArray("YWJj");
}

void TestManifestJson::extremesComeBack()
{
    QFETCH(qint64, seconds);
    QFETCH(quint64, inode);
    QFETCH(QByteArray, name);

    ManifestEntry entry = entryFor(name, EntryType::File);
    entry.stamp.modified = { seconds, 999'999'999 };
    entry.stamp.changed = { seconds, 0 };
    entry.stamp.inode = inode;
    entry.stamp.device = inode;
    entry.stamp.size = std::numeric_limits<qint64>::max();
    entry.size = entry.stored = std::numeric_limits<qint64>::max();
    entry.mode = entry.uid = entry.gid = entry.crc32 = entry.storedCrc32 = 0xffffffff;
    entry.database = DatabaseMark { 65536, "x", entry.stamp };
    const Result<ManifestEntry> parsed = parseJsonLine(withoutNewline(toJsonLine(entry)));
    QVERIFY(parsed);
    QVERIFY(*parsed == entry);
}

void TestManifestJson::damageThatIsNoTextStillMakesALine()
{
    ManifestEntry entry = entryFor("sources/a.db", EntryType::File);
    entry.database = DatabaseMark { 4096, "row missing from \xff\xfe", {} };
    const Result<ManifestEntry> parsed = parseJsonLine(withoutNewline(toJsonLine(entry)));
    QVERIFY(parsed);
    QVERIFY(parsed->database->damage.startsWith("row missing from "));
}

void TestManifestJson::namesThatAreNoTextAreWrittenExactly()
{
    ManifestEntry entry = entryFor("a\xff", EntryType::File);
    entry.hardLinkTo = "\xfe";
    const QByteArray line = toJsonLine(entry);
    QVERIFY(line.contains("\"name_base64\":\"Yf8=\""));
    QVERIFY(line.contains("\"hard_link_base64\":\"/g==\""));
    QVERIFY(line.isValidUtf8());
}

void TestManifestJson::malformedLinesAreRefused_data()
{
    QTest::addColumn<QByteArray>("line");
    const QByteArray good = goodLine();
    QVERIFY(parseJsonLine(good));
    QVERIFY(parseJsonLine(goodFolder()));
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("no JSON") << QByteArray("hello");
    QTest::newRow("a number") << QByteArray("5");
    QTest::newRow("null") << QByteArray("null");
    QTest::newRow("an empty object") << QByteArray("{}");
    QTest::newRow("in a list") << '[' + good + ']';
    QTest::newRow("in an object") << "{\"x\":" + good + '}';
    QTest::newRow("cut") << good.chopped(1);
    QTest::newRow("two of them") << good + good;
    QTest::newRow("something behind") << good + "x";
    QTest::newRow("NUL behind") << good + '\0';
    QTest::newRow("NUL and more behind") << good + '\0' + good;
    QTest::newRow("a trailing comma") << good.chopped(1) + ",}";
    QTest::newRow("raw newline in a name") << QByteArray(good).replace("a/b", "a\nb");
    QTest::newRow("no UTF-8") << QByteArray(good).replace("a/b", "a\xff");
    QTest::newRow("lone surrogate") << QByteArray(good).replace("a/b", "a\\ud800");

    const auto change = [&](const char *what, const char *from, const char *to) {
        const QByteArray changed = QByteArray(good).replace(from, to);
        if (changed == good)
            qFatal("%s changes nothing", what);
        QTest::newRow(what) << changed;
    };
    change("unknown type", "\"file\"", "\"door\"");
    change("type is a number", "\"file\"", "1");
    change("type is null", "\"file\"", "null");
    change("name is a number", "\"sources/a/b\"", "5");
    change("name is a list", "\"sources/a/b\"", "[\"sources/a/b\"]");
    change("name is an object", "\"sources/a/b\"", "{}");
    change("negative mode", "\"mode\":", "\"mode\":-");
    change("uid beyond 32 bits", "\"uid\":1000", "\"uid\":4294967296");
    change("gid beyond 64 bits", "\"gid\":100", "\"gid\":99999999999999999999");
    change("size is text", "\"size\":10", "\"size\":\"10\"");
    change("size is a fraction", "\"size\":10", "\"size\":10.5");
    change("size is a float", "\"size\":10", "\"size\":1e1");
    change("size is negative", "\"size\":10", "\"size\":-10");
    change("size is a flag", "\"size\":10", "\"size\":true");
    change("size beyond 63 bits", "\"size\":10", "\"size\":9223372036854775808");
    change("stored in a list", "\"stored\":10", "\"stored\":[10]");
    change("unknown method", "\"store\"", "\"bzip2\"");
    change("method is a number", "\"method\":\"store\"", "\"method\":8");
    change("CRC-32 beyond 32 bits", "\"crc32\":0", "\"crc32\":4294967296");
    change("short digest", "\"sha256\":\"00", "\"sha256\":\"");
    change("long digest", "\"sha256\":\"", "\"sha256\":\"00");
    change("digest is no hex", "\"sha256\":\"00", "\"sha256\":\"0g");
    change("digest in capitals", "\"sha256\":\"00", "\"sha256\":\"0A");
    change("stamp is a number", "\"stamp\":[", "\"stamp\":1,\"x\":[");
    change("short stamp", "\"stamp\":[0,", "\"stamp\":[");
    change("long stamp", "\"stamp\":[0,", "\"stamp\":[0,0,");
    change("empty stamp", "\"stamp\":[", "\"stamp\":[],\"x\":[");
    change("text in the stamp", "\"stamp\":[0,", "\"stamp\":[\"0\",");
    change("list in the stamp", "\"stamp\":[0,", "\"stamp\":[[0],");
    change("null in the stamp", "\"stamp\":[0,", "\"stamp\":[null,");
    change("negative size in the stamp", "\"stamp\":[0,", "\"stamp\":[-1,");
    change("negative nanoseconds", "123456789", "-1");
    change("too many nanoseconds", "123456789", "1000000000");

    const auto add = [&](const char *what, const char *more) {
        QTest::newRow(what) << good.chopped(1) + ',' + more + '}';
    };
    add("two names", "\"name_base64\":\"YQ==\"");
    add("name is no base64", "\"hard_link_base64\":\"Y*==\"");
    add("two hard links", "\"hard_link\":\"a\",\"hard_link_base64\":\"YQ==\"");
    add("hard link is a number", "\"hard_link\":1");
    add("odd attributes", "\"attributes\":[\"YQ==\"]");
    add("attributes are an object", "\"attributes\":{\"YQ==\":\"YQ==\"}");
    add("attributes are text", "\"attributes\":\"YQ==\"");
    add("attributes in pairs of lists", "\"attributes\":[[\"YQ==\",\"YQ==\"]]");
    add("number in attributes", "\"attributes\":[\"YQ==\",1]");
    add("attribute is no base64", "\"attributes\":[\"YQ==\",\"%%\"]");
    add("attribute without a name", "\"attributes\":[\"\",\"YQ==\"]");
    add("NUL in an attribute's name", "\"attributes\":[\"YQBi\",\"YQ==\"]");
    QTest::newRow("attribute with a name too long")
        << good.chopped(1) + ",\"attributes\":[\"" + QByteArray(256, 'x').toBase64() + "\",\"\"]}";
    add("sparse is a number", "\"sparse\":1");
    add("torn is text", "\"torn\":\"true\"");
    add("page size is text", "\"database_page_size\":\"4096\"");
    add("page size beyond 32 bits", "\"database_page_size\":4294967296");
    add("damage without a database", "\"database_damage\":\"x\"");
    add("log without a database", "\"wal_stamp\":[0,0,0,0,0,0,0]");
    add("short stamp of the log", "\"database_page_size\":1,\"wal_stamp\":[0,0,0,0,0,0]");
    for (const char *more : { "\"size\":0", "\"stored\":0", "\"method\":\"store\"", "\"crc32\":0",
             "\"sha256\":\""
             "0000000000000000000000000000000000000000000000000000000000000000\"",
             "\"hard_link\":\"a\"", "\"torn\":true", "\"sparse\":true",
             "\"database_page_size\":4096" })
        QTest::addRow("a folder with %s", more) << goodFolder().chopped(1) + ',' + more + '}';
}

void TestManifestJson::malformedLinesAreRefused()
{
    QFETCH(QByteArray, line);

    const Result<ManifestEntry> parsed = parseJsonLine(line);
    QVERIFY(!parsed);
    QCOMPARE(parsed.error().code, ErrorCode::Corrupt);
    QVERIFY(!parsed.error().message.isEmpty());
}

void TestManifestJson::everyRequiredKeyIsMissed_data()
{
    QTest::addColumn<QByteArray>("key");
    for (const char *key : { "name", "type", "mode", "uid", "gid", "stamp", "size", "stored",
             "method", "crc32", "stored_crc32", "sha256" })
        QTest::newRow(key) << QByteArray(key);
}

void TestManifestJson::everyRequiredKeyIsMissed()
{
    QFETCH(QByteArray, key);

    const QByteArray line = QByteArray(goodLine()).replace('"' + key + "\":", "\"unknown\":");
    QVERIFY(line != goodLine());
    const Result<ManifestEntry> parsed = parseJsonLine(line);
    QVERIFY(!parsed);
    QVERIFY(parsed.error().message.contains(QString::fromLatin1(key)));
}

void TestManifestJson::noKeyMayBeThereTwice_data()
{
    QTest::addColumn<QByteArray>("line");
    ManifestEntry entry = entryFor("a\xff", EntryType::File);
    entry.hardLinkTo = "\xfe";
    entry.attributes = { { "user.a", "b" } };
    entry.sparse = entry.torn = true;
    entry.database = DatabaseMark { 4096, "x", FileStamp() };
    for (const QByteArray &line : { goodLine(), withoutNewline(toJsonLine(entry)) }) {
        const QJsonObject object = QJsonDocument::fromJson(line).object();
        for (const QString &key : object.keys()) {
            QJsonObject one;
            one.insert(key, object.value(key));
            const QByteArray again = QJsonDocument(one).toJson(QJsonDocument::Compact).mid(1);
            QTest::addRow("%s", qPrintable(key)) << line.chopped(1) + ',' + again;
        }
    }
}

void TestManifestJson::noKeyMayBeThereTwice()
{
    QFETCH(QByteArray, line);

    QVERIFY(QJsonDocument::fromJson(line).isObject());
    QVERIFY(!parseJsonLine(line));
}

void TestManifestJson::unknownKeysAreAccepted_data()
{
    QTest::addColumn<QByteArray>("more");
    for (const char *more : { "\"x\":1", "\"x\":-1", "\"x\":1.5", "\"x\":99999999999999999999",
             "\"x\":18446744073709551615", "\"x\":null", "\"x\":true", "\"x\":\"text\"", "\"x\":[]",
             "\"x\":[1,[2,{\"y\":[3]}]]", "\"x\":{}", "\"x\":{\"y\":1}", "\"x\":{\"y\":[1]}",
             "\"x\":{\"size\":99,\"name\":\"other\"}", "\"x\":[{\"size\":99}]",
             "\"x\":{\"stamp\":[1,2]}", "\"x\":1,\"x\":2", "\"\":1", "\"siz\":1", "\"size2\":1" })
        QTest::newRow(more) << QByteArray(more);
}

void TestManifestJson::unknownKeysAreAccepted()
{
    QFETCH(QByteArray, more);

    const QByteArray good = goodLine();
    const Result<ManifestEntry> expected = parseJsonLine(good);
    const Result<ManifestEntry> before = parseJsonLine('{' + more + ',' + good.mid(1));
    const Result<ManifestEntry> after = parseJsonLine(good.chopped(1) + ',' + more + '}');
    QVERIFY(before);
    QVERIFY(*before == *expected);
    QVERIFY(after);
    QVERIFY(*after == *expected);
}

void TestManifestJson::deepNestingIsNoTrouble()
{
    const QByteArray deep = QByteArray(100'000, '[') + QByteArray(100'000, ']');
    QVERIFY(parseJsonLine(goodLine().chopped(1) + ",\"x\":" + deep + '}'));
    QVERIFY(!parseJsonLine(QByteArray(1'000'000, '[')));
    QVERIFY(!parseJsonLine(QByteArray("{\"x\":").repeated(100'000)));
}

QTEST_GUILESS_MAIN(TestManifestJson)
#include "tst_manifestjson.moc"
