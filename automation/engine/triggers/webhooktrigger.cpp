// webhook: somebody called POST /api/webhook/<webhook_id>.

#include "automation/engine/triggers/triggerfamilies.h"
#include "automation/engine/webhooks.h"

#include <QUrlQuery>

namespace hubkeep::automation {
namespace {

struct WebhookWritten
{
    TemplatedValue id;
    Webhooks::Options options;
};

TemplateValue formOf(const QByteArray &body)
{
    TemplateDict form;
    QByteArray text = body;
    text.replace('+', ' ');
    const QUrlQuery query(QString::fromUtf8(text));
    for (const auto &[name, value] : query.queryItems(QUrl::FullyDecoded)) {
        if (!form.find(name)) // of several the first, as there
            form.insert(TemplateValue(name), TemplateValue(value));
    }
    return TemplateValue(std::move(form));
}

TemplateValue dictOf(const QHash<QString, QString> &values)
{
    TemplateDict dict;
    QStringList names = values.keys();
    names.sort();
    for (const QString &name : names)
        dict.insert(TemplateValue(name), TemplateValue(values.value(name)));
    return TemplateValue(std::move(dict));
}

class WebhookTrigger final : public BasicTrigger
{
public:
    WebhookTrigger(TriggerOptionsPointer options, std::shared_ptr<const WebhookWritten> written)
        : BasicTrigger(std::move(options))
        , m_written(std::move(written))
    {
    }
    std::unique_ptr<Trigger> fresh() const override
    {
        return std::make_unique<WebhookTrigger>(options(), m_written);
    }

protected:
    Result<void> listen() override
    {
        const Result<TemplateValue> id = m_written->id.render(limitedScope());
        if (!id)
            return id.error().in(QStringLiteral("webhook_id"));
        const QString text = id->toText();
        if (text.isEmpty())
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("webhook_id: its template gave nothing") };
        m_registration = parts().webhooks.add(
            text, m_written->options, [this](const WebhookCall &call) { called(call); });
        return {};
    }

private:
    void called(const WebhookCall &call)
    {
        TemplateDict seen = variables();
        seen.insert(textValue("webhook_id"), TemplateValue(call.id));
        if (call.contentType.contains("json")) {
            const Result<TemplateValue> json = call.body.isEmpty()
                ? Result<TemplateValue>(TemplateValue(TemplateDict()))
                : TemplateValue::fromJson(call.body);
            if (!json)
                return warn(
                    QStringLiteral("what was sent is no JSON: %1").arg(json.error().message));
            seen.insert(textValue("json"), *json);
        } else {
            const bool isForm = call.contentType.startsWith("application/x-www-form-urlencoded");
            seen.insert(
                textValue("data"), isForm ? formOf(call.body) : TemplateValue(TemplateDict()));
        }
        seen.insert(textValue("query"), dictOf(call.query));
        seen.insert(textValue("headers"), dictOf(call.headers));
        seen.insert(textValue("method"), TemplateValue(call.method));
        fire(std::move(seen), QStringLiteral("webhook"));
    }

    const std::shared_ptr<const WebhookWritten> m_written;
    Webhooks::Registration m_registration;
};

} // namespace

TriggerPointer readWebhookTrigger(ConfigReader &reader, TriggerOptionsPointer options)
{
    static const QStringList known { QStringLiteral("GET"), QStringLiteral("HEAD"),
        QStringLiteral("POST"), QStringLiteral("PUT") };
    auto written = std::make_shared<WebhookWritten>();
    if (const Value *id = reader.required(QStringLiteral("webhook_id"))) {
        if (id->isCollection())
            reader.problem(id->place(),
                QStringLiteral("webhook_id: must be a text, not %1").arg(id->describe()));
        // A number is the text that was written.
        const bool isText = id->kind() == Value::Kind::String || id->isCollection();
        written->id = TemplatedValue::parse(
            isText ? *id : Value::string(id->text(), id->place()), reader.problems());
    }
    const QStringList methods
        = choicesOf(reader, QStringLiteral("allowed_methods"), known, CaseOfChoices::Upper);
    if (!methods.isEmpty())
        written->options.methods = methods;
    written->options.localOnly = reader.boolean(QStringLiteral("local_only"), true);
    return std::make_unique<WebhookTrigger>(std::move(options), std::move(written));
}

} // namespace hubkeep::automation
