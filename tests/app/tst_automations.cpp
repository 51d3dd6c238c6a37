// Automations in the real hub: files in its folder, its own entities and actions, a real backup,
// and a message that arrives at a real HTTP server.

#include "app/actionnames.h"
#include "automation/engine/automationengine.h"
#include "tests/support/httplistener.h"
#include "tests/support/wholehub.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTest>

using namespace hubkeep;

namespace {

constexpr const char *source = "backup:\n"
                               "  sources: [{name: files, type: files, path: '@/files'}]\n"
                               "hub: {time_zone: Europe/Amsterdam}\n";

void addExample(test::WholeHub &hub, const char *name)
{
    const QString folder = hub.dataFolder() + QStringLiteral("/config/automations");
    QVERIFY(QDir().mkpath(folder));
    const QString file = QLatin1String(name) + QLatin1String(".yaml");
    QVERIFY(QFile::copy(
        QStringLiteral(HUBKEEP_RESOURCES_DIR "/examples/") + file, folder + u'/' + file));
}

void makeFiles(test::WholeHub &hub)
{
    QVERIFY(QDir(hub.folder()).mkdir(QStringLiteral("files")));
    QFile file(hub.folder() + QStringLiteral("/files/a.txt"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QVERIFY(file.write("text") == 4);
}

QString stateOf(test::WholeHub &hub, const char *entityId)
{
    const std::optional<State> state
        = hub.application().hub().states().get(QLatin1String(entityId));
    return state ? state->value : QString();
}

} // namespace

class TestAutomations : public QObject
{
    Q_OBJECT

private slots:
    void theNightlyBackupOfTheDocumentationRuns();
    void theFailureOfTheDocumentationIsTold();
    void aChangedFileIsInForceWithoutARestart();
    void theCheckKnowsTheHubsActions();
    void theActionsOfAHubAreKnownWithoutOne();
    void anAutomationDoesNotKeepTheHubFromRestarting();
};

void TestAutomations::theNightlyBackupOfTheDocumentationRuns()
{
    test::WholeHub hub(source);
    makeFiles(hub);
    hub.setClock(QDateTime(QDate(2026, 4, 14), QTime(0, 59), Qt::UTC)); // 02:59 in Amsterdam
    addExample(hub, "backup_every_night");
    QTRY_COMPARE(
        stateOf(hub, "automation.backup_home_assistant_every_night_at_3_am"), QStringLiteral("on"));
    hub.setClock(QDateTime(QDate(2026, 4, 14), QTime(1, 0), Qt::UTC));
    QCOMPARE(hub.finish().value(QStringLiteral("status")).toString(), QStringLiteral("completed"));
    const QJsonArray backups = hub.get(QStringLiteral("/api/v1/backup"))
                                   .json()
                                   .value(QStringLiteral("backups"))
                                   .toArray();
    QCOMPARE(backups.size(), 1);
    QVERIFY(backups[0][QStringLiteral("created_at")].toString().startsWith(
        QStringLiteral("2026-04-14T01:00:")));
}

void TestAutomations::theFailureOfTheDocumentationIsTold()
{
    test::HttpListener phone;
    const QByteArray notifier
        = "notify: [{name: mobile_app_your_phone, type: webhook, url: 'http://127.0.0.1:"
        + QByteArray::number(phone.port()) + "/'}]\n";
    test::WholeHub hub(source + notifier); // the source's folder is missing
    addExample(hub, "backup_failed");
    QTRY_COMPARE(stateOf(hub, "automation.backup_failed"), QStringLiteral("on"));
    hub.post(QStringLiteral("/api/services/backup/create_automatic"));
    QTRY_VERIFY(!phone.requests.isEmpty());
    const QByteArray body = phone.requests.first().body;
    QVERIFY2(body.contains("Automatic backup failed"), body.constData());
    const QString reason = hub.application()
                               .hub()
                               .states()
                               .get(QStringLiteral("event.backup_automatic_backup"))
                               ->attributes.value(QStringLiteral("failed_reason"))
                               .toString();
    QVERIFY(!reason.isEmpty());
    QVERIFY2(body.contains("The last automatic backup failed due to " + reason.toUtf8()),
        body.constData());
}

void TestAutomations::aChangedFileIsInForceWithoutARestart()
{
    test::WholeHub hub(source);
    QFile file(hub.dataFolder() + QStringLiteral("/config/automations.yaml"));
    const auto write = [&](const char *text) {
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(text);
        file.close();
    };
    write("- {alias: One, triggers: [], actions: []}\n");
    QTRY_COMPARE(stateOf(hub, "automation.one"), QStringLiteral("on"));
    write("- {alias: One, triggers: [], action: broken}\n");
    QTRY_COMPARE(stateOf(hub, "automation.one"), QStringLiteral("unavailable"));
    write("[]\n");
    QTRY_COMPARE(stateOf(hub, "automation.one"), QString());
}

void TestAutomations::theCheckKnowsTheHubsActions()
{
    test::WholeHub hub(source);
    QFile file(hub.dataFolder() + QStringLiteral("/config/automations.yaml"));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write("- alias: One\n  triggers: []\n  actions: [{action: backup.create}]\n"
               "- alias: Two\n  triggers: []\n  actions: [{action: backup.creat}]\n");
    file.close();
    const QJsonObject checked = hub.post(QStringLiteral("/api/config/core/check_config")).json();
    QCOMPARE(checked.value(QStringLiteral("result")).toString(), QStringLiteral("invalid"));
    const QString errors = checked.value(QStringLiteral("errors")).toString();
    QVERIFY2(errors.contains(QStringLiteral("automations.yaml:6:")), qPrintable(errors));
    QVERIFY2(errors.contains(QStringLiteral("did you mean 'backup.create'")), qPrintable(errors));
    QVERIFY(!errors.contains(QStringLiteral("automations.yaml:3")));
}

void TestAutomations::theActionsOfAHubAreKnownWithoutOne()
{
    test::WholeHub hub(
        source + QByteArray("notify: [{name: ops, type: webhook, url: 'http://127.0.0.1:1/'}]\n"));
    hub.post(QStringLiteral("/api/v1/notifiers"),
        { { QStringLiteral("name"), QStringLiteral("phone") },
            { QStringLiteral("type"), QStringLiteral("webhook") },
            { QStringLiteral("url"), QStringLiteral("http://127.0.0.1:1/") } });
    QStringList actions;
    for (const ActionDescription &action : hub.application().hub().actions().all())
        actions.append(action.name);
    actions.sort();
    QVERIFY(actions.contains(QStringLiteral("notify.ops")));
    QVERIFY(actions.contains(QStringLiteral("notify.phone")));
    QCOMPARE(actionNames(hub.dataFolder()), actions);
}

void TestAutomations::anAutomationDoesNotKeepTheHubFromRestarting()
{
    test::WholeHub hub(source);
    QFile file(hub.dataFolder() + QStringLiteral("/config/automations.yaml"));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write("- [broken\n");
    file.close();
    hub.restart();
    QVERIFY(hub.application().hub().actions().has(QStringLiteral("automation.reload")));
}

QTEST_GUILESS_MAIN(TestAutomations)
#include "tst_automations.moc"
