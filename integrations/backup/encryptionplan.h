// Whom the hub's backups are encrypted to, and what it opens them with.
//
// Plain values; any thread.

#pragma once

#include "integrations/backup/archive/agekeys.h"
#include "integrations/backup/archive/archivereader.h"

#include <QStringList>

namespace hubkeep::backup {

// Of one backup. It is made once and, if any agent is to have it so, encrypted once.
struct EncryptionPlan
{
    AgeRecipients recipients {}; // empty: nobody's copy is encrypted
    QStringList plainAgents {}; // ids of those that keep it as it is

    bool protects(const QString &agentId) const
    {
        return !recipients.isEmpty() && !plainAgents.contains(agentId);
    }
};

// ArchiveReader::open() for copies that the hub keeps: says what can be done about one that its
// keys do not open.
Result<ArchiveReader> openStored(const QByteArray &path, const AgeKeys &keys);

// Nobody here can open it: all that can be proved is that it is what was stored.
inline bool isLocked(const Error &error)
{
    return error.code == ErrorCode::Unauthorized;
}

// For those to whom Unauthorized says that the caller is unknown.
inline Error asWrongKey(Error error)
{
    if (isLocked(error))
        error.code = ErrorCode::InvalidArgument;
    return error;
}

} // namespace hubkeep::backup
