// Telling people: the notifiers of hubkeep.yaml and of the API, each an action of its own.
//
//     hub.add(std::make_unique<NotifyIntegration>(std::move(parts)), {});
//     hub.actions().call("notify.ops", { { { "message", "The backup failed" } } });
//
// Actions: notify.<name>; notify.notify, the first notifier; notify.send_message, those that
// `notifier`, `target` or `entity_id` name (as "ops" or "notify.ops"), or all. They take message,
// title, data and target, and end when the first try has ended, after ten seconds at most:
//
//   delivered                        success, {"queued": false}
//   not now (no network, 5xx, 429)   success, {"queued": true}, and a warning; it is tried again
//                                    for 48 hours, also after a restart (dispatcher.h)
//   never (a bad address, 403)       failure
//
// What is given up later is in the log, in the activity and a persistent notification.
//
// Secrets (tokens, passwords, headers, addresses) are in no log, error or answer (secrets.h).
//
// Main thread. setUp() provides NotifyIntegration to the hub. Destroying it waits for nobody.

#pragma once

#include "automation/core/hub.h"
#include "automation/core/integration.h"
#include "automation/core/statedatabase.h"
#include "automation/core/timerqueue.h"
#include "integrations/notify/dispatcher.h"
#include "integrations/notify/httpclient.h"
#include "integrations/notify/notifierstore.h"

#include <QFuture>

#include <chrono>
#include <memory>
#include <optional>

namespace hubkeep::notify {

class NotifyIntegration final : public Integration
{
public:
    struct Parts
    {
        StateDatabase &state;
        TimerQueue &timers;
        QList<NotifierConfig> notifiers; // of the file
        // Writes into the activity that something never arrived.
        std::function<void(const QString &notifier, const QString &sentence)> givenUp {};
        std::chrono::milliseconds httpTimeout = std::chrono::seconds(30);
    };

    explicit NotifyIntegration(Parts parts);
    ~NotifyIntegration() override;

    QString name() const override { return QStringLiteral("notify"); }
    Result<void> setUp(Hub &hub, const QVariantMap &config) override;

    // --- The notifiers: those of the file, then those of the API. With their secrets.
    QList<NotifierConfig> notifiers() const { return m_store.all(); }
    std::optional<NotifierConfig> find(const QString &name) const { return m_store.find(name); }
    // Busy for a name that is taken or that the file has; InvalidArgument names the field.
    Result<void> addNotifier(const NotifierConfig &notifier);
    Result<void> replaceNotifier(const QString &name, const NotifierConfig &notifier);
    Result<void> removeNotifier(const QString &name); // and what waits for it

    struct Test
    {
        bool ok = false;
        QString message;
        double seconds = 0;
    };
    // Sends a message to try it out, once, without saving anything.
    QFuture<Test> testNotifier(const NotifierConfig &notifier);

    // The file was read again.
    void reconfigure(const QList<NotifierConfig> &notifiers);

    // To each of these; requires that they exist.
    ActionResult send(const QStringList &names, const Notification &notification);

private:
    void apply(); // makes notifiers and actions what m_store says
    void put(const NotifierConfig &notifier);
    void addAction(const QString &notifier);
    void addCommonActions();
    void givenUp(const QString &notifier, int count, const QString &why);
    Result<QStringList> namedBy(const QVariantMap &arguments) const;

    const Parts m_parts;
    Hub *m_hub = nullptr;
    NotifierStore m_store;
    HttpClient m_http;
    std::unique_ptr<Dispatcher> m_dispatcher;
    QMap<QString, NotifierConfig> m_active; // by name: those in m_dispatcher
    std::map<qint64, std::unique_ptr<Notifier>> m_tests;
    qint64 m_lastTest = 0;
    Subscription m_starting;
};

} // namespace hubkeep::notify
