// Puts a restored SQLite database into the place of one that may be in use.

#pragma once

#include "automation/core/jobcontrol.h"
#include "integrations/backup/filewriter.h"

#include <chrono>

namespace hubkeep::backup {

// writer holds the whole, proved database, not published yet; leaf is its name in
// folder. A database that is there is brought to the new content through SQLite, after
// a snapshot of it was kept as `.before-restore`; one that SQLite cannot open is set
// aside with its log and replaced. Unavailable: its programs kept it locked.
Result<Written> publishDatabase(FileWriter &writer, const std::shared_ptr<const OpenFolder> &folder,
    const QByteArray &leaf, const RestorePolicy &policy, std::chrono::milliseconds busyTimeout,
    JobControl &control);

} // namespace hubkeep::backup
