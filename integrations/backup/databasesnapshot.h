// One SQLite database as a plain file of its own, and such a file put back.
//
// The file is complete and sound: journal mode DELETE, nothing beside it, opened and checked.
//
//     snapshotDatabase("/srv/shop/orders.db", "/backups/shop_20260413_142530.db", 10s, control);
//     restoreDatabaseFile("/backups/shop_20260413_142530.db", "/srv/shop/orders.db", 30s, control);
//
// The database at path is reached through SQLite alone: this process may have it open itself
// meanwhile, and keeps its locks on it. Blocking; any thread, one call at a time for one
// database.

#pragma once

#include "automation/core/jobcontrol.h"
#include "integrations/backup/filewriter.h"

#include <QByteArray>
#include <QList>

#include <chrono>

namespace hubkeep::backup {

// Writes the live database at path to target, which gets its name when it is whole and
// proved; what has that name is replaced. Busy, Corrupt as in database.h.
Result<void> snapshotDatabase(const QByteArray &path, const QByteArray &target,
    std::chrono::milliseconds busyTimeout, JobControl &control);

// The same of what may be told to others: statements are run on the copy, and nothing of what
// they remove is left in it, not even in pages that are free. A statement about a table that
// is not there is nothing to do; any other that fails fails the snapshot.
Result<void> snapshotDatabase(const QByteArray &path, const QByteArray &target,
    const QList<QByteArray> &statements, std::chrono::milliseconds busyTimeout,
    JobControl &control);

// Brings the database at path, which other programs may have open, to the content of file.
// What was there is kept as `.before-restore`. Corrupt: file is no sound database, and
// nothing was done. Unavailable: its programs kept it locked. Not for a database that this
// process has open.
Result<Written> restoreDatabaseFile(const QByteArray &file, const QByteArray &path,
    std::chrono::milliseconds busyTimeout, JobControl &control);

} // namespace hubkeep::backup
