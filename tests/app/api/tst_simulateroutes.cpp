// The simulators through the API: a hub's own, and what others ask.

#include "app/api/simulateroutes.h"
#include "tests/support/testbackups.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

} // namespace

class TestSimulateRoutes : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_hub = std::make_unique<TestHub>();
        m_backups = std::make_unique<TestBackups>(*m_hub);
        api::addSimulateRoutes(m_hub->router, m_backups->integration());
    }
    void cleanup()
    {
        m_backups.reset();
        m_hub.reset();
    }

    void aScheduleIsAnsweredAsByTheCommand()
    {
        const HttpAnswer answer = post("schedule",
            R"({"recurrence":"custom_days","days":["wed"],"time":"04:45","count":2,
                "now":"2026-04-13T12:00:00Z","time_zone":"Europe/Amsterdam"})");
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.object().value(key("next")).toString(), key("2026-04-15T02:45:00.000Z"));
        QCOMPARE(answer.object().value(key("additional")), QJsonValue(false));
        QCOMPARE(answer.object().value(key("following")).toArray().size(), 2);
    }

    void withoutAQuestionItIsTheHubsOwnSchedule()
    {
        QVERIFY(post("schedule", "").object().value(key("next")).isNull());
        QVERIFY(m_backups->integration().updateSettings(
            QJsonDocument::fromJson(R"({"schedule":{"recurrence":"daily","time":"04:45"}})")
                .object()));
        const HttpAnswer answer = post("schedule", "{}");
        QCOMPARE(answer.status, 200);
        const QDateTime next = QDateTime::fromString(
            answer.object().value(key("next")).toString(), Qt::ISODateWithMs);
        QCOMPARE(next, m_backups->integration().nextAutomatic().due);
    }

    void aRetentionIsAnsweredForTheHubsOwnBackups()
    {
        const QString id = m_backups->create();
        const HttpAnswer answer = post("retention", R"({"retention":{"copies":1}})");
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.object().value(key("delete")).toObject(), QJsonObject());
        const QJsonArray kept = answer.object().value(key("keep"))[key("local.local")].toArray();
        QCOMPARE(kept.size(), 1);
        QCOMPARE(kept.first()[key("backup_id")].toString(), id);
        QCOMPARE(kept.first()[key("reasons")].toArray(), QJsonArray { key("manual") });
        QCOMPARE(post("retention", "").status, 200);
    }

    void aRetentionIsAnsweredForOthers()
    {
        const HttpAnswer answer = post("retention",
            R"({"now":"2026-04-13T12:00:00Z","retention":{"copies":1},"backups":[
                {"backup_id":"x1","date":"2026-04-11","agents":["a"],"automatic":true},
                {"backup_id":"x2","date":"2026-04-12","agents":["a"],"automatic":true}]})");
        QCOMPARE(answer.object().value(key("delete")).toObject(),
            (QJsonObject { { key("a"), QJsonArray { key("x1") } } }));
    }

    void onlyAdministratorsAsk()
    {
        for (const char *what : { "schedule", "retention" })
            QCOMPARE(
                m_hub->http("POST", key("/api/v1/simulate/") + key(what), m_hub->user).status, 403);
    }

    void whatIsWrongIsSaid()
    {
        for (const char *body : { "[]", "{", "3", R"({"retention":{"copies":0}})",
                 R"({"now":"soon"})", R"({"recurence":"daily"})" }) {
            for (const char *what : { "schedule", "retention" }) {
                const HttpAnswer answer = post(what, body);
                QCOMPARE(answer.status, 400);
                QVERIFY(!answer.object().value(key("message")).toString().isEmpty());
            }
        }
    }

private:
    HttpAnswer post(const char *what, const QByteArray &body)
    {
        return m_hub->http("POST", key("/api/v1/simulate/") + key(what), m_hub->admin, body);
    }

    std::unique_ptr<TestHub> m_hub;
    std::unique_ptr<TestBackups> m_backups;
};

QTEST_GUILESS_MAIN(TestSimulateRoutes)
#include "tst_simulateroutes.moc"
