#include "app/cli/keyoptions.h"

#include "integrations/backup/encryptedfile.h"
#include "integrations/backup/keystore.h"

#include <CLI/CLI.hpp>

namespace hubkeep::cli {

using namespace hubkeep::backup;

void addKeyOptions(CLI::App &command, KeyOptions &options)
{
    command.add_option("--identity", options.identity,
        "The file with the identity (AGE-SECRET-KEY-1…) that opens what is encrypted; -: standard "
        "input");
    command.add_option("--passphrase-file", options.passphraseFile,
        "The file with the passphrase that opens what is encrypted; -: standard input");
}

QByteArray inputPath(const std::string &path)
{
    return path == "-" ? QByteArrayLiteral("/dev/stdin") : absolutePath(path);
}

Result<AgeKeys> readKeys(const KeyOptions &options, const JobControl &control)
{
    AgeKeys keys;
    if (!options.passphraseFile.empty()) {
        Result<QByteArray> passphrase
            = readPassphraseFile(inputPath(options.passphraseFile), control);
        if (!passphrase)
            return passphrase.error();
        keys.passphrase = std::move(*passphrase);
    }
    if (!options.identity.empty()) {
        Result<std::vector<AgeIdentity>> identities
            = readIdentityFile(inputPath(options.identity), keys.passphrase, control);
        if (!identities)
            return identities.error();
        keys.identities = std::move(*identities);
    }
    return keys;
}

Result<ArchiveReader> openBackup(const Context &context, const std::string &backup,
    const std::string &folder, const KeyOptions &options)
{
    Result<AgeKeys> keys = readKeys(options, context.control);
    if (!keys)
        return keys.error();
    if (options.isEmpty())
        keys->identities = KeyStore(context.dataFolder()).identities();
    return context.open(backup, folder, *keys);
}

} // namespace hubkeep::cli
