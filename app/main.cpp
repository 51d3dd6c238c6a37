// hubkeep: one binary, one subcommand a task. See --help.

#include "app/cli/command.h"
#include "app/signalhandler.h"

#include <CLI/CLI.hpp>
#include <QCoreApplication>

#include <algorithm>
#include <cerrno>
#include <cstdio>
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

// CLI11 takes "[a,b]" for a list. As a path it is "./[a,b]", as a glob "**/[a,b]": the same,
// and no list.
std::vector<std::string> protectBrackets(int argc, char **argv)
{
    std::vector<std::string> arguments(argv + 1, argv + argc);
    std::string option;
    for (std::string &argument : arguments) {
        if (argument.starts_with("--"))
            option = argument;
        else if (argument.size() > 1 && argument.front() == '[' && argument.back() == ']')
            argument.insert(0, option == "--exclude" || option == "--include" ? "**/" : "./");
    }
    std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
    return arguments;
}

} // namespace

int main(int argc, char **argv)
{
    openStandardStreams();
    raiseFileLimit();
    JobControl control;
    const SignalHandler signalHandler(control);
    const QCoreApplication application(argc, argv);
    cli::Context context(control);

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
    for (const auto add :
        { cli::addBackupCommand, cli::addListCommand, cli::addShowCommand, cli::addVerifyCommand,
            cli::addRestoreCommand, cli::addCatCommand, cli::addDiffCommand })
        add(app, context);
    try {
        app.parse(protectBrackets(argc, argv));
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? cli::Done : cli::WrongUsage;
    }
    const int code = context.run();
    // What did not get out, to a full disk perhaps, was not said. A reader that had enough
    // (EPIPE) knows.
    const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    if (written || code != cli::Done)
        return code;
    return errno == EPIPE
        ? int(cli::Failed)
        : context.fail(systemError(errno).in(QStringLiteral("Writing to standard output")));
}
