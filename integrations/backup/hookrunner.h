// Runs a command that was configured to go before or after every backup.
//
// The command runs without a shell, in a process group of its own that is ended at its
// time-out and when the job is cancelled. Blocking; any thread.

#pragma once

#include "automation/core/jobcontrol.h"

#include <QStringList>

#include <chrono>

namespace hubkeep::backup {

// What a hook's failure means for the backup: it fails, it is said in the log, or nothing.
enum class OnError { Fail, Warn, Ignore };

struct HookCommand
{
    QStringList command; // program and arguments
    std::chrono::milliseconds timeout { 60'000 };
    OnError onError = OnError::Fail; // for whoever runs several; runHook() always says
    QString place {}; // where it is configured, for people: "backup.hooks.before[0]"

    bool operator==(const HookCommand &) const = default;
};

// Fails where it does not start, ends with another status than 0 or by a signal, or takes
// longer than its time-out. The error names the hook's place and its program. The log has the last
// lines of its standard error as well, and nothing has its arguments, for they may be passwords.
Result<void> runHook(const HookCommand &hook, JobControl &control);

} // namespace hubkeep::backup
