#include "integrations/backup/restorepreview.h"

#include "integrations/backup/contentreader.h"
#include "integrations/backup/database.h"
#include "integrations/backup/restoreselection.h"
#include "integrations/backup/targetfolder.h"

#include <QDir>
#include <QTemporaryDir>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

using Action = PreviewEntry::Action;

constexpr qsizetype keptWarnings = 1000;

class Preview
{
public:
    Preview(const ArchiveReader &archive, const RestoreRequest &request,
        const PreviewOptions &options, JobControl &control)
        : m_archive(archive)
        , m_request(request)
        , m_options(options)
        , m_control(control)
        , m_selection(archive.info(), request)
        , m_pool(request.threads)
    {
    }

    Result<RestorePreview> run()
    {
        Result<void> done = m_archive.checkTables(m_control);
        if (done)
            done = m_selection.check();
        if (!done)
            return done.error();
        m_control.enterStage("Comparing", 0, m_archive.info().entries.rows);
        findTargets();
        EntryStream entries(m_archive);
        for (;;) {
            if (m_control.cancelled())
                return JobControl::cancelledError();
            const Result<std::optional<ArchiveEntry>> entry = entries.next();
            if (!entry)
                return entry.error();
            if (!*entry)
                break;
            look(**entry);
            m_control.finishItem();
        }
        m_preview.freeBytes = std::max<qint64>(m_preview.freeBytes, 0);
        return std::move(m_preview);
    }

private:
    struct Target
    {
        QByteArray path;
        std::optional<TargetFolder> folder; // nothing: it is not there yet
    };

    void findTargets()
    {
        m_preview.freeBytes = -1;
        if (!m_options.dataFolder.isEmpty())
            countRoom(m_options.dataFolder);
        if (!m_options.sources)
            return;
        if (!m_request.target.isEmpty())
            addTarget({}, m_request.target);
        else
            findRoots();
    }

    void findRoots()
    {
        for (const SourceInfo &source : m_archive.info().sources) {
            if (!m_selection.isSelected(source) || m_selection.hasCommand(source))
                continue;
            if (!source.root.isEmpty())
                addTarget(source.folder(), source.root);
            else if (m_preview.warnings.size() < keptWarnings)
                m_preview.warnings.append({ {},
                    QStringLiteral("The source %1 is a command's output and would be left out: it "
                                   "has no command to restore it")
                        .arg(source.name) });
        }
    }

    void addTarget(const QByteArray &folder, const QByteArray &path)
    {
        Result<TargetFolder> opened = TargetFolder::open(path);
        countRoom(path);
        m_targets.emplace(
            folder, Target { path, opened ? std::optional(std::move(*opened)) : std::nullopt });
    }

    // Of what is not there yet, where it would be made.
    void countRoom(QByteArray path)
    {
        struct statvfs room;
        while (::statvfs(path.constData(), &room) != 0) {
            if (path.size() <= 1 || errno != ENOENT)
                return;
            path.truncate(std::max<qsizetype>(path.lastIndexOf('/'), 1));
        }
        const qint64 free = qint64(room.f_bavail) * qint64(room.f_frsize);
        m_preview.freeBytes = m_preview.freeBytes < 0 ? free : std::min(m_preview.freeBytes, free);
    }

    void look(const ArchiveEntry &entry)
    {
        const ManifestEntry &m = entry.manifest;
        if (m.type == EntryType::Directory)
            return;
        PreviewEntry would;
        would.name = m.name;
        would.bytes = m.isFile() ? m.size : 0;
        if (isStaged(m)) {
            // Open in the hub, so nothing but their names is looked at.
            would.path = m_options.dataFolder + m.name.mid(3);
            would.action
                = ::access(would.path.constData(), F_OK) == 0 ? Action::Overwrite : Action::Write;
            return count(std::move(would));
        }
        if (!m_options.sources || !m_selection.isSelected(m))
            return;
        if (m_selection.commandFor(m)) {
            would.action = Action::Run;
            return count(std::move(would));
        }
        const bool inPlace = m_request.target.isEmpty();
        const auto target
            = m_targets.find(inPlace ? RestoreSelection::sourceFolder(m.name) : QByteArray());
        if (target == m_targets.end())
            return;
        const QByteArray relative = inPlace ? RestoreSelection::belowSource(m.name)
                                            : RestoreSelection::belowTarget(m.name);
        would.path = target->second.path + '/' + relative;
        would.action = compare(entry, target->second, relative);
        count(std::move(would));
    }

    bool isStaged(const ManifestEntry &m) const
    {
        const QByteArray folder = RestoreSelection::sourceFolder(m.name);
        return !m_options.dataFolder.isEmpty()
            && ((m_options.hubParts.metadata && folder == "hub/data")
                || (m_options.hubParts.config && folder == "hub/config"));
    }

    void count(PreviewEntry would)
    {
        const bool changes = would.action != Action::Unchanged;
        m_preview.writes += changes;
        m_preview.overwrites += would.action == Action::Overwrite;
        m_preview.unchanged += !changes;
        m_preview.bytes += changes ? would.bytes : 0;
        if (!m_options.after.isEmpty() && comparePaths(would.name, m_options.after) <= 0)
            return;
        if (m_preview.entries.size() < m_options.most)
            m_preview.entries.append(std::move(would));
        else
            m_preview.hasMore = true;
    }

    Action compare(const ArchiveEntry &entry, Target &target, const QByteArray &relative)
    {
        const ManifestEntry &m = entry.manifest;
        const qsizetype slash = relative.lastIndexOf('/');
        const QByteArray leaf = relative.mid(slash + 1);
        const std::shared_ptr<const OpenFolder> folder = target.folder
            ? target.folder->existing(relative.left(std::max<qsizetype>(slash, 0)))
            : nullptr;
        struct stat status;
        if (!folder
            || ::fstatat(folder->descriptor.get(), leaf.constData(), &status, AT_SYMLINK_NOFOLLOW)
                != 0)
            return Action::Write;
        bool same = false;
        if (m.type == EntryType::Symlink)
            same = S_ISLNK(status.st_mode) && sameLink(entry, *folder, leaf);
        else if (S_ISREG(status.st_mode) && m.database && m.database->damage.isEmpty())
            same = sameDatabase(entry, *folder, leaf);
        else if (S_ISREG(status.st_mode))
            same = sameFile(m, *folder, leaf, status);
        return same ? Action::Unchanged : Action::Overwrite;
    }

    bool sameLink(const ArchiveEntry &entry, const OpenFolder &folder, const QByteArray &leaf) const
    {
        const Result<std::vector<char>> content = readSmall(m_archive, entry, Proof::Full);
        QByteArray now(4096, '\0');
        const ssize_t length = ::readlinkat(
            folder.descriptor.get(), leaf.constData(), now.data(), size_t(now.size()));
        return content && length == ssize_t(content->size())
            && std::memcmp(content->data(), now.constData(), content->size()) == 0;
    }

    bool sameFile(const ManifestEntry &m, const OpenFolder &folder, const QByteArray &leaf,
        const struct stat &status) const
    {
        if (status.st_size != m.size)
            return false;
        FileStamp now = fileStamp(status);
        now.device = m.stamp.device;
        if (now == m.stamp && !m.torn)
            return true;
        const FileDescriptor fd(::openat(folder.descriptor.get(), leaf.constData(),
            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (!fd.isOpen())
            return false;
        FileDigest digest;
        std::vector<char> chunk(size_t(std::min(chunkSize, std::max<qint64>(m.size, 1))));
        for (qint64 at = 0; at < m.size && !m_control.cancelled();) {
            const std::span<char> part
                = std::span(chunk).first(size_t(std::min(chunkSize, m.size - at)));
            if (!readExactlyAt(fd.get(), part, at))
                return false;
            digest.add(sha256(part));
            at += qint64(part.size());
            m_control.advance(qint64(part.size()));
        }
        return digest.finish() == m.digest;
    }

    // The live descriptor is closed after SQLite's, see database.h.
    bool sameDatabase(const ArchiveEntry &entry, const OpenFolder &folder, const QByteArray &leaf)
    {
        const FileDescriptor live(::openat(folder.descriptor.get(), leaf.constData(),
            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        char head[16] = {};
        if (!live.isOpen() || !readAt(live.get(), head, 0) || !isSqliteHeader(head))
            return false;
        const QTemporaryDir spool(QDir::tempPath() + QStringLiteral("/hubkeep-preview-XXXXXX"));
        const QByteArray now = QFile::encodeName(spool.filePath(QStringLiteral("now.db")));
        const Result<Snapshot> snapshot = snapshotDatabase(folder.path + '/' + leaf, now,
            SnapshotOptions { m_request.busyTimeout, {} }, m_control);
        if (!snapshot || snapshot->size != entry.manifest.size)
            return false;
        const QByteArray then = QFile::encodeName(spool.filePath(QStringLiteral("then.db")));
        if (!unpack(entry, then))
            return false;
        const Result<bool> same = haveSamePages(then, now);
        return same && *same;
    }

    bool unpack(const ArchiveEntry &entry, const QByteArray &file)
    {
        const FileDescriptor fd(
            ::open(file.constData(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!fd.isOpen())
            return false;
        if (entry.manifest.hasChunkTable())
            return readLarge(
                m_archive, entry, {},
                [&fd](qint64 offset, std::span<const char> bytes) {
                    return writeAt(fd.get(), bytes, offset);
                },
                m_pool, m_control)
                .ok();
        const Result<std::vector<char>> content = readSmall(m_archive, entry, Proof::Full);
        return content && writeAt(fd.get(), *content, 0).ok();
    }

    const ArchiveReader &m_archive;
    const RestoreRequest &m_request;
    const PreviewOptions &m_options;
    JobControl &m_control;
    const RestoreSelection m_selection;
    RestorePreview m_preview;
    std::map<QByteArray, Target> m_targets; // by folder in the zip; "" is for all
    WorkerPool m_pool;
};

} // namespace

Result<RestorePreview> previewRestore(const ArchiveReader &archive, const RestoreRequest &request,
    const PreviewOptions &options, JobControl &control)
{
    return Preview(archive, request, options, control).run();
}

} // namespace hubkeep::backup
