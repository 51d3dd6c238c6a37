#include "integrations/backup/backupdocuments.h"

#include "automation/core/filedescriptor.h"
#include "integrations/backup/backupfolder.h"

#include <QJsonDocument>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr qint64 largestDocument = 16 << 20;
constexpr qsizetype idLength = 31;

QByteArray readSmall(const QByteArray &path)
{
    const FileDescriptor file(
        ::open(path.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status;
    if (!file.isOpen() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)
        || status.st_size > largestDocument)
        return {};
    QByteArray content(qsizetype(status.st_size), '\0');
    const Result<void> read
        = readExactlyAt(file.get(), { content.data(), size_t(content.size()) }, 0);
    return read ? content : QByteArray();
}

} // namespace

QList<AgentBackup> documentsIn(const QByteArray &folder)
{
    QList<AgentBackup> documents;
    const Result<QList<QByteArray>> names = namesInFolder(folder);
    if (!names)
        return documents;
    for (const QByteArray &name : *names) {
        const BackupId id = QString::fromLatin1(name.left(idLength));
        if (!isBackupId(id) || name != encryptedName(id))
            continue;
        const Result<AgentBackup> backup
            = agentBackupFromJson(readSmall(folder + '/' + documentName(id).toLatin1()));
        if (backup && backup->id == id)
            documents.append(*backup);
    }
    return documents;
}

Result<void> writeDocument(const QByteArray &folder, const AgentBackup &backup)
{
    const QByteArray path = folder + '/' + documentName(backup.id).toLatin1();
    const QByteArray partial = path + ".partial";
    const QByteArray content = QJsonDocument(toJson(backup)).toJson();
    ::unlink(partial.constData());
    const FileDescriptor to(
        ::open(partial.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    Result<void> done = to.isOpen() ? writeAt(to.get(), spanOf(content), 0) : systemError(errno);
    if (done && (::fsync(to.get()) != 0 || ::rename(partial.constData(), path.constData()) != 0))
        done = systemError(errno);
    if (done)
        return done;
    ::unlink(partial.constData());
    return done.error().in(QStringLiteral("Writing %1").arg(displayName(path)));
}

} // namespace hubkeep::backup
