#include "tests/support/automatichub.h"

#include "integrations/persistent_notification/persistentnotificationintegration.h"

#include <QDeadlineTimer>
#include <QEventLoop>
#include <QJsonDocument>
#include <QtTest>

namespace hubkeep::test {

using namespace hubkeep::backup;
using namespace std::chrono_literals;

namespace {

// Fails before it reads anything.
class BrokenSource final : public BackupSource
{
public:
    QString name() const override { return QStringLiteral("shop"); }
    QString type() const override { return QStringLiteral("files"); }
    QByteArray path() const override { return "/nowhere"; }
    Result<std::unique_ptr<SourceReader>> open(const SourceContext &) const override
    {
        return Error { ErrorCode::Io, QStringLiteral("The disk is gone") };
    }
};

// As soon as it is so, where waitUntil() looks a hundred times a second.
void turnUntil(const std::function<bool()> &isSo)
{
    QDeadlineTimer deadline(60'000);
    while (!isSo()) {
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        if (deadline.hasExpired())
            qFatal("It did not come to pass within a minute");
    }
}

} // namespace

QDateTime utc(const char *text)
{
    QDateTime read = QDateTime::fromString(QString::fromLatin1(text), Qt::ISODate);
    read.setTimeSpec(Qt::UTC);
    return read;
}

HandClock::HandClock(const char *start)
    : m_now(utc(start).toMSecsSinceEpoch())
{
}

void HandClock::pass(std::chrono::milliseconds time)
{
    m_now += time.count();
    m_uptime += time.count();
}

AutomaticHub::AutomaticHub(const char *now, const QStringList &ids)
    : clock(now)
{
    writeFile(folder / "shop/a.txt", "content of a file");
    writeFile(folder / "shop/b.txt", "of another");
    writeFile(folder / "rest/c.txt", "and of a third");
    config.sources = { { QStringLiteral("rest"), QStringLiteral("files"), {}, true },
        { QStringLiteral("shop"), QStringLiteral("files"), {}, true } };
    for (const QString &id : ids) {
        agents.insert(id, std::make_shared<FakeAgent>(id));
        config.agents.append({ id.mid(5), QStringLiteral("fake"), {}, true });
    }
    start();
    QByteArray list;
    for (const QString &id : ids)
        list += (list.isEmpty() ? "\"" : ",\"") + id.toUtf8() + '"';
    set("{\"create_backup\":{\"agent_ids\":[" + list + "],\"include_database\":false}}");
}

AutomaticHub::~AutomaticHub()
{
    stop();
}

BackupIntegration::Parts AutomaticHub::parts()
{
    BackupIntegration::Parts made { *m_state, {}, {}, config };
    made.sourceTypes.insert(
        QStringLiteral("files"), [this](const Part &part) -> Result<std::unique_ptr<BackupSource>> {
            const bool isShop = part.name == u"shop";
            if (isShop && latch)
                return std::unique_ptr<BackupSource>(std::make_unique<LatchSource>(latch));
            if (isShop && sourceFails)
                return std::unique_ptr<BackupSource>(std::make_unique<BrokenSource>());
            return files(folder / part.name.toUtf8(), {}, part.name);
        });
    made.agentTypes.insert(
        QStringLiteral("fake"), [this](const Part &part) -> Result<std::shared_ptr<BackupAgent>> {
            const auto agent = agents.value(QStringLiteral("fake.") + part.name);
            if (!agent)
                return Error { ErrorCode::Unavailable, QStringLiteral("It was not found") };
            return std::shared_ptr<BackupAgent>(agent);
        });
    made.timers = timers.get();
    made.listInterval = listInterval;
    made.ping = [this](const QString &url, const QByteArray &body) {
        pings.append(url.mid(config.health.pingUrl.size()) + u' ' + QString::fromUtf8(body));
    };
    return made;
}

void AutomaticHub::start()
{
    makeFolder(folder / "hub/data");
    auto opened = StateDatabase::open(QString::fromUtf8(folder / "hub/data/state.db"));
    if (!opened)
        qFatal("%s", qPrintable(opened.error().message));
    m_state = std::move(*opened);
    timers = std::make_unique<TimerQueue>(clock);
    HubIdentity identity;
    identity.dataFolder = QString::fromUtf8(folder / "hub");
    identity.timeZone = QStringLiteral("Europe/Amsterdam");
    identity.instanceId = QString(32, u'1');
    hub = std::make_unique<Hub>(clock, identity);
    auto made = std::make_unique<BackupIntegration>(parts());
    m_integration = made.get();
    for (const Result<void> &added :
        { hub->add(
              std::make_unique<persistentnotification::PersistentNotificationIntegration>(*m_state),
              {}),
            hub->add(std::move(made), {}) }) {
        if (!added)
            qFatal("%s", qPrintable(added.error().message));
    }
    QObject::connect(
        &manager(), &BackupManager::eventFired, &manager(), [this](const ManagerEvent &event) {
            if (event.automatic && event.outcome == u"in_progress" && event.stage.isEmpty()
                && !event.upload)
                runs.append(clock.now().toString(Qt::ISODate));
        });
    hub->enter(HubState::Running);
    manager().unblock();
    settle();
}

void AutomaticHub::stop()
{
    if (!hub)
        return;
    hub->enter(HubState::Stopping);
    hub->clear();
    hub.reset();
    timers.reset();
    m_state.reset();
}

void AutomaticHub::restart()
{
    stop();
    start();
}

void AutomaticHub::set(const QByteArray &settings)
{
    const Result<void> done
        = integration().updateSettings(QJsonDocument::fromJson(settings).object());
    if (!done)
        qFatal("%s", qPrintable(done.error().message));
}

void AutomaticHub::daily(const char *more)
{
    set("{\"schedule\":{\"recurrence\":\"daily\",\"time\":\"04:45\"" + QByteArray(more) + "}}");
}

void AutomaticHub::passUntil(const QDateTime &moment)
{
    settle();
    while (clock.now() < moment) {
        const auto left = std::chrono::milliseconds(clock.now().msecsTo(moment));
        const std::optional<std::chrono::milliseconds> next = timers->untilNext();
        clock.pass(next ? std::min(left, std::max(*next, 1ms)) : left);
        timers->wake();
        QCoreApplication::processEvents();
        // Who only looks after an agent is not waited for: that happens every minute.
        if (manager().state() != ManagerState::Idle)
            settle();
    }
    // Twice: what was listed at first may be deleted then.
    settle();
    settle();
}

void AutomaticHub::pass(std::chrono::milliseconds time)
{
    passUntil(clock.now().addMSecs(time.count()));
}

void AutomaticHub::sleep(std::chrono::milliseconds time)
{
    clock.pass(time);
    timers->wake();
    settle();
}

void AutomaticHub::settle()
{
    // Posted calls first: what waits for an idle manager is one.
    QCoreApplication::processEvents();
    if (latch)
        return;
    const auto isIdle = [this] { return manager().state() == ManagerState::Idle; };
    turnUntil(isIdle);
    QCoreApplication::processEvents();
    turnUntil(isIdle);
    const QFuture<void> listed = manager().refresh();
    turnUntil([&] { return listed.isFinished(); });
    QCoreApplication::processEvents();
}

QString AutomaticHub::value(const char *entity) const
{
    return hub->states().get(QString::fromLatin1(entity)).value_or(State {}).value;
}

QVariant AutomaticHub::attribute(const char *entity, const char *name) const
{
    return hub->states()
        .get(QString::fromLatin1(entity))
        .value_or(State {})
        .attributes.value(QString::fromLatin1(name));
}

QStringList AutomaticHub::notices() const
{
    QStringList titles;
    for (const PersistentNotification &notice : hub->find<PersistentNotifications>()->all())
        titles.append(notice.title);
    titles.sort();
    return titles;
}

QStringList AutomaticHub::takeRuns()
{
    return std::exchange(runs, {});
}

} // namespace hubkeep::test
