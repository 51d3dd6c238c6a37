// What filters would do with numbers and texts that somebody chose to be as bad as can be: an
// error, soon.

#include "tests/template/templatearena.h"

#include <QElapsedTimer>
#include <QtTest>

using namespace hubkeep;

class TestFilterBounds : public QObject
{
    Q_OBJECT

private slots:
    void endsInAnError_data()
    {
        QTest::addColumn<QString>("source");
        for (const char *const source : {
                 "{{ 'x'|center(10 ** 9) }}",
                 "{{ 'x'|center(9223372036854775807) }}",
                 "{{ 'x'|indent(10 ** 9, true) }}",
                 "{{ 'x'|indent(9223372036854775807) }}",
                 "{{ ('a\n' * 5000)|indent(100) }}",
                 "{{ [1]|batch(10 ** 9, 0)|list }}",
                 "{{ [1]|batch(9223372036854775807, 0)|list }}",
                 "{{ [1]|slice(10 ** 9)|list }}",
                 "{{ [1]|slice(9223372036854775807)|list }}",
                 "{{ range(10 ** 9)|list }}",
                 "{{ range(10 ** 9)|sum }}",
                 "{{ range(10 ** 9)|map('string')|join }}",
                 "{{ range(10 ** 9)|sort }}",
                 "{{ range(10 ** 9)|last }}",
                 "{{ range(10 ** 9)|reverse|first }}",
                 "{{ range(10 ** 9)|random }}",
                 "{{ range(10 ** 9)|groupby(0) }}",
                 "{{ range(10 ** 9)|unique|list }}",
                 "{{ range(10 ** 9)|select('odd')|list }}",
                 "{{ range(10 ** 9)|average }}",
                 "{{ range(10 ** 9)|max }}",
                 "{{ set(range(10 ** 9)) }}",
                 "{{ tuple(range(10 ** 9)) }}",
                 "{{ ('x' * 10000)|replace('x', 'y' * 10000) }}",
                 "{{ ('x' * 10000)|replace('', 'y' * 10000) }}",
                 "{{ ('x' * 1000)|list|join('y' * 100000) }}",
                 "{{ ('x ' * 100000)|wordwrap(1, wrapstring='y' * 1000) }}",
                 "{{ ('a' * 200)|regex_replace('a', 'b' * 100000) }}",
                 "{{ ('a' * 100000)|regex_replace('', 'bbbb') }}",
                 "{{ ('a' * 100000)|slugify('-' * 100000) }}",
                 "{{ ('x' * 200000)|base64_encode|base64_encode }}",
                 "{{ [[1, 2], [3]]|tojson(10 ** 9) }}",
                 "{{ 1e308|round(400, 'ceil') }}",
                 "{{ 1e30|round }}",
                 "{{ 1e30|int }}",
                 "{{ timedelta(weeks=9223372036854775807) }}",
                 "{{ timedelta(days=1e300) }}",
                 "{{ 'a'|truncate(-5) }}",
                 "{{ '%1000000000d'|format(5) }}",
                 "{{ 'http://a.bc http://d.ef'|urlize(rel='x' * 200000) }}",
                 "{% set ns = namespace(l=[]) %}{% for i in range(200) %}{% set ns.l = [ns.l] %}"
                 "{% endfor %}{{ ns.l|flatten }}{{ ns.l|to_json }}{{ ns.l|pprint }}",
                 "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}"
                 "{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l|flatten|length }}",
                 "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}"
                 "{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l|to_json|length }}",
                 "{{ zip(range(10 ** 9), range(10 ** 9))|list }}",
                 "{{ range(10 ** 9)|map('int')|list|length }}",
             })
            QTest::newRow(source) << QString::fromUtf8(source);
    }
    void endsInAnError()
    {
        QFETCH(QString, source);
        QElapsedTimer timer;
        timer.start();
        const QString text = m_arena.text(source);
        QVERIFY2(text.startsWith(u"error: line "), qPrintable(text.left(200)));
        QVERIFY2(timer.elapsed() < 10'000, qPrintable(QString::number(timer.elapsed())));
    }

    void isBoundedAndMayWork_data()
    {
        QTest::addColumn<QString>("source");
        for (const char *const source : {
                 "{{ 1.5|round(10 ** 9) }}",
                 "{{ 1.5|round(-10 ** 9) }}",
                 "{{ 1.5|round(10 ** 18) }}",
                 "{{ 'x'|center(-10 ** 18) }}",
                 "{{ 'x'|indent(-10 ** 18) }}",
                 "{{ [1]|slice(-10 ** 18)|list }}",
                 "{{ [1]|batch(-10 ** 18)|list }}",
                 "{{ [1, 2]|batch(10 ** 18)|list }}",
                 "{{ 'a'|truncate(10 ** 18) }}",
                 "{{ 'a'|truncate(5, leeway=9223372036854775807) }}",
                 "{{ 'a'|wordwrap(10 ** 18) }}",
                 "{{ 'http://a.b/c'|urlize(10 ** 18) }}",
                 "{{ 'http://a.b/c'|urlize(-10 ** 18) }}",
                 "{{ 'abc'|replace('b', 'x', 10 ** 18) }}",
                 "{{ [[1]]|flatten(10 ** 18) }}",
                 "{{ time_since(as_datetime(0), 10 ** 18) }}",
                 "{{ ('x' * 100000)|striptags|length }}",
                 "{{ ('<' * 100000)|striptags|length }}",
                 "{{ ('&' * 100000)|striptags|length }}",
                 "{{ ('<!--' * 20000)|striptags|length }}",
                 "{{ ('-' * 50000)|wordwrap(10)|length }}",
                 "{{ ('a-' * 20000)|wordwrap(10)|length }}",
                 "{{ ('&lt;' * 2000)|urlize|length }}",
                 "{{ ('(' * 20000)|urlize|length }}",
                 "{{ (')' * 20000)|urlize|length }}",
                 "{{ ('a.' * 20000)|urlize|length }}",
                 "{{ ('www.' ~ 'a.' * 20000)|urlize|length }}",
                 "{{ ('a@' * 20000)|urlize|length }}",
                 "{{ ('9' * 100000)|int(0) }}",
                 "{{ ('9' * 100000)|float(0) }}",
                 "{{ ('_' * 100000)|float(0) }}",
                 "{{ ('2026-' * 10000)|as_datetime }}",
                 "{{ ('1:' * 50000)|as_timedelta }}",
                 "{{ strptime('9' * 100000, '%Y', 0) }}",
                 "{{ strptime('1', '%Y' * 50000, 0) }}",
                 "{{ ('[' * 100000)|from_json(0) }}",
                 "{{ '5'|int(0, 10 ** 18) }}",
                 "{{ '5'|int(0, -10 ** 18) }}",
             })
            QTest::newRow(source) << QString::fromUtf8(source);
    }
    void isBoundedAndMayWork()
    {
        QFETCH(QString, source);
        QElapsedTimer timer;
        timer.start();
        m_arena.text(source);
        QVERIFY2(timer.elapsed() < 10'000, qPrintable(QString::number(timer.elapsed())));
    }

    void backtracksOnlySoMuch_data()
    {
        QTest::addColumn<QString>("pattern");
        for (const char *const pattern : { "(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*a){12}$", "(a*)*$",
                 "(?:a?){40}a{40}$", "(a*a*)*b" })
            QTest::newRow(pattern) << QString::fromUtf8(pattern);
    }
    void backtracksOnlySoMuch()
    {
        QFETCH(QString, pattern);
        m_arena.setVariable(QStringLiteral("pattern"), pattern);
        for (const int length : { 60, 3000, 90'000 }) {
            m_arena.setVariable(QStringLiteral("text"), QString(QString(length, u'a') + u'!'));
            for (const char *const filter : { "regex_match(pattern)", "regex_search(pattern)",
                     "regex_replace(pattern, 'x')", "regex_findall(pattern)" }) {
                QElapsedTimer timer;
                timer.start();
                m_arena.text(
                    QStringLiteral("{{ (text|%1)|string|length }}").arg(QLatin1String(filter)));
                QVERIFY2(timer.elapsed() < 10'000, qPrintable(QString::number(timer.elapsed())));
            }
        }
    }

    void saysThatARegexTakesTooLong()
    {
        m_arena.setVariable(QStringLiteral("text"), QString(QString(60, u'a') + u'!'));
        const QString said = m_arena.text(QStringLiteral("{{ text|regex_match('(a|aa)+$') }}"));
        QVERIFY2(
            said.contains(u"regex_match: the regular expression takes too long"), qPrintable(said));
    }

    void hasNoVerbsInPatterns()
    {
        const QString said = m_arena.text(
            QStringLiteral("{{ 'a'|regex_match('(*LIMIT_MATCH=4000000000)(a+)+$') }}"));
        QVERIFY2(said.startsWith(u"error: "), qPrintable(said));
    }

private:
    TemplateArena m_arena;
};

QTEST_GUILESS_MAIN(TestFilterBounds)
#include "tst_filterbounds.moc"
