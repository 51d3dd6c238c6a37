#include "app/cli/command.h"
#include "app/cli/huboperations.h"
#include "app/cli/keyoptions.h"
#include "app/cli/progressprinter.h"
#include "app/datafolder.h"
#include "app/entryjson.h"
#include "app/partsecrets.h"

#include "integrations/backup/databaseconnection.h"
#include "integrations/backup/restorejob.h"
#include "integrations/backup/stagedrestore.h"

#include <CLI/CLI.hpp>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>

namespace hubkeep::cli {
namespace {

using namespace hubkeep::backup;

struct Options
{
    std::string backup;
    std::string output;
    std::string to;
    std::string hub;
    std::vector<std::string> sources;
    std::vector<std::string> include;
    bool inPlace = false;
    bool confirm = false;
    bool overwrite = false;
    bool preserveSpecial = false;
    KeyOptions keys;
};

int wrongUsage(const Context &context, const char *sentence)
{
    return context.misuse({ ErrorCode::InvalidArgument, QString::fromLatin1(sentence) });
}

QStringList texts(const std::vector<std::string> &list)
{
    QStringList texts;
    for (const std::string &text : list)
        texts.append(QString::fromStdString(text));
    return texts;
}

int report(const Context &context, const QString &id, const RestoreOutcome &outcome)
{
    QJsonArray damaged;
    for (const Problem &problem : outcome.damaged) {
        damaged.append(problemJson(problem.path, problem.message));
        context.say(QStringLiteral("damaged, not restored: %1: %2")
                        .arg(displayName(problem.path), problem.message));
    }
    QJsonArray failed;
    for (const Problem &problem : outcome.failed) {
        failed.append(problemJson(problem.path, problem.message));
        context.say(
            QStringLiteral("not restored: %1: %2").arg(displayName(problem.path), problem.message));
    }
    QJsonArray warnings;
    for (const Warning &warning : outcome.warnings) {
        warnings.append(problemJson(warning.path, warning.message));
        context.say(
            QStringLiteral("warning: %1%2%3")
                .arg(displayName(warning.path),
                    warning.path.isEmpty() ? QString() : QStringLiteral(": "), warning.message));
    }
    context.printJson(
        { { QStringLiteral("backup_id"), id }, { QStringLiteral("written"), outcome.written },
            { QStringLiteral("replaced"), outcome.replaced },
            { QStringLiteral("unchanged"), outcome.unchanged },
            { QStringLiteral("directories"), outcome.directories },
            { QStringLiteral("bytes"), outcome.bytes }, { QStringLiteral("damaged"), damaged },
            { QStringLiteral("failed"), failed }, { QStringLiteral("warnings"), warnings } });
    context.say(QStringLiteral("%1 files restored (%2), %3 were the same already%4")
                    .arg(outcome.written)
                    .arg(humanSize(outcome.bytes))
                    .arg(outcome.unchanged)
                    .arg(outcome.replaced > 0
                            ? QStringLiteral("; what %1 of them replaced is kept beside them as "
                                             ".before-restore")
                                  .arg(outcome.replaced)
                            : QString()));
    if (outcome.damaged.isEmpty() && outcome.failed.isEmpty())
        return Done;
    if (outcome.damaged.isEmpty())
        return context.fail({ ErrorCode::Unavailable,
            QStringLiteral("%1 files could not be restored; they are named above, and the others "
                           "are back")
                .arg(outcome.failed.size()) });
    return context.fail({ ErrorCode::Corrupt,
        QStringLiteral("%1 files are damaged in the backup and were not restored; take them from "
                       "an older one")
            .arg(outcome.damaged.size()) });
}

// The agents of a restored state.db that cannot be used any more, by name. Nothing of it is
// changed.
QStringList agentsWithSecrets(const Context &context, const DataFolder &folder)
{
    const QByteArray path = QFile::encodeName(folder.stateDatabase());
    const Result<DatabaseConnection> db = openDatabase(databaseUri(path, "?immutable=1"),
        SQLITE_OPEN_READONLY, std::chrono::milliseconds(0), context.control);
    const Result<QByteArray> stored = db
        ? queryText(db->get(), "SELECT value FROM settings WHERE name = 'backup.agents'")
        : Result<QByteArray>(db.error());
    QStringList names;
    for (const QJsonValue &agent : QJsonDocument::fromJson(stored ? *stored : "").array()) {
        const QVariantMap options = agent.toObject().toVariantMap();
        if (!lockedOptions({ {}, {}, options, false }).isEmpty())
            names.append(options.value(QStringLiteral("name")).toString());
    }
    return names;
}

int restoreHub(const Context &context, const Options &options)
{
    const Result<ArchiveReader> archive
        = openBackup(context, options.backup, options.output, options.keys);
    if (!archive)
        return context.fail(archive.error());
    const QByteArray data = absolutePath(options.hub);
    const Result<void> restored = [&] {
        const ProgressPrinter progress(context, context.control);
        return restoreHubInto(*archive, data, context.control);
    }();
    if (!restored)
        return context.fail(restored.error());
    const QStringList locked = agentsWithSecrets(context, DataFolder(QFile::decodeName(data)));
    QJsonObject object { { QStringLiteral("backup_id"), archive->info().id },
        { QStringLiteral("agents_without_secrets"), QJsonArray::fromStringList(locked) } };
    insertPath(object, data);
    context.printJson(object);
    if (!locked.isEmpty())
        context.say(QStringLiteral("warning: The passwords and keys of the agents %1 were added "
                                   "through the API and are in no backup; give them again")
                        .arg(locked.join(QStringLiteral(", "))));
    context.say(QStringLiteral("The hub is in %1; start it with `hubkeep serve --data %1`. Tokens "
                               "and stored passphrases are not in backups: make them anew. The "
                               "sources are restored with --to or --in-place")
                    .arg(displayName(data)));
    return Done;
}

int runRestoreCommand(const Context &context, const Options &options)
{
    if (int(!options.to.empty()) + int(options.inPlace) + int(!options.hub.empty()) != 1)
        return wrongUsage(context,
            "Say where to restore: --to DIR, --in-place --confirm to put files back where they "
            "came from, or --hub NEWDATA for the hub itself");
    if (!options.hub.empty() && (!options.sources.empty() || !options.include.empty()))
        return wrongUsage(
            context, "--hub restores all of the hub; leave out --source and --include");
    if (!options.hub.empty())
        return restoreHub(context, options);
    if (options.inPlace && !options.confirm)
        return wrongUsage(context,
            "A restore in place replaces files (keeping them as .before-restore); add --confirm "
            "if that is meant");
    const QString name = QString::fromStdString(options.backup);
    if (options.inPlace && options.output.empty() && isBackupId(name) && options.keys.isEmpty()) {
        const std::optional<int> done
            = restoreOnHub(context, { name, texts(options.sources), texts(options.include) });
        if (done)
            return *done;
    }
    const Result<ArchiveReader> archive
        = openBackup(context, options.backup, options.output, options.keys);
    if (!archive)
        return context.fail(archive.error());
    RestoreRequest request;
    if (!options.to.empty())
        request.target = absolutePath(options.to);
    for (const std::string &source : options.sources)
        request.sources.append(QString::fromStdString(source));
    QList<QByteArray> patterns;
    for (const std::string &pattern : options.include)
        patterns.append(QByteArray::fromStdString(pattern));
    request.include = GlobList(patterns);
    request.overwrite = options.overwrite;
    request.preserveSpecial = options.preserveSpecial;
    const Result<RestoreOutcome> outcome = [&] {
        const ProgressPrinter progress(context, context.control);
        return runRestore(*archive, request, context.control);
    }();
    if (!outcome)
        return context.fail(outcome.error());
    return report(context, archive->info().id, *outcome);
}

} // namespace

void addRestoreCommand(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand(
        "restore", "Put a backup's files back: into a folder, or where they came from");
    command->add_option("BACKUP", options->backup, "A backup's file or id")->required();
    command->add_option("--output", options->output, "The folder that an id is looked up in");
    addKeyOptions(*command, options->keys);
    command->add_option(
        "--to", options->to, "Restore into DIR/<source>/<path>; DIR is empty or new");
    command->add_option("--hub", options->hub,
        "Restore the hub itself into NEWDATA, a new data folder; start it with serve --data");
    command->add_flag("--in-place", options->inPlace, "Restore to where the files came from");
    command->add_flag("--confirm", options->confirm, "Yes, in place");
    command->add_flag("--overwrite", options->overwrite,
        "DIR may have something in it; what is replaced is kept as .before-restore");
    command->add_option("--source", options->sources, "Only this source; repeatable")
        ->allow_extra_args(false);
    command
        ->add_option("--include", options->include,
            "Only what matches this glob, relative to its source; repeatable")
        ->allow_extra_args(false);
    command->add_flag("--preserve-special", options->preserveSpecial,
        "Restore setuid and setgid bits and file capabilities, too");
    command->callback([&context, options] {
        context.run = [&context, options] { return runRestoreCommand(context, *options); };
    });
}

} // namespace hubkeep::cli
