// Whether what lies on a remote is what was sent there.
//
// The remote's own digest decides where it has one. Where it has none, what lies there is read
// back: all of it up to a size that is configured, its two ends if it is larger, whose middle only
// a verify or a drill proves then.
//
// Blocking; any thread.

#pragma once

#include "integrations/backup/agentbackup.h"
#include "integrations/rclone/rcloneremote.h"

namespace hubkeep::rclone {

// Io: it is not; sending it again may help. Corrupt: path itself is not the file that backup
// describes.
Result<void> proveArrival(RcloneRemote &remote, const QString &name, const QString &path,
    const backup::AgentBackup &backup, qint64 readBack, JobControl &control);

} // namespace hubkeep::rclone
