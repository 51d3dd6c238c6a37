#include "app/auditlog.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

struct Fixture
{
    Folder folder;
    SetClock clock { QDateTime(QDate(2026, 4, 13), QTime(14, 25, 30, 123), Qt::UTC) };
    std::unique_ptr<StateDatabase> state;
    std::unique_ptr<AuditLog> log;

    Fixture()
    {
        auto opened = StateDatabase::open(QString::fromUtf8(folder / "state.db"));
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        state = std::move(*opened);
        auto made = AuditLog::open(*state, clock);
        if (!made)
            qFatal("%s", qPrintable(made.error().message));
        log = std::move(*made);
    }

    void record(const QString &action)
    {
        AuditEntry entry;
        entry.action = action;
        log->record(entry);
    }

    QStringList actions(int limit, qint64 before = 0)
    {
        QStringList list;
        const Result<QList<AuditEntry>> page = log->page(limit, before);
        if (!page)
            qFatal("%s", qPrintable(page.error().message));
        for (const AuditEntry &entry : *page)
            list << entry.action;
        return list;
    }
};

} // namespace

class TestAuditLog : public QObject
{
    Q_OBJECT

private slots:
    void entriesComeBackWithTheirTime()
    {
        Fixture f;
        f.log->record({ 77, {}, QStringLiteral("anna"), QStringLiteral("127.0.0.1"),
            QStringLiteral("backup.delete"), QStringLiteral("backup-1"), QStringLiteral("ok"),
            QString::fromUtf8("“gone” 'now'") });
        const Result<QList<AuditEntry>> page = f.log->page(10);
        QVERIFY(page.ok());
        QCOMPARE(page->size(), 1);
        const QJsonObject json = toJson(page->first());
        QCOMPARE(json,
            (QJsonObject { { QStringLiteral("id"), 1 },
                { QStringLiteral("time"), QStringLiteral("2026-04-13T14:25:30.123Z") },
                { QStringLiteral("user"), QStringLiteral("anna") },
                { QStringLiteral("address"), QStringLiteral("127.0.0.1") },
                { QStringLiteral("action"), QStringLiteral("backup.delete") },
                { QStringLiteral("target"), QStringLiteral("backup-1") },
                { QStringLiteral("result"), QStringLiteral("ok") },
                { QStringLiteral("detail"), QString::fromUtf8("“gone” 'now'") } }));
    }

    void whatIsNotKnownIsNullOrEmpty()
    {
        Fixture f;
        f.record(QStringLiteral("request"));
        const QJsonObject json = toJson(f.log->page(1)->first());
        QVERIFY(json.value(QStringLiteral("user")).isNull());
        QVERIFY(json.value(QStringLiteral("address")).isNull());
        QCOMPARE(json.value(QStringLiteral("detail")).toString(QStringLiteral("?")), QString());
    }

    void pagesGoFromTheNewestToTheOldest()
    {
        Fixture f;
        for (int i = 1; i <= 5; ++i)
            f.record(QString::number(i));
        QCOMPARE(f.actions(2), (QStringList { QStringLiteral("5"), QStringLiteral("4") }));
        QCOMPARE(f.actions(2, 4), (QStringList { QStringLiteral("3"), QStringLiteral("2") }));
        QCOMPARE(f.actions(2, 2), (QStringList { QStringLiteral("1") }));
        QCOMPARE(f.actions(0), QStringList());
        QCOMPARE(f.actions(-1), QStringList());
    }

    void longTextsAreCut()
    {
        Fixture f;
        f.record(QString(100'000, u'x'));
        QCOMPARE(f.actions(1).first().size(), 1000);
    }

    void theOldestOfTooManyGo()
    {
        Fixture f;
        QVERIFY(f.state
                    ->inTransaction([&]() -> Result<void> {
                        for (int i = 1; i <= 102'000; ++i)
                            f.record(QString::number(i));
                        return {};
                    })
                    .ok());
        const Result<QList<AuditEntry>> page = f.log->page(200'000);
        QVERIFY(page.ok());
        QCOMPARE(page->size(), 100'000);
        QCOMPARE(page->last().action, QStringLiteral("2001"));
    }

    void whatCannotBeWrittenIsLoggedAndFailsNothing()
    {
        Fixture f;
        QVERIFY(f.state->run(QStringLiteral("DROP TABLE audit")).ok());
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(QStringLiteral("^backup.delete by 'anna' from .*")));
        AuditEntry entry;
        entry.action = QStringLiteral("backup.delete");
        entry.user = QStringLiteral("anna");
        f.log->record(entry);
        QVERIFY(!f.log->page(1).ok());
    }
};

QTEST_GUILESS_MAIN(TestAuditLog)
#include "tst_auditlog.moc"
