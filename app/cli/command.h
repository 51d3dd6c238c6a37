// What all commands share: the global options, standard output and error, exit codes.
//
// A command adds itself to the command line and returns its exit code when it runs.
// Progress and messages go to standard error, results to standard output; with
// --json one document goes there and nothing else.

#pragma once

#include "automation/core/jobcontrol.h"
#include "automation/core/result.h"
#include "integrations/backup/archive/archivereader.h"

#include <QJsonObject>

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace hubkeep {
class SignalHandler;
}

namespace hubkeep::cli {

enum ExitCode {
    Done = 0,
    Failed = 1,
    WrongUsage = 2,
    DoneWithUnreadable = 3,
    Damaged = 4,
    Busy = 5,
    Interrupted = 130,
};

struct Context
{
    Context(JobControl &jobControl, SignalHandler &handler)
        : control(jobControl)
        , signalHandler(handler)
    {
    }

    JobControl &control;
    SignalHandler &signalHandler; // for those who do more at a signal than cancel a job
    std::string data; // --data
    bool json = false;
    bool quiet = false;
    bool verbose = false;
    std::function<int()> run; // set by the command that was named

    void print(const QString &line) const; // to standard output
    void printJson(const QJsonObject &object) const;
    // The one document of a command that prints JSON with or without --json.
    void printDocument(const QByteArray &text) const;
    // The beginning of a document that printJson() or fail() ends, see JsonLists.
    void printJsonPart(const QByteArray &text) const;
    void say(const QString &line) const; // to standard error, unless --quiet
    void sayVerbose(const QString &line) const; // only with --verbose

    // Says the error, whatever the options, and returns its exit code. With --json and
    // nothing printed yet, {"message", "exit_code"} goes to standard output.
    int fail(const Error &error) const;
    int misuse(const Error &error) const; // the same with WrongUsage, of what was typed

    // The hub's folder, absolute: --data's, HUBKEEP_DATA's or the user's own.
    QString dataFolder() const;

    // Where backups are when no folder is named: "backups" in the hub's.
    QByteArray backupsFolder() const;

    // Opens a backup named by a file or an id; ids are looked up in folder, or in
    // backupsFolder() where that is empty.
    Result<backup::ArchiveReader> open(const std::string &backup, const std::string &folder,
        const backup::AgeKeys &keys = {}) const;

private:
    int fail(const Error &error, int code) const;

    mutable bool m_begun = false; // the JSON document
    mutable bool m_printed = false;
};

QByteArray absolutePath(const std::string &path);

// "1.5 GiB"
QString humanSize(qint64 bytes);

void addBackupCommand(CLI::App &app, Context &context);
void addListCommand(CLI::App &app, Context &context);
void addShowCommand(CLI::App &app, Context &context);
void addVerifyCommand(CLI::App &app, Context &context);
void addRestoreCommand(CLI::App &app, Context &context);
void addCatCommand(CLI::App &app, Context &context);
void addDiffCommand(CLI::App &app, Context &context);
void addDecryptCommand(CLI::App &app, Context &context);
void addKeyCommand(CLI::App &app, Context &context);
void addUserCommand(CLI::App &app, Context &context);
void addTokenCommand(CLI::App &app, Context &context);
void addServeCommand(CLI::App &app, Context &context);
void addCallCommand(CLI::App &app, Context &context);
void addCheckConfigCommand(CLI::App &app, Context &context);
void addRenderCommand(CLI::App &app, Context &context);
void addSimulateCommand(CLI::App &app, Context &context);

} // namespace hubkeep::cli
