// What works a script off: strands of steps, each with a stack of its own, that wait without
// blocking anybody. Only for ScriptRun.
//
// A strand is the run itself or a branch of a `parallel`. What a step makes happen may come back
// here before it returns (an action that ends at once, an event that a trigger waits for, somebody
// who stops the run): strands that may go on are queued, and only pump() goes on with them.
//
// Main thread. Keeps itself while it works, so that anything that it calls may end the run.

#pragma once

#include "automation/core/actionregistry.h"
#include "automation/engine/runscope.h"
#include "automation/engine/runstrand.h"
#include "automation/engine/script.h"
#include "automation/engine/scriptsteps.h"
#include "automation/template/templatedict.h"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>

namespace hubkeep::automation {

class RunMachine : public std::enable_shared_from_this<RunMachine>
{
public:
    RunMachine(const EngineParts &parts, Script script, QHash<QString, TemplateValue> variables,
        Context context, Trace *trace);
    ~RunMachine();

    void start(ScriptRun::Done done);
    void stop(); // for good; nobody is told
    bool isToGoOn() const { return m_isAwaitingSlice && !m_isStopped; }

    // How one step ended.
    enum class Flow {
        Done,
        Entered, // steps of its own come first
        Waits,
        Halts, // as strand.halt says
    };

private:
    // --- Going on.
    void pump();
    bool isSliceOver() const;
    void continueLater();
    void advance(Strand &strand);
    void takeNext(Strand &strand);
    void resume(Strand &strand); // what it waited for is there
    void unwind(Strand &strand);
    bool isPassedOver(const ScriptStep &step, const Halt &halt) const;
    void leaveSequence(Strand &strand);
    void end(Strand &strand);
    void join(Strand &strand);
    void finish();

    // --- What steps do (runsteps.cpp).
    Flow take(Strand &strand, const IgnoredStep &step);
    Flow take(Strand &strand, const ActionStep &step);
    Flow take(Strand &strand, const DelayStep &step);
    Flow take(Strand &strand, const WaitTemplateStep &step);
    Flow take(Strand &strand, const WaitForTriggerStep &step);
    Flow take(Strand &strand, const ChooseStep &step);
    Flow take(Strand &strand, const IfStep &step);
    Flow take(Strand &strand, const RepeatStep &step);
    Flow take(Strand &strand, const ParallelStep &step);
    Flow take(Strand &strand, const SequenceStep &step);
    Flow take(Strand &strand, const VariablesStep &step);
    Flow take(Strand &strand, const StopStep &step);
    Flow take(Strand &strand, const EventStep &step);
    Flow take(Strand &strand, const ConditionStep &step);

    Flow enter(Strand &strand, const SequencePointer &sequence);
    // Begins the loop's next turn; false: there is none.
    bool turn(Strand &strand);
    bool holds(Strand &strand, const ConditionList &list, bool byDefault);

    struct Call
    {
        QString name;
        TemplateDict data;
        TemplateDict target;
    };
    Result<Call> prepare(Strand &strand, const ActionStep &step);
    Flow answered(Strand &strand, const ActionStep &step, const ActionResult &answer);

    // --- Waiting (runwaits.cpp).
    Flow awaitAnswer(Strand &strand, const ActionResult &future);
    void answerCame(Strand &strand);
    void delayIsOver(Strand &strand);
    void showDelay(const Strand &strand, std::chrono::milliseconds period, bool done) const;
    // Begins a wait; false: its limit cannot be known, and the strand halts.
    bool readLimit(Strand &strand, const WaitLimit &limit);
    void rendered(Strand &strand, const Result<TemplateValue> &value);
    void awaitLimit(Strand &strand);
    void limitIsReached(Strand &strand);
    void triggered(Strand &strand, TemplateValue variables);
    Flow endWait(Strand &strand, const TemplateValue *trigger); // it came
    Flow runOut(Strand &strand); // it did not
    void showWait(Strand &strand, bool completed, const TemplateValue *trigger);

    // --- Small things.
    TemplateScope scopeOf(const Strand &strand) const;
    Flow halt(Strand &strand, Halt halt) const;
    Flow fail(Strand &strand, const Error &error) const; // not to be passed over
    Flow assign(Strand &strand, const QString &name, const TemplateValue &value);
    void note(Strand &strand, const QString &name, const TemplateValue &value);
    QString whereOf(const Strand &strand) const;
    void warn(const Strand &strand, const QString &sentence) const;
    bool isTraced() const { return m_trace != nullptr; }
    TraceStep *stepOf(const Strand &strand) const; // null: nobody traces
    void setResult(const Strand &strand, TemplateDict result) const;
    void flushChanges(Strand &strand);

    const EngineParts m_parts;
    const Script m_script;
    const Context m_context;
    Trace *const m_trace;
    RunScope m_names;
    Strand m_root;
    std::deque<Strand *> m_ready;
    ScriptRun::Done m_done;
    bool m_isPumping = false;
    bool m_isStopped = false;
    bool m_isAwaitingSlice = false;
    bool m_isEnded = false;
    bool m_wasAborted = false; // by a condition of the outermost sequence
    int m_stepsOfSlice = 0;
    int m_stepsWithoutWait = 0;
    std::chrono::nanoseconds m_sliceBegan {}; // the processor's time
};

} // namespace hubkeep::automation
