// Proves a backup: structure, every digest, every database opened and checked.
//
// Blocking; memory stays bounded. Databases are unpacked into a temporary folder to
// be opened, one after the other.

#pragma once

#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/archive/entrywriter.h"
#include "integrations/backup/archive/workerpool.h"

namespace hubkeep::backup {

struct VerifyOptions
{
    // The read-back after a backup: what is fresh is unpacked and its CRC-32 compared,
    // what was taken over is compared as it lies, and databases, which were checked
    // before they were packed, are not opened. Null: everything is proved.
    const FreshParts *fresh = nullptr;
    QByteArray spoolFolder; // for databases; empty: the system's temporary folder
};

struct Problem
{
    QByteArray path; // name in the zip; empty where it concerns the whole archive
    QString message;
};

struct VerifyReport
{
    // The file is what was stored; nobody looked into it, for want of a key.
    bool isDigestOnly = false;
    qint64 entries = 0;
    qint64 databases = 0;
    qint64 reusedBytes = 0; // of content, where options.fresh says so
    QList<Problem> problems; // the first thousand
    QList<Problem> marks; // databases that were damaged already when they were backed up
};

// An archive that is damaged so that it cannot be walked through has one problem.
// Fails only when the proof could not be made: cancelled, no room for databases.
Result<VerifyReport> runVerify(const ArchiveReader &archive, const VerifyOptions &options,
    WorkerPool &pool, JobControl &control);

} // namespace hubkeep::backup
