#include "app/cli/command.h"
#include "app/cli/hubclient.h"

#include "automation/core/state.h"

#include <CLI/CLI.hpp>
#include <QFile>
#include <QJsonArray>

namespace hubkeep::cli {
namespace {

struct Options
{
    std::string action;
    std::string arguments = "{}";
    std::string url;
    std::string tokenFile;
};

Result<QString> readToken(const std::string &file)
{
    if (file.empty())
        return qEnvironmentVariable("HUBKEEP_TOKEN");
    QFile from(QString::fromStdString(file));
    if (!from.open(QIODevice::ReadOnly))
        return Error {
            ErrorCode::Io,
            QStringLiteral("Reading the token from %1: %2").arg(from.fileName(), from.errorString())
        };
    return QString::fromLatin1(from.read(4096).trimmed());
}

// The hub that was named, or the one that runs on the data folder.
Result<HubClient> findHub(const Context &context, const Options &options)
{
    const Result<QString> token = readToken(options.tokenFile);
    if (!token)
        return token.error();
    Result<RunningHub> running = readRunningFile(DataFolder(context.dataFolder()));
    if (options.url.empty() && !running)
        return running.error();
    RunningHub hub = options.url.empty() ? *running : RunningHub {};
    if (!options.url.empty()) {
        hub.url = QString::fromStdString(options.url);
        while (hub.url.endsWith(u'/'))
            hub.url.chop(1);
        if (running && running->url == hub.url)
            hub = *running;
    }
    if (!token->isEmpty())
        hub.token = *token;
    if (hub.token.isEmpty())
        return Error { ErrorCode::Unauthorized,
            QStringLiteral("Calling an action on %1 takes a token: name its file with "
                           "--token-file or set HUBKEEP_TOKEN")
                .arg(hub.url) };
    return HubClient(std::move(hub), context.control);
}

int wrongUsage(const Context &context, const QString &sentence)
{
    return context.misuse({ ErrorCode::InvalidArgument, sentence });
}

// Whether an action has a result; the hub refuses to return one that has none.
bool responds(const QJsonDocument &services, const QString &action)
{
    const qsizetype dot = action.indexOf(u'.');
    for (const QJsonValue &domain : services.array()) {
        if (domain[QStringLiteral("domain")].toString() == action.left(dot))
            return domain[QStringLiteral("services")][action.mid(dot + 1)].toObject().contains(
                QStringLiteral("response"));
    }
    return false;
}

int runCall(const Context &context, const Options &options)
{
    const QString action = QString::fromStdString(options.action);
    if (!isEntityId(action))
        return wrongUsage(context,
            QStringLiteral("'%1' is not an action; one looks like backup.create").arg(action));
    QJsonParseError problem;
    const QJsonDocument arguments
        = QJsonDocument::fromJson(QByteArray::fromStdString(options.arguments), &problem);
    if (!arguments.isObject())
        return wrongUsage(context,
            QStringLiteral("--arguments takes a JSON object, as in '{\"backup_id\": \"…\"}'%1")
                .arg(problem.error == QJsonParseError::NoError
                        ? QString()
                        : QStringLiteral(": ") + problem.errorString()));
    Result<HubClient> hub = findHub(context, options);
    if (!hub)
        return context.fail(hub.error());
    Result<QJsonDocument> services = hub->get(QStringLiteral("/api/services"));
    if (!services)
        return context.fail(services.error().in(QStringLiteral("Calling %1").arg(action)));
    const QString path
        = QStringLiteral("/api/services/%1%2")
              .arg(QString(action).replace(u'.', u'/'),
                  responds(*services, action) ? QStringLiteral("?return_response") : QString());
    const Result<QJsonDocument> answer = hub->post(path, arguments.object());
    if (!answer)
        return context.fail(answer.error().in(QStringLiteral("Calling %1").arg(action)));
    const QJsonObject response
        = answer->object().value(QStringLiteral("service_response")).toObject();
    if (!response.isEmpty())
        context.print(QString::fromUtf8(QJsonDocument(response).toJson().trimmed()));
    else
        context.say(QStringLiteral("%1 is done").arg(action));
    context.printJson(response);
    return Done;
}

} // namespace

void addCallCommand(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *command
        = app.add_subcommand("call", "Call an action on a running hub and wait for its result");
    command->add_option("ACTION", options->action, "Its name, as in backup.create")->required();
    command->add_option("--arguments", options->arguments, "Its fields, a JSON object");
    command->add_option(
        "--url", options->url, "The hub (default: the one that runs on the data folder)");
    command->add_option("--token-file", options->tokenFile,
        "A file with a token (default: $HUBKEEP_TOKEN, or the local hub's own)");
    command->callback([&context, options] {
        context.run = [&context, options] { return runCall(context, *options); };
    });
}

} // namespace hubkeep::cli
