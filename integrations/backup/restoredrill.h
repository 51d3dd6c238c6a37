// A restore drill: a backup put back into a scratch folder, as after a loss, and what came out of
// it compared with the manifest.
//
// Every file is restored by the code that a real restore runs, read again from the disk, and its
// digest compared; links are followed to nothing and compared by what they say; every database is
// opened where it lies and gets SQLite's integrity_check. Modes and times of change are compared,
// and owners where root holds the drill, as far as the scratch folder's file system keeps them;
// what the restore warned of is marked. setuid and setgid bits are left off by a restore.
//
// Blocking; any thread. The scratch folder is gone afterwards, however it ends.

#pragma once

#include "automation/core/jobcontrol.h"
#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/verifyjob.h"

namespace hubkeep::backup {

struct DrillReport
{
    qint64 files = 0; // compared, databases included
    qint64 symlinks = 0;
    qint64 directories = 0;
    qint64 databases = 0; // opened and checked
    qint64 bytes = 0; // read again
    bool isOtherFile = false; // not, byte for byte, the one that was stored
    QList<Problem> problems; // the first thousand; none: all of it comes back
    // What was no fault of the backup's: databases that were damaged when they were backed up,
    // those that only their application can open, and modes, owners and times that could not be
    // restored here.
    QList<Problem> marks;
};

// scratch must not exist, and be on a file system with room for all of the backup; NoSpace says
// how much that is. Fails only where the drill could not be held: cancelled, no room.
Result<DrillReport> runDrill(
    const ArchiveReader &archive, const QByteArray &scratch, JobControl &control);

} // namespace hubkeep::backup
