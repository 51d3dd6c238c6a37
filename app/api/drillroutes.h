// POST /api/v1/backup/{id}/drill and GET /api/v1/drills: restore drills and what they found.
//
// Main thread.

#pragma once

#include "app/api/router.h"
#include "app/auditlog.h"
#include "integrations/backup/restoredrills.h"

namespace hubkeep::api {

// All must outlive the router's use.
void addDrillRoutes(
    Router &router, backup::BackupManager &manager, backup::RestoreDrills &drills, AuditLog &audit);

} // namespace hubkeep::api
