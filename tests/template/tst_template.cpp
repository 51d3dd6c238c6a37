// The template language: what is written, what comes out, where errors are said to be.

#include "automation/template/template.h"
#include "automation/template/templatedict.h"

#include <QtTest>

using namespace hubkeep;

namespace {

QString rendered(const QString &source, const TemplateVariables &names = {})
{
    const Result<Template> parsed = Template::parse(source);
    if (!parsed)
        return QStringLiteral("! ") + parsed.error().message;
    TemplateScope scope;
    scope.names = &names;
    const Result<QString> text = parsed->renderText(scope);
    return text ? *text : QStringLiteral("! ") + text.error().message;
}

} // namespace

class TestTemplate : public QObject
{
    Q_OBJECT

private slots:
    void templatesAreRendered_data();
    void templatesAreRendered();
};

void TestTemplate::templatesAreRendered_data()
{
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("text");
    const auto row = [](const char *source, const char *text) {
        QTest::newRow(source) << QString::fromUtf8(source) << QString::fromUtf8(text);
    };
    row("plain\n", "plain");
    row("{{ 1 + 2 * 3 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }}", "7 64 4");
    row("{{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 7.5 // 2 }}", "-4 2 -2 3.0");
    row("{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }}", "True False");
    row("{{ 'a' ~ 1 ~ none }}", "a1None");
    row("{{ 'a😀b'[1] }}{{ 'a😀b'[::-1] }}", "😀b😀a");
    row("{% for i in [1, 2] %}{{ loop.index }}{{ i }}{% else %}x{% endfor %}", "1122");
    row("{% set n = namespace(a=1) %}{% for i in [2] %}{% set n.a = i %}{% endfor %}{{ n.a }}",
        "2");
    row("{% set x = 1 %}{% for i in [2] %}{% set x = i %}{% endfor %}{{ x }}", "1");
    row("{% macro m(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}", "12");
    row("a {{- 1 -}} b", "a1b");
    row("{{ nothing }}", "");
    row("{{ nothing.x }}", "! line 1, column 4: 'nothing' is undefined");
    row("a\n{{ 1 + 'a' }}", "! line 2, column 6: unsupported operand types for +: 'int' and 'str'");
    row("{% if %}", "! line 1, column 7: an expression is expected, not '%}'");
}

void TestTemplate::templatesAreRendered()
{
    QFETCH(QString, source);
    QTEST(rendered(source), "text");
}

QTEST_GUILESS_MAIN(TestTemplate)
#include "tst_template.moc"
