// hubkeep: one binary, one subcommand a task. See --help.

#include "app/cli/command.h"
#include "app/signalhandler.h"

#include <CLI/CLI.hpp>
#include <QCoreApplication>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/resource.h>

using namespace hubkeep;

namespace {

// A closed standard stream would make the next file that is opened one of them.
void openStandardStreams()
{
    for (int fd = 0; fd <= 2; ++fd) {
        if (::fcntl(fd, F_GETFD) < 0)
            ::open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
    }
}

// Folders are held open while their files wait for a worker, and the usual soft limit is
// for programs that use select().
void raiseFileLimit()
{
    rlimit limit;
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65536);
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

// CLI11 takes "[a,b]" for a list where an option may have several values. As a path it is
// "./[a,b]", as a glob "**/[a,b]": the same, and no list.
std::vector<std::string> protectBrackets(int argc, char **argv)
{
    std::vector<std::string> arguments(argv + 1, argv + argc);
    std::string command;
    std::string option;
    for (std::string &argument : arguments) {
        size_t value = 0;
        if (argument.starts_with("--")) {
            const size_t equals = argument.find('=');
            option = argument.substr(0, equals);
            value = equals == std::string::npos ? argument.size() : equals + 1;
        } else if (command.empty() && option != "--data") {
            command = argument;
        } else if (command.empty()) {
            option.clear();
        }
        const bool isPath = option == "--source";
        const bool isGlob = option == "--exclude" || option == "--include";
        if (command == "backup" && (isPath || isGlob) && value < argument.size()
            && argument[value] == '[' && argument.back() == ']')
            argument.insert(value, isPath ? "./" : "**/");
    }
    std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
    return arguments;
}

// The exit code. What did not get out, to a full disk perhaps, was not said. A reader that had
// enough (EPIPE) knows.
int flushOutput(const cli::Context &context, int code)
{
    errno = 0;
    const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    if (written || code != cli::Done)
        return code;
    return errno == EPIPE
        ? int(cli::Failed)
        : context.fail(
            systemError(errno != 0 ? errno : EIO).in(QStringLiteral("Writing to standard output")));
}

} // namespace

int main(int argc, char **argv)
{
    openStandardStreams();
    raiseFileLimit();
    JobControl control;
    SignalHandler signalHandler(control);
    const QCoreApplication application(argc, argv);
    cli::Context context(control, signalHandler);

    CLI::App app("Backs up running applications into ordinary zips, proves the backups, and puts "
                 "them back.");
    app.name("hubkeep");
    app.set_version_flag("--version", "hubkeep " HUBKEEP_VERSION);
    app.add_option("--data", context.data,
        "The hub's folder (default: $HUBKEEP_DATA, else $XDG_DATA_HOME/hubkeep)");
    app.add_flag("--json", context.json, "Print one JSON document on standard output");
    app.add_flag("--quiet", context.quiet, "Say nothing but errors");
    app.add_flag("--verbose", context.verbose, "Say more");
    app.fallthrough();
    app.require_subcommand(1);
    app.footer("Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but some files could not be "
               "read,\n4 the backup is damaged, 5 another job is working there, 130 interrupted.");
    for (const auto add : { cli::addBackupCommand, cli::addListCommand, cli::addShowCommand,
             cli::addVerifyCommand, cli::addRestoreCommand, cli::addCatCommand, cli::addDiffCommand,
             cli::addDecryptCommand, cli::addKeyCommand, cli::addUserCommand, cli::addTokenCommand,
             cli::addCheckConfigCommand, cli::addRenderCommand, cli::addSimulateCommand,
             cli::addServeCommand, cli::addCallCommand })
        add(app, context);
    try {
        app.parse(protectBrackets(argc, argv));
    } catch (const CLI::ParseError &error) {
        const bool answered = app.exit(error) == 0;
        // What was wrong may have come before the option was read.
        context.json = std::any_of(argv + std::min(argc, 1), argv + argc,
            [](const char *argument) { return std::strcmp(argument, "--json") == 0; });
        if (!answered)
            context.printJson({ { QStringLiteral("message"), QString::fromUtf8(error.what()) },
                { QStringLiteral("exit_code"), int(cli::WrongUsage) } });
        return flushOutput(context, answered ? cli::Done : cli::WrongUsage);
    }
    return flushOutput(context, context.run());
}
