// Any bytes as a line of manifest/entries.jsonl. What is read must come out the same when
// it is written and read once more.

#include "integrations/backup/archive/manifest.h"

#include <cstdlib>

using namespace hubkeep;
using namespace hubkeep::backup;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArray line(reinterpret_cast<const char *>(data), qsizetype(size));
    const Result<ManifestEntry> entry = parseJsonLine(line);
    if (!entry)
        return 0;
    const QByteArray written = toJsonLine(*entry);
    const Result<ManifestEntry> again = parseJsonLine(written.chopped(1));
    if (!again || toJsonLine(*again) != written)
        std::abort();
    return 0;
}
