// The names that a run's steps see, from the innermost out.
//
// As in Home Assistant: an assignment changes a name in the nearest scope that has it; a new name
// is one of the whole run. A loop has a scope of its own for `repeat`; a branch of a `parallel`
// has one so that its `wait` is not that of its neighbours.
//
// Main thread; the outer scope outlives the inner.

#pragma once

#include "automation/core/context.h"
#include "automation/engine/runmemory.h"
#include "automation/template/template.h"

#include <QHash>

#include <memory>
#include <optional>

namespace hubkeep::automation {

class RunScope final : public TemplateNames
{
public:
    // The run's own.
    RunScope(const QHash<QString, TemplateValue> &values, const Context &context,
        std::shared_ptr<RunMemory> memory);
    explicit RunScope(RunScope &outer, bool isBranch = false);

    const TemplateValue *find(const QString &name) const override;

    // Whether it is remembered, or would be too much for one run, or for all.
    enum class Assigned { Yes, TooMuch, TooMuchTogether };
    [[nodiscard]] Assigned assign(const QString &name, const TemplateValue &value);
    // Here and nowhere else.
    void define(const QString &name, TemplateValue value) { m_values.set(name, std::move(value)); }
    // In the nearest branch, if there is one.
    void assignInBranch(const QString &name, TemplateValue value);

private:
    RunScope *const m_outer;
    const bool m_isBranch;
    TemplateVariables m_values;
    // Of the run's own scope only:
    Context m_context {};
    mutable TemplateValue m_contextValue {}; // made when somebody looks
    QHash<QString, qsizetype> m_sizes {}; // of what was assigned
    std::optional<RunMemory::Share> m_share {}; // of all that
};

} // namespace hubkeep::automation
