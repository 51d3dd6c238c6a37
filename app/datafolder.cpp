#include "app/datafolder.h"

#include "automation/core/filedescriptor.h"
#include "integrations/backup/folderlock.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSaveFile>

#include <cerrno>
#include <csignal>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep {
namespace {

Result<void> writePrivately(const QString &path, const QByteArray &content)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)
        || !file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner)
        || file.write(content) < 0 || !file.commit())
        return Error { ErrorCode::Io,
            QStringLiteral("Writing %1: %2").arg(file.fileName(), file.errorString()) };
    return {};
}

} // namespace

Result<void> DataFolder::create() const
{
    for (const QString &folder : { m_path, config(), data(), keys(), staging() }) {
        const QByteArray bytes = QFile::encodeName(folder);
        struct stat status;
        if (::stat(bytes.constData(), &status) == 0 && S_ISDIR(status.st_mode)) {
            // Whoever made the data folder and its configuration chose who reads them.
            if (folder != m_path && folder != config() && (status.st_mode & 077) != 0
                && ::chmod(bytes.constData(), 0700) != 0)
                return systemError(errno).in(
                    QStringLiteral("Closing %1 to others").arg(displayName(bytes)));
            continue;
        }
        const Result<void> parents = makeFolders(bytes.left(bytes.lastIndexOf('/')));
        if (!parents)
            return parents.error().in(QStringLiteral("Creating the data folder"));
        if (::mkdir(bytes.constData(), 0700) != 0 && errno != EEXIST)
            return systemError(errno).in(QStringLiteral("Creating %1").arg(displayName(bytes)));
    }
    return {};
}

Result<void> writeRunningFile(const DataFolder &folder, const RunningHub &hub)
{
    const QJsonObject object { { QStringLiteral("url"), hub.url },
        { QStringLiteral("token"), hub.token }, { QStringLiteral("pid"), hub.processId },
        { QStringLiteral("certificate"), hub.certificate } };
    return writePrivately(folder.runningFile(), QJsonDocument(object).toJson());
}

QString readInstanceId(const DataFolder &folder)
{
    static const QRegularExpression valid(QStringLiteral("\\A[0-9a-f]{32}\\z"));
    QFile file(folder.instanceFile());
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QString id = QString::fromLatin1(file.read(64)).trimmed();
    return valid.match(id).hasMatch() ? id : QString();
}

Result<void> writeInstanceId(const DataFolder &folder, const QString &id)
{
    return writePrivately(folder.instanceFile(), id.toLatin1() + '\n');
}

void removeRunningFile(const DataFolder &folder)
{
    QFile::remove(folder.runningFile());
}

Result<RunningHub> readRunningFile(const DataFolder &folder)
{
    const Error none { ErrorCode::NotFound,
        QStringLiteral("No hub is running on %1; start one with `hubkeep serve`")
            .arg(displayName(QFile::encodeName(folder.path()))) };
    QFile file(folder.runningFile());
    if (!file.open(QIODevice::ReadOnly)) {
        if (!file.exists())
            return none;
        return Error { ErrorCode::Forbidden,
            QStringLiteral("Reading %1: %2; use HubKeep as the user that its hub runs as")
                .arg(file.fileName(), file.errorString()) };
    }
    const QJsonObject object = QJsonDocument::fromJson(file.readAll()).object();
    RunningHub hub { object.value(QStringLiteral("url")).toString(),
        object.value(QStringLiteral("token")).toString(),
        object.value(QStringLiteral("pid")).toInteger(),
        object.value(QStringLiteral("certificate")).toString() };
    if (hub.processId <= 0 || hub.url.isEmpty()
        || (::kill(pid_t(hub.processId), 0) != 0 && errno == ESRCH))
        return none;
    // Its number may be another process's by now; a hub holds its folder.
    if (hub.processId != ::getpid() && backup::FolderLock::take(QFile::encodeName(folder.path())))
        return none;
    return hub;
}

} // namespace hubkeep
