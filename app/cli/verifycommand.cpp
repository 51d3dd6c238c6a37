#include "app/cli/command.h"
#include "app/cli/huboperations.h"
#include "app/cli/keyoptions.h"
#include "app/cli/progressprinter.h"
#include "app/entryjson.h"

#include "integrations/backup/verifyjob.h"
#include "integrations/backup/wording.h"

#include <CLI/CLI.hpp>
#include <QJsonArray>

namespace hubkeep::cli {
namespace {

using namespace hubkeep::backup;

void printJsonReport(const Context &context, const QString &id, const VerifyReport &report)
{
    const auto list = [](const QList<Problem> &problems) {
        QJsonArray array;
        for (const Problem &problem : problems)
            array.append(problemJson(problem.path, problem.message));
        return array;
    };
    context.printJson(
        { { QStringLiteral("backup_id"), id }, { QStringLiteral("ok"), report.problems.isEmpty() },
            { QStringLiteral("entries"), report.entries },
            { QStringLiteral("databases"), report.databases },
            { QStringLiteral("problems"), list(report.problems) },
            { QStringLiteral("marks"), list(report.marks) },
            { QStringLiteral("proved"), QStringLiteral("content") } }); // as a hub says it
}

void sayProblems(const Context &context, const char *what, const QList<Problem> &problems)
{
    for (const Problem &problem : problems)
        context.say(QStringLiteral("%1: %2%3%4")
                        .arg(QLatin1String(what), displayName(problem.path),
                            problem.path.isEmpty() ? QString() : QStringLiteral(": "),
                            displayName(problem.message.toUtf8())));
}

int runVerifyCommand(const Context &context, const std::string &backup, const std::string &output,
    const KeyOptions &keys)
{
    const QString name = QString::fromStdString(backup);
    if (output.empty() && isBackupId(name) && keys.isEmpty()) {
        if (const std::optional<int> done = verifyOnRunningHub(context, name))
            return *done;
    }
    const Result<ArchiveReader> archive = openBackup(context, backup, output, keys);
    if (!archive) {
        // Damage is this command's answer, so it is one in JSON as well.
        if (archive.error().code == ErrorCode::Corrupt) {
            VerifyReport report;
            report.problems.append({ {}, archive.error().message });
            printJsonReport(context, isBackupId(name) ? name : QString(), report);
        }
        return context.fail(archive.error());
    }
    const Result<VerifyReport> report = [&] {
        const ProgressPrinter progress(context, context.control);
        WorkerPool pool;
        return runVerify(*archive, {}, pool, context.control);
    }();
    if (!report)
        return context.fail(report.error());
    const QString id = archive->info().id;
    sayProblems(context, "damaged", report->problems);
    sayProblems(context, "marked", report->marks);
    printJsonReport(context, id, *report);
    if (!report->problems.isEmpty())
        return context.fail({ ErrorCode::Corrupt,
            QStringLiteral("The backup %1 is damaged in %2 places; what verify does not name can "
                           "still be restored")
                .arg(id)
                .arg(report->problems.size()) });
    context.print(QStringLiteral("%1 is sound: %2 and every digest, %3 opened and checked")
                      .arg(id, countText(report->entries, "entry", "entries"),
                          countText(report->databases - report->marks.size(), "database")));
    return Done;
}

} // namespace

void addVerifyCommand(CLI::App &app, Context &context)
{
    struct Options
    {
        std::string backup;
        std::string output;
        KeyOptions keys;
    };
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand(
        "verify", "Prove a backup: its structure, every digest, every database opened and checked");
    command->add_option("BACKUP", options->backup, "A backup's file or id")->required();
    command->add_option("--output", options->output, "The folder that an id is looked up in");
    addKeyOptions(*command, options->keys);
    command->callback([&context, options] {
        context.run = [&context, options] {
            return runVerifyCommand(context, options->backup, options->output, options->keys);
        };
    });
}

} // namespace hubkeep::cli
