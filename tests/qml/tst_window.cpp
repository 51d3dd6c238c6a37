// The real program, without a screen: it loads all it has, and shows a real hub.

#include "tests/support/wholehub.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QProcess>
#include <QTest>

using namespace hubkeep;
using test::WholeHub;

namespace {

QString text(const char *utf8)
{
    return QString::fromUtf8(utf8);
}

struct Ended
{
    int status = -1; // -1: it did not end
    QByteArray err;
};

Ended run(const QTemporaryDir &home, const QStringList &arguments)
{
    QProcess desktop;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(text("QT_QPA_PLATFORM"), text("offscreen"));
    environment.insert(text("QT_QUICK_BACKEND"), text("software"));
    environment.insert(text("XDG_CONFIG_HOME"), home.path());
    environment.insert(text("XDG_RUNTIME_DIR"), home.path());
    environment.insert(text("LC_ALL"), text("C.UTF-8"));
    desktop.setProcessEnvironment(environment);
    desktop.start(QStringLiteral(HUBKEEP_DESKTOP_BINARY), arguments);
    // The hub that it asks is in this process.
    if (!QTest::qWaitFor([&] { return desktop.state() == QProcess::NotRunning; }, 120'000))
        return {};
    return { desktop.exitStatus() == QProcess::NormalExit ? desktop.exitCode() : -1,
        desktop.readAllStandardError() };
}

} // namespace

class TestWindow : public QObject
{
    Q_OBJECT

private slots:
    void everyFileLoadsWithoutAWarning()
    {
        const QTemporaryDir home;
        const Ended ended = run(home, { text("--self-test") });
        QVERIFY2(ended.err.isEmpty(), ended.err.constData());
        QCOMPARE(ended.status, 0);
    }

    void everyPageOfARealHubIsShownWithoutAWarning()
    {
        const QTemporaryDir home;
        WholeHub hub;
        hub.post(text("/api/v1/backup"));
        hub.finish();
        QFile running(hub.dataFolder() + text("/data/running.json"));
        QVERIFY(running.open(QIODevice::ReadOnly));
        const QString url = QJsonDocument::fromJson(running.readAll()).object()[u"url"].toString();
        const Ended ended = run(home,
            { text("--url"), url, text("--token"), QString::fromUtf8(hub.admin()),
                text("--screenshot"), home.filePath(text("shots")) });
        QVERIFY2(ended.err.isEmpty(), ended.err.constData());
        QCOMPARE(ended.status, 0);
        const QStringList shots = QDir(home.filePath(text("shots"))).entryList({ text("*.png") });
        for (const char *page :
            { "activity", "automatic-agents", "automatic-drills", "automatic-encryption",
                "automatic-contents", "automatic-notifications", "automatic-retention",
                "automatic-schedule", "automatic-sources", "automations-editor", "automations-list",
                "automations-template", "backups", "overview", "restore", "settings" })
            QVERIFY2(shots.contains(text(page) + text(".png")), page);
        for (const QString &shot : shots)
            QVERIFY2(QImage(home.filePath(text("shots/") + shot)).width() >= 900, qPrintable(shot));
    }

    void aHubThatIsNotThereIsAnErrorWithItsReason()
    {
        const QTemporaryDir home;
        const Ended ended = run(home, { text("--screenshot"), home.path() });
        QCOMPARE(ended.status, 2);
        QVERIFY2(ended.err.contains("--url"), ended.err.constData());
    }
};

QTEST_GUILESS_MAIN(TestWindow)
#include "tst_window.moc"
