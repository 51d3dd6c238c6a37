// How many state changes a second go through the bus to ten subscribers, and how many requests
// a second can be told who they are.

#include "app/accounts.h"
#include "automation/core/hub.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>

#include <cstdio>
#include <vector>

using namespace hubkeep;

namespace {

double stateChangesPerSecond(int changes)
{
    const SystemClock clock;
    Hub hub(clock, {});
    qint64 seen = 0;
    std::vector<Subscription> subscribers;
    for (int i = 0; i < 10; ++i)
        subscribers.push_back(hub.bus().subscribe(QString::fromLatin1(stateChangedEvent),
            [&seen](const Event &event) { seen += event.change->newState ? 1 : 0; }));
    QStringList ids;
    for (int i = 0; i < 100; ++i)
        ids << QStringLiteral("sensor.number_%1").arg(i);
    const QVariantMap attributes { { QStringLiteral("friendly_name"), QStringLiteral("A") },
        { QStringLiteral("unit_of_measurement"), QStringLiteral("%") } };
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < changes; ++i)
        (void)hub.states().set(ids[i % ids.size()], QString::number(i), attributes);
    const double seconds = double(timer.nsecsElapsed()) / 1e9;
    if (seen != 10LL * changes)
        qFatal("%lld deliveries instead of %lld", seen, 10LL * changes);
    return changes / seconds;
}

double identificationsPerSecond(int requests)
{
    const QTemporaryDir folder;
    const SystemClock clock;
    auto state = StateDatabase::open(folder.filePath(QStringLiteral("state.db")));
    if (!state)
        qFatal("%s", qPrintable(state.error().message));
    auto accounts = Accounts::open(**state, clock);
    const auto user = (*accounts)->addUser(QStringLiteral("a"), Role::User, QStringLiteral("-"));
    const auto token = (*accounts)->addToken(user->id, QStringLiteral("t"), TokenKind::LongLived);
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < requests; ++i) {
        if (!(*accounts)->identify(token->secret))
            qFatal("The token is not known");
    }
    return requests / (double(timer.nsecsElapsed()) / 1e9);
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    std::printf(
        "state changes per second, 10 subscribers: %.0f\n", stateChangesPerSecond(1'000'000));
    std::printf("tokens identified per second: %.0f\n", identificationsPerSecond(100'000));
}
