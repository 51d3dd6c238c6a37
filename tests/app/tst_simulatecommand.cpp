// `hubkeep simulate` as the contract has it.

#include "tests/support/enginecli.h"
#include "tests/support/simulationcases.h"

#include <QJsonArray>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

// The options that ask the same.
QList<QByteArray> scheduleOptions(const QJsonObject &question)
{
    QList<QByteArray> options { "simulate", "schedule" };
    for (auto field = question.begin(); field != question.end(); ++field) {
        options.append("--" + field.key().replace(u'_', u'-').toUtf8());
        if (field->isArray())
            options.append(field->toVariant().toStringList().join(u',').toUtf8());
        else
            options.append(field->toVariant().toString().toUtf8());
    }
    return options;
}

} // namespace

class TestSimulateCommand : public QObject
{
    Q_OBJECT

private slots:
    void theTableOfSchedulesIsAnswered()
    {
        for (const SimulationCase &one : simulationCases("schedules.txt")) {
            const CliResult result = runHubkeep(
                scheduleOptions(one.question) + QList<QByteArray> { "--count", "3", "--json" });
            const QByteArray name = one.name.toUtf8() + result.err;
            QVERIFY2(result.exitCode == 0, name.constData());
            const QJsonObject said = result.json();
            QByteArray answer = said.value(key("additional")).toBool() ? "+" : "";
            answer += said.value(key("next")).toString(key("never")).toUtf8();
            for (const QJsonValue &time : said.value(key("following")).toArray())
                answer += ' ' + time.toString().toUtf8();
            QVERIFY2(answer.replace(".000Z", "Z") == one.answer, name.constData());
        }
    }

    void withoutJsonItIsForPeople()
    {
        const CliResult result
            = runHubkeep({ "simulate", "schedule", "--recurrence", "daily", "--time", "04:45",
                "--now", "2026-04-13 12:00", "--time-zone", "Europe/Amsterdam", "--count", "1" });
        QCOMPARE(result.exitCode, 0);
        QCOMPARE(result.out,
            QByteArray("Next: Tue 2026-04-14 04:45:00 (2026-04-14T02:45:00.000Z)\n"
                       "Why:  The schedule's next time is Tue 2026-04-14 04:45:00\n"
                       "Then: Wed 2026-04-15 04:45:00 (2026-04-15T02:45:00.000Z)\n"));
    }

    void theTableOfRetentionsIsAnswered()
    {
        for (const SimulationCase &one : simulationCases("retentions.txt")) {
            const CliResult result = runHubkeepWithInput(
                { "simulate", "retention", "--json" }, QJsonDocument(one.question).toJson());
            const QByteArray name = one.name.toUtf8() + result.err;
            QVERIFY2(result.exitCode == 0, name.constData());
            QVERIFY2(result.json().value(key("delete"))
                    == QJsonValue(QJsonDocument::fromJson(one.answer).object()),
                name.constData());
        }
    }

    void retentionIsToldToPeople()
    {
        const CliResult result = runHubkeepWithInput({ "simulate", "retention" },
            "{\"now\":\"2026-04-13T12:00:00Z\",\"retention\":{\"copies\":1},\"backups\":["
            "{\"backup_id\":\"x1\",\"date\":\"2026-04-11T04:45:00Z\",\"agents\":[\"local.a\"],"
            "\"automatic\":true},"
            "{\"backup_id\":\"x2\",\"date\":\"2026-04-12T04:45:00Z\",\"agents\":[\"local.a\"],"
            "\"automatic\":true}]}");
        QCOMPARE(result.exitCode, 0);
        QCOMPARE(result.out,
            QByteArray("local.a:\n  deletes x1: more than 1 copy\n"
                       "  keeps   x2: copies (1 of 1), newest\n"));
    }

    void badRetentionsAreSaidAndDeleteNothing()
    {
        for (const char *input :
            { "", "[]", "{", "{\"retention\":{\"copies\":0},\"backups\":[]}", "{\"retention\":{}}",
                "{\"now\":\"9999-12-31T23:59:59Z\",\"retention\":{},\"backups\":[]}",
                "{\"retention\":{},\"backups\":[{\"backup_id\":\"x\",\"date\":\"1969-12-31\","
                "\"agents\":[\"local.a\"]}]}" }) {
            const CliResult result
                = runHubkeepWithInput({ "simulate", "retention" }, QByteArray(input));
            QCOMPARE(result.exitCode, 2); // as of the schedule's options
            QVERIFY2(isOneSentence(result.err), result.err.constData());
            QCOMPARE(result.out, QByteArray());
        }
    }

    void wrongUsageIsSaid()
    {
        for (const QList<QByteArray> &options : {
                 QList<QByteArray> { "--recurrence", "sometimes" },
                 QList<QByteArray> { "--recurrence", "custom_days", "--days", "someday" },
                 QList<QByteArray> { "--recurrence", "daily", "--now", "soon" },
                 QList<QByteArray> { "--recurrence", "daily", "--now", "9999-12-31T23:00:00Z" },
                 QList<QByteArray> { "--recurrence", "daily", "--now", "1969-12-31T23:00:00Z" },
                 QList<QByteArray> { "--recurrence", "daily", "--now", "0001-01-01T00:00:00Z" },
                 QList<QByteArray> { "--recurrence", "daily", "--last-completed", "9000-01-01" },
                 QList<QByteArray> { "--recurrence", "daily", "--jitter", "-1" },
             }) {
            const CliResult result
                = runHubkeep(QList<QByteArray> { "simulate", "schedule" } + options);
            QCOMPARE(result.exitCode, 2);
            const CliResult asJson = runHubkeep(options + QList<QByteArray> { "--json" });
            QCOMPARE(asJson.json()[key("exit_code")].toInt(), 2);
            QVERIFY2(isOneSentence(result.err), result.err.constData());
            QCOMPARE(result.out, QByteArray());
        }
        QCOMPARE(runHubkeep({ "simulate", "schedule" }).exitCode, 2);
        QCOMPARE(runHubkeep({ "simulate" }).exitCode, 2);
    }
};

QTEST_GUILESS_MAIN(TestSimulateCommand)
#include "tst_simulatecommand.moc"
