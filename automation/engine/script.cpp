#include "automation/engine/script.h"

#include "automation/engine/scriptparser.h"
#include "automation/engine/scriptsteps.h"

#include <QSet>

#include <algorithm>

namespace hubkeep::automation {
namespace {

void collectSecrets(const Value &value, QSet<QString> &secrets)
{
    if (value.isSecret() && !value.isCollection() && !value.text().isEmpty())
        secrets.insert(value.text());
    for (const Value &item : value.items())
        collectSecrets(item, secrets);
    for (const Value::Member &member : value.members())
        collectSecrets(member.value, secrets);
}

void collectActions(const SequencePointer &sequence, QList<NamedAction> &actions);

struct ActionCollector
{
    const ScriptStep &step;
    QList<NamedAction> &actions;

    void operator()(const ActionStep &what) const
    {
        if (what.name.isConstant())
            actions.append({ what.name.constant().toText(), step.place });
    }
    void operator()(const ChooseStep &what) const
    {
        for (const ChooseStep::Option &option : what.options)
            collectActions(option.sequence, actions);
        collectActions(what.byDefault, actions);
    }
    void operator()(const IfStep &what) const
    {
        collectActions(what.then, actions);
        collectActions(what.otherwise, actions);
    }
    void operator()(const RepeatStep &what) const { collectActions(what.sequence, actions); }
    void operator()(const ParallelStep &what) const
    {
        for (const SequencePointer &branch : what.branches)
            collectActions(branch, actions);
    }
    void operator()(const SequenceStep &what) const { collectActions(what.sequence, actions); }
    template <typename Other>
    void operator()(const Other &) const
    {
    }
};

void collectActions(const SequencePointer &sequence, QList<NamedAction> &actions)
{
    if (!sequence)
        return;
    for (const ScriptStep &step : sequence->steps)
        std::visit(ActionCollector { step, actions }, step.what);
}

} // namespace

QStringList secretsOf(const Value &value)
{
    QSet<QString> secrets;
    collectSecrets(value, secrets);
    QStringList sorted = secrets.values();
    std::sort(sorted.begin(), sorted.end(), [](const QString &one, const QString &other) {
        return one.size() != other.size() ? one.size() > other.size() : one < other;
    });
    return sorted;
}

QList<NamedAction> Script::actions() const
{
    QList<NamedAction> actions;
    collectActions(m_steps, actions);
    return actions;
}

std::optional<Script> parseScript(const Value &value, Problems &problems, const QString &path)
{
    const qsizetype before = problems.size();
    Script script;
    script.m_steps = ScriptParser(problems).sequence(value, path);
    if (problems.size() != before || value.kind() == Value::Kind::Broken)
        return {};
    script.hide(secretsOf(value));
    return script;
}

} // namespace hubkeep::automation
