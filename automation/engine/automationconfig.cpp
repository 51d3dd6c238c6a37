#include "automation/engine/automationconfig.h"

#include "automation/engine/configreader.h"

#include <array>

namespace hubkeep::automation {
namespace {

constexpr std::array modeNames { "single", "restart", "queued", "parallel" };

RunMode readMode(ConfigReader &reader)
{
    QStringList names;
    for (const char *name : modeNames)
        names.append(QLatin1String(name));
    const qsizetype index
        = names.indexOf(reader.choice(QStringLiteral("mode"), names, names.first()));
    return RunMode(std::max(index, qsizetype(0)));
}

// A template's dict of names; None where there is none.
TemplatedValue readVariables(ConfigReader &reader, const QString &key)
{
    const Value *found = reader.find(key);
    if (!found || found->kind() == Value::Kind::Broken)
        return {};
    if (found->kind() == Value::Kind::Map)
        return TemplatedValue::parse(*found, reader.problems());
    reader.problem(found->place(),
        QStringLiteral("%1: must be a mapping of names to values, not %2")
            .arg(key, found->describe()));
    return {};
}

std::vector<Condition> readConditions(const Value &value, Problems &problems)
{
    std::vector<Condition> conditions;
    const auto add = [&](const Value &one) {
        if (std::optional<Condition> condition = parseCondition(one, problems))
            conditions.push_back(std::move(*condition));
    };
    if (value.kind() != Value::Kind::List)
        add(value);
    for (const Value &item : value.items())
        add(item);
    return conditions;
}

void readTrace(ConfigReader &automation, AutomationConfig &config)
{
    const Value *trace = automation.find(QStringLiteral("trace"));
    if (!trace)
        return;
    ConfigReader reader(*trace, QStringLiteral("trace"), automation.problems());
    config.storedTraces
        = reader.integer(QStringLiteral("stored_traces"), config.storedTraces, 0, 1000);
    reader.finish();
}

void readHeader(ConfigReader &reader, AutomationConfig &config)
{
    config.id = reader.text(QStringLiteral("id"));
    config.alias = reader.text(QStringLiteral("alias"));
    config.description = reader.text(QStringLiteral("description"));
    config.mode = readMode(reader);
    const bool takesMax = config.mode == RunMode::Queued || config.mode == RunMode::Parallel;
    config.max = reader.integer(QStringLiteral("max"), config.max, 2, 10'000);
    if (const Value *max = reader.value().find(QStringLiteral("max")); max && !takesMax)
        reader.problem(
            max->place(), QStringLiteral("max goes with the modes queued and parallel alone"));
    config.maxExceeded
        = reader
              .choice(QStringLiteral("max_exceeded"),
                  { QStringLiteral("silent"), QStringLiteral("critical"), QStringLiteral("error"),
                      QStringLiteral("warning"), QStringLiteral("warn"), QStringLiteral("info"),
                      QStringLiteral("debug"), QStringLiteral("SILENT"), QStringLiteral("CRITICAL"),
                      QStringLiteral("ERROR"), QStringLiteral("WARNING"), QStringLiteral("INFO"),
                      QStringLiteral("DEBUG") },
                  config.maxExceeded)
              .toLower();
    config.initialState = reader.optionalBoolean(QStringLiteral("initial_state"));
    readTrace(reader, config);
    reader.ignore({ QStringLiteral("hide_entity") });
    if (const Value *blueprint = reader.find(QStringLiteral("use_blueprint")))
        reader.problem(blueprint->place(),
            QStringLiteral("blueprints are not supported; write the automation out"));
}

} // namespace

QString toString(RunMode mode)
{
    return QLatin1String(modeNames[std::size_t(mode)]);
}

std::optional<AutomationConfig> parseAutomation(const Value &value, Problems &problems)
{
    const qsizetype before = problems.size();
    ConfigReader reader(value, QStringLiteral("an automation"), problems);
    AutomationConfig config;
    config.raw = value;
    config.secrets = secretsOf(value);
    if (!reader.isMap())
        return {};
    readHeader(reader, config);
    const bool isBlueprint = value.find(QStringLiteral("use_blueprint")) != nullptr;

    const Value *triggers
        = reader.findEither(QStringLiteral("triggers"), QStringLiteral("trigger"));
    const Value *conditions
        = reader.findEither(QStringLiteral("conditions"), QStringLiteral("condition"));
    const Value *actions = reader.findEither(QStringLiteral("actions"), QStringLiteral("action"));
    if (!triggers && !isBlueprint)
        reader.problem(value.place(), QStringLiteral("an automation needs 'triggers'"));
    if (!actions && !isBlueprint)
        reader.problem(value.place(), QStringLiteral("an automation needs 'actions'"));
    if (triggers) {
        for (std::unique_ptr<Trigger> &trigger : parseTriggers(*triggers, problems))
            config.triggers.push_back(std::move(trigger));
    }
    if (conditions)
        config.conditions = readConditions(*conditions, problems);
    if (actions) {
        if (std::optional<Script> script = parseScript(*actions, problems))
            config.script = std::move(*script);
        config.script.hide(config.secrets);
    }
    config.variables = readVariables(reader, QStringLiteral("variables"));
    config.triggerVariables = readVariables(reader, QStringLiteral("trigger_variables"));
    reader.finish();
    if (problems.size() != before)
        return {};
    return config;
}

QString automationId(const Value &value)
{
    const Value *id = value.find(QStringLiteral("id"));
    return id && !id->isCollection() ? id->text() : QString();
}

QString automationAlias(const Value &value)
{
    const Value *alias = value.find(QStringLiteral("alias"));
    return alias && !alias->isCollection() ? alias->text() : QString();
}

} // namespace hubkeep::automation
