// Encrypts or decrypts one file, for bench_age.py: bench_age encrypt RECIPIENT FROM TO,
// bench_age decrypt IDENTITY-FILE FROM TO.

#include "automation/core/filedescriptor.h"
#include "integrations/backup/archive/agestream.h"

#include <QFile>

#include <cstdio>
#include <fcntl.h>

using namespace hubkeep;
using namespace hubkeep::backup;

namespace {

Result<void> run(const QByteArray &verb, const char *key, int from, int to)
{
    WorkerPool pool;
    JobControl control;
    if (verb == "encrypt") {
        const Result<AgeRecipient> recipient = AgeRecipient::parse(key);
        if (!recipient)
            return recipient.error();
        const Result<AgeFileKey> done
            = encryptAge(readerOf(from), writerTo(to), { { *recipient } }, pool, control);
        return done ? Result<void>() : Result<void>(done.error());
    }
    QFile file(QFile::decodeName(key));
    (void)file.open(QIODevice::ReadOnly);
    Result<std::vector<AgeIdentity>> identities = parseIdentities(file.readAll());
    if (!identities)
        return identities.error();
    return decryptAge(readerOf(from), writerTo(to), { *identities }, pool, control);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    const FileDescriptor from(::open(argv[3], O_RDONLY | O_CLOEXEC));
    const FileDescriptor to(::open(argv[4], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const Result<void> done = run(argv[1], argv[2], from.get(), to.get());
    if (!done)
        std::fprintf(stderr, "%s\n", qPrintable(done.error().message));
    return done ? 0 : 1;
}
