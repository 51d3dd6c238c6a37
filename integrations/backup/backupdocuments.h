// The documents "<id>.json" beside encrypted archives in a folder: what they say needs no key.
//
// Blocking; any thread.

#pragma once

#include "integrations/backup/agentbackup.h"

namespace hubkeep::backup {

// Of the archives that lie there; what is no document, or another backup's, is left out.
QList<AgentBackup> documentsIn(const QByteArray &folder);

// All of it, or nothing; flushed, but for the folder.
Result<void> writeDocument(const QByteArray &folder, const AgentBackup &backup);

} // namespace hubkeep::backup
