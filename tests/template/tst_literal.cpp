// The type of a rendered text, as Home Assistant takes it.

#include "automation/template/literal.h"
#include "automation/template/template.h"

#include <QtTest>

using namespace hubkeep;

class TestLiteral : public QObject
{
    Q_OBJECT

private slots:
    void textsThatReadLikeLiteralsAreTyped_data();
    void textsThatReadLikeLiteralsAreTyped();
    void otherTextsStayTexts_data();
    void otherTextsStayTexts();
    void blanksAroundAResultDoNotCount();
    void yesIsWhatHomeAssistantTakesForIt();
};

void TestLiteral::textsThatReadLikeLiteralsAreTyped_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("repr");
    const auto row = [](const char *text, const char *repr) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(repr);
    };
    row("1", "1");
    row("-1", "-1");
    row("+5", "5");
    row("1.5", "1.5");
    row(".5", "0.5");
    row("5.", "5.0");
    row("True", "True");
    row("None", "None");
    row("1, 2", "(1, 2)");
    row("1,", "(1,)");
    row("[1, 'a', None]", "[1, 'a', None]");
    row("[1e3, 0x1F, 1_0]", "[1000.0, 31, 10]");
    row("{'a': {\"b\": (1,)}}", "{'a': {'b': (1,)}}");
    row("{}", "{}");
    row("set()", "set()");
    row("['a' 'b', r'\\n', u'x']", "['ab', '\\\\n', 'x']");
    row("[1,\n2] # two", "[1, 2]");
    row("-9223372036854775808", "-9223372036854775808");
}

void TestLiteral::textsThatReadLikeLiteralsAreTyped()
{
    QFETCH(QString, text);
    QVERIFY(!parseResult(text).isString());
    QTEST(parseResult(text).toLiteral(), "repr");
}

void TestLiteral::otherTextsStayTexts_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text :
        { "", "on", "true", "none", "007", "00", "1e3", "0x10", "1_000", "- 1", "(1)", "'quoted'",
            "\"a\" \"b\"", "12:30", "2026-01-01", "1.2.3", "--1", "1+1", "[1", "[1+1]", "{[1]: 2}",
            "nan", "...", "1 2", "1\n2", "1j", "9223372036854775808", "[b'x']", "it's", "5%" })
        QTest::newRow(text) << QString::fromUtf8(text);
    QTest::newRow("deep") << QString(500, u'[') + QString(500, u']');
}

void TestLiteral::otherTextsStayTexts()
{
    QFETCH(QString, text);
    QVERIFY(parseResult(text).isString());
    QCOMPARE(parseResult(text).string(), text);
}

void TestLiteral::blanksAroundAResultDoNotCount()
{
    const Result<TemplateValue> value
        = Template::parse(QStringLiteral("\n  {{ 1 + 2 }} "))->render({});
    QVERIFY(value.ok());
    QCOMPARE(value->toLiteral(), QStringLiteral("3"));
}

void TestLiteral::yesIsWhatHomeAssistantTakesForIt()
{
    for (const char *yes : { "true", "True", "yes", " ON ", "enable", "1" })
        QVERIFY2(isTrueResult(QString::fromUtf8(yes)), yes);
    for (const char *no : { "", "false", "off", "2", "on!" })
        QVERIFY2(!isTrueResult(QString::fromUtf8(no)), no);
    QVERIFY(isTrueResult(true));
    QVERIFY(isTrueResult(0.5));
    QVERIFY(!isTrueResult(0));
    QVERIFY(!isTrueResult({}));
}

QTEST_GUILESS_MAIN(TestLiteral)
#include "tst_literal.moc"
