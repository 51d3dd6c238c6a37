// Manifests that lie, burst or nest; every digest was recomputed to match.

#include "tests/support/forgedarena.h"

#include <QJsonArray>

using namespace hubkeep::backup;
using namespace hubkeep::forge;

namespace {

constexpr const char *tooLarge = "Its manifest is implausibly large";
constexpr const char *tables = "Its manifest's tables";
constexpr const char *badLine = "A line of its manifest is damaged";
constexpr const char *badInfo = "Its manifest/backup.json is damaged";
constexpr qint64 mebibyte = 1 << 20;
constexpr qint64 tenGiB = 10LL << 30;

using Forge = std::function<void(ForgedBackup &, const Arena &)>;

Forge backup(const std::function<void(ForgedBackup &)> &change)
{
    return [=](ForgedBackup &b, const Arena &) {
        b.withBasics();
        change(b);
    };
}

// A line that is right, filled up to a power of two, over and over: one chunk of them.
QByteArray repeatedLines()
{
    ForgedBackup sample;
    QByteArray line = toJsonLine(sample.file("sources/src/a.txt", "x").manifest);
    line.insert(line.size() - 2, QByteArray(1024 - line.size(), ' '));
    return line.repeated(1024);
}

QList<Trick> bursting()
{
    const qint64 times = tenGiB / mebibyte;
    return {
        { "control", backup([](auto &) {}), Verdict::Harmless },
        { "entries of 10 GB, deflated", backup([times](ForgedBackup &b) {
             b.entriesTable = repeatedTable(repeatedLines(), times, 2);
         }),
            Verdict::Refused, tooLarge },
        { "entries of 10 GB, deflated, and as many rows", backup([times](ForgedBackup &b) {
             b.entriesTable = repeatedTable(repeatedLines(), times, tenGiB / 1024);
             b.lieEnd = [](ZipEnd &end) { end.entries = quint64(tenGiB / 1024 + 4); };
         }),
            Verdict::Refused, tables },
        { "entries of 10 GB in one line", backup([times](ForgedBackup &b) {
             b.entriesTable = repeatedTable(QByteArray(mebibyte, 'x'), times, 2);
         }),
            Verdict::Refused, tooLarge },
        { "entries of 10 GB that are short", backup([](ForgedBackup &b) {
             b.entriesTable = repeatedTable(repeatedLines(), 1, 2);
             b.entriesTable->size = tenGiB;
             b.entriesTable->zip64 = true;
         }),
            Verdict::Refused, tooLarge },
        { "entries of 10 GB that say they are short", backup([times](ForgedBackup &b) {
             b.entriesTable = repeatedTable(repeatedLines(), times, 2);
             b.entriesTable->size = 1000;
             b.entriesTable->zip64 = false;
         }),
            Verdict::Refused, "The table manifest/entries.jsonl of its manifest is damaged" },
        { "entries of 10 GB that are a hole",
            backup([](ForgedBackup &b) { b.entriesTable = sparseTable(tenGiB, 2); }),
            Verdict::Refused, tooLarge },
        { "entries of 10 GB that are a hole, and as many rows", backup([](ForgedBackup &b) {
             b.entriesTable = sparseTable(tenGiB, 5'000'000);
             b.lieEnd = [](ZipEnd &end) { end.entries = 5'000'004; };
         }),
            Verdict::Refused, tables },
        { "entries of 2^62 bytes", backup([](ForgedBackup &b) {
             b.entriesTable = repeatedTable(repeatedLines(), 1, 2);
             b.entriesTable->size = 1ULL << 62;
             b.entriesTable->zip64 = true;
         }),
            Verdict::Refused, tooLarge },
        { "entries of 2^64 - 1 bytes", backup([](ForgedBackup &b) {
             b.entriesTable = repeatedTable(repeatedLines(), 1, 2);
             b.entriesTable->size = ~0ULL;
             b.entriesTable->zip64 = true;
         }),
            Verdict::Refused, "" },
        { "entries in one line of 15 MB", backup([](ForgedBackup &b) {
             b.entriesTable = repeatedTable(QByteArray(mebibyte, 'x'), 15, 2);
         }),
            Verdict::Refused, "A line of its manifest is implausibly long" },
        { "15 MB of empty lines", backup([](ForgedBackup &b) {
             b.entriesTable = repeatedTable(QByteArray(mebibyte, '\n'), 15, 2);
         }),
            Verdict::Refused, badLine },
        { "chunks of 10 GB that are a hole", backup([](ForgedBackup &b) {
             const qint64 rows = tenGiB / chunkRecordSize;
             b.chunksTable = sparseTable(rows * chunkRecordSize, rows);
         }),
            Verdict::Refused, tooLarge },
        { "2^58 chunks", backup([](ForgedBackup &b) {
             b.chunksTable = honestTable(QByteArray(44, 'x'), Method::Store, 1LL << 58);
             b.chunksTable->size = (44ULL << 58) & 0x7fffffffffffffff;
             b.chunksTable->zip64 = true;
         }),
            Verdict::Refused, tables },
        { "chunks that nobody has", backup([](ForgedBackup &b) {
             b.patchChunks = [](QByteArray &rows) { rows = QByteArray(44, 'x'); };
         }),
            Verdict::Refused, "" },
        { "warnings of 10 GB, deflated", backup([times](ForgedBackup &b) {
             b.warningsTable
                 = repeatedTable(QByteArray("{\"a\":1}\n").repeated(131072), times, 1 << 30);
         }),
            Verdict::Refused, tooLarge },
        { "warnings of 10 GB that are a hole",
            backup([](ForgedBackup &b) { b.warningsTable = sparseTable(tenGiB, 2); }),
            Verdict::Refused, tooLarge },
        { "warnings in five million lines", backup([](ForgedBackup &b) {
             b.patchWarnings
                 = [](QByteArray &lines) { lines = QByteArray("{}\n").repeated((15 << 20) / 3); };
         }),
            Verdict::Mixed },
        { "warnings in a million lines", backup([](ForgedBackup &b) {
             b.patchWarnings = [](QByteArray &lines) {
                 lines = QByteArray("{\"message\":\"\"}\n").repeated(15 << 16);
             };
         }),
            Verdict::Harmless },
        { "fewer warnings than it says", backup([](ForgedBackup &b) {
             b.patchWarnings = [](QByteArray &lines) { lines = "{\"message\":\"x\"}\n"; };
             b.lieInfo = [](BackupInfo &info) { info.warnings.rows = 2; };
         }),
            Verdict::Mixed },
        { "document of 10 GB, deflated", backup([times](ForgedBackup &b) {
             b.documentTable = repeatedTable(QByteArray(mebibyte, ' '), times, 0);
         }),
            Verdict::Refused, "Its manifest/backup.json is implausibly large" },
        { "document of 10 GB that is a hole",
            backup([](ForgedBackup &b) { b.documentTable = sparseTable(tenGiB, 0); }),
            Verdict::Refused, "Its manifest/backup.json is implausibly large" },
        { "document of 10 GB that says it is short", backup([times](ForgedBackup &b) {
             b.documentTable = repeatedTable(QByteArray(mebibyte, ' '), times, 0);
             b.documentTable->size = 1000;
             b.documentTable->zip64 = false;
         }),
            Verdict::Refused, "The table manifest/backup.json of its manifest is damaged" },
        { "document of many empty lists", backup([](ForgedBackup &b) {
             b.patchDocument = [](QByteArray &d) {
                 d.insert(d.indexOf('{') + 1,
                     "\"more\":[" + QByteArray("[0],").repeated(1 << 18) + "0],");
             };
         }),
            Verdict::Harmless },
        { "document of too many empty lists", backup([](ForgedBackup &b) {
             b.patchDocument = [](QByteArray &d) {
                 d.insert(d.indexOf('{') + 1,
                     "\"more\":[" + QByteArray("[0],").repeated(15 << 18) + "0],");
             };
         }),
            Verdict::Refused, "Its manifest/backup.json is implausibly large" },
        { "document of many sources", backup([](ForgedBackup &b) {
             b.patchInfo = [](QJsonObject &o) {
                 QJsonArray sources;
                 for (int i = 0; i < 100'000; ++i)
                     sources.append(QJsonObject { { QStringLiteral("files"), 1LL << 60 } });
                 o.insert(QStringLiteral("sources"), sources);
             };
         }),
            Verdict::Mixed },
        { "a hundred entries with many attributes",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                for (int i = 0; i < 100; ++i) {
                    ForgedEntry &e
                        = b.file("sources/src/b" + QByteArray::number(1000 + i), QByteArray());
                    e.patchLine = [](QByteArray &text) {
                        text.chop(2);
                        text += ",\"attributes\":[\"eA==\",\"\""
                            + QByteArray(",\"eA==\",\"\"").repeated(10'000) + "]}\n";
                    };
                }
            },
            Verdict::Harmless },
        { "many entries with large attributes",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                // Packed just badly enough to be plausible.
                QByteArray value(3 << 20, 'A');
                for (quint32 i = 0, x = 1; i < (1 << 15); ++i) {
                    x = x * 1664525 + 1013904223;
                    value[qsizetype(i)] = "ABCDEFGHIJKLMNOP"[x >> 28];
                }
                for (int i = 0; i < 26'000; ++i) {
                    const QByteArray name = "sources/src/b" + QByteArray::number(100'000 + i);
                    ForgedEntry &e = i < 100 ? b.folder(name) : b.file(name, QByteArray());
                    if (i < 100)
                        e.patchLine = [value](QByteArray &text) {
                            text.chop(2);
                            text += ",\"attributes\":[\"eA==\",\"" + value + "\"]}\n";
                        };
                }
            },
            Verdict::Harmless },
    };
}

// The line of the file b, changed.
Trick line(const char *name, const std::function<void(QByteArray &)> &change,
    const char *fragment = badLine, Verdict verdict = Verdict::Refused)
{
    return { name,
        backup([change](ForgedBackup &b) { b.file("sources/src/b", "short").patchLine = change; }),
        verdict, fragment };
}

std::function<void(QByteArray &)> adding(const QByteArray &more)
{
    return [more](QByteArray &text) { text.insert(text.lastIndexOf('}'), ',' + more); };
}

std::function<void(QByteArray &)> replacing(const QByteArray &what, const QByteArray &with)
{
    return [=](QByteArray &text) {
        if (!text.contains(what))
            qFatal("there is no %s in %s", what.constData(), text.constData());
        text.replace(text.indexOf(what), what.size(), with);
    };
}

QList<Trick> lines()
{
    return {
        line(
            "control", [](QByteArray &) {}, "", Verdict::Harmless),
        line("unknown keys", adding("\"x\":{\"name\":[1,{\"size\":-1}]},\"y\":null"), "",
            Verdict::Harmless),
        line("nested a hundred thousand deep",
            adding("\"x\":" + QByteArray(100'000, '[') + QByteArray(100'000, ']')), "",
            Verdict::Mixed),
        line("nested and never closed",
            [](QByteArray &text) { text = QByteArray(3'000'000, '[') + '\n'; }),
        line("objects nested and never closed",
            [](QByteArray &text) { text = QByteArray("{\"a\":").repeated(600'000) + '\n'; }),
        line("nested name", replacing("\"sources/src/b\"", "[[\"sources/src/b\"]]")),
        line("name as an object", replacing("\"sources/src/b\"", "{\"a\":1}")),
        line("name as a number", replacing("\"sources/src/b\"", "1")),
        line("name twice", adding("\"name\":\"sources/src/../evil\"")),
        line("name in both ways", adding("\"name_base64\":\"c291cmNlcy9zcmMvYg==\"")),
        line("name that is no base64",
            replacing("\"name\":\"sources/src/b\"", "\"name_base64\":\"*\"")),
        line("name as base64 with dotdot",
            replacing("\"name\":\"sources/src/b\"", "\"name_base64\":\"c291cmNlcy9zcmMvLi4vYg==\""),
            "the name contains an empty part"),
        line("name escaped", replacing("sources/src/b", "sources/src/\\u002e\\u002e"),
            "the name contains an empty part"),
        line("half a surrogate", replacing("sources/src/b", "sources/src/\\ud800")),
        line("not UTF-8", replacing("sources/src/b", "sources/src/\xff")),
        line("overlong UTF-8", replacing("sources/src/b", "sources/src/\xc0\xae\xc0\xae")),
        line("size twice", adding("\"size\":5")),
        line("size below zero", replacing("\"size\":", "\"size\":-")),
        line("size as a fraction", replacing("\"size\":5", "\"size\":5.0")),
        line("size as text", replacing("\"size\":5", "\"size\":\"5\"")),
        line("size of 2^64", replacing("\"size\":5", "\"size\":18446744073709551616")),
        line("size in a list", replacing("\"size\":5", "\"size\":[5]")),
        line("size missing", replacing("\"size\":5,", "")),
        line("mode of 40 bits", replacing("\"mode\":33188", "\"mode\":1099511627776")),
        line("mode with bits that mean nothing", replacing("\"mode\":33188", "\"mode\":16810404"),
            "neither file, folder nor link"),
        line("type unknown", replacing("\"file\"", "\"device\"")),
        line("type as a list", replacing("\"file\"", "[\"file\"]")),
        line("method unknown", replacing("\"store\"", "\"lzma\"")),
        line("digest too short", replacing("\"sha256\":\"", "\"sha256\":\"ab\",\"x\":\"")),
        line("stamp too long", replacing("\"stamp\":[", "\"stamp\":[1,")),
        line("stamp too short", replacing("\"stamp\":[5,", "\"stamp\":[")),
        line("nanoseconds out of range", replacing("123456789", "1000000000")),
        line("attributes odd", adding("\"attributes\":[\"eA==\"]")),
        line("attribute without a name", adding("\"attributes\":[\"\",\"eA==\"]")),
        line("attribute with a NUL in its name",
            adding("\"attributes\":[\"c2VjdXJpdHkuY2FwYWJpbGl0eQB4\",\"eA==\"]")),
        line("true as a file", [](QByteArray &text) { text = "true\n"; }),
        line("list as a file", [](QByteArray &text) { text = "[" + text.chopped(1) + "]\n"; }),
        line("two objects in a line", [](QByteArray &text) { text.insert(text.size() - 1, "{}"); }),
        line("NUL behind it", [](QByteArray &text) { text.insert(text.size() - 1, '\0'); }),
        line("no line", [](QByteArray &text) { text = "\n"; }),
        line(
            "no end of line", [](QByteArray &text) { text.chop(1); },
            "ends in the middle of a line"),
        line(
            "two lines for one entry", [](QByteArray &text) { text += text; },
            "list different entries"),
        line(
            "no line for an entry", [](QByteArray &text) { text.clear(); },
            "list different entries"),
    };
}

// The document manifest/backup.json, changed.
Trick document(const char *name, const std::function<void(QByteArray &)> &change,
    const char *fragment = badInfo, Verdict verdict = Verdict::Refused)
{
    return { name, backup([change](ForgedBackup &b) { b.patchDocument = change; }), verdict,
        fragment };
}

QList<Trick> documents()
{
    return {
        document(
            "control", [](QByteArray &) {}, "", Verdict::Harmless),
        document("empty", [](QByteArray &d) { d.clear(); }),
        document("no JSON", [](QByteArray &d) { d = "PK"; }),
        document("list", [](QByteArray &d) { d = "[]"; }),
        document(
            "nested a hundred thousand deep", [](QByteArray &d) { d = QByteArray(100'000, '['); }),
        document(
            "nested ten million deep", [](QByteArray &d) { d = QByteArray(10'000'000, '['); },
            "Its manifest/backup.json is"),
        document(
            "format of tomorrow", replacing("\"format\": 1", "\"format\": 2"), "use a newer one"),
        document("format as text", replacing("\"format\": 1", "\"format\": \"1\"")),
        document("format below one", replacing("\"format\": 1", "\"format\": 0")),
        document("id as a path",
            replacing("backup-20260211-143022-a1b2c3d4", "../../../outside/victim")),
        document("time that is none", replacing("2026-02-11T", "2026-13-41T")),
        document("tables as a list", replacing("\"tables\": {", "\"tables\": [], \"x\": {")),
        document("digest of a table", replacing("\"sha256\": \"", "\"sha256\": \"00"), badInfo),
        document(
            "wrong digest of a table",
            [](QByteArray &d) {
                const qsizetype at = d.indexOf("\"sha256\": \"") + 11;
                d[at] = d[at] == '0' ? '1' : '0';
            },
            "of its manifest is damaged"),
        document("rows below zero", replacing("\"rows\": 2", "\"rows\": -2")),
        document("rows of 2^62", replacing("\"rows\": 2", "\"rows\": 4611686018427387904"), tables),
        document(
            "size of 2^62",
            [](QByteArray &d) {
                const qsizetype at = d.lastIndexOf("\"size\": ") + 8;
                d.insert(at, "46116860184273");
            },
            tables),
        document(
            "control characters",
            [](QByteArray &d) {
                for (const char *text : { "forged", "hubkeep 0.1.0", "\"files\"" })
                    replacing(text, QByteArray(text).insert(3, "\\u001b[2J\\nhubkeep: fake\\n"))(d);
            },
            "", Verdict::Harmless),
        document(
            "counts of 2^63 - 1",
            [](QByteArray &d) {
                const QByteArray source = "{\"files\":9223372036854775807,\"bytes\":"
                                          "9223372036854775807,\"databases\":-9223372036854775808}";
                replacing("\"sources\": [", "\"sources\": [" + source + ',' + source + ',')(d);
            },
            "", Verdict::Harmless),
    };
}

} // namespace

class TestForgedManifest : public QObject
{
    Q_OBJECT

private slots:
    void manifestsThatBurstAreRefused_data() { addRows(bursting()); }
    void manifestsThatBurstAreRefused() { playRow(bursting()); }
    void linesThatLieAreRefused_data() { addRows(lines()); }
    void linesThatLieAreRefused() { playRow(lines()); }
    void documentsThatLieAreRefused_data() { addRows(documents()); }
    void documentsThatLieAreRefused() { playRow(documents()); }
};

QTEST_GUILESS_MAIN(TestForgedManifest)
#include "tst_forgedmanifest.moc"
