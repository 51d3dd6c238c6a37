#include "automation/engine/runscope.h"

#include "automation/engine/script.h"
#include "automation/template/templatedict.h"

#include <utility>

namespace hubkeep::automation {
namespace {

TemplateValue textOrNone(const QString &text)
{
    return text.isEmpty() ? TemplateValue() : TemplateValue(text);
}

} // namespace

RunScope::RunScope(const QHash<QString, TemplateValue> &values, const Context &context,
    std::shared_ptr<RunMemory> memory)
    : m_outer(nullptr)
    , m_isBranch(false)
    , m_values(values)
    , m_context(context)
    , m_share(std::in_place, std::move(memory))
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
        if (const TemplateValue *found = scope->m_values.find(name))
            return found;
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

RunScope::Assigned RunScope::assign(const QString &name, const TemplateValue &value)
{
    RunScope *scope = this;
    while (scope->m_outer && !scope->m_values.find(name))
        scope = scope->m_outer;
    if (!scope->m_outer) {
        qsizetype &before = scope->m_sizes[name];
        const qsizetype size = memoryOf(value, ScriptRun::mostRemembered) + 2 * name.size();
        const qsizetype all = scope->m_share->size() + size - before;
        if (all > ScriptRun::mostRemembered)
            return Assigned::TooMuch;
        if (!scope->m_share->resize(all))
            return Assigned::TooMuchTogether;
        before = size;
    }
    scope->m_values.set(name, value);
    return Assigned::Yes;
}

void RunScope::assignInBranch(const QString &name, TemplateValue value)
{
    RunScope *scope = this;
    while (scope->m_outer && !scope->m_isBranch)
        scope = scope->m_outer;
    scope->m_values.set(name, std::move(value));
}

} // namespace hubkeep::automation
