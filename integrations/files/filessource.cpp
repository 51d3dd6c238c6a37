#include "integrations/files/filessource.h"

#include "integrations/files/folderwalker.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace hubkeep::files {

using namespace hubkeep::backup;

bool isBeforeRestoreCopy(const QByteArray &leaf)
{
    // What a restore that was killed left: see FileWriter and setAside().
    if ((leaf.startsWith(".hubkeep-restore-") && leaf.endsWith(".partial"))
        || leaf.endsWith(".hubkeep-restore.partial"))
        return true;
    const qsizetype at = leaf.lastIndexOf(".before-restore");
    if (at <= 0)
        return false;
    const QByteArray rest = leaf.mid(at + qsizetype(qstrlen(".before-restore")));
    return rest.isEmpty()
        || (rest.size() > 1 && rest.startsWith('.')
            && std::all_of(
                rest.begin() + 1, rest.end(), [](char c) { return c >= '0' && c <= '9'; }));
}

Result<std::unique_ptr<SourceReader>> FilesSource::open(const SourceContext &context) const
{
    // The path that was configured may itself be a link: people say /srv/x and mean
    // where it leads. Everything below it is not followed.
    const QString step = QStringLiteral("Opening %1").arg(displayName(m_config.path));
    struct stat status;
    if (::stat(m_config.path.constData(), &status) != 0)
        return systemError(errno).in(step);
    if (!S_ISDIR(status.st_mode)) {
        Result<SourceItem> item = fileItem(m_config.path);
        if (!item)
            return item.error().in(step);
        return std::unique_ptr<SourceReader>(new OneItemReader(std::move(*item)));
    }
    auto folder = std::make_shared<OpenFolder>();
    folder->path = m_config.path;
    folder->descriptor
        = FileDescriptor(::open(folder->path.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder->descriptor.isOpen())
        return systemError(errno).in(step);
    return makeFolderWalker(folder, m_config.include, m_config.exclude, context);
}

} // namespace hubkeep::files
