#include "app/api/templateroute.h"

#include "automation/engine/engineparts.h"
#include "automation/template/templatedict.h"

namespace hubkeep::api {
namespace {

void render(const Hub &hub, const Request &request, Responder &responder)
{
    const auto *parts = hub.find<automation::EngineParts>();
    if (!parts)
        return responder.fail(
            { ErrorCode::Unavailable, QStringLiteral("Templates are not ready yet; try again") });
    const Result<QJsonObject> checked
        = request.json({ QStringLiteral("template"), QStringLiteral("variables") });
    if (!checked)
        return responder.fail(checked.error());
    const QJsonValue text = checked->value(QStringLiteral("template"));
    if (!text.isString())
        return responder.fail(
            400, "bad_request", QStringLiteral("The field 'template' takes a text"));
    // Once more, because this keeps the order in which variables were written.
    const Result<TemplateValue> body = TemplateValue::fromJson(request.body);
    if (!body)
        return responder.fail(body.error());
    const TemplateValue *given = body->dict().find(u"variables");
    const Result<TemplateVariables> variables = templateVariables(given ? *given : TemplateValue());
    if (!variables)
        return responder.fail(variables.error());

    const Result<Template> ready = Template::parse(text.toString());
    const Result<QString> rendered
        = ready ? ready->renderText(parts->scope(*variables)) : Result<QString>(ready.error());
    if (!rendered)
        return responder.fail(400, "template_error",
            QStringLiteral("Error rendering template: %1").arg(rendered.error().message));
    responder.text(200, rendered->toUtf8(), "text/plain; charset=utf-8");
}

} // namespace

void addTemplateRoute(Router &router, Hub &hub)
{
    router.add({ Method::Post, QStringLiteral("/api/template"), Access::Admin },
        [&hub](const Request &request, Responder responder) { render(hub, request, responder); });
}

Result<TemplateVariables> templateVariables(const TemplateValue &dict)
{
    TemplateVariables variables;
    if (dict.isNone())
        return variables;
    if (dict.kind() != TemplateValue::Kind::Dict)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The variables have to be an object, from names to values") };
    for (const auto &[name, value] : dict.dict())
        variables.set(name.toText(), value);
    return variables;
}

} // namespace hubkeep::api
