// The template language: what is written, what comes out, where errors are said to be.

#include "automation/template/template.h"
#include "automation/template/templatedict.h"

#include <QtTest>

#include <time.h>

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
    void errorsSayWhereAndWhat_data();
    void errorsSayWhereAndWhat();
    void hostileTemplatesEndSoon_data();
    void hostileTemplatesEndSoon();
    void aStrictScopeForgivesNoUndefinedName();
    void namesShadowBuiltIns();
    void whatALoopGaveAwayOutlivesIt();
    void aProblemHasItsPlaceApart();
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

void TestTemplate::errorsSayWhereAndWhat_data()
{
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("error");
    const auto row = [](const char *source, const char *error) {
        QTest::newRow(source) << QString::fromUtf8(source)
                              << QLatin1String("! line ") + QString::fromUtf8(error);
    };
    row("{{ 'a }}", "1, column 4: the text that begins here has no closing '");
    row("a\n\n {{ 1", "3, column 2: the '{{' that begins here has no '}}'");
    row("{{ 1) }}", "1, column 5: there is no bracket that ')' closes");
    row("{% endif %}", "1, column 4: there is nothing that 'endif' belongs to");
    row("{% fro x %}", "1, column 4: there is no statement 'fro'; did you mean 'for'?");
    row("{{ 1 | uper }}", "1, column 8: there is no filter 'uper'; did you mean 'upper'?");
    row("{% break %}", "1, column 10: 'break' is only for loops");
    row("😀{{ x.y }}", "1, column 5: 'x' is undefined");
    row("{{ {}.x.y }}", "1, column 7: 'dict object' has no attribute 'x'");
    row("{{ 1 < 'a' }}", "1, column 4: '<' not supported between instances of 'int' and 'str'");
    row("{{ 1 // 0 }}", "1, column 6: division by zero");
    row("{{ 2 ** 63 }}", "1, column 6: the result of 2 ** 63 is beyond 64 bits");
    row("{{ 'a'.append(1) }}", "1, column 8: 'str object' has no attribute 'append'");
    row("{{ [].append(1) }}",
        "1, column 7: access to attribute 'append' of 'list' object is unsafe");
    row("{{ ''.__class__.x }}",
        "1, column 7: access to attribute '__class__' of 'str' object is unsafe");
    row("{% set x.y = 1 %}",
        "1, column 8: only attributes of a namespace can be set, and 'x' is undefined");
    row("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}",
        "1, column 34: macro 'm' takes not more than 1 argument(s)");
    row("{% include 'x' %}",
        "1, column 4: 'include' does not exist here: a template is one text, and has macros of its "
        "own");
    row("{{ 'a'.center('b') }}", "1, column 8: center: width must be an integer, not str");
    row("{{ 'a'.center(widht=3) }}",
        "1, column 8: center() has no argument 'widht'; did you mean "
        "'width'?");
}

void TestTemplate::errorsSayWhereAndWhat()
{
    QFETCH(QString, source);
    QTEST(rendered(source), "error");
}

void TestTemplate::hostileTemplatesEndSoon_data()
{
    QTest::addColumn<QString>("source");
    const auto row = [](const char *source) { QTest::newRow(source) << QString::fromUtf8(source); };
    const auto grown
        = [](const char *name, const QString &source) { QTest::newRow(name) << source; };
    row("{{ 'x' * 10**9 }}");
    row("{{ range(10**9) }}");
    row("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}");
    row("{% set n = namespace(x='a') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}"
        "{% endfor %}");
    row("{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}"
        "{% endfor %}{{ n.x }}");
    row("{% set n = namespace(x=[1]) %}{% for i in range(99999) %}{% set n.x = [n.x] %}"
        "{% endfor %}");
    row("{% set n = namespace(x={}) %}{% for i in range(99999) %}{% set n.x = {1: n.x}.items() %}"
        "{% endfor %}");
    row("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}");
    row("{% macro m(f) %}{{ f(f) }}{% endmacro %}{{ m(m) }}");
    row("{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}");
    row("{{ '%1000000000d' % 1 }}");
    row("{{ '{:>999999999}'.format(1) }}");
    row("{{ '%.999999999f' % 1 }}");
    row("{{ 9 ** 9 ** 9 }}");
    row("{{ '\t'.expandtabs(10 ** 12) }}");
    row("{{ ('ab' * 120000).rsplit('ab' * 9) ~ x.y }}");
    row("{% set a = 'ß' * 250000 %}{{ a.upper() }}");
    row("{% set a = 'ß' * 250000 %}{{ a | upper }}");
    row("{{ ('%s ' * 50000) % ('a' * 250000) }}");
    row("{% set l = [1] * 99999 %}{% for i in range(99999) %}{{ 2 in l }}{{ l == l + [] }}"
        "{% endfor %}");
    grown("brackets", QLatin1String("{{ ") + QString(5000, u'(') + QString(5000, u')'));
    grown("signs", QLatin1String("{{ ") + QString(5000, u'-') + QLatin1String("1 }}"));
    grown("attributes",
        QLatin1String("{{ x") + QStringLiteral(".a").repeated(5000) + QLatin1String(" }}"));
    grown("conditions", QStringLiteral("{% if 1 %}").repeated(3000));
    grown("a megabyte", QStringLiteral("{{ 1 }} ").repeated(125'000));
    grown("letters that become two", QStringLiteral("{{ ('ß' * 250000) | upper }}"));
    grown("braces", QString(200'000, u'{'));
}

void TestTemplate::hostileTemplatesEndSoon()
{
    QFETCH(QString, source);
    timespec before {};
    timespec after {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    const QString text = rendered(source);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
    QVERIFY2(text.startsWith(u'!'), qPrintable(text.left(100)));
    const double milliseconds = double(after.tv_sec - before.tv_sec) * 1000
        + double(after.tv_nsec - before.tv_nsec) / 1e6;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr double most = 1000;
#else
    constexpr double most = 200;
#endif
    QVERIFY2(milliseconds < most, qPrintable(QString::number(milliseconds)));
}

void TestTemplate::aStrictScopeForgivesNoUndefinedName()
{
    const auto strict = [](const char *source) {
        TemplateScope scope;
        scope.strict = true;
        return Template::parse(QString::fromUtf8(source))->renderText(scope).ok();
    };
    QVERIFY(!strict("{{ x }}"));
    QVERIFY(!strict("{% if x %}{% endif %}"));
    QVERIFY(!strict("{% for i in x %}{% endfor %}"));
    QVERIFY(!strict("{{ x == 1 }}"));
    QVERIFY(!strict("{{ 'a' ~ x }}"));
    QVERIFY(strict("{{ x is defined }}{{ x | default(1) }}"));
}

void TestTemplate::namesShadowBuiltIns()
{
    TemplateVariables names;
    names.set(QStringLiteral("range"), 7);
    QCOMPARE(rendered(QStringLiteral("{{ range }}"), names), QStringLiteral("7"));
    QCOMPARE(rendered(QStringLiteral("{{ range(2) | list }}")), QStringLiteral("[0, 1]"));
}

void TestTemplate::whatALoopGaveAwayOutlivesIt()
{
    QCOMPARE(rendered(QStringLiteral(
                 "{% set n = namespace() %}{% macro m() %}{% for i in [1, 2, 3] if i %}"
                 "{% set n.l = loop %}{% break %}{% endfor %}{% endmacro %}"
                 "{{ m() }}{{ n.l.index }}{{ n.l.nextitem }}{{ n.l.length }}")),
        QStringLiteral("123"));
    QCOMPARE(rendered(QStringLiteral("{% set n = namespace() %}{% macro m() %}{% macro k() %}"
                                     "{{ x }}{% endmacro %}{% set x = 5 %}{% set n.f = k %}"
                                     "{% endmacro %}{{ m() }}{{ n.f() }}")),
        QStringLiteral("5"));
}

void TestTemplate::aProblemHasItsPlaceApart()
{
    TemplateProblem problem;
    QVERIFY(!Template::parse(QStringLiteral("a\r\nb {{ 1 + }}"), &problem).ok());
    QCOMPARE(problem.line, 2);
    QCOMPARE(problem.column, 10);
    QCOMPARE(problem.message, QStringLiteral("an expression is expected, not '}}'"));
}

QTEST_GUILESS_MAIN(TestTemplate)
#include "tst_template.moc"
