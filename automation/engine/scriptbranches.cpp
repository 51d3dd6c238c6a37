// How steps that have steps of their own are read.

#include "automation/core/schema.h"
#include "automation/engine/scriptparser.h"

#include <utility>

namespace hubkeep::automation {

ConditionList ScriptParser::conditions(
    const Value *value, const QString &path, const QString &memberPath)
{
    ConditionList list { path, memberPath };
    if (!value)
        return list;
    for (const Value &item : listOf(*value)) {
        if (item.kind() == Value::Kind::Broken)
            continue;
        if (std::optional<Condition> condition = parseCondition(item, m_problems))
            list.conditions.push_back(std::move(*condition));
    }
    return list;
}

SequencePointer ScriptParser::requiredSequence(
    ConfigReader &reader, const QString &key, const QString &path)
{
    const Value *value = reader.value().find(key);
    if (value && value->kind() == Value::Kind::Null) // as people write "sequence: []"
        reader.ignore({ key });
    else
        value = reader.required(key);
    return value ? sequence(*value, path) : nullptr;
}

std::vector<ChooseStep::Option> ScriptParser::options(const Value &value, const QString &path)
{
    std::vector<ChooseStep::Option> options;
    for (const Value &item : listOf(value)) {
        if (item.kind() == Value::Kind::Broken)
            continue;
        const QString optionPath = at(path, qsizetype(options.size()));
        ConfigReader reader(item, QStringLiteral("an option of 'choose'"), m_problems);
        reader.ignore({ QStringLiteral("alias") });
        ChooseStep::Option option;
        option.conditions = conditions(reader.required(QStringLiteral("conditions")), optionPath,
            QStringLiteral("/conditions"));
        option.sequence = requiredSequence(
            reader, QStringLiteral("sequence"), optionPath + QStringLiteral("/sequence"));
        reader.finish();
        options.push_back(std::move(option));
    }
    return options;
}

ScriptParser::What ScriptParser::choose(ConfigReader &reader, const QString &path)
{
    ChooseStep step;
    const QString key = QStringLiteral("choose");
    if (const Value *value = reader.find(key))
        step.options = options(*value, path + QStringLiteral("/choose"));
    if (const Value *byDefault = reader.find(QStringLiteral("default")))
        step.byDefault = sequence(*byDefault, path + QStringLiteral("/default"));
    return step;
}

ScriptParser::What ScriptParser::branch(ConfigReader &reader, const QString &path)
{
    IfStep step;
    step.conditions = conditions(reader.required(QStringLiteral("if")),
        path + QStringLiteral("/if"), QStringLiteral("/condition"));
    step.then = requiredSequence(reader, QStringLiteral("then"), path + QStringLiteral("/then"));
    if (const Value *otherwise = reader.find(QStringLiteral("else")))
        step.otherwise = sequence(*otherwise, path + QStringLiteral("/else"));
    return step;
}

ScriptParser::What ScriptParser::repeat(ConfigReader &outer, const QString &path)
{
    using Kind = RepeatStep::Kind;
    static const std::vector<std::pair<QString, Kind>> kinds {
        { QStringLiteral("count"), Kind::Count },
        { QStringLiteral("for_each"), Kind::ForEach },
        { QStringLiteral("while"), Kind::While },
        { QStringLiteral("until"), Kind::Until },
    };
    RepeatStep step;
    const QString inner = path + QStringLiteral("/repeat");
    const Value *value = outer.required(QStringLiteral("repeat"));
    if (!value)
        return step;
    ConfigReader reader(*value, QStringLiteral("'repeat'"), m_problems);
    int found = 0;
    for (const auto &[key, kind] : kinds) {
        const Value *what = reader.find(key);
        if (!what)
            continue;
        if (++found == 2)
            reader.problem(what->place(),
                QStringLiteral("'repeat' takes one of count, for_each, while and until"));
        step.kind = kind;
        if (kind == Kind::While || kind == Kind::Until) {
            step.conditions = conditions(what, inner, u'/' + key);
            continue;
        }
        step.amount = TemplatedValue::parse(*what, m_problems);
        const bool fits = isTemplateText(*what) || what->kind() == Value::Kind::Broken
            || (kind == Kind::Count
                    ? what->kind() == Value::Kind::Integer && what->toVariant().toLongLong() >= 0
                    : what->kind() == Value::Kind::List);
        if (!fits)
            reader.problem(what->place(),
                atPath(key,
                    QStringLiteral("must be %1, not %2")
                        .arg(kind == Kind::Count ? QStringLiteral("a whole number")
                                                 : QStringLiteral("a list"),
                            what->describe())));
    }
    if (found == 0 && reader.isMap())
        reader.problem(value->place(),
            QStringLiteral("'repeat' needs one of count, for_each, while and until"));
    step.sequence
        = requiredSequence(reader, QStringLiteral("sequence"), inner + QStringLiteral("/sequence"));
    reader.finish();
    return step;
}

ScriptParser::What ScriptParser::parallel(ConfigReader &reader, const QString &path)
{
    ParallelStep step;
    const Value *value = reader.required(QStringLiteral("parallel"));
    if (!value)
        return step;
    for (const Value &item : listOf(*value)) {
        const QString branchPath
            = at(path + QStringLiteral("/parallel"), qsizetype(step.branches.size()))
            + QStringLiteral("/sequence");
        if (!item.find(QStringLiteral("sequence"))) {
            step.branches.push_back(sequence(item, branchPath));
            continue;
        }
        ConfigReader branch(item, QStringLiteral("a branch of 'parallel'"), m_problems);
        branch.ignore({ QStringLiteral("alias") });
        step.branches.push_back(requiredSequence(branch, QStringLiteral("sequence"), branchPath));
        branch.finish();
    }
    return step;
}

ScriptParser::What ScriptParser::nestedSequence(ConfigReader &reader, const QString &path)
{
    reader.ignore({ QStringLiteral("metadata") });
    return SequenceStep { requiredSequence(
        reader, QStringLiteral("sequence"), path + QStringLiteral("/sequence")) };
}

} // namespace hubkeep::automation
