// POST /api/template {"template", "variables"}: the rendered text.
//
// Main thread; router and hub outlive each other's use. Needs the engine's parts, which the hub
// finds once they are provided.

#pragma once

#include "app/api/router.h"
#include "automation/core/hub.h"
#include "automation/template/template.h"

namespace hubkeep::api {

void addTemplateRoute(Router &router, Hub &hub);

// The members of a dict, as a template's names; InvalidArgument for anything else, but for none.
Result<TemplateVariables> templateVariables(const TemplateValue &dict);

} // namespace hubkeep::api
