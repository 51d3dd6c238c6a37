// What loop is within a loop: {{ loop.index }}, {{ loop(item.children) }}.
//
// Belongs to the rendering whose loop it is.

#pragma once

#include "automation/template/syntax/statements.h"

#include <deque>

namespace hubkeep::templates {

// The items of a loop that its test lets through.
class LoopItems
{
public:
    LoopItems(Evaluation &evaluation, const For::Parts &parts, const TemplateValue &iterable);
    const TemplateValue *next() // as TemplateIteration's
    {
        return m_parts.test ? nextTested() : m_iteration.next();
    }

private:
    const TemplateValue *nextTested();

    Evaluation &m_evaluation;
    const For::Parts &m_parts;
    Frame *const m_frame;
    TemplateIteration m_iteration;
};

class LoopObject final : public TemplateObject
{
public:
    // The first two must outlive it; the current frame is the loop's.
    LoopObject(
        Evaluation &evaluation, const For &statement, const TemplateValue &iterable, int depth);

    const TemplateValue *next(); // valid until the next call; nullptr at the end

    QString typeName() const override { return QStringLiteral("LoopContext"); }
    std::optional<TemplateValue> attribute(TemplateRendering &, const QString &name) override;
    bool isCallable() const override { return true; }
    TemplateValue call(TemplateRendering &rendering, TemplatePositional positional,
        TemplateKeywords named) override;
    bool isTruthy() const override { return true; }
    QString literal() const override;

    TemplateValue cycle(TemplateRendering &rendering, TemplatePositional values);
    TemplateValue changed(TemplatePositional values);

private:
    std::optional<TemplateValue> member(const QString &name);
    bool fetch(); // one more of the items ahead
    qint64 size();

    Evaluation &m_evaluation;
    const For &m_statement;
    Frame *const m_outer; // where the loop stands
    const int m_depth;
    LoopItems m_items;
    std::deque<TemplateValue> m_ahead;
    TemplateValue m_current;
    TemplateValue m_before;
    std::optional<TemplateValue::Items> m_lastValues;
    std::optional<qint64> m_length;
    qint64 m_index = -1;
    bool m_isAtEnd = false;
};

} // namespace hubkeep::templates
