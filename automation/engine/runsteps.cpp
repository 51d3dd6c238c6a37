// What each kind of step does.

#include "automation/engine/runmachine.h"

#include <cmath>
#include <utility>

namespace hubkeep::automation {
namespace {

// Of repeats without an end that is known.
constexpr qint64 turnsToWarnAt = 5000;
constexpr qint64 mostTurns = 10'000;

TemplateDict dictOf(const QString &key, TemplateValue value)
{
    TemplateDict dict;
    dict.insert(key, std::move(value));
    return dict;
}

Error wrong(const QString &sentence)
{
    return { ErrorCode::InvalidArgument, sentence };
}

QString shown(const TemplateValue &value)
{
    constexpr qsizetype longest = 60;
    const QString text = value.toLiteral();
    return text.size() > longest ? text.left(longest) + u'…' : text;
}

// Renders one after the other, all of them dicts, into one.
Result<void> renderAll(const std::vector<TemplatedValue> &values, const TemplateScope &scope,
    const QString &what, TemplateDict &into)
{
    for (const TemplatedValue &value : values) {
        const Result<TemplateValue> rendered
            = value.isConstant() ? value.constant() : value.render(scope);
        if (!rendered)
            return rendered.error().in(what);
        if (rendered->kind() != TemplateValue::Kind::Dict)
            return wrong(
                QStringLiteral("the %1 must be a mapping, not %2").arg(what, shown(*rendered)));
        if (into.isEmpty()) {
            into = rendered->dict();
            continue;
        }
        for (const auto &[key, member] : rendered->dict())
            into.insert(key, member);
    }
    return {};
}

// "a.b, c.d" are two.
TemplateValue entityIdsOf(const TemplateValue &value)
{
    if (value.kind() != TemplateValue::Kind::String || !value.string().contains(u','))
        return value;
    TemplateValue::Items ids;
    for (const QString &part : value.string().split(u',', Qt::SkipEmptyParts))
        ids.push_back(part.trimmed());
    return TemplateValue::list(std::move(ids));
}

QVariantMap mapOf(const TemplateDict &dict)
{
    QVariantMap map;
    for (const auto &[key, value] : dict)
        map.insert(key.toText(), value.toVariant());
    return map;
}

std::optional<qint64> countOf(const TemplateValue &value)
{
    double number = 0;
    bool ok = true;
    if (value.isNumber())
        number = value.toDouble();
    else if (value.kind() == TemplateValue::Kind::String)
        number = value.string().trimmed().toDouble(&ok);
    else
        ok = false;
    if (!ok || !std::isfinite(number) || std::abs(number) > 1e15)
        return {};
    return qint64(number);
}

} // namespace

RunMachine::Flow RunMachine::take(Strand &strand, const IgnoredStep &step)
{
    setResult(strand, dictOf(QStringLiteral("ignored"), step.reason));
    return Flow::Done;
}

// --- Actions and events.

Result<RunMachine::Call> RunMachine::prepare(Strand &strand, const ActionStep &step)
{
    const TemplateScope scope = scopeOf(strand);
    Call call;
    const Result<TemplateValue> name
        = step.name.isConstant() ? step.name.constant() : step.name.render(scope);
    if (!name)
        return name.error().in(QStringLiteral("action"));
    call.name = name->toText();
    if (!step.name.isConstant())
        call.name = call.name.trimmed().toLower();
    if (const Result<void> data = renderAll(step.data, scope, QStringLiteral("data"), call.data);
        !data)
        return data.error();
    const QString entityId = QStringLiteral("entity_id");
    if (!step.target.isNone()) {
        if (const Result<void> target
            = renderAll({ step.target }, scope, QStringLiteral("target"), call.target);
            !target)
            return target.error();
        if (const TemplateValue *ids = call.target.find(entityId))
            call.target.insert(entityId, entityIdsOf(*ids));
    }
    if (!step.entityId.isNone()) {
        const Result<TemplateValue> ids = step.entityId.render(scope);
        if (!ids)
            return ids.error().in(entityId);
        call.target.insert(entityId, entityIdsOf(*ids));
    }
    return call;
}

RunMachine::Flow RunMachine::take(Strand &strand, const ActionStep &step)
{
    Result<Call> call = prepare(strand, step);
    if (!call)
        return fail(strand, call.error());
    if (isTraced()) {
        TemplateDict params;
        const qsizetype dot = call->name.indexOf(u'.');
        params.insert(QStringLiteral("domain"), call->name.left(dot));
        params.insert(QStringLiteral("service"), call->name.mid(dot + 1));
        params.insert(QStringLiteral("service_data"), call->data);
        params.insert(QStringLiteral("target"), call->target);
        TemplateDict result = dictOf(QStringLiteral("params"), std::move(params));
        result.insert(QStringLiteral("running_script"), call->name == u"automation.trigger");
        setResult(strand, std::move(result));
    }
    ActionRegistry &actions = m_parts.hub.actions();
    const ActionDescription *description = actions.find(call->name);
    if (description && !step.responseVariable.isEmpty() && !description->responds)
        return fail(strand,
            wrong(QStringLiteral("%1 answers nothing; remove its response_variable")
                      .arg(call->name)));
    const bool isKnown = description != nullptr;
    QVariantMap arguments = mapOf(call->data);
    for (const auto &[key, value] : call->target)
        arguments.insert(key.toText(), value.toVariant());
    const ActionResult future = actions.call(call->name, { std::move(arguments), m_context });
    if (m_isStopped) {
        ActionResult(future).cancel();
        return Flow::Done;
    }
    if (!future.isFinished())
        return awaitAnswer(strand, future);
    const Flow flow = answered(strand, step, future);
    if (flow == Flow::Halts && !isKnown)
        strand.halt->isIgnorable = false;
    return flow;
}

RunMachine::Flow RunMachine::answered(
    Strand &strand, const ActionStep &step, const ActionResult &future)
{
    if (future.resultCount() == 0)
        return halt(strand,
            { Halt::Kind::Error,
                { ErrorCode::Cancelled, QStringLiteral("the action was cancelled") }, true });
    const Result<QVariantMap> answer = future.resultAt(0);
    if (!answer)
        return halt(strand, { Halt::Kind::Error, answer.error(), true });
    if (step.responseVariable.isEmpty())
        return Flow::Done;
    return assign(strand, step.responseVariable, TemplateValue::fromVariant(*answer));
}

RunMachine::Flow RunMachine::take(Strand &strand, const EventStep &step)
{
    TemplateDict data;
    if (const Result<void> rendered
        = renderAll(step.data, scopeOf(strand), QStringLiteral("event_data"), data);
        !rendered)
        return fail(strand, rendered.error());
    if (isTraced()) {
        TemplateDict result = dictOf(QStringLiteral("event"), step.type);
        result.insert(QStringLiteral("event_data"), data);
        setResult(strand, std::move(result));
    }
    m_parts.hub.bus().publish({ step.type, mapOf(data), m_context });
    return Flow::Done;
}

// --- Variables and ends.

RunMachine::Flow RunMachine::take(Strand &strand, const VariablesStep &step)
{
    for (const auto &[name, value] : step.values) {
        const Result<TemplateValue> rendered
            = value.isConstant() ? value.constant() : value.render(scopeOf(strand));
        if (!rendered)
            return fail(strand, rendered.error().in(name));
        if (assign(strand, name, *rendered) == Flow::Halts)
            return Flow::Halts;
    }
    return Flow::Done;
}

RunMachine::Flow RunMachine::take(Strand &strand, const StopStep &step)
{
    TemplateDict result = dictOf(QStringLiteral("stop"), step.text);
    result.insert(QStringLiteral("error"), step.isError);
    setResult(strand, std::move(result));
    if (step.isError)
        return halt(strand,
            { Halt::Kind::Abort,
                { ErrorCode::Internal,
                    step.text.isEmpty() ? QStringLiteral("it was stopped as an error")
                                        : step.text } });
    Halt stop { Halt::Kind::Stop };
    if (!step.responseVariable.isEmpty()) {
        const TemplateValue *response = strand.frames.back().scope->find(step.responseVariable);
        if (!response)
            return halt(strand,
                { Halt::Kind::Abort,
                    wrong(QStringLiteral("the response variable '%1' has no value")
                              .arg(step.responseVariable)) });
        stop.response = *response;
    }
    return halt(strand, std::move(stop));
}

RunMachine::Flow RunMachine::take(Strand &strand, const ConditionStep &step)
{
    const Frame &frame = strand.frames.back();
    const Result<bool> holds
        = step.condition.evaluate(m_parts, *frame.scope, m_trace, frame.step->path);
    if (!holds)
        warn(strand, holds.error().message);
    return holds && *holds ? Flow::Done : halt(strand, { Halt::Kind::Condition });
}

// --- Branches.

RunMachine::Flow RunMachine::enter(Strand &strand, const SequencePointer &sequence)
{
    RunScope *const scope = strand.frames.back().scope;
    strand.frames.push_back({ .sequence = sequence.get(), .scope = scope });
    return Flow::Entered;
}

bool RunMachine::holds(Strand &strand, const ConditionList &list, bool byDefault)
{
    const int number = isTraced() ? m_trace->add(list.path, m_parts.hub.clock().now()).number : 0;
    const RunScope &names = *strand.frames.back().scope;
    bool all = true;
    for (size_t i = 0; all && i < list.conditions.size(); ++i) {
        const QString path
            = isTraced() ? list.path + list.memberPath + u'/' + QString::number(i) : QString();
        const Result<bool> one = list.conditions[i].evaluate(m_parts, names, m_trace, path);
        if (!one) {
            warn(strand, one.error().message);
            all = byDefault;
            break;
        }
        all = *one;
    }
    if (TraceStep *traced = isTraced() ? m_trace->find(number) : nullptr)
        traced->result = dictOf(QStringLiteral("result"), all);
    return all;
}

RunMachine::Flow RunMachine::take(Strand &strand, const ChooseStep &step)
{
    const QString choice = QStringLiteral("choice");
    for (size_t i = 0; i < step.options.size(); ++i) {
        const ChooseStep::Option &option = step.options[i];
        if (!holds(strand, option.conditions, false))
            continue;
        setResult(strand, dictOf(choice, qint64(i)));
        return enter(strand, option.sequence);
    }
    if (!step.byDefault)
        return Flow::Done;
    setResult(strand, dictOf(choice, QStringLiteral("default")));
    return enter(strand, step.byDefault);
}

RunMachine::Flow RunMachine::take(Strand &strand, const IfStep &step)
{
    const QString choice = QStringLiteral("choice");
    if (holds(strand, step.conditions, false)) {
        setResult(strand, dictOf(choice, QStringLiteral("then")));
        return enter(strand, step.then);
    }
    if (!step.otherwise)
        return Flow::Done;
    setResult(strand, dictOf(choice, QStringLiteral("else")));
    return enter(strand, step.otherwise);
}

RunMachine::Flow RunMachine::take(Strand &strand, const SequenceStep &step)
{
    return enter(strand, step.sequence);
}

RunMachine::Flow RunMachine::take(Strand &strand, const ParallelStep &step)
{
    for (const SequencePointer &sequence : step.branches) {
        auto branch = std::make_unique<Strand>();
        branch->parent = &strand;
        branch->scope = std::make_unique<RunScope>(*strand.frames.back().scope, true);
        branch->frames.push_back({ .sequence = sequence.get(), .scope = branch->scope.get() });
        m_ready.push_back(branch.get());
        strand.branches.push_back(std::move(branch));
    }
    strand.branchesAtWork = strand.branches.size();
    return strand.branches.empty() ? Flow::Done : Flow::Waits;
}

// --- Loops.

RunMachine::Flow RunMachine::take(Strand &strand, const RepeatStep &step)
{
    using Kind = RepeatStep::Kind;
    auto loop = std::make_unique<LoopState>(LoopState { step });
    if (step.kind == Kind::Count || step.kind == Kind::ForEach) {
        const Result<TemplateValue> amount = step.amount.render(scopeOf(strand));
        if (!amount)
            return fail(strand, amount.error().in(QStringLiteral("repeat")));
        if (step.kind == Kind::Count) {
            const std::optional<qint64> count = countOf(*amount);
            if (!count)
                return halt(strand,
                    { Halt::Kind::Abort,
                        wrong(QStringLiteral("the count of a repeat must be a number, not %1")
                                  .arg(shown(*amount))) });
            loop->count = std::max<qint64>(0, *count);
        } else {
            if (amount->kind() != TemplateValue::Kind::List
                && amount->kind() != TemplateValue::Kind::Tuple)
                return halt(strand,
                    { Halt::Kind::Abort,
                        wrong(QStringLiteral("the for_each of a repeat must be a list, not %1")
                                  .arg(shown(*amount))) });
            loop->items = amount->items();
            loop->count = qint64(loop->items.size());
        }
    }
    auto scope = std::make_unique<RunScope>(*strand.frames.back().scope);
    RunScope *const names = scope.get();
    // At its end, so that its first turn begins as all others do.
    strand.frames.push_back({ .sequence = step.sequence.get(),
        .scope = names,
        .next = step.sequence->steps.size(),
        .ownScope = std::move(scope),
        .loop = std::move(loop) });
    return Flow::Entered;
}

bool RunMachine::turn(Strand &strand)
{
    using Kind = RepeatStep::Kind;
    Frame &frame = strand.frames.back();
    LoopState &loop = *frame.loop;
    const Kind kind = loop.repeat.kind;
    if (loop.index == loop.count)
        return false;
    if (kind == Kind::Until && loop.index > 0 && holds(strand, loop.repeat.conditions, true))
        return false;
    ++loop.index;
    TemplateDict repeat;
    repeat.insert(QStringLiteral("first"), loop.index == 1);
    repeat.insert(QStringLiteral("index"), loop.index);
    if (loop.count >= 0)
        repeat.insert(QStringLiteral("last"), loop.index == loop.count);
    if (kind == Kind::ForEach)
        repeat.insert(QStringLiteral("item"), loop.items[size_t(loop.index - 1)]);
    const TemplateValue value(std::move(repeat));
    frame.scope->define(QStringLiteral("repeat"), value);
    note(strand, QStringLiteral("repeat"), value);
    if (kind == Kind::While && !holds(strand, loop.repeat.conditions, false))
        return false;
    if (loop.count < 0 && loop.index == turnsToWarnAt + 1)
        warn(strand, QStringLiteral("the loop has turned %1 times").arg(turnsToWarnAt));
    if (loop.count < 0 && loop.index > mostTurns) {
        halt(strand,
            { Halt::Kind::Abort,
                { ErrorCode::TooLarge,
                    QStringLiteral("the loop was ended after %1 turns").arg(mostTurns) } });
        return false;
    }
    return true;
}

} // namespace hubkeep::automation
