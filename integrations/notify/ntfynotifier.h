// ntfy (https://ntfy.sh, or one's own): published as JSON to the server's root, so that titles of
// any language arrive.
//
// data: priority (1 to 5, or min, low, default, high, max), tags, click, icon, attach, actions
// (ntfy's own, or Home Assistant's {"action": "URI", "title", "uri"}), and what automations for
// Home Assistant's app say: clickAction, url, image, push.interruption-level. What it does not
// know is left out.
//
// Main thread; client outlives it.

#pragma once

#include "automation/core/result.h"
#include "integrations/notify/httpclient.h"
#include "integrations/notify/notifier.h"

#include <QJsonObject>

namespace hubkeep::notify {

class NtfyNotifier final : public Notifier
{
public:
    // InvalidArgument names what is wrong in options.
    static Result<std::unique_ptr<Notifier>> make(HttpClient &client, const QVariantMap &options);

    void send(const Notification &notification, Done done) override;

    QJsonObject document(const Notification &notification) const; // what is published

private:
    explicit NtfyNotifier(HttpClient &client)
        : m_client(client)
    {
    }

    HttpClient &m_client;
    QUrl m_server;
    QString m_topic;
    QByteArray m_authorization; // empty: none
    int m_priority = 0; // 0: the server's default
    QStringList m_tags;
    std::unique_ptr<HttpExchange> m_exchange;
};

// The address without its last part, and that part: the topic. Invalid where there is none.
QPair<QUrl, QString> splitTopic(const QUrl &url);

// 1 to 5; 0: no priority that anybody knows.
int ntfyPriority(const QVariant &value);

// "Basic …"
QByteArray basicAuthorization(const QString &user, const QString &password);

} // namespace hubkeep::notify
