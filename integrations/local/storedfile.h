// Files of a folder that must be whole or not there, however a program ends.
//
// Blocking; any thread.

#pragma once

#include "automation/core/jobcontrol.h"
#include "automation/core/result.h"

#include <QByteArray>

namespace hubkeep::local {

// Makes the new file target of source, on disk when it returns: a link to it where that is
// possible and source has no other name yet, else a copy: two agents are two copies. Whatever is at
// target is replaced; a failure leaves nothing there.
Result<void> linkOrCopy(const QByteArray &source, const QByteArray &target, JobControl &control);

// The same without links: what source is of must not be what target is of.
Result<void> copyAlways(const QByteArray &source, const QByteArray &target, JobControl &control);

// A copy always, mode 0600; target must be new.
Result<void> copyFile(const QByteArray &source, const QByteArray &target, JobControl &control);

// The same of bytes.
Result<void> writeWhole(const QByteArray &target, const QByteArray &content);

// A regular file's bytes, at most so many; NotFound where it is none.
Result<QByteArray> readSmall(const QByteArray &path, qint64 most);

bool isRegularFile(const QByteArray &path); // a link is none
qint64 sizeOf(const QByteArray &path);

} // namespace hubkeep::local
