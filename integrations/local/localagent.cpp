#include "integrations/local/localagent.h"

#include "automation/core/filedescriptor.h"
#include "integrations/local/storedfile.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonDocument>
#include <QSet>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace hubkeep::local {

using namespace hubkeep::backup;

namespace {

constexpr const char *marker = "/.hubkeep";
constexpr const char *markerText = "HubKeep keeps backups in this folder. While this file is not "
                                   "here, the folder is taken for one whose disk is not mounted.\n";
constexpr qint64 largestDocument = 16 << 20;
constexpr qsizetype idLength = 31;

QByteArray documentPath(const QByteArray &folder, const BackupId &id)
{
    return folder + '/' + documentName(id).toUtf8();
}

Error noSuchBackup(const BackupId &id)
{
    return { ErrorCode::NotFound, QStringLiteral("There is no backup %1").arg(id) };
}

// What its document says of a backup; damaged and missing ones are NotFound or Corrupt.
Result<AgentBackup> readDocument(const QByteArray &folder, const BackupId &id)
{
    const Result<QByteArray> document = readSmall(documentPath(folder, id), largestDocument);
    if (!document)
        return document.error();
    const Result<AgentBackup> backup = agentBackupFromJson(*document);
    if (backup && backup->id != id)
        return Error { ErrorCode::Corrupt,
            QStringLiteral("The document of %1 describes %2").arg(id, backup->id) };
    return backup;
}

bool isUnfinished(const QByteArray &name)
{
    return name.endsWith(".partial")
        && (isBackupId(QString::fromLatin1(name.left(idLength)))
            || name.endsWith(".db.upload.partial"));
}

// Shared by the agents that write into the folder, of this hub and of others. It is not the
// folder's own lock, which a job that makes its backup there holds for hours.
FileDescriptor openLock(const QByteArray &folder)
{
    return FileDescriptor(::open((folder + marker).constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
}

// Another job, or another agent, may be at work in the folder: their locks say so. Whether it was
// done.
bool removeUnfinished(const QByteArray &folder)
{
    const FileDescriptor job(::open(folder.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const FileDescriptor agents = openLock(folder);
    if (!job.isOpen() || ::flock(job.get(), LOCK_EX | LOCK_NB) != 0 || !agents.isOpen()
        || ::flock(agents.get(), LOCK_EX | LOCK_NB) != 0)
        return false;
    const Result<QList<QByteArray>> names = namesInFolder(folder);
    if (!names)
        return false;
    for (const QByteArray &name : *names) {
        if (isUnfinished(name))
            ::unlink((folder + '/' + name).constData());
    }
    return true;
}

QByteArray withoutSlash(QByteArray path)
{
    while (path.size() > 1 && path.endsWith('/'))
        path.chop(1);
    return path;
}

} // namespace

LocalAgent::LocalAgent(LocalConfig config)
    : m_config { config.name, withoutSlash(config.path), withoutSlash(config.stateFolder) }
{
}

QString LocalAgent::localFolder() const
{
    return QFile::decodeName(m_config.path);
}

// Another path is another place, whatever its name.
QByteArray LocalAgent::stateFile() const
{
    return m_config.stateFolder + "/local-"
        + QCryptographicHash::hash(m_config.path, QCryptographicHash::Sha256).toHex().left(16)
        + ".used";
}

// Before everything: the folder is there, and it is the one it always was.
Result<void> LocalAgent::prepare()
{
    const bool isMarked = isRegularFile(m_config.path + marker);
    const bool wasUsed
        = m_wasUsed || (!m_config.stateFolder.isEmpty() && isRegularFile(stateFile()));
    if (!isMarked && wasUsed)
        return Error { ErrorCode::Unavailable,
            QStringLiteral("The folder %1 is not the one it was: %2 is missing; is its disk "
                           "mounted? If it is right, create that file")
                .arg(displayName(m_config.path), displayName(m_config.path + marker)) };
    if (!isMarked) {
        const Result<void> made = makeFolder();
        if (!made)
            return made;
    }
    if (!m_config.stateFolder.isEmpty() && !wasUsed) {
        (void)makeFolders(m_config.stateFolder);
        (void)writeWhole(stateFile(), m_config.path + '\n');
    }
    m_wasUsed = true;
    m_isClean = m_isClean || removeUnfinished(m_config.path);
    return {};
}

Result<void> LocalAgent::makeFolder()
{
    const bool isNew = ::access(m_config.path.constData(), F_OK) != 0;
    const Result<void> made = makeFolders(m_config.path);
    if (!made)
        return made;
    if (isNew)
        ::chmod(m_config.path.constData(), 0700);
    return writeWhole(m_config.path + marker, markerText);
}

QByteArray LocalAgent::pathOf(const BackupId &id) const
{
    if (!isBackupId(id))
        return {};
    const Result<AgentBackup> backup = readDocument(m_config.path, id);
    if (backup) {
        const QByteArray path = m_config.path + '/' + backup->filename.toUtf8();
        if (isRegularFile(path))
            return path;
    }
    for (const char *suffix : { ".zip", ".zip.age" }) {
        const QByteArray path = m_config.path + '/' + id.toLatin1() + suffix;
        if (isRegularFile(path))
            return path;
    }
    return {};
}

QString LocalAgent::localPath(const BackupId &id) const
{
    return QFile::decodeName(pathOf(id));
}

Result<void> LocalAgent::upload(
    const AgentBackup &backup, const QString &archive, JobControl &control)
{
    return take(backup, archive, linkOrCopy, control);
}

Result<void> LocalAgent::uploadCopy(
    const AgentBackup &backup, const QString &archive, JobControl &control)
{
    return take(backup, archive, copyAlways, control);
}

Result<void> LocalAgent::take(
    const AgentBackup &backup, const QString &archive, Placing place, JobControl &control)
{
    if (!isBackupFilename(backup.filename, backup.id, backup.kind))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("%1 is no name for a backup").arg(backup.filename) };
    const Result<void> ready = prepare();
    if (!ready)
        return ready;
    return store(backup, QFile::encodeName(archive), place, control);
}

// Everything is written and flushed before the first of it gets its name.
Result<void> LocalAgent::store(
    const AgentBackup &backup, const QByteArray &archive, Placing place, JobControl &control)
{
    const QByteArray &folder = m_config.path;
    const QByteArray stored = folder + '/' + backup.filename.toUtf8();
    const QByteArray partial = stored + ".upload.partial";
    const QByteArray document = documentPath(folder, backup.id);
    const QByteArray documentPartial = document + ".upload.partial";
    const QByteArray before = pathOf(backup.id);
    const FileDescriptor writing = openLock(folder);
    if (writing.isOpen())
        (void)::flock(writing.get(), LOCK_SH); // where there are no locks, nothing is removed
    Result<void> done = place(archive, partial, control);
    if (!done)
        return done;
    ::chmod(partial.constData(), 0400);
    if (sizeOf(partial) != backup.size)
        done = Error { ErrorCode::Io,
            QStringLiteral("%1 has %2 bytes and should have %3")
                .arg(displayName(archive))
                .arg(sizeOf(partial))
                .arg(backup.size) };
    if (done)
        done = writeWhole(documentPartial, QJsonDocument(toJson(backup)).toJson());
    if (done && control.cancelled())
        done = JobControl::cancelledError();
    if (done && ::rename(partial.constData(), stored.constData()) != 0)
        done = systemError(errno).in(QStringLiteral("Naming %1").arg(displayName(stored)));
    else if (done && ::rename(documentPartial.constData(), document.constData()) != 0) {
        done = systemError(errno).in(QStringLiteral("Naming %1").arg(displayName(document)));
        ::unlink(stored.constData()); // it would be listed
    }
    ::unlink(partial.constData()); // of two names of one file, rename() leaves both
    if (!done) {
        ::unlink(documentPartial.constData());
        return done;
    }
    if (!before.isEmpty() && before != stored)
        ::unlink(before.constData());
    return syncFolder(folder);
}

Result<void> LocalAgent::download(const BackupId &id, const QString &target, JobControl &control)
{
    const Result<void> ready = prepare();
    if (!ready)
        return ready;
    const QByteArray path = pathOf(id);
    return path.isEmpty() ? Result<void>(noSuchBackup(id))
                          : copyFile(path, QFile::encodeName(target), control);
}

// The archive goes first: a document alone is no backup.
Result<void> LocalAgent::remove(const BackupId &id)
{
    const Result<void> ready = prepare();
    if (!ready)
        return ready;
    if (!isBackupId(id))
        return noSuchBackup(id);
    for (QByteArray path = pathOf(id); !path.isEmpty(); path = pathOf(id)) {
        if (::unlink(path.constData()) != 0)
            return systemError(errno).in(QStringLiteral("Removing %1").arg(displayName(path)));
    }
    const QByteArray document = documentPath(m_config.path, id);
    if (::unlink(document.constData()) != 0 && errno != ENOENT)
        return systemError(errno).in(QStringLiteral("Removing %1").arg(displayName(document)));
    return syncFolder(m_config.path);
}

Result<void> LocalAgent::setAside(const BackupId &id)
{
    const Result<void> ready = prepare();
    if (!ready)
        return ready;
    const QByteArray path = pathOf(id);
    if (path.isEmpty())
        return noSuchBackup(id);
    const QByteArray aside = path + ".damaged";
    if (::access(aside.constData(), F_OK) == 0)
        return Error {
            ErrorCode::Corrupt,
            QStringLiteral("%1 lies there already: the disk may be failing").arg(displayName(aside))
        };
    if (::rename(path.constData(), aside.constData()) != 0)
        return systemError(errno).in(QStringLiteral("Setting %1 aside").arg(displayName(path)));
    return syncFolder(m_config.path);
}

Result<QList<AgentBackup>> LocalAgent::list()
{
    const Result<void> ready = prepare();
    if (!ready)
        return ready.error();
    const Result<QList<QByteArray>> names = namesInFolder(m_config.path);
    if (!names)
        return names.error().in(QStringLiteral("Listing %1").arg(displayName(m_config.path)));
    QSet<BackupId> ids;
    for (const QByteArray &name : *names) {
        const BackupId id = QString::fromLatin1(name.left(idLength));
        const QByteArray rest = name.mid(idLength);
        if (isBackupId(id) && (rest == ".json" || rest == ".zip" || rest == ".zip.age"))
            ids.insert(id);
    }
    QList<AgentBackup> backups;
    for (const BackupId &id : std::as_const(ids)) {
        const QByteArray path = pathOf(id);
        if (path.isEmpty())
            continue;
        Result<AgentBackup> backup = readDocument(m_config.path, id);
        if (!backup || m_config.path + '/' + backup->filename.toUtf8() != path)
            backup = path.endsWith(".age") ? Result<AgentBackup>(describeEncrypted(id, 0))
                                           : describeArchive(path);
        if (!backup || backup->id != id)
            continue;
        backup->size = sizeOf(path);
        backups.append(*backup);
    }
    return backups;
}

Result<qint64> LocalAgent::freeSpace()
{
    const Result<void> ready = prepare();
    if (!ready)
        return ready.error();
    struct statvfs room;
    if (::statvfs(m_config.path.constData(), &room) != 0)
        return systemError(errno).in(
            QStringLiteral("Asking for the room in %1").arg(displayName(m_config.path)));
    return qint64(room.f_bavail) * qint64(room.f_frsize);
}

} // namespace hubkeep::local
