#include "qml/models/backuplist.h"

#include <QAbstractItemModelTester>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTest>

using namespace hubkeep::desktop;

namespace {

QString text(const char *utf8)
{
    return QString::fromUtf8(utf8);
}

QJsonObject backup(const char *id, const char *created, const QJsonObject &more = {})
{
    QJsonObject object { { text("backup_id"), text(id) }, { text("created_at"), text(created) },
        { text("name"), text("Nightly") }, { text("size"), 1000 }, { text("automatic"), true },
        { text("protected"), false }, { text("kind"), text("archive") },
        { text("failed_agents"), QJsonArray() }, { text("verified_at"), text(created) },
        { text("agents"),
            QJsonObject { { text("local.local"), QJsonObject { { text("size"), 1000 } } } } } };
    for (auto it = more.begin(); it != more.end(); ++it)
        object[it.key()] = it.value();
    return object;
}

QJsonArray three()
{
    return {
        backup("b2", "2026-11-02T04:45:00.000Z"),
        backup("b3", "2026-11-03T04:45:00.000Z",
            { { text("name"), text("Before the upgrade") }, { text("automatic"), false },
                { text("protected"), true }, { text("verified_at"), QJsonValue::Null },
                { text("failed_agents"), QJsonArray { text("rclone.nas") } },
                { text("size"), 3000 } }),
        backup("b1", "2026-11-01T04:45:00.000Z",
            { { text("agents"),
                QJsonObject { { text("rclone.nas"), QJsonObject { { text("size"), 900 } } } } } })
    };
}

QStringList ids(const BackupList &list)
{
    QStringList ids;
    for (int row = 0; row < list.rowCount(); ++row)
        ids.append(list.index(row).data(BackupList::IdRole).toString());
    return ids;
}

} // namespace

class TestBackupList : public QObject
{
    Q_OBJECT

private slots:
    void theNewestIsOnTop()
    {
        BackupList list;
        const QAbstractItemModelTester tester(
            &list, QAbstractItemModelTester::FailureReportingMode::QtTest);
        list.set(three());
        QCOMPARE(ids(list), (QStringList { text("b3"), text("b2"), text("b1") }));
        QCOMPARE(list.newest().toUTC(), QDateTime(QDate(2026, 11, 3), QTime(4, 45), Qt::UTC));
        QCOMPARE(list.index(0).data(BackupList::SizeRole).toDouble(), 3000.0);
        QCOMPARE(list.index(0).data(BackupList::VerifiedRole).toString(), QString());
    }

    void filtersShowWhatTheySay_data()
    {
        QTest::addColumn<int>("filter");
        QTest::addColumn<QStringList>("shown");
        QTest::newRow("all") << int(BackupList::All)
                             << QStringList { text("b3"), text("b2"), text("b1") };
        QTest::newRow("automatic")
            << int(BackupList::Automatic) << QStringList { text("b2"), text("b1") };
        QTest::newRow("manual") << int(BackupList::Manual) << QStringList { text("b3") };
        QTest::newRow("encrypted") << int(BackupList::Encrypted) << QStringList { text("b3") };
        QTest::newRow("not verified") << int(BackupList::NotVerified) << QStringList { text("b3") };
        QTest::newRow("incomplete") << int(BackupList::Incomplete) << QStringList { text("b3") };
    }
    void filtersShowWhatTheySay()
    {
        QFETCH(const int, filter);
        BackupList list;
        list.set(three());
        list.setFilter(BackupList::Filter(filter));
        QTEST(ids(list), "shown");
        QCOMPARE(list.total(), 3);
    }

    void theSearchLooksAtNamesIdsAndAgentsInAnyCase()
    {
        BackupList list;
        list.set(three());
        list.setSearch(text("UPGRADE"));
        QCOMPARE(ids(list), QStringList { text("b3") });
        list.setSearch(text("b1"));
        QCOMPARE(ids(list), QStringList { text("b1") });
        list.setSearch(text("rclone"));
        QCOMPARE(ids(list), QStringList { text("b1") });
        list.setSearch(text("nothing"));
        QCOMPARE(list.shown(), 0);
    }

    void aNewBackupComesOnTopAndLeavesTheOthersInPlace()
    {
        BackupList list;
        const QAbstractItemModelTester tester(
            &list, QAbstractItemModelTester::FailureReportingMode::QtTest);
        list.set(three());
        const QSignalSpy inserted(&list, &QAbstractItemModel::rowsInserted);
        const QSignalSpy reset(&list, &QAbstractItemModel::modelReset);
        QJsonArray four = three();
        four.append(backup("b4", "2026-11-04T04:45:00.000Z"));
        list.set(four);
        QCOMPARE(inserted.size(), 1);
        QCOMPARE(reset.size(), 0);
        QCOMPARE(ids(list), (QStringList { text("b4"), text("b3"), text("b2"), text("b1") }));
        list.set(four);
        QCOMPARE(reset.size(), 0);
    }

    void agentsAreSummedUp()
    {
        BackupList list;
        list.set(three());
        list.setFilter(BackupList::Encrypted); // filters do not matter
        const QVariantList agents = list.agents();
        QCOMPARE(agents.size(), 2);
        const QVariantMap local = agents[0].toMap();
        QCOMPARE(local[text("agent")].toString(), text("local.local"));
        QCOMPARE(local[text("count")].toInt(), 2);
        QCOMPARE(local[text("newest")].toString(), text("2026-11-03T04:45:00.000Z"));
        QCOMPARE(local[text("newestVerified")].toString(), text("2026-11-02T04:45:00.000Z"));
        QCOMPARE(agents[1].toMap()[text("bytes")].toDouble(), 900.0);
    }

    void sizesComeOldestFirstAndNoMoreThanAskedFor()
    {
        BackupList list;
        list.set(three());
        const QVariantList sizes = list.sizes(2);
        QCOMPARE(sizes.size(), 2);
        QCOMPARE(sizes[0].toMap()[text("backupId")].toString(), text("b2"));
        QCOMPARE(sizes[1].toMap()[text("size")].toDouble(), 3000.0);
    }
};

QTEST_GUILESS_MAIN(TestBackupList)
#include "tst_backuplist.moc"
