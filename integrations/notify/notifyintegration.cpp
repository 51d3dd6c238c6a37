#include "integrations/notify/notifyintegration.h"

#include "automation/core/nearest.h"
#include "automation/core/persistentnotifications.h"
#include "integrations/notify/notifiertypes.h"
#include "integrations/notify/secrets.h"

#include <QElapsedTimer>
#include <QLoggingCategory>
#include <QPromise>

#include <utility>

namespace hubkeep::notify {
namespace {

Q_LOGGING_CATEGORY(notifyLog, "hubkeep.notify")

constexpr qsizetype longestNotification = 64 * 1024; // bytes, all of it

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QString actionOf(const QString &notifier)
{
    return QStringLiteral("notify.") + notifier;
}

// One that was written down and cannot work.
class RefusingNotifier final : public Notifier
{
public:
    explicit RefusingNotifier(QString why)
        : m_why(std::move(why))
    {
    }
    void send(const Notification &, Done done) override
    {
        done({ Attempt::Outcome::Never, m_why });
    }

private:
    const QString m_why;
};

// A template's result may be a number or a boolean: what its text would have been.
Result<QString> textOf(const QVariantMap &arguments, const char *name)
{
    const QVariant value = arguments.value(key(name));
    if (value.typeId() == QMetaType::Bool)
        return value.toBool() ? QStringLiteral("True") : QStringLiteral("False");
    if (value.typeId() == QMetaType::QVariantList || value.typeId() == QMetaType::QVariantMap
        || value.typeId() == QMetaType::QStringList)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("Sending a notification: the field '%1' takes a text").arg(key(name)) };
    return value.toString();
}

Result<Notification> notificationFrom(const QVariantMap &arguments)
{
    const Result<QString> title = textOf(arguments, "title");
    if (!title)
        return title.error();
    const Result<QString> message = textOf(arguments, "message");
    if (!message)
        return message.error();
    Notification notification { *title, *message, arguments.value(QStringLiteral("data")).toMap() };
    if (toBytes(notification).size() > longestNotification)
        return Error { ErrorCode::TooLarge,
            QStringLiteral("Sending a notification: it is longer than %1 KiB; shorten its message "
                           "or data")
                .arg(longestNotification / 1024) };
    return notification;
}

QMap<QString, ActionField> commonFields()
{
    return { { key("message"),
                 { QStringLiteral("What it says"), FieldType::Any, true,
                     QStringLiteral("The backup failed") } },
        { key("title"), { QStringLiteral("Its title"), FieldType::Any } },
        { key("data"),
            { QStringLiteral("What else the notifier understands: priority, tags, click, …"),
                FieldType::Object } } };
}

ActionDescription describe(
    const QString &name, const QString &title, const QString &summary, const char *targets)
{
    ActionDescription description { name, title, summary, commonFields() };
    description.fields.insert(key("target"), { key(targets), FieldType::List });
    description.responds = true;
    return description;
}

// What several notifiers answer, gathered.
struct Gathered
{
    QPromise<Result<QVariantMap>> promise {};
    qsizetype left = 0;
    QVariantMap notifiers {};
    bool queued = false;
    QStringList failures {};

    void add(const QString &name, const Delivery &delivery)
    {
        const bool isQueued = delivery.state == Delivery::State::Queued;
        queued |= isQueued;
        notifiers.insert(name, isQueued ? key("queued") : key("delivered"));
        if (delivery.state == Delivery::State::Refused)
            failures.append(QStringLiteral("Telling %1: %2").arg(name, delivery.why));
        if (--left > 0)
            return;
        if (failures.isEmpty())
            promise.addResult(
                QVariantMap { { key("queued"), queued }, { key("notifiers"), notifiers } });
        else
            promise.addResult(Error { ErrorCode::Io, failures.join(QStringLiteral("; ")) });
        promise.finish();
    }
};

} // namespace

NotifyIntegration::NotifyIntegration(Parts parts)
    : m_parts(std::move(parts))
    , m_store(m_parts.state)
    , m_http(m_parts.httpTimeout)
{
}

NotifyIntegration::~NotifyIntegration()
{
    if (!m_hub)
        return;
    m_hub->withdraw<NotifyIntegration>();
    for (const NotifierConfig &notifier : std::as_const(m_active))
        m_hub->actions().remove(actionOf(notifier.name));
    m_hub->actions().remove(actionOf(key("notify")));
    m_hub->actions().remove(actionOf(key("send_message")));
}

Result<void> NotifyIntegration::setUp(Hub &hub, const QVariantMap &)
{
    m_dispatcher = std::make_unique<Dispatcher>(Dispatcher::Parts { m_parts.state, m_parts.timers,
        [this](const QString &notifier, int count, const QString &why) {
            givenUp(notifier, count, why);
        } });
    Result<void> done = m_store.load();
    if (done)
        done = m_dispatcher->load();
    if (!done)
        return done;
    m_hub = &hub;
    m_store.setFromFile(m_parts.notifiers);
    addCommonActions();
    apply();
    hub.provide(this);
    if (hub.state() == HubState::Running)
        m_dispatcher->start();
    else // a command that only borrows the hub's parts sends nothing
        m_starting = hub.bus().subscribe(QStringLiteral("homeassistant_start"),
            [this](const Event &) { m_dispatcher->start(); });
    return {};
}

void NotifyIntegration::reconfigure(const QList<NotifierConfig> &notifiers)
{
    m_store.setFromFile(notifiers);
    apply();
}

Result<void> NotifyIntegration::addNotifier(const NotifierConfig &notifier)
{
    const Result<std::unique_ptr<Notifier>> made = makeNotifier(notifier, m_http, *m_hub);
    if (!made)
        return made.error();
    const Result<void> added = m_store.add(notifier);
    if (added)
        apply();
    return added;
}

Result<void> NotifyIntegration::replaceNotifier(const QString &name, const NotifierConfig &notifier)
{
    const Result<std::unique_ptr<Notifier>> made = makeNotifier(notifier, m_http, *m_hub);
    if (!made)
        return made.error();
    const Result<void> replaced = m_store.replace(name, notifier);
    if (replaced)
        apply();
    return replaced;
}

Result<void> NotifyIntegration::removeNotifier(const QString &name)
{
    const Result<void> removed = m_store.remove(name);
    if (!removed)
        return removed;
    const int dropped = m_dispatcher->removeNotifier(name, true);
    if (dropped > 0)
        qCWarning(notifyLog).noquote()
            << QStringLiteral("The notifier %1 was removed, and %2 notifications with it")
                   .arg(name)
                   .arg(dropped);
    apply();
    return {};
}

void NotifyIntegration::apply()
{
    QStringList wanted;
    for (const NotifierConfig &notifier : m_store.all())
        wanted.append(notifier.name);
    for (const QString &name : m_active.keys()) {
        if (wanted.contains(name))
            continue;
        m_hub->actions().remove(actionOf(name));
        m_dispatcher->removeNotifier(name, false);
        m_active.remove(name);
    }
    for (const NotifierConfig &notifier : m_store.all()) {
        const auto active = m_active.constFind(notifier.name);
        if (active == m_active.constEnd() || active->options != notifier.options)
            put(notifier);
    }
}

void NotifyIntegration::put(const NotifierConfig &notifier)
{
    const bool isNew = !m_active.contains(notifier.name);
    if (isNew && m_hub->actions().has(actionOf(notifier.name))) {
        qCWarning(notifyLog).noquote()
            << QStringLiteral("The notifier %1 is left out: there is an action of its name already")
                   .arg(notifier.name);
        return;
    }
    Result<std::unique_ptr<Notifier>> made = makeNotifier(notifier, m_http, *m_hub);
    if (!made) {
        qCWarning(notifyLog).noquote()
            << made.error().in(QStringLiteral("The notifier %1").arg(notifier.name)).message;
        made = std::unique_ptr<Notifier>(std::make_unique<RefusingNotifier>(made.error().message));
    }
    m_dispatcher->setNotifier(notifier.name, std::move(*made), Secrets::of(notifier));
    m_active.insert(notifier.name, notifier);
    if (isNew)
        addAction(notifier.name);
}

void NotifyIntegration::addAction(const QString &notifier)
{
    m_hub->actions().add(
        describe(actionOf(notifier), QStringLiteral("Send a notification via %1").arg(notifier),
            QStringLiteral("Sends a notification to %1.").arg(notifier),
            "Whom the notifier is to tell, where it knows several"),
        [this, notifier](const ActionCall &call) {
            Result<Notification> notification = notificationFrom(call.arguments);
            if (!notification)
                return finishedAction(notification.error());
            notification->targets = call.arguments.value(key("target")).toStringList();
            return send({ notifier }, *notification);
        });
}

void NotifyIntegration::addCommonActions()
{
    m_hub->actions().add(describe(actionOf(key("notify")), QStringLiteral("Send a notification"),
                             QStringLiteral("Sends a notification to the first notifier."),
                             "Whom the notifier is to tell, where it knows several"),
        [this](const ActionCall &call) {
            Result<Notification> notification = notificationFrom(call.arguments);
            if (!notification)
                return finishedAction(notification.error());
            notification->targets = call.arguments.value(key("target")).toStringList();
            const Result<QStringList> all = namedBy({});
            return all ? send({ all->first() }, *notification) : finishedAction(all.error());
        });
    ActionDescription description
        = describe(actionOf(key("send_message")), QStringLiteral("Send a notification message"),
            QStringLiteral("Sends a notification to the notifiers that are named, or to all."),
            "The notifiers' names; all without");
    const ActionField names { QStringLiteral("The notifiers' names, as ops or notify.ops"),
        FieldType::List };
    description.fields.insert(key("notifier"), names);
    description.fields.insert(key("entity_id"), names);
    m_hub->actions().add(description, [this](const ActionCall &call) {
        const Result<Notification> notification = notificationFrom(call.arguments);
        if (!notification)
            return finishedAction(notification.error());
        const Result<QStringList> notifiers = namedBy(call.arguments);
        return notifiers ? send(*notifiers, *notification) : finishedAction(notifiers.error());
    });
}

Result<QStringList> NotifyIntegration::namedBy(const QVariantMap &arguments) const
{
    QStringList known;
    for (const NotifierConfig &notifier : m_store.all()) {
        if (m_active.contains(notifier.name))
            known.append(notifier.name);
    }
    if (known.isEmpty())
        return Error { ErrorCode::NotFound,
            QStringLiteral("There is no notifier; name one under 'notify' in hubkeep.yaml") };
    QStringList names;
    for (const char *field : { "notifier", "target", "entity_id" }) {
        for (QString name : arguments.value(key(field)).toStringList()) {
            if (name == u"all")
                return known;
            if (name.startsWith(QLatin1String("notify.")))
                name.remove(0, 7);
            if (!known.contains(name))
                return Error {
                    ErrorCode::NotFound,
                    QStringLiteral("There is no notifier %1%2").arg(name, didYouMean(name, known))
                };
            if (!names.contains(name))
                names.append(name);
        }
    }
    return names.isEmpty() ? known : names;
}

ActionResult NotifyIntegration::send(const QStringList &names, const Notification &notification)
{
    const auto gathered = std::make_shared<Gathered>();
    gathered->promise.start();
    gathered->left = names.size();
    const ActionResult result = gathered->promise.future();
    for (const QString &name : names)
        m_dispatcher->send(name, notification,
            [gathered, name](const Delivery &delivery) { gathered->add(name, delivery); });
    return result;
}

QFuture<NotifyIntegration::Test> NotifyIntegration::testNotifier(const NotifierConfig &notifier)
{
    const auto promise = std::make_shared<QPromise<Test>>();
    promise->start();
    const QFuture<Test> future = promise->future();
    QElapsedTimer timer;
    timer.start();
    const auto finish = [promise, timer](const Attempt &attempt, const QString &why) {
        const bool ok = attempt.outcome == Attempt::Outcome::Delivered;
        promise->addResult(Test { ok, ok ? QStringLiteral("The notification was sent") : why,
            double(timer.elapsed()) / 1000 });
        promise->finish();
    };
    Result<std::unique_ptr<Notifier>> made = makeNotifier(notifier, m_http, *m_hub);
    if (!made) {
        finish({ Attempt::Outcome::Never }, made.error().message);
        return future;
    }
    const qint64 id = ++m_lastTest;
    Notifier *sender = (m_tests[id] = std::move(*made)).get();
    sender->send(
        { QStringLiteral("HubKeep"), QStringLiteral("This is a test: notifications arrive here.") },
        [this, id, finish, secrets = Secrets::of(notifier)](const Attempt &attempt) {
            // Not from inside its own call.
            QMetaObject::invokeMethod(
                m_dispatcher.get(), [this, id] { m_tests.erase(id); }, Qt::QueuedConnection);
            finish(attempt, secrets.redacted(attempt.why));
        });
    return future;
}

void NotifyIntegration::givenUp(const QString &notifier, int count, const QString &why)
{
    const QString sentence = count == 1
        ? QStringLiteral("A notification to %1 was given up: %2").arg(notifier, why)
        : QStringLiteral("%1 notifications to %2 were given up: %3").arg(count).arg(notifier, why);
    qCWarning(notifyLog).noquote() << sentence;
    if (m_parts.givenUp)
        m_parts.givenUp(notifier, sentence);
    if (auto *notices = m_hub ? m_hub->find<PersistentNotifications>() : nullptr)
        notices->create(
            QStringLiteral("notify_") + notifier, QStringLiteral("Nobody was told"), sentence);
}

} // namespace hubkeep::notify
