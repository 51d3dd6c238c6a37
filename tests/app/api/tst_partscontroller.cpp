// ctest: slow
#include "tests/support/samplehub.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::test;

class TestPartsController : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_hub = std::make_unique<SampleHub>(); }
    void cleanupTestCase() { m_hub.reset(); }

    void theFilesPartsAreListedAndCannotBeChanged()
    {
        for (const char *kind : { "sources", "agents" }) {
            const QJsonArray parts = list(kind);
            QVERIFY(!parts.isEmpty());
            for (const QJsonValue &part : parts) {
                QCOMPARE(part[text("managed_by")].toString(), text("file"));
                const QString one = base(kind) + u'/' + part[text("name")].toString();
                QCOMPARE(ask("DELETE", one).status, 409);
                QCOMPARE(ask("PUT", one, partOf(kind)).status, 409);
            }
        }
        QCOMPARE(list("sources").first().toObject(),
            (QJsonObject { { text("name"), text("site") }, { text("type"), text("files") },
                { text("path"), m_hub->path(text("site")) },
                { text("exclude"), QJsonArray { text("*.tmp") } },
                { text("managed_by"), text("file") } }));
    }

    void whatIsAddedIsKeptChangedAndTakenAway()
    {
        for (const char *kind : { "sources", "agents" }) {
            const qsizetype before = list(kind).size();
            QByteArray named = partOf(kind);
            named.insert(1, R"("name":"extra",)");
            const Answer added = ask("POST", base(kind), named);
            QVERIFY2(added.status == 201, added.body.constData());
            QCOMPARE(added.json().value(text("managed_by")).toString(), text("api"));
            QCOMPARE(ask("POST", base(kind), named).status, 409);
            m_hub->restart();
            QCOMPARE(list(kind).size(), before + 1);
            const QString one = base(kind) + text("/extra");
            const Answer changed = ask("PUT", one, partOf(kind, "elsewhere"));
            QCOMPARE(changed.status, 200);
            QCOMPARE(changed.json().value(text("path")).toString(), m_hub->path(text("elsewhere")));
            QCOMPARE(ask("DELETE", one).status, 204);
            QCOMPARE(ask("DELETE", one).status, 404);
            QCOMPARE(ask("PUT", one, partOf(kind)).status, 404);
            QCOMPARE(list(kind).size(), before);
        }
    }

    void aPartThatMakesNoSenseIsRefused_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << QByteArray("{}") << text("type");
        QTest::newRow("unknown key")
            << QByteArray(R"({"name":"x","type":"files","path":"/x","exlude":[]})")
            << text("exlude");
        QTest::newRow("unknown type")
            << QByteArray(R"({"name":"x","type":"flies"})") << text("did you mean 'files'");
        QTest::newRow("no path") << QByteArray(R"({"name":"x","type":"files"})") << text("path");
        QTest::newRow("a name that leaves")
            << QByteArray(R"({"name":"../x","type":"files","path":"/x"})") << text("name");
        QTest::newRow("the hub's name")
            << QByteArray(R"({"name":"state","type":"files","path":"/x"})") << text("name");
        QTest::newRow("a list for a path")
            << QByteArray(R"({"name":"x","type":"files","path":["/x"]})") << text("path");
    }
    void aPartThatMakesNoSenseIsRefused()
    {
        QFETCH(const QByteArray, body);
        QFETCH(const QString, says);
        const qsizetype before = list("sources").size();
        const Answer answer = ask("POST", base("sources"), body);
        QCOMPARE(answer.status, 400);
        QVERIFY2(answer.message().contains(says), qPrintable(answer.message()));
        QCOMPARE(list("sources").size(), before);
    }

    void aTestSaysWhatItFoundAndSavesNothing()
    {
        const QString sources = base("sources");
        for (const char *name : { "site", "shop", "ledger" }) {
            const Answer tried = ask("POST", sources + u'/' + text(name) + text("/test"));
            QCOMPARE(tried.status, 200);
            QCOMPARE(tried.json().keys(),
                (QStringList { text("duration_s"), text("message"), text("ok") }));
            QCOMPARE(tried.json().value(text("ok")), QJsonValue(true));
        }
        const Answer wrong = ask(
            "POST", sources + text("/new/test"), R"({"type":"files","path":"/no/such/folder"})");
        QCOMPARE(wrong.status, 200);
        QCOMPARE(wrong.json().value(text("ok")), QJsonValue(false));
        QVERIFY(wrong.json().value(text("message")).toString().contains(text("/no/such/folder")));
        QCOMPARE(list("sources").size(), 3);
        QCOMPARE(ask("POST", sources + text("/none/test")).status, 404);
        QCOMPARE(ask("POST", base("agents") + text("/second/test")).json().value(text("ok")),
            QJsonValue(true));
    }

    void anAddedSourceIsBackedUp()
    {
        m_hub->write(text("dump.sh"), "echo more\n");
        QCOMPARE(ask("POST", base("sources"),
                     R"({"name":"more","type":"command","dump":["echo","more"],"file":"m.txt"})")
                     .status,
            201);
        const QString id = m_hub->backUp(json(R"({"sources":["more"],"include_hub":false})"));
        QCOMPARE(m_hub->get(text("/api/v1/backup/%1/file?path=sources/more/m.txt").arg(id)).body,
            QByteArray("more\n"));
        QCOMPARE(ask("DELETE", base("sources") + text("/more")).status, 204);
        QCOMPARE(m_hub->post(text("/api/v1/backup"), json(R"({"sources":["more"]})")).status, 404);
    }

    void anyRemoteCanBeAnAgent()
    {
        const QString agents = base("agents");
        QJsonObject body { { text("type"), text("rclone") },
            { text("remote"), text("disk:") + m_hub->path(text("remote")) },
            { text("bandwidth"), text("00:00,1G") },
            { text("options"), QJsonObject { { text("type"), text("local") } } } };
        const Answer tried = ask("POST", agents + text("/disk/test"), bytes(body));
        QVERIFY2(tried.json().value(text("ok")).toBool(), tried.body.constData());
        body.insert(text("name"), text("disk"));
        QCOMPARE(ask("POST", agents, bytes(body)).status, 201);
        const QString id = m_hub->backUp(json(R"({"agents":["rclone.disk"]})"));
        QCOMPARE(m_hub->get(text("/api/v1/backup/%1").arg(id)).status, 200);
        QVERIFY(QFile::exists(m_hub->path(text("remote/%1.zip").arg(id))));
        QCOMPARE(ask("DELETE", text("/api/v1/backup/") + id).status, 200);
        QVERIFY(!QFile::exists(m_hub->path(text("remote/%1.json").arg(id))));
        QCOMPARE(ask("DELETE", agents + text("/disk")).status, 204);
    }

    void whatTheHubWouldLeaveOutIsRefused()
    {
        QJsonObject inlined { { text("name"), text("bad") }, { text("type"), text("rclone") },
            { text("remote"), text(":webdav:hub") },
            { text("options"), QJsonObject { { text("type"), text("webdav") } } } };
        QJsonObject own { { text("name"), text("bad") }, { text("type"), text("local") },
            { text("path"), m_hub->dataFolder() + text("/data/x") } };
        QJsonObject taken = own;
        taken.insert(text("path"), list("agents").first()[text("path")]);
        for (QJsonObject body : { inlined, own, taken }) {
            const Answer refused = ask("POST", base("agents"), bytes(body));
            QVERIFY2(refused.status == 400, refused.body.constData());
            body.remove(text("name"));
            QCOMPARE(ask("POST", base("agents") + text("/bad/test"), bytes(body)).status, 400);
        }
    }

    void secretsAreNotShownAndKept()
    {
        const QString one = base("agents") + text("/nas");
        const Answer added = ask("POST", base("agents"),
            bytes({ { text("name"), text("nas") }, { text("type"), text("rclone") },
                { text("remote"), text("nas:b") },
                { text("options"),
                    QJsonObject { { text("type"), text("webdav") },
                        { text("url"), text("http://127.0.0.1:9/x") },
                        { text("user"), text("hub") }, { text("pass"), text("s3cr3t") } } } }));
        QCOMPARE(added.status, 201);
        QJsonObject shown = added.json();
        QVERIFY(!m_hub->get(base("agents")).body.contains("s3cr3t"));
        QCOMPARE(shown[text("options")].toObject(),
            (QJsonObject { { text("type"), text("webdav") },
                { text("url"), text("http://127.0.0.1:9/x") }, { text("user"), text("hub") },
                { text("pass"), text("***") } }));
        QCOMPARE(ask("PUT", one, bytes(shown)).status, 200);
        const Answer tried = ask("POST", one + text("/test"), bytes(shown));
        QVERIFY(!tried.json().value(text("ok")).toBool());
        QVERIFY2(tried.body.contains("127.0.0.1:9"), tried.body.constData()); // it was kept
        QVERIFY(!tried.body.contains("s3cr3t"));
        shown.insert(text("options"), QJsonObject { { text("token"), text("***") } });
        QCOMPARE(ask("PUT", one, bytes(shown)).status, 400);
        QCOMPARE(ask("DELETE", one).status, 204);
    }

private:
    static QByteArray bytes(const QJsonObject &object) { return QJsonDocument(object).toJson(); }
    static QString base(const char *kind) { return text("/api/v1/") + text(kind); }
    QByteArray partOf(const char *kind, const char *folder = "third") const
    {
        return QByteArray("{\"type\":\"") + (kind[0] == 's' ? "files" : "local") + "\",\"path\":\""
            + QFile::encodeName(m_hub->path(text(folder))) + "\"}";
    }
    Answer ask(const QByteArray &method, const QString &path, const QByteArray &body = {})
    {
        return m_hub->ask(method, path, m_hub->admin(), body);
    }
    QJsonArray list(const char *kind)
    {
        return m_hub->get(base(kind)).json().value(text(kind)).toArray();
    }

    std::unique_ptr<SampleHub> m_hub;
};

QTEST_GUILESS_MAIN(TestPartsController)
#include "tst_partscontroller.moc"
