// An SQLite file system for databases that nobody else has open: snapshots on their
// way into an archive or out of one.
//
// SQLite reads and writes a page at a time; on a spool that is 100,000 system calls
// for 400 MB, a third of a backup's time. This layer gathers writes into pieces of 1
// MiB, reads ahead where reading is sequential, and locks and syncs nothing.
// (https://www.sqlite.org/vfs.html)
//
// Use it by name: "file:/path?vfs=hubkeep-spool". Databases only, and in journal
// modes OFF or read-only: there are no journals here.

#pragma once

#include "automation/core/jobcontrol.h"

namespace hubkeep::backup {

// Registers it on the first call; any thread.
const char *spoolVfsName();

// While one exists, this thread's reads and writes of spools fail with
// SQLITE_INTERRUPT once the job is cancelled: sqlite3_backup_step(-1) has no other
// way to be stopped.
class SpoolCancellation
{
public:
    explicit SpoolCancellation(JobControl &control);
    ~SpoolCancellation();
    SpoolCancellation(const SpoolCancellation &) = delete;
    SpoolCancellation &operator=(const SpoolCancellation &) = delete;
};

} // namespace hubkeep::backup
