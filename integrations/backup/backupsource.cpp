#include "integrations/backup/backupsource.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>

namespace hubkeep::backup {

Result<SourceItem> fileItem(const QByteArray &path)
{
    const std::unique_ptr<char, decltype(&std::free)> resolved(
        ::realpath(path.constData(), nullptr), &std::free);
    SourceItem item;
    if (!resolved || ::lstat(resolved.get(), &item.status) != 0)
        return systemError(errno);
    if (!S_ISREG(item.status.st_mode))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("It is neither a folder nor a file; name one that is") };
    const QByteArray file(resolved.get());
    const qsizetype slash = file.lastIndexOf('/');
    auto folder = std::make_shared<OpenFolder>();
    folder->path = file.left(std::max<qsizetype>(slash, 1));
    folder->descriptor
        = FileDescriptor(::open(folder->path.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder->descriptor.isOpen())
        return systemError(errno);
    item.folder = std::move(folder);
    item.leaf = file.mid(slash + 1);
    item.path = item.leaf;
    return item;
}

} // namespace hubkeep::backup
