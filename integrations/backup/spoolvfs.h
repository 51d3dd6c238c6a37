// An SQLite file system for databases that nobody else has open: snapshots on their
// way into an archive or out of one.
//
// SQLite reads and writes a page at a time; on a spool that is 100,000 system calls
// for 400 MB, a third of a backup's time. This layer gathers writes into pieces of 1
// MiB, reads ahead where reading is sequential, and locks and syncs nothing.
// (https://www.sqlite.org/vfs.html)
//
// Use it by name: "file:/path?vfs=hubkeep-spool". Databases only, in journal mode
// MEMORY or read-only: there are no journals on disk here.

#pragma once

#include "automation/core/jobcontrol.h"

#include <span>

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

// Takes the pages of a database as SQLite writes them, in place of a file.
class PageSink
{
public:
    virtual ~PageSink() = default;

    // Pages come nearly in order, the first one last. False ends the writing.
    virtual bool takePage(qint64 offset, std::span<const char> page) = 0;
};

// While one exists, the database "file:/sink?mode=rwc&vfs=hubkeep-spool" that this
// thread opens is sink. What was written to it cannot be read again.
class SinkRedirection
{
public:
    explicit SinkRedirection(PageSink &sink);
    ~SinkRedirection();
    SinkRedirection(const SinkRedirection &) = delete;
    SinkRedirection &operator=(const SinkRedirection &) = delete;
};

} // namespace hubkeep::backup
