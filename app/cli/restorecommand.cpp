#include "app/cli/backupcopies.h"
#include "app/cli/command.h"
#include "app/cli/huboperations.h"
#include "app/cli/keyoptions.h"
#include "app/cli/progressprinter.h"
#include "app/datafolder.h"
#include "app/entryjson.h"
#include "app/partsecrets.h"

#include "integrations/backup/restorejob.h"
#include "integrations/backup/stagedrestore.h"
#include "integrations/backup/wording.h"

#include <CLI/CLI.hpp>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>

#include <optional>

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
    context.say(QStringLiteral("%1 restored (%2), %3 the same already%4")
                    .arg(countText(outcome.written, "file"), humanSize(outcome.bytes))
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
            QStringLiteral("%1 could not be restored, as named above; the others are back")
                .arg(countText(outcome.failed.size(), "file")) });
    return context.fail({ ErrorCode::Corrupt,
        QStringLiteral("Damaged in the backup and not restored: %1; restore from an older one what "
                       "is named above")
            .arg(countText(outcome.damaged.size(), "file")) });
}

// The agents of a restored state.db that cannot be used any more, by name.
QStringList agentsWithSecrets(const Context &context, const DataFolder &folder)
{
    QStringList names;
    for (const QVariantMap &options : agentsOfStateDatabase(context, folder.stateDatabase())) {
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

// The file that was named, or all there are of an id that is looked up in the hub's folders.
QList<BackupCopy> copiesToTry(const Context &context, const Options &options)
{
    const QString name = QString::fromStdString(options.backup);
    QList<BackupCopy> copies;
    if (options.output.empty() && isBackupId(name)
        && !QFileInfo::exists(QFile::decodeName(absolutePath(options.backup))))
        copies = copiesOf(context, name);
    if (copies.isEmpty())
        copies.append({ name, QByteArray::fromStdString(options.backup) });
    return copies;
}

// What was wrong with a copy; nothing: it is not the copy's fault.
std::optional<QString> damageOf(const Result<RestoreOutcome> &outcome, bool wasOpened)
{
    if (!outcome)
        return !wasOpened || outcome.error().code == ErrorCode::Corrupt ? outcome.error().message
                                                                        : std::optional<QString>();
    if (outcome->damaged.isEmpty())
        return {};
    const Problem &first = outcome->damaged.first();
    return QStringLiteral("%1: %2").arg(displayName(first.path), first.message);
}

// From the first copy, and from the next where that one is damaged, as a hub does.
int restoreFiles(const Context &context, const Options &options, RestoreRequest request)
{
    std::optional<RestoreOutcome> restored;
    std::optional<Error> failure;
    QString id;
    QList<Warning> passedOver;
    const QList<BackupCopy> copies = copiesToTry(context, options);
    for (qsizetype i = 0; i < copies.size(); ++i) {
        const Result<ArchiveReader> archive
            = openBackup(context, copies[i].path.toStdString(), options.output, options.keys);
        Result<RestoreOutcome> outcome = [&]() -> Result<RestoreOutcome> {
            if (!archive)
                return archive.error();
            const ProgressPrinter progress(context, context.control);
            return runRestore(*archive, request, context.control);
        }();
        if (outcome) {
            id = archive->info().id;
            if (restored)
                addEarlier(*outcome, *restored);
            restored = *outcome;
            request.overwrite = true; // what lies there is what this command wrote
        } else if (!failure) {
            failure = outcome.error();
        }
        const std::optional<QString> damage = damageOf(outcome, bool(archive));
        if (!damage || context.control.cancelled())
            break;
        if (i + 1 < copies.size())
            passedOver.append({ {},
                QStringLiteral("The copy on %1 is damaged or cannot be opened, and the one on %2 "
                               "was taken for what it lacks (%3)")
                    .arg(copies[i].place, copies[i + 1].place, *damage) });
    }
    if (!restored || context.control.cancelled())
        return context.fail(failure.value_or(JobControl::cancelledError()));
    restored->warnings += passedOver;
    return report(context, id, *restored);
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
    return restoreFiles(context, options, request);
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
