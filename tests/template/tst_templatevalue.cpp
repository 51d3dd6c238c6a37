// Python's values: how they are written, when they are the same, JSON in its order.

#include "automation/template/templatedict.h"
#include "automation/template/valuejson.h"
#include "automation/template/valuetext.h"

#include <QTimeZone>
#include <QtTest>

using namespace hubkeep;
using namespace std::chrono_literals;

namespace {

TemplateValue text(const char *utf8)
{
    return QString::fromUtf8(utf8);
}

QDateTime utc(int hour, int minute, int second, int milliseconds = 0)
{
    return QDateTime(
        QDate(2026, 4, 13), QTime(hour, minute, second, milliseconds), QTimeZone::utc());
}

} // namespace

class TestTemplateValue : public QObject
{
    Q_OBJECT

private slots:
    void valuesAreWrittenAsPythonWritesThem_data();
    void valuesAreWrittenAsPythonWritesThem();
    void floatsAreTheShortestThatReadBackTheSame_data();
    void floatsAreTheShortestThatReadBackTheSame();
    void numbersOfAnyKindEqualEachOther();
    void equalValuesHaveTheSameHash();
    void dictionariesKeepTheirOrderAndFindEveryKey();
    void setsHaveEachValueOnce();
    void onlyWhatCannotChangeIsHashable();
    void jsonKeepsItsOrder();
    void wrongJsonIsSaidAtItsPlace_data();
    void wrongJsonIsSaidAtItsPlace();
    void jsonIsWrittenInEachStyle();
    void variantsAreUnderstood();
    void copiesAndMovesKeepTheValue();
    void depthAndWeightCountWhatWouldBePrinted();
};

void TestTemplateValue::valuesAreWrittenAsPythonWritesThem_data()
{
    QTest::addColumn<TemplateValue>("value");
    QTest::addColumn<QString>("str");
    QTest::addColumn<QString>("repr");

    const auto row
        = [](const char *name, const TemplateValue &value, const char *str, const char *repr) {
              QTest::newRow(name) << value << QString::fromUtf8(str) << QString::fromUtf8(repr);
          };
    row("none", {}, "None", "None");
    row("true", true, "True", "True");
    row("negative", qint64(-7), "-7", "-7");
    row("smallest", std::numeric_limits<qint64>::min(), "-9223372036854775808",
        "-9223372036854775808");
    row("text", text("it's"), "it's", "\"it's\"");
    row("both quotes", text("'\""), "'\"", "'\\'\"'");
    row("escapes", text("a\n\t\\\x01"), "a\n\t\\\x01", "'a\\n\\t\\\\\\x01'");
    row("umlaut", text("ä€"), "ä€", "'ä€'");
    row("astral", text("😀"), "😀", "'😀'");
    row("unprintable", text("\u200b\u00a0"), "\u200b\u00a0", "'\\u200b\\xa0'");
    row("list", TemplateValue::list({ 1, text("a"), {} }), "[1, 'a', None]", "[1, 'a', None]");
    row("tuple of one", TemplateValue::tuple({ 1 }), "(1,)", "(1,)");
    row("empty tuple", TemplateValue::tuple({}), "()", "()");
    row("empty set", TemplateValue::set({}), "set()", "set()");
    row("set", TemplateValue::set({ 1, 2 }), "{1, 2}", "{1, 2}");
    TemplateDict dict;
    dict.insert(text("b"), 1.5);
    dict.insert(2, true);
    row("dict", dict, "{'b': 1.5, 2: True}", "{'b': 1.5, 2: True}");
    row("time", utc(14, 25, 30, 123), "2026-04-13 14:25:30.123000+00:00",
        "datetime.datetime(2026, 4, 13, 14, 25, 30, 123000, tzinfo=datetime.timezone.utc)");
    row("naive time", TemplateTime { utc(14, 25, 0), 5, true }, "2026-04-13 14:25:00.000005",
        "datetime.datetime(2026, 4, 13, 14, 25, 0, 5)");
    row("time in a zone", utc(14, 25, 30).toTimeZone(QTimeZone(QByteArrayLiteral("Europe/Berlin"))),
        "2026-04-13 16:25:30+02:00",
        "datetime.datetime(2026, 4, 13, 16, 25, 30, "
        "tzinfo=zoneinfo.ZoneInfo(key='Europe/Berlin'))");
    row("date", QDate(2026, 4, 13), "2026-04-13", "datetime.date(2026, 4, 13)");
    row("time of day", QTime(7, 5), "07:05:00", "datetime.time(7, 5)");
    row("duration", std::chrono::microseconds(26h + 3min + 4s), "1 day, 2:03:04",
        "datetime.timedelta(days=1, seconds=7384)");
    row("negative duration", std::chrono::microseconds(-1s), "-1 day, 23:59:59",
        "datetime.timedelta(days=-1, seconds=86399)");
    row("undefined", TemplateValue::undefined(QStringLiteral("x")), "", "Undefined");
}

void TestTemplateValue::valuesAreWrittenAsPythonWritesThem()
{
    QFETCH(TemplateValue, value);
    QTEST(value.toText(), "str");
    QTEST(value.toLiteral(), "repr");
}

void TestTemplateValue::floatsAreTheShortestThatReadBackTheSame_data()
{
    QTest::addColumn<double>("number");
    QTest::addColumn<QString>("repr");
    const auto row = [](double number, const char *repr) {
        QTest::newRow(repr) << number << QString::fromLatin1(repr);
    };
    row(0.1, "0.1");
    row(100, "100.0");
    row(0, "0.0");
    row(-0.0, "-0.0");
    row(1e15, "1000000000000000.0");
    row(1e16, "1e+16");
    row(1.5e300, "1.5e+300");
    row(0.0001, "0.0001");
    row(0.00001, "1e-05");
    row(-1.25e-7, "-1.25e-07");
    row(0.1 + 0.2, "0.30000000000000004");
    row(123456789.125, "123456789.125");
    row(1 / 3.0, "0.3333333333333333");
    row(std::numeric_limits<double>::infinity(), "inf");
    row(-std::numeric_limits<double>::infinity(), "-inf");
    row(std::numeric_limits<double>::quiet_NaN(), "nan");
    row(5e-324, "5e-324");
}

void TestTemplateValue::floatsAreTheShortestThatReadBackTheSame()
{
    QFETCH(double, number);
    QTEST(floatText(number), "repr");
}

void TestTemplateValue::numbersOfAnyKindEqualEachOther()
{
    QVERIFY(TemplateValue(1) == TemplateValue(1.0));
    QVERIFY(TemplateValue(1) == TemplateValue(true));
    QVERIFY(TemplateValue(0.0) == TemplateValue(false));
    QVERIFY(!(TemplateValue(1) == text("1")));
    const qint64 large = (qint64(1) << 53) + 1;
    QVERIFY(!(TemplateValue(large) == TemplateValue(double(large))));
    QVERIFY(!(TemplateValue(std::nan("")) == TemplateValue(std::nan(""))));
    QVERIFY(!(TemplateValue::list({ 1 }) == TemplateValue::tuple({ 1 })));
}

void TestTemplateValue::equalValuesHaveTheSameHash()
{
    QCOMPARE(TemplateValue(3).hash(), TemplateValue(3.0).hash());
    QCOMPARE(TemplateValue(1).hash(), TemplateValue(true).hash());
    QCOMPARE(TemplateValue::tuple({ 1, text("a") }).hash(),
        TemplateValue::tuple({ 1.0, text("a") }).hash());
}

void TestTemplateValue::dictionariesKeepTheirOrderAndFindEveryKey()
{
    TemplateDict dict;
    for (int i = 0; i < 1000; ++i) {
        dict.insert(QString::number(999 - i), i);
        dict.insert(i, -i);
    }
    dict.insert(QStringLiteral("500"), text("new"));
    QCOMPARE(dict.size(), 2000);
    QCOMPARE(dict.at(0).first.string(), QStringLiteral("999"));
    QCOMPARE(dict.at(1).first.toInteger(), 0);
    QCOMPARE(dict.find(u"500")->string(), QStringLiteral("new"));
    QCOMPARE(dict.at(998).second.string(), QStringLiteral("new")); // where it was
    for (int i = 0; i < 1000; ++i) {
        QCOMPARE(dict.find(TemplateValue(double(i)))->toInteger(), -i);
        QVERIFY(dict.find(QString::number(i)));
    }
    QVERIFY(!dict.find(u"1000"));
    QVERIFY(!dict.find(TemplateValue(0.5)));
}

void TestTemplateValue::setsHaveEachValueOnce()
{
    const auto set = TemplateValue::set({ 2, 1, 2.0, true, text("1") });
    QCOMPARE(set.toText(), QStringLiteral("{2, 1, '1'}"));
    QVERIFY(set == TemplateValue::set({ text("1"), 1, 2 }));
    QVERIFY(!(set == TemplateValue::set({ text("1"), 1, 3 })));
}

void TestTemplateValue::onlyWhatCannotChangeIsHashable()
{
    QVERIFY(TemplateValue::tuple({ 1, TemplateValue::tuple({}) }).isHashable());
    QVERIFY(!TemplateValue::tuple({ 1, TemplateValue::list({}) }).isHashable());
    QVERIFY(!TemplateValue(TemplateDict()).isHashable());
}

void TestTemplateValue::jsonKeepsItsOrder()
{
    const QByteArray json
        = R"({"z":[1,-2.5,1e3,true,null],"a":{"ä":"\u00e9\n\ud83d\ude00"},"":[],"n":{}})";
    const auto value = TemplateValue::fromJson(json);
    QVERIFY2(value.ok(), value.ok() ? "" : qPrintable(value.error().message));
    QCOMPARE(value->toJson(),
        QByteArray(R"({"z":[1,-2.5,1000.0,true,null],"a":{"ä":"é\n😀"},"":[],"n":{}})"));
    QCOMPARE(TemplateValue::fromJson("12345678901234567890")->kind(), TemplateValue::Kind::Float);
    QCOMPARE(TemplateValue::fromJson(" 7 ")->toInteger(), 7);
}

void TestTemplateValue::wrongJsonIsSaidAtItsPlace_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("message");
    const auto row = [](const QByteArray &json, const char *message) {
        QTest::newRow(json.left(12).constData()) << json << QString::fromLatin1(message);
    };
    row("", "character 1: a value is expected");
    row("[1,]", "character 4: a value is expected");
    row("{a:1}", "character 2: a key in double quotes is expected");
    row("{\"a\" 1}", "character 6: a colon is expected");
    row("01", "character 1: a value is expected");
    row("\"\\x\"", "character 3: an unknown escape");
    row("\"\\u12G4\"", "character 3: \\u needs four hexadecimal digits");
    row("\"abc", "character 5: a text has no end");
    row("1 2", "character 3: there is more after the value");
    row("1.", "character 3: a digit is expected");
    row("\"\xff\"", "the JSON is not UTF-8");
    row(QByteArray(100'000, '['), "nested deeper than 100 times");
}

void TestTemplateValue::wrongJsonIsSaidAtItsPlace()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, message);
    const auto value = TemplateValue::fromJson(json);
    QVERIFY(!value.ok());
    QVERIFY2(value.error().message.contains(message), qPrintable(value.error().message));
}

void TestTemplateValue::jsonIsWrittenInEachStyle()
{
    const auto value = TemplateValue::fromJson(R"({"b":[1,2],"a":"ä","c":[]})");
    QCOMPARE(writeJson(*value, { .sorted = true, .ascii = true }),
        QStringLiteral(R"({"a":"\u00e4","b":[1,2],"c":[]})"));
    QCOMPARE(writeJson(*value, { .pretty = true }),
        QStringLiteral("{\n  \"b\": [\n    1,\n    2\n  ],\n  \"a\": \"ä\",\n  \"c\": []\n}"));
    QCOMPARE(writeJson(std::nan("")), QStringLiteral("null"));
}

void TestTemplateValue::variantsAreUnderstood()
{
    const QVariantMap map { { QStringLiteral("b"), QVariantList { 1, 2.5, QVariant() } },
        { QStringLiteral("a"), QStringList { QStringLiteral("x") } },
        { QStringLiteral("t"), utc(1, 2, 3) } };
    const TemplateValue value = TemplateValue::fromVariant(map);
    QCOMPARE(value.toJson(),
        QByteArray(R"({"a":["x"],"b":[1,2.5,null],"t":"2026-04-13T01:02:03+00:00"})"));
    QCOMPARE(value.toVariant().toMap().value(QStringLiteral("b")),
        QVariant(QVariantList { qint64(1), 2.5, QVariant() }));

    const State state { QStringLiteral("sensor.x"), QStringLiteral("on"), {} };
    QCOMPARE(
        TemplateValue::fromVariant(QVariant::fromValue(state)).kind(), TemplateValue::Kind::Object);
    QCOMPARE(TemplateValue::fromVariant(QVariant::fromValue(std::chrono::microseconds(5))).kind(),
        TemplateValue::Kind::Duration);
}

void TestTemplateValue::copiesAndMovesKeepTheValue()
{
    TemplateValue::Items values { {}, 1, 2.5, true, text("abc"), TemplateValue::list({ 1 }),
        TemplateValue(State { QStringLiteral("a.b"), QStringLiteral("c"), {} }), utc(1, 1, 1),
        std::chrono::microseconds(4) };
    for (const TemplateValue &value : values) {
        for (TemplateValue other : values) {
            other = value;
            QVERIFY(other == value);
            const TemplateValue moved = std::move(other);
            QVERIFY(moved == value);
            other = moved;
            QVERIFY(other == value);
        }
    }
}

void TestTemplateValue::depthAndWeightCountWhatWouldBePrinted()
{
    TemplateValue value = 1;
    for (int i = 0; i < 60; ++i)
        value = TemplateValue::list({ value, value });
    QCOMPARE(value.depth(), 60);
    QVERIFY(value.weight() > qint64(1) << 60);
    QCOMPARE(TemplateValue::list({ 1, text("a"), TemplateValue::list({}) }).weight(), 4);
}

QTEST_GUILESS_MAIN(TestTemplateValue)
#include "tst_templatevalue.moc"
