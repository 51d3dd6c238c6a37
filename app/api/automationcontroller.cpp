#include "app/api/automationcontroller.h"

#include "app/api/jsonfields.h"
#include "app/api/requestaudit.h"
#include "automation/core/filedescriptor.h"
#include "automation/core/yaml.h"
#include "automation/engine/automationengine.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QSaveFile>

namespace hubkeep::api {
namespace {

using automation::AutomationEngine;
using automation::AutomationSummary;

const QString mainFile = QStringLiteral("automations.yaml");

QByteArray etagOf(const QByteArray &content)
{
    return '"' + QCryptographicHash::hash(content, QCryptographicHash::Sha256).toHex().left(32)
        + '"';
}

// Nothing where there is no such file.
Result<std::optional<QByteArray>> contentOf(const QString &path, const QString &name)
{
    QFile file(path);
    if (!file.exists())
        return std::optional<QByteArray>();
    if (!file.open(QIODevice::ReadOnly))
        return Error { ErrorCode::Io,
            QStringLiteral("Reading %1: %2").arg(name, file.errorString()) };
    return std::optional<QByteArray>(file.read(YamlLoader::largestFile + 1));
}

QJsonArray toJson(const automation::Problems &problems)
{
    QJsonArray list;
    for (const ValueProblem &problem : problems)
        list.append(QJsonObject { { QStringLiteral("file"), problem.place.file },
            { QStringLiteral("line"), problem.place.line },
            { QStringLiteral("column"), problem.place.column },
            { QStringLiteral("message"), problem.message } });
    return list;
}

QJsonObject toJson(const AutomationSummary &summary)
{
    return { { QStringLiteral("entity_id"), summary.entityId },
        { QStringLiteral("id"),
            summary.id.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(summary.id) },
        { QStringLiteral("alias"), summary.alias }, { QStringLiteral("file"), summary.file },
        { QStringLiteral("line"), summary.line }, { QStringLiteral("broken"), summary.isBroken } };
}

// If-Match and If-None-Match: one of several tags, or any.
bool names(const QByteArray &header, const QByteArray &etag)
{
    for (const QByteArray &tag : header.split(',')) {
        const QByteArray trimmed = tag.trimmed();
        if (trimmed == "*" || trimmed == etag || trimmed == "W/" + etag)
            return true;
    }
    return false;
}

void failUnknown(Responder &responder)
{
    responder.fail(404, "not_found",
        QStringLiteral("There is no such file of automations; GET /api/v1/automations lists them"));
}

Error writeError(const QString &name, const QSaveFile &file)
{
    return { ErrorCode::Io, QStringLiteral("Writing %1: %2").arg(name, file.errorString()) };
}

} // namespace

AutomationController::AutomationController(Parts parts, QObject *parent)
    : QObject(parent)
    , m_parts(std::move(parts))
{
    const auto add = [this](Method method, const char *pattern, Route::Body body, auto handler) {
        m_parts.router.add({ method, QString::fromLatin1(pattern), Access::Admin, body },
            [this, handler](const Request &request, Responder responder) {
                (this->*handler)(request, std::move(responder));
            });
    };
    using Self = AutomationController;
    constexpr auto json = Route::Body::Json;
    constexpr auto any = Route::Body::Any;
    m_parts.router.add({ Method::Get, QStringLiteral("/api/v1/automations"), Access::Admin },
        [this](const Request &, Responder responder) { list(std::move(responder)); });
    add(Method::Get, "/api/v1/automations/{file}", json, &Self::read);
    add(Method::Put, "/api/v1/automations/{file}", any, &Self::write);
    add(Method::Delete, "/api/v1/automations/{file}", json, &Self::remove);
    add(Method::Post, "/api/v1/automations/check", any, &Self::check);
    add(Method::Get, "/api/v1/automations/{id}/traces", json, &Self::traces);
    add(Method::Get, "/api/v1/automations/{id}/traces/{run_id}", json, &Self::trace);
}

std::optional<AutomationController::File> AutomationController::fileNamed(const QString &name) const
{
    static const QRegularExpression plain(
        QStringLiteral("\\A[A-Za-z0-9_-][A-Za-z0-9._ -]{0,99}\\.yaml\\z"));
    if (!plain.match(name).hasMatch())
        return {};
    const QString relative = name == mainFile ? name : QStringLiteral("automations/") + name;
    return File { name, relative, m_parts.configFolder + u'/' + relative };
}

QList<AutomationController::File> AutomationController::files() const
{
    QList<File> all;
    if (QFile::exists(m_parts.configFolder + u'/' + mainFile))
        all.append(*fileNamed(mainFile));
    const QDir folder(m_parts.configFolder + QStringLiteral("/automations"));
    for (const QString &name : folder.entryList({ QStringLiteral("*.yaml") }, QDir::Files)) {
        const std::optional<File> file = fileNamed(name);
        if (file && name != mainFile)
            all.append(*file);
    }
    return all;
}

void AutomationController::list(Responder responder)
{
    QJsonArray automations;
    for (const AutomationSummary &summary : m_parts.engine.automations())
        automations.append(toJson(summary));
    QJsonArray list;
    for (const File &file : files()) {
        const Result<std::optional<QByteArray>> content = contentOf(file.path, file.name);
        if (content && *content)
            list.append(QJsonObject { { QStringLiteral("file"), file.name },
                { QStringLiteral("size"), (*content)->size() },
                { QStringLiteral("etag"), QString::fromLatin1(etagOf(**content)) } });
    }
    responder.json(200,
        QJsonObject {
            { QStringLiteral("automations"), automations }, { QStringLiteral("files"), list } });
}

void AutomationController::read(const Request &request, Responder responder)
{
    const std::optional<File> file = fileNamed(request.captured("file"));
    if (!file)
        return failUnknown(responder);
    const Result<std::optional<QByteArray>> content = contentOf(file->path, file->name);
    if (!content)
        return responder.fail(content.error());
    if (!*content)
        return failUnknown(responder);
    const QByteArray etag = etagOf(**content);
    const QByteArray known = request.header("if-none-match");
    if (!known.isEmpty() && names(known, etag))
        return responder.empty(304, { { "ETag", etag } });
    responder.text(200, **content, "application/yaml; charset=utf-8", { { "ETag", etag } });
}

bool AutomationController::isAsWanted(
    const Request &request, const std::optional<QByteArray> &content, Responder &responder)
{
    const QByteArray match = request.header("if-match");
    const QByteArray noMatch = request.header("if-none-match");
    const bool matches = match.isEmpty() || (content && names(match, etagOf(*content)));
    const bool differs = noMatch.isEmpty() || !content || !names(noMatch, etagOf(*content));
    if (matches && differs)
        return true;
    responder.fail(412, "precondition",
        !content      ? QStringLiteral("The file is not there any more; somebody removed it")
            : matches ? QStringLiteral("The file is there already")
                      : QStringLiteral("The file was changed meanwhile; read it again"));
    return false;
}

void AutomationController::write(const Request &request, Responder responder)
{
    const std::optional<File> file = fileNamed(request.captured("file"));
    if (!file)
        return failUnknown(responder);
    const Result<std::optional<QByteArray>> before = contentOf(file->path, file->name);
    if (!before)
        return responder.fail(before.error());
    if (!isAsWanted(request, *before, responder))
        return;
    const automation::Problems problems = problemsOf(file->relative, request.body);
    const bool force = request.parameter("force") == u"true";
    if (!problems.isEmpty() && !force)
        return responder.json(400,
            QJsonObject { { QStringLiteral("message"),
                              QStringLiteral("%1 was not written, because it has problems; "
                                             "?force=true writes it all the same")
                                  .arg(file->name) },
                { QStringLiteral("code"), QStringLiteral("invalid_automations") },
                { QStringLiteral("problems"), toJson(problems) } });
    const Result<void> folder = makeFolders(QFile::encodeName(QFileInfo(file->path).path()));
    if (!folder)
        return responder.fail(folder.error());
    QSaveFile saved(file->path);
    if (!saved.open(QIODevice::WriteOnly) || saved.write(request.body) != request.body.size()
        || !saved.commit())
        return responder.fail(writeError(file->name, saved));
    m_parts.audit.record(auditEntry(request, QStringLiteral("automations.write"), file->name));
    (void)m_parts.engine.reload();
    const QByteArray etag = etagOf(request.body);
    responder.json(*before ? 200 : 201,
        QJsonObject { { QStringLiteral("file"), file->name },
            { QStringLiteral("etag"), QString::fromLatin1(etag) },
            { QStringLiteral("problems"), toJson(problems) } },
        { { "ETag", etag } });
}

void AutomationController::remove(const Request &request, Responder responder)
{
    const std::optional<File> file = fileNamed(request.captured("file"));
    if (!file)
        return failUnknown(responder);
    const Result<std::optional<QByteArray>> content = contentOf(file->path, file->name);
    if (!content)
        return responder.fail(content.error());
    if (!*content)
        return failUnknown(responder);
    if (!isAsWanted(request, *content, responder))
        return;
    QFile removed(file->path);
    if (!removed.remove())
        return responder.fail({ ErrorCode::Io,
            QStringLiteral("Removing %1: %2").arg(file->name, removed.errorString()) });
    m_parts.audit.record(auditEntry(request, QStringLiteral("automations.delete"), file->name));
    (void)m_parts.engine.reload();
    responder.empty(204);
}

void AutomationController::check(const Request &request, Responder responder)
{
    QByteArray text = request.body;
    QString name = mainFile;
    if (request.header("content-type").toLower().startsWith("application/json")) {
        const Result<QJsonObject> body
            = request.json({ QStringLiteral("text"), QStringLiteral("file") });
        if (!body)
            return responder.fail(body.error());
        JsonFields fields(*body);
        text = fields.text("text").toUtf8();
        name = fields.text("file", mainFile);
        if (!fields.ok())
            return responder.fail(fields.error());
    }
    const std::optional<File> file = fileNamed(name);
    if (!file)
        return failUnknown(responder);
    // Without a text, what is there.
    const QStringList actions = actionNames();
    const automation::Problems problems = text.isEmpty()
        ? AutomationEngine::check(m_parts.configFolder, &actions)
        : problemsOf(file->relative, text);
    responder.json(200, QJsonObject { { QStringLiteral("problems"), toJson(problems) } });
}

automation::Problems AutomationController::problemsOf(
    const QString &relative, const QByteArray &text) const
{
    const QStringList actions = actionNames();
    return AutomationEngine::checkText(m_parts.configFolder, relative, text, &actions);
}

QStringList AutomationController::actionNames() const
{
    QStringList names;
    for (const ActionDescription &action : m_parts.hub.actions().all())
        names.append(action.name);
    return names;
}

QString AutomationController::itemIdOf(const QString &id) const
{
    for (const AutomationSummary &summary : m_parts.engine.automations()) {
        if (summary.entityId == id || (!summary.id.isEmpty() && summary.id == id))
            return summary.id.isEmpty() ? summary.entityId.section(u'.', 1) : summary.id;
    }
    return id;
}

void AutomationController::traces(const Request &request, Responder responder)
{
    QJsonArray list;
    for (const auto &trace : m_parts.engine.traces(itemIdOf(request.captured("id"))))
        list.append(trace->toShortJson());
    responder.json(200, QJsonObject { { QStringLiteral("traces"), list } });
}

void AutomationController::trace(const Request &request, Responder responder)
{
    const QJsonObject trace
        = m_parts.engine.trace(itemIdOf(request.captured("id")), request.captured("run_id"));
    if (trace.isEmpty())
        return responder.fail(
            404, "not_found", QStringLiteral("There is no such run, or it was long ago"));
    responder.json(200, trace);
}

} // namespace hubkeep::api
