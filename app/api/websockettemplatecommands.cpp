// render_template: a template's result, and each one after it.

#include "app/api/templateroute.h"
#include "app/api/websocketapi.h"
#include "app/api/websocketsession.h"
#include "automation/engine/templatewatch.h"

#include <QJsonDocument>

#include <memory>

namespace hubkeep::api {
namespace {

using automation::EngineParts;
using automation::TemplateWatch;

constexpr qsizetype longestTemplate = 64 * 1024; // characters, of each of a user's two hundred

QJsonArray sorted(const QSet<QString> &texts)
{
    QStringList list = texts.values();
    list.sort();
    return QJsonArray::fromStringList(list);
}

// What a subscription owns. It parses its template, too, when it is its turn.
class Rendering final : public QObject
{
public:
    struct Wanted
    {
        QString source;
        TemplateVariables variables;
        bool strict = false;
        bool reportErrors = false;
    };

    Rendering(WebSocketSession &session, qint64 id, const EngineParts &parts, Wanted wanted)
        : m_session(session)
        , m_id(id)
        , m_parts(parts)
        , m_wanted(std::move(wanted))
    {
    }

    // False: the user follows too many already.
    bool takeSeat()
    {
        m_seat = m_session.api().renderTurns().take(
            m_session.user(), { [this] { render(); }, [this] { tellLate(); } });
        return m_seat != nullptr;
    }
    void start() { m_seat->ask(); }

private:
    void render()
    {
        if (m_watch)
            return m_watch->again();
        const Result<Template> ready = Template::parse(m_wanted.source);
        if (!ready) {
            m_session.fail(m_id, "template_error", ready.error().message);
            m_session.unfollow(m_id); // with this
            return;
        }
        m_session.result(m_id);
        m_watch = std::make_unique<TemplateWatch>(m_parts, *ready, m_wanted.variables,
            [this](const TemplateWatch::Rendered &rendered) { tell(rendered.result); });
        m_watch->setStrict(m_wanted.strict);
        m_watch->setAsk([this] { m_seat->ask(); });
        tell(m_watch->start());
    }

    void tell(const Result<TemplateValue> &result)
    {
        if (!result)
            return tellError("ERROR", result.error().message);
        const TemplateReads &reads = m_watch->reads();
        const QJsonObject listeners { { QStringLiteral("all"), reads.all },
            { QStringLiteral("domains"), reads.all ? QJsonArray() : sorted(reads.domains) },
            { QStringLiteral("entities"), reads.all ? QJsonArray() : sorted(reads.entities) },
            { QStringLiteral("time"), reads.time } };
        const QByteArray event = "{\"result\":" + result->toJson()
            + ",\"listeners\":" + QJsonDocument(listeners).toJson(QJsonDocument::Compact) + '}';
        if (std::exchange(m_last, event) != event)
            m_session.event(m_id, QString::fromUtf8(event));
    }

    void tellLate()
    {
        tellError("WARNING",
            QStringLiteral("The templates that you follow take more than %1 ms of the processor's "
                           "time a second; this one is rendered later than it should be")
                .arg(m_session.api().renderTurns().limits().perSecond.count()));
    }

    void tellError(const char *level, const QString &message)
    {
        m_last.clear();
        if (!m_wanted.reportErrors)
            return;
        const QJsonObject event { { QStringLiteral("error"), message },
            { QStringLiteral("level"), QString::fromLatin1(level) } };
        m_session.event(
            m_id, QString::fromUtf8(QJsonDocument(event).toJson(QJsonDocument::Compact)));
    }

    WebSocketSession &m_session; // which owns this
    const qint64 m_id;
    const EngineParts &m_parts;
    const Wanted m_wanted;
    QByteArray m_last; // what was told, as text
    std::unique_ptr<TemplateWatch> m_watch; // null: it was not its turn yet
    std::unique_ptr<RenderTurns::Seat> m_seat;
};

void renderTemplate(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    Rendering::Wanted wanted;
    wanted.source = fields.text("template");
    (void)fields.object("variables"); // checks it
    const TemplateValue given = fields.written("variables");
    wanted.strict = fields.boolean("strict", false);
    wanted.reportErrors = fields.boolean("report_errors", false);
    (void)fields.any("timeout"); // a rendering here never takes as long
    (void)fields.any("entity_ids"); // what is read is known without
    if (!fields.good(session))
        return;
    const auto *parts = session.hub().find<EngineParts>();
    const Result<TemplateVariables> variables = templateVariables(given);
    if (!parts || !variables)
        return session.fail(message.id, "home_assistant_error",
            parts ? variables.error().message
                  : QStringLiteral("Templates are not ready yet; try again"));
    wanted.variables = *variables;
    if (wanted.source.size() > longestTemplate)
        return session.fail(message.id, "not_allowed",
            QStringLiteral("A template that is followed has %1 characters at most")
                .arg(longestTemplate));
    auto rendering = std::make_unique<Rendering>(session, message.id, *parts, std::move(wanted));
    if (!rendering->takeSeat())
        return session.fail(message.id, "not_allowed",
            QStringLiteral("You follow %1 templates already; unsubscribe from some")
                .arg(session.api().renderTurns().limits().seats));
    Rendering &started = *rendering;
    if (session.follow(message.id, { {}, std::move(rendering) }))
        started.start();
}

} // namespace

void addTemplateCommands(CommandTable &table)
{
    table.add("render_template", Access::User, renderTemplate);
}

} // namespace hubkeep::api
