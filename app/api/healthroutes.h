// /, /healthz and /readyz: what machines ask without a token.

#pragma once

#include "app/api/router.h"

namespace hubkeep::api {

// isReady is asked each time: true once the hub runs.
void addHealthRoutes(Router &router, std::function<bool()> isReady);

} // namespace hubkeep::api
