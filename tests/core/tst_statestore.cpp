#include "automation/core/eventbus.h"
#include "automation/core/statestore.h"
#include "tests/support/enginejobs.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

const QString id = QStringLiteral("sensor.backup_count");
const QVariantMap red { { QStringLiteral("colour"), QStringLiteral("red") } };

struct Fixture
{
    SetClock clock { QDateTime(QDate(2026, 4, 13), QTime(14, 25, 30, 123), Qt::UTC) };
    EventBus bus { clock };
    StateStore states { bus, clock };
    QList<Event> events;
    Subscription watching = bus.subscribe(
        QString::fromLatin1(stateChangedEvent), [this](const Event &event) { events << event; });

    void set(const char *value, const QVariantMap &attributes = {}, const Context &context = {})
    {
        if (!states.set(id, QString::fromLatin1(value), attributes, context))
            qFatal("%s was refused", value);
    }
    State state() { return *states.get(id); }
};

} // namespace

class TestStateStore : public QObject
{
    Q_OBJECT

private slots:
    void aNewStateIsPublishedWithoutAnOldOne()
    {
        Fixture f;
        f.set("1", red);
        QCOMPARE(f.events.size(), 1);
        const StateChange &change = *f.events[0].change;
        QCOMPARE(change.entityId, id);
        QVERIFY(!change.oldState.has_value());
        QVERIFY(change.newState == f.state());
        QCOMPARE(f.events[0].timeFired, f.clock.now());
        QVERIFY(f.events[0].context == f.state().context);
        QCOMPARE(f.state().attributes, red);
        QCOMPARE(f.state().lastChanged, f.clock.now());
        QCOMPARE(f.state().lastUpdated, f.clock.now());
    }

    void aWriteThatChangesNothingIsSilent()
    {
        Fixture f;
        f.set("1", red);
        const State before = f.state();
        f.clock.passDay();
        f.set("1", red, Context::make(QStringLiteral("anna")));
        QCOMPARE(f.events.size(), 1);
        QVERIFY(f.state() == before);
    }

    void lastChangedIsTheValuesAndLastUpdatedIsAll()
    {
        Fixture f;
        f.set("1");
        const QDateTime first = f.clock.now();
        f.clock.passDay();
        f.set("1", red);
        QCOMPARE(f.state().lastChanged, first);
        QCOMPARE(f.state().lastUpdated, f.clock.now());
        QCOMPARE(f.events.size(), 2);
        f.clock.passDay();
        f.set("2", red);
        QCOMPARE(f.state().lastChanged, f.clock.now());
        QCOMPARE(f.events[2].change->oldState->value, QStringLiteral("1"));
        QCOMPARE(f.events[2].change->newState->value, QStringLiteral("2"));
    }

    void theContextIsTheCallersOrAFreshOne()
    {
        Fixture f;
        const Context context
            = Context::make(QStringLiteral("anna"), QStringLiteral("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
        f.set("1", {}, context);
        QVERIFY(f.state().context == context);
        QVERIFY(f.events[0].context == context);
        f.set("2");
        QVERIFY(f.state().context.id != context.id);
        QCOMPARE(f.state().context.id.size(), 26);
        QVERIFY(f.state().context.userId.isEmpty());
        QVERIFY(f.events[1].context == f.state().context);
    }

    void whatIsRemovedIsPublishedWithoutANewOne()
    {
        Fixture f;
        f.set("1");
        const State before = f.state();
        QVERIFY(f.states.remove(id));
        QVERIFY(!f.states.get(id).has_value());
        QCOMPARE(f.events.size(), 2);
        QVERIFY(f.events[1].change->oldState == before);
        QVERIFY(!f.events[1].change->newState.has_value());
        QCOMPARE(f.events[1].context.id.size(), 26);
        QVERIFY(!f.states.remove(id));
        QCOMPARE(f.events.size(), 2);
        f.set("1");
        QVERIFY(!f.events[2].change->oldState.has_value());
    }

    void idsAreADomainAndAnObject_data()
    {
        QTest::addColumn<QString>("entityId");
        QTest::addColumn<bool>("fine");
        QTest::newRow("usual") << id << true;
        QTest::newRow("digits") << QStringLiteral("sensor.a_1") << true;
        QTest::newRow("empty") << QString() << false;
        QTest::newRow("no dot") << QStringLiteral("sensor") << false;
        QTest::newRow("no domain") << QStringLiteral(".a") << false;
        QTest::newRow("no object") << QStringLiteral("sensor.") << false;
        QTest::newRow("two dots") << QStringLiteral("sensor.a.b") << false;
        QTest::newRow("capitals") << QStringLiteral("sensor.A") << false;
        QTest::newRow("space") << QStringLiteral("sensor.a b") << false;
        QTest::newRow("path") << QStringLiteral("sensor./../a") << false;
        QTest::newRow("umlaut") << QString::fromUtf8("sensor.ü") << false;
        QTest::newRow("underscore at the end") << QStringLiteral("sensor.a_") << false;
        QTest::newRow("255") << QStringLiteral("s.") + QString(253, u'a') << true;
        QTest::newRow("256") << QStringLiteral("s.") + QString(254, u'a') << false;
    }
    void idsAreADomainAndAnObject()
    {
        QFETCH(QString, entityId);
        QFETCH(bool, fine);
        Fixture f;
        const Result<void> done = f.states.set(entityId, QStringLiteral("1"));
        QCOMPARE(done.ok(), fine);
        QCOMPARE(f.states.count(), fine ? 1 : 0);
        QCOMPARE(f.events.size(), fine ? 1 : 0);
        if (!fine)
            QCOMPARE(done.error().code, ErrorCode::InvalidArgument);
    }

    void valuesAreAtMost255Characters()
    {
        Fixture f;
        QVERIFY(f.states.set(id, QString(255, u'a')).ok());
        const Result<void> longer = f.states.set(id, QString(256, u'b'));
        QVERIFY(!longer.ok());
        QCOMPARE(longer.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(f.state().value, QString(255, u'a'));
    }

    void allIsSorted()
    {
        Fixture f;
        for (const char *object : { "c", "a", "b" })
            QVERIFY(f.states.set(QStringLiteral("x.") + QLatin1String(object), QString()).ok());
        const QList<State> all = f.states.all();
        QCOMPARE(all.size(), 3);
        QCOMPARE(all[0].entityId, QStringLiteral("x.a"));
        QCOMPARE(all[2].entityId, QStringLiteral("x.c"));
    }

    void aHandlerMayChangeTheStore()
    {
        Fixture f;
        const Subscription echo
            = f.bus.subscribe(QString::fromLatin1(stateChangedEvent), [&](const Event &event) {
                  if (event.change->entityId == id) {
                      for (int i = 0; i < 100; ++i)
                          QVERIFY(f.states.set(QStringLiteral("x.e%1").arg(i), QString()).ok());
                      f.states.remove(id);
                  }
              });
        f.set("1");
        QVERIFY(!f.states.get(id).has_value());
        QCOMPARE(f.states.count(), 100);
        QCOMPARE(f.events.size(), 102);
        QCOMPARE(f.events[0].change->newState->value, QStringLiteral("1"));
    }

    void aStateIsJsonAsHomeAssistantHasIt()
    {
        Fixture f;
        f.set("1", red, { QStringLiteral("01"), {}, QStringLiteral("anna") });
        const QString time = QStringLiteral("2026-04-13T14:25:30.123000+00:00");
        QCOMPARE(toJson(f.state()),
            (QJsonObject { { QStringLiteral("entity_id"), id },
                { QStringLiteral("state"), QStringLiteral("1") },
                { QStringLiteral("attributes"),
                    QJsonObject { { QStringLiteral("colour"), QStringLiteral("red") } } },
                { QStringLiteral("last_changed"), time }, { QStringLiteral("last_reported"), time },
                { QStringLiteral("last_updated"), time },
                { QStringLiteral("context"),
                    QJsonObject { { QStringLiteral("id"), QStringLiteral("01") },
                        { QStringLiteral("parent_id"), QJsonValue::Null },
                        { QStringLiteral("user_id"), QStringLiteral("anna") } } } }));
        const QJsonObject event = toJson(f.events[0]);
        QCOMPARE(event.keys(),
            (QStringList { QStringLiteral("context"), QStringLiteral("data"),
                QStringLiteral("event_type"), QStringLiteral("origin"),
                QStringLiteral("time_fired") }));
        const QJsonObject data = event.value(QStringLiteral("data")).toObject();
        QVERIFY(data.value(QStringLiteral("old_state")).isNull());
        QCOMPARE(data.value(QStringLiteral("new_state")).toObject(), toJson(f.state()));
    }

    void namesBecomeSlugs_data()
    {
        QTest::addColumn<QString>("slug");
        QTest::newRow("Off-site (NAS)") << QStringLiteral("off_site_nas");
        QTest::newRow("local.local") << QStringLiteral("local_local");
        QTest::newRow("Zoë's Größe") << QStringLiteral("zoe_s_gro_e");
        QTest::newRow("__a__") << QStringLiteral("a");
        QTest::newRow("☃") << QStringLiteral("unknown");
        QTest::newRow("") << QStringLiteral("unknown");
    }
    void namesBecomeSlugs()
    {
        QFETCH(QString, slug);
        QCOMPARE(slugify(QString::fromUtf8(QTest::currentDataTag())), slug);
    }
};

QTEST_GUILESS_MAIN(TestStateStore)
#include "tst_statestore.moc"
