// The logbook through REST and WebSocket.

#include "tests/support/historyhub.h"

#include <QJsonArray>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

// "sensor.a=on|HubKeep started": who and what of each entry.
QString told(const QJsonArray &entries)
{
    QStringList all;
    for (const QJsonValue value : entries) {
        const QJsonObject entry = value.toObject();
        all << (entry.contains(QStringLiteral("state"))
                ? text(entry, "entity_id") + u'=' + text(entry, "state")
                : text(entry, "name") + u' ' + text(entry, "message"));
    }
    return all.join(u'|');
}

QJsonObject only(const QJsonArray &entries)
{
    return entries.size() == 1 ? entries[0].toObject() : QJsonObject();
}

} // namespace

class TestLogbook : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_hub = std::make_unique<HistoryHub>(); }
    void cleanup() { m_hub.reset(); }

    void whatChangedAndHappenedIsToldInItsOrder()
    {
        HistoryHub &h = *m_hub;
        h.event(0.5, "homeassistant_start", "{}");
        h.state(1, "light.a", "off", nullptr); // it came
        h.state(2, "light.a", "on", "off");
        h.state(3, "light.a", "on", "on", R"({"brightness":5})"); // an attribute
        h.event(4, "some_event", "{}"); // nobody describes it
        h.event(5, "automation_triggered",
            R"({"name":"Tell me","entity_id":"automation.tell_me","source":"state of light.a"})");
        h.event(6, "automation_triggered", R"({"name":"By hand","entity_id":"automation.x"})");
        h.event(
            7, "logbook_entry", R"({"name":"Door","message":"was slammed","entity_id":"lock.d"})");
        h.event(8, "homeassistant_stop", "{}");
        QCOMPARE(told(h.get("/api/logbook/@")),
            QStringLiteral("HubKeep started|light.a=on|Tell me triggered by state of light.a|"
                           "By hand triggered|Door was slammed|HubKeep stopped"));
    }

    void anEntryHasItsTimeNameAndDomain()
    {
        HistoryHub &h = *m_hub;
        nameEntity(QStringLiteral("light.named"), QStringLiteral("Lamp"));
        h.state(1, "light.named", "on", "off", R"({"icon":"mdi:lamp"})",
            { QStringLiteral("C"), {}, QStringLiteral("anna") });
        QCOMPARE(only(h.get("/api/logbook/@?entity=light.named")),
            (QJsonObject { { QStringLiteral("when"), toIsoTime(h.at(1)) },
                { QStringLiteral("name"), QStringLiteral("Lamp") },
                { QStringLiteral("state"), QStringLiteral("on") },
                { QStringLiteral("entity_id"), QStringLiteral("light.named") },
                { QStringLiteral("icon"), QStringLiteral("mdi:lamp") },
                { QStringLiteral("context_user_id"), QStringLiteral("anna") } }));
        h.state(2, "light.no_name", "on", "off");
        QCOMPARE(text(only(h.get("/api/logbook/@?entity=light.no_name")), "name"),
            QStringLiteral("no name"));
        h.event(3, "automation_triggered",
            R"({"name":"A","entity_id":"automation.a","source":"time"})");
        QCOMPARE(only(h.get("/api/logbook/@?entity=automation.a")),
            (QJsonObject { { QStringLiteral("when"), toIsoTime(h.at(3)) },
                { QStringLiteral("name"), QStringLiteral("A") },
                { QStringLiteral("message"), QStringLiteral("triggered by time") },
                { QStringLiteral("source"), QStringLiteral("time") },
                { QStringLiteral("domain"), QStringLiteral("automation") },
                { QStringLiteral("entity_id"), QStringLiteral("automation.a") } }));
    }

    void whatMeasuresAllTheTimeIsLeftOut()
    {
        HistoryHub &h = *m_hub;
        h.state(1, "sensor.size", "2", "1", R"({"unit_of_measurement":"GB"})");
        h.state(1, "sensor.count", "2", "1", R"({"state_class":"measurement"})");
        h.state(1, "counter.c", "2", "1");
        h.state(2, "sensor.phase", "idle", "busy");
        QCOMPARE(told(h.get("/api/logbook/@")), QStringLiteral("sensor.phase=idle"));
    }

    void aCauseIsNamed()
    {
        HistoryHub &h = *m_hub;
        const Context trigger { QStringLiteral("T"), {}, {} };
        const Context run { QStringLiteral("R"), QStringLiteral("T"), {} };
        h.state(1, "event.backup", "now", "before", "{}", trigger);
        h.event(1, "automation_triggered",
            R"({"name":"Tell","entity_id":"automation.tell","source":"state of event.backup"})",
            run);
        h.state(1, "light.warning", "on", "off", "{}", run); // all in one millisecond
        const QJsonArray entries = h.get("/api/logbook/@");
        QCOMPARE(told(entries),
            QStringLiteral("event.backup=now|Tell triggered by state of event.backup|"
                           "light.warning=on"));
        QVERIFY(!entries[0].toObject().contains(QStringLiteral("context_entity_id")));
        const QJsonObject automation = entries[1].toObject();
        QCOMPARE(text(automation, "context_entity_id"), QStringLiteral("event.backup"));
        QCOMPARE(text(automation, "context_entity_id_name"), QStringLiteral("backup"));
        QCOMPARE(text(automation, "context_state"), QStringLiteral("now"));
        const QJsonObject light = entries[2].toObject();
        QCOMPARE(text(light, "context_event_type"), QStringLiteral("automation_triggered"));
        QCOMPARE(text(light, "context_domain"), QStringLiteral("automation"));
        QCOMPARE(text(light, "context_name"), QStringLiteral("Tell"));
        QCOMPARE(
            text(light, "context_message"), QStringLiteral("triggered by state of event.backup"));
        QCOMPARE(text(light, "context_source"), QStringLiteral("state of event.backup"));
        QCOMPARE(text(light, "context_entity_id"), QStringLiteral("automation.tell"));
        // A service that somebody called is a cause and no entry.
        h.event(2, "call_service", R"({"domain":"light","service":"turn_on"})",
            { QStringLiteral("S"), {}, {} });
        h.state(2, "light.b", "on", "off", "{}", { QStringLiteral("S"), {}, {} });
        const QJsonObject called = only(h.get("/api/logbook/@?entity=light.b"));
        QCOMPARE(text(called, "context_domain"), QStringLiteral("light"));
        QCOMPARE(text(called, "context_service"), QStringLiteral("turn_on"));
        // By its context.
        QCOMPARE(told(h.get("/api/logbook/@?context_id=R")),
            QStringLiteral("Tell triggered by state of event.backup|light.warning=on"));
    }

    void aPeriodIsDaysThatEndWithTheOneAskedFor()
    {
        HistoryHub &h = *m_hub;
        h.state(-60, "light.a", "early", "x");
        h.state(10, "light.a", "on", "early");
        h.state(30, "light.a", "late", "on");
        QCOMPARE(told(h.get("/api/logbook/@")), QStringLiteral("light.a=on|light.a=late"));
        QCOMPARE(told(h.get("/api/logbook/@?period=2")),
            QStringLiteral("light.a=early|light.a=on|light.a=late"));
        const QByteArray end = h.at(20).toString(Qt::ISODate).toLatin1();
        QCOMPARE(told(h.get("/api/logbook/@?end_time=" + end)), QStringLiteral("light.a=on"));
        QCOMPARE(told(h.get("/api/logbook/2001-01-01")), QString());
        QCOMPARE(told(h.get("/api/logbook/@?entity=light.b")), QString());
    }

    void aClientOfItsWebSocketGetsSecondsAndNoNames()
    {
        HistoryHub &h = *m_hub;
        h.state(1, "light.a", "on", "off");
        h.event(2, "homeassistant_start", "{}");
        WebSocketClient client(h.hub.webSocketUrl(), h.hub.user);
        QJsonObject fields { { QStringLiteral("start_time"), h.filled("@") } };
        const auto ask = [&] {
            return client.ask(QStringLiteral("logbook/get_events"), fields)
                .value(QStringLiteral("result"))
                .toArray();
        };
        const QJsonArray entries = ask();
        QCOMPARE(entries[0].toObject(),
            (QJsonObject { { QStringLiteral("when"), double(h.at(1).toMSecsSinceEpoch()) / 1000 },
                { QStringLiteral("state"), QStringLiteral("on") },
                { QStringLiteral("entity_id"), QStringLiteral("light.a") } }));
        QCOMPARE(told(entries), QStringLiteral("light.a=on|HubKeep started"));
        fields.insert(QStringLiteral("entity_ids"), QJsonArray { QStringLiteral("light.a") });
        QCOMPARE(told(ask()), QStringLiteral("light.a=on"));
        fields.insert(QStringLiteral("end_time"), h.filled("@"));
        QCOMPARE(told(ask()), QString());
    }

    void aStreamBeginsWithWhatWasAndGoesOnWithWhatHappens()
    {
        HistoryHub h;
        h.state(1, "light.a", "on", "off");
        WebSocketClient client(h.hub.webSocketUrl(), h.hub.user);
        const QJsonObject answer = client.ask(QStringLiteral("logbook/event_stream"),
            { { QStringLiteral("start_time"), h.filled("@") } });
        QCOMPARE(errorMessage(answer), QString());
        const int all = client.lastId();
        const QJsonObject first = client.waitForEvent(all, 60'000);
        QCOMPARE(
            told(first.value(QStringLiteral("events")).toArray()), QStringLiteral("light.a=on"));
        QVERIFY(first.contains(QStringLiteral("start_time")));
        client.ask(QStringLiteral("logbook/event_stream"),
            { { QStringLiteral("start_time"), h.filled("@") },
                { QStringLiteral("entity_ids"), QJsonArray { QStringLiteral("light.b") } } });
        const int one = client.lastId();
        QCOMPARE(client.waitForEvent(one, 60'000).value(QStringLiteral("events")),
            QJsonValue(QJsonArray()));

        StateStore &states = h.hub.hub->states();
        for (const char *id : { "light.a", "light.b" }) {
            for (const char *value : { "off", "on" })
                QVERIFY(states.set(QString::fromLatin1(id), QString::fromLatin1(value)).ok());
        }
        h.hub.hub->bus().publish({ QStringLiteral("homeassistant_start"), {}, {} });
        h.hub.hub->bus().publish({ QStringLiteral("nobody_describes"), {}, {} });
        const auto collect = [&client](int id, int count) {
            QJsonArray entries;
            while (entries.size() < count) {
                const QJsonObject event = client.waitForEvent(id, 60'000);
                if (event.isEmpty())
                    break;
                for (const QJsonValue entry : event.value(QStringLiteral("events")).toArray())
                    entries.append(entry);
            }
            return told(entries);
        };
        QCOMPARE(collect(all, 3), QStringLiteral("light.a=on|light.b=on|HubKeep started"));
        QCOMPARE(collect(one, 1), QStringLiteral("light.b=on"));
        // Of devices there are none.
        client.ask(QStringLiteral("logbook/event_stream"),
            { { QStringLiteral("start_time"), h.filled("@") },
                { QStringLiteral("device_ids"), QJsonArray { QStringLiteral("x") } } });
        QCOMPARE(client.waitForEvent(client.lastId(), 60'000).value(QStringLiteral("events")),
            QJsonValue(QJsonArray()));
    }

private:
    void nameEntity(const QString &id, const QString &name)
    {
        QVERIFY(m_hub->hub.hub->states()
                    .set(id, QStringLiteral("off"), { { QStringLiteral("friendly_name"), name } })
                    .ok());
    }

    std::unique_ptr<HistoryHub> m_hub;
};

QTEST_GUILESS_MAIN(TestLogbook)
#include "tst_logbook.moc"
