#include "automation/engine/runmachine.h"

#include "automation/core/processortime.h"

#include <QCoreApplication>
#include <QLoggingCategory>
#include <QScopeGuard>
#include <QTimer>

#include <algorithm>
#include <utility>

Q_LOGGING_CATEGORY(scriptLog, "hubkeep.automation")

namespace hubkeep::automation {
namespace {

// Between two looks at the event loop. By the processor's clock: on a machine that is busy with
// others a run is not at fault.
constexpr int mostStepsOfSlice = 1000;
constexpr std::chrono::milliseconds longestSlice { 10 };

// Drops what a strand waits for. Actions are told that nobody wants them any more.
void drop(Strand &strand)
{
    if (strand.waiting && strand.waiting->watcher) {
        strand.waiting->watcher.reset();
        strand.waiting->answer.cancel();
    }
    strand.waiting.reset();
    for (const std::unique_ptr<Strand> &branch : strand.branches)
        drop(*branch);
}

} // namespace

RunMachine::RunMachine(const EngineParts &parts, Script script,
    QHash<QString, TemplateValue> variables, Context context, Trace *trace)
    : m_parts(parts)
    , m_script(std::move(script))
    , m_context(std::move(context))
    , m_trace(trace)
    , m_names(std::move(variables), m_context, parts.memory)
{
}

RunMachine::~RunMachine() = default;

void RunMachine::start(ScriptRun::Done done)
{
    m_done = std::move(done);
    m_root.frames.push_back({ .sequence = m_script.m_steps.get(), .scope = &m_names });
    m_ready.push_back(&m_root);
    pump();
}

void RunMachine::stop()
{
    m_isStopped = true;
    m_done = nullptr;
    m_ready.clear();
    drop(m_root);
}

// --- Going on.

void RunMachine::pump()
{
    if (m_isPumping || m_isStopped || m_isAwaitingSlice)
        return;
    const std::shared_ptr<RunMachine> keep = shared_from_this();
    m_isPumping = true;
    m_stepsOfSlice = 0;
    m_sliceBegan = processorTime();
    while (!m_isStopped && !m_ready.empty()) {
        if (isSliceOver()) {
            continueLater();
            break;
        }
        Strand *const strand = m_ready.front();
        m_ready.pop_front();
        advance(*strand);
    }
    m_isPumping = false;
    if (m_isEnded && !m_isStopped)
        finish();
}

bool RunMachine::isSliceOver() const
{
    return m_stepsOfSlice >= mostStepsOfSlice || processorTime() - m_sliceBegan >= longestSlice;
}

// By a timer: an event that is posted while events are delivered would come before the network.
void RunMachine::continueLater()
{
    m_isAwaitingSlice = true;
    QTimer::singleShot(
        std::chrono::milliseconds(1), QCoreApplication::instance(), [weak = weak_from_this()] {
            if (const std::shared_ptr<RunMachine> machine = weak.lock()) {
                machine->m_isAwaitingSlice = false;
                machine->pump();
            }
        });
}

void RunMachine::advance(Strand &strand)
{
    if (!strand.branches.empty())
        join(strand);
    while (!m_isStopped) {
        if (strand.halt)
            unwind(strand);
        if (strand.frames.empty())
            return end(strand);
        if (isSliceOver()) {
            m_ready.push_front(&strand);
            return;
        }
        ++m_stepsOfSlice;
        if (++m_stepsWithoutWait > ScriptRun::mostSteps) {
            strand.halt = Halt { Halt::Kind::Abort,
                { ErrorCode::TooLarge,
                    QStringLiteral("it took %1 steps without waiting in between")
                        .arg(ScriptRun::mostSteps) } };
            continue;
        }
        Frame &frame = strand.frames.back();
        if (frame.next < frame.sequence->steps.size())
            takeNext(strand);
        else
            leaveSequence(strand);
        if (strand.waiting || strand.branchesAtWork > 0)
            return;
    }
}

void RunMachine::takeNext(Strand &strand)
{
    Frame &frame = strand.frames.back();
    const ScriptStep &step = frame.sequence->steps[frame.next++];
    frame.step = &step;
    static const RunScope noNames({}, {}, nullptr);
    TemplateScope limited = m_parts.scope(noNames);
    limited.limited = true;
    const bool isEnabled = step.enabled.isEnabled(limited);
    // A condition says itself what it found.
    const bool isTracedHere
        = isTraced() && !(isEnabled && std::holds_alternative<ConditionStep>(step.what));
    frame.traceNumber
        = isTracedHere ? m_trace->add(step.path, m_parts.hub.clock().now()).number : 0;
    if (!isEnabled) {
        TemplateDict result;
        result.insert(QStringLiteral("enabled"), false);
        return setResult(strand, std::move(result));
    }
    const Flow flow = std::visit([&](const auto &what) { return take(strand, what); }, step.what);
    if (m_isStopped) // by what the step did: what it began meanwhile ends with it
        return drop(strand);
    if (flow != Flow::Entered)
        flushChanges(strand);
}

void RunMachine::resume(Strand &strand)
{
    strand.waiting.reset();
    if (!m_isPumping)
        m_stepsWithoutWait = 0;
    flushChanges(strand);
    m_ready.push_back(&strand);
    pump();
}

bool RunMachine::isPassedOver(const ScriptStep &step, const Halt &halt) const
{
    return step.continuesOnError && halt.isIgnorable && halt.kind == Halt::Kind::Error;
}

// From the step that halted outwards, until a frame has something left to do.
void RunMachine::unwind(Strand &strand)
{
    Halt halt = *std::exchange(strand.halt, std::nullopt);
    while (!strand.frames.empty()) {
        Frame &frame = strand.frames.back();
        if (halt.kind == Halt::Kind::Condition) {
            if (strand.frames.size() == 1 && !strand.parent)
                m_wasAborted = true;
            frame.next = frame.sequence->steps.size();
            return;
        }
        if (frame.step && halt.where.isEmpty())
            halt.where = whereOf(strand);
        TraceStep *traced = stepOf(strand);
        if (traced && halt.kind != Halt::Kind::Stop)
            traced->error = forTrace(halt.error.message, m_script.m_secrets);
        if (frame.step && isPassedOver(*frame.step, halt)) {
            warn(strand, QStringLiteral("%1; it goes on after this").arg(halt.error.message));
            return;
        }
        strand.frames.pop_back();
    }
    strand.halt = std::move(halt);
}

void RunMachine::leaveSequence(Strand &strand)
{
    Frame &frame = strand.frames.back();
    frame.step = nullptr; // what the loop itself finds is not its last step's
    frame.traceNumber = 0;
    if (frame.loop && turn(strand))
        frame.next = 0;
    else if (!strand.halt)
        strand.frames.pop_back();
}

void RunMachine::end(Strand &strand)
{
    if (!strand.parent) {
        m_isEnded = true;
        return;
    }
    if (--strand.parent->branchesAtWork == 0)
        m_ready.push_back(strand.parent);
}

// As Home Assistant: all branches go to their ends, then the first that failed counts.
void RunMachine::join(Strand &strand)
{
    for (const std::unique_ptr<Strand> &branch : strand.branches) {
        if (branch->halt && !strand.halt)
            strand.halt = std::move(branch->halt);
    }
    strand.branches.clear();
}

void RunMachine::finish()
{
    ScriptOutcome outcome;
    if (m_wasAborted)
        outcome.execution = QStringLiteral("aborted");
    if (const std::optional<Halt> &halt = m_root.halt) {
        if (halt->kind == Halt::Kind::Stop) {
            outcome.response = halt->response;
        } else {
            outcome.execution = halt->kind == Halt::Kind::Abort ? QStringLiteral("aborted")
                                                                : QStringLiteral("error");
            outcome.error
                = Error { halt->error.code, forTrace(halt->error.message, m_script.m_secrets) };
            if (!halt->where.isEmpty())
                outcome.error = outcome.error->in(halt->where);
        }
    }
    m_isStopped = true;
    const ScriptRun::Done done = std::exchange(m_done, nullptr);
    if (done)
        done(outcome);
}

// --- Small things.

// "'Tell me', automations.yaml:12": for people.
QString RunMachine::whereOf(const Strand &strand) const
{
    for (auto frame = strand.frames.rbegin(); frame != strand.frames.rend(); ++frame) {
        if (!frame->step)
            continue; // between two turns of a loop
        const ScriptStep &step = *frame->step;
        const QString name = step.alias.isEmpty() ? step.path : quoted(step.alias);
        return step.place.line == 0
            ? name
            : QStringLiteral("%1, %2:%3").arg(name, step.place.file).arg(step.place.line);
    }
    return {};
}

void RunMachine::warn(const Strand &strand, const QString &sentence) const
{
    qCWarning(scriptLog).noquote()
        << forTrace(QStringLiteral("%1: %2").arg(whereOf(strand), sentence), m_script.m_secrets);
}

TemplateScope RunMachine::scopeOf(const Strand &strand) const
{
    return m_parts.scope(*strand.frames.back().scope);
}

RunMachine::Flow RunMachine::halt(Strand &strand, Halt halt) const
{
    strand.halt = std::move(halt);
    return Flow::Halts;
}

RunMachine::Flow RunMachine::fail(Strand &strand, const Error &error) const
{
    return halt(strand, { Halt::Kind::Error, error });
}

RunMachine::Flow RunMachine::assign(Strand &strand, const QString &name, const TemplateValue &value)
{
    const RunScope::Assigned assigned = strand.frames.back().scope->assign(name, value);
    if (assigned != RunScope::Assigned::Yes) {
        const bool isOwn = assigned == RunScope::Assigned::TooMuch;
        const QString sentence = isOwn
            ? QStringLiteral("its variables take more than %1 MB, with '%2' being the last")
            : QStringLiteral("the variables of all runs together take more than %1 MB, with '%2' "
                             "being the last; let fewer run at a time");
        const qsizetype most = isOwn ? ScriptRun::mostRemembered : RunMemory::most;
        return halt(strand,
            { Halt::Kind::Abort,
                { ErrorCode::TooLarge, sentence.arg(most / 1024 / 1024).arg(name) } });
    }
    note(strand, name, value);
    return Flow::Done;
}

void RunMachine::note(Strand &strand, const QString &name, const TemplateValue &value)
{
    if (isTraced())
        strand.changes.insert(name, value);
}

TraceStep *RunMachine::stepOf(const Strand &strand) const
{
    return isTraced() && !strand.frames.empty() ? m_trace->find(strand.frames.back().traceNumber)
                                                : nullptr;
}

void RunMachine::setResult(const Strand &strand, TemplateDict result) const
{
    if (TraceStep *traced = stepOf(strand))
        traced->result = forTrace(TemplateValue(std::move(result)), m_script.m_secrets);
}

void RunMachine::flushChanges(Strand &strand)
{
    if (strand.changes.isEmpty())
        return;
    const TemplateValue changes = std::exchange(strand.changes, {});
    if (TraceStep *traced = stepOf(strand))
        traced->changedVariables = forTrace(changes, m_script.m_secrets);
}

// --- What others see of it.

ScriptRun::ScriptRun(const EngineParts &parts, Script script,
    QHash<QString, TemplateValue> variables, Context context, Trace *trace)
    : m_machine(std::make_shared<RunMachine>(
        parts, std::move(script), std::move(variables), std::move(context), trace))
{
}

ScriptRun::~ScriptRun()
{
    m_machine->stop();
}

bool ScriptRun::isToGoOn() const
{
    return m_machine->isToGoOn();
}

void ScriptRun::start(Done done)
{
    const std::shared_ptr<RunMachine> machine = m_machine; // this may be gone when it returns
    machine->start(std::move(done));
}

} // namespace hubkeep::automation
