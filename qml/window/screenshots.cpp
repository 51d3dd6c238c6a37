#include "qml/window/screenshots.h"

#include "qml/client/hubs.h"
#include "qml/window/eventwait.h"

#include <QDir>
#include <QImage>
#include <QQuickWindow>
#include <QVariantList>

#include <cstdio>

namespace hubkeep::desktop {

using namespace std::chrono_literals;

namespace {

// Answers come in, lists are laid out: at rest is what looks the same a while later.
QImage atRest(QQuickWindow &window)
{
    QImage last;
    QImage image = window.grabWindow();
    const QDeadlineTimer deadline(10s);
    while (image != last && !deadline.hasExpired()) {
        const QDeadlineTimer pause(250ms);
        runUntil([&] { return pause.hasExpired(); }, 300ms);
        last = image;
        image = window.grabWindow();
    }
    return image;
}

} // namespace

int takeScreenshots(QQuickWindow &window, const Hubs &hubs, const QString &folder)
{
    if (!QDir().mkpath(folder)) {
        std::fprintf(
            stderr, "hubkeep-desktop: the folder %s could not be made.\n", qPrintable(folder));
        return 1;
    }
    window.show();
    if (!runUntil([&] { return hubs.current()->isLoaded(); }, 30s)) {
        std::fprintf(stderr, "hubkeep-desktop: %s was not reached: %s\n",
            qPrintable(hubs.current()->url()), qPrintable(hubs.current()->problem()));
        return 1;
    }
    // A page of one backup says more than one of none.
    const BackupList &backups = *hubs.current()->backups();
    const QString backup
        = backups.shown() > 0 ? backups.index(0).data(BackupList::IdRole).toString() : QString();
    const QVariantList pages = window.property("pages").toList();
    for (const QVariant &page : pages) {
        const QString name = page.toMap().value(QStringLiteral("name")).toString();
        const QStringList tabs
            = page.toMap().value(QStringLiteral("tabs"), QStringList { QString() }).toStringList();
        for (qsizetype tab = 0; tab < tabs.size(); ++tab) {
            const QVariantMap arguments { { QStringLiteral("backupId"), backup },
                { QStringLiteral("tab"), tab } };
            QMetaObject::invokeMethod(
                &window, "showPage", Q_ARG(QVariant, name), Q_ARG(QVariant, arguments));
            const QString file = QDir(folder).filePath(name
                + (tabs[tab].isEmpty() ? QString() : u'-' + tabs[tab]) + QStringLiteral(".png"));
            if (!atRest(window).save(file)) {
                std::fprintf(
                    stderr, "hubkeep-desktop: %s could not be written.\n", qPrintable(file));
                return 1;
            }
        }
    }
    return 0;
}

} // namespace hubkeep::desktop
