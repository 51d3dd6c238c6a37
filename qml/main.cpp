// hubkeep-desktop: the window. A client of the API and nothing else; README.md beside this file
// says how it is built.

#include "qml/client/hubs.h"
#include "qml/window/desktop.h"
#include "qml/window/qmlengine.h"
#include "qml/window/selftest.h"
#include "qml/window/trayicon.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QIcon>
#include <QQmlApplicationEngine>
#include <QQuickStyle>
#include <QTemporaryDir>

#include <algorithm>
#include <memory>
#include <optional>

using namespace hubkeep::desktop;

namespace {

// A self-test prints nothing but what is wrong, and Qt would complain about a session's missing
// folder.
std::unique_ptr<QTemporaryDir> runtimeFolder(int argc, char **argv)
{
    const bool isSelfTest = std::any_of(argv, argv + argc,
        [](const char *argument) { return qstrcmp(argument, "--self-test") == 0; });
    if (!isSelfTest || !qEnvironmentVariableIsEmpty("XDG_RUNTIME_DIR"))
        return {};
    auto folder = std::make_unique<QTemporaryDir>();
    qputenv("XDG_RUNTIME_DIR", QFile::encodeName(folder->path()));
    return folder;
}

} // namespace

int main(int argc, char **argv)
{
    const std::unique_ptr<QTemporaryDir> runtime = runtimeFolder(argc, argv);
    QApplication application(argc, argv);
    application.setOrganizationName(QStringLiteral("HubKeep"));
    application.setApplicationName(QStringLiteral("hubkeep-desktop"));
    application.setApplicationDisplayName(QStringLiteral("HubKeep"));
    application.setApplicationVersion(QStringLiteral(HUBKEEP_VERSION));
    application.setDesktopFileName(QStringLiteral("org.hubkeep.HubKeep"));
    application.setWindowIcon(
        QIcon::fromTheme(QStringLiteral("org.hubkeep.HubKeep"), verdictIcon(Verdict::Safe, -1)));
    // Ours is drawn on the plainest one: it has no opinion of its own about colours.
    QQuickStyle::setStyle(QStringLiteral("Basic"));

    QCommandLineParser parser;
    parser.setApplicationDescription(QCoreApplication::translate(
        "main", "Shows whether your data is safe, and leads you through the day when it was not."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption url(QStringLiteral("url"),
        QCoreApplication::translate("main", "The hub to show, as in http://127.0.0.1:8420."),
        QStringLiteral("URL"));
    const QCommandLineOption token(QStringLiteral("token"),
        QCoreApplication::translate(
            "main", "The token to ask it with; better in the variable HUBKEEP_TOKEN."),
        QStringLiteral("TOKEN"));
    const QCommandLineOption screenshot(QStringLiteral("screenshot"),
        QCoreApplication::translate(
            "main", "Write a PNG of every page into this folder, and quit."),
        QStringLiteral("DIR"));
    const QCommandLineOption selfTest(QStringLiteral("self-test"),
        QCoreApplication::translate(
            "main", "Load every QML file, print each warning, and quit; 1 where there was any."));
    const QCommandLineOption measured(QStringLiteral("measure"),
        QCoreApplication::translate(
            "main", "Say how fast the window is, as ./dev bench asks it, and quit."));
    parser.addOptions({ url, token, screenshot, selfTest, measured });
    parser.process(application);
    if ((parser.isSet(screenshot) || parser.isSet(measured)) && !parser.isSet(url)) {
        std::fprintf(stderr,
            "hubkeep-desktop: --screenshot and --measure need the --url of the hub to show, and a "
            "--token.\n");
        return 2;
    }

    QQmlApplicationEngine engine;
    addHubKeepModule(engine);
    if (parser.isSet(selfTest))
        return runSelfTest(engine);

    Desktop desktop(engine);
    std::optional<HubAddress> only;
    if (parser.isSet(url))
        only = HubAddress { QUrl(parser.value(url)),
            parser.isSet(token) ? parser.value(token) : qEnvironmentVariable("HUBKEEP_TOKEN"), {} };
    return desktop.run(only, parser.value(screenshot), parser.isSet(measured));
}
