// {% for %} and what loop says of it.

#include "automation/template/syntax/loopobject.h"

namespace hubkeep::templates {

Flow For::execute(Evaluation &evaluation) const
{
    TemplateValue scratch;
    const TemplateValue iterable = m_parts.iterable->evaluate(evaluation);
    if (!evaluation.rendering.step() || evaluation.failed())
        return Flow::Stop;
    return run(evaluation, iterable, 0);
}

Flow For::run(Evaluation &evaluation, const TemplateValue &iterable, int depth) const
{
    if (!m_parts.isRecursive)
        return loop(evaluation, iterable, depth);
    auto frame = std::make_unique<Frame>(evaluation.frame, m_parts.variables);
    evaluation.frame->isKept = true;
    Flow flow = Flow::Next;
    {
        const Exchanged current(evaluation.frame, frame.get());
        flow = loop(evaluation, iterable, depth);
    }
    evaluation.keep(std::move(frame));
    return flow;
}

Flow For::loop(Evaluation &evaluation, const TemplateValue &iterable, int depth) const
{
    std::shared_ptr<LoopObject> object;
    if (m_parts.loop) {
        evaluation.frame->isKept = true;
        object = std::make_shared<LoopObject>(evaluation, *this, iterable, depth);
        evaluation.slot(*m_parts.loop) = std::shared_ptr<TemplateObject>(object);
    }
    LoopItems items(evaluation, m_parts, object ? TemplateValue::list({}) : iterable);
    bool completed = false; // a whole turn: what decides about else, as in Jinja2
    while (const TemplateValue *item = object ? object->next() : items.next()) {
        if (!m_parts.target.assign(evaluation, *item))
            return Flow::Stop;
        inherit(evaluation, m_parts.inherited);
        const Flow flow = templates::execute(evaluation, m_parts.body);
        if (flow == Flow::Stop)
            return flow;
        if (flow == Flow::Break)
            break;
        completed = completed || flow == Flow::Next;
    }
    if (evaluation.failed()) {
        evaluation.rendering.failedAt(m_parts.iterable->offset());
        return Flow::Stop;
    }
    if (completed || m_parts.otherwise.empty())
        return Flow::Next;
    inherit(evaluation, m_parts.elseInherited);
    return templates::execute(evaluation, m_parts.otherwise);
}

LoopItems::LoopItems(Evaluation &evaluation, const For::Parts &parts, const TemplateValue &iterable)
    : m_evaluation(evaluation)
    , m_parts(parts)
    , m_frame(evaluation.frame)
    , m_iteration(evaluation.rendering, iterable)
{
}

const TemplateValue *LoopItems::nextTested()
{
    while (const TemplateValue *item = m_iteration.next()) {
        const Exchanged current(m_evaluation.frame, m_frame); // somebody else may ask what is next
        if (!m_parts.tested.assign(m_evaluation, *item))
            return nullptr;
        const bool isWanted = m_parts.test->isTrue(m_evaluation);
        if (m_evaluation.failed())
            return nullptr;
        if (isWanted)
            return item;
    }
    return nullptr;
}

LoopObject::LoopObject(
    Evaluation &evaluation, const For &statement, const TemplateValue &iterable, int depth)
    : m_evaluation(evaluation)
    , m_statement(statement)
    , m_outer(statement.parts().isRecursive ? evaluation.frame->parent : evaluation.frame)
    , m_depth(depth)
    , m_items(evaluation, statement.parts(), iterable)
{
    if (!statement.parts().test && !(iterable.isObject() && !iterable.object()->length()))
        m_length = operations::length(evaluation.rendering, iterable);
}

bool LoopObject::fetch()
{
    if (m_isAtEnd)
        return false;
    const TemplateValue *item = m_items.next();
    if (item)
        m_ahead.push_back(*item);
    else
        m_isAtEnd = true;
    return item != nullptr;
}

const TemplateValue *LoopObject::next()
{
    if (m_ahead.empty() && !fetch())
        return nullptr;
    if (m_index >= 0)
        m_before = std::move(m_current);
    m_current = std::move(m_ahead.front());
    m_ahead.pop_front();
    ++m_index;
    return &m_current;
}

qint64 LoopObject::size()
{
    if (!m_length) {
        while (fetch()) { }
        m_length = m_index + 1 + qint64(m_ahead.size());
    }
    return *m_length;
}

std::optional<TemplateValue> LoopObject::attribute(TemplateRendering &, const QString &name)
{
    if (name == u"index")
        return m_index + 1;
    if (name == u"index0")
        return m_index;
    if (name == u"first")
        return m_index == 0;
    if (name == u"last")
        return m_ahead.empty() && !fetch();
    if (name == u"length")
        return size();
    if (name == u"revindex")
        return size() - m_index;
    if (name == u"revindex0")
        return size() - m_index - 1;
    if (name == u"depth")
        return qint64(m_depth) + 1;
    if (name == u"depth0")
        return qint64(m_depth);
    if (name == u"previtem")
        return m_index > 0
            ? m_before
            : TemplateValue::undefinedBecause(QStringLiteral("there is no previous item"));
    if (name == u"nextitem") {
        if (m_ahead.empty() && !fetch())
            return TemplateValue::undefinedBecause(QStringLiteral("there is no next item"));
        return m_ahead.front();
    }
    return member(name);
}

namespace {

// loop.cycle and loop.changed.
class LoopMethod final : public TemplateObject
{
public:
    LoopMethod(std::shared_ptr<LoopObject> loop, bool isCycle)
        : m_loop(std::move(loop))
        , m_isCycle(isCycle)
    {
    }
    QString typeName() const override { return QStringLiteral("method"); }
    bool isCallable() const override { return true; }
    TemplateValue call(TemplateRendering &rendering, TemplatePositional positional,
        TemplateKeywords named) override
    {
        if (!named.empty())
            return rendering.fail(
                QStringLiteral("loop.%1() takes no named arguments")
                    .arg(m_isCycle ? QStringLiteral("cycle") : QStringLiteral("changed")));
        return m_isCycle ? m_loop->cycle(rendering, positional) : m_loop->changed(positional);
    }

private:
    const std::shared_ptr<LoopObject> m_loop;
    const bool m_isCycle;
};

} // namespace

std::optional<TemplateValue> LoopObject::member(const QString &name)
{
    if (name != u"cycle" && name != u"changed")
        return std::nullopt;
    return std::shared_ptr<TemplateObject>(std::make_shared<LoopMethod>(
        std::static_pointer_cast<LoopObject>(shared_from_this()), name == u"cycle"));
}

TemplateValue LoopObject::cycle(TemplateRendering &rendering, TemplatePositional values)
{
    if (values.empty())
        return rendering.fail(QStringLiteral("no items for cycling given"));
    return values[size_t(m_index) % values.size()];
}

TemplateValue LoopObject::changed(TemplatePositional values)
{
    TemplateValue::Items now(values.begin(), values.end());
    if (m_lastValues && *m_lastValues == now)
        return false;
    m_lastValues = std::move(now);
    return true;
}

TemplateValue LoopObject::call(
    TemplateRendering &rendering, TemplatePositional positional, TemplateKeywords named)
{
    if (!m_statement.parts().isRecursive)
        return rendering.fail(QStringLiteral(
            "only a loop with 'recursive' can be called: {% for item in list recursive %}"));
    if (positional.size() != 1 || !named.empty())
        return rendering.fail(QStringLiteral("loop() takes one argument: what to loop over"));
    if (!rendering.enter())
        return {};
    QString text;
    {
        const Exchanged frame(m_evaluation.frame, m_outer);
        const Exchanged out(m_evaluation.out, &text);
        m_statement.run(m_evaluation, positional[0], m_depth + 1);
    }
    rendering.leave();
    rendering.allowText(text.size());
    return text;
}

QString LoopObject::literal() const
{
    return QStringLiteral("<LoopContext %1/%2>")
        .arg(m_index + 1)
        .arg(m_length.value_or(m_index + 1));
}

} // namespace hubkeep::templates
