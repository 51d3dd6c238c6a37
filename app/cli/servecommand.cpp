#include "app/application.h"
#include "app/cli/command.h"
#include "app/cli/hubsession.h"
#include "app/signalhandler.h"
#include "automation/core/logging.h"

#include <CLI/CLI.hpp>
#include <QCoreApplication>
#include <QFile>
#include <QLoggingCategory>
#include <QUrl>

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

// Acts on signals in the event loop, also on those that come before it runs.
class SignalReceiver : public QObject
{
public:
    explicit SignalReceiver(SignalHandler &handler)
        : m_handler(handler)
    {
        m_handler.setCallback([this](int signal) {
            QMetaObject::invokeMethod(
                this, [this, signal] { act(signal); }, Qt::QueuedConnection);
        });
    }
    ~SignalReceiver() override { m_handler.setCallback(nullptr); }

    void setHub(Application *hub) { m_hub = hub; }

private:
    void act(int signal)
    {
        if (signal != SIGHUP) {
            qCInfo(serveLog) << "Stopping at signal" << signal;
            return QCoreApplication::quit();
        }
        qCInfo(serveLog) << "Reading the configuration again";
        m_hub->reload();
    }

    SignalHandler &m_handler;
    Application *m_hub = nullptr;
};

// Runs the hub until a signal or an action ends it.
Ending runHub(Application &hub)
{
    Ending ending = Ending::Stop;
    QObject::connect(&hub, &Application::restartRequested, &hub, [&ending] {
        ending = Ending::Restart;
        QCoreApplication::quit();
    });
    QCoreApplication::exec();
    return ending;
}

// Becomes a fresh hub with the same arguments, the same process id and, where that was any,
// the same port: clients come back to it.
int restart(Context &context, const Options &options, int port)
{
    QFile arguments(QStringLiteral("/proc/self/cmdline"));
    if (!arguments.open(QIODevice::ReadOnly))
        return context.fail(
            { ErrorCode::Io, QStringLiteral("Restarting: %1").arg(arguments.errorString()) });
    QList<QByteArray> parts = arguments.readAll().split('\0');
    parts.removeLast();
    if (options.port == 0)
        parts.append("--port=" + QByteArray::number(port));
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
    int port = 0;
    {
        SignalReceiver receiver(context.signalHandler);
        if (context.control.cancelled()) // by a signal before that
            return Done;
        Application::Options wanted { context.dataFolder(), QString::fromStdString(options.host),
            {} };
        if (options.port >= 0)
            wanted.port = quint16(options.port);
        Result<std::unique_ptr<Application>> hub = Application::open(std::move(wanted), clock);
        if (!hub)
            return context.fail(hub.error());
        receiver.setHub(hub->get());
        sayFirstPassword(**hub, context.json ? stderr : stdout);
        const Result<void> listening = (*hub)->listen();
        if (!listening) // a taken port is nobody at work in the folder
            return context.fail({ ErrorCode::Io, listening.error().message });
        context.print(QStringLiteral("HubKeep is ready on %1").arg((*hub)->url()));
        context.printJson({ { QStringLiteral("url"), (*hub)->url() } });
        std::fflush(stdout);
        ending = runHub(**hub);
        port = QUrl((*hub)->url()).port();
    }
    return ending == Ending::Restart ? restart(context, options, port) : int(Done);
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
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
        ->check(CLI::Range(0, 65535));
    command->callback([&context, options] {
        context.run = [&context, options] { return runServe(context, *options); };
    });
}

} // namespace hubkeep::cli
