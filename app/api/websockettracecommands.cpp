// automation/config and trace/*: what automations say, and what their runs did.

#include "app/api/websocketapi.h"
#include "app/api/websocketsession.h"
#include "automation/engine/automationengine.h"

namespace hubkeep::api {
namespace {

using namespace hubkeep::automation;

// Null, and session was told.
const AutomationEngine *engineFor(WebSocketSession &session, qint64 id)
{
    const auto *engine = session.hub().find<AutomationEngine>();
    if (!engine)
        session.fail(
            id, "home_assistant_error", QStringLiteral("Automations are not ready yet; try again"));
    return engine;
}

void automationConfig(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const QString entityId = fields.text("entity_id");
    if (!fields.good(session))
        return;
    const AutomationEngine *engine = engineFor(session, message.id);
    if (!engine)
        return;
    const QJsonObject config = engine->configuration(entityId);
    if (config.isEmpty())
        return session.fail(message.id, "not_found", QStringLiteral("Entity not found"));
    session.result(message.id, QJsonObject { { QStringLiteral("config"), config } });
}

// Those of one automation, or all. There are no other domains.
QList<std::shared_ptr<const Trace>> tracesOf(
    const AutomationEngine &engine, const QString &domain, const QString &itemId)
{
    return domain.isEmpty() || domain == u"automation" ? engine.traces(itemId)
                                                       : QList<std::shared_ptr<const Trace>>();
}

void listTraces(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const QString domain = fields.text("domain");
    const QString itemId = fields.text("item_id", {});
    if (!fields.good(session))
        return;
    const AutomationEngine *engine = engineFor(session, message.id);
    if (!engine)
        return;
    QJsonArray list;
    for (const auto &trace : tracesOf(*engine, domain, itemId))
        list.append(trace->toShortJson());
    session.result(message.id, list);
}

void getTrace(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const QString domain = fields.text("domain");
    const QString itemId = fields.text("item_id");
    const QString runId = fields.text("run_id");
    if (!fields.good(session))
        return;
    const AutomationEngine *engine = engineFor(session, message.id);
    if (!engine)
        return;
    const QJsonObject trace
        = domain == u"automation" ? engine->trace(itemId, runId) : QJsonObject();
    if (trace.isEmpty())
        return session.fail(
            message.id, "not_found", QStringLiteral("The trace could not be found"));
    session.result(message.id, trace);
}

void traceContexts(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    const QString domain = fields.text("domain", {});
    const QString itemId = fields.text("item_id", {});
    if (!fields.good(session))
        return;
    const AutomationEngine *engine = engineFor(session, message.id);
    if (!engine)
        return;
    QJsonObject contexts;
    for (const auto &trace : tracesOf(*engine, domain, itemId))
        contexts.insert(trace->context.id,
            QJsonObject { { QStringLiteral("run_id"), trace->runId },
                { QStringLiteral("domain"), trace->domain },
                { QStringLiteral("item_id"), trace->itemId } });
    session.result(message.id, contexts);
}

} // namespace

void addTraceCommands(CommandTable &table)
{
    table.add("automation/config", Access::Admin, automationConfig);
    table.add("trace/list", Access::Admin, listTraces);
    table.add("trace/get", Access::Admin, getTrace);
    table.add("trace/contexts", Access::Admin, traceContexts);
}

} // namespace hubkeep::api
