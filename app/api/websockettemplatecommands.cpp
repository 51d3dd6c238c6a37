// render_template: a template's result, and each one after it.

#include "app/api/templateroute.h"
#include "app/api/websocketapi.h"
#include "app/api/websocketsession.h"
#include "automation/engine/templatewatch.h"

#include <QJsonDocument>

namespace hubkeep::api {
namespace {

using automation::EngineParts;
using automation::TemplateWatch;

QJsonArray sorted(const QSet<QString> &texts)
{
    QStringList list = texts.values();
    list.sort();
    return QJsonArray::fromStringList(list);
}

// What a subscription owns.
class Rendering final : public QObject
{
public:
    Rendering(WebSocketSession &session, qint64 id, const EngineParts &parts, const Template &what,
        TemplateVariables variables, bool strict, bool reportErrors)
        : m_session(session)
        , m_id(id)
        , m_reportErrors(reportErrors)
        , m_variables(std::move(variables))
        , m_watch(parts, what, m_variables,
              [this](const TemplateWatch::Rendered &rendered) { tell(rendered.result); })
    {
        m_watch.setStrict(strict);
    }

    void start() { tell(m_watch.start()); }

private:
    void tell(const Result<TemplateValue> &result)
    {
        if (!result)
            return tellError(result.error());
        const TemplateReads &reads = m_watch.reads();
        const QJsonObject listeners { { QStringLiteral("all"), reads.all },
            { QStringLiteral("domains"), reads.all ? QJsonArray() : sorted(reads.domains) },
            { QStringLiteral("entities"), reads.all ? QJsonArray() : sorted(reads.entities) },
            { QStringLiteral("time"), reads.time } };
        const QByteArray event = "{\"result\":" + result->toJson()
            + ",\"listeners\":" + QJsonDocument(listeners).toJson(QJsonDocument::Compact) + '}';
        if (std::exchange(m_last, event) != event)
            m_session.event(m_id, QString::fromUtf8(event));
    }

    void tellError(const Error &error)
    {
        m_last.clear();
        if (!m_reportErrors)
            return;
        const QJsonObject event { { QStringLiteral("error"), error.message },
            { QStringLiteral("level"), QStringLiteral("ERROR") } };
        m_session.event(
            m_id, QString::fromUtf8(QJsonDocument(event).toJson(QJsonDocument::Compact)));
    }

    WebSocketSession &m_session; // which owns this
    const qint64 m_id;
    const bool m_reportErrors;
    const TemplateVariables m_variables;
    TemplateWatch m_watch;
    QByteArray m_last; // what was told, as text
};

void renderTemplate(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const QString text = fields.text("template");
    const QJsonObject given = fields.object("variables");
    const bool strict = fields.boolean("strict", false);
    const bool reportErrors = fields.boolean("report_errors", false);
    (void)fields.any("timeout"); // a rendering here never takes as long
    (void)fields.any("entity_ids"); // what is read is known without
    if (!fields.good(session))
        return;
    const auto *parts = session.hub().find<EngineParts>();
    const Result<TemplateVariables> variables
        = templateVariables(TemplateValue::fromVariant(given.toVariantMap()));
    if (!parts || !variables)
        return session.fail(message.id, "home_assistant_error",
            parts ? variables.error().message
                  : QStringLiteral("Templates are not ready yet; try again"));
    const Result<Template> ready = Template::parse(text);
    if (!ready)
        return session.fail(message.id, "template_error", ready.error().message);
    auto rendering = std::make_unique<Rendering>(
        session, message.id, *parts, *ready, *variables, strict, reportErrors);
    Rendering &started = *rendering;
    if (!session.follow(message.id, { {}, std::move(rendering) }))
        return;
    session.result(message.id);
    started.start();
}

} // namespace

void addTemplateCommands(CommandTable &table)
{
    table.add("render_template", Access::User, renderTemplate);
}

} // namespace hubkeep::api
