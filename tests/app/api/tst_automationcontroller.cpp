// The automations of a whole hub through REST and WebSocket.

#include "tests/support/websocketclient.h"
#include "tests/support/wholehub.h"

#include <QFile>
#include <QJsonArray>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

const QByteArray night = "- id: night\n"
                         "  alias: Every night\n"
                         "  triggers:\n"
                         "    - trigger: time\n"
                         "      at: \"03:00:00\"\n"
                         "  actions:\n"
                         "    - action: persistent_notification.create\n"
                         "      data: {message: \"{{ 1 + 1 }}\"}\n";

const QByteArray webhook = "alias: Called\n"
                           "triggers: {trigger: webhook, webhook_id: ring, local_only: true}\n"
                           "actions:\n"
                           "  - event: rung\n"
                           "    event_data: {by: \"{{ trigger.json.by }}\"}\n";

} // namespace

class TestAutomationController : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_hub = std::make_unique<WholeHub>(); }
    void cleanup() { m_hub.reset(); }

    void aFileThatIsWrittenIsInForceAtOnce()
    {
        const Answer written = put("night.yaml", night);
        QCOMPARE(written.status, 201);
        QCOMPARE(written.json().value(QStringLiteral("problems")).toArray(), QJsonArray());
        QCOMPARE(contentOf("automations/night.yaml"), night);
        QCOMPARE(stateOf("automation.every_night"), QStringLiteral("on"));

        const QJsonObject list = m_hub->get(QStringLiteral("/api/v1/automations")).json();
        const QJsonObject summary
            = list.value(QStringLiteral("automations")).toArray().last().toObject();
        QCOMPARE(text(summary, "entity_id"), QStringLiteral("automation.every_night"));
        QCOMPARE(text(summary, "id"), QStringLiteral("night"));
        QCOMPARE(text(summary, "file"), QStringLiteral("automations/night.yaml"));
        QCOMPARE(summary.value(QStringLiteral("broken")), QJsonValue(false));
        const QJsonObject file = list.value(QStringLiteral("files")).toArray().last().toObject();
        QCOMPARE(text(file, "file"), QStringLiteral("night.yaml"));
        QCOMPARE(text(file, "etag").toLatin1(), written.headers.value("etag"));

        const Answer read = m_hub->get(path("night.yaml"));
        QCOMPARE(read.status, 200);
        QCOMPARE(read.body, night);
        QVERIFY(read.contentType.startsWith("application/yaml"));
        QCOMPARE(read.headers.value("etag"), written.headers.value("etag"));

        QCOMPARE(ask("DELETE", "night.yaml").status, 204);
        QCOMPARE(m_hub->get(path("night.yaml")).status, 404);
        QCOMPARE(ask("DELETE", "night.yaml").status, 404);
        QVERIFY(stateOf("automation.every_night") != QLatin1String("on"));
    }

    void whoeverWritesSaysWhatTheyHaveSeen()
    {
        const QByteArray first = put("night.yaml", night).headers.value("etag");
        QVERIFY(!first.isEmpty());
        const auto codeOf = [](const Answer &answer) {
            return text(answer.json(), "code") + u' ' + QString::number(answer.status);
        };
        const QByteArray other = QByteArray(night).replace("03:00", "04:00");
        QCOMPARE(codeOf(put("night.yaml", other, { { "If-None-Match", "*" } })),
            QStringLiteral("precondition 412"));
        QCOMPARE(codeOf(put("night.yaml", other, { { "If-Match", "\"else\"" } })),
            QStringLiteral("precondition 412"));
        QCOMPARE(codeOf(put("none.yaml", other, { { "If-Match", "*" } })),
            QStringLiteral("precondition 412"));
        const Answer second = put("night.yaml", other, { { "If-Match", first } });
        QCOMPARE(second.status, 200);
        QVERIFY(second.headers.value("etag") != first);
        QCOMPARE(codeOf(ask("DELETE", "night.yaml", { { "If-Match", first } })),
            QStringLiteral("precondition 412"));
        QCOMPARE(
            ask("GET", "night.yaml", { { "If-None-Match", second.headers.value("etag") } }).status,
            304);
        QCOMPARE(contentOf("automations/night.yaml"), other);
    }

    void aBrokenFileIsRefusedUnlessItIsMeant()
    {
        const QByteArray broken
            = "- alias: Broken\n  trigger:\n    - platform: tme\n      at: \"03:00\"\n"
              "  action: []\n";
        const Answer refused = put("broken.yaml", broken);
        QCOMPARE(refused.status, 400);
        QCOMPARE(text(refused.json(), "code"), QStringLiteral("invalid_automations"));
        const QJsonObject problem
            = refused.json().value(QStringLiteral("problems")).toArray().first().toObject();
        QCOMPARE(problem.value(QStringLiteral("line")).toInt(), 3);
        QVERIFY(text(problem, "message").contains(QStringLiteral("tme")));
        QVERIFY(!QFile::exists(
            m_hub->dataFolder() + QStringLiteral("/config/automations/broken.yaml")));
        const Answer forced = put("broken.yaml?force=true", broken);
        QCOMPARE(forced.status, 201);
        QVERIFY(!forced.json().value(QStringLiteral("problems")).toArray().isEmpty());
        QCOMPARE(stateOf("automation.broken"), QStringLiteral("unavailable"));
    }

    void nothingButAutomationsIsReached_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const char *name : { "..%2Fhubkeep.yaml", "%2e%2e", "..", ".hidden.yaml", "x.yml",
                 "secrets.yaml", "hubkeep.yaml", "x%00.yaml", "a%2Fb.yaml", "%5C.yaml", ".yaml" })
            QTest::newRow(name) << QByteArray(name);
    }
    void nothingButAutomationsIsReached()
    {
        QFETCH(QByteArray, name);
        QFile secrets(m_hub->dataFolder() + QStringLiteral("/config/secrets.yaml"));
        QVERIFY(secrets.open(QIODevice::WriteOnly) && secrets.write("a: secret\n") > 0);
        secrets.close();
        QCOMPARE(ask("GET", name).status, 404);
        QCOMPARE(ask("DELETE", name).status, 404);
        QVERIFY(QFile::exists(secrets.fileName()));
        QVERIFY(QFile::exists(m_hub->dataFolder() + QStringLiteral("/config/hubkeep.yaml")));
    }

    void aTextIsCheckedWithoutBeingWritten()
    {
        const auto check = [this](const QByteArray &body, const QByteArray &type) {
            return m_hub
                ->ask(
                    "POST", QStringLiteral("/api/v1/automations/check"), m_hub->admin(), body, type)
                .json()
                .value(QStringLiteral("problems"))
                .toArray();
        };
        QCOMPARE(check(night, "application/yaml"), QJsonArray());
        const QJsonObject problem = check("- alias: x\n  tigger: []\n", "text/yaml")[0].toObject();
        QVERIFY(problem.value(QStringLiteral("line")).toInt() > 0);
        QVERIFY(problem.value(QStringLiteral("column")).toInt() > 0);
        QVERIFY(!check(R"({"text":"- 5"})", "application/json").isEmpty());
        QCOMPARE(check({}, "application/json"), QJsonArray());
    }

    void whatARunDidIsTold()
    {
        QCOMPARE(put("night.yaml", night).status, 201);
        const Answer run = m_hub->post(QStringLiteral("/api/services/automation/trigger"),
            { { QStringLiteral("entity_id"), QStringLiteral("automation.every_night") } });
        QCOMPARE(run.status, 200);
        for (const char *id : { "night", "automation.every_night" }) {
            const QString at
                = QStringLiteral("/api/v1/automations/%1/traces").arg(QLatin1String(id));
            QTRY_COMPARE(m_hub->get(at).json().value(QStringLiteral("traces")).toArray().size(), 1);
        }
        WebSocketClient client(webSocketUrl(), QString::fromLatin1(m_hub->admin()));
        const auto ask = [&client](const char *type, const char *fields) {
            return client.ask(QString::fromLatin1(type), json(fields));
        };
        const QJsonArray list = ask("trace/list", R"({"domain":"automation","item_id":"night"})")
                                    .value(QStringLiteral("result"))
                                    .toArray();
        QCOMPARE(list.size(), 1);
        const QJsonObject brief = list[0].toObject();
        QCOMPARE(text(brief, "state"), QStringLiteral("stopped"));
        QCOMPARE(text(brief, "script_execution"), QStringLiteral("finished"));
        const QString runId = text(brief, "run_id");
        const QJsonObject whole = resultOf(client.ask(QStringLiteral("trace/get"),
            { { QStringLiteral("domain"), QStringLiteral("automation") },
                { QStringLiteral("item_id"), QStringLiteral("night") },
                { QStringLiteral("run_id"), runId } }));
        QVERIFY(
            whole.value(QStringLiteral("trace")).toObject().contains(QStringLiteral("action/0")));
        QCOMPARE(text(whole.value(QStringLiteral("config")).toObject(), "alias"),
            QStringLiteral("Every night"));
        QCOMPARE(m_hub->get(QStringLiteral("/api/v1/automations/night/traces/") + runId)
                     .json()
                     .value(QStringLiteral("run_id")),
            QJsonValue(runId));
        const QJsonObject contexts = resultOf(ask("trace/contexts", "{}"));
        QCOMPARE(contexts.size(), 1);
        QCOMPARE(text(contexts.begin()->toObject(), "run_id"), runId);
        QCOMPARE(errorCode(ask(
                     "trace/get", R"({"domain":"automation","item_id":"night","run_id":"none"})")),
            QStringLiteral("not_found"));
        QCOMPARE(ask("trace/list", R"({"domain":"script"})").value(QStringLiteral("result")),
            QJsonValue(QJsonArray()));

        const QJsonObject config
            = resultOf(ask("automation/config", R"({"entity_id":"automation.every_night"})"));
        QCOMPARE(text(config.value(QStringLiteral("config")).toObject(), "alias"),
            QStringLiteral("Every night"));
        QCOMPARE(errorCode(ask("automation/config", R"({"entity_id":"automation.none"})")),
            QStringLiteral("not_found"));
    }

    void aWebhookTriggersAndTheLogbookTellsOfIt()
    {
        QCOMPARE(put("ring.yaml", webhook).status, 201);
        QStringList by;
        const Subscription listening = m_hub->application().hub().bus().subscribe(
            QStringLiteral("rung"),
            [&by](const Event &event) { by << event.data.value(QStringLiteral("by")).toString(); });
        const Answer called
            = m_hub->ask("POST", QStringLiteral("/api/webhook/ring"), {}, R"({"by":"somebody"})");
        QCOMPARE(called.status, 200);
        QTRY_COMPARE(by, QStringList { QStringLiteral("somebody") });
        const QJsonArray told = QJsonDocument::fromJson(
            m_hub->get(QStringLiteral("/api/logbook?entity=automation.called")).body)
                                    .array();
        QStringList messages;
        for (const QJsonValue entry : told)
            messages << text(entry.toObject(), "message");
        QVERIFY2(messages.join(u'|').contains(QStringLiteral("triggered by")),
            qPrintable(messages.join(u'|')));
    }

    void templatesReadTheHubsStates()
    {
        const Answer answer = m_hub->post(QStringLiteral("/api/template"),
            { { QStringLiteral("template"),
                QStringLiteral("{{ states('sensor.backup_backup_manager_state') }}") } });
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.body, QByteArray("idle"));
    }

private:
    static QString path(const char *name)
    {
        return QStringLiteral("/api/v1/automations/") + QLatin1String(name);
    }
    Answer ask(const char *method, const char *name, const WholeHub::Headers &headers = {})
    {
        return m_hub->ask(method, path(name), m_hub->admin(), {}, "application/json", headers);
    }
    Answer put(const char *name, const QByteArray &text, const WholeHub::Headers &headers = {})
    {
        return m_hub->ask("PUT", path(name), m_hub->admin(), text, "application/yaml", headers);
    }
    QByteArray contentOf(const char *relative)
    {
        QFile file(m_hub->dataFolder() + QStringLiteral("/config/") + QLatin1String(relative));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    QString stateOf(const char *entityId)
    {
        const auto state = m_hub->application().hub().states().get(QLatin1String(entityId));
        return state ? state->value : QString();
    }
    QUrl webSocketUrl()
    {
        QUrl url(m_hub->application().url() + QStringLiteral("/api/websocket"));
        url.setScheme(QStringLiteral("ws"));
        return url;
    }

    std::unique_ptr<WholeHub> m_hub;
};

QTEST_GUILESS_MAIN(TestAutomationController)
#include "tst_automationcontroller.moc"
