#include "app/cli/command.h"
#include "app/cli/keyoptions.h"

#include "integrations/backup/contentreader.h"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <unistd.h>

namespace hubkeep::cli {
namespace {

using namespace hubkeep::backup;

Result<void> writeOut(std::span<const char> bytes)
{
    while (!bytes.empty()) {
        const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return systemError(errno).in(QStringLiteral("Writing to standard output"));
        bytes = bytes.subspan(size_t(n));
    }
    return {};
}

// No byte goes out before its chunk's digest matched.
Result<void> printLarge(
    const ArchiveReader &archive, const ArchiveEntry &entry, JobControl &control)
{
    WorkerPool pool;
    return readLarge(
        archive, entry, {}, [](qint64, std::span<const char> bytes) { return writeOut(bytes); },
        pool, control, ChunkOrder::InFile);
}

int runCat(const Context &context, const ArchiveReader &archive, QByteArray path)
{
    const Result<void> proved = archive.checkTables(context.control);
    if (!proved)
        return context.fail(proved.error());
    EntryStream entries(archive);
    for (;;) {
        const Result<std::optional<ArchiveEntry>> next = entries.next();
        if (!next)
            return context.fail(next.error());
        if (!*next)
            break;
        const ArchiveEntry &entry = **next;
        if (entry.manifest.name != path)
            continue;
        if (!entry.manifest.isFile())
            return context.fail({ ErrorCode::InvalidArgument,
                QStringLiteral("%1 is not a file in this backup").arg(displayName(path)) });
        Result<void> printed;
        if (entry.manifest.hasChunkTable()) {
            printed = printLarge(archive, entry, context.control);
        } else {
            const Result<std::vector<char>> content = readSmall(archive, entry, Proof::Full);
            printed = content ? writeOut(*content) : Result<void>(content.error());
        }
        return printed ? int(Done)
                       : context.fail(printed.error().in(
                           QStringLiteral("Printing %1").arg(displayName(path))));
    }
    return context.fail({ ErrorCode::NotFound,
        QStringLiteral("There is no %1 in this backup; names are those that `hubkeep show` lists, "
                       "as in sources/<source>/<path>")
            .arg(displayName(path)) });
}

} // namespace

void addCatCommand(CLI::App &app, Context &context)
{
    struct Options
    {
        std::string backup;
        std::string path;
        std::string output;
        KeyOptions keys;
    };
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand("cat", "Print one file of a backup to standard output");
    command->add_option("BACKUP", options->backup, "A backup's file or id")->required();
    command->add_option("PATH", options->path, "The file's name in the zip")->required();
    command->add_option("--output", options->output, "The folder that an id is looked up in");
    addKeyOptions(*command, options->keys);
    command->callback([&context, options] {
        context.run = [&context, options] {
            const Result<ArchiveReader> archive
                = openBackup(context, options->backup, options->output, options->keys);
            return archive ? runCat(context, *archive, QByteArray::fromStdString(options->path))
                           : context.fail(archive.error());
        };
    });
}

} // namespace hubkeep::cli
