#include "automation/engine/trace.h"
#include "automation/template/templatedict.h"

#include <QJsonArray>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::automation;

namespace {

const QDateTime start(QDate(2026, 4, 13), QTime(12, 0), Qt::UTC);

TemplateValue dict(const char *key, const TemplateValue &value)
{
    TemplateDict made;
    made.insert(QString::fromLatin1(key), value);
    return made;
}

TemplateValue json(const char *text)
{
    return *TemplateValue::fromJson(text);
}

QString text(const TemplateValue &value)
{
    return QString::fromUtf8(value.toJson());
}

Trace madeTrace()
{
    Trace trace;
    trace.runId = QStringLiteral("0123456789abcdef0123456789abcdef");
    trace.itemId = QStringLiteral("nightly");
    trace.context = { QStringLiteral("ID"), QStringLiteral("PARENT"), {} };
    trace.started = start;
    trace.triggerDescription = QStringLiteral("state of sensor.x");
    return trace;
}

} // namespace

class TestTrace : public QObject
{
    Q_OBJECT

private slots:
    void theShortFormIsHomeAssistants()
    {
        Trace trace = madeTrace();
        trace.add(QStringLiteral("action/1"), start);
        QJsonObject json = trace.toShortJson();
        QCOMPARE(json.keys(),
            QStringList({ QStringLiteral("domain"), QStringLiteral("item_id"),
                QStringLiteral("last_step"), QStringLiteral("run_id"),
                QStringLiteral("script_execution"), QStringLiteral("state"),
                QStringLiteral("timestamp"), QStringLiteral("trigger") }));
        QCOMPARE(json[u"last_step"].toString(), QStringLiteral("action/1"));
        QCOMPARE(json[u"state"].toString(), QStringLiteral("running"));
        QVERIFY(json[u"script_execution"].isNull());
        QCOMPARE(json[u"timestamp"][u"start"].toString(), toIsoTime(start));
        QVERIFY(json[u"timestamp"][u"finish"].isNull());

        trace.state = QStringLiteral("stopped");
        trace.execution = QStringLiteral("error");
        trace.error = QStringLiteral("it broke");
        trace.finished = start.addSecs(2);
        json = trace.toShortJson();
        QCOMPARE(json[u"script_execution"].toString(), QStringLiteral("error"));
        QCOMPARE(json[u"error"].toString(), QStringLiteral("it broke"));
        QCOMPARE(json[u"timestamp"][u"finish"].toString(), toIsoTime(start.addSecs(2)));
    }

    void theLongFormHasTheStepsByTheirPaths()
    {
        Trace trace = madeTrace();
        trace.add(QStringLiteral("trigger/0"), start).changedVariables = dict("x", 1);
        trace.add(QStringLiteral("action/0"), start.addMSecs(1)).result = dict("done", true);
        trace.add(QStringLiteral("action/0"), start.addMSecs(2)).error = QStringLiteral("no");
        const QJsonObject json = trace.toJson();
        QCOMPARE(json[u"context"][u"parent_id"].toString(), QStringLiteral("PARENT"));
        const QJsonObject steps = json[u"trace"].toObject();
        QCOMPARE(
            steps.keys(), QStringList({ QStringLiteral("action/0"), QStringLiteral("trigger/0") }));
        QCOMPARE(steps[u"trigger/0"][0][u"changed_variables"][u"x"].toInt(), 1);
        QVERIFY(!steps[u"trigger/0"][0].toObject().contains(u"error"));
        const QJsonArray twice = steps[u"action/0"].toArray();
        QCOMPARE(twice.size(), 2);
        QCOMPARE(twice[0][u"result"][u"done"].toBool(), true);
        QCOMPARE(twice[0][u"path"].toString(), QStringLiteral("action/0"));
        QCOMPARE(twice[0][u"timestamp"].toString(), toIsoTime(start.addMSecs(1)));
        QCOMPARE(twice[1][u"error"].toString(), QStringLiteral("no"));
        QVERIFY(!twice[1].toObject().contains(u"result"));
    }

    void aLoopsLastTurnsPushItsFirstOnesOut()
    {
        Trace trace = madeTrace();
        trace.add(QStringLiteral("trigger/0"), start);
        const int first = trace.add(QStringLiteral("action/0/repeat/sequence/0"), start).number;
        int last = 0;
        for (int i = 0; i < 5000; ++i)
            last = trace.add(QStringLiteral("action/0/repeat/sequence/0"), start.addSecs(i)).number;
        QVERIFY(qsizetype(trace.steps().size()) <= Trace::mostSteps);
        QCOMPARE(trace.steps().front().path, QStringLiteral("trigger/0"));
        QVERIFY(!trace.find(first));
        QCOMPARE(trace.find(last)->timestamp, start.addSecs(4999));
    }

    void manyStepsThatAreAllDifferentAreBoundedToo()
    {
        Trace trace = madeTrace();
        trace.add(QStringLiteral("trigger/0"), start);
        for (int i = 0; i < 3000; ++i)
            trace.add(QStringLiteral("action/%1").arg(i), start);
        QVERIFY(qsizetype(trace.steps().size()) <= Trace::mostSteps);
        QCOMPARE(trace.steps().front().path, QStringLiteral("trigger/0"));
        QCOMPARE(trace.steps().back().path, QStringLiteral("action/2999"));
    }

    void aStepIsFoundByItsNumberWhileOthersFollow()
    {
        Trace trace = madeTrace();
        const int number = trace.add(QStringLiteral("action/0"), start).number;
        for (int i = 1; i < 50; ++i)
            trace.add(QStringLiteral("action/%1").arg(i), start);
        QCOMPARE(trace.find(number)->path, QStringLiteral("action/0"));
        QVERIFY(!trace.find(0));
        QVERIFY(!trace.find(1000));
    }

    void whatIsSecretIsNotKept_data()
    {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("kept");
        const auto row = [](const char *value, const char *kept) {
            QTest::newRow(value) << QByteArray(value) << QByteArray(kept);
        };
        row(R"({"password":"abc"})", R"({"password":"**REDACTED**"})");
        row(R"({"a":[{"Access_Token":"abc","b":1}]})",
            R"({"a":[{"Access_Token":"**REDACTED**","b":1}]})");
        row(R"({"api_key":{"x":"y"}})", R"({"api_key":"**REDACTED**"})");
        row(R"({"passphrase":17})", R"({"passphrase":"**REDACTED**"})");
        row(R"({"password":null})", R"({"password":null})");
        row(R"({"url":"at x/hunter22/y"})", R"({"url":"at x/**REDACTED**/y"})");
        row(R"({"pin":"17"})", R"({"pin":"**REDACTED**"})");
        row(R"({"pin":17})", R"({"pin":"**REDACTED**"})");
        row(R"({"text":"in 2017"})", R"({"text":"in 2017"})");
        row(R"(["hunter22"])", R"(["**REDACTED**"])");
    }
    void whatIsSecretIsNotKept()
    {
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, kept);
        const QStringList secrets { QStringLiteral("hunter22"), QStringLiteral("17") };
        QCOMPARE(text(forTrace(json(value), secrets)), QString::fromUtf8(kept));
    }

    void whatIsBigIsShortened()
    {
        const TemplateValue longText(QString(5000, u'x'));
        QCOMPARE(forTrace(longText).string().size(), 1001);

        TemplateValue::Items items;
        for (int i = 0; i < 100'000; ++i)
            items.push_back(i);
        const TemplateValue list = forTrace(TemplateValue::list(items));
        QVERIFY(list.items().size() <= 501);
        QCOMPARE(list.items().back().string(), QStringLiteral("…"));

        TemplateValue::Items texts;
        for (int i = 0; i < 100; ++i)
            texts.push_back(longText);
        QVERIFY(forTrace(TemplateValue::list(texts)).toText().size() < 6000);

        TemplateValue deep(1);
        for (int i = 0; i < 50; ++i)
            deep = TemplateValue::list({ deep });
        QVERIFY(forTrace(deep).toText().size() < 50);
    }

    void sentencesLoseTheirSecretsAndNothingElse()
    {
        const QStringList secrets { QStringLiteral("hunter22"), QStringLiteral("in") };
        QCOMPARE(forTrace(QStringLiteral("no hunter22 in there"), secrets),
            QStringLiteral("no **REDACTED** in there"));
        QCOMPARE(forTrace(QStringLiteral("as it is"), QStringList()), QStringLiteral("as it is"));
    }
};

QTEST_GUILESS_MAIN(TestTrace)
#include "tst_trace.moc"
