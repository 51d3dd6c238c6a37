#include "app/cli/command.h"

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

// In order, so one chunk at a time; no byte goes out before its digest matched.
Result<void> printLarge(
    const ArchiveReader &archive, const ArchiveEntry &entry, JobControl &control)
{
    const Result<void> header = archive.checkLocalHeader(entry.zip);
    if (!header)
        return header;
    qint64 offset = entry.contentOffset();
    std::vector<char> content;
    std::vector<char> stored;
    FileDigest digest;
    for (qint64 i = 0; i < chunkCount(entry.manifest.size); ++i) {
        if (control.cancelled())
            return JobControl::cancelledError();
        const Result<std::vector<ChunkRecord>> record = archive.chunkRecords(entry, i, 1);
        if (!record)
            return record.error();
        stored.resize(record->front().storedSize);
        content.resize(size_t(chunkLength(entry.manifest.size, i)));
        Result<void> done = readExactlyAt(archive.descriptor(), stored, offset);
        if (done)
            done = unpackChunk(stored, entry.manifest.method, record->front(), content);
        if (done)
            done = writeOut(content);
        if (!done)
            return done;
        digest.add(record->front().digest);
        offset += qint64(stored.size());
    }
    if (digest.finish() != entry.manifest.digest)
        return Error { ErrorCode::Corrupt,
            QStringLiteral("What was printed is not the whole file: its digest does not match") };
    return {};
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
    };
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand("cat", "Print one file of a backup to standard output");
    command->add_option("BACKUP", options->backup, "A backup's file or id")->required();
    command->add_option("PATH", options->path, "The file's name in the zip")->required();
    command->add_option("--output", options->output, "The folder that an id is looked up in");
    command->callback([&context, options] {
        context.run = [&context, options] {
            const Result<ArchiveReader> archive = context.open(options->backup, options->output);
            return archive ? runCat(context, *archive, QByteArray::fromStdString(options->path))
                           : context.fail(archive.error());
        };
    });
}

} // namespace hubkeep::cli
