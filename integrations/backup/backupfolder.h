// A folder with backups in it, as the local agent keeps them.
//
// Blocking; any thread.

#pragma once

#include "integrations/backup/backupinfo.h"

#include <memory>
#include <optional>

namespace hubkeep::backup {

class ArchiveReader;
struct AgeKeys;

struct StoredBackup
{
    BackupId id; // by its file name
    QByteArray path;
    qint64 size = 0;
    bool isEncrypted = false; // by its file name
    Result<BackupInfo> info = Error {}; // why it cannot be opened, where it cannot
};

inline QByteArray archiveName(const BackupId &id)
{
    return id.toLatin1() + ".zip";
}

inline QByteArray encryptedName(const BackupId &id)
{
    return archiveName(id) + ".age";
}

// All backups in a folder, newest first; encrypted ones are opened with keys, if there are any.
// NotFound when there is no such folder.
Result<QList<StoredBackup>> listBackups(const QByteArray &folder, const AgeKeys &keys);
Result<QList<StoredBackup>> listBackups(const QByteArray &folder);

// The newest backup of that plan that can be opened, also with the identities of keys (a passphrase
// takes a second each); null when there is none.
std::shared_ptr<const ArchiveReader> newestOfPlan(
    const QByteArray &folder, const QString &plan, const AgeKeys &keys);

// Removes what a job that was killed left in folder: "*.partial" files and spools.
// Requires the folder's lock.
void removeLeftovers(const QByteArray &folder);

// Removes a folder of files, one level deep: a spool.
void removeSpool(const QByteArray &path);

// Removes a file, or a folder and all that is in it, whatever its modes; follows no link. What
// cannot be removed stays.
void removeRecursively(const QByteArray &path);

} // namespace hubkeep::backup
