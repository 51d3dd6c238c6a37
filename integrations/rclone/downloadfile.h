// Brings a remote's file here, whole and proved or not at all.
//
// Blocking; any thread.

#pragma once

#include "integrations/rclone/rcloneremote.h"

namespace hubkeep::rclone {

// Writes the new file target. Where the transfer is cut off it goes on, as long as more of it
// comes each time. Corrupt: what came is not of that size or digest (empty: not known).
Result<void> downloadFile(RcloneRemote &remote, const QString &name, qint64 size,
    const QString &sha256, const QString &target, JobControl &control);

} // namespace hubkeep::rclone
