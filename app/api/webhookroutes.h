// /api/webhook/{id}: what other programs call to trigger an automation, without a token.
//
// As Home Assistant: an id that nobody listens to is answered like one that somebody does, so that
// nobody finds out which there are. Behind a proxy on this network every caller counts as local.
//
// Main thread; hub outlives router's use. Needs the engine's parts, which the hub finds once they
// are provided.

#pragma once

#include "app/api/router.h"
#include "automation/core/hub.h"

namespace hubkeep::api {

void addWebhookRoutes(Router &router, const Hub &hub);

// Whether an address is this machine's, or of a network that is not the internet.
bool isLocalAddress(const QHostAddress &address);

} // namespace hubkeep::api
