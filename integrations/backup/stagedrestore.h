// Restores the hub itself: staged while it runs, put in place at its next start.
//
//     stageHubRestore(archive, data, parts, control);       // the hub runs; nothing changes yet
//     ... the hub stops and starts again ...
//     applyStagedRestore(data, carryOver);                  // before anything is opened
//     ... the hub comes up ...
//     confirmStagedRestore(data);
//     takeStagedRestoreReport(data);                        // tells how it went, once
//
// What is there becomes `state.db.before-restore`, `config.before-restore` and so on. A hub
// that did not get as far as confirming finds everything put back at its next start, and what
// had been restored beside it as `.failed-restore`. Which files go where is written down
// (restore.json) and flushed before the first of them is moved, so a process that is killed
// at any point is continued by the next start: then there is the old or the new state, and
// nothing in between. Logs (-wal, -journal) move with their database.
//
// Secrets were blanked when the backup was made. What can be kept of the present ones is said
// by the application in statements, which run on the restored state.db with the present one
// attached as `present`: tokens whose users the backup knows stay valid, passwords are those
// of the backup.
//
// Blocking. stageHubRestore() on the backup thread, the others wherever no database of the
// hub is open yet. Layout below the data folder: restore.staged/ (hub/… as in the zip, and
// restore.json, which says what it is), restore.json (under way), restore.result.json.

#pragma once

#include "automation/core/jobcontrol.h"
#include "integrations/backup/archive/archivereader.h"

#include <QByteArray>
#include <QList>

#include <functional>
#include <optional>

namespace hubkeep::backup {

struct HubParts
{
    bool metadata = true; // data/state.db, data/history.db
    bool config = false; // config/
};

// Unpacks and proves; what was staged before is replaced. NotFound: the backup has nothing of
// these parts. Corrupt: it is damaged there, and nothing is staged.
Result<void> stageHubRestore(const ArchiveReader &archive, const QByteArray &dataFolder,
    const HubParts &parts, JobControl &control);

// One database of the hub's ("state.db", "history.db") from a plain file of it.
Result<void> stageHubDatabase(const QByteArray &file, const QByteArray &leaf,
    const QByteArray &dataFolder, JobControl &control);

bool isHubRestoreStaged(const QByteArray &dataFolder);

// What is staged is not put in place; does nothing where nothing is staged.
Result<void> dropStagedRestore(const QByteArray &dataFolder);

enum class StagedRestore {
    Nothing, // was staged
    Applied, // and waits for confirmStagedRestore()
    PutBack, // the hub had not come up with it, or it could not be applied
};

struct StagedRestoreOptions
{
    // Run on the restored data/state.db, the present one being attached as `present`. One
    // that fails is left out and named in the report.
    QList<QByteArray> carryOver {};
    // For tests: asked before each step that moves something; true ends the function there as
    // a kill would.
    std::function<bool()> stop {};
};

// An error: neither could it be applied nor put back; a person has to look (the sentence
// says at what).
Result<StagedRestore> applyStagedRestore(
    const QByteArray &dataFolder, const StagedRestoreOptions &options = {});

// The hub is up. Does nothing where nothing was applied.
Result<void> confirmStagedRestore(const QByteArray &dataFolder);

struct StagedRestoreReport
{
    BackupId id; // empty: a single database's file
    bool completed = false;
    QString reason; // why not; or what could not be carried over
};

// How the last one went, and forgets it. Nothing: there was none, or it is not decided yet.
std::optional<StagedRestoreReport> takeStagedRestoreReport(const QByteArray &dataFolder);

// A data folder that a hub starts on: newData is empty or made. For a machine that has none.
Result<void> restoreHubInto(
    const ArchiveReader &archive, const QByteArray &newData, JobControl &control);

} // namespace hubkeep::backup
