// Makes one backup: everything from the lock to the renamed, verified archive.
//
//     BackupRequest request;
//     request.output = "/mnt/backups";
//     request.sources.push_back(std::make_unique<files::FilesSource>(config));
//     Result<BackupOutcome> outcome = runBackup(request, control);
//
// A plain blocking function; run it on a thread of its own and watch control. While
// it runs, a `.partial` file and a spool lie in the output folder; whatever happens,
// they are gone when it returns, and after a kill when the next backup starts. It
// never touches older backups.

#pragma once

#include "automation/core/clock.h"
#include "automation/core/jobcontrol.h"
#include "integrations/backup/agentbackup.h"
#include "integrations/backup/archive/agekeys.h"
#include "integrations/backup/archive/manifest.h"
#include "integrations/backup/backupinfo.h"
#include "integrations/backup/backupsource.h"

#include <chrono>
#include <memory>
#include <vector>

namespace hubkeep::backup {

struct BackupRequest
{
    std::vector<std::unique_ptr<BackupSource>> sources; // with different names
    QByteArray output; // folder; created where it is missing
    QString name; // for people; empty: the sources' names
    BackupId id; // empty: one is made up
    // What says which backups are of the same things; empty: the sources' names and paths do.
    QString plan;
    // Besides output, where the backup before this one is looked for; never backed up.
    QList<QByteArray> previousFolders;
    AgeKeys previousKeys {}; // its identities open it there, where it is encrypted
    // What is known of backups elsewhere, too, perhaps of ones that nobody here can open: how much
    // each source had. What documents in those folders say need not be here.
    QList<AgentBackup> known {};
    // Never backed up by any source that is not the hub's own: the hub's data.
    QList<QByteArray> skippedFolders;
    // Its databases, which no source opens under another name either: closing them would drop
    // the locks that the hub has on them.
    QList<QByteArray> skippedFiles;
    // Who can open the backup; empty: everybody, it is a plain zip. The zip lies in output while it
    // is made, private; what it becomes is `<id>.zip.age`, with the document `<id>.json` beside it.
    AgeRecipients encryptTo {};
    bool full = false; // take nothing over from the backup before
    bool estimate = false; // walk the sources first, for the time left
    unsigned threads = 0; // 0: one for each processor
    std::chrono::milliseconds busyTimeout { 10'000 }; // for locked databases
    const Clock *clock = nullptr; // null: the system's
};

struct BackupOutcome
{
    BackupInfo info;
    QByteArray path;
    qint64 size = 0;
    qint64 reusedBytes = 0; // of content, taken over packed as it was
    QList<Warning> warnings; // the first ten thousand
    qint64 warningCount = 0;
};

// Fails when no source could be backed up at all, and then leaves no archive; what is
// wrong with some sources or files is in the outcome (failedSources, unreadable).
Result<BackupOutcome> runBackup(const BackupRequest &request, JobControl &control);

} // namespace hubkeep::backup
