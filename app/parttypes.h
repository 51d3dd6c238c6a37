// The kinds of sources and agents that this program was built with.
//
// The one place that knows every integration's source and agent class. Any thread.

#pragma once

#include "app/configuration.h"
#include "app/datafolder.h"
#include "integrations/backup/backupintegration.h"
#include "integrations/backup/drillplan.h"

namespace hubkeep {

// Relative paths are relative to the data folder.
backup::SourceTypes sourceTypes(const DataFolder &folder);
// A time of day in a limit is of this time zone.
backup::AgentTypes agentTypes(const DataFolder &folder, const QString &timeZone);

// What the configuration says about backups, in the integration's own terms.
backup::IntegrationConfig backupConfig(const BackupConfiguration &configuration);
backup::DrillPolicy drillPolicy(const BackupConfiguration &configuration);

} // namespace hubkeep
