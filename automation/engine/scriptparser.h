// Makes steps of what is written. Only for parseScript.
//
// Lives shorter than the problems.

#pragma once

#include "automation/engine/scriptsteps.h"

#include <optional>
#include <vector>

namespace hubkeep::automation {

class ScriptParser
{
public:
    static constexpr int deepest = 50; // steps in steps

    explicit ScriptParser(Problems &problems)
        : m_problems(problems)
    {
    }

    // One step or a list of them; never null. path is that of the sequence.
    SequencePointer sequence(const Value &value, const QString &path);

private:
    using What = decltype(ScriptStep::what);
    using Parse = What (ScriptParser::*)(ConfigReader &reader, const QString &path);
    struct StepKind;
    static const std::vector<StepKind> &kinds();

    std::optional<ScriptStep> step(const Value &value, const QString &path);
    std::optional<ScriptStep> conditionStep(const Value &value, const QString &path);
    void refuse(const Value &value);

    What action(ConfigReader &reader, const QString &path);
    What delay(ConfigReader &reader, const QString &path);
    What waitTemplate(ConfigReader &reader, const QString &path);
    What waitForTrigger(ConfigReader &reader, const QString &path);
    What choose(ConfigReader &reader, const QString &path);
    What branch(ConfigReader &reader, const QString &path);
    What repeat(ConfigReader &reader, const QString &path);
    What parallel(ConfigReader &reader, const QString &path);
    What nestedSequence(ConfigReader &reader, const QString &path);
    What variables(ConfigReader &reader, const QString &path);
    What stop(ConfigReader &reader, const QString &path);
    What event(ConfigReader &reader, const QString &path);
    What conversationResponse(ConfigReader &reader, const QString &path);
    What unsupported(ConfigReader &reader, const QString &path);

    WaitLimit limit(ConfigReader &reader);
    std::vector<ChooseStep::Option> options(const Value &value, const QString &path);
    ConditionList conditions(const Value *value, const QString &path, const QString &memberPath);
    SequencePointer requiredSequence(ConfigReader &reader, const QString &key, const QString &path);
    void readTarget(ConfigReader &reader, ActionStep &step);
    // A map, or a template that gives one.
    void readData(ConfigReader &reader, const QString &key, std::vector<TemplatedValue> &into);
    QString responseVariable(ConfigReader &reader);

    static bool isTemplateText(const Value &value);
    static std::vector<Value> listOf(const Value &value); // one thing is a list of one
    static QString at(const QString &path, qsizetype index);

    Problems &m_problems;
    int m_depth = 0;
};

} // namespace hubkeep::automation
