// ctest: slow
#include "tests/support/samplehub.h"

#include <QJsonArray>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::test;

// Bodies that are wrong, on every route that takes one; nothing begins and nothing is kept.
class TestBadRequests : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_hub = std::make_unique<SampleHub>();
        m_id = m_hub->backUp();
    }
    void cleanupTestCase()
    {
        QCOMPARE(m_hub->backups().size(), 1);
        QCOMPARE(m_hub->status().value(text("operation")).toString(), text("backup"));
        m_hub.reset();
    }

    void unknownFieldsAreNamed_data() { routes(); }
    void unknownFieldsAreNamed()
    {
        const Answer answer = ask(R"({"bogus":1,"others":{"x":[]}})");
        QCOMPARE(answer.status, 400);
        QCOMPARE(answer.json().value(text("code")).toString(), text("invalid_argument"));
        QVERIFY2(answer.message().contains(text("bogus")), qPrintable(answer.message()));
        QVERIFY2(answer.message().contains(text("others")), qPrintable(answer.message()));
    }

    void whatIsNoObjectIsRefused_data() { routes(); }
    void whatIsNoObjectIsRefused()
    {
        const QByteArray deep
            = QByteArray(R"({"name":)") + QByteArray(100, '[') + QByteArray(100, ']') + '}';
        for (const QByteArray &body : { QByteArray("{"), QByteArray("[1]"), QByteArray("null"),
                 QByteArray("\"text\""), QByteArray("{'name':1}"), QByteArray("\xff\xfe"), deep }) {
            const Answer answer = ask(body);
            QCOMPARE(answer.status, 400);
            QVERIFY(!answer.message().isEmpty());
        }
    }

    void whatIsNoJsonIsNotTaken_data() { routes(); }
    void whatIsNoJsonIsNotTaken()
    {
        for (const char *type : { "text/xml", "multipart/form-data; boundary=x", "image/png" })
            QCOMPARE(ask("{}", type).status, 415);
        QCOMPARE(ask(R"({"bogus":1})", "application/json; charset=utf-8").status, 400);
    }

    void aBodyThatIsTooLargeIsRefused_data() { routes(); }
    void aBodyThatIsTooLargeIsRefused() { QCOMPARE(ask(QByteArray(1'200'000, ' ')).status, 413); }

    void fieldsOfAWrongTypeAreNamed_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("path");
        QTest::addColumn<QByteArray>("body");
        const auto add = [](const char *method, const char *path, const char *body) {
            QTest::addRow("%s %s", path, body) << text(method) << text(path) << QByteArray(body);
        };
        for (const char *body : { R"({"agents":"local.local"})", R"({"agents":[1]})",
                 R"({"agents":["local.none"]})", R"({"sources":{}})", R"({"name":7})",
                 R"({"include_hub":"yes"})", R"({"name":"a\u0000b"})", R"({"name":"a\nb"})" })
            add("POST", "backup", body);
        for (const char *body : { R"({"create_backup":{"bogus":1}})", R"({"create_backup":[]})",
                 R"({"create_backup":{"password":5}})", R"({"retention":{"copies":0}})",
                 R"({"retention":{"copies":"3"}})", R"({"schedule":{"recurrence":"weekly"}})",
                 R"({"schedule":{"days":["monday"]}})", R"({"schedule":{"time":"25:00:00"}})",
                 R"({"agents":{"local.local":{"protected":"yes"}}})" })
            add("PUT", "backup/settings", body);
    }
    void fieldsOfAWrongTypeAreNamed()
    {
        QFETCH(const QString, method);
        QFETCH(const QString, path);
        QFETCH(const QByteArray, body);
        const QJsonObject before = m_hub->get(text("/api/v1/backup/settings")).json();
        const Answer answer
            = m_hub->ask(method.toLatin1(), text("/api/v1/") + path, m_hub->admin(), body);
        QCOMPARE(answer.status, 400);
        QCOMPARE(m_hub->get(text("/api/v1/backup/settings")).json(), before);
    }

    void aNameHasItsLength()
    {
        const QByteArray name(201, 'n');
        QCOMPARE(
            m_hub->ask(
                     "POST", text("/api/v1/backup"), m_hub->admin(), "{\"name\":\"" + name + "\"}")
                .status,
            400);
    }

    void refusedCallsAreInTheAuditLog()
    {
        QCOMPARE(m_hub->ask("GET", text("/api/v1/backup"), "no token").status, 401);
        QCOMPARE(m_hub->ask("DELETE", text("/api/v1/backup/") + m_id, m_hub->user()).status, 403);
        QCOMPARE(m_hub->ask("DELETE", text("/api/v1/backup/nothing"), m_hub->admin()).status, 404);
        const Answer log = m_hub->get(text("/api/v1/audit?limit=3"));
        const QJsonArray entries = log.json().value(text("entries")).toArray();
        QCOMPARE(entries.at(0)[text("action")].toString(), text("backup.delete"));
        QCOMPARE(entries.at(0)[text("result")].toString(), text("failed"));
        QCOMPARE(entries.at(1)[text("user")].toString(), text("test-user"));
        QCOMPARE(entries.at(1)[text("result")].toString(), text("refused"));
        QCOMPARE(entries.at(2)[text("target")].toString(), text("GET /api/v1/backup"));
        QCOMPARE(log.json().value(text("next_before")), entries.at(2)[text("id")]);
    }

private:
    static void routes()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("path");
        const auto add = [](const char *method, const char *path) {
            QTest::addRow("%s %s", method, path) << text(method) << text(path);
        };
        for (const char *path : { "backup", "backup?database=shop", "system/backup",
                 "backup/cancel", "backup/restore", "backup/ID/verify", "backup/ID/restore",
                 "auth/users", "auth/tokens", "auth/logout" })
            add("POST", path);
        add("PUT", "backup/settings");
        add("DELETE", "backup/ID");
    }
    Answer ask(const QByteArray &body, const QByteArray &type = "application/json")
    {
        QFETCH(QString, method);
        QFETCH(QString, path);
        return m_hub->ask(method.toLatin1(), text("/api/v1/") + path.replace(text("ID"), m_id),
            m_hub->admin(), body, type);
    }

    std::unique_ptr<SampleHub> m_hub;
    QString m_id;
};

QTEST_GUILESS_MAIN(TestBadRequests)
#include "tst_badrequests.moc"
