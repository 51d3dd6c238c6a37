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

// Nothing where neither was given. An identity file that is itself encrypted is opened with the
// passphrase.
Result<backup::AgeKeys> readKeys(const KeyOptions &options);

// Context::open() with these keys; where none were given, with those of the hub's folder.
Result<backup::ArchiveReader> openBackup(const Context &context, const std::string &backup,
    const std::string &folder, const KeyOptions &options);

} // namespace hubkeep::cli
