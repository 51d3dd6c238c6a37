// Puts a backup's files back: to a folder, or where they came from.
//
// Before anything is written, the whole archive's structure and manifest are proved
// and the room is checked. Then each file is written aside, its digest proved, and
// renamed; links come last and are never followed. A file that is damaged in the
// backup, or cannot be written, is reported and the others are restored all the same.
//
// A plain blocking function; run it on a thread of its own and watch control.

#pragma once

#include "automation/core/glob.h"
#include "automation/core/jobcontrol.h"
#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/verifyjob.h"

#include <QMap>
#include <QStringList>

#include <chrono>

namespace hubkeep::backup {

struct RestoreRequest
{
    QByteArray target; // folder, made where missing; empty: in place
    QStringList sources; // empty: all
    // What the backup has of the hub itself, where no sources are named: goes to target/hub.
    // In place it is left out, with a warning if this is true: see stagedrestore.h.
    bool hub = true;
    // By source: the command that takes the file of a command's source on its standard input,
    // in place. Without one it is left out, with a warning.
    QMap<QString, QStringList> commands {};
    std::chrono::milliseconds commandTimeout = std::chrono::hours(2);
    GlobList include; // on paths relative to their source; empty: everything
    bool overwrite = false; // target may have something in it
    bool preserveSpecial = false; // setuid, setgid, file capabilities
    std::chrono::milliseconds busyTimeout { 30'000 }; // for live databases
    unsigned threads = 0;
};

struct RestoreOutcome
{
    qint64 written = 0; // files, links included
    qint64 replaced = 0; // of them: what was there is kept as .before-restore
    qint64 unchanged = 0;
    qint64 directories = 0;
    qint64 bytes = 0; // of content
    QList<Problem> damaged; // not restored: the backup is damaged there
    QList<Problem> failed; // not restored: not permitted, or a database that is in use
    QList<Warning> warnings;
};

// What two tries did together, each from another copy. The second finds what the first wrote
// unchanged.
void addEarlier(RestoreOutcome &outcome, const RestoreOutcome &earlier);

Result<RestoreOutcome> runRestore(
    const ArchiveReader &archive, const RestoreRequest &request, JobControl &control);

} // namespace hubkeep::backup
