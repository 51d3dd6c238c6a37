#include "app/activitylog.h"

#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

backup::OperationStatus ended(const char *operation, const char *status, const char *error = "")
{
    backup::OperationStatus made;
    made.operation = text(operation);
    made.backupId = text("backup-20260211-143022-a1b2c3d4");
    made.status = text(status);
    made.error = text(error);
    made.processedBytes = 42;
    return made;
}

struct Fixture
{
    Fixture()
    {
        auto opened = StateDatabase::open(QString::fromUtf8(folder / "state.db"));
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        state = std::move(*opened);
        open();
    }
    void open()
    {
        auto opened = ActivityLog::open(*state, clock);
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        log = std::move(*opened);
    }

    Folder folder;
    SetClock clock { QDateTime(QDate(2026, 2, 11), QTime(14, 30, 22), Qt::UTC) };
    std::unique_ptr<StateDatabase> state;
    std::unique_ptr<ActivityLog> log;
};

} // namespace

class TestActivityLog : public QObject
{
    Q_OBJECT

private slots:
    void howLongItTookIsKeptWhereSomebodyMeasuredIt()
    {
        Fixture f;
        f.log->record(ended("backup", "completed"), std::chrono::milliseconds(1500));
        f.log->record(ended("backup", "completed"));
        f.open();
        const Result<QList<ActivityEntry>> page = f.log->page(10);
        QVERIFY(page);
        QCOMPARE(toJson(page->last())[text("duration_s")].toDouble(), 1.5);
        QVERIFY(toJson(page->first())[text("duration_s")].isNull());
    }

    void whatEndedIsThereAfterARestart()
    {
        Fixture f;
        f.log->record(ended("backup", "completed"));
        f.clock.passDay();
        f.log->record(ended("verify", "failed", "It is damaged"));
        f.open();
        const Result<QList<ActivityEntry>> page = f.log->page(10);
        QVERIFY(page);
        QCOMPARE(page->size(), 2);
        const QJsonObject newest = toJson(page->first());
        QCOMPARE(newest[text("time")].toString(), text("2026-02-12T14:30:22.000Z"));
        QCOMPARE(newest[text("operation")].toString(), text("verify"));
        QCOMPARE(newest[text("status")].toString(), text("failed"));
        QCOMPARE(newest[text("detail")].toString(), text("It is damaged"));
        QCOMPARE(newest[text("backup_id")].toString(), text("backup-20260211-143022-a1b2c3d4"));
        QCOMPARE(newest[text("bytes")].toInt(), 42);
        QVERIFY(toJson(page->last())[text("detail")].isNull());
    }

    void pagesGoBackFromTheNewest()
    {
        Fixture f;
        for (int i = 0; i < 5; ++i)
            f.log->record(ended("backup", "completed"));
        const QList<ActivityEntry> first = *f.log->page(2);
        const QList<ActivityEntry> second = *f.log->page(2, first.last().id);
        const QList<ActivityEntry> third = *f.log->page(2, second.last().id);
        QCOMPARE(first.size() + second.size() + third.size(), 5);
        QVERIFY(first.first().id > first.last().id && first.last().id > second.first().id);
        QVERIFY(f.log->page(2, third.last().id)->isEmpty());
    }

    void theNewestTenThousandAreKept()
    {
        Fixture f;
        const Result<void> filled = f.state->inTransaction([&]() -> Result<void> {
            for (int i = 0; i < 10'000; ++i)
                f.log->record(ended("backup", "completed"));
            return {};
        });
        QVERIFY(filled);
        const qint64 oldest = f.log->page(20'000)->last().id;
        f.log->record(ended("restore", "completed"));
        const QList<ActivityEntry> all = *f.log->page(20'000);
        QCOMPARE(all.size(), 10'000);
        QCOMPARE(all.first().operation, text("restore"));
        QCOMPARE(all.last().id, oldest + 1);
    }

    // The operation that is written down is not to fail for it.
    void aFailureToWriteIsOnlyLogged()
    {
        Fixture f;
        QVERIFY(f.state->run(text("DROP TABLE activity")));
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(text("no such table: activity")));
        f.log->record(ended("backup", "completed"));
        QVERIFY(!f.log->page(10));
    }
};

QTEST_GUILESS_MAIN(TestActivityLog)
#include "tst_activitylog.moc"
