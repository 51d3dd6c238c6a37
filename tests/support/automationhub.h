// A TestHub with what automations work with, and the routes that go with it.

#pragma once

#include "automation/core/timerqueue.h"
#include "automation/engine/engineparts.h"
#include "automation/engine/statewatch.h"
#include "automation/engine/webhooks.h"
#include "tests/support/testhub.h"
#include "tests/support/websocketclient.h"

namespace hubkeep::test {

class AutomationHub
{
public:
    explicit AutomationHub(const api::WebSocketApi::Limits &limits = {});
    ~AutomationHub();

    void set(const char *entityId, const char *state, const char *attributes = "{}");
    Hub &hub() { return *test.hub; }

    TestHub test;
    TimerQueue timers;
    automation::StateWatch watch;
    automation::Webhooks webhooks;
    automation::EngineParts parts;
};

} // namespace hubkeep::test
