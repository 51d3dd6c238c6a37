#include "integrations/backup/keyreminder.h"

#include "automation/core/persistentnotifications.h"

#include <QJsonArray>
#include <QLoggingCategory>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(reminderLog, "hubkeep.backup.keys")

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds lookInterval = 1min;

const QString askedSetting = QStringLiteral("backup.keys_asked");

QString noticeId(const QString &keyId)
{
    return QStringLiteral("backup_key_") + keyId;
}

QString lostMark(const QString &keyId)
{
    return QStringLiteral("lost ") + keyId;
}

} // namespace

KeyReminder::KeyReminder(Hub &hub, StateDatabase &state, KeyStore keys, TimerQueue &timers)
    : m_hub(hub)
    , m_state(state)
    , m_keys(std::move(keys))
    , m_timers(timers)
{
    const Result<std::optional<QJsonValue>> stored = m_state.setting(askedSetting);
    if (stored && *stored)
        m_asked = (*stored)->toVariant().toStringList();
    lookLater();
}

void KeyReminder::setRecipients(const QStringList &recipients)
{
    m_recipients = recipients;
    look();
}

void KeyReminder::lookLater()
{
    m_timer = m_timers.after(lookInterval, [this] {
        lookLater();
        look();
    });
}

void KeyReminder::look()
{
    auto *const notices = m_hub.find<PersistentNotifications>();
    const Result<QList<StoredKey>> keys = m_keys.list();
    if (!keys || !notices)
        return;
    for (const StoredKey &key : m_keys.lost()) {
        if (m_recipients.contains(key.recipient) && !m_asked.contains(lostMark(key.id)))
            tellLost(key);
    }
    for (const StoredKey &key : *keys) {
        if (m_asked.removeAll(lostMark(key.id)) > 0) { // it is back
            notices->dismiss(noticeId(key.id));
            m_asked.removeAll(key.id);
            save();
        }
        if (key.confirmed.isValid())
            notices->dismiss(noticeId(key.id));
        else if (m_recipients.contains(key.recipient) && !m_asked.contains(key.id))
            ask(key);
    }
}

void KeyReminder::ask(const StoredKey &key)
{
    QStringList groups;
    for (const int group : key.asked)
        groups.append(QString::number(group));
    const QString message
        = QStringLiteral("Backups are encrypted to the key %1, and nobody has proved yet that its "
                         "recovery kit is kept. Without it they open on this machine only, and a "
                         "lost machine is what they are for. Print it with `hubkeep key show-kit "
                         "%1`, keep it elsewhere, and type its groups %2 back with `hubkeep key "
                         "confirm %1 …`.")
              .arg(key.id, groups.join(QStringLiteral(" and ")));
    m_asked.append(key.id);
    tell(key, QStringLiteral("Is the recovery kit kept?"), message);
}

void KeyReminder::tellLost(const StoredKey &key)
{
    const QString message
        = QStringLiteral(
            "The key %1, which backups are encrypted to, is lost: keys/%1.txt is gone, "
            "and this hub cannot open those backups any more. %2, or make another "
            "with `hubkeep key create` and name it in hubkeep.yaml for the backups to "
            "come.")
              .arg(key.id,
                  key.confirmed.isValid()
                      ? QStringLiteral("Write the identity from its recovery kit into that file")
                      : QStringLiteral("If its recovery kit was printed, which nobody proved, "
                                       "write the identity from it into that file"));
    m_asked.append(lostMark(key.id));
    tell(key, QStringLiteral("The key of the backups is lost"), message);
}

void KeyReminder::tell(const StoredKey &key, const QString &title, const QString &message)
{
    qCWarning(reminderLog).noquote() << message;
    m_hub.find<PersistentNotifications>()->create(noticeId(key.id), title, message);
    save();
}

void KeyReminder::save()
{
    const Result<void> saved
        = m_state.setSetting(askedSetting, QJsonArray::fromStringList(m_asked));
    if (!saved)
        qCWarning(reminderLog).noquote() << saved.error().message;
}

} // namespace hubkeep::backup
