// Reads one item of a source: what a worker thread does while the job goes on.
//
// Small files come back packed. Large files and databases come back open, because
// the job reads them chunk by chunk. A file that changes while it is read is read
// again, a few times, and marked torn if it never held still.

#pragma once

#include "automation/core/jobcontrol.h"
#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/backupsource.h"

#include <optional>

namespace hubkeep::backup {

inline constexpr int readAttempts = 3;

enum class Reading {
    Packed, // entry and chunk are complete
    Reused, // the same, copied out of the previous backup
    Large, // open: descriptor
    Database, // open: descriptor; the content was not read
    Vanished, // no longer there: nothing to say
    Unreadable, // problem says why
};

struct ItemContent
{
    Reading reading = Reading::Vanished;
    ManifestEntry entry; // metadata, and the content's fields where it is packed
    PackedChunk chunk;
    FileDescriptor descriptor;
    QString problem;
    QString remark; // something small is missing; worth a warning
    bool previousDamaged = false; // the previous backup's copy failed its check
};

// Metadata of an item as its entry; name is the entry's in the zip.
ManifestEntry describe(const SourceItem &item, const QByteArray &name);

// Fills in mode, owner, stamp and extended attributes from an open file.
// remark says so where some of the attributes had to be left out.
Result<void> describeOpenFile(int fd, ManifestEntry &entry, QString *remark = nullptr);

// previous: the same file's entry in previousArchive, known to be unchanged, whose
// packed bytes are taken over if they still prove right. Any thread.
ItemContent readItem(const SourceItem &item, const QByteArray &name,
    const ArchiveReader *previousArchive, const std::optional<ArchiveEntry> &previous);

} // namespace hubkeep::backup
