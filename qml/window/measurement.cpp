#include "qml/window/measurement.h"

#include "qml/client/hubs.h"
#include "qml/window/eventwait.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QQuickItem>
#include <QQuickWindow>

#include <algorithm>
#include <cstdio>
#include <vector>

namespace hubkeep::desktop {

using namespace std::chrono_literals;

namespace {

constexpr int frameCount = 600;

QQuickItem *find(QQuickItem *in, const QString &name)
{
    if (in->objectName() == name)
        return in;
    for (QQuickItem *child : in->childItems()) {
        if (QQuickItem *found = find(child, name))
            return found;
    }
    return nullptr;
}

qint64 residentKilobytes()
{
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray &line : status.readAll().split('\n')) {
        if (line.startsWith("VmRSS:"))
            return line.mid(6).trimmed().split(' ').first().toLongLong();
    }
    return 0;
}

// How long the longest page took from being asked for to being on the screen, with nothing of it
// answered yet.
double longestPage(QQuickWindow &window, const bool &swapped, const std::function<void()> &forget)
{
    double longest = 0;
    const QVariantList pages = window.property("pages").toList();
    for (const QVariant &page : pages) {
        QElapsedTimer timer;
        timer.start();
        forget();
        QMetaObject::invokeMethod(&window, "showPage",
            Q_ARG(QVariant, page.toMap().value(QStringLiteral("name"))),
            Q_ARG(QVariant, QVariant()));
        runUntil([&] { return swapped; }, 10s);
        longest = std::max(longest, double(timer.nsecsElapsed()) / 1e6);
        const QDeadlineTimer rest(300ms);
        runUntil([&] { return rest.hasExpired(); }, 1s);
    }
    return longest;
}

} // namespace

int measure(QQuickWindow &window, const Hubs &hubs)
{
    bool swapped = false;
    QObject::connect(&window, &QQuickWindow::frameSwapped, &window, [&swapped] { swapped = true; });
    window.show();
    if (!runUntil([&] { return swapped; }, 30s))
        return 1;
    std::puts("shown");
    std::fflush(stdout);
    if (!runUntil([&] { return hubs.current() && hubs.current()->isLoaded(); }, 60s)) {
        std::fputs("hubkeep-desktop: the hub was not reached.\n", stderr);
        return 1;
    }

    const double page = longestPage(window, swapped, [&swapped] { swapped = false; });
    QMetaObject::invokeMethod(&window, "showPage", Q_ARG(QVariant, QStringLiteral("backups")),
        Q_ARG(QVariant, QVariant()));
    QQuickItem *list = nullptr;
    runUntil(
        [&] {
            return (list = find(window.contentItem(), QStringLiteral("backupList")))
                && list->height() > 0;
        },
        10s);
    if (!list)
        return 1;

    std::vector<double> frames;
    QElapsedTimer timer;
    for (int i = 0; i < frameCount; ++i) {
        swapped = false;
        timer.start();
        list->setProperty("contentY", list->property("contentY").toReal() + 58);
        if (!runUntil([&] { return swapped; }, 5s))
            break;
        frames.push_back(double(timer.nsecsElapsed()) / 1e6);
    }
    if (frames.empty())
        return 1;
    std::sort(frames.begin(), frames.end());
    const QJsonObject result { { QStringLiteral("frames"), qint64(frames.size()) },
        { QStringLiteral("backups"), hubs.current()->backups()->total() },
        { QStringLiteral("median_ms"), frames[frames.size() / 2] },
        { QStringLiteral("p99_ms"), frames[frames.size() * 99 / 100] },
        { QStringLiteral("max_ms"), frames.back() }, { QStringLiteral("longest_page_ms"), page },
        { QStringLiteral("resident_kb"), residentKilobytes() } };
    std::puts(QJsonDocument(result).toJson(QJsonDocument::Compact).constData());
    return 0;
}

} // namespace hubkeep::desktop
