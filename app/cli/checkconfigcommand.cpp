#include "app/actionnames.h"
#include "app/cli/command.h"
#include "app/configuration.h"
#include "app/rcloneoptionchecks.h"

#include <CLI/CLI.hpp>
#include <QDir>
#include <QFileInfo>
#include <QJsonArray>

namespace hubkeep::cli {
namespace {

int runCheckConfig(const Context &context)
{
    const QString folder = context.dataFolder();
    const QString shown = displayName(QFile::encodeName(folder));
    if (!QFileInfo(folder).isDir())
        return context.fail({ ErrorCode::NotFound,
            QStringLiteral("Checking the configuration: there is no folder %1; name the hub's with "
                           "--data")
                .arg(shown) });
    const QList<ConfigurationProblem> problems
        = checkConfiguration(folder, actionNames(folder)) + rcloneOptionProblems(folder);
    QJsonArray list;
    for (const ConfigurationProblem &problem : problems) {
        context.print(toString(problem));
        list.append(QJsonObject { { QStringLiteral("file"), problem.file },
            { QStringLiteral("line"), problem.line }, { QStringLiteral("column"), problem.column },
            { QStringLiteral("message"), problem.message } });
    }
    context.printJson(
        { { QStringLiteral("ok"), problems.isEmpty() }, { QStringLiteral("problems"), list } });
    if (!problems.isEmpty())
        return Failed;
    context.say(QFileInfo::exists(folder + QStringLiteral("/config/hubkeep.yaml"))
            ? QStringLiteral("The configuration in %1/config is fine").arg(shown)
            : QStringLiteral("There is no hubkeep.yaml in %1/config, so the defaults count: they "
                             "are fine")
                  .arg(shown));
    return Done;
}

} // namespace

void addCheckConfigCommand(CLI::App &app, Context &context)
{
    CLI::App *command = app.add_subcommand(
        "check-config", "Name every problem in every configuration file, with its line and column");
    command->callback([&context] { context.run = [&context] { return runCheckConfig(context); }; });
}

} // namespace hubkeep::cli
