// What changed between two backups.
//
// Both are walked side by side in constant memory; blocking, any thread.

#pragma once

#include "automation/core/jobcontrol.h"
#include "integrations/backup/archive/archivereader.h"

#include <functional>

namespace hubkeep::backup {

enum class Change { Added, Removed, Changed };

// reasons, for Changed: "content", "mode", "owner", "time", "target", "type",
// "attributes". Returning false from report ends the walk.
using ReportChange
    = std::function<bool(Change change, const ManifestEntry &entry, const QStringList &reasons)>;

Result<void> diffBackups(const ArchiveReader &before, const ArchiveReader &after,
    const ReportChange &report, JobControl &control);

} // namespace hubkeep::backup
