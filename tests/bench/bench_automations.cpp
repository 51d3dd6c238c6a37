// How fast automations are: loading a thousand, state changes that match none of them, runs that
// one event triggers, and how long it takes from the trigger to the action.

#include "automation/core/hub.h"
#include "automation/core/statedatabase.h"
#include "automation/core/timerqueue.h"
#include "automation/engine/automationengine.h"

#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace hubkeep;

namespace {

constexpr int automations = 1000;

long residentKilobytes()
{
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray &line : status.readAll().split('\n')) {
        if (line.startsWith("VmRSS:"))
            return line.mid(6).trimmed().split(' ').first().toLong();
    }
    return 0;
}

// As people write them: a state trigger, a condition, an action with a template.
QByteArray thousand()
{
    QByteArray text;
    for (int i = 0; i < automations; ++i) {
        const QByteArray n = QByteArray::number(i);
        text += "- id: 'a" + n + "'\n  alias: Automation " + n
            + "\n  triggers:\n    - trigger: state\n      entity_id: sensor.watched_" + n
            + "\n      from: 'off'\n      to: 'on'\n"
              "  conditions:\n    - condition: state\n      entity_id: sensor.allowed\n"
              "      state: 'yes'\n"
              "  actions:\n    - action: bench.act\n      data:\n"
              "        message: \"{{ trigger.to_state.name }} is {{ trigger.to_state.state }}\"\n";
    }
    return text;
}

double seconds(const QElapsedTimer &timer)
{
    return double(timer.nsecsElapsed()) / 1e9;
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QTemporaryDir folder;
    QDir(folder.path()).mkpath(QStringLiteral("config"));
    const auto write = [&](const char *name, const QByteArray &text) {
        QFile file(folder.filePath(QLatin1String("config/") + QLatin1String(name)));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("writing %s failed", name);
    };
    write("automations.yaml", thousand());
    const SystemClock clock;
    Hub hub(clock, {});
    TimerQueue timers(clock);
    auto state = StateDatabase::open(folder.filePath(QStringLiteral("state.db")));
    if (!state)
        qFatal("%s", qPrintable(state.error().message));
    QElapsedTimer timer;
    qint64 acted = 0;
    std::vector<qint64> latencies;
    hub.actions().add(
        { QStringLiteral("bench.act"), {}, {}, { { QStringLiteral("message"), {} } } },
        [&](const ActionCall &) {
            ++acted;
            latencies.push_back(timer.nsecsElapsed());
            return finishedAction(QVariantMap {});
        });
    (void)hub.states().set(QStringLiteral("sensor.allowed"), QStringLiteral("yes"));

    const long before = residentKilobytes();
    timer.start();
    automation::AutomationEngine engine(
        hub, timers, **state, folder.filePath(QStringLiteral("config")), QTimeZone::utc());
    if (!engine.start())
        qFatal("The automations do not start");
    const double loaded = seconds(timer);
    if (engine.automations().size() != automations)
        qFatal("%d automations", int(engine.automations().size()));
    std::printf("loading 1,000 automations, seconds: %.3f\n", loaded);
    std::printf(
        "memory of 1,000 automations, MB: %.1f\n", double(residentKilobytes() - before) / 1024);
    hub.enter(HubState::Running);

    constexpr int changes = 500'000;
    QStringList others;
    for (int i = 0; i < 100; ++i)
        others << QStringLiteral("sensor.other_%1").arg(i);
    timer.start();
    for (int i = 0; i < changes; ++i)
        (void)hub.states().set(others[i % others.size()], QString::number(i));
    std::printf("state changes per second that match none: %.0f\n", changes / seconds(timer));
    if (acted != 0)
        qFatal("%lld actions", acted);

    constexpr int runs = 50'000;
    QStringList watched;
    for (int i = 0; i < automations; ++i) {
        watched << QStringLiteral("sensor.watched_%1").arg(i);
        (void)hub.states().set(watched.last(), QStringLiteral("off"));
    }
    QElapsedTimer whole;
    double busy = 0;
    latencies.reserve(runs);
    for (int i = 0; i < runs; ++i) {
        const QString &id = watched[i % watched.size()];
        timer.start(); // each from its own change
        whole.start();
        (void)hub.states().set(id, QStringLiteral("on"));
        busy += seconds(whole);
        (void)hub.states().set(id, QStringLiteral("off"));
    }
    if (acted != runs)
        qFatal("%lld actions instead of %d", acted, runs);
    std::sort(latencies.begin(), latencies.end());
    std::printf("triggered runs per second: %.0f\n", runs / busy);
    std::printf("trigger to action, median, milliseconds: %.3f\n",
        double(latencies[latencies.size() / 2]) / 1e6);
    std::printf("trigger to action, 99%%, milliseconds: %.3f\n",
        double(latencies[latencies.size() * 99 / 100]) / 1e6);
}
