// ctest: threaded

#include "tests/support/enginedatabases.h"
#include "tests/support/recorderfixture.h"

#include <QJsonDocument>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::recorder;
using namespace hubkeep::test;

namespace {

const QString count = QStringLiteral("sensor.backup_count");
const QString automaticBackup = QStringLiteral("event.backup_automatic_backup");

} // namespace

class TestRecorder : public QObject
{
    Q_OBJECT

private slots:
    void everyChangeIsThereInOrder()
    {
        const Folder folder;
        RecorderFixture f(folder);
        for (const char *value : { "1", "2", "2", "3" })
            f.set(count, QString::fromLatin1(value));
        QCOMPARE(f.values(count), list("1 2 3"));
    }

    void aStateComesBackAsItWas()
    {
        const Folder folder;
        RecorderFixture f(folder);
        const QVariantMap attributes { { QStringLiteral("name"), QString::fromUtf8("Zoë \"☃\"") },
            { QStringLiteral("size"), 1.5 }, { QStringLiteral("on"), true },
            { QStringLiteral("list"), QVariantList { QStringLiteral("a"), 2.0 } } };
        f.set(count, QStringLiteral("1"), {});
        f.set(count, QStringLiteral("1"), attributes);
        const RecordedState found = f.states({ count, f.start.addDays(-1), f.start.addDays(1) })[1];
        QCOMPARE(found.changed, f.start.toMSecsSinceEpoch());
        QCOMPARE(found.updated, f.start.addSecs(60).toMSecsSinceEpoch());
        QCOMPARE(found.value, QStringLiteral("1"));
        QCOMPARE(QJsonDocument::fromJson(found.attributes).object(),
            QJsonObject::fromVariantMap(attributes));
    }

    void aWindowBeginsWithWhatWasThen()
    {
        const Folder folder;
        RecorderFixture f(folder);
        for (const char *value : { "0", "1", "2", "3", "4" }) // at minutes 0 to 4
            f.set(count, QString::fromLatin1(value));
        const auto minute = [&](double n) { return f.start.addMSecs(qint64(n * 60'000)); };
        QCOMPARE(f.values(count, minute(1.5), minute(3.5)), list("1 2 3"));
        QCOMPARE(f.values(count, minute(2), minute(3)), list("2"));
        QCOMPARE(f.values(count, minute(-5), minute(1)), list("0"));
        QCOMPARE(f.values(count, minute(-5), minute(-1)), QStringList());
        QCOMPARE(f.values(count, minute(9)), list("4"));
        QCOMPARE(f.values(count, minute(3), minute(2)), QStringList());
    }

    void whatWasThenHasTheTimeAskedFor()
    {
        const Folder folder;
        RecorderFixture f(folder);
        f.set(count, QStringLiteral("0"));
        const QDateTime later = f.start.addSecs(3600);
        const auto found = f.states({ count, later, later.addSecs(1) });
        QCOMPARE(found.size(), 1);
        QCOMPARE(found[0].changed, later.toMSecsSinceEpoch());
        QCOMPARE(found[0].updated, later.toMSecsSinceEpoch());
        QVERIFY(f.states({ count, later, later.addSecs(1), false }).isEmpty());
    }

    void changesOfAttributesAloneCanBeLeftOut()
    {
        const Folder folder;
        RecorderFixture f(folder);
        f.set(count, QStringLiteral("0"), { { QStringLiteral("a"), 1 } });
        f.set(count, QStringLiteral("0"), { { QStringLiteral("a"), 2 } });
        f.set(count, QStringLiteral("1"), { { QStringLiteral("a"), 2 } });
        const QDateTime from = f.start.addDays(-1);
        const QDateTime to = f.start.addDays(1);
        QCOMPARE(f.states({ count, from, to }).size(), 3);
        QCOMPARE(f.states({ count, from, to, true, true }).size(), 2);
        QCOMPARE(f.states({ count, from, to })[0].attributes, QByteArray(R"({"a":1})"));
        QCOMPARE(f.states({ count, from, to, true, false, false })[0].attributes, QByteArray());
    }

    void eventsAreRecordedWithTheirDataBetweenTheStates()
    {
        const Folder folder;
        RecorderFixture f(folder);
        const Context context = Context::make(QStringLiteral("user"), QStringLiteral("parent"));
        REQUIRE(f.hub.states().set(count, QStringLiteral("0")));
        REQUIRE(f.hub.states().set(count, QStringLiteral("1"), {}, context)); // in one millisecond
        f.hub.bus().publish({ QStringLiteral("my_event"),
            { { QStringLiteral("n"), 1.5 }, { QStringLiteral("list"), QVariantList { true } } },
            context });
        REQUIRE(f.hub.states().set(count, QStringLiteral("2")));
        f.hub.bus().publish({ QStringLiteral("my_event"), {}, {} });
        const QList<LogbookRow> rows = f.logbook();
        QCOMPARE(
            f.recorded(), list("sensor.backup_count=1 my_event sensor.backup_count=2 my_event"));
        QCOMPARE(rows[1].data, QByteArray(R"({"list":[true],"n":1.5})"));
        QCOMPARE(rows[1].time, f.start.toMSecsSinceEpoch());
        QCOMPARE(rows[1].context, context);
        QCOMPARE(rows[0].context, context);
        QCOMPARE(rows[3].data, QByteArray("{}"));
    }

    void whatWasSetBeforeTheRecorderCameIsThere()
    {
        const Folder folder;
        RecorderFixture f(folder);
        f.hub.clear();
        f.set(count, QStringLiteral("early"));
        f.begin();
        QCOMPARE(f.values(count), list("early"));
        QCOMPARE(f.states({ count, f.start.addDays(-1), f.start.addDays(1) })[0].changed,
            f.start.toMSecsSinceEpoch());
        QVERIFY(f.recorded().isEmpty()); // nobody changed it
    }

    void aRemovedEntityIsNoMore()
    {
        const Folder folder;
        RecorderFixture f(folder);
        f.set(count, QStringLiteral("1"));
        f.hub.states().remove(count);
        const QDateTime removed = f.clock.now();
        f.passSeconds(60);
        QCOMPARE(f.values(count), list("1"));
        QCOMPARE(f.values(count, removed.addMSecs(-1)), list("1"));
        QCOMPARE(f.values(count, removed.addMSecs(1)), QStringList());
    }

    void anEventEntitysPassingDetailsAreNotKept()
    {
        const Folder folder;
        RecorderFixture f(folder);
        const QVariantMap attributes { { QStringLiteral("event_type"), QStringLiteral("failed") },
            { QStringLiteral("backup_stage"), QStringLiteral("home") },
            { QStringLiteral("failed_reason"), QStringLiteral("disk") } };
        f.set(automaticBackup, QStringLiteral("x"), attributes);
        f.set(count, QStringLiteral("1"), attributes);
        const auto attributesOf = [&f](const QString &id) {
            const auto found = f.states({ id, f.start.addDays(-1), f.start.addDays(1) });
            return QJsonDocument::fromJson(found[0].attributes).object().keys();
        };
        QCOMPARE(attributesOf(automaticBackup), list("event_type"));
        QCOMPARE(attributesOf(count).size(), 3);
    }

    void attributesAreStoredOnce()
    {
        const Folder folder;
        RecorderFixture f(folder);
        const QVariantMap attributes { { QStringLiteral("unit"), QStringLiteral("%") } };
        for (int i = 0; i < 50; ++i)
            f.set(count, QString::number(i), attributes);
        f.hub.clear();
        f.begin();
        for (int i = 50; i < 60; ++i)
            f.set(count, QString::number(i), attributes);
        QCOMPARE(f.values(count).last(), QStringLiteral("59"));
        Database database(f.path, false);
        QCOMPARE(database.ask("SELECT count(*) FROM attributes"), QByteArray("1"));
        QCOMPARE(database.ask("SELECT count(*) FROM entities"), QByteArray("1"));
        QCOMPARE(database.ask("SELECT count(DISTINCT state) FROM states"), QByteArray("60"));
    }

    void aBurstIsOneCommitAboutASecondLater()
    {
        const Folder folder;
        RecorderFixture f(folder);
        Database other(f.path, false);
        const QByteArray before = other.ask("PRAGMA data_version");
        for (int i = 0; i < 1000; ++i)
            f.set(count, QString::number(i));
        QCOMPARE(other.ask("SELECT count(*) FROM states"), QByteArray("0"));
        QTRY_COMPARE(other.ask("SELECT count(*) FROM states"), QByteArray("1000"));
        QVERIFY(other.ask("PRAGMA data_version") != before);
    }

    void whatHasGatheredIsWrittenWhenTheHubEnds()
    {
        const Folder folder;
        {
            RecorderFixture f(folder);
            f.set(count, QStringLiteral("last words"));
        }
        RecorderFixture f(folder);
        QVERIFY(f.values(count).contains(QStringLiteral("last words")));
    }

    void theRecorderIsNotThereAfterwards()
    {
        const Folder folder;
        RecorderFixture f(folder);
        QVERIFY(f.hub.find<RecorderIntegration>());
        f.hub.clear();
        QVERIFY(!f.hub.find<RecorderIntegration>());
        f.set(count, QStringLiteral("1"));
    }

    void statesOlderThanTheLimitGo()
    {
        const Folder folder;
        RecorderFixture f(folder, { { QStringLiteral("keep_days"), 2 } });
        f.set(count, QStringLiteral("first"), { { QStringLiteral("old"), true } });
        f.set(count, QStringLiteral("second"), { { QStringLiteral("old"), true } });
        f.set(QStringLiteral("sensor.gone"), QStringLiteral("1"));
        f.hub.states().remove(QStringLiteral("sensor.gone"));
        f.hub.bus().publish({ QStringLiteral("old_event"), {}, {} });
        QCOMPARE(f.values(count).size(), 2);
        f.clock.set(f.start.addDays(1));
        f.set(count, QStringLiteral("third"), {});
        f.clock.set(f.start.addDays(3).addSecs(3600));
        f.set(count, QStringLiteral("fourth"), {});
        QCOMPARE(f.values(count).last(), QStringLiteral("fourth"));
        // "third" began before the limit and lasted beyond it.
        QTRY_COMPARE(f.values(count), list("third fourth"));
        Database database(f.path, false);
        QCOMPARE(database.ask("SELECT count(*) FROM states"), QByteArray("2"));
        QCOMPARE(database.ask("SELECT count(*) FROM events"), QByteArray("0"));
        QCOMPARE(database.ask("SELECT count(*) FROM attributes"), QByteArray("1"));
    }

    void aLongHistoryIsPurgedToItsEndAtTheStart()
    {
        const Folder folder;
        {
            RecorderFixture f(folder);
            for (int i = 0; i < 9000; ++i)
                f.set(count, QString::number(i));
        }
        RecorderFixture f(folder);
        f.hub.clear();
        f.clock.set(f.start.addDays(100));
        f.begin();
        Database database(f.path, false);
        QTRY_VERIFY_WITH_TIMEOUT(database.ask("SELECT count(*) FROM states").toInt() <= 2, 60'000);
    }
};

QTEST_GUILESS_MAIN(TestRecorder)
#include "tst_recorder.moc"
