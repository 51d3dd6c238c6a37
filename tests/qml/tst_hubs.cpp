// Which hubs the window knows, and how it comes to trust them.

#include "qml/client/hubs.h"
#include "qml/client/localhub.h"
#include "qml/window/singleinstance.h"
#include "tests/support/wholehub.h"

#include <QAbstractItemModelTester>
#include <QDir>
#include <QFile>
#include <QProcess>
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

constexpr int patience = 30'000; // milliseconds

QString urlOf(WholeHub &hub)
{
    QFile running(hub.dataFolder() + text("/data/running.json"));
    return running.open(QIODevice::ReadOnly)
        ? QJsonDocument::fromJson(running.readAll()).object()[u"url"].toString()
        : QString();
}

// A certificate that nobody vouches for, as a home's hub has it.
bool makeCertificate(const QTemporaryDir &folder)
{
    return QProcess::execute(text("openssl"),
               { text("req"), text("-x509"), text("-newkey"), text("ec"), text("-pkeyopt"),
                   text("ec_paramgen_curve:prime256v1"), text("-nodes"), text("-days"), text("30"),
                   text("-subj"), text("/CN=localhost"), text("-addext"),
                   text("subjectAltName=IP:127.0.0.1"), text("-keyout"),
                   folder.filePath(text("key.pem")), text("-out"),
                   folder.filePath(text("cert.pem")) })
        == 0;
}

} // namespace

class TestHubs : public QObject
{
    Q_OBJECT

private slots:
    void aSignInIsRememberedWithoutItsToken()
    {
        const QTemporaryDir folder;
        const QString settings = folder.filePath(text("hubs.ini"));
        WholeHub hub;
        const QByteArray token = hub.admin();
        {
            Hubs hubs({ settings, false, false });
            const QAbstractItemModelTester tester(
                &hubs, QAbstractItemModelTester::FailureReportingMode::QtTest);
            hubs.open();
            QCOMPARE(hubs.count(), 0);
            QCOMPARE(hubs.current(), nullptr);
            QSignalSpy signedIn(&hubs, &Hubs::signedIn);
            hubs.signInWithToken(urlOf(hub), QString::fromUtf8(token));
            QTRY_COMPARE_WITH_TIMEOUT(signedIn.size(), 1, patience);
            QCOMPARE(hubs.count(), 1);
            QTRY_VERIFY_WITH_TIMEOUT(hubs.current()->isLoaded(), patience);
            // The same once more is the same hub.
            hubs.signInWithToken(urlOf(hub), QString::fromUtf8(token));
            QTRY_COMPARE_WITH_TIMEOUT(signedIn.size(), 2, patience);
            QCOMPARE(hubs.count(), 1);
        }
        QFile file(settings);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray kept = file.readAll();
        QVERIFY(kept.contains(urlOf(hub).section(u'/', -1).toUtf8()));
        QVERIFY(!kept.contains(token));

        Hubs again({ settings, false, false });
        again.open();
        QCOMPARE(again.count(), 1);
        // Without a keyring the token is gone: it says so, and asks.
        QTRY_COMPARE_WITH_TIMEOUT(again.current()->status(), HubConnection::Unauthorized, patience);
        again.forget(0);
        QCOMPARE(again.count(), 0);
        QCOMPARE(again.current(), nullptr);
    }

    void nameAndPasswordSignInToo()
    {
        const QTemporaryDir folder;
        WholeHub hub;
        QCOMPARE(hub.ask("POST", text("/api/v1/auth/users"), hub.admin(),
                        R"({"username":"anna","password":"correct horse","role":"user"})")
                     .status,
            201);
        Hubs hubs({ folder.filePath(text("hubs.ini")), false, false });
        QSignalSpy failed(&hubs, &Hubs::signInFailed);
        hubs.signIn(urlOf(hub), text("anna"), text("wrong"));
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, patience);
        QVERIFY(!failed[0][0].toString().isEmpty());
        QCOMPARE(hubs.count(), 0);
        hubs.signIn(urlOf(hub), text("anna"), text("correct horse"));
        QTRY_VERIFY_WITH_TIMEOUT(hubs.current() && hubs.current()->isLoaded(), patience);
        QTRY_COMPARE_WITH_TIMEOUT(hubs.current()->userName(), text("anna"), patience);
        QVERIFY(!hubs.current()->isAdmin());
    }

    void whatIsNoAddressIsSaid()
    {
        const QTemporaryDir folder;
        Hubs hubs({ folder.filePath(text("hubs.ini")), false, false });
        QSignalSpy failed(&hubs, &Hubs::signInFailed);
        for (const char *typed : { "", "ftp://nas", "http://", "not an address" })
            hubs.signInWithToken(text(typed), text("x"));
        QCOMPARE(failed.size(), 4);
        QVERIFY(failed[0][0].toString().contains(text("https://nas.lan:8420")));
    }

    void aCertificateOfItsOwnIsTrustedOnceSomebodySaidSoAndNoOther()
    {
        const QTemporaryDir folder;
        QVERIFY(makeCertificate(folder));
        WholeHub hub("http:\n  tls: {certificate: " + folder.filePath(text("cert.pem")).toUtf8()
            + ", key: " + folder.filePath(text("key.pem")).toUtf8() + "}\n");
        const QString url = urlOf(hub);
        QVERIFY2(url.startsWith(text("https://")), qPrintable(url));
        const QString token = QString::fromUtf8(hub.admin());

        Hubs hubs({ folder.filePath(text("hubs.ini")), false, false });
        QSignalSpy failed(&hubs, &Hubs::signInFailed);
        hubs.signInWithToken(url, token);
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, patience);
        const QString fingerprint = failed[0][1].toString();
        QCOMPARE(fingerprint.size(), 64);
        QFile certificate(folder.filePath(text("cert.pem")));
        QVERIFY(certificate.open(QIODevice::ReadOnly));
        QCOMPARE(fingerprint, fingerprintOf(QSslCertificate(certificate.readAll())));

        hubs.signInWithToken(url, token, QString(64, u'0'));
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 2, patience);
        QCOMPARE(hubs.count(), 0);

        hubs.signInWithToken(url, token, fingerprint);
        QTRY_VERIFY_WITH_TIMEOUT(hubs.current() && hubs.current()->isLoaded(), patience);
        QCOMPARE(
            hubs.current()->status(), HubConnection::Online); // the WebSocket trusts it as well
    }

    void thisMachinesHubIsFoundWhileItRuns()
    {
        WholeHub hub;
        const std::optional<HubAddress> found = findLocalHub(hub.dataFolder());
        QVERIFY(found);
        QCOMPARE(found->url.toString(), urlOf(hub));
        HubConnection connection;
        connection.open(*found, text("this"));
        QTRY_VERIFY_WITH_TIMEOUT(connection.isLoaded(), patience);
        hub.stop();
        QVERIFY(!findLocalHub(hub.dataFolder()));
        QVERIFY(!findLocalHub(text("/nowhere")));
    }

    void aSecondStartWakesTheFirst()
    {
        const QTemporaryDir folder;
        const QString name = folder.filePath(text("socket"));
        SingleInstance first(name);
        QVERIFY(first.claim());
        const QSignalSpy woken(&first, &SingleInstance::wokenUp);
        SingleInstance second(name);
        QVERIFY(!second.claim());
        QTRY_COMPARE_WITH_TIMEOUT(woken.size(), 1, patience);
    }
};

QTEST_GUILESS_MAIN(TestHubs)
#include "tst_hubs.moc"
