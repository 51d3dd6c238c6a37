// The window's client against the real hub, in one process.

#include "qml/client/apicall.h"
#include "qml/client/hubconnection.h"
#include "tests/support/wholehub.h"

#include <QFile>
#include <QSignalSpy>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::desktop;
using test::WholeHub;

namespace {

QString text(const char *utf8)
{
    return QString::fromUtf8(utf8);
}

HubAddress addressOf(WholeHub &hub, const QByteArray &token)
{
    QFile running(hub.dataFolder() + text("/data/running.json"));
    if (!running.open(QIODevice::ReadOnly))
        return {};
    return { QUrl(QJsonDocument::fromJson(running.readAll()).object()[u"url"].toString()),
        QString::fromUtf8(token), {} };
}

constexpr int patience = 30'000; // milliseconds; nothing waits that long but a machine that is busy

} // namespace

class TestHubConnection : public QObject
{
    Q_OBJECT

private slots:
    void itKnowsTheHubAMomentAfterItWasOpened()
    {
        WholeHub hub("hub: {name: Attic}\n");
        HubConnection connection;
        connection.open(addressOf(hub, hub.admin()), text("somewhere"));
        QCOMPARE(connection.status(), HubConnection::Connecting);
        QTRY_VERIFY_WITH_TIMEOUT(
            connection.status() == HubConnection::Online && connection.isLoaded(), patience);
        QTRY_COMPARE_WITH_TIMEOUT(connection.name(), text("Attic"), patience);
        QTRY_VERIFY_WITH_TIMEOUT(connection.isAdmin(), patience);
        QTRY_COMPARE_WITH_TIMEOUT(
            connection.state(text("sensor.backup_backup_manager_state")), text("idle"), patience);
        QCOMPARE(connection.backups()->total(), 0);
        QTRY_COMPARE_WITH_TIMEOUT(connection.verdict().level, Verdict::Danger, patience);
        QCOMPARE(connection.verdict().action, text("backup"));
        QVERIFY(!connection.isWorking());
    }

    void aBackupIsSeenWhileItRunsAndAfter()
    {
        WholeHub hub;
        HubConnection connection;
        connection.open(addressOf(hub, hub.admin()), text("hub"));
        QTRY_VERIFY_WITH_TIMEOUT(
            connection.isLoaded() && connection.verdict().level == Verdict::Danger, patience);

        QSignalSpy ended(&connection, &HubConnection::jobEnded);
        ApiCall call;
        call.setHub(&connection);
        call.post(text("/api/v1/backup"), QVariantMap {});
        QVERIFY(call.isBusy());
        QTRY_VERIFY_WITH_TIMEOUT(call.isAnswered(), patience);
        QTRY_COMPARE_WITH_TIMEOUT(connection.backups()->total(), 1, patience);
        // No schedule: that is what is left to say.
        QTRY_COMPARE_WITH_TIMEOUT(connection.verdict().action, text("schedule"), patience);
        QTRY_COMPARE_WITH_TIMEOUT(
            connection.lastJob()[u"status"].toString(), text("completed"), patience);
        QTRY_VERIFY_WITH_TIMEOUT(connection.job().isEmpty(), patience); // a drill may have followed
    }

    void aHubThatGoesAndComesBackIsFoundAgain()
    {
        WholeHub hub;
        HubConnection connection;
        const HubAddress address = addressOf(hub, hub.admin());
        connection.open(address, text("hub"));
        QTRY_COMPARE_WITH_TIMEOUT(connection.status(), HubConnection::Online, patience);
        hub.stop();
        QTRY_COMPARE_WITH_TIMEOUT(connection.status(), HubConnection::Offline, patience);
        QVERIFY(!connection.problem().isEmpty());
        QCOMPARE(connection.verdict().level, Verdict::Unknown);
        QVERIFY(connection.retrySeconds() > 0);
    }

    void aTokenThatIsRefusedIsSaid()
    {
        WholeHub hub;
        HubConnection connection;
        connection.open(addressOf(hub, "not-a-token"), text("hub"));
        QTRY_COMPARE_WITH_TIMEOUT(connection.status(), HubConnection::Unauthorized, patience);
        QVERIFY(!connection.problem().isEmpty());
    }

    void nobodyThereIsSaidWithWhatToDo()
    {
        HubConnection connection;
        connection.open({ QUrl(text("http://127.0.0.1:1")), text("x"), {} }, text("hub"));
        QTRY_COMPARE_WITH_TIMEOUT(connection.status(), HubConnection::Offline, patience);
        QVERIFY2(connection.problem().contains(text("Is the hub running?")),
            qPrintable(connection.problem()));
    }

    void aCallThatIsRefusedSaysWhy()
    {
        WholeHub hub;
        HubConnection connection;
        connection.open(addressOf(hub, hub.user()), text("hub"));
        QTRY_VERIFY_WITH_TIMEOUT(connection.isLoaded(), patience);
        QTRY_VERIFY_WITH_TIMEOUT(!connection.userName().isEmpty(), patience);
        QVERIFY(!connection.isAdmin());
        ApiCall call;
        call.setHub(&connection);
        const QSignalSpy refused(&call, &ApiCall::refused);
        call.post(text("/api/v1/backup"), QVariantMap {});
        QTRY_COMPARE_WITH_TIMEOUT(refused.size(), 1, patience);
        QCOMPARE(call.httpStatus(), 403);
        QVERIFY(!call.message().isEmpty());
        call.get(text("/api/v1/backup/backup-20260101-000000-00000000"));
        QTRY_VERIFY_WITH_TIMEOUT(!call.isBusy(), patience);
        QCOMPARE(call.code(), text("not_found"));
    }

    void aDownloadAppearsWholeOrNotAtAll()
    {
        WholeHub hub;
        HubConnection connection;
        connection.open(addressOf(hub, hub.admin()), text("hub"));
        QTRY_VERIFY_WITH_TIMEOUT(connection.isLoaded(), patience);
        hub.post(text("/api/v1/backup"));
        hub.finish();
        QTRY_COMPARE_WITH_TIMEOUT(connection.backups()->total(), 1, patience);
        const QString id = connection.backups()->index(0).data(BackupList::IdRole).toString();
        const QString file = hub.folder() + text("/mine.zip");
        ApiCall call;
        call.setHub(&connection);
        call.download(text("/api/v1/backup/%1/download").arg(id), QUrl::fromLocalFile(file));
        QTRY_VERIFY_WITH_TIMEOUT(!call.isBusy(), patience);
        QVERIFY2(!call.hasFailed(), qPrintable(call.message()));
        QCOMPARE(QFileInfo(file).size(),
            qint64(connection.backups()->index(0).data(BackupList::SizeRole).toDouble()));

        const QString other = hub.folder() + text("/other.zip");
        call.download(text("/api/v1/backup/backup-20260101-000000-00000000/download"),
            QUrl::fromLocalFile(other));
        QTRY_VERIFY_WITH_TIMEOUT(!call.isBusy(), patience);
        QCOMPARE(call.httpStatus(), 404);
        QVERIFY(!QFile::exists(other));
        call.download(text("/api/v1/backup"), QUrl::fromLocalFile(text("/nowhere/at/all.zip")));
        QTRY_VERIFY_WITH_TIMEOUT(!call.isBusy(), patience);
        QVERIFY(call.message().contains(text("/nowhere/at/all.zip")));
    }
};

QTEST_GUILESS_MAIN(TestHubConnection)
#include "tst_hubconnection.moc"
