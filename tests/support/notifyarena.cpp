#include "tests/support/notifyarena.h"

#include "integrations/persistent_notification/persistentnotificationintegration.h"

#include <QTest>

namespace hubkeep::test {

using namespace hubkeep::notify;

std::optional<Attempt> tryOnce(Notifier &notifier, const Notification &notification)
{
    // Shared: the notifier may outlive this.
    const auto ended = std::make_shared<std::optional<Attempt>>();
    notifier.send(notification, [ended](const Attempt &attempt) { *ended = attempt; });
    (void)QTest::qWaitFor([&] { return ended->has_value(); }, 20'000);
    return *ended;
}

QString toString(const std::optional<Attempt> &attempt)
{
    if (!attempt)
        return QStringLiteral("no end");
    switch (attempt->outcome) {
    case Attempt::Outcome::Delivered:
        return QStringLiteral("delivered");
    case Attempt::Outcome::Later:
        return QStringLiteral("later: ") + attempt->why;
    case Attempt::Outcome::Never:
        break;
    }
    return QStringLiteral("never: ") + attempt->why;
}

NotifierConfig notifierConfig(QVariantMap options, bool fromFile)
{
    return { options.value(QStringLiteral("name")).toString(),
        options.value(QStringLiteral("type")).toString(), options, fromFile };
}

NotifyArena::NotifyArena(QList<NotifierConfig> notifiers)
    : configured(std::move(notifiers))
{
    start();
}

NotifyArena::~NotifyArena()
{
    stop();
}

void NotifyArena::start()
{
    Result<std::unique_ptr<StateDatabase>> opened
        = StateDatabase::open(m_folder.filePath(QStringLiteral("state.db")));
    if (!opened)
        qFatal("%s", qPrintable(opened.error().message));
    m_state = std::move(*opened);
    m_timers = std::make_unique<TimerQueue>(m_clock);
    m_hub = std::make_unique<Hub>(m_clock,
        HubIdentity {
            QStringLiteral("Home"), QStringLiteral("UTC"), m_folder.path(), QString(), false });
    Result<void> added = m_hub->add(
        std::make_unique<persistentnotification::PersistentNotificationIntegration>(*m_state), {});
    if (added)
        added = m_hub->add(
            std::make_unique<NotifyIntegration>(
                NotifyIntegration::Parts { *m_state, *m_timers, configured,
                    [this](const QString &, const QString &sentence) { activity.append(sentence); },
                    httpTimeout }),
            {});
    if (!added)
        qFatal("%s", qPrintable(added.error().message));
    m_hub->enter(HubState::Running);
}

void NotifyArena::stop()
{
    m_hub.reset();
    m_timers.reset();
    m_state.reset();
}

void NotifyArena::pass(std::chrono::seconds time)
{
    m_clock.set(m_clock.now().addSecs(time.count()));
    m_timers->wake();
}

ActionResult NotifyArena::begin(const QString &action, const QVariantMap &arguments)
{
    return m_hub->actions().call(action, { arguments, Context::make() });
}

QString NotifyArena::call(const QString &action, const QVariantMap &arguments)
{
    const ActionResult result = begin(action, arguments);
    if (!QTest::qWaitFor([&] { return result.isFinished(); }, 20'000))
        return QStringLiteral("no end");
    const Result<QVariantMap> ended = result.result();
    if (!ended)
        return ended.error().message;
    return ended->value(QStringLiteral("queued")).toBool() ? QStringLiteral("queued")
                                                           : QStringLiteral("delivered");
}

int NotifyArena::rows()
{
    Result<QSqlQuery> count = m_state->run(QStringLiteral("SELECT count(*) FROM notify_queue"));
    return count && count->next() ? count->value(0).toInt() : -1;
}

QStringList NotifyArena::notices()
{
    QStringList messages;
    for (const PersistentNotification &notice : m_hub->find<PersistentNotifications>()->all())
        messages.append(notice.message);
    return messages;
}

} // namespace hubkeep::test
