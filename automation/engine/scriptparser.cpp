#include "automation/engine/scriptparser.h"

#include "automation/core/nearest.h"
#include "automation/core/schema.h"

#include <QRegularExpression>
#include <QScopeGuard>

#include <algorithm>

namespace hubkeep::automation {
namespace {

constexpr const char *conditionKeys[] { "condition", "and", "or", "not" };

bool isConditionKey(const QString &key)
{
    return std::any_of(std::begin(conditionKeys), std::end(conditionKeys),
        [&](const char *one) { return key == QLatin1String(one); });
}

} // namespace

struct ScriptParser::StepKind
{
    QString key;
    QString what; // for messages
    Parse parse; // null: a condition
};

// The keys by which a step is known, in the order in which they count.
const std::vector<ScriptParser::StepKind> &ScriptParser::kinds()
{
    const auto kind = [](const char *key, const char *what, Parse parse) {
        return StepKind { QString::fromLatin1(key), QString::fromLatin1(what), parse };
    };
    static const std::vector<StepKind> all {
        kind("delay", "a delay", &ScriptParser::delay),
        kind("wait_template", "a wait_template", &ScriptParser::waitTemplate),
        kind("condition", "a condition", nullptr),
        kind("and", "a condition", nullptr),
        kind("or", "a condition", nullptr),
        kind("not", "a condition", nullptr),
        kind("event", "an event", &ScriptParser::event),
        kind("device_id", "a device action", &ScriptParser::unsupported),
        kind("scene", "a scene", &ScriptParser::unsupported),
        kind("repeat", "a repeat", &ScriptParser::repeat),
        kind("choose", "a choose", &ScriptParser::choose),
        kind("wait_for_trigger", "a wait_for_trigger", &ScriptParser::waitForTrigger),
        kind("variables", "variables", &ScriptParser::variables),
        kind("if", "an if", &ScriptParser::branch),
        kind("action", "an action", &ScriptParser::action),
        kind("service", "an action", &ScriptParser::action),
        kind("service_template", "an action", &ScriptParser::action),
        kind("stop", "a stop", &ScriptParser::stop),
        kind("parallel", "a parallel", &ScriptParser::parallel),
        kind("sequence", "a sequence", &ScriptParser::nestedSequence),
        kind("set_conversation_response", "a set_conversation_response",
            &ScriptParser::conversationResponse),
    };
    return all;
}

bool ScriptParser::isTemplateText(const Value &value)
{
    return value.kind() == Value::Kind::String && Template::isTemplate(value.text());
}

std::vector<Value> ScriptParser::listOf(const Value &value)
{
    if (value.kind() == Value::Kind::List)
        return value.items();
    if (value.kind() == Value::Kind::Null)
        return {};
    return { value };
}

QString ScriptParser::at(const QString &path, qsizetype index)
{
    return path + u'/' + QString::number(index);
}

SequencePointer ScriptParser::sequence(const Value &value, const QString &path)
{
    auto made = std::make_shared<Script::Sequence>();
    ++m_depth;
    const auto up = qScopeGuard([this] { --m_depth; });
    if (m_depth > deepest) {
        m_problems.append({ value.place(),
            QStringLiteral("steps are nested more than %1 deep here").arg(deepest) });
        return made;
    }
    for (const Value &item : listOf(value)) {
        if (std::optional<ScriptStep> read = step(item, at(path, qsizetype(made->steps.size()))))
            made->steps.push_back(std::move(*read));
    }
    return made;
}

std::optional<ScriptStep> ScriptParser::step(const Value &value, const QString &path)
{
    if (value.kind() == Value::Kind::Broken)
        return {};
    if (isTemplateText(value))
        return conditionStep(value, path);
    const auto kind = std::find_if(kinds().begin(), kinds().end(),
        [&](const StepKind &one) { return value.find(one.key) != nullptr; });
    if (kind == kinds().end()) {
        refuse(value);
        return {};
    }
    if (isConditionKey(kind->key))
        return conditionStep(value, path);
    ConfigReader reader(value, kind->what, m_problems);
    ScriptStep step { .path = path, .place = value.place() };
    step.alias = reader.text(QStringLiteral("alias"));
    step.enabled = EnabledOption::parse(reader);
    step.continuesOnError = reader.boolean(QStringLiteral("continue_on_error"), false);
    const qsizetype before = m_problems.size();
    step.what = (this->*kind->parse)(reader, path);
    // What is not known is not read: its keys would all be wrong.
    if (kind->parse != &ScriptParser::unsupported
        && !std::holds_alternative<IgnoredStep>(step.what))
        reader.finish();
    return m_problems.size() == before ? std::optional(std::move(step)) : std::nullopt;
}

void ScriptParser::refuse(const Value &value)
{
    if (value.kind() != Value::Kind::Map) {
        m_problems.append({ value.place(),
            QStringLiteral("a step must be a mapping such as {action: backup.create}, not %1")
                .arg(value.describe()) });
        return;
    }
    QStringList keys;
    for (const StepKind &kind : kinds())
        keys.append(kind.key);
    for (const Value::Member &member : value.members()) {
        if (nearest(member.key, keys).isEmpty())
            continue;
        m_problems.append({ member.place,
            QStringLiteral("a step has no key %1%2")
                .arg(quoted(member.key), didYouMean(member.key, keys)) });
        return;
    }
    m_problems.append({ value.place(),
        QStringLiteral("nothing here says what the step does; it needs 'action', 'delay', "
                       "'choose' or another of %1")
            .arg(keys.join(QLatin1String(", "))) });
}

// A condition reads its own keys, but whether the step is taken at all is the script's.
std::optional<ScriptStep> ScriptParser::conditionStep(const Value &value, const QString &path)
{
    ScriptStep step { .path = path, .place = value.place() };
    Value rest = value;
    if (value.kind() == Value::Kind::Map) {
        ConfigReader reader(value, QStringLiteral("a condition"), m_problems);
        step.alias = reader.text(QStringLiteral("alias"));
        step.enabled = EnabledOption::parse(reader);
        step.continuesOnError = reader.boolean(QStringLiteral("continue_on_error"), false);
        std::vector<Value::Member> members;
        for (const Value::Member &member : value.members()) {
            if (member.key != u"enabled" && member.key != u"continue_on_error")
                members.push_back(member);
        }
        rest = Value::map(std::move(members), value.place());
    }
    std::optional<Condition> condition = parseCondition(rest, m_problems);
    if (!condition)
        return {};
    step.what = ConditionStep { std::move(*condition) };
    return step;
}

// --- Each kind.

void ScriptParser::readData(
    ConfigReader &reader, const QString &key, std::vector<TemplatedValue> &into)
{
    const Value *data = reader.find(key);
    if (!data || data->kind() == Value::Kind::Broken)
        return;
    if (data->kind() != Value::Kind::Map && !isTemplateText(*data)) {
        reader.problem(data->place(),
            atPath(key,
                QStringLiteral("must be a mapping or a template that gives one, not %1")
                    .arg(data->describe())));
        return;
    }
    into.push_back(TemplatedValue::parse(*data, m_problems));
}

QString ScriptParser::responseVariable(ConfigReader &reader)
{
    const QString key = QStringLiteral("response_variable");
    const QString name = reader.text(key);
    static const QRegularExpression names(QStringLiteral("\\A[A-Za-z_][A-Za-z0-9_]*\\z"));
    if (!name.isEmpty() && !names.match(name).hasMatch())
        reader.problem(reader.value().find(key)->place(),
            atPath(key, QStringLiteral("%1 is no name of a variable").arg(quoted(name))));
    return name;
}

void ScriptParser::readTarget(ConfigReader &reader, ActionStep &step)
{
    if (const Value *ids = reader.find(QStringLiteral("entity_id")))
        step.entityId = TemplatedValue::parse(*ids, m_problems);
    const QString key = QStringLiteral("target");
    const Value *target = reader.find(key);
    if (!target || target->kind() == Value::Kind::Broken)
        return;
    if (!isTemplateText(*target)) {
        ConfigReader keys(*target, key, m_problems);
        keys.find(QStringLiteral("entity_id"));
        for (const char *name : { "device_id", "area_id", "floor_id", "label_id" }) {
            if (const Value *there = keys.find(QString::fromLatin1(name)))
                keys.problem(there->place(),
                    atPath(key,
                        QStringLiteral("%1 is not supported, there are only entities here; use "
                                       "entity_id")
                            .arg(QLatin1String(name))));
        }
        keys.finish();
    }
    step.target = TemplatedValue::parse(*target, m_problems);
}

ScriptParser::What ScriptParser::action(ConfigReader &reader, const QString &)
{
    ActionStep step;
    const Value *name = reader.findEither(QStringLiteral("action"), QStringLiteral("service"));
    const QString old = QStringLiteral("service_template");
    if (const Value *older = reader.find(old)) {
        if (name)
            reader.problem(older->place(),
                QStringLiteral("'service_template' is an old name of 'action'; an action takes one "
                               "of them"));
        name = older;
    }
    if (!name) {
        reader.problem(reader.value().place(),
            QStringLiteral("'action' must name one, such as backup.create"));
        return step;
    }
    static const QRegularExpression names(QStringLiteral("\\A[a-z0-9_]+\\.[a-z0-9_]+\\z"));
    const QString plain = name->text().trimmed().toLower();
    if (isTemplateText(*name) || name->kind() == Value::Kind::Broken)
        step.name = TemplatedValue::parse(*name, m_problems);
    else if (names.match(plain).hasMatch())
        step.name = TemplatedValue::parse(Value::string(plain, name->place()), m_problems);
    else
        reader.problem(name->place(),
            QStringLiteral("%1 is no name of an action, such as backup.create")
                .arg(name->describe()));
    readData(reader, QStringLiteral("data"), step.data);
    readData(reader, QStringLiteral("data_template"), step.data);
    readTarget(reader, step);
    step.responseVariable = responseVariable(reader);
    reader.ignore({ QStringLiteral("metadata") });
    return step;
}

ScriptParser::What ScriptParser::delay(ConfigReader &reader, const QString &)
{
    const QString key = QStringLiteral("delay");
    const Value *value = reader.required(key);
    return DelayStep { value ? TemplatedPeriod::parse(*value, key, m_problems)
                             : TemplatedPeriod() };
}

WaitLimit ScriptParser::limit(ConfigReader &reader)
{
    WaitLimit limit;
    const QString key = QStringLiteral("timeout");
    if (const Value *timeout = reader.find(key))
        limit.timeout = TemplatedPeriod::parse(*timeout, key, m_problems);
    limit.continuesOnTimeout = reader.boolean(QStringLiteral("continue_on_timeout"), true);
    return limit;
}

ScriptParser::What ScriptParser::waitTemplate(ConfigReader &reader, const QString &)
{
    const QString key = QStringLiteral("wait_template");
    const WaitLimit limit = this->limit(reader);
    const Value *value = reader.required(key);
    std::optional<Template> condition;
    if (value)
        condition = parseTemplate(*value, key, m_problems);
    if (!condition)
        return IgnoredStep {};
    return WaitTemplateStep { std::move(*condition), limit };
}

ScriptParser::What ScriptParser::waitForTrigger(ConfigReader &reader, const QString &)
{
    WaitForTriggerStep step { {}, limit(reader) };
    if (const Value *triggers = reader.required(QStringLiteral("wait_for_trigger"))) {
        for (std::unique_ptr<Trigger> &trigger : parseTriggers(*triggers, m_problems))
            step.triggers.push_back(std::move(trigger));
    }
    return step;
}

ScriptParser::What ScriptParser::variables(ConfigReader &outer, const QString &)
{
    VariablesStep step;
    const QString key = QStringLiteral("variables");
    const Value *value = outer.required(key);
    if (!value || value->kind() == Value::Kind::Broken)
        return step;
    const ConfigReader reader(*value, QStringLiteral("'variables'"), m_problems);
    for (const Value::Member &member : value->members()) {
        if (member.key.isEmpty() || Template::isTemplate(member.key))
            m_problems.append(
                { member.place, atPath(key, QStringLiteral("a name takes no template")) });
        step.values.emplace_back(member.key, TemplatedValue::parse(member.value, m_problems));
    }
    return step;
}

ScriptParser::What ScriptParser::stop(ConfigReader &reader, const QString &)
{
    StopStep step { reader.text(QStringLiteral("stop")) };
    step.isError = reader.boolean(QStringLiteral("error"), false);
    step.responseVariable = responseVariable(reader);
    if (step.isError && !step.responseVariable.isEmpty())
        reader.problem(reader.value().place(),
            QStringLiteral("a stop is an error or has a response_variable, not both"));
    return step;
}

ScriptParser::What ScriptParser::event(ConfigReader &reader, const QString &)
{
    EventStep step { reader.text(QStringLiteral("event")) };
    if (step.type.isEmpty())
        reader.problem(reader.value().place(), QStringLiteral("'event' must name one"));
    readData(reader, QStringLiteral("event_data"), step.data);
    readData(reader, QStringLiteral("event_data_template"), step.data);
    return step;
}

ScriptParser::What ScriptParser::conversationResponse(ConfigReader &, const QString &)
{
    return IgnoredStep { QStringLiteral("there are no conversations here") };
}

ScriptParser::What ScriptParser::unsupported(ConfigReader &reader, const QString &)
{
    const bool isScene = reader.value().find(QStringLiteral("scene")) != nullptr;
    reader.problem(reader.value().place(),
        isScene ? QStringLiteral("scenes are not supported here; call an action")
                : QStringLiteral("device actions are not supported here; call an action"));
    return IgnoredStep {};
}

} // namespace hubkeep::automation
