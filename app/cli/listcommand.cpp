#include "app/cli/command.h"
#include "app/cli/huboperations.h"
#include "app/cli/keyoptions.h"
#include "app/entryjson.h"

#include "integrations/backup/backupfolder.h"
#include "integrations/backup/wording.h"

#include <CLI/CLI.hpp>
#include <QJsonArray>

namespace hubkeep::cli {
namespace {

using namespace hubkeep::backup;

// What is encrypted to others is not damaged.
bool isLocked(const StoredBackup &stored)
{
    return stored.isEncrypted && !stored.info
        && stored.info.error().code == ErrorCode::Unauthorized;
}

int runList(const Context &context, const std::string &output, const KeyOptions &keyOptions)
{
    if (output.empty()) {
        if (const std::optional<int> done = listOfRunningHub(context))
            return *done;
    }
    const QByteArray folder = output.empty() ? context.backupsFolder() : absolutePath(output);
    const Result<AgeKeys> keys = readKeys(keyOptions, context.control);
    if (!keys)
        return context.fail(keys.error());
    const Result<QList<StoredBackup>> backups = listBackups(folder, *keys);
    if (!backups)
        return context.fail(backups.error());
    QJsonArray list;
    for (const StoredBackup &stored : *backups) {
        QJsonObject object { { QStringLiteral("backup_id"), stored.id },
            { QStringLiteral("size"), stored.size },
            { QStringLiteral("protected"), stored.isEncrypted } };
        insertPath(object, stored.path);
        if (isLocked(stored)) {
            context.print(QStringLiteral("%1  encrypted  %2")
                              .arg(stored.id, humanSize(stored.size).rightJustified(9)));
        } else if (!stored.info) {
            object.insert(QStringLiteral("error"), stored.info.error().message);
            context.print(
                QStringLiteral("%1  damaged: %2").arg(stored.id, stored.info.error().message));
        } else {
            const BackupInfo &info = *stored.info;
            const Counts counts = info.counts();
            object.insert(QStringLiteral("created_at"), toRfc3339(info.created));
            object.insert(QStringLiteral("name"), info.name);
            object.insert(QStringLiteral("files"), counts.files);
            object.insert(QStringLiteral("databases"), counts.databases);
            object.insert(QStringLiteral("bytes"), counts.bytes);
            QJsonArray failed;
            for (const FailedSource &source : info.failedSources)
                failed.append(source.name);
            object.insert(QStringLiteral("failed_sources"), failed);
            context.print(
                QStringLiteral("%1  %2  %3  %4, %5  %6%7")
                    .arg(stored.id,
                        info.created.toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")),
                        humanSize(stored.size).rightJustified(9))
                    .arg(countText(counts.files, "file"), countText(counts.databases, "database"),
                        displayName(info.name.toUtf8()),
                        failed.isEmpty() ? QString()
                                         : QStringLiteral("  (%1 failed)")
                                               .arg(countText(failed.size(), "source"))));
        }
        list.append(object);
    }
    if (backups->isEmpty())
        context.say(QStringLiteral("There are no backups in %1").arg(displayName(folder)));
    context.printJson({ { QStringLiteral("backups"), list } });
    return Done;
}

} // namespace

void addListCommand(CLI::App &app, Context &context)
{
    auto output = std::make_shared<std::string>();
    auto keys = std::make_shared<KeyOptions>();
    CLI::App *command
        = app.add_subcommand("list", "List the hub's backups, or those in a folder, newest first");
    command->add_option("--output", *output, "The folder (default: the hub's)");
    addKeyOptions(*command, *keys);
    command->callback([&context, output, keys] {
        context.run = [&context, output, keys] { return runList(context, *output, *keys); };
    });
}

} // namespace hubkeep::cli
