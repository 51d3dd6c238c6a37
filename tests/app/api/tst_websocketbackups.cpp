// backup/* over a WebSocket, and /api/backup, with a real hub that makes real backups.

#include "tests/support/enginetree.h"
#include "tests/support/testbackups.h"
#include "tests/support/websocketclient.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::test;

class TestWebSocketBackups : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void infoShowsWhatThereIs();
    void generatingTellsEachStep();
    void generatingWithTheAutomaticSettings();
    void badRequestsStartNothing_data();
    void badRequestsStartNothing();
    void onlyOneOperationRuns();
    void aBackupIsShownAndDeleted();
    void restoringPutsFilesBack();
    void restoringAPartOfItFails();
    void restoringWhatIsNotThereFails();
    void plainBackupsNeedNoPassword();
    void aPasswordIsTriedBeforeADownloadAndOpensIt();
    void theSettingsPasswordEncryptsAndOpens();
    void settingsAreShownWithoutThePassword();
    void wrongSettingsChangeNothing_data();
    void wrongSettingsChangeNothing();
    void aBackupIsDownloaded();
    void downloadsThatCannotBeAreRefused();
    void aBackupIsUploaded();
    void uploadsThatCannotBeAreRefused();

private:
    bool isIdle() { return m_backups->manager().state() == backup::ManagerState::Idle; }
    QJsonObject config()
    {
        return resultOf(m_client->ask(QStringLiteral("backup/config/info")))
            .value(QStringLiteral("config"))
            .toObject();
    }
    QJsonArray backups()
    {
        return resultOf(m_client->ask(QStringLiteral("backup/info")))
            .value(QStringLiteral("backups"))
            .toArray();
    }

    std::unique_ptr<TestHub> m_hub;
    std::unique_ptr<TestBackups> m_backups;
    std::unique_ptr<WebSocketClient> m_client;
};

void TestWebSocketBackups::init()
{
    m_hub = std::make_unique<TestHub>();
    m_backups = std::make_unique<TestBackups>(*m_hub);
    m_client = std::make_unique<WebSocketClient>(m_hub->webSocketUrl(), m_hub->admin);
}

void TestWebSocketBackups::cleanup()
{
    m_client.reset();
    m_backups.reset();
    m_hub.reset();
}

void TestWebSocketBackups::infoShowsWhatThereIs()
{
    WebSocketClient ulf(m_hub->webSocketUrl(), m_hub->user);
    QJsonObject info = resultOf(ulf.ask(QStringLiteral("backup/info")));
    QCOMPARE(info, json(R"({"agent_errors":{},"backups":[],"last_attempted_automatic_backup":null,
                 "last_completed_automatic_backup":null,"last_action_event":null,
                 "next_automatic_backup":null,"next_automatic_backup_additional":false,
                 "state":"idle"})"));

    const QString id = m_backups->create();
    info = resultOf(ulf.ask(QStringLiteral("backup/info")));
    const QJsonObject backup = info.value(QStringLiteral("backups")).toArray().first().toObject();
    QCOMPARE(text(backup, "backup_id"), id);
    QVERIFY(!text(backup, "name").isEmpty());
    QCOMPARE(backup.value(QStringLiteral("agents")).toObject().keys(),
        QStringList { QStringLiteral("local.local") });
    QCOMPARE(backup.value(QStringLiteral("with_automatic_settings")), QJsonValue(false));
    for (const char *name : { "date", "addons", "database_included", "extra_metadata",
             "failed_addons", "failed_agent_ids", "failed_folders", "folders",
             "homeassistant_included", "homeassistant_version" })
        QVERIFY2(backup.contains(QLatin1String(name)), name);
    QCOMPARE(text(info.value(QStringLiteral("last_action_event")).toObject(), "state"),
        QStringLiteral("completed"));
}

void TestWebSocketBackups::generatingTellsEachStep()
{
    const int id = m_client->nextId();
    m_client->send(
        QByteArray(R"({"type":"backup/subscribe_events","id":)") + QByteArray::number(id) + "}");
    // The last event comes before the result.
    QTRY_COMPARE(m_client->messages.size(), 2);
    QCOMPARE(text(m_client->messages.at(0), "type"), QStringLiteral("event"));
    QCOMPARE(text(m_client->messages.at(1), "type"), QStringLiteral("result"));
    QCOMPARE(m_client->waitForEvent(id), json(R"({"manager_state":"idle"})"));
    m_client->messages.clear();

    m_backups->hold();
    const QJsonObject answer = m_client->ask(QStringLiteral("backup/generate"),
        json(R"({"agent_ids":["backup.local"],"name":" One "})"));
    const QString job = text(resultOf(answer), "backup_job_id");
    QVERIFY2(backup::isBackupId(job), qPrintable(errorMessage(answer)));
    QVERIFY(!m_client->messages.isEmpty()); // the first step came before the answer
    m_backups->release();
    QStringList steps;
    while (!steps.endsWith(QStringLiteral("idle"))) {
        const QJsonObject event = m_client->waitForEvent(id);
        QVERIFY(!event.isEmpty());
        if (event.contains(QStringLiteral("uploaded_bytes")))
            continue;
        const QString stage = text(event, "stage");
        const QString state = text(event, "state");
        steps.append(!stage.isEmpty() ? stage
                : !state.isEmpty()    ? state
                                      : text(event, "manager_state"));
    }
    QCOMPARE(steps.first(), QStringLiteral("in_progress"));
    QVERIFY(steps.contains(QStringLiteral("home_assistant")));
    QCOMPARE(steps.mid(steps.size() - 4).join(u' '),
        QStringLiteral("upload_to_agents cleaning_up completed idle"));
    QCOMPARE(text(backups().first().toObject(), "name"), QStringLiteral("One"));
}

void TestWebSocketBackups::generatingWithTheAutomaticSettings()
{
    m_client->ask(QStringLiteral("backup/config/update"),
        json(R"({"create_backup":{"agent_ids":["local.local"],"name":"Nightly"}})"));
    const QString job
        = text(resultOf(m_client->ask(QStringLiteral("backup/generate_with_automatic_settings"))),
            "backup_job_id");
    QVERIFY(backup::isBackupId(job));
    QTRY_VERIFY(isIdle());
    const QJsonObject made = backups().first().toObject();
    QCOMPARE(text(made, "backup_id"), job);
    QCOMPARE(text(made, "name"), QStringLiteral("Nightly"));
    QCOMPARE(made.value(QStringLiteral("with_automatic_settings")), QJsonValue(true));
    const QJsonObject info = resultOf(m_client->ask(QStringLiteral("backup/info")));
    QVERIFY(!text(info, "last_completed_automatic_backup").isEmpty());
}

void TestWebSocketBackups::badRequestsStartNothing_data()
{
    QTest::addColumn<QString>("type");
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("names");
    const auto row = [](const char *name, const char *type, const char *fields, const char *code,
                         const char *names) {
        QTest::newRow(name) << QString::fromLatin1(type) << QByteArray(fields)
                            << QString::fromLatin1(code) << QString::fromLatin1(names);
    };
    row("no agents", "backup/generate", "{}", "invalid_format", "'agent_ids'");
    row("agents as text", "backup/generate", R"({"agent_ids":"local.local"})", "invalid_format",
        "'agent_ids'");
    row("empty agents", "backup/generate", R"({"agent_ids":[]})", "home_assistant_error",
        "At least one");
    row("unknown agent", "backup/generate", R"({"agent_ids":["moon.base"]})",
        "home_assistant_error", "moon.base");
    row("unknown field", "backup/generate", R"({"agent_ids":["local.local"],"speed":1})",
        "invalid_format", "'speed'");
    row("a field too many", "backup/generate_with_automatic_settings", R"({"name":"a"})",
        "invalid_format", "'name'");
    row("details of nothing", "backup/details", "{}", "invalid_format", "'backup_id'");
    row("delete nothing", "backup/delete", R"({"backup_id":5})", "invalid_format", "'backup_id'");
}

void TestWebSocketBackups::badRequestsStartNothing()
{
    QFETCH(QString, type);
    QFETCH(QByteArray, fields);
    QFETCH(QString, code);
    QFETCH(QString, names);
    const QJsonObject answer = m_client->ask(type, QJsonDocument::fromJson(fields).object());
    QCOMPARE(errorCode(answer), code);
    QVERIFY2(errorMessage(answer).contains(names), qPrintable(errorMessage(answer)));
    QVERIFY(isIdle());
    QVERIFY(backups().isEmpty());
}

void TestWebSocketBackups::onlyOneOperationRuns()
{
    m_backups->hold();
    m_client->ask(QStringLiteral("backup/generate"), json(R"({"agent_ids":["local.local"]})"));
    const QJsonObject second = m_client->ask(
        QStringLiteral("backup/generate"), json(R"({"agent_ids":["local.local"]})"));
    QCOMPARE(errorCode(second), QStringLiteral("home_assistant_error"));
    QCOMPARE(errorMessage(second), QStringLiteral("Backup manager busy: create_backup"));
    m_backups->release();
    QTRY_VERIFY(isIdle());
    QCOMPARE(backups().size(), 1);
}

void TestWebSocketBackups::aBackupIsShownAndDeleted()
{
    const QString id = m_backups->create();
    const QJsonObject fields { { QStringLiteral("backup_id"), id } };
    const auto details = [&] {
        return resultOf(m_client->ask(QStringLiteral("backup/details"), fields))
            .value(QStringLiteral("backup"));
    };
    QCOMPARE(text(details().toObject(), "backup_id"), id);
    QCOMPARE(resultOf(m_client->ask(QStringLiteral("backup/agents/info"))),
        json(R"({"agents":[{"agent_id":"local.local","name":"local"}]})"));
    for (int i = 0; i < 2; ++i) // what is not there any more is no failure
        QCOMPARE(resultOf(m_client->ask(QStringLiteral("backup/delete"), fields)),
            json(R"({"agent_errors":{}})"));
    QVERIFY(details().isNull());
    const AuditEntry entry = m_hub->audited().at(1);
    QCOMPARE(entry.action, QStringLiteral("backup.delete"));
    QCOMPARE(entry.target, id);
    QCOMPARE(entry.user, QStringLiteral("anna"));
    QCOMPARE(entry.result, QStringLiteral("ok"));
}

void TestWebSocketBackups::restoringPutsFilesBack()
{
    const QString id = m_backups->create();
    m_backups->write(QStringLiteral("letter.txt"), "Spoiled");
    const QJsonObject answer = m_client->ask(QStringLiteral("backup/restore"),
        { { QStringLiteral("backup_id"), id },
            { QStringLiteral("agent_id"), QStringLiteral("backup.local") },
            { QStringLiteral("restore_database"), false } });
    QCOMPARE(errorMessage(answer), QString());
    QCOMPARE(m_backups->read(QStringLiteral("letter.txt")), QByteArray("Dear reader"));
    QCOMPARE(m_backups->read(QStringLiteral("letter.txt.before-restore")), QByteArray("Spoiled"));
}

void TestWebSocketBackups::restoringAPartOfItFails()
{
    m_backups->write(QStringLiteral("noise.bin"), randomBytes(100'000));
    const QString id = m_backups->create();
    const auto file = m_backups->manager().fetch(id);
    QTRY_VERIFY(file.isFinished());
    const QByteArray stored = (*file.result())->path().toUtf8();
    setMode(stored, 0600);
    overwriteAt(stored, statusOf(stored).st_size / 2, "damage");
    m_backups->write(QStringLiteral("letter.txt"), "Spoiled");
    const QJsonObject answer = m_client->ask(QStringLiteral("backup/restore"),
        { { QStringLiteral("backup_id"), id },
            { QStringLiteral("agent_id"), QStringLiteral("backup.local") },
            { QStringLiteral("restore_database"), false } });
    QCOMPARE(errorCode(answer), QStringLiteral("home_assistant_error"));
    QVERIFY2(errorMessage(answer).contains(QStringLiteral("noise.bin")),
        qPrintable(errorMessage(answer)));
    QCOMPARE(m_backups->read(QStringLiteral("letter.txt")), QByteArray("Dear reader"));
}

void TestWebSocketBackups::restoringWhatIsNotThereFails()
{
    const QString id = m_backups->create();
    const auto restore = [&](const QString &backup, const char *agent) {
        return errorCode(m_client->ask(QStringLiteral("backup/restore"),
            { { QStringLiteral("backup_id"), backup },
                { QStringLiteral("agent_id"), QString::fromLatin1(agent) } }));
    };
    QCOMPARE(restore(QStringLiteral("backup-20200101-000000-00000000"), "local.local"),
        QStringLiteral("backup_not_found"));
    QCOMPARE(restore(QStringLiteral("../../etc/passwd"), "local.local"),
        QStringLiteral("backup_not_found"));
    QCOMPARE(restore(id, "moon.base"), QStringLiteral("home_assistant_error"));
}

void TestWebSocketBackups::plainBackupsNeedNoPassword()
{
    const QString id = m_backups->create();
    QJsonObject fields { { QStringLiteral("backup_id"), id },
        { QStringLiteral("agent_id"), QStringLiteral("local.local") },
        { QStringLiteral("password"), QStringLiteral("x") } };
    QJsonObject answer = m_client->ask(QStringLiteral("backup/can_decrypt_on_download"), fields);
    QCOMPARE(answer.value(QStringLiteral("success")), QJsonValue(true));
    fields.insert(QStringLiteral("backup_id"), QStringLiteral("nothing"));
    answer = m_client->ask(QStringLiteral("backup/can_decrypt_on_download"), fields);
    QCOMPARE(errorCode(answer), QStringLiteral("backup_not_found"));
}

void TestWebSocketBackups::aPasswordIsTriedBeforeADownloadAndOpensIt()
{
    m_client->ask(QStringLiteral("backup/generate"),
        json(R"({"agent_ids":["local.local"],"password":"correct horse"})"));
    QTRY_VERIFY_WITH_TIMEOUT(isIdle() && backups().size() == 1, 60'000);
    const QString id = text(backups().first().toObject(), "backup_id");
    const auto tried = [&](const char *password) {
        const QJsonObject answer = m_client->ask(QStringLiteral("backup/can_decrypt_on_download"),
            { { QStringLiteral("backup_id"), id },
                { QStringLiteral("agent_id"), QStringLiteral("local.local") },
                { QStringLiteral("password"), QString::fromLatin1(password) } });
        return answer.value(QStringLiteral("success")).toBool() ? QStringLiteral("opens")
                                                                : errorCode(answer);
    };
    QCOMPARE(tried("correct horse"), QStringLiteral("opens"));
    QCOMPARE(tried("wrong"), QStringLiteral("password_incorrect"));
    QCOMPARE(tried(""), QStringLiteral("password_incorrect"));

    const QString path = QStringLiteral("/api/backup/download/%1?agent_id=local.local").arg(id);
    const auto got = [&](const char *more) {
        return m_hub->http("GET", path + QString::fromLatin1(more), m_hub->admin);
    };
    QVERIFY(got("").body.startsWith("age-encryption.org/v1"));
    const HttpAnswer opened = got("&password=correct%20horse");
    QCOMPARE(opened.status, 200);
    QVERIFY(opened.body.startsWith("PK"));
    QVERIFY(opened.headers.value("content-disposition").contains(id.toLatin1() + ".zip\""));
    QCOMPARE(got("&password=wrong").status, 400);
}

void TestWebSocketBackups::theSettingsPasswordEncryptsAndOpens()
{
    const auto set = [&](const char *password) {
        QCOMPARE(
            errorMessage(m_client->ask(QStringLiteral("backup/config/update"),
                { { QStringLiteral("create_backup"),
                    QJsonObject { { QStringLiteral("password"), QLatin1String(password) } } } })),
            QString());
    };
    set("correct horse");
    m_client->ask(QStringLiteral("backup/generate_with_automatic_settings"));
    QTRY_VERIFY_WITH_TIMEOUT(isIdle() && backups().size() == 1, 60'000);
    const QJsonObject made = backups().first().toObject();
    QCOMPARE(made.value(QStringLiteral("agents"))
                 .toObject()
                 .value(QStringLiteral("local.local"))
                 .toObject()
                 .value(QStringLiteral("protected")),
        QJsonValue(true));
    m_backups->write(QStringLiteral("letter.txt"), "Spoiled");
    const auto restored = [&](const QJsonValue &password) {
        QJsonObject fields { { QStringLiteral("backup_id"), text(made, "backup_id") },
            { QStringLiteral("agent_id"), QStringLiteral("local.local") },
            { QStringLiteral("restore_database"), false } };
        if (password.isString())
            fields.insert(QStringLiteral("password"), password);
        return errorCode(m_client->ask(QStringLiteral("backup/restore"), fields));
    };
    // Of its own settings the hub knows the password; once they have another, only people do.
    set("another");
    QCOMPARE(restored({}), QStringLiteral("password_incorrect"));
    QCOMPARE(restored(QStringLiteral("wrong")), QStringLiteral("password_incorrect"));
    QCOMPARE(m_backups->read(QStringLiteral("letter.txt")), QByteArray("Spoiled"));
    QCOMPARE(restored(QStringLiteral("correct horse")), QString());
    QCOMPARE(m_backups->read(QStringLiteral("letter.txt")), QByteArray("Dear reader"));
    m_backups->write(QStringLiteral("letter.txt"), "Spoiled again");
    set("correct horse");
    QCOMPARE(restored({}), QString());
    QCOMPARE(m_backups->read(QStringLiteral("letter.txt")), QByteArray("Dear reader"));
}

void TestWebSocketBackups::settingsAreShownWithoutThePassword()
{
    const QJsonObject answer = m_client->ask(QStringLiteral("backup/config/update"),
        json(R"({"create_backup":{"password":"secret","include_addons":null},
                 "automatic_backups_configured":true,
                 "retention":{"copies":3},"schedule":{"recurrence":"daily","time":"04:05"}})"));
    QCOMPARE(errorMessage(answer), QString());
    const QJsonObject shown = config();
    QVERIFY(!QJsonDocument(shown).toJson().contains("secret"));
    QCOMPARE(text(shown.value(QStringLiteral("schedule")).toObject(), "recurrence"),
        QStringLiteral("daily"));
    QCOMPARE(shown.value(QStringLiteral("retention")).toObject().value(QStringLiteral("copies")),
        QJsonValue(3));
    const QJsonObject create = shown.value(QStringLiteral("create_backup")).toObject();
    for (const char *name : { "agent_ids", "include_addons", "include_all_addons",
             "include_database", "include_folders", "name" })
        QVERIFY2(create.contains(QLatin1String(name)), name);
    for (const char *name : { "agents", "automatic_backups_configured",
             "last_attempted_automatic_backup", "last_completed_automatic_backup",
             "next_automatic_backup", "next_automatic_backup_additional" })
        QVERIFY2(shown.contains(QLatin1String(name)), name);
    const auto password = [this] { return m_backups->integration().settings().password; };
    const auto update = [this](const char *changes) {
        return errorMessage(m_client->ask(QStringLiteral("backup/config/update"),
            json(QByteArray(R"({"create_backup":)") + changes + '}')));
    };
    QCOMPARE(password(), QStringLiteral("secret"));
    QCOMPARE(update(R"({"name":"x"})"), QString());
    QCOMPARE(password(), QStringLiteral("secret"));
    QCOMPARE(create.value(QStringLiteral("password_set")), QJsonValue(true));
    QCOMPARE(update(QJsonDocument(create).toJson().constData()), QString());
    QCOMPARE(password(), QStringLiteral("secret"));
    QCOMPARE(update(R"({"password":null})"), QString());
    QCOMPARE(password(), QString());
}

void TestWebSocketBackups::wrongSettingsChangeNothing_data()
{
    QTest::addColumn<QByteArray>("changes");
    QTest::newRow("unknown") << QByteArray(R"({"speed":1})");
    QTest::newRow("no retention") << QByteArray(R"({"retention":{"copies":0}})");
    QTest::newRow("no schedule") << QByteArray(R"({"schedule":{"recurrence":"hourly"}})");
    QTest::newRow("good, then bad")
        << QByteArray(R"({"retention":{"copies":2},"schedule":{"time":"25:00"}})");
    QTest::newRow("list") << QByteArray(R"({"create_backup":[]})");
}

void TestWebSocketBackups::wrongSettingsChangeNothing()
{
    QFETCH(QByteArray, changes);
    const QJsonObject before = config();
    const QJsonObject answer = m_client->ask(
        QStringLiteral("backup/config/update"), QJsonDocument::fromJson(changes).object());
    QCOMPARE(errorCode(answer), QStringLiteral("invalid_format"));
    QCOMPARE(config(), before);
}

void TestWebSocketBackups::aBackupIsDownloaded()
{
    const QString id = m_backups->create();
    const QString path = QStringLiteral("/api/backup/download/%1?agent_id=backup.local").arg(id);
    const HttpAnswer answer = m_hub->http("GET", path, m_hub->admin);
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.headers.value("content-type"), QByteArray("application/zip"));
    QVERIFY(answer.headers.value("content-disposition").contains(id.toLatin1() + ".zip"));
    QVERIFY(answer.body.startsWith("PK"));
    const QJsonObject agents
        = backups().first().toObject().value(QStringLiteral("agents")).toObject();
    QCOMPARE(answer.body.size(),
        agents.value(QStringLiteral("local.local"))
            .toObject()
            .value(QStringLiteral("size"))
            .toInteger());
}

void TestWebSocketBackups::downloadsThatCannotBeAreRefused()
{
    const QString id = m_backups->create();
    const auto status = [&](const QString &path, const QString &token) {
        return m_hub->http("GET", QStringLiteral("/api/backup/download/") + path, token).status;
    };
    const QString local = QStringLiteral("?agent_id=local.local");
    QCOMPARE(status(id, m_hub->admin), 400);
    QCOMPARE(status(id + QStringLiteral("?agent_id=moon.base"), m_hub->admin), 400);
    QCOMPARE(status(QStringLiteral("nothing") + local, m_hub->admin), 404);
    QCOMPARE(status(QStringLiteral("..%2F..%2Fstate.db") + local, m_hub->admin), 404);
    QCOMPARE(status(QStringLiteral("%252e%252e%252fstate.db") + local, m_hub->admin), 404);
    QCOMPARE(status(id + local, m_hub->user), 403);
    QCOMPARE(status(id + local, {}), 401);
}

void TestWebSocketBackups::aBackupIsUploaded()
{
    const QString id = m_backups->create();
    const QByteArray archive
        = m_hub
              ->http("GET", QStringLiteral("/api/backup/download/%1?agent_id=local.local").arg(id),
                  m_hub->admin)
              .body;
    m_client->ask(QStringLiteral("backup/delete"), { { QStringLiteral("backup_id"), id } });
    QVERIFY(backups().isEmpty());

    const QByteArray body = "--x\r\nContent-Disposition: form-data; name=\"file\"; "
                            "filename=\"backup.tar\"\r\nContent-Type: application/x-tar\r\n\r\n"
        + archive + "\r\n--x--\r\n";
    const HttpAnswer answer
        = m_hub->http("POST", QStringLiteral("/api/backup/upload?agent_id=backup.local"),
            m_hub->admin, body, "multipart/form-data; boundary=x");
    QCOMPARE(answer.status, 201);
    QCOMPARE(answer.object(), (QJsonObject { { QStringLiteral("backup_id"), id } }));
    QCOMPARE(backups().size(), 1);
    QTRY_VERIFY(isIdle());
}

void TestWebSocketBackups::uploadsThatCannotBeAreRefused()
{
    const auto upload = [&](const QString &query, const QString &token, const QByteArray &body) {
        return m_hub->http("POST", QStringLiteral("/api/backup/upload") + query, token, body,
            "application/octet-stream");
    };
    const QString local = QStringLiteral("?agent_id=local.local");
    QCOMPARE(upload({}, m_hub->admin, "PK").status, 400);
    QCOMPARE(upload(QStringLiteral("?agent_id=moon.base"), m_hub->admin, "PK").status, 400);
    QCOMPARE(upload(local, m_hub->user, "PK").status, 403);
    QCOMPARE(upload(local, {}, "PK").status, 401);
    QCOMPARE(upload(local, m_hub->admin, "This is no backup").status, 422);
    QTRY_VERIFY(isIdle());

    m_backups->hold();
    m_client->ask(QStringLiteral("backup/generate"), json(R"({"agent_ids":["local.local"]})"));
    const HttpAnswer busy = upload(local, m_hub->admin, "PK");
    QCOMPARE(busy.status, 500);
    QCOMPARE(text(busy.object(), "message"),
        QStringLiteral("Can't upload backup file: Backup manager busy: create_backup"));
    m_backups->release();
    QTRY_VERIFY(isIdle());
    QCOMPARE(backups().size(), 1);
}

QTEST_GUILESS_MAIN(TestWebSocketBackups)
#include "tst_websocketbackups.moc"
