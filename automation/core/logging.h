// The hub's log: one line an entry, to standard error and to a bounded memory.
//
//     qCInfo(backupLog) << …;     // with Q_LOGGING_CATEGORY(backupLog, "hubkeep.backup")
//
// A line is "2026-04-13T14:25:30.123Z WARNING hubkeep.backup Uploading to nas: …". Control
// characters in what is logged are escaped: a name cannot forge a line. Under systemd
// (JOURNAL_STREAM) lines begin with "<4>" priorities instead of a time.
//
// Thread-safe.

#pragma once

#include <QByteArray>
#include <QtGlobal>

namespace hubkeep {

enum class LogLevel { Debug, Info, Warning, Critical };

// Replaces Qt's message handler until the process ends.
void startLogging(LogLevel least);

// What was logged last, oldest first, up to 1 MiB: GET /api/error_log.
QByteArray recentLog();

} // namespace hubkeep
