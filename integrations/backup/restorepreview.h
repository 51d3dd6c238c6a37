// What a restore would do, without doing any of it.
//
// Looks at each file that the restore would write and compares it with the backup: databases
// through SQLite, all others by their digests, and not at all where their times and inodes
// are still those that the backup saw.
//
// Blocking; memory stays bounded. Databases are copied and unpacked into the system's
// temporary folder to be compared, one after the other.

#pragma once

#include "integrations/backup/restorejob.h"
#include "integrations/backup/stagedrestore.h"

namespace hubkeep::backup {

struct PreviewOptions
{
    // Entries are told from the one behind this name in the zip on, so many of them; the
    // counts are always those of all.
    QByteArray after {};
    qsizetype most = 1000;
    bool sources = true; // what the request names; else only the hub's parts
    // What of the hub would be staged over the data folder; nothing where that is empty.
    QByteArray dataFolder {};
    HubParts hubParts { false, false };
};

struct PreviewEntry
{
    enum class Action {
        Write, // nothing is there
        Overwrite, // what is there would be kept as .before-restore
        Unchanged,
        Run, // a command would take it
    };

    Action action = Action::Write;
    QByteArray name; // in the zip
    QByteArray path; // where it would go; empty for a command
    qint64 bytes = 0;
};

struct RestorePreview
{
    qint64 writes = 0; // files that would be written, links and commands included
    qint64 overwrites = 0; // of them: those that replace something
    qint64 unchanged = 0;
    qint64 bytes = 0; // of content, of what would be written
    qint64 freeBytes = 0; // where it would go; the least, where that is several places
    QList<PreviewEntry> entries;
    bool hasMore = false;
    QList<Warning> warnings;
};

// Fails as runRestore() would before it writes anything; whether the room is enough, and
// whether a folder with something in it is meant, is for the caller to judge.
Result<RestorePreview> previewRestore(const ArchiveReader &archive, const RestoreRequest &request,
    const PreviewOptions &options, JobControl &control);

} // namespace hubkeep::backup
