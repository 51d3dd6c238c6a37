#include "app/api/drillroutes.h"

#include "app/api/jsonfields.h"
#include "app/api/pages.h"
#include "app/api/requestaudit.h"

namespace hubkeep::api {
namespace {

using namespace hubkeep::backup;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

void start(BackupManager &manager, AuditLog &audit, const Request &request, Responder responder)
{
    const Result<QJsonObject> body = request.json({ key("agent_id") });
    if (!body)
        return responder.fail(body.error());
    JsonFields fields(*body);
    const QString agentId = fields.text("agent_id");
    if (!fields.ok())
        return responder.fail(fields.error());
    const QString id = request.captured("id");
    const Result<StartedOperation> operation = manager.drill(id, agentId);
    audit.record(auditEntry(request, key("backup.drill"), id,
        operation ? Result<void>() : Result<void>(operation.error())));
    if (!operation)
        return responder.fail(operation.error());
    responder.json(202,
        QJsonObject { { key("message"), key("Restore drill started") },
            { key("status"), key("running") }, { key("backup_id"), operation->id } });
}

// {"drills": […], "next_before", "every_hours", "due": {…} or null, "skipped": {agent: why}}
void list(const RestoreDrills &drills, const Request &request, Responder responder)
{
    Result<QJsonObject> page = pageOf(drills, request, key("drills"));
    if (!page)
        return responder.fail(page.error());
    const DrillPlan plan = drills.plan();
    QJsonObject skipped;
    for (auto it = plan.skipped.cbegin(); it != plan.skipped.cend(); ++it)
        skipped.insert(it.key(), it.value());
    page->insert(key("every_hours"), qint64(drills.policy().every.count()));
    page->insert(key("due"),
        plan.now ? QJsonValue(QJsonObject {
            { key("backup_id"), plan.now->backupId }, { key("agent_id"), plan.now->agentId } })
                 : QJsonValue());
    page->insert(key("skipped"), skipped);
    responder.json(200, *page);
}

} // namespace

void addDrillRoutes(Router &router, BackupManager &manager, RestoreDrills &drills, AuditLog &audit)
{
    router.add({ Method::Post, key("/api/v1/backup/{id}/drill"), Access::Admin },
        [&manager, &audit](const Request &request, Responder responder) {
            start(manager, audit, request, std::move(responder));
        });
    router.add({ Method::Get, key("/api/v1/drills"), Access::Admin },
        [&drills](const Request &request, Responder responder) {
            list(drills, request, std::move(responder));
        });
}

} // namespace hubkeep::api
