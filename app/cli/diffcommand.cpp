#include "app/cli/command.h"
#include "app/cli/jsonlists.h"
#include "app/cli/keyoptions.h"
#include "app/entryjson.h"

#include "integrations/backup/backupdiff.h"

#include <CLI/CLI.hpp>
#include <QJsonArray>

namespace hubkeep::cli {
namespace {

using namespace hubkeep::backup;

int runDiff(const Context &context, const ArchiveReader &before, const ArchiveReader &after)
{
    JsonLists lists(context, { "added", "removed", "changed" }); // as in Change
    Result<void> added;
    const Result<void> done = diffBackups(
        before, after,
        [&](Change change, const ManifestEntry &entry, const QStringList &reasons) {
            const char marks[] = { '+', '-', '~' };
            context.print(QStringLiteral("%1 %2%3")
                              .arg(QLatin1Char(marks[int(change)]))
                              .arg(displayName(entry.zipName()),
                                  reasons.isEmpty() ? QString()
                                                    : QStringLiteral("  (%1)").arg(
                                                        reasons.join(QStringLiteral(", ")))));
            QJsonObject object;
            insertPath(object, entry.name);
            if (!reasons.isEmpty())
                object.insert(QStringLiteral("reasons"), QJsonArray::fromStringList(reasons));
            added = lists.add(size_t(change), object);
            return added.ok();
        },
        context.control);
    for (const Result<void> &result : { done, added }) {
        if (!result)
            return lists.fail(result.error());
    }
    const Result<void> closed = lists.close();
    if (!closed)
        return context.fail(closed.error());
    context.printJson({});
    return Done;
}

} // namespace

void addDiffCommand(CLI::App &app, Context &context)
{
    struct Options
    {
        std::string before;
        std::string after;
        std::string output;
        KeyOptions keys;
    };
    auto options = std::make_shared<Options>();
    CLI::App *command
        = app.add_subcommand("diff", "Say what was added (+), removed (-) and changed (~)");
    command->add_option("OLD", options->before, "The older backup's file or id")->required();
    command->add_option("NEW", options->after, "The newer backup's file or id")->required();
    command->add_option("--output", options->output, "The folder that ids are looked up in");
    addKeyOptions(*command, options->keys);
    command->callback([&context, options] {
        context.run = [&context, options] {
            const Result<ArchiveReader> before
                = openBackup(context, options->before, options->output, options->keys);
            if (!before)
                return context.fail(before.error());
            const Result<ArchiveReader> after
                = openBackup(context, options->after, options->output, options->keys);
            return after ? runDiff(context, *before, *after) : context.fail(after.error());
        };
    });
}

} // namespace hubkeep::cli
