// Triggers, conditions and scripts that a client brings.

#include "app/api/templateroute.h"
#include "app/api/websocketapi.h"
#include "app/api/websocketsession.h"
#include "automation/engine/condition.h"
#include "automation/engine/script.h"
#include "automation/engine/trigger.h"

#include <QJsonDocument>

#include <memory>
#include <vector>

namespace hubkeep::api {
namespace {

using namespace hubkeep::automation;

// Of the first few.
QString sentences(const Problems &problems)
{
    QStringList all;
    for (const ValueProblem &problem : problems.first(std::min<qsizetype>(problems.size(), 5)))
        all.append(problem.message);
    return all.join(QStringLiteral("; "));
}

Value valueOf(const QJsonValue &json)
{
    return Value::fromVariant(json.toVariant());
}

// Null, and session was told.
EngineParts *partsFor(WebSocketSession &session, qint64 id)
{
    auto *parts = session.hub().find<EngineParts>();
    if (!parts)
        session.fail(
            id, "home_assistant_error", QStringLiteral("Automations are not ready yet; try again"));
    return parts;
}

// An object's members as names.
QHash<QString, TemplateValue> namesOf(const QJsonObject &variables)
{
    QHash<QString, TemplateValue> names;
    for (auto it = variables.begin(); it != variables.end(); ++it)
        names.insert(it.key(), TemplateValue::fromVariant(it->toVariant()));
    return names;
}

// What a subscription to triggers owns.
class Following final : public QObject
{
public:
    Following(WebSocketSession &session, qint64 id, const QJsonObject &variables,
        std::vector<std::unique_ptr<Trigger>> triggers)
        : m_session(session)
        , m_id(id)
        , m_given(namesOf(variables))
        , m_variables(m_given)
        , m_triggers(std::move(triggers))
    {
    }

    Result<void> start(const EngineParts &parts)
    {
        for (const auto &trigger : m_triggers) {
            const Result<void> started = trigger->start(
                parts, m_variables, [this](const TriggerFired &fired) { tell(fired); });
            if (!started)
                return started;
        }
        return {};
    }

private:
    void tell(const TriggerFired &fired)
    {
        QByteArray variables;
        const auto add = [&variables](const QString &name, const TemplateValue &value) {
            variables += (variables.isEmpty() ? "" : ",") + TemplateValue(name).toJson() + ':'
                + value.toJson();
        };
        for (auto it = m_given.cbegin(); it != m_given.cend(); ++it) {
            if (!fired.names.contains(it.key()))
                add(it.key(), *it);
        }
        for (auto it = fired.names.cbegin(); it != fired.names.cend(); ++it)
            add(it.key(), *it);
        add(QStringLiteral("trigger"), fired.variables);
        const QByteArray context
            = QJsonDocument(toJson(fired.context)).toJson(QJsonDocument::Compact);
        m_session.event(m_id,
            QString::fromUtf8("{\"variables\":{" + variables + "},\"context\":" + context + '}'));
    }

    WebSocketSession &m_session; // which owns this
    const qint64 m_id;
    const QHash<QString, TemplateValue> m_given;
    const TemplateVariables m_variables;
    const std::vector<std::unique_ptr<Trigger>> m_triggers;
};

void subscribeTrigger(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const QJsonValue wanted = fields.any("trigger");
    const QJsonObject variables = fields.object("variables");
    if (!fields.good(session))
        return;
    EngineParts *parts = partsFor(session, message.id);
    if (!parts)
        return;
    Problems problems;
    std::vector<std::unique_ptr<Trigger>> triggers = parseTriggers(valueOf(wanted), problems);
    if (!problems.isEmpty())
        return session.fail(message.id, "invalid_format", sentences(problems));
    auto following
        = std::make_unique<Following>(session, message.id, variables, std::move(triggers));
    const Result<void> started = following->start(*parts);
    if (!started)
        return session.fail(message.id, "home_assistant_error", started.error().message);
    if (session.follow(message.id, { {}, std::move(following) }))
        session.result(message.id);
}

QJsonObject validity(const QJsonValue &json, void (*parse)(const Value &, Problems &))
{
    Problems problems;
    parse(valueOf(json), problems);
    return { { QStringLiteral("valid"), problems.isEmpty() },
        { QStringLiteral("error"),
            problems.isEmpty() ? QJsonValue(QJsonValue::Null) : sentences(problems) } };
}

void validateConfig(WebSocketSession &session, const Message &message)
{
    // The names of today, and those of before.
    static constexpr struct
    {
        const char *name;
        void (*parse)(const Value &, Problems &);
    } parts[] {
        { "triggers", [](const Value &v, Problems &p) { (void)parseTriggers(v, p); } },
        { "trigger", [](const Value &v, Problems &p) { (void)parseTriggers(v, p); } },
        { "conditions", [](const Value &v, Problems &p) { (void)parseCondition(v, p); } },
        { "condition", [](const Value &v, Problems &p) { (void)parseCondition(v, p); } },
        { "actions", [](const Value &v, Problems &p) { (void)parseScript(v, p); } },
        { "action", [](const Value &v, Problems &p) { (void)parseScript(v, p); } },
    };
    Fields fields(message);
    QJsonObject result;
    for (const auto &part : parts) {
        const QJsonValue json = fields.any(part.name);
        if (!json.isNull())
            result.insert(QLatin1String(part.name), validity(json, part.parse));
    }
    if (fields.good(session))
        session.result(message.id, result);
}

void testCondition(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const QJsonValue wanted = fields.any("condition");
    const QJsonObject variables = fields.object("variables");
    if (!fields.good(session))
        return;
    EngineParts *parts = partsFor(session, message.id);
    if (!parts)
        return;
    Problems problems;
    const std::optional<Condition> condition = parseCondition(valueOf(wanted), problems);
    if (!condition || !problems.isEmpty())
        return session.fail(message.id, "invalid_format", sentences(problems));
    const TemplateVariables names(namesOf(variables));
    const Result<bool> holds = condition->evaluate(*parts, names);
    if (!holds)
        return session.fail(message.id, "home_assistant_error", holds.error().message);
    session.result(message.id, QJsonObject { { QStringLiteral("result"), *holds } });
}

// A script that goes with its session.
class Running final : public QObject
{
public:
    Running(WebSocketSession &session, const EngineParts &parts, const Script &script,
        const QJsonObject &variables, const Context &context)
        : QObject(&session)
        , m_run(parts, script, namesOf(variables), context, nullptr)
    {
    }

    void start(ScriptRun::Done done)
    {
        m_run.start([this, done = std::move(done)](const ScriptOutcome &outcome) {
            done(outcome);
            deleteLater();
        });
    }

private:
    ScriptRun m_run;
};

void executeScript(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const QJsonValue wanted = fields.any("sequence");
    const QJsonObject variables = fields.object("variables");
    if (!fields.good(session))
        return;
    EngineParts *parts = partsFor(session, message.id);
    if (!parts)
        return;
    Problems problems;
    const std::optional<Script> script = parseScript(valueOf(wanted), problems);
    if (!script || !problems.isEmpty())
        return session.fail(message.id, "invalid_format", sentences(problems));
    const Context context = session.context();
    session.audit(QStringLiteral("script.execute"), {}, "ok");
    auto *running = new Running(session, *parts, *script, variables, context);
    running->start([&session, id = message.id, context](const ScriptOutcome &outcome) {
        if (outcome.error)
            return session.fail(id, "home_assistant_error", outcome.error->message);
        session.result(id,
            QJsonObject { { QStringLiteral("context"), toJson(context) },
                { QStringLiteral("response"),
                    QJsonValue::fromVariant(outcome.response.toVariant()) } });
    });
}

} // namespace

void addScriptCommands(CommandTable &table)
{
    table.add("subscribe_trigger", Access::Admin, subscribeTrigger);
    table.add("validate_config", Access::User, validateConfig);
    table.add("test_condition", Access::Admin, testCondition);
    table.add("execute_script", Access::Admin, executeScript);
}

} // namespace hubkeep::api
