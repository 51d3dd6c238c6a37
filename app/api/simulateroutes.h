// POST /api/v1/simulate/schedule and /simulate/retention: as `hubkeep simulate`, about this hub.
//
// What a question does not say is the hub's own: its settings, its time zone, its backups. Main
// thread; the integration must outlive the router's use.

#pragma once

#include "app/api/router.h"
#include "integrations/backup/backupintegration.h"

namespace hubkeep::api {

void addSimulateRoutes(Router &router, const backup::BackupIntegration &integration);

} // namespace hubkeep::api
