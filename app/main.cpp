// hubkeep: one binary, one subcommand a task. See --help.

#include "app/cli/command.h"
#include "app/signalhandler.h"

#include <CLI/CLI.hpp>
#include <QCoreApplication>

using namespace hubkeep;

int main(int argc, char **argv)
{
    JobControl control;
    const SignalHandler signalHandler(control);
    const QCoreApplication application(argc, argv);
    cli::Context context { control, {}, false, false, false, {} };

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
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? cli::Done : cli::WrongUsage;
    }
    return context.run();
}
