#include "tests/support/httplistener.h"
#include "tests/support/wholehub.h"

#include <QJsonArray>
#include <QTest>

#include <memory>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

// JSON with single quotes; moc cannot read all raw strings.
QByteArray quoted(const char *json)
{
    return QByteArray(json).replace('\'', '"');
}

QString base()
{
    return text("/api/v1/notifiers");
}

} // namespace

class TestNotifiersController : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_listener = std::make_unique<HttpListener>();
        const QByteArray port = QByteArray::number(m_listener->port());
        m_hub = std::make_unique<WholeHub>("notify:\n  - name: phone\n    type: ntfy\n    url: "
                                           "http://127.0.0.1:"
            + port + "/topic\n    token: tk_FILESECRET\n");
    }
    void cleanup()
    {
        m_hub.reset();
        m_listener.reset();
    }

    void theFilesAreShownWithoutSecretsAndCannotBeChanged()
    {
        const QJsonArray all = list();
        QCOMPARE(all.size(), 1);
        QCOMPARE(all.first().toObject(),
            (QJsonObject { { text("name"), text("phone") }, { text("type"), text("ntfy") },
                { text("url"), m_listener->url(text("/topic")) }, { text("token"), text("***") },
                { text("managed_by"), text("file") } }));
        QCOMPARE(ask("DELETE", "/phone").status, 409);
        QCOMPARE(ask("PUT", "/phone", R"({"type":"desktop"})").status, 409);
        QCOMPARE(ask("POST", "", R"({"name":"phone","type":"desktop"})").status, 409);
    }

    void aTopicThatCameBySecretIsHidden()
    {
        qputenv("HUBKEEP_TEST_TOPIC", m_listener->url(text("/HIDDENTOPIC")).toUtf8());
        m_hub = std::make_unique<WholeHub>(
            "notify:\n  - {name: phone, type: ntfy, url: !env_var HUBKEEP_TEST_TOPIC}\n");
        const Answer answer = m_hub->get(base());
        QCOMPARE(answer.status, 200);
        QVERIFY2(!answer.body.contains("HIDDENTOPIC"), answer.body.constData());
        QCOMPARE(
            list().first().toObject().value(text("url")).toString(), m_listener->url(text("/***")));
        QCOMPARE(notify("phone").status, 200);
        QCOMPARE(m_listener->requests.size(), 1);
    }

    void whatIsAddedIsAnActionAndStaysOverARestart()
    {
        const Answer added = add("hook", R"("type":"webhook","headers":{"X-Key":"HEADERSECRET"})");
        QVERIFY2(added.status == 201, added.body.constData());
        QCOMPARE(added.json().value(text("managed_by")).toString(), text("api"));
        QVERIFY(!added.body.contains("SECRET"));
        m_hub->restart();
        QCOMPARE(list().size(), 2);
        QCOMPARE(notify("hook").status, 200);
        QCOMPARE(m_listener->requests.size(), 1);
        QCOMPARE(m_listener->requests.first().path, QByteArray("/PATHSECRET"));
        QCOMPARE(m_listener->requests.first().headers.value("x-key"), QByteArray("HEADERSECRET"));
        QCOMPARE(ask("DELETE", "/hook").status, 204);
        QCOMPARE(ask("DELETE", "/hook").status, 404);
        QCOMPARE(notify("hook").status, 400);
    }

    void whatIsSentBackMaskedOrNullIsKept()
    {
        add("hook", R"("type":"webhook","headers":{"X-Key":"HEADERSECRET"})");
        QJsonObject shown = list().last().toObject();
        QVERIFY(!QJsonDocument(shown).toJson().contains("SECRET"));
        shown.insert(text("method"), text("PUT"));
        const Answer changed = ask("PUT", "/hook", QJsonDocument(shown).toJson());
        QVERIFY2(changed.status == 200, changed.body.constData());
        QCOMPARE(notify("hook").status, 200);
        shown.insert(text("url"), QJsonValue::Null);
        QCOMPARE(ask("PUT", "/hook", QJsonDocument(shown).toJson()).status, 200);
        QCOMPARE(notify("hook").status, 200);
        for (const ReceivedRequest &request : std::as_const(m_listener->requests)) {
            QCOMPARE(request.method, QByteArray("PUT"));
            QCOMPARE(request.path, QByteArray("/PATHSECRET"));
            QCOMPARE(request.headers.value("x-key"), QByteArray("HEADERSECRET"));
        }
        QCOMPARE(m_listener->requests.size(), 2);
        // Of another type's secrets nothing is kept.
        const Answer other
            = ask("PUT", "/hook", quoted("{'type':'apprise','url':'http://127.0.0.1/***'}"));
        QCOMPARE(other.status, 400);
    }

    void whatMakesNoSenseIsRefused_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << QByteArray("{}") << text("type");
        QTest::newRow("unknown key")
            << (quoted("{'name':'x','type':'ntfy','url':'http://h/t','tocken':'SECRETVALUE'}"))
            << text("did you mean 'token'");
        QTest::newRow("no address")
            << QByteArray(R"({"name":"x","type":"ntfy","url":"SECRETVALUE"})")
            << text("url: must be");
        QTest::newRow("a list for a token")
            << (quoted("{'name':'x','type':'ntfy','url':'http://h/t','token':['SECRETVALUE']}"))
            << text("token: must be a text");
        QTest::newRow("a mask") << (quoted(
            "{'name':'x','type':'ntfy','url':'http://h/t','token':'***'}"))
                                << text("'token'");
        QTest::newRow("an action's name")
            << QByteArray(R"({"name":"send_message","type":"desktop"})") << text("send_message");
        QTest::newRow("a template") << (quoted(
            "{'name':'x','type':'webhook','url':'http://h/SECRETVALUE','body':{'a':'{{ x'}}"))
                                    << text("body.a: line 1");
    }
    void whatMakesNoSenseIsRefused()
    {
        QFETCH(const QByteArray, body);
        QFETCH(const QString, says);
        const Answer answer = ask("POST", "", body);
        QCOMPARE(answer.status, 400);
        QVERIFY2(answer.message().contains(says), qPrintable(answer.message()));
        QVERIFY2(!answer.body.contains("SECRETVALUE"), answer.body.constData());
        QCOMPARE(list().size(), 1);
    }

    void aTestSendsAMessageAndSavesNothing()
    {
        const Answer good = ask("POST", "/phone/test");
        QCOMPARE(good.status, 200);
        QCOMPARE(
            good.json().keys(), (QStringList { text("duration_s"), text("message"), text("ok") }));
        QCOMPARE(good.json().value(text("ok")), QJsonValue(true));
        QCOMPARE(m_listener->requests.size(), 1);
        QCOMPARE(m_listener->requests.first().headers.value("authorization"),
            QByteArray("Bearer tk_FILESECRET"));
        m_listener->answers = { HttpListener::answer(403, "no tk_FILESECRET here") };
        const Answer bad = ask("POST", "/phone/test");
        QCOMPARE(bad.status, 200);
        QCOMPARE(bad.json().value(text("ok")), QJsonValue(false));
        QVERIFY(bad.message().contains(text("answered 403: no *** here")));
        // What is being written, with what it keeps.
        const QByteArray edited = quoted("{'type':'ntfy','token':null,'url':'")
            + m_listener->url(text("/other")).toUtf8() + "\"}";
        QCOMPARE(ask("POST", "/phone/test", edited).json().value(text("ok")), QJsonValue(true));
        QCOMPARE(m_listener->requests.last().headers.value("authorization"),
            QByteArray("Bearer tk_FILESECRET"));
        QCOMPARE(ask("POST", "/none/test").status, 404);
        QCOMPARE(list().size(), 1);
    }

    void nothingSecretIsInTheAuditOrTheServices()
    {
        add("hook", R"("type":"webhook","headers":{"X-Key":"HEADERSECRET"})");
        ask("PUT", "/hook",
            quoted("{'type':'ntfy','url':'http://127.0.0.1/t','password':'PWSECRET'}"));
        notify("hook");
        ask("DELETE", "/hook");
        for (const char *path : { "/api/v1/audit", "/api/v1/activity", "/api/services",
                 "/api/states", "/api/config", "/api/error_log" }) {
            const Answer answer = m_hub->get(text(path));
            QVERIFY2(!answer.body.contains("SECRET"), answer.body.constData());
        }
        const QByteArray audit = m_hub->get(text("/api/v1/audit")).body;
        for (const char *action : { "notifiers.add", "notifiers.change", "notifiers.delete" })
            QVERIFY2(audit.contains(action), audit.constData());
    }

    void whatIsGivenUpIsInTheActivity()
    {
        m_listener->stop();
        QCOMPARE(notify("phone").status, 200); // it waits
        m_listener->start();
        m_listener->answers = { HttpListener::answer(410) };
        // A changed file is a reason to try at once.
        QFile file(m_hub->dataFolder() + text("/config/hubkeep.yaml"));
        QVERIFY(file.open(QIODevice::Append));
        file.write("    priority: high\n");
        file.close();
        QVERIFY(m_hub->application().reload().isEmpty());
        const auto activity = [this] {
            return m_hub->get(text("/api/v1/activity"))
                .json()
                .value(text("entries"))
                .toArray()
                .first()
                .toObject();
        };
        QTRY_COMPARE(activity().value(text("operation")).toString(), text("notify"));
        QCOMPARE(activity().value(text("status")).toString(), text("failed"));
        QVERIFY(activity()
                    .value(text("detail"))
                    .toString()
                    .startsWith(text("A notification to phone was given up: ")));
    }

private:
    Answer ask(const QByteArray &method, const char *path, const QByteArray &body = {})
    {
        return m_hub->ask(method, base() + text(path), m_hub->admin(), body);
    }
    Answer add(const char *name, const char *options)
    {
        return ask("POST", "",
            "{\"name\":\"" + QByteArray(name) + "\",\"url\":\""
                + m_listener->url(text("/PATHSECRET")).toUtf8() + "\"," + options + "}");
    }
    Answer notify(const char *name)
    {
        return m_hub->post(
            text("/api/services/notify/") + text(name), { { text("message"), text("It failed") } });
    }
    QJsonArray list() { return m_hub->get(base()).json().value(text("notifiers")).toArray(); }

    std::unique_ptr<HttpListener> m_listener;
    std::unique_ptr<WholeHub> m_hub;
};

QTEST_GUILESS_MAIN(TestNotifiersController)
#include "tst_notifierscontroller.moc"
