#include "integrations/backup/encryptionplan.h"

namespace hubkeep::backup {

Result<ArchiveReader> openStored(const QByteArray &path, const AgeKeys &keys)
{
    Result<ArchiveReader> archive = ArchiveReader::open(path, keys);
    if (archive || !isLocked(archive.error()) || !keys.isEmpty())
        return archive;
    return Error { ErrorCode::Unauthorized,
        QStringLiteral("It is encrypted, and the hub has no key for it; give its password, or "
                       "use hubkeep restore with --identity") };
}

} // namespace hubkeep::backup
