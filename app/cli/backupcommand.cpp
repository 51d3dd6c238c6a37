#include "app/cli/command.h"
#include "app/cli/huboperations.h"
#include "app/cli/keyoptions.h"
#include "app/cli/progressprinter.h"
#include "app/entryjson.h"

#include "integrations/backup/backupjob.h"
#include "integrations/backup/database.h"
#include "integrations/backup/wording.h"
#include "integrations/command/commandsource.h"
#include "integrations/files/filessource.h"
#include "integrations/sqlite/sqlitesource.h"

#include <CLI/CLI.hpp>
#include <QElapsedTimer>
#include <QJsonArray>

#include <fcntl.h>

namespace hubkeep::cli {
namespace {

using namespace hubkeep::backup;

struct Options
{
    std::vector<std::string> sources;
    std::vector<std::string> commands;
    std::vector<std::string> exclude;
    std::vector<std::string> include;
    std::string output;
    std::string name;
    std::vector<std::string> recipients;
    std::string passphraseFile;
    bool automatic = false;
    bool full = false;
};

GlobList globList(const std::vector<std::string> &patterns)
{
    QList<QByteArray> list;
    for (const std::string &pattern : patterns)
        list.append(QByteArray::fromStdString(pattern));
    return GlobList(list);
}

// The last part of a path, made different from the names that are taken.
QString freeName(const QByteArray &wanted, QStringList &taken)
{
    // A name is a folder in the zip and a word in --source: text without slashes.
    QString base = displayName(wanted);
    if (base.isEmpty() || base == QLatin1String(".") || base == QLatin1String(".."))
        base = QStringLiteral("root");
    QString name = base;
    for (int i = 2; taken.contains(name); ++i)
        name = QStringLiteral("%1-%2").arg(base).arg(i);
    taken.append(name);
    return name;
}

bool looksLikeDatabase(const QByteArray &path)
{
    const FileDescriptor fd(::open(path.constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    char head[16];
    const Result<qsizetype> read
        = fd.isOpen() ? readAt(fd.get(), head, 0) : Result<qsizetype>(qsizetype(0));
    return read && isSqliteHeader({ head, size_t(*read) });
}

Result<std::vector<std::unique_ptr<BackupSource>>> makeSources(const Options &options)
{
    std::vector<std::unique_ptr<BackupSource>> sources;
    QStringList taken;
    for (const std::string &argument : options.sources) {
        const QByteArray path = absolutePath(argument);
        const QString name = freeName(path.mid(path.lastIndexOf('/') + 1), taken);
        if (looksLikeDatabase(path))
            sources.push_back(std::make_unique<sqlite::SqliteSource>(name, path));
        else
            sources.push_back(std::make_unique<files::FilesSource>(files::FilesConfig {
                name, path, globList(options.include), globList(options.exclude) }));
    }
    for (const std::string &argument : options.commands) {
        const QByteArray text = QByteArray::fromStdString(argument);
        const qsizetype equals = text.indexOf('=');
        const QByteArray file = text.left(equals);
        if (equals <= 0 || file.contains('/') || !problemWithName(file).isEmpty())
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral(
                    "--command wants FILE=COMMAND, as in ledger.dump=\"pg_dump ledger\"") };
        sources.push_back(std::make_unique<command::CommandSource>(command::CommandConfig {
            freeName(file.left(file.indexOf('.') > 0 ? file.indexOf('.') : file.size()), taken),
            { QStringLiteral("/bin/sh"), QStringLiteral("-c"),
                QString::fromLocal8Bit(text.mid(equals + 1)) },
            file }));
    }
    return sources;
}

Result<AgeRecipients> makeRecipients(const Options &options, const JobControl &control)
{
    AgeRecipients recipients;
    for (const std::string &text : options.recipients) {
        const Result<AgeRecipient> recipient = AgeRecipient::parse(QByteArray::fromStdString(text));
        if (!recipient)
            return recipient.error();
        recipients.recipients.push_back(*recipient);
    }
    const Result<AgeKeys> keys = readKeys({ {}, options.passphraseFile }, control);
    if (!keys)
        return keys.error();
    recipients.passphrase = keys->passphrase;
    return recipients;
}

// What is wrong with the options, if anything is.
QString problemWith(const Options &options)
{
    const bool isHubs
        = options.sources.empty() && options.commands.empty() && options.output.empty();
    const bool isEncrypted = !options.recipients.empty() || !options.passphraseFile.empty();
    if (isHubs && (!options.include.empty() || !options.exclude.empty()))
        return QStringLiteral("What the hub includes and excludes is in its hubkeep.yaml; "
                              "--include and --exclude go with --source");
    if (isHubs && isEncrypted)
        return QStringLiteral("Whom the hub encrypts to is in its hubkeep.yaml; --recipient and "
                              "--passphrase-file go with --source");
    if (!isHubs
        && (options.output.empty() || (options.sources.empty() && options.commands.empty())))
        return QStringLiteral("Name what to back up with --source PATH and where to with --output "
                              "DIR; see hubkeep backup --help");
    if (!options.recipients.empty() && !options.passphraseFile.empty())
        return QStringLiteral("age encrypts to recipients or to a passphrase, not to both; leave "
                              "out --recipient or --passphrase-file");
    return {};
}

QJsonObject toJson(const BackupOutcome &outcome, double seconds)
{
    const Counts counts = outcome.info.counts();
    QJsonArray warnings;
    for (const Warning &warning : outcome.warnings)
        warnings.append(problemJson(warning.path, warning.message));
    QJsonArray failed;
    for (const FailedSource &source : outcome.info.failedSources)
        failed.append(source.name);
    QJsonObject object { { QStringLiteral("backup_id"), outcome.info.id },
        { QStringLiteral("size"), outcome.size }, { QStringLiteral("files"), counts.files },
        { QStringLiteral("directories"), counts.directories },
        { QStringLiteral("symlinks"), counts.symlinks },
        { QStringLiteral("databases"), counts.databases },
        { QStringLiteral("bytes"), counts.bytes },
        { QStringLiteral("reused_bytes"), outcome.reusedBytes },
        { QStringLiteral("warnings"), warnings }, { QStringLiteral("failed_sources"), failed },
        { QStringLiteral("protected"), outcome.path.endsWith(".age") },
        { QStringLiteral("duration_s"), seconds }, { QStringLiteral("verified"), true } };
    insertPath(object, outcome.path);
    return object;
}

void printOutcome(const Context &context, const BackupOutcome &outcome, double seconds)
{
    for (const Warning &warning : outcome.warnings)
        context.say(
            QStringLiteral("warning: %1%2%3")
                .arg(displayName(warning.path),
                    warning.path.isEmpty() ? QString() : QStringLiteral(": "), warning.message));
    if (outcome.warningCount > outcome.warnings.size())
        context.say(QStringLiteral("warning: and %1 more; `hubkeep show` lists all of them")
                        .arg(outcome.warningCount - outcome.warnings.size()));
    const Counts counts = outcome.info.counts();
    context.print(outcome.info.id);
    const QString reused = outcome.reusedBytes == 0
        ? QString()
        : QStringLiteral(", %1 taken over from the backup before")
              .arg(humanSize(outcome.reusedBytes));
    context.say(QStringLiteral("%1 and %2, %3, in %4 s into %5 (%6%7); read back and verified")
                    .arg(countText(counts.files - counts.databases, "file"),
                        countText(counts.databases, "database"), humanSize(counts.bytes))
                    .arg(seconds, 0, 'f', 1)
                    .arg(displayName(outcome.path), humanSize(outcome.size), reused));
    for (const FailedSource &source : outcome.info.failedSources)
        context.say(QStringLiteral("The source %1 failed and is not in this backup: %2")
                        .arg(source.name, source.message));
    if (outcome.info.unreadable > 0)
        context.say(QStringLiteral("Not read, named above and missing from this backup: %1")
                        .arg(countText(outcome.info.unreadable, "file")));
}

int runBackupCommand(const Context &context, const Options &options)
{
    if (const QString problem = problemWith(options); !problem.isEmpty()) {
        return context.misuse({ ErrorCode::InvalidArgument, problem });
    }
    if (options.output.empty())
        return backUpHub(
            context, { QString::fromStdString(options.name), options.automatic, options.full });
    Result<std::vector<std::unique_ptr<BackupSource>>> sources = makeSources(options);
    if (!sources) {
        return context.misuse(sources.error());
    }
    Result<AgeRecipients> recipients = makeRecipients(options, context.control);
    if (!recipients) {
        const int code = context.fail(recipients.error());
        return recipients.error().code == ErrorCode::InvalidArgument ? int(WrongUsage) : code;
    }
    BackupRequest request;
    request.encryptTo = std::move(*recipients);
    request.sources = std::move(*sources);
    request.output = absolutePath(options.output);
    request.name = QString::fromStdString(options.name);
    request.full = options.full;
    request.estimate = ProgressPrinter::isWanted(context);
    QElapsedTimer timer;
    timer.start();
    const Result<BackupOutcome> outcome = [&] {
        const ProgressPrinter progress(context, context.control);
        return runBackup(request, context.control);
    }();
    if (!outcome) {
        // What is wrong with what was to be backed up says nothing about a backup.
        const Error &error = outcome.error();
        return context.fail(
            { error.code == ErrorCode::Corrupt ? ErrorCode::Io : error.code, error.message });
    }
    const double seconds = double(timer.elapsed()) / 1000;
    printOutcome(context, *outcome, seconds);
    context.printJson(toJson(*outcome, seconds));
    if (!outcome->info.failedSources.isEmpty())
        return Failed;
    return outcome->info.unreadable > 0 ? DoneWithUnreadable : Done;
}

} // namespace

void addBackupCommand(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand("backup",
        "Back up what the hub's configuration names or, with --source and --output, folders, "
        "files, live SQLite databases and commands' outputs, into one verified zip");
    command->add_flag("--automatic", options->automatic,
        "The hub's: with its automatic backup settings, as the schedule would");
    command->add_option("--source", options->sources,
        "A folder (SQLite databases in it are snapshotted), a file or a database; repeatable");
    command
        ->add_option("--command", options->commands,
            "FILE=COMMAND: the output of a shell command, as FILE; repeatable")
        ->take_all();
    command->add_option("--output", options->output, "The folder that the backup is written into");
    command->add_option("--name", options->name, "A name for people");
    command->add_option("--exclude", options->exclude,
        "Leave out what matches this glob: * stays in a folder, ** crosses folders, a pattern "
        "without a slash matches at any depth; repeatable");
    command->add_option(
        "--include", options->include, "Back up only what matches this glob; repeatable");
    command->add_option("--recipient", options->recipients,
        "Encrypt: only the identity of this age1… opens the backup; repeatable");
    command->add_option("--passphrase-file", options->passphraseFile,
        "Encrypt: the passphrase in this file opens the backup");
    command->add_flag("--full", options->full, "Take nothing over from the backup before");
    command->callback([&context, options] {
        context.run = [&context, options] { return runBackupCommand(context, *options); };
    });
}

} // namespace hubkeep::cli
