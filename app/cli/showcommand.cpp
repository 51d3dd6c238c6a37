#include "app/cli/command.h"
#include "app/cli/jsonlists.h"
#include "app/cli/keyoptions.h"
#include "app/entryjson.h"
#include "integrations/backup/wording.h"

#include <CLI/CLI.hpp>
#include <QJsonArray>

#include <sys/stat.h>

namespace hubkeep::cli {
namespace {

using namespace hubkeep::backup;

QString entryLine(const ManifestEntry &entry)
{
    char mode[11] = "?---------";
    mode[0] = entry.type == EntryType::Directory ? 'd'
        : entry.type == EntryType::Symlink       ? 'l'
                                                 : '-';
    for (int bit = 0; bit < 9; ++bit)
        mode[1 + bit] = (entry.mode & (0400U >> bit)) != 0 ? "rwxrwxrwx"[bit] : '-';
    const QDateTime time = QDateTime::fromSecsSinceEpoch(entry.stamp.modified.seconds);
    return QStringLiteral("%1 %2 %3 %4%5")
        .arg(QLatin1String(mode))
        .arg(entry.size, 12)
        .arg(time.toString(QStringLiteral("yyyy-MM-dd HH:mm")), displayName(entry.zipName()),
            entry.database ? QStringLiteral("  (database)") : QString());
}

void printSummary(const Context &context, const ArchiveReader &archive)
{
    const BackupInfo &info = archive.info();
    context.print(QStringLiteral("%1  %2").arg(info.id, displayName(info.name.toUtf8())));
    context.print(
        QStringLiteral("made    %1 by %2")
            .arg(info.created.toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss t")),
                displayName(info.creator.toUtf8())));
    context.print(QStringLiteral("size    %1 for %2")
                      .arg(humanSize(archive.storedSize()), humanSize(info.counts().bytes)));
    for (const SourceInfo &source : info.sources)
        context.print(
            QStringLiteral("source  %1 (%2%3): %4, %5, %6")
                .arg(displayName(source.name.toUtf8()), displayName(source.type.toUtf8()),
                    source.path.isEmpty() ? QString()
                                          : QStringLiteral(" ") + displayName(source.path))
                .arg(countText(source.counts.files - source.counts.databases, "file"),
                    countText(source.counts.databases, "database"),
                    humanSize(source.counts.bytes)));
    for (const FailedSource &source : info.failedSources)
        context.print(
            QStringLiteral("failed  %1: %2")
                .arg(displayName(source.name.toUtf8()), displayName(source.message.toUtf8())));
}

int runShow(const Context &context, const ArchiveReader &archive)
{
    const Result<void> proved = archive.checkTables(context.control);
    if (!proved)
        return context.fail(proved.error());
    const Result<QList<Warning>> warnings = archive.warnings();
    if (!warnings)
        return context.fail(warnings.error());
    printSummary(context, archive);
    QJsonArray warningList;
    for (const Warning &warning : *warnings) {
        warningList.append(problemJson(warning.path, warning.message));
        context.print(QStringLiteral("warning %1: %2")
                          .arg(displayName(warning.path), displayName(warning.message.toUtf8())));
    }
    if (warnings->size() < archive.info().warnings.rows)
        context.print(QStringLiteral("warning and %1 more")
                          .arg(archive.info().warnings.rows - warnings->size()));
    JsonLists lists(context, { "entries" });
    EntryStream entries(archive);
    for (;;) {
        if (context.control.cancelled())
            return lists.fail(JobControl::cancelledError());
        const Result<std::optional<ArchiveEntry>> entry = entries.next();
        if (!entry)
            return lists.fail(entry.error());
        if (!*entry)
            break;
        context.print(entryLine((*entry)->manifest));
        const Result<void> added
            = context.json ? lists.add(0, entryJson((*entry)->manifest)) : Result<void>();
        if (!added)
            return lists.fail(added.error());
    }
    const Result<void> closed = lists.close();
    if (!closed)
        return context.fail(closed.error());
    QJsonObject document = toJson(archive.info());
    insertPath(document, archive.path());
    document.insert(QStringLiteral("size"), archive.storedSize());
    document.insert(QStringLiteral("protected"), archive.isEncrypted());
    document.insert(QStringLiteral("warnings"), warningList);
    context.printJson(document);
    return Done;
}

} // namespace

void addShowCommand(CLI::App &app, Context &context)
{
    struct Options
    {
        std::string backup;
        std::string output;
        KeyOptions keys;
    };
    auto options = std::make_shared<Options>();
    CLI::App *command
        = app.add_subcommand("show", "Show what is in a backup, and what went wrong making it");
    command->add_option("BACKUP", options->backup, "A backup's file or id")->required();
    command->add_option("--output", options->output, "The folder that an id is looked up in");
    addKeyOptions(*command, options->keys);
    command->callback([&context, options] {
        context.run = [&context, options] {
            const Result<ArchiveReader> archive
                = openBackup(context, options->backup, options->output, options->keys);
            return archive ? runShow(context, *archive) : context.fail(archive.error());
        };
    });
}

} // namespace hubkeep::cli
