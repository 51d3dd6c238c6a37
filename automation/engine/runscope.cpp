#include "automation/engine/runscope.h"

#include "automation/engine/script.h"
#include "automation/template/templatedict.h"

namespace hubkeep::automation {
namespace {

TemplateValue textOrNone(const QString &text)
{
    return text.isEmpty() ? TemplateValue() : TemplateValue(text);
}

// About what value takes in memory, in bytes; counting ends beyond limit.
qsizetype weightOf(const TemplateValue &value, qsizetype limit)
{
    qsizetype weight = 32;
    switch (value.kind()) {
    case TemplateValue::Kind::String:
        return weight + 2 * value.string().size();
    case TemplateValue::Kind::List:
    case TemplateValue::Kind::Tuple:
    case TemplateValue::Kind::Set:
        for (const TemplateValue &item : value.items()) {
            if (weight > limit)
                break;
            weight += weightOf(item, limit - weight);
        }
        return weight;
    case TemplateValue::Kind::Dict:
        for (const auto &[key, member] : value.dict()) {
            if (weight > limit)
                break;
            weight += weightOf(key, limit - weight);
            weight += weightOf(member, limit - weight);
        }
        return weight;
    default:
        return weight;
    }
}

} // namespace

RunScope::RunScope(QHash<QString, TemplateValue> values, const Context &context)
    : m_outer(nullptr)
    , m_isBranch(false)
    , m_values(std::move(values))
    , m_context(context)
{
}

RunScope::RunScope(RunScope &outer, bool isBranch)
    : m_outer(&outer)
    , m_isBranch(isBranch)
{
}

const TemplateValue *RunScope::find(const QString &name) const
{
    const RunScope *scope = this;
    while (true) {
        const auto found = scope->m_values.constFind(name);
        if (found != scope->m_values.cend())
            return &*found;
        if (!scope->m_outer)
            break;
        scope = scope->m_outer;
    }
    if (name != u"context")
        return nullptr;
    if (scope->m_contextValue.isNone()) {
        TemplateDict context;
        context.insert(QStringLiteral("id"), scope->m_context.id);
        context.insert(QStringLiteral("parent_id"), textOrNone(scope->m_context.parentId));
        context.insert(QStringLiteral("user_id"), textOrNone(scope->m_context.userId));
        scope->m_contextValue = context;
    }
    return &scope->m_contextValue;
}

bool RunScope::assign(const QString &name, const TemplateValue &value)
{
    RunScope *scope = this;
    while (scope->m_outer && !scope->m_values.contains(name))
        scope = scope->m_outer;
    if (!scope->m_outer) {
        qsizetype &before = scope->m_weights[name];
        const qsizetype weight = weightOf(value, ScriptRun::mostRemembered) + 2 * name.size();
        scope->m_weight += weight - before;
        before = weight;
        if (scope->m_weight > ScriptRun::mostRemembered)
            return false;
    }
    scope->m_values[name] = value;
    return true;
}

void RunScope::assignInBranch(const QString &name, TemplateValue value)
{
    RunScope *scope = this;
    while (scope->m_outer && !scope->m_isBranch)
        scope = scope->m_outer;
    scope->m_values[name] = std::move(value);
}

} // namespace hubkeep::automation
