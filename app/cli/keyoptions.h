// --identity and --passphrase-file: what a command opens encrypted backups with.

#pragma once

#include "app/cli/command.h"
#include "integrations/backup/archive/agekeys.h"

#include <string>

namespace hubkeep::cli {

struct KeyOptions
{
    std::string identity;
    std::string passphraseFile;

    bool isEmpty() const { return identity.empty() && passphraseFile.empty(); }
};

void addKeyOptions(CLI::App &command, KeyOptions &options);

// The absolute path of what a command only reads, from front to end; "-" is standard input.
QByteArray inputPath(const std::string &path);

// Nothing where neither was given. An identity file that is itself encrypted is opened with the
// passphrase. Either may be a pipe, as <(…) is; control ends the wait for it.
Result<backup::AgeKeys> readKeys(const KeyOptions &options, const JobControl &control);

// Context::open() with these keys; where none were given, with those of the hub's folder.
Result<backup::ArchiveReader> openBackup(const Context &context, const std::string &backup,
    const std::string &folder, const KeyOptions &options);

} // namespace hubkeep::cli
