// Each automation of resources/examples does what its first lines say: on the real engine, with
// the hub's entities set by hand and its actions written down.

#include "automation/core/statedatabase.h"
#include "automation/engine/automationengine.h"
#include "tests/support/enginearena.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::automation;
using namespace std::chrono_literals;

namespace {

constexpr const char *manager = "sensor.backup_backup_manager_state";
constexpr const char *lastGood = "sensor.backup_last_successful_automatic_backup";
constexpr const char *next = "sensor.backup_next_scheduled_automatic_backup";
constexpr const char *backupEvent = "event.backup_automatic_backup";

// One call of an action.
struct Call
{
    QString action;
    QVariantMap data;
    QString text(const char *key) const { return data.value(QLatin1String(key)).toString(); }
};

} // namespace

class TestExamples : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void everyFileIsAnExampleWithATest();
    void backup_every_night();
    void backup_failed();
    void backup_overdue();
    void manager_blocked();
    void wake_storage();
    void backup_summary();
    void storage_full();
    void backup_after_start();
    void weekly_and_daily();
    void retry_failed();
    void backup_webhook();
    void problem_escalation();

private:
    void load(const char *example);
    void run(); // the hub comes up
    void reported(const char *type, const char *reason = nullptr); // an automatic backup
    QStringList actions() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<test::EngineArena> m_arena; // Monday 2026-04-13 14:00 in Amsterdam
    std::unique_ptr<StateDatabase> m_state;
    std::unique_ptr<AutomationEngine> m_engine;
    QList<Call> m_calls;
    std::function<void(const QString &action)> m_onCall;
};

void TestExamples::init()
{
    m_calls.clear();
    m_onCall = {};
    m_folder = std::make_unique<QTemporaryDir>();
    m_arena = std::make_unique<test::EngineArena>();
    auto state = StateDatabase::open(m_folder->filePath(QStringLiteral("state.db")));
    QVERIFY(state);
    m_state = std::move(*state);
    QMap<QString, ActionField> fields;
    for (const char *name : { "title", "message", "notification_id", "entity_id", "data" })
        fields.insert(QLatin1String(name), { {}, FieldType::Any });
    for (const char *name :
        { "backup.create", "backup.create_automatic", "persistent_notification.create",
            "notify.mobile_app_your_phone", "notify.send_message" }) {
        const QString action = QLatin1String(name);
        m_arena->hub.actions().add(
            { action, {}, {}, fields }, [this, action](const ActionCall &call) {
                m_calls.append({ action, call.arguments });
                if (m_onCall)
                    m_onCall(action);
                return finishedAction(QVariantMap {});
            });
    }
    m_arena->set(manager, "idle");
    m_arena->set(lastGood, "unknown");
    m_arena->set(next, "unknown");
    m_arena->set(backupEvent, "unknown");
    m_arena->set("binary_sensor.backup_problem", "off");
}

void TestExamples::cleanup()
{
    m_engine.reset();
    m_state.reset();
    m_arena.reset();
}

void TestExamples::load(const char *example)
{
    const QString folder = m_folder->filePath(QStringLiteral("config/automations"));
    QVERIFY(QDir().mkpath(folder));
    const QString name = QLatin1String(example) + QLatin1String(".yaml");
    QVERIFY(QFile::copy(
        QStringLiteral(HUBKEEP_RESOURCES_DIR "/examples/") + name, folder + u'/' + name));
    m_engine = std::make_unique<AutomationEngine>(m_arena->hub, m_arena->timers, *m_state,
        m_folder->filePath(QStringLiteral("config")), m_arena->parts.zone);
    QVERIFY(m_engine->start());
    const QStringList problems = test::EngineArena::texts(m_engine->reload());
    QVERIFY2(problems.isEmpty(), qPrintable(problems.join(u'\n')));
    QCOMPARE(m_engine->automations().size(), 1);
}

void TestExamples::run()
{
    m_arena->hub.enter(HubState::Running);
}

void TestExamples::reported(const char *type, const char *reason)
{
    m_arena->set(backupEvent, toIsoTime(m_arena->clock.now()).toLatin1().constData(),
        { { QStringLiteral("event_type"), QLatin1String(type) },
            { QStringLiteral("failed_reason"),
                reason ? QVariant(QLatin1String(reason)) : QVariant::fromValue(nullptr) } });
}

QStringList TestExamples::actions() const
{
    QStringList names;
    for (const Call &call : m_calls)
        names.append(call.action);
    return names;
}

void TestExamples::everyFileIsAnExampleWithATest()
{
    const QStringList files = QDir(QStringLiteral(HUBKEEP_RESOURCES_DIR "/examples"))
                                  .entryList({ QStringLiteral("*.yaml") }, QDir::Files);
    QVERIFY(files.size() >= 12);
    for (const QString &file : files) {
        const QByteArray slot = file.chopped(5).toLatin1() + "()";
        QVERIFY2(metaObject()->indexOfSlot(slot.constData()) >= 0, slot.constData());
    }
}

void TestExamples::backup_every_night()
{
    load("backup_every_night");
    run();
    m_arena->advanceTo("2026-04-14 02:59:59");
    QVERIFY(m_calls.isEmpty());
    m_arena->advanceTo("2026-04-14 03:00:00");
    QCOMPARE(actions(), QStringList(QStringLiteral("backup.create")));
    m_arena->advanceTo("2026-04-16 02:00:00");
    QCOMPARE(m_calls.size(), 2);
}

void TestExamples::backup_failed()
{
    load("backup_failed");
    run();
    reported("in_progress");
    reported("completed");
    QVERIFY(m_calls.isEmpty());
    m_arena->advance(24h);
    reported("in_progress");
    reported("failed", "upload_failed");
    QCOMPARE(actions(), QStringList(QStringLiteral("notify.mobile_app_your_phone")));
    QCOMPARE(m_calls.first().text("title"), QStringLiteral("Automatic backup failed"));
    QCOMPARE(m_calls.first().text("message"),
        QStringLiteral("The last automatic backup failed due to upload_failed"));
}

void TestExamples::backup_overdue()
{
    load("backup_overdue");
    run();
    m_arena->advanceTo("2026-04-14 09:00:00");
    QCOMPARE(m_calls.size(), 1);
    QVERIFY(m_calls.last().text("message").startsWith(QStringLiteral("There has been no")));
    m_arena->set(lastGood, "2026-04-14T04:45:00+00:00");
    m_arena->advanceTo("2026-04-15 09:00:00");
    m_arena->advanceTo("2026-04-16 06:00:00");
    QCOMPARE(m_calls.size(), 1);
    m_arena->advanceTo("2026-04-16 09:00:00");
    QCOMPARE(m_calls.size(), 2);
    QCOMPARE(
        m_calls.last().text("message"), QStringLiteral("The last automatic backup is 2 days old."));
}

void TestExamples::manager_blocked()
{
    load("manager_blocked");
    run();
    m_arena->set(manager, "create_backup");
    m_arena->advance(14min);
    m_arena->set(manager, "idle");
    m_arena->advance(30min);
    QVERIFY(m_calls.isEmpty());
    m_arena->set(manager, "blocked");
    m_arena->advance(15min + 1s);
    QVERIFY(!m_calls.isEmpty());
    QCOMPARE(m_calls.last().text("message"), QStringLiteral("It has been in blocked for 0:15:00."));
}

void TestExamples::wake_storage()
{
    load("wake_storage");
    run();
    QStringList woken;
    const Subscription heard
        = m_arena->hub.bus().subscribe(QStringLiteral("wake_storage"), [&](const Event &event) {
              woken.append(m_arena->localNow() + QLatin1String(" for ")
                  + event.data.value(QStringLiteral("backup_at")).toString());
          });
    const QVariantMap timestamp { { QStringLiteral("device_class"), QStringLiteral("timestamp") } };
    m_arena->set(next, "2026-04-14T02:45:00+00:00", timestamp); // 04:45 in Amsterdam
    m_arena->advanceTo("2026-04-14 04:34:59");
    QVERIFY(woken.isEmpty());
    m_arena->advanceTo("2026-04-14 05:00:00");
    QCOMPARE(
        woken, QStringList(QStringLiteral("2026-04-14 04:35:00 for 2026-04-14 04:45:00+02:00")));
    // It follows the sensor.
    m_arena->set(next, "2026-04-14T10:00:00+00:00", timestamp);
    m_arena->advanceTo("2026-04-15 05:00:00");
    QCOMPARE(woken.size(), 2);
    QVERIFY(woken.last().startsWith(QStringLiteral("2026-04-14 11:50:00")));
}

void TestExamples::backup_summary()
{
    load("backup_summary");
    run();
    m_arena->set("sensor.backup_count", "4");
    m_arena->set(manager, "create_backup");
    m_arena->advance(90s);
    QVERIFY(m_calls.isEmpty());
    m_arena->set(manager, "idle");
    QCOMPARE(actions(), QStringList(QStringLiteral("notify.mobile_app_your_phone")));
    QCOMPARE(
        m_calls.first().text("message"), QStringLiteral("4 backups, the newest took 1.5 minutes."));
}

void TestExamples::storage_full()
{
    load("storage_full");
    run();
    const char *space = "sensor.backup_local_free_space";
    m_arena->set(space, "64424509440"); // 60 GiB
    m_arena->set(space, "42949672960"); // 40 GiB
    m_arena->advance(30s);
    m_arena->set(space, "42949672000");
    QVERIFY(m_calls.isEmpty());
    m_arena->advance(31s);
    QCOMPARE(actions(), QStringList(QStringLiteral("notify.send_message")));
    QCOMPARE(m_calls.first().text("message"), QStringLiteral("40.0 GiB are left."));
    QCOMPARE(m_calls.first().data.value(QStringLiteral("entity_id")),
        QVariant(QStringLiteral("notify.mobile_app_your_phone")));
    m_arena->set(space, "32212254720"); // less still: said already
    m_arena->advance(2min);
    QCOMPARE(m_calls.size(), 1);
    // At night nobody is woken.
    m_arena->set(space, "64424509440");
    m_arena->advanceTo("2026-04-13 23:00:00");
    m_arena->set(space, "32212254720");
    m_arena->advance(2min);
    QCOMPARE(m_calls.size(), 1);
}

void TestExamples::backup_after_start()
{
    load("backup_after_start");
    run();
    m_arena->advance(4min);
    QVERIFY(m_calls.isEmpty());
    m_arena->advance(1min);
    QCOMPARE(actions(), QStringList(QStringLiteral("backup.create_automatic")));

    cleanup();
    init();
    m_arena->set(lastGood, "2026-04-13T02:45:00+00:00"); // nine hours ago
    load("backup_after_start");
    run();
    m_arena->advance(1h);
    QVERIFY(m_calls.isEmpty());
}

void TestExamples::weekly_and_daily()
{
    load("weekly_and_daily");
    run();
    m_arena->advanceTo("2026-04-13 14:30:00");
    QCOMPARE(actions(), QStringList(QStringLiteral("backup.create_automatic")));
    m_calls.clear();
    m_arena->fire("backup_wanted", { { QStringLiteral("scope"), QStringLiteral("little") } });
    QVERIFY(m_calls.isEmpty());
    m_arena->fire("backup_wanted",
        { { QStringLiteral("scope"), QStringLiteral("everything") },
            { QStringLiteral("more"), 1 } });
    QCOMPARE(actions(), QStringList(QStringLiteral("backup.create")));
    m_arena->advanceTo("2026-04-19 02:00:00"); // the night to Sunday
    m_calls.clear();
    m_arena->advanceTo("2026-04-19 02:30:00");
    QCOMPARE(actions(),
        QStringList(
            { QStringLiteral("backup.create"), QStringLiteral("persistent_notification.create") }));
    QCOMPARE(
        m_calls.last().text("message"), QStringLiteral("The weekly backup was begun at 02:30."));
}

void TestExamples::retry_failed()
{
    load("retry_failed");
    run();
    int tries = 0;
    m_onCall = [&](const QString &) {
        ++tries;
        reported("in_progress");
        reported("failed", "timeout");
    };
    reported("in_progress");
    reported("failed", "timeout");
    m_arena->advance(9min);
    QCOMPARE(tries, 0);
    m_arena->advance(2h);
    QCOMPARE(tries, 3);
    const auto traces = m_engine->traces();
    QVERIFY(traces.first()->error.contains(QStringLiteral("It failed three times more")));

    // One that works is enough.
    tries = 0;
    m_onCall = [&](const QString &) {
        ++tries;
        reported("in_progress");
        reported("completed");
    };
    reported("in_progress");
    reported("failed", "timeout");
    m_arena->advance(2h);
    QCOMPARE(tries, 1);
}

void TestExamples::backup_webhook()
{
    load("backup_webhook");
    run();
    const auto post = [this](const QByteArray &body, const char *method = "POST") {
        return m_engine->parts().webhooks.call({ QStringLiteral("nightly-7f3a"),
            QLatin1String(method), true, "application/json", body, {} });
    };
    QCOMPARE(post("{}", "PUT"), Webhooks::Answer::MethodNotAllowed);
    QCOMPARE(post("{\"reason\": \"before <b>the</b> update\"}"), Webhooks::Answer::Taken);
    QStringList called = actions();
    called.sort();
    QCOMPARE(called,
        QStringList(
            { QStringLiteral("backup.create"), QStringLiteral("persistent_notification.create") }));
    QCOMPARE(m_calls.last().text("message"),
        QStringLiteral("Somebody asked for a backup: before the update"));
    m_calls.clear();
    QCOMPARE(post("{}"), Webhooks::Answer::Taken);
    QCOMPARE(m_calls.last().text("message"),
        QStringLiteral("Somebody asked for a backup: no reason given"));
}

void TestExamples::problem_escalation()
{
    load("problem_escalation");
    run();
    const char *problem = "binary_sensor.backup_problem";
    m_arena->set(problem, "on");
    QCOMPARE(m_calls.size(), 1);
    QCOMPARE(m_calls.last().text("title"), QStringLiteral("Backups need a look (1)"));
    m_arena->advance(12h + 1s);
    QCOMPARE(m_calls.size(), 3);
    QCOMPARE(
        m_calls.last().data.value(QStringLiteral("data")).toMap().value(QStringLiteral("priority")),
        QVariant(QStringLiteral("high")));
    m_arena->set(problem, "off");
    QCOMPARE(m_calls.size(), 4);
    QCOMPARE(m_calls.last().text("message"), QStringLiteral("Backups are fine again"));
    // Five at most.
    m_calls.clear();
    m_arena->set(problem, "on");
    m_arena->advance(72h);
    QCOMPARE(m_calls.size(), 5);
}

QTEST_GUILESS_MAIN(TestExamples)
#include "tst_examples.moc"
