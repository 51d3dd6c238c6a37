// Where one strand of a run is, and what it waits for. Plain data of RunMachine.

#pragma once

#include "automation/core/actionregistry.h"
#include "automation/core/timerqueue.h"
#include "automation/engine/runscope.h"
#include "automation/engine/scriptsteps.h"
#include "automation/engine/templatewatch.h"
#include "automation/template/templatedict.h"

#include <QFutureWatcher>

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace hubkeep::automation {

// Why steps are not taken to their end.
struct Halt
{
    enum class Kind {
        Condition, // ends the sequence that it stands in, and nothing more
        Stop, // ends the run, well
        Abort, // ends the run
        Error, // the same, unless a step around it goes on
    };
    Kind kind = Kind::Error;
    Error error {};
    bool isIgnorable = false; // continue_on_error covers it
    TemplateValue response {};
    QString where {}; // of the step that it came from
};

struct LoopState
{
    const RepeatStep &repeat;
    qint64 count = -1; // -1: it depends
    qint64 index = 0; // from 1 when it turns
    TemplateValue::Items items {};
};

struct Frame
{
    const Script::Sequence *sequence = nullptr;
    RunScope *scope = nullptr; // what the steps see
    size_t next = 0;
    const ScriptStep *step = nullptr; // the one at work
    int traceNumber = 0; // of that
    std::unique_ptr<RunScope> ownScope {};
    std::unique_ptr<LoopState> loop {};
};

using AnswerWatcher = QFutureWatcher<Result<QVariantMap>>;

struct Waiting
{
    Timer timer; // of a delay, or the limit
    std::optional<std::chrono::milliseconds> limit {};
    std::chrono::milliseconds until {}; // uptime, where there is a limit

    std::unique_ptr<TemplateWatch> watch {};
    std::vector<std::unique_ptr<Trigger>> triggers {};

    ActionResult answer {};
    std::unique_ptr<AnswerWatcher> watcher {};
};

struct Strand
{
    Strand *parent = nullptr; // null: the run itself
    std::vector<Frame> frames {};
    std::unique_ptr<RunScope> scope {}; // a branch's
    std::unique_ptr<Waiting> waiting {};
    std::optional<Halt> halt {};
    std::vector<std::unique_ptr<Strand>> branches {};
    size_t branchesAtWork = 0;
    TemplateDict changes {}; // names, for the trace
};

} // namespace hubkeep::automation
