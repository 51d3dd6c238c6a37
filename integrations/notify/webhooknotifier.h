// A POST or PUT of JSON to an address.
//
//     body: {"text": "*{{ title }}* {{ message }}", "level": "{{ data.level | default('info') }}"}
//
// Each text in the body is a template of its own and stays a text, so that no message breaks out
// of its place; keys, numbers and the rest are sent as they are written. Templates see title
// (empty: none), message, data, target, notifier, and the states. Without a body {"title",
// "message", "data"} is sent, with null for no title.
//
// Main thread; client and hub outlive it.

#pragma once

#include "automation/core/hub.h"
#include "integrations/notify/httpclient.h"
#include "integrations/notify/notifier.h"

#include <QJsonValue>

namespace hubkeep::notify {

class WebhookNotifier final : public Notifier
{
public:
    // InvalidArgument names what is wrong in options: the address, a header, a template.
    static Result<std::unique_ptr<Notifier>> make(
        HttpClient &client, Hub &hub, const QVariantMap &options);

    void send(const Notification &notification, Done done) override;

    // What is sent; an error says where in the body a template failed.
    Result<QJsonValue> document(const Notification &notification) const;

private:
    WebhookNotifier(HttpClient &client, Hub &hub)
        : m_client(client)
        , m_hub(hub)
    {
    }

    HttpClient &m_client;
    Hub &m_hub;
    QString m_name;
    HttpRequest m_request; // without a body
    QVariant m_body; // invalid: the default
    std::unique_ptr<HttpExchange> m_exchange;
};

// What is wrong with a text of a body, as a sentence; empty: nothing.
QString bodyTextProblem(const QString &text);

// What is wrong with a header that somebody wants to send; empty: nothing.
QString headerProblem(const QString &name, const QString &value);

} // namespace hubkeep::notify
