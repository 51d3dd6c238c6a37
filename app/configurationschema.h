// The tables that say what hubkeep.yaml may contain. What concerns two keys at once is in
// configuration.cpp.
//
// Any thread.

#pragma once

#include "automation/core/schema.h"

namespace hubkeep {

Schema configurationSchema();
Schema sourceSchema(); // one of backup.sources
Schema agentSchema(); // one of backup.agents
Schema notifierSchema(); // one of notify

} // namespace hubkeep
