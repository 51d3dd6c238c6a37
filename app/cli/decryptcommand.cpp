#include "app/cli/command.h"
#include "app/cli/keyoptions.h"
#include "app/cli/progressprinter.h"
#include "app/entryjson.h"

#include "integrations/backup/encryptedfile.h"

#include <CLI/CLI.hpp>
#include <QFileInfo>

#include <sys/stat.h>

namespace hubkeep::cli {
namespace {

using namespace hubkeep::backup;

struct Options
{
    std::string file;
    std::string output;
    KeyOptions keys;
};

// By whatever names they were given.
bool isSameFile(const QByteArray &a, const QByteArray &b)
{
    struct stat first;
    struct stat second;
    return ::stat(a.constData(), &first) == 0 && ::stat(b.constData(), &second) == 0
        && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

int runDecrypt(const Context &context, const Options &options)
{
    if (options.output == "-")
        return context.misuse({ ErrorCode::InvalidArgument,
            QStringLiteral("Only what was authenticated to its last byte is given out, so it goes "
                           "into a file; name one with --output (./- for one of that name)") });
    if (options.keys.isEmpty()) {
        return context.misuse({ ErrorCode::InvalidArgument,
            QStringLiteral("Say what opens the file: --identity F, the file with the identity it "
                           "was encrypted to, or --passphrase-file F") });
    }
    const Result<AgeKeys> keys = readKeys(options.keys, context.control);
    if (!keys) {
        // A key that is damaged says nothing about the file that it should open.
        const Error &error = keys.error();
        return context.fail(
            { error.code == ErrorCode::Corrupt ? ErrorCode::InvalidArgument : error.code,
                error.message });
    }
    const QByteArray source = inputPath(options.file);
    const QByteArray target = absolutePath(options.output);
    if (isSameFile(source, target))
        return context.misuse({ ErrorCode::InvalidArgument,
            QStringLiteral("Decrypting %1 into itself would lose the encrypted file; name another "
                           "with --output")
                .arg(displayName(target)) });
    const Result<void> done = [&] {
        const ProgressPrinter progress(context, context.control);
        WorkerPool pool;
        return decryptFile(source, target, *keys, pool, context.control);
    }();
    if (!done)
        return context.fail(done.error());
    const qint64 size = QFileInfo(QFile::decodeName(target)).size();
    QJsonObject object { { QStringLiteral("size"), size } };
    insertPath(object, target);
    context.printJson(object);
    context.say(QStringLiteral("%1 decrypted into %2 (%3); every byte was authenticated")
                    .arg(displayName(source), displayName(target), humanSize(size)));
    return Done;
}

} // namespace

void addDecryptCommand(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand(
        "decrypt", "Open an age file: an encrypted backup becomes an ordinary zip");
    command->add_option("FILE", options->file, "The age file, armoured or not; -: standard input")
        ->required();
    command->add_option("--output", options->output, "The file that is written")->required();
    addKeyOptions(*command, options->keys);
    command->callback([&context, options] {
        context.run = [&context, options] { return runDecrypt(context, *options); };
    });
}

} // namespace hubkeep::cli
