#include "tests/support/automationhub.h"

#include "app/api/templateroute.h"
#include "app/api/webhookroutes.h"

namespace hubkeep::test {

AutomationHub::AutomationHub(const api::WebSocketApi::Limits &limits)
    : test(limits)
    , timers(test.clock)
    , watch(hub().bus())
    , parts { hub(), timers, watch, webhooks, QTimeZone("Europe/Amsterdam") }
{
    hub().provide(&parts);
    api::addTemplateRoute(test.router, hub());
    api::addWebhookRoutes(test.router, hub());
}

// What clients follow goes before what it works with.
AutomationHub::~AutomationHub()
{
    test.webSockets.reset();
}

void AutomationHub::set(const char *entityId, const char *state, const char *attributes)
{
    const Result<void> done = hub().states().set(
        QString::fromLatin1(entityId), QString::fromUtf8(state), json(attributes).toVariantMap());
    if (!done)
        qFatal("%s", qPrintable(done.error().message));
}

} // namespace hubkeep::test
