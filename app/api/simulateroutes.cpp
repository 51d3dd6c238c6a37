#include "app/api/simulateroutes.h"

#include "integrations/backup/simulation.h"

#include <QJsonDocument>

namespace hubkeep::api {
namespace {

using namespace hubkeep::backup;

// Fields are checked by those who answer; no body asks about the hub as it is.
Result<QJsonObject> questionIn(const Request &request)
{
    if (request.body.trimmed().isEmpty())
        return QJsonObject();
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(request.body, &problem);
    if (!document.isObject())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The body has to be a JSON object%1")
                .arg(problem.error == QJsonParseError::NoError
                        ? QString()
                        : QStringLiteral(": ") + problem.errorString()) };
    return document.object();
}

void answer(Responder &responder, const Result<QJsonObject> &said)
{
    if (said)
        responder.json(200, *said);
    else
        responder.fail(said.error());
}

} // namespace

void addSimulateRoutes(Router &router, const BackupIntegration &integration)
{
    router.add({ Method::Post, QStringLiteral("/api/v1/simulate/schedule"), Access::Admin },
        [&integration](const Request &request, Responder responder) {
            const Result<QJsonObject> question = questionIn(request);
            if (!question)
                return responder.fail(question.error());
            ScheduleDefaults defaults { integration.now(), integration.zone(),
                integration.settings() };
            if (!question->contains(QStringLiteral("now")))
                defaults.lastCompleted = integration.lastCompleted();
            answer(responder, simulateSchedule(*question, defaults));
        });
    router.add({ Method::Post, QStringLiteral("/api/v1/simulate/retention"), Access::Admin },
        [&integration](const Request &request, Responder responder) {
            const Result<QJsonObject> question = questionIn(request);
            if (!question)
                return responder.fail(question.error());
            answer(responder,
                simulateRetention(*question,
                    { integration.now(), integration.zone(),
                        retentionRulesOf(integration.settings()),
                        integration.retentionBackups() }));
        });
}

} // namespace hubkeep::api
