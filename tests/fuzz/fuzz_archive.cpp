// Any bytes at all as a backup: opened, walked through, proved. What must not happen is
// what sanitizers see, and more memory or time than so few bytes are worth.

#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/archive/workerpool.h"
#include "integrations/backup/verifyjob.h"

#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const FileDescriptor file(::memfd_create("backup", MFD_CLOEXEC));
    static const QByteArray path = "/proc/self/fd/" + QByteArray::number(file.get());
    static WorkerPool pool(1);
    const std::span<const char> bytes(reinterpret_cast<const char *>(data), size);
    if (::ftruncate(file.get(), 0) != 0 || !writeAt(file.get(), bytes, 0))
        std::abort();
    const Result<ArchiveReader> archive = ArchiveReader::open(path);
    if (!archive)
        return 0;
    EntryStream entries(*archive);
    for (;;) {
        const Result<std::optional<ArchiveEntry>> entry = entries.next();
        if (!entry || !*entry)
            break;
    }
    JobControl control;
    const Result<VerifyReport> report = runVerify(*archive, {}, pool, control);
    return 0;
}
