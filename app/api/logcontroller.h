// GET /api/v1/audit and /api/v1/activity: what people did, and what the hub did, a page at a
// time.
//
// Main thread.

#pragma once

#include "app/activitylog.h"
#include "app/api/router.h"
#include "app/auditlog.h"

namespace hubkeep::api {

// Both must outlive the router's use.
void addLogRoutes(Router &router, AuditLog &audit, ActivityLog &activity);

} // namespace hubkeep::api
