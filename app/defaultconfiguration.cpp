// What a first start writes into config/: the files of resources/default/.

#include "app/configuration.h"
#include "automation/core/filedescriptor.h"

#include <QDir>
#include <QFileInfo>

#include <cerrno>
#include <defaultfiles.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace hubkeep {
namespace {

struct DefaultFile
{
    const char *name;
    const char *content;
    mode_t mode;
};

constexpr DefaultFile files[] = {
    { "secrets.yaml", defaultfiles::secrets, 0600 },
    { "automations.yaml", defaultfiles::automations, 0644 },
    { "hubkeep.yaml", defaultfiles::hubkeep, 0644 }, // last: it says that all are there
};

// Writes what is not there yet; somebody's own file stays as it is.
Result<void> writeNew(const QByteArray &path, const QByteArray &content, mode_t mode)
{
    const QByteArray partial = path + ".partial";
    ::unlink(partial.constData());
    const FileDescriptor file(
        ::open(partial.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!file.isOpen())
        return systemError(errno);
    const Result<void> written = writeAt(file.get(), content, 0);
    if (!written)
        return written.error();
    if (::fsync(file.get()) != 0)
        return systemError(errno);
    // link() takes no name that exists.
    const int linked = ::link(partial.constData(), path.constData()) == 0 ? 0 : errno;
    ::unlink(partial.constData());
    if (linked != 0 && linked != EEXIST)
        return systemError(linked);
    return {};
}

} // namespace

Result<void> writeDefaultConfiguration(const QString &dataFolder)
{
    const QByteArray folder
        = QFile::encodeName(QDir(dataFolder).absoluteFilePath(QStringLiteral("config")));
    struct stat exists;
    if (::lstat((folder + "/hubkeep.yaml").constData(), &exists) == 0)
        return {};
    const Result<void> made = makeFolders(folder);
    if (!made)
        return made.error().in(QStringLiteral("Making the folder %1").arg(displayName(folder)));
    for (const DefaultFile &file : files) {
        const QByteArray path = folder + '/' + file.name;
        const Result<void> written = writeNew(path, file.content, file.mode);
        if (!written)
            return written.error().in(
                QStringLiteral("Writing the default %1").arg(displayName(path)));
    }
    return syncFolder(folder);
}

} // namespace hubkeep
