// Whether the newest automatic backup is much smaller than those before it: somebody may have lost
// what is missing, so it is told, and old backups stay for the time being.
//
// Compared with the median of up to seven earlier ones of the same sources, so what stays small is
// usual some day. Pure; any thread.

#pragma once

#include "integrations/backup/catalog.h"

#include <optional>

namespace hubkeep::backup {

struct Shrinkage
{
    BackupId id;
    Counts now;
    qint64 usualBytes = 0; // of content
    qint64 usualFiles = 0;

    bool isInBytes() const { return now.bytes * 2 < usualBytes; } // else in files
};

// backups: newest first; of which the automatic ones of this hub count. Nothing: as usual.
std::optional<Shrinkage> shrinkageOf(const QList<CatalogEntry> &backups, const QString &instanceId);

} // namespace hubkeep::backup
