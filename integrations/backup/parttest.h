// Tries out a source or an agent that somebody is about to add.
//
// Blocking; any thread.

#pragma once

#include "integrations/backup/backupintegration.h"

namespace hubkeep::backup {

// Walks the source without reading it, for ten seconds at most.
BackupIntegration::PartTest testSource(
    const Part &part, const SourceTypes::mapped_type &make, JobControl &control);

// Lists what is there, and how much room is left.
BackupIntegration::PartTest testAgent(
    const Part &part, const AgentTypes::mapped_type &make, JobControl &control);

} // namespace hubkeep::backup
