#include "automation/core/entity.h"
#include "automation/core/hub.h"
#include "integrations/recorder/recorderintegration.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::recorder;
using namespace hubkeep::test;

namespace {

const QString count = QStringLiteral("sensor.backup_count");
const QString automaticBackup = QStringLiteral("event.backup_automatic_backup");

struct Fixture
{
    explicit Fixture(const Folder &folder, const QVariantMap &config = {})
        : path(folder / "data/history.db")
        , hub(clock,
              HubIdentity { QStringLiteral("Home"), QStringLiteral("UTC"),
                  QString::fromUtf8(folder.path()), {}, false })
    {
        begin(config);
    }

    void begin(const QVariantMap &config = {})
    {
        const Result<void> done = hub.add(std::make_unique<RecorderIntegration>(), config);
        if (!done)
            qFatal("%s", qPrintable(done.error().message));
    }

    void passSeconds(int seconds) { clock.set(clock.now().addSecs(seconds)); }

    void set(const QString &id, const QString &value, const QVariantMap &attributes = {},
        const Context &context = {})
    {
        if (!hub.states().set(id, value, attributes, context))
            qFatal("%s was refused", qPrintable(value));
        passSeconds(60);
    }

    QList<QList<State>> history(
        const QStringList &ids, const QDateTime &from = {}, const QDateTime &to = {})
    {
        const auto found = hub.find<RecorderIntegration>()->history(ids, from, to);
        if (!found)
            qFatal("%s", qPrintable(found.error().message));
        return *found;
    }

    QStringList values(const QString &id, const QDateTime &from = {}, const QDateTime &to = {})
    {
        QStringList list;
        for (const State &state : history({ id }, from, to).value(0))
            list << state.value;
        return list;
    }

    const QDateTime start { QDate(2026, 4, 13), QTime(14, 0), Qt::UTC };
    SetClock clock { start };
    QByteArray path;
    Hub hub;
};

QStringList list(const char *words)
{
    return QString::fromLatin1(words).split(u' ', Qt::SkipEmptyParts);
}

} // namespace

class TestRecorder : public QObject
{
    Q_OBJECT

private slots:
    void everyChangeIsThereInOrder()
    {
        const Folder folder;
        Fixture f(folder);
        for (const char *value : { "1", "2", "2", "3" })
            f.set(count, QString::fromLatin1(value));
        QCOMPARE(f.values(count), list("1 2 3"));
    }

    void aStateComesBackAsItWas()
    {
        const Folder folder;
        Fixture f(folder);
        const QVariantMap attributes { { QStringLiteral("name"), QString::fromUtf8("Zoë \"☃\"") },
            { QStringLiteral("size"), 1.5 }, { QStringLiteral("on"), true },
            { QStringLiteral("list"), QVariantList { QStringLiteral("a"), 2.0 } } };
        f.set(count, QStringLiteral("1"), {});
        f.set(count, QStringLiteral("1"), attributes,
            Context::make(QStringLiteral("user"), QStringLiteral("parent")));
        const State expected = *f.hub.states().get(count);
        const State found = f.history({ count })[0].last();
        QCOMPARE(found.lastChanged, f.start);
        QCOMPARE(found.lastUpdated, f.start.addSecs(60));
        QVERIFY(found == expected);
    }

    void aWindowBeginsWithWhatWasThen()
    {
        const Folder folder;
        Fixture f(folder);
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

    void entitiesComeInTheOrderAskedFor()
    {
        const Folder folder;
        Fixture f(folder);
        f.set(QStringLiteral("sensor.b"), QStringLiteral("b"));
        f.set(QStringLiteral("sensor.a"), QStringLiteral("a"));
        const auto some = f.history({ QStringLiteral("sensor.b"), QStringLiteral("sensor.none"),
            QStringLiteral("sensor.a") });
        QCOMPARE(some.size(), 3);
        QCOMPARE(some[0].first().value, QStringLiteral("b"));
        QVERIFY(some[1].isEmpty());
        QCOMPARE(some[2].first().value, QStringLiteral("a"));
        const auto every = f.history({});
        QCOMPARE(every.size(), 2);
        QCOMPARE(every[0].first().entityId, QStringLiteral("sensor.a"));
    }

    void whatWasSetBeforeTheRecorderCameIsThere()
    {
        const Folder folder;
        Fixture f(folder);
        f.hub.clear();
        f.set(count, QStringLiteral("early"));
        f.begin();
        QCOMPARE(f.values(count), list("early"));
        QCOMPARE(f.history({ count })[0][0].lastChanged, f.start);
    }

    void aRemovedEntityIsNoMore()
    {
        const Folder folder;
        Fixture f(folder);
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
        Fixture f(folder);
        const QVariantMap attributes { { QStringLiteral("event_type"), QStringLiteral("failed") },
            { QStringLiteral("backup_stage"), QStringLiteral("home") },
            { QStringLiteral("failed_reason"), QStringLiteral("disk") } };
        f.set(automaticBackup, QStringLiteral("x"), attributes);
        f.set(count, QStringLiteral("1"), attributes);
        QCOMPARE(f.history({ automaticBackup })[0][0].attributes.keys(), list("event_type"));
        QCOMPARE(f.history({ count })[0][0].attributes.size(), 3);
    }

    void attributesAreStoredOnce()
    {
        const Folder folder;
        Fixture f(folder);
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
        Fixture f(folder);
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
            Fixture f(folder);
            f.set(count, QStringLiteral("last words"));
        }
        Fixture f(folder);
        QVERIFY(f.values(count).contains(QStringLiteral("last words")));
    }

    void theRecorderIsNotThereAfterwards()
    {
        const Folder folder;
        Fixture f(folder);
        QVERIFY(f.hub.find<RecorderIntegration>());
        f.hub.clear();
        QVERIFY(!f.hub.find<RecorderIntegration>());
        f.set(count, QStringLiteral("1"));
    }

    void statesOlderThanTheLimitGo()
    {
        const Folder folder;
        Fixture f(folder, { { QStringLiteral("keep_days"), 2 } });
        f.set(count, QStringLiteral("first"), { { QStringLiteral("old"), true } });
        f.set(count, QStringLiteral("second"), { { QStringLiteral("old"), true } });
        f.set(QStringLiteral("sensor.gone"), QStringLiteral("1"));
        f.hub.states().remove(QStringLiteral("sensor.gone"));
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
        QCOMPARE(database.ask("SELECT count(*) FROM attributes"), QByteArray("1"));
    }

    void aLongHistoryIsPurgedToItsEndAtTheStart()
    {
        const Folder folder;
        {
            Fixture f(folder);
            for (int i = 0; i < 9000; ++i)
                f.set(count, QString::number(i));
        }
        Fixture f(folder);
        f.hub.clear();
        f.clock.set(f.start.addDays(100));
        f.begin();
        QTRY_VERIFY(f.values(count).size() <= 2);
    }

    void deletedWhileStoppedItBeginsClean()
    {
        const Folder folder;
        {
            Fixture f(folder);
            f.set(count, QStringLiteral("1"));
        }
        QVERIFY(QFile::remove(QFile::decodeName(folder / "data/history.db")));
        Fixture f(folder);
        QVERIFY(f.values(count).isEmpty());
        f.set(count, QStringLiteral("2"));
        QCOMPARE(f.values(count), list("2"));
    }

    void aDamagedFileIsMovedAsideAtTheStart()
    {
        const Folder folder;
        writeFile(folder / "data/history.db", QByteArray("no database").repeated(1000));
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(QStringLiteral("history.db.damaged")));
        Fixture f(folder);
        f.set(count, QStringLiteral("1"));
        QCOMPARE(f.values(count), list("1"));
        QVERIFY(exists(folder / "data/history.db.damaged"));
    }

    void aFileThatTurnsOutDamagedIsReplacedAndNothingNewIsLost()
    {
        const Folder folder;
        Fixture f(folder);
        f.set(count, QStringLiteral("old"));
        QCOMPARE(f.values(count), list("old"));
        // As if somebody had written over the list of tables.
        QCOMPARE(Database(f.path, false)
                     .run("PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = 999999 "
                          "WHERE name = 'attributes_by_hash'; PRAGMA schema_version = 99"),
            0);
        f.set(count, QStringLiteral("new"), { { QStringLiteral("a"), 1 } });
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(QStringLiteral("begins anew; what was there is")));
        QCOMPARE(f.values(count), list("new"));
        QVERIFY(exists(folder / "data/history.db.damaged"));
    }

    void whatCannotBeWrittenWaits()
    {
        const Folder folder;
        Fixture f(folder);
        {
            const Holder holder(f.path, "BEGIN IMMEDIATE");
            f.set(count, QStringLiteral("1"));
            QTest::ignoreMessage(
                QtWarningMsg, QRegularExpression(QStringLiteral("States wait to be recorded")));
            QCOMPARE(f.values(count), QStringList());
        }
        QCOMPARE(f.values(count), list("1"));
    }

    void othersMaySnapshotItAtAnyTime()
    {
        const Folder folder;
        Fixture f(folder);
        f.set(count, QStringLiteral("1"));
        QCOMPARE(f.values(count), list("1"));
        const QByteArray copy = folder / "copy.db";
        QCOMPARE(runElsewhere(f.path, ".backup " + copy), QByteArray());
        Database snapshot(copy, false);
        QCOMPARE(snapshot.ask("PRAGMA integrity_check"), QByteArray("ok"));
        QCOMPARE(snapshot.ask("SELECT state FROM states"), QByteArray("1"));
        f.set(count, QStringLiteral("2"));
        QCOMPARE(f.values(count), list("1 2"));
    }
};

QTEST_GUILESS_MAIN(TestRecorder)
#include "tst_recorder.moc"
