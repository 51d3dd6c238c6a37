// The backup before this one: what of it can be taken over.
//
// Walks the older archive's entries in step with the walk through the sources, both
// being in the same order. One thread; the archive itself may be read by all.

#pragma once

#include "integrations/backup/archive/archivereader.h"

#include <memory>

namespace hubkeep::backup {

class PreviousBackup
{
public:
    explicit PreviousBackup(std::shared_ptr<const ArchiveReader> archive);

    // The entry of that name. Names must be asked for in rising order. When the
    // archive turns out to be damaged, there is nothing from there on.
    std::optional<ArchiveEntry> find(const QByteArray &name);

    // Whether a file with this stamp is surely the one that entry was made from. Not
    // when it changed so shortly before that backup that its clock could miss a change.
    bool isUnchanged(const ArchiveEntry &entry, const FileStamp &now) const;
    bool isSettled(const FileStamp &stamp) const;

    const ArchiveReader &archive() const { return *m_archive; }
    std::shared_ptr<const ArchiveReader> sharedArchive() const { return m_archive; }

    // What went wrong with the archive, if anything.
    const QString &problem() const { return m_problem; }

private:
    std::shared_ptr<const ArchiveReader> m_archive;
    EntryStream m_entries;
    std::optional<ArchiveEntry> m_current;
    bool m_ended = false;
    QString m_problem;
};

} // namespace hubkeep::backup
