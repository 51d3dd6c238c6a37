// A line of progress on standard error while a job runs: stage, amount, rate and
// time left. Only on a terminal, and not with --quiet or --json.
//
// Samples the job from a thread of its own; the destructor wipes the line.

#pragma once

#include "automation/core/jobcontrol.h"

#include <chrono>
#include <thread>

namespace hubkeep::cli {

struct Context;

class ProgressPrinter
{
public:
    ProgressPrinter(const Context &context, const JobControl &control);

    // Whether progress is shown at all.
    static bool isWanted(const Context &context);

private:
    std::jthread m_thread;
};

// "Verifying  37%  1.2 GiB of 3.3 GiB, 410 MiB/s, 5 s left", for tests and people.
QString progressLine(const Progress &progress, std::chrono::milliseconds inStage);

} // namespace hubkeep::cli
