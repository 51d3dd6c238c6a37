// Somebody is told where backups cannot be trusted, and told again when they can.

#include "tests/support/automatichub.h"

#include <QSignalSpy>
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

QStringList reasons(const AutomaticHub &f)
{
    return f.attribute("binary_sensor.backup_problem", "reasons").toStringList();
}

bool saysReason(const AutomaticHub &f, const char *part)
{
    return reasons(f).join(u' ').contains(text(part));
}

} // namespace

class TestBackupHealth : public QObject
{
    Q_OBJECT

private slots:
    void aHubThatDoesWellHasNothingToSay()
    {
        AutomaticHub f;
        QCOMPARE(f.value("binary_sensor.backup_overdue"), text("off"));
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("off"));
        f.daily();
        f.pass(10 * 24h);
        QCOMPARE(f.value("binary_sensor.backup_overdue"), text("off"));
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("off"));
        QCOMPARE(reasons(f), QStringList());
        QCOMPARE(f.notices(), QStringList());
    }

    void overdueComesByTheClockAlone()
    {
        AutomaticHub f;
        f.daily();
        f.passUntil(utc("2026-04-14T12:00:00Z"));
        f.agent().failAlways(gone);
        f.passUntil(utc("2026-04-15T06:44:00Z")); // 28 hours after the last
        QCOMPARE(f.value("binary_sensor.backup_overdue"), text("off"));
        f.pass(2min);
        QCOMPARE(f.value("binary_sensor.backup_overdue"), text("on"));
        QVERIFY(f.notices().contains(text("Automatic backups are overdue")));
        f.restart();
        QCOMPARE(f.value("binary_sensor.backup_overdue"), text("on"));
        f.agent().failAlways({});
        f.pass(24h);
        QCOMPARE(f.value("binary_sensor.backup_overdue"), text("off"));
        QCOMPARE(f.notices(), QStringList());
    }

    void overdueIsWhatTheConfigurationSaysAlsoWithoutASchedule()
    {
        AutomaticHub f;
        f.config.health.overdueAfter = 2h;
        f.daily();
        f.integration().reconfigure(f.config);
        f.pass(3h); // nothing has ever succeeded
        QCOMPARE(f.value("binary_sensor.backup_overdue"), text("on"));
        f.set(R"({"schedule":{"recurrence":"never"}})");
        f.pass(3h);
        QCOMPARE(f.value("binary_sensor.backup_overdue"), text("on"));
        f.config.health.overdueAfter.reset();
        f.integration().reconfigure(f.config);
        QCOMPARE(f.value("binary_sensor.backup_overdue"), text("off"));
    }

    void aHubThatWasOffKnowsItWhenItStarts()
    {
        AutomaticHub f;
        f.daily();
        f.pass(24h);
        f.stop();
        f.clock.pass(10 * 24h);
        f.start();
        QCOMPARE(f.value("binary_sensor.backup_overdue"), text("on"));
        f.pass(10min);
        QCOMPARE(f.value("binary_sensor.backup_overdue"), text("off"));
    }

    void aRunThatFailedIsSaidUntilOneSucceeds()
    {
        AutomaticHub f;
        f.agent().failAlways(gone);
        f.daily();
        f.passUntil(utc("2026-04-14T02:46:00Z"));
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("on"));
        QCOMPARE(f.notices(), QStringList { text("Automatic backup could not be created") });
        QVERIFY2(reasons(f).first().contains(text("It is gone")), qPrintable(reasons(f).first()));
        QVERIFY2(reasons(f).first().contains(text("attempt will be made at 2026-04-14 04:50 ")),
            qPrintable(reasons(f).first()));
        f.agent().failAlways({});
        CreateRequest manual; // is no answer to it
        QVERIFY(f.manager().create(manual));
        f.settle();
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("on"));
        f.restart();
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("on"));
        f.pass(1h);
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("off"));
        QCOMPARE(f.notices(), QStringList());
    }

    void agentsAndSourcesThatFailedAreNamed()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.daily();
        f.agent("fake.b").failAlways(gone);
        f.passUntil(utc("2026-04-14T12:00:00Z"));
        QCOMPARE(f.notices(), QStringList { text("Automatic backup is not complete") });
        QVERIFY(saysReason(f, "configured locations fake.b"));
        f.agent("fake.b").failAlways({});
        f.sourceFails = true;
        f.passUntil(utc("2026-04-15T12:00:00Z"));
        QVERIFY(saysReason(f, "these sources: shop"));
        QCOMPARE(reasons(f).join(u' ').count(text("these sources")), 1);
        QVERIFY(!saysReason(f, "fake.b"));
        f.sourceFails = false;
        f.passUntil(utc("2026-04-16T12:00:00Z"));
        QCOMPARE(f.notices(), QStringList());
    }

    void anAgentThatCaughtUpSolvesIt()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.daily();
        f.agent("fake.b").failures = { gone };
        f.passUntil(utc("2026-04-14T02:45:00Z"));
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("on"));
        f.pass(5min); // it is looked after meanwhile, on threads that have a time of their own
        QTRY_COMPARE_WITH_TIMEOUT(f.value("binary_sensor.backup_problem"), text("off"), 30'000);
        QCOMPARE(f.value("sensor.backup_last_successful_automatic_backup"),
            text("2026-04-14T02:45:00+00:00"));
    }

    // Somebody who reads it should not be told three things of one failure.
    void theTextOfAFailureStaysAsItIsUntilItsNextAttemptEnded()
    {
        AutomaticHub f;
        f.agent().failAlways(gone);
        f.daily();
        f.passUntil(utc("2026-04-14T02:46:00Z"));
        const QStringList before = reasons(f);
        QStringList during;
        QObject::connect(&f.manager(), &BackupManager::eventFired, &f.manager(),
            [&](const ManagerEvent &) { during.append(reasons(f)); });
        f.passUntil(utc("2026-04-14T02:50:30Z"));
        QVERIFY(during.size() > 3);
        during.removeDuplicates();
        // That of before, and that of after it.
        QVERIFY2(during.size() <= 2, qPrintable(during.join(u'\n')));
        QCOMPARE(during.first(), before.first());
        QVERIFY(reasons(f).first().contains(text("attempt will be made at 2026-04-14 05:05 ")));
    }

    void aRestartSaysNothingTwice()
    {
        AutomaticHub f;
        f.agent().failAlways(gone);
        f.daily();
        f.passUntil(utc("2026-04-14T02:46:00Z"));
        const auto noticed
            = [&] { return f.hub->find<PersistentNotifications>()->all().first().created; };
        const QDateTime told = noticed();
        f.clock.pass(1min);
        f.restart();
        QCOMPARE(noticed(), told);
    }

    void whatAnAgentLacksIsNotSaidToWaitForTheNextDay()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.daily();
        f.agent("fake.b").failAlways(gone);
        f.passUntil(utc("2026-04-14T02:46:00Z"));
        QVERIFY2(saysReason(f, "is brought there by itself as soon as that works"),
            qPrintable(reasons(f).first()));
        QVERIFY(!saysReason(f, "attempt"));
        QVERIFY(saysReason(f, "next backup is made at 2026-04-15 04:45 "));
    }

    void whatNobodyCanBeEncryptedForAnyMoreIsNotPromised()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.daily();
        f.set(R"({"create_backup":{"password":"x"},"agents":{"fake.a":{"protected":false}}})");
        f.agent("fake.b").failAlways(gone);
        f.passUntil(utc("2026-04-14T02:46:00Z"));
        QVERIFY2(saysReason(f, "is brought there by itself"), qPrintable(reasons(f).first()));
        f.set(R"({"create_backup":{"password":null}})");
        QVERIFY2(saysReason(f, "no password or recipient"), qPrintable(reasons(f).first()));
        QVERIFY(!saysReason(f, "by itself"));
        f.agent("fake.b").failAlways({});
        f.pass(5min);
        QCOMPARE(f.agent("fake.b").ids(), QStringList());
        f.set(R"({"create_backup":{"password":"y"}})"); // another one will do
        f.pass(5min);
        QTRY_COMPARE_WITH_TIMEOUT(f.value("binary_sensor.backup_problem"), text("off"), 60'000);
        QCOMPARE(f.agent("fake.b").ids().size(), 1);
    }

    void aHookThatFailedAfterItIsNotSaidToBeABackupThatIsMissing()
    {
        AutomaticHub f;
        f.config.after = { { { text("/bin/false") }, 10s, OnError::Fail } };
        f.integration().reconfigure(f.config);
        f.daily();
        f.passUntil(utc("2026-04-14T02:46:00Z"));
        QCOMPARE(f.agent().ids().size(), 1);
        QCOMPARE(f.notices(), QStringList { text("A hook after the automatic backup failed") });
        QVERIFY2(saysReason(f, "was made and is kept, but a hook after it failed"),
            qPrintable(reasons(f).first()));
        QVERIFY(!saysReason(f, "could not"));
        QCOMPARE(f.attribute("event.backup_automatic_backup", "failed_reason").toString(),
            text("post_backup_actions_failed"));
        f.restart();
        QVERIFY(saysReason(f, "was made and is kept, but a hook after it failed"));
    }

    void sentencesEndOnceAndTimesAreWhatPeopleCount()
    {
        AutomaticHub f;
        f.config.health.overdueAfter = 30min;
        f.integration().reconfigure(f.config);
        f.agent().failAlways(
            Error { ErrorCode::InvalidArgument, text("Is it plugged in and reachable?") });
        f.daily();
        f.passUntil(utc("2026-04-14T02:46:00Z"));
        const QString all = reasons(f).join(u' ');
        QVERIFY2(all.contains(text("should have within 30 minutes")), qPrintable(all));
        QVERIFY2(all.contains(text("reachable? ")), qPrintable(all));
        QVERIFY2(!all.contains(text("?.")) && !all.contains(text("..")), qPrintable(all));
        QVERIFY2(!all.contains(text("was never")), qPrintable(all));
    }

    void aCopyThatWasFoundDamagedIsNamed()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.daily();
        f.pass(24h);
        const QString id = f.manager().backups().first().backup.id;
        f.agent("fake.b").damage(id);
        QVERIFY(f.manager().verify(id));
        f.settle();
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("on"));
        QVERIFY(saysReason(f, (id + text(" on fake.b")).toUtf8().constData()));
        QVERIFY(f.notices().contains(text("A backup is damaged")));
        QVERIFY(saysReason(f, "sound on fake.a"));
        f.pass(5min); // it is replaced meanwhile
        QTRY_COMPARE_WITH_TIMEOUT(f.value("binary_sensor.backup_problem"), text("off"), 60'000);
        QCOMPARE(f.notices(), QStringList { text("A damaged backup was replaced") });
        QCOMPARE(f.agent("fake.b").asideIds(), QStringList { id });
    }

    // Not even where retention would leave nothing to compare it with.
    void oneThatIsMuchSmallerDeletesNothing()
    {
        AutomaticHub f;
        for (int i = 0; i < 10; ++i)
            writeFile(f.folder / ("shop/more" + QByteArray::number(i)), QByteArray(1000, 'x'));
        f.set(R"({"retention":{"copies":1}})");
        f.daily();
        f.pass(3 * 24h);
        QCOMPARE(f.manager().backups().size(), 1);
        for (int i = 0; i < 9; ++i)
            QVERIFY(
                QFile::remove(QString::fromUtf8(f.folder / ("shop/more" + QByteArray::number(i)))));
        f.pass(24h);
        QCOMPARE(f.manager().backups().size(), 2);
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("on"));
        f.pass(4 * 24h);
        QCOMPARE(f.manager().backups().size(), 1);
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("off"));
    }

    void oneThatIsMuchSmallerIsFlagged()
    {
        AutomaticHub f;
        for (int i = 0; i < 10; ++i)
            writeFile(f.folder / ("shop/more" + QByteArray::number(i)), QByteArray(1000, 'x'));
        f.daily();
        f.pass(4 * 24h);
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("off"));
        for (int i = 0; i < 9; ++i)
            QVERIFY(
                QFile::remove(QString::fromUtf8(f.folder / ("shop/more" + QByteArray::number(i)))));
        f.pass(24h);
        QCOMPARE(f.notices(), QStringList { text("Automatic backup is much smaller than usual") });
        f.restart();
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("on"));
        // What stays so is usual some day.
        f.pass(5 * 24h);
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("off"));
    }

    void farFewerFilesAreFlagged()
    {
        AutomaticHub f;
        writeFile(f.folder / "shop/large", QByteArray(100'000, 'x'));
        for (int i = 0; i < 10; ++i)
            writeFile(f.folder / ("shop/more" + QByteArray::number(i)), "x");
        f.daily();
        f.pass(4 * 24h);
        for (int i = 0; i < 10; ++i)
            QVERIFY(
                QFile::remove(QString::fromUtf8(f.folder / ("shop/more" + QByteArray::number(i)))));
        f.pass(24h);
        QCOMPARE(
            f.notices(), QStringList { text("Automatic backup has far fewer files than usual") });
    }

    void aConfiguredAgentThatIsNotThereIsNamed()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.config.agents.removeLast();
        f.integration().reconfigure(f.config);
        QCOMPARE(f.notices(), QStringList { text("The backup location fake.b is unavailable") });
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("on"));
        f.set(R"({"create_backup":{"agent_ids":["fake.a"]}})");
        QCOMPARE(f.notices(), QStringList());
    }

    void theDeadMansSwitchIsTold()
    {
        AutomaticHub f;
        f.config.health.pingUrl = text("https://hc.example/uuid");
        f.integration().reconfigure(f.config);
        f.daily();
        f.passUntil(utc("2026-04-14T02:45:00Z"));
        QCOMPARE(f.pings.size(), 2);
        QCOMPARE(f.pings[0], text("/start "));
        QVERIFY2(f.pings[1].startsWith(text(" backup-20260414-024500-")), qPrintable(f.pings[1]));
        QVERIFY(f.pings[1].contains(text(": 3 files, ")));
        QVERIFY(f.pings[1].endsWith(text(", on fake.a")));
        f.pings.clear();
        QVERIFY(f.manager().create({})); // is none of its business
        f.settle();
        QCOMPARE(f.pings, QStringList());
        f.agent().failAlways(gone);
        f.passUntil(utc("2026-04-15T02:45:00Z"));
        QCOMPARE(f.pings.size(), 2);
        QCOMPARE(f.pings[0], text("/start "));
        QVERIFY2(f.pings[1].startsWith(text("/fail ")), qPrintable(f.pings[1]));
        QVERIFY(f.pings[1].contains(text("It is gone")));
    }

    void theDeadMansSwitchIsToldWhenAllAgentsHaveCaughtUp()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.config.health.pingUrl = text("https://hc.example/uuid");
        f.integration().reconfigure(f.config);
        f.daily();
        f.agent("fake.b").failures = { gone };
        f.passUntil(utc("2026-04-14T02:45:00Z"));
        QCOMPARE(f.pings.size(), 2);
        QVERIFY(f.pings[1].startsWith(text("/fail ")));
        f.pass(5min);
        QTRY_COMPARE_WITH_TIMEOUT(f.pings.size(), 3, 60'000);
        QVERIFY2(f.pings[2].startsWith(text(" backup-20260414-024500-")), qPrintable(f.pings[2]));
        QVERIFY(f.pings[2].endsWith(text(", on fake.a, fake.b")));
        f.restart();
        f.pass(1h);
        QCOMPARE(f.pings.size(), 3); // once
    }

    void theDeadMansSwitchIsToldOfARunThatWasCutOff()
    {
        AutomaticHub f;
        f.config.health.pingUrl = text("https://hc.example/uuid");
        f.integration().reconfigure(f.config);
        f.daily();
        f.latch = std::make_shared<Latch>();
        f.clock.pass(utc("2026-04-13T12:00:00Z").secsTo(utc("2026-04-14T02:45:00Z")) * 1s);
        f.timers->wake();
        QTRY_VERIFY_WITH_TIMEOUT(f.latch->isAwaited(), 60'000);
        f.stop();
        f.latch.reset();
        f.pings.clear();
        f.start();
        QCOMPARE(f.pings, QStringList { text("/fail The hub ended while it was being made") });
        f.restart();
        QCOMPARE(f.pings.size(), 1); // once
    }

    void aCopyThatVanishesIsToldAndBroughtAgain_data()
    {
        QTest::addColumn<bool>("isRunning");
        QTest::newRow("while the hub runs") << true;
        QTest::newRow("while it is off") << false;
    }
    void aCopyThatVanishesIsToldAndBroughtAgain()
    {
        QFETCH(bool, isRunning);
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.daily();
        f.passUntil(utc("2026-04-14T12:00:00Z"));
        const BackupId id = f.manager().backups().first().backup.id;
        QCOMPARE(f.agent("fake.b").ids(), QStringList { id });
        if (!isRunning)
            f.stop();
        QVERIFY(f.agent("fake.b").remove(id));
        if (!isRunning)
            f.start();
        f.settle();
        QCOMPARE(f.manager().backup(id)->agents.keys(), QStringList { text("fake.a") });
        QCOMPARE(f.manager().backup(id)->failedAgents, QStringList { text("fake.b") });
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("on"));
        QVERIFY2(saysReason(f, "is gone from fake.b"), qPrintable(reasons(f).join(u' ')));
        QCOMPARE(f.notices(), QStringList { text("A backup is gone from where it was") });
        f.pass(15s);
        QTRY_COMPARE_WITH_TIMEOUT(f.agent("fake.b").ids(), QStringList { id }, 60'000);
        QTRY_COMPARE_WITH_TIMEOUT(f.value("binary_sensor.backup_problem"), text("off"), 60'000);
        QCOMPARE(f.notices(), QStringList());
        QVERIFY(f.manager().backup(id)->failedAgents.isEmpty());
    }

    void whatVanishesIsNoticedWithoutAnybodyAsking()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.listInterval = 1h;
        f.daily();
        f.passUntil(utc("2026-04-14T03:00:00Z"));
        f.restart();
        const BackupId id = f.manager().backups().first().backup.id;
        QVERIFY(f.agent("fake.b").remove(id));
        f.clock.pass(1h);
        f.timers->wake();
        QTRY_COMPARE_WITH_TIMEOUT(
            f.manager().backup(id)->failedAgents, QStringList { text("fake.b") }, 60'000);
    }

    void olderOnesThatVanishAreToldOnceAndNotBroughtAgain()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.daily();
        f.passUntil(utc("2026-04-16T12:00:00Z"));
        const QStringList ids = f.agent("fake.b").ids();
        QCOMPARE(ids.size(), 3);
        QVERIFY(f.agent("fake.b").remove(ids[0]));
        QVERIFY(f.agent("fake.b").remove(ids[1]));
        QVERIFY(f.agent("fake.a").remove(ids[0]));
        f.settle();
        const QString title = text("Backups are gone from fake.b");
        QVERIFY(f.notices().contains(title));
        auto *notices = f.hub->find<PersistentNotifications>();
        QString told;
        for (const PersistentNotification &notice : notices->all())
            told += notice.message;
        QVERIFY2(told.contains(ids[0]) && told.contains(ids[1]) && !told.contains(ids[2]),
            qPrintable(told));
        QCOMPARE(told.count(QStringLiteral("No other place has ") + ids[0]), 1);
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("off"));
        notices->dismiss(text("backup_gone_fake.a"));
        notices->dismiss(text("backup_gone_fake.b"));
        f.pass(24h);
        f.restart();
        QCOMPARE(f.notices(), QStringList());
        QVERIFY(!f.agent("fake.b").ids().contains(ids[1]));
    }

    // A remote has no mark that tells a folder whose disk is not mounted.
    void aRemoteThatIsSuddenlyEmptyIsNotTakenForOneThatLostItsBackups()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.daily();
        f.passUntil(utc("2026-04-15T12:00:00Z"));
        const QStringList ids = f.agent("fake.b").ids();
        QCOMPARE(ids.size(), 2);
        for (const BackupId &id : ids)
            QVERIFY(f.agent("fake.b").remove(id));
        f.settle();
        QVERIFY2(saysReason(f, "is its disk mounted?"), qPrintable(reasons(f).join(u' ')));
        f.pass(10min);
        QCOMPARE(f.agent("fake.b").ids(), QStringList());
        QVERIFY(f.manager().backup(ids[1])->agents.contains(text("fake.b")));
        f.pass(24h); // a backup is made there
        QCOMPARE(f.agent("fake.b").ids().size(), 1);
        QCOMPARE(f.value("binary_sensor.backup_problem"), text("off"));
        QCOMPARE(f.notices(), QStringList { text("Backups are gone from fake.b") });
        QVERIFY(!f.manager().backup(ids[1])->agents.contains(text("fake.b")));
    }

    void whatTheHubDeletesItselfIsNotGone()
    {
        AutomaticHub f("2026-04-13T12:00:00Z", { text("fake.a"), text("fake.b") });
        f.daily();
        f.passUntil(utc("2026-04-15T12:00:00Z"));
        QSignalSpy vanished(&f.manager(), &BackupManager::copiesVanished);
        const BackupId id = f.manager().backups().first().backup.id;
        f.agent("fake.a").removeFails = gone;
        const auto removed = f.manager().remove(id);
        f.settle(); // lists meanwhile
        QTRY_VERIFY_WITH_TIMEOUT(removed.isFinished(), 60'000);
        QCOMPARE(f.manager().backup(id)->agents.keys(), QStringList { text("fake.a") });
        QCOMPARE(f.manager().backup(id)->failedAgents, QStringList());
        QCOMPARE(f.manager().backup(id)->leavingAgents, QStringList());
        f.agent("fake.a").removeFails.reset();
        f.set(R"({"retention":{"copies":1}})");
        f.pass(48h);
        QCOMPARE(f.agent("fake.a").ids().size(), 1);
        QCOMPARE(vanished.size(), 0);
        QCOMPARE(f.notices(), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestBackupHealth)
#include "tst_backuphealth.moc"
