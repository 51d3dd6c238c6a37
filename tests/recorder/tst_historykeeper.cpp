// ctest: threaded

#include "automation/core/filedescriptor.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/recorderfixture.h"

#include <QDir>
#include <QElapsedTimer>
#include <QSemaphore>
#include <QtTest>

#include <csignal>
#include <sys/resource.h>

using namespace hubkeep;
using namespace hubkeep::recorder;
using namespace hubkeep::test;

namespace {

const QString count = QStringLiteral("sensor.backup_count");

// Lets no file grow beyond a few bytes, as far as this process is concerned.
class FullDisk
{
public:
    FullDisk()
    {
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        rlimit limit = m_before;
        limit.rlim_cur = 100;
        m_signal = std::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk()
    {
        ::setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_signal);
    }

private:
    rlimit m_before {};
    void (*m_signal)(int) = SIG_DFL;
};

} // namespace

class TestHistoryKeeper : public QObject
{
    Q_OBJECT

private slots:
    void whatIsTooLargeIsRecordedWithoutAndSaidOnce()
    {
        const Folder folder;
        RecorderFixture f(folder);
        const QVariantMap large { { QStringLiteral("text"), QString(40'000, u'x') } };
        for (const char *sentence : { "comes with sensor.backup_count is too large",
                 "comes with large_event is too large" })
            QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QString::fromLatin1(sentence)));
        f.set(count, QStringLiteral("1"), large);
        f.set(count, QStringLiteral("2"), large);
        f.hub.bus().publish({ QStringLiteral("large_event"), large, {} });
        QCOMPARE(f.values(count), list("1 2"));
        const QList<LogbookRow> rows = f.logbook();
        QCOMPARE(rows[0].attributes, QByteArray("{}"));
        QCOMPARE(rows[1].data, QByteArray("{}"));
    }

    void deletedWhileStoppedItBeginsClean()
    {
        const Folder folder;
        {
            RecorderFixture f(folder);
            f.set(count, QStringLiteral("1"));
        }
        QVERIFY(QFile::remove(QFile::decodeName(folder / "data/history.db")));
        RecorderFixture f(folder);
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
        RecorderFixture f(folder);
        f.set(count, QStringLiteral("1"));
        QCOMPARE(f.values(count), list("1"));
        QVERIFY(exists(folder / "data/history.db.damaged"));
    }

    void aFileThatTurnsOutDamagedIsReplacedAndNothingNewIsLost()
    {
        const Folder folder;
        RecorderFixture f(folder);
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

    void aHeldFileNeverStopsTheMainLoopAndIsCaughtUpWith()
    {
        const Folder folder;
        RecorderFixture f(folder);
        QElapsedTimer sinceTick;
        qint64 longest = 0;
        QTimer ticks;
        ticks.callOnTimeout([&] { longest = std::max(longest, sinceTick.restart()); });
        {
            Database holder(f.path, false); // another connection, as of another program
            QCOMPARE(holder.run("BEGIN IMMEDIATE"), 0);
            QTest::ignoreMessage(
                QtWarningMsg, QRegularExpression(QStringLiteral("States wait to be recorded")));
            sinceTick.start();
            ticks.start(5);
            for (int i = 0; i < 20'000; ++i) // more than is gathered before it is written
                REQUIRE(f.hub.states().set(count, QString::number(i)));
            f.passSeconds(60);
            longest = 0;
            QCOMPARE(f.values(count), QStringList()); // after SQLite's five seconds of patience
            QVERIFY(f.hub.find<RecorderIntegration>()->backlog() >= 20'000);
            QVERIFY2(longest < 1000, qPrintable(QString::number(longest)));
        }
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(QStringLiteral("The recorder writes again")));
        QCOMPARE(f.values(count).size(), 20'000);
        QTRY_COMPARE(f.hub.find<RecorderIntegration>()->backlog(), 0);
    }

    void aFullDiskIsSaidOnceAndRecordingResumes()
    {
        const Folder folder;
        RecorderFixture f(folder);
        f.set(count, QStringLiteral("0"));
        QCOMPARE(f.values(count), list("0"));
        {
            const FullDisk full;
            QTest::ignoreMessage(
                QtWarningMsg, QRegularExpression(QStringLiteral("States wait to be recorded")));
            for (const char *value : { "1", "2", "3" }) {
                f.set(count, QString::fromLatin1(value));
                QCOMPARE(f.values(count), list("0"));
            }
        }
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(QStringLiteral("The recorder writes again")));
        QCOMPARE(f.values(count), list("0 1 2 3"));
    }

    void deletedOrReplacedWhileItIsUsedItGoesOn()
    {
        const Folder folder;
        RecorderFixture f(folder);
        f.set(count, QStringLiteral("1"));
        QCOMPARE(f.values(count), list("1"));
        for (const char *suffix : { "", "-wal", "-shm" })
            QVERIFY(QFile::remove(QFile::decodeName(f.path + suffix)));
        f.set(count, QStringLiteral("2"));
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(QStringLiteral("was deleted or replaced")));
        QCOMPARE(f.values(count), list("2"));
        // Only the database itself: its log is nobody's any more.
        QVERIFY(QFile::remove(QFile::decodeName(f.path)));
        f.set(count, QStringLiteral("3"));
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(QStringLiteral("was deleted or replaced")));
        // What was present after the first time may have been on its way.
        QCOMPARE(f.values(count).last(), QStringLiteral("3"));
        Database database(f.path, false);
        QCOMPARE(database.ask("PRAGMA integrity_check"), QByteArray("ok"));
        QCOMPARE(database.ask("SELECT state FROM states ORDER BY updated DESC"), QByteArray("3"));
    }

    void whatIsPresentIsWrittenIntoANewFile()
    {
        const Folder folder;
        RecorderFixture f(folder,
            { { QStringLiteral("exclude"),
                QVariantMap {
                    { QStringLiteral("domains"), QStringList(QStringLiteral("light")) } } } });
        f.set(QStringLiteral("sensor.quiet"), QStringLiteral("here"));
        f.set(QStringLiteral("light.excluded"), QStringLiteral("on"));
        f.set(QStringLiteral("sensor.gone"), QStringLiteral("1"));
        f.set(count, QStringLiteral("1"));
        QCOMPARE(f.values(QStringLiteral("sensor.quiet")), list("here"));
        f.hub.states().remove(QStringLiteral("sensor.gone"));
        for (const char *suffix : { "", "-wal", "-shm" })
            QVERIFY(QFile::remove(QFile::decodeName(f.path + suffix)));
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(QStringLiteral("was deleted or replaced")));
        f.set(count, QStringLiteral("2"));
        QTRY_COMPARE_WITH_TIMEOUT(f.values(QStringLiteral("sensor.quiet")), list("here"), 60'000);
        QCOMPARE(f.values(count), list("2")); // once
        QCOMPARE(f.values(QStringLiteral("light.excluded")), QStringList());
        QVERIFY(f.values(QStringLiteral("sensor.gone")).isEmpty());
        QCOMPARE(
            f.states({ QStringLiteral("sensor.quiet"), f.start.addDays(-1), f.start.addDays(1) })[0]
                .changed,
            f.start.toMSecsSinceEpoch()); // since then
    }

    void withoutAFolderTheHubComesUpAndRecordsOnceItIsThere()
    {
        const Folder folder;
        REQUIRE(makeFolders(folder / "data/history.db")); // nothing that can be opened
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(QStringLiteral("Opening the history")));
        RecorderFixture f(folder);
        f.set(count, QStringLiteral("1"));
        QVERIFY(!f.read([](History &) { return Result<void>(); }));
        QVERIFY(QDir().rmdir(QFile::decodeName(f.path)));
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(QStringLiteral("The recorder writes again")));
        QCOMPARE(f.values(count), list("1"));
    }

    void aLongReadingEndsWithTheHub()
    {
        const Folder folder;
        RecorderFixture f(folder);
        f.set(count, QStringLiteral("1"));
        const auto begun = std::make_shared<QSemaphore>();
        f.hub.find<RecorderIntegration>()->read(
            [begun](History &history, const std::atomic<bool> &ending) {
                begun->release();
                Result<void> done;
                while (done)
                    done = history.states(
                        { count, QDateTime::fromMSecsSinceEpoch(0, Qt::UTC),
                            QDateTime::currentDateTimeUtc().addYears(100) },
                        [](const RecordedState &) { return true; }, ending);
                return done;
            },
            [](const Result<void> &) { QFAIL("Nobody is there any more"); });
        for (int i = 0; i < 1000; ++i)
            f.set(count, QString::number(i));
        begun->acquire();
        f.hub.clear();
    }

    void tooManyReadingsAreRefused()
    {
        const Folder folder;
        RecorderFixture f(folder);
        const auto free = std::make_shared<QSemaphore>();
        int busy = 0;
        int done = 0;
        for (int i = 0; i < RecorderIntegration::mostReadings + 3; ++i) {
            f.hub.find<RecorderIntegration>()->read(
                [free](History &, const std::atomic<bool> &) {
                    free->acquire();
                    return Result<void>();
                },
                [&](const Result<void> &result) {
                    ++done;
                    busy += !result && result.error().code == ErrorCode::Busy;
                });
        }
        QTRY_COMPARE(busy, 3);
        free->release(RecorderIntegration::mostReadings);
        QTRY_COMPARE(done, RecorderIntegration::mostReadings + 3);
        QCOMPARE(busy, 3);
    }

    void othersMaySnapshotItAtAnyTime()
    {
        const Folder folder;
        RecorderFixture f(folder);
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

QTEST_GUILESS_MAIN(TestHistoryKeeper)
#include "tst_historykeeper.moc"
