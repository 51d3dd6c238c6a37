#include "integrations/notify/desktopnotifier.h"

#include "integrations/notify/ntfynotifier.h"

#include <QDBusError>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QFileInfo>
#include <QProcess>
#include <QUrl>

#include <algorithm>
#include <utility>

namespace hubkeep::notify {
namespace {

using Outcome = Attempt::Outcome;

constexpr int answerTimeout = 10'000; // milliseconds
constexpr qsizetype mostRemembered = 100; // links and tags

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QString service()
{
    return QStringLiteral("org.freedesktop.Notifications");
}

QString objectPath()
{
    return QStringLiteral("/org/freedesktop/Notifications");
}

QDBusMessage call(const char *method)
{
    return QDBusMessage::createMethodCall(service(), objectPath(), service(), key(method));
}

QString linkIn(const QVariantMap &data)
{
    for (const char *name : { "click", "clickAction", "url" }) {
        const QUrl url(data.value(key(name)).toString());
        if ((url.scheme() == u"http" || url.scheme() == u"https") && !url.host().isEmpty())
            return url.toString(QUrl::FullyEncoded);
    }
    return {};
}

uchar urgencyIn(const QVariantMap &data)
{
    const QString urgency = data.value(key("urgency")).toString().toLower();
    if (urgency == u"low")
        return 0;
    if (urgency == u"critical")
        return 2;
    const int priority = urgency.isEmpty() ? ntfyPriority(data.value(key("priority"))) : 3;
    return priority == 5 ? 2 : uchar(priority == 1 || priority == 2 ? 0 : 1);
}

// Milliseconds; -1: as the service likes.
int timeoutIn(const QVariantMap &data)
{
    bool isNumber = false;
    const double seconds = data.value(key("timeout")).toDouble(&isNumber);
    return isNumber ? int(std::clamp(seconds, 0.0, 86'400.0) * 1000) : -1;
}

Attempt failed(const QDBusError &error)
{
    switch (error.type()) {
    case QDBusError::InvalidArgs:
    case QDBusError::InvalidSignature:
        return {
            Outcome::Never,
            QStringLiteral("The desktop's notification service refused it: %1").arg(error.message())
        };
    case QDBusError::ServiceUnknown:
        return { Outcome::Later,
            QStringLiteral("The session has no notification service; start one, as dunst") };
    default:
        return { Outcome::Later,
            QStringLiteral("The desktop's notification service failed: %1").arg(error.message()) };
    }
}

QString newConnectionName()
{
    static int count = 0;
    return QStringLiteral("hubkeep-notify-%1").arg(++count);
}

} // namespace

DesktopNotifier::DesktopNotifier(const QVariantMap &options)
    : m_icon(options.value(key("icon")).toString())
    , m_connectionName(newConnectionName())
{
}

DesktopNotifier::~DesktopNotifier()
{
    m_bus.reset();
    QDBusConnection::disconnectFromBus(m_connectionName);
}

Attempt DesktopNotifier::connectToSession()
{
    if (m_bus && m_bus->isConnected())
        return {};
    m_bus.reset();
    m_abilities.reset();
    m_byTag.clear();
    m_links.clear();
    QDBusConnection::disconnectFromBus(m_connectionName);
    // Without either, libdbus would start a bus of its own, where nobody listens.
    const bool hasSession = !qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS")
        || QFileInfo::exists(qEnvironmentVariable("XDG_RUNTIME_DIR") + QStringLiteral("/bus"));
    if (!hasSession)
        return { Outcome::Later,
            QStringLiteral("The hub runs outside of a desktop session (there is no "
                           "DBUS_SESSION_BUS_ADDRESS); run it as a service of that user") };
    QDBusConnection bus
        = QDBusConnection::connectToBus(QDBusConnection::SessionBus, m_connectionName);
    if (!bus.isConnected())
        return { Outcome::Later,
            QStringLiteral("The session's D-Bus cannot be reached: %1")
                .arg(bus.lastError().message()) };
    // From anybody: asking who the service is would wait for it.
    bus.connect(QString(), objectPath(), service(), key("ActionInvoked"), this,
        SLOT(actionInvoked(uint, QString)));
    bus.connect(QString(), objectPath(), service(), key("NotificationClosed"), this,
        SLOT(notificationClosed(uint)));
    m_bus = bus;
    return {};
}

template <typename Function>
void DesktopNotifier::whenFinished(const QDBusPendingCall &pending, Function function)
{
    auto *watcher = new QDBusPendingCallWatcher(pending, this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this,
        [function = std::move(function)](QDBusPendingCallWatcher *finished) {
            finished->deleteLater();
            function(*finished);
        });
}

void DesktopNotifier::send(const Notification &notification, Done done)
{
    const Attempt connected = connectToSession();
    if (connected.outcome != Outcome::Delivered)
        return done(connected);
    if (m_abilities)
        notify(notification, std::move(done));
    else
        askAbilities(notification, std::move(done));
}

void DesktopNotifier::askAbilities(const Notification &notification, Done done)
{
    whenFinished(m_bus->asyncCall(call("GetCapabilities"), answerTimeout),
        [this, notification, done = std::move(done)](const QDBusPendingCall &finished) {
            const QDBusPendingReply<QStringList> reply = finished;
            if (reply.isError())
                return done(failed(reply.error()));
            m_abilities = reply.value();
            notify(notification, done);
        });
}

void DesktopNotifier::notify(const Notification &notification, Done done)
{
    const QVariantMap &data = notification.data;
    const auto can = [this](const char *ability) { return m_abilities->contains(key(ability)); };
    // Of two texts the summary is the one that every service shows.
    const bool hasTitle = !notification.title.isEmpty();
    const QString summary = hasTitle ? notification.title : notification.message;
    QString body = hasTitle ? notification.message : QString();
    if (can("body-markup"))
        body = body.toHtmlEscaped();
    QStringList actions;
    if (can("actions") && !linkIn(data).isEmpty())
        actions = { key("default"), key("Open") };
    const QString icon = data.contains(key("icon")) ? data.value(key("icon")).toString() : m_icon;
    QDBusMessage message = call("Notify");
    message.setArguments(
        { key("HubKeep"), m_byTag.value(data.value(key("tag")).toString(), 0u), icon, summary, body,
            actions, QVariantMap { { key("urgency"), QVariant::fromValue(urgencyIn(data)) } },
            timeoutIn(data) });
    whenFinished(m_bus->asyncCall(message, answerTimeout),
        [this, notification, done = std::move(done)](const QDBusPendingCall &finished) {
            const QDBusPendingReply<uint> reply = finished;
            if (reply.isError()) {
                if (reply.error().type() == QDBusError::ServiceUnknown)
                    m_abilities.reset(); // the next service may have others
                return done(failed(reply.error()));
            }
            shown(reply.value(), notification);
            done({});
        });
}

void DesktopNotifier::shown(uint id, const Notification &notification)
{
    if (m_byTag.size() >= mostRemembered)
        m_byTag.clear();
    if (m_links.size() >= mostRemembered)
        m_links.clear();
    const QString tag = notification.data.value(key("tag")).toString();
    if (!tag.isEmpty())
        m_byTag.insert(tag, id);
    const QString link = linkIn(notification.data);
    if (!link.isEmpty())
        m_links.insert(id, link);
}

void DesktopNotifier::actionInvoked(uint id, const QString &action)
{
    const QString link = m_links.value(id);
    if (action == u"default" && !link.isEmpty())
        QProcess::startDetached(key("xdg-open"), { link });
}

void DesktopNotifier::notificationClosed(uint id)
{
    m_links.remove(id);
    m_byTag.removeIf([id](const auto &tag) { return tag.value() == id; });
}

} // namespace hubkeep::notify
