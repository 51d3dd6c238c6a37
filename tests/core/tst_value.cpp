// YAML as Home Assistant reads it: what values are, where they are, tags, includes, and files
// that mean no good.

#include "automation/core/yaml.h"
#include "tests/support/enginetree.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QtTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QString lines(const QList<ValueProblem> &problems)
{
    QStringList list;
    for (const ValueProblem &problem : problems)
        list.append(QStringLiteral("%1:%2:%3: %4")
                        .arg(problem.place.file)
                        .arg(problem.place.line)
                        .arg(problem.place.column)
                        .arg(problem.message));
    return list.join(u'\n');
}

QByteArray json(const Value &value)
{
    return QJsonDocument::fromVariant(QVariantMap { { QStringLiteral("v"), value.toVariant() } })
        .toJson(QJsonDocument::Compact)
        .chopped(1)
        .mid(5);
}

// The file of that name in folder, as JSON, or what is wrong with it.
QByteArray loaded(const Folder &folder, const char *file)
{
    YamlLoader loader(QFile::decodeName(folder.path()));
    const Value value = loader.load(QString::fromUtf8(file));
    return loader.problems().isEmpty() ? json(value) : lines(loader.problems()).toUtf8();
}

Value parsed(const QByteArray &text)
{
    YamlLoader loader(QStringLiteral("/nonexistent"));
    return loader.parse(text, QStringLiteral("f"));
}

} // namespace

class TestValue : public QObject
{
    Q_OBJECT

private slots:
    void scalarsAreWhatYaml11TakesThemFor_data();
    void scalarsAreWhatYaml11TakesThemFor();
    void documentsAreRead_data();
    void documentsAreRead();
    void whatIsWrongIsSaidAtItsPlace_data();
    void whatIsWrongIsSaidAtItsPlace();
    void valuesKnowWhereTheyAre();
    void whatWasWrittenStays();
    void secretsComeFromTheirFile();
    void secretsThatAreNotThereAreNamed();
    void variablesOfTheEnvironmentAreRead();
    void includedFilesAreRead();
    void problemsOfIncludedFilesAreTheirs();
    void nothingOutsideIsIncluded_data();
    void nothingOutsideIsIncluded();
    void aFileThatIncludesItselfIsRefused();
    void includesHaveABound();
    void foldersAreIncluded();
    void aliasesHaveABound();
    void hostileTextsEndSoon_data();
    void hostileTextsEndSoon();
    void filesThatCannotBeReadAreNamed();
    void theBytesAreLookedAtFirst();
};

void TestValue::scalarsAreWhatYaml11TakesThemFor_data()
{
    using Kind = Value::Kind;
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QVariant>("expected");
    const auto add = [](const char *text, Kind kind, const QVariant &expected) {
        QTest::addRow("'%s'", text) << QString::fromUtf8(text) << int(kind) << expected;
    };
    const auto text
        = [&](const char *written) { add(written, Kind::String, QString::fromUtf8(written)); };
    for (const char *yes : { "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON" })
        add(yes, Kind::Boolean, true);
    for (const char *no : { "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF" })
        add(no, Kind::Boolean, false);
    for (const char *written : { "y", "n", "Y", "oN", "tRue", "yes ma'am", "1e3", "1.5e3", "08",
             "0o17", "00:05:00", "12:60", "1_a", "0b", "0b2", "0xg", "+", "-", ".", "..", "e5",
             "2026-11-21", "=", "1.2.3", "0x_", "0b_", ".nan1", "-.nan", "1 2", "٣" })
        text(written);
    for (const char *null : { "", "~", "null", "Null", "NULL" })
        add(null, Kind::Null, QVariant());
    add("0", Kind::Integer, qint64(0));
    add("-0", Kind::Integer, qint64(0));
    add("42", Kind::Integer, qint64(42));
    add("+42", Kind::Integer, qint64(42));
    add("-42", Kind::Integer, qint64(-42));
    add("1_000", Kind::Integer, qint64(1000));
    add("017", Kind::Integer, qint64(15));
    add("0x1F", Kind::Integer, qint64(31));
    add("-0x1f", Kind::Integer, qint64(-31));
    add("0b101", Kind::Integer, qint64(5));
    add("12:30", Kind::Integer, qint64(750));
    add("-1:30", Kind::Integer, qint64(-90));
    add("1:30:00", Kind::Integer, qint64(5400));
    add("9223372036854775807", Kind::Integer, std::numeric_limits<qint64>::max());
    add("-9223372036854775808", Kind::Integer, std::numeric_limits<qint64>::min());
    add("9223372036854775808", Kind::Float, 9223372036854775808.0);
    add("1.5", Kind::Float, 1.5);
    add("1.", Kind::Float, 1.0);
    add(".5", Kind::Float, 0.5);
    add("-1.5", Kind::Float, -1.5);
    add("1.5e+3", Kind::Float, 1500.0);
    add("1.5E-1", Kind::Float, 0.15);
    add("1:30.5", Kind::Float, 90.5);
    add(".inf", Kind::Float, std::numeric_limits<double>::infinity());
    add("-.Inf", Kind::Float, -std::numeric_limits<double>::infinity());
}

void TestValue::scalarsAreWhatYaml11TakesThemFor()
{
    QFETCH(QString, text);
    QFETCH(int, kind);
    QFETCH(QVariant, expected);
    const Value value = Value::plain(text, {});
    QCOMPARE(int(value.kind()), kind);
    QCOMPARE(value.toVariant(), expected);
    QCOMPARE(value.text(), text);
}

void TestValue::documentsAreRead_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected"); // JSON
    const auto add = [](const QByteArray &text, const char *expected) {
        QTest::newRow(QByteArray(text).replace('\n', "\\n").replace('\r', "\\r").constData())
            << text << QByteArray(expected);
    };
    add("", "null");
    add("# only this", "null");
    add("a: 1\nb:", R"({"a":1,"b":null})");
    add("---\na: 1\n", R"({"a":1})");
    add("\xef\xbb\xbf"
        "a: 1",
        R"({"a":1})");
    add("a: 1\r\nb:\r\n  - 2\r\n", R"({"a":1,"b":[2]})");
    add("a: 'on'\nb: \"1\"\nc: on", R"({"a":"on","b":"1","c":true})");
    add("a: !!str 5\nb: !!int '5'\nc: !!float 5\nd: ! 5", R"({"a":"5","b":5,"c":5,"d":"5"})");
    add("a: 'it''s'\nb: \"x\\ty\"", R"({"a":"it's","b":"x\ty"})");
    add("a: |\n  two\n  lines\nb: >-\n  one\n  line\n", R"({"a":"two\nlines\n","b":"one line"})");
    add("a: &x {b: 1}\nc: *x", R"({"a":{"b":1},"c":{"b":1}})");
    add("a: &x {b: 1, d: 2}\nc: {<<: *x, b: 3}", R"({"a":{"b":1,"d":2},"c":{"b":3,"d":2}})");
    add("a: &x {b: 1}\ne: &y {b: 2, f: 3}\nc: {<<: [*x, *y]}",
        R"({"a":{"b":1},"c":{"b":1,"f":3},"e":{"b":2,"f":3}})");
    add("a: {'<<': 1}", R"({"a":{"<<":1}})");
    add("a: {b, c: 1}", R"({"a":{"b":null,"c":1}})");
    add("? a\n: 1\n? b\n", R"({"a":1,"b":null})");
    add("&k a: 1\nb: *k", R"({"a":1,"b":"a"})");
    add("5: a\non: b", R"({"5":"a","on":"b"})");
    add("- \n- ~\n- ''", R"([null,null,""])");
    add("a: \"{{ states('x') }}\"", R"({"a":"{{ states('x') }}"})");
    add("a: &x \"quoted\"\nb: !!str 'q'\nc: # comment\n  'later'",
        R"({"a":"quoted","b":"q","c":"later"})");
    add("a: >\n  \"not a quote\nb: |\n  'nor this\n",
        R"({"a":"\"not a quote\n","b":"'nor this\n"})");
}

void TestValue::documentsAreRead()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    YamlLoader loader(QStringLiteral("/nonexistent"));
    const Value value = loader.parse(text, QStringLiteral("f"));
    QCOMPARE(lines(loader.problems()), QString());
    QCOMPARE(json(value), expected);
}

void TestValue::whatIsWrongIsSaidAtItsPlace_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("expected"); // problems, one a line, without the file
    const auto add = [](const QByteArray &text, const char *expected) {
        QTest::newRow(QByteArray(text).replace('\n', "\\n").replace('\r', "\\r").constData())
            << text << QString::fromUtf8(expected);
    };
    const QByteArray tab = "a tab cannot indent; use spaces";
    add("a:\n\tb: 1", "2:3: " + tab);
    add("a:\n  b: 1\n\tc: 2", "3:1: " + tab);
    add("a: b: c",
        "1:5: a ':' cannot stand here; check the indentation, and put texts with ': ' in them in "
        "quotes");
    add("- a\nb: 1", "2:1: this does not belong to what is above it; check the indentation");
    add("a: 1\n---\nb: 2", "2:1: a second document begins here; one file is one document");
    add("a: {b: 1", "1:4: a ',' or '}' is missing in what begins here");
    add("a: [1, 2\nb: 3", "1:4: a ',' or ']' is missing in what begins here");
    add("a: @x", "1:4: a text cannot begin with this character; put it in quotes");
    add("a: \"open", "1:4: the quote that begins here is never closed");
    add("b: 1\na: 'open\nc: 2\n", "2:4: the quote that begins here is never closed");
    add("a: &x !!str \"open\\\"", "1:4: the quote that begins here is never closed");
    add("a: \"\\q\"", "1:7: unknown escape character: q");
    add("a: *nope", "1:4: the referenced anchor is not defined");
    add("a: &x [1, *x]", "1:11: this alias stands within what it stands for");
    add("a: 1\nb: 2\na: 3", "3:1: the key 'a' is there already, in line 1");
    add("a: {b: 1, 'b': 2}", "1:11: the key 'b' is there already, in line 1");
    add("a:\n  b: 1\n  c", "3:3: a ':' is missing after 'c'");
    add("{[a]: 1}",
        "1:2: a key must be a text; does a text that begins with '{' or '[' need quotes?");
    add("a: {{ x }}",
        "1:5: a key must be a text; does a text that begins with '{' or '[' need quotes?");
    const char *unlikeKey
        = "1:5: a key must be a text; does a text that begins with '{' or '[' need quotes?";
    add("a: " + QByteArray(99, '['), "1:102: a ',' or ']' is missing in what begins here");
    add("- [broken", "1:3: a ',' or ']' is missing in what begins here");
    add("a: " + QByteArray(99, '{') + QByteArray(99, '}'), unlikeKey);
    add("a: [" + QByteArray(50, '{') + QByteArray(50, '}') + ']',
        "1:6: a key must be a text; does a text that begins with '{' or '[' need quotes?");
    add(": 1", "1:1: a key is missing before this ':'");
    add("<<: 1", "1:5: << takes a mapping or a list of mappings, not the number 1");
    add("a: !secrte x", "1:4: unknown tag '!secrte'; did you mean '!secret'?");
    add("a: !!binary x", "1:4: unknown tag '!!binary'");
    add("a: !!int x", "1:4: 'x' is no !!int");
    add("a: !secret", "1:4: !secret needs a name after it");
    add("a: !secret [x]", "1:4: the tag '!secret' is not for lists");
    add("!include x: 1", "1:1: a key cannot have a tag (!include)");
    add("é: 1\nü: {é: !x 1}", "2:8: unknown tag '!x'");
}

void TestValue::whatIsWrongIsSaidAtItsPlace()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, expected);
    YamlLoader loader(QStringLiteral("/nonexistent"));
    loader.parse(text, QStringLiteral("f"));
    QCOMPARE(lines(loader.problems()), QLatin1String("f:") + expected);
}

void TestValue::valuesKnowWhereTheyAre()
{
    const Value root = parsed("a:\n  bé: [1, x]\n  c: &m\n    d: 2\ne: *m\nf:\n# g\n\nh: 1\n");
    const Value *a = root.find(QStringLiteral("a"));
    QVERIFY(a);
    QCOMPARE(a->place(), (Place { QStringLiteral("f"), 2, 3 }));
    QCOMPARE(a->members()[0].place, (Place { QStringLiteral("f"), 2, 3 }));
    QCOMPARE(a->members()[0].value.items()[1].place(), (Place { QStringLiteral("f"), 2, 11 }));
    // What an alias stands for is where it was written.
    QCOMPARE(root.find(QStringLiteral("e"))->find(QStringLiteral("d"))->place().line, 4);
    QCOMPARE(root.find(QStringLiteral("f"))->place(), (Place { QStringLiteral("f"), 6, 1 }));
    QVERIFY(!root.find(QStringLiteral("bé")));
}

void TestValue::whatWasWrittenStays()
{
    QCOMPARE(parsed("007").text(), QStringLiteral("007"));
    QCOMPARE(parsed("12:30").describe(), QStringLiteral("the number 12:30"));
    QCOMPARE(parsed("On").describe(), QStringLiteral("the boolean On (a text On needs quotes)"));
    QCOMPARE(parsed("\"a\\nb\"").describe(), QStringLiteral("the text 'a\\u000ab'"));
    QVERIFY(parsed("'" + QByteArray(5000, 'x') + "'").describe().size() < 100);
}

void TestValue::secretsComeFromTheirFile()
{
    const Folder folder;
    writeFile(folder / "secrets.yaml", "url: http://x\nport: 5\n");
    writeFile(folder / "sub/a.yaml", "u: !secret url\np: !secret port\n");
    writeFile(folder / "f.yaml", "!include sub/a.yaml\n");
    QCOMPARE(loaded(folder, "f.yaml"), "{\"p\":5,\"u\":\"http://x\"}");
    YamlLoader loader(QFile::decodeName(folder.path()));
    const Value value = loader.load(QStringLiteral("sub/a.yaml"));
    const Value *url = value.find(QStringLiteral("u"));
    QVERIFY(url->isSecret());
    QCOMPARE(url->place(), (Place { QStringLiteral("sub/a.yaml"), 1, 4 }));
    QCOMPARE(url->describe(), QStringLiteral("what is written there"));
}

void TestValue::secretsThatAreNotThereAreNamed()
{
    const Folder folder;
    writeFile(folder / "f.yaml", "a: !secret ops_ulr\n");
    QCOMPARE(loaded(folder, "f.yaml"),
        "f.yaml:1:4: there is no secret 'ops_ulr', because there is no secrets.yaml; write it "
        "there");
    writeFile(folder / "secrets.yaml", "ops_url: x\n");
    QCOMPARE(loaded(folder, "f.yaml"),
        "f.yaml:1:4: there is no secret 'ops_ulr' in secrets.yaml; did you mean 'ops_url'?");
    writeFile(folder / "secrets.yaml", "- x\n");
    QCOMPARE(loaded(folder, "f.yaml"), "secrets.yaml:1:1: must be a mapping of names to secrets");
    writeFile(folder / "secrets.yaml", "a: !secret b\nops_ulr: 1\n");
    QCOMPARE(loaded(folder, "f.yaml"), "secrets.yaml:1:4: secrets.yaml cannot use !secret itself");
}

void TestValue::variablesOfTheEnvironmentAreRead()
{
    qputenv("HUBKEEP_TST_PORT", "80 81");
    QCOMPARE(parsed("!env_var HUBKEEP_TST_PORT").toVariant(), QVariant(QStringLiteral("80 81")));
    QCOMPARE(parsed("!env_var HUBKEEP_TST_PORT 1").toVariant(), QVariant(QStringLiteral("80 81")));
    qunsetenv("HUBKEEP_TST_PORT");
    QCOMPARE(
        parsed("!env_var HUBKEEP_TST_PORT  a   b").toVariant(), QVariant(QStringLiteral("a b")));
    YamlLoader loader(QStringLiteral("/nonexistent"));
    const Value value = loader.parse("!env_var hubkeep_tst_unset_zzzzz", QStringLiteral("f"));
    QVERIFY(value.kind() == Value::Kind::Broken);
    QCOMPARE(lines(loader.problems()),
        QStringLiteral("f:1:1: the environment variable 'hubkeep_tst_unset_zzzzz' is not set; set "
                       "it, or write a default after its name"));
}

void TestValue::includedFilesAreRead()
{
    const Folder folder;
    writeFile(folder / "f.yaml", "a: !include sub/a.yaml\nb: !include empty.yaml\n");
    writeFile(folder / "sub/a.yaml", "[1, !include b.yaml]");
    writeFile(folder / "sub/b.yaml", "!include ../c.yaml");
    writeFile(folder / "c.yaml", "deep");
    writeFile(folder / "empty.yaml", "");
    QCOMPARE(loaded(folder, "f.yaml"), "{\"a\":[1,\"deep\"],\"b\":null}");
    // Twice is not itself.
    writeFile(folder / "f.yaml", "a: !include c.yaml\nb: !include c.yaml\n");
    QCOMPARE(loaded(folder, "f.yaml"), "{\"a\":\"deep\",\"b\":\"deep\"}");
}

void TestValue::problemsOfIncludedFilesAreTheirs()
{
    const Folder folder;
    writeFile(folder / "f.yaml", "a: !include sub/a.yaml\nb: !include nope.yaml\nc: 1\nc: 2\n");
    writeFile(folder / "sub/a.yaml", "x: 1\nx: 2\n");
    QCOMPARE(loaded(folder, "f.yaml"),
        "sub/a.yaml:2:1: the key 'x' is there already, in line 1\n"
        "f.yaml:2:4: there is no 'nope.yaml' to include\n"
        "f.yaml:4:1: the key 'c' is there already, in line 3");
}

void TestValue::nothingOutsideIsIncluded_data()
{
    QTest::addColumn<QByteArray>("target");
    for (const char *target : { "/etc/passwd", "../out.yaml", "sub/../../out.yaml", "link.yaml",
             "linked/out.yaml", "../config2/out.yaml", ".." })
        QTest::addRow("%s", target) << QByteArray(target);
}

void TestValue::nothingOutsideIsIncluded()
{
    QFETCH(QByteArray, target);
    const Folder folder;
    writeFile(folder / "out.yaml", "secret");
    writeFile(folder / "config2/out.yaml", "secret");
    makeFolder(folder / "config/sub");
    makeLink(folder / "out.yaml", folder / "config/link.yaml");
    makeLink(folder.path(), folder / "config/linked");
    for (const QByteArray &tag : { QByteArray("!include "), QByteArray("!include_dir_list ") }) {
        writeFile(folder / "config/f.yaml", tag + target);
        YamlLoader loader(QFile::decodeName(folder / "config"));
        QVERIFY(loader.load(QStringLiteral("f.yaml")).kind() == Value::Kind::Broken);
        QCOMPARE(lines(loader.problems()),
            QStringLiteral("f.yaml:1:1: '%1' is outside the configuration folder, from where "
                           "nothing is included")
                .arg(QString::fromUtf8(target)));
    }
}

void TestValue::aFileThatIncludesItselfIsRefused()
{
    const Folder folder;
    writeFile(folder / "f.yaml", "a: !include g.yaml");
    writeFile(folder / "g.yaml", "b: !include f.yaml");
    makeLink("f.yaml", folder / "h.yaml");
    QCOMPARE(loaded(folder, "f.yaml"),
        "g.yaml:1:4: f.yaml: includes itself, by way of what it includes");
    writeFile(folder / "g.yaml", "b: !include h.yaml");
    QCOMPARE(loaded(folder, "f.yaml"),
        "g.yaml:1:4: h.yaml: includes itself, by way of what it includes");
}

void TestValue::includesHaveABound()
{
    const Folder folder;
    for (int i = 0; i < 40; ++i)
        writeFile(folder / QByteArray::number(i) + ".yaml",
            "!include " + QByteArray::number(i + 1) + ".yaml");
    QCOMPARE(
        loaded(folder, "0.yaml"), "20.yaml:1:1: 21.yaml: files include files more than 20 deep");
    // Each includes the next ten times.
    for (int i = 0; i < 10; ++i) {
        QByteArray text;
        for (int j = 0; j < 10; ++j)
            text += "- !include " + QByteArray::number(i + 1) + ".yaml\n";
        writeFile(folder / QByteArray::number(i) + ".yaml", text);
    }
    writeFile(folder / "10.yaml", "x");
    QElapsedTimer timer;
    timer.start();
    QVERIFY(loaded(folder, "0.yaml").contains("more than 1000 files are included"));
    QVERIFY(timer.elapsed() < 10'000);
}

void TestValue::foldersAreIncluded()
{
    const Folder folder;
    writeFile(folder / "d/b.yaml", "[2, 3]");
    writeFile(folder / "d/a/z.yaml", "[1]");
    writeFile(folder / "d/secrets.yaml", "x: 1");
    writeFile(folder / "d/.hidden.yaml", "[9]");
    writeFile(folder / "d/note.txt", "[9]");
    writeFile(folder / "d/empty.yaml", "");
    writeFile(folder / "m/one.yaml", "{a: 1}");
    writeFile(folder / "m/two.yaml", "{b: 2}");
    const auto with = [&](const QByteArray &text) {
        writeFile(folder / "f.yaml", text);
        return loaded(folder, "f.yaml");
    };
    QCOMPARE(with("!include_dir_list d"), "[[1],[2,3]]");
    QCOMPARE(with("!include_dir_merge_list d"), "[1,2,3]");
    QCOMPARE(with("!include_dir_named m"), "{\"one\":{\"a\":1},\"two\":{\"b\":2}}");
    QCOMPARE(with("!include_dir_merge_named m/"), "{\"a\":1,\"b\":2}");
    QCOMPARE(with("!include_dir_merge_list m"),
        "m/one.yaml:1:1: must be a list to be merged by !include_dir_merge_list, not a mapping\n"
        "m/two.yaml:1:1: must be a list to be merged by !include_dir_merge_list, not a mapping");
    writeFile(folder / "m/two.yaml", "{a: 2}");
    QCOMPARE(with("!include_dir_merge_named m"),
        "m/two.yaml:1:2: the key 'a' is there already, in m/one.yaml");
    QCOMPARE(with("!include_dir_list f.yaml"), "f.yaml:1:1: 'f.yaml' is no folder");
    QCOMPARE(with("!include_dir_list nope"), "f.yaml:1:1: there is no 'nope' to include");
}

void TestValue::aliasesHaveABound()
{
    QByteArray text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        const QByteArray last = "*a" + QByteArray::number(i - 1) + ", ";
        text += "a" + QByteArray::number(i) + ": &a" + QByteArray::number(i) + " ["
            + last.repeated(10) + "]\n";
    }
    QElapsedTimer timer;
    timer.start();
    YamlLoader loader(QStringLiteral("/nonexistent"));
    const Value value = loader.parse(text, QStringLiteral("f"));
    QVERIFY(value.kind() == Value::Kind::Broken);
    QCOMPARE(loader.problems().size(), 1);
    QVERIFY(loader.problems()[0].message.startsWith(
        QLatin1String("this makes more than 200000 values")));
    QVERIFY(timer.elapsed() < 5'000);
}

void TestValue::hostileTextsEndSoon_data()
{
    QTest::addColumn<QByteArray>("text");
    const int most = int(YamlLoader::largestFile);
    const auto add
        = [&](const char *name, const QByteArray &part, const QByteArray &first = {}) {
              QTest::addRow("%s", name)
                  << QByteArray(first + part.repeated(most / int(part.size()))).left(most);
          };
    add("lists in lists", "[");
    add("mappings in mappings", "{a: ");
    add("lists in lists, in blocks", "- ");
    add("question marks", "? ");
    add("keys twice", "a: 1\n");
    add("anchors", "- &a x\n");
    add("aliases", "- *a\n", "- &a x\n");
    add("empty items", "-\n");
    add("nulls", "~,\n", "[\n");
    add("quotes", "'a'\n", "- ");
    add("quotes in a list", "'a', ", "[");
    add("one long line", "x");
    add("tags", "!secret x,", "[");
    add("merges", "<<: {a: 1}\n");
    add("colons", ":");
    add("comments", "#\n");
    add("document starts", "---\n");
    add("backslashes", "\\", "\"");
}

void TestValue::hostileTextsEndSoon()
{
    QFETCH(QByteArray, text);
    QElapsedTimer timer;
    timer.start();
    parsed(text);
    QVERIFY2(timer.elapsed() < 20'000, qPrintable(QString::number(timer.elapsed())));
    if (timer.elapsed() > 1000)
        qWarning("%lld ms", timer.elapsed());
}

void TestValue::filesThatCannotBeReadAreNamed()
{
    const Folder folder;
    QCOMPARE(loaded(folder, "f.yaml"), "f.yaml:0:0: there is no such file");
    makeFolder(folder / "f.yaml");
    QCOMPARE(loaded(folder, "f.yaml"), "f.yaml:0:0: is no file");
    makeFifo(folder / "fifo.yaml"); // whose opening would wait for ever
    QCOMPARE(loaded(folder, "fifo.yaml"), "fifo.yaml:0:0: is no file");
    writeFile(folder / "large.yaml", QByteArray(YamlLoader::largestFile + 1, '#'));
    QCOMPARE(loaded(folder, "large.yaml"), "large.yaml:0:0: is larger than 1 MiB");
    writeFile(folder / "all.yaml", "a: !include fifo.yaml\nb: !include large.yaml\n");
    QCOMPARE(loaded(folder, "all.yaml"),
        "all.yaml:1:4: fifo.yaml: is no file\nall.yaml:2:4: large.yaml: is larger than 1 MiB");
    if (::geteuid() == 0)
        QSKIP("root reads every file");
    writeFile(folder / "closed.yaml", "a: 1");
    setMode(folder / "closed.yaml", 0);
    QCOMPARE(loaded(folder, "closed.yaml"), "closed.yaml:0:0: cannot be read: Permission denied");
}

void TestValue::theBytesAreLookedAtFirst()
{
    const Folder folder;
    writeFile(folder / "f.yaml", "a: 1\nb: \xff\n");
    QCOMPARE(loaded(folder, "f.yaml"),
        "f.yaml:2:1: this line is not UTF-8; save the file with that encoding");
    writeFile(folder / "f.yaml", QByteArray("a: 1\nb: é\0x\n", 13));
    QCOMPARE(loaded(folder, "f.yaml"),
        "f.yaml:2:5: the control character 0x00 cannot be in a YAML file");
    writeFile(folder / "f.yaml",
        QByteArray("\xff\xfe"
                   "a\0:\0",
            6)); // UTF-16
    QCOMPARE(loaded(folder, "f.yaml"),
        "f.yaml:1:1: this line is not UTF-8; save the file with that encoding");
}

QTEST_GUILESS_MAIN(TestValue)
#include "tst_value.moc"
