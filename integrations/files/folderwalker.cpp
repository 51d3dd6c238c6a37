#include "integrations/files/folderwalker.h"

#include "integrations/files/filessource.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace hubkeep::files {

using namespace hubkeep::backup;

namespace {

struct CloseDir
{
    void operator()(DIR *dir) const { ::closedir(dir); }
};

// The names in a folder, sorted, in two allocations however many they are.
class SortedNames
{
public:
    Result<void> read(int folder)
    {
        const std::unique_ptr<DIR, CloseDir> dir(
            ::fdopendir(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)));
        if (!dir)
            return systemError(errno);
        for (;;) {
            errno = 0;
            const dirent *entry = ::readdir(dir.get());
            if (!entry)
                break;
            if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0) {
                m_starts.push_back(quint32(m_bytes.size()));
                m_bytes.insert(
                    m_bytes.end(), entry->d_name, entry->d_name + std::strlen(entry->d_name) + 1);
            }
        }
        if (errno != 0)
            return systemError(errno);
        std::sort(m_starts.begin(), m_starts.end(),
            [this](quint32 a, quint32 b) { return std::strcmp(&m_bytes[a], &m_bytes[b]) < 0; });
        return {};
    }

    bool atEnd() const { return m_at == m_starts.size(); }
    const char *next() { return &m_bytes[m_starts[m_at++]]; }
    bool contains(const char *name) const
    {
        return std::binary_search(m_starts.begin(), m_starts.end(), name, Less { m_bytes });
    }

private:
    struct Less
    {
        const std::vector<char> &bytes;
        bool operator()(quint32 a, const char *b) const { return std::strcmp(&bytes[a], b) < 0; }
        bool operator()(const char *a, quint32 b) const { return std::strcmp(a, &bytes[b]) < 0; }
    };
    std::vector<char> m_bytes;
    std::vector<quint32> m_starts;
    size_t m_at = 0;
};

bool isKernelFileSystem(int folder)
{
    struct statfs fs;
    if (::fstatfs(folder, &fs) != 0)
        return false;
    static constexpr std::array magics { PROC_SUPER_MAGIC, SYSFS_MAGIC, DEVPTS_SUPER_MAGIC,
        DEBUGFS_MAGIC, TRACEFS_MAGIC, SECURITYFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC };
    return std::any_of(magics.begin(), magics.end(), [&](auto magic) {
        return static_cast<unsigned>(fs.f_type) == static_cast<unsigned>(magic);
    });
}

class FolderWalker final : public SourceReader
{
public:
    FolderWalker(GlobList include, GlobList exclude, SourceContext context)
        : m_include(std::move(include))
        , m_exclude(std::move(exclude))
        , m_context(std::move(context))
    {
    }

    Result<void> start(std::shared_ptr<OpenFolder> root)
    {
        SourceItem item;
        item.kind = ItemKind::Directory;
        item.folder = root;
        item.leaf = ".";
        if (::fstat(root->descriptor.get(), &item.status) != 0)
            return systemError(errno);
        if (isKernelFileSystem(root->descriptor.get()))
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("%1 is a file system of the kernel; there is nothing to back up")
                    .arg(displayName(root->path)) };
        if (m_context.skips(item.status))
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("%1 is the folder that backups are written to; back up something "
                               "else, or write them elsewhere")
                    .arg(displayName(root->path)) };
        Level level { root, {}, {}, item.status.st_dev };
        const Result<void> read = level.names.read(root->descriptor.get());
        if (!read)
            return read.error().in(
                QStringLiteral("Listing the folder %1").arg(displayName(root->path)));
        m_levels.push_back(std::move(level));
        m_first = std::move(item);
        return {};
    }

    Result<std::optional<SourceItem>> next() override
    {
        if (m_first)
            return std::exchange(m_first, {});
        while (!m_levels.empty()) {
            if (m_context.control.cancelled())
                return JobControl::cancelledError();
            Level &level = m_levels.back();
            if (level.names.atEnd()) {
                m_levels.pop_back();
                continue;
            }
            std::optional<SourceItem> item = look(level, level.names.next());
            if (item)
                return item;
        }
        return std::optional<SourceItem>();
    }

private:
    struct Level
    {
        std::shared_ptr<OpenFolder> folder;
        QByteArray path; // below the source
        SortedNames names;
        dev_t device = 0;
    };

    std::optional<SourceItem> look(Level &level, const QByteArray &leaf)
    {
        SourceItem item;
        item.folder = level.folder;
        item.leaf = leaf;
        item.path = level.path.isEmpty() ? leaf : level.path + '/' + leaf;
        if (::fstatat(
                level.folder->descriptor.get(), leaf.constData(), &item.status, AT_SYMLINK_NOFOLLOW)
            != 0) {
            if (errno != ENOENT) // what vanished since it was listed is not missed
                remark(item, systemError(errno).message, true);
            return {};
        }
        const bool isFolder = S_ISDIR(item.status.st_mode);
        if (m_exclude.matches(item.path, isFolder) || isBeforeRestoreCopy(leaf))
            return {};
        if (isFolder)
            return enter(level, std::move(item));
        if (!m_include.isEmpty() && !m_include.matchesTree(item.path))
            return {};
        if (S_ISLNK(item.status.st_mode)) {
            item.kind = ItemKind::Symlink;
            return item;
        }
        if (!S_ISREG(item.status.st_mode)) {
            remark(item,
                S_ISSOCK(item.status.st_mode)       ? QStringLiteral("Left out: it is a socket")
                    : S_ISFIFO(item.status.st_mode) ? QStringLiteral("Left out: it is a FIFO")
                                                    : QStringLiteral("Left out: it is a device"));
            return {};
        }
        if (m_context.skips(item.status)) {
            remark(item, QStringLiteral("Left out: it is the hub's own"));
            return {};
        }
        item.sidecarOf = sidecarOf(level, item.path, leaf);
        return item;
    }

    // The walk opens no files: whether there is a database is for the job to see.
    static QByteArray sidecarOf(const Level &level, const QByteArray &path, const QByteArray &leaf)
    {
        for (const char *ending : databaseSidecars) {
            const qsizetype length = qsizetype(qstrlen(ending));
            if (leaf.endsWith(ending) && level.names.contains(leaf.chopped(length).constData()))
                return path.chopped(length);
        }
        return {};
    }

    std::optional<SourceItem> enter(Level &level, SourceItem item)
    {
        if (m_context.skips(item.status)) {
            remark(item,
                QStringLiteral("Left out: backups are written there, or it is the hub's own"));
            return {};
        }
        auto folder = std::make_shared<OpenFolder>();
        folder->path = item.fullPath();
        folder->descriptor = FileDescriptor(::openat(level.folder->descriptor.get(),
            item.leaf.constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        Level below { folder, item.path, {}, item.status.st_dev };
        Result<void> read = folder->descriptor.isOpen() ? below.names.read(folder->descriptor.get())
                                                        : Result<void>(systemError(errno));
        if (!read) {
            if (read.error().code != ErrorCode::NotFound)
                remark(item,
                    QStringLiteral("The folder could not be read: ") + read.error().message, true);
            return {};
        }
        if (item.status.st_dev != level.device && isKernelFileSystem(folder->descriptor.get())) {
            remark(item, QStringLiteral("Left out: it is a file system of the kernel"));
            return {};
        }
        item.kind = ItemKind::Directory;
        item.folder = folder;
        item.leaf = ".";
        m_levels.push_back(std::move(below)); // level is invalid from here on
        return item;
    }

    void remark(const SourceItem &item, const QString &message, bool unreadable = false)
    {
        m_context.remark({ item.folder->path + '/' + item.leaf, message, unreadable });
    }

    const GlobList m_include;
    const GlobList m_exclude;
    const SourceContext m_context;
    std::optional<SourceItem> m_first;
    std::vector<Level> m_levels;
};

} // namespace

Result<std::unique_ptr<SourceReader>> makeFolderWalker(
    std::shared_ptr<OpenFolder> root, GlobList include, GlobList exclude, SourceContext context)
{
    auto walker = std::make_unique<FolderWalker>(
        std::move(include), std::move(exclude), std::move(context));
    const Result<void> started = walker->start(std::move(root));
    if (!started)
        return started.error();
    return std::unique_ptr<SourceReader>(std::move(walker));
}

} // namespace hubkeep::files
