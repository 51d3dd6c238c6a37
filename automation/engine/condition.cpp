#include "automation/engine/condition.h"

#include "automation/core/nearest.h"
#include "automation/core/schema.h"
#include "automation/engine/conditions/conditionkinds.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hubkeep::automation {
namespace {

enum class Joined { And, Or, Not };

struct JoinedCondition
{
    Joined how = Joined::And;
    std::vector<Condition> parts {};
    QString pathOfParts {}; // "/conditions/": theirs in the trace is that and their number
};

constexpr int deepestConditions = 50;

const std::array joints { QStringLiteral("and"), QStringLiteral("or"), QStringLiteral("not") };

QStringList kindNames()
{
    return { QStringLiteral("and"), QStringLiteral("numeric_state"), QStringLiteral("not"),
        QStringLiteral("or"), QStringLiteral("state"), QStringLiteral("template"),
        QStringLiteral("time"), QStringLiteral("trigger") };
}

QString whyNot(const Value &kind)
{
    static const QStringList unsupported { QStringLiteral("device"), QStringLiteral("sun"),
        QStringLiteral("zone") };
    const QString name = kind.text();
    const QString all = kindNames().join(QLatin1String(", "));
    if (unsupported.contains(name) || (!kind.isCollection() && isEntityId(name)))
        return QStringLiteral("the condition %1 is not supported here; there are %2")
            .arg(quoted(name), all);
    const QString guess = didYouMean(name, kindNames());
    return QStringLiteral("there is no condition %1%2")
        .arg(kind.isCollection() ? kind.describe() : quoted(name),
            guess.isEmpty() ? QStringLiteral("; there are ") + all : guess);
}

} // namespace

struct Condition::Parsed
{
    EnabledOption enabled {};
    std::variant<JoinedCondition, StateCondition, NumericCondition, TimeCondition,
        TemplateCondition, TriggerCondition>
        what {};
};

void ConditionInput::note(const QString &at, const Result<bool> &holds, TemplateDict details) const
{
    if (!trace)
        return;
    TraceStep &step = trace->add(at, parts.hub.clock().now());
    if (!holds) {
        step.error = holds.error().message;
        return;
    }
    TemplateDict result;
    result.insert(TemplateValue(QStringLiteral("result")), TemplateValue(*holds));
    for (const auto &[key, value] : details)
        result.insert(key, value);
    step.result = forTrace(TemplateValue(std::move(result)));
}

// --- Reading.

// Reads one condition at some depth; makes conditions of what is read.
class ConditionReader
{
public:
    ConditionReader(Problems &problems, int depth)
        : m_problems(problems)
        , m_depth(depth)
    {
    }

    std::optional<Condition> read(const Value &value)
    {
        if (value.kind() == Value::Kind::Broken)
            return {};
        if (m_depth > deepestConditions) {
            m_problems.append(
                { value.place(), QStringLiteral("conditions are nested too deeply") });
            return {};
        }
        const qsizetype before = m_problems.size();
        Condition::Parsed parsed;
        if (value.kind() == Value::Kind::List)
            parsed.what = joined(Joined::And, value, QStringLiteral("/"));
        else if (value.kind() == Value::Kind::String || value.kind() == Value::Kind::Boolean)
            readText(value, parsed);
        else
            readMap(value, parsed);
        if (m_problems.size() != before)
            return {};
        Condition condition;
        condition.m_parsed = std::make_shared<const Condition::Parsed>(std::move(parsed));
        return condition;
    }

private:
    JoinedCondition joined(Joined how, const Value &value, const QString &path)
    {
        JoinedCondition all { how, {}, path };
        const auto add = [&](const Value &one) {
            if (std::optional<Condition> part = ConditionReader(m_problems, m_depth + 1).read(one))
                all.parts.push_back(std::move(*part));
        };
        if (value.kind() != Value::Kind::List)
            add(value);
        for (const Value &item : value.items())
            add(item);
        return all;
    }

    void readText(const Value &value, Condition::Parsed &parsed)
    {
        if (value.kind() == Value::Kind::String && !Template::isTemplate(value.text())) {
            m_problems.append({ value.place(),
                QStringLiteral("a condition must be a mapping or a template, not %1")
                    .arg(value.describe()) });
            return;
        }
        parsed.what = TemplateCondition::parse(value, {}, m_problems);
    }

    void readMap(const Value &value, Condition::Parsed &parsed)
    {
        const Value *kind = value.find(QStringLiteral("condition"));
        const bool isKnown = kind && kindNames().contains(kind->text());
        ConfigReader reader(value,
            isKnown ? QStringLiteral("the condition '%1'").arg(kind->text())
                    : QStringLiteral("the condition"),
            m_problems);
        if (!reader.isMap())
            return;
        (void)reader.text(QStringLiteral("alias"));
        parsed.enabled = EnabledOption::parse(reader);
        if (!readKind(reader, parsed))
            return; // what its keys mean is not known
        reader.finish();
    }

    bool readKind(ConfigReader &reader, Condition::Parsed &parsed)
    {
        const Value *kind = reader.find(QStringLiteral("condition"));
        if (!kind)
            return readShort(reader, parsed);
        const QString name = kind->text();
        const auto joint = std::find(joints.begin(), joints.end(), name);
        if (kind->kind() == Value::Kind::List) {
            parsed.what = joined(Joined::And, *kind, QStringLiteral("/conditions/"));
        } else if (joint != joints.end()) {
            if (const Value *all = reader.required(QStringLiteral("conditions")))
                parsed.what
                    = joined(Joined(joint - joints.begin()), *all, QStringLiteral("/conditions/"));
        } else if (name == QLatin1String("state")) {
            parsed.what = StateCondition::parse(reader);
        } else if (name == QLatin1String("numeric_state")) {
            parsed.what = NumericCondition::parse(reader);
        } else if (name == QLatin1String("time")) {
            parsed.what = TimeCondition::parse(reader);
        } else if (name == QLatin1String("trigger")) {
            parsed.what = TriggerCondition::parse(reader);
        } else if (name == QLatin1String("template")) {
            const QString key = QStringLiteral("value_template");
            if (const Value *value = reader.required(key))
                parsed.what = TemplateCondition::parse(*value, key, m_problems);
        } else if (kind->kind() == Value::Kind::String && Template::isTemplate(name)) {
            parsed.what = TemplateCondition::parse(*kind, {}, m_problems);
        } else {
            if (kind->kind() != Value::Kind::Broken)
                reader.problem(kind->place(), whyNot(*kind));
            return false;
        }
        return true;
    }

    // "or: […]" instead of "condition: or" and "conditions: […]".
    bool readShort(ConfigReader &reader, Condition::Parsed &parsed)
    {
        for (std::size_t i = 0; i < joints.size(); ++i) {
            if (!reader.value().find(joints[i]))
                continue;
            if (const Value *all = reader.required(joints[i]))
                parsed.what = joined(Joined(i), *all, QStringLiteral("/conditions/"));
            return true;
        }
        reader.problem(
            reader.value().place(), QStringLiteral("a condition needs 'condition', its kind"));
        return false;
    }

    Problems &m_problems;
    const int m_depth;
};

std::optional<Condition> parseCondition(const Value &value, Problems &problems)
{
    return ConditionReader(problems, 0).read(value);
}

// --- Evaluating.

namespace {

// The first error is the one to tell, and only where nothing else decides.
Result<bool> evaluateJoined(const JoinedCondition &joined, const ConditionInput &input)
{
    const bool decides = joined.how != Joined::And; // what ends it early
    std::optional<Error> error;
    for (std::size_t i = 0; i < joined.parts.size(); ++i) {
        const QString path
            = input.trace ? input.path + joined.pathOfParts + QString::number(i) : QString();
        if (!joined.parts[i].isEnabled(input.parts, input.names))
            continue; // as if it were not there
        const Result<bool> holds
            = joined.parts[i].evaluate(input.parts, input.names, input.trace, path);
        if (!holds)
            error = error.value_or(holds.error());
        else if (*holds == decides)
            return joined.how == Joined::Or;
    }
    if (error)
        return *error;
    return joined.how != Joined::Or;
}

} // namespace

bool Condition::isEnabled(const EngineParts &parts, const TemplateNames &names) const
{
    TemplateScope scope = parts.scope(names);
    scope.limited = true;
    return m_parsed->enabled.isEnabled(scope);
}

Result<bool> Condition::evaluate(
    const EngineParts &parts, const TemplateNames &names, Trace *trace, const QString &path) const
{
    if (!isEnabled(parts, names))
        return true;
    const ConditionInput input { parts, names, trace, path };
    const auto *all = std::get_if<JoinedCondition>(&m_parsed->what);
    if (all && all->pathOfParts == QLatin1String("/"))
        return evaluateJoined(*all, input); // a plain list is no step of its own
    TemplateDict details;
    const Result<bool> holds = all
        ? evaluateJoined(*all, input)
        : std::visit(
            [&](const auto &one) -> Result<bool> {
                if constexpr (std::is_same_v<std::decay_t<decltype(one)>, JoinedCondition>)
                    return true;
                else
                    return one.evaluate(input, details);
            },
            m_parsed->what);
    input.note(path, holds, std::move(details));
    return holds;
}

} // namespace hubkeep::automation
