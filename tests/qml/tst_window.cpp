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

// A screen that nobody sees.
class Screen
{
public:
    Screen()
    {
        m_server.start(text("Xvfb"),
            { text("-displayfd"), text("1"), text("-screen"), text("0"), text("1280x900x24") });
        if (m_server.waitForReadyRead(60'000))
            m_display = u':' + QString::fromLatin1(m_server.readLine().trimmed());
    }
    ~Screen()
    {
        m_server.terminate();
        m_server.waitForFinished();
    }
    QString display() const { return m_display; } // empty: there is none

private:
    QProcess m_server;
    QString m_display;
};

// display: an X server's; empty for none at all.
Ended run(const QTemporaryDir &home, const QStringList &arguments, const QString &display = {},
    bool inASession = true)
{
    QProcess desktop;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(
        text("QT_QPA_PLATFORM"), display.isEmpty() ? text("offscreen") : text("xcb"));
    environment.insert(text("DISPLAY"), display);
    // What the libraries of a desktop session (libdbus) keep until the end is not ours.
    if (!display.isEmpty())
        environment.insert(text("ASAN_OPTIONS"), text("detect_leaks=0"));
    environment.insert(text("QT_QUICK_BACKEND"), text("software"));
    environment.insert(text("XDG_CONFIG_HOME"), home.path());
    if (inASession)
        environment.insert(text("XDG_RUNTIME_DIR"), home.path());
    else
        environment.remove(text("XDG_RUNTIME_DIR"));
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
    void everyFileLoadsWithoutAWarning_data()
    {
        QTest::addColumn<bool>("inASession");
        QTest::newRow("in a session") << true;
        QTest::newRow("without one") << false;
    }
    void everyFileLoadsWithoutAWarning()
    {
        QFETCH(const bool, inASession);
        const QTemporaryDir home;
        const Ended ended = run(home, { text("--self-test") }, {}, inASession);
        QVERIFY2(ended.err.isEmpty(), ended.err.constData());
        QCOMPARE(ended.status, 0);
    }

    void everyPageOfARealHubIsShownWithoutAWarning_data()
    {
        QTest::addColumn<QByteArray>("preferences");
        QTest::newRow("light") << QByteArray("[General]\nlanguage=en\ntheme=light\n");
        QTest::newRow("dark") << QByteArray("[General]\nlanguage=en\ntheme=dark\n");
        QTest::newRow("german") << QByteArray("[General]\nlanguage=de\ntheme=light\n");
    }
    void everyPageOfARealHubIsShownWithoutAWarning()
    {
        QFETCH(const QByteArray, preferences);
        const Screen screen;
        QVERIFY2(!screen.display().isEmpty(), "Xvfb did not start");
        const QTemporaryDir home;
        QVERIFY(QDir(home.path()).mkdir(text("HubKeep")));
        QFile file(home.filePath(text("HubKeep/hubkeep-desktop.conf")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(preferences);
        file.close();
        WholeHub hub;
        hub.post(text("/api/v1/backup"));
        hub.finish();
        QFile running(hub.dataFolder() + text("/data/running.json"));
        QVERIFY(running.open(QIODevice::ReadOnly));
        const QString url = QJsonDocument::fromJson(running.readAll()).object()[u"url"].toString();
        // They stay, for whoever wants to look at them.
        const QString folder = QStringLiteral(HUBKEEP_SCREENSHOTS_DIR "/")
            + QString::fromLatin1(QTest::currentDataTag());
        QDir(folder).removeRecursively();
        const Ended ended = run(home,
            { text("--url"), url, text("--token"), QString::fromUtf8(hub.admin()),
                text("--screenshot"), folder },
            screen.display());
        QVERIFY2(ended.err.isEmpty(), ended.err.constData());
        QCOMPARE(ended.status, 0);
        const QStringList shots = QDir(folder).entryList({ text("*.png") });
        for (const char *page :
            { "activity", "automatic-agents", "automatic-contents", "automatic-drills",
                "automatic-encryption", "automatic-notifications", "automatic-retention",
                "automatic-schedule", "automatic-sources", "automations-editor", "automations-list",
                "automations-template", "backups", "overview", "restore", "settings" })
            QVERIFY2(shots.contains(text(page) + text(".png")), page);
        for (const QString &shot : shots)
            QVERIFY2(QImage(folder + u'/' + shot).width() >= 900, qPrintable(shot));
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
