// Renders tests/data/templates/*.txt here and with Debian's python3-jinja2, set up as Home
// Assistant does: what is printed has to be the same to the last character, so has the value that
// is made of it, and what fails there has to fail here. So with thousands of expressions made at
// random.
//
// ctest: slow

#include "automation/core/eventbus.h"
#include "automation/core/statestore.h"
#include "automation/template/builtins.h"
#include "automation/template/template.h"
#include "automation/template/templatedict.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QtTest>

using namespace hubkeep;

namespace {

const QString python = QStringLiteral("/usr/bin/python3");
// HUBKEEP_RANDOM_SEED and HUBKEEP_RANDOM_COUNT look further by hand.
int numberOf(const char *variable, int otherwise)
{
    const int number = qEnvironmentVariableIntValue(variable);
    return number == 0 ? otherwise : number;
}
const int randomSeed = numberOf("HUBKEEP_RANDOM_SEED", 20260413);
const int randomCount = numberOf("HUBKEEP_RANDOM_COUNT", 1200);

struct Case
{
    QString topic;
    QString template_;
    bool fails = false;
    QString place; // "filters.txt:12"
};

class FixedClock final : public Clock
{
public:
    QDateTime time;
    QDateTime now() const override { return time; }
};

// What one side makes of a template.
struct Outcome
{
    bool failed = false;
    QString text; // or the error
    QString value; // as Python writes it

    bool operator==(const Outcome &other) const
    {
        return failed == other.failed && (failed || (text == other.text && value == other.value));
    }
    QString describe() const
    {
        return failed ? QStringLiteral("the error: ") + text
                      : QStringLiteral("%1\n    with the value %2").arg(text, value);
    }
};

QString folder()
{
    return QStringLiteral(HUBKEEP_TESTS_DATA_DIR "/templates");
}

QByteArray contentsOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

std::vector<Case> casesOf(const QString &name)
{
    std::vector<Case> cases;
    QString topic;
    const QStringList lines = QString::fromUtf8(contentsOf(folder() + u'/' + name)).split(u'\n');
    for (qsizetype i = 0; i < lines.size(); ++i) {
        QString line = lines[i];
        if (line.startsWith(u"== ")) {
            topic = line.sliced(3);
            continue;
        }
        if (line.isEmpty() || line.startsWith(u"# "))
            continue;
        Case each { topic, {}, line.startsWith(u"! "),
            QStringLiteral("%1:%2").arg(name).arg(i + 1) };
        if (each.fails)
            line = line.sliced(2);
        if (line == u"<<<") {
            QStringList block;
            while (++i < lines.size() && lines[i] != u">>>")
                block += lines[i];
            line = block.join(u'\n');
        }
        each.template_ = line;
        cases.push_back(each);
    }
    return cases;
}

std::vector<Case> allCases()
{
    std::vector<Case> cases;
    for (const QString &name : QDir(folder()).entryList({ QStringLiteral("*.txt") })) {
        const std::vector<Case> some = casesOf(name);
        cases.insert(cases.end(), some.begin(), some.end());
    }
    return cases;
}

Outcome outcomeOf(const QJsonArray &rendered)
{
    if (rendered[1].isNull())
        return { true, rendered[2].toString(), {} };
    return { false, rendered[1].toString(), rendered[2].toString() };
}

} // namespace

class TestJinja : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_world = QJsonDocument::fromJson(contentsOf(folder() + QStringLiteral("/world.json")))
                      .object();
        QVERIFY(!m_world.isEmpty());
        prepareWorld();
        m_cases = allCases();
        QProcess probe;
        probe.start(python, { QStringLiteral("-c"), QStringLiteral("import jinja2") });
        if (!probe.waitForFinished(60'000) || probe.exitCode() != 0)
            QSKIP("Debian's python3-jinja2 is not installed, so there is nothing to compare with");
        askJinja();
    }

    void rendersWhatJinjaRenders_data()
    {
        QTest::addColumn<int>("index");
        for (size_t i = 0; i < m_cases.size(); ++i)
            QTest::newRow(qPrintable(m_cases[i].place)) << int(i);
    }
    void rendersWhatJinjaRenders()
    {
        QFETCH(int, index);
        const Case &each = m_cases[size_t(index)];
        const Outcome theirs = outcomeOf(m_rendered[index].toArray());
        const Outcome ours = render(each.template_);
        if (theirs.failed != each.fails)
            QFAIL(qPrintable(
                QStringLiteral("%1: Jinja2 %2: %3")
                    .arg(each.place,
                        each.fails ? QStringLiteral("renders what is marked with !")
                                   : QStringLiteral("fails, but the case is not marked with !"),
                        theirs.describe())));
        if (!(ours == theirs))
            QFAIL(qPrintable(difference(each.template_, ours, theirs)));
    }

    void saysWhatFailed()
    {
        for (const Case &each : m_cases) {
            if (!each.fails)
                continue;
            const Outcome ours = render(each.template_);
            QVERIFY2(ours.text.startsWith(u"line ") && ours.text.contains(u", column "),
                qPrintable(each.template_ + u'\n' + ours.text));
        }
    }

    void everyTopicHasFiveCases()
    {
        QMap<QString, int> counts;
        for (const Case &each : m_cases)
            ++counts[each.topic];
        for (auto it = counts.begin(); it != counts.end(); ++it)
            QVERIFY2(it.value() >= 5, qPrintable(it.key()));
        QVERIFY2(m_cases.size() >= 700, qPrintable(QString::number(m_cases.size())));
        for (const QString &wanted : topics())
            QVERIFY2(counts.contains(wanted), qPrintable(wanted));
    }

    void rendersRandomExpressionsAsJinjaDoes()
    {
        QVERIFY(m_random.size() == randomCount);
        QStringList differences;
        qsizetype compared = 0;
        for (const QJsonValue &expression : m_random) {
            for (const QJsonValue &part : expression.toArray()) { // the shortest first
                const QString source = part.toArray()[0].toString();
                const Outcome theirs = outcomeOf(part.toArray());
                const Outcome ours = render(source);
                ++compared;
                if (!(ours == theirs)) {
                    differences += difference(source, ours, theirs);
                    break;
                }
            }
        }
        differences.removeDuplicates();
        differences.sort();
        for (const QString &each : differences.mid(0, 40))
            qWarning("%s", qPrintable(each));
        QVERIFY2(differences.isEmpty(),
            qPrintable(QStringLiteral("%1 of %2 expressions, seed %3")
                           .arg(differences.size())
                           .arg(compared)
                           .arg(randomSeed)));
    }

private:
    void prepareWorld()
    {
        m_clock.time
            = QDateTime::fromString(m_world.value(u"now").toString(), Qt::ISODateWithMs).toUTC();
        const QJsonArray states = m_world.value(u"states").toArray();
        for (const QJsonValue &state : states)
            QVERIFY(m_states
                        .set(state[u"entity_id"].toString(), state[u"state"].toString(),
                            state[u"attributes"].toObject().toVariantMap())
                        .ok());
        // Read anew, because QJsonObject sorts the names.
        const Result<TemplateValue> world
            = TemplateValue::fromJson(contentsOf(folder() + QStringLiteral("/world.json")));
        QVERIFY(world.ok());
        for (const auto &[name, value] : world->dict().find(u"variables")->dict())
            m_names.set(name.string(), value);
    }

    void askJinja()
    {
        QJsonArray templates;
        for (const Case &each : m_cases)
            templates.append(each.template_);
        QByteArray world = contentsOf(folder() + QStringLiteral("/world.json")).trimmed();
        world.chop(1);
        world += ", \"templates\": " + QJsonDocument(templates).toJson(QJsonDocument::Compact)
            + QStringLiteral(", \"random\": {\"seed\": %1, \"count\": %2}}")
                  .arg(randomSeed)
                  .arg(randomCount)
                  .toUtf8();
        QProcess jinja;
        jinja.setProcessChannelMode(QProcess::SeparateChannels);
        jinja.start(python,
            { QStringLiteral("-BWignore"),
                QStringLiteral(HUBKEEP_TESTS_DATA_DIR "/../template/jinja.py") });
        jinja.write(world);
        jinja.closeWriteChannel();
        QVERIFY2(jinja.waitForFinished(600'000), "Jinja2 takes too long");
        QVERIFY2(jinja.exitCode() == 0, jinja.readAllStandardError().constData());
        const QJsonObject answer = QJsonDocument::fromJson(jinja.readAllStandardOutput()).object();
        m_rendered = answer.value(u"cases").toArray();
        m_random = answer.value(u"random").toArray();
        QCOMPARE(m_rendered.size(), qsizetype(m_cases.size()));
    }

    Outcome render(const QString &source) const
    {
        TemplateScope scope;
        scope.states = &m_states;
        scope.clock = &m_clock;
        scope.zone = QTimeZone(m_world.value(u"zone").toString().toLatin1());
        scope.names = &m_names;
        scope.limits.time = std::chrono::seconds(10); // of a loaded machine under a sanitizer
        const Result<Template> parsed = Template::parse(source);
        if (!parsed)
            return { true, parsed.error().message, {} };
        const Result<QString> text = parsed->renderText(scope);
        if (!text)
            return { true, text.error().message, {} };
        const Result<TemplateValue> value = parsed->render(scope);
        if (!value)
            return { true, value.error().message, {} };
        return { false, *text, value->toLiteral() };
    }

    static QString difference(const QString &source, const Outcome &ours, const Outcome &theirs)
    {
        return QStringLiteral("%1\n  here    %2\n  Jinja2  %3")
            .arg(source, ours.describe(), theirs.describe());
    }

    // Each single thing that the language, the filters and the functions have.
    static QStringList topics()
    {
        QStringList names;
        for (const char *const filter : { "abs", "attr", "batch", "capitalize", "center", "default",
                 "dictsort", "escape", "filesizeformat", "first", "float", "forceescape", "format",
                 "groupby", "indent", "int", "items", "join", "last", "length", "list", "lower",
                 "map", "max", "min", "pprint", "random", "reject", "rejectattr", "replace",
                 "reverse", "round", "safe", "select", "selectattr", "slice", "sort", "string",
                 "striptags", "sum", "title", "tojson", "trim", "truncate", "unique", "upper",
                 "urlencode", "urlize", "wordcount", "wordwrap", "xmlattr" })
            names += QStringLiteral("filter ") + QLatin1String(filter);
        for (const char *const test : { "boolean", "callable", "defined", "divisibleby", "eq",
                 "escaped", "even", "false", "filter", "float", "ge", "gt", "in", "integer",
                 "iterable", "le", "lower", "lt", "mapping", "ne", "none", "number", "odd",
                 "sameas", "sequence", "string", "test", "true", "undefined", "upper" })
            names += QStringLiteral("test ") + QLatin1String(test);
        for (const char *const name : { "precedence", "comparison chains", "inline if",
                 "concatenation", "membership", "tests syntax", "slices", "string methods",
                 "dict methods", "list methods", "literals", "printf", "format method", "if", "for",
                 "loop variables", "recursive loops", "filter blocks", "set", "with",
                 "break and continue", "namespace", "macros", "call blocks", "raw", "comments",
                 "whitespace control", "cycler", "joiner", "calls", "undefined", "arithmetic",
                 "result types", "states", "states iteration", "state_attr", "is_state",
                 "is_state_attr", "has_value", "expand", "now", "utcnow", "today_at",
                 "as_timestamp", "as_datetime", "as_local", "as_timedelta", "strptime", "timedelta",
                 "relative_time", "time_since", "time_until", "timestamp_custom", "timestamp_local",
                 "timestamp_utc", "iif", "float", "int", "bool", "is_number", "regex_match",
                 "regex_search", "regex_replace", "regex_findall", "regex_findall_index", "to_json",
                 "from_json", "slugify", "average", "median", "statistical_mode", "min and max",
                 "log", "sqrt", "trigonometry", "clamp", "wrap", "remap", "add and multiply",
                 "bitwise", "base64", "hashes", "zip", "contains", "flatten", "intersect",
                 "difference", "symmetric_difference", "union", "combine", "typeof", "ord",
                 "ordinal", "set and tuple", "datetime and string_like", "apply and as_function",
                 "is_defined" })
            names += QLatin1String(name);
        return names;
    }

    QJsonObject m_world;
    FixedClock m_clock;
    EventBus m_bus { m_clock };
    StateStore m_states { m_bus, m_clock };
    TemplateVariables m_names;
    std::vector<Case> m_cases;
    QJsonArray m_rendered;
    QJsonArray m_random;
};

QTEST_GUILESS_MAIN(TestJinja)
#include "tst_jinja.moc"
