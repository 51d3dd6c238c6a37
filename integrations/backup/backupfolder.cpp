#include "integrations/backup/backupfolder.h"

#include "integrations/backup/archive/archivereader.h"

#include <algorithm>
#include <fts.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr qsizetype idLength = 31;

// Newest first: the names begin with the time.
QList<QByteArray> archivesIn(const QList<QByteArray> &names, bool encryptedToo = false)
{
    QList<QByteArray> archives;
    for (const QByteArray &name : names) {
        const QByteArray ending = name.mid(idLength);
        if ((ending == ".zip" || (encryptedToo && ending == ".zip.age"))
            && isBackupId(QString::fromLatin1(name.left(idLength))))
            archives.append(name);
    }
    std::sort(archives.begin(), archives.end(), std::greater<>());
    return archives;
}

} // namespace

Result<QList<StoredBackup>> listBackups(const QByteArray &folder)
{
    return listBackups(folder, {});
}

Result<QList<StoredBackup>> listBackups(const QByteArray &folder, const AgeKeys &keys)
{
    const Result<QList<QByteArray>> names = namesInFolder(folder);
    if (!names)
        return names.error().in(QStringLiteral("Listing %1").arg(displayName(folder)));
    QList<StoredBackup> backups;
    for (const QByteArray &name : archivesIn(*names, true)) {
        StoredBackup stored;
        stored.id = QString::fromLatin1(name.left(idLength));
        stored.path = folder + '/' + name;
        stored.isEncrypted = name.endsWith(".age");
        const Result<ArchiveReader> archive = ArchiveReader::open(stored.path, keys);
        stored.info = archive ? Result<BackupInfo>(archive->info()) : archive.error();
        struct stat status
        {
        };
        ::stat(stored.path.constData(), &status);
        stored.size = status.st_size;
        backups.append(std::move(stored));
    }
    // Names say seconds; among those of one second the documents decide.
    std::stable_sort(backups.begin(), backups.end(), [](const auto &a, const auto &b) {
        const QString timeA = a.id.left(22);
        const QString timeB = b.id.left(22);
        if (timeA != timeB || !a.info || !b.info)
            return timeA > timeB;
        return a.info->created > b.info->created;
    });
    return backups;
}

std::shared_ptr<const ArchiveReader> newestOfPlan(
    const QByteArray &folder, const QString &plan, const AgeKeys &keys)
{
    const AgeKeys identities { keys.identities };
    const Result<QList<QByteArray>> names = namesInFolder(folder);
    std::shared_ptr<const ArchiveReader> newest;
    if (!names)
        return newest;
    for (const QByteArray &name : archivesIn(*names, !identities.isEmpty())) {
        // Names say seconds; among those of one second the documents decide.
        if (newest && name.left(22) != newest->path().mid(folder.size() + 1, 22))
            break;
        Result<ArchiveReader> archive = ArchiveReader::open(folder + '/' + name, identities);
        if (archive && archive->info().plan == plan
            && (!newest || archive->info().created > newest->info().created))
            newest = std::make_shared<const ArchiveReader>(std::move(*archive));
    }
    return newest;
}

void removeSpool(const QByteArray &path)
{
    struct stat status;
    if (::lstat(path.constData(), &status) != 0 || !S_ISDIR(status.st_mode))
        return; // a link there leads to what is not ours
    const Result<QList<QByteArray>> names = namesInFolder(path);
    if (names) {
        for (const QByteArray &name : *names)
            ::unlink((path + '/' + name).constData());
    }
    ::rmdir(path.constData());
}

void removeRecursively(const QByteArray &path)
{
    QByteArray copy = path;
    char *const roots[] = { copy.data(), nullptr };
    FTS *const tree = ::fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, nullptr);
    if (!tree)
        return;
    while (const FTSENT *const entry = ::fts_read(tree)) {
        if (entry->fts_info == FTS_D)
            ::chmod(entry->fts_accpath, 0700); // before it is read
        else if (entry->fts_info == FTS_DP || entry->fts_info == FTS_DNR)
            ::rmdir(entry->fts_accpath);
        else
            ::unlink(entry->fts_accpath);
    }
    ::fts_close(tree);
}

void removeLeftovers(const QByteArray &folder)
{
    const Result<QList<QByteArray>> names = namesInFolder(folder);
    if (!names)
        return;
    for (const QByteArray &name : *names) {
        const QByteArray path = folder + '/' + name;
        if (!isBackupId(QString::fromLatin1(name.left(idLength))))
            continue;
        const QByteArray ending = name.mid(idLength);
        if (ending == ".zip.partial" || ending == ".zip.age.partial" || ending == ".json.partial")
            ::unlink(path.constData());
        else if (ending == ".spool.partial")
            removeSpool(path);
    }
}

} // namespace hubkeep::backup
