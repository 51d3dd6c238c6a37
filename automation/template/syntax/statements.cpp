#include "automation/template/syntax/statements.h"

#include "automation/template/syntax/macroobject.h"
#include "automation/template/valuetext.h"

namespace hubkeep::templates {
namespace {

void printValue(Evaluation &evaluation, const TemplateValue &value, qsizetype offset)
{
    using Kind = TemplateValue::Kind;
    if (value.isString()) {
        evaluation.print(value.string());
    } else if (value.isUndefined()) {
        if (evaluation.isStrict())
            evaluation.fail(offset, value.undefinedReason());
    } else if (value.kind() < Kind::List) {
        appendText(*evaluation.out, value);
        evaluation.rendering.fitsText(evaluation.out->size());
    } else {
        evaluation.print(operations::text(evaluation.rendering, value));
    }
    evaluation.rendering.failedAt(offset);
}

Flow next(const Evaluation &evaluation)
{
    return evaluation.failed() ? Flow::Stop : Flow::Next;
}

} // namespace

Flow execute(Evaluation &evaluation, const Body &body)
{
    for (const StatementPointer &statement : body) {
        const Flow flow = statement->execute(evaluation);
        if (flow != Flow::Next)
            return flow;
    }
    return Flow::Next;
}

QString printed(Evaluation &evaluation, const Body &body, Flow *flow)
{
    QString text;
    const Exchanged out(evaluation.out, &text);
    const Flow ended = execute(evaluation, body);
    if (flow)
        *flow = ended;
    evaluation.rendering.allowText(text.size()); // counts
    return text;
}

bool Target::assignParts(Evaluation &evaluation, const TemplateValue &value) const
{
    if (isTuple) {
        if (!operations::isIterable(value)) {
            evaluation.fail(offset,
                QStringLiteral("cannot unpack non-iterable %1 object").arg(value.typeName()));
            return false;
        }
        const auto items = operations::items(evaluation.rendering, value);
        evaluation.rendering.failedAt(offset);
        if (evaluation.failed())
            return false;
        if (items.size() != parts.size()) {
            evaluation.fail(offset,
                items.size() < parts.size()
                    ? QStringLiteral("not enough values to unpack (expected %1, got %2)")
                          .arg(parts.size())
                          .arg(items.size())
                    : QStringLiteral("too many values to unpack (expected %1)").arg(parts.size()));
            return false;
        }
        for (size_t i = 0; i < parts.size(); ++i) {
            if (!parts[i].assign(evaluation, items[i]))
                return false;
        }
        return true;
    }
    const TemplateValue holder = object->evaluate(evaluation);
    if (holder.isObject() && holder.object()->setAttribute(attribute, value))
        return true;
    evaluation.fail(offset,
        QStringLiteral("only attributes of a namespace can be set, and '%1' is %2")
            .arg(name,
                holder.isUndefined() ? QStringLiteral("undefined")
                                     : QStringLiteral("of type %1").arg(holder.typeName())));
    return false;
}

Flow Text::execute(Evaluation &evaluation) const
{
    evaluation.print(m_text);
    return evaluation.rendering.step() ? Flow::Next : Flow::Stop;
}

Flow Print::execute(Evaluation &evaluation) const
{
    TemplateValue scratch;
    qint64 number = 0;
    const TemplateValue *value = m_expression->lookWhole(evaluation, scratch, number);
    if (evaluation.failed())
        return Flow::Stop;
    if (value) {
        printValue(evaluation, *value, m_expression->offset());
    } else {
        appendWhole(*evaluation.out, number);
        evaluation.rendering.fitsText(evaluation.out->size());
        evaluation.rendering.failedAt(m_expression->offset());
    }
    return evaluation.rendering.step() && !evaluation.failed() ? Flow::Next : Flow::Stop;
}

Flow Do::execute(Evaluation &evaluation) const
{
    m_expression->evaluate(evaluation);
    return evaluation.rendering.step() && !evaluation.failed() ? Flow::Next : Flow::Stop;
}

Flow If::execute(Evaluation &evaluation) const
{
    for (const auto &[condition, body] : m_branches) {
        const bool isTrue = condition->isTrue(evaluation);
        if (!evaluation.rendering.step() || evaluation.failed())
            return Flow::Stop;
        if (isTrue)
            return templates::execute(evaluation, body);
    }
    return templates::execute(evaluation, m_otherwise);
}

Flow Set::execute(Evaluation &evaluation) const
{
    const TemplateValue value = m_expression->evaluate(evaluation);
    if (evaluation.rendering.step() && !evaluation.failed())
        m_target.assign(evaluation, value);
    return next(evaluation);
}

Flow Block::execute(Evaluation &evaluation) const
{
    TemplateValue::Items values;
    for (const auto &variable : m_parts.variables)
        values.push_back(variable.second->evaluate(evaluation));
    if (!evaluation.rendering.step() || evaluation.failed())
        return Flow::Stop;
    inherit(evaluation, m_parts.inherited);
    for (size_t i = 0; i < values.size(); ++i) {
        if (!m_parts.variables[i].first.assign(evaluation, values[i]))
            return Flow::Stop;
    }
    if (!m_parts.captures)
        return templates::execute(evaluation, m_parts.body);

    Flow flow = Flow::Next;
    TemplateValue value = printed(evaluation, m_parts.body, &flow);
    if (flow != Flow::Next || evaluation.failed())
        return evaluation.failed() ? Flow::Stop : flow;
    if (m_parts.filter) {
        evaluation.slot(m_parts.captured) = std::move(value);
        value = m_parts.filter->evaluate(evaluation);
        if (evaluation.failed())
            return Flow::Stop;
    }
    if (m_parts.target)
        m_parts.target->assign(evaluation, value);
    else
        printValue(evaluation, value, m_parts.filter ? m_parts.filter->offset() : -1);
    return next(evaluation);
}

Flow Macro::execute(Evaluation &evaluation) const
{
    evaluation.frame->isKept = true;
    m_target.assign(evaluation,
        std::shared_ptr<TemplateObject>(std::make_shared<MacroObject>(evaluation, m_parts)));
    return evaluation.rendering.step() ? Flow::Next : Flow::Stop;
}

Flow CallBlock::execute(Evaluation &evaluation) const
{
    evaluation.frame->isKept = true;
    const TemplateNamed caller { QStringLiteral("caller"),
        std::shared_ptr<TemplateObject>(std::make_shared<MacroObject>(evaluation, m_caller)) };
    const TemplateValue value = m_call->call(evaluation, &caller);
    if (!evaluation.failed())
        printValue(evaluation, value, m_call->offset());
    return next(evaluation);
}

} // namespace hubkeep::templates
