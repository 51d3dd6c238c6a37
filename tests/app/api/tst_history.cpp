// The history through REST and WebSocket, with a past that is known.

#include "app/api/historystream.h"
#include "tests/support/historyhub.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

// "1 2 3": the values of a list of states, of either form.
QString values(const QJsonValue &list)
{
    QStringList all;
    for (const QJsonValue state : list.toArray()) {
        const QJsonObject object = state.toObject();
        all << object
                   .value(object.contains(QLatin1String("s")) ? QLatin1String("s")
                                                              : QLatin1String("state"))
                   .toString();
    }
    return all.join(u' ');
}

} // namespace

class TestHistory : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_hub = std::make_unique<HistoryHub>();
        HistoryHub &h = *m_hub;
        h.state(-10, "sensor.a", "zero", nullptr, R"({"n":0})");
        h.state(1, "sensor.a", "one", "zero", "{\"n\":1,\"text\":\"\\\"ä\\\"\"}");
        h.state(2, "sensor.a", "one", "one", R"({"n":2})");
        h.state(3, "sensor.a", "two", "one");
        h.state(4, "sensor.a", "two", "two", R"({"n":4})");
        h.state(90, "sensor.a", "late", "two");
        h.state(2, "sensor.b", "b", nullptr);
        h.state(1, "climate.c", "heat", nullptr, R"({"t":1})");
        h.state(2, "climate.c", "heat", "heat", R"({"t":2})");
        h.state(5, "sensor.strange", "a\n\"b\\\x01", nullptr);
    }
    void cleanupTestCase() { m_hub.reset(); }

    void aPeriodBeginsWithWhatWasAndHasWhatChanged()
    {
        const QJsonArray lists = m_hub->get("/api/history/period/@?filter_entity_id=sensor.a");
        QCOMPARE(lists.size(), 1);
        QCOMPARE(values(lists[0]), QStringLiteral("zero one two late"));
        const QJsonObject first = lists[0].toArray()[0].toObject();
        const QString begin = toIsoTime(m_hub->begin);
        QCOMPARE(first,
            (QJsonObject { { QStringLiteral("entity_id"), QStringLiteral("sensor.a") },
                { QStringLiteral("state"), QStringLiteral("zero") },
                { QStringLiteral("attributes"), json(R"({"n":0})") },
                { QStringLiteral("last_changed"), begin },
                { QStringLiteral("last_updated"), begin } }));
        const QJsonObject second = lists[0].toArray()[1].toObject();
        QCOMPARE(second.value(QStringLiteral("attributes")).toObject(),
            json("{\"n\":1,\"text\":\"\\\"ä\\\"\"}"));
        QCOMPARE(text(second, "last_changed"), toIsoTime(m_hub->at(1)));
    }

    void whatIsAskedForIsWhatComes_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QString>("expected");
        const auto add = [](const char *name, const char *query, const char *expected) {
            QTest::newRow(name) << QByteArray(query) << QString::fromLatin1(expected);
        };
        add("every change", "&significant_changes_only=0", "zero one one two two late");
        add("significant ones", "&significant_changes_only=1", "zero one two late");
        add("only after it began", "&skip_initial_state", "one two late");
        add("minimal", "&minimal_response&significant_changes_only=0", "zero one two late");
        add("until a time",
            "&end_time="
            "%1",
            "zero one");
    }
    void whatIsAskedForIsWhatComes()
    {
        QFETCH(QByteArray, query);
        QFETCH(QString, expected);
        query.replace("%1", m_hub->at(2.5).toString(Qt::ISODate).toLatin1());
        const QJsonArray lists
            = m_hub->get("/api/history/period/@?filter_entity_id=sensor.a" + query);
        QCOMPARE(values(lists[0]), expected);
    }

    void aMinimalAnswerHasValuesAndTimesButForTheFirst()
    {
        const QJsonArray list
            = m_hub->get("/api/history/period/@?filter_entity_id=sensor.a&minimal_response")[0]
                  .toArray();
        QVERIFY(list[0].toObject().contains(QStringLiteral("entity_id")));
        QCOMPARE(list[1].toObject(),
            (QJsonObject { { QStringLiteral("state"), QStringLiteral("one") },
                { QStringLiteral("last_changed"), toIsoTime(m_hub->at(1)) } }));
        // A heater's value alone says too little.
        const QJsonArray climate
            = m_hub->get("/api/history/period/@?filter_entity_id=climate.c&minimal_response")[0]
                  .toArray();
        QCOMPARE(climate.size(), 2);
        QVERIFY(climate[1].toObject().contains(QStringLiteral("attributes")));
    }

    void attributesCanBeLeftOut()
    {
        const QJsonArray list
            = m_hub->get("/api/history/period/@?filter_entity_id=sensor.a&no_attributes")[0]
                  .toArray();
        QCOMPARE(list[1].toObject().value(QStringLiteral("attributes")).toObject(), QJsonObject());
    }

    void entitiesComeOnceInTheOrderAskedForAndNoneThatWasNot()
    {
        const QJsonArray lists = m_hub->get("/api/history/period/@?filter_entity_id="
                                            "sensor.b,sensor.none,SENSOR.A,sensor.b");
        QCOMPARE(lists.size(), 2);
        QCOMPARE(values(lists[0]), QStringLiteral("b"));
        QCOMPARE(values(lists[1]), QStringLiteral("zero one two late"));
    }

    void anyTextComesBackAsItWas()
    {
        const QJsonArray lists
            = m_hub->get("/api/history/period/@?filter_entity_id=sensor.strange");
        QCOMPARE(values(lists[0]), QStringLiteral("a\n\"b\\\x01"));
    }

    void withoutATimeItIsTheLastDay()
    {
        QCOMPARE(values(m_hub->get("/api/history/period?filter_entity_id=sensor.a")[0]),
            QStringLiteral("zero one two late"));
        QCOMPARE(
            m_hub->get("/api/history/period/2099-01-01?filter_entity_id=sensor.a"), QJsonArray());
        QCOMPARE(
            m_hub->get("/api/history/period/2001-01-01?filter_entity_id=sensor.a"), QJsonArray());
    }

    void whatIsWrongIsSaid_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QString>("expected");
        const auto add = [](const char *path, const char *expected) {
            QTest::newRow(path) << QByteArray(path) << QString::fromLatin1(expected);
        };
        add("/api/history/period/@", "filter_entity_id is missing");
        add("/api/history/period/@?filter_entity_id=", "filter_entity_id is missing");
        add("/api/history/period/@?filter_entity_id=door", "Invalid filter_entity_id");
        add("/api/history/period/yesterday?filter_entity_id=a.b", "Invalid datetime");
        add("/api/history/period/2026-02-30?filter_entity_id=a.b", "Invalid datetime");
        add("/api/history/period/@?filter_entity_id=a.b&end_time=soon", "Invalid end_time");
        add("/api/logbook/never", "Invalid datetime");
        add("/api/logbook/@?end_time=25:00", "Invalid end_time");
        add("/api/logbook/@?period=many", "period");
        add("/api/logbook/@?period=0", "period");
        add("/api/logbook/@?entity=door", "Format should be <domain>.<object_id>");
        add("/api/logbook/@?entity=a.b&context_id=c", "Can't combine entity with context_id");
    }
    void whatIsWrongIsSaid()
    {
        QFETCH(QByteArray, path);
        QFETCH(QString, expected);
        const HttpAnswer answer = m_hub->ask(path);
        QCOMPARE(answer.status, 400);
        QVERIFY2(text(answer.object(), "message").contains(expected), answer.body.constData());
    }

    void aClientOfItsWebSocketGetsCompressedStates()
    {
        WebSocketClient client(m_hub->hub.webSocketUrl(), m_hub->hub.user);
        QJsonObject fields { { QStringLiteral("start_time"), m_hub->filled("@") },
            { QStringLiteral("entity_ids"),
                QJsonArray { QStringLiteral("sensor.a"), QStringLiteral("sensor.none") } },
            { QStringLiteral("significant_changes_only"), false } };
        const auto ask = [&] {
            return resultOf(client.ask(QStringLiteral("history/history_during_period"), fields));
        };
        const QJsonObject all = ask();
        QCOMPARE(all.keys(), QStringList { QStringLiteral("sensor.a") });
        const QJsonArray list = all.value(QStringLiteral("sensor.a")).toArray();
        QCOMPARE(values(list), QStringLiteral("zero one one two two late"));
        const double begin = double(m_hub->begin.toMSecsSinceEpoch()) / 1000;
        QCOMPARE(list[2].toObject(),
            (QJsonObject { { QStringLiteral("s"), QStringLiteral("one") },
                { QStringLiteral("a"), json(R"({"n":2})") }, { QStringLiteral("lu"), begin + 120 },
                { QStringLiteral("lc"), begin + 90 } }));
        QVERIFY(!list[1].toObject().contains(QStringLiteral("lc")));
        fields.insert(QStringLiteral("minimal_response"), true);
        QCOMPARE(ask().value(QStringLiteral("sensor.a")).toArray()[1].toObject(),
            (QJsonObject { { QStringLiteral("s"), QStringLiteral("one") },
                { QStringLiteral("lu"), begin + 60 } }));
        fields.insert(QStringLiteral("start_time"), QStringLiteral("2099-01-01"));
        QVERIFY(ask().isEmpty());

        const auto code = [&](const char *name, const QJsonValue &value) {
            QJsonObject wrong = fields;
            wrong.insert(QString::fromLatin1(name), value);
            return errorCode(client.ask(QStringLiteral("history/history_during_period"), wrong));
        };
        QCOMPARE(code("start_time", QStringLiteral("x")), QStringLiteral("invalid_start_time"));
        QCOMPARE(code("end_time", QStringLiteral("x")), QStringLiteral("invalid_end_time"));
        QCOMPARE(code("entity_ids", QJsonArray { QStringLiteral("x") }),
            QStringLiteral("invalid_entity_ids"));
        QCOMPARE(code("entity_ids", {}), QStringLiteral("invalid_format"));
    }

    void aStreamBeginsWithWhatWasAndGoesOnWithWhatHappens()
    {
        HistoryHub h;
        h.state(1, "sensor.a", "one", nullptr, R"({"n":1})");
        h.state(2, "sensor.a", "two", "one");
        WebSocketClient client(h.hub.webSocketUrl(), h.hub.user);
        const QJsonObject fields { { QStringLiteral("start_time"), h.filled("@") },
            { QStringLiteral("entity_ids"), QJsonArray { QStringLiteral("sensor.a") } },
            { QStringLiteral("significant_changes_only"), false } };
        const QJsonObject answer = client.ask(QStringLiteral("history/stream"), fields);
        QCOMPARE(errorMessage(answer), QString());
        QCOMPARE(answer.value(QStringLiteral("result")), QJsonValue(QJsonValue::Null));
        const int id = client.lastId();
        const auto next = [&client, id] { return client.waitForEvent(id, 60'000); };
        const auto listOf = [](const QJsonObject &event) {
            return event.value(QStringLiteral("states"))
                .toObject()
                .value(QStringLiteral("sensor.a"));
        };
        const QJsonObject first = next();
        QCOMPARE(values(listOf(first)), QStringLiteral("one two"));
        QCOMPARE(first.value(QStringLiteral("start_time")).toDouble(),
            double(h.begin.toMSecsSinceEpoch()) / 1000);
        QVERIFY(first.value(QStringLiteral("end_time")).toDouble()
            > double(h.begin.toMSecsSinceEpoch()) / 1000 + 7000);

        StateStore &states = h.hub.hub->states();
        QStringList seen;
        for (int n = 0; n < 40;) { // whatever falls into one message
            for (const int end = n + 10; n < end; ++n) {
                QVERIFY(states.set(QStringLiteral("sensor.a"), QString::number(n)).ok());
                QVERIFY(states.set(QStringLiteral("sensor.b"), QString::number(n)).ok());
                QCoreApplication::processEvents();
            }
            const QJsonObject event = next();
            QVERIFY(!event.isEmpty());
            QCOMPARE(event.keys(), QStringList(QStringLiteral("states")));
            QCOMPARE(event.value(QStringLiteral("states")).toObject().keys(),
                QStringList(QStringLiteral("sensor.a")));
            seen += values(listOf(event)).split(u' ');
        }
        while (seen.size() < 40) {
            const QJsonObject event = next();
            QVERIFY(!event.isEmpty());
            seen += values(listOf(event)).split(u' ');
        }
        QStringList expected;
        for (int n = 0; n < 40; ++n)
            expected << QString::number(n);
        QCOMPARE(seen, expected); // each once

        client.ask(
            QStringLiteral("unsubscribe_events"), { { QStringLiteral("subscription"), id } });
        QVERIFY(states.set(QStringLiteral("sensor.a"), QStringLiteral("more")).ok());
        client.ask(QStringLiteral("history/history_during_period"), fields);
        QVERIFY(client.messages.isEmpty());
    }

    void aStreamOfThePastEndsWithIt()
    {
        HistoryHub h;
        h.state(1, "sensor.a", "one", nullptr);
        WebSocketClient client(h.hub.webSocketUrl(), h.hub.user);
        QJsonObject fields { { QStringLiteral("start_time"), h.filled("@") },
            { QStringLiteral("end_time"), h.at(1.5).toString(Qt::ISODate) },
            { QStringLiteral("entity_ids"), QJsonArray { QStringLiteral("sensor.a") } } };
        client.ask(QStringLiteral("history/stream"), fields);
        const QJsonObject event = client.waitForEvent(client.lastId(), 60'000);
        QCOMPARE(event.value(QStringLiteral("end_time")).toDouble(),
            double(h.at(1.5).toMSecsSinceEpoch()) / 1000);
        QCOMPARE(event.value(QStringLiteral("states")).toObject().size(), 1);
        // Nothing is something to tell, too.
        fields.insert(QStringLiteral("entity_ids"), QJsonArray { QStringLiteral("sensor.none") });
        client.ask(QStringLiteral("history/stream"), fields);
        QCOMPARE(client.waitForEvent(client.lastId(), 60'000).value(QStringLiteral("states")),
            QJsonValue(QJsonObject()));
        fields.insert(QStringLiteral("end_time"), QStringLiteral("x"));
        QCOMPARE(errorCode(client.ask(QStringLiteral("history/stream"), fields)),
            QStringLiteral("invalid_end_time"));
        fields.remove(QStringLiteral("end_time"));
        for (int n = 2; n < api::HistoryStream::most; ++n)
            QCOMPARE(errorCode(client.ask(QStringLiteral("history/stream"), fields)), QString());
        QCOMPARE(errorMessage(client.ask(QStringLiteral("history/stream"), fields)),
            QStringLiteral("This connection follows 16 histories already; unsubscribe from some"));
        h.hub.hub->clear();
        QVERIFY(errorMessage(client.ask(QStringLiteral("history/stream"), fields))
                    .startsWith(QStringLiteral("Nothing is recorded")));
    }

    void theRecorderSaysHowItIs()
    {
        WebSocketClient client(m_hub->hub.webSocketUrl(), m_hub->hub.user);
        const QJsonObject info = resultOf(client.ask(QStringLiteral("recorder/info")));
        QCOMPARE(info.value(QStringLiteral("recording")), QJsonValue(true));
        QCOMPARE(info.value(QStringLiteral("migration_in_progress")), QJsonValue(false));
        QVERIFY(info.contains(QStringLiteral("backlog")));
    }

    void aLongHistoryTakesLittleMemoryAndComesWhole()
    {
        HistoryHub h;
        bool done = false;
        h.hub.hub->find<recorder::RecorderIntegration>()->read(
            [&h](recorder::History &history, const std::atomic<bool> &) {
                std::vector<Event> events;
                for (int i = 0; i < 20'000; ++i) {
                    auto change = std::make_shared<StateChange>();
                    const QDateTime time = h.begin.addMSecs(i);
                    change->entityId = QStringLiteral("sensor.long");
                    change->newState = State { change->entityId, QString::number(i),
                        { { QStringLiteral("friendly_name"), QString(300, u'x') } }, time, time };
                    events.push_back(
                        { QString::fromLatin1(stateChangedEvent), {}, {}, time, change });
                }
                return history.write(events);
            },
            [&done](const Result<void> &written) { done = written.ok(); });
        QTRY_VERIFY_WITH_TIMEOUT(done, 60'000);
        const HttpAnswer answer
            = h.ask("/api/history/period/2001-01-01?end_time=@&filter_entity_id=sensor.long");
        QCOMPARE(answer.array(), QJsonArray());
        const HttpAnswer whole = h.ask("/api/history/period?filter_entity_id=sensor.long");
        QVERIFY(whole.body.size() > api::JsonSpool::mostInMemory);
        QCOMPARE(whole.headers.value("content-length"), QByteArray::number(whole.body.size()));
        QCOMPARE(whole.array()[0].toArray().size(), 20'000);
        QCOMPARE(QDir(h.hub.folder.path()).entryList({ QStringLiteral("answer*") }), QStringList());
        // As one message of a WebSocket it is too much.
        WebSocketClient client(h.hub.webSocketUrl(), h.hub.user);
        const QJsonObject refused = client.ask(QStringLiteral("history/history_during_period"),
            { { QStringLiteral("start_time"), QStringLiteral("2001-01-01") },
                { QStringLiteral("entity_ids"), QJsonArray { QStringLiteral("sensor.long") } } });
        QCOMPARE(errorCode(refused), QStringLiteral("home_assistant_error"));
        QVERIFY(errorMessage(refused).contains(QStringLiteral("ask for a shorter time")));
    }

private:
    std::unique_ptr<HistoryHub> m_hub;
};

QTEST_GUILESS_MAIN(TestHistory)
#include "tst_history.moc"
