// A program that works for us: in a process group of its own, so that it ends with everything it
// started, and with no signal blocked, as ours are.
//
//     QProcess process;
//     Result<void> started = startChild(process, { "pg_dump", "ledger" }, QIODevice::ReadOnly);
//     … read, look at the job's control …
//     endChild(process);                        // whatever happened
//     Result<void> ended = childResult(process, "pg_dump", standardError);
//
// Functions around QProcess, blocking; any thread, one process on one thread.

#pragma once

#include "automation/core/result.h"

#include <QByteArray>
#include <QProcess>
#include <QStringList>

#include <chrono>

namespace hubkeep {

// Requires a command: a program and its arguments, no shell. NotFound: it does not start.
Result<void> startChild(QProcess &process, const QStringList &command, QIODevice::OpenMode mode);

// SIGTERM to the group and, after grace, SIGKILL to what is left of it. Does nothing once it ended.
void endChild(QProcess &process, std::chrono::milliseconds grace = std::chrono::milliseconds(500));

// Requires that it ended. An error where it ended by a signal or with another status than 0,
// with what it said (its standard error, as it is).
Result<void> childResult(const QProcess &process, const QString &name, const QByteArray &said);

// "; it said: …", or nothing.
QString whatItSaid(const QByteArray &said);

} // namespace hubkeep
