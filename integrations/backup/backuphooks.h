// The configured commands before and after a backup, of which those after always run: also at
// the next start, where the hub was killed in between.
//
//     BackupHooks hooks(dataFolder);
//     hooks.configure({ before, after });
//     hooks.runOwed();                        // at start
//     Result<void> begun = hooks.begin(control);   // for each backup, on the backup thread
//     … hooks.runBefore(control); … hooks.runAfter() …
//
// What is owed lies in data/hooks.pending, as the commands with their time-outs. configure() and
// runOwed() from the main thread, the others from one other at a time.

#pragma once

#include "integrations/backup/hookrunner.h"

#include <QFuture>
#include <QList>

#include <mutex>

namespace hubkeep::backup {

class BackupHooks
{
public:
    struct Commands
    {
        QList<HookCommand> before;
        QList<HookCommand> after;
    };

    explicit BackupHooks(const QString &dataFolder);
    ~BackupHooks(); // stops runOwed(); what it did not get done stays owed
    BackupHooks(const BackupHooks &) = delete;
    BackupHooks &operator=(const BackupHooks &) = delete;

    // Of backups that begin from now on.
    void configure(Commands commands);

    // On a worker; begin() waits for it.
    void runOwed();

    // Takes the commands of one backup and notes those after it as owed.
    Result<void> begin(JobControl &control);
    // Up to the first whose failure is the backup's.
    Result<void> runBefore(JobControl &control);
    // All of them, whatever one fails with, and whatever begin() did; the first error that is the
    // backup's.
    Result<void> runAfter();

private:
    Result<void> note(const QList<HookCommand> &owed);
    void forget();

    const QString m_path;
    std::mutex m_mutex; // of m_configured
    Commands m_configured;
    Commands m_running;
    bool m_isNoted = false;
    JobControl m_stop;
    QFuture<void> m_owed;
};

} // namespace hubkeep::backup
