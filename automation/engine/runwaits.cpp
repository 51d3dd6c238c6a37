// What strands wait for: time, templates, triggers and the answers of actions.
//
// What calls back is gone once its wait has ended, with all that its closure holds. So each closure
// is one call of a member, which has what it needs on the stack.

#include "automation/engine/runmachine.h"

#include <algorithm>
#include <utility>

namespace hubkeep::automation {
namespace {

using namespace std::chrono_literals;

double secondsOf(std::chrono::milliseconds time)
{
    return double(time.count()) / 1000;
}

} // namespace

// --- Delays.

RunMachine::Flow RunMachine::take(Strand &strand, const DelayStep &step)
{
    const Result<std::chrono::milliseconds> period = step.period.render(scopeOf(strand));
    if (!period)
        return fail(strand, period.error());
    showDelay(strand, *period, period->count() == 0);
    if (period->count() == 0)
        return Flow::Done;
    strand.waiting = std::make_unique<Waiting>();
    strand.waiting->limit = *period;
    strand.waiting->timer = m_parts.timers.after(*period, [this, &strand] { delayIsOver(strand); });
    return Flow::Waits;
}

void RunMachine::delayIsOver(Strand &strand)
{
    const auto keep = shared_from_this();
    showDelay(strand, *strand.waiting->limit, true);
    resume(strand);
}

void RunMachine::showDelay(const Strand &strand, std::chrono::milliseconds period, bool done) const
{
    if (!isTraced())
        return;
    TemplateDict result;
    result.insert(QStringLiteral("delay"), secondsOf(period));
    result.insert(QStringLiteral("done"), done);
    setResult(strand, std::move(result));
}

// --- Answers.

RunMachine::Flow RunMachine::awaitAnswer(Strand &strand, const ActionResult &future)
{
    strand.waiting = std::make_unique<Waiting>();
    strand.waiting->answer = future;
    strand.waiting->watcher = std::make_unique<AnswerWatcher>();
    AnswerWatcher *const watcher = strand.waiting->watcher.get();
    QObject::connect(
        watcher, &AnswerWatcher::finished, watcher, [this, &strand] { answerCame(strand); });
    watcher->setFuture(future);
    return Flow::Waits;
}

void RunMachine::answerCame(Strand &strand)
{
    const auto keep = shared_from_this();
    strand.waiting->watcher.release()->deleteLater(); // it is the one that says so
    const ActionResult answer = strand.waiting->answer;
    answered(strand, std::get<ActionStep>(strand.frames.back().step->what), answer);
    resume(strand);
}

// --- Waits with a limit.

bool RunMachine::readLimit(Strand &strand, const WaitLimit &limit)
{
    strand.waiting = std::make_unique<Waiting>();
    if (!limit.timeout)
        return true;
    const Result<std::chrono::milliseconds> period = limit.timeout->render(scopeOf(strand));
    if (!period) {
        strand.waiting.reset();
        fail(strand, period.error());
        return false;
    }
    strand.waiting->limit = *period;
    strand.waiting->until = m_parts.hub.clock().uptime() + *period;
    return true;
}

// The variable `wait`, and what the trace has of it.
void RunMachine::showWait(Strand &strand, bool completed, const TemplateValue *trigger)
{
    const Waiting &waiting = *strand.waiting;
    TemplateDict wait;
    TemplateValue remaining;
    if (waiting.limit)
        remaining = secondsOf(
            std::clamp(waiting.until - m_parts.hub.clock().uptime(), 0ms, *waiting.limit));
    wait.insert(QStringLiteral("remaining"), remaining);
    wait.insert(QStringLiteral("completed"), completed);
    if (!waiting.watch)
        wait.insert(QStringLiteral("trigger"), trigger ? *trigger : TemplateValue());
    const QString name = QStringLiteral("wait");
    const TemplateValue value(std::move(wait));
    strand.frames.back().scope->assignInBranch(name, value);
    note(strand, name, value);
    if (isTraced()) {
        TemplateDict result;
        result.insert(name, value);
        setResult(strand, std::move(result));
    }
}

RunMachine::Flow RunMachine::endWait(Strand &strand, const TemplateValue *trigger)
{
    showWait(strand, true, trigger);
    strand.waiting.reset();
    return Flow::Done;
}

RunMachine::Flow RunMachine::runOut(Strand &strand)
{
    showWait(strand, false, nullptr);
    strand.waiting.reset();
    const ScriptStep &step = *strand.frames.back().step;
    const auto *byTemplate = std::get_if<WaitTemplateStep>(&step.what);
    const WaitLimit &limit
        = byTemplate ? byTemplate->limit : std::get<WaitForTriggerStep>(step.what).limit;
    if (limit.continuesOnTimeout)
        return Flow::Done;
    if (TraceStep *traced = stepOf(strand)) {
        TemplateDict result = traced->result.dict();
        result.insert(QStringLiteral("timeout"), true);
        traced->result = result;
    }
    return halt(strand,
        { Halt::Kind::Abort,
            { ErrorCode::Unavailable,
                QStringLiteral("what it waited for did not come within its time") } });
}

void RunMachine::limitIsReached(Strand &strand)
{
    const auto keep = shared_from_this();
    runOut(strand);
    resume(strand);
}

RunMachine::Flow RunMachine::take(Strand &strand, const WaitTemplateStep &step)
{
    if (!readLimit(strand, step.limit))
        return Flow::Halts;
    Waiting &waiting = *strand.waiting;
    waiting.watch
        = std::make_unique<TemplateWatch>(m_parts, step.condition, *strand.frames.back().scope,
            [this, &strand](const TemplateWatch::Rendered &now) { rendered(strand, now.result); });
    const Result<TemplateValue> value = waiting.watch->start();
    if (!value) {
        strand.waiting.reset();
        return fail(strand, value.error().in(QStringLiteral("wait_template")));
    }
    if (isTrueResult(*value))
        return endWait(strand, nullptr);
    if (waiting.limit == 0ms)
        return runOut(strand);
    showWait(strand, false, nullptr);
    awaitLimit(strand);
    return Flow::Waits;
}

void RunMachine::awaitLimit(Strand &strand)
{
    if (strand.waiting->limit)
        strand.waiting->timer = m_parts.timers.after(
            *strand.waiting->limit, [this, &strand] { limitIsReached(strand); });
}

void RunMachine::rendered(Strand &strand, const Result<TemplateValue> &value)
{
    const auto keep = shared_from_this();
    if (m_isStopped || !strand.waiting)
        return;
    if (!value)
        return warn(strand, value.error().message);
    if (!isTrueResult(*value))
        return;
    endWait(strand, nullptr);
    resume(strand);
}

void RunMachine::triggered(Strand &strand, const TemplateValue variables)
{
    const auto keep = shared_from_this();
    if (m_isStopped || !strand.waiting)
        return;
    endWait(strand, &variables);
    resume(strand);
}

RunMachine::Flow RunMachine::take(Strand &strand, const WaitForTriggerStep &step)
{
    if (!readLimit(strand, step.limit))
        return Flow::Halts;
    Waiting &waiting = *strand.waiting;
    if (waiting.limit == 0ms)
        return runOut(strand);
    showWait(strand, false, nullptr);
    for (const std::shared_ptr<const Trigger> &made : step.triggers) {
        std::unique_ptr<Trigger> trigger = made->fresh();
        const Result<void> started = trigger->start(m_parts, *strand.frames.back().scope,
            [this, &strand](const TriggerFired &fired) { triggered(strand, fired.variables); });
        if (!started) {
            strand.waiting.reset();
            return fail(strand, started.error().in(QStringLiteral("wait_for_trigger")));
        }
        waiting.triggers.push_back(std::move(trigger));
    }
    awaitLimit(strand);
    return Flow::Waits;
}

} // namespace hubkeep::automation
