// The SHA-256 of a whole file, as `sha256sum` prints it.

#pragma once

#include "automation/core/jobcontrol.h"
#include "automation/core/result.h"

#include <QByteArray>
#include <QString>

namespace hubkeep::backup {

// 64 hex digits. Blocking; any thread. Advances control, whose stage is the caller's.
Result<QString> fileSha256(const QByteArray &path, JobControl &control);

// Corrupt where it is not `expected`, which may be empty: then it is not known, and nothing is
// read.
Result<void> checkSha256(const QByteArray &path, const QString &expected, JobControl &control);

} // namespace hubkeep::backup
