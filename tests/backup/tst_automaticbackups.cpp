// Automatic backups by the clock, over restarts, sleeps, set clocks and failures.

#include "tests/support/automatichub.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

const Error gone { ErrorCode::InvalidArgument, QStringLiteral("It is gone") };

} // namespace

class TestAutomaticBackups : public QObject
{
    Q_OBJECT

private slots:
    void theyRunAtTheirTimeAndSayIt()
    {
        AutomaticHub f;
        QCOMPARE(f.value("sensor.backup_next_scheduled_automatic_backup"), text("unknown"));
        f.daily();
        QCOMPARE(f.value("sensor.backup_next_scheduled_automatic_backup"),
            text("2026-04-14T02:45:00+00:00"));
        f.passUntil(utc("2026-04-16T12:00:00Z"));
        QCOMPARE(f.takeRuns(),
            QStringList({ text("2026-04-14T02:45:00Z"), text("2026-04-15T02:45:00Z"),
                text("2026-04-16T02:45:00Z") }));
        QCOMPARE(f.value("sensor.backup_next_scheduled_automatic_backup"),
            text("2026-04-17T02:45:00+00:00"));
        QCOMPARE(f.value("sensor.backup_last_successful_automatic_backup"),
            text("2026-04-16T02:45:00+00:00"));
        QCOMPARE(f.attribute("sensor.backup_next_scheduled_automatic_backup",
                     "next_automatic_backup_additional"),
            QVariant(false));
        QCOMPARE(f.agent().ids().size(), 3);
        QVERIFY(f.manager().backups().first().backup.automatic);
        f.set(R"({"schedule":{"recurrence":"never"}})");
        QCOMPARE(f.value("sensor.backup_next_scheduled_automatic_backup"), text("unknown"));
        f.pass(48h);
        QCOMPARE(f.takeRuns(), QStringList());
    }

    void theNextOneIsThereBeforeTheFirstBegins()
    {
        AutomaticHub f;
        f.daily();
        QString next;
        f.agent().duringUpload = [](JobControl &) {};
        QObject::connect(
            &f.manager(), &BackupManager::eventFired, &f.manager(), [&](const ManagerEvent &event) {
                if (event.automatic && next.isEmpty())
                    next = f.value("sensor.backup_next_scheduled_automatic_backup");
            });
        f.passUntil(utc("2026-04-14T02:45:00Z"));
        QCOMPARE(next, text("2026-04-15T02:45:00+00:00"));
    }

    void whatWasMissedIsMadeUpOnceSoonAfterTheStart()
    {
        AutomaticHub f;
        f.daily();
        f.passUntil(utc("2026-04-14T12:00:00Z"));
        f.stop();
        f.clock.pass(96h);
        f.takeRuns();
        f.start();
        QCOMPARE(f.attribute("sensor.backup_next_scheduled_automatic_backup",
                     "next_automatic_backup_additional"),
            QVariant(true));
        f.pass(30s);
        f.restart(); // again and again
        f.pass(10min);
        QCOMPARE(f.takeRuns(), QStringList({ text("2026-04-18T12:01:30Z") }));
        f.restart();
        f.passUntil(utc("2026-04-19T12:00:00Z"));
        QCOMPARE(f.takeRuns(), QStringList({ text("2026-04-19T02:45:00Z") }));
    }

    void nextSlotMakesItUpAtTheNextTimeOfDay()
    {
        AutomaticHub f;
        f.set(R"({"schedule":{"recurrence":"custom_days","days":["wed"],"time":"04:45",
                  "catch_up":"next_slot"}})");
        f.stop();
        f.clock.pass(72h); // Monday to Thursday
        f.start();
        f.passUntil(utc("2026-04-23T12:00:00Z"));
        QCOMPARE(f.takeRuns(),
            QStringList({ text("2026-04-17T02:45:00Z"), text("2026-04-22T02:45:00Z") }));
    }

    void theChanceOfASlotOutlivesARestart()
    {
        AutomaticHub f;
        f.set(R"({"schedule":{"recurrence":"daily"}})");
        const QDateTime due = f.integration().nextAutomatic().due;
        QVERIFY(due >= utc("2026-04-14T02:45:00Z") && due <= utc("2026-04-14T03:45:00Z"));
        for (int i = 0; i < 3; ++i) {
            f.restart();
            QCOMPARE(f.integration().nextAutomatic().due, due);
        }
        // Between the slot and its run.
        f.passUntil(utc("2026-04-14T02:45:00Z"));
        f.restart();
        QCOMPARE(f.integration().nextAutomatic().due, due);
        f.passUntil(utc("2026-04-14T12:00:00Z"));
        QCOMPARE(f.takeRuns(), QStringList({ due.toString(Qt::ISODate) }));
    }

    void aMachineThatSleptOverItRunsItWhenItWakes()
    {
        AutomaticHub f;
        f.daily();
        f.sleep(5 * 24h);
        QCOMPARE(f.takeRuns(), QStringList({ text("2026-04-18T12:00:00Z") }));
        f.passUntil(utc("2026-04-19T12:00:00Z"));
        QCOMPARE(f.takeRuns(), QStringList({ text("2026-04-19T02:45:00Z") }));
        // As Home Assistant: at the next time of day.
        f.daily(",\"catch_up\":\"next_slot\"");
        f.sleep(48h);
        QCOMPARE(f.takeRuns(), QStringList());
        f.passUntil(utc("2026-04-22T12:00:00Z"));
        QCOMPARE(f.takeRuns(), QStringList({ text("2026-04-22T02:45:00Z") }));
    }

    void aClockThatIsSetIsNoticed()
    {
        AutomaticHub f;
        f.daily();
        f.clock.jump(24h); // over one
        f.timers->wake();
        f.settle();
        f.pass(5min);
        QCOMPARE(f.takeRuns(), QStringList({ text("2026-04-14T12:01:00Z") }));
        f.clock.jump(-10 * 24h); // that backup is in the future now, and not believed
        f.timers->wake();
        f.settle();
        f.passUntil(utc("2026-04-06T12:00:00Z"));
        QCOMPARE(f.takeRuns(),
            QStringList({ text("2026-04-05T02:45:00Z"), text("2026-04-06T02:45:00Z") }));
        f.clock.jump(-2h); // nothing runs twice
        f.timers->wake();
        f.pass(3h);
        QCOMPARE(f.takeRuns(), QStringList());
    }

    void whatFailedIsTriedAgainSlowerAndSlower()
    {
        AutomaticHub f;
        f.agent().failAlways(gone);
        f.daily();
        f.passUntil(utc("2026-04-14T04:00:00Z"));
        QCOMPARE(f.takeRuns(),
            QStringList({ text("2026-04-14T02:45:00Z"), text("2026-04-14T02:50:00Z"),
                text("2026-04-14T03:05:00Z"), text("2026-04-14T03:50:00Z") }));
        QCOMPARE(f.value("sensor.backup_last_successful_automatic_backup"), text("unknown"));
        QCOMPARE(f.attribute("sensor.backup_next_scheduled_automatic_backup",
                     "next_automatic_backup_additional"),
            QVariant(true));
        f.restart(); // it is remembered
        f.agent().failAlways({});
        f.passUntil(utc("2026-04-15T12:00:00Z"));
        QCOMPARE(f.takeRuns(),
            QStringList({ text("2026-04-14T06:05:00Z"), text("2026-04-15T02:45:00Z") }));
    }

    void aBackupThatOnlyAnAgentLacksIsNotMadeAgain()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.agent("fake.b").failAlways(gone);
        f.daily();
        f.passUntil(utc("2026-04-14T12:00:00Z"));
        QCOMPARE(f.takeRuns().size(), 1);
        QCOMPARE(f.value("sensor.backup_last_successful_automatic_backup"), text("unknown"));
        QCOMPARE(f.agent("fake.a").ids().size(), 1);
    }

    void anAgentThatIsConfiguredNoMoreFailsTheRun()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.config.health.pingUrl = text("https://example.org/");
        const QList<Part> all = f.config.agents;
        f.config.agents.removeLast(); // the settings still name it
        f.integration().reconfigure(f.config);
        f.daily();
        f.passUntil(utc("2026-04-14T12:00:00Z"));
        QCOMPARE(f.takeRuns().size(), 1); // there is a backup, and nothing else would help
        QCOMPARE(f.manager().backups().first().failedAgents, QStringList { text("fake.b") });
        QCOMPARE(
            f.attribute("event.backup_automatic_backup", "event_type"), QVariant(text("failed")));
        QCOMPARE(f.value("sensor.backup_last_successful_automatic_backup"), text("unknown"));
        QCOMPARE(f.pings.size(), 2);
        QVERIFY2(f.pings[1].startsWith(text("/fail ")) && f.pings[1].contains(text("fake.b")),
            qPrintable(f.pings[1]));
        QVERIFY(f.notices().contains(text("Automatic backup is not complete")));
        // Configured again, it gets what it missed, and then the run has succeeded.
        f.config.agents = all;
        f.integration().reconfigure(f.config);
        f.pass(1min);
        QTRY_COMPARE_WITH_TIMEOUT(f.agent("fake.b").ids().size(), 1, 60'000);
        QTRY_COMPARE_WITH_TIMEOUT(f.value("sensor.backup_last_successful_automatic_backup"),
            text("2026-04-14T02:45:00+00:00"), 60'000);
    }

    void aBackupThatLacksSourcesIsMadeAgainAFewTimes()
    {
        AutomaticHub f;
        f.sourceFails = true;
        f.daily();
        f.passUntil(utc("2026-04-15T02:00:00Z"));
        QCOMPARE(f.takeRuns().size(), 4);
        QCOMPARE(f.agent().ids().size(), 4);
        f.sourceFails = false;
        f.passUntil(utc("2026-04-16T02:00:00Z"));
        QCOMPARE(f.takeRuns().size(), 1);
        QCOMPARE(f.value("sensor.backup_last_successful_automatic_backup"),
            text("2026-04-15T02:45:00+00:00"));
    }

    void oneThatWasCutOffIsMadeAgain()
    {
        AutomaticHub f;
        f.daily();
        f.latch = std::make_shared<Latch>();
        f.clock.pass(utc("2026-04-13T12:00:00Z").secsTo(utc("2026-04-14T02:45:00Z")) * 1s);
        f.timers->wake();
        QTRY_VERIFY(f.latch->isAwaited());
        f.stop();
        f.latch.reset();
        QCOMPARE(f.takeRuns().size(), 1);
        f.start();
        QCOMPARE(f.integration().nextAutomatic().kind, RunKind::Retry);
        f.pass(10min);
        QCOMPARE(f.takeRuns(), QStringList({ text("2026-04-14T02:50:00Z") }));
        QCOMPARE(f.agent().ids().size(), 1);
    }

    void aCancelledOneWaitsForItsNextTime()
    {
        AutomaticHub f;
        f.daily();
        f.latch = std::make_shared<Latch>();
        f.clock.pass(utc("2026-04-13T12:00:00Z").secsTo(utc("2026-04-14T02:45:00Z")) * 1s);
        f.timers->wake();
        QTRY_VERIFY(f.latch->isAwaited());
        f.manager().cancel();
        f.latch.reset();
        f.settle();
        f.takeRuns();
        f.passUntil(utc("2026-04-15T12:00:00Z"));
        QCOMPARE(f.takeRuns(), QStringList({ text("2026-04-15T02:45:00Z") }));
    }

    void aBusyManagerIsWaitedFor()
    {
        AutomaticHub f;
        f.daily();
        f.latch = std::make_shared<Latch>();
        const std::shared_ptr<Latch> latch = f.latch;
        QVERIFY(f.manager().create({}));
        QTRY_VERIFY(latch->isAwaited());
        f.clock.pass(utc("2026-04-13T12:00:00Z").secsTo(utc("2026-04-14T02:46:00Z")) * 1s);
        f.timers->wake();
        QCOMPARE(f.takeRuns(), QStringList());
        QCOMPARE(f.value("sensor.backup_next_scheduled_automatic_backup"),
            text("2026-04-15T02:45:00+00:00"));
        f.latch.reset();
        latch->open();
        QTRY_COMPARE_WITH_TIMEOUT(f.runs.size(), 1, 60'000);
        f.settle();
        QCOMPARE(f.value("sensor.backup_last_successful_automatic_backup"),
            text("2026-04-14T02:46:00+00:00"));
    }

    void switchedOffNothingRuns()
    {
        AutomaticHub f;
        f.daily();
        f.config.enabled = false;
        f.integration().reconfigure(f.config);
        QCOMPARE(f.value("sensor.backup_next_scheduled_automatic_backup"), text("unknown"));
        f.pass(72h);
        QCOMPARE(f.takeRuns(), QStringList());
        f.config.enabled = true;
        f.integration().reconfigure(f.config);
        QCOMPARE(f.value("sensor.backup_next_scheduled_automatic_backup"),
            text("2026-04-17T02:45:00+00:00"));
    }

    void aScheduleThatIsNewHasMissedNothing()
    {
        AutomaticHub f;
        f.daily();
        f.passUntil(utc("2026-04-14T12:00:00Z"));
        f.takeRuns();
        f.set(R"({"schedule":{"recurrence":"never"}})");
        f.pass(30 * 24h);
        f.daily();
        QCOMPARE(f.value("sensor.backup_next_scheduled_automatic_backup"),
            text("2026-05-15T02:45:00+00:00"));
    }

    void summerTimeComesAndGoes()
    {
        AutomaticHub f("2026-03-28T12:00:00Z");
        f.daily();
        f.passUntil(utc("2026-03-30T12:00:00Z"));
        f.stop();
        f.clock.pass(utc("2026-03-30T12:00:00Z").secsTo(utc("2026-10-24T12:00:00Z")) * 1s);
        f.start();
        f.passUntil(utc("2026-10-26T12:00:00Z"));
        QCOMPARE(f.takeRuns(),
            QStringList({ text("2026-03-29T02:45:00Z"), text("2026-03-30T02:45:00Z"),
                text("2026-10-24T12:01:00Z"), text("2026-10-25T03:45:00Z"),
                text("2026-10-26T03:45:00Z") }));
    }

    void retentionHoldsAlsoWhereABackupIsBroughtLater()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.daily();
        f.set(R"({"retention":{"copies":2}})");
        f.passUntil(utc("2026-04-16T12:00:00Z"));
        QCOMPARE(f.agent("fake.b").ids().size(), 2);
        for (int round = 0; round < 3; ++round) {
            f.agent("fake.b").failAlways(Error { ErrorCode::Unavailable, text("No route") });
            f.pass(24h);
            f.agent("fake.b").failAlways({});
            f.pass(5min);
            QTRY_COMPARE_WITH_TIMEOUT(f.agent("fake.b").ids(), f.agent("fake.a").ids(), 60'000);
            QCOMPARE(f.agent("fake.a").ids().size(), 2);
        }
    }
};

QTEST_GUILESS_MAIN(TestAutomaticBackups)
#include "tst_automaticbackups.moc"
