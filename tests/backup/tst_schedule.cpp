// When automatic backups run: the table of tests/data/simulate/schedules.txt, and what no single
// question shows.

#include "integrations/backup/schedule.h"
#include "integrations/backup/simulation.h"
#include "tests/support/simulationcases.h"

#include <QJsonArray>
#include <QRandomGenerator>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

QDateTime utc(const char *text)
{
    QDateTime read = QDateTime::fromString(QString::fromLatin1(text), Qt::ISODate);
    read.setTimeSpec(Qt::UTC);
    return read;
}

// "+2026-04-13T04:45:00Z 2026-04-14T04:45:00Z", as the table has it.
QByteArray shortAnswer(const QJsonObject &answer)
{
    const auto time = [](const QJsonValue &value) {
        return value.toString().replace(QStringLiteral(".000Z"), QStringLiteral("Z")).toUtf8();
    };
    if (answer.value(QStringLiteral("next")).isNull())
        return "never";
    QByteArray text = answer.value(QStringLiteral("additional")).toBool() ? "+" : "";
    text += time(answer.value(QStringLiteral("next")));
    for (const QJsonValue &next : answer.value(QStringLiteral("following")).toArray())
        text += ' ' + time(next);
    return text;
}

Schedule daily(const QTime &time = QTime(4, 45))
{
    Schedule schedule;
    schedule.recurrence = Schedule::Recurrence::Daily;
    if (time.isValid())
        schedule.time = time;
    return schedule;
}

ScheduleState at(const char *now)
{
    return { utc(now), QTimeZone::utc() };
}

} // namespace

class TestSchedule : public QObject
{
    Q_OBJECT

private slots:
    void theTableIsAnsweredAsItSays_data()
    {
        QTest::addColumn<QJsonObject>("question");
        QTest::addColumn<QByteArray>("answer");
        const QList<SimulationCase> cases = simulationCases("schedules.txt");
        QVERIFY(cases.size() >= 60);
        for (const SimulationCase &one : cases)
            QTest::newRow(qUtf8Printable(one.name)) << one.question << one.answer;
    }
    void theTableIsAnsweredAsItSays()
    {
        QFETCH(QJsonObject, question);
        QFETCH(QByteArray, answer);
        question.insert(QStringLiteral("count"), 3);
        const Result<QJsonObject> said = simulateSchedule(question, {});
        QVERIFY2(said, said ? "" : qPrintable(said.error().message));
        QCOMPARE(shortAnswer(*said), answer);
        QVERIFY(!said->value(QStringLiteral("reason")).toString().isEmpty());
    }

    void whatWasAttemptedIsNotMissed()
    {
        ScheduleState state = at("2026-04-13T12:00:00Z");
        state.lastCompleted = utc("2026-04-10T04:50:00Z");
        QCOMPARE(nextRun(daily(), state).kind, RunKind::MadeUp);
        state.lastAttempted = utc("2026-04-13T04:45:00Z");
        QCOMPARE(nextRun(daily(), state).kind, RunKind::Scheduled);
        QCOMPARE(nextRun(daily(), state).due, utc("2026-04-14T04:45:00Z"));
        // An attempt before the slot is none of it.
        state.lastAttempted = utc("2026-04-13T04:44:00Z");
        QCOMPARE(nextRun(daily(), state).kind, RunKind::MadeUp);
        // Nor is one that a wrong clock made.
        state.lastAttempted = utc("2030-04-13T04:44:00Z");
        QCOMPARE(nextRun(daily(), state).kind, RunKind::MadeUp);
    }

    void whatFailedIsTriedAgainBeforeTheNextSlot()
    {
        ScheduleState state = at("2026-04-13T04:50:00Z");
        state.lastAttempted = utc("2026-04-13T04:45:00Z");
        state.lastCompleted = utc("2026-04-12T04:50:00Z");
        state.retryAt = utc("2026-04-13T05:00:00Z");
        ScheduledRun run = nextRun(daily(), state);
        QCOMPARE(run.kind, RunKind::Retry);
        QCOMPARE(run.due, state.retryAt);
        QVERIFY(run.additional);
        // Off meanwhile: at once.
        state.now = utc("2026-04-13T06:00:00Z");
        QCOMPARE(nextRun(daily(), state).due, state.now);
        // The slot comes first.
        state.now = utc("2026-04-14T04:00:00Z");
        state.retryAt = utc("2026-04-14T05:00:00Z");
        run = nextRun(daily(), state);
        QCOMPARE(run.kind, RunKind::Scheduled);
        QCOMPARE(run.due, utc("2026-04-14T04:45:00Z"));
        // A schedule that is off has no retries.
        QVERIFY(!nextRun({}, state).due.isValid());
    }

    void triesComeSlowerAndSlower()
    {
        QCOMPARE(retryDelay(1), 5min);
        QCOMPARE(retryDelay(2), 15min);
        QCOMPARE(retryDelay(3), 45min);
        QCOMPARE(retryDelay(4), 135min);
        QCOMPARE(retryDelay(5), 6h);
        QCOMPARE(retryDelay(1'000'000), 6h);
        QCOMPARE(retryDelay(0), 5min);
    }

    void whatWasBeforeTheScheduleWasNotMissed()
    {
        ScheduleState state = at("2026-04-13T12:00:00Z");
        state.lastCompleted = utc("2025-04-10T04:50:00Z");
        state.since = utc("2026-04-13T11:00:00Z");
        QCOMPARE(nextRun(daily(), state).due, utc("2026-04-14T04:45:00Z"));
        QCOMPARE(nextRun(daily(), state).kind, RunKind::Scheduled);
        // But what was after it was, also where nothing ever completed.
        state.lastCompleted = {};
        state.now = utc("2026-04-14T12:00:00Z");
        QCOMPARE(nextRun(daily(), state).kind, RunKind::MadeUp);
    }

    void overdueIsTheLongestWaitAndSomeHours()
    {
        QCOMPARE(overdueAfter(daily()), 28h);
        Schedule schedule;
        schedule.recurrence = Schedule::Recurrence::CustomDays;
        schedule.days = { 3 };
        QCOMPARE(overdueAfter(schedule), 7 * 24h + 4h);
        schedule.days = { 1, 4 };
        QCOMPARE(overdueAfter(schedule), 4 * 24h + 4h);
        schedule.days = { 1, 2, 3, 4, 5, 6, 7 };
        QCOMPARE(overdueAfter(schedule), 28h);
    }

    // Whatever the zone, and restarted at any moment: one run for each day, and none twice.
    void overAYearEveryDayHasOneRun_data()
    {
        QTest::addColumn<QString>("zone");
        QTest::addColumn<bool>("hasTime");
        for (const char *zone : { "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe",
                 "Asia/Beirut", "UTC" }) {
            QTest::addRow("%s, with a time", zone) << QString::fromLatin1(zone) << true;
            QTest::addRow("%s, with jitter", zone) << QString::fromLatin1(zone) << false;
        }
    }
    void overAYearEveryDayHasOneRun()
    {
        QFETCH(QString, zone);
        QFETCH(bool, hasTime);
        QRandomGenerator random(20261121);
        const Schedule schedule = hasTime ? daily(QTime(2, 30)) : daily(QTime());
        ScheduleState state = at("2026-01-01T12:00:00Z");
        state.zone = QTimeZone(zone.toLatin1());
        state.lastCompleted = state.now;
        QSet<QDate> days;
        int runs = 0;
        for (; runs < 365; ++runs) {
            state.jitter = std::chrono::seconds(random.bounded(3601));
            const QDateTime due = nextRun(schedule, state).due;
            QVERIFY(due > state.now);
            // Starting again at any moment before it changes nothing.
            ScheduleState restarted = state;
            for (int i = 0; i < 5; ++i) {
                restarted.now = state.now.addSecs(random.bounded(qint64(state.now.secsTo(due))));
                QCOMPARE(nextRun(schedule, restarted).due, due);
            }
            days.insert(due.toTimeZone(state.zone).date());
            state.now = state.lastAttempted = state.lastCompleted = due;
        }
        QCOMPARE(days.size(), 365);
        QCOMPARE(state.now.toTimeZone(state.zone).date(), QDate(2027, 1, 1));
    }

    void whatIsAskedWronglyIsSaid_data()
    {
        QTest::addColumn<QByteArray>("question");
        QTest::addColumn<QString>("part");
        const auto row = [](const char *question, const char *part) {
            QTest::newRow(question) << QByteArray(question) << QString::fromLatin1(part);
        };
        row("{\"recurrence\":\"weekly\"}", "schedule.recurrence must be one of never, daily");
        row("{\"recurrence\":\"custom_days\",\"days\":[\"monday\"]}", "'monday' is none of");
        row("{\"recurrence\":\"daily\",\"time\":\"25:00\"}", "schedule.time must be a time of day");
        row("{\"recurrence\":\"daily\",\"now\":\"soon\"}", "now: 'soon' is no time");
        row("{\"recurrence\":\"daily\",\"last_completed\":\"x\"}", "last_completed: 'x' is no");
        row("{\"recurrence\":\"daily\",\"time_zone\":\"Mars/Base\"}", "no time zone 'Mars/Base'");
        row("{\"recurrence\":\"daily\",\"time_zone\":\"\"}", "no time zone ''");
        row("{\"recurrence\":\"daily\",\"jitter\":-1}", "jitter must be a whole number from 0");
        row("{\"recurrence\":\"daily\",\"jitter\":3601}", "from 0 to 3600");
        row("{\"recurrence\":\"daily\",\"count\":1e9}", "count must be");
        row("{\"recurence\":\"daily\"}", "'recurence'; did you mean 'recurrence'?");
    }
    void whatIsAskedWronglyIsSaid()
    {
        QFETCH(QByteArray, question);
        QFETCH(QString, part);
        const Result<QJsonObject> said
            = simulateSchedule(QJsonDocument::fromJson(question).object(),
                { utc("2026-04-13T12:00:00Z"), QTimeZone::utc() });
        QVERIFY(!said);
        QCOMPARE(said.error().code, ErrorCode::InvalidArgument);
        QVERIFY2(said.error().message.contains(part), qPrintable(said.error().message));
    }

    void whatIsNotAskedIsTheHubsOwn()
    {
        BackupSettings settings;
        settings.recurrence = QStringLiteral("custom_days");
        settings.days = { QStringLiteral("wed") };
        settings.time = QStringLiteral("10:00:00");
        const ScheduleDefaults defaults { utc("2026-04-13T12:00:00Z"),
            QTimeZone("Europe/Amsterdam"), settings, utc("2026-04-09T12:00:00Z") };
        const auto next = [&defaults](const QJsonObject &question) {
            return simulateSchedule(question, defaults)->value(QStringLiteral("next")).toString();
        };
        QCOMPARE(next({}), QStringLiteral("2026-04-15T08:00:00.000Z"));
        QCOMPARE(next({ { QStringLiteral("time"), QStringLiteral("11:00") } }),
            QStringLiteral("2026-04-15T09:00:00.000Z"));
        // A recurrence replaces the schedule whole.
        QCOMPARE(
            next({ { QStringLiteral("recurrence"), QStringLiteral("daily") },
                { QStringLiteral("last_completed"), QStringLiteral("2026-04-13T05:00:00Z") } }),
            QStringLiteral("2026-04-14T02:45:00.000Z"));
    }
};

QTEST_GUILESS_MAIN(TestSchedule)
#include "tst_schedule.moc"
