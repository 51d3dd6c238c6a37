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

// What a YAML file would say, its keys in their order.
Value valueOf(const TemplateValue &json)
{
    if (json.kind() == TemplateValue::Kind::List) {
        std::vector<Value> items;
        for (const TemplateValue &item : json.items())
            items.push_back(valueOf(item));
        return Value::list(std::move(items), {});
    }
    if (json.kind() != TemplateValue::Kind::Dict)
        return Value::fromVariant(json.toVariant());
    std::vector<Value::Member> members;
    for (const auto &[key, value] : json.dict())
        members.push_back({ key.toText(), {}, valueOf(value) });
    return Value::map(std::move(members), {});
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

using Names = QHash<QString, TemplateValue>;

// What a command works with: what its one field says, and the names in its `variables`.
struct Brought
{
    EngineParts &parts;
    Value what;
    Names names;
};

// Nothing, and session was told.
std::optional<Brought> broughtBy(
    WebSocketSession &session, const Message &message, const char *field)
{
    Fields fields(message);
    const TemplateValue what = fields.written(field);
    (void)fields.object("variables"); // checks it
    const TemplateValue variables = fields.written("variables");
    if (!fields.good(session))
        return {};
    EngineParts *parts = partsFor(session, message.id);
    if (!parts)
        return {};
    Brought brought { *parts, valueOf(what), {} };
    if (!variables.isNone()) {
        for (const auto &[name, value] : variables.dict())
            brought.names.insert(name.toText(), value);
    }
    return brought;
}

// Whether there are none; else session was told.
bool isSound(WebSocketSession &session, qint64 id, const Problems &problems)
{
    if (!problems.isEmpty())
        session.fail(id, "invalid_format", sentences(problems));
    return problems.isEmpty();
}

// What a subscription to triggers owns.
class Following final : public QObject
{
public:
    Following(WebSocketSession &session, qint64 id, Names names,
        std::vector<std::unique_ptr<Trigger>> triggers)
        : m_session(session)
        , m_id(id)
        , m_given(std::move(names))
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
    const Names m_given;
    const TemplateVariables m_variables;
    const std::vector<std::unique_ptr<Trigger>> m_triggers;
};

void subscribeTrigger(WebSocketSession &session, const Message &message)
{
    std::optional<Brought> brought = broughtBy(session, message, "trigger");
    if (!brought)
        return;
    Problems problems;
    std::vector<std::unique_ptr<Trigger>> triggers = parseTriggers(brought->what, problems);
    if (!isSound(session, message.id, problems))
        return;
    auto following = std::make_unique<Following>(
        session, message.id, std::move(brought->names), std::move(triggers));
    const Result<void> started = following->start(brought->parts);
    if (!started)
        return session.fail(message.id, "home_assistant_error", started.error().message);
    if (session.follow(message.id, { {}, std::move(following) }))
        session.result(message.id);
}

QJsonObject validity(const TemplateValue &json, void (*parse)(const Value &, Problems &))
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
        const TemplateValue json = fields.written(part.name);
        if (!json.isNone())
            result.insert(QLatin1String(part.name), validity(json, part.parse));
    }
    if (fields.good(session))
        session.result(message.id, result);
}

void testCondition(WebSocketSession &session, const Message &message)
{
    const std::optional<Brought> brought = broughtBy(session, message, "condition");
    if (!brought)
        return;
    Problems problems;
    const std::optional<Condition> condition = parseCondition(brought->what, problems);
    if (!isSound(session, message.id, problems) || !condition)
        return;
    const TemplateVariables names(brought->names);
    const Result<bool> holds = condition->evaluate(brought->parts, names);
    if (!holds)
        return session.fail(message.id, "home_assistant_error", holds.error().message);
    session.result(message.id, QJsonObject { { QStringLiteral("result"), *holds } });
}

// A script that goes with its session.
class Running final : public QObject
{
public:
    Running(WebSocketSession &session, const Brought &brought, const Script &script,
        const Context &context)
        : QObject(&session)
        , m_run(brought.parts, script, brought.names, context, nullptr)
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
    const std::optional<Brought> brought = broughtBy(session, message, "sequence");
    if (!brought)
        return;
    Problems problems;
    const std::optional<Script> script = parseScript(brought->what, problems);
    if (!isSound(session, message.id, problems) || !script)
        return;
    const Context context = session.context();
    session.audit(QStringLiteral("script.execute"), {}, "ok");
    auto *running = new Running(session, *brought, *script, context);
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
