// What is published to ntfy; also to a server in another language, with its own idea of JSON.

#include "integrations/notify/ntfynotifier.h"
#include "tests/support/httplistener.h"
#include "tests/support/notifyarena.h"

#include <QJsonArray>
#include <QProcess>
#include <QTest>

#include <memory>

using namespace hubkeep;
using namespace hubkeep::notify;
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

QVariantMap variant(const char *json)
{
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(json, &problem);
    if (problem.error != QJsonParseError::NoError)
        qFatal("%s: %s", json, qPrintable(problem.errorString()));
    return document.object().toVariantMap();
}

std::unique_ptr<Notifier> make(HttpClient &client, const QVariantMap &options)
{
    Result<std::unique_ptr<Notifier>> made = NtfyNotifier::make(client, options);
    if (!made)
        qFatal("%s", qPrintable(made.error().message));
    return std::move(*made);
}

} // namespace

class TestNtfyNotifier : public QObject
{
    Q_OBJECT

private slots:
    void dataBecomesWhatNtfyKnows_data()
    {
        QTest::addColumn<QByteArray>("options"); // beyond the url
        QTest::addColumn<QByteArray>("data");
        QTest::addColumn<QByteArray>("expected"); // beyond topic and message
        const auto row
            = [](const char *name, const char *options, const char *data, const char *expected) {
                  QTest::newRow(name) << quoted(options) << quoted(data) << quoted(expected);
              };
        row("nothing", "{}", "{}", "{}");
        row("priority", "{}", "{'priority':5}", "{'priority':5}");
        row("priority's name", "{}", "{'priority':'high'}", "{'priority':4}");
        row("priority as a text", "{}", "{'priority':'2'}", "{'priority':2}");
        row("a priority that is none", "{}", "{'priority':'soon'}", "{}");
        row("a priority out of range", "{}", "{'priority':7}", "{}");
        row("half a priority", "{}", "{'priority':2.5}", "{}");
        row("true is no priority", "{}", "{'priority':true}", "{}");
        row("default priority", "{'priority':'low'}", "{}", "{'priority':2}");
        row("default and own", "{'priority':'low'}", "{'priority':'max'}", "{'priority':5}");
        row("tags", "{}", "{'tags':['warning','a']}", "{'tags':['warning','a']}");
        row("tags in one", "{}", "{'tags':'warning,a'}", "{'tags':['warning','a']}");
        row("default tags", "{'tags':['disk']}", "{}", "{'tags':['disk']}");
        row("no tags after all", "{'tags':['disk']}", "{'tags':[]}", "{}");
        row("click", "{}", "{'click':'https://a.example/x'}", "{'click':'https://a.example/x'}");
        row("Home Assistant's click", "{}", "{'clickAction':'https://a.example/x'}",
            "{'click':'https://a.example/x'}");
        row("a page of Home Assistant's", "{}", "{'clickAction':'/lovelace/0'}", "{}");
        row("image", "{}", "{'image':'https://a.example/x.png'}",
            "{'attach':'https://a.example/x.png'}");
        row("critical on iOS", "{}", "{'push':{'interruption-level':'critical'}}",
            "{'priority':5}");
        row("what is not known", "{}", "{'ttl':0,'channel':'alarm','color':'red'}", "{}");
        row("Home Assistant's buttons", "{}",
            "{'actions':[{'action':'URI','title':'Open','uri':'https://a.example'},"
            "{'action':'BACK_HOME','title':'No way'}]}",
            "{'actions':[{'action':'view','label':'Open','url':'https://a.example'}]}");
        row("ntfy's buttons", "{}",
            "{'actions':[{'action':'http','label':'Go','url':'https://a.example'}]}",
            "{'actions':[{'action':'http','label':'Go','url':'https://a.example'}]}");
        row("markdown", "{}", "{'markdown':true}", "{'markdown':true}");
    }
    void dataBecomesWhatNtfyKnows()
    {
        QFETCH(const QByteArray, options);
        QFETCH(const QByteArray, data);
        QFETCH(const QByteArray, expected);
        HttpClient client;
        QVariantMap all = variant(options);
        all.insert(text("url"), text("https://ntfy.example/backups"));
        const auto notifier = make(client, all);
        QJsonObject document = static_cast<NtfyNotifier &>(*notifier).document(
            { QString(), text("m"), variant(data) });
        QCOMPARE(document.take(text("topic")).toString(), text("backups"));
        QCOMPARE(document.take(text("message")).toString(), text("m"));
        QCOMPARE(document, QJsonObject::fromVariantMap(variant(expected)));
    }

    void theAddressIsServerAndTopic_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("server");
        QTest::addColumn<QString>("topic");
        QTest::newRow("plain") << text("https://n.sh/t") << text("https://n.sh/") << text("t");
        QTest::newRow("below a path")
            << text("https://n.sh/base/t/") << text("https://n.sh/base/") << text("t");
        QTest::newRow("port and user")
            << text("http://u:p@n.sh:81/t?x=1") << text("http://n.sh:81/?x=1") << text("t");
        QTest::newRow("none") << text("https://n.sh/") << QString() << QString();
    }
    void theAddressIsServerAndTopic()
    {
        QFETCH(const QString, url);
        QFETCH(const QString, server);
        QFETCH(const QString, topic);
        const auto [foundServer, foundTopic] = splitTopic(QUrl(url));
        QCOMPARE(foundServer.toString(), server);
        QCOMPARE(foundTopic, topic);
    }

    void itSaysWhoItIs_data()
    {
        QTest::addColumn<QByteArray>("options");
        QTest::addColumn<QByteArray>("header");
        QTest::newRow("nobody") << QByteArray("{}") << QByteArray();
        QTest::newRow("token") << QByteArray(R"({"token":"tk_1"})") << QByteArray("Bearer tk_1");
        QTest::newRow("password") << QByteArray(R"({"username":"änna","password":"p:w"})")
                                  << QByteArray("Basic ") + QByteArray("änna:p:w").toBase64();
    }
    void itSaysWhoItIs()
    {
        QFETCH(const QByteArray, options);
        QFETCH(const QByteArray, header);
        HttpListener listener;
        HttpClient client;
        QVariantMap all = variant(options);
        all.insert(text("url"), listener.url(text("/t")));
        const auto notifier = make(client, all);
        QCOMPARE(toString(tryOnce(*notifier, { QString(), text("m") })), text("delivered"));
        QCOMPARE(listener.requests.first().headers.value("authorization"), header);
    }

    void userAndPasswordOfTheAddressAreUsed()
    {
        HttpListener listener;
        HttpClient client;
        const auto notifier = make(client,
            { { text("url"),
                QStringLiteral("http://anna:p%40ss@127.0.0.1:%1/t").arg(listener.port()) } });
        QCOMPARE(toString(tryOnce(*notifier, { QString(), text("m") })), text("delivered"));
        QCOMPARE(listener.requests.first().headers.value("authorization"),
            QByteArray("Basic ") + QByteArray("anna:p@ss").toBase64());
    }

    void anAddressWithoutATopicIsRefused()
    {
        HttpClient client;
        for (const char *url : { "https://n.sh", "ftp://n.sh/t", "", "n.sh/t" })
            QVERIFY(!NtfyNotifier::make(client, { { text("url"), text(url) } }).ok());
    }

    // Python's http.server and json: nothing of ours on the other side.
    void anotherServerReadsWhatWasMeant()
    {
        QProcess server;
        server.start(text("python3"), { text("-u"), text("-c"), text(R"(
import http.server, json
class Topic(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        good = self.path == "/" and sent["topic"] == "backups"
        print(sent.get("title"), sent["message"], sent.get("tags"), sep="|", flush=True)
        self.send_response(200 if good else 400)
        self.end_headers()
        self.wfile.write(json.dumps({"id": "x", "event": "message"}).encode())
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Topic)
print(server.server_port, flush=True)
server.serve_forever()
)") });
        QVERIFY(server.waitForStarted());
        QByteArray said;
        QTRY_VERIFY_WITH_TIMEOUT((said += server.readAllStandardOutput()).endsWith('\n'), 20'000);
        HttpClient client;
        const auto notifier = make(client,
            { { text("url"), QStringLiteral("http://127.0.0.1:%1/backups").arg(said.toInt()) } });
        const QString title = text("Резервная копия — \"schief\" 🐘");
        const QString message = text("zwei\\n \"Zeilen\" mit Käse\t✓");
        QCOMPARE(
            toString(tryOnce(*notifier,
                { title, message, { { text("tags"), QStringList { text("rotating_light") } } } })),
            text("delivered"));
        said.clear();
        QTRY_VERIFY_WITH_TIMEOUT((said += server.readAllStandardOutput()).endsWith('\n'), 20'000);
        QCOMPARE(QString::fromUtf8(said).trimmed(),
            title + u'|' + message + text("|['rotating_light']"));
        server.kill();
        QVERIFY(server.waitForFinished());
    }
};

QTEST_GUILESS_MAIN(TestNtfyNotifier)
#include "tst_ntfynotifier.moc"
