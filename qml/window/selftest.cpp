#include "qml/window/selftest.h"

#include "qml/client/hubs.h"
#include "qml/window/preferences.h"

#include <QCoreApplication>
#include <QDirIterator>
#include <QQmlComponent>
#include <QQmlEngine>
#include <QQuickWindow>
#include <QTemporaryDir>
#include <QTimer>

#include <atomic>
#include <cstdio>
#include <memory>

namespace hubkeep::desktop {

namespace {

std::atomic<int> complaints = 0;
QtMessageHandler before = nullptr;

// QML says a good part of what is wrong as messages alone: undefined properties, binding loops.
void count(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    if (type != QtDebugMsg && type != QtInfoMsg)
        ++complaints;
    before(type, context, message);
}

void report(const QString &file, const QString &problem)
{
    ++complaints;
    std::fprintf(stderr, "%s: %s\n", qPrintable(file), qPrintable(problem));
}

} // namespace

int runSelfTest(QQmlEngine &engine)
{
    before = qInstallMessageHandler(count);
    QDirIterator files(QStringLiteral(":/HubKeep"), { QStringLiteral("*.qml") }, QDir::Files,
        QDirIterator::Subdirectories);
    int seen = 0;
    while (files.hasNext()) {
        const QString file = files.next();
        if (file.endsWith(QStringLiteral("/Theme.qml")))
            continue; // a singleton is loaded by whoever names it, and everybody does
        QQmlComponent component(&engine, QUrl(QStringLiteral("qrc") + file));
        if (component.isError()) {
            for (const QQmlError &error : component.errors())
                report(file, error.toString());
        }
        ++seen;
    }
    if (seen == 0)
        report(QStringLiteral(":/HubKeep"), QStringLiteral("there is no QML file in it"));

    QTemporaryDir settings;
    Hubs hubs({ settings.filePath(QStringLiteral("hubs.ini")), false, false });
    Preferences preferences(settings.filePath(QStringLiteral("preferences.ini")));
    QQmlComponent main(&engine, QUrl(QStringLiteral("qrc:/HubKeep/Main.qml")));
    const std::unique_ptr<QObject> window(
        main.createWithInitialProperties({ { QStringLiteral("hubs"), QVariant::fromValue(&hubs) },
            { QStringLiteral("preferences"), QVariant::fromValue(&preferences) },
            { QStringLiteral("visible"), true } }));
    if (window) {
        QTimer::singleShot(300, [] { QCoreApplication::exit(); });
        QCoreApplication::exec();
    } else {
        report(QStringLiteral("Main.qml"), main.errorString());
    }
    qInstallMessageHandler(before);
    return complaints == 0 ? 0 : 1;
}

} // namespace hubkeep::desktop
