#include "app/application.h"
#include "app/cli/command.h"
#include "app/signalhandler.h"
#include "automation/core/logging.h"

#include <CLI/CLI.hpp>
#include <QCoreApplication>
#include <QFile>
#include <QLoggingCategory>

#include <csignal>
#include <cstdio>
#include <unistd.h>

namespace hubkeep::cli {
namespace {

Q_LOGGING_CATEGORY(serveLog, "hubkeep.serve")

struct Options
{
    std::string host;
    int port = -1;
};

enum class Ending { Stop, Restart };

// Runs the hub until a signal or an action ends it.
Ending runHub(Context &context, Application &hub)
{
    Ending ending = Ending::Stop;
    QObject::connect(&hub, &Application::restartRequested, &hub, [&ending] {
        ending = Ending::Restart;
        QCoreApplication::quit();
    });
    context.signalHandler.setCallback([&hub](int signal) {
        QMetaObject::invokeMethod(
            &hub,
            [&hub, signal] {
                if (signal != SIGHUP) {
                    qCInfo(serveLog) << "Stopping at signal" << signal;
                    return QCoreApplication::quit();
                }
                qCInfo(serveLog) << "Reading the configuration again";
                hub.reload();
            },
            Qt::QueuedConnection);
    });
    QCoreApplication::exec();
    context.signalHandler.setCallback(nullptr);
    return ending;
}

// Becomes a fresh hub with the same arguments and the same process id.
int restart(Context &context)
{
    QFile arguments(QStringLiteral("/proc/self/cmdline"));
    if (!arguments.open(QIODevice::ReadOnly))
        return context.fail(
            { ErrorCode::Io, QStringLiteral("Restarting: %1").arg(arguments.errorString()) });
    QList<QByteArray> parts = arguments.readAll().split('\0');
    parts.removeLast();
    std::vector<char *> argv;
    for (QByteArray &part : parts)
        argv.push_back(part.data());
    argv.push_back(nullptr);
    ::execv("/proc/self/exe", argv.data());
    return context.fail({ ErrorCode::Io, QStringLiteral("Restarting: %1").arg(qt_error_string()) });
}

int runServe(Context &context, const Options &options)
{
    startLogging(context.verbose ? LogLevel::Debug
            : context.quiet      ? LogLevel::Warning
                                 : LogLevel::Info);
    const SystemClock clock;
    Ending ending = Ending::Stop;
    {
        Application::Options wanted { context.dataFolder(), QString::fromStdString(options.host),
            {} };
        if (options.port >= 0)
            wanted.port = quint16(options.port);
        Result<std::unique_ptr<Application>> hub = Application::open(std::move(wanted), clock);
        if (!hub)
            return context.fail(hub.error());
        const Result<void> listening = (*hub)->listen();
        if (!listening)
            return context.fail(listening.error());
        if (!(*hub)->firstPassword().isEmpty())
            context.print(QStringLiteral("The first administrator is admin, with the password %1 "
                                         "(shown this once)")
                              .arg((*hub)->firstPassword()));
        context.print(QStringLiteral("HubKeep is ready on %1").arg((*hub)->url()));
        std::fflush(stdout);
        ending = runHub(context, **hub);
    }
    return ending == Ending::Restart ? restart(context) : int(Done);
}

} // namespace

void addServeCommand(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand("serve",
        "Run the hub: its backups, its automations and its network interface, until it is ended");
    command->add_option("--host", options->host, "The address to listen on (default: http.host)");
    command
        ->add_option("--port", options->port, "The port; 0: any that is free (default: http.port)")
        ->check(CLI::Range(0, 65535));
    command->callback([&context, options] {
        context.run = [&context, options] { return runServe(context, *options); };
    });
}

} // namespace hubkeep::cli
